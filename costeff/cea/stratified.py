"""Equity and subgroups: results by subgroup, and what it is worth to decide for each subgroup rather than for all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.curves import best_share
from costeff.analysis.dust import highest, size_of_benefit
from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.analysis.ties import chances_of
from costeff.analysis.wtp import read_wtp
from costeff.cea.decision_matrix import same
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
Subgroups = Mapping[str, tuple[ArrayLike, "EvaluationData"]]
"""Subgroup to (its share of the population, one number or one for each draw; its Evaluation)."""

ALIKE = ("strategies", "comparator", "currency", "effect_unit", "effect_sign", "perspective")
"""What evaluations that are averaged over must have in common."""


def same_draws(evaluations: Sequence[EvaluationData]) -> bool:
    """Whether draw k is the same parameter set in all: as many draws, and common parameters that are equal."""
    first = evaluations[0]
    for other in evaluations[1:]:
        common = set(first.parameters) & set(other.parameters)
        if first.draws != other.draws or not common:
            return False
        if not all(np.array_equal(first.parameters[name], other.parameters[name]) for name in common):
            return False
    return True


def _shares(subgroups: Subgroups, draws: int) -> Floats:
    """(draw, subgroup), checked."""
    columns = []
    for name, (share, _) in subgroups.items():
        values = np.asarray(share, dtype=np.float64)
        if values.shape not in ((), (draws,)) or not (np.isfinite(values) & (values >= 0)).all():
            raise ScenarioError(
                "a share is not a number from 0, or not one for each draw",
                where=f"subgroup '{name}'",
                value=share if values.ndim == 0 else values.shape,
                rule=f"one number, or {draws}",
            )
        columns.append(np.broadcast_to(values, (draws,)))
    shares = np.column_stack(columns)
    if np.abs(shares.sum(axis=1) - 1).max() > 1e-6:
        raise ScenarioError(
            "the shares of the subgroups do not make up the whole",
            value=float(shares.sum(axis=1)[0]),
            rule="they sum to 1",
            way_out="give every subgroup its share",
        )
    return shares


def _checked(subgroups: Subgroups) -> tuple[EvaluationData, Floats]:
    """The first evaluation and the shares (draw, subgroup), once all are alike and on the same draws."""
    evaluations = {name: one for name, (_, one) in subgroups.items()}
    if not evaluations:
        raise ScenarioError("no subgroups are given")
    first = same(evaluations, *ALIKE, "replicates")
    groups = list(evaluations.values())
    if any(one.draws != first.draws for one in groups) or (
        any(one.parameters for one in groups) and not same_draws(groups)
    ):
        raise ResultError(
            "subgroups were not evaluated on the same draws",
            value=", ".join(str(one.draws) for one in groups),
            rule="draw k is the same parameter set in every subgroup",
            way_out="run them with the same seed and draws",
        )
    return first, _shares(subgroups, first.draws)


def stratified(subgroups: Subgroups, wtp: ArrayLike | None = None) -> xr.Dataset:
    """One decision for all against one decision for each subgroup, money per individual of the whole population.

    Variables. Over (wtp, subgroup, strategy): `nmb`, expected net monetary benefit within the subgroup, with
    `nmb_mcse`. Over (wtp, subgroup): `preferred` there, and `probability` that it is best there. Over (wtp,):
    `preferred_for_all`, the single best choice; `value`, the gain from choosing for each subgroup, that is the mean
    over subgroups of the best expected net benefit less the best of the mean, with `value_mcse`; `evpi_for_all` and
    `evpi_stratified`, what perfect information about the parameters would add to each of the two. Over (subgroup,):
    `share`. The value is 0 when all subgroups prefer the same strategy, never negative, and too high with few draws,
    as any maximum of estimates. Choosing by subgroup may be unlawful or unfair; this is what not doing so costs.

    Subgroups are evaluated on the same draws (the same seed), so that differences between them are not luck. Raises
    ResultError when they are not, or when strategies, units or perspectives differ; ScenarioError for wrong shares
    or a missing wtp. Source: Coyle, Buxton and O'Brien 2003; Espinoza and others 2014.

    >>> from costeff import Evaluation
    >>> def two(gain):
    ...     return Evaluation("state", "qaly", ("usual", "new"), "usual", [[0.0, 100.0]] * 2, [[0.0, gain]] * 2)
    >>> found = stratified({"young": (0.5, two(0.9)), "old": (0.5, two(0.3))}, 200)
    >>> found["preferred"].values.tolist(), found["preferred_for_all"].values.tolist(), found["value"].values.tolist()
    ([['new', 'usual']], ['new'], [20.0])
    """
    import xarray as xr

    first, share = _checked(subgroups)
    evaluations = {name: one for name, (_, one) in subgroups.items()}
    groups = list(evaluations.values())
    values, _ = read_wtp(wtp, *groups)
    names = np.asarray(first.strategies, dtype=str)
    shape = (len(values), len(groups))
    nmb, error = np.empty((*shape, len(names))), np.empty((*shape, len(names)))
    probability, best = np.empty(shape), np.empty(shape, dtype=np.intp)
    columns = {name: np.empty(len(values)) for name in ("value", "value_mcse", "evpi_for_all", "evpi_stratified")}
    for_all = np.empty(len(values), dtype=np.intp)
    order = _order(first)
    for w, value in enumerate(values.tolist()):
        benefit = np.stack([value * one.gain - one.cost for one in groups], axis=1)  # (draw, subgroup, strategy)
        size = np.stack([size_of_benefit(value, one.gain, one.cost) for one in groups], axis=1)
        whole = (share[..., None] * benefit).sum(axis=1)
        for g in range(len(groups)):
            nmb[w, g], error[w, g] = mean(benefit[:, g]), monte_carlo_error(benefit[:, g], first.replicates)
            # weighted by the draw's share, as the population would count it
            own = mean(share[:, [g]] * benefit[:, g])
            best[w, g] = highest(own, mean(share[:, [g]] * size[:, g]), order)
            probability[w, g] = best_share(benefit[:, g], size[:, g])[:, best[w, g]].mean()
        for_all[w] = highest(mean(whole), mean((share[..., None] * size).sum(axis=1)), order)
        split_benefit = (share * np.take_along_axis(benefit, best[w][None, :, None], axis=2)[..., 0]).sum(axis=1)
        gain = split_benefit - whole[:, for_all[w]]
        columns["value"][w] = max(float(mean(gain)), 0.0)
        columns["value_mcse"][w] = _error_of_value(share[..., None] * benefit, first.replicates)
        columns["evpi_for_all"][w] = mean(whole.max(axis=1) - whole[:, for_all[w]])
        columns["evpi_stratified"][w] = mean((share * benefit.max(axis=2)).sum(axis=1) - split_benefit)
    unit = {"unit": first.currency}
    axes = ("wtp", "subgroup")
    about = first.conventions() | {"unit": first.currency}
    about.pop("label")
    return xr.Dataset(
        {
            "nmb": ((*axes, "strategy"), nmb, unit),
            "nmb_mcse": ((*axes, "strategy"), error, unit),
            "preferred": (axes, names[best]),
            "probability": (axes, probability),
            "preferred_for_all": ("wtp", names[for_all]),
            **{name: ("wtp", column, unit) for name, column in columns.items()},
            "share": ("subgroup", share.mean(axis=0)),
        },
        {"wtp": values, "subgroup": list(evaluations), "strategy": list(names)},
        attrs=about,
    )


def whole_population(subgroups: Subgroups) -> EvaluationData:
    """The whole population as one Evaluation: costs and effects of subgroups, weighted by their shares, draw by draw.

    A parameter that is the same in all subgroups keeps its name; others are told apart as `name (subgroup)`. Raises as
    `stratified` does.

    >>> from costeff import Evaluation
    >>> def two(gain):
    ...     return Evaluation("state", "qaly", ("usual", "new"), "usual", [[0.0, 100.0]] * 2, [[0.0, gain]] * 2)
    >>> whole_population({"young": (0.25, two(0.9)), "old": (0.75, two(0.3))}).effect[0].round(2).tolist()
    [0.0, 0.45]
    """
    first, share = _checked(subgroups)
    by_group = {name: one for name, (_, one) in subgroups.items()}
    parameters, levels = {}, {}
    for group, one in by_group.items():
        for name, values in one.parameters.items():
            alike = all(
                name in other.parameters and np.array_equal(other.parameters[name], values)
                for other in by_group.values()
            )
            own_name = name if alike else f"{name} ({group})"
            parameters[own_name] = values
            if name in one.levels:
                levels[own_name] = one.levels[name]
    cost, effect = (
        np.einsum("dg,gds->ds", share, np.stack([getattr(one, kind) for one in by_group.values()]))
        for kind in ("cost", "effect")
    )
    return replace(
        first, cost=cost, effect=effect, cost_half=None, effect_half=None, parameters=parameters, levels=levels
    )


def _error_of_value(parts: Floats, replicates: int | None) -> float:
    """Error of the gain from choosing by subgroup; `parts` (draw, subgroup, strategy) add up to the whole."""
    apart = parts - parts[..., :1]
    whole = chances_of(apart.sum(axis=1), replicates)
    moves = [apart[:, g] @ (chances_of(apart[:, g], replicates) - whole) for g in range(apart.shape[1])]
    return float(monte_carlo_error(np.sum(moves, axis=0), replicates))


def _order(evaluation: EvaluationData) -> NDArray[np.intp]:
    """Positions of strategies in the order in which ties are settled: the comparator, then as named."""
    base = evaluation.comparator_index
    return np.array([base, *(s for s in range(len(evaluation.strategies)) if s != base)], dtype=np.intp)


def weighted_error(parts: Sequence[Floats], weights: Floats, replicates: Sequence[int | None], pairing: bool) -> float:
    """Standard error of the weighted sum of means of (draw,) columns; NaN with one draw. `pairing`: the same draws."""
    if pairing:
        return float(monte_carlo_error(np.column_stack(parts) @ weights, replicates[0]))
    errors = [float(monte_carlo_error(x, r)) for x, r in zip(parts, replicates, strict=True)]
    return math.sqrt(sum(float(w * error) ** 2 for w, error in zip(weights, errors, strict=True)))
