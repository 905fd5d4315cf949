"""Monte Carlo error of an EVPPI: what each draw adds, and what luck adds that no single draw accounts for.

To first order a value is a mean over draws, whose error is known. With Latin hypercube and Sobol draws that part nearly
cancels, and what is left is of second order: the fit takes some luck for structure, and luck says how smooth it is.
The three parts are estimated here; repeated runs (docs/simulation_error.md) show how far together they are the spread.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.tails import carrying_draws

if TYPE_CHECKING:
    from costeff.voi.regression.fit import Fit

Floats = NDArray[np.float64]

_STEP = 4
"""Neighbouring smoothnesses taken together for the part that is between them."""
_TURNS = 8
"""Pairs of opposite residuals from which the second-order part is taken."""

_ROOM = 2**17
"""Numbers of a basis held at a time when several sets of residuals are fitted together, which is faster when small."""


def value_error(fit: Fit, replicates: int | None) -> tuple[float, float]:
    """Standard error of the value of a fit, in its unit, and how many draws carry it; NaN for a single replicate."""
    if replicates == 1:
        return math.nan, math.nan
    broad = fit.mean + (fit.raw - fit.mean) @ fit.broad.T
    influence = fit.influence(broad, fit.covariance(replicates))
    first = float(monte_carlo_error(influence, replicates))
    return math.hypot(first, second_order(fit), between(fit)), carrying_draws(influence)


def second_order(fit: Fit) -> float:
    """SD of what the value owes to squares and products of residuals, on whose sign it does not depend.

    Residuals get random signs and are added to the fitted values (Wu's wild bootstrap); the mean of the value with a
    set of signs and of that with its opposite is free of first-order parts, which `Fit.influence` tells.
    """
    leverage = np.minimum(fit.smoother.squares @ fit.kept, 0.99)
    luck = fit.residual / np.sqrt(1 - leverage)[:, None]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (_TURNS, len(luck)))
    deviations = fit.raw - fit.mean
    at_once = max(1, _ROOM // fit.smoother.columns.size)
    even = []
    for start in range(0, _TURNS, at_once):
        sign = signs[start : start + at_once]
        signed_luck = sign[:, :, None] * luck
        signed_luck -= (sign @ luck / len(luck))[:, None, :]
        even.append((fit.again(deviations + signed_luck) + fit.again(deviations - signed_luck)) / 2)
    return float(np.std(np.concatenate(even), ddof=1))


def between(fit: Fit) -> float:
    """SD of the value between the smoothnesses that the draws leave possible.

    The variance of an average over models has a part between them (Buckland, Burnham and Augustin 1997).
    """
    starts = np.arange(0, len(fit.weight), _STEP)
    weight = np.add.reduceat(fit.weight, starts)
    starts, weight = starts[weight > 0.01], weight[weight > 0.01]
    weight = weight / weight.sum()
    if len(weight) < 2:
        return 0.0
    middle = np.minimum(starts + _STEP // 2, len(fit.weight) - 1)
    at_once = max(1, _ROOM // fit.smoother.columns.size)
    parts = [fit.at_smoothness(middle[start : start + at_once]) for start in range(0, len(middle), at_once)]
    values = np.concatenate(parts)
    return float(np.sqrt(weight @ (values - weight @ values) ** 2))
