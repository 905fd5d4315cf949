"""Anchors: brute force over splits; the issue's variances; simulated pilots and the spread of runs split as advised."""

from __future__ import annotations

import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff import Evaluation, load
from costeff.cli import main
from costeff.errors import ResultError, ScenarioError
from costeff.precision.advice import best_individuals, split_advice
from costeff.precision.advice_of_result import printed_advice


def pilot(rng, draws, individuals, parameter_sd=5_000.0, individual_sd=150_000.0, mean=3_000.0):
    """A two-level run of two strategies whose increment of cost is normal on both levels."""
    truth = mean + parameter_sd * rng.standard_normal(draws)
    luck = individual_sd / math.sqrt(individuals / 2) * rng.standard_normal((draws, 2))
    half = np.zeros((draws, 2, 2))
    half[..., 1] = truth[:, None] + luck
    nothing = np.zeros_like(half)
    return Evaluation("m", "q", ("usual", "new"), "usual", half.mean(axis=1), nothing[:, 0], half, nothing)


def variance(purpose, a, s, n):
    return a + s / n if purpose == "mean" else (a + s / n) ** 2 + (s / n) ** 2


@settings(deadline=None, max_examples=200)
@given(*[st.floats(0.01, 100)] * 4, st.sampled_from(["mean", "spread"]))
def test_no_split_is_better(a, s, per_draw, per_individual, purpose):
    """Over a fine grid of individuals, cost times variance is nowhere less than at the closed form."""
    best = best_individuals(a, s, per_draw, per_individual, purpose)
    grid = best * np.exp(np.linspace(-8, 8, 4001))

    def price(n):
        return variance(purpose, a, s, n) * (per_draw + per_individual * n)

    assert price(best) <= price(grid).min() * (1 + 1e-9)
    assert price(best * 1.1) > price(best) < price(best / 1.1)


def test_the_issue_s_example():
    """Parameter SD 5,000, individual SD 150,000; a draw costs as much as 100 individuals: sqrt(900 x 100) = 300."""
    found = split_advice(pilot(np.random.default_rng(1), 40_000, 1_000), 1_000, per_draw=100.0, per_individual=1.0)
    table = found.set_index("purpose")
    assert found.attrs["parameter_sd"] == pytest.approx(5_000, rel=0.03)
    assert found.attrs["individual_sd"] == pytest.approx(150_000, rel=0.03)
    assert table.loc["mean", "individuals"] == pytest.approx(300, rel=0.06)
    assert table.loc["spread", "individuals"] > table.loc["mean", "individuals"]
    # (25 + 22.5) x 1,100 against (25 + 75) x 400, in millions
    assert table.loc["pilot", "mean_cost"] == pytest.approx(47.5 * 1_100 / (100 * 400), rel=0.03)
    assert table.loc["mean", "mean_cost"] == table.loc["spread", "spread_cost"] == 1
    assert (table["cost"] <= 40_000 * 1_100).all()
    assert table.loc["mean", "mcse"] < table.loc["pilot", "mcse"]
    assert table.loc["spread", "spread_error"] < table.loc["pilot", "spread_error"]


def test_the_range_holds_the_best_split():
    """300 pilots of 1,000 draws: the 95 % range holds the true 300 in 95 % of them (4 binomial errors)."""
    held = 0
    for seed in range(300):
        table = split_advice(
            pilot(np.random.default_rng(seed), 1_000, 1_000), 1_000, per_draw=100.0, per_individual=1.0
        )
        held += table["individuals_low"][1] <= 300 <= table["individuals_high"][1]
    assert held / 300 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 300))


def test_runs_split_as_advised_reach_the_error_and_spread_told():
    """600 runs with the draws and individuals of each row: the errors are those in the table within 10 %."""
    rng = np.random.default_rng(2)
    table = split_advice(pilot(rng, 40_000, 2_000), 2_000, per_draw=40, per_individual=1, target_error=700)
    for row in table.to_dict("records"):
        assert row["mcse"] <= 700 < row["mcse"] * math.sqrt(row["draws"] / (row["draws"] - 1))
        runs = [pilot(rng, row["draws"], row["individuals"]) for _ in range(600)]
        means = [run.cost[:, 1].mean() for run in runs]
        assert np.std(means) == pytest.approx(row["mcse"], rel=0.1)
        found = [run.noise().iloc[0]["parameter_variance"] for run in runs]
        assert np.std(found) / 5_000**2 == pytest.approx(row["spread_error"], rel=0.1)


