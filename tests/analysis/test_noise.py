"""Anchors: simulated individuals with known parameter and individual SD; covariance identities; the normal CEAC."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from costeff import Evaluation
from costeff.analysis.noise import incremental_nmb_interval, noise, noise_corrected, shrinkage
from costeff.cea.icer import icer_interval
from costeff.errors import ResultError


def simulate(rng, draws, individuals, parameter_sd, individual_sd, mean=3_000.0):
    """Incremental cost of `new` over `usual`: every individual drawn, then averaged by half."""
    truth = mean + parameter_sd * rng.standard_normal(draws)
    lives = truth[:, None] + individual_sd * rng.standard_normal((draws, individuals))
    half = lives.reshape(draws, 2, individuals // 2).mean(axis=2)
    level = 1e5 * np.ones((draws, 2, 1))
    cost_half = np.concatenate([level, level + half[..., None]], axis=2)
    effect_half = np.ones((draws, 2, 2))
    cost, effect = cost_half.mean(axis=1), effect_half.mean(axis=1)
    return Evaluation("m", "q", ("usual", "new"), "usual", cost, effect, cost_half, effect_half)


@pytest.fixture(scope="module")
def noisy():
    """Parameter SD 5,000, individual SD 150,000, 1,000 individuals: noise SD 4,743, about half of the variance."""
    return simulate(np.random.default_rng(20), 4_000, 1_000, 5_000.0, 150_000.0)


def test_the_parameter_sd_is_recovered(noisy):
    row = noise(noisy).set_index("quantity").loc["incremental_cost"]
    assert row["noise_variance"] == pytest.approx(150_000**2 / 1_000, rel=4 * math.sqrt(2 / 4_000))
    assert abs(row["parameter_variance"] - 5_000**2) < 4 * row["parameter_variance_mcse"]
    assert row["parameter_variance_mcse"] < 0.06 * 5_000**2
    assert row["parameter_sd"] == pytest.approx(5_000, rel=0.06)
    assert row["share"] == pytest.approx(22.5 / 47.5, rel=0.06)
    assert math.sqrt(row["total_variance"]) > 6_500  # what would be reported without the split
    assert not row["floored"]


@pytest.mark.parametrize(("parameter_sd", "individual_sd"), [(1.0, 0.0), (0.0, 1.0), (2.0, 5.0)])
def test_other_truths(parameter_sd, individual_sd):
    """No individual noise: share 0 exactly. No parameter uncertainty: share near 1."""
    found = simulate(np.random.default_rng(3), 2_000, 20, parameter_sd, individual_sd, mean=0.0)
    row = found.noise().iloc[0]
    assert abs(row["parameter_variance"] - parameter_sd**2) < 4 * row["parameter_variance_mcse"]
    assert row["noise_variance"] == pytest.approx(individual_sd**2 / 20, rel=4 * math.sqrt(2 / 2_000))
    assert row["floored"] == (row["parameter_variance"] < 0)
    assert row["parameter_sd"] == math.sqrt(max(0, row["parameter_variance"]))
    if individual_sd == 0:
        assert row["share"] < 1e-20


def test_the_stated_error_is_the_spread_of_the_estimate():
    """800 studies: the stated error of the parameter variance is the SD between studies within 10 %, and the
    estimate is unbiased."""
    rows = [noise(simulate(np.random.default_rng(seed), 200, 4, 1.0, 4.0, mean=0.0)).iloc[0] for seed in range(800)]
    estimates = np.array([row["parameter_variance"] for row in rows])
    stated = math.sqrt(np.mean([row["parameter_variance_mcse"] ** 2 for row in rows]))
    assert stated == pytest.approx(estimates.std(), rel=0.1)
    assert abs(estimates.mean() - 1) < 4 * estimates.std() / math.sqrt(800)


def test_corrected_draws_interval_and_curve(noisy):
    """Net benefit at wtp 0 is normal with mean -3,000 and SD 5,000; as drawn its SD is sqrt(47.5e6)."""
    clean, row = noise_corrected(noisy, 0).values[:, 0], noise(noisy, 0).iloc[-1]
    assert row["quantity"] == "incremental_nmb"
    assert clean.std(ddof=1) == pytest.approx(row["parameter_sd"], rel=1e-10)
    assert clean.mean() == pytest.approx(row["mean"], rel=1e-10)
    curves = noisy.ceac(0)
    raw, corrected = (
        float(curves[name].sel(strategy="new").item()) for name in ("probability", "probability_noise_corrected")
    )
    assert corrected == pytest.approx(ndtr(-0.6), abs=0.03)
    assert raw == pytest.approx(ndtr(-3_000 / math.sqrt(47.5e6)), abs=0.03)
    assert raw - corrected > 0.03
    assert curves["noise_floored"].item() == 0
    ends = incremental_nmb_interval(noisy, 0).iloc[0]
    assert ends["lower_corrected"] == pytest.approx(-3_000 - 1.96 * 5_000, abs=900)
    assert ends["upper_corrected"] == pytest.approx(-3_000 + 1.96 * 5_000, abs=900)
    assert ends["upper"] - ends["lower"] > 1.25 * (ends["upper_corrected"] - ends["lower_corrected"])
    loss = noisy.expected_loss(0)
    k = -row["mean"] / row["parameter_sd"]  # unit normal loss at the mean and SD found, so only the shape is tested
    evpi = row["parameter_sd"] * (math.exp(-(k**2) / 2) / math.sqrt(2 * math.pi) - k * ndtr(-k))
    assert loss["expected_loss_noise_corrected"].min() == pytest.approx(evpi, rel=0.03)
    assert loss["expected_loss"].min() > 1.3 * evpi
    front = noisy.ceaf(0)
    assert front["strategy"].item() == "usual"
    assert front["probability_noise_corrected"].item() == pytest.approx(1 - corrected)


def several(sign=1, comparator="a", order=(0, 1, 2, 3), names="abcd", draws=300, apart=0.0):
    """Four strategies with correlated parameters and correlated individual noise in cost and effect."""
    rng = np.random.default_rng(8)
    mix = rng.normal(size=(8, 8))
    truth = rng.standard_normal((draws, 8)) @ mix
    half = truth[:, None] + 0.8 * rng.standard_normal((draws, 2, 8)) @ mix[::-1]
    half = half + apart * np.array([0, 4, 9, 15, 0, 5, 9, 12])  # frontier a, b, c, d when far apart
    cost_half, effect_half = 1_000 * half[..., :4][..., order], half[..., 4:][..., order]
    return Evaluation(
        "m",
        "q",
        tuple(names[s] for s in order),
        comparator,
        cost_half.mean(axis=1),
        sign * effect_half.mean(axis=1),
        cost_half,
        sign * effect_half,
        effect_sign=sign,
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_several_strategies_have_total_less_noise(sign):
    found, wtp = several(sign), 700.0
    clean = noise_corrected(found, wtp)
    assert clean.attrs["floored"] == 0
    net = wtp * found.gain - found.cost
    half = wtp * sign * found.effect_half - found.cost_half
    gap = (half[:, 0, 1:] - half[:, 0, :1]) - (half[:, 1, 1:] - half[:, 1, :1])
    expected = np.cov((net[:, 1:] - net[:, :1]).T) - gap.T @ gap / 4 / len(gap)
    np.testing.assert_allclose(np.cov(clean.values.T), expected, rtol=1e-9)
    np.testing.assert_allclose(clean.mean("draw"), found.incremental_nmb(wtp).mean("draw"), rtol=1e-9)
    table = noise(found, wtp).query("quantity == 'incremental_nmb'")
    np.testing.assert_allclose(table["parameter_variance"], np.diag(expected), rtol=1e-9)


def test_comparator_and_order_do_not_matter():
    """The same map in other coordinates: probabilities are the same draw for draw."""
    wtp = [0, 500, 2_000]
    first = several().ceac(wtp)["probability_noise_corrected"]
    for other in (several(comparator="c"), several(order=(2, 0, 3, 1), comparator="d")):
        again = other.ceac(wtp)["probability_noise_corrected"].sel(strategy=first["strategy"])
        np.testing.assert_allclose(again, first, atol=1e-12)
    np.testing.assert_allclose(first.sum("strategy"), 1, rtol=1e-12)


def test_more_noise_than_spread_is_floored_and_told():
    """Two draws of equal mean, halves far apart: spread 0 in the mean's favour, noise 100."""
    cost_half = np.array([[[0, 10.0], [0, -10.0]], [[0, 11.0], [0, -9.0]]])
    flat = Evaluation(
        "m", "q", ("a", "b"), "a", cost_half.mean(axis=1), np.zeros((2, 2)), cost_half, np.zeros((2, 2, 2))
    )
    row = noise(flat, 100).iloc[0]
    assert (row["total_variance"], row["noise_variance"], row["parameter_variance"]) == (0.5, 100, -99.5)
    assert (row["parameter_sd"], row["share"], row["floored"]) == (0, 200, True)
    assert flat.ceac([0, 1])["noise_floored"].values.tolist() == [1, 1]
    assert flat.expected_loss(0)["noise_floored"].values.tolist() == [1]
    assert noise_corrected(flat, [0, 1]).attrs["floored"] == 2
    np.testing.assert_allclose(noise_corrected(flat, 0), -0.5)
    ends = incremental_nmb_interval(flat, 0).iloc[0]
    assert (ends["lower_corrected"], ends["upper_corrected"], ends["floored"]) == (-0.5, -0.5, True)


