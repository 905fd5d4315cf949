"""Anchors: the normal distribution (CEAC, loss, Fieller); published Sick-Sicker draws; identities of the loss."""

import csv
import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from costeff import Evaluation, read_psa
from costeff.cea.icer import UNTOLD, fieller, icer_interval
from costeff.errors import ResultError, ScenarioError

DATA = Path(__file__).parents[1] / "data" / "economics"
COUNT = 20_001


@pytest.fixture(scope="module")
def normal():
    """Two strategies whose draws are the quantiles of one normal z, so no luck is left.

    Increments: effect 0.10 + 0.04 z, cost 20,000 + 3,000 z; so incremental net benefit is normal with
    mean 0.10 wtp - 20,000 and SD |0.04 wtp - 3,000|."""
    z = ndtri((np.arange(COUNT) + 0.5) / COUNT)
    still = np.full(COUNT, 5.0)
    cost, effect = np.column_stack([1e4 * still, 7e4 + 3_000 * z]), np.column_stack([still, 5.10 + 0.04 * z])
    return Evaluation("municipal", "qaly", ("usual", "new"), "usual", cost, effect)


WTP = np.array([0.0, 50_000, 100_000, 150_000, 200_000, 250_000, 400_000, 1_000_000])


def test_ceac_of_two_normals_is_phi(normal):
    mean, sd = 0.10 * WTP - 20_000, np.abs(0.04 * WTP - 3_000)
    curves = normal.ceac(WTP)["probability"]
    np.testing.assert_allclose(curves.sel(strategy="new"), ndtr(mean / sd), atol=1 / COUNT)
    np.testing.assert_allclose(curves.sum("strategy"), 1, rtol=1e-15)


def test_expected_loss_of_two_normals_is_the_unit_normal_loss(normal):
    mean, sd = 0.10 * WTP - 20_000, np.abs(0.04 * WTP - 3_000)
    k = mean / sd
    density = np.exp(-(k**2) / 2) / math.sqrt(2 * math.pi)
    loss = normal.expected_loss(WTP)["expected_loss"]
    # losing when new is taken: E max(-x, 0); when usual is kept: E max(x, 0)
    np.testing.assert_allclose(loss.sel(strategy="new"), sd * (density - k * ndtr(-k)), atol=2e-4 * sd.max())
    np.testing.assert_allclose(loss.sel(strategy="usual"), sd * (density + k * ndtr(k)), atol=2e-4 * sd.max())


def test_errors_of_probability_and_loss(normal):
    """A share of 0 and 1 has variance p (1 - p); two draws of loss 0 and 40 have error 20."""
    curves = normal.ceac(150_000)
    p = float(curves["probability"].sel(strategy="new").item())
    expected = math.sqrt(p * (1 - p) / (COUNT - 1))
    np.testing.assert_allclose(curves["probability_mcse"], [[expected, expected]], rtol=1e-9)
    few = Evaluation("m", "q", ("a", "b"), "a", cost=[[0, 10], [0, 10]], effect=[[0.0, 0.5], [0, 0]])
    loss = few.expected_loss(100)
    np.testing.assert_allclose(loss["expected_loss"], [[20, 5]])
    np.testing.assert_allclose(loss["expected_loss_mcse"], [[20, 5]])


def test_ceaf_takes_the_best_mean_not_the_most_frequent_winner():
    """b wins two draws of three by 1 and loses the third by 30: a is chosen, with probability 1/3."""
    gamble = Evaluation("m", "q", ("a", "b"), "b", cost=[[1, 0], [1, 0], [0, 30]], effect=np.ones((3, 2)))
    front = gamble.ceaf([0, 10])
    assert front["strategy"].values.tolist() == ["a", "a"]
    np.testing.assert_allclose(front["probability"], [1 / 3, 1 / 3])
    assert front["tied"].values.tolist() == [0, 0]


