"""Which lines of a case's cash flow read what has changed, so that only these are priced again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields

from costeff.compile.lines import Line
from costeff.investment.case import Case
from costeff.investment.case_plan import CasePlan
from costeff.investment.costs import Key, cash_lines, cost_keys, displaced_key, displaced_lines, line_key, replaced
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

PRICED_ANEW = ("programme", "view")
"""Fields of a case that may be others than the plan's; a view is laid over the lines afterwards."""


def keys_again(plan: CasePlan, case: Case, changes: Collection[str]) -> frozenset[Key] | None:
    """The lines that read a figure of `changes`, or the programme's costs where these are others; None: all of them."""
    base = plan.case
    if any(getattr(case, f.name) is not getattr(base, f.name) for f in fields(Case) if f.name not in PRICED_ANEW):
        return None
    if case.programme is not base.programme and [*cash_lines(case, plan.model, plan.layout)] != [
        *cash_lines(base, plan.model, plan.layout)
    ]:
        return None
    names = set(changes)
    keys = {
        line_key(line)
        for line in plan.layout.lines
        if not line.flow.only_in and not replaced(case, line) and names & names_read(plan.model, _formulas(line))
    }
    own = case.programme is not base.programme or bool(names & names_read(plan.model, _of_programme(case)))
    if own:
        keys |= set(cost_keys(case, plan.model).values())
    for line in displaced_lines(case, plan.layout):
        if own or names & names_read(plan.model, _formulas(line)):
            keys.add(displaced_key(line))
    return frozenset(keys)


def names_read(model: Model, formulas: Iterable[Expression]) -> set[str]:
    """Names that formulas read, those behind the model's definitions too."""
    left = {name for formula in formulas for name in formula.names}
    names: set[str] = set()
    while left:
        name = left.pop()
        names.add(name)
        formula = model.definitions.get(name)
        if formula is not None:
            left |= set(formula.names) - names
    return names


def _formulas(line: Line) -> Iterator[Expression]:
    yield from line.amounts.values()
    for share in line.shares:
        yield from share.values


def _of_programme(case: Case) -> Iterator[Expression]:
    programme = case.programme
    for formula in (programme.variable, programme.fixed, programme.per_consultant):
        if formula is not None:
            yield formula
    for formulas in (programme.start_up, programme.shares, programme.replaces):
        yield from formulas.values()
