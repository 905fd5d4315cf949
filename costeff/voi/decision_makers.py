"""One piece of information priced by each decision maker, and what the choice of one leaves for the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import size_of_benefit
from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.net_benefit import net_increments
from costeff.analysis.noise import covariance_of_gaps, gap_of_increments, shrinkage, total_covariance
from costeff.analysis.regression.groups import read_groups
from costeff.analysis.regression.level_means import points_of
from costeff.analysis.settled import every, replicates_behind, settled
from costeff.analysis.ties import chances_of, covariance_of_means, means_near
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError
from costeff.voi.evpi import with_population
from costeff.voi.evsi_methods import gaussian
from costeff.voi.regression.regression import Regression
from costeff.voi.trial_design import TrialDesign

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
_STUDIES = 1
"""Seed of simulated studies, so that the same design gives the same number."""
ALL_PARAMETERS = "all parameters"
"""What the information is about where neither parameters nor a study are named."""
_GROUPS = 10
"""Groups of draws left out in turn for the error of what information is worth."""


def by_decision_maker(
    evaluations: Mapping[str, EvaluationData],
    wtp: float | Mapping[str, float],
    names: Sequence[str] | None = None,
    *,
    study: tuple[TrialDesign, float] | None = None,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Information valued by each party when each party decides, per decision in currency: (decides, values).

    `evaluations`, by decision maker, are of the same draws and strategies under each one's perspective. `wtp` is
    one amount, or one for each. Information is perfect, or about the parameters `names` together (by regression
    as in evppi), or what a `study`, (design, participants), tells (as evsi's method "gaussian").

    Variables: `chosen` (decides,), the strategy with the highest expected net benefit for the one who decides, and
    `chosen_settled`, 1 when another run would choose it too (see costeff.analysis.settled);
    `left`, what `values` loses in expectation under current information because `decides` chose (0 on the diagonal);
    `information`, the gain of `values` when `decides` is informed: EVPI, EVPPI or EVSI on the diagonal, elsewhere
    possibly negative, since what is good news for one may not be for the other; each with `_mcse`, that of
    `information` by leaving out tenths of the draws (NaN below 100). Individual noise is removed jointly when all
    hold halves. With `population` also population_NAME as in evpi.

    Raises ResultError for evaluations that do not match, ScenarioError for a missing willingness to pay.

    >>> from costeff import Evaluation
    >>> effect, pair = [[0.0, 0.0]] * 2, ("usual", "new")
    >>> town = Evaluation("municipal", "qaly", pair, "usual", cost=[[0.0, 30.0], [0.0, -10.0]], effect=effect)
    >>> all_ = Evaluation("societal", "qaly", pair, "usual", cost=[[0.0, -5.0], [0.0, -40.0]], effect=effect)
    >>> found = by_decision_maker({"town": town, "all": all_}, 0)
    >>> found["chosen"].values.tolist(), found["left"].values.tolist(), found["information"].values.tolist()
    (['usual', 'new'], [[0.0, 22.5], [10.0, 0.0]], [[5.0, 20.0], [0.0, 0.0]])
    """
    import xarray as xr

    deciders = list(evaluations)
    first = _matching(evaluations)
    amounts = [_amount(wtp, name, evaluations[name]) for name in deciders]
    nets = np.stack(
        [net_increments(one, w) for w, one in zip(amounts, evaluations.values(), strict=True)], axis=1
    )  # (draw, decider, strategy - 1)
    if names is not None and study is not None:
        raise ScenarioError("parameters and a study are two kinds of information", way_out="ask for one of them")
    expected = _expectation(evaluations, amounts, nets, names, study)
    now = np.append(np.zeros((len(deciders), 1)), nets.mean(axis=0), axis=1).argmax(axis=1)
    every = np.arange(first.draws)
    all_nets = np.concatenate([np.zeros((*nets.shape[:2], 1)), nets], axis=-1)
    gain = _gain(expected(every), np.eye(all_nets.shape[-1])[now])
    chance = np.array([chances_of(all_nets[:, d], first.replicates) for d in range(len(deciders))])
    groups, group = _GROUPS if first.draws >= 10 * _GROUPS else 0, every % _GROUPS
    if first.replicates is not None:
        groups, group = first.replicates, every // (first.draws // first.replicates)
    error = np.full(gain.shape, math.nan)
    if groups > 2:
        parts = np.stack([_gain(expected(every[group != g]), chance) for g in range(groups)])
        error = np.sqrt((groups - 1) * parts.var(axis=0))
    losses = np.stack([all_nets[:, range(len(now)), now] - all_nets[:, :, choice] for choice in now], axis=1)
    # values (draw, decides, values) of the choice that each party makes for itself, less that of the one who decides
    own = np.einsum("kvs,vs->kv", all_nets, chance)[:, None] - np.einsum("kvs,ds->kdv", all_nets, chance)
    left_error = monte_carlo_error(own, first.replicates)
    if (chance.max(axis=1) < 1).any():
        of_left, of_information = _jumps(all_nets, chance, first.replicates)
        left_error, error = np.hypot(left_error, of_left), np.hypot(error, of_information)
    unit, axes = {"unit": first.currency}, ("decides", "values")
    order = [first.comparator, *first.alternatives]
    columns: dict[str, tuple[object, ...]] = {
        "chosen": ("decides", [order[s] for s in now]),
        "chosen_settled": ("decides", [_ahead(all_nets[:, d], s, first) for d, s in enumerate(now)]),
        "left": (axes, losses.mean(axis=0), unit),
        "left_mcse": (axes, left_error, unit),
        "information": (axes, gain, unit),
        "information_mcse": (axes, error, unit),
    }
    conventions = first.conventions()
    common = ("comparator", "currency", "draws", "replicates", "effect_unit", "errors")
    common_attrs = {key: conventions[key] for key in common if key in conventions} | {"error_groups": groups}
    about = ALL_PARAMETERS if names is None else ", ".join(names)
    about = about if study is None else f"a study of {study[1]:,.10g} participants"
    table = xr.Dataset(
        columns,
        {"decides": deciders, "values": deciders, "wtp": ("decides", amounts)},
        attrs={**common_attrs, "unit": first.currency, "about": about, **({"participants": study[1]} if study else {})},
    )
    return with_population(table, population, horizon, discount_rate)


