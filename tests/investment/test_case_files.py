"""Anchored in real browsers and files read back: the pages draw offline without complaint, the PDF has its pages, and
a folder is written whole or not at all."""

from __future__ import annotations

import json
import re
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from case_example import example_result
from click.testing import CliRunner
from test_report_browser import CHROMIUM, Visit, check_figures

import costeff.investment.report.write
from costeff import CaseResult
from costeff.catalogue import say
from costeff.cli import main
from costeff.errors import ResultError
from costeff.investment.compare import NOTHING
from costeff.investment.report.case import case_html, write_case_report
from costeff.investment.report.comparison import cases_html
from costeff.investment.report.comparison_sentences import cases_sentences
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.write import write_case
from costeff.investment.report.write_comparison import cases_content, write_cases
from costeff.labels import Label
from costeff.reporting import pdf

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")


def named(name: str, effect: float, citizens: str = "tki2") -> CaseResult:
    found = example_result(draws=60, effect=effect, name=name)
    title = Label(f"Case {name}", f"Sag {name}")
    return replace(found, case=replace(found.case, citizens=citizens, title=title))


@pytest.fixture(scope="module")
def result() -> CaseResult:
    return named("first", 1.3)


@pytest.fixture(scope="module")
def compared() -> list[CaseResult]:
    return [named("first", 1.3), named("second", 1.1, "composite"), named("third", 0.4)]


# -- pages ----


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "da"])
def test_pages_draw_offline(browser: Any, result: CaseResult, tmp_path: Path, language: str, width: int) -> None:
    visit = Visit(browser, write_case_report(case_content(result), tmp_path / "case.html", language), width)
    seen = check_figures(visit.page, width)
    for select in visit.page.query_selector_all("select[data-panels]"):
        for value in range(1, len(select.query_selector_all("option"))):
            select.select_option(str(value))
            visit.page.wait_for_timeout(50)
            seen |= check_figures(visit.page, width)
    assert len(seen) == 12
    assert seen == set(visit.page.evaluate("Array.from(document.querySelectorAll('.plot')).map(p => p.id)"))
    assert visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    ticks = visit.page.evaluate(
        "Array.from(document.querySelectorAll('[id*=years] .ytick text')).map(t => t.textContent)"
    )
    assert ("1.000" if language == "da" else "1,000") in ticks
    visit.check()
    visit.close()


@needs_browser
def test_comparison_draws_offline(browser: Any, compared: list[CaseResult], tmp_path: Path) -> None:
    path = tmp_path / "cases.html"
    path.write_text(cases_html(cases_content(compared), "da"), encoding="utf-8")
    visit = Visit(browser, path, 390)
    assert len(check_figures(visit.page, 390)) == 2
    assert visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    visit.check()
    visit.close()


@needs_browser
@pytest.mark.parametrize("language", ["en", "da"])
def test_page_one_fits_one_sheet(browser: Any, result: CaseResult, tmp_path: Path, language: str) -> None:
    """All that stands before table A, which begins on a new sheet, takes one sheet of A4."""
    text = case_html(case_content(result), language)
    start, end = text.index('<section id="table-a"'), text.index("</main>")
    page, paper = tmp_path / "one.html", tmp_path / "one.pdf"
    page.write_text(text[:start] + text[end:], encoding="utf-8")
    visit = Visit(browser, page, 1280)
    visit.page.pdf(path=str(paper), prefer_css_page_size=True)
    visit.close()
    assert pages(paper) == 1


@needs_browser
def test_the_pdf_is_printed(result: CaseResult, tmp_path: Path) -> None:
    """By the browser that the library finds; nothing but the two files is left in the folder."""
    path = pdf.print_pdf(write_case_report(case_content(result), tmp_path / "case.html", "da"), tmp_path / "case.pdf")
    assert path.read_bytes().startswith(b"%PDF")
    assert 5 <= pages(path) <= 14
    assert b"0 .6196 .451" in filled_colours(path)  # gains, which only figures show
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.html", "case.pdf"]


