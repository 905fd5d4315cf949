"""Updates the model's prior by a trial: what the register showed against the lensed model, and what was measured.

What a trial measures of one parameter by itself updates it exactly. Everything else goes by importance weights on the
prior's own draws; where they are worth too few draws, an ensemble smoother moves the draws instead.
Sizes: D draws, K statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from costeff.analysis.psa import psa
from costeff.analysis.smoother import ASSIMILATIONS, Predicted, posterior_ensemble
from costeff.analysis.study import StudyData
from costeff.errors import FormulaError, ResultError
from costeff.evidence.distributions.joint import Dirichlet
from costeff.model.names import simulation_names
from costeff.trial.learning.exact import exact_posterior
from costeff.trial.learning.lensed import GroupStatistics, LensedModel, Prediction
from costeff.trial.learning.posterior import PRIOR, SMOOTHER, WEIGHTS, FitRow, TrialPosterior, uncertain
from costeff.trial.learning.weights import effective_draws, log_likelihood, rows_by_weight, weights
from costeff.trial.lives import longest_span
from costeff.units import parse_unit

LEAST_EFFECTIVE = 100.0
"""Draws that weights are worth, below which an interval would rest on two or three of them in each tail."""
NEAREST = 1e-9
CERTAIN = 0.999
"""Level of the prior's interval: what lies outside it contradicts the prior, and the posterior rests on its tail."""


@dataclass(frozen=True)
class EffectSeen:
    """A difference between the groups in an effect of the model, as the trial estimated it, with its standard error."""

    effect: str
    value: float
    error: float


@dataclass(frozen=True)
class ParameterSeen:
    """What the trial measured of one parameter by itself: its log likelihood."""

    name: str
    log_likelihood: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class TrialData:
    """What a trial tells: `values` (K,) of the statistics of each group, effects, and parameters by themselves.

    `factors` (K,): how many times the variance of people who share nobody each statistic has; None for 1.
    """

    by_group: GroupStatistics
    values: np.ndarray
    effects: tuple[EffectSeen, ...] = ()
    parameters: tuple[ParameterSeen, ...] = ()
    factors: np.ndarray | None = None


def update(
    study: StudyData,
    lens_model: LensedModel,
    prior: Mapping[str, np.ndarray],
    data: TrialData,
    *,
    individuals: int = 200,
    least_effective: float = LEAST_EFFECTIVE,
) -> TrialPosterior:
    """The posterior of the prior's draws `prior` (name to (D,)).

    With no statistics, effects and parameters it is the prior itself, to the last digit.

    Parameters
    ----------
    study
        The model, with the evidence that the draws are from.
    lens_model
        The model as the register would show it.
    prior
        Draws of every parameter, in its unit.
    data
        What the trial told.
    individuals
        People of each draw from whom an effect of the model is worked out.
    least_effective
        Draws that the weights must be worth; below it the draws are moved.
    """
    alone, own = _alone(study, prior, data.parameters)
    model = _Simulated(study, lens_model, data, individuals)
    before = model.predicted(own, 0)
    logs = log_likelihood(model.values, before.means, before.covariances, before.noise)
    importance = weights(logs)
    effective = effective_draws(importance)
    is_told = len(model.values) > 0
    if not is_told or effective >= min(least_effective, len(importance)):
        rows = rows_by_weight(importance)
        moves = names_moved_by(study, bool(data.effects)) if is_told else frozenset()
        posterior = {name: column[rows] if name in moves else column for name, column in own.items()}
        after = replace(before, means=before.means[rows])
        method = WEIGHTS if is_told else PRIOR
    else:
        posterior = _smoothed(model, own, before, importance)
        after, method = _predicted_where_moved(model, posterior, ASSIMILATIONS), SMOOTHER
    fits = _fits(lens_model, data, before, after, importance)
    names = tuple(one.name for one in alone)
    doubted = tuple(name for name in names if _is_doubted(study, name, posterior[name]))
    about = (lens_model.weeks, lens_model.contamination)
    factor = 1.0 if data.factors is None else float(data.factors.max(initial=1.0))
    return TrialPosterior(prior, posterior, method, effective, fits, names, *about, doubted, factor)


