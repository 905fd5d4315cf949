"""Regression of incremental net benefit on a group of parameters, with the spread that the truth would have."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.economics.evppi_error import value_error
from costeff.economics.smooth import Smoother, choose, neighbours, smoothers

Floats = NDArray[np.float64]

_SURE = 3.3
"""Standard errors taken off what neighbours' residuals share, so that luck is not called structure."""
_MATERIAL = 0.02
"""Share of the explainable variance that a fit may leave in its residuals and be called adequate."""
_LUCKY = 2.0
"""Standard errors of a variance of 0 below which a variance is called luck."""


@dataclass(frozen=True)
class Value:
    """EVPPI of one group at one wtp; see evppi."""

    evppi: float
    evppi_mcse: float
    evppi_raw: float
    degrees: float
    missed: float
    adequate: bool


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
        kept = weight @ smoother.kept
        raw = smoother.columns @ (kept[:, None] * score)
        residual = response - raw
        strict, loose, moves = _stretch(smoother, kept, score, residual)
        return cls(
            smoother,
            weight,
            kept,
            score,
            mean,
            mean + raw @ strict.T,
            residual,
            mean + raw,
            strict,
            loose,
            moves,
        )

    def value(self) -> float:
        """Mean of the best fitted net benefit, less the best mean."""
        return mean_of_best(self.fitted, self.mean)

    def again(self, response: Floats) -> float:
        """The value from other centred responses, (draw, strategy - 1), their smoothness chosen anew."""
        score = self.smoother.columns.T @ response
        rest = response.T @ response - score.T @ score
        weight, _ = choose(self.smoother, score, rest, len(response))
        return Fit.of(self.smoother, weight, score, self.mean, response).value()

    def at_smoothness(self, which: int) -> float:
        """The value at one smoothness of those tried."""
        weight = np.zeros(len(self.weight))
        weight[which] = 1.0
        response = self.raw - self.mean + self.residual
        return Fit.of(self.smoother, weight, self.score, self.mean, response).value()

    def change(self, fitted: Floats) -> Floats:
        """1 for the choice by `fitted`, -1 for that without information, 0 where they agree: (draw, strategy - 1)."""
        best = np.append(np.zeros((len(fitted), 1)), fitted, axis=1).argmax(axis=1)
        now = int(np.argmax(np.append(0.0, self.mean)))
        names = np.arange(1, fitted.shape[1] + 1)
        return np.asarray((best[:, None] == names).astype(float) - (names == now))

    def influence(self, fitted: Floats, moves: Floats | None = None) -> Floats:
        """What each draw adds to the value of choosing by `fitted`, (draw,); its variance / draws is the value's.

        A draw counts by its own best fitted net benefit, and by its residual, with which it moves the fit of
        those draws where the choice differs from the choice without information. `moves` (k, k): how far `fitted`
        goes with a change of raw, where that is not this fit's own.
        """
        change = self.change(fitted)
        shift = change.mean(axis=0)
        moved = (change - shift) @ (self.moves if moves is None else moves)
        spread = shift + self.smoother.columns @ (self.kept[:, None] * (self.smoother.columns.T @ moved))
        return np.asarray((change * fitted + spread * self.residual).sum(axis=1))

    def at(self, points: Floats) -> Floats:
        """Corrected fitted values at other values of the parameters, (row, parameter)."""
        made = self.smoother.at(points) @ (self.kept[:, None] * self.score)
        # columns hold the constant too, so that the scores of centred responses need no other
        return np.asarray(self.mean + made @ self.stretch.T)


