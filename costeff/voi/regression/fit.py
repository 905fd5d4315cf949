"""A fit of incremental net benefits on some parameters, and what choosing by it is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.regression.smooth import Smoother, choose, inverse_root
from costeff.analysis.ties import chances, covariance_of_means

Floats = NDArray[np.float64]

_LUCKY = 2.0
"""Standard errors of a variance of 0 below which a variance is called luck."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Fitted incremental net benefits at one wtp, (draw, strategy - 1)."""

    smoother: Smoother
    weight: Floats
    kept: Floats
    score: Floats
    mean: Floats
    fitted: Floats
    residual: Floats
    raw: Floats
    """The fitted values before their spread is corrected."""
    stretch: Floats
    """fitted = mean + (raw - mean) @ stretch.T"""
    broad: Floats
    """The same before what may be luck is taken off; errors are those of mean + (raw - mean) @ broad.T."""
    moves: Floats
    """As `broad`, but for what a small change moves: wholly where anything is kept."""

    @classmethod
    def of(cls, smoother: Smoother, weight: Floats, score: Floats, mean: Floats, response: Floats) -> Fit:
        """The fit to centred responses (draw, strategy - 1), averaged over smoothness by `weight`."""
        factors = weight @ smoother.kept
        raw = smoother.columns @ (factors[:, None] * score)
        residual = response - raw
        strict, loose, moves = _stretch(smoother, factors, score, residual)
        return cls(
            smoother, weight, factors, score, mean, mean + raw @ strict.T, residual, mean + raw, strict, loose, moves
        )

    def value(self) -> float:
        """Mean of the best fitted net benefit, less the best mean."""
        return mean_of_best(self.fitted, self.mean)

    def again(self, responses: Floats) -> Floats:
        """The value from each of other centred responses, (set, draw, strategy - 1), its smoothness chosen anew."""
        score = self.smoother.columns.T @ responses
        rest = responses.swapaxes(-1, -2) @ responses - score.swapaxes(-1, -2) @ score
        weight, _ = choose(self.smoother, score, rest, len(self.raw))
        return self._values(weight @ self.smoother.kept, score, responses)

    def at_smoothness(self, which: NDArray[np.intp]) -> Floats:
        """The value at each of some smoothnesses of those tried."""
        factors = self.smoother.kept[which]
        score = np.broadcast_to(self.score, (len(factors), *self.score.shape))
        return self._values(factors, score, self.raw - self.mean + self.residual)

    def _values(self, factors: Floats, score: Floats, response: Floats) -> Floats:
        """Values of fits that keep such shares (set, p) of scores (set, p, strategy - 1)."""
        raw = self.smoother.columns @ (factors[..., None] * score)
        strict, _, _ = _stretch(self.smoother, factors, score, response - raw)
        fitted = self.mean + raw @ strict.swapaxes(-1, -2)
        return np.array([mean_of_best(one, self.mean) for one in fitted])

    def covariance(self, replicates: int | None) -> Floats:
        """Covariance of the mean net benefits over repeated runs, the comparator's 0 first: (strategy, strategy)."""
        net_benefits = np.append(np.zeros((len(self.raw), 1)), self.raw + self.residual, axis=1)
        return covariance_of_means(net_benefits, replicates)

    def without(self, covariance: Floats) -> Floats:
        """Chance of each strategy but the comparator to be chosen without information, see ties: (strategy - 1,)."""
        return chances(np.append(0.0, self.mean), covariance)[1:]

    def change(self, fitted: Floats, covariance: Floats) -> Floats:
        """1 for the choice by `fitted`, -1 for that without information, 0 where they agree: (draw, strategy - 1).

        Parts of these where the luck of the means, of this covariance, may change the choice.
        """
        net_benefits = np.append(np.zeros((len(fitted), 1)), fitted, axis=1)
        best = chances(np.append(0.0, self.mean), covariance, at=net_benefits)[:, 1:]
        return np.asarray(best - self.without(covariance))

    def influence(
        self, fitted: Floats, covariance: Floats, moves: Floats | None = None, columns: Floats | None = None
    ) -> Floats:
        """What each draw adds to the value of choosing by `fitted`, (draw,); its variance / draws is the value's.

        A draw counts by its own best fitted net benefit, and by its residual, with which it moves the fit of
        those draws where the choice differs from the choice without information. `covariance` of the means, as
        above; `moves` (k, k): how far `fitted` goes with a change of raw, where that is not this fit's own;
        `columns` (draw, p), where `fitted` are values of the fit at other points, those of these.
        """
        change = self.change(fitted, covariance)
        shift = change.mean(axis=0)
        pull = (change - shift) @ (self.moves if moves is None else moves)
        there = self.smoother.columns if columns is None else columns
        spread = shift + self.smoother.columns @ (self.kept[:, None] * (there.T @ pull))
        return np.asarray((change * fitted + spread * self.residual).sum(axis=1))

    def at(self, points: Floats) -> Floats:
        """Corrected fitted values at other values of the parameters, (row, parameter)."""
        raw = self.smoother.at(points) @ (self.kept[:, None] * self.score)
        # columns hold the constant too, so that the scores of centred responses need no other
        return np.asarray(self.mean + raw @ self.stretch.T)