def test_a_direction_without_spread_but_with_noise_is_told():
    """The draws' means do not differ at all although the halves do."""
    matrix, floored = shrinkage(np.diag([4.0, 0.0]), np.diag([3.0, 1.0]))
    assert floored
    np.testing.assert_allclose(matrix @ np.diag([4.0, 0.0]) @ matrix.T, np.diag([1.0, 0.0]))
    assert shrinkage(np.zeros((2, 2)), np.zeros((2, 2)))[1] is False


def test_identical_strategies_stay_tied_after_correction():
    """b and d hold the same numbers among others: rounding must not give either the better luck."""
    found = several()
    take = [0, 1, 2, 1]
    twins = Evaluation(
        "m",
        "q",
        ("a", "b", "c", "d"),
        "a",
        found.cost[:, take],
        found.effect[:, take],
        found.cost_half[..., take],
        found.effect_half[..., take],
    )
    curve = twins.ceac([500.0])["probability_noise_corrected"][0]
    assert float(curve.sel(strategy="b")) == float(curve.sel(strategy="d")) > 0.05
    np.testing.assert_array_equal(*noise_corrected(twins, 500).sel(strategy=["b", "d"]).values.T)


def test_fieller_leaves_the_noise_out(noisy):
    """Cost is what varies and effect is 2 for sure: the interval is (mean +- 1.96 parameter SD) / 2.

    That of the Monte Carlo error is Student's, with one degree of freedom less than there are draws.
    """
    gain, price = np.array([0.0, 2.0]), np.array([0.0, 60_000.0])
    sure = Evaluation(
        "m",
        "q",
        ("usual", "new"),
        "usual",
        noisy.cost + price,
        np.ones((4_000, 2)) + gain,
        noisy.cost_half + price,
        noisy.effect_half + gain,
    )
    row, found = icer_interval(sure).iloc[0], noise(sure).iloc[0]
    z = 1.959963984540054
    assert row["upper"] == pytest.approx((found["mean"] + z * found["parameter_sd"]) / 2, rel=1e-9)
    assert row["lower"] == pytest.approx((found["mean"] - z * found["parameter_sd"]) / 2, rel=1e-9)
    tight = icer_interval(sure, kind="monte_carlo").iloc[0]
    assert tight["upper"] == pytest.approx(
        (found["mean"] + scipy.stats.t.ppf(0.975, 3_999) * math.sqrt(found["total_variance"] / 4_000)) / 2, rel=1e-9
    )
    assert not row["floored"]


