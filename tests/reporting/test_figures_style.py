"""Each strategy has one colour, marker and dash in every figure of an evaluation, whatever a figure leaves out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from present_example import example_content

from costeff import Evaluation
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.figures.acceptability import ceac, ceaf
from costeff.cea.figures.decisions import decision_matrix as matrix_figure
from costeff.cea.figures.decisions import expected_loss
from costeff.cea.figures.plane import plane
from costeff.labels import Label
from costeff.precision.figures import convergence
from costeff.reporting.charts.tornado import tornado
from costeff.reporting.style import all_strategies, strategy_looks
from costeff.sensitivity.figures.two_way import two_way
from costeff.sensitivity.tornado import tornado_table
from costeff.study.figures.money import cost_by_year
from costeff.study.figures.time import time_to_return
from costeff.study.report.report import report_html

WTP = np.linspace(0, 100_000, 11)


def evaluation(names: tuple[str, ...], comparator: str, seed: int = 1, draws: int = 40) -> Evaluation:
    """Strategies at random places, each with a spread of its own."""
    rng = np.random.default_rng(seed)
    cost = 1_000 * rng.standard_normal(len(names)) + 500 * rng.standard_normal((draws, len(names)))
    effect = 0.05 * rng.standard_normal(len(names)) + 0.02 * rng.standard_normal((draws, len(names)))
    return Evaluation("payer", "qaly", names, comparator, cost, effect)


def seen(figure: Any, labels: dict[str, Label]) -> dict[str, set[tuple[str, str]]]:
    """What is drawn of each strategy, by the name in the legend: its (colour, marker); bars have no marker."""
    known = {label.en: name for name, label in labels.items()}
    looks: dict[str, set[tuple[str, str]]] = {}
    for trace in figure.data:
        name = known.get(
            str(trace.name).removesuffix(", mean").removesuffix(", the comparator").removesuffix(" preferred")
        )
        if name is not None and trace.type in ("scatter", "bar") and trace.showlegend is not False:
            marker = trace.marker.symbol if trace.type == "scatter" else ""
            looks.setdefault(name, set()).add((trace.marker.color, marker))
    return looks


def figures(one: Evaluation, labels: dict[str, Label], order: list[str]) -> dict[str, Any]:
    """Every figure that tells strategies apart; those that are made of tables get their strategies in another order."""
    years = pd.DataFrame([{"strategy": s, "year": y, "cost": 1.0} for s in order for y in (1, 2)])
    shares = xr.DataArray(
        np.full((len(order), 3), 0.5), dims=("strategy", "cycle"), coords={"strategy": order, "cycle": [0, 1, 2]}
    )
    chosen = (("a", "b"), [[order[-1], one.comparator]])
    grid = xr.Dataset(
        {"result": (("a", "b"), np.zeros((1, 2))), "preferred": chosen},
        {"a": [1.0], "b": [1.0, 2.0]},
        {"comparator": one.comparator, "measure_en": "m", "base_first": 1, "base_second": 1},
    )
    return {
        "plane": plane(one, labels),
        "ceac": ceac(one.ceac(WTP), labels),
        "ceaf": ceaf(one.ceaf(WTP), labels),
        "loss": expected_loss(one.expected_loss(WTP), labels),
        "convergence": convergence(one.convergence(20_000), labels),
        "by_year": cost_by_year(years, labels, one.comparator),
        "two_way": two_way(grid, labels),
        "return": time_to_return(shares, labels, one.comparator, cycles_per_year=52),
        "some": ceac(one.ceac(WTP).sel(strategy=order[-1:]), labels),
        "few_labels": ceaf(one.ceaf(WTP), {order[0]: labels[order[0]]}),
    }


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 9), st.integers(0, 8), st.integers(0, 10_000))
def test_one_look_in_every_figure(count: int, base: int, seed: int) -> None:
    names = tuple(f"s{i}" for i in range(count))
    one = evaluation(names, names[base % count], seed)
    labels = {name: Label(f"Strategy {name}", f"Strategi {name}") for name in names}
    order = list(np.random.default_rng(seed).permutation(names))
    looks = strategy_looks(names, one.comparator)
    for what, figure in figures(one, labels, order).items():
        drawn = seen(figure, labels)
        for name, found in drawn.items():
            right = {(looks[name]["colour"], looks[name]["marker"]), (looks[name]["colour"], "")}
            assert found <= right, (what, name)
        assert drawn or what == "few_labels", what


def test_looks_differ_between_strategies_and_the_comparator_is_grey_wherever_it_stands() -> None:
    names = [f"s{i}" for i in range(20)]
    looks = strategy_looks(names, "s7")
    assert looks["s7"]["colour"] == "#4D4D4D"
    assert len({(one["colour"], one["marker"]) for one in looks.values()}) == 20
    assert len({(one["colour"], one["dash"]) for one in looks.values()}) == 20


def test_a_figure_knows_every_strategy_of_its_evaluation() -> None:
    three = evaluation(("usual", "coach, on the phone", 'the "combo"'), "usual")
    for table in (three.ceac(WTP), three.ceaf(WTP), three.expected_loss(WTP), decision_matrix({"a": three}, WTP)):
        assert all_strategies(table.attrs, {}) == list(three.strategies)
    assert all_strategies({}, {"a": Label("", ""), "b": Label("", "")}, ["b"]) == ["a", "b"]
    assert all_strategies({}, {"a": Label("", "")}, ["b", "c"]) == ["b", "c"]


def test_ceaf_of_one_best_strategy_has_its_look_and_a_legend() -> None:
    """Of three strategies the last is best throughout: it is not drawn in the look of the second."""
    cost, effect = np.tile([3.0, 2.0, 1.0], (5, 1)), np.tile([1.0, 2.0, 3.0], (5, 1))
    three = Evaluation("payer", "qaly", ("usual", "coach", "combo"), "usual", cost, effect)
    (trace,) = (figure := ceaf(three.ceaf(WTP), {})).data
    looks = strategy_looks(three.strategies, "usual")
    assert (trace.line.color, trace.marker.symbol) == (looks["combo"]["colour"], looks["combo"]["marker"])
    assert figure.layout.showlegend
    assert trace.name == "combo"


def test_decision_matrix_paints_strategies_as_elsewhere() -> None:
    cost, effect = np.tile([3.0, 2.0, 1.0], (5, 1)), np.tile([1.0, 2.0, 3.0], (5, 1))
    three = Evaluation("payer", "qaly", ("usual", "coach", "combo"), "usual", cost, effect)
    drawn = matrix_figure(decision_matrix({"payer": three}, [0.0]), {})
    assert drawn.layout.shapes[0].fillcolor == strategy_looks(three.strategies, "usual")["combo"]["colour"]


@pytest.mark.parametrize(
    ("cost", "effect", "line", "name"),
    [
        ([0, 10, 20, 30], [0, 1, 0.5, 4], [(0, 0), (4, 30)], "Efficiency frontier"),
        ([10, 0, 40, 20], [0, 1, 3, 2.5], [(1, -10), (2.5, 10), (3, 30)], "Efficiency frontier"),
        ([10, 20], [1, 0], [(0, 0)], "Efficiency frontier: s0 alone"),
        ([10, 5], [1, 2], [(1, -5)], "Efficiency frontier: s1 alone"),
        ([10, 5], [1, 0.5], [(-0.5, -5), (0, 0)], "Efficiency frontier"),
    ],
)
def test_plane_joins_the_means_of_the_strategies_on_the_frontier(
    cost: list[float], effect: list[float], line: list[tuple[float, float]], name: str
) -> None:
    """Dominated and extendedly dominated strategies are off it; it runs by rising cost."""
    names = tuple(f"s{i}" for i in range(len(cost)))
    one = Evaluation("payer", "qaly", names, "s0", np.tile(cost, (3, 1)), np.tile(effect, (3, 1)))
    (drawn,) = (trace for trace in plane(one, {}).data if str(trace.name).startswith("Efficiency"))
    np.testing.assert_allclose(np.c_[drawn.x, drawn.y], line)
    assert drawn.name == name
    assert drawn.mode == ("lines" if len(line) > 1 else "markers")
    means = {trace.name: (trace.x[0], trace.y[0]) for trace in plane(one, {}).data if "mean" in str(trace.name)}
    assert means == {
        f"{other}, mean": pytest.approx((effect[s] - effect[0], cost[s] - cost[0]))
        for s, other in enumerate(names)
        if s
    }


def test_the_report_has_a_tornado_for_each_strategy_and_names_what_does_not_move_it() -> None:
    content = example_content(alternatives=2, wtp_at=250_000.0)
    text = report_html(content)
    figures = json.loads(text.split('id="figures">')[1].split("</script>")[0])["figures"]
    drawn = {name: figure for name, figure in figures.items() if name.endswith("tornado")}
    assert len(drawn) == 2
    for figure, strategy in zip(drawn.values(), ("TKI2", "Other programme"), strict=True):
        title = figure["layout"]["xaxis"]["title"]["text"].replace("<br>", " ")
        assert title == f"Net cost, DKK per citizen. {strategy} against Usual care"
        assert figure["data"][0]["base"] == content.tornado_base["tki2" if strategy == "TKI2" else "other"]
    assert "These do not change it at all: invented_parameter_15, invented_parameter_16" in text
    caption = text.split("Sensitivity analysis, one parameter at a time: TKI2.")[1].split("</figcaption>")[0]
    assert "do not change" not in caption


def test_a_tornado_has_no_bar_for_what_does_not_move_the_result() -> None:
    table = tornado_table(5.0, {"a": (0, 1.0), "b": (0, 5.0)}, {"a": (1, 9.0), "b": (1, 5.0 + 1e-12)})
    assert [str(name).split("<br>")[0] for name in tornado(table, 5.0, "x").data[0].y] == ["a"]
    assert len(tornado(table[1:], 5.0, "x").data[0].y) == 1  # nothing moves: the row says so


def test_an_axis_of_small_amounts_has_digits_and_its_tooltips_too() -> None:
    import plotly.graph_objects as go

    from costeff.reporting.style import axis, legible

    def drawn(values: list[float]) -> go.Figure:
        bar = {"type": "bar", "x": ["a", "b"], "y": values, "hovertemplate": "%{x}: %{y:,.0f}<extra></extra>"}
        return legible(go.Figure([bar], {"xaxis": axis("", type="category"), "yaxis": axis("DKK", tickformat=",.0f")}))

    small, large, nothing = drawn([0.4, 19.9]), drawn([0.4, 20.1]), drawn([0.0, float("nan")])
    assert (small.layout.yaxis.tickformat, small.data[0].hovertemplate) == (",.3~r", "%{x}: %{y:,.3~r}<extra></extra>")
    assert large.layout.yaxis.tickformat == nothing.layout.yaxis.tickformat == ",.0f"
