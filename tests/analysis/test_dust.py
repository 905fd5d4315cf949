"""Anchored in what cannot matter: a constant added to everything, the order of a sum, the unit of money."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff import Evaluation
from costeff.analysis.dust import alike, cleared, highest, leading
from costeff.analysis.frontier import frontier
from costeff.analysis.noise import shrinkage, total_covariance
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.icer import dominating, icer_interval
from costeff.sensitivity.tornado import decision
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.noise_comparison import noise_comparison

scales = st.sampled_from([1e-6, 1e-3, 1.0, 1e3, 1e9])
seeds = st.integers(0, 2**31)


@settings(max_examples=60, deadline=None)
@given(scale=scales, seed=seeds, share=st.floats(-3, 3))
def test_a_constant_has_no_spread_and_a_difference_keeps_its_own(scale: float, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    paid = scale * rng.gamma(3, 1.7, 50)
    constant = scale * share
    still = cleared((paid + constant) - paid, np.maximum(np.abs(paid), np.abs(paid + constant)))
    assert np.ptp(still) == 0
    assert abs(still[0] - constant) <= 1e-12 * scale * 30
    moving = scale * rng.normal(0, 1e-6, 50)
    assert cleared(moving, paid).tolist() == moving.tolist()


def test_what_is_dust_depends_on_what_was_subtracted() -> None:
    small = np.array([1e-9, -1e-9, 2e-9])
    assert cleared(small, np.full(3, 1e-3)).tolist() == small.tolist()
    assert cleared(small, np.full(3, 1e6)).tolist() == [0.0, 0.0, 0.0]
    assert cleared(np.array([[1.0, 5e-13], [2.0, 1.0]]), np.ones((2, 2))).tolist() == [[1.0, 0.0], [2.0, 1.0]]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_equal_means_are_one_number(scale: float) -> None:
    values = scale * np.array([0.1 + 0.2, 0.3, 0.3 * (1 + 5e-12), 0.4])
    assert alike(values, np.abs(values), 1).tolist() == [values[1], values[1], values[2], values[3]]
    assert leading(values[:2], values[:2]).tolist() == [True, True]
    assert int(highest(values[:2], values[:2], [1, 0])) == 1


def shuffled_sums(seed: int, scale: float, draws: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """The same three parts added in two orders, (draw,) each."""
    u, v, w = scale * np.random.default_rng(seed).gamma(2, 0.7, (3, draws))
    return u + v + w, w + v + u


@settings(max_examples=12, deadline=None)
@given(seed=seeds, scale=scales, gain_scale=scales)
def test_the_order_of_a_sum_decides_nothing(seed: int, scale: float, gain_scale: float) -> None:
    cost, gain = shuffled_sums(seed, scale), shuffled_sums(seed + 1, gain_scale)
    third = np.random.default_rng(seed).normal(0, 1, (2, 40))
    one = Evaluation(
        "p",
        "q",
        ("a", "b", "c"),
        "a",
        np.column_stack([*cost, cost[0] + scale * third[0]]),
        np.column_stack([*gain, gain[0] + gain_scale * third[1]]),
    )
    wtp = [0.0, scale / gain_scale]
    share = one.ceac(wtp)["probability"].values
    assert share[:, 0].tolist() == share[:, 1].tolist()
    loss = one.expected_loss(wtp)["expected_loss"].values
    assert np.abs(loss[:, 0] - loss[:, 1]).max() <= 1e-11 * scale
    assert set(one.ceaf(wtp)["strategy"].values.tolist()) <= {0, 2} or "b" not in one.ceaf(wtp)["strategy"].values
    table = one.icer_table().set_index("strategy")
    assert "b" not in (dominating(one) or "")
    assert table.loc["b", "status"] in ("equal", "extendedly dominated", "dominated")
    assert one.icer_table()["icer"].abs().max() < 1e9 * scale / gain_scale or one.icer_table()["icer"].isna().all()
    matrix = decision_matrix({"p": one}, wtp)
    assert "b" not in matrix["preferred"].values
    parties = by_decision_maker({"p": one, "other": one}, wtp[1])
    assert "b" not in parties["chosen"].values


@settings(max_examples=30, deadline=None)
@given(
    cost=st.lists(st.integers(0, 6), min_size=2, max_size=6),
    gain=st.lists(st.integers(0, 6), min_size=6, max_size=6),
    scale=scales,
    seed=seeds,
)
def test_the_frontier_of_rounded_numbers_is_that_of_whole_ones(
    cost: list[int], gain: list[int], scale: float, seed: int
) -> None:
    """Whole numbers have exact ties and lines; times 0.1, and with the last digits moved, they keep their standing."""
    rng = np.random.default_rng(seed)
    gain = gain[: len(cost)]
    moved = [1 + 2e-16 * rng.integers(-2, 3, len(cost)) for _ in range(2)]
    rough = [(0.1 * scale * np.array(values) * by).tolist() for values, by in zip((cost, gain), moved, strict=True)]
    assert frontier(*rough) == frontier(cost, gain)


def test_a_tie_of_a_point_is_a_tie() -> None:
    found = decision(("usual", "new"), "usual", "new", [0.1 + 0.2, 0.3], [1.0, 1.0], 1000)
    assert (found.preferred, found.quadrant) == ("usual", "origin: equal cost, equal effect")
    assert decision(("usual", "new"), "usual", "new", [0.3, 0.1 + 0.2 - 1e-6], [1.0, 1.0], 1000).preferred == "new"


def test_a_column_of_one_value_has_no_covariance() -> None:
    values = np.column_stack([np.full(1000, 0.1 + 0.2), np.random.default_rng(1).normal(size=1000)])
    total = total_covariance(values)
    assert total[0].tolist() == [0.0, 0.0]
    assert shrinkage(total, np.diag([0.0, 0.1]))[1] is False


def noisy(constant: float, scale: float) -> Evaluation:
    """Two strategies with noise of their own, and one that is the second and a constant."""
    rng = np.random.default_rng(8)
    half = scale * (rng.gamma(4, 100, (200, 1, 1)) + rng.normal(0, 20, (200, 2, 2)))
    half = np.concatenate([half, half[..., [1]] + constant * scale], axis=-1)
    health = np.full_like(half, 0.1)
    return Evaluation("p", "q", ("a", "b", "c"), "a", half.mean(axis=1), health.mean(axis=1), half, health)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_errors_and_intervals_know_a_constant(scale: float) -> None:
    one = noisy(33.3, scale)
    table = noise_comparison(one, 100).set_index(["quantity", "of"])
    assert table.loc[("sd", "b"), "corrected"] == pytest.approx(table.loc[("sd", "c"), "corrected"], rel=1e-9)
    assert not icer_interval(one)["floored"].any()
    deciders = by_decision_maker({"one": one, "two": noisy(33.3, 2 * scale)}, 0)
    plain = by_decision_maker({"one": noisy(50.0, scale), "two": noisy(50.0, 2 * scale)}, 0)
    np.testing.assert_allclose(deciders["information"], plain["information"], rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("constant", [33.3, 1e-3, 1e5])
def test_a_constant_moves_no_certainty_equivalent(constant: float) -> None:
    found, plain = (noisy(step, 1.0).risk_aversion([0, 500], [1e-5]) for step in (constant, 50.0))
    name = "certainty_equivalent_noise_corrected"
    np.testing.assert_allclose(found[name].values[..., :2], plain[name].values[..., :2], rtol=1e-9)
