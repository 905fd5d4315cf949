"""What it does to lose people from sight to costs: of those seen to the end alone, and of everybody's weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.errors import ResultError
from costeff.rules import RuleSet
from costeff.trial.evaluation.censored import CensoredMean, FollowedCosts, censored_mean
from costeff.trial.extract import WEEKS_OF_COST, Extract
from costeff.trial.lives import UNSEEN
from costeff.trial.pricing import Prices
from costeff.trial.results import costs_by_part

EDGES = np.array([0, 13, 26, 39, WEEKS_OF_COST])


@dataclass(frozen=True)
class LostRow:
    """Differences in cost of a perspective, not adjusted, with their errors: of those seen to the end, and by both
    estimators of everybody."""

    perspective: str
    complete: tuple[float, float]
    lin: tuple[float, float]
    weighted: tuple[float, float]


def lost_rows(
    extract: Extract, prices: Prices, rules: RuleSet | None, luck: np.random.Generator
) -> tuple[LostRow, ...]:
    """By perspective; nothing where fewer than the plan's smallest cell of a group were lost, or a part is unseen."""
    plan = extract.plan
    groups = (plan.strategies[0], plan.strategies[-1])
    follow_ups = [follow_up(extract, name) for name in groups]
    if max(int((~has_died & (weeks < WEEKS_OF_COST)).sum()) for weeks, has_died in follow_ups) < plan.smallest_cell:
        return ()
    costs = [costs_by_part(extract, prices, rules, name, EDGES) for name in groups]
    rows = []
    for view in plan.perspectives:
        own = [FollowedCosts(costs[g][view], *follow_ups[g], EDGES) for g in (0, 1)]
        try:
            means = [censored_mean(one, luck) for one in own]
        except ResultError:
            return ()
        rows.append(_row(view, own, means))
    return tuple(rows)


def follow_up(extract: Extract, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(whole weeks (N,) in sight and alive, who has died (N,)) of a group, within the weeks in which costs count."""
    weeks = extract.trial.weeks[extract.trial.group(name)][:, :WEEKS_OF_COST]
    names = extract.study.model.state_names
    is_dead = weeks == names.index("dead") if "dead" in names else np.zeros(weeks.shape, bool)
    return np.asarray(((weeks != UNSEEN) & ~is_dead).sum(axis=1)), np.asarray(is_dead.any(axis=1))


def _row(view: str, own: list[FollowedCosts], means: list[CensoredMean]) -> LostRow:
    seen_whole = [one.cost.sum(axis=1)[one.has_died | (one.seen >= WEEKS_OF_COST)] for one in own]
    errors = [float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else np.nan for values in seen_whole]
    first, last = means
    return LostRow(
        view,
        (float(seen_whole[1].mean() - seen_whole[0].mean()), float(np.hypot(errors[0], errors[1]))),
        (last.lin - first.lin, float(np.hypot(first.lin_error, last.lin_error))),
        (last.weighted - first.weighted, float(np.hypot(first.weighted_error, last.weighted_error))),
    )
