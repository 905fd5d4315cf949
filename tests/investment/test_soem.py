"""Anchored in the 2012 evaluation's arithmetic, in a plain-Python twin of SØM's identity, and in exact round trips."""

from __future__ import annotations

import dataclasses
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from case_example import example_result
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import soem as twin

from costeff.catalogue import say
from costeff.cli import main
from costeff.errors import ResultError, ScenarioError
from costeff.investment.cash import CashFlow, CashLine
from costeff.investment.soem.form_of_costs import PAYERS, Consequence, Cost, Price, SoemCase, soem_result
from costeff.investment.soem.read import read_soem
from costeff.investment.soem.write import case_soem, soem_case_of, soem_csv, soem_rows, write_soem

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=6)
MONEY = st.floats(-1e9, 1e9, allow_nan=False)
YEARS = st.integers(2026, 2030)


@st.composite
def cases(draw: st.DrawFn) -> SoemCase:
    payers = (*PAYERS, "fund")
    items = ["weeks on benefit", "tax"]
    keys = draw(st.lists(st.tuples(YEARS, st.sampled_from(payers), st.booleans()), unique=True, max_size=4))
    costs = tuple(Cost("programme", y, p, draw(MONEY), each, draw(TEXT)) for y, p, each in keys)
    at = draw(st.lists(st.tuples(st.sampled_from(items), YEARS), unique=True, max_size=5))
    consequences = tuple(Consequence(i, y, draw(MONEY), "weeks", draw(TEXT)) for i, y in at)
    prices = tuple(
        Price(item, payer, draw(MONEY), draw(YEARS), "", draw(TEXT))
        for item in dict.fromkeys(i for i, _ in at)
        for payer in draw(st.lists(st.sampled_from(payers), min_size=1, unique=True))
    )
    index = {year: draw(st.floats(50, 200)) for year in range(2026, 2031)}
    return SoemCase(
        draw(TEXT),
        "citizens on sickness benefit",
        draw(st.floats(0, 5000)),
        draw(st.floats(-1, 1)),
        2026,
        draw(st.floats(0, 0.2)),
        costs,
        consequences,
        prices,
        index,
        draw(st.none() | YEARS),
        {"fund": "Fund"},
        {"participants": "own count; 2026", "index 2027": "nettoprisindeks"},
    )


# -- the identity --


@given(cases())
def test_identity_against_the_twin(case: SoemCase) -> None:
    result = soem_result(case)
    plain: Any = (
        case.participants,
        case.success_difference,
        case.discount_rate,
        case.start_year,
        [(x.year, x.payer, x.amount, x.per_participant) for x in case.costs],
        [(x.item, x.year, x.amount) for x in case.consequences],
        [(x.item, x.payer, x.amount, x.price_year) for x in case.prices],
        dict(case.index),
        case.price_level,
    )
    size = 1 + float(np.abs(result.amount).sum())
    for payer in case.payers:
        assert result.net(payer) == pytest.approx(twin.net(payer, *plain), rel=1e-9, abs=1e-12 * size)
    assert result.net() == pytest.approx(sum(result.net(p) for p in case.payers), abs=1e-12 * size)
    assert result.gross() - result.cost() == pytest.approx(result.net(), abs=1e-12 * size)


def test_identity_by_hand() -> None:
    """Two years at 10 %: 50 people, 20 points more succeed, 4 then 6 weeks at 1,000 kr. of 2026, index 100 and 110."""
    case = SoemCase(
        "",
        "g",
        50,
        0.2,
        2026,
        0.1,
        (Cost("start", 2026, "municipality", 20_000), Cost("run", 2027, "municipality", 300, True)),
        (Consequence("weeks", 2026, 4), Consequence("weeks", 2027, 6)),
        (Price("weeks", "municipality", 700, 2026), Price("weeks", "state", 300, 2026)),
        {2026: 100, 2027: 110},
    )
    result = soem_result(case)
    assert result.net("state") == pytest.approx(10 * (4 * 300 + 6 * 330 / 1.1))
    assert result.net("municipality") == pytest.approx(10 * (4 * 700 + 6 * 770 / 1.1) - 20_000 - 15_000 / 1.1)
    assert result.net("region") == 0
    assert result.net("state", discounted=False) == pytest.approx(10 * (4 * 300 + 6 * 330))
    fixed = soem_result(dataclasses.replace(case, price_level=2026))
    assert fixed.net("state", discounted=False) == pytest.approx(10 * 10 * 300)


