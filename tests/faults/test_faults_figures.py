"""Figures that said of one strategy what holds for another, or did not say what they show."""

from __future__ import annotations

import numpy as np
from fault import fault

import costeff.present
from costeff.economics import Evaluation
from costeff.economics.conditional import conditional_one_way


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
    (frontier,) = costeff.present.ceaf(three.ceaf([0.0, 10.0]), {}).data
    colours = {
        curve.name: curve.line.color for curve in costeff.present.ceac(three.ceac([0.0, 10.0]), {}).data
    }
    assert frontier.name == "combo"
    assert frontier.line.color == colours["combo"]


@fault(
    kind="a figure that does not say whose result it shows",
    given="CEAF with one strategy best throughout",
    right="a legend that names it",
)
def test_ceaf_of_one_strategy_has_a_legend() -> None:
    assert costeff.present.ceaf(of_three(1).ceaf([0.0, 10.0]), {}).layout.showlegend is True


@fault(
    kind="a strategy drawn in another's colour and marker",
    given="decision matrix of three strategies of which the last is preferred everywhere",
    right="the colour that the CEAC gives the same strategy",
)
def test_decision_matrix_paints_a_strategy_as_the_ceac_does() -> None:
    from costeff.economics import decision_matrix
    from costeff.present.figure_decisions import decision_matrix as drawn

    three = of_three(2)
    colours = {
        curve.name: curve.line.color for curve in costeff.present.ceac(three.ceac([0.0, 10.0]), {}).data
    }
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
    figure = costeff.present.plane(four, {})
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
    one = Evaluation(
        "payer", "qaly", ("usual", "new"), "usual", cost, np.ones((200, 2)), parameters={"x": x, "y": y}
    )
    table = conditional_one_way(one)
    caption = costeff.present.tornado(table, float(table.attrs["base"]), "net cost").layout.meta["caption"]
    assert "move along" in caption
    assert "keep their value" not in caption
    assert "base case" not in caption