def test_a_budget_is_spent_and_not_exceeded():
    given_pilot = pilot(np.random.default_rng(3), 2_000, 100)
    table = split_advice(given_pilot, 100, per_draw=0.01, per_individual=1e-4, budget=60.0)
    price = 0.01 + 1e-4 * table["individuals"]
    assert ((table["cost"] <= 60) & (table["cost"] > 60 - price)).all()
    np.testing.assert_allclose(table["cost"], table["draws"] * price)
    assert (table["individuals"] % 2 == 0).all()


def test_a_pilot_that_is_too_small_says_so():
    flat = pilot(np.random.default_rng(4), 50, 10, parameter_sd=0.0)
    seeds = (s for s in range(20) if noisy_only(s))
    with pytest.raises(ResultError, match="more draws or more individuals"):
        split_advice(pilot(np.random.default_rng(next(seeds)), 50, 10, 0.0), 10, per_draw=1, per_individual=1)
    still = pilot(np.random.default_rng(5), 50, 10, individual_sd=0.0)
    with pytest.raises(ResultError, match="few individuals will do"):
        split_advice(still, 10, per_draw=1, per_individual=1)
    for wrong in (
        {"per_draw": 0.0, "per_individual": 1.0},
        {"per_draw": 1.0, "per_individual": 1.0, "budget": 1.0, "target_error": 1.0},
        {"per_draw": 1.0, "per_individual": 1.0, "budget": -1.0},
    ):
        with pytest.raises(ScenarioError):
            split_advice(flat, 10, **wrong)


def noisy_only(seed):
    """True when the luck of the individuals happens to explain more than all of the spread."""
    return pilot(np.random.default_rng(seed), 50, 10, 0.0).noise().iloc[0]["floored"]


def test_on_a_scenario_and_the_command_line():
    study = load("tki2")
    result = study.psa(draws=48, individuals=40, seed=2, progress=False)
    table = result.advice("municipal", per_draw=2e-3, per_individual=1e-5, target_error=3_000)
    assert table["purpose"].tolist() == ["pilot", "mean", "spread"]
    row = result.perspective("municipal").noise().iloc[0]
    assert table.attrs["individual_sd"] == pytest.approx(math.sqrt(row["noise_variance"] * 40))
    text = printed_advice(table, result)
    assert "Pilot: 48 draws x 40 individuals" in text
    assert f"{table['individuals'][2]:,}" in text
    size = ("--draws", "48", "--individuals", "40", "--seed", "2", "--quiet")
    ended = CliRunner().invoke(main, ["run", "tki2", "--pilot", "--budget", "10", *size])
    assert ended.exit_code == 0, ended.output
    assert "Pilot: 48 draws x 40 individuals" in ended.stdout
    assert "[municipal]" not in ended.stdout  # advice and no more


def test_the_command_stops_at_its_target():
    words = ["run", "tki2_reduced", "--individuals", "10", "--seed", "2", "--quiet", "--perspective", "municipal"]
    ended = CliRunner().invoke(main, [*words, "--target-error", "1e9"])
    assert ended.exit_code == 0, ended.output
    assert "after 1,024 draws in batches of 128; the target, 1,000,000,000, is met" in ended.stdout  # 8 designs
    assert "1024 draws x 10 individuals" in ended.stdout
    plain = CliRunner().invoke(main, [*words, "--target-error", "1e9", "--method", "random"])
    assert "after 128 draws in batches of 128; the target, 1,000,000,000, is met" in plain.stdout
    short = CliRunner().invoke(main, [*words, "--target-error", "0.1", "--max-draws", "24"])
    assert short.exit_code == 2
    both = CliRunner().invoke(main, [*words, "--target-error", "10", "--draws", "24"])
    assert both.exit_code == 2
    assert "(value: --draws 24)" in both.stderr
    assert "give --max-draws" in both.stderr
    for wrong in (["--perspective", "municipal"], ["--max-draws", "9"]):
        alone = CliRunner().invoke(main, ["run", "tki2_reduced", "--quiet", *wrong])
        assert alone.exit_code == 2
        assert f"{wrong[0]} is for a run to a target error" in alone.stderr
    for wrong in (["--budget", "3"], ["--max-draws", "9"], ["--pilot", "--out", "x"]):
        assert CliRunner().invoke(main, ["run", "tki2_reduced", "--quiet", *wrong]).exit_code == 2
