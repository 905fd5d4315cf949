"""Anchors: the contract of Evaluation, broken in one way at a time; means and errors worked out by hand."""

import math

import numpy as np
import pytest

from costeff import Evaluation
from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.noise import noise_corrected
from costeff.errors import ResultError, ScenarioError
from costeff.sensitivity.tornado import tornado_table

GOOD = {
    "perspective": "municipal",
    "effect_name": "qaly",
    "strategies": ("usual", "new"),
    "comparator": "usual",
    "cost": [[100.0, 150.0], [120.0, 130.0]],
    "effect": [[1.0, 1.5], [1.1, 1.2]],
}
HALVES = {
    "cost_half": [[[90.0, 150.0], [110.0, 150.0]], [[120.0, 130.0], [120.0, 130.0]]],
    "effect_half": [[[1.0, 1.4], [1.0, 1.6]], [[1.1, 1.2], [1.1, 1.2]]],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategies": ()}, "strategies need names"),
        ({"strategies": ("usual", "")}, "strategies need names"),
        ({"strategies": ("usual", "usual")}, "not unique"),
        ({"comparator": "other"}, "not one of the strategies"),
        ({"effect_sign": 0}, "effect_sign is wrong"),
        ({"cost": [1.0, 2.0]}, "cost has the wrong shape"),
        ({"cost": 1.0}, "cost has the wrong shape"),
        ({"cost": np.empty((0, 2)), "effect": np.empty((0, 2))}, "cost has the wrong shape"),
        ({"cost": [[1.0], [2.0]]}, "cost has the wrong shape"),
        ({"cost": [["a", "b"]]}, "cost is not an array of numbers"),
        ({"effect": [[1.0, 1.5]]}, "effect has the wrong shape"),
        ({"effect": [[1.0, 1.5], [1.1, math.nan]]}, "draw 1, strategy 'new': effect holds a number that is not"),
        ({"cost": [[math.inf, 1.5], [1.1, 1.0]]}, "draw 0, strategy 'usual': cost holds a number that is not"),
        ({"cost_half": HALVES["cost_half"]}, "halves are given for cost or effect only"),
        ({**HALVES, "cost_half": np.ones((2, 2, 2))}, "halves of cost do not make up the whole"),
        ({**HALVES, "effect_half": np.ones((2, 3, 2))}, "effect_half has the wrong shape"),
        ({"parameters": {"p": [1.0]}}, "parameter 'p' does not fit the draws"),
        ({"parameters": {"p": [1.0, math.nan]}}, "parameter 'p' does not fit the draws"),
    ],
)
def test_a_broken_contract_is_named(change, message):
    with pytest.raises(ResultError, match=message):
        Evaluation(**{**GOOD, **change})


def test_it_keeps_its_own_copy():
    cost = np.array(GOOD["cost"])
    kept = Evaluation(**{**GOOD, "cost": cost, "parameters": {"p": [1, 2]}})
    cost[0, 0] = -1
    assert kept.cost[0, 0] == 100.0
    with pytest.raises(ValueError, match="read-only"):
        kept.cost[0, 0] = 1
    np.testing.assert_array_equal(kept.parameters["p"], [1.0, 2.0])
    assert kept.alternatives == ("new",)


def test_parameters_are_copied_once():
    """What is derived from an evaluation shares its draws; what somebody could still change is copied."""
    column = np.array([1.0, 2.0])
    view = column[:]
    view.setflags(write=False)
    kept = Evaluation(**{**GOOD, "parameters": {"p": column, "v": view, "f": np.float32([1, 2])}})
    column[0] = -1
    assert [kept.parameters[name][0] for name in "pvf"] == [1.0, 1.0, 1.0]
    derived = kept.keep("new", "usual")
    assert derived.strategies == ("new", "usual")
    assert all(derived.parameters[name] is kept.parameters[name] for name in "pvf")
    broken = np.array([1.0, math.nan])
    broken.setflags(write=False)
    with pytest.raises(ResultError, match="parameter 'p' does not fit the draws"):
        Evaluation(**{**GOOD, "parameters": {"p": broken}})


@pytest.mark.parametrize("name", ["nmb", "nhb", "incremental_nmb", "ceac", "ceaf", "expected_loss"])
def test_there_is_no_default_willingness_to_pay(name):
    with pytest.raises(ScenarioError, match=r"(?s)willingness to pay is missing.*Way out: give wtp="):
        getattr(Evaluation(**GOOD), name)()


@pytest.mark.parametrize("wtp", [-1, math.inf, [0, math.nan], [], [[1.0]], "much"])
def test_a_wrong_willingness_to_pay_is_refused(wtp):
    with pytest.raises(ScenarioError, match="willingness to pay"):
        Evaluation(**GOOD).nmb(wtp)


def test_net_benefit_by_hand():
    two = Evaluation(**GOOD, price_year=2026)
    np.testing.assert_allclose(two.nmb(200), [[100, 150], [100, 110]])
    np.testing.assert_allclose(two.nhb(200), [[0.5, 0.75], [0.5, 0.55]])
    np.testing.assert_allclose(two.incremental_nmb(200), [[50], [10]])
    many = two.nmb([0, 200])
    assert many.dims == ("draw", "strategy", "wtp")
    np.testing.assert_allclose(many.sel(wtp=0, strategy="new"), [-150, -130])
    assert many.attrs["price_year"] == 2026
    with pytest.raises(ScenarioError, match="above 0"):
        two.nhb([0, 200])


