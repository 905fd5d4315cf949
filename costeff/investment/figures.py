"""Every figure behind a case, with its kind and source: the model's, the case's own, and the dated rules'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from costeff.evidence import Evidence
from costeff.investment.case import QUARTER_WEEKS, QUARTERS, Basis, Case
from costeff.investment.check_case import formulas

if TYPE_CHECKING:
    import pandas as pd

    from costeff.investment.pricing import Priced


def sources(priced: Priced, case: Case) -> pd.DataFrame:
    """One row per figure, as `Evidence.parameter_table` has them, with `origin` (model, case or rules) and, for rules,
    the date `since` which it holds. Figures of the case without a `basis` are assumptions that say so.
    """
    import pandas as pd

    tables = []
    for origin, evidence in zip(("model", "case"), priced.evidence, strict=False):
        if evidence.parameters:
            tables.append(evidence.parameter_table().assign(origin=origin, since=""))
    known = priced.evidence[-1].sources if priced.evidence else {}
    rows = []
    for name, value, unit, basis in case_figures(case):
        named = [known[key] for key in basis.source if key in known]
        rows.append(
            {
                "name": name,
                "value": value,
                "unit": unit,
                "lo": value,
                "hi": value,
                "distribution": "fixed",
                "kind": basis.kind,
                "source": "; ".join(s.title for s in named),
                "address": "; ".join(s.address for s in named if s.address),
                "note": basis.note,
                "origin": "case",
                "since": "",
            }
        )
    tables.append(pd.DataFrame(rows))
    if priced.rules is not None:
        for date, parameter in priced.rules.parameters():
            one = Evidence([parameter], sources=dict(priced.rules.sources)).parameter_table()
            tables.append(one.assign(origin="rules", since=date.isoformat()))
    return pd.concat(tables, ignore_index=True)


def case_figures(case: Case) -> Iterator[tuple[str, float, str, Basis]]:
    """(name, value, unit, basis) of each figure stated outside the parameters, by year where it changes."""

    def basis(key: str) -> Basis:
        return case.basis.get(key, Basis())

    def yearly(
        name: str, values: tuple[Any, ...], unit: str, key: str
    ) -> Iterator[tuple[str, float, str, Basis]]:
        if len(set(values)) == 1:
            yield name, float(values[0]), unit, basis(key)
            return
        for year, value in zip(case.calendar, values, strict=True):
            yield f"{name} {year}", float(value), unit, basis(key)

    by_year = tuple(sum(case.inflow[QUARTERS * y : QUARTERS * (y + 1)]) for y in range(case.years))
    yield from yearly("inflow", by_year, "citizens a year", "inflow")
    yield from yearly("uptake", case.uptake, "share", "uptake")
    yield from yearly("fidelity", case.fidelity, "ratio", "fidelity")
    if (c := case.capacity) is not None:
        yield from yearly("consultants", c.consultants, "consultants", "capacity")
        yield "caseload of a consultant", c.caseload, "citizens", basis("capacity")
        yield "course", c.course * QUARTER_WEEKS, "weeks", basis("capacity")
        yield "patience", c.patience * QUARTER_WEEKS, "weeks", basis("capacity")
        yield "turnover", c.turnover, "share a year", basis("capacity")
        yield "vacancy", c.vacancy, "weeks", basis("capacity")
    for benefit, share in case.coverage.items():
        yield f"coverage {benefit}", share, "share", basis("coverage")
    if case.equalisation is not None:
        yield "equalisation", case.equalisation, "share", basis("equalisation")
    if case.out_migration:
        yield "out_migration", case.out_migration, "share a year", basis("out_migration")
    for name, formula in formulas(case).items():
        if formula.is_constant:
            unit = "share" if name.startswith("departments.") else "DKK"
            yield name, float(formula.evaluate({})), unit, basis("programme")
