"""Checks a whole model, and a model against its evidence. Nothing is repaired; all problems come in one message.

The checks by section are in check_structure, check_formulas and check_ledger; what is written twice is found by
check_doubles, what is missing or lost by check_complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from costeff.errors import CosteffError, EvidenceError
from costeff.model.checks import against_evidence as check_values
from costeff.model.checks import amounts as check_amounts
from costeff.model.checks import complete as check_complete
from costeff.model.checks import doubles as check_doubles
from costeff.model.checks import formulas as check_formulas
from costeff.model.checks import histories as check_histories
from costeff.model.checks import ledger as check_ledger
from costeff.model.checks import plausible as check_plausible
from costeff.model.checks import structure as check_structure
from costeff.model.checks import system as check_system
from costeff.model.checks import units as check_units
from costeff.model.memory import once_a_model
from costeff.model.names import CONSTANTS, Use, behind_dates, not_parameters, parameter_names, uses
from costeff.model.other_words import TIME_WORDS, time_way
from costeff.model.problems import problem, unknown
from costeff.problems import raise_all, way_to

if TYPE_CHECKING:
    from costeff.model.data import ModelData

M = TypeVar("M", bound="ModelData")
_CHECKS = (
    check_structure.conventions,
    check_structure.unique_names,
    check_structure.states,
    check_structure.population,
    check_structure.clocks,
    check_structure.exits,
    check_structure.strategies,
    check_system.arrivals,
    check_system.places,
    check_system.counted_states,
    check_system.sections,
    check_histories.counting_clocks,
    check_histories.second_clocks,
    check_histories.rests,
    check_histories.starts,
    check_histories.deliveries,
    check_histories.effects,
    check_formulas.declared_names,
    check_formulas.formula_names,
    check_formulas.constants,
    check_amounts.only_in_amounts,
    check_amounts.dates,
    check_amounts.readings,
    check_ledger.bands,
    check_ledger.flows,
    check_ledger.perspectives,
    check_ledger.effects,
    check_doubles.exits,
    check_doubles.flows,
    check_doubles.terms,
    check_complete.utilities,
    check_complete.directions,
    check_complete.programme,
    check_complete.replaced_work,
    check_complete.dead_states,
)
_CHECKS_BEFORE_USE = (
    check_doubles.deadlines,
    check_doubles.same_exits,
    check_doubles.copies,
    check_ledger.silent_perspectives,
)
"""What makes a model hardly one that is meant, although it can be computed: checked where it meets its evidence."""


class HasParameters(Protocol):
    """What a check needs of evidence: parameters with unit, value and places, tables with a unit and `columns`."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters by name."""

    @property
    def tables(self) -> Mapping[str, Any]:
        """Look-up tables by name."""


def check_model(model: ModelData) -> frozenset[str]:
    """The names of the parameters that the model's formulas read, if the model is consistent.

    Raises ModelError with place, value, rule and way out; several problems come as one error with `.problems`.
    """
    _raise_problems(model)
    return frozenset(parameter_names(model))


def check_new_model(model: ModelData) -> None:
    """Raise ModelError, as `check_model` does, unless the model is a step of one that is `checked_at_the_end`."""
    if not _is_step.get():
        _raise_problems(model)


def _raise_problems(model: ModelData) -> None:
    problems: list[CosteffError] = [error for check in _CHECKS for error in check(model)]
    raise_all(problems, "model")


_is_step = ContextVar("is_step", default=False)


@contextmanager
def checked_at_the_end() -> Iterator[Callable[[M], M]]:
    """Change a sound model in steps: what is made on the way is not checked, what is given to the function is.

    >>> from dataclasses import replace
    >>> from costeff import read_model
    >>> with checked_at_the_end() as check_whole:
    ...     model = check_whole(replace(read_model("sick_sicker"), windows=(3,)))
    >>> model.windows
    (3,)
    """

    def check_whole(model: M) -> M:
        _raise_problems(model)
        return model

    token = _is_step.set(True)
    try:
        yield check_whole
    finally:
        _is_step.reset(token)


