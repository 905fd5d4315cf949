"""Anchors: normal closed forms of risk aversion, BCEA's formulas of utility and mixed strategies in plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from decision_example import normal, refused

from costeff import Evaluation
from costeff.cea.mixed import mixed_strategy
from costeff.cea.risk_aversion import risk_aversion
from costeff.errors import ScenarioError

# -- risk aversion ----


def test_certainty_equivalent_of_a_normal_benefit():
    """Closed form: mean - r SD^2 / 2; indifference between a sure 0 and N(m, s^2) at r = 2 m / s^2."""
    draws = 200_000
    evaluation = normal(draws=draws, cost=(0.0, -1000.0), spread=(0.0, 2000.0), gain=(0.0, 0.0))
    limit = 2 * 1000 / 2000**2
    found = risk_aversion(evaluation, 0, [0, limit / 2, limit, 1.5 * limit]).isel(wtp=0)
    sure = found["certainty_equivalent"].sel(strategy="B")
    error = found["certainty_equivalent_mcse"].sel(strategy="B")
    truth = 1000 - found["aversion"] * 2000**2 / 2
    assert (abs(sure - truth) < 4 * error).all()
    assert found["preferred"].values.tolist()[::3] == ["B", "A"]
    np.testing.assert_allclose(found["risk_premium"].sel(strategy="B"), -evaluation.cost[:, 1].mean() - sure)
    assert found["certainty_equivalent"].sel(strategy="A").values.tolist() == [0.0] * 4


def test_expected_utility_is_bceas():
    """CEriskav: Ur = 1 / r * (1 - exp(-r * U)), its mean, and the strategy with the largest."""
    evaluation = normal(draws=50)
    found = risk_aversion(evaluation, [50_000, 150_000], [1e-4, 1e-3])
    for r in (1e-4, 1e-3):
        for k in (50_000, 150_000):
            for s, name in enumerate("AB"):
                values = [
                    (1 - math.exp(-r * (k * e - c))) / r
                    for c, e in zip(evaluation.cost[:, s], evaluation.effect[:, s], strict=True)
                ]
                told = found["expected_utility"].sel(aversion=r, wtp=k, strategy=name)
                assert float(told) == pytest.approx(sum(values) / 50, rel=1e-9)
            here = found.sel(aversion=r, wtp=k)
            assert str(here["preferred"].values) == "AB"[int(here["expected_utility"].values.argmax())]


def test_no_aversion_is_the_usual_analysis():
    evaluation = normal()
    found = risk_aversion(evaluation, [0, 1e5, 3e5], 0).isel(aversion=0)
    np.testing.assert_allclose(found["evpi"], evaluation.evpi([0, 1e5, 3e5])["evpi"], rtol=1e-9)
    assert found["preferred"].values.tolist() == evaluation.ceaf([0, 1e5, 3e5])["strategy"].values.tolist()
    assert (found["risk_premium"] == 0).all()
    small = risk_aversion(evaluation, 3e5, 1e-9)
    np.testing.assert_allclose(
        small["certainty_equivalent"][0], evaluation.nmb([3e5]).mean("draw").T, rtol=1e-5, atol=1e-3
    )


def test_price_of_information_leaves_one_as_well_off():
    """By definition: mean u(best of the draw - price) = best mean u, with the price found by bisection."""
    evaluation, r = normal(draws=500), 2e-3
    net = 1e5 * evaluation.gain - evaluation.cost
    now = max(np.mean(1 - np.exp(-r * net[:, s])) for s in (0, 1))
    low, high = 0.0, 1e4
    for _ in range(80):
        price = (low + high) / 2
        better = np.mean(1 - np.exp(-r * (net.max(axis=1) - price))) > now
        low, high = (price, high) if better else (low, price)
    assert risk_aversion(evaluation, 1e5, r)["evpi"].item() == pytest.approx(price, rel=1e-9)


def test_large_numbers_do_not_overflow_and_noise_is_not_risk():
    evaluation = normal(cost=(0.0, 1e7), spread=(0.0, 1e6), gain=(0.0, 0.0))
    found = risk_aversion(evaluation, 0, 1.0)
    assert np.isfinite(found["certainty_equivalent"]).all()
    assert found["expected_utility"].sel(strategy="B").item() == -math.inf
    rng = np.random.default_rng(3)
    true = rng.normal(0, 1000, 3000)
    halves = true[:, None] + rng.normal(0, 3000, (3000, 2))
    cost_half = np.stack([np.zeros((3000, 2)), halves], axis=2)
    noisy = Evaluation(
        "m", "qaly", ("A", "B"), "A", cost_half.mean(axis=1), np.zeros((3000, 2)), cost_half, np.zeros((3000, 2, 2))
    )
    sure = risk_aversion(noisy, 0, 2e-4).sel(strategy="B")
    clean = sure["certainty_equivalent_noise_corrected"].item()
    assert clean == pytest.approx(-noisy.cost[:, 1].mean() - 2e-4 * 1000**2 / 2, abs=60)  # 3 errors of the variance
    assert sure["certainty_equivalent"].item() < clean - 300


@pytest.mark.parametrize("aversion", [None, -1, math.inf, [[1]]])
def test_aversion_is_checked(aversion):
    refused(ScenarioError, "aversion", lambda: risk_aversion(normal(), 1, aversion))


# -- mixed strategies ----


def test_mixed_strategy_is_bceas_mixedan():
    """OL.star = max over strategies of U less the shares' U, draw by draw; evi.star its mean; in plain loops."""
    evaluation = normal(draws=40, cost=(0.0, 100.0, 300.0), spread=(50.0, 80.0, 200.0), gain=(0.0, 0.001, 0.004))
    shares = {"A": 0.5, "B": 0.3, "C": 0.2}
    found = mixed_strategy(evaluation, [50_000, 100_000], shares=shares)
    for w, k in enumerate((50_000, 100_000)):
        lost, best = [], []
        for c, e in zip(evaluation.cost, evaluation.effect, strict=True):
            u = [k * e[s] - c[s] for s in range(3)]
            lost.append(max(u) - sum(q * x for q, x in zip(shares.values(), u, strict=True)))
            best.append(u)
        assert found["expected_loss"][w] == pytest.approx(sum(lost) / 40)
        means = np.mean(best, axis=0)
        assert found["loss"][w] == pytest.approx(means.max() - means @ list(shares.values()))
        np.testing.assert_allclose(found["expected_loss"][w], found["loss"][w] + found["evpi"][w])
        np.testing.assert_allclose(found["evpi"][w], evaluation.evpi(k)["evpi"][0])


def test_all_on_the_best_loses_nothing_and_shares_are_checked():
    evaluation = normal()
    assert mixed_strategy(evaluation, 5e5, shares={"B": 1})["loss"].item() == 0.0
    assert mixed_strategy(evaluation, 5e5, shares={"B": 1})["preferred"].item() == "B"
    refused(ScenarioError, "unknown strategy", lambda: mixed_strategy(evaluation, 1, shares={"X": 1}))
    refused(ScenarioError, "whole", lambda: mixed_strategy(evaluation, 1, shares={"A": 0.5, "B": 0.4}))
    refused(ScenarioError, "whole", lambda: mixed_strategy(evaluation, 1, shares={"A": 1.5, "B": -0.5}))