def test_fewer_is_better():
    """10 weeks less for 300: 30 a week avoided; the table shows weeks as counted, the decision their sign."""
    weeks = Evaluation(**{**GOOD, "cost": [[0.0, 300.0]], "effect": [[40.0, 30.0]]}, effect_sign=-1)
    row = weeks.icer_table().iloc[1]
    assert (row["effect"], row["incremental_effect"], row["icer"], row["status"]) == (30, -10, 30, "efficient")
    np.testing.assert_array_equal(weeks.incremental_nmb([20, 30, 40]), [[[-100, 0, 100]]])
    np.testing.assert_array_equal(weeks.ceac([20, 30, 40])["probability"], [[1, 0], [0.5, 0.5], [0, 1]])


def test_one_strategy_is_its_own_reference():
    alone = Evaluation("municipal", "qaly", ("usual",), "usual", cost=[[1.0], [2.0]], effect=[[1.0], [1.0]])
    assert list(alone.icer_table()["status"]) == ["reference"]
    np.testing.assert_array_equal(alone.ceac([0, 10])["probability"], [[1], [1]])
    np.testing.assert_array_equal(alone.expected_loss(10)["expected_loss"], [[0]])
    assert alone.incremental_nmb(10).shape == (2, 0)


def test_errors_of_the_table_by_hand():
    """Draws 100/150 and 120/130: SDs are |difference| / sqrt(2), so each MCSE is |difference| / 2."""
    first, second = Evaluation(**GOOD).icer_table().to_dict("records")
    assert first["cost_mcse"] == pytest.approx(10)
    assert second["cost_mcse"] == pytest.approx(10)
    assert second["incremental_cost"] == 30
    assert second["incremental_cost_mcse"] == pytest.approx(20)  # paired: increments 50 and 10
    assert second["incremental_effect_mcse"] == pytest.approx(0.2)
    assert math.isnan(first["incremental_cost_mcse"])


def test_one_draw():
    """Errors come from the halves: |90 - 110| / 2 for the cost of usual; paired increments 60 and 40 for new."""
    base = {**GOOD, "cost": GOOD["cost"][:1], "effect": GOOD["effect"][:1]}
    without = Evaluation(**base).icer_table()
    assert without.filter(like="mcse").isna().all(axis=None)
    halves = Evaluation(**base, **{name: half[:1] for name, half in HALVES.items()})
    first, second = halves.icer_table().to_dict("records")
    assert (first["cost_mcse"], second["cost_mcse"], second["incremental_cost_mcse"]) == (10, 0, 10)
    assert second["incremental_effect_mcse"] == pytest.approx(0.1)
    assert math.isnan(second["icer"]), "two halves of one draw say too little of their error for a ratio"
    assert second["settled"] is False
    curves = halves.ceac([0, 1000])
    np.testing.assert_array_equal(curves["probability"], [[1, 0], [0, 1]])
    assert curves["probability_mcse"].isnull().all()
    assert "probability_noise_corrected" not in curves
    with pytest.raises(ResultError, match="one draw has no spread"):
        noise_corrected(halves, 1000)


def test_html_is_escaped():
    page = Evaluation(**{**GOOD, "strategies": ("usual", "<b>")}, label="a & b")._repr_html_()
    assert "a &amp; b: municipal perspective" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_interval_and_error():
    lower, upper = interval(np.arange(1001.0)[:, None] * [1, 10], 0.95)
    np.testing.assert_allclose(lower, [25, 250])
    np.testing.assert_allclose(upper, [975, 9750])
    assert np.isnan(interval([[3.0]], 0.95)).all()
    assert float(monte_carlo_error([0.0, 2.0, 4.0, 6.0])) == pytest.approx(math.sqrt(20 / 3) / 2)
    for level in (0, 1, 95):
        with pytest.raises(ScenarioError, match=r"95 % as 0\.95"):
            interval([1.0, 2.0], level)


def test_tornado():
    """Swings by hand: a 30 - -5; b 12 - 8; c moves the same way at both ends, 10 - 4; d does nothing."""
    low = {"d": (0, 10.0), "b": (1, 8.0), "c": (0, 6.0), "a": (0.5, -5.0)}
    high = {"a": (1.5, 30.0), "b": (2, 12.0), "c": (1, 4.0), "d": (1, 10.0)}
    table = tornado_table(10.0, low, high)
    assert list(table["name"]) == ["a", "c", "b", "d"]
    assert list(table["swing"]) == [35, 6, 4, 0]
    assert list(table["changes_decision"]) == [True, False, False, False]
    assert table.iloc[0][["low_value", "high_value", "low_result", "high_result"]].tolist() == [0.5, 1.5, -5, 30]
    assert table.attrs["base_result"] == 10
    assert tornado_table(1.0, {"a": (0, 0.0)}, {"a": (1, 2.0)})["changes_decision"].tolist() == [True]
    assert tornado_table(-1.0, {"a": (0, -3.0)}, {"a": (1, -2.0)})["changes_decision"].tolist() == [False]
    assert tornado_table(1.0, {}, {}).empty
    with pytest.raises(ResultError, match=r"only one end \(value: b\)"):
        tornado_table(1.0, {"a": (0, 1.0), "b": (0, 1.0)}, {"a": (0, 1.0)})
    with pytest.raises(ResultError, match=r"not finite \(value: a\)"):
        tornado_table(1.0, {"a": (0, math.nan)}, {"a": (0, 1.0)})
    with pytest.raises(ResultError, match=r"not finite \(value: nan\)"):
        tornado_table(math.nan, {"a": (0, 1.0)}, {"a": (0, 1.0)})
