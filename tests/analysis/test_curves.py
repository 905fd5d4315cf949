"""Anchors: plain NumPy on every net benefit, ties included; any number of threads; replicates added by hand."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff import Evaluation
from costeff.analysis.curves import best_share, curves


def plain(found: Evaluation, wtp: np.ndarray) -> dict[str, np.ndarray]:
    """Probability, loss and their errors at each wtp, from all net benefits at once."""
    told: dict[str, list[np.ndarray]] = {"share": [], "share_error": [], "loss": [], "loss_error": []}
    for value in wtp:
        net = value * found.gain - found.cost
        share, lost = best_share(net), net.max(axis=1, keepdims=True) - net
        for name, values in (("share", share), ("loss", lost)):
            told[name].append(values.mean(axis=0))
            if found.replicates is not None:
                values = values.reshape(found.replicates, -1, values.shape[1]).mean(axis=1)
            told[f"{name}_error"].append(values.std(axis=0, ddof=1) / math.sqrt(len(values)))
    return {name: np.array(values) for name, values in told.items()}


def check(found: Evaluation, wtp: np.ndarray) -> None:
    made, hand = curves(found, wtp), plain(found, wtp)
    np.testing.assert_allclose(made.probability, hand["share"], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(made.probability_mcse, hand["share_error"], rtol=1e-9, atol=1e-12)
    scale = max(float(hand["loss"].max()), 1e-300)
    np.testing.assert_allclose(made.loss, hand["loss"], rtol=1e-12, atol=1e-12 * scale)
    np.testing.assert_allclose(made.loss_mcse, hand["loss_error"], rtol=1e-8, atol=1e-10 * scale)


def normal(draws: int, strategies: int, seed: int = 1, replicates: int | None = None) -> Evaluation:
    rng = np.random.default_rng(seed)
    cost = 1e6 + 10_000.0 * np.arange(strategies) + rng.normal(0, 8_000, (draws, strategies))
    effect = 20 + 0.1 * np.arange(strategies) + rng.normal(0, 0.2, (draws, strategies))
    names = tuple(f"s{s}" for s in range(strategies))
    return Evaluation("m", "q", names, "s0", cost, effect, replicates=replicates)


@pytest.mark.parametrize("replicates", [None, 3, 300])
@pytest.mark.parametrize("points", [1, 64, 130])
def test_one_pass_is_plain_arithmetic(points: int, replicates: int | None) -> None:
    """9,000 draws are three blocks; 130 values of willingness to pay are two full widths and a rest."""
    check(normal(9_000, 5, replicates=replicates), np.linspace(0, 500_000, points))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 6), st.sampled_from([2, 4, 6, 12]), st.integers(0, 2**32 - 1), st.sampled_from([None, 2]))
def test_ties_everywhere(strategies: int, draws: int, seed: int, replicates: int | None) -> None:
    """Whole numbers, so that net benefits tie often; identical strategies tie always."""
    rng = np.random.default_rng(seed)
    cost, effect = rng.integers(-2, 3, (2, draws, strategies)).astype(float)
    names = tuple(f"s{s}" for s in range(strategies))
    check(Evaluation("m", "q", names, names[-1], cost, effect, replicates=replicates), np.arange(0, 4, 0.5))


def test_threads_and_memory_order_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wtp = np.linspace(0, 400_000, 70)
    first = curves(normal(20_000, 4), wtp)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    alone = curves(normal(20_000, 4), wtp)
    turned = normal(20_000, 4)
    for name in ("cost", "effect"):
        object.__setattr__(turned, name, np.asfortranarray(getattr(turned, name)))
    for other in (alone, curves(turned, wtp)):
        for name in ("probability", "probability_mcse", "loss", "loss_mcse", "best", "tied"):
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name))


def test_a_small_spread_of_a_large_loss_keeps_its_digits() -> None:
    """A strategy that always loses a million: the spread of 1 between draws is not lost in its square."""
    rng = np.random.default_rng(2)
    z = rng.standard_normal(10_000)
    found = Evaluation("m", "q", ("a", "b"), "a", np.column_stack([0 * z, 1e9 + z]), np.zeros((10_000, 2)))
    error = float(found.expected_loss(0)["expected_loss_mcse"][0, 1])
    assert error == pytest.approx(np.std(1e9 + z, ddof=1) / 100, rel=1e-6)


def test_what_is_kept_is_kept_for_its_grid_only() -> None:
    found = normal(100, 3)
    one, two = np.array([0.0, 1e5]), np.array([2e5, 3e5])
    first = found.ceac(one)["probability"].values
    second = found.ceac(two)["probability"].values
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(found.ceac(one)["probability"].values, first)
    assert curves(found, one) is curves(found, one.copy())
    other = normal(100, 3, seed=5)
    assert not np.array_equal(other.ceac(one)["probability"].values, first)