def _ahead(net: Floats, strategy: int, about: EvaluationData) -> int:
    """1 when the lead of the strategy chosen over each other, net benefits (draw, strategy), is settled."""
    over = net[:, [strategy]] - np.delete(net, strategy, axis=1)
    pairs = zip(over.mean(axis=0), monte_carlo_error(over, about.replicates), strict=True)
    return int(bool(every([settled(float(lead), float(e), replicates_behind(about)) for lead, e in pairs])))


def _matching(evaluations: Mapping[str, EvaluationData]) -> EvaluationData:
    if not evaluations:
        raise ResultError("no decision makers", way_out="give at least one evaluation")
    first = next(iter(evaluations.values()))
    for name, one in evaluations.items():
        pair = [(e.strategies, e.comparator, e.draws, e.currency) for e in (first, one)]
        if pair[0] != pair[1]:
            raise ResultError(
                f"the evaluation of '{name}' is not of the same strategies, draws and currency",
                value=pair[1],
                rule=str(pair[0]),
                way_out="take all perspectives from one result",
            )
    if first.draws < 2:
        raise ResultError("one draw has no uncertainty", way_out="run more draws")
    return first


def _amount(wtp: float | Mapping[str, float], name: str, evaluation: EvaluationData) -> float:
    if isinstance(wtp, Mapping):
        if name not in wtp:
            raise ScenarioError("a willingness to pay is missing", value=name, rule="one for each")
        return float(read_wtp(wtp[name], evaluation)[0][0])
    return float(read_wtp(wtp, evaluation)[0][0])


def _jumps(all_nets: Floats, chance: Floats, replicates: int | None) -> tuple[Floats, Floats]:
    """What jumps near a tie add to the errors of `left` and of `information`, each (decides, values).

    What one party loses by another's choice jumps where that choice changes, so what is not linear in the means is
    read off means as other runs would have them. `all_nets` (draw, party, strategy), `chance` (party, strategy).
    """
    draws, parties, strategies = all_nets.shape
    flat = all_nets.reshape(draws, -1)
    means = means_near(flat.mean(axis=0), covariance_of_means(flat, replicates)).reshape(-1, parties, strategies)
    choice = means.argmax(axis=-1)
    choice_means = np.take_along_axis(means[:, None], choice[:, :, None, None], axis=-1)[
        ..., 0
    ]  # (point, decides, values)
    change = np.einsum("pvs,ds->pdv", means, chance) - choice_means
    best = means.max(axis=-1) - np.einsum("pvs,vs->pv", means, chance)
    unsure = (chance.max(axis=1, keepdims=True) < 1) & ~np.eye(parties, dtype=bool)
    return unsure * (best[:, None] + change).std(axis=0), unsure * change.std(axis=0)


