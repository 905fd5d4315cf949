"""Anchored in the case's cash flow: LibreOffice computes the workbook again and finds it to 1 øre, and a changed price
in the workbook equals the case priced again."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office import SOFFICE, rows_after

from costeff import CaseResult, invest
from costeff.investment.invest import base_case
from costeff.investment.report.workbook import case_workbook, case_workbook_content
from costeff.investment.repricing import reprice
from costeff.model import simulation_names

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice: set SOFFICE to its path")
ØRE = 0.01
PEOPLE = 80
CASES = {
    # Rules that change inside the horizon, every kind of cost, a queue.
    "across": """
case: across
title: {en: "Case: across the reform", da: "Sag: hen over reformen"}
scenario: tki2
rules: {set: denmark_reform, regime: across}
first_year: 2026
years: 3
price_year: 2026
inflow: {2026: [0, 20, 20, 20], 2027: 60, later: 0}
uptake: {2026: 0.5, later: 0.8}
capacity: {consultants: {2026: 1, later: 1.5}, caseload: 20, course: 26, patience: 26, leaves: end_of_sickness_benefit}
programme:
  departments: {mso: programme_share_mso, msb: rest}
  variable: programme_cost * 1.1
  fixed: 50000
  per_consultant: caseworker_year
  replaces: {casework: programme_share_mso / 2}
  start_up: {2026: 100000, 2027: 20000}
run: {draws: 3, individuals: 80, seed: 3}
""",
    # The model's own programme cost, and lines that views add.
    "views": """
case: views
title: {en: "Case: all municipalities", da: "Sag: alle kommuner"}
scenario: tki2
rules: {set: denmark, regime: old}
view: all_municipalities
out_migration: 0.05
equalisation: 0.6
first_year: 2026
years: 3
price_year: 2026
inflow: {2026: 40, 2027: 20, later: 0}
programme:
  departments: {mso: 0.4, msb: rest}
  start_up: {2026: 100000}
run: {draws: 3, individuals: 80, seed: 3}
""",
}
CHANGED = {"sickness_benefit_max": 5500.0, "state_share_2": 0.45, "programme_share_mso": 0.25, "caseload": 40.0}


def put(file: Path, to: Path, values: dict[str, float]) -> None:
    """New values under every rule, as re-pricing sets them."""
    book = openpyxl.load_workbook(file)
    sheet = book["Inputs"]
    heads = next(row for row in sheet.iter_rows() if row[0].value == "Name")
    columns = [cell.column - 1 for cell in heads if str(cell.value).startswith("Value")]
    rows = {row[0].value: row for row in sheet.iter_rows()}
    for name, value in values.items():
        for column in columns:
            assert not rows[name][column].protection.locked, name
            rows[name][column].value = value
    book.save(to)


@cache
def opened(file: Path) -> Any:
    """A workbook's values, read once."""
    return openpyxl.load_workbook(file, data_only=True)


class Office:
    """The base cases, their workbooks, and what LibreOffice made of them."""

    def __init__(self, folder: Path) -> None:
        self.base: dict[str, CaseResult] = {}
        self.files: dict[str, Path] = {}
        for name, text in CASES.items():
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
            self.base[name] = base_case(folder / f"{name}.yaml", PEOPLE)
            self.files[name] = folder / f"{name}.xlsx"
            case_workbook(self.base[name], self.files[name])
            self.files[f"{name}_changed"] = folder / f"{name}_changed.xlsx"
            put(self.files[name], self.files[f"{name}_changed"], CHANGED)
        self.folder = folder
        self.made: dict[str, Path] = {}  # by LibreOffice, see conftest

    def sheet(self, name: str, sheet: str) -> list[tuple[Any, ...]]:
        return list(opened(self.made[name])[sheet].iter_rows(values_only=True))


@pytest.fixture(scope="module")
def office(offices: dict[str, Office]) -> Office:
    return offices[__name__]


