"""Anchored in a real browser without a network: the page draws everything, asks for nothing and reports no error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM
from present_example import example_content, with_label

from costeff import load
from costeff.study.report.diagram_matrix import transition_matrix
from costeff.study.report.report import write_report

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")

# How many marks each figure on show has drawn, and the size of its plotting area.
DRAWN = """() => Array.from(document.querySelectorAll('.plot')).filter(p => p.offsetParent !== null).map(p => ({
  id: p.id,
  marks: p.querySelectorAll('.js-line, .js-fill, .point path, .points path').length,
  traces: p.querySelectorAll('.main-svg .trace, .main-svg .bars').length,
  width: p._fullLayout ? p._fullLayout._size.w : 0,
  height: p._fullLayout ? p._fullLayout._size.h : 0,
  outside: Array.from(p.querySelectorAll('.main-svg text')).filter(t => {
    const a = t.getBoundingClientRect(), b = p.getBoundingClientRect();
    return a.width > 0 && (a.left < b.left - 2 || a.right > b.right + 2
      || a.bottom > b.bottom + 2 || a.top < b.top - 2);
  }).map(t => t.textContent),
}))"""


class Visit:
    """A page opened from disk without a network, with everything it asked for and complained of."""

    def __init__(self, browser: Any, path: Path, width: int, height: int = 900, mark: str = "") -> None:
        self.context = browser.new_context(offline=True, viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.address = path.as_uri()
        self.page.goto(self.address + mark)
        self.page.wait_for_function(
            "() => Array.from(document.querySelectorAll('.plot')).every("
            "p => p.offsetParent === null || p.querySelector('.main-svg'))"
        )

    def check(self) -> None:
        assert self.complaints == []
        assert [url.partition("#")[0] for url in self.requests] == [self.address]

    def close(self) -> None:
        self.context.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    content = example_content(wtp_at=250_000.0)
    return {language: write_report(content, folder / f"{language}.html", language) for language in ("en", "da")}


def check_figures(page: Any, width: int) -> set[str]:
    """Every figure on show is drawn, has room, and keeps its texts inside; their ids."""
    figures = page.evaluate(DRAWN)
    for figure in figures:
        assert figure["traces"] >= 1, figure
        assert figure["marks"] >= 1, figure
        assert figure["width"] > 0.35 * min(width, 700), figure
        assert figure["height"] > 150, figure
        assert figure["outside"] == [], figure
    return {figure["id"] for figure in figures}


def test_the_first_figure_is_shown_before_the_others_are_drawn(browser: Any, reports: dict[str, Path]) -> None:
    """When the first figure stands in the page, no other does: each has a task of its own."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(
        "new MutationObserver((changes, observer) => { if (!document.querySelector('.plot .main-svg')) return;"
        " observer.disconnect(); window.together = document.querySelectorAll('.plot .main-svg').length;"
        " window.figures = Array.from(document.querySelectorAll('.plot .main-svg')).map(s => s.closest('.plot').id)"
        " }).observe(document, {childList: true, subtree: true})"
    )
    page.goto(reports["en"].as_uri())
    page.wait_for_function("() => document.documentElement.dataset.figures === 'drawn'", timeout=180_000)
    first = page.evaluate("document.querySelector('.plot').id")
    assert set(page.evaluate("window.figures")) == {first}
    assert page.evaluate("document.querySelectorAll('.plot .main-svg').length") > page.evaluate("window.together")
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "da"])
def test_every_figure_is_drawn(browser: Any, reports: dict[str, Path], language: str, width: int) -> None:
    """Every choice of perspective and event is tried, so that every figure has been on show."""
    visit = Visit(browser, reports[language], width)
    seen = check_figures(visit.page, width)
    assert len(seen) == 9
    for select in visit.page.query_selector_all("select[data-panels]"):
        for value in range(1, len(select.query_selector_all("option"))):
            select.select_option(str(value))
            visit.page.wait_for_timeout(50)
            seen |= check_figures(visit.page, width)
    every = visit.page.evaluate("Array.from(document.querySelectorAll('.plot')).map(p => p.id)")
    assert seen == set(every)
    overflow = visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    assert visit.page.evaluate("document.documentElement.lang") == language
    visit.check()
    visit.close()


def test_danish_numbers_in_figures(browser: Any, reports: dict[str, Path]) -> None:
    visit = Visit(browser, reports["da"], 1280)
    ticks = visit.page.evaluate(
        "Array.from(document.querySelectorAll('[id*=who-pays] .xtick text')).map(t => t.textContent)"
    )
    assert "5.000" in ticks
    assert "−5.000" in ticks
    visit.close()


