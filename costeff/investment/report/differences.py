"""What differs between cases: their figures and costs as stated, and the parameters that are not the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment.case import QUARTER_WEEKS, QUARTERS, Case
from costeff.investment.check_case import formulas
from costeff.investment.report.comparison_content import Difference
from costeff.labels import Label, same, worded
from costeff.reporting.numbers import MISSING, number_label, write_number
from costeff.reporting.parameter_labels import parameter_labels

if TYPE_CHECKING:
    from costeff.investment.result import CaseResultData


MOST = 30
"""Differences shown."""


def differences(results: Sequence[CaseResultData]) -> tuple[Difference, ...]:
    """Aspects of which at least two cases have different values, each value in words of both languages."""
    rows = [
        *(Difference(worded(key), _of_each(results, tell)) for key, tell in _ASPECTS),
        *_costs(results),
        *_parameters(results),
    ]
    return tuple(row for row in rows if len(set(row.values.values())) > 1)[:MOST]


def _of_each(results: Sequence[CaseResultData], tell: Callable[[Case, str], str]) -> dict[str, Label]:
    return {r.case.name: Label.by(partial(tell, r.case)) for r in results}


def _number(value: float, language: str) -> str:
    return write_number(value, language, decimals=None if value % 1 else 0)


def _by_year(values: Sequence[float], case: Case, language: str) -> str:
    """One number, or each with its year, equal neighbours joined: '2026-2028: 100; 2029-2035: 0'."""
    if len(set(values)) == 1:
        return _number(values[0], language)
    runs: list[tuple[int, int, float]] = []
    for year, value in zip(case.calendar, values, strict=True):
        if runs and runs[-1][2] == value:
            runs[-1] = (runs[-1][0], year, value)
        else:
            runs.append((year, year, value))
    return "; ".join(
        f"{first if first == last else f'{first}–{last}'}: {_number(value, language)}" for first, last, value in runs
    )


def _inflow(case: Case, language: str) -> str:
    years = [sum(case.inflow[QUARTERS * y : QUARTERS * (y + 1)]) for y in range(case.years)]
    return _by_year(years, case, language)


def _places(case: Case, language: str) -> str:
    if case.capacity is None:
        return say("no_places", language)
    places = [case.capacity.places(y) for y in range(case.years)]
    return _by_year(places, case, language)


def _weeks(case: Case, language: str) -> str:
    return MISSING if case.capacity is None else _number(case.capacity.course * QUARTER_WEEKS, language)


_ASPECTS: tuple[tuple[str, Callable[[Case, str], str]], ...] = (
    ("differs_version", lambda case, _: case.version or MISSING),
    ("differs_author", lambda case, _: case.author or MISSING),
    ("differs_scenario", lambda case, _: case.scenario),
    ("differs_citizens", lambda case, _: case.citizens or MISSING),
    ("differs_inflow", _inflow),
    ("differs_uptake", lambda case, language: _by_year(case.uptake, case, language)),
    ("differs_fidelity", lambda case, language: _by_year(case.fidelity, case, language)),
    ("places", _places),
    ("differs_course", _weeks),
)


def _costs(results: Sequence[CaseResultData]) -> list[Difference]:
    """The programme's costs and who pays them, as the cases write them."""
    formulas_by_case = {r.case.name: formulas(r.case) for r in results}
    keys = list(dict.fromkeys(key for case_formulas in formulas_by_case.values() for key in case_formulas))
    rows = []
    for key in keys:
        texts = {
            name: case_formulas[key].text if key in case_formulas else MISSING
            for name, case_formulas in formulas_by_case.items()
        }
        rows.append(Difference(worded("differs_cost", name=key), {name: same(text) for name, text in texts.items()}))
    return rows


def _parameters(results: Sequence[CaseResultData]) -> list[Difference]:
    """Parameters whose values differ between cases, by their mean over the draws."""
    draws_by_case = {r.case.name: r.parameters for r in results}
    labels: dict[str, Label] = {}
    for r in results:
        for evidence in () if r.priced is None else r.priced.evidence:
            labels = {**parameter_labels(evidence), **labels}
    rows = []
    for name in dict.fromkeys(name for values in draws_by_case.values() for name in values):
        columns = {case: np.asarray(values[name]) for case, values in draws_by_case.items() if name in values}
        first = next(iter(columns.values()))
        if len(columns) == len(draws_by_case) and all(np.array_equal(first, column) for column in columns.values()):
            continue
        value_labels = {case: _value(columns.get(case)) for case in draws_by_case}
        plain = name.replace("_", " ")
        rows.append(Difference(labels.get(name, same(plain)), value_labels))
    return rows


def _value(column: np.ndarray | None) -> Label:
    if column is None:
        return same(MISSING)
    mean = number_label(float(column.mean()))
    return worded("differs_mean", value=mean) if np.ptp(column) > 0 else mean
