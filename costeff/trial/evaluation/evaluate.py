"""The within-trial evaluation: by intention to treat, adjusted differences of every perspective and effect.

Of complete cases, or with missing scores imputed. Costs and effects are fitted together; errors are of the bootstrap by
group, or of Rubin's rules. Sizes: N people, B replicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import ScenarioError
from costeff.labels import Label
from costeff.trial.evaluation.bootstrap import adjusted_pairs, resampled_products
from costeff.trial.evaluation.imputed_fit import Differences, imputed_differences
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
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
    """All pairs; covariates and their `labels`; how many replicates; whether a known seed makes it `inside only`."""

    pairs: tuple[PairResult, ...]
    covariates: tuple[str, ...]
    replicates: int
    inside_only: bool
    is_imputed: bool = False
    is_nested: bool = False
    labels: tuple[Label, ...] = ()

    def covariates_text(self, language: str) -> str:
        """The covariates in words, or a dash."""
        words = [one[language] for one in self.labels] or self.covariates
        return ", ".join(words) or "–"


def evaluate(
    own: PersonValues,
    wtp: tuple[float, float],
    smallest: int,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    is_imputed: bool = False,
    is_nested: bool = False,
) -> TrialEvaluation:
    """Evaluate every effect in every perspective. Without `seed` the luck is the system's, and nobody knows it.

    Parameters
    ----------
    own
        Of each person, from `person_values`.
    wtp
        Range of willingness to pay for one unit of a `qaly` effect; shares of an end point have no acceptability.
    smallest
        Fewest people of a group that a result may rest on.
    replicates
        Resampled trials.
    seed
        A known seed makes replicates, and so the people, recoverable: the result is then `inside_only`.
    is_imputed
        Missing quality-adjusted life years are imputed, and pooled by Rubin's rules.
    is_nested
        Replicates with imputed scores are resampled trials in each of which they are imputed once, in the place of
        draws from the pooled estimates; at most 2,000 of them.

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
        pairs += _of_effect(own, effect, wtp, smallest, replicates, luck, is_imputed, is_nested)
    about = (own.names, replicates, seed is not None, is_imputed, is_imputed and is_nested, own.labels)
    return TrialEvaluation(tuple(pairs), *about)


def _of_effect(
    own: PersonValues,
    effect: EffectValues,
    wtp: tuple[float, float],
    smallest: int,
    replicates: int,
    luck: np.random.Generator,
    is_imputed: bool,
    is_nested: bool,
) -> list[PairResult]:
    wtp_values = [wtp[0] + (wtp[1] - wtp[0]) * k / 4 for k in range(5)] if effect.of == "qaly" else []
    grid = np.linspace(*wtp, GRID) if effect.of == "qaly" else np.zeros(0)
    imputes = is_imputed and effect.scores is not None
    own_columns = [own.register] if imputes else [x for x in (effect.value, effect.start) if x is not None]
    observed = ~np.isnan(np.column_stack([*own.cost.values(), own.covariates, *own_columns])).any(axis=1)
    people = _people(own, effect, observed, smallest)
    by_view: Iterable[tuple[str, Differences]] = (
        imputed_differences(own, effect, observed, wtp_values, replicates, luck, is_nested=is_nested).items()
        if imputes
        else _complete(own, effect, observed, wtp_values, replicates, luck)
    )
    return [
        PairResult(
            view,
            effect.name,
            effect.label,
            effect.of,
            people,
            interval(one.cost, one.costs),
            interval(one.effect, one.effects),
            ratio_interval(one.cost, one.effect, one.covariance),
            quadrants(one.costs, one.effects),
            (tuple(grid.tolist()), tuple(float((one.effects * x - one.costs > 0).mean()) for x in grid)),
            tuple(NetBenefit(*each) for each in one.benefits),
            density(one.costs, one.effects),
        )
        for view, one in by_view
    ]


def _people(own: PersonValues, effect: EffectValues, observed: np.ndarray, smallest: int) -> tuple[int, int]:
    group = own.in_programme[observed]
    people = (int((group == 0).sum()), int((group == 1).sum()))
    if min(people) < smallest:
        raise ScenarioError(
            f"'{effect.name}' is observed of too few people",
            value=" and ".join(f"<{smallest}" if one < smallest else str(one) for one in people),
            rule=f"at least {smallest} people in each group with cost, effect and covariates",
            way_out="look for what is missing with `costeff trial check`",
        )
    return people


def _complete(
    own: PersonValues,
    effect: EffectValues,
    observed: np.ndarray,
    wtp_values: Sequence[float],
    replicates: int,
    luck: np.random.Generator,
) -> Iterator[tuple[str, Differences]]:
    """Of people with everything observed, with replicates of the bootstrap by group."""
    group = own.in_programme[observed]
    smaller = np.column_stack([np.ones(len(group)), group, own.covariates[observed]])
    larger = np.column_stack([smaller, *([] if effect.start is None else [effect.start[observed]])])
    cost, value = np.stack([one[observed] for one in own.cost.values()], axis=1), effect.value[observed]
    scale, spread = cost.std(axis=0), float(value.std()) or 1.0
    scale = np.where(scale > 0, scale, 1.0)
    products = resampled_products(np.column_stack([larger, cost / scale, value / spread]), group, replicates, luck)
    at, end = larger.shape[1], larger.shape[1] + cost.shape[1]
    for i, view in enumerate(own.cost):
        fit = seemingly_unrelated(smaller, cost[:, i] / scale[i], larger, value / spread)
        units = np.array([scale[i], spread])
        ours = adjusted_pairs(products, smaller.shape[1], at, at + i, end)
        fits = net_benefits(larger, cost[:, i], value, wtp_values)
        yield (
            view,
            Differences(
                fit.cost * scale[i],
                fit.effect * spread,
                fit.covariance * units[:, None] * units,
                ours[0] * scale[i],
                ours[1] * spread,
                tuple((float(x), one.difference, one.error) for x, one in zip(wtp_values, fits, strict=True)),
            ),
        )


def interval(value: float, replicates: np.ndarray) -> Interval:
    """A difference with the standard deviation and the 2.5 and 97.5 percentiles of its replicates."""
    low, high = np.percentile(replicates, ENDS)
    return Interval(value, float(replicates.std(ddof=1)), float(low), float(high))


def density(cost: np.ndarray, effect: np.ndarray) -> Density:
    """Replicates counted in bins between the 0.5 and 99.5 percentiles; bins of fewer than ten are empty.

    So neither a replicate nor the farthest of them can be read from it.
    """
    bins = max(round(len(cost) ** 0.5 / 5), 4)
    ends = [np.percentile(one, (0.5, 99.5)).tolist() for one in (cost, effect)]
    edges = [np.linspace(low, high, bins + 1) for low, high in ends]
    counts, *_ = np.histogram2d(cost, effect, edges)
    counts[counts < FEWEST_IN_BIN] = 0
    middles = [tuple(((e[1:] + e[:-1]) / 2).tolist()) for e in edges]
    return Density(middles[0], middles[1], counts / len(cost))
