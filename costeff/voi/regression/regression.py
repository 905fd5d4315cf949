"""Regression of incremental net benefit on a group of parameters, with the spread that the truth would have."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import cleared
from costeff.analysis.regression.level_means import Points, bases
from costeff.analysis.regression.smooth import Smoother, choose, neighbours
from costeff.voi.regression.error import value_error
from costeff.voi.regression.fit import Fit, mean_of_best

Floats = NDArray[np.float64]

_SURE = 3.3
"""Standard errors taken off what neighbours' residuals share, so that luck is not called structure."""
_MATERIAL = 0.02
"""Share of the explainable variance that a fit may leave in its residuals and be called adequate."""


@dataclass(frozen=True)
class Value:
    """EVPPI of one group at one wtp; see evppi."""

    evppi: float
    evppi_mcse: float
    evppi_raw: float
    degrees: float
    missed: float
    adequate: bool
    carrying_draws: float


class Regression:
    """Incremental gain and cost regressed on one group of parameters, for any wtp.

    `points` (draw, parameter), or Points, of which discrete ones get a mean for each combination of levels; `gain` and
    `cost` (draw, strategy - 1); `replicates` as in Evaluation.
    """

    def __init__(self, points: Floats | Points, gain: Floats, cost: Floats, replicates: int | None = None) -> None:
        self.replicates = replicates
        self.gain_mean, self.cost_mean = gain.mean(axis=0), cost.mean(axis=0)
        self.gain, self.cost = gain - self.gain_mean, cost - self.cost_mean
        self.smoothers = bases(points)
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
        response = cleared(wtp * self.gain - self.cost, wtp * np.abs(self.gain) + np.abs(self.cost))
        whole = response.T @ response
        if not self.smoothers or not whole.any():
            return None
        best: tuple[float, Floats, Smoother, Floats] | None = None
        for smoother, (gain, cost) in zip(self.smoothers, self.scores, strict=True):
            score = wtp * gain - cost
            rest = whole - score.T @ score
            weight, value = choose(smoother, score, rest, len(response))
            if best is None or value < best[0]:
                best = float(value), weight, smoother, score
        assert best is not None
        _, weight, smoother, score = best
        return Fit.of(smoother, weight, score, wtp * self.gain_mean - self.cost_mean, response)

    def value(self, wtp: float) -> Value:
        """EVPPI with its error and the check of the fit."""
        fit = self.fit(wtp)
        if fit is None:
            return Value(0.0, 0.0, 0.0, 0.0, 0.0, True, math.nan)
        misfit = self._missed(fit)
        error, carrying = value_error(fit, self.replicates)
        return Value(
            evppi=fit.value(),
            evppi_mcse=error,
            evppi_raw=mean_of_best(fit.raw, fit.mean),
            degrees=float(fit.kept.sum()) - 1,
            missed=misfit,
            adequate=misfit <= _MATERIAL,
            carrying_draws=carrying,
        )

    def _missed(self, fit: Fit) -> float:
        """Share of the explainable variance surely left in the residuals, of the strategy where it is largest."""
        assert self.pairs is not None
        one, other = self.pairs
        products = fit.residual[one] * fit.residual[other]
        error = products.std(axis=0) * math.sqrt((2 if self.smoothers[0].points.shape[1] > 1 else 1) / len(one))
        structure = np.maximum(products.mean(axis=0) - _SURE * error, 0.0)
        return float((structure / np.maximum(fit.fitted.var(axis=0) + structure, 1e-300)).max())
