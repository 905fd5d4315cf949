"""The cohort engine's three kernels, anchored in the plain-Python twin; then the same bits for any batch and thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from random_models import E, banded_flow, conventions, label, model, parties, start_in, states, two_strategies
from test_engine_cohort import assert_twin

from costeff.compile import layout
from costeff.compile.groups import compile_groups
from costeff.compile.limits import divide, limits
from costeff.engine.cohort import cohort as engine
from costeff.engine.cohort.cohort import cohort, whole_trace
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import Tensors
from costeff.errors import EngineError
from costeff.model import Attribute, Band, Clock, Deadline, Effect, Model, Passage, StrategyEffect, Term, Transition
from costeff.simulation.simulate import simulate


def draws(size: int) -> dict[str, np.ndarray]:
    return {"h": np.linspace(0.05, 0.4, size), "p": np.linspace(0, 1, size)}


def chosen(kind: str, horizon: int = 14, **fields: Any) -> Model:
    """A model for one kernel: `plain` (lanes), `stays` (durations) or `carried` (a clock that runs in some states)."""
    worsen = {"plain": "h * 0.7", "stays": "weibull(t, 1.4, 6) * h", "carried": "h"}[kind]
    bands = {"plain": "age", "stays": "time_in_state", "carried": "support"}[kind]
    given: dict[str, Any] = {
        "conventions": conventions(horizon, "half_cycle"),
        "states": states("a", "b", "c"),
        "attributes": (
            Attribute("sex", categories={"women": E("p"), "men": E("rest")}),
            Attribute("m", value=E("1 + sex")),
            start_in("a"),
        ),
        "clocks": (Clock("age", E("2 * sex")), Clock("support", E(1), advances_in=("a", "b"))),
        "strategies": two_strategies(),
        "strategy_effects": (StrategyEffect("programme", ("leg",), (E(0.5), E(1.5))),),
        "windows": (5,),
        "deadlines": (Deadline("due", "c", "a", "age", E(9)),),
        "bands": (Band("band", bands, (2, 4)),),
        "parties": parties(),
        "flows": (banded_flow("money", ("a", "b"), ("band",), 3, None),),
        "passages": (Passage("p", ("b",), 2, label("p")),),
    }
    exits = (
        Transition("on", "a", "b", hazard=E("h"), multiplier=E("m"), leg="leg"),
        Transition("off", "b", "a", hazard=E(worsen), leg="leg"),
        Transition("on_c", "b", "c", "age", hazard=E("0.1 + 0.02 * t")),
        Transition("death_a", "a", "dead", hazard=E("h / 9"), lifelong="death"),
        Transition("death_b", "b", "dead", "age", hazard=E("0.01 * (t + 1)"), lifelong="death"),
        Transition("death_c", "c", "dead", "age", hazard=E(0.01), lifelong="death"),
    )
    return model(*exits, **(given | fields))


KINDS = ("plain", "stays", "carried")


def tensors(kind: str, size: int, compact: bool = False, **fields: Any) -> Tensors:
    return compile_groups(chosen(kind, **fields), draws(size), {}, compact=compact).tensors


@pytest.mark.parametrize("kind", KINDS)
def test_each_kernel_has_the_twins_expectations(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = set()
    for name in ("live_lanes", "live_stays", "live_group"):
        kernel = getattr(engine, name)

        def note(*arguments: Any, name: str = name, kernel: Any = kernel) -> Any:
            ran.add(name)
            return kernel(*arguments)

        monkeypatch.setattr(engine, name, note)
    assert_twin(tensors(kind, 3, passages=()))
    assert ran == {{"plain": "live_lanes", "stays": "live_stays", "carried": "live_group"}[kind]}
    assert_twin(tensors(kind, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_states_with_durations_give_what_plain_states_give(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Durations that need not be told apart: the answer is the same when they are."""
    found = cohort(tensors(kind, 2))
    monkeypatch.setattr(engine, "_depths", lambda t: np.full((t.draws, t.states), t.cycles + 1))
    finer = cohort(tensors(kind, 2))
    for name in ("time", "events", "passages", "trace"):
        np.testing.assert_allclose(getattr(found, name), getattr(finer, name), rtol=1e-11, atol=1e-13)