@dataclass(frozen=True, eq=False)
class _Simulated:
    """Everything that is compared with the trial, from one set of draws: statistics, then effects."""

    study: StudyData
    lens_model: LensedModel
    data: TrialData
    individuals: int

    @property
    def values(self) -> np.ndarray:
        return np.asarray(np.r_[self.data.values, [one.value for one in self.data.effects]])

    @cached_property
    def first_weeks(self) -> StudyData:
        """The study until everything that the trial saw has been seen."""
        return in_first_weeks(self.study)

    def predicted(self, draws: Mapping[str, np.ndarray], turn: int) -> Prediction:
        of_register = self._widened(self.lens_model.predicted(draws, self.data.by_group, turn))
        if not self.data.effects:
            return of_register
        columns, noise = effect_differences(self.first_weeks, draws, self.data.effects, self.individuals)
        size, first = len(columns), of_register.means.shape[1]
        number = first + len(self.data.effects)
        covariances = np.zeros((size, number, number))
        covariances[:, :first, :first] = of_register.covariances
        for k, one in enumerate(self.data.effects):
            # `noise` of the whole covariance is simulation; what an effect's own is stands in its variance.
            covariances[:, first + k, first + k] = (one.error**2 + noise[k]) / (1 + of_register.noise)
        return Prediction(np.column_stack([of_register.means, columns]), covariances, of_register.noise)

    def _widened(self, of_register: Prediction) -> Prediction:
        """With the factors of the data; the luck of the simulation, which is a share of the whole, has none."""
        factors = self.data.factors
        if factors is None or (factors == 1).all():
            return of_register
        spread = np.sqrt((factors + of_register.noise) / (1 + of_register.noise))
        return replace(of_register, covariances=of_register.covariances * np.outer(spread, spread))


def in_first_weeks(study: StudyData) -> StudyData:
    """The study with as short a horizon as its effects of the first year need."""
    model = study.model
    conventions = replace(model.conventions, horizon=max(longest_span(model), 1))
    return replace(study, model=replace(model, conventions=conventions))


def effect_differences(
    study: StudyData, draws: Mapping[str, np.ndarray], effects: tuple[EffectSeen, ...], individuals: int
) -> tuple[np.ndarray, np.ndarray]:
    """(differences (D, E) between the last strategy and the first, variance (E,) that their simulation has).

    `study` is one `in_first_weeks`.
    """
    result = psa(study, values=uncertain(study, draws), individuals=individuals, progress=False)
    at = [result.effects.names.index(one.effect) for one in effects]
    values = result.effects.value[:, -1, at] - result.effects.value[:, 0, at]
    half = result.effects.half
    if half is None:
        return values, np.zeros(len(at))
    apart = half[..., at]
    halves = apart[:, -1] - apart[:, 0]
    return values, np.asarray(((halves[:, 0] - halves[:, 1]) / 2).var(axis=0))


def _alone(
    study: StudyData, prior: Mapping[str, np.ndarray], parameters: tuple[ParameterSeen, ...]
) -> tuple[tuple[ParameterSeen, ...], dict[str, np.ndarray]]:
    """The parameters that are independent of all others in the prior, and all draws with those updated."""
    joint = {name for pair in study.evidence.correlations for name in pair.parameters}
    own, out = [], dict(prior)
    for one in parameters:
        parameter = study.evidence.parameters.get(one.name)
        if parameter is None or parameter.fixed or parameter.group or one.name in joint:
            continue
        out[one.name] = exact_posterior(parameter.spread, out[one.name], one.log_likelihood)
        own.append(one)
    return tuple(own), out


def _predicted_where_moved(model: _Simulated, draws: Mapping[str, np.ndarray], turn: int) -> Prediction:
    """What moved draws would show. Raises ResultError where a formula has no value there."""
    try:
        return model.predicted(draws, turn)
    except FormulaError as problem:
        raise ResultError(
            "the draws were moved to where a formula of the model has no value",
            where=problem.where,
            value=f"{len(next(iter(draws.values())))} draws",
            rule="moved draws stay where every formula has a value",
            way_out="update from more draws (--draws), whose spread is better known",
        ) from problem


