"""Anchored in a real browser: every figure has a title, axes with titles and a legend, and no text touches another."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM
from pictures import BROKEN_WORDS, TABLE, measured, problems, settled, states
from present_example import example_content

from costeff import read_psa
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.figures.decisions import decision_matrix as drawn_matrix
from costeff.labels import Label
from costeff.reporting.figure_page import PLOTLY_FILE
from costeff.reporting.outputs import write_figures
from costeff.sensitivity.figures.global_ import sensitivity
from costeff.study.report.report import write_report
from costeff.voi.figures.voi import evpi, evppi_bars, evppi_curves

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")
LONG = "Effect on the return to self-support from sickness, within and after two years"


def opened(browser: Any, file: Path, width: int) -> Any:
    page = browser.new_context(offline=True, viewport={"width": width, "height": 800}).new_page()
    page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
    page.goto(file.as_uri())
    settled(page)
    return page


@pytest.mark.parametrize("width", [390, 1280])
def test_every_figure_of_a_report_of_three_strategies_says_what_it_shows(
    browser: Any, tmp_path: Path, width: int
) -> None:
    content = example_content(alternatives=2, wtp_at=250_000.0)
    page = opened(browser, write_report(content, tmp_path / "report.html", "da"), width)
    seen: set[str] = set()
    for _ in states(page):
        for figure in measured(page):
            seen.add(str(figure["id"]))
            assert problems(figure) == [], figure["id"]
    assert len(seen) == 3 * 5 + 2 + 1 + 3 + 2  # perspectives; who pays, trace, passages, tornado
    page.context.close()


def test_no_word_of_a_heading_is_broken_on_a_phone(browser: Any, tmp_path: Path) -> None:
    content = example_content()
    content.strategies["usual_care"] = Label("Usual care", "Standardbehandling")
    page = opened(browser, write_report(content, tmp_path / "report.html", "da"), 390)
    for _ in states(page):
        assert page.evaluate(BROKEN_WORDS) == []
    page.context.close()


def test_words_of_the_decision_matrix_stay_in_their_cells_on_a_phone(browser: Any, tmp_path: Path) -> None:
    """Three values of willingness to pay leave 80 pixels each."""
    table = read_psa(TABLE)
    labels = {name: Label("Standardbehandling", "Standardbehandling") for name in table.strategies}
    matrix = decision_matrix({"Health care": table}, [50_000, 100_000, 150_000])
    folder = tmp_path / "figures"
    (name,) = write_figures(str(folder), {"matrix": lambda language: drawn_matrix(matrix, labels, language)}, "da")
    page = opened(browser, folder / name, 390)
    (figure,) = measured(page)
    assert problems(figure) == []
    page.context.close()


@cache
def drawings() -> dict[str, Callable[[str], Any]]:
    """Figures of value of information and of what drives a result, with names of parameters that are long."""
    table = read_psa(TABLE)
    labels = {name: Label(f"{LONG} ({name})", LONG) for name in table.parameters}
    three = {name: name for name in ("u_S1", "c_trtA", "u_trtA")}
    partial = table.evppi(three, [50_000, 100_000])
    return {
        "evpi": lambda language: evpi(table.evpi([0, 150_000, 300_000]), language),
        "evpi_one": lambda language: evpi(table.evpi(100_000), language),
        "evppi": lambda language: evppi_bars(partial, labels, language, wtp=100_000),
        "evppi_curves": lambda language: evppi_curves(partial, labels, language),
        "gsa": lambda language: sensitivity(table.gsa("regression", wtp=100_000, strategy="B"), labels, language),
    }


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_figures_share_plotly_and_say_what_they_show(browser: Any, tmp_path: Path, width: int) -> None:
    folder = tmp_path / "figures"
    pages = write_figures(str(folder), drawings(), "en")
    assert sum(file.stat().st_size > 1_000_000 for file in folder.iterdir()) == 1
    for name in pages:
        page = opened(browser, folder / name, width)
        (figure,) = measured(page)
        assert problems(figure) == [], name
        if width < 1000 and name.startswith("evppi_1"):  # names are folded anew, and no word stands alone but for need
            rows = page.evaluate("document.querySelector('.js-plotly-plot')._fullLayout.yaxis.ticktext")
            assert all(len(line) > 8 for row in rows for line in row.split("<br>")[:-1]), rows
        if width > 1000:  # a figure alone fills its window
            assert figure["height"] > 560, name
        page.context.close()


def test_a_page_sent_alone_says_what_is_missing(browser: Any, tmp_path: Path) -> None:
    table = read_psa(TABLE)
    folder = tmp_path / "figures"
    (name,) = write_figures(str(folder), {"evpi": lambda language: evpi(table.evpi(100_000), language)}, "en")
    (folder / PLOTLY_FILE).unlink()
    page = browser.new_context(offline=True).new_page()
    page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
    page.goto((folder / name).as_uri())
    assert PLOTLY_FILE in page.locator("#missing").inner_text()
    page.context.close()


def test_on_a_phone_the_difference_and_its_interval_are_in_view(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, write_report(example_content(), tmp_path / "report.html"), 390)
    seen = page.evaluate(
        """() => ['Difference', '95\\u00a0% interval'].map(name => Array.from(document.querySelectorAll(
        `#payers td[data-label="${name}"]`)).filter(c => c.offsetParent).every(c => {
          const box = c.getBoundingClientRect(); return box.left >= 0 && box.right <= window.innerWidth; }))"""
    )
    assert seen == [True, True]
    assert page.evaluate("document.querySelectorAll('#payers td[data-label]').length") > 10
    page.context.close()
