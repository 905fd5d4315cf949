"""Anchored in the cash flow: LibreOffice computes table A again, also for other citizens, prices and effects, to the
krone, and the straight line between two effects is worked out here from simulations at its ends."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from office import SOFFICE, recalculated

from costeff.catalogue import say
from costeff.investment.invest import base_case
from costeff.investment.report.department_rows import department_rows
from costeff.investment.report.effect_levels import LEVELS, MIDDLES
from costeff.investment.report.workbook import case_workbook
from costeff.investment.repricing import reprice
from costeff.investment.result import CaseResultData

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice: set SOFFICE to its path")
MORE, PEOPLE, BETWEEN = 1.5, 80, 1.1
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
PLACES = """
capacity: {consultants: 1, caseload: 18, course: 13, patience: 26, leaves: end_of_sickness_benefit}
meant: [staff]
"""
TOP = {"citizens": "Borgere, gange", "effect": "Virkning, gange"}
BOOKS: dict[str, tuple[str, dict[str, float]]] = {
    "plain": ("free", {}),
    "more": ("free", {"citizens": MORE}),
    "none": ("free", {"effect": 0.0}),
    "stronger": ("free", {"effect": 1.5, "citizens": MORE}),
    "between": ("free", {"effect": BETWEEN}),
    "beyond": ("free", {"effect": 3.0}),
    "room": ("places", {"citizens": 1.2}),
    "full": ("places", {"citizens": 1.4}),
}

Books = tuple[dict[str, CaseResultData], dict[str, Path]]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    folder = tmp_path_factory.mktemp("table")
    results = {}
    for name, more in (("free", ""), ("places", PLACES)):
        (folder / f"{name}.yaml").write_text(CASE + more, encoding="utf-8")
        results[name] = base_case(folder / f"{name}.yaml", PEOPLE)
        case_workbook(results[name], folder / f"{name}.xlsx", "da")
    for name, (source, values) in BOOKS.items():
        book = openpyxl.load_workbook(folder / f"{source}.xlsx")
        for key, value in values.items():
            cell = book["Tabel A"].cell(_row(book["Tabel A"], TOP[key]), 3)
            assert not cell.protection.locked
            cell.value = value
        book.save(folder / f"{name}.xlsx")
    book = openpyxl.load_workbook(folder / "free.xlsx")
    book["Input"].cell(_row(book["Input"], "activation_week"), 2).value = 200.0
    book.save(folder / "dearer.xlsx")
    return results, recalculated([folder / f"{name}.xlsx" for name in (*BOOKS, "dearer")], folder)


def _row(sheet: Any, text: str) -> int:
    return next(one[0].row for one in sheet.iter_rows(max_col=1) if str(one[0].value).startswith(text))


def top(path: Path) -> list[str]:
    """What stands above the table."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Tabel A"]
    texts = [str(row[0]) for row in sheet.iter_rows(values_only=True, max_col=1)]
    return texts[: texts.index("Forvaltning")]


def table(path: Path) -> dict[tuple[str, str], list[float]]:
    sheet = openpyxl.load_workbook(path, data_only=True)["Tabel A"]
    rows: list[tuple[Any, ...]] = list(sheet.iter_rows(values_only=True))
    start = next(i for i, row in enumerate(rows) if row[0] == "Forvaltning") + 1
    return {(str(row[0]), str(row[1] or "")): [float(x) for x in row[2:5]] for row in rows[start:] if row[0]}


def expected(result: CaseResultData) -> dict[tuple[str, str], np.ndarray]:
    rows = {(row.department["da"], row.area["da"]): row.net for row in department_rows(result, "municipal")}
    return {**rows, ("= I alt", ""): np.sum(list(rows.values()), axis=0)}


def same_to_the_krone(path: Path, wanted: dict[tuple[str, str], np.ndarray]) -> None:
    found = table(path)
    assert {key for key in found if any(found[key])} == {key for key in wanted if wanted[key].any()}
    for key, amounts in wanted.items():
        if amounts.any():
            assert found[key] == pytest.approx(amounts, abs=0.5), key