def _gain(expected: Floats, now: Floats) -> Floats:
    """Mean gain (decides, values) when each decides by `expected` (draw, values, strategy - 1) instead of `now`.

    `now` (decides, strategy) is 1 for the choice under current information, or chances that a strategy is it.
    """
    nets = np.concatenate([np.zeros((*expected.shape[:2], 1)), expected], axis=-1)
    best = nets.argmax(axis=-1)  # (draw, decides)
    best_nets = np.take_along_axis(nets[:, None], best[:, :, None, None], axis=-1)[..., 0]
    return np.asarray((best_nets - np.einsum("kvs,ds->kdv", nets, now)).mean(axis=0))


Expectation = Callable[[NDArray[np.intp]], Floats]


def _expectation(
    evaluations: Mapping[str, EvaluationData],
    amounts: Sequence[float],
    nets: Floats,
    names: Sequence[str] | None,
    study: tuple[TrialDesign, float] | None,
) -> Expectation:
    """Net benefits expected with the information, (draw, decider, strategy - 1), as a function of the draws used."""
    flat, shape = nets.reshape(len(nets), -1), nets.shape[1:]
    first = next(iter(evaluations.values()))
    if study is not None:
        design, participants = study
        if not (math.isfinite(participants) and participants > 0):
            raise ScenarioError("participants are positive numbers", value=participants)
        cells = design.cells(first.parameters, first.draws)
        summary, spread = cells.summaries()
        few = bool(cells.few_events(participants))
        if few:  # not normal: one study of each draw is simulated, and its counts take the place of what it expects
            summary = cells.simulated(cells.luck(_STUDIES), participants)

        def after(draws_used: NDArray[np.intp]) -> Floats:
            fit = Regression(summary[draws_used], flat[draws_used], np.zeros_like(flat[draws_used])).fit(1.0)
            if fit is None:
                return np.broadcast_to(nets[draws_used].mean(axis=0), (len(draws_used), *shape))
            if few:
                return fit.fitted.reshape(-1, *shape)
            luck = spread[draws_used].mean(axis=0) / participants
            return gaussian(fit, summary[draws_used], luck).fitted.reshape(-1, *shape)

        return after
    if names is not None:
        (members,) = read_groups(first, list(names)).values()
        points = points_of(first, members)

        def fitted(draws_used: NDArray[np.intp]) -> Floats:
            fit = Regression(points.some(draws_used), flat[draws_used], np.zeros_like(flat[draws_used])).fit(1.0)
            if fit is None:
                return np.broadcast_to(nets[draws_used].mean(axis=0), (len(draws_used), *shape))
            return fit.fitted.reshape(-1, *shape)

        return fitted
    gap = _gaps(evaluations, amounts)
    if gap is None:
        return lambda draws_used: nets[draws_used]

    def clean(draws_used: NDArray[np.intp]) -> Floats:
        matrix, _ = shrinkage(total_covariance(flat[draws_used]), covariance_of_gaps(gap[draws_used]))
        centre = flat[draws_used].mean(axis=0)
        return np.asarray((centre + (flat[draws_used] - centre) @ matrix.T).reshape(-1, *shape))

    return clean


def _gaps(evaluations: Mapping[str, EvaluationData], amounts: Sequence[float]) -> Floats | None:
    """Between halves' net benefits less the comparator's, (draw, deciders x strategies); None when one lacks them."""
    gaps = []
    for wtp, one in zip(amounts, evaluations.values(), strict=True):
        if one.cost_half is None or one.effect_half is None:
            return None
        net = wtp * one.effect_sign * one.effect_half - one.cost_half
        size = size_of_benefit(wtp, one.effect_half, one.cost_half)
        gaps.append(gap_of_increments(net, one.comparator_index, size))
    return np.concatenate(gaps, axis=-1)
