"""Amounts by person and date: which formulas count for each person, and when what they read changes.

An amount may read attributes of the person, values that a rule set gives by date, and `year`, the whole years since
entry. Such an amount is counted person by person while people live; any other one prices time and events afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from costeff.model.dates import cycles_between
from costeff.model.formulas.expression import Expression
from costeff.model.memory import once_a_model

if TYPE_CHECKING:
    from costeff.model.data import ModelData

YEAR = "year"
"""Whole years since entry, in amounts and definitions."""


def names_in(formula: Expression) -> frozenset[str]:
    """Names that a formula reads, columns of tables that may be names among them."""
    return formula.names | {column for _, column in formula.column_names}


@once_a_model
def individual_names(model: ModelData) -> frozenset[str]:
    """Attributes and their categories."""
    return frozenset(a.name for a in model.attributes) | frozenset(model.categories)


@once_a_model
def changing_names(model: ModelData) -> frozenset[str]:
    """Names whose value changes on the way: those with a date, `year`, and definitions that read one."""
    names = frozenset((*model.dated, YEAR))
    for name, formula in model.definitions.items():
        if names & names_in(formula):
            names |= {name}
    return names


def changes(model: ModelData, formula: Expression) -> bool:
    """Whether the value of a formula changes on the way."""
    return bool(names_in(formula) & changing_names(model))


def counted(model: ModelData, formula: Expression) -> bool:
    """Whether an amount is counted for each person, or at each date, and not priced afterwards."""
    return bool(names_in(formula) & (individual_names(model) | changing_names(model)))


def schedule(model: ModelData, name: str) -> tuple[tuple[int, str], ...]:
    """From which cycle since entry each parameter stands for a dated name: (cycle, parameter), the first at most 0.

    Empty where nothing is in force on the date of entry.
    """
    entry = dt.date.fromisoformat(model.conventions.entry_date)
    per_year = model.conventions.cycles_per_year
    steps = [(cycles_between(entry, date, per_year), parameter) for date, parameter in model.dated[name]]
    begins = [i for i, (cycle, _) in enumerate(steps) if cycle <= 0]
    return tuple(steps[begins[-1] :]) if begins else ()


def rule_starts(model: ModelData, formulas: Iterable[Expression]) -> tuple[int, ...]:
    """Cycles at which what `formulas` read changes within the horizon, 0 first: where a rule period begins.

    A date in force from cycle c on holds in that cycle; a year begins every `cycles_per_year` cycles.
    """
    read = frozenset[str]().union(*map(names_in, formulas))
    ahead = [model.definitions[name] for name in read & set(model.definitions)]
    while ahead:  # through definitions too
        fresh = names_in(ahead.pop()) - read
        read |= fresh
        ahead += [model.definitions[name] for name in fresh & set(model.definitions)]
    horizon, per_year = model.conventions.horizon, model.conventions.cycles_per_year
    starts = {0}
    for name in sorted(read & set(model.dated)):
        starts |= {cycle for cycle, _ in schedule(model, name) if 0 < cycle < horizon}
    if YEAR in read:
        starts |= set(range(0, horizon, per_year))
    return tuple(sorted(starts))
