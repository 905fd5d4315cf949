"""What ratios found in a few places say of a new one, when the spread between places is uncertain itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import EvidenceError
from costeff.numerics.special import normal_probability

POINTS = 20_001
REACH = 8.0
"""The spread between places is summed from 0 to so many times its scale, at so many points."""
WIDTH = 3.919927969
"""A 95 % interval of a normal number in standard deviations."""


@dataclass(frozen=True)
class NewPlace:
    """The ratio in a new place. `low`, `high`: 95 % limits; `between`: share of the spread that lies between places."""

    median: float
    low: float
    high: float
    between: float


def new_place(ratios: Sequence[float], intervals: Sequence[tuple[float, float]], scale: float) -> NewPlace:
    """Predict a ratio in a new place from those of several, by random effects whose spread is not taken as known.

    The log ratio of a place is normal around a common mean (flat prior) with standard deviation tau, which is
    half-normal with `scale` before the places were seen; each was measured with the normal error that its interval
    says. Given tau everything is normal; tau itself is summed over a fine grid.

    Parameters
    ----------
    ratios : sequence of float
        Ratio in each place, two or more.
    intervals : sequence of (float, float)
        Its 95 % interval.
    scale : float
        Of the half-normal prior of tau, on the log scale.

    Returns
    -------
    NewPlace

    Examples
    --------
    Three municipalities of the Danish return-to-work programme:

    >>> found = new_place([0.99, 1.32, 0.72], [(0.84, 1.17), (1.08, 1.61), (0.54, 0.95)], scale=0.25)
    >>> round(found.low, 2), round(found.high, 2)
    (0.49, 1.99)
    """
    if len(ratios) < 2 or len(ratios) != len(intervals) or scale <= 0:
        rule = "two places or more, an interval for each, and a scale above 0"
        raise EvidenceError("a new place needs others", value=f"{len(ratios)} ratios, scale {scale:g}", rule=rule)
    logs = np.log(np.asarray(ratios, float))[:, None]
    limits = np.log(np.asarray(intervals, float))
    errors = ((limits[:, 1] - limits[:, 0]) / WIDTH)[:, None]
    tau = np.linspace(0, REACH * scale, POINTS)
    weight = 1 / (errors**2 + tau**2)  # (places, points)
    error = 1 / weight.sum(axis=0)
    mean = (weight * logs).sum(axis=0) * error
    likelihood = 0.5 * (np.log(weight).sum(axis=0) + np.log(error) - (weight * (logs - mean) ** 2).sum(axis=0))
    posterior = np.exp(likelihood - likelihood.max() - 0.5 * (tau / scale) ** 2)
    posterior /= posterior.sum()
    spread = np.sqrt(error + tau**2)
    low, median, high = (math.exp(_quantile(p, posterior, mean, spread)) for p in (0.025, 0.5, 0.975))
    return NewPlace(median, low, high, float((posterior * tau**2).sum() / (posterior * spread**2).sum()))


def _quantile(probability: float, posterior: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> float:
    """Where a mixture of normals reaches `probability`, by halving; weights, means and spreads are (points,)."""
    low, high = float((mean - 10 * spread).min()), float((mean + 10 * spread).max())
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = float(posterior @ normal_probability((middle - mean) / spread))
        low, high = (middle, high) if below < probability else (low, middle)
    return 0.5 * (low + high)
