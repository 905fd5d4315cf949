"""What a case changes for its citizens, by draw: effects that are sums over time or events, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.evaluation import EvaluationData
from costeff.compile.environment import parameter_environment
from costeff.errors import ResultError
from costeff.investment.report.content import EffectRow
from costeff.investment.report.effect import spread
from costeff.ledger import effects

if TYPE_CHECKING:
    from costeff.investment.quantities import CaseQuantities
    from costeff.investment.result import CaseResultData
    from costeff.model.elements import Effect


def effect_changes(
    result: CaseResultData, quantities: CaseQuantities | None = None
) -> Iterator[tuple[Effect, np.ndarray]]:
    """Each effect with its change, the case less usual care, (D,): weeks and spells of the whole case, undiscounted.

    `quantities` may be those of one target group.

    Effects that look at a first passage or at a span since entry are left out: the case is kept by calendar year. So is
    a share that reads parameters, such as an occupancy, which adds up to no number of citizens.
    """
    if result.priced is None:
        return
    plan = result.priced.plan
    of_draws = {*plan.draws, *plan.model.definitions}
    total_effects = tuple(
        e
        for e in plan.model.effects
        if e.passage is None
        and e.within is None
        and all(term.within is None for term in e.terms)
        and not (e.unit == "share" and any(term.amount.names & of_draws for term in e.terms))
    )
    if not total_effects:
        return
    environment = parameter_environment(plan.model, plan.draws, plan.tables, plan.size)
    effect_values = effects(
        plan.model, plan.layout, environment, (quantities or result.priced.done).quantities, 0, total_effects
    )
    for i, effect in enumerate(total_effects):
        yield effect, effect_values.value[:, 1 - plan.usual, i] - effect_values.value[:, plan.usual, i]


def effect_rows(
    result: CaseResultData, quantities: CaseQuantities | None = None, citizens: float = 1.0
) -> list[EffectRow]:
    """Rows of `effect_changes`, each divided by a number of `citizens`."""
    rows = []
    for effect, values in effect_changes(result, quantities):
        change = spread(values / citizens, None if result.priced is None else result.priced.plan.replicates)
        rows.append(EffectRow(effect.label, effect.unit, effect.better == "more", change.mean, change.lo, change.hi))
    return rows


def case_evaluation(result: CaseResultData, party: str, effect_name: str = "") -> EvaluationData:
    """The whole case as an evaluation: what a party (or group) pays net, present value, for one effect; by draw.

    Usual care costs and gives 0, so that a willingness to pay is weighed against what the case adds. The effect is the
    first that adds up over citizens, unless one is named. Raises ResultError where there is none.
    """
    changes = {effect.name: (effect, values) for effect, values in effect_changes(result)}
    name = effect_name or next(iter(changes), "")
    if name not in changes:
        raise ResultError(
            "no such effect of the case",
            value=name or "none",
            rule=f"effects that are sums over citizens: {', '.join(changes) or 'none'}",
        )
    effect, values = changes[name]
    plan = result.with_prices().plan
    comparator = plan.model.comparator
    programme = next(one for one in plan.model.strategy_names if one != comparator)
    labels = {one: plan.model.find("strategies", one).label for one in plan.model.strategy_names}
    none = np.zeros(result.draws)
    return EvaluationData(
        perspective=party,
        effect_name=effect.name,
        strategies=(comparator, programme),
        comparator=comparator,
        cost=np.column_stack([none, -result.npv(party)]),
        effect=np.column_stack([none, values]),
        parameters={},
        currency=result.currency,
        effect_unit=effect.unit,
        price_year=result.case.price_year,
        effect_sign=1 if effect.better == "more" else -1,
        replicates=plan.replicates,
        simulated=True,
        attrs={"labels": labels},
    )
