"""Anchors: several perspectives laid side by side by hand, dominance at every wtp, running means and errors."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from decision_example import normal, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff import Evaluation
from costeff.cea.decision_matrix import decision_matrix, side_by_side
from costeff.cea.icer import dominating
from costeff.cea.mixed import mixed_strategy
from costeff.cea.risk_aversion import risk_aversion
from costeff.cea.stratified import stratified
from costeff.cea.structures import mixture, structural_average
from costeff.cea.text import printed_matrix
from costeff.errors import ResultError, ScenarioError
from costeff.precision.convergence import convergence
from costeff.study.printing import dominance_sentence

# -- several perspectives and effects ----


def test_decision_matrix_by_hand():
    """Municipality: B costs 1,000 and gives 0.01, so 100,000 is its price. State: B saves 500."""
    ours = normal()
    state = normal(cost=(0.0, -500.0), spread=(0.0, 0.0), perspective="state")
    found = decision_matrix([ours, state], [0, 50_000, 200_000])
    assert found["preferred"].values.tolist() == [["A", "A", "B"], ["B", "B", "B"]]
    net = 200_000 * 0.01 - ours.cost[:, 1]
    at = found.sel(perspective="municipal", wtp=200_000)
    assert float(at["lead"]) == pytest.approx(net.mean(), rel=1e-12)
    assert float(at["lead_mcse"]) == pytest.approx(net.std(ddof=1) / math.sqrt(4000), rel=1e-9)
    assert float(at["probability"]) == (net > 0).mean() == float(ours.ceaf(200_000)["probability"][0])
    np.testing.assert_allclose(found["lead"].sel(perspective="state"), [500, 1000, 2500])
    assert found["settled"].values.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_errors_of_replicates_are_those_of_their_means():
    """Draws in 8 separately randomised blocks: SD of the block means / sqrt(8), for every kind of error here."""
    plain, blocks = normal(draws=800), normal(draws=800, replicates=8)
    net = 1e5 * (blocks.effect[:, 1] - blocks.effect[:, 0]) - (blocks.cost[:, 1] - blocks.cost[:, 0])
    truth = net.reshape(8, 100).mean(axis=1).std(ddof=1) / math.sqrt(8)
    assert decision_matrix([blocks], 1e5)["lead_mcse"].item() == pytest.approx(truth)
    assert decision_matrix([plain], 1e5)["lead_mcse"].item() == pytest.approx(net.std(ddof=1) / math.sqrt(800))
    certain = risk_aversion(blocks, 1e5, 0)["certainty_equivalent_mcse"].sel(strategy="B").item()
    average = structural_average({"x": (1.0, blocks)}, 1e5)["nmb_mcse"].sel(strategy="B").item()
    alone = stratified({"x": (1.0, blocks)}, 1e5)["nmb_mcse"].sel(strategy="B").item()
    assert certain == pytest.approx(truth)  # A is 0 in every draw
    assert average == pytest.approx(truth)
    assert alone == pytest.approx(truth)
    # the mix loses |net| of the half that has the wrong one; here B is far ahead, and the error is that of the loss
    net = 1e6 * (blocks.effect[:, 1] - blocks.effect[:, 0]) - (blocks.cost[:, 1] - blocks.cost[:, 0])
    truth = net.reshape(8, 100).mean(axis=1).std(ddof=1) / math.sqrt(8)
    best = float(np.sign(net.mean()))
    assert abs(net.mean()) > 5 * truth
    mixed = mixed_strategy(blocks, 1e6, shares={"A": 0.5, "B": 0.5})
    assert (mixed["loss"].item(), mixed["loss_mcse"].item()) == pytest.approx((best * net.mean() / 2, truth / 2))
    assert mixture({"x": (1.0, blocks)}).replicates == blocks.replicates


def test_lead_is_over_the_second_best_and_ties_are_said():
    three = Evaluation("m", "qaly", ("A", "B", "C"), "A", [[0.0, 10.0, 30.0]] * 5, [[0.0, 1.0, 1.0]] * 5)
    found = decision_matrix([three], [10, 12])
    assert found["preferred"].values.tolist() == [["A", "B"]]
    assert found["lead"].values.tolist() == [[0.0, 2.0]]
    assert found["tied"].values.tolist() == [[1, 0]]
    assert found["settled"].values.tolist() == [[1, 1]], "the same in every draw: a tie that more draws will not break"
    one = Evaluation("m", "qaly", ("A",), "A", [[1.0]], [[1.0]])
    assert math.isnan(decision_matrix([one], 5)["lead"].item())


def test_what_cannot_be_laid_side_by_side_is_refused():
    weeks = normal(effect_unit="weeks")
    refused(ResultError, "differ in effect_unit", lambda: decision_matrix({"a": normal(), "b": weeks}, 1))
    refused(ResultError, "same perspective", lambda: decision_matrix([normal(), normal()], 1))
    refused(ResultError, "no evaluation", lambda: decision_matrix([], 1))
    refused(ScenarioError, "willingness to pay is missing", lambda: decision_matrix([normal()]))
    other = normal(cost=(0.0, 1.0, 2.0), spread=(0, 0, 0), gain=(0, 0, 0))
    refused(ResultError, "differ in strategies", lambda: side_by_side({"a": normal(), "b": other}))


def test_side_by_side_holds_each_number_once():
    ours, state = normal(), normal(2, perspective="state")
    weeks = Evaluation("municipal", "weeks", ("A", "B"), "A", ours.cost, ours.effect * 5, effect_unit="weeks")
    table = side_by_side({"q": ours, "w": weeks, "s": state})
    keys = table[["perspective", "quantity", "strategy"]].apply(tuple, axis=1)
    assert len(set(keys)) == len(table) == 2 * (2 + 1 + 2)
    row = table[(table["name"] == "q") & (table["quantity"] == "cost") & (table["strategy"] == "B")].iloc[0]
    over = ours.cost[:, 1] - ours.cost[:, 0]
    assert row["increment"] == pytest.approx(over.mean())
    assert (row["lower"], row["upper"]) == pytest.approx(tuple(np.quantile(over, [0.025, 0.975])))
    assert table.loc[table["strategy"] == "A", "increment"].isna().all()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=6))
def test_a_dominating_strategy_is_best_at_every_wtp(points):
    """By definition in plain Python; and then it is the table's only reference, without any ICER."""
    cost, gain = zip(*points, strict=True)
    names = tuple("ABCDEF"[: len(points)])
    evaluation = Evaluation("m", "qaly", names, "A", [cost], [gain])
    found = [
        names[i]
        for i, p in enumerate(points)
        if len(points) > 1 and all(p[0] <= q[0] and p[1] >= q[1] and p != q for j, q in enumerate(points) if j != i)
    ]
    assert dominating(evaluation) == (found[0] if found else None)
    if found:
        table = evaluation.icer_table()
        assert table["icer"].isna().all()
        assert table.loc[table["status"] == "reference", "strategy"].tolist() == found
        assert table.attrs["dominating"] == found[0]
        assert set(decision_matrix([evaluation], [0.5, 1, 1e6])["preferred"].values.ravel()) == set(found)


