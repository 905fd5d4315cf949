"""Anchored in how each language writes numbers: 1.234.567,9 in Danish, 1,234,567.9 in English; never a power of ten.

The text at a mark is what plotly makes of the trace's `hovertemplate`; without one it writes all digits of a double.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from case_example import example_result
from chromium import CHROMIUM
from pictures import TABLE
from present_example import example_content

import costeff
from costeff import read_psa
from costeff.analysis.wtp import wtp_curve
from costeff.investment.report.case import case_html
from costeff.investment.report.comparison import cases_html
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.write_comparison import cases_content
from costeff.reporting.figure_page import figure_page
from costeff.reporting.style import axis, described, layout
from costeff.study.report.evaluation_report import evaluation_html
from costeff.study.report.report import report_html

FORMAT = re.compile(r"%\{+([\w.]+)(?::([^}]*))?\}")
FINITE = re.compile(r"(?:,?\.\d+(?:f|~f)|,\.\d+~r|\.\d+%|\{digits\}?)")
"""Decimals, digits that tell (`r` writes out what `g` turns to powers of ten), percent, or a format that is put in."""
SEPARATORS = {"en": ".,", "da": ",.", "nb": ",\u00a0"}
MOST_YEARS = 3000


@cache
def pages(language: str) -> dict[str, str]:
    """Every kind of report."""
    table, case = read_psa(TABLE), example_result(draws=40)
    return {
        "report": report_html(example_content(alternatives=2, wtp_at=250_000.0), language),
        "case": case_html(case_content(case), language),
        "cases": cases_html(cases_content([case, example_result(draws=40, effect=0.5, name="other")]), language),
        "evaluation": evaluation_html(table, wtp_curve([50_000, 100_000]), language),
    }


def figures(page: str) -> dict[str, Any]:
    return dict(json.loads(page.split('id="figures">')[1].split("</script>")[0])["figures"])


def traces(language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, trace) of all that can be hovered over."""
    for kind, page in pages(language).items():
        for name, figure in figures(page).items():
            for trace in figure["data"]:
                if trace.get("hoverinfo") != "skip":
                    yield f"{kind}, {name}, {trace.get('name')}", trace


def is_plain(values: Any) -> bool:
    """Whether values may be shown as they are: texts, and whole numbers as years are."""
    listed = values if isinstance(values, list) else [values]
    return all(isinstance(one, str) or (float(one).is_integer() and abs(one) < MOST_YEARS) for one in listed)


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_figure_of_a_report_says_how_its_numbers_are_written(language: str) -> None:
    number = 0
    for where, trace in traces(language):
        template = trace.get("hovertemplate")
        assert template, f"{where}: plotly's own text"
        for name, written in FORMAT.findall(template):
            number += bool(written)
            if written:
                assert FINITE.fullmatch(written), f"{where}: {template}"
            elif name in "xyz":
                assert is_plain(trace[name]), f"{where}: {template}"
    assert number > 200


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_figure_has_the_marks_of_its_language(language: str) -> None:
    marks = {figure["layout"]["separators"] for page in pages(language).values() for figure in figures(page).values()}
    assert marks == {SEPARATORS[language]}


def texts_of_code() -> Iterator[tuple[str, str]]:
    """(file, text) of every text in the library that is or is part of a template, those of f-strings as written."""
    for file in Path(costeff.__file__).parent.rglob("*.py"):
        if "_bundled" not in file.parts and "%{" in (code := file.read_text(encoding="utf-8")):
            for text in re.findall(r'"(?:[^"\\\n]|\\.)*"', code):
                yield file.name, text


def test_no_template_of_the_library_writes_powers_of_ten() -> None:
    """Those of figures that no report shows too: of single pages, of the app and of a trial."""
    templates = [
        (file, text, written) for file, text in texts_of_code() for _, written in FORMAT.findall(text) if written
    ]
    assert len(templates) > 40
    assert [one for one in templates if not FINITE.fullmatch(one[2])] == []


MARKS = {"Scatter", "Bar", "Heatmap", "Contour", "Histogram", "Box", "Violin"}


def test_no_mark_that_is_made_by_its_class_is_left_to_plotly() -> None:
    marks, bare = 0, []
    for file in Path(costeff.__file__).parent.rglob("*.py"):
        if "_bundled" in file.parts or "go." not in (code := file.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MARKS:
                marks += 1
                if not {"hovertemplate", "hoverinfo", None} & {word.arg for word in node.keywords}:
                    bare.append(f"{file.name}:{node.lineno}")
    assert marks > 5
    assert bare == []


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")
def test_a_browser_writes_them_so(browser: Any, tmp_path: Path) -> None:
    """A large, a small and a usual number, as the plane writes them, in a browser of its own language."""
    import plotly.graph_objects as go

    written = {}
    for language in ("en", "da"):
        marks = {
            "type": "scatter",
            "mode": "markers",
            "x": [0.000012346, 2.5, 1234567.89],
            "y": [1234567.89, 0.4, -98765.4],
            "hovertemplate": "%{x:,.4~r}, %{y:,.0f}<extra></extra>",
        }
        drawn = described(go.Figure([marks], layout(language, 400, xaxis=axis("x"), yaxis=axis("y"))), "x", "y")
        file = tmp_path / f"{language}.html"
        file.write_text(figure_page(drawn, "marks", language), encoding="utf-8")
        page = browser.new_page()
        page.set_default_timeout(180_000)
        page.goto(file.as_uri())
        page.wait_for_selector(".main-svg")
        written[language] = []
        for at in range(3):
            page.wait_for_timeout(200)  # plotly shows no more than one text in 50 ms
            page.evaluate(
                "at => Plotly.Fx.hover(document.querySelector('.js-plotly-plot'), [{curveNumber: 0, pointNumber: at}])",
                at,
            )
            written[language].append(page.text_content(".hoverlayer"))
        page.close()
    assert written == {
        "en": ["0.00001235, 1,234,568", "2.5, 0", "1,235,000, -98,765"],
        "da": ["0,00001235, 1.234.568", "2,5, 0", "1.235.000, -98.765"],
    }
