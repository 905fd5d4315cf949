"""Anchored in tables that are wrong in one known way, and in cash flows whose parts cancel by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from case_example import example_cash
from openpyxl.chart import BarChart
from test_soem import GOOD, HEAD, refused

from costeff.errors import ScenarioError
from costeff.investment.soem.form_of_costs import Price, soem_result
from costeff.investment.soem.read import read_soem
from costeff.investment.soem.words import soem_text
from costeff.investment.soem.write import soem_case_of, write_soem


@pytest.mark.parametrize("text", ["", "\n", " , ,\n,,\n"])
def test_an_empty_table_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        read_soem(file)
    assert str(told.value).startswith("table.csv: the table is empty")
    assert "Rule: a heading row, then one row for each number" in str(told.value)


def test_what_no_text_may_hold_is_told_with_its_column(tmp_path: Path) -> None:
    rows = [GOOD[0].replace("sick-listed", "sick\u202elisted"), *GOOD[1:]]
    message = refused(tmp_path, *rows)
    assert "table.csv, line 2: column C: a character that no text may hold, U+202E" in message
    assert "\u202e" not in message


def test_empty_columns_at_the_end_are_no_headings(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("\n".join([f"{HEAD},,", *GOOD]), encoding="utf-8")
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join([HEAD, *GOOD]), encoding="utf-8")
    assert read_soem(file) == read_soem(plain)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("setting,title,Ours,,,1,,,", "line 11: column F (value): the cell is not used by this setting (value: 1)"),
        ("setting,price_level,2026,,,,,,", "line 7: column F (value): the cell is empty"),
    ],
)
def test_a_setting_stands_in_its_own_column(tmp_path: Path, row: str, said: str) -> None:
    rows = [*GOOD[:5], *([row, *GOOD[6:]] if "price_level" in row else [*GOOD[5:], row])]
    message = refused(tmp_path, *rows)
    assert said in message
    assert "Way out: " in message


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    """What is there and is no file keeps its own message: only what is absent is told what is shipped."""
    with pytest.raises(ScenarioError) as told:
        read_soem(tmp_path)
    assert "shipped" not in str(told.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target_group": " "}, "no target group"),
        ({"costs": "x"}, "an item's name is empty or has spaces around it (value: ' programme')"),
        ({"costs": "inf"}, "the amount of 'programme' is not a finite number (value: inf)"),
    ],
)
def test_a_calculation_of_ones_own_is_checked(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text("\n".join([HEAD, *GOOD]), encoding="utf-8")
    case = read_soem(file)
    (cost,) = case.costs
    wrong = {
        "x": {"costs": (replace(cost, item=" programme"),)},
        "inf": {"costs": (replace(cost, amount=float("inf")),)},
    }
    with pytest.raises(ScenarioError) as told:
        soem_result(replace(case, **wrong.get(changes.get("costs", ""), changes)))
    assert said in str(told.value)
    assert "Rule: " in str(told.value)
    assert "Way out: " in str(told.value)


def test_a_further_payer_has_its_label_or_its_name(tmp_path: Path) -> None:
    """200,000 by a fund and a region's insurer: a name with a label, and one without, in their own columns."""
    file = tmp_path / "table.csv"
    further = ["payer,fund,The fund,,,,,,", "payer,insurer,,,,,,,"]
    costs = [f"cost,{name}s,,2026,{name},200000,,," for name in ("fund", "insurer")]
    file.write_text("\n".join([HEAD, *GOOD, *further, *costs]), encoding="utf-8")
    text = soem_text(soem_result(read_soem(file)), "en").replace("\u00a0", " ")
    lines = {line.split("  ")[0]: line for line in text.splitlines() if "200,000" in line}
    assert {"The fund", "insurer"} <= set(lines)


def workbook(folder: Path) -> Path:
    file = folder / "case.xlsx"
    write_soem(read_soem("tki2012"), file)
    return file


def test_two_sheets_with_a_table_are_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path)
    book = openpyxl.load_workbook(file)
    book.active.title = "SOEM"
    book.create_sheet("SØM")
    book.save(file)
    with pytest.raises(ScenarioError) as told:
        read_soem(file)
    assert "case.xlsx" in str(told.value)
    assert "two sheets hold a table (value: SOEM, SØM)" in str(told.value)
    assert "Way out: delete or rename one of them" in str(told.value)


def test_the_first_visible_sheet_is_read_and_a_chart_is_none(tmp_path: Path) -> None:
    """A book whose only sheet to look at is a chart has no table; with the sheet shown it is read."""
    file = workbook(tmp_path)
    book = openpyxl.load_workbook(file)
    book.active.title = "Ours"
    book.create_chartsheet("Chart").add_chart(BarChart())
    book.save(file)
    assert read_soem(file) == read_soem("tki2012")
    book["Ours"].sheet_state = "hidden"
    book.active = 1
    book.save(file)
    with pytest.raises(ScenarioError) as told:
        read_soem(file)
    assert "no sheet to read (value: Ours, Chart)" in str(told.value)
    assert "Way out: show the sheet, or name it so" in str(told.value)


def test_a_year_without_change_has_no_row() -> None:
    """What is the same with and without the programme in a year is neither a cost nor a consequence of that year."""
    cash = example_cash(draws=2)
    refund = next(i for i, one in enumerate(cash.lines) if one.item == "refund")
    programme = cash.programme.copy()
    programme[:, 1, refund] = cash.usual[:, 1, refund]
    case = soem_case_of(
        replace(cash, programme=programme),
        {"municipality": ("mso", "msb", "treasury")},
        title="t",
        target_group="g",
        participants=10.0,
        discount_rate=0.035,
    )
    years = [one.year for one in case.consequences if one.item == "refund municipality"]
    assert years == [2026, 2028, 2029, 2030]
    assert Price("refund municipality", "municipality", 1.0, 2026) in [
        replace(one, label="", source="") for one in case.prices
    ]
