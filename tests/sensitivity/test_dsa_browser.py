"""Anchored in a real browser without a network: the figures draw everything, in a wide and a narrow window."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM

from costeff import load, read_psa
from costeff.labels import Label
from costeff.reporting.charts.tornado import tornado
from costeff.reporting.figure_page import figure_page
from costeff.sensitivity.figures.threshold import threshold
from costeff.sensitivity.figures.two_way import two_way
from costeff.voi.figures.voi import evpi, evppi_bars

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")

DRAWN = """() => { const p = document.querySelector('.js-plotly-plot'); const b = p.getBoundingClientRect();
  return {marks: p.querySelectorAll('.js-line, .js-fill, .point path, .points path, .hm image').length,
    plot: [p._fullLayout._size.w, p._fullLayout._size.h],
    outside: Array.from(p.querySelectorAll('.main-svg text')).filter(t => {
      const a = t.getBoundingClientRect();
      return a.width > 0 && (a.left < b.left - 2 || a.right > b.right + 2
        || a.bottom > b.bottom + 2 || a.top < b.top - 2);
    }).map(t => t.textContent)}; }"""


@cache
def figures(language: str) -> dict[str, Any]:
    study = load(Path(__file__).parents[1] / "data" / "dsa" / "linear_cohort.yaml")
    labels = {s.name: s.label for s in study.model.strategies}
    table = study.one_way("payer")
    measure = str(table.attrs[f"measure_{language}"])
    return {
        "tornado": (tornado(table, table.attrs["base"], measure, language, with_marks=True), 8),
        "two_way": (two_way(study.two_way("hr", "programme", "payer", grid=4), labels, language), 18),
        "threshold": (threshold(study.threshold("hr", "payer"), language), 4),
        "none": (threshold(study.threshold("programme", "payer", low=200, high=400), language), 3),
    }


@pytest.mark.parametrize(("language", "width"), [("en", 900), ("da", 480)])
def test_figures_draw_everything(browser: Any, tmp_path: Path, language: str, width: int) -> None:
    for name, (figure, marks) in figures(language).items():
        page = browser.new_context(offline=True, viewport={"width": width, "height": 700}).new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
        file = tmp_path / f"{name}.html"
        figure.write_html(file, include_plotlyjs=True)
        page.goto(file.as_uri())
        page.wait_for_selector(".main-svg")
        page.screenshot(path=str(tmp_path / f"{name}.png"))
        drawn = page.evaluate(DRAWN)
        assert complaints == []
        assert drawn["marks"] >= marks, name
        assert min(drawn["plot"]) > 120, name
        assert drawn["outside"] == [], name
        page.context.close()


TOUCHING = """() => Array.from(document.querySelectorAll('.xaxislayer-above, .yaxislayer-above')).flatMap(layer => {
  const boxes = Array.from(layer.querySelectorAll('text')).map(t => [t.textContent, t.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([_, b]) => a.width > 0 && b.width > 0
    && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
    .map(([other]) => one + ' | ' + other)); })"""


@cache
def figures_of_study_and_table() -> dict[str, Any]:
    """Those above and of value of information, with names of parameters that are long."""
    table = read_psa(Path(__file__).parents[1] / "data" / "economics" / "sick_sicker_psa.csv")
    long = "Effect on the return to self-support from sickness, within and after two years"
    labels = {name: Label(f"{long} ({name})", long) for name in table.parameters}
    shown = {name: figure for name, (figure, _) in figures("en").items()}
    shown["evpi"] = evpi(table.evpi([0, 150_000, 300_000]))
    shown["evppi"] = evppi_bars(table.evppi(["u_S1"], 100_000), labels, wtp=100_000)
    shown["several"] = evppi_bars(
        table.evppi({n: n for n in ("u_S1", "c_trtA", "u_trtA", "r_HD")}, 100_000), labels, wtp=100_000
    )
    return shown


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_figures_keep_their_texts_apart(browser: Any, tmp_path: Path, width: int) -> None:
    """No label touches another or leaves the page, wide or on a phone; boxes of text have 4 pixels of air."""
    for name, figure in figures_of_study_and_table().items():
        page = browser.new_context(offline=True, viewport={"width": width, "height": 800}).new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
        file = tmp_path / f"{name}.html"
        file.write_text(figure_page(figure, name, "en"), encoding="utf-8")
        page.goto(file.as_uri())
        page.wait_for_selector(".main-svg")
        page.wait_for_timeout(300)
        assert complaints == []
        assert page.evaluate(TOUCHING) == [], name
        assert page.evaluate(DRAWN)["outside"] == [], name
        page.context.close()
