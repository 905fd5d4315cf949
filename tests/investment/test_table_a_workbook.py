"""Anchored in the cash flow: LibreOffice computes table A again, also for other citizens and prices, to the krone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from office import SOFFICE, recalculated

from costeff.investment.invest import base_case
from costeff.investment.report.department_rows import department_rows
from costeff.investment.report.workbook import case_workbook
from costeff.investment.repricing import reprice
from costeff.investment.result import CaseResultData

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice: set SOFFICE to its path")
MORE, PEOPLE = 1.5, 80
CASE = """
case: table
scenario: own_programme
rules: {set: denmark, regime: old}
first_year: 2026
years: 3
price_year: 2026
inflow: 60
last_inflow: 2027
programme:
  label: Rygindsats
  departments: {employment: {share: 0.75, label: Job}, health: {share: rest, label: Sundhed}}
  variable: 12001
  start_up: {2026: 300001}
areas:
  service: {label: Service, items: [programme_variable, programme_start_up, casework, activation]}
  transfers: {label: Ydelser, items: [sickness_benefit, sickness_benefit_employer, sickness_benefit_refund]}
set: {municipal_tax: 0.256, hr_self_support: 1.3}
run: {draws: 2, individuals: 60, seed: 1}
"""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> tuple[CaseResultData, dict[str, Path]]:
    folder = tmp_path_factory.mktemp("table")
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    result = base_case(folder / "case.yaml", PEOPLE)
    case_workbook(result, folder / "plain.xlsx", "da")
    for name, sheet, row, column, value in (
        ("more", "Tabel A", None, 3, MORE),
        ("dearer", "Input", "activation_week", 2, 200.0),
    ):
        book = openpyxl.load_workbook(folder / "plain.xlsx")
        cells = book[sheet]
        heads = {str(one[0].value): one[0].row for one in cells.iter_rows(max_col=1)}
        at = heads[row] if row else next(n for text, n in heads.items() if text.startswith("Borgere, gange"))
        cells.cell(at, column).value = value
        book.save(folder / f"{name}.xlsx")
    files = [folder / f"{name}.xlsx" for name in ("plain", "more", "dearer")]
    return result, recalculated(files, folder)


def table(path: Path) -> dict[tuple[str, str], list[float]]:
    sheet = openpyxl.load_workbook(path, data_only=True)["Tabel A"]
    rows: list[tuple[Any, ...]] = list(sheet.iter_rows(values_only=True))
    start = next(i for i, row in enumerate(rows) if row[0] == "Forvaltning") + 1
    return {(str(row[0]), str(row[1] or "")): [float(x) for x in row[2:5]] for row in rows[start:] if row[0]}


def expected(result: CaseResultData) -> dict[tuple[str, str], np.ndarray]:
    rows = {(row.department["da"], row.area["da"]): row.net for row in department_rows(result, "municipal")}
    return {**rows, ("= I alt", ""): np.sum(list(rows.values()), axis=0)}


def same_to_the_krone(path: Path, result: CaseResultData) -> None:
    found, wanted = table(path), expected(result)
    assert {key for key in found if any(found[key])} == set(wanted)
    for key, amounts in wanted.items():
        assert found[key] == pytest.approx(amounts, abs=0.5), key


def test_table_a_is_the_cash_flow(books: tuple[CaseResultData, dict[str, Path]]) -> None:
    result, files = books
    same_to_the_krone(files["plain"], result)


def test_half_as_many_citizens_again_are_a_case_of_as_many(books: tuple[CaseResultData, dict[str, Path]]) -> None:
    """No places bind in this case, so the workbook may multiply; start-up stands."""
    result, files = books
    case = replace(
        result.case,
        inflow=tuple(MORE * n for n in result.case.inflow),
        planned=tuple(MORE * n for n in result.case.planned),
    )
    same_to_the_krone(files["more"], base_case(case, PEOPLE, run=result.priced))


def test_a_dearer_price_is_the_case_priced_again(books: tuple[CaseResultData, dict[str, Path]]) -> None:
    result, files = books
    same_to_the_krone(files["dearer"], reprice(result, {"activation_week": 200.0}))
