"""Anchors: SciPy's two-sample distance for every part; distances known in closed form; what chance alone reaches."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from costeff import Evaluation
from costeff.analysis.regression.level_means import points_of
from costeff.errors import ResultError
from costeff.sensitivity.global_ import gsa
from costeff.sensitivity.global_text import printed_gsa
from costeff.sensitivity.pawn import Distances, parts_of


def saving(value: np.ndarray, **more: object) -> Evaluation:
    cost = np.column_stack([np.zeros(len(value)), value])
    return Evaluation("payer", "qaly", ("old", "new"), "old", cost, np.zeros((len(value), 2)), **more)


def pawn(one: Evaluation, *names: str):
    asked = {name: name for name in names}
    return gsa(one, "pawn", result="incremental_cost", names=asked).table.set_index("factor")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-6, 6)), min_size=4, max_size=80))
def test_distances_are_scipys(rows: list[tuple[int, int]]) -> None:
    """Of any parts, with ties in the result."""
    part, y = np.array(rows, float).T
    parts = np.unique(part, return_inverse=True)[1]
    expected = [ks_2samp(y[parts == p], y).statistic for p in range(parts.max() + 1)]
    np.testing.assert_allclose(Distances(y, parts).of(), expected, atol=1e-12)


def test_weights_are_repeated_draws() -> None:
    rng = np.random.default_rng(1)
    y, parts, times = rng.integers(0, 30, 200), rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    repeated = Distances(np.repeat(y, times), np.repeat(parts, times)).of()
    np.testing.assert_allclose(Distances(y, parts).of(times.astype(float)), repeated, atol=1e-12)


@pytest.mark.parametrize("draws", [150, 1000])
def test_intervals_hold_the_truth_and_chance_is_not_influence(draws: int) -> None:
    """Uniform y = c: the median of the tenths is 0.7. A switch of 10 % that decides y: 0.9. Neither: 0."""
    inside, above = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        c, switch = rng.random(draws), (rng.random(draws) < 0.1).astype(float)
        none, other = rng.random(draws), (rng.random(draws) < 0.1).astype(float)
        plain = pawn(saving(c, parameters={"c": c, "none": none, "other": other}), "c", "none", "other")
        rare = pawn(saving(100 * switch + c, parameters={"switch": switch}), "switch").loc["switch"]
        inside.append(
            [
                plain.loc["c", "median_lower"] <= 0.7 <= plain.loc["c", "median_upper"],
                rare["highest_lower"] <= 0.9 <= rare["highest_upper"],
                plain.loc["none", "median_lower"] == 0 == plain.loc["other", "median_lower"],
            ]
        )
        above.append(plain.loc[["none", "other"], "above_floor"].astype(float))
        assert plain.loc["c", "above_floor"]
        assert rare["above_floor"]
    assert np.mean(inside) > 0.95 - 3 * math.sqrt(0.95 * 0.05 / 120)
    assert np.mean(above) < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 80)


def test_texts_are_levels_in_both_methods() -> None:
    """Their order is that of the alphabet, not of the result: a mean of each, and no direction."""
    rng = np.random.default_rng(2)
    code = rng.integers(0, 4, 3000)
    mean = np.array([0.0, 5.0, 0.0, 5.0])[code]
    y = mean + rng.normal(0, 1, 3000)
    one = saving(y, parameters={"region": code}, levels={"region": ("east", "north", "south", "west")})
    row = gsa(one, result="incremental_cost", names="region").table.iloc[0]
    assert row["first"] == pytest.approx(6.25 / 7.25, abs=0.01)
    assert math.isnan(row["rank_correlation"])
    assert pawn(one, "region").loc["region", "parts"] == 4
    assert points_of(one, ["region"]).cells is not None


def test_a_text_that_names_each_draw_is_no_parameter() -> None:
    y = np.random.default_rng(3).normal(size=200)
    names = tuple(f"run {i}" for i in range(200))
    one = saving(y, parameters={"name": np.arange(200.0)}, levels={"name": names})
    with pytest.raises(ResultError, match=r"200 in 200 draws"):
        gsa(one, result="incremental_cost", names="name")


def test_equal_values_are_never_parted() -> None:
    """A dose with a third of its draws at 0, else continuous: the zeros are one part."""
    rng = np.random.default_rng(4)
    dose = np.maximum(rng.normal(0.4, 1, 900), 0)
    parts = parts_of(saving(dose, parameters={"dose": dose}), "dose")
    assert len(set(parts[dose == 0])) == 1
    assert sorted(set(parts)) == list(range(parts.max() + 1))


def test_replicated_draws_give_intervals_and_one_replicate_none() -> None:
    rng = np.random.default_rng(5)
    x = rng.random(800)
    row = pawn(saving(x, parameters={"x": x}, replicates=8), "x").loc["x"]
    assert row["median_lower"] < row["median"] <= row["median_upper"]
    one = pawn(saving(x, parameters={"x": x}, replicates=1), "x").loc["x"]
    assert math.isnan(one["median_lower"])
    assert one["median"] == row["median"]


def test_what_is_printed_says_floors_intervals_and_constants() -> None:
    x = np.random.default_rng(6).random(300)
    one = saving(x, parameters={"x": x, "same": np.full(300, 0.1 + 0.2)})
    text = printed_gsa(gsa(one, "pawn", result="incremental_cost", names={"x": "x", "same": "same"}))
    assert "The same in all draws, so that nothing depends on it: same." in text
    assert "[" in text.splitlines()[2]
    with pytest.raises(ResultError, match="no parameter varies"):
        gsa(one, "pawn", result="incremental_cost", names="same")