def test_ties_share_and_are_told():
    tie = Evaluation("m", "q", ("a", "b", "c"), "b", cost=[[1, 1, 3.0]], effect=[[2, 2, 2.0]])
    np.testing.assert_array_equal(tie.ceac([0, 5])["probability"], [[0.5, 0.5, 0]] * 2)
    front = tie.ceaf([0, 5])
    assert front["strategy"].values.tolist() == ["b", "b"]
    assert front["tied"].values.tolist() == [1, 1]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 5), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_identities_of_loss_and_frontier(count, draws, seed):
    """CEAF = CEAC of the best mean; its loss is the smallest and is the value of perfect information, E max - max E;
    losses differ as mean net benefits do; all by loops over integer draws, so that ties occur."""
    rng = np.random.default_rng(seed)
    cost, effect = rng.integers(-3, 4, (2, draws, count)).astype(float)
    names = tuple("ABCDE"[:count])
    given_draws = Evaluation("m", "q", names, names[-1], cost, effect)
    wtp = [0, 1, 2.5]
    curves, front = given_draws.ceac(wtp), given_draws.ceaf(wtp)
    loss = given_draws.expected_loss(wtp)["expected_loss"].values
    for w, value in enumerate(wtp):
        net = [[value * effect[d, s] - cost[d, s] for s in range(count)] for d in range(draws)]
        share = [0.0] * count
        for row in net:
            winners = [s for s in range(count) if row[s] == max(row)]
            for s in winners:
                share[s] += 1 / len(winners) / draws
        np.testing.assert_allclose(curves["probability"][w], share, atol=1e-12)
        means = [math.fsum(row[s] for row in net) / draws for s in range(count)]
        chosen = names.index(str(front["strategy"].values[w]))
        assert means[chosen] == pytest.approx(max(means), abs=1e-12)
        assert float(front["probability"][w]) == float(curves["probability"][w, chosen])
        evpi = math.fsum(max(row) for row in net) / draws - max(means)
        assert loss[w].min() == pytest.approx(evpi, abs=1e-12)
        assert loss[w, chosen] == pytest.approx(evpi, abs=1e-12)
        np.testing.assert_allclose(loss[w] - loss[w].min(), max(means) - np.array(means), atol=1e-12)


