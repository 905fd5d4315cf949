"""Checks of amounts by person and date: what only an amount may read, and what an amount cannot read beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from costeff.errors import ModelError, Place
from costeff.model.amounts import YEAR, changes, changing_names, counted, names_in, schedule
from costeff.model.formulas.expression import Expression
from costeff.model.names import uses
from costeff.model.problems import problem

if TYPE_CHECKING:
    from costeff.model.data import ModelData


def only_in_amounts(model: ModelData) -> Iterator[ModelError]:
    """What changes with date or year stands in amounts, and in definitions that amounts read."""
    changing = changing_names(model)
    for use in uses(model):
        if use.owner or YEAR in use.allowed:
            continue
        for name in sorted(names_in(use.expression) & (changing - {YEAR})):
            behind = "a value by date" if name in model.dated else "a definition that changes with date or year"
            rule = f"'{name}' is {behind}: it may stand in the amounts of flows and effects"
            way_out = (
                "write it in the amount; hazards change by `windows`, people have the attributes that they enter with"
            )
            yield problem(f"{use.what} reads '{name}'", use.expression.place, use.expression.text, rule, way_out)


def dates(model: ModelData) -> Iterator[ModelError]:
    """Values by date need the date of entry, and one of them is in force then."""
    c = model.conventions
    if not model.dated:
        return
    if not c.entry_date:
        names = ", ".join(f"'{name}'" for name in model.dated)
        rule = f"{names} are read on dates, and people enter on `entry_date`"
        yield problem("`entry_date` is missing", c.place, None, rule, "add `entry_date: 2024-01-31` to `conventions`")
        return
    try:
        dt.date.fromisoformat(c.entry_date)
    except ValueError:
        return  # refused among the conventions
    for name, steps in model.dated.items():
        if not schedule(model, name):
            rule = f"rule set '{model.rules}' gives '{name}' from {steps[0][0]} on"
            way_out = "add a block with an earlier `from` to the rule set, or let people enter later"
            yield problem(f"'{name}' has no value on the date of entry", c.place, c.entry_date, rule, way_out)


def readings(model: ModelData) -> Iterator[ModelError]:
    """An amount that counts by person or date has one reading: no weight beside it, no interval of a band."""
    for flow in model.flows:
        for formula in dict.fromkeys(flow.amounts.values()):
            yield from _weight_beside(model, formula, flow.weight, f"flow '{flow.item}'", flow.place)
            if flow.per == "cycle":
                yield from _whole_cycles(model, formula, f"flow '{flow.item}'", flow.place)
    for effect in model.effects:
        what = f"effect '{effect.name}'"
        for term in effect.terms:
            place = term.place or effect.place
            yield from _weight_beside(model, term.amount, term.weight, what, place)
            if term.states:
                yield from _whole_cycles(model, term.amount, what, place)
            if "t" in term.amount.names and counted(model, term.amount):
                rule = "`t` is the first cycle of an interval of the band; people and dates are counted one by one"
                way_out = "write two terms, the second with `adds: true`; or read `year` in the place of `t`"
                yield problem(f"{what} reads `t` beside a person or date", place, term.amount.text, rule, way_out)


def _weight_beside(
    model: ModelData, formula: Expression, weight: str | None, what: str, place: Place | None
) -> Iterator[ModelError]:
    if weight is not None and counted(model, formula):
        rule = f"an amount of the person's own is written whole; `weight: {weight}` would multiply it once more"
        way_out = f"remove `weight`, and write `{weight} * ...` in the amount if it is meant"
        yield problem(f"{what} has a weight beside an amount by person or date", place, formula.text, rule, way_out)


def _whole_cycles(model: ModelData, formula: Expression, what: str, place: Place | None) -> Iterator[ModelError]:
    rule_name = model.conventions.within_cycle
    if rule_name != "none" and changes(model, formula):
        rule = (
            "a date or a year lies between two cycles, so that an amount holds for whole cycles; "
            f"`{rule_name}` would give part of a cycle the amount of the next"
        )
        way_out = "use `within_cycle: none`, with shorter cycles; or leave date and year out of the amount"
        yield problem(f"{what} changes with date or year under `{rule_name}`", place, formula.text, rule, way_out)
