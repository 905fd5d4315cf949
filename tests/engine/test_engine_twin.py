"""Anchored in the plain-Python twin (tests/twins/microsim.py): both kernels live every life exactly as it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from random_models import E, banded_flow, label, model, models, parties, start_in, states, two_strategies
from twins.microsim import Answer, Twin

from costeff.compile import compile_model
from costeff.engine.events.histories import sojourns
from costeff.engine.events.microsim import Worker, microsim, rooms
from costeff.engine.events.plan import plan
from costeff.engine.tensors import FIXED_POINT, Tensors
from costeff.model import (
    Attribute,
    Band,
    Clock,
    Deadline,
    LookBack,
    Model,
    OnLeaving,
    Passage,
    StrategyEffect,
    Transition,
)

SCALE = {"scale": np.array([0.5, 2.0])}


def integers(tensors: Tensors, d: int, mode: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel counted in draw d: occupancy by point of time, events, passages."""
    lists = plan(tensors.tables)
    worker = Worker(tensors, lists, mode, rooms(tensors, 0, np.int64))
    assert worker.live(d, 0, tensors.individuals) >= tensors.individuals * tensors.strategies
    counts = worker.counts
    held = np.zeros((len(lists.unit), tensors.cells), np.int64)
    held[lists.cell_from, np.repeat(np.arange(tensors.cells), np.diff(lists.cell_first))] = 1
    return (
        np.cumsum(counts.occupancy @ held, axis=2)[:, :, :-1].swapaxes(2, 3),
        counts.events.swapaxes(2, 3),
        counts.passages,
    )


def history(tensors: Tensors, d: int, n: int, g: int, mode: str) -> list[tuple[int, ...]]:
    """One life as (state, start, end, event) rows."""
    length, rows = sojourns(tensors, d, n, n + 1, mode)
    first = int(length[:g].sum())
    return [tuple(int(x) for x in row) for row in rows[first : first + length[g]]]


def assert_same(tensors: Tensors) -> list[Answer]:
    """Both kernels count the twin's integers; sampled lives have the twin's histories."""
    answers = Twin(tensors.tables._asdict(), tensors.seed, tensors.first_individual).simulate(tensors.split)
    for d, answer in enumerate(answers):
        for mode in ("events", "stepping"):
            occupancy, events, passages = integers(tensors, d, mode)
            assert events.tolist() == answer.events, mode
            assert occupancy.tolist() == answer.occupancy, mode
            assert passages.tolist() == answer.passages, mode
        for g in range(tensors.strategies):
            assert history(tensors, d, 0, g, "events") == answer.histories[0][g]
    return answers


def compiled(chosen: Model, individuals: int = 60, seed: int = 5, **given_: Any) -> Tensors:
    draws = given_.pop("draws", {})
    return compile_model(chosen, draws, {}, individuals=individuals, seed=seed, **given_).tensors


def clock_fields(*clocks: Clock, **fields: Any) -> dict[str, Any]:
    """Fields of a model with these clocks, banded by the last of them."""
    band = Band("band", clocks[-1].name, (1, 3, 6))
    return {
        "states": states("a", "b", "c"),
        "clocks": clocks,
        "bands": (band,),
        "parties": parties(),
        "flows": (banded_flow("money", ("a", "b", "c"), ("band",), 4, None),),
        "passages": (Passage("back", ("b", "c"), 2, label("back")),),
    } | fields


def cycle_of(clock: str, hazard: str = "0.1 + 0.4 * (t >= 3)") -> tuple[Transition, ...]:
    """a -> b -> c -> a, every hazard on one clock."""
    return tuple(Transition(f"{s}{x}", s, x, clock, hazard=E(hazard)) for s, x in ("ab", "bc", "ca"))


