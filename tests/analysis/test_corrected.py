"""Anchors: each draw corrected by itself (`corrected_nmb`) at one willingness to pay; groups weighted by hand; errors
are those of repeated runs."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repeated import NEAR, RUNS

from costeff import Evaluation
from costeff.analysis.corrected import CorrectedCurves, corrected_curves
from costeff.analysis.curves import curves, groups_left_out
from costeff.analysis.noise import corrected_nmb, shrinkage, shrinkages

GRID = np.linspace(0, 500_000, 70)
FIELDS = ("probability", "probability_mcse", "loss", "loss_mcse", "evpi", "evpi_mcse")


def evaluation(
    cost_half: np.ndarray, effect_half: np.ndarray, base: int = 0, replicates: int | None = None, sign: int = 1
) -> Evaluation:
    names = tuple(f"s{s}" for s in range(cost_half.shape[2]))
    means = cost_half.mean(axis=1), effect_half.mean(axis=1)
    more = {"replicates": replicates, "effect_sign": sign}
    return Evaluation("m", "q", names, names[base], *means, cost_half, effect_half, **more)


def noisy(draws: int, strategies: int, luck: float = 1.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Halves of costs and effects, (draw, 2, strategy), that vary together by draw and by luck."""
    rng = np.random.default_rng(seed)
    both = rng.normal(size=(draws, 1, strategies))
    cost = 1e5 + 1_000 * np.arange(strategies) + 5_000 * both
    effect = 5 + 0.02 * np.arange(strategies) + 0.05 * both + 0.1 * rng.normal(size=both.shape)
    lives = luck * rng.normal(size=(2, draws, 2, strategies))
    return cost + 3_000 * lives[0], effect + 0.05 * lives[1]


