"""Anchored in LibreOffice, which computes every formula again: the workbook equals the library to 1 øre, and a hand
table to the øre; a changed price in the workbook equals a run at that price."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from office import SOFFICE, rows_after
from workbooks import CHANGED, FORMULAS, INDIVIDUALS, VALUES, Office, hand_content

import costeff as ce
from costeff.catalogue import languages, words_of
from costeff.errors import ResultError, ScenarioError
from costeff.ledger import parties_net
from costeff.model import simulation_names
from costeff.model.formulas.expression import Expression
from costeff.reporting.workbook.content import Derived
from costeff.reporting.workbook.content_of_result import workbook_content
from costeff.reporting.workbook.formula import excel_formula
from costeff.reporting.workbook.write import write_workbook

ØRE = 0.01
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice: set SOFFICE to its path")


@pytest.fixture(scope="module")
def office(offices: dict[str, Office]) -> Office:
    return offices[__name__]


# -- formulas --


def test_formulas_of_models_are_the_same_arithmetic(office: Office) -> None:
    found = [row[0] for row in office.sheet("formulas", "Sheet")[1:]]
    expected = [Expression(text).evaluate(VALUES) for text in FORMULAS]
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("text", ["gamma_quantile(a, 2, 3)", "round(a)", "lookup(table, a, b)", "probit(a)"])
def test_what_a_spreadsheet_does_otherwise_is_not_translated(text: str) -> None:
    assert excel_formula(Expression(text), {"a": "A1", "b": "B1"}) is None


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        excel_formula(Expression("a + missing"), {"a": "A1"})


# -- by hand --


def test_hand_table(office: Office) -> None:
    """Municipality: benefit less refund, 60 kr. a week in 2026 and 77 kr. after, and the course of 50 kr."""
    rows = office.sheet("hand", "Result")
    usual = 600 + 0.5 * 4 * 77 + 6 * 77
    new = 600 + 5 * 77 + 0.5 * 77 + 50
    found = rows_after(rows, "Perspective")
    assert found["Municipality"] == pytest.approx([usual, new, usual - new, usual - new, usual - new, 0], abs=1e-9)
    assert found["Market"][:3] == pytest.approx([0, 70, -70])
    parties = rows_after(rows, "Party")
    assert parties["MSB"][2] == pytest.approx(usual - new)
    assert parties["CITIZEN"][2] == pytest.approx(-(6 * 110 + 2 * 110 - 5 * 110 - 0.5 * 110))
    assert sum(x[2] for x in parties.values()) == pytest.approx(0, abs=1e-9)
    years = rows_after(office.sheet("hand", "By year"), "Gain by year")
    assert years["Municipality"] == pytest.approx([-50, 4 * 77, 4 * 77 - 50])
    assert rows_after(office.sheet("hand", "By year"), "Cumulated gain")["Municipality"] == pytest.approx([-50, 258])


def test_a_changed_input_carries_over_to_later_rules_and_citizens_multiply(office: Office) -> None:
    rows = office.sheet("hand_changed", "Result")
    before, now = (rows_after(office.sheet(x, "Result"), "Perspective") for x in ("hand", "hand_changed"))
    assert now["Municipality"][2] == pytest.approx(before["Municipality"][2] - 30)
    assert now["Municipality"][3] == pytest.approx(10 * now["Municipality"][2])
    assert now["Municipality"][5] == pytest.approx(-30)
    marked = {row[0]: row[1] for row in rows}
    assert marked["Inputs changed"] == 2  # the value and the one that follows it under the later rules
    assert marked["Payments add up to zero"] == "yes"
    inputs = {row[0]: row for row in office.sheet("hand_changed", "Inputs")}
    assert inputs["course"][1:5] == (80, 80, 50, 50)


# -- against the library --


def assert_equals_library(office: Office, name: str, result: ce.Result) -> None:
    """Every perspective, party and flow of the workbook against the library, each to 1 øre."""
    everything = office.sheet(name, "Result")
    perspectives = rows_after(everything, "Perspective")
    g = len(result.strategies)
    for view in result.model.perspectives:
        expected = result.perspective(view.name).cost[0]
        assert perspectives[view.label.en][:g] == pytest.approx(expected, abs=ØRE)
    parties = rows_after(everything, "Party")
    for party, net in parties_net(result.model, result.flows, result.simulated.layer_cost).items():
        label = result.model.find("parties", party).label.en
        assert parties[label][:g] == pytest.approx(net[0].sum(axis=-1), abs=ØRE)
    comparator = result.strategies.index(result.model.comparator)
    shown = [i for i in range(g) if i != comparator][-1]
    years = rows_after(office.sheet(name, "By year"), "Gain by year")
    for view in result.model.perspectives:
        cost = result.cost_by_year(view.name)[0]
        gain = cost[comparator] - cost[shown]
        assert years[view.label.en] == pytest.approx([*gain, gain.sum()], abs=ØRE)
    for sheet, layer in (("Flows", 0), ("Flows, discounted", result.simulated.layer_cost)):
        rows = office.sheet(name, sheet)
        first = next(i for i, row in enumerate(rows) if row[5] == "Counts for parties") + 1
        amount = result.flows.amount[0, ..., layer]
        for i, line in enumerate(result.flows.lines):
            row = rows[first + i]
            assert row[0] == line.item
            by_strategy = np.concatenate([amount[:, i], amount[:, i].sum(axis=1, keepdims=True)], axis=1)
            assert row[6 : 6 + by_strategy.size] == pytest.approx(by_strategy.reshape(-1), abs=ØRE)


def test_the_recalculated_workbook_equals_the_library(office: Office) -> None:
    assert_equals_library(office, "tki2", office.result)


def test_a_model_with_another_discounting_equals_the_library(office: Office) -> None:
    content = workbook_content(office.sicker)
    assert content.discount is None  # half-cycle weights: no one factor for each year
    assert_equals_library(office, "sicker", office.sicker)


def test_changed_prices_equal_a_run_at_those_prices(office: Office) -> None:
    run = office.study.run(INDIVIDUALS, seed=3, values=CHANGED, progress=False)
    assert abs(run.perspective("public").cost - office.result.perspective("public").cost).max() > 1000
    assert_equals_library(office, "changed", run)
    marked = {row[0]: row[1] for row in office.sheet("changed", "Result")}
    assert marked["Inputs changed"] == len(CHANGED)
    assert marked["Payments add up to zero"] == "yes"


@pytest.mark.parametrize("name", ["tki2", "tki2_da", "sicker", "hand"])
def test_values_in_the_file_are_those_that_libreoffice_finds(office: Office, name: str) -> None:
    """Viewers that do not compute show the same figures."""
    written, found = office.written(name, values=True), office.book(name)
    assert written.sheetnames == found.sheetnames
    for sheet in written:
        for row, again in zip(sheet.iter_rows(), found[sheet.title].iter_rows(), strict=False):
            for a, b in zip(row, again, strict=False):
                if isinstance(a.value, int | float):
                    assert b.value == pytest.approx(a.value, abs=1e-4, rel=1e-12), f"{sheet.title} {a.coordinate}"
                else:
                    assert (a.value or None) == (b.value or None), f"{sheet.title} {a.coordinate}"
                assert not str(b.value).startswith("#"), f"{sheet.title} {a.coordinate}"


# -- form --


def test_only_prices_may_be_changed(office: Office) -> None:
    book = office.written("tki2")
    assert all(sheet.protection.sheet for sheet in book)
    open_cells = {
        (sheet.title, row[0].value): cell.column
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    assert set(open_cells.values()) == {2}
    names = {name for sheet, name in open_cells}
    assert {sheet for sheet, _ in open_cells} == {"Inputs"}
    assert "Number of citizens" in names
    names -= {"Number of citizens"}
    assert not names & simulation_names(office.study.model)
    assert {"sickness_benefit_max", "programme_cost", "state_share_4", "net_tax_factor"} <= names
    listed = {
        row[0] for sheet in ("Inputs", "Behind the quantities") for row in book[sheet].iter_rows(values_only=True)
    }
    assert set(office.study.evidence.parameters) <= listed
    about = {row[0]: row for row in book["Inputs"].iter_rows(values_only=True)}
    assert about["state_share_2"][3:6] == ("share", "yes", "published")
    assert about["wage_month"][4] == "needs a new run"


def test_no_formula_uses_a_function_that_files_name_with_a_prefix(office: Office) -> None:
    """Formulas are written as they are (`reporting.workbook.sheet`), so each function must be one that files know."""
    used = {
        name
        for book in ("tki2", "tki2_da", "sicker", "hand")
        for sheet in office.written(book)
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if isinstance(value, str) and value.startswith("=")
        for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", value)
    }
    assert "SUMPRODUCT" in used
    assert used <= {"SUMPRODUCT", "SUM", "IF", "MIN", "MAX", "EXP", "LN", "SQRT", "ABS", "INDEX", "MATCH", "AND", "OR"}


def test_money_is_formulas_not_numbers(office: Office) -> None:
    book = office.written("tki2")
    for title in ("Calculation", "Calculation, discounted", "Flows", "Flows, discounted"):
        sheet = book[title]
        start = 5 if title.startswith("Calc") else 7
        numbers = [
            cell
            for row in sheet.iter_rows(min_row=4, min_col=start, max_col=start + 9)
            for cell in row
            if isinstance(cell.value, int | float) and cell.value
        ]
        assert numbers == []
    gain = {row[0].value: row[3].value for row in book["Result"].iter_rows(max_col=4)}
    assert str(gain["Public sector"]).startswith("=SUMPRODUCT(")


def test_charts_read_cells_that_exist(office: Office) -> None:
    with zipfile.ZipFile(office.files["tki2"]) as archive:
        charts = [archive.read(x).decode() for x in archive.namelist() if x.startswith("xl/charts/chart")]
    assert len(charts) == 2
    joined = "".join(charts)
    assert "'By year'!" in joined
    assert "Result!" in joined or "'Result'!" in joined
    assert joined.count("<c:ser>") == 1 + 4


def test_danish_workbook(office: Office) -> None:
    book = office.written("tki2_da")
    assert book.sheetnames[:3] == ["Resultat", "År for år", "Input"]
    said = [str(row[0]) for row in book["Resultat"].iter_rows(values_only=True)]
    assert "TKI2, hovedanalyse" in said
    assert "Det offentlige" in said
    assert any(text.startswith("Gevinst: det, en aktør sparer") for text in said)
    gain = next(row for row in book["Resultat"].iter_rows() if row[0].value == "Det offentlige")[3]
    assert gain.number_format.startswith("[$-406]#,##0.00")


def test_names_of_sheets_fit_a_tab() -> None:
    for language in languages():
        tabs = [text for key, text in words_of(language).items() if key.startswith("book_sheet_")]
        assert len(tabs) == 15
        assert len(set(tabs)) == len(tabs)
        assert max(len(text) for text in tabs) <= 31


def test_text_stays_text(office: Office) -> None:
    rows = office.sheet("hand", "Result")
    assert rows[0][0] == "=Hand"
    assert "=Course" in {row[1] for row in office.sheet("hand", "Flows")}


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="the workbook cannot be written"):
        write_workbook(hand_content(), tmp_path / "none" / "book.xlsx")
    with pytest.raises(ScenarioError, match="unknown language"):
        write_workbook(hand_content(), tmp_path / "book.xlsx", "sv")
    assert list(tmp_path.iterdir()) == []


def test_parameters_behind_a_frozen_formula_are_locked(office: Office) -> None:
    """A price made by a function that a spreadsheet does not have stands as a number, and its parameters are grey."""
    from costeff.reporting.workbook.content_of_result import parameters_of

    frozen = Derived("week", Expression("round(sickness_benefit_max)"), (4695.0,))
    used = [Expression("week * municipal_tax")]
    priced, _ = parameters_of(office.study.model, office.study.evidence, used, [frozen])
    assert {p.name: p.live for p in priced} == {"sickness_benefit_max": False, "municipal_tax": True}


def test_a_result_of_many_draws_gives_its_base_case() -> None:
    study = ce.load("tki2")
    several = study.psa(draws=2, individuals=20, seed=3, progress=False)
    content = workbook_content(several)
    base = study.run(20_000, seed=3, progress=False)
    public = several.perspective("public").cost
    assert content.perspective_means["public"].mean == pytest.approx((public[:, 0] - public[:, 1]).mean())
    assert sum(
        content.party_means[p].mean for p in several.model.find("perspectives", "public").parties
    ) == pytest.approx(content.perspective_means["public"].mean)
    assert not content.perspective_means["public"].settled  # of two draws nothing is
    assert np.array([x.amount for x in content.lines]) == pytest.approx(base.flows.amount[0, ..., 0].swapaxes(0, 1))


def test_means_say_whether_their_sign_is_settled(tmp_path: Path) -> None:
    """Beside a mean over draws stand its error and whether its sign is settled, as in the report."""

    several = ce.load("tki2").psa(draws=12, individuals=20, seed=3, progress=False)
    write_workbook(workbook_content(several), tmp_path / "book.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "book.xlsx")["Result"].iter_rows(values_only=True))
    head = next(row for row in rows if "Sign of the mean is settled" in row)
    at, error = head.index("Sign of the mean is settled"), head.index("Monte Carlo error of the mean")
    table = several.parties().set_index("party")
    labels = {str(row["label"].en): row for _, row in table.iterrows()}
    by_label = {str(row[0]): row for row in rows if str(row[0]) in labels}  # parties stand below perspectives
    compared = [(row, labels[label]) for label, row in by_label.items()]
    assert len(compared) == len(table)
    for row, known in compared:
        assert row[at] == ("yes" if known["settled"] else "no")
        assert row[error] == pytest.approx(known["mcse"])
