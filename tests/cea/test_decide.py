"""Anchored in closed form: lines of net benefit that cross where two differences say they must."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff import Evaluation
from costeff.cea.decide import NET_BENEFIT, NET_COST, decide


def three() -> Evaluation:
    """Usual 0 kr. and 0; cheap 100 kr. and 1; dear 400 kr. and 2: turns at 100 and 300."""
    return Evaluation(
        "payer", "qaly", ("usual", "cheap", "dear"), "usual", [[0.0, 100.0, 400.0]] * 2, [[0.0, 1.0, 2.0]] * 2
    )


def test_turns_are_where_the_lines_cross() -> None:
    decision = decide(three(), NET_BENEFIT, np.linspace(0, 500, 8))
    assert decision.strategies == ("usual", "cheap", "dear")
    assert decision.turns == pytest.approx((100, 300))
    assert [stretch.high for stretch in decision.stretches] == pytest.approx([100, 300, 500])
    assert decision.stretches[-1].probability == (1, 1)
    assert decision.stretches[-1].rival == "cheap"


def test_net_cost_values_nothing() -> None:
    (stretch,) = decide(three(), NET_COST, np.linspace(0, 500, 8)).stretches
    assert (stretch.strategy, stretch.rival, stretch.lead[0], stretch.low, stretch.high) == (
        "usual",
        "cheap",
        100,
        0,
        0,
    )
    assert decide(three(), NET_COST, [50, 500]).stretches == (stretch,)  # a range that does not begin at 0


def test_one_draw_has_neither_probability_nor_loss() -> None:
    one = Evaluation("payer", "qaly", ("usual", "new"), "usual", [[0.0, 1.0]], [[0.0, 0.0]])
    (stretch,) = decide(one, NET_COST, [0]).stretches
    assert math.isnan(stretch.probability[0])
    assert math.isnan(stretch.loss[0])


@given(st.lists(st.tuples(st.floats(-1e5, 1e5), st.floats(-2, 2)), min_size=2, max_size=5))
def test_stretches_cover_the_range_and_hold_the_best(points: list[tuple[float, float]]) -> None:
    names = tuple(f"s{i}" for i in range(len(points)))
    cost, effect = (np.array([list(column)] * 2) for column in zip(*points, strict=True))
    evaluation = Evaluation("payer", "qaly", names, "s0", cost, effect)
    grid = np.linspace(0, 100_000, 11)
    decision = decide(evaluation, NET_BENEFIT, grid)
    ends = [(stretch.low, stretch.high) for stretch in decision.stretches]
    assert (ends[0][0], ends[-1][1]) == (grid[0], grid[-1])
    assert all(before[1] == after[0] for before, after in itertools.pairwise(ends))
    for wtp in grid:
        benefit = wtp * effect[0] - cost[0]
        own = [s.strategy for s in decision.stretches if s.low <= wtp <= s.high]
        size = np.abs(wtp * effect[0]).max() + np.abs(cost[0]).max()
        assert any(benefit[names.index(name)] >= benefit.max() - 1e-9 * size for name in own)