@needs_browser
def test_only_the_wide_table_is_printed_on_a_sheet_that_lies(browser: Any, result: CaseResult, tmp_path: Path) -> None:
    """A fact over the whole width stays on the first sheet."""
    name = "A programme whose name is longer than the sixty characters of one column of facts"
    content = replace(case_content(result), programme=Label(name, name))
    visit = Visit(browser, write_case_report(content, tmp_path / "case.html", "en"), 1280)
    visit.page.emulate_media(media="print")
    sheet = "selector => getComputedStyle(document.querySelector(selector)).page"
    assert visit.page.evaluate(sheet, "#table-b") == "wide"
    assert visit.page.evaluate(sheet, ".facts .wide") == "auto"
    visit.close()


def pages(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


def filled_colours(path: Path) -> set[bytes]:
    """Red, green and blue of everything that the PDF fills, as it writes them."""
    data = path.read_bytes()
    colours: set[bytes] = set()
    for start in re.finditer(rb"stream\r?\n", data):
        with suppress(zlib.error):  # an image or a font that is not packed
            drawn = zlib.decompressobj().decompress(data[start.end() :])
            colours |= set(re.findall(rb"([\d.]+ [\d.]+ [\d.]+) rg", drawn))
    return colours


# -- PDF without a browser ----


def test_no_browser_is_said_and_is_no_failure(
    result: CaseResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "")
    with pytest.raises(ResultError, match="no browser") as refused:
        pdf.print_pdf(tmp_path / "case.html", tmp_path / "case.pdf")
    assert "CHROMIUM" in str(refused.value)
    names, told = write_case(result, tmp_path / "out", "da")
    assert "case.pdf" not in names
    assert len(told) == 1
    assert "Åbn case.html i en browser" in told[0]


def test_a_browser_that_fails_leaves_an_older_pdf(
    result: CaseResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\necho broken >&2\nexit 3\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(fake))
    old = tmp_path / "case.pdf"
    old.write_bytes(b"old")
    with pytest.raises(ResultError, match="printed no PDF") as refused:
        pdf.print_pdf(fake, old)
    assert "broken" in str(refused.value)
    assert old.read_bytes() == b"old"
    _, told = write_case(result, tmp_path / "out", "en")
    assert "the browser failed (broken)" in told[0]


# -- files ----


@pytest.mark.parametrize("language", ["en", "da"])
def test_tables_are_read_back(result: CaseResult, tmp_path: Path, language: str) -> None:
    """Danish tables have decimal commas and semicolons; sums over lines give each party's net in every year."""
    names, _ = write_case(result, tmp_path, language, pdf=False)
    assert {"case.html", "case.json", "budget.csv", "items.csv", "who_gains.csv", "cash.csv"} <= set(names)
    form: Any = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig"} if language == "da" else {}
    cash = pd.read_csv(tmp_path / "cash.csv", **form)
    moved = (cash["programme"] - cash["usual"]) * ((cash["recipient"] == "msb") * 1.0 - (cash["payer"] == "msb"))
    assert np.allclose(moved.groupby(cash["year"]).sum(), result.net("msb").mean(axis=0), rtol=1e-9)
    who = pd.read_csv(tmp_path / "who_gains.csv", **form).set_index("party")
    assert who.loc["public", "npv"] == pytest.approx(result.npv("public").mean())
    budget = pd.read_csv(tmp_path / "budget.csv", **form)
    assert np.allclose(budget[[str(y) for y in result.years]].sum(), result.net("municipal").mean(axis=0))


def test_json_says_never_and_holds_no_infinity(tmp_path: Path) -> None:
    write_case(named("never", 0.2), tmp_path, "en", pdf=False)
    told = json.loads((tmp_path / "case.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    own = told["payers"]["municipal"]
    assert own["payback_undiscounted"]["median"] == "never"
    assert own["payback_undiscounted"]["never"] == 1.0
    assert told["payers"]["state"]["payback_undiscounted"]["median"] == "no investment"
    assert own["npv"]["mean"] < 0
    assert "never" not in " ".join(told["sentences"]["da"])


def test_nothing_half_written(result: CaseResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    write_case(result, target, "en", pdf=False)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    monkeypatch.setattr(
        costeff.investment.report.write, "case_summary", lambda *_: (_ for _ in ()).throw(OSError("full"))
    )
    with pytest.raises(ResultError, match="could not be written"):
        write_case(named("other", 0.5), target, "da", pdf=False)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# -- comparison ----


def test_comparison_by_hand(compared: list[CaseResult], tmp_path: Path) -> None:
    """All draw on the same luck: more effect at the same cost is better in every draw in which effects are good."""
    content = cases_content(compared, "municipal", [0.0, 1e9])
    assert content.ranking["case"].tolist()[:2] == ["first", "second"]
    assert content.best["municipal"]["second"] == 0.0
    assert sum(content.best["state"].values()) == pytest.approx(1.0)
    assert content.apart == (("first", "third"),)  # they are for the same citizens
    assert [p.cases for p in content.portfolios] == [(), ("first", "second")]
    assert "Sag first er bedst for kommunen (uden skat)" in cases_sentences(content, "da")[0]
    names, _ = write_cases(content, tmp_path, "da", pdf=False)
    assert "cases.json" in names
    told = json.loads((tmp_path / "cases.json").read_text(encoding="utf-8"))
    assert told["portfolios"][1]["cases"] == ["first", "second"]


def test_doing_nothing_may_be_best() -> None:
    content = cases_content([named("first", 0.1), named("second", 0.2)])
    assert content.ranking["case"].iloc[0] == NOTHING
    assert "doing nothing is best" in cases_sentences(content, "en")[0]


@pytest.mark.parametrize("language", ["en", "da"])
def test_comparison_keeps_budget_and_present_values_apart(compared: list[CaseResult], language: str) -> None:
    from costeff.investment.report.comparison_tables import cases_tables

    for name, table in cases_tables(cases_content(compared), language).items():
        marks = [say(kind, language) in table for kind in ("undiscounted", "present_value")]
        assert marks != [True, True], name


def test_what_cannot_be_compared_is_refused(compared: list[CaseResult]) -> None:
    first, second = compared[:2]
    with pytest.raises(ResultError, match="same name"):
        cases_content([first, first])
    with pytest.raises(ResultError, match="same seed"):
        cases_content([first, replace(second, seed=2)])
    for match, change in (("calendar years", {"first_year": 2027}), ("differently", {"equalisation": 0.6})):
        with pytest.raises(ResultError, match=match):
            cases_content([first, replace(second, case=replace(second.case, **change))])
    with pytest.raises(ResultError, match="number of draws"):
        cases_content([first, example_result(draws=10, name="second")])


# -- commands ----


def call(*words: str) -> Any:
    ended = CliRunner().invoke(main, list(words))
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended


def test_cases_and_scenarios_are_not_mixed() -> None:
    ended = call("compare", "tki2", "tki2-aarhus-investment", "--draws", "2", "--individuals", "2", "--quiet")
    assert ended.exit_code == 2
    assert "cases and scenarios cannot be compared" in ended.stderr
    assert "Way out" in ended.stderr


def test_options_that_do_not_fit_are_refused() -> None:
    ended = call("compare", "tki2-aarhus-investment", "--horizon", "5 years", "--quiet")
    assert ended.exit_code == 2
    assert "--horizon" in ended.stderr
    ended = call("compare", "tki2", "no_effect", "--limit", "1000", "--quiet")
    assert ended.exit_code == 2
    assert "investment cases" in ended.stderr


def test_invest_writes_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped case, small, from file to folder; the PDF is checked above."""
    monkeypatch.setenv("CHROMIUM", "")
    out = tmp_path / "case"
    words = ("--draws", "4", "--individuals", "20", "--language", "da", "--quiet")
    ended = call("invest", "tki2-aarhus-investment", *words, "--out", str(out))
    assert ended.exit_code == 0, ended.output
    assert "Kommunen" in ended.stdout
    assert "skrevet nogen PDF" in ended.stderr
    told = json.loads((out / "case.json").read_text(encoding="utf-8"))
    assert told["draws"] == 4
    assert (out / "sources.csv").is_file()
    assert (out / "case.xlsx").read_bytes().startswith(b"PK")
    page = (out / "case.html").read_text(encoding="utf-8")
    assert "Tabel A." in page
    assert "http-equiv" in page


def test_a_bad_case_writes_nothing(tmp_path: Path) -> None:
    case = tmp_path / "bad.yaml"
    head = "case: bad\nscenario: tki2\nfirst_year: 2026\nyears: 2\nprice_year: 2026\n"
    case.write_text(head + "inflow: {2026: -5, later: 0}\n", encoding="utf-8")
    ended = call("invest", str(case), "--out", str(tmp_path / "out"), "--quiet")
    assert ended.exit_code == 2
    assert "bad.yaml, line 6" in ended.stderr
    assert not (tmp_path / "out").exists()
