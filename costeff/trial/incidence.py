"""Cumulative incidence with competing risks (Aalen-Johansen), restricted mean times, and pseudo-values.

Sizes: N people, K causes, U different times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.errors import ResultError
from costeff.trial.end_points import EVENT, EventTimes


@dataclass(frozen=True)
class Incidence:
    """Steps of the cumulative incidence: `time` (U,), `share` (U, K) who have had each cause by then,
    `free` (U,) who have had none, `at_risk` (U,) people still followed just before."""

    time: np.ndarray
    share: np.ndarray
    free: np.ndarray
    at_risk: np.ndarray

    def at(self, time: float, cause: int = EVENT) -> float:
        """Share who have had a cause at a time or before."""
        row = int(np.searchsorted(self.time, time, side="right")) - 1
        return 0.0 if row < 0 else float(self.share[row, cause - 1])


def incidence(time: np.ndarray, cause: np.ndarray) -> Incidence:
    """The Aalen-Johansen estimate from times (N,) and causes (N,): 0 censored, 1, 2, ... events.

    People censored at a time are at risk of the events at it. With one cause, `free` is Kaplan-Meier's.

    Parameters
    ----------
    time
        Time of each person's event or censoring.
    cause
        Which event it was; 0 without one.

    Raises
    ------
    ResultError
        Without people, or for a negative time.

    Examples
    --------
    >>> curve = incidence(np.array([1, 2, 2, 3]), np.array([1, 2, 0, 1]))
    >>> curve.share[-1].tolist(), curve.free.tolist()
    ([0.75, 0.25], [0.75, 0.5, 0.0])
    """
    time, cause = np.asarray(time, float), np.asarray(cause, np.int64)
    if len(time) == 0 or len(time) != len(cause) or time.min() < 0:
        raise ResultError(
            "times that give no curve",
            value=f"{len(time)} people",
            rule="one time from 0 up and one cause for each person",
            way_out="check the end point and the follow-up",
        )
    causes = max(int(cause.max()), EVENT)
    points, place = np.unique(time, return_inverse=True)
    counts = np.zeros((len(points), causes + 1))
    np.add.at(counts, (place, cause), 1)
    return _curve(points, counts)


def _curve(points: np.ndarray, counts: np.ndarray) -> Incidence:
    """From counts (U, 1 + K) of people by time and cause, the censored first."""
    leaving = counts.sum(axis=1)
    at_risk = leaving[::-1].cumsum()[::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = np.where(at_risk[:, None] > 0, counts[:, 1:] / at_risk[:, None], 0.0)
    free = np.cumprod(1 - hazard.sum(axis=1))
    before = np.r_[1.0, free[:-1]]
    return Incidence(points, np.cumsum(before[:, None] * hazard, axis=0), free, at_risk)


def restricted_mean(curve: Incidence, until: float, cause: int | None = None) -> float:
    """Area under a curve from 0 to `until`: mean time free of every event, or mean time spent after a `cause`.

    >>> curve = incidence(np.array([1, 2, 3, 4]), np.array([1, 1, 0, 0]))
    >>> restricted_mean(curve, 4), restricted_mean(curve, 4, cause=1)          # 1 + 0.75 + 2 * 0.5, and the rest
    (2.75, 1.25)
    """
    height, start = (curve.free, 1.0) if cause is None else (curve.share[:, cause - 1], 0.0)
    inside = curve.time < until
    edges = np.r_[0.0, curve.time[inside], until]
    return float((np.r_[start, height[inside]] * np.diff(edges)).sum())


def pseudo_values(times: EventTimes, at: float, cause: int = EVENT, mean: bool = False) -> np.ndarray:
    """Each person's pseudo-value (N,) of the share with `cause` by the time `at`, or of the restricted mean time until
    `at` spent after it (`mean`): N times the estimate less N - 1 times that without the person.

    Regressing them on the group gives risk differences that allow for censoring and competing events. Without
    censoring they are the observed indicators themselves.

    >>> times = EventTimes(np.array([1, 2, 3, 3]), np.array([1, 2, 1, 0]))
    >>> pseudo_values(times, 2).round(12).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    time, cause_of = np.asarray(times.time, float), np.asarray(times.cause)
    size = len(time)
    whole = incidence(time, cause_of)
    points, place = np.unique(time, return_inverse=True)
    counts = np.zeros((len(points), max(int(cause_of.max()), cause) + 1))
    np.add.at(counts, (place, cause_of), 1)
    estimate = restricted_mean(whole, at, cause) if mean else whole.at(at, cause)
    out = np.empty(size)
    kinds, which = np.unique(np.stack([place, cause_of]), axis=1, return_inverse=True)
    for kind, (point, own) in enumerate(kinds.T):
        counts[point, own] -= 1
        without = _curve(points, counts)
        counts[point, own] += 1
        rest = restricted_mean(without, at, cause) if mean else without.at(at, cause)
        out[which.ravel() == kind] = size * estimate - (size - 1) * rest
    return out


def with_error(values: np.ndarray) -> tuple[float, float]:
    """(mean, its standard error) of pseudo-values or of any value per person; people without one are left out."""
    own = values[~np.isnan(values)]
    if len(own) < 2:
        return (float(own.mean()) if len(own) else float("nan")), float("nan")
    return float(own.mean()), float(own.std(ddof=1) / np.sqrt(len(own)))


__all__ = ["EVENT", "EventTimes", "Incidence", "incidence", "pseudo_values", "restricted_mean", "with_error"]
