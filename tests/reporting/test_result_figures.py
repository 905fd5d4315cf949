"""Anchored in the numbers put in: each figure must hold exactly what it was given, in the language asked for."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pandas as pd
import pytest
from present_example import STATES, example_content, repeated

from costeff.cea.acceptability import ceac as ceac_of
from costeff.cea.acceptability import ceaf as ceaf_of
from costeff.cea.figures.acceptability import ceac, ceaf
from costeff.cea.figures.plane import plane
from costeff.labels import Label
from costeff.reporting.charts.tornado import tornado
from costeff.sensitivity.tornado import tornado_table
from costeff.study.figures.money import cost_by_year, who_pays
from costeff.study.figures.time import time_to_return, trace
from costeff.study.report.diagram import transition_diagram

CONTENT = example_content(wtp_at=250_000.0)
VIEW = CONTENT.perspectives[0]
EVIL = Label("<script>alert(1)</script> & <b>x</b>", "<script>alert(1)</script> & <b>x</b>")


def as_json(figure: Any) -> Any:
    return figure.to_plotly_json()


def test_plane_draws_the_increments_and_the_mean() -> None:
    figure = plane(VIEW.evaluation, CONTENT.strategies, "en", wtp=250_000.0)
    points, frontier, base, middle, line = figure.data
    assert frontier.name == "Efficiency frontier"  # dearer and better: the comparator is on it too
    assert (base.x[0], base.y[0]) == (0.0, 0.0)
    over = VIEW.evaluation.cost[:, 1] - VIEW.evaluation.cost[:, 0]
    gained = VIEW.evaluation.gain[:, 1] - VIEW.evaluation.gain[:, 0]
    np.testing.assert_array_equal(points.y, over)
    np.testing.assert_array_equal(points.x, gained)
    assert middle.x[0] == pytest.approx(gained.mean())
    assert middle.y[0] == pytest.approx(over.mean())
    np.testing.assert_allclose(np.array(line.y), 250_000.0 * np.array(line.x))
    assert figure.layout.yaxis.title.text == "Extra cost, DKK per citizen"
    assert {note.text for note in figure.layout.annotations} >= {"costs more,<br>gives less"}
    assert len(plane(VIEW.evaluation, CONTENT.strategies).data) == 4


def test_plane_shows_what_is_avoided_when_fewer_is_better() -> None:
    from present_example import evaluation

    fewer = evaluation(effect=-2.0, base_effect=40.0, effect_sign=-1, effect_unit="weeks")
    figure = plane(fewer, CONTENT.strategies, "da")
    assert float(np.mean(figure.data[0].x)) > 0
    assert figure.layout.xaxis.title.text == "Undgåede uger pr. borger"
    assert figure.layout.separators == ",."


def test_plane_thins_many_draws_but_not_the_mean() -> None:
    from present_example import evaluation

    many = evaluation(draws=5000)
    figure = plane(many, CONTENT.strategies)
    assert len(figure.data[0].x) == 1667
    assert figure.data[3].name == "TKI2, mean"
    assert figure.data[3].y[0] == pytest.approx((many.cost[:, 1] - many.cost[:, 0]).mean())


def test_ceac_has_thick_corrected_and_thin_raw_curves() -> None:
    curves = ceac_of(VIEW.evaluation, CONTENT.wtp)
    figure = ceac(curves, CONTENT.strategies, "da", wtp=250_000.0)
    assert [trace.name for trace in figure.data] == [
        "Vanlig indsats, korrigeret",
        "Vanlig indsats, som simuleret",
        "TKI2, korrigeret",
        "TKI2, som simuleret",
    ]
    np.testing.assert_array_equal(figure.data[2].y, curves["probability_noise_corrected"].sel(strategy="tki2").values)
    np.testing.assert_array_equal(figure.data[3].y, curves["probability"].sel(strategy="tki2").values)
    assert figure.data[2].line.width > figure.data[3].line.width
    assert figure.layout.shapes[0].x0 == 250_000.0
    raw = ceac_of(example_content(halves=False).perspectives[0].evaluation, CONTENT.wtp)
    assert [trace.name for trace in ceac(raw, CONTENT.strategies).data] == ["Usual care", "TKI2"]


def test_ceaf_shows_one_strategy_at_each_value() -> None:
    frontier = ceaf_of(VIEW.evaluation, CONTENT.wtp)
    figure = ceaf(frontier, CONTENT.strategies)
    stacked = np.array([np.array(trace.y, dtype=float) for trace in figure.data])
    assert (np.isfinite(stacked).sum(axis=0) == 1).all()
    np.testing.assert_array_equal(np.nansum(stacked, axis=0), frontier["probability_noise_corrected"].values)
    assert {trace.name for trace in figure.data} == {"Usual care", "TKI2"}


def test_who_pays_parts_add_up_to_the_net() -> None:
    figure = who_pays(CONTENT.parties, "en", currency="DKK")
    own, rest, net = figure.data
    inside = CONTENT.parties[CONTENT.parties["inside"]]
    np.testing.assert_allclose(np.array(own.x) + np.array(rest.x), inside["increment"])
    np.testing.assert_array_equal(net.x, inside["increment"])
    np.testing.assert_allclose(np.array(net.x) + np.array(net.error_x.array), inside["hi"])
    np.testing.assert_allclose(np.array(net.x) - np.array(net.error_x.arrayminus), inside["lo"])
    title = figure.layout.xaxis.title.text.replace("<br>", " ").replace("\u00a0", " ")  # no line begins with "= more"
    assert title == "Extra cost, DKK per citizen · + = more cost for the party"


def test_cost_by_year_has_costs_and_their_differences() -> None:
    figure = cost_by_year(VIEW.by_year, CONTENT.strategies, "usual_care", "en")
    base, other, gap = figure.data
    np.testing.assert_allclose(np.array(other.y) - np.array(base.y), gap.y)
    assert list(base.x) == [1, 2, 3, 4, 5]
    assert gap.yaxis == "y2"


def test_trace_panels_hold_every_state_once() -> None:
    figure = trace(CONTENT.trace, CONTENT.states, CONTENT.strategies, "en", cycles_per_year=52)
    assert len(figure.data) == 2 * len(STATES)
    for group in ("states", "states2"):
        total = np.sum([np.array(t.y) for t in figure.data if t.stackgroup == group], axis=0)
        np.testing.assert_allclose(total, 1.0)
    assert figure.data[0].x[-1] == 5.0
    assert sum(bool(t.showlegend) for t in figure.data) == len(STATES)
    looks = {(t.fillcolor, t.fillpattern.shape) for t in figure.data}
    assert len(looks) == len(STATES)
    tops = [figure.layout[name].domain for name in ("yaxis", "yaxis2")]
    assert tops[0][0] > tops[1][1]


def test_trace_leaves_out_states_never_entered() -> None:
    never = CONTENT.trace.copy()
    never.loc[{"state": "flex_job"}] = 0.0
    figure = trace(never, CONTENT.states, CONTENT.strategies, cycles_per_year=52)
    assert "Flex job" not in {t.name for t in figure.data}


def test_time_to_return_draws_the_shares() -> None:
    shares = CONTENT.passages.sel(passage="self_support")
    figure = time_to_return(shares, CONTENT.strategies, "usual_care", "da", cycles_per_year=52)
    np.testing.assert_array_equal(figure.data[1].y, shares.sel(strategy="tki2").values)
    assert figure.layout.shapes[0].y0 == 0.5
    assert figure.data[0].line.dash != figure.data[1].line.dash


def test_tornado_bars_start_at_the_base_and_end_at_the_result() -> None:
    figure = tornado(CONTENT.tornado, CONTENT.tornado_base["tki2"], "Net cost", "en")
    low, high = figure.data
    assert len(low.x) == 15
    np.testing.assert_allclose(np.array(low.x) + low.base, CONTENT.tornado["low_result"].head(15))
    np.testing.assert_allclose(np.array(high.x) + high.base, CONTENT.tornado["high_result"].head(15))
    marked = [name.startswith("◆") for name in low.y]
    assert marked == CONTENT.tornado["changes_decision"].head(15).tolist()
    assert any(marked)
    assert not all(marked)
    assert low.marker.color != high.marker.color


def test_tornado_keeps_parameters_of_the_same_name_and_values_apart() -> None:
    table = tornado_table(0.0, {"a": (1, -5.0), "b": (1, -4.0)}, {"a": (2, 5.0), "b": (2, 4.0)})
    assert len(set(tornado(table, 0.0, "x").data[0].y)) == 2


@pytest.mark.parametrize("language", ["en", "da"])
def test_labels_are_text_and_not_markup(language: str) -> None:
    labels = dict.fromkeys(CONTENT.strategies, EVIL)
    states = dict.fromkeys(CONTENT.states, EVIL)
    parties = CONTENT.parties.assign(label=repeated(EVIL, len(CONTENT.parties)))
    curves = ceac_of(VIEW.evaluation, CONTENT.wtp)
    figures = [
        plane(VIEW.evaluation, labels, language),
        ceac(curves, labels, language),
        ceaf(ceaf_of(VIEW.evaluation, CONTENT.wtp), labels, language),
        who_pays(parties, language),
        cost_by_year(VIEW.by_year, labels, "usual_care", language),
        trace(CONTENT.trace, states, labels, language, cycles_per_year=52),
        time_to_return(CONTENT.passages.isel(passage=0), labels, "usual_care", language, cycles_per_year=52),
        tornado(CONTENT.tornado.assign(name=EVIL.en), 0.0, EVIL.en, language),
    ]
    for figure in figures:
        text = str(as_json(figure))
        assert "<script" not in text
        assert "&lt;script&gt;" in text.replace("<br>", "")
    assert "<script" not in transition_diagram(CONTENT.diagram, states, language)


def test_comparator_is_grey_wherever_it_stands() -> None:
    first = ceac(ceac_of(VIEW.evaluation, CONTENT.wtp), CONTENT.strategies)
    assert first.data[0].line.color == "#4D4D4D"
    backwards = CONTENT.passages.isel(passage=0, strategy=[1, 0])
    figure = time_to_return(backwards, CONTENT.strategies, "usual_care", cycles_per_year=52)
    assert figure.data[1].line.color == "#4D4D4D"


def few_states(count: int) -> dict[str, object]:
    """The diagram of the first `count` states of the example, and of the last."""
    kept = [*CONTENT.diagram["states"][: count - 1], CONTENT.diagram["states"][-1]]
    edges = [edge for edge in CONTENT.diagram["edges"] if {edge[0], edge[1]} <= set(kept)]
    return {"states": kept, "edges": edges}


def test_a_diagram_of_few_states_has_every_state_and_arrow() -> None:
    diagram = few_states(8)
    text = transition_diagram(diagram, CONTENT.states, "da")
    root = ET.fromstring(text)
    states = [e for e in root.iter() if e.get("class") == "state"]
    arrows = [e for e in root.iter() if e.tag == "path" and e.get("class")]
    assert len(states) == 8
    assert len(arrows) == len(diagram["edges"])  # type: ignore[arg-type]
    tips = {e.text for e in root.iter("title")}
    assert "Sygedagpenge, fra ledighed → Dagpenge (2 overgange)" in tips
    grey = [e for e in arrows if "grey" in str(e.get("class"))]
    assert len(grey) == 7  # into death, from each of the others
    centres = np.array([[float(str(e.get("cx"))), float(str(e.get("cy")))] for e in states])
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2) + 1e6 * np.eye(8)
    assert gaps.min() > 2 * 23 + 20  # circles do not touch


@pytest.mark.parametrize("language", ["en", "da"])
def test_many_states_are_a_matrix_in_which_every_transition_has_its_cell(language: str) -> None:
    names = list(CONTENT.diagram["states"])
    root = ET.fromstring(transition_diagram(CONTENT.diagram, CONTENT.states, language))
    width, height = (float(x) for x in str(root.get("viewBox")).split()[2:])
    numbers = [e for e in root.iter("text") if e.get("class") == "number"]
    assert [e.text for e in numbers] == [str(i + 1) for i in range(len(names)) for _ in range(2)]
    rows, columns = ([float(str(e.get(key))) for e in numbers[side::2]] for side, key in ((0, "y"), (1, "x")))
    drawn = set()
    for group in root.iter("g"):
        cell, title = group.find("rect"), group.find("title")
        assert cell is not None
        assert title is not None
        x, y, size = (float(str(cell.get(key))) for key in ("x", "y", "width"))
        assert x >= 0
        assert x + size <= width
        assert y + size <= height
        row = int(np.argmin(np.abs(np.array(rows) - 6 - (y + size / 2))))
        column = int(np.argmin(np.abs(np.array(columns) - (x + size / 2))))
        drawn.add((names[row], names[column]))
        ends = str(title.text).split(" (")[0].split(" → ")
        assert ends == [CONTENT.states[names[at]][language].split(" (")[0] for at in (row, column)]
    assert drawn == {(source, target) for source, target, _ in CONTENT.diagram["edges"]}
    assert len([e for e in root.iter("text") if e.get("class") == "count"]) == 2


def test_diagram_of_one_state_that_returns_to_itself() -> None:
    diagram = {"states": ["only"], "edges": [("only", "only", 1)]}
    text = transition_diagram(diagram, {"only": Label("Only", "Eneste")})
    assert len(re.findall(r'class="arrow"', text)) == 1
    ET.fromstring(text)


def test_who_pays_without_an_interval() -> None:
    """One draw has no interval: the bars are drawn without one."""
    parties = CONTENT.parties.assign(lo=np.nan, hi=np.nan)
    assert isinstance(parties, pd.DataFrame)
    assert np.isnan(np.array(who_pays(parties).data[2].error_x.array)).all()