def test_tki_2012_is_reproduced() -> None:
    """About 100 citizens, 6,000 kr. each, 32,000 kr. for each extra person reported well, 3.6 m gross, 3.0 m net."""
    case = read_soem("tki2012")
    result = soem_result(case)
    assert (case.participants, result.extra_successes) == (100, 18.75)
    assert (result.cost(), result.cost_per_success) == (600_000, 32_000)
    assert (result.gross(), result.net(), result.net("municipality")) == (3_600_000, 3_000_000, 3_000_000)
    assert "test of arithmetic, not of the effect" in case.title
    assert all(part.source for part in case.parts)


# -- the exchange --


@settings(max_examples=40)
@given(cases(), st.sampled_from(["en", "da"]), st.sampled_from(["csv", "xlsx"]))
def test_round_trip_is_exact(case: SoemCase, language: str, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"case.{ending}"
        write_soem(case, file, language)
        assert read_soem(file) == case


def test_danish_table_has_danish_words_and_numbers(tmp_path: Path) -> None:
    text = soem_csv(read_soem("tki2012"), "da")
    assert text.startswith("type;post;betegnelse;år;aktør;værdi;enhed;prisår;kilde\n")
    assert "indstilling;succesforskel;;;;0,1875;" in text
    assert "omkostning pr. deltager;programme;TKI over the usual offer;2012;kommune;6000;" in text
    file = tmp_path / "da.csv"
    write_soem(read_soem("tki2012"), file, "da")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    grouped = tmp_path / "grouped.csv"
    grouped.write_text(text.replace(";192000;", ";192.000,00;"), encoding="cp1252")
    assert read_soem(grouped) == read_soem("tki2012")


def test_cash_flow_in_soem_form() -> None:
    lines = (
        CashLine("benefit", "msb", "citizen", "transfers", {"en": "Benefit", "da": "Ydelse"}),
        CashLine("refund", "state", "msb", "transfers", {"en": "Refund", "da": "Refusion"}),
        CashLine("programme", "mso", "resources", "service", {"en": "TKI2", "da": "TKI2"}, programme=True),
        CashLine("inside", "mso", "msb", "service", {"en": "Inside", "da": "Intern"}),
    )
    rng = np.random.default_rng(1)
    usual, programme = rng.uniform(0, 1e6, (2, 3, 4, 4))
    usual[..., 2] = 0
    discount = 1.035 ** -np.arange(4.0)
    cash = CashFlow((2026, 2027, 2028, 2029), lines, usual, programme, discount, 2026)
    payers = {"municipality": ("mso", "msb"), "state": ("state",)}
    case = soem_case_of(
        cash, payers, title="case", target_group="g", participants=80, discount_rate=0.035, language="da"
    )
    result = soem_result(case)
    for payer, parties in payers.items():
        expected = cash.net(parties).mean(axis=0)
        at = result.payers.index(payer)
        assert result.amount[at].sum(axis=1) == pytest.approx(expected, rel=1e-9)
        assert result.net(payer) == pytest.approx(expected @ discount, rel=1e-9)
    assert {x.item for x in case.costs} == {"programme municipality"}
    assert case.prices[0].label == "Ydelse, municipality"
    with pytest.raises(ScenarioError, match="nobody takes part"):
        soem_case_of(cash, payers, title="", target_group="g", participants=0, discount_rate=0)


def test_an_investment_case_in_soem_form() -> None:
    """The identity of the exported table gives the case's own net present value of each payer."""
    result = example_result()
    for with_tax, group in ((False, "municipal"), (True, "municipal_with_tax")):
        case = case_soem(result, "da", with_tax=with_tax)
        found = soem_result(case)
        assert found.net("municipality") == pytest.approx(result.npv(group).mean(), rel=1e-9)
        assert found.net("state") == pytest.approx(result.npv("state").mean(), rel=1e-9)
        assert case.participants == result.citizens_served
    bent = dataclasses.replace(result.cash, discount=result.cash.discount * np.linspace(1, 0.9, len(result.years)))
    with pytest.raises(ScenarioError, match="the discount rate changes within the horizon"):
        case_soem(dataclasses.replace(result, cash=bent))


# -- what is refused --

HEAD = "record,item,label,year,payer,value,unit,price_year,source"
GOOD = [
    "setting,target_group,sick-listed,,,,,,",
    "setting,participants,,,,100,,,",
    "setting,success_difference,,,,0.1,,,",
    "setting,start_year,,,,2026,,,",
    "setting,discount_rate,,,,0.035,,,",
    "setting,price_level,,,,2026,,,",
    "cost,programme,,2026,municipality,600000,,,",
    "consequence,weeks,,2027,,12.5,weeks,,",
    "price,weeks,,,municipality,4000,,2026,",
]


def refused(tmp_path: Path, *rows: str, head: str = HEAD) -> str:
    file = tmp_path / "table.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_soem(file)
    return str(caught.value)


def changed(row: int, old: str, new: str) -> list[str]:
    assert old in GOOD[row]
    return [*GOOD[:row], GOOD[row].replace(old, new), *GOOD[row + 1 :]]


def test_the_good_table_is_read(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("\n".join([HEAD, *GOOD]), encoding="utf-8")
    assert soem_result(read_soem(file)).net() == pytest.approx(-600_000 + 10 * 12.5 * 4000 / 1.035)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (changed(7, "weeks,,", "weeks,,,oh"), "line 9: the row is longer than the headings"),
        (changed(7, "12.5", "12,5"), "line 9: column H (price_year): the cell is not used by this kind of row"),
        (changed(7, "12.5", '"12,5"'), "line 9: column F (value): numbers have both decimal commas and points"),
        (changed(7, "12.5", "inf"), "line 9: column F (value): not a number (value: inf)"),
        (changed(7, "12.5", "1e999"), "line 9: column F (value): not a finite number"),
        (changed(7, "12.5", ""), "line 9: column F (value): the cell is empty"),
        (changed(7, "2027", "27"), "line 9: column D (year): not a calendar year (value: 27)"),
        (changed(7, "2027", "2025"), "line 9: 'weeks' lies outside the calculation (value: 2025)"),
        (changed(8, "municipality", "kommune"), "line 10: unknown payer of 'weeks' (value: kommune)"),
        (changed(8, "weeks", "week"), "line 9: consequence 'weeks' has no price"),
        (changed(8, "2026", "2024"), "line 10: no price index for 2024, which the price of 'weeks' needs"),
        (changed(6, "cost,", "costs,"), "line 8: column A (record): unknown word (value: costs)"),
        (changed(6, ",,,", ",,2024,"), "line 8: column H (price_year): the cell is not used by this kind of row"),
        (changed(6, "programme", "weeks"), "line 8: 'weeks' is both a cost and a consequence"),
        (changed(1, "100", "-5"), "table.csv: 'participants' is out of range (value: -5.0)"),
        (changed(2, "0.1", "18.75"), "table.csv: 'success_difference' is out of range (value: 18.75)"),
        (changed(0, "target_group,sick-listed", "target_group,"), "line 2: column C (label): the cell is empty"),
        ([*GOOD, GOOD[6]], "line 11: 'programme' is given twice for the same year or payer"),
        ([*GOOD, GOOD[1]], "line 11: column B (item): given twice (value: participants)"),
        (GOOD[1:], "table.csv: the setting 'target_group' is missing"),
        ([*GOOD, "index,,,2024,,0,,,"], "the price index of 2024 is not positive"),
        ([*GOOD, "payer,kommune,Kommune,,,,,,"], "a further payer has the name of one of the three"),
        ([], "table.csv: the setting 'target_group' is missing"),
        ([*GOOD, 'cost,"open,,2026,municipality,1,,,'], "the table cannot be read"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, rows: list[str], said: str) -> None:
    message = refused(tmp_path, *rows)
    assert message.startswith("table.csv")
    assert said in message
    assert "Rule: " in message


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (HEAD.replace("value", "amount"), "line 1: column F: unknown heading (value: amount)"),
        (HEAD.replace("unit", "value"), "line 1: column G: repeated heading (value: value)"),
        (HEAD.replace(",source", ""), "line 1: the heading 'source' is missing"),
    ],
)
def test_bad_headings_are_refused(tmp_path: Path, head: str, said: str) -> None:
    assert said in refused(tmp_path, *GOOD, head=head)


