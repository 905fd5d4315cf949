"""Figures that said of one strategy what holds for another, or did not say what they show."""

from __future__ import annotations

import re

import numpy as np
import pytest
from click.testing import CliRunner
from fault import fault

from costeff import Evaluation
from costeff.analysis.result_tables import increments
from costeff.cea.figures import acceptability
from costeff.cea.figures.plane import plane
from costeff.cli import main
from costeff.reporting.charts.tornado import tornado
from costeff.sensitivity.conditional import conditional_one_way


def of_three(best: int) -> Evaluation:
    """Three strategies of which one costs least and gives most."""
    cost, effect = np.full((20, 3), 10.0), np.full((20, 3), 1.0)
    cost[:, best], effect[:, best] = 5.0, 2.0
    return Evaluation("payer", "qaly", ("usual", "coach", "combo"), "usual", cost, effect)


@fault(
    kind="a strategy drawn in another's colour and marker",
    given="CEAF of three strategies of which the last is best at every value",
    right="the colour that the CEAC gives the same strategy",
)
def test_ceaf_draws_a_strategy_as_the_ceac_does() -> None:
    three = of_three(2)
    (frontier,) = acceptability.ceaf(three.ceaf([0.0, 10.0]), {}).data
    colours = {curve.name: curve.line.color for curve in acceptability.ceac(three.ceac([0.0, 10.0]), {}).data}
    assert frontier.name == "combo"
    assert frontier.line.color == colours["combo"]


@fault(
    kind="a figure that does not say whose result it shows",
    given="CEAF with one strategy best throughout",
    right="a legend that names it",
)
def test_ceaf_of_one_strategy_has_a_legend() -> None:
    assert acceptability.ceaf(of_three(1).ceaf([0.0, 10.0]), {}).layout.showlegend is True


@fault(
    kind="a strategy drawn in another's colour and marker",
    given="decision matrix of three strategies of which the last is preferred everywhere",
    right="the colour that the CEAC gives the same strategy",
)
def test_decision_matrix_paints_a_strategy_as_the_ceac_does() -> None:
    from costeff.cea.decision_matrix import decision_matrix
    from costeff.cea.figures.decisions import decision_matrix as drawn

    three = of_three(2)
    colours = {curve.name: curve.line.color for curve in acceptability.ceac(three.ceac([0.0, 10.0]), {}).data}
    (cell,) = drawn(decision_matrix({"payer": three}, [10.0]), {}).layout.shapes
    assert cell.fillcolor == colours["combo"]


@fault(
    kind="a figure that leaves out what the table knows",
    given="plane of four strategies, one dominated",
    right="the frontier through the three that are efficient",
)
def test_the_plane_draws_the_efficiency_frontier() -> None:
    cost, effect = np.tile([0.0, 10.0, 20.0, 30.0], (5, 1)), np.tile([0.0, 2.0, 1.0, 4.0], (5, 1))
    four = Evaluation("payer", "qaly", ("usual", "coach", "poor", "combo"), "usual", cost, effect)
    figure = plane(four, {})
    lines = [list(zip(trace.x, trace.y, strict=True)) for trace in figure.data if "lines" in str(trace.mode)]
    assert [(0.0, 0.0), (2.0, 10.0), (4.0, 30.0)] in lines


@fault(
    kind="a caption that says of draws what holds for a model",
    given="tornado of a table of draws",
    right="the mean given each parameter, and the mean of all draws as its line; not 'the others keep their value'",
)
def test_the_tornado_of_a_table_says_that_others_move_along() -> None:
    x, y = np.random.default_rng(1).normal(0.0, 1.0, (2, 200))
    cost = np.column_stack([np.zeros(200), 10 + 3 * x + y])
    one = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, np.ones((200, 2)), parameters={"x": x, "y": y})
    table = conditional_one_way(one)
    caption = tornado(table, float(table.attrs["base"]), "net cost").layout.meta["caption"]
    assert "move along" in caption
    assert "keep their value" not in caption
    assert "base case" not in caption


@fault(
    kind="an interval without width that is no interval",
    given="increment of 60 draws whose whole spread is the luck of individuals",
    right="the interval of the draws as they are, as the comparison with the comparator has it; not 0.05 to 0.05",
)
def test_luck_as_large_as_the_whole_spread_leaves_the_interval_of_the_draws() -> None:
    luck = np.random.default_rng(2).normal(0.0, 1.0, (60, 2))
    halves = np.zeros((60, 2, 2))
    halves[:, :, 1] = 0.05 + luck - 0.9 * luck.mean(axis=1, keepdims=True)
    row = increments(halves.mean(axis=1), halves, 0, 1)
    assert row["lo"] < row["hi"]
    assert row.get("lo_corrected", row["lo"]) != row.get("hi_corrected", row["hi"])


@fault(
    kind="a result that one face has and another lacks",
    given="`costeff dsa` of a model whose best strategy changes along a parameter",
    right="the value where it changes and the strategies on either side, as for a table of draws",
)
def test_the_tornado_of_a_model_names_where_the_best_strategy_changes() -> None:
    asked = ["dsa", "sick_sicker", "--strategy", "A", "--parameter", "c_trtA"]
    said = CliRunner().invoke(main, asked).output
    found = re.search(r"Best of all as c_trtA grows: AB up to ([\d,.]+).*, then B\.", said)
    assert found is not None, said
    assert float(found[1].replace(",", "")) == pytest.approx(9_577, abs=2)  # as `costeff threshold` says
