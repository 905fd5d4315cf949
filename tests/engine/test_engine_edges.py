"""Anchored in what can be written down without a simulation: certain exits, deadlines, ends of ranges."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from random_models import E, conventions, model, start_in, states

import costeff
from costeff import load
from costeff.compile import compile_model
from costeff.engine.events.microsim import MODES, microsim
from costeff.engine.quantities import Quantities
from costeff.errors import CosteffError, EngineError, FormulaError, ModelError, Place
from costeff.model import Clock, Deadline, Model, Transition
from costeff.simulation.histories import simulate_histories
from costeff.simulation.simulate import simulate
from costeff.simulation.workplace import workplace

OUT = Transition("out", "a", "b", hazard=E(0.3))
ROOT = Path(costeff.__file__).parents[1]


def run(chosen: Model, individuals: int = 200, mode: str = "events", seed: int = 3) -> Quantities:
    return microsim(compile_model(chosen, {}, {}, individuals=individuals, seed=seed).tensors, mode=mode)


def lives(chosen: Model, individuals: int = 50) -> list[list[tuple[Any, ...]]]:
    """Every life as (state, entry, exit, reason) rows."""
    found = simulate_histories(chosen, {}, {}, individuals=individuals, seed=3)
    columns = ["state", "entry", "exit", "reason"]
    return [[tuple(row) for row in part[columns].to_numpy()] for _, part in found.groupby("individual")]


# -- sizes ----


@pytest.mark.parametrize("mode", MODES)
def test_one_individual(mode: str) -> None:
    found = run(model(OUT), individuals=1, mode=mode)
    assert found.half_sizes.tolist() == [1, 0]
    assert (found.trace.sum(axis=1) == 1).all()
    assert set(np.unique(found.trace)) <= {0.0, 1.0}
    assert found.time[..., 0].sum() == 20


@pytest.mark.parametrize("engine", ["microsim", "stepping", "weekly", "cohort"])
def test_a_horizon_of_one_cycle(engine: str) -> None:
    found = simulate(model(OUT, horizon=1), {}, {}, individuals=4_000, seed=3, engine=engine).quantities
    assert found.trace.shape[-1] == 2
    total = found.trace[0, :, 0].sum()
    assert found.trace[0, 0, 0] == total
    assert found.time[0, 0, ..., 0].sum() == pytest.approx(total)
    p = 1 - np.exp(-0.3)
    error = 4 * np.sqrt(p * (1 - p) / 4_000) if engine != "cohort" else 1e-12
    assert abs(found.trace[0, 1, 1] / total - p) < error
    assert found.events[..., 0].sum() == pytest.approx(found.trace[0, 1, 1])


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_every_seed_of_64_bits(seed: int) -> None:
    """Both kernels and the history read the same numbers under it, and another seed gives other ones."""
    events, stepping = (run(model(OUT), mode=mode, seed=seed) for mode in ("events", "stepping"))
    assert np.array_equal(events.time, stepping.time)
    assert np.array_equal(events.events, stepping.events)
    rows = simulate_histories(model(OUT), {}, {}, individuals=200, seed=seed)
    assert (rows["reason"] == "out").sum() == events.events[..., 0].sum()
    other = run(model(OUT), seed=seed ^ 1)
    assert not np.array_equal(events.trace, other.trace)
    left = 1 - events.trace[0, 0, 1] / 200
    assert abs(left - (1 - np.exp(-0.3))) < 4 * np.sqrt(0.26 * 0.74 / 200)


def test_millions_of_individuals_in_bounded_memory() -> None:
    """2 million lives over 8 cycles add less than 120 MB to the peak of 200,000; ten million add no more."""
    code = """
from random_models import E, model
from costeff.benchmark.machine import peak_mb
from costeff.model import Transition
from costeff.simulation.simulate import simulate

chosen = model(Transition("out", "a", "b", hazard=E(0.3)), horizon=8)
peaks = []
for people in (200_000, {most}):
    found = simulate(chosen, {{}}, {{}}, individuals=people, seed=1, threads=2).quantities
    assert found.trace[0].sum(axis=0).tolist() == [people] * 9
    peaks.append(peak_mb())