def compared(office: Office, name: str, result: CaseResult) -> None:
    """Every group of parties, party and line of the cash flow, by year and as present value, each to 1 øre."""
    assert result.draws == 1
    groups = rows_after(office.sheet(name, "Result"), "Perspective")
    parties = rows_after(office.sheet(name, "Result"), "Party")
    years = rows_after(office.sheet(name, "By year"), "Gain by year")
    for group in result.groups:
        label = result.labels[group].en
        assert groups[label][2] == pytest.approx(result.npv(group)[0], abs=ØRE)
        assert years[label][:-1] == pytest.approx(result.net(group)[0], abs=ØRE)
    for party, label in result.parties.items():
        assert parties[label.en][2] == pytest.approx(result.npv([party])[0], abs=ØRE)
    cash, count = result.cash, len(result.years)
    for sheet, factor in (("Flows", 1.0), ("Flows, discounted", cash.discount)):
        rows = office.sheet(name, sheet)
        first = next(i for i, row in enumerate(rows) if row[5] == "Counts for parties") + 1
        for i, line in enumerate(cash.lines):
            row = rows[first + i]
            assert row[0] == line.item
            assert row[6 : 6 + count] == pytest.approx(cash.usual[0, :, i] * factor, abs=ØRE)
            assert row[7 + count : 7 + 2 * count] == pytest.approx(cash.programme[0, :, i] * factor, abs=ØRE)


@pytest.mark.parametrize("name", list(CASES))
def test_the_recalculated_workbook_equals_the_cash_flow(office: Office, name: str) -> None:
    compared(office, name, office.base[name])
    marked = {row[0]: row[1] for row in office.sheet(name, "Result")}
    assert (marked["Payments add up to zero"], marked["Inputs changed"]) == ("yes", 0)


@pytest.mark.parametrize("name", list(CASES))
def test_changed_prices_equal_the_case_priced_again(office: Office, name: str) -> None:
    again = reprice(office.base[name], CHANGED)
    assert abs(again.npv("public") - office.base[name].npv("public"))[0] > 100
    compared(office, f"{name}_changed", again)


@pytest.mark.parametrize("name", list(CASES))
def test_values_in_the_file_are_those_that_libreoffice_finds(office: Office, name: str) -> None:
    written = openpyxl.load_workbook(office.files[name], data_only=True)
    for sheet in written:
        for row, again in zip(sheet.iter_rows(), opened(office.made[name])[sheet.title].iter_rows(), strict=False):
            for a, b in zip(row, again, strict=False):
                if isinstance(a.value, int | float):
                    assert b.value == pytest.approx(a.value, abs=1e-3, rel=1e-9), f"{sheet.title} {a.coordinate}"
                assert not str(b.value).startswith("#"), f"{sheet.title} {a.coordinate}"


def test_prices_stand_by_the_rules_in_force(office: Office) -> None:
    """A rate that the rules set anew has a column for each, and a change under one rule leaves those before it."""
    result = office.base["across"]
    content = case_workbook_content(result)
    assert len(content.blocks) == len(result.priced.blocks) > 1
    sickness = next(p for p in content.parameters if p.name == "sickness_benefit_max")
    assert sickness.values == tuple(float(b["sickness_benefit_max"][0]) for b in result.priced.blocks)
    assert sickness.live
    moves = simulation_names(result.priced.plan.model)
    assert not {p.name for p in content.parameters if p.live} & moves
    assert {p.name for p in (*content.parameters, *content.unpriced)} >= set(result.parameters)
    assert content.periods[0].en.startswith("2026")


def test_added_lines_are_shares_of_others(office: Office) -> None:
    content = case_workbook_content(office.base["views"])
    added = {line.item: line for line in content.lines if line.of}
    assert "equalisation" in added
    assert "out_migration" in added
    assert any(name.startswith("block_grant_") for name in added)
    assert added["equalisation"].weights == (0.6, 0.6, 0.6)
    book = openpyxl.load_workbook(office.files["views"])
    rows = {str(row[0].value): row for row in book["Inputs"].iter_rows()}
    share = rows["Equalisation of municipal tax: Other municipalities (equalisation)"][1]
    assert share.value == 0.6
    assert not share.protection.locked


def test_the_mean_over_draws_stands_beside_the_base_case(office: Office) -> None:
    result = invest(office.folder / "views.yaml", progress=False)
    content = case_workbook_content(result)
    assert content.draws == 3
    assert content.perspective_means["municipal"].mean == pytest.approx(result.npv("municipal").mean())
    assert content.party_means["state"].mean == pytest.approx(result.npv("state").mean())


def test_the_base_case_is_one_draw_of_stated_values(office: Office) -> None:
    base = office.base["across"]
    stated = base.priced.evidence[0].base()
    assert base.draws == 1
    assert all(base.parameters[name].tolist() == [value] for name, value in stated.items())
