"""Errors near ties: which strategy is best without information differs between runs when two are nearly equal.

A value of information is a mean of maxima less a maximum of means. To first order its error is that of the mean of the
best less the mean of the strategy that is best without information, but where two means lie within a few standard
errors, which one that is depends on the run, and the derivative at one run's estimates is up to 60 % too large. The
estimated means are jointly normal, with a covariance that the draws tell; the expected derivative of their maximum is
the chance of each strategy to be the best (for two, Clark 1961), and the first-order part of the spread is its
variance (Hajek's projection; the rest of the spread is small). So everywhere here the best strategy becomes chances.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import DUST
from costeff.analysis.intervals import block_means

Floats = NDArray[np.float64]

_WIDTH = 0.6
"""Share of the covariance of the means over which chances are taken. An estimated gap lies by its own error off the
true one, which spreads chances too: taken over the whole covariance they would be spread twice, and errors 12 % too
small at 1-2 standard errors; over none of it, 66 % too large at a tie. At 0.6 they are within 9 % of the spread at
every gap, for two strategies as for five, when nothing but the means varies, and nearer when more does."""
_FAR = 5.0
"""Standard deviations of a gap beyond which its sign is certain."""
_POINTS = 1024
"""Points of the normal law of three or more means."""
_FEWER = 128
"""The same where it is asked of every draw."""
_AT_ONCE = 512
"""Draws for which it is asked at a time."""


def covariance_of_means(values: Floats, replicates: int | None = None) -> Floats:
    """Covariance of the means over draws, (draw, k) -> (k, k); its diagonal is the square of monte_carlo_error."""
    rows = values if replicates is None else block_means(values, replicates)
    if len(rows) < 2:
        return np.full((values.shape[1],) * 2, math.nan)
    apart = rows - rows[0]
    apart = apart - apart.mean(axis=0)
    return np.asarray(apart.T @ apart / ((len(rows) - 1) * len(rows)))


def chances(mean: Floats, covariance: Floats, *, at: Floats | None = None) -> Floats:
    """Chance of each strategy to have the highest mean, (strategy,), from estimated means and their covariance.

    With `at` (draw, strategy), net benefits that lie as far off as the means do, the same for each row: (draw,
    strategy). Certain, and of a tie the first, where the covariance is not known or gaps are wide. Deterministic: for
    three or more near the best, shares of a fixed set of points.

    >>> chances(np.array([0.0, 1.0]), np.diag([0.0, 1.0])).round(3).tolist()
    [0.098, 0.902]
    >>> chances(np.array([0.0, 9.0]), np.diag([0.0, 1.0])).tolist()
    [0.0, 1.0]
    """
    rows = mean[None, :] if at is None else at
    shares = np.zeros(rows.shape)
    shares[np.arange(len(rows)), rows.argmax(axis=1)] = 1.0
    width = _WIDTH * covariance
    own = np.diag(width)
    if np.isfinite(own).all():
        gap_sd = np.sqrt(np.maximum(own[:, None] + own - 2 * width, 0.0))
        rows = _without_copies(rows, gap_sd, float(own.max()))
        _share(rows, gap_sd, width, shares, _POINTS if at is None else _FEWER)
    return shares if at is not None else np.asarray(shares[0])


def chances_of(values: Floats, replicates: int | None = None) -> Floats:
    """The same from what the means are of: net benefits (draw, strategy) -> (strategy,)."""
    values = values - values[:, :1]
    return chances(values.mean(axis=0), covariance_of_means(values, replicates))


def largest_luck(covariance: Floats) -> float:
    """Mean of the largest of normals of mean 0, of this covariance; for two in closed form (Clark 1961).

    >>> round(largest_luck(np.diag([0.0, 1.0])), 4)
    0.3989
    """
    if len(covariance) == 2:
        gap = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        return math.sqrt(max(float(gap), 0.0) / (2 * math.pi))
    size, axes = np.linalg.eigh(covariance)
    cloud = _normal(_POINTS, len(covariance)) @ (axes * np.sqrt(np.maximum(size, 0.0))).T
    return float(cloud.max(axis=1).mean())


def _share(rows: Floats, gap_sd: Floats, width: Floats, shares: Floats, points: int) -> None:
    """Replace certainty in `shares` (draw, strategy) by chances where several are near the best of a row."""
    from scipy.special import ndtr

    best = rows.argmax(axis=1)
    near = rows.max(axis=1, keepdims=True) - rows < _FAR * gap_sd[best]
    near[np.arange(len(rows)), best] = True
    count = near.sum(axis=1)
    two = np.flatnonzero(count == 2)
    if len(two):
        near_two = near[two].copy()
        near_two[np.arange(len(two)), best[two]] = False
        other = near_two.argmax(axis=1)
        first = ndtr((rows[two, best[two]] - rows[two, other]) / gap_sd[best[two], other])
        shares[two] = 0.0
        shares[two, best[two]], shares[two, other] = first, 1 - first
    more = np.flatnonzero(count > 2)
    if not len(more):
        return
    size, axes = np.linalg.eigh(width)
    cloud = _normal(points, len(width)) @ (axes * np.sqrt(np.maximum(size, 0.0))).T
    names = np.arange(len(width))
    for start in range(0, len(more), _AT_ONCE):
        some = more[start : start + _AT_ONCE]
        winners = (rows[some, None] + cloud).argmax(axis=2)
        shares[some] = (winners[:, :, None] == names).mean(axis=1)


def _without_copies(rows: Floats, gap_sd: Floats, largest: float) -> Floats:
    """A strategy that is the same as one before it in every draw, but for rounding dust, is never the best."""
    same = np.tril(gap_sd <= 1e-7 * math.sqrt(largest), -1)
    least = DUST * np.abs(rows).max(initial=0.0)
    copies = [s for s, t in zip(*np.nonzero(same), strict=True) if np.abs(rows[:, s] - rows[:, t]).max() <= least]
    if not copies:
        return rows
    rows = rows.copy()
    rows[:, copies] = -np.inf
    return rows


@functools.cache
def _normal(points: int, width: int) -> Floats:
    """A fixed even set of standard normal points, each with its opposite, (points, width): Roberts' R sequence."""
    from scipy.special import ndtri

    root = 2.0
    for _ in range(60):  # the positive root of x^(width + 1) = x + 1
        root = (1 + root) ** (1 / (width + 1))
    step = root ** -np.arange(1.0, width + 1)
    half = ndtri((0.5 + np.outer(np.arange(1, points // 2 + 1), step)) % 1)
    return np.concatenate([half, -half])


def means_near(mean: Floats, covariance: Floats) -> Floats:
    """A fixed even set of means as other runs might have them, (point, k): normal about `mean`, with the same width."""
    size, axes = np.linalg.eigh(_WIDTH * covariance)
    return np.asarray(mean + _normal(_POINTS, len(mean)) @ (axes * np.sqrt(np.maximum(size, 0.0))).T)


def mixed_error(errors: Floats, gaps: Floats, chance: Floats) -> float:
    """Standard error of the mean of losses (strategy,) weighted by `chance`.

    `errors` of each loss; `gaps` the variance of the difference of each two losses, (strategy, strategy), which is that
    of the difference of their mean net benefits.
    """
    if (chance == 1).any():
        return float(errors[chance.argmax()])
    near = chance > 0
    own, weight = errors[near], chance[near]
    return math.sqrt(max(float(weight @ own**2 - weight @ gaps[np.ix_(near, near)] @ weight / 2), 0.0))