print(*peaks)
"""
    most = int(os.environ.get("COSTEFF_TEST_INDIVIDUALS", 2_000_000))
    path = os.pathsep.join(filter(None, (str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "-c", code.format(most=most)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    assert ran.returncode == 0, ran.stderr
    few, many = map(float, ran.stdout.split())
    print(f"{most:,} individuals: peak {many:.0f} MB, against {few:.0f} MB")
    assert many < few + 120


# -- hazards ----


@pytest.mark.parametrize("engine", ["microsim", "stepping", "weekly", "cohort"])
def test_a_hazard_of_zero_never_happens(engine: str) -> None:
    exits = (Transition("never", "a", "b", hazard=E(0)), Transition("death", "a", "dead", hazard=E("0 * t")))
    found = simulate(model(*exits), {}, {}, individuals=500, seed=3, engine=engine).quantities
    assert (found.trace[0, 1:] == 0).all()
    assert (found.events == 0).all()


@pytest.mark.parametrize("mode", MODES)
def test_a_certain_exit_happens_in_the_first_cycle(mode: str) -> None:
    """A probability of 1, and a hazard above 745, whose survival is 0 in 64-bit numbers."""
    for exit_ in (Transition("out", "a", "b", probability=E(1)), Transition("out", "a", "b", hazard=E(1000))):
        found = run(model(exit_), mode=mode)
        assert found.trace[0, 0].tolist() == [200, *[0] * 20]
        assert found.trace[0, 1].tolist() == [0, *[200] * 20]


@pytest.mark.parametrize("shift", [-(2.0**-53), 0.0, 2.0**-52])
def test_probabilities_that_sum_to_one_and_a_rounding(shift: float) -> None:
    exits = (
        Transition("one", "a", "b", probability=E(0.25)),
        Transition("two", "a", "dead", probability=E(0.75 + shift)),
    )
    found = run(model(*exits), 4_000)
    assert found.trace[0, 0, 1:].max() == 0
    assert abs(found.trace[0, 1, 1] / 4_000 - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4_000)


@pytest.mark.parametrize("hazard", ["1e308 * (1 + 0 * t)", "1e296", "exp(700) * 1e4"])
def test_a_hazard_whose_sum_overflows_is_named(hazard: str) -> None:
    with pytest.raises(ModelError, match="cumulative hazard of 'out' overflows") as caught:
        run(model(Transition("out", "a", "b", hazard=E(hazard))))
    assert "deadline" in (caught.value.rule or "")


def test_a_hazard_that_is_infinite_is_named() -> None:
    with pytest.raises(CosteffError, match="not finite"):
        run(model(Transition("out", "a", "b", hazard=E("exp(800 + t)"))))


def test_a_large_finite_hazard_is_a_certain_exit() -> None:
    found = run(model(Transition("out", "a", "b", hazard=E("1e200"))))
    assert found.trace[0, 0].tolist() == [200, *[0] * 20]


# -- deadlines ----


def due(*deadlines: Deadline, start: str = "a", age: int = 0, **fields: Any) -> Model:
    given = {"states": states("a", "b", "c"), "clocks": (Clock("age", E(age)),), "attributes": (start_in(start),)}
    return model(Transition("never", "a", "dead", hazard=E(0)), deadlines=deadlines, **(given | fields))


def test_of_two_deadlines_in_one_cycle_the_first_declared_wins() -> None:
    one = Deadline("one", "a", "b", "time", E(4))
    two = Deadline("two", "a", "c", "age", E(9))  # age starts at 5: the same moment
    for order, state in (((one, two), "b"), ((two, one), "c")):
        for life in lives(due(*order, age=5)):
            assert life == [("a", 0, 4, order[0].name), (state, 4, 20, "horizon")]
    earlier = Deadline("two", "a", "c", "age", E(8))
    assert lives(due(one, earlier, age=5))[0] == [("a", 0, 3, "two"), ("c", 3, 20, "horizon")]


def test_an_exit_in_the_cycle_that_ends_at_a_deadline_comes_before_it() -> None:
    """The stay ends at the same moment; the exit happened within the cycle, the deadline at its end."""
    chosen = model(
        Transition("out", "a", "b", hazard=E("1000 * (t >= 3)")),
        deadlines=(Deadline("due", "a", "dead", "time", E(4)),),
    )
    assert lives(chosen)[0] == [("a", 0, 4, "out"), ("b", 4, 20, "horizon")]


@pytest.mark.parametrize("engine", ["microsim", "cohort"])
def test_whoever_starts_after_a_deadline_is_named(engine: str, tmp_path: Path) -> None:
    place = Place("lives.yaml", 7)
    late = Deadline("due", "b", "c", "age", E("12 - scale"), place)
    draws = {"scale": np.repeat([1.0, 2.0], [5, 1])}
    chosen = due(late, age=11, start="b")
    with pytest.raises(ModelError, match="starts in 'b' after its deadline 'due', in draw 5") as caught:
        simulate(chosen, draws, {}, individuals=3, seed=1, engine=engine, batch=2, threads=1)
    assert "lives.yaml, line 7: individual 0 " in str(caught.value)
    assert "'age' at 11, the deadline at 10" in str(caught.value)
    many = {"scale": np.repeat([1.0, 2.0], [300, 5])}
    with workplace(tmp_path), pytest.raises(ModelError, match="'due', in draw 300"):  # the 45th of its part
        simulate(chosen, many, {}, individuals=3, seed=1, engine=engine, threads=2)
    elsewhere = due(late, age=11, start="a")
    found = simulate(elsewhere, draws, {}, individuals=3, seed=1, engine=engine, threads=1).quantities
    assert found.events.sum() == 0  # nobody starts there


@pytest.mark.parametrize("mode", MODES)
def test_a_state_entered_at_its_deadline_is_left_at_once(mode: str) -> None:
    """The stated rule: a stay of no length; it adds no time, and counts as an event."""
    chosen = due(Deadline("due", "b", "c", "age", E(10)), age=10, start="b")
    assert lives(chosen)[0] == [("b", 0, 0, "due"), ("c", 0, 20, "horizon")]
    found = run(chosen, mode=mode)
    assert found.trace[0, 2].tolist() == [200] * 21
    assert found.time[0, 0, :, :, :, 0].sum(axis=(0, 2)).tolist() == [0, 0, 200 * 20, 0]
    assert found.events[..., 0].sum() == 200


def test_late_entry_on_the_way() -> None:
    """Into b at 7, two cycles after its deadline; and exactly on it, which is the same moment."""
    first = Deadline("leave", "a", "b", "time", E(7))
    for at in (5, 7):
        chosen = due(first, Deadline("due", "b", "c", "time", E(at)))
        assert lives(chosen)[0] == [("a", 0, 7, "leave"), ("b", 7, 7, "due"), ("c", 7, 20, "horizon")]


# -- the end of a look-up table ----


LIFE = SimpleNamespace(index=np.array([0.0, 5.0, 10.0]), columns={"value": np.array([0.1, 0.2, 0.4])})


def tabled(beyond: str, horizon: int, hazard: str = "lookup(life, t, value)") -> Model:
    from dataclasses import replace

    chosen = replace(conventions(horizon), beyond_table=beyond)
    return model(Transition("out", "a", "b", hazard=E(hazard)), conventions=chosen)


def test_past_its_last_row_a_table_stays_constant_or_is_an_error() -> None:
    """The last row begins at 10 and is 5 wide like the one before it: the table ends at 15."""
    for horizon in (14, 30):
        q = simulate(
            tabled("constant", horizon), {}, {"life": LIFE}, individuals=10, seed=1, engine="cohort"
        ).quantities
        h = np.where(np.arange(horizon) < 5, 0.1, np.where(np.arange(horizon) < 10, 0.2, 0.4))
        stay = q.trace[0, 0] / q.trace[0, 0, 0]
        np.testing.assert_allclose(stay, np.exp(-np.concatenate([[0], np.cumsum(h)])), rtol=1e-12)
        error = tabled("error", horizon)
        if horizon == 14:
            same = simulate(error, {}, {"life": LIFE}, individuals=10, seed=1, engine="cohort").quantities
            assert np.array_equal(same.trace, q.trace)
            continue
        for engine in ("microsim", "cohort"):
            with pytest.raises(FormulaError, match="lookup") as caught:
                simulate(error, {}, {"life": LIFE}, individuals=10, seed=1, engine=engine)
            assert "t = 15" in caught.value.what
            assert "beyond_table: error" in (caught.value.rule or "")


def test_a_guarded_look_up_is_no_error() -> None:
    guarded = tabled("error", 30, "where(t < 15, lookup(life, t, value), 0.4)")
    one = simulate(guarded, {}, {"life": LIFE}, individuals=500, seed=1).quantities
    two = simulate(tabled("constant", 30), {}, {"life": LIFE}, individuals=500, seed=1).quantities
    assert np.array_equal(one.trace, two.trace)


def test_a_table_of_one_row_holds_everywhere() -> None:
    one_row = SimpleNamespace(index=np.array([0.0]), columns={"value": np.array([0.1])})
    found = simulate(tabled("error", 30), {}, {"life": one_row}, individuals=10, seed=1).quantities
    assert found.trace[0].sum(axis=0).tolist() == [10.0] * 31


# -- refusals ----


def test_zero_individuals_are_refused_everywhere() -> None:
    for call in (
        lambda: simulate(model(OUT), {}, {}, individuals=0, seed=1),
        lambda: simulate_histories(model(OUT), {}, {}, individuals=0, seed=1),
        lambda: load("tki2").run(0),
    ):
        with pytest.raises(EngineError, match="no individuals"):
            call()


@pytest.mark.parametrize("mode", ["events", "stepping", "weekly"])
def test_deadlines_in_a_circle_are_refused(mode: str) -> None:
    """Also when only a few of many lives ever come to it."""
    circle = (Deadline("on", "a", "b", "time", E(3)), Deadline("back", "b", "a", "time", E(3)))
    with pytest.raises(EngineError, match="round in a circle"):
        run(model(Transition("out", "a", "b", hazard=E("0.13")), deadlines=circle), mode=mode)
