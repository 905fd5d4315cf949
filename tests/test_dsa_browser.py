"""Anchored in a real browser without a network: the figures draw everything, in a wide and a narrow window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM

from costeff import load
from costeff.present import tornado
from costeff.present.figure_threshold import threshold
from costeff.present.figure_two_way import two_way

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")

DRAWN = """() => { const p = document.querySelector('.js-plotly-plot'); const b = p.getBoundingClientRect();
  return {marks: p.querySelectorAll('.js-line, .js-fill, .point path, .points path, .hm image').length,
    plot: [p._fullLayout._size.w, p._fullLayout._size.h],
    outside: Array.from(p.querySelectorAll('.main-svg text')).filter(t => {
      const a = t.getBoundingClientRect();
      return a.width > 0 && (a.left < b.left - 2 || a.right > b.right + 2
        || a.bottom > b.bottom + 2 || a.top < b.top - 2);
    }).map(t => t.textContent)}; }"""


def figures(language: str) -> dict[str, Any]:
    study = load(Path(__file__).parent / "data" / "dsa" / "linear_cohort.yaml")
    labels = {s.name: s.label for s in study.model.strategies}
    table = study.one_way("payer")
    measure = str(table.attrs[f"measure_{language}"])
    return {
        "tornado": (tornado(table, table.attrs["base"], measure, language, explained=True), 8),
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
