"""The amounts that a case states, for the head of its pages: citizens, posts and kroner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from costeff.investment.case import QUARTERS
from costeff.investment.report.amounts import TypedAmount
from costeff.labels import Label, same

if TYPE_CHECKING:
    from costeff.investment.case import Case


def typed_amounts(case: Case, labels: Mapping[str, Label]) -> list[TypedAmount]:
    """Every amount of the case's file, in the order of its keys; `labels` are those of parameters.

    A cost that is a formula is left out: the case's own parameters are named with their values. What the case sets in
    the place of the model's figures is said apart, beside the model's.
    """
    figures = [*_stated(case)]
    for name, parameter in case.parameters.items():
        label = labels.get(name) or same(name.replace("_", " "))
        figures.append(TypedAmount("own", (parameter.value,), unit=parameter.unit, label=label))
    return figures


def _stated(case: Case) -> Iterator[TypedAmount]:
    """Citizens, posts and costs."""
    years = case.calendar
    quarters = case.planned or case.inflow
    offers = tuple(sum(quarters[i : i + QUARTERS]) for i in range(0, len(quarters), QUARTERS))
    yield TypedAmount("offered", offers, years)
    programme = case.programme
    for key in ("variable", "fixed", "per_consultant"):
        formula = getattr(programme, key)
        if formula is not None and formula.is_constant:
            yield TypedAmount(key, (float(formula.evaluate({})),))
    for year, formula in programme.start_up.items():
        if formula.is_constant:
            yield TypedAmount("start_up", (float(formula.evaluate({})),), (year,))
    if case.capacity is not None:
        yield TypedAmount("consultants", case.capacity.consultants, years)
        yield TypedAmount("caseload", (case.capacity.caseload,))
