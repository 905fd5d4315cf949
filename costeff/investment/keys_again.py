"""Which lines of a case's cash flow read what has changed, so that only these are priced again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace

import numpy as np

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


Blocks = tuple[Mapping[str, np.ndarray], ...]
BESIDE_THE_BOOK = (
    *("name", "title", "author", "version", "municipality", "citizens", "about", "labels", "sources", "basis", "meant"),
    *("set", "parameters", "belief", "price_index", "view", "coverage", "equalisation", "out_migration"),
    *("places", "file", "programme"),
)
"""Fields of a case that no line is priced by: words, what is drawn (compared as draws), and views laid over the lines;
the programme is compared by itself."""


def keys_after(old: CasePlan, new: CasePlan, old_blocks: Blocks, new_blocks: Blocks) -> frozenset[Key] | None:
    """The lines that a plan of the same lives has to price when the book of another is there; None: all of them.

    The blocks are the values of either's rules, for the same periods.
    """
    if new.tables != old.tables or len(new_blocks) != len(old_blocks):
        return None
    priced_by = (f.name for f in fields(Case) if f.name not in BESIDE_THE_BOOK)
    if any(getattr(new.case, name) != getattr(old.case, name) for name in priced_by):
        return None
    same_costs = _costs(new.case) == _costs(old.case)
    if not same_costs and (
        not cost_keys(new.case, new.model)
        or [*cash_lines(new.case, new.model, new.layout)] != [*cash_lines(old.case, old.model, old.layout)]
    ):
        return None
    names = figures_that_differ(old, new, old_blocks, new_blocks)
    # Compared as a case that differs from its own plan in its programme alone.
    case = new.case if same_costs else replace(new.case, programme=replace(new.case.programme))
    return keys_again(new, case, names)


def lines_as_before(old: CasePlan, new: CasePlan, old_blocks: Blocks, new_blocks: Blocks) -> tuple[list[Line], bool]:
    """The lines that cost each citizen what they did in another plan: they read no figure that is another now. And
    whether every figure is what it was."""
    alike = new.size == old.size and new.layout is old.layout and new.tables == old.tables
    if not alike or len(new_blocks) != len(old_blocks):
        return [], False
    names = figures_that_differ(old, new, old_blocks, new_blocks)
    same_lines = [line for line in new.layout.lines if not names & names_read(new.model, _formulas(line))]
    return same_lines, not names and new.model is old.model


def figures_that_differ(old: CasePlan, new: CasePlan, old_blocks: Blocks, new_blocks: Blocks) -> set[str]:
    """Names of the figures, those of rules among them, that are others in one plan than in the other."""
    names = _names_that_differ(old.draws, new.draws)
    for one, other in zip(old_blocks, new_blocks, strict=True):
        names |= _names_that_differ(one, other)
    return names


def _costs(case: Case) -> list[tuple[str, str, str]]:
    """What the programme costs, who pays and what it replaces, as it is written."""
    programme = case.programme
    by_name = (("variable", programme.variable), ("fixed", programme.fixed), ("each", programme.per_consultant))
    alone = [("", name, str(formula)) for name, formula in by_name if formula is not None]
    by_key = (("start_up", programme.start_up), ("shares", programme.shares), ("replaces", programme.replaces))
    return alone + [(name, str(key), str(formula)) for name, formulas in by_key for key, formula in formulas.items()]


def _names_that_differ(old: Mapping[str, np.ndarray], new: Mapping[str, np.ndarray]) -> set[str]:
    """Names whose values are others, or that only one of the two has."""
    both = old.keys() & new.keys()
    others = {name for name in both if old[name] is not new[name] and not np.array_equal(old[name], new[name])}
    return others | (old.keys() ^ new.keys())


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