def mean_of_best(fitted: Floats, mean: Floats) -> float:
    """Mean over draws of the best net benefit, less the best mean; increments (draw, k), the comparator 0."""
    best = np.zeros(len(fitted))
    for column in fitted.T:  # faster than a maximum over few columns
        np.maximum(best, column, out=best)
    at = int(np.argmax(np.append(0.0, mean)))
    return float((best - (fitted[:, at - 1] if at else 0.0)).mean())


def _stretch(smoother: Smoother, factors: Floats, score: Floats, residual: Floats) -> tuple[Floats, Floats, Floats]:
    """Matrices that give fitted values the spread of the true regression, (..., k, k): for values, and for errors.

    `factors` (..., p), `score` (..., p, k), `residual` (..., draw, k). A fit's variance is too large by what it takes
    from noise and too small by what smoothing takes away. The
    squared scores less their noise variance (from the residuals and leverages, so that the noise may differ
    between draws), weighted by the share kept, estimate the true one. That estimate is as often above as below
    the truth, but a value cannot be below 0, so that where the truth is 0 luck would remain: for values, a
    direction's variance v is multiplied by 1 - (2 se / v)^2, 0 from below (Breiman's garrotte), with se the
    standard error that v would have if the truth were 0. Where v is many times that, nothing changes.
    """
    draws = residual.shape[-2]
    smooth_scores = factors[..., None] * score
    fitted = smooth_scores.swapaxes(-1, -2) @ smooth_scores / draws
    leverage = np.minimum(factors @ smoother.squares.T, 0.99)
    luck = (residual * (leverage / (1 - leverage))[..., None]).swapaxes(-1, -2) @ residual / draws
    signal = smooth_scores.swapaxes(-1, -2) @ score / draws - luck
    white, back = whitening(fitted, residual)
    flat = white.swapaxes(-1, -2)
    share, turn = np.linalg.eigh(white @ ((signal + signal.swapaxes(-1, -2)) / 2) @ flat)
    share = np.maximum(share, 0.0)
    own = smoother.squares.T @ (((residual @ flat @ turn) ** 2) / (1 - leverage)[..., None])
    null = np.sqrt(2 * ((factors[..., None] * own) ** 2).sum(axis=-2)) / draws
    sure = 1 - np.minimum(_LUCKY * null / np.maximum(share, 1e-30), 1.0) ** 2
    there = back @ turn
    here = turn.swapaxes(-1, -2) @ white
    strict, loose, moves = (
        (there * part[..., None, :]) @ here for part in (np.sqrt(share * sure), np.sqrt(share), share > 0)
    )
    return np.asarray(strict), np.asarray(loose), np.asarray(moves)


def whitening(fitted: Floats, residual: Floats) -> tuple[Floats, Floats]:
    """Matrices to and from directions in which the fitted values have unit covariance, both (..., k, k).

    `fitted` (..., k, k) their covariance, `residual` (..., draw, k). Found where the residuals have unit covariance,
    so that in a strategy whose fitted values hardly vary the noise is not blown up, to be shared with the others.
    Directions in which nothing varies are 0.
    """
    noise = residual.swapaxes(-1, -2) @ residual / residual.shape[-2]
    scale = np.sqrt(np.diagonal(fitted + noise, axis1=-2, axis2=-1))
    scale = np.where(scale > 0, scale, 1.0)
    square = scale[..., :, None] * scale[..., None, :]
    unit = fitted / square
    spread, turn = np.linalg.eigh(noise / square + 1e-6 * unit)
    directions = spread > 1e-14 * spread[..., -1:]
    calm = turn * inverse_root(spread, directions)[..., None, :]
    size, axes = np.linalg.eigh(calm.swapaxes(-1, -2) @ unit @ calm)
    lively = size > 1e-12 * np.maximum(size[..., -1:], 1e-300)
    white = (axes * inverse_root(size, lively)[..., None, :]).swapaxes(-1, -2) @ calm.swapaxes(-1, -2)
    white = white / scale[..., None, :]
    wide = np.sqrt(np.where(directions, spread, 0.0))[..., None, :]
    back = (turn * wide) @ (axes * np.sqrt(np.where(lively, size, 0.0))[..., None, :])
    return white, scale[..., :, None] * back
