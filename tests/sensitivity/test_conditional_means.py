"""Anchored in closed forms: a price of slope -1, what is correlated, levels, and lines of several strategies."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff import Evaluation
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold, conditional_two_way
from costeff.sensitivity.netting import Netting
from costeff.sensitivity.threshold import switches
from costeff.sensitivity.value_based_price import value_based_price

sys.path.insert(0, str(Path(__file__).parents[1] / "coverage"))

import conditional_means as runs


def test_the_slope_of_a_price_and_its_error() -> None:
    """A quick form of the committed log: 30 seeds, the error compared with least squares of the true form."""
    found = np.array([runs.the_price(500.0)(seed)[0] for seed in range(30)])
    off, error = found[:, 0] - found[:, 2], found[:, 1]
    ols = np.mean([runs.error_by_ols(seed, 500.0) for seed in range(30)])
    print(f"spread {off.std(ddof=1):.3f}, error {error.mean():.3f}, OLS {ols:.3f}")
    assert (np.abs(off) <= 2 * error).sum() >= 26
    assert error.mean() <= 1.3 * off.std(ddof=1)
    assert error.mean() <= 1.2 * ols


@pytest.mark.parametrize("case", [runs.related(0.5), runs.pair(0.5, 1000.0, 1000)], ids=["ends", "grid"])
def test_what_is_correlated_moves_along(case: runs.Case) -> None:
    row = runs.summary(case, range(6), "grid")
    print(row)
    assert abs(row["bias / error"]) < 1.2
    assert row["within 2"] > 0.6


def test_parameters_are_related_when_their_draws_show_it() -> None:
    g = np.random.default_rng(2)
    a, b, c, d = g.normal(size=(4, 800))
    drawn = {"a": a, "a2": a + 0.3 * b, "b": b, "square": c**2, "c": c, "alone": d}
    found = Netting(drawn, dict.fromkeys(drawn), [a[:, None]])
    assert set(found.partners(["a"])) == {"a2", "b"}
    assert found.partners(["c"]) == ["square"]
    assert found.partners(["alone"]) == []


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-6, 1.0, 1e9]),
    shift=st.sampled_from([0.0, 5.0, -1e4]),
    unit=st.sampled_from([1e-4, 1.0, 1e5]),
)
def test_units_and_levels_do_not_matter(seed: int, scale: float, shift: float, unit: float) -> None:
    """The result in another currency, plus a constant, against a parameter in another unit."""
    g = np.random.default_rng(seed)
    x, u = 20 + g.gamma(4, 1, 120), g.normal(size=120)
    y = np.sqrt(x - 20) + 3 * u + 0.2 * g.normal(size=120)
    plain = conditional_one_way(runs.inb(y, {"x": x, "u": u}), ["x"], wtp=0).iloc[0]
    moved = conditional_one_way(runs.inb(scale * (y + shift), {"x": unit * x, "u": u}), ["x"], wtp=0).iloc[0]
    for end in ("low_result", "high_result"):
        assert moved[end] / scale - shift == pytest.approx(plain[end], abs=1e-5 * (1 + abs(shift) / 100))
    assert moved["mcse"] / scale == pytest.approx(plain["mcse"], rel=1e-3)


def levels_of_three(draws: int = 2000) -> Evaluation:
    """A text parameter with a rare level, a count, and one that carries most of the variance."""
    g = np.random.default_rng(7)
    arm = g.choice(3, draws, p=[0.85, 0.149, 0.001])
    arm[:2] = 2
    count, other = g.integers(0, 4, draws), g.normal(size=draws)
    benefit = np.array([-100.0, 50.0, 900.0])[arm] + 10.0 * count + 2000 * other + g.normal(0, 50, draws)
    cost = np.column_stack([np.zeros(draws), -benefit])
    return Evaluation(
        "payer",
        "qaly",
        ("usual", "new"),
        "usual",
        cost,
        0 * cost,
        parameters={"arm": arm, "count": count, "other": other},
        levels={"arm": ("hospital", "clinic", "home")},
    )


def test_the_ends_of_levels_have_names_and_their_own_means() -> None:
    table = conditional_one_way(levels_of_three(), wtp=0).set_index("name")
    arm, count = table.loc["arm"], table.loc["count"]
    assert (arm["low_label"], arm["high_label"]) == ("hospital", "home")
    assert (count["low_label"], count["high_label"], count["low_value"], count["high_value"]) == ("0", "3", 0.0, 3.0)
    assert np.isnan(arm["slope"])
    assert abs(count["slope"] - 10) < 3 * count["slope_mcse"] < 10
    told = {str(row["label"]): row for row in table.attrs["levels"]["arm"]}
    for label, right in (("hospital", -85.0), ("clinic", 65.0), ("home", 915.0)):
        assert abs(told[label]["result"] - right) < 4 * told[label]["mcse"], label
    assert told["home"]["mcse"] > told["clinic"]["mcse"]  # few draws, by the spread of all


def test_a_threshold_of_levels_says_sides() -> None:
    found = conditional_threshold(levels_of_three(), "arm", wtp=0)
    assert not found.found
    assert found.curve["label"].tolist() == ["hospital", "clinic", "home"]
    assert found.curve["side"].tolist() == ["below", "above", "above"]
    assert found.curve["preferred"].tolist() == ["usual", "new", "new"]


def test_grids_of_levels() -> None:
    one = levels_of_three()
    by_both = conditional_two_way(one, "arm", "count", wtp=0)
    assert by_both.attrs["labels_1"] == ["hospital", "clinic", "home"]
    assert by_both.attrs["blank"] == int(np.isnan(by_both["result"].values).sum()) > 0  # rare pairs
    mixed = conditional_two_way(one, "count", "other", wtp=0, grid=3)
    assert np.isfinite(mixed["result"].values).all()
    slope = (mixed["result"].values[:, 2] - mixed["result"].values[:, 0]) / np.ptp(mixed["other"].values)
    np.testing.assert_allclose(slope, 2000, rtol=0.05)


def three(seed: int = 1, draws: int = 800) -> Evaluation:
    """Net costs: usual 0, drug 100 price - 9000, other -3000; the best is drug below 60, else other."""
    g = np.random.default_rng(seed)
    price, luck = g.uniform(20, 100, draws), g.normal(0, 2000, draws)
    cost = np.column_stack([0 * price, 100 * price - 9000 + luck, luck / 2 - 3000])
    effect = np.column_stack([0 * price, 0.1 + 0 * price, 0.05 + 0 * price])
    return Evaluation(
        "payer", "qaly", ("usual", "drug", "other"), "usual", cost, effect, parameters={"price": price, "luck": luck}
    )


def test_the_best_of_all_switches_where_the_lines_cross() -> None:
    at_zero = [conditional_threshold(three(seed), "price", wtp=0).switches for seed in range(8)]
    assert all([(s.before, s.after) for s in found] == [("drug", "other")] for found in at_zero)
    off = [(found[0].value - 60) / found[0].mcse for found in at_zero]
    print(np.round(off, 2))
    assert np.max(np.abs(off)) < 3.5
    (in_tornado,) = conditional_one_way(three(), ["price"], wtp=0).attrs["switches"]["price"]
    assert in_tornado["value"] == pytest.approx(conditional_threshold(three(), "price", wtp=0).switches[0].value)
    (worth,) = conditional_threshold(three(), "price", wtp=20_000).switches
    assert abs(worth.value - 70) < 4 * worth.mcse  # 0.05 QALY more at 20,000 is worth 1,000


def test_the_effect_has_a_tornado() -> None:
    g = np.random.default_rng(3)
    quality, cost = g.beta(8, 2, 400), g.normal(size=400)
    effect = np.column_stack([0 * quality, 0.3 * quality + 0.01 * cost])
    one = Evaluation(
        "payer",
        "qaly",
        ("usual", "new"),
        "usual",
        np.zeros((400, 2)),
        effect,
        parameters={"quality": quality, "cost": cost},
        effect_sign=-1,
    )
    table = conditional_one_way(one, on="effect").set_index("name")
    assert table.loc["quality", "slope"] == pytest.approx(0.3, abs=1e-6)
    assert table.attrs["measure"] == "effect"
    assert table.attrs["base_preferred"] == "usual"  # fewer is better
    with pytest.raises(CosteffError, match="unknown measure"):
        conditional_one_way(one, on="icer")


def test_a_third_strategy_between_two_points_is_found() -> None:
    def lines(x: float) -> np.ndarray:
        return np.array([0.0, 4 - abs(x - 5), 2 * x - 14])

    values = [0.0, 4.0, 10.0]
    found = switches(lines, values, np.array([lines(x) for x in values]))
    assert [(before, after) for _, before, after in found] == [(0, 1), (1, 2)]
    assert [round(x, 6) for x, _, _ in found] == [1.0, round(23 / 3, 6)]


def test_the_value_based_price_is_where_the_best_other_one_is_met() -> None:
    """By arithmetic of the means; a price fixed in the draws, one that varies, and units that vary."""
    g = np.random.default_rng(9)
    cost = g.gamma(9, 100, (2000, 3)) + np.array([0, 300, 900])
    effect = g.normal([1.0, 1.05, 1.2], 0.1, (2000, 3))
    price, packs = g.uniform(5, 15, 2000), g.gamma(25, 0.5, 2000)
    cost[:, 2] += price * packs
    one = Evaluation(
        "payer", "qaly", ("usual", "cheap", "new"), "usual", cost, effect, parameters={"price": price, "packs": packs}
    )
    table = value_based_price(one, 20_000, units="packs", price="price")
    without = 20_000 * effect - cost + np.array([0, 0, 1]) * (price * packs)[:, None]
    right = (without[:, 2].mean() - without[:, :2].mean(axis=0)) / packs.mean()
    found = table.set_index("against")["price"]
    np.testing.assert_allclose(found[["usual", "cheap"]], right)
    assert table.attrs["price"] == pytest.approx(right.min())
    fixed = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost[:, [0, 2]], effect[:, [0, 2]])
    moved = cost[:, [0, 2]] + [0.0, 40.0 * 12]
    dearer = Evaluation("payer", "qaly", ("usual", "new"), "usual", moved, effect[:, [0, 2]])
    prices = [value_based_price(e, 20_000, units=12, price=p).attrs["price"] for e, p in ((fixed, 10), (dearer, 50))]
    assert prices[0] == pytest.approx(prices[1])


def test_the_error_of_a_value_based_price_is_its_spread() -> None:
    """Where two others are equally good, too."""
    found = []
    for seed in range(200):
        g = np.random.default_rng(seed)
        net = g.normal([0, 0, 30], 10, (150, 3))
        one = Evaluation("p", "q", ("a", "b", "new"), "a", -net, 0 * net)
        table = value_based_price(one, 0, units=2)
        found.append((table.attrs["price"], table.attrs["price_mcse"]))
    price, error = np.array(found).T
    print(price.std(ddof=1), error.mean())
    assert 0.85 < error.mean() / price.std(ddof=1) < 1.2


def test_a_value_based_price_in_the_shell(tmp_path: Path) -> None:
    g = np.random.default_rng(2)
    cost = g.normal([1000, 1400, 2500], 100, (300, 3))
    names = ("usual", "cheap", "new")
    columns = {f"cost_{n}": cost[:, i] for i, n in enumerate(names)}
    columns |= {f"effect_{n}": 0.1 * i + 0 * cost[:, 0] for i, n in enumerate(names)}
    pd.DataFrame(columns).to_csv(tmp_path / "psa.csv", index=False)
    asked = ["threshold", str(tmp_path / "psa.csv"), "--comparator", "usual", "--strategy", "new", "--wtp", "20000"]
    said = CliRunner().invoke(main, [*asked, "--units", "4", "--price", "300", "--json", str(tmp_path / "p.json")])
    assert said.exit_code == 0, said.output
    assert "Value-based price of new at 20,000 money per QALY" in said.output
    rows = json.loads((tmp_path / "p.json").read_text())["value_based_price"]["rows"]
    (row,) = [row for row in rows if row["against"] == "cheap"]
    right = 300 + (20_000 * 0.1 - (cost[:, 2] - cost[:, 1]).mean()) / 4
    assert row["price"] == pytest.approx(right)
    refusals = {"threshold is of a parameter": [], "needs units": ["--price", "3"], "are not in": ["--units", "x"]}
    for what, more in refusals.items():
        refused = CliRunner().invoke(main, [*asked, *more])
        assert refused.exit_code == 2
        assert what in refused.output