def test_folded_parts_open_and_the_contents_lead_to_sections(browser: Any, reports: dict[str, Path]) -> None:
    visit = Visit(browser, reports["en"], 1280)
    table = visit.page.locator("#payers details table")
    assert not table.is_visible()
    visit.page.locator("#payers summary").click()
    assert table.is_visible()
    visit.page.get_by_role("link", name="The model").click()
    assert visit.page.evaluate("location.hash") == "#model"
    visit.check()
    visit.close()


def test_print_shows_no_navigation_and_fits_the_paper(browser: Any, reports: dict[str, Path]) -> None:
    """Figures are as wide as A4 while printing, and as wide as the window again after it."""
    widths = "Array.from(document.querySelectorAll('[data-drawn]')).map(p => p._fullLayout.width)"
    visit = Visit(browser, reports["da"], 1280)
    before = visit.page.evaluate(widths)
    visit.page.emulate_media(media="print")
    assert not visit.page.locator("nav").is_visible()
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert set(visit.page.evaluate(widths)) == {680}
    visit.page.emulate_media(media="screen")
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    visit.page.wait_for_function(f"() => JSON.stringify({widths}) === '{str(before).replace(' ', '')}'")
    visit.check()
    visit.close()


def test_a_page_that_is_only_printed_is_drawn_once_for_the_paper(browser: Any, reports: dict[str, Path]) -> None:
    """As wide as A4 from the start in any window, with all texts inside, no buttons, and not again around a print."""
    widths = "Array.from(document.querySelectorAll('[data-drawn]')).map(p => p._fullLayout.width)"
    visit = Visit(browser, reports["da"], 1280, mark="#print")
    assert len(check_figures(visit.page, 680)) == 9
    assert set(visit.page.evaluate(widths)) == {680}
    assert visit.page.locator(".modebar-btn").count() == 0
    for event in ("beforeprint", "afterprint"):
        visit.page.evaluate(f"window.dispatchEvent(new Event('{event}'))")
        assert set(visit.page.evaluate(widths)) == {680}
    visit.check()
    visit.close()


def test_a_hostile_label_does_nothing(browser: Any, tmp_path: Path) -> None:
    evil = "<script>window.broken=1</script><img src=x onerror=window.broken=1><b>bold</b>"
    path = write_report(with_label(example_content(draws=20), evil), tmp_path / "evil.html")
    visit = Visit(browser, path, 1280)
    assert visit.page.evaluate("window.broken") is None
    assert evil in visit.page.locator("h1").inner_text()
    drawn = visit.page.evaluate("document.querySelector('[id*=ceaf] .legendtext').textContent")
    assert drawn == evil
    visit.check()
    visit.close()


def with_a_figure_that_fails(page: Path) -> str:
    """The text of a report in which drawing who pays ends with an error."""
    text = page.read_text(encoding="utf-8")
    inside = "const shown = prepared(figure, narrow);"
    assert text.count(inside) == 1
    return text.replace(inside, f'{inside}if (plot.id.includes("who-pays")) throw new Error("made to fail");')


def test_a_figure_that_fails_says_so_and_spares_the_others(browser: Any, tmp_path: Path) -> None:
    path = write_report(example_content(draws=20), tmp_path / "report.html")
    path.write_text(with_a_figure_that_fails(path), encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.type))
    page.on("pageerror", lambda error: complaints.append("page error"))
    page.goto(path.as_uri())
    page.wait_for_selector("[id*=tornado] .main-svg")
    assert complaints == ["error"]
    assert "could not be drawn" in page.locator("[id*=who-pays]").inner_text()
    assert page.evaluate("document.querySelectorAll('[id*=tornado] .main-svg').length") > 0
    context.close()


@pytest.mark.parametrize("language", ["en", "da"])
def test_no_name_of_a_state_leaves_the_matrix_of_transitions(browser: Any, language: str) -> None:
    """The names of TKI2's 13 states, those above the columns slanted, stand whole in the picture."""
    model = load("tki2").model
    edges = [(one.source, one.target, 1) for one in model.transitions]
    svg = transition_matrix(model.state_names, edges, {state.name: state.label for state in model.states}, language)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
    page.set_content(f"<style>text {{ font: 15px sans-serif }}</style><div style='width: 960px'>{svg}</div>")
    outside = page.evaluate("""() => {
        const frame = document.querySelector('svg').getBoundingClientRect();
        return Array.from(document.querySelectorAll('text')).filter(one => {
            const box = one.getBoundingClientRect();
            return box.top < frame.top || box.left < frame.left || box.right > frame.right;
        }).map(one => one.textContent);
    }""")
    assert outside == []
    page.close()
