"""Costs of the programme as the case states them, where the mean of the draws is another amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.investment.costs import COSTS
from costeff.investment.report.content import StatedCost
from costeff.labels import Label, joined, same
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.investment import Case
    from costeff.investment.result import CaseResultData


VISIBLE_DIFFERENCE = 0.005
"""Relative difference between the stated amount and the mean of the draws from which on both are told."""


def stated_costs(result: CaseResultData) -> tuple[StatedCost, ...]:
    """The programme's costs whose mean over the draws differs from the amount at stated values, as stated."""
    if result.priced is None:
        return ()
    plan = result.priced.plan
    values = {
        name: np.asarray(value, float).reshape(-1)
        for evidence in result.priced.evidence
        for name, value in evidence.base().items()
    }
    base_env = parameter_environment(plan.model, {**plan.draws, **values}, plan.tables, plan.size)
    draws_env = parameter_environment(plan.model, {**plan.draws, **result.parameters}, plan.tables, plan.size)
    rows = []
    for label, formula in _costs(result.case):
        one, mean = (float(np.mean(formula.evaluate(env))) for env in (base_env, draws_env))
        if abs(mean - one) > VISIBLE_DIFFERENCE * abs(one):
            rows.append(StatedCost(label, one, mean))
    return tuple(rows)


def _costs(case: Case) -> list[tuple[Label, Expression]]:
    programme = case.programme
    formulas_by_item = [
        ("programme_variable", programme.variable),
        ("programme_fixed", programme.fixed),
        ("programme_consultants", programme.per_consultant),
    ]
    costs = [(COSTS[item], formula) for item, formula in formulas_by_item if formula is not None]
    start = COSTS["programme_start_up"]
    costs += [(joined(" ", [start, same(str(year))]), f) for year, f in programme.start_up.items()]
    return costs
