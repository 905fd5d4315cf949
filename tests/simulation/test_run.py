"""Anchored in equality of bits: one seed gives one set of numbers, for any threads, batches, blocks and neighbours."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import costeff.simulation.batches
from costeff import Study, load
from costeff.compile import compile_model
from costeff.engine.events.microsim import microsim
from costeff.engine.quantities import Quantities, join, pick
from costeff.errors import CosteffError, EngineError
from costeff.simulation.simulate import simulate

DRAWS, INDIVIDUALS = 7, 60
ARRAYS = ("time", "events", "passages", "trace", "half_sizes")


@cache
def study() -> Study:
    return load("tki2")


@cache
def drawn(seed: int = 5, draws: int = DRAWS) -> dict[str, np.ndarray]:
    return {str(name): np.asarray(v) for name, v in study().draw(draws, seed).data_vars.items()}


def quantities(*, seed: int = 5, draws: int = DRAWS, individuals: int = INDIVIDUALS, **how: Any) -> Quantities:
    values = drawn(5, draws)
    return simulate(study().model, values, study().tables, individuals=individuals, seed=seed, **how).quantities


@cache
def reference() -> Quantities:
    return quantities(threads=1, batch=DRAWS)


def same(one: Quantities, other: Quantities) -> bool:
    arrays = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)
    return arrays and one.sojourns == other.sojourns


def test_something_happens() -> None:
    """Equal zeros would prove nothing."""
    q = reference()
    assert all(np.any(getattr(q, name)) for name in ARRAYS)
    assert not np.array_equal(q.time[0], q.time[1])
    assert not np.array_equal(q.time[:, 0], q.time[:, 1])


def test_the_same_seed_twice_and_another_seed() -> None:
    assert same(quantities(threads=1, batch=DRAWS), reference())
    assert not same(quantities(seed=6, threads=1, batch=DRAWS), reference())


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("batch", [1, 3, DRAWS, None])
def test_threads_and_batches_do_not_matter(threads: int, batch: int | None) -> None:
    assert same(quantities(threads=threads, batch=batch), reference())


def test_blocks_of_individuals_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costeff.simulation.batches, "BLOCK", 25)
    found, expected = quantities(), reference()
    for name in ("events", "passages", "time"):
        one, other = getattr(found, name), getattr(expected, name)
        if name == "passages":
            assert np.array_equal(one, other)
        else:
            assert np.array_equal(one[..., 0], other[..., 0])  # undiscounted sums are exact
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-9)
    assert np.array_equal(found.trace, expected.trace)
    assert found.sojourns == expected.sojourns


def test_more_draws_leave_the_earlier_ones_unchanged() -> None:
    longer = drawn(5, DRAWS + 4)
    assert all(np.array_equal(longer[name][:DRAWS], values) for name, values in drawn().items())
    more, fewer = quantities(draws=DRAWS + 4), reference()
    for name in ("time", "events", "passages"):
        assert np.array_equal(getattr(more, name)[:DRAWS], getattr(fewer, name))


@pytest.mark.parametrize("individuals", [1, 2, 33])
def test_one_more_individual_leaves_the_others_unchanged(individuals: int) -> None:
    """Totals of N + 1 less totals of N are the life of the one added, simulated alone."""
    fewer, more = quantities(individuals=individuals), quantities(individuals=individuals + 1)
    alone = microsim(
        compile_model(
            study().model, drawn(), study().tables, individuals=individuals + 1, seed=5, first=individuals, count=1
        ).tensors,
        threads=1,
    )
    assert alone.trace[:, :, 0].sum() == DRAWS * len(study().model.strategies)
    for name in ("time", "events", "passages"):
        added = getattr(more, name).sum(axis=2) - getattr(fewer, name).sum(axis=2)
        one = getattr(alone, name).sum(axis=2)
        if name == "passages":
            assert np.array_equal(added, one)
        else:
            assert np.array_equal(added[..., 0], one[..., 0])
            np.testing.assert_allclose(added, one, rtol=1e-9, atol=1e-6)
    assert np.array_equal(more.trace - fewer.trace, alone.trace)


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
def test_every_seed_runs_and_is_its_own(seed: int) -> None:
    result = study().psa(3, 20, seed=seed, threads=1)
    assert result.seed == seed
    again = study().psa(3, 20, seed=seed, threads=2)
    other = study().psa(3, 20, seed=(seed + 1) % 2**64)
    assert same(result.simulated.quantities, again.simulated.quantities)
    assert all(np.array_equal(values, again.parameters[name]) for name, values in result.parameters.items())
    assert not same(result.simulated.quantities, other.simulated.quantities)
    assert not np.array_equal(result.parameters["hr_self_support"], other.parameters["hr_self_support"])


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    runs: list[Callable[[], object]] = [lambda: study().psa(2, 2, seed=seed), lambda: study().run(2, seed=seed)]
    for run in runs:
        with pytest.raises(CosteffError) as refused:
            run()
        assert refused.value.value == seed
        assert refused.value.rule


@pytest.mark.parametrize(
    ("how", "value"), [({"individuals": 0}, 0), ({"individuals": -3}, -3), ({"engine": "quantum"}, "quantum")]
)
def test_what_cannot_run_is_refused(how: dict[str, Any], value: object) -> None:
    with pytest.raises(EngineError) as refused:
        quantities(**how)
    assert refused.value.value == value
    assert refused.value.rule


def test_the_stepping_engine_lives_the_same_lives() -> None:
    """It walks week by week over the same random numbers."""
    found = quantities(engine="stepping", individuals=20, draws=DRAWS)
    expected = quantities(individuals=20, draws=DRAWS)
    assert np.array_equal(found.events[..., 0], expected.events[..., 0])
    assert np.array_equal(found.trace, expected.trace)


def test_time_adds_up_to_the_horizon() -> None:
    """Everyone is somewhere in every week: undiscounted weeks are horizon x individuals in each draw."""
    q = reference()
    weeks = q.time[:, :, :, : len(study().model.states), :, 0].sum(axis=(3, 4))
    assert np.array_equal(weeks, np.broadcast_to(260 * q.half_sizes, weeks.shape))
    assert np.array_equal(q.passages.sum(axis=-1), np.broadcast_to(q.half_sizes[:, None], q.passages.shape[:-1]))


def test_the_progress_bar_counts_every_draw(capsys: pytest.CaptureFixture[str]) -> None:
    found = quantities(progress=True, threads=2, batch=2)
    assert same(found, reference())
    assert "simulating" in capsys.readouterr().err


def test_draws_joined_in_another_order_come_to_their_own_places() -> None:
    q = reference()
    order = np.roll(np.arange(DRAWS), 2)
    back = join([pick(q, order[:3]), pick(q, order[3:])], DRAWS, order)
    for name in ("time", "events", "passages"):
        assert np.array_equal(getattr(back, name), getattr(q, name))


def test_join_and_pick_are_inverse() -> None:
    q = reference()
    parts = [pick(q, np.arange(3)), pick(q, np.arange(3, DRAWS))]
    back = join(parts)
    for name in ("time", "events", "passages"):
        assert np.array_equal(getattr(back, name), getattr(q, name))
    np.testing.assert_allclose(back.trace, q.trace)