def simulated(result: CaseResultData, dose: float = 1.0, citizens: float = 1.0) -> CaseResultData:
    """The base case with another effect and other citizens, simulated on its own."""
    case = replace(
        result.case,
        inflow=tuple(citizens * n for n in result.case.inflow),
        planned=tuple(citizens * n for n in result.case.planned),
        fidelity=tuple(dose * f for f in result.case.fidelity),
        meant=(*result.case.meant, "fidelity"),
    )
    return base_case(case, PEOPLE, run=result.priced)


def test_table_a_is_the_cash_flow(books: Books) -> None:
    results, files = books
    same_to_the_krone(files["plain"], expected(results["free"]))


def test_half_as_many_citizens_again_are_a_case_of_as_many(books: Books) -> None:
    """No places bind in this case, so the workbook may multiply; start-up stands."""
    results, files = books
    same_to_the_krone(files["more"], expected(simulated(results["free"], citizens=MORE)))


def test_citizens_who_still_have_a_place_are_a_case_of_as_many(books: Books) -> None:
    results, files = books
    same_to_the_krone(files["room"], expected(simulated(results["places"], citizens=1.2)))
    assert say("book_places_free", "da") in top(files["room"])


def test_places_that_bind_are_told_with_the_citizens_beyond_them(books: Books) -> None:
    """15 x 1.4 = 21 come in each of eight quarters and 18 begin; amounts stay those of the case's own citizens."""
    results, files = books
    same_to_the_krone(files["full"], expected(results["places"]))
    told = next(text for text in top(files["full"]) if text.startswith("Pladserne binder"))
    assert re.findall(r"\d+", told) == ["24"]


def test_a_dearer_price_is_the_case_priced_again(books: Books) -> None:
    results, files = books
    same_to_the_krone(files["dearer"], expected(reprice(results["free"], {"activation_week": 200.0})))


def test_the_shipped_effects_are_simulations_at_them(books: Books) -> None:
    results, files = books
    same_to_the_krone(files["stronger"], expected(simulated(results["free"], 1.5, MORE)))
    assert len(LEVELS) >= 7
    assert say("book_effect_simulated", "da") in top(files["stronger"])


def test_no_effect_is_the_column_without_effect(books: Books) -> None:
    results, files = books
    idle = replace(results["free"], cash=results["free"].without_effect())
    same_to_the_krone(files["none"], expected(idle))


def test_between_two_effects_the_amounts_are_a_straight_line_and_said_to_be(books: Books) -> None:
    results, files = books
    low, high = expected(results["free"]), expected(simulated(results["free"], 1.25))
    part = (BETWEEN - 1) / 0.25
    same_to_the_krone(files["between"], {key: low[key] + part * (high[key] - low[key]) for key in low})
    assert say("book_effect_between", "da") in top(files["between"])
    assert say("book_effect_outside", "da") in top(files["beyond"])
    assert table(files["beyond"]) != table(files["plain"])


def test_the_largest_gap_to_a_simulated_middle_stands_on_the_sheet(books: Books) -> None:
    results, files = books
    result = results["free"]
    levels, middles = ([simulated(result, dose) for dose in doses] for doses in (LEVELS, MIDDLES))
    off = [
        (
            (middle.npv("municipal") - (low.npv("municipal") + high.npv("municipal")) / 2)[0],
            np.abs(middle.net("municipal") - (low.net("municipal") + high.net("municipal")) / 2).max(),
        )
        for low, middle, high in zip(levels[:-1], middles, levels[1:], strict=True)
    ]
    told = top(files["plain"])[-2]
    amounts = [int(text.replace(".", "")) for text in re.findall(r"[\d.]+(?= kr)", told)]
    assert amounts == [round(max(abs(present) for present, _ in off)), round(max(year for _, year in off))]
