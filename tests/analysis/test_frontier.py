"""Anchors: dominance by hand for five strategies; a twin that tries every mix of two in exact fractions."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins.frontier import frontier as twin

from costeff import Evaluation
from costeff.analysis.frontier import STATUSES, frontier, quadrant


def one_draw(cost, effect, comparator=0, **options):
    names = tuple("ABCDEFGH"[: len(cost)])
    return Evaluation("municipal", "qaly", names, names[comparator], cost=[cost], effect=[effect], **options)


def test_five_strategies_by_hand():
    """Cost/effect: C 0/0; E 100/1: ICER 100. D 150/0.9: dearer and worse than E. A 300/1.5: ICER 400 from E,
    more than the 150 of B 400/3 from E, so A is extendedly dominated. The comparator is in the middle of it all."""
    table = one_draw([300, 400, 0, 150, 100], [1.5, 3, 0, 0.9, 1]).icer_table().set_index("strategy")
    assert list(table.index) == ["C", "E", "D", "A", "B"]
    assert list(table["status"]) == ["reference", "efficient", "dominated", "extendedly dominated", "efficient"]
    assert list(table["against"]) == ["", "C", "E", "E", "E"]
    np.testing.assert_array_equal(table["icer"], [math.nan, 100, math.nan, math.nan, 150])
    np.testing.assert_array_equal(table["incremental_cost"], [math.nan, 100, 50, 200, 300])
    np.testing.assert_allclose(table["incremental_effect"], [math.nan, 1, -0.1, 0.5, 2], rtol=1e-12)


def test_dropping_one_strategy_can_drop_the_next():
    """ICERs 10, 9, 8 along the points: each drop makes the one before fail too; only the ends stay."""
    assert [row.status for row in frontier([0, 10, 19, 27], [0, 1, 2, 3])] == [
        "reference",
        "extendedly dominated",
        "extendedly dominated",
        "efficient",
    ]


def test_one_dominates_all():
    table = one_draw([5, 1, 9], [1, 3, 2]).icer_table()
    assert list(table["strategy"]) == ["B", "A", "C"]
    assert list(table["status"]) == ["reference", "dominated", "dominated"]
    assert table["icer"].isna().all()
    assert list(table["quadrant"]) == [
        "south-east: less costly, more effective",
        "",
        "north-east: more costly, more effective",
    ]


def test_strategies_on_one_line_are_all_efficient():
    assert [row.status for row in frontier([0, 10, 20], [0, 1, 2])] == ["reference", "efficient", "efficient"]


def test_ties():
    equal_effect = one_draw([0, 10, 20], [0, 1, 1]).icer_table()
    assert list(equal_effect["status"]) == ["reference", "efficient", "equal effect"]
    assert math.isnan(equal_effect["icer"].iloc[2])
    assert equal_effect["incremental_effect"].iloc[2] == 0.0
    assert [row.status for row in frontier([0, 10, 10], [0, 1, 0.5])] == ["reference", "efficient", "dominated"]
    # beaten by an extendedly dominated strategy, but the frontier strategy below has the same effect
    assert [row.status for row in frontier([0, 5, 6, 7], [0, 1, 0, 9])][2] == "equal effect"
    # a twin of an extendedly dominated strategy is extendedly dominated, a dearer one dominated
    statuses = [row.status for row in frontier([0, 10, 10, 11, 12], [0, 1, 1, 1, 5])]
    assert statuses == ["reference", "extendedly dominated", "extendedly dominated", "dominated", "efficient"]


def test_identical_strategies_have_increments_of_exactly_zero():
    rng = np.random.default_rng(1)
    cost, effect = rng.normal(1e5, 3e4, (7, 1)), rng.normal(10, 1, (7, 1))
    gap = rng.normal(0, 1e3, (7, 1, 1)) * np.array([1, -1])[:, None]
    cost_half, effect_half = cost[:, None] + gap, effect[:, None] + gap / 1e5
    thrice = [array[..., [0, 0, 0]] for array in (cost, effect, cost_half, effect_half)]
    same = Evaluation("municipal", "qaly", ("A", "B", "C"), "B", *thrice)
    table = same.icer_table()
    assert list(table["strategy"]) == ["B", "A", "C"]  # the comparator stays
    assert list(table["status"]) == ["reference", "equal", "equal"]
    columns = [f"incremental_{name}{end}" for name in ("cost", "effect") for end in ("", "_mcse")]
    assert (table[columns].iloc[1:] == 0.0).all(axis=None)
    assert (same.incremental_nmb([0, 3e5]) == 0.0).all()
    np.testing.assert_allclose(same.ceac(3e5)["probability"], 1 / 3, rtol=1e-15)
    np.testing.assert_allclose(same.ceac(3e5)["probability_noise_corrected"], 1 / 3, rtol=1e-15)


@pytest.mark.parametrize(
    ("cost", "effect", "statuses", "place"),
    [
        ((10, 30), (1, 2), ["reference", "efficient"], "north-east: more costly, more effective"),
        ((10, 30), (2, 1), ["reference", "dominated"], "north-west: more costly, less effective"),
        ((30, 10), (1, 2), ["dominated", "reference"], "south-east: less costly, more effective"),
        ((30, 10), (2, 1), ["reference", "less costly, less effective"], "south-west: less costly, less effective"),
        ((10, 30), (1, 1), ["reference", "equal effect"], "north: more costly, equal effect"),
        ((30, 10), (1, 1), ["equal effect", "reference"], "south: less costly, equal effect"),
        ((10, 10), (1, 2), ["dominated", "reference"], "east: equal cost, more effective"),
        ((10, 10), (2, 1), ["reference", "dominated"], "west: equal cost, less effective"),
        ((10, 10), (1, 1), ["reference", "equal"], "origin: equal cost, equal effect"),
    ],
)
def test_two_strategies_in_every_quadrant(cost, effect, statuses, place):
    table = one_draw(cost, effect).icer_table().set_index("strategy")
    assert [table.loc[name, "status"] for name in "AB"] == statuses
    assert table.loc["B", "quadrant"] == place == quadrant(cost[1] - cost[0], effect[1] - effect[0])
    fewer = one_draw(cost, [-value for value in effect], effect_sign=-1).icer_table().set_index("strategy")
    assert list(fewer["status"]) == list(table["status"])
    assert list(fewer["quadrant"]) == list(table["quadrant"])
    np.testing.assert_array_equal(fewer["icer"], table["icer"])
    np.testing.assert_array_equal(fewer["effect"], -table["effect"])


def test_a_saving_is_never_shown_as_a_cost():
    """The comparator is dearer and better: a saving of 20 for 0.5 given up, against the comparator."""
    row = one_draw([30, 10], [2, 1.5]).icer_table().set_index("strategy").loc["B"]
    assert (row["incremental_cost"], row["incremental_effect"], row["icer"]) == (-20, -0.5, 40)
    assert row["against"] == "A"


numbers = st.integers(-6, 6)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=7), st.integers(0, 6))
def test_standings_equal_the_twin(points, comparator):
    cost, gain = zip(*points, strict=True)
    base = comparator % len(points)
    standings = frontier(cost, gain, base)
    assert [tuple(row) for row in standings] == twin(cost, gain, base)
    assert {row.status for row in standings} <= set(STATUSES)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 6), st.sampled_from([1, 4, 64]), st.sampled_from([1, -1]), st.integers(0, 2**32 - 1))
def test_table_of_draws_equals_the_twin_and_adds_up(count, draws, sign, seed):
    """Integer draws in powers of two: means are exact, so the twin sees the same ties."""
    rng = np.random.default_rng(seed)
    cost, effect = rng.integers(-4, 5, (2, draws, count)).astype(float)
    names = tuple("ABCDEF"[:count])
    table = Evaluation("municipal", "weeks", names, "A", cost, effect, effect_sign=sign).icer_table()
    mean_cost, mean_effect = cost.mean(axis=0), effect.mean(axis=0)
    expected = twin(mean_cost, sign * mean_effect, 0)
    assert (np.diff(table["cost"]) >= 0).all()
    for row in table.to_dict("records"):
        s = names.index(row["strategy"])
        status, against = expected[s]
        assert (row["status"], row["against"]) == (status, "" if against is None else names[against])
        if against is None:
            assert math.isnan(row["incremental_cost"])
            continue
        assert row["incremental_cost"] == mean_cost[s] - mean_cost[against]
        assert row["incremental_effect"] == mean_effect[s] - mean_effect[against]
        if status in ("efficient", "less costly, less effective") and row["settled"] is not False:
            assert row["icer"] == row["incremental_cost"] / (sign * row["incremental_effect"])
            assert row["icer"] > 0
        else:
            assert math.isnan(row["icer"])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=7))
def test_frontier_strategies_are_the_ones_with_the_highest_net_benefit_somewhere(points):
    """Between two neighbouring ICERs the strategy between them has the highest net benefit of all."""
    cost, gain = zip(*points, strict=True)
    standings = frontier(cost, gain)
    on = sorted(
        (s for s, row in enumerate(standings) if row.status in ("reference", "efficient")), key=cost.__getitem__
    )
    icers = [(cost[t] - cost[s]) / (gain[t] - gain[s]) for s, t in pairwise(on)]
    assert icers == sorted(icers)
    edges = [0.0, *icers, (icers[-1] if icers else 0.0) + 100.0]
    for s, (low, high) in zip(on, pairwise(edges), strict=True):
        middle = (low + high) / 2
        benefit = [middle * g - c for c, g in points]
        assert benefit[s] >= max(benefit) - 1e-9


def brute_force_hull(cost, gain):
    """Positions on the frontier by the definition, over every pair: nobody costs no more and gives no less with one
    of them better, and no mix of two others gives the same at a lower cost. Whole numbers, so all of it is exact."""
    c, g = np.asarray(cost, dtype=np.int64), np.asarray(gain, dtype=np.int64)
    better = (c[:, None] <= c) & (g[:, None] >= g) & ((c[:, None] < c) | (g[:, None] > g))
    on = ~better.any(axis=0)
    points = np.unique(np.column_stack([c, g])[on], axis=0)
    kept = []
    for x, y in points.tolist():
        below, above = points[points[:, 1] < y], points[points[:, 1] > y]
        # the cost at y of the mix of each pair, times the (positive) distance between their gains
        span = above[None, :, 1] - below[:, None, 1]
        mix = below[:, None, 0] * (above[None, :, 1] - y) + above[None, :, 0] * (y - below[:, None, 1])
        if not (mix < x * span).any():
            kept.append((x, y))
    return kept


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([1, 2, 3, 50, 200]),
    st.sampled_from([3, 30, 10**6]),
    st.sampled_from(["cloud", "curve", "twins"]),
    st.integers(0, 2**32 - 1),
)
def test_hundreds_of_strategies_equal_the_hull_by_brute_force(count, reach, shape, seed):
    """Ties (small reach), costs and effects below 0, strategies on a concave curve, and identical ones (twins)."""
    rng = np.random.default_rng(seed)
    cost, gain = rng.integers(-reach, reach + 1, (2, count))
    if shape == "curve":  # many on the hull, some on one line
        cost = gain**2 // max(reach, 1) + rng.integers(0, 2, count)
    if shape == "twins":
        copies = rng.integers(0, count, count)
        cost, gain = cost[copies], gain[copies]
    base = int(rng.integers(count))
    standings = frontier(cost.astype(float).tolist(), gain.astype(float).tolist(), base)
    on = [s for s, row in enumerate(standings) if row.status in ("reference", "efficient")]
    found = sorted((int(cost[s]), int(gain[s])) for s in on)
    hull = brute_force_hull(cost, gain)
    if count == 2 and standings[1 - base].status == "less costly, less effective":
        assert len(hull) == 2  # both are on it, and the comparator stays the reference
        return
    assert found == hull
    for s in range(count):  # identical ones share a fate; on the frontier only one stands for them
        twins = [t for t in range(count) if (cost[t], gain[t]) == (cost[s], gain[s])]
        if s in on:
            assert {standings[t].status for t in twins if t != s} <= {"equal"}
            assert s == (base if base in twins else twins[0])
    names = tuple(f"s{i}" for i in range(count))
    table = Evaluation("municipal", "qaly", names, names[base], [cost.astype(float)], [gain.astype(float)]).icer_table()
    icers = table.loc[table["status"] == "efficient", "icer"].to_numpy()
    assert (np.diff(icers) >= -1e-9 * np.abs(icers[1:])).all()
    assert (icers > 0).all()
    assert len(icers) == len(hull) - 1
