"""Reads present levels of full-time persons, budgets that a case says are lowered, and money from outside."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.investment.case import Area, BudgetChange, Funding, Level
from costeff.investment.keys import BUDGET_CHANGE, FUNDING, LEVEL
from costeff.model.formula_section import FormulaSection
from costeff.problems import way_to


def read_level(name: str, block: FormulaSection) -> Level:
    """One benefit's level: the states that count, and the number of full-time persons now, where it is known."""
    block.closed(LEVEL)
    now = _amount(block, "now") if block.has("now") else None
    return Level(name, block.label(name), block.texts("states", mandatory=True), now, block.place)


def read_budget_changes(top: FormulaSection, years: tuple[int, ...], areas: Sequence[Area]) -> tuple[BudgetChange, ...]:
    """Budgets that are lowered, each in a year of the case and on one of its areas."""

    def change(block: FormulaSection) -> BudgetChange:
        block.closed(BUDGET_CHANGE)
        area, since = block.text("area"), block.whole("since", least=1900)
        names = [one.name for one in areas]
        if area not in names:
            rule = f"areas of the case: {', '.join(names) or 'none'}"
            block.refuse(
                "area", "a budget is lowered on an unknown area", rule, way_to(area, names, "name one of them")
            )
        if since not in years:
            rule = f"a calendar year of the case, {years[0]} to {years[-1]}"
            block.refuse("since", "a budget is lowered outside the case", rule, f"write for example {years[0]}")
        amount = _amount(block, "amount")
        return BudgetChange(block.text("department"), area, since, amount, block.label("", "by"), block.place)

    return top.listed("budget_changes", "budget change", change)


def read_funding(top: FormulaSection, years: tuple[int, ...]) -> tuple[Funding, ...]:
    """Money from outside, each year's amount above 0 and in a year of the case."""

    def one(block: FormulaSection) -> Funding:
        block.closed(FUNDING)
        amounts = block.block("amounts", "`amounts`")
        by_year = {}
        for key in amounts.data:
            if not str(key).isdigit() or int(str(key)) not in years:
                rule = f"calendar years of the case, {years[0]} to {years[-1]}"
                amounts.refuse(key, "funding outside the case", rule, f"write for example {years[0]}")
            by_year[int(str(key))] = _amount(amounts, key)
        if not by_year:
            block.refuse("amounts", "funding without an amount", "an amount by calendar year", "add one, or remove it")
        return Funding(block.text("from"), block.text("department"), by_year, block.label("", "by"), block.place)

    return top.listed("funding", "funding", one)


def _amount(block: FormulaSection, key: str) -> float:
    value = block.number(key)
    block.document.sure(block.data.get(key), f"`{key}`", block.line_of(key))
    if value <= 0:
        block.refuse(
            key, f"`{key}` is not above 0", "a positive number", "write what the budget is lowered by, above 0"
        )
    return value