def uncut(kind: str, size: int) -> Quantities:
    """What `simulate` gives, with all draws in one batch and tables that are not compact."""
    model, whole = chosen(kind), tensors(kind, size)
    parted = limits(model, layout(model), draws(size), {}, whole.period)
    assert parted
    fine = replace(whole, period=parted.fine)
    return divide(cohort(fine, threads=1), parted, whole.cycle_weight, whole.event_weight)


@pytest.mark.parametrize("kind", KINDS)
def test_no_bit_depends_on_batches_threads_or_the_form_of_tables(kind: str) -> None:
    size = 150 if kind == "plain" else 9  # three blocks of lanes, the last one part empty
    whole = uncut(kind, size)
    for batch, threads in ((None, 1), (None, 2), (7, 1), (4, 2)):
        found = simulate(
            chosen(kind), draws(size), {}, individuals=1, seed=0, threads=threads, batch=batch, engine="cohort"
        ).quantities
        for name in ("time", "events", "passages", "trace"):
            assert np.array_equal(getattr(found, name), getattr(whole, name)), (name, batch, threads)
    full, compact = tensors(kind, size), tensors(kind, size, compact=True)
    assert compact.tables.cumulative.size < full.tables.cumulative.size


def test_the_trace_is_summed_exactly() -> None:
    values = np.random.default_rng(5).random((1000, 1, 1, 4))
    parts = [engine._exact(v) for v in values]
    forwards, backwards = (whole_trace(np.sum(p, axis=0)) for p in (parts, parts[::-1]))
    assert np.array_equal(forwards, backwards)
    assert np.abs(forwards - values.sum(axis=0)).max() < 1e-11
    assert np.abs(whole_trace(parts[0]) - values[0]).max() <= 2.0**-53


@pytest.mark.parametrize("kind", KINDS)
def test_totals_without_years_are_the_sums_over_years(kind: str) -> None:
    asked: dict[str, Any] = {"individuals": 1, "seed": 0, "engine": "cohort"}
    by_year = simulate(chosen(kind, 30), draws(3), {}, **asked).quantities
    whole = simulate(chosen(kind, 30), draws(3), {}, by_year=False, **asked).quantities
    assert by_year.time.shape[4] == 3
    assert whole.time.shape[4] == whole.events.shape[4] == 1
    for name in ("time", "events"):
        summed = getattr(by_year, name).sum(axis=4, keepdims=True)
        np.testing.assert_allclose(getattr(whole, name), summed, rtol=1e-12, atol=1e-14)
    assert np.array_equal(whole.trace, by_year.trace)


def test_totals_without_years_are_refused_where_years_count() -> None:
    term = Term(("a",), E(1), within=12)
    first_year = Effect("first", label("first"), "months", "more", (term,))
    early = chosen("plain", 24, effects=(first_year,))
    with pytest.raises(EngineError, match="'first' counts the first years only"):
        simulate(early, draws(2), {}, individuals=1, seed=0, engine="cohort", by_year=False)
    with pytest.raises(EngineError, match="totals without years"):
        simulate(chosen("plain"), draws(2), {}, individuals=1, seed=0, by_year=False)


def test_without_passages_everybody_is_in_the_last_column() -> None:
    found = simulate(
        chosen("plain", passages=()), draws(5), {}, individuals=1, seed=0, batch=2, engine="cohort"
    ).quantities
    assert found.passages.shape == (5, 2, 2, 1, 16)
    assert found.passages[:, :, 0, 0, -1].tolist() == [[1.0, 1.0]] * 5
    assert found.passages.sum() == 10


def test_circles_are_found_by_every_kernel() -> None:
    circle = (Deadline("there", "a", "b", "time", E(3)), Deadline("back", "b", "a", "time", E(3)))
    for kind in KINDS:
        with pytest.raises(EngineError, match="circle"):
            cohort(tensors(kind, 1, deadlines=circle))