def check_against(model: ModelData, evidence: HasParameters) -> None:
    """Every name and table that a formula reads exists in the evidence, each is read, and their units fit their use.

    Raises ModelError for what is missing (with the closest name), else EvidenceError for what is unread.
    """
    names = _names_and_units(evidence)
    fitting_names = _fitting_names(model)
    if names not in fitting_names:  # other values of the same names, as an app has them, are quick to check
        _check_names_and_units(model, evidence)
        fitting_names.add(names)
    raise_all(check_plausible.problems(model, evidence), "evidence")
    raise_all(check_values.problems(model, evidence), "model")


_Names = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, tuple[str, ...]], ...]]


def _names_and_units(evidence: HasParameters) -> _Names:
    """All that `_check_names_and_units` depends on beside the model: what evidence calls things, and their units."""
    return (
        tuple((name, parameter.unit) for name, parameter in evidence.parameters.items()),
        tuple((name, table.unit, tuple(getattr(table, "columns", ()))) for name, table in evidence.tables.items()),
    )


@once_a_model
def _fitting_names(model: ModelData) -> set[_Names]:
    """Names and units that were found to fit the model, kept with it."""
    return set()


def _check_names_and_units(model: ModelData, evidence: HasParameters) -> None:
    own, missing = not_parameters(model), dict[str, CosteffError]()
    for name in evidence.parameters:
        if name in own:
            rule = "attributes, categories, definitions and constants of a model hide a parameter of the same name"
            place = getattr(evidence.parameters[name], "place", None)
            missing[name] = problem("a parameter has a name of the model", place, name, rule, "rename one of them")
    read: set[str] = set()
    for use in uses(model):
        read |= use.expression.names | use.expression.table_names | behind_dates(model, use.expression.names)
        read |= {column for _, column in use.expression.column_names}
        for error in _missing(use, own, evidence):
            missing.setdefault(str(error.value), error)
    raise_all(list(missing.values()), "model")
    raise_all(_unread(read, evidence), "evidence")
    raise_all([error for check in _CHECKS_BEFORE_USE for error in check(model)], "model")
    raise_all(check_units.problems(model, evidence), "model")


def _time(use: Use, name: str) -> str:
    """The way out of a formula that asks for the time by another name than `t`."""
    if "t" in use.allowed:
        return f"write `t` for '{name}': it is the clock value here"
    return time_way(use.what)


def _missing(use: Use, own: frozenset[str], evidence: HasParameters) -> list[CosteffError]:
    place, text = use.expression.place, use.expression.text
    choices = (*evidence.parameters, *(use.allowed - {"t", "u", "z"}), *CONSTANTS)
    problems: list[CosteffError] = []
    for name in sorted(use.expression.names - own - set(evidence.parameters)):
        rule = f"every name in a formula is a parameter or declared in the model; the formula: {text}"
        declare = f"declare '{name}' in the parameter file"
        way_out = _time(use, name) if name in TIME_WORDS else way_to(name, choices, declare)
        problems.append(problem(f"{use.what} reads an unknown name", place, name, rule, way_out))
    problems += unknown("table", sorted(use.expression.table_names), evidence.tables, place, use.what)
    for table, column in sorted(use.expression.column_names):
        if table in evidence.tables:
            columns = (*getattr(evidence.tables[table], "columns", ()), *choices)
            problems += unknown(f"column of table '{table}'", [column], columns, place, use.what)
    return problems


def _unread(read: set[str], evidence: HasParameters) -> list[CosteffError]:
    problems: list[CosteffError] = []
    for kind, things in (("parameter", evidence.parameters), ("table", evidence.tables)):
        for name, thing in things.items():
            if name not in read:
                problems.append(
                    EvidenceError(
                        f"no formula of the model reads {kind} '{name}'",
                        where=getattr(thing, "place", None),
                        value=getattr(thing, "value", None),
                        rule="every parameter and table is read by some formula",
                        way_out=f"delete it, or use it in a formula{_unused_hint(name, read, things)}",
                    )
                )
    return problems


def _unused_hint(name: str, read: set[str], elements: Mapping[str, Any]) -> str:
    """Names the formula's name that may be a misspelling of this parameter."""
    near = way_to(name, read - set(elements), "")
    return f" ({near})" if near else ""
