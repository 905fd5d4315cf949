"""A programme on top of another: everybody whom the case serves has the other programme too, with and without this one.

The other's effect is that of its own case, by draw, and holds under both strategies from the day on which people enter,
so that ratios of the two multiply. Its costs are the same on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.errors import ScenarioError
from costeff.evidence.draw import Design
from costeff.investment.choice import check_alike
from costeff.model.data import ModelData
from costeff.model.elements import TIME, StrategyEffect
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.model.names import simulation_names

if TYPE_CHECKING:
    from costeff.investment.case import Case
    from costeff.investment.case_plan import CasePlan

APART = 1_000_003
"""What is added to the seed where the effect of the programme below is drawn, so that the two are independent."""


def design_below(design: Design) -> Design:
    """How the effect of the programme below is drawn."""
    return Design(design.seed + APART, design.method, design.replicates)


def effect_names(model: ModelData) -> frozenset[str]:
    """Parameters that move people by the programme's effect alone."""
    every = {one.name: getattr(model, one.name) for one in fields(ModelData)}
    return simulation_names(model) - simulation_names(ModelData(**{**every, "strategy_effects": ()}))


def in_the_same_place(other: Case, case: Case) -> Case:
    """The other case with the local base rate of this one, where it says none itself; its effect is the evidence's."""
    if other.belief is not None or case.belief is None:
        return other
    return replace(other, belief=replace(case.belief, believes=False, translation=None))


def check_on_top(case: Case, other: Case) -> None:
    """Raise CosteffError for a case that cannot lie on top of the other: one world, and everybody has the other."""
    where = case.places.get("on_top_of")
    check_alike([other, case])

    def refuse(what: str, value: object, rule: str, way_out: str) -> None:
        raise ScenarioError(what, where=where, value=value, rule=rule, way_out=way_out)

    if other.on_top_of:
        rule = "two programmes are looked at together"
        refuse("the programme below lies on top of a third", other.on_top_of, rule, "name a case that stands alone")
    if other.capacity is not None or set(other.fidelity) != {1.0}:
        rule = "everybody has the programme below from the day they enter, and at its full effect"
        value = "capacity" if other.capacity is not None else f"fidelity {other.fidelity}"
        refuse("the programme below does not reach everybody alike", value, rule, "take it out of the other case")
    if any(mine > theirs + 1e-9 for mine, theirs in zip(case.takers, other.takers, strict=True)):
        value = f"{sum(case.takers):g} here, {sum(other.takers):g} there"
        rule = "whoever has this programme has the one below, so that in no quarter more begin this one"
        refuse("more citizens than the programme below has", value, rule, "raise its `inflow`, or lower this one's")
    here, there = (_today(one) for one in (case, other))
    if here != there:
        rule = "both are looked at in the same municipality, with the same figure for today"
        refuse("the two cases say different things of today", f"{here} here, {there} there", rule, "write one `today`")


def _today(case: Case) -> tuple[object, ...] | None:
    belief = case.belief
    return None if belief is None else (belief.measure, belief.weeks, belief.passage, belief.today)


def with_effect_of(model: Model, other: CasePlan, where: Any = None) -> tuple[Model, dict[str, np.ndarray]]:
    """The model in which the other plan's programme holds under every strategy, and its ratios as parameters (D,).

    Raises ScenarioError for an effect that is no ratio on a hazard by time since entry.
    """
    programme = other.models.programme
    env = parameter_environment(other.model, other.draws, other.tables, other.size)
    effects: list[StrategyEffect] = []
    ratios: dict[str, np.ndarray] = {}
    for number, effect in enumerate(other.model.strategy_effects):
        if effect.strategy != programme or effect.reform:
            continue
        plain = effect.scale == "hazard" and not effect.categories and effect.clock == TIME
        if not plain or model.windows != other.model.windows:
            raise ScenarioError(
                "the effect of the programme below cannot be laid under another",
                where=where,
                value=", ".join(effect.legs),
                rule="ratios on hazards, alike for all, by time since entry",
                way_out="look at the two alone",
            )
        names = [f"below_{number}_{window}" for window in range(len(effect.ratio))]
        ratios |= {name: _column(formula, env, other.size) for name, formula in zip(names, effect.ratio, strict=True)}
        by_window = tuple(Expression(name) for name in names)
        effects += [StrategyEffect(name, effect.legs, by_window, reform=True) for name in model.strategy_names]
    return replace(model, strategy_effects=(*model.strategy_effects, *effects)), ratios


def _column(formula: Expression, env: Mapping[str, Any], size: int) -> np.ndarray:
    return np.broadcast_to(np.asarray(formula.evaluate(env), float).reshape(-1), (size,)).copy()
