"""Anchored in a second browser: Firefox opens the page from disk without a network, draws all of it and complains of
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from firefox import FIREFOX, Firefox
from present_example import example_content
from test_report_browser import with_a_figure_that_fails

from costeff.study.report.report import write_report

pytestmark = pytest.mark.skipif(FIREFOX is None, reason="no Firefox: set FIREFOX to its path")

COMPLAIN = """<script>window.complaints = [];
addEventListener("error", event => window.complaints.push(String(event.message || event.target.src)), true);
addEventListener("unhandledrejection", event => window.complaints.push(String(event.reason)));
console.error = (...words) => window.complaints.push(words.join(" "));</script>"""
"""Keeps every error of the page, put before all of its own scripts."""
SHOWN = "Array.from(document.querySelectorAll('.plot')).filter(plot => plot.offsetParent !== null)"


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    with Firefox() as browser:
        yield browser


@pytest.mark.parametrize(("language", "width"), [("da", 1280), ("en", 500)])  # 500 is the least that its window takes
def test_firefox_draws_every_figure_from_disk(firefox: Firefox, tmp_path: Path, language: str, width: int) -> None:
    page = write_report(example_content(draws=40, wtp_at=250_000.0), tmp_path / "report.html", language)
    text = page.read_text(encoding="utf-8")
    assert text.count("<head>") == 1
    page.write_text(text.replace("<head>", f"<head>{COMPLAIN}"), encoding="utf-8")
    firefox.open(page, width)
    firefox.wait_until("document.documentElement.dataset.figures === 'drawn'")
    assert firefox.evaluate("return window.innerWidth") == width
    assert firefox.evaluate("return document.documentElement.lang") == language
    marks = firefox.evaluate(f"return {SHOWN}.map(p => p.querySelectorAll('.js-line, .js-fill, .point path').length)")
    assert len(marks) == 9
    assert min(marks) >= 1
    assert firefox.evaluate("return document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert firefox.evaluate("return performance.getEntriesByType('resource').map(one => one.name)") == []
    assert firefox.evaluate("return window.complaints") == []
    firefox.evaluate("document.querySelector('#payers summary').click()")
    assert firefox.evaluate("return document.querySelector('#payers details table').offsetParent !== null")


def test_firefox_says_which_figure_it_could_not_draw(firefox: Firefox, tmp_path: Path) -> None:
    """The complaints of the test above are kept: a fault put into the page is among them."""
    page = write_report(example_content(draws=20), tmp_path / "report.html")
    text = with_a_figure_that_fails(page)
    page.write_text(text.replace("<head>", f"<head>{COMPLAIN}"), encoding="utf-8")
    firefox.open(page)
    firefox.wait_until("document.documentElement.dataset.figures === 'drawn'")
    assert "made to fail" in " ".join(firefox.evaluate("return window.complaints"))
    assert "could not be drawn" in firefox.evaluate("return document.querySelector('[id*=who-pays]').textContent")
