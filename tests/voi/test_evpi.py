"""Anchors: the unit normal loss; the published Sick-Sicker EVPI; O'Hagan's two-level case; repeated runs."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc

from costeff import Evaluation, read_psa
from costeff.errors import ScenarioError
from costeff.voi.evpi import decisions

DATA = Path(__file__).parents[1] / "data" / "economics"


def unit_normal_loss(k: float) -> float:
    """E max(z - k, 0) for a standard normal z."""
    return NormalDist().pdf(k) - k * (1 - NormalDist().cdf(k))


def test_published_evpi_to_nine_digits() -> None:
    exact = json.loads((DATA / "sick_sicker_psa.json").read_text("utf-8"))["exact"]
    found = read_psa(DATA / "sick_sicker_psa.csv").evpi(exact["wtp"])["evpi"]
    np.testing.assert_allclose(found, exact["evpi"], rtol=1e-9, atol=1e-9)
    assert len(exact["evpi"]) == 41
    assert max(exact["evpi"]) > 1000


def test_evpi_is_the_smallest_expected_loss() -> None:
    rng = np.random.default_rng(3)
    cost, effect = rng.normal(1e6, 10, (5000, 3)), rng.normal(0, 0.1, (5000, 3))
    some = Evaluation("m", "q", ("a", "b", "c"), "b", cost, effect)
    wtp = [0, 100, 1e5]
    found, loss = some.evpi(wtp), some.expected_loss(wtp)
    at = loss["expected_loss"].argmin("strategy")
    np.testing.assert_allclose(found["evpi"], loss["expected_loss"].isel(strategy=at), rtol=1e-9)
    # the means tie, so which loss is smallest differs between runs, and EVPI varies less than any one loss
    assert (found["evpi_mcse"] < 0.85 * loss["expected_loss_mcse"].isel(strategy=at)).all()
    apart = Evaluation("m", "q", ("a", "b", "c"), "b", cost - np.array([0, 5, 0]), effect + np.array([0, 0.05, 0]))
    found, loss = apart.evpi(wtp), apart.expected_loss(wtp).sel(strategy="b")
    np.testing.assert_allclose(found["evpi"], loss["expected_loss"], rtol=1e-9)
    np.testing.assert_allclose(found["evpi_mcse"], loss["expected_loss_mcse"], rtol=1e-9)


def two_level(points: np.ndarray, individuals: float = 1000.0) -> Evaluation:
    """Increments of net benefit from (draw, 3) normal numbers: mean 5,000, parameter SD 5,000, individual SD
    150,000, so that a draw's mean over the individuals has noise of SD 150,000 / sqrt(individuals)."""
    parameter = 5_000 + 5_000 * points[:, 0]
    half = parameter[:, None] + 150_000 / math.sqrt(individuals / 2) * points[:, 1:]
    zero = np.zeros_like(half)
    cost_half = np.stack([zero, -half], axis=-1)
    nothing = np.zeros_like(cost_half)
    return Evaluation(
        "m", "q", ("usual", "new"), "usual", cost_half.mean(axis=1), nothing.mean(axis=1), cost_half, nothing
    )


def test_noise_of_individuals_inflates_evpi_and_is_removed() -> None:
    """O'Hagan, Stevenson and Madan 2007's structure: a true EVPI of 417 looks like 943."""
    true = 5_000 * unit_normal_loss(1)
    total = math.sqrt(5_000**2 + 150_000**2 / 1_000)
    raw = total * unit_normal_loss(5_000 / total)
    assert (round(true), round(raw)) == (417, 943)
    evaluation = two_level(ndtri(qmc.Sobol(3, seed=1).random(2**15)))
    found = evaluation.evpi([0, 50_000])
    np.testing.assert_allclose(found["evpi"], raw, rtol=0.01)
    np.testing.assert_allclose(found["evpi_noise_corrected"], true, rtol=0.02)
    assert found["noise_floored"].values.tolist() == [0, 0]


def test_errors_are_the_spread_of_repeated_runs() -> None:
    """600 runs of 500 draws: the reported error of both values is the spread within 10 %."""
    rng = np.random.default_rng(7)
    names = ["evpi", "evpi_mcse", "evpi_noise_corrected", "evpi_noise_corrected_mcse"]
    runs = np.array(
        [
            [float(found[name][0]) for name in names]
            for found in (two_level(rng.normal(size=(500, 3)), 10_000).evpi(0) for _ in range(600))
        ]
    )
    spread, reported = runs.std(axis=0, ddof=1), np.sqrt((runs**2).mean(axis=0))
    assert reported[1] == pytest.approx(spread[0], rel=0.1)
    assert reported[3] == pytest.approx(spread[2], rel=0.1)


def test_population() -> None:
    """An annuity of ten years at 3 % counts the first year in full; one draw has no error."""
    cost = np.array([[0.0, 1.0], [0.0, -0.5]] * 500)
    one = Evaluation("m", "q", ("a", "b"), "a", cost, effect=np.zeros((1000, 2)))
    found = one.evpi(0, population=200, horizon=10, discount_rate=0.03)
    annuity = (1 - 1.03**-10) / (1 - 1 / 1.03)
    assert float(found["population_evpi"][0]) == pytest.approx(0.25 * 200 * annuity, rel=1e-12)
    assert found.attrs["decisions"] == pytest.approx(200 * annuity, rel=1e-12)
    assert float(found["population_evpi_mcse"][0]) == pytest.approx(0.25 / math.sqrt(999) * 200 * annuity)
    single = Evaluation("m", "q", ("a", "b"), "a", cost=[[0.0, 1.0]], effect=[[0.0, 0.0]])
    assert math.isnan(float(single.evpi(0)["evpi_mcse"][0]))


@pytest.mark.parametrize(
    "given",
    [
        {"population": -1},
        {"population": 10, "horizon": 3},
        {"population": 10, "discount_rate": 0.03},
        {"population": [1, 2], "horizon": 3, "discount_rate": 0},
        {"population": [1, 2]},
        {"horizon": 3},
        {"population": 1, "horizon": 0, "discount_rate": 0},
        {"population": 1, "horizon": 2, "discount_rate": 3},
    ],
)
def test_bad_populations(given: dict[str, float]) -> None:
    one = Evaluation("m", "q", ("a", "b"), "a", cost=[[0.0, 1.0]], effect=[[0.0, 0.0]])
    with pytest.raises(ScenarioError):
        one.evpi(0, **given)


def test_decisions_of_given_years() -> None:
    assert decisions([10, 20, 40], 3, 1 / 3) == pytest.approx(10 + 15 + 22.5)


def test_a_large_analysis_equals_plain_arithmetic() -> None:
    rng = np.random.default_rng(1)
    cost, effect = rng.normal(size=(2, 20_000, 12))
    large = Evaluation("m", "q", tuple("abcdefghijkl"), "a", cost, effect)
    wtp = np.linspace(0, 5, 100)
    found = large.evpi(wtp)["evpi"].values
    for at in (0, 57):
        nmb = wtp[at] * effect - cost
        assert found.reshape(-1)[at] == pytest.approx(nmb.max(axis=1).mean() - nmb.mean(axis=0).max(), rel=1e-9)