def _smoothed(
    model: _Simulated, own: Mapping[str, np.ndarray], before: Prediction, importance: np.ndarray
) -> dict[str, np.ndarray]:
    """Draws moved by ES-MDA, each parameter on a scale without ends; shares of one whole are not moved."""
    names = moved_names(model.study)
    scales = {name: _scale(model.study, name) for name in names}
    score = np.column_stack([scales[name][0](own[name]) for name in names])
    covariance = np.einsum("d,dij->ij", importance, before.covariances)

    def as_draws(ensemble: np.ndarray) -> dict[str, np.ndarray]:
        return {**own, **{name: scales[name][1](ensemble[:, i]) for i, name in enumerate(names)}}

    def predict(ensemble: np.ndarray, turn: int) -> Predicted:
        prediction = before if turn == 0 else _predicted_where_moved(model, as_draws(ensemble), turn)
        return Predicted(prediction.means, covariance * prediction.noise)

    ensemble = posterior_ensemble(
        score,
        predict,
        model.values,
        covariance,
        names=[str(k) for k in range(len(model.values))],
        seed=model.lens_model.seed,
        noise_may_be_large=True,
        inflate=True,
    )
    return as_draws(ensemble)


def names_moved_by(study: StudyData, has_effects: bool) -> frozenset[str]:
    """Parameters that the statistics can say something about: those that lives read, and what is drawn with them.

    An effect of the model reads parameters of prices and values too, so that with `has_effects` all are told about. The
    others keep their draws, since what would change there is luck.
    """
    evidence = study.evidence
    if has_effects:
        return frozenset(evidence.parameters)
    read = simulation_names(study.model)
    joint = [set(group.members) for group in evidence.groups.values()]
    joint += [set(pair.parameters) for pair in evidence.correlations]
    return frozenset(read.union(*(members for members in joint if members & read)))


def _is_doubted(study: StudyData, name: str, draws: np.ndarray) -> bool:
    """Whether the middle of the posterior is a value that the prior held for next to impossible."""
    low, high = study.evidence.parameters[name].interval(CERTAIN)
    return not low <= float(np.median(draws)) <= high


def moved_names(study: StudyData) -> list[str]:
    """Parameters that the smoother moves: what lives read and is uncertain, but for the shares of one whole."""
    evidence = study.evidence
    wholes = {name for group in evidence.groups.values() if isinstance(group, Dirichlet) for name in group.members}
    read = simulation_names(study.model)
    pay = {name for pair in evidence.correlations for name in pair.parameters}
    return [n for n, p in evidence.parameters.items() if n in read | pay and not p.fixed and n not in wholes]


def _scale(
    study: StudyData, name: str
) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """To a scale without ends, and back: log of what is positive, logit of a share, else the number itself."""
    unit = parse_unit(study.evidence.parameters[name].unit)
    if unit.low == 0 and unit.high == 1:
        return (
            lambda x: np.log(np.clip(x, NEAREST, 1 - NEAREST) / (1 - np.clip(x, NEAREST, 1 - NEAREST))),
            lambda z: 1 / (1 + np.exp(-z)),
        )
    if unit.low == 0:
        return lambda x: np.log(np.maximum(x, NEAREST)), np.exp
    return lambda x: x, lambda z: z


def _fits(
    lens_model: LensedModel, data: TrialData, before: Prediction, after: Prediction, importance: np.ndarray
) -> tuple[FitRow, ...]:
    errors = np.sqrt(np.einsum("d,dii->i", importance, before.covariances))
    out, k = [], 0
    for group, statistics in zip(lens_model.strategies, data.by_group, strict=True):
        for one in statistics:
            prior, posterior = before.means[:, k], after.means[:, k]
            spreads = ((float(x.mean()), float(x.std())) for x in (prior, posterior))
            out.append(FitRow(group, one, float(data.values[k]), float(errors[k]), *spreads))
            k += 1
    return tuple(out)