def by_hand(found: Evaluation, wtp: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Shares and losses (draw, 2, wtp, strategy), every net benefit moved by itself; ties within 1e-12 of all."""
    rows = []
    for value in wtp.tolist():
        net, _ = corrected_nmb(found, value, weight)
        size = value * np.abs(found.effect) + np.abs(found.cost)
        best = net.max(axis=1, keepdims=True)
        first = net >= best - 1e-12 * (size.max(axis=1, keepdims=True) + size.mean(axis=0).max())
        rows.append(np.stack([first / first.sum(axis=1, keepdims=True), best - net], axis=1))
    return np.stack(rows, axis=2)


def check(found: Evaluation, wtp: np.ndarray) -> CorrectedCurves:
    """All of it against the hand's. Errors: the draws of a group are left out while all others stay where they are, and
    each draw is moved as if the group counted more; the second, over its step, is taken from the first.
    """
    made = corrected_curves(found, wtp)
    assert made is not None
    each = by_hand(found, wtp)
    share, loss = each.mean(axis=0)
    chance = curves(found, wtp).chance
    groups = groups_left_out(found.draws, found.replicates)
    row = np.arange(found.draws)
    group = row % groups if found.replicates is None else row * groups // found.draws
    parts = []
    for g in range(groups if groups > 2 else 0):
        size, step = (group == g).sum(), max(1, 0.63 * math.sqrt(groups))
        more = step * size / (found.draws - size)
        weight = np.where(group == g, 1 - more + more * found.draws / size, 1 - more)
        assert weight.sum() == pytest.approx(found.draws)
        moved = by_hand(found, wtp, weight).mean(axis=0) - each.mean(axis=0)
        parts.append(each[group != g].mean(axis=0) - moved / step)
    hand = {"probability": share, "loss": loss, "evpi": loss.min(axis=1)}
    errors = {
        "probability_mcse": [part[0] for part in parts],
        "loss_mcse": [part[1] for part in parts],
        "evpi_mcse": [(part[1] * chance).sum(axis=1) for part in parts],
    }
    for name, values in errors.items():
        nothing = np.full(hand[name[:-5]].shape, math.nan)
        hand[name] = math.sqrt(groups - 1) * np.std(values, axis=0) if parts else nothing
    large = float(np.abs(found.cost).max() + wtp.max() * np.abs(found.effect).max())
    for name, values in hand.items():
        reach = 1e-12 if name.startswith("probability") else 1e-13 * large
        np.testing.assert_allclose(getattr(made, name), values, rtol=1e-12, atol=reach, err_msg=name)
    flags = [corrected_nmb(found, value)[1] for value in wtp.tolist()]
    np.testing.assert_array_equal(made.floored, flags)
    return made


@pytest.mark.parametrize("replicates", [None, 2, 5])
@pytest.mark.parametrize(("strategies", "luck"), [(1, 1.0), (2, 1.0), (3, 4.0), (5, 1.0)])
def test_all_at_once_is_one_after_the_other(strategies: int, luck: float, replicates: int | None) -> None:
    cost, effect = noisy(100, strategies, luck)
    check(evaluation(cost, effect, strategies - 1, replicates), GRID[::9])
    check(evaluation(cost, -effect, 0, replicates, sign=-1), GRID[::23])


def test_noise_above_the_spread_is_floored_at_the_same_values() -> None:
    """Costs are nearly all luck and effects are not, so that noise is too much at a low willingness to pay only."""
    cost, effect = noisy(60, 2, 30.0)[0], noisy(60, 2)[1]
    assert 0 < check(evaluation(cost, 10 * effect), GRID[::5]).floored.sum() < len(GRID[::5])


def test_copies_of_a_strategy_and_of_the_comparator_share_the_first_place() -> None:
    cost, effect = (half[..., [0, 1, 1, 2, 0]] for half in noisy(90, 3))
    made = check(evaluation(cost, effect), GRID[::23])
    np.testing.assert_array_equal(made.probability[:, 1], made.probability[:, 2])
    np.testing.assert_array_equal(made.probability[:, 0], made.probability[:, 4])
    assert made.probability.min() > 0.05
    same = check(evaluation(cost[..., [0, 0]], effect[..., [0, 0]]), GRID[::9])
    np.testing.assert_array_equal(same.probability, 0.5)
    np.testing.assert_array_equal(same.loss, 0.0)


def test_where_effects_pay_for_costs_no_digits_are_lost() -> None:
    """Cost is 300,000 x effect but for a ten-millionth: near 300,000 the variances of both cancel."""
    cost, _ = noisy(80, 3)
    effect = cost / 300_000 * (1 + 1e-7 * np.sin(np.arange(80.0))[:, None, None])
    check(evaluation(cost, effect), np.array([0.0, 2e5, 3e5 - 1, 3e5, 3e5 + 1e-3, 3.1e5]))
    check(evaluation(cost, cost / 300_000), np.array([2.9e5, 3e5]))


def test_a_group_that_holds_all_the_spread() -> None:
    """Without draw 7 nothing varies: no remainder of the sums may pass for a spread."""
    cost, effect = np.full((40, 2, 2), 1 / 3), np.ones((40, 2, 2))
    cost[7, :, 1] += [0.9e6, 1.1e6]
    made = check(evaluation(cost, effect), np.array([0.0, 10.0]))
    assert made.floored.sum() == 0


def test_a_strategy_a_constant_apart_has_no_noise() -> None:
    """As dear as another but for 100, and as good: all its differences are dust."""
    cost, effect = noisy(200, 3)
    cost[..., 1], effect[..., 1] = cost[..., 0] + 100, effect[..., 0]
    for base in range(3):
        made = check(evaluation(cost, effect, base), GRID[::9])
        assert made.floored.sum() == 0
        np.testing.assert_allclose(made.loss[:, 1] - made.loss[:, 0], 100, rtol=1e-9)
        np.testing.assert_array_equal(made.probability[:, 1], 0)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 5), st.sampled_from([2, 3, 7, 12, 40]), st.integers(0, 2**32 - 1), st.booleans())
def test_ties_everywhere(strategies: int, draws: int, seed: int, luck: bool) -> None:
    """Whole numbers; without luck nothing is moved, so that they tie often, and with a draw of zeros all do."""
    rng = np.random.default_rng(seed)
    cost, effect = rng.integers(-2, 3, (2, draws, 2, strategies)).astype(float)
    if not luck:
        cost[:, 1], effect[:, 1] = cost[:, 0], effect[:, 0]
        cost[0] = effect[0] = 0
    check(evaluation(cost, effect), np.arange(0, 4, 0.5))


def test_threads_and_memory_order_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fresh() -> Evaluation:
        return evaluation(*noisy(3_000, 4))

    first, turned = corrected_curves(fresh(), GRID), fresh()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    alone = corrected_curves(fresh(), GRID)
    for name in ("cost", "effect", "cost_half", "effect_half"):
        object.__setattr__(turned, name, np.asfortranarray(getattr(turned, name)))
    for other in (alone, corrected_curves(turned, GRID)):
        for name in (*FIELDS, "floored"):
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name))


def test_a_grid_of_its_own_is_no_other_grid() -> None:
    """Each value of willingness to pay has the same bits whatever else is asked for, and the last grid is kept."""
    found, grid = evaluation(*noisy(100, 3)), np.linspace(0, 500_000, 300)
    whole = corrected_curves(found, grid)
    assert corrected_curves(found, grid.copy()) is whole
    assert whole is not None
    for some in (slice(3, 5), slice(120, 140), slice(299, 300)):
        part = corrected_curves(found, grid[some])
        assert part is not None
        for name in (*FIELDS, "floored"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[some])


@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_stack_is_shrunk_one_matrix_at_a_time(size: int) -> None:
    """Among them one that does not vary at all, one with a still direction, and one with too much noise."""
    rng = np.random.default_rng(5)
    roots, parts = rng.normal(size=(2, 6, size, size + 2))
    noise = parts @ np.swapaxes(parts, 1, 2)
    total = roots @ np.swapaxes(roots, 1, 2) + noise
    total[1] = noise[2] = 0
    total[3, -1] = total[3, :, -1] = 0
    noise[4] *= 1e3
    matrices, flags = shrinkages(total.reshape(2, 3, size, size), noise.reshape(2, 3, size, size))
    singles = [shrinkage(*pair) for pair in zip(total, noise, strict=True)]
    np.testing.assert_array_equal(flags.ravel(), [flag for _, flag in singles])
    np.testing.assert_array_equal(flags.ravel(), [False, True, False, True, True, False])
    scale = np.abs(matrices).max()
    one_by_one = [matrix for matrix, _ in singles]
    np.testing.assert_allclose(matrices.reshape(6, size, size), one_by_one, rtol=1e-12, atol=1e-13 * scale)
    kept = (matrices @ total.reshape(matrices.shape) @ np.swapaxes(matrices, 2, 3)).reshape(6, size, size)
    for row in (0, 2, 5):
        np.testing.assert_allclose(kept[row], total[row] - noise[row], atol=1e-9 * np.abs(total[row]).max())


@pytest.mark.parametrize("replicates", [None, 8])
def test_reported_errors_are_the_spread_over_seeds(replicates: int | None) -> None:
    """Two fifths of the variance of costs are luck."""
    values, errors = [], []
    for seed in range(RUNS):
        cost, effect = noisy(128, 3, 2.0, seed)
        made = corrected_curves(evaluation(cost, effect, replicates=replicates), np.array([0.0, 50_000.0]))
        assert made is not None
        values.append([*made.probability.ravel(), *made.loss.ravel(), *made.evpi])
        errors.append([*made.probability_mcse.ravel(), *made.loss_mcse.ravel(), *made.evpi_mcse])
    ratio = np.sqrt(np.mean(np.square(errors), axis=0)) / np.std(values, axis=0, ddof=1)
    assert np.abs(ratio - 1).max() < NEAR, ratio
