"""The within-trial evaluation: by intention to treat, adjusted differences of every perspective and effect.

Complete cases. Costs and effects are fitted together; errors are of the bootstrap by group and of the fit. Sizes: N
people, B replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import ScenarioError
from costeff.labels import Label
from costeff.trial.evaluation.bootstrap import adjusted_pairs, resampled_products
from costeff.trial.evaluation.outcomes import EffectValues, Outcomes
from costeff.trial.evaluation.ratio import RatioInterval, quadrants, ratio_interval
from costeff.trial.evaluation.regression import net_benefits, seemingly_unrelated

REPLICATES = 10_000
GRID = 41
FEWEST_IN_BIN = 10
ENDS = (2.5, 97.5)


@dataclass(frozen=True)
class Interval:
    """A difference with its standard error and 95 % interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit of the programme at a willingness to pay, by net-benefit regression."""

    wtp: float
    value: float
    error: float


@dataclass(frozen=True)
class Density:
    """Where replicates lie on the plane: shares (C, E) by bin of cost and effect, of bins that hold enough."""

    cost: tuple[float, ...]
    effect: tuple[float, ...]
    share: np.ndarray


@dataclass(frozen=True)
class PairResult:
    """One perspective against one effect. `acceptability` is (willingness to pay, share of replicates above 0)."""

    perspective: str
    effect_name: str
    effect_label: Label
    effect_of: str
    people: tuple[int, int]
    cost: Interval
    effect: Interval
    ratio: RatioInterval
    quadrants: dict[str, float]
    acceptability: tuple[tuple[float, ...], tuple[float, ...]]
    benefits: tuple[NetBenefit, ...]
    density: Density


@dataclass(frozen=True)
class TrialEvaluation:
    """All pairs; which covariates; how many replicates; whether a known seed makes it `inside only`."""

    pairs: tuple[PairResult, ...]
    covariates: tuple[str, ...]
    replicates: int
    inside_only: bool


def evaluate(
    own: Outcomes, wtp: tuple[float, float], smallest: int, *, replicates: int = REPLICATES, seed: int | None = None
) -> TrialEvaluation:
    """Evaluate every effect in every perspective. Without `seed` the luck is the system's, and nobody knows it.

    Parameters
    ----------
    own
        Of each person, from `outcomes`.
    wtp
        Range of willingness to pay for one unit of a `qaly` effect; shares of an end point have no acceptability.
    smallest
        Fewest people of a group that a result may rest on.
    replicates
        Resampled trials.
    seed
        A known seed makes replicates, and so the people, recoverable: the result is then `inside_only`.

    Raises
    ------
    ScenarioError
        Without an effect, or with too few people in a group.
    """
    if not own.effects:
        raise ScenarioError(
            "no effect to evaluate",
            rule="a `qaly` end point with answers and a value set, or a primary `time_to` end point",
            way_out="extract the questionnaire too, or say `primary: true` of an end point of the plan",
        )
    luck = np.random.default_rng(seed)
    pairs: list[PairResult] = []
    for effect in own.effects:
        pairs += _of_effect(own, effect, wtp, smallest, replicates, luck)
    return TrialEvaluation(tuple(pairs), own.names, replicates, seed is not None)


def _of_effect(
    own: Outcomes,
    effect: EffectValues,
    wtp: tuple[float, float],
    smallest: int,
    replicates: int,
    luck: np.random.Generator,
) -> list[PairResult]:
    views = list(own.cost)
    cost = np.stack([own.cost[view] for view in views], axis=1)
    starts = [] if effect.start is None else [effect.start]
    complete = ~np.isnan(np.column_stack([cost, effect.value, own.covariates, *starts])).any(axis=1)
    group = own.in_programme[complete]
    people = (int((group == 0).sum()), int((group == 1).sum()))
    if min(people) < smallest:
        raise ScenarioError(
            f"'{effect.name}' is observed of too few people",
            value=" and ".join(f"<{smallest}" if one < smallest else str(one) for one in people),
            rule=f"at least {smallest} people in each group with cost, effect and covariates",
            way_out="look for what is missing with `costeff trial check`",
        )
    smaller = np.column_stack([np.ones(len(group)), group, own.covariates[complete]])
    larger = np.column_stack([smaller, *(start[complete] for start in starts)])
    cost, value = cost[complete], effect.value[complete]
    scale, spread = cost.std(axis=0), float(value.std())
    scale = np.where(scale > 0, scale, 1.0)
    spread = spread if spread > 0 else 1.0
    table = np.column_stack([larger, cost / scale, value / spread])
    products = resampled_products(table, group, replicates, luck)
    at, end = larger.shape[1], table.shape[1] - 1
    results = []
    for i, view in enumerate(views):
        fit = seemingly_unrelated(smaller, cost[:, i] / scale[i], larger, value / spread)
        units = np.array([scale[i], spread])
        ours = adjusted_pairs(products, smaller.shape[1], at, at + i, end)
        costs, effects = ours[0] * scale[i], ours[1] * spread
        covariance = fit.covariance * units[:, None] * units
        differences = fit.cost * scale[i], fit.effect * spread
        grid = np.linspace(*wtp, GRID) if effect.of == "qaly" else np.zeros(0)
        asked = [wtp[0] + (wtp[1] - wtp[0]) * k / 4 for k in range(5)] if effect.of == "qaly" else []
        results.append(
            PairResult(
                view,
                effect.name,
                effect.label,
                effect.of,
                people,
                interval(differences[0], costs),
                interval(differences[1], effects),
                ratio_interval(*differences, covariance),
                quadrants(costs, effects),
                (tuple(grid.tolist()), tuple(float((effects * x - costs > 0).mean()) for x in grid)),
                benefits(larger, cost[:, i], value, asked),
                density(costs, effects),
            )
        )
    return results


def interval(value: float, replicates: np.ndarray) -> Interval:
    """A difference with the standard deviation and the 2.5 and 97.5 percentiles of its replicates."""
    low, high = np.percentile(replicates, ENDS)
    return Interval(value, float(replicates.std(ddof=1)), float(low), float(high))


def benefits(
    design: np.ndarray, cost: np.ndarray, effect: np.ndarray, asked: Sequence[float]
) -> tuple[NetBenefit, ...]:
    """Net-benefit regression at each willingness to pay."""
    fits = net_benefits(design, cost, effect, asked)
    return tuple(NetBenefit(float(x), fit.difference, fit.error) for x, fit in zip(asked, fits, strict=True))


def density(cost: np.ndarray, effect: np.ndarray) -> Density:
    """Replicates counted in bins between the 0.5 and 99.5 percentiles; bins of fewer than ten are empty.

    So neither a replicate nor the farthest of them can be read from it.
    """
    bins = max(round(len(cost) ** 0.5 / 5), 4)
    edges = [np.linspace(*np.percentile(one, (0.5, 99.5)), bins + 1) for one in (cost, effect)]
    counts, *_ = np.histogram2d(cost, effect, edges)
    counts[counts < FEWEST_IN_BIN] = 0
    middles = [tuple(((e[1:] + e[:-1]) / 2).tolist()) for e in edges]
    return Density(middles[0], middles[1], counts / len(cost))
