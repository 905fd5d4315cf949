"""Anchors: normal theory of two levels of chance; the spread of repeated runs; hand tables where nothing is left."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from decision_example import refused
from repeated import NEAR, RUNS

from costeff import Evaluation
from costeff.errors import ResultError
from costeff.voi.noise_comparison import influence
from costeff.voi.regression.error import value_error
from costeff.voi.regression.regression import Regression
from costeff.voi.text import printed_voi, voi


def two_level(seed: int, draws: int, individuals: int = 1_000) -> Evaluation:
    """Incremental net benefit: mean 5,000, parameter SD 5,000; individual SD 150,000."""
    rng = np.random.default_rng(seed)
    parameter = rng.standard_normal(draws)
    luck = 150_000 / math.sqrt(individuals / 2) * rng.standard_normal((draws, 2))
    half = np.zeros((draws, 2, 2))
    half[..., 1] = -(5_000 + 5_000 * parameter[:, None] + luck)
    nothing = np.zeros_like(half)
    return Evaluation(
        "m",
        "q",
        ("usual", "new"),
        "usual",
        half.mean(axis=1),
        nothing[:, 0],
        half,
        nothing,
        parameters={"x": parameter},
    )


def test_side_by_side_is_the_issue_s_example() -> None:
    """Parameter SD 5,000, individual SD 150,000, 1,000 individuals: EVPI 417 looks like 943; all by normal theory."""
    total = math.hypot(5_000, 150_000 / math.sqrt(1_000))
    table = two_level(11, 20_000).noise_comparison(0, "x").set_index(["quantity", "of"])
    normal = NormalDist()

    def loss(sd: float) -> float:
        k = 5_000 / sd
        return sd * (normal.pdf(k) - k * normal.cdf(-k))

    assert (round(loss(5_000)), round(loss(total))) == (417, 943)
    truth = {
        ("sd", "new"): (total, 5_000),
        ("lower", "new"): tuple(5_000 - 1.959964 * sd for sd in (total, 5_000)),
        ("upper", "new"): tuple(5_000 + 1.959964 * sd for sd in (total, 5_000)),
        ("probability", "new"): tuple(normal.cdf(5_000 / sd) for sd in (total, 5_000)),
        ("probability", "usual"): tuple(normal.cdf(-5_000 / sd) for sd in (total, 5_000)),
        ("expected_loss", "new"): (loss(total), loss(5_000)),
        ("expected_loss", "usual"): (loss(total) + 5_000, loss(5_000) + 5_000),
        ("evpi", ""): (loss(total), loss(5_000)),
        ("evppi", "x"): (loss(5_000), loss(5_000)),
    }
    assert set(table.index) == set(truth)
    for key, (raw, corrected) in truth.items():
        row = table.loc[key]
        assert abs(row["corrected"] - corrected) < 4 * row["corrected_mcse"], key
        assert row["corrected_mcse"] < 0.15 * abs(corrected)
        if key[0] != "evppi":
            assert abs(row["raw"] - raw) < 4 * row["raw_mcse"], key
            assert row["raw_mcse"] < 0.05 * abs(raw)
    assert not table["floored"].any()
    assert table.loc[("evpi", ""), "raw"] > 2 * table.loc[("evpi", ""), "corrected"]


@pytest.mark.repeated
def test_errors_with_and_without_noise_are_the_spread_of_repeated_runs() -> None:
    """Two-level runs of 500 draws with 10,000 individuals, each number raw and corrected."""
    runs = [two_level(seed, 500, 10_000).noise_comparison(0) for seed in range(RUNS)]
    labels = runs[0]["quantity"] + " " + runs[0]["of"]
    for side in ("raw", "corrected"):
        values, errors = (np.array([run[name] for run in runs]) for name in (side, f"{side}_mcse"))
        ratio = np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0, ddof=1)
        wrong = {(side, name): float(r) for name, r in zip(labels, ratio, strict=True) if not abs(r - 1) <= NEAR}
        assert wrong == {}


def test_one_draw_has_no_spread_to_correct() -> None:
    refused(ResultError, "one draw has no spread to correct", lambda: two_level(1, 1).noise_comparison(0))


def test_an_estimate_without_spread_has_no_error() -> None:
    """Nothing varies once noise is out: what a draw adds to an SD of 0, or to a quantile, is not defined."""
    rng = np.random.default_rng(1)
    for share in (None, 0.025):
        assert np.isnan(influence(rng.normal(size=6), rng.normal(size=6), np.full(6, 4.0), share)).all()


def test_of_a_single_design_no_error_is_known() -> None:
    x = np.random.default_rng(2).normal(size=(64, 1))
    fit = Regression(x, x, np.zeros_like(x), 1).fit(1.0)
    assert fit is not None
    assert np.isnan(value_error(fit, 1)).all()


def test_noise_that_exceeds_the_spread_is_said() -> None:
    """Halves 200 apart around one mean: luck accounts for more than the whole spread, so nothing is worth knowing."""
    x = np.tile([-1.0, 1.0], 30)
    half = np.zeros((60, 2, 2))
    half[:, 0, 1], half[:, 1, 1] = 100 + x, x - 100
    one = Evaluation("m", "q", ("usual", "new"), "usual", half.mean(axis=1), 0 * half[:, 0], half, 0 * half)
    printed = printed_voi(*voi(one.__class__(**vars(one) | {"parameters": {"x": x}}), [0.0]))
    assert "Without the luck of individuals less than nothing was left at some values: shown as 0." in printed