@pytest.fixture(scope="module")
def published():
    """The 1,000 published draws and the figures computed from them by plain arithmetic (see data/economics)."""
    figures = json.loads((DATA / "sick_sicker_psa.json").read_text(encoding="utf-8"))
    with (DATA / "sick_sicker_psa.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    short = ("SoC", "A", "B", "AB")
    cost, effect = ([[float(row[f"{kind}_{s}"]) for s in short] for row in rows] for kind in ("cost", "effect"))
    names = tuple(figures["strategies"])
    return Evaluation("health_care", "qaly", names, names[0], cost, effect, currency="USD"), figures


def test_published_icers(published):
    evaluation, figures = published
    table, expected = evaluation.icer_table().set_index("strategy"), figures["icers"]
    for s, name in enumerate(figures["strategies"]):
        assert table.loc[name, "cost"] == pytest.approx(figures["mean_cost"][s], rel=1e-12)
        assert table.loc[name, "effect"] == pytest.approx(figures["mean_effect"][s], rel=1e-12)
    words = {"ND": ("reference", "efficient"), "D": ("dominated", "extendedly dominated")}
    for i, name in enumerate(expected["Strategy"]):
        row = table.loc[name]
        assert row["status"] in words[expected["Status"][i]]
        if expected["ICER"][i] is None:
            assert math.isnan(row["icer"])
        else:
            assert row["icer"] == pytest.approx(expected["ICER"][i], rel=1e-11)
            assert row["incremental_cost"] == pytest.approx(expected["Inc_Cost"][i], rel=1e-11)
            assert row["incremental_effect"] == pytest.approx(expected["Inc_Effect"][i], rel=1e-11)
    # cost 283,829 for 21.39 lies above standard of care - B, and B gives 21.98 for less
    assert table.loc["Strategy A", "status"] == "dominated"


def test_published_acceptability_and_loss(published):
    evaluation, figures = published
    exact = figures["exact"]
    curves, front = evaluation.ceac(exact["wtp"]), evaluation.ceaf(exact["wtp"])
    loss = evaluation.expected_loss(exact["wtp"])["expected_loss"]
    for name in figures["strategies"]:
        np.testing.assert_allclose(curves["probability"].sel(strategy=name), exact["ceac"][name], atol=1e-12)
        np.testing.assert_allclose(loss.sel(strategy=name), exact["expected_loss"][name], rtol=1e-9, atol=1e-8)
    assert front["strategy"].values.tolist() == exact["best"]
    on_front = [exact["ceac"][name][w] for w, name in enumerate(exact["best"])]
    np.testing.assert_allclose(front["probability"], on_front, atol=1e-12)
    np.testing.assert_allclose(loss.min("strategy"), exact["evpi"], rtol=1e-9, atol=1e-8)


def test_fieller_agrees_with_the_acceptability_curve(normal):
    """Along one normal z the ICER is kept where |0.10 wtp - 20,000| <= 1.96 |0.04 wtp - 3,000|: solved by hand."""
    z = ndtri(0.975)
    row = icer_interval(normal).iloc[0]
    # both lines cross the bound once each: (20,000 -+ 3,000 z) / (0.10 -+ 0.04 z)
    low, high = (20_000 + 3_000 * z) / (0.10 + 0.04 * z), (20_000 - 3_000 * z) / (0.10 - 0.04 * z)
    assert row["status"] == "bounded"
    assert (row["lower"], row["upper"]) == (pytest.approx(low, rel=1e-3), pytest.approx(high, rel=2e-3))
    tails = normal.ceac([row["lower"], row["upper"]])["probability"].sel(strategy="new").values
    np.testing.assert_allclose(tails, [0.025, 0.975], atol=2e-4)
    # with draws in plenty the estimate itself hardly moves: delta method, SD of (cost - ICER effect) / effect
    tight = icer_interval(normal, kind="monte_carlo").iloc[0]
    width = z * abs(3_000 - 200_000 * 0.04) / 0.10 / math.sqrt(COUNT)
    assert tight["upper"] - 200_000 == pytest.approx(width, rel=0.02)
    assert 200_000 - tight["lower"] == pytest.approx(width, rel=0.02)


@settings(deadline=None, max_examples=200)
@given(
    st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 2), st.floats(0.1, 2), st.floats(-0.95, 0.95), st.floats(-20, 20)
)
def test_fieller_keeps_exactly_the_ratios_that_are_not_ruled_out(cost, gain, sd_cost, sd_gain, rho, ratio):
    both = rho * sd_cost * sd_gain
    covariance = np.array([[sd_cost**2, both], [both, sd_gain**2]])
    lower, upper, out_low, out_high, status = fieller((cost, gain), covariance, 0.9)
    spread = math.sqrt(sd_cost**2 - 2 * ratio * both + ratio**2 * sd_gain**2)
    distance = abs(cost - ratio * gain) / spread / ndtri(0.95)
    if abs(distance - 1) < 1e-6:
        return
    kept = lower <= ratio <= upper and not (out_low < ratio < out_high)
    assert kept == (distance < 1)
    clear = abs(gain) / sd_gain > ndtri(0.95)
    assert (status == "bounded") == clear


