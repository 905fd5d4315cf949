"""Conditional means of PSA tables that said what the draws do not: `dsa`, `threshold` and `--two-way` of a table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from fault import fault

from costeff import Evaluation
from costeff.cli import main
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold, conditional_two_way

KIND = "conditional means with wrong errors"


def inb(benefit: np.ndarray, parameters: dict[str, np.ndarray]) -> Evaluation:
    """Two strategies whose incremental net benefit at wtp 0 is `benefit`."""
    cost = np.column_stack([np.zeros_like(benefit), -benefit])
    return Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, np.zeros_like(cost), parameters=parameters)


def priced(seed: int, noise: float = 500.0, draws: int = 500) -> Evaluation:
    """A price that counts 1 to 1 and explains 1 % of the variance, beside a hazard ratio and a probability."""
    g = np.random.default_rng(seed)
    price, ratio = g.gamma(25, 40, draws), np.exp(g.normal(-0.2, 0.3, draws))
    share = g.beta(20, 80, draws)
    benefit = 20000 * (2 * share * (1 - ratio)) - price + np.random.default_rng([seed, 1]).normal(0, noise, draws)
    return inb(benefit, {"price": price, "hr": ratio, "pd": share})


@fault(
    KIND,
    "a price of slope -1 that explains 1 % of the variance, 10 seeds",
    "-1 within three errors, which are those of least squares on the true form (it gave exactly 0 in half of them)",
)
@pytest.mark.parametrize("noise", [0.0, 500.0])
def test_a_weak_but_certain_effect_is_told(noise: float) -> None:
    slopes, errors = [], []
    for seed in range(10):
        one = priced(seed, noise)
        (row,) = conditional_one_way(one, ["price"], wtp=0).to_dict("records")
        span = row["high_value"] - row["low_value"]
        slopes.append((row["high_result"] - row["low_result"]) / span)
        errors.append(row["mcse"] / span)
    print("slopes", np.round(slopes, 2), "errors", np.round(errors, 3))
    off = np.abs(np.array(slopes) + 1)
    assert (off <= 3 * np.array(errors) + 1e-6).all()
    assert np.mean(errors) < 0.13 * (noise / 500) + 1e-6
    roots = conditional_threshold(priced(2, noise), "price", wtp=0).roots
    assert [root.direction for root in roots] in (["falls"], [])


@fault(
    KIND,
    "costeff threshold of a cost that counts 1 to 1 among parameters that count more",
    "the slope is told, and never that the result does not depend on it",
)
def test_the_shell_does_not_say_does_not_depend(tmp_path: Path) -> None:
    one = priced(7)
    table = pd.DataFrame({"cost_usual": 0.0, "cost_new": one.cost[:, 1], "effect_usual": 0.0, "effect_new": 0.0})
    table.assign(**one.parameters).to_csv(tmp_path / "psa.csv", index=False)
    asked = ["threshold", str(tmp_path / "psa.csv"), "--parameter", "price", "--wtp", "0", "--comparator", "usual"]
    found = CliRunner().invoke(main, [*asked, "--json", str(tmp_path / "found.json")])
    assert found.exit_code == 0, found.output
    print(found.output)
    assert "does not depend" not in found.output
    curve = pd.DataFrame(json.loads((tmp_path / "found.json").read_text())["threshold_price"]["curve"])
    slope = np.polyfit(curve["value"], curve["result"], 1)[0]
    assert -1.4 < slope < -0.6


@fault(
    KIND,
    "a grid of two correlated parameters, result 1000 x - 1000 y + 100 x y",
    "every cell within 4 errors of the truth, or empty (corners were off by 10 to 80 errors)",
)
@pytest.mark.parametrize("noise", [0.0, 1000.0])
@pytest.mark.parametrize("rho", [0.3, 0.5, 0.9])
def test_a_grid_is_right_or_empty(rho: float, noise: float) -> None:
    g = np.random.default_rng(1)
    x = g.normal(size=2000)
    y = rho * x + np.sqrt(1 - rho**2) * g.normal(size=2000)
    benefit = 1000 * x - 1000 * y + 100 * x * y + noise * g.normal(size=2000)
    grid = conditional_two_way(inb(benefit, {"x": x, "y": y}), "x", "y", wtp=0, grid=5)
    right = (1000 * grid["x"] - 1000 * grid["y"] + 100 * grid["x"] * grid["y"]).transpose("x", "y").values
    off = (grid["result"].values - right) / (grid["mcse"].values + 1e-6)
    print(np.round(off, 1))
    told = np.isfinite(off)
    assert told.sum() >= 9
    assert (np.abs(off[told]) < 4).all()
    if rho == 0.9:
        assert not told[0, -1]
        assert grid["preferred"].values[0, -1] == ""


@fault(
    KIND,
    "a lognormal parameter whose logarithm acts, at its 97.5 % point, 12 seeds",
    "no bias beyond the error (it was -194 with an error of 73)",
)
@pytest.mark.parametrize("s", [0.5, 1.0, 1.5])
def test_a_skewed_parameter_is_right_at_its_ends(s: float) -> None:
    off, errors = [], []
    for seed in range(12):
        g = np.random.default_rng(2000 + seed)
        x = g.normal(size=2000)
        one = inb(1000 * x + 200 + g.normal(0, 1000, 2000), {"p": np.exp(s * x)})
        curve = conditional_threshold(one, "p", wtp=0, high=float(np.quantile(np.exp(s * x), 0.975)), points=2).curve
        value, result, error = (float(curve[name].iloc[-1]) for name in ("value", "result", "mcse"))
        off.append(result - (1000 * np.log(value) / s + 200))
        errors.append(error)
    print(f"bias {np.mean(off):.0f}, error {np.mean(errors):.0f}")
    assert abs(np.mean(off)) < np.mean(errors)


@fault(
    KIND,
    "what moves along: two parameters correlated 0.8, and one that carries most of the variance",
    "the slope is that of both together, with the error that is left without the third",
)
def test_what_is_correlated_moves_along() -> None:
    g = np.random.default_rng(5)
    a, b, c = g.normal(size=(3, 2000))
    b = 0.8 * a + 0.6 * b
    one = inb(1000 * a + 500 * b + 10_000 * c, {"a": a, "b": b, "c": c})
    (row,) = conditional_one_way(one, ["a"], wtp=0).to_dict("records")
    span = row["high_value"] - row["low_value"]
    slope, error = (row["high_result"] - row["low_result"]) / span, row["mcse"] / span
    assert abs(slope - 1400) < 3 * error
    assert error < 15  # the spread of b given a is 300, so 300 / sqrt(2000) = 7


@fault(
    "discrete parameters",
    "tornado of a yes/no parameter that is 1 in 2 % of draws",
    "the ends are 0 and 1, with the result of each (both ends were 0)",
)
def test_the_ends_of_a_rare_yes_are_both_levels() -> None:
    g = np.random.default_rng(3)
    rare = (g.random(2000) < 0.02).astype(float)
    one = inb(10_000 * rare - 150 + g.normal(0, 300, 2000), {"rare": rare})
    (row,) = conditional_one_way(one, ["rare"], wtp=0).to_dict("records")
    assert (row["low_value"], row["high_value"]) == (0.0, 1.0)
    assert row["low_result"] == pytest.approx(-150, abs=40)
    assert row["high_result"] == pytest.approx(9850, abs=200)


@fault(
    "discrete parameters",
    "threshold of a parameter that is 0 or 1",
    "no root between the levels (it gave 0.343 +- 0.006, where no draw lies)",
)
def test_a_threshold_of_levels_has_no_root_between_them() -> None:
    g = np.random.default_rng(4)
    yes = (g.random(1000) < 0.5).astype(float)
    one = inb(900 * yes - 300 + g.normal(0, 100, 1000), {"yes": yes})
    found = conditional_threshold(one, "yes", wtp=0)
    assert [root.value for root in found.roots] == []
    assert found.curve["value"].tolist() == [0.0, 1.0]
    assert (found.curve["result"] > 0).tolist() == [False, True]


@fault(
    "which strategy is the best is not said",
    "threshold of a price with three strategies; the best switches at 60",
    "the shell names both strategies and the value",
)
def test_the_best_of_three_strategies_switches(tmp_path: Path) -> None:
    g = np.random.default_rng(6)
    price, saved = g.uniform(20, 100, 1000), g.normal(0, 30, 1000)
    # net costs: usual 0, drug 100 price - 9000, other -3000: drug is the best below 60, other above
    table = pd.DataFrame(
        {
            "cost_usual": 0.0,
            "cost_drug": 100 * price - 9000 + saved,
            "cost_other": -3000 + saved,
            "effect_usual": 0.0,
            "effect_drug": 0.0,
            "effect_other": 0.0,
            "price": price,
            "saved": saved,
        }
    )
    table.to_csv(tmp_path / "psa.csv", index=False)
    asked = ["threshold", str(tmp_path / "psa.csv"), "--parameter", "price", "--wtp", "0", "--comparator", "usual"]
    found = CliRunner().invoke(main, [*asked, "--json", str(tmp_path / "found.json")])
    assert found.exit_code == 0, found.output
    print(found.output)
    (answer,) = [v for k, v in json.loads((tmp_path / "found.json").read_text()).items() if k.startswith("threshold")]
    switches = answer.get("switches", [])
    assert [(s["before"], s["after"]) for s in switches] == [("drug", "other")]
    assert switches[0]["value"] == pytest.approx(60, abs=0.5)
    assert "drug up to price = 60" in found.output
