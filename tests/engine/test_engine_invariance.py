"""Anchored in what must not change an answer: threads, batches, kernels, one more individual; and in shared luck."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from random_models import E, banded_flow, conventions, model, start_in, two_strategies
from test_engine_twin import clock_fields, history, integers

from costeff.compile import compile_model
from costeff.engine.events.microsim import microsim, thread_count
from costeff.engine.quantities import Quantities
from costeff.errors import EngineError
from costeff.model import Attribute, Clock, LookBack, Model, OnLeaving, StrategyEffect, Transition
from costeff.simulation.simulate import simulate

LIVING = ("a", "b", "c")
DRAWS = {"scale": np.array([0.5, 1.0, 2.0, 1.5, 0.7])}


def busy(ratio: str = "2", **fields: object) -> Model:
    """Two clocks with resets, a lifelong death, attributes of individuals, an effect on one leg."""
    moves = [
        Transition(f"{s}{x}", s, x, hazard=E("0.1 * scale * (1 + t)"), multiplier=E("m"), leg="leg")
        for s, x in ("ab", "bc", "ca", "ba")
    ]
    deaths = [Transition(f"death_{s}", s, "dead", "age", hazard=E("0.004 * (1 + t)"), lifelong="death") for s in LIVING]
    ladder = Clock("ladder", E("floor(3 * m)"), advances_in=("a",), reset=LookBack(2, 5, ("b", "c")))
    given = clock_fields(
        Clock("age", E("floor(10 * m)")),
        Clock("absence", E(0), reset=OnLeaving(("b",))),
        ladder,
        attributes=(Attribute("m", value=E("2 * u")), Attribute("wage", value=E("exp(0.4 * z)")), start_in("a", "b")),
        strategies=two_strategies(),
        strategy_effects=(StrategyEffect("programme", ("leg",), (E(ratio),)),),
    )
    given["flows"] = (
        banded_flow("money", LIVING, ("band",), 4, None),
        banded_flow("wages", LIVING, ("band",), 4, "wage"),
    )
    return model(*moves, *deaths, **(given | fields))


def same_bits(one: Quantities, two: Quantities) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("time", "events", "passages", "trace", "half_sizes")
    )


@pytest.fixture(scope="module")
def whole() -> Quantities:
    return simulate(busy(), DRAWS, {}, individuals=301, seed=4, threads=1, batch=5).quantities


@pytest.mark.parametrize(("threads", "batch"), [*product([1, 2], [1, 3, 5]), (5, None)])
def test_threads_and_batches_change_no_bit(threads: int, batch: int | None, whole: Quantities) -> None:
    found = simulate(busy(), DRAWS, {}, individuals=301, seed=4, threads=threads, batch=batch).quantities
    assert same_bits(found, whole)
    assert found.sojourns == whole.sojourns > 301 * 5 * 2


def test_stepping_gives_the_same_bits(whole: Quantities) -> None:
    assert same_bits(simulate(busy(), DRAWS, {}, individuals=301, seed=4, engine="stepping").quantities, whole)


def test_blocks_of_individuals_change_no_bit(monkeypatch: pytest.MonkeyPatch, whole: Quantities) -> None:
    """Few draws with many individuals run in blocks, compiled and simulated apart; only sums of floats may round."""
    monkeypatch.setattr("costeff.simulation.batches.BLOCK", 100)
    monkeypatch.setattr("costeff.engine.events.microsim.BLOCK", 16)
    one_draw = {"scale": DRAWS["scale"][:1]}
    found = simulate(busy(), one_draw, {}, individuals=301, seed=4, threads=2).quantities
    assert np.array_equal(found.passages, whole.passages[:1])
    np.testing.assert_allclose(found.time, whole.time[:1], rtol=1e-13, atol=1e-9)
    np.testing.assert_array_equal(found.events[..., 0], whole.events[:1, ..., 0])


def test_draws_are_addressed_by_their_key(whole: Quantities) -> None:
    """A draw computed alone, under its key, is the same draw."""
    third = {"scale": DRAWS["scale"][2:3]}
    keys = np.array([2], np.uint64)
    found = simulate(busy(), third, {}, individuals=301, seed=4, keys=keys).quantities
    assert np.array_equal(found.time, whole.time[2:3])
    assert np.array_equal(found.events, whole.events[2:3])


@pytest.mark.parametrize("mode", ["events", "stepping", "weekly"])
def test_one_more_individual_changes_nobody_else(mode: str) -> None:
    """Everybody's integers for 41 people, less those for 40, are the integers of the last one alone."""
    forty, more, last = (
        compile_model(busy(), DRAWS, {}, individuals=41, seed=4, first=first, count=count).tensors
        for first, count in ((0, 40), (0, 41), (40, 1))
    )
    for d in range(5):
        parts = zip(integers(more, d, mode), integers(forty, d, mode), integers(last, d, mode), strict=True)
        for every, without, alone in parts:
            assert np.array_equal(every.sum(axis=1), without.sum(axis=1) + alone.sum(axis=1))
            assert alone.any()


@pytest.mark.parametrize("mode", ["events", "stepping", "weekly"])
def test_identical_strategies_differ_by_exactly_nothing(mode: str) -> None:
    found = microsim(compile_model(busy("1"), DRAWS, {}, individuals=50, seed=4).tensors, mode=mode)
    for name in ("time", "events", "passages"):
        array = getattr(found, name)
        assert array.any()
        assert np.array_equal(array[:, 0], array[:, 1])


def test_death_comes_in_the_same_cycle_under_every_strategy() -> None:
    tensors = compile_model(busy(), DRAWS, {}, individuals=200, seed=4).tensors
    dead = tensors.states - 1
    died = different = 0
    for n in range(200):
        lives = [history(tensors, 1, n, g, "events") for g in (0, 1)]
        entered = [next((start for state, start, _, _ in life if state == dead), None) for life in lives]
        assert entered[0] == entered[1]
        died += entered[0] is not None
        different += lives[0] != lives[1]
    assert died > 20
    assert different > 100


@pytest.mark.parametrize("within_cycle", ["none", "half_cycle"])
def test_every_cycle_holds_everybody(within_cycle: str) -> None:
    chosen = busy(conventions=conventions(24, within_cycle))
    found = microsim(compile_model(chosen, DRAWS, {}, individuals=50, seed=4).tensors)
    assert (found.trace.sum(axis=1) == 50 * 5).all()
    assert found.half_sizes.tolist() == [25, 25]
    total = found.time[:, :, :, : len(chosen.states), :, 0].sum(axis=(2, 3, 4))
    assert (total == 50 * 24).all(), "weights of the within-cycle rule sum to the horizon"
    assert (found.passages.sum(axis=-1) == 25).all()


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_are_at_least_one(threads: int) -> None:
    with pytest.raises(EngineError, match="at least 1"):
        thread_count(threads)


def test_an_unknown_mode_is_refused() -> None:
    tensors = compile_model(busy(), DRAWS, {}, individuals=1, seed=4).tensors
    with pytest.raises(EngineError, match="unknown mode"):
        microsim(tensors, mode="hourly")
    with pytest.raises(EngineError, match="unknown engine"):
        simulate(busy(), DRAWS, {}, individuals=1, seed=4, engine="hourly")


def test_everything_happens_in_the_busy_model() -> None:
    """What the tests above compare is not empty."""
    found = microsim(compile_model(busy(), DRAWS, {}, individuals=200, seed=4).tensors)
    assert (found.events.sum(axis=(0, 2, 4, 5)) > 0).all()
    assert (found.trace.sum(axis=2) > 0).all()
