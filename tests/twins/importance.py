"""Twin of costeff.calibrate: three states by matrix powers, and a posterior by importance weights. Plain Python.

Imports nothing from costeff. The posterior is exact as the number of points grows: points come from the prior, each
weighted by its likelihood; nothing is linearised.
"""

import math
import random

SICK, WORK, DEAD = 0, 1, 2


def week(h_return, h_relapse, h_death):
    """Probabilities of one week: a state is left with 1 - exp(-sum of hazards), shared in proportion to them."""

    def row(own, exits):
        total = sum(exits.values())
        leave = 1 - math.exp(-total)
        cells = [0.0, 0.0, 0.0]
        for state, hazard in exits.items():
            cells[state] = leave * hazard / total
        cells[own] = 1 - leave
        return cells

    return [row(SICK, {WORK: h_return, DEAD: h_death}), row(WORK, {SICK: h_relapse, DEAD: h_death}), [0.0, 0.0, 1.0]]


def shares(h_return, h_relapse, h_death, start, weeks):
    """Share in each state after `weeks`, from everyone in state `start`."""
    matrix = week(h_return, h_relapse, h_death)
    now = [1.0 if state == start else 0.0 for state in range(3)]
    for _ in range(weeks):
        now = [sum(now[i] * matrix[i][j] for i in range(3)) for j in range(3)]
    return now


def weeks_in_sick(h_return, h_relapse, h_death, weeks):
    """Probability of 0, 1, ..., `weeks` weeks spent sick before week `weeks`, from everyone sick at the start."""
    matrix = week(h_return, h_relapse, h_death)
    now = {(SICK, 0): 1.0}
    for _ in range(weeks):
        then = {}
        for (state, spent), p in now.items():
            after = spent + (state == SICK)
            for target in range(3):
                key = (target, after)
                then[key] = then.get(key, 0.0) + p * matrix[state][target]
        now = then
    return [sum(p for (_, spent), p in now.items() if spent == k) for k in range(weeks + 1)]


def median(probabilities):
    """Median of 0, 1, ..., each number k spread evenly over k - 1/2 to k + 1/2."""
    below = 0.0
    for k, p in enumerate(probabilities):
        if below + p >= 0.5:
            return k - 0.5 + (0.5 - below) / p
        below += p
    raise ValueError("probabilities sum to less than one half")


def posterior(prior, log_likelihood, points, seed):
    """Mean and standard deviation of each log parameter.

    `prior` is a list of (mean, sd) on the log scale; `log_likelihood` takes the list of log parameters.
    """
    rng = random.Random(seed)
    drawn = [[rng.gauss(mean, sd) for mean, sd in prior] for _ in range(points)]
    logs = [log_likelihood(point) for point in drawn]
    top = max(logs)
    weights = [math.exp(value - top) for value in logs]
    total = sum(weights)
    found = []
    for i in range(len(prior)):
        mean = sum(w * point[i] for w, point in zip(weights, drawn, strict=True)) / total
        square = sum(w * (point[i] - mean) ** 2 for w, point in zip(weights, drawn, strict=True)) / total
        found.append((mean, math.sqrt(square)))
    return found
