"""Expected value of partial perfect information by regression of net benefit on the parameters."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.evpi import with_population
from costeff.economics.intervals import monte_carlo_error
from costeff.economics.net_benefit import increments
from costeff.economics.smooth import Smoother, choose, neighbours, smoothers
from costeff.economics.wtp import read_wtp
from costeff.errors import ResultError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]
Names = str | Sequence[str] | Mapping[str, str | Sequence[str]]

_FEWEST = 50
"""Draws below which a regression is refused."""
_SURE = 3.3
"""Standard errors taken off what neighbours' residuals share, so that luck is not called structure."""
_LUCKY = 2.0
"""Standard errors of a variance of 0 below which a variance is called luck."""
_MATERIAL = 0.02
"""Share of the explainable variance that a fit may leave in its residuals and be called adequate."""


def evppi(
    evaluation: Evaluation,
    names: Names | None = None,
    wtp: ArrayLike | None = None,
    *,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Expected value of knowing some parameters exactly, per decision, in currency: (group, wtp).

    `names` is one parameter, a list of parameters known together (one group), or a mapping from a group's
    label to either; None takes every parameter that varies by itself. Net benefits are regressed on the
    group: up to three parameters by a tensor product of penalised cubic splines, which sees every
    interaction; more by squares, products and a Gaussian kernel on 250 landmarks. Smoothness is chosen by
    generalised cross-validation.

    Variables: `evppi`; its standard error `evppi_mcse`, of which regression is part (0 when no draw changes
    the decision; of draws in replicates, from their means, and then up to a fifth too small, since the choice of
    smoothness is not in it); `evppi_raw`, without the correction for
    the variance that a fit takes from noise and for luck; `degrees` of freedom of the fit; `missed`, the share of the
    explainable variance that the fit surely leaves in its residuals (a lower limit, from draws that are
    neighbours in the group's parameters); `adequate`, 0 when that is more than 2 %, which also warns.
    Individual noise needs no further correction: regression removes it. With `population`
    also population_NAME as in evpi.

    Source: Strong, Oakley and Brennan 2014 (regression); the error is that of the efficient estimator of a
    mean of maxima. Raises ResultError for an unknown parameter or fewer than 50 draws, ScenarioError when
    `wtp` is missing.
    """
    import xarray as xr

    groups = read_groups(evaluation, names)
    values, _ = read_wtp(wtp)
    if evaluation.draws < _FEWEST:
        raise ResultError(
            "too few draws for a regression", value=evaluation.draws, rule=f"at least {_FEWEST}",
            way_out="run more draws",
        )  # fmt: skip
    gain = increments(evaluation.gain, evaluation.comparator_index)
    cost = increments(evaluation.cost, evaluation.comparator_index)
    found: dict[str, list[list[float]]] = {name: [] for name in Value.__dataclass_fields__}
    for members in groups.values():
        points = np.column_stack([evaluation.parameters[name] for name in members])
        fits = Regression(points, gain, cost, evaluation.replicates)
        row = [fits.value(w) for w in values.tolist()]
        for name, kept in found.items():
            kept.append([float(getattr(one, name)) for one in row])
    axes = ("group", "wtp")
    table = xr.Dataset(
        {
            name: (axes, np.array(kept), {"unit": evaluation.currency} if name.startswith("evppi") else {})
            for name, kept in found.items()
        },
        {"group": list(groups), "wtp": values}, attrs={**evaluation.conventions(), "unit": evaluation.currency},
    )  # fmt: skip
    table["adequate"] = table["adequate"].astype(np.int8)
    if evaluation.replicates:
        table["evppi_mcse"].attrs["note"] = "draws in replicates: may be up to a fifth too small"
    _warn(table)
    return with_population(table, population, horizon, discount_rate)


def read_groups(evaluation: Evaluation, names: Names | None) -> dict[str, tuple[str, ...]]:
    """Groups by label, each a tuple of parameters; ResultError for an unknown or repeated one."""
    known = evaluation.parameters
    if not known:
        raise ResultError(
            "the evaluation holds no parameters", rule="value of information is about drawn parameters",
            way_out="give them: read_psa(..., parameters=table)",
        )  # fmt: skip
    asked: Mapping[str, str | Sequence[str]]
    if names is None:
        asked = {name: name for name, drawn in known.items() if np.ptp(drawn) > 0}
    elif isinstance(names, str):
        asked = {names: names}
    elif isinstance(names, Mapping):
        asked = names
    else:
        asked = {" + ".join(names): names}
    if not asked:
        raise ResultError("no parameter varies between draws", way_out="draw parameters, or name some")
    groups = {label: (own,) if isinstance(own, str) else tuple(own) for label, own in asked.items()}
    for label, own in groups.items():
        wrong = [name for name in own if name not in known]
        if wrong or not own or len(set(own)) < len(own):
            raise ResultError(
                "a group names no parameter, an unknown one, or one twice", where=f"group '{label}'",
                value=", ".join(wrong or own), rule=f"parameters: {', '.join(known)}",
            )  # fmt: skip
    return groups


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
    kept: Floats
    score: Floats
    mean: Floats
    fitted: Floats
    residual: Floats
    raw: Floats
    """The fitted values before their spread is corrected."""
    stretch: Floats
    """fitted = mean + (raw - mean) @ stretch.T"""
    loose: Floats
    """The fitted values before what may be luck is taken off; errors are theirs."""

    def influence(self) -> Floats:
        """What each draw adds to the value, (draw,), whose variance / draws is that of the value.

        A draw counts by its own best fitted net benefit, and by its residual, with which it moves the fit of
        those draws where the choice differs from the choice without information.
        """
        best = np.append(np.zeros((len(self.fitted), 1)), self.fitted, axis=1).argmax(axis=1)
        now = int(np.argmax(np.append(0.0, self.mean)))
        names = np.arange(1, self.fitted.shape[1] + 1)
        change = (best[:, None] == names).astype(float) - (names == now)
        shift = change.mean(axis=0)
        moved = (change - shift) @ self.stretch
        spread = shift + self.smoother.columns @ (self.kept[:, None] * (self.smoother.columns.T @ moved))
        return np.asarray((change * self.fitted + spread * self.residual).sum(axis=1))

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
        whole = (response**2).sum(axis=0)
        if not self.smoothers or not whole.any():
            return None
        best: tuple[float, Floats, Smoother, Floats] | None = None
        for smoother, (gain, cost) in zip(self.smoothers, self.scores, strict=True):
            score = wtp * gain - cost
            rest = np.maximum(whole - (score**2).sum(axis=0), 0.0)
            kept, value = choose(smoother, score, rest, len(response))
            if best is None or value < best[0]:
                best = value, kept, smoother, score
        assert best is not None
        _, kept, smoother, score = best
        raw = smoother.columns @ (kept[:, None] * score)
        residual = response - raw
        strict, loose = _stretch(smoother, kept, score, residual)
        mean = wtp * self.gain_mean - self.cost_mean
        return Fit(
            smoother, kept, score, mean, mean + raw @ strict.T, residual, mean + raw, strict,
            mean + raw @ loose.T,
        )  # fmt: skip

    def value(self, wtp: float) -> Value:
        """EVPPI with its error and the check of the fit."""
        fit = self.fit(wtp)
        if fit is None:
            return Value(0.0, 0.0, 0.0, 0.0, 0.0, True)
        influence = replace(fit, fitted=fit.loose).influence()
        missed = self._missed(fit)
        return Value(
            evppi=mean_of_best(fit.fitted, fit.mean),
            evppi_mcse=float(monte_carlo_error(influence, self.replicates)),
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
    best = np.maximum(fitted.max(axis=1), 0.0)
    at = int(np.argmax(np.append(0.0, mean)))
    return float((best - (fitted[:, at - 1] if at else 0.0)).mean())


def _stretch(smoother: Smoother, kept: Floats, score: Floats, residual: Floats) -> tuple[Floats, Floats]:
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
    white, back = _whitening(fitted, residual)
    share, turn = np.linalg.eigh(white @ ((signal + signal.T) / 2) @ white.T)
    share = np.maximum(share, 0.0)
    own = smoother.squares.T @ (((residual @ white.T @ turn) ** 2) / (1 - leverage)[:, None])
    null = np.sqrt(2 * ((kept[:, None] * own) ** 2).sum(axis=0)) / draws
    sure = 1 - np.minimum(_LUCKY * null / np.maximum(share, 1e-30), 1.0) ** 2
    strict, loose = ((back @ turn * np.sqrt(part)) @ turn.T @ white for part in (share * sure, share))
    return np.asarray(strict), np.asarray(loose)


def _whitening(fitted: Floats, residual: Floats) -> tuple[Floats, Floats]:
    """Matrices to and from directions in which the fitted values have unit covariance, (m, k) and (k, m).

    Found where the residuals have unit covariance, so that in a strategy whose fitted values hardly vary the noise
    is not blown up, to be shared with the others.
    """
    scale = np.sqrt(np.diag(fitted) + residual.var(axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    unit = fitted / np.outer(scale, scale)
    spread, turn = np.linalg.eigh(np.cov(residual / scale, rowvar=False, ddof=0).reshape(unit.shape) + 1e-6 * unit)
    seen = spread > 1e-14 * spread[-1]
    turn, spread = turn[:, seen], np.sqrt(spread[seen])
    size, axes = np.linalg.eigh((turn / spread).T @ unit @ (turn / spread))
    lively = size > 1e-12 * max(float(size[-1]), 1e-300)
    axes, size = axes[:, lively], np.sqrt(size[lively])
    white = (axes / size).T @ (turn / spread).T / scale
    return white, scale[:, None] * ((turn * spread) @ (axes * size))


def _warn(table: xr.Dataset) -> None:
    poor = (table["adequate"] == 0).any("wtp")
    if poor.any():
        named = ", ".join(str(name) for name in table["group"].values[poor.values])
        warnings.warn(
            f"EVPPI of {named}: the regression misses structure (residuals of neighbouring draws agree; see "
            "`missed`). The value is likely too low; more draws or fewer parameters together may help.",
            stacklevel=3,
        )
