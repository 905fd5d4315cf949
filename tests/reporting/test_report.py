"""Anchored in the HTML itself, parsed by the standard library: whole, self-contained, escaped, in one language."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs_version
from present_example import example_content, with_label

from costeff.catalogue import say
from costeff.errors import ScenarioError
from costeff.reporting.page import packed_plotly
from costeff.reporting.shared_arrays import shared_arrays
from costeff.study.report.report import report_html, write_report

VOID = {"meta", "br", "link", "img", "input", "hr", "circle", "path"}


class Reading(HTMLParser):
    """Elements, attributes and text of a page; scripts and styles apart. Fails on a wrong end tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif self.open and self.open[-1] != "style":
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module", params=["en", "da"])
def page(request: pytest.FixtureRequest) -> tuple[str, Reading]:
    return request.param, Reading(report_html(example_content(wtp_at=250_000.0), request.param))


def test_structure(page: tuple[str, Reading]) -> None:
    language, reading = page
    assert reading.open == []
    assert reading.all("html") == [{"lang": language}]
    assert len(reading.all("h1")) == 1
    identifiers = [attrs["id"] for _, attrs in reading.elements if "id" in attrs]
    assert len(identifiers) == len(set(identifiers))
    anchors = [str(attrs["href"])[1:] for attrs in reading.all("a") if str(attrs.get("href")).startswith("#")]
    assert len(anchors) == 19
    assert set(anchors) <= set(identifiers)
    named = {attrs.get("aria-labelledby") for attrs in reading.all("section")}
    assert named <= set(identifiers)
    labelled = {attrs.get("for") for attrs in reading.all("label")}
    assert labelled == {attrs.get("id") for attrs in reading.all("select")}


def test_words_are_of_one_language(page: tuple[str, Reading]) -> None:
    language, reading = page
    other = "da" if language == "en" else "en"
    text = "\n".join(reading.text)
    for key in ("who_pays", "key_result", "uncertainty", "tornado", "provenance", "assumptions", "party", "difference"):
        assert say(key, language) in text
        assert say(key, other) not in text


def test_nothing_is_fetched(page: tuple[str, Reading]) -> None:
    _, reading = page
    for tag, attrs in reading.elements:
        assert "src" not in attrs, tag
        assert tag not in ("link", "iframe", "img", "object")
        if "href" in attrs:
            assert tag == "a"
    policy = [attrs["content"] for attrs in reading.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"]


def test_plotly_is_embedded_once_and_every_figure_has_data(page: tuple[str, Reading]) -> None:
    _, reading = page
    large = [text for text in reading.scripts if len(text) > 300_000]
    assert len(large) == 1
    code = gzip.decompress(base64.b64decode(large[0])).decode("utf-8")
    assert "plotly.js (cartesian - minified) v" in code[:200]
    (given,) = [json.loads(text) for text in reading.scripts if text.startswith('{"figures"')]
    plots = [attrs["id"] for attrs in reading.all("div") if attrs.get("class") == "plot"]
    assert list(given["figures"]) == sorted(plots, key=lambda name: int(str(name).split("-")[1]))
    # 3 perspectives of plane, CEAC, CEAF, expected loss and cost by year; who pays, trace, 3 passages, tornado
    assert len(plots) == 3 * 5 + 1 + 1 + 3 + 1
    assert all(figure["data"] for figure in given["figures"].values())


def test_a_report_is_light() -> None:
    """Three perspectives of 1,024 draws; the bar of a whole report is 3 MB."""
    assert len(report_html(example_content(draws=1024, wtp_at=250_000.0)).encode()) < 1_500_000


def test_the_part_of_plotly_is_of_the_version_that_python_draws_for() -> None:
    code = gzip.decompress(base64.b64decode(packed_plotly())).decode("utf-8")
    part = re.search(r"v(\d+)\.", code[:200])
    assert part is not None
    assert part[1] == get_plotlyjs_version().split(".")[0]


def test_shared_arrays_are_the_arrays_to_seven_digits() -> None:
    """Read back by NumPy: lists of numbers, arrays and what plotly has encoded; short ones and texts stay."""
    rng = np.random.default_rng(1)
    xs, grid = rng.normal(size=300) * 1e6, rng.normal(size=(20, 30))
    chart = go.Figure([go.Scatter(x=xs, y=list(range(300)), text=["a"] * 300), go.Contour(z=grid), go.Scatter(x=xs)])
    stored = shared_arrays({"one": chart.to_plotly_json()})
    points, contour, again = stored["figures"]["one"]["data"]
    assert points["x"] == again["x"]
    assert len(stored["arrays"]) == 3

    def read(place: dict[str, int]) -> np.ndarray:
        array = stored["arrays"][place["shared"]]
        return np.frombuffer(base64.b64decode(array["bdata"]), f"<{array['dtype']}")

    assert read(points["x"]) == pytest.approx(xs, rel=1e-6)
    assert read(points["y"]).tolist() == list(range(300))
    assert read(contour["z"]) == pytest.approx(grid.ravel(), rel=1e-6)
    assert stored["arrays"][contour["z"]["shared"]]["shape"] == "20, 30"
    assert list(points["text"]) == ["a"] * 300


def test_a_hostile_label_is_text_everywhere() -> None:
    evil = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"
    reading = Reading(report_html(with_label(example_content(draws=20), evil)))
    assert reading.open == []
    assert len(reading.all("script")) == 3
    assert reading.all("img") == []
    assert not any(name.startswith("on") for _, attrs in reading.elements for name in attrs)
    assert evil in reading.text
    (given,) = [json.loads(text) for text in reading.scripts if text.startswith('{"figures"')]
    assert "<script" not in json.dumps(given)
    assert "&lt;script&gt;" in json.dumps(given)


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    content = example_content(draws=20)
    assert write_report(content, path, "da") == path
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    before = path.read_bytes()
    broken = replace(content, tornado=content.tornado.drop(columns="low_result"))
    with pytest.raises(KeyError):
        write_report(broken, path)
    with pytest.raises(ScenarioError, match="unknown language"):
        write_report(content, path, "sv")
    with pytest.raises(OSError, match=r"missing"):
        write_report(content, tmp_path / "missing" / "report.html")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert report_html(example_content(draws=20)) == report_html(example_content(draws=20))


def test_what_was_not_computed_is_said() -> None:
    content = example_content(draws=20, halves=False)
    none = pd.DataFrame()
    bare = replace(content, tornado=none, noise=none, implied=none, medians=none, passages=content.passages[:0])
    text = "\n".join(Reading(report_html(bare)).text)
    assert text.count(say("nothing")) == 1  # the tornado, which every model can have
    for section in ("return", "noise", "implied"):  # what a model does not have is left out
        assert f'<section id="{section}"' not in report_html(bare)
    assert say("nothing") not in "\n".join(Reading(report_html(example_content(draws=20))).text)


def test_one_draw() -> None:
    content = example_content(draws=1, halves=False)
    text = "\n".join(Reading(report_html(content)).text)
    assert "one draw, so no interval" in text
    assert not re.search(r"\bnan\b", text.lower())


def test_several_strategies() -> None:
    reading = Reading(report_html(example_content(alternatives=2, draws=50)))
    text = "\n".join(reading.text)
    assert "Who pays and who gains: TKI2" in text
    assert "Who pays and who gains: Other programme" in text
