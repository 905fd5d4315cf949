"""Differences in cost and effect of a trial with imputed scores: fitted to each imputation and pooled.

Replicates are of the pooled estimates, or of resampled trials in each of which scores are imputed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from costeff.trial.evaluation.imputation import IMPUTATIONS, Pooled, areas, imputed, pooled
from costeff.trial.evaluation.nested_imputation import nested_replicates
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.evaluation.regression import net_benefits, seemingly_unrelated
from costeff.trial.persons import PersonRows

MOST_NESTED = 2000


@dataclass(frozen=True, eq=False, repr=False)
class Differences(PersonRows):
    """Estimates of one perspective with their covariance (2, 2); `costs` (B,) and `effects` (B,) as they might have
    been; net benefits as (willingness to pay, value, error). It stays in the process."""

    cost: float
    effect: float
    covariance: np.ndarray
    costs: np.ndarray
    effects: np.ndarray
    benefits: tuple[tuple[float, float, float], ...]

    def people(self) -> int:
        """How many replicates there are."""
        return len(self.costs)


def imputed_differences(
    own: PersonValues,
    effect: EffectValues,
    observed: np.ndarray,
    wtp_values: Sequence[float],
    replicates: int,
    luck: np.random.Generator,
    *,
    is_nested: bool = False,
) -> dict[str, Differences]:
    """By perspective, of the people `observed` (N,) in the register: estimates by Rubin's rules.

    Scores are imputed from the register, the covariates, and the costs of the first and the last perspective, so that
    what is analysed together is imputed together. Replicates are normal (t with the pooled degrees of freedom);
    `is_nested`: at most `MOST_NESTED` resampled trials, in each of which scores are imputed once.
    """
    assert effect.scores is not None
    group, covariates = own.in_programme[observed], own.covariates[observed]
    cost = {view: values[observed] for view, values in own.cost.items()}
    ends = [cost[view] for view in dict.fromkeys((next(iter(cost)), list(cost)[-1]))]
    auxiliary = np.column_stack(
        [own.register[observed], covariates, *((c - c.mean()) / (c.std() or 1.0) for c in ends)]
    )
    scores, value = effect.scores[:, observed], effect.value[observed]
    smaller = np.column_stack([np.ones(len(group)), group, covariates])
    fits: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {view: [] for view in cost}
    benefits: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {view: [] for view in cost}
    for _ in range(IMPUTATIONS):
        full = imputed(scores, auxiliary, group, luck)
        years = np.where(np.isnan(value), areas(full, effect.weeks, effect.until), value)
        larger = np.column_stack([smaller, full[0]])
        for view, own_cost in cost.items():
            scale = own_cost.std() or 1.0
            fit = seemingly_unrelated(smaller, own_cost / scale, larger, years)
            units = np.array([scale, 1.0])
            fits[view].append((np.array([fit.cost, fit.effect]) * units, fit.covariance * units[:, None] * units))
            each = net_benefits(larger, own_cost, years, wtp_values)
            benefits[view].append((np.array([b.difference for b in each]), np.diag([b.error**2 for b in each])))
    out = {view: _differences(fits[view], benefits[view], wtp_values, replicates, luck) for view in cost}
    if not is_nested:
        return out
    table, size = np.stack(list(cost.values()), axis=1), min(replicates, MOST_NESTED)
    blocks = nested_replicates(scores, value, auxiliary, smaller, table, effect.weeks, effect.until, size, luck)
    costs, effects = (np.concatenate(each) for each in zip(*blocks, strict=True))
    return {view: replace(one, costs=costs[:, i], effects=effects[:, i]) for i, (view, one) in enumerate(out.items())}


def _differences(
    fits: list[tuple[np.ndarray, np.ndarray]],
    benefits: list[tuple[np.ndarray, np.ndarray]],
    wtp_values: Sequence[float],
    replicates: int,
    luck: np.random.Generator,
) -> Differences:
    both = _pooled(fits)
    normal = luck.multivariate_normal(np.zeros(2), both.covariance, replicates)
    heavier = np.sqrt(luck.chisquare(np.minimum(both.freedom.min(), 1e6), replicates) / min(both.freedom.min(), 1e6))
    values = both.estimate + normal / heavier[:, None]
    worth = _pooled(benefits) if len(wtp_values) else None
    return Differences(
        float(both.estimate[0]),
        float(both.estimate[1]),
        both.covariance,
        values[:, 0],
        values[:, 1],
        ()
        if worth is None
        else tuple(
            (float(x), float(worth.estimate[i]), float(worth.covariance[i, i] ** 0.5)) for i, x in enumerate(wtp_values)
        ),
    )


def _pooled(fits: list[tuple[np.ndarray, np.ndarray]]) -> Pooled:
    return pooled(np.stack([estimate for estimate, _ in fits]), np.stack([covariance for _, covariance in fits]))
