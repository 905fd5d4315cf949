"""Posterior of a step's hazard from counts, in plain Python: entry dates and hazard are summed by Simpson's rule.

It imports nothing of costeff. People are looked at one by one: for each possible entry, the chance of having taken the
last of some steps is summed over the number of steps taken, as of a Poisson process that an exit may end.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence


def taken_by(hazard: float, leaving: float, steps: int, time: float) -> float:
    """Chance that `steps` steps of one hazard are taken within `time`, before an exit: recursion over densities.

    Density of the last step at s is hazard^steps s^(steps - 1) / (steps - 1)! exp(-(hazard + leaving) s); integrated by
    parts it is a finite sum.
    """
    total = hazard + leaving
    rest = sum((total * time) ** k / math.factorial(k) for k in range(steps))
    return (hazard / total) ** steps * (1.0 - math.exp(-total * time) * rest)


def simpson(f: Callable[[float], float], low: float, high: float, cells: int) -> float:
    width = (high - low) / cells
    edges = sum(f(low + i * width) for i in range(1, cells))
    middles = sum(f(low + (i + 0.5) * width) for i in range(cells))
    return width / 6 * (f(low) + f(high) + 2 * edges + 4 * middles)


def seen(
    hazard: float, leaving: float, steps: int, pieces: Sequence[tuple[float, float, float]], evaluated: float
) -> float:
    """Chance of being seen to have taken the step; pieces of the entry period as (start, end, share of people)."""
    return sum(
        share * simpson(lambda e: taken_by(hazard, leaving, steps, evaluated - e), start, end, 40) / (end - start)
        for start, end, share in pieces
    )


def posterior_below(
    chance: Callable[[float], float], events: int, of: int, shape: float, rate: float, at: Sequence[float]
) -> list[float]:
    """Probability that the hazard lies below each of `at`; the last is taken as the highest possible."""

    def density(h: float) -> float:
        p = chance(h)
        return h ** (shape - 1) * math.exp(-rate * h) * p**events * (1 - p) ** (of - events)

    edges = [1e-12, *at]
    parts = [simpson(density, a, b, 150) for a, b in itertools.pairwise(edges)]
    return [sum(parts[: i + 1]) / sum(parts) for i in range(len(at))]