def test_what_is_printed_when_one_dominates():
    sure = normal(cost=(0.0, -1000.0), spread=(0.0, 10.0), gain=(0.0, 0.1))
    text = dominance_sentence(sure.icer_table())
    assert text.startswith("\nOn average B costs least and gives most: it dominates, no ICER is formed")
    assert "undo" not in text
    cost = [[0.0, -30.0], [0.0, 10.0]] * 3  # -10 on average, error 8.9
    unsure = Evaluation("m", "qaly", ("A", "B"), "A", cost, [[0.0, 1.0]] * 6)
    said = dominance_sentence(unsure.icer_table())
    assert said.startswith("\nOn average, in these draws, B costs least and gives most.")
    assert "Sampling error of the draws could undo this, so it is not settled" in said
    assert "dominates" not in said
    assert "Simulation error could" in dominance_sentence(replace(unsure, simulated=True).icer_table())
    assert dominance_sentence(normal().icer_table()) == ""


# -- convergence ----


def test_running_mean_and_error():
    evaluation = normal(draws=1000)
    found = convergence(evaluation, 1e5)
    over = 1e5 * (evaluation.effect[:, 1] - evaluation.effect[:, 0]) - (evaluation.cost[:, 1] - evaluation.cost[:, 0])
    for n in (2, 100, 1000):
        here = found.sel(draws=found["draws"].values[np.searchsorted(found["draws"].values, n)], strategy="B")
        first = over[: int(here["draws"])]
        assert float(here["mean"]) == pytest.approx(first.mean())
        assert float(here["mcse"]) == pytest.approx(first.std(ddof=1) / math.sqrt(len(first)))
    assert found.attrs["wtp"] == 1e5
    assert convergence(evaluation, result="incremental_effect").attrs["unit"] == "QALY"
    refused(ScenarioError, "unknown result", lambda: convergence(evaluation, result="icer"))
    refused(ScenarioError, "one willingness", lambda: convergence(evaluation, [1, 2]))
    refused(ResultError, "one draw", lambda: convergence(normal(draws=1), 1))


# -- the matrix as printed ----


def test_the_matrix_is_printed_with_its_marks():
    """B leads by 2,000 x 0.01 - 10 = 10 in every draw; a tie has its own mark, what luck could turn a star."""
    lead = Evaluation("municipal", "qaly", ("A", "B"), "A", [[0.0, 10.0]] * 6, [[0.0, 0.01]] * 6, currency="DKK")
    luck = replace(lead, perspective="state", cost=[[0.0, 10.0 + step] for step in (-90, 90, -80, 80, -70, 70)])
    text = printed_matrix(decision_matrix([lead, luck], [1000, 2000]))
    head, columns, first, second, marks = text.splitlines()
    assert head == "Decision matrix: strategy preferred by perspective and DKK per QALY"
    assert columns.split() == ["1,000", "2,000"]
    assert first.split(maxsplit=1) == ["municipal", "A= +0 (50 %)  B +10 (100 %)"]
    assert second.split(maxsplit=1) == ["state", "A= +0 (50 %)  B* +10 (50 %)"]
    assert marks.endswith("*: sampling error of the draws could turn it; =: tied")