def test_fieller_covers():
    """1,000 studies of 400 draws: the 90 % interval holds the true ratio of 4 in 90 % of them (+- 4 errors)."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(1_000):
        z = rng.standard_normal((400, 2))
        pair = np.column_stack([8 + 10 * z[:, 0], 2 + 6 * (0.5 * z[:, 0] + math.sqrt(0.75) * z[:, 1])])
        lower, upper, out_low, out_high, _ = fieller(tuple(pair.mean(axis=0)), np.cov(pair.T) / 400, 0.9)
        held += lower <= 4 <= upper and not (out_low < 4 < out_high)
    assert abs(held / 1_000 - 0.9) < 4 * math.sqrt(0.9 * 0.1 / 1_000)


def test_fieller_at_the_edges():
    assert fieller((1.0, 0.0), np.eye(2), 0.95)[4] == "unbounded: no value is ruled out"
    low = fieller((10.0, 0.1), np.eye(2), 0.95)
    assert low[:2] == (-math.inf, math.inf)
    assert low[2] < 0 < low[3]
    assert low[4].startswith("unbounded: values between")
    z = ndtri(0.975)
    for sign in (1, -1):
        side = fieller((5.0 * sign, 2.0), np.diag([1.0, (2 / z) ** 2]), 0.95)
        # the leading term is 0 but for rounding: one end is finite, the other far away; no digits may be lost
        end = sign * (25 - z**2) / 20
        assert min(abs(edge - end) for edge in side[:4] if math.isfinite(edge)) < 1e-12
    z2 = NormalDist().inv_cdf(0.975) ** 2
    gain = next(g for g in range(1, 50) if z2 * (g**2 / z2) == g**2)  # leading term exactly 0
    for cost, finite in ((5.0, 0), (-5.0, 1)):
        side = fieller((cost, gain), np.diag([1.0, gain**2 / z2]), 0.95)
        assert side[finite] == pytest.approx((25 - z2) / (2 * cost * gain), rel=1e-12)
        assert (side[1 - finite], side[4]) == (math.copysign(math.inf, cost), "unbounded: on one side")
    with pytest.raises(ResultError, match="exactly 0"):
        fieller((1.0, 0.0), np.zeros((2, 2)), 0.95)
    one = Evaluation("m", "q", ("a", "b"), "a", cost=[[0, 10]], effect=[[0, 1]])
    assert list(icer_interval(one)["status"]) == ["not defined: one draw"]
    assert icer_interval(Evaluation("m", "q", ("a", "b"), "a", cost=[[0, 10]], effect=[[1, 1]])).empty
    with pytest.raises(ScenarioError, match="unknown kind"):
        icer_interval(one, kind="both")


def test_one_draw_with_halves_by_hand():
    """Its errors are half of what parts the halves; two halves say too little of their error, so no ratio is told."""
    half = {"cost_half": [[[90.0, 158.0], [110.0, 162.0]]], "effect_half": [[[1.0, 1.25], [1.0, 1.75]]]}
    one = Evaluation("m", "qaly", ("A", "B"), "A", [[100.0, 160.0]], [[1.0, 1.5]], **half)
    table = one.icer_table().set_index("strategy")
    assert table["cost_mcse"].tolist() == [10, 2]
    assert table.loc["B", ["incremental_cost_mcse", "incremental_effect_mcse"]].tolist() == [8, 0.25]
    assert not table.loc["B", "settled"]
    assert icer_interval(one, kind="monte_carlo")["status"].tolist() == [UNTOLD]


def test_fieller_where_the_square_leaves_nothing():
    """Gain 1 with error 1, cost 2 in step with it: at one error the square and its slope are 0, so all r are kept."""
    both = fieller((2.0, 1.0), np.array([[5.0, 2.0], [2.0, 1.0]]), 0.95, errors=1.0)
    assert both[:2] == (-math.inf, math.inf)
    assert both[4] == "unbounded: no value is ruled out"


def test_a_notebook_shows_no_icer_of_net_benefits_alone():
    """What was read as net benefits has no ratio to show: head and what is compared, and no table."""
    table = pd.DataFrame({"nmb_old": [5.0, 7.0], "nmb_<new>": [6.0, 9.0]})
    page = read_psa(table)._repr_html_()
    assert page.count("<p>") == 2
    assert "<table" not in page
    assert "&lt;new&gt;" in page
    assert "<table" in read_psa(table.rename(columns=lambda name: name.replace("nmb", "cost")))._repr_html_()
