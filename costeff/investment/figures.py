"""Every figure behind a case, with its kind and source: the model's, the case's own, and the dated rules'."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from costeff.evidence import Changes, Setter
from costeff.evidence.listing import frame_of, parameter_rows
from costeff.investment.case import QUARTER_WEEKS, QUARTERS, Basis, Case
from costeff.investment.check_case import formulas

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from costeff.investment.pricing import Priced


def as_repriced(pricing: Priced, values: Mapping[str, np.ndarray]) -> Priced:
    """With evidence that says which parameters `reprice` gave other values; their mean where they differ by draw."""
    by = Setter("program", "reprice")
    new_evidence = []
    for evidence in pricing.evidence:
        figures = {name: float(v.mean()) for name, v in values.items() if name in evidence.parameters}
        new_evidence.append(evidence.override(Changes(figures, by)) if figures else evidence)
    return replace(pricing, evidence=tuple(new_evidence))


def differences(pricing: Priced, case: Case, repriced_names: Collection[str] = ()) -> pd.DataFrame:
    """What was set in the place of the model's figures; of dated rules too, which is said in the note."""
    import pandas as pd

    tables = [evidence.differences() for evidence in pricing.evidence]
    frame = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    if pricing.rules is not None and len(frame):
        rule_names = {parameter.name for _, parameter in pricing.rules.parameters()} & {*case.set, *repriced_names}
        remark = f"; it holds at all dates, in the place of rule set {pricing.rules.name!r}"
        frame["note"] = [
            note + remark * (name in rule_names) for name, note in zip(frame["name"], frame["note"], strict=True)
        ]
    return frame


def sources(pricing: Priced, case: Case, repriced_names: Collection[str] = ()) -> pd.DataFrame:
    """One row per figure, as `Evidence.parameter_table` has them, with `origin` (model, case or rules) and, for rules,
    the date `since` which it holds. Figures of the case without a `basis` are assumptions that say so. Rows of rules
    whose place the case's `set` or `reprice` has taken are left out.
    """
    import pandas as pd

    tables = []
    for origin, evidence in zip(("model", "case"), pricing.evidence, strict=False):
        if evidence.parameters:
            tables.append(evidence.parameter_table().assign(origin=origin, since=""))
    sources_by_key = pricing.evidence[-1].sources if pricing.evidence else {}
    rows = []
    for name, value, unit, basis in case_figures(case, pricing.plan.model.conventions.currency):
        own_sources = [sources_by_key[key] for key in basis.source if key in sources_by_key]
        rows.append(
            {
                "name": name,
                "value": value,
                "unit": unit,
                "lo": value,
                "hi": value,
                "distribution": "fixed",
                "kind": basis.kind,
                "source": "; ".join(s.title for s in own_sources),
                "address": "; ".join(s.address for s in own_sources if s.address),
                "note": basis.note,
                "origin": "case",
                "since": "",
            }
        )
    tables.append(pd.DataFrame(rows))
    if pricing.rules is not None:
        dated = [
            (date, parameter)
            for date, parameter in pricing.rules.parameters()
            if parameter.name not in case.set and parameter.name not in repriced_names
        ]
        # A name stands once for each date, so the rows are made one by one.
        by_date = parameter_rows([parameter for _, parameter in dated], {}, pricing.rules.sources)
        since = [date.isoformat() for date, _ in dated]
        tables.append(frame_of(by_date).assign(origin="rules", since=since))
    return pd.concat([table for table in tables if len(table)], ignore_index=True)


def case_figures(case: Case, currency: str) -> Iterator[tuple[str, float, str, Basis]]:
    """(name, value, unit, basis) of each figure stated outside the parameters, by year where it changes."""

    def basis(key: str) -> Basis:
        return case.basis.get(key, Basis())

    def yearly(name: str, values: tuple[Any, ...], unit: str, key: str) -> Iterator[tuple[str, float, str, Basis]]:
        if len(set(values)) == 1:
            yield name, float(values[0]), unit, basis(key)
            return
        for year, value in zip(case.calendar, values, strict=True):
            yield f"{name} {year}", float(value), unit, basis(key)

    ramp = (*case.ramp_up, *(1.0 for _ in case.planned[len(case.ramp_up) :]))
    as_read = case.inflow == tuple(n * share for n, share in zip(case.planned, ramp, strict=False))
    quarters = case.planned if as_read else case.inflow
    by_year = tuple(sum(quarters[QUARTERS * y : QUARTERS * (y + 1)]) for y in range(case.years))
    yield from yearly("inflow", by_year, "citizens a year", "inflow")
    for number, share in enumerate(case.ramp_up if as_read else (), start=1):
        yield f"ramp-up, quarter {number}", share, "share", basis("inflow")
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
    for year, growth in case.price_index.items():
        yield f"price_index {year}", growth, "ratio to the year before", basis("price_index")
    for name, formula in formulas(case).items():
        if formula.is_constant:
            unit = "share" if name.startswith(("departments.", "replaces.")) else currency
            yield name, float(formula.evaluate({})), unit, basis("programme")