class Regression:
    """Incremental gain and cost regressed on one group of parameters, for any wtp.

    `points` (draw, parameter); `gain` and `cost` (draw, strategy - 1); `replicates` as in Evaluation.
    """

    def __init__(self, points: Floats, gain: Floats, cost: Floats, replicates: int | None = None) -> None:
        self.replicates = replicates
        self.gain_mean, self.cost_mean = gain.mean(axis=0), cost.mean(axis=0)
        self.gain, self.cost = gain - self.gain_mean, cost - self.cost_mean
        self.smoothers = smoothers(points)
        self.scores = [(s.columns.T @ self.gain, s.columns.T @ self.cost) for s in self.smoothers]
        self.pairs = neighbours(self.smoothers[0].points) if self.smoothers else None

    def only(self, column: int) -> Regression:
        """The regression of one response by itself, with a smoothness of its own."""
        one = copy.copy(self)
        one.gain, one.cost = self.gain[:, [column]], self.cost[:, [column]]
        one.gain_mean, one.cost_mean = self.gain_mean[[column]], self.cost_mean[[column]]
        one.scores = [(gain[:, [column]], cost[:, [column]]) for gain, cost in self.scores]
        return one

    def fit(self, wtp: float) -> Fit | None:
        """The best fit at one wtp; None when no parameter varies, or nothing depends on any."""
        response = wtp * self.gain - self.cost
        whole = response.T @ response
        if not self.smoothers or not whole.any():
            return None
        best: tuple[float, Floats, Smoother, Floats] | None = None
        for smoother, (gain, cost) in zip(self.smoothers, self.scores, strict=True):
            score = wtp * gain - cost
            rest = whole - score.T @ score
            weight, value = choose(smoother, score, rest, len(response))
            if best is None or value < best[0]:
                best = value, weight, smoother, score
        assert best is not None
        _, weight, smoother, score = best
        return Fit.of(smoother, weight, score, wtp * self.gain_mean - self.cost_mean, response)

    def value(self, wtp: float) -> Value:
        """EVPPI with its error and the check of the fit."""
        fit = self.fit(wtp)
        if fit is None:
            return Value(0.0, 0.0, 0.0, 0.0, 0.0, True)
        missed = self._missed(fit)
        return Value(
            evppi=fit.value(),
            evppi_mcse=value_error(fit, self.replicates),
            evppi_raw=mean_of_best(fit.raw, fit.mean),
            degrees=float(fit.kept.sum()) - 1,
            missed=missed,
            adequate=missed <= _MATERIAL,
        )

    def _missed(self, fit: Fit) -> float:
        """Share of the explainable variance surely left in the residuals, of the strategy where it is largest."""
        assert self.pairs is not None
        one, other = self.pairs
        products = fit.residual[one] * fit.residual[other]
        error = products.std(axis=0) * math.sqrt(
            (2 if self.smoothers[0].points.shape[1] > 1 else 1) / len(one)
        )
        shared = np.maximum(products.mean(axis=0) - _SURE * error, 0.0)
        return float((shared / np.maximum(fit.fitted.var(axis=0) + shared, 1e-300)).max())


def mean_of_best(fitted: Floats, mean: Floats) -> float:
    """Mean over draws of the best net benefit, less the best mean; increments (draw, k), the comparator 0."""
    best = np.zeros(len(fitted))
    for column in fitted.T:  # faster than a maximum over few columns
        np.maximum(best, column, out=best)
    at = int(np.argmax(np.append(0.0, mean)))
    return float((best - (fitted[:, at - 1] if at else 0.0)).mean())


def _stretch(
    smoother: Smoother, kept: Floats, score: Floats, residual: Floats
) -> tuple[Floats, Floats, Floats]:
    """Matrices that give fitted values the spread of the true regression, (k, k): for values, and for errors.

    A fit's variance is too large by what it takes from noise and too small by what smoothing takes away. The
    squared scores less their noise variance (from the residuals and leverages, so that the noise may differ
    between draws), weighted by the share kept, estimate the true one. That estimate is as often above as below
    the truth, but a value cannot be below 0, so that where the truth is 0 luck would remain: for values, a
    direction's variance v is multiplied by 1 - (2 se / v)^2, 0 from below (Breiman's garrotte), with se the
    standard error that v would have if the truth were 0. Where v is many times that, nothing changes.
    """
    draws = len(residual)
    weighted = kept[:, None] * score
    fitted = weighted.T @ weighted / draws
    leverage = np.minimum(smoother.squares @ kept, 0.99)
    luck = (residual * (leverage / (1 - leverage))[:, None]).T @ residual / draws
    signal = weighted.T @ score / draws - luck
    white, back = whitening(fitted, residual)
    share, turn = np.linalg.eigh(white @ ((signal + signal.T) / 2) @ white.T)
    share = np.maximum(share, 0.0)
    own = smoother.squares.T @ (((residual @ white.T @ turn) ** 2) / (1 - leverage)[:, None])
    null = np.sqrt(2 * ((kept[:, None] * own) ** 2).sum(axis=0)) / draws
    sure = 1 - np.minimum(_LUCKY * null / np.maximum(share, 1e-30), 1.0) ** 2
    strict, loose, moved = (
        (back @ turn * part) @ turn.T @ white for part in (np.sqrt(share * sure), np.sqrt(share), share > 0)
    )
    return np.asarray(strict), np.asarray(loose), np.asarray(moved)


def whitening(fitted: Floats, residual: Floats) -> tuple[Floats, Floats]:
    """Matrices to and from directions in which the fitted values have unit covariance, (m, k) and (k, m).

    Found where the residuals have unit covariance, so that in a strategy whose fitted values hardly vary the noise
    is not blown up, to be shared with the others.
    """
    left = residual.T @ residual / len(residual)
    scale = np.sqrt(np.diag(fitted + left))
    scale = np.where(scale > 0, scale, 1.0)
    square = np.outer(scale, scale)
    unit = fitted / square
    spread, turn = np.linalg.eigh(left / square + 1e-6 * unit)
    seen = spread > 1e-14 * spread[-1]
    turn, spread = turn[:, seen], np.sqrt(spread[seen])
    size, axes = np.linalg.eigh((turn / spread).T @ unit @ (turn / spread))
    lively = size > 1e-12 * max(float(size[-1]), 1e-300)
    axes, size = axes[:, lively], np.sqrt(size[lively])
    white = (axes / size).T @ (turn / spread).T / scale
    return white, scale[:, None] * ((turn * spread) @ (axes * size))
