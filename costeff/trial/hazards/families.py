"""Families of hazards over a clock: what a week's hazard is by their parameters, and how a model writes it.

Every parameter is above 0 and estimated on its log scale. The functions are those of the model language, so a model
that is run has the hazards that were fitted. Sizes: U weeks of the clock, B parameters, M moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from costeff.model.formulas import functions

PIECEWISE = "piecewise"
NUDGE = 1e-5


@dataclass(frozen=True)
class Family:
    """`parameters` with their units; `weekly` hazard of the weeks that begin at t (U,); `formula` of parameters' names.

    `starts` are the log parameters (B,) of a constant hazard of so much a week, from which a fit begins.
    """

    name: str
    parameters: tuple[str, ...]
    units: tuple[str, ...]
    weekly: Callable[[np.ndarray, np.ndarray], np.ndarray]
    formula: Callable[[Sequence[str]], str]
    starts: Callable[[float], list[float]]

    def logs(self, weeks: np.ndarray, log_parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(log hazards (U, M), their slopes (U, M, B)) at log parameters (M, B)."""
        moves, size = log_parameters.shape
        values = np.empty((len(weeks), moves))
        slopes = np.empty((len(weeks), moves, size))
        for j, own in enumerate(log_parameters):
            values[:, j] = self._log(weeks, own)
            for b, step in enumerate(np.eye(size) * NUDGE):
                slopes[:, j, b] = (self._log(weeks, own + step) - self._log(weeks, own - step)) / (2 * NUDGE)
        return values, slopes

    def _log(self, weeks: np.ndarray, own: np.ndarray) -> np.ndarray:
        # Far from the maximum a line search may leave what a float holds.
        return np.asarray(np.log(np.clip(self.weekly(weeks, np.clip(own, -30, 30)), 1e-200, 1e200)))


EXPONENTIAL = Family(
    "exponential",
    ("rate",),
    ("hazard per week",),
    lambda t, own: functions.constant(t, np.exp(own[0])),
    lambda names: f"constant(t, {names[0]})",
    lambda rate: [float(np.log(rate))],
)
WEIBULL = Family(
    "weibull",
    ("shape", "scale"),
    ("ratio", "weeks"),
    lambda t, own: functions.weibull(t, *np.exp(own)),
    lambda names: f"weibull(t, {names[0]}, {names[1]})",
    lambda rate: [0.0, float(-np.log(rate))],
)
GOMPERTZ = Family(
    "gompertz",
    ("growth", "rate"),
    ("ratio", "hazard per week"),
    lambda t, own: functions.gompertz(t, own[0], np.exp(own[1])),
    lambda names: f"gompertz(t, log({names[0]}), {names[1]})",
    lambda rate: [0.0, float(np.log(rate))],
)
LOG_LOGISTIC = Family(
    "log_logistic",
    ("shape", "scale"),
    ("ratio", "weeks"),
    lambda t, own: functions.log_logistic(t, *np.exp(own)),
    lambda names: f"log_logistic(t, {names[0]}, {names[1]})",
    lambda rate: [0.0, float(-np.log(rate))],
)
FAMILIES = {one.name: one for one in (EXPONENTIAL, WEIBULL, GOMPERTZ, LOG_LOGISTIC)}


def piecewise(splits: Sequence[int]) -> Family:
    """Hazards by interval of the clock, between `splits`.

    >>> piecewise([2]).weekly(np.array([1, 2]), np.log([0.1, 0.3])).round(6).tolist()
    [0.1, 0.3]
    """
    edges = np.asarray(splits, float)

    def weekly(t: np.ndarray, own: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(own)[np.searchsorted(edges, t, side="right")])

    def formula(names: Sequence[str]) -> str:
        return f"piecewise(t, [{', '.join(map(str, splits))}], [{', '.join(names)}])" if splits else names[0]

    count = len(edges) + 1
    return Family(
        PIECEWISE,
        tuple(str(k + 1) for k in range(count)),
        ("hazard per week",) * count,
        weekly,
        formula,
        lambda rate: [float(np.log(rate))] * count,
    )
