"""Full-time persons on each benefit by calendar year, as the public statistic counts them, and a case's change of them.

A person in a state for all weeks of a year is one full-time person; weeks in which the benefit is refunded to an
employer count, and graded weeks count whole. Sizes: Y calendar years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.ledger import effects
from costeff.model.elements import NO_LABEL, Effect, Term
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.investment.case import Level
    from costeff.investment.result import CaseResultData


@dataclass(frozen=True, eq=False)
class LevelChange:
    """How many more full-time persons (below 0: fewer) are on a benefit in each year, as the mean of draws."""

    level: Level
    change: np.ndarray  # (Y,)

    @property
    def share(self) -> float:
        """The largest change against the present level; NaN where that is not stated."""
        now = self.level.now
        return float(np.abs(self.change).max()) / now if now else float("nan")


def level_changes(result: CaseResultData) -> list[LevelChange]:
    """The change of every level that the case names, in its order; none without its simulation."""
    levels = result.case.levels
    if result.priced is None or not levels:
        return []
    weeks = time_in(result, [level.states for level in levels])
    return [LevelChange(level, weeks[i]) for i, level in enumerate(levels)]


def time_in(result: CaseResultData, groups: Sequence[Sequence[str]]) -> np.ndarray:
    """Full-time persons in each group of states, the programme less usual care, (groups, Y): the mean of draws."""
    pricing = result.with_prices()
    plan, quantities = pricing.plan, pricing.done.quantities
    counts = tuple(
        Effect(f"level_{i}", NO_LABEL, "cycles", "more", terms=(Term(tuple(states), Expression(1)),))
        for i, states in enumerate(groups)
    )
    environment = parameter_environment(plan.model, plan.draws, plan.tables, plan.size)
    model = replace(plan.model, effects=counts)
    per_year = plan.model.conventions.cycles_per_year
    years = np.zeros((len(groups), len(result.years)))
    for year in range(len(result.years)):
        here = np.flatnonzero(pricing.period_year == year)
        part = replace(quantities, time=quantities.time[..., here, :], events=quantities.events[..., here, :])
        value = effects(model, plan.layout, environment, part, 0).value
        years[:, year] = (value[:, 1 - plan.usual] - value[:, plan.usual]).mean(axis=0) / per_year
    return years
