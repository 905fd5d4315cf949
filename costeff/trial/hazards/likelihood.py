"""Hazards by interval of a clock with ratios, by maximum likelihood of what weeks can show.

In a week at risk a move to j is by_week with probability (h_j / H) (1 - exp(-H)), where H is the sum of the hazards:
several moves within a week are one. log h_j = interval + strategy + covariates. Errors hold where spells of one person
depend on each other (frailty): they are those of scores summed by person. Sizes: R rows, M moves, I intervals,
C covariates, P = M (I + 1 + C) coefficients, move after move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.errors import ResultError
from costeff.trial.hazards.families import Family
from costeff.trial.hazards.person_weeks import PersonWeeks

NUDGE = 1e-4
LEAST_EVENTS = 1


@dataclass(frozen=True)
class HazardFit:
    """Coefficients (P,), their covariance (P, P): log parameters of the family, log ratio of the strategy, covariates;
    with `has_frailty` the log standard deviation of the log frailty comes last.

    `family` None: hazards by interval, of which `intervals` are the first of those that were joined.
    """

    state: int
    targets: tuple[int, ...]
    intervals: tuple[int, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    events: tuple[int, ...]
    log_likelihood: float = float("nan")
    family: Family | None = None
    has_frailty: bool = False

    def place(self, move: int) -> int:
        """Where the coefficients of a move begin."""
        return move * ((len(self.coefficients) - self.has_frailty) // len(self.targets))


def fit_hazards(own: PersonWeeks, in_programme: np.ndarray, covariates: np.ndarray) -> HazardFit:
    """Fit every move out of one state. `in_programme` (N,) and `covariates` (N, C), centred, of all people.

    Intervals in which nobody makes some move are joined with the one before (the first with the next).

    Raises ResultError where the likelihood has no maximum, as where only one group makes a move.
    """
    from scipy.optimize import minimize

    number_now, intervals = _joined(own)
    design = np.column_stack([np.eye(len(intervals))[number_now], in_programme[own.person], covariates[own.person]])
    moves, size = len(own.targets), design.shape[1]
    check_groups(own, in_programme)
    kinds, which = np.unique(np.column_stack([design, own.move]), axis=0, return_inverse=True)
    counts = np.bincount(which.ravel()).astype(float)
    rows, move = kinds[:, :size], kinds[:, size].astype(int)

    def negative(beta: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = log_likelihood_of(rows @ beta.reshape(moves, size).T, move)
        return -float(counts @ value), -((counts[:, None] * slope).T @ rows).ravel()

    start = np.zeros((moves, size))
    events = np.bincount(own.move[own.move >= 0], minlength=moves)
    start[:, : len(intervals)] = np.log(events / len(own.move))[:, None]
    result = minimize(negative, start.ravel(), jac=True, method="BFGS", options={"gtol": 1e-5 * len(own.move) ** 0.5})
    beta = result.x
    information = np.stack(
        [(negative(beta + e)[1] - negative(beta - e)[1]) / (2 * NUDGE) for e in np.eye(len(beta)) * NUDGE]
    )
    inverse = np.linalg.inv((information + information.T) / 2)
    return HazardFit(
        own.state,
        own.targets,
        intervals,
        beta,
        _by_person(own, design, beta.reshape(moves, size), inverse),
        tuple(events.tolist()),
        -float(result.fun),
    )


def log_likelihood_of(log_hazard: np.ndarray, move: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood (R,) of each row's `move` or -1, and its slope by the log hazard of each move (R, M)."""
    hazard = np.exp(np.clip(log_hazard, -50, 20))
    total = hazard.sum(axis=1)
    has_moved = move >= 0
    own = log_hazard[np.arange(len(move)), np.maximum(move, 0)]
    value = np.where(has_moved, own - np.log(total) + np.log(-np.expm1(-total)), -total)
    by_total = np.where(has_moved, 1 / np.expm1(np.minimum(total, 700.0)) - 1 / total, -1.0)
    slope = hazard * by_total[:, None]
    slope[has_moved, move[has_moved]] += 1
    return value, slope


def _by_person(own: PersonWeeks, design: np.ndarray, beta: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """The sandwich of scores summed by person, with the correction for few people."""
    _, slope = log_likelihood_of(design @ beta.T, own.move)
    scores = (slope[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    people, which = np.unique(own.person, return_inverse=True)
    sums = np.zeros((len(people), scores.shape[1]))
    np.add.at(sums, which, scores)
    factor = len(people) / max(len(people) - 1, 1)
    return np.asarray(factor * inverse @ (sums.T @ sums) @ inverse)


def _joined(own: PersonWeeks) -> tuple[np.ndarray, tuple[int, ...]]:
    """Intervals (R,) numbered anew, and the first interval of each, so that every move is made in every one."""
    groups: list[list[int]] = []
    last = int(own.interval.max(initial=0))
    waiting: list[int] = []
    for interval in range(last + 1):
        waiting.append(interval)
        inside = np.isin(own.interval, waiting)
        if all((inside & (own.move == j)).sum() >= LEAST_EVENTS for j in range(len(own.targets))):
            groups.append(waiting)
            waiting = []
    if waiting and groups:
        groups[-1] += waiting
    elif waiting:
        groups.append(waiting)
    number = np.empty(last + 1, int)
    for k, group in enumerate(groups):
        number[group] = k
    return number[own.interval], tuple(group[0] for group in groups)


def check_groups(own: PersonWeeks, in_programme: np.ndarray) -> None:
    """Refuse a move that only one group makes. Raises ResultError."""
    for j, target in enumerate(own.targets):
        movers = in_programme[own.person[own.move == j]]
        if not 0 < movers.sum() < len(movers):
            raise ResultError(
                "a move that only one group makes",
                value=f"state {own.state} to {target}, {len(movers)} moves",
                rule="a ratio between the groups needs moves in both",
                way_out="ask for moves that more people make (--fewest)",
            )