def test_fieller_of_a_loss_of_weeks_is_that_of_a_gain():
    """The same numbers counted the other way round: every limit the same, noise taken out on both sides."""
    more, fewer = icer_interval(several(apart=9.0)), icer_interval(several(sign=-1, apart=9.0))
    assert more["status"].tolist() == ["bounded"] * 3
    numbers = ["icer", "lower", "upper", "excluded_low", "excluded_high"]
    np.testing.assert_allclose(fewer[numbers].astype(float), more[numbers].astype(float), rtol=1e-9)


def test_without_halves_noise_is_refused():
    bare = Evaluation("m", "q", ("a", "b"), "a", cost=[[0, 1], [0, 2]], effect=[[0, 1], [0, 1]])
    with pytest.raises(ResultError, match="holds no halves"):
        bare.noise()
    with pytest.raises(ResultError, match="holds no halves"):
        noise_corrected(bare, 10)
    assert set(bare.ceac(10)) == {"probability", "probability_mcse"}
    ends = incremental_nmb_interval(bare, 10, level=0.5).iloc[0]
    assert (ends["lower"], ends["upper"]) == (8.25, 8.75)
    assert math.isnan(ends["lower_corrected"])


def test_one_draw_knows_its_noise_but_no_share():
    one = Evaluation(
        "m",
        "q",
        ("a", "b"),
        "a",
        cost=[[0, 5.0]],
        effect=[[0, 1.0]],
        cost_half=[[[0, 2.0], [0, 8.0]]],
        effect_half=[[[0, 1.0], [0, 1.0]]],
    )
    row = one.noise().iloc[0]
    assert row["noise_variance"] == 9
    assert np.isnan([row[name] for name in ("total_variance", "share", "parameter_sd")]).all()
    assert not row["floored"]


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6))
def test_shrinkage_identity_in_any_coordinates(size, seed, unit):
    rng = np.random.default_rng(seed)
    root, part = rng.normal(size=(2, size, size + 3))
    kept, luck = root @ root.T, part @ part.T
    matrix, floored = shrinkage(kept + luck, luck)
    assert not floored
    np.testing.assert_allclose(matrix @ (kept + luck) @ matrix.T, kept, rtol=1e-6, atol=1e-7 * kept.max())
    change = np.diag(np.r_[unit, np.ones(size - 1)]) @ (np.eye(size) + 0.1 * rng.normal(size=(size, size)))
    again, _ = shrinkage(change @ (kept + luck) @ change.T, change @ luck @ change.T)
    back = np.linalg.solve(change, again @ change)
    np.testing.assert_allclose(back, matrix, rtol=1e-4, atol=1e-5 * np.abs(matrix).max())