# -- every feature by itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["time_in_state", "time", "age", "support", "absence", "ladder"])
def test_every_kind_of_clock(clock: str) -> None:
    clocks = {
        "time_in_state": Clock("age", E(0)),
        "time": Clock("age", E(0)),
        "age": Clock("age", E("floor(9 * u)")),
        "support": Clock("support", E("floor(4 * u)"), advances_in=("a", "c")),
        "absence": Clock("absence", E("floor(4 * u)"), reset=OnLeaving(("b",))),
        "ladder": Clock("ladder", E("floor(4 * u)"), advances_in=("a",), reset=LookBack(2, 5, ("b",))),
    }
    attribute = Attribute("from_u", value=E("floor(5 * u)"))
    chosen = clocks[clock]
    chosen = Clock(chosen.name, E("from_u"), chosen.advances_in, chosen.reset)
    fields = clock_fields(chosen, attributes=(attribute, start_in("a", "b")))
    answers = assert_same(compiled(model(*cycle_of(clock), **fields)))
    assert np.sum(answers[0].events) > 60


def test_resets_happen_in_the_look_back_test() -> None:
    """The case above does reset: cells of the first band are filled again after later ones."""
    clock = Clock("ladder", E(4), advances_in=("a",), reset=LookBack(2, 5, ("b",), E(1), E(1)))
    answers = assert_same(compiled(model(*cycle_of("time_in_state"), **clock_fields(clock))))
    occupancy = np.array(answers[0].occupancy).sum(axis=(0, 1))
    banded = occupancy[4 : 4 + 4]  # tally 1 (by band), state a
    assert banded[0].sum() > 0, "somebody is back in the first band"
    assert banded[3].sum() > 0, "somebody reached the last"


def test_windows_and_strategies() -> None:
    effect = StrategyEffect("programme", ("ab", "bc"), (E(3), E(1), E(0)))
    fields = clock_fields(Clock("age", E(0)), strategies=two_strategies(), strategy_effects=(effect,), windows=(3, 8))
    answers = assert_same(compiled(model(*cycle_of("time_in_state"), **fields)))
    assert answers[0].events[0] != answers[0].events[1]
    assert np.sum(np.array(answers[0].events)[1, :, :2, 8:]) == 0, "a ratio of 0 stops the exit in its window"


def test_deadlines_two_in_one_cycle_and_one_already_passed() -> None:
    attribute = Attribute("limit", value=E("floor(6 * u)"))
    deadlines = (
        Deadline("later_declared_first", "a", "b", "time_in_state", E("limit")),
        Deadline("same_cycle", "a", "c", "time", E("limit")),
        Deadline("passed", "b", "c", "age", E(3)),
    )
    fields = clock_fields(Clock("age", E(0)), attributes=(attribute, start_in("a", "b")), deadlines=deadlines)
    answers = assert_same(compiled(model(*cycle_of("time_in_state", "0.1"), **fields)))
    counts = np.array(answers[0].events).sum(axis=(0, 1, 3))
    assert counts[3] > 0
    assert counts[4] > 0, "on `time` the second deadline is due first in a later stay"
    stays = [h for life in answers[0].histories for h in life[0]]
    assert any(start == end for _, start, end, _ in stays), "a deadline that has passed ends the stay at once"


def test_lifelong_beside_competing_exits() -> None:
    death = [Transition(f"death_{s}", s, "dead", "age", hazard=E("0.03 * (1 + t)"), lifelong="death") for s in "abc"]
    other = [Transition(f"ill_{s}", s, "dead", "time", hazard=E("0.1"), lifelong="illness") for s in "ab"]
    fields = clock_fields(Clock("age", E(2)), strategies=two_strategies())
    assert_same(compiled(model(*cycle_of("time_in_state"), *death, *other, **fields)))


def test_parallel_exits_between_the_same_states() -> None:
    several = [Transition(f"way_{i}", "a", "b", hazard=E(0.05 * (i + 1))) for i in range(9)]
    answers = assert_same(compiled(model(*several, Transition("ba", "b", "a", hazard=E(0.5)))))
    assert all(np.array(answers[0].events).sum(axis=(0, 1, 3)) > 0), "also past the second block of four words"


