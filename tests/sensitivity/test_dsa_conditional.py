"""Anchored in a linear normal problem, where the mean result given a parameter is a straight line."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from costeff import Evaluation
from costeff.errors import CosteffError
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold, conditional_two_way

DRAWS = 4000


@cache
def evaluation() -> Evaluation:
    """Net cost of new: price - 100 save + luck; `follows` is save + noise, so it carries half of it along."""
    rng = np.random.default_rng(5)
    price, save, noise = rng.normal(120, 30, DRAWS), rng.normal(1, 0.4, DRAWS), rng.normal(0, 0.4, DRAWS)
    cost = price - 100 * save + rng.normal(0, 20, DRAWS)
    zero = np.zeros(DRAWS)
    return Evaluation(
        "payer",
        "qaly",
        ("usual", "new"),
        "usual",
        np.column_stack([zero, cost]),
        np.column_stack([zero, save]),
        parameters={"price": price, "save": save, "follows": save + noise, "idle": noise**2, "known": zero},
    )


def test_one_way_is_the_line_at_both_ends() -> None:
    table = conditional_one_way(evaluation()).set_index("name")
    assert set(table.index) == {"price", "save", "follows", "idle"}
    assert table.attrs["base"] == pytest.approx(evaluation().cost[:, 1].mean(), rel=1e-12)
    slopes = {"price": 1.0, "save": -100.0, "follows": -50.0}
    middle = {"price": 120.0, "save": 1.0, "follows": 1.0}
    for name, slope in slopes.items():
        row, drawn = table.loc[name], evaluation().parameters[name]
        for end, share in (("low", 0.025), ("high", 0.975)):
            value = float(np.quantile(drawn, share))
            assert row[f"{end}_value"] == pytest.approx(value, rel=1e-12)
            expected = 20 + slope * (value - middle[name])
            assert abs(row[f"{end}_result"] - expected) < 4 * row["mcse"]
    assert table.loc["idle", "swing"] < 4 * table.loc["idle", "mcse"]
    assert table.loc["save", "low_preferred"] == "usual"
    assert table.loc["save", "high_preferred"] == "new"
    assert table.loc["save", "high_quadrant"] == "south-east: less costly, more effective"


def test_net_benefit_is_the_line_too() -> None:
    table = conditional_one_way(evaluation(), ["save"], wtp=50).set_index("name")
    low = float(np.quantile(evaluation().parameters["save"], 0.025))
    assert abs(table.loc["save", "low_result"] - (150 * low - 120)) < 4 * table.loc["save", "mcse"]
    assert table.attrs["measure"] == "net_benefit"


@pytest.mark.parametrize(
    ("name", "expected", "share"), [("price", 100.0, 0.252), ("save", 1.2, 0.691), ("follows", 1.4, 0.760)]
)
def test_thresholds_are_where_the_line_is_zero(name: str, expected: float, share: float) -> None:
    """Probabilities are those of the normal distributions: price below 100, save below 1.2, and so on."""
    found = conditional_threshold(evaluation(), name)
    (root,) = found.roots
    assert 0 < root.mcse < 0.1 * expected
    assert abs(root.value - expected) < 4 * root.mcse
    assert found.share_below[0] == pytest.approx(share, abs=0.03)


def test_the_error_of_a_conditional_root_is_its_spread() -> None:
    roots, errors = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x = rng.normal(0, 1, 300)
        cost = np.column_stack([np.zeros(300), x + rng.normal(0, 1, 300)])
        one = Evaluation("p", "q", ("a", "b"), "a", cost, 0 * cost, parameters={"x": x})
        (root,) = conditional_threshold(one, "x", low=-1.5, high=1.5).roots
        roots.append(root.value)
        errors.append(root.mcse)
    ratio = np.std(roots, ddof=1) / np.sqrt(np.mean(np.square(errors)))
    print(f"spread {np.std(roots, ddof=1):.4f}, reported {np.sqrt(np.mean(np.square(errors))):.4f}")
    assert 0.8 < ratio < 1.2  # 60 runs tell a spread within 9 %


def test_a_target_that_is_not_reached() -> None:
    found = conditional_threshold(evaluation(), "price", target=500)
    assert not found.found
    assert found.base_result == pytest.approx(evaluation().cost[:, 1].mean())


def test_the_grid_is_the_plane() -> None:
    grid = conditional_two_way(evaluation(), "price", "save", grid=3)
    for price in grid["price"].values.tolist():
        for save in grid["save"].values.tolist():
            one = grid.sel(price=price, save=save)
            expected = price - 100 * save
            assert abs(float(one["result"]) - expected) < 4 * float(one["mcse"]) + 1
            assert str(one["preferred"].values) == ("new" if float(one["result"]) < 0 else "usual")
    given = conditional_two_way(evaluation(), "price", "save", values={"price": [100.0, 130.0]}, grid=2)
    assert given["price"].values.tolist() == [100.0, 130.0]


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda e: conditional_one_way(e, ["known"]), "does not vary"),
        (lambda e: conditional_one_way(e, ["prise"]), "unknown parameter"),
        (lambda e: conditional_one_way(e, level=0), "level"),
        (lambda e: conditional_one_way(e, wtp=-1), "out of range"),
        (lambda e: conditional_one_way(e, strategy="usual"), "unknown strategy"),
        (lambda e: conditional_threshold(e, "price", low=-1e6), "do not reach"),
        (lambda e: conditional_threshold(e, "price", low=110, high=100), "empty"),
        (lambda e: conditional_two_way(e, "price", "price"), "two parameters"),
        (lambda e: conditional_two_way(e, "price", "save", values={"price": [3.0, 1.0]}), "no grid"),
        (lambda e: conditional_two_way(e, "price", "save", values={"price": [0.0, 900.0]}), "do not reach"),
    ],
)
def test_what_cannot_be_asked_of_draws_is_refused(ask: object, what: str) -> None:
    with pytest.raises(CosteffError, match=what):
        ask(evaluation())  # type: ignore[operator]


def test_few_draws_are_refused() -> None:
    some = Evaluation("p", "q", ("a", "b"), "a", np.ones((10, 2)), np.ones((10, 2)), parameters={"x": np.arange(10.0)})
    with pytest.raises(CosteffError, match="too few draws") as refused:
        conditional_one_way(some)
    assert "scenario" in str(refused.value.way_out)