def test_thousands_that_the_other_numbers_tell(tmp_path: Path) -> None:
    file = tmp_path / "da.csv"
    case = read_soem("tki2012")
    file.write_text(soem_csv(case, "da").replace(";6000;", ";6.000;"), encoding="utf-8")
    assert read_soem(file).costs[0].amount == 6000  # 0,1875 stands in the same column


def test_a_number_that_can_be_read_in_two_ways(tmp_path: Path) -> None:
    file = tmp_path / "da.csv"
    text = soem_csv(read_soem("tki2012"), "da").replace(";6000;", ";6.000;").replace("0,1875", "1")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_soem(file)
    message = str(caught.value)
    assert "da.csv, line 9: column F (værdi): the number can be read in two ways: 6.000 can be read as 6" in message
    assert "6.0 or 6000" in message


def test_what_is_written_reads_one_way(tmp_path: Path) -> None:
    case = replace(read_soem("tki2012"), success_difference=1.0)
    prices = tuple(replace(price, amount=1.125) for price in case.prices)
    case = replace(case, prices=prices)
    for language in ("en", "da"):
        write_soem(case, tmp_path / "case.csv", language)
        assert read_soem(tmp_path / "case.csv").prices[0].amount == 1.125


def test_xlsx_is_refused_with_row_and_column(tmp_path: Path) -> None:
    import openpyxl

    file = tmp_path / "case.xlsx"
    write_soem(read_soem("tki2012"), file)
    book = openpyxl.load_workbook(file)
    book.active["F9"] = "six thousand"
    book.save(file)
    with pytest.raises(ScenarioError, match=r"case.xlsx, line 9: column F \(value\): not a number"):
        read_soem(file)
    file.write_bytes(b"not a zip")
    with pytest.raises(ScenarioError, match="not a readable XLSX file"):
        read_soem(file)
    with pytest.raises(ScenarioError, match="no such table"):
        read_soem(tmp_path / "none.csv")
    with pytest.raises(ScenarioError, match="unknown kind of file"):
        write_soem(read_soem("tki2012"), tmp_path / "case.ods")
    with pytest.raises(ResultError, match="the table cannot be written"):
        write_soem(read_soem("tki2012"), tmp_path / "none" / "case.xlsx")
    with pytest.raises(ScenarioError, match="unknown language"):
        soem_rows(read_soem("tki2012"), "sv")


# -- the command --


@pytest.mark.parametrize(
    ("language", "figures"),
    [
        ("en", ["3,600,000", "3,000,000", "32,000", "18.75 %", "Municipality"]),
        ("da", ["3.600.000", "3.000.000", "32.000", "18,75 %", "Kommune"]),
    ],
)
def test_the_command_prints_the_arithmetic(tmp_path: Path, language: str, figures: list[str]) -> None:
    out = tmp_path / "again.csv"
    ended = CliRunner().invoke(main, ["soem", "tki2012", "--language", language, "--out", str(out)])
    assert ended.exit_code == 0
    text = ended.stdout.replace("\u00a0", " ")
    assert [x for x in figures if x not in text] == []
    assert say("soem_notice", language)[1:] in text
    assert "test of arithmetic, not of the effect" in text
    assert read_soem(out) == read_soem("tki2012")


def test_the_command_refuses_with_exit_code_2(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["soem", "tki2013"])
    assert ended.exit_code == 2
    assert "shipped: tki2012" in ended.stderr
