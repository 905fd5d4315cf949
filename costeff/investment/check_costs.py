"""Checks of what a case books: a programme paid twice, staff that nobody pays, units of its formulas, fidelity.

Where something unusual is meant, the case says so by `meant: [programme, staff, fidelity, turnover]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from costeff.errors import CosteffError, ScenarioError
from costeff.evidence import Evidence
from costeff.investment.case import Case
from costeff.investment.variants import FIDELITY
from costeff.model.checks.plausible import base_values, value_of
from costeff.model.checks.units import Need, dimensions_of
from costeff.model.elements import Flow
from costeff.model.formulas.dimension import of_unit, powers
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


def check_costs(case: Case, model: Model, evidence: Evidence) -> Iterator[CosteffError]:
    """What is wrong with the money of a case whose names are known, given its model and the model's numbers."""
    yield from _unpaid_staff(case, model, evidence)
    yield from _fidelity(case, evidence)
    yield from _units(case, model, evidence)


def _own_flows(model: Model) -> list[Flow]:
    """The model's flows of what the programme costs, savings apart."""
    return [flow for flow in model.flows if flow.programme and not flow.negative]


def paid_twice(case: Case, model: Model) -> Iterator[ScenarioError]:
    """Without `variable` the model's own programme cost stands, and consultants or a fixed cost come on top of it."""
    own = list(dict.fromkeys(flow.item for flow in _own_flows(model)))
    costs = {"fixed": case.programme.fixed, "per_consultant": case.programme.per_consultant}
    cost_names = [name for name, formula in costs.items() if formula is not None]
    if own and cost_names and case.programme.variable is None and "programme" not in case.meant:
        yield ScenarioError(
            f"the programme is paid twice: `{cost_names[0]}` stands beside the model's own cost per citizen",
            where=case.programme.place,
            value=f"{', '.join(cost_names)}; the model's {', '.join(own)}",
            rule="`variable`, per citizen who begins, replaces the model's programme flows; without it they stand",
            way_out="write `variable: 0` if the case's costs are all of it, or `meant: [programme]` if both are paid",
        )


def _unpaid_staff(case: Case, model: Model, evidence: Evidence) -> Iterator[ScenarioError]:
    """The money booked for the programme pays its consultants, as far as the model knows what a year of work costs."""
    capacity, programme = case.capacity, case.programme
    if capacity is None or programme.per_consultant is not None or "staff" in case.meant:
        return
    pay = _yearly_pay(model, evidence)
    programme_money = _booked(case, model, evidence)
    if pay is None or programme_money is None:
        return
    name, each = pay
    posts = sum(capacity.consultants) * (1 - capacity.turnover * capacity.vacancy / 52)
    if programme_money < posts * each:
        yield ScenarioError(
            "the money booked for the programme does not pay its consultants",
            where=capacity.place,
            value=f"{programme_money:,.0f} booked; {posts:g} years of work at {each:,.0f} ({name}) are "
            f"{posts * each:,.0f}",
            rule="consultants are paid by the programme's cost, over all years of the case",
            way_out=f"write `per_consultant: {name}` with `variable: 0` and `replaces`, or fewer consultants, or "
            "`meant: [staff]` if somebody else pays them",
        )


def _yearly_pay(model: Model, evidence: Evidence) -> tuple[str, float] | None:
    """The lowest amount of money per year among the model's parameters: what a year of work costs at least."""
    unit = f"{model.conventions.currency} per year"
    amounts = [(p.value, name) for name, p in evidence.parameters.items() if p.unit == unit]
    return (min(amounts)[1], min(amounts)[0]) if amounts else None


def _booked(case: Case, model: Model, evidence: Evidence) -> float | None:
    """Money for the programme over all years, every taker served; None where only a simulation can tell."""
    values = base_values(model, evidence) | {name: p.value for name, p in case.parameters.items()}
    programme = case.programme
    each = _per_citizen(model, values) if programme.variable is None else value_of(programme.variable, values)
    fixed = 0.0 if programme.fixed is None else value_of(programme.fixed, values)
    if each is None or fixed is None:
        return None
    running = sum(any(case.takers[4 * year : 4 * year + 4]) for year in range(case.years))
    return each * sum(case.takers) + fixed * running


def _per_citizen(model: Model, values: dict[str, object]) -> float | None:
    total = 0.0
    for flow in _own_flows(model):
        if flow.per != "start" or any(share.bands for share in flow.shares):
            return None
        factors: list[Expression] = [*flow.amounts.values(), *(v for share in flow.shares for v in share.values)]
        amount = 1.0
        for formula in factors:
            value = value_of(formula, values)
            if value is None:
                return None
            amount *= value
        total += amount
    return total


def _fidelity(case: Case, evidence: Evidence) -> Iterator[ScenarioError]:
    """A programme is hardly delivered better than in the trials that measured its effect."""
    parameter = evidence.parameters.get(FIDELITY)
    if "fidelity" in case.meant or (parameter is not None and parameter.meant):
        return
    base = parameter.value if parameter is not None else 1.0
    highest = max(case.fidelity, default=1.0)
    if base * highest > 1:
        where = case.places.get("fidelity") or (parameter.at("value") if parameter is not None else None)
        yield ScenarioError(
            "a fidelity above 1",
            where=where,
            value=base * highest,
            rule="1 is the programme as its trials delivered it; a share of it lies below",
            way_out="write for example 0.8, or `meant: [fidelity]` if it is to work better than in the trials",
        )


def _units(case: Case, model: Model, evidence: Evidence) -> list[CosteffError]:
    """Costs are money in the model's currency, those of consultants and fixed ones per year; shares plain numbers."""
    units = dimensions_of(model, evidence)  # the model's own problems have been told
    units.names |= {name: of_unit(p.unit) for name, p in case.parameters.items()}
    units.parameters = {**evidence.parameters, **case.parameters}
    currency, programme = model.conventions.currency, case.programme
    once, yearly = powers(**{currency: 1.0}), powers(**{currency: 1.0, "year": -1.0})
    money = Need(f"a cost is {currency}, once or per citizen", (once,))
    by_year = Need(f"a cost by year is {currency} per year", (yearly, once))
    share = Need("a share is a plain number", ((),))
    needs = [("variable", programme.variable, money), ("fixed", programme.fixed, by_year)]
    needs += [("per_consultant", programme.per_consultant, by_year)]
    needs += [(f"start_up` of `{year}", formula, money) for year, formula in programme.start_up.items()]
    needs += [(f"departments` of `{name}", formula, share) for name, formula in programme.shares.items()]
    needs += [(f"replaces` of `{item}", formula, share) for item, formula in programme.replaces.items()]
    for name, formula, need in needs:
        if formula is not None:
            units.need(formula, f"`{name}`", need, units.of(formula, f"`{name}`"))
    return units.problems