def test_strata_and_multipliers_of_zero() -> None:
    sex = Attribute("sex", categories={"women": E(0.5), "men": E("rest")})
    factor = Attribute("m", value=E("where(u < 0.5, 0, 2)"))
    chosen = model(
        Transition("ab", "a", "b", hazard=E("0.1 + 0.8 * sex"), strata=("sex",), multiplier=E("m")),
        attributes=(sex, factor, start_in("a")),
    )
    tensors = compiled(chosen)
    answers = assert_same(tensors)
    never = tensors.tables.factor[0, 0] == 0
    lives = [len(life[0]) for life in answers[0].histories]
    assert 0 < never.sum() < 60
    assert all(np.array(lives)[never] == 1)


def test_passages_are_joined_across_states() -> None:
    fields = clock_fields(Clock("age", E(0)), passages=(Passage("p", ("b", "c"), 3, label("p")),))
    answers = assert_same(compiled(model(*cycle_of("time_in_state", "0.45"), **fields)))
    joined = 0
    for life in answers[0].histories:
        for (s0, a0, b0, _), (s1, _, b1, _) in zip(life[0], life[0][1:], strict=False):
            joined += s0 == 1 and s1 == 2 and b0 - a0 < 3 <= b1 - a0
    assert joined > 0, "two short stays together make one passage"


@pytest.mark.parametrize("horizon", [1, 2])
def test_short_horizons(horizon: int) -> None:
    assert_same(compiled(model(*cycle_of("time", "0.5"), **clock_fields(Clock("age", E(0))), horizon=horizon)))


@pytest.mark.parametrize("hazard", ["0", "500"])
def test_no_hazard_and_a_huge_one(hazard: str) -> None:
    answers = assert_same(compiled(model(*cycle_of("time", hazard), **clock_fields(Clock("age", E(0))), horizon=6)))
    events = np.array(answers[0].events).sum()
    assert events == (0 if hazard == "0" else 60 * 6), "never, or an exit in every cycle"


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
def test_seeds(seed: int) -> None:
    assert_same(compiled(model(*cycle_of("time_in_state"), **clock_fields(Clock("age", E(0)))), 10, seed))


def test_one_individual_and_a_block_that_begins_later() -> None:
    chosen = model(*cycle_of("time_in_state"), **clock_fields(Clock("age", E(0))))
    assert_same(compiled(chosen, 1))
    assert_same(compiled(chosen, 40, first=17, count=9))


# -- everything at once ---------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(models())
def test_random_models_live_the_same_lives(chosen: Model) -> None:
    tensors = compiled(chosen, 11, 7, draws=SCALE)
    answers = assert_same(tensors)
    assert_quantities(tensors, answers)


def assert_quantities(tensors: Tensors, answers: list[Answer]) -> None:
    """`Quantities` are the twin's integers, weighted by cycle and period and summed in plain loops."""
    found = microsim(tensors, threads=2)
    unit = [
        1.0 if row < 0 else 1 / FIXED_POINT
        for k, row in enumerate(tensors.tables.tally_weight)
        for _ in range(tensors.tables.tally_cells[k] * tensors.states)
    ]
    expected = np.zeros_like(found.time)
    events = np.zeros_like(found.events)
    for d, answer in enumerate(answers):
        for layer in range(tensors.layers):
            for t in range(tensors.cycles + 1):
                period = tensors.period[t]
                occupied = np.array(answer.occupancy)[..., t] * np.array(unit)
                expected[d, :, :, :, period, layer] += tensors.cycle_weight[layer, t] * occupied
                events[d, :, :, :, period, layer] += tensors.event_weight[layer, t] * np.array(answer.events)[..., t]
        assert found.passages[d].tolist() == answer.passages
    np.testing.assert_allclose(found.time, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.events, events, rtol=1e-12, atol=1e-12)
    trace = sum(np.array(a.occupancy)[:, :, : tensors.states].sum(axis=1) for a in answers)
    assert np.array_equal(found.trace, trace)
