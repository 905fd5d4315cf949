"""Anchored in hand sums and a weekly chain in plain Python (tests/twins/case_calendar.py): effects that begin later,
rules that change underway, and time kept by quarter."""

from __future__ import annotations

import datetime as dt
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import E, label, model, models, states, two_strategies
from twins.case_calendar import occupancy, ratio_by_week

from costeff.compile.calendar import delayed, later, reformed, with_later
from costeff.compile.environment import parameter_environment
from costeff.engine.quantities import Quantities
from costeff.errors import EngineError, ModelError
from costeff.ledger import effects
from costeff.model import Deadline, Effect, Model, StrategyEffect, Term, Transition
from costeff.rules import cycles_between
from costeff.simulation.simulate import simulate

# Random models take every within-cycle rule, also where a limit falls short and a warning says by how much.
pytestmark = pytest.mark.filterwarnings("ignore:.*of a cycle too little")

EXACT = 1e-11  # relative: hazards are whole multiples of 2**-44, up to 20 cycles times a ratio of 3
SCALE = {"scale": np.array([0.5, 2.0])}


def run(m: Model, engine: str = "cohort", draws: dict[str, np.ndarray] | None = None, **asked: object) -> Quantities:
    values = SCALE if draws is None else draws
    return simulate(m, values, {}, individuals=40, seed=3, engine=engine, threads=1, **asked).quantities  # type: ignore[arg-type]


def same(a: Quantities, b: Quantities) -> bool:
    names = ("time", "events", "passages", "trace", "half_sizes")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def small(**fields: object) -> Model:
    """a -> b at 0.1 a cycle, with a programme that doubles it for 4 cycles and then leaves it at 1.5."""
    given_ = {
        "horizon": 20,
        "strategies": two_strategies(),
        "windows": (4,),
        "strategy_effects": (StrategyEffect("programme", ("out",), (E(2), E(1.5))),),
    } | fields
    return model(Transition("out", "a", "b", hazard=E(0.1)), **given_)  # type: ignore[arg-type]


def weeks_in_a(m: Model, strategy: int) -> np.ndarray:
    """Chance of still being in `a` at each cycle."""
    trace = run(m, draws={}).trace
    return np.asarray(trace[strategy, 0, :-1])


@settings(max_examples=25, deadline=None)
@given(models())
def test_nothing_delayed_and_nothing_reformed_is_the_same_to_the_bit(m: Model) -> None:
    before = run(m, "microsim")
    legs = {t.leg or t.name: 1 for t in m.transitions}
    assert same(run(delayed(m, 0), "microsim"), before)
    assert same(run(reformed(m, legs, 2), "microsim"), before)
    assert same(run(reformed(m, dict.fromkeys(legs, 0), m.conventions.horizon), "microsim"), before)


@settings(max_examples=25, deadline=None)
@given(models(), st.lists(st.integers(1, 9), unique=True, max_size=3), st.integers(1, 9))
def test_a_programme_begun_later_beside_itself_lives_as_it_does_alone(m: Model, delays: list[int], reform: int) -> None:
    m = reformed(m, {t.leg or t.name: 0.5 for t in m.transitions}, reform)
    programme = m.strategy_names[1]
    beside = with_later(m, programme, delays)
    assert beside.strategy_names == (*m.strategy_names, *(later(programme, cycles) for cycles in delays))
    whole = run(beside, "microsim")
    for name in ("time", "events", "passages"):
        array = getattr(whole, name)
        assert np.array_equal(array[:, :2], getattr(run(m, "microsim"), name)), name
        for i, cycles in enumerate(delays, start=2):
            assert np.array_equal(array[:, i], getattr(run(delayed(m, cycles), "microsim"), name)[:, 1]), (name, cycles)


@settings(max_examples=25, deadline=None)
@given(models(), st.integers(0, 5))
def test_delayed_past_the_horizon_is_usual_care(m: Model, more: int) -> None:
    late = run(delayed(m, m.conventions.horizon + more), "microsim")
    usual = run(m, "microsim")
    for name in ("time", "events", "passages"):
        array = getattr(late, name)
        assert np.array_equal(array[:, 1], array[:, 0]), name
        assert np.array_equal(array[:, 0], getattr(usual, name)[:, 0]), name


@settings(max_examples=25, deadline=None)
@given(models(cohort=True), st.integers(0, 9), st.sampled_from([0, 0.5, 3]))
def test_a_reform_touches_no_week_before_it(m: Model, cycle: int, ratio: float) -> None:
    legs = {t.leg or t.name: ratio for t in m.transitions}
    after = run(reformed(m, legs, cycle)).trace
    upto = min(cycle, m.conventions.horizon) + 1
    np.testing.assert_allclose(after[:, :, :upto], run(m).trace[:, :, :upto], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("delay", [1, 3, 7])
def test_delay_by_hand(delay: int) -> None:
    hazard = [0.1] * delay + [0.2] * 4 + [0.15] * (20 - delay - 4)
    alive = np.exp(-np.concatenate([[0], np.cumsum(hazard)])[:20])
    np.testing.assert_allclose(weeks_in_a(delayed(small(), delay), 1), alive, rtol=EXACT)
    np.testing.assert_allclose(weeks_in_a(delayed(small(), delay), 0), np.exp(-0.1 * np.arange(20)), rtol=EXACT)


def test_one_ratio_for_all_windows_is_delayed_too() -> None:
    one = small(windows=(), strategy_effects=(StrategyEffect("programme", ("out",), (E(3),)),))
    hazard = np.concatenate([[0], np.cumsum([0.1] * 5 + [0.3] * 15)])[:20]
    np.testing.assert_allclose(weeks_in_a(delayed(one, 5), 1), np.exp(-hazard), rtol=EXACT)


@pytest.mark.parametrize("cycle", [-3, 0, 2, 4, 9])
def test_reform_by_hand(cycle: int) -> None:
    changed = reformed(small(), {"out": 0.5}, cycle)
    for strategy, own in ((0, [0.1] * 20), (1, [0.2] * 4 + [0.15] * 16)):
        hazard = [h * (0.5 if k >= cycle else 1) for k, h in enumerate(own)]
        alive = np.exp(-np.concatenate([[0], np.cumsum(hazard)])[:20])
        np.testing.assert_allclose(weeks_in_a(changed, strategy), alive, rtol=EXACT)


def test_a_delay_leaves_reforms_where_they_are() -> None:
    """In either order: the programme begins at 3, the rules change at 6."""
    hazard = [0.1] * 3 + [0.2] * 3 + [0.2 * 0.5] + [0.15 * 0.5] * 13
    alive = np.exp(-np.concatenate([[0], np.cumsum(hazard)])[:20])
    for changed in (delayed(reformed(small(), {"out": 0.5}, 6), 3), reformed(delayed(small(), 3), {"out": 0.5}, 6)):
        np.testing.assert_allclose(weeks_in_a(changed, 1), alive, rtol=EXACT)
        usual = 0.1 * np.minimum(np.arange(20), 6) + 0.05 * np.maximum(np.arange(20) - 6, 0)
        np.testing.assert_allclose(weeks_in_a(changed, 0), np.exp(-usual), rtol=EXACT)


def test_a_reform_of_an_exit_whose_probability_an_effect_changes() -> None:
    """On the hazard, after the effect: a chance of 0.1 under usual care, 1 - 0.9^2 under the programme, then halved."""
    chance = model(
        Transition("out", "a", "b", probability=E(0.1)),
        horizon=10,
        strategies=two_strategies(),
        strategy_effects=(StrategyEffect("programme", ("out",), (E(2),), scale="rate"),),
    )
    changed = reformed(chance, {"out": 0.5}, 4)
    weeks = np.minimum(np.arange(10), 4) + 0.5 * np.maximum(np.arange(10) - 4, 0)
    for strategy, stay in ((0, 0.9), (1, 0.9**2)):
        np.testing.assert_allclose(weeks_in_a(changed, strategy), stay**weeks, rtol=EXACT)


def test_a_ratio_may_be_a_drawn_name() -> None:
    changed = reformed(small(), {"out": "reform"}, 0)
    time = run(changed, draws={"reform": np.array([0.0, 1.0])}).time[:, 0, 0, 0, :, 0].sum(axis=-1)
    assert time.tolist() == [20.0, pytest.approx(np.exp(-0.1 * np.arange(20)).sum())]


@settings(max_examples=40, deadline=None)
@given(
    hazards=st.lists(st.sampled_from([0.0, 0.02, 0.1, 0.4, 1.0]), min_size=6, max_size=6),
    ratios=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.5]), min_size=6, max_size=6),
    windows=st.lists(st.integers(1, 14), min_size=2, max_size=2, unique=True),
    delay=st.integers(0, 12),
    late=st.booleans(),
    reforms=st.lists(st.tuples(st.integers(0, 14), st.sampled_from([0.0, 0.4, 2.0])), max_size=2),
)
def test_twin(
    hazards: list[float],
    ratios: list[float],
    windows: list[int],
    delay: int,
    late: bool,
    reforms: list[tuple[int, float]],
) -> None:
    pairs = [(s, t) for s in "abc" for t in "abc" if s != t]
    edges = sorted(windows)
    m = model(
        *(
            Transition(f"{s}{t}", s, t, hazard=E(h), leg="back" if t == "a" else "")
            for (s, t), h in zip(pairs, hazards, strict=True)
        ),
        horizon=15,
        states=states("a", "b", "c"),
        strategies=two_strategies(),
        windows=tuple(edges),
        strategy_effects=(
            StrategyEffect("programme", ("back", "ab"), tuple(E(r) for r in ratios[:3])),
            StrategyEffect("programme", ("bc",), tuple(E(r) for r in ratios[3:])),
        ),
    )
    changed = m if late else delayed(m, delay)
    for begins, times in reforms:  # on an exit under an effect that others share, and on one without
        changed = reformed(changed, {"ba": times, "cb": times}, begins)
    if late:
        changed = delayed(changed, delay)
    trace = run(changed, draws={}).trace

    def ratio(strategy: int, exit_: tuple[str, str], week: int) -> float:
        own = [1.0, 1.0, 1.0]
        if strategy == 1 and exit_ in (("b", "a"), ("c", "a"), ("a", "b")):
            own = ratios[:3]
        if strategy == 1 and exit_ == ("b", "c"):
            own = ratios[3:]
        touched = reforms if exit_ in (("b", "a"), ("c", "b")) else []
        return ratio_by_week(edges, own, delay, touched, week)

    for g in (0, 1):
        by_hand = occupancy(dict(zip(pairs, hazards, strict=True)), partial(ratio, g), "a", 15)
        found = [[row[s] for s in "abc"] for row in by_hand]
        np.testing.assert_allclose(trace[g, :3, :15].T, found, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("engine", ["cohort", "microsim", "weekly"])
@pytest.mark.parametrize(("cycle", "cycles_in_b"), [(0, 0), (4, 0), (5, 3), (6, 3)])
def test_closed_to_entrants(engine: str, cycle: int, cycles_in_b: int) -> None:
    """Everybody enters b at the start of cycle 4 and leaves for c after 3: those inside stay, later ones pass on at
    once."""
    m = model(
        Transition("never", "a", "c", hazard=E(0)),
        horizon=12,
        states=states("a", "b", "c"),
        deadlines=(Deadline("in", "a", "b", "time", E(4)), Deadline("out", "b", "c", "time_in_state", E(3))),
    )
    closed = reformed(m, {}, cycle, closures={"b": "c"})
    time = run(closed, engine, draws={}).time
    total = time[0, 0, :, :, :, 0].sum(axis=(0, 2)) / time[0, 0, :, :, :, 0].sum() * 12
    assert total[:3].tolist() == pytest.approx([4, cycles_in_b, 8 - cycles_in_b])


@settings(max_examples=15, deadline=None)
@given(models(), st.sampled_from([1, 3, 13]))
def test_time_by_quarter_adds_up_to_time_by_year(m: Model, length: int) -> None:
    year, quarter = run(m, "microsim"), run(m, "microsim", period_cycles=length)
    assert quarter.time.shape[-1] == quarter.events.shape[-1] == 1  # undiscounted only
    assert quarter.time.shape[-2] == -(-m.conventions.horizon // length)
    for name in ("time", "events"):
        whole = getattr(year, name)[..., 0].sum(axis=-1)
        np.testing.assert_allclose(getattr(quarter, name)[..., 0].sum(axis=-1), whole, rtol=1e-12)
    assert np.array_equal(quarter.passages, year.passages)


@pytest.mark.parametrize("engine", ["cohort", "microsim"])
def test_which_quarter(engine: str) -> None:
    """20 cycles in periods of 6: everyone leaves a after 8 cycles, so 6 and 2 of them lie in the first two periods."""
    m = model(horizon=20, deadlines=(Deadline("out", "a", "b", "time", E(8)),))
    found = run(m, engine, draws={}, period_cycles=6)
    time = found.time[0, 0, :, 0, :, 0].sum(axis=0) / found.half_sizes.sum()
    assert time.tolist() == [6, 2, 0, 0]
    events = found.events[0, 0, :, 0, :, 0].sum(axis=0) / found.half_sizes.sum()
    assert events.tolist() == [0, 1, 0, 0]


def test_quarters_are_thirteen_weeks_on_any_year() -> None:
    starts = [dt.date(y, m, 1) for y in range(2024, 2037) for m in (1, 4, 7, 10)]
    assert {cycles_between(a, b) for a, b in pairwise(starts)} == {13}
    assert [cycles_between(starts[0], s) for s in starts] == [13 * k for k in range(len(starts))]


def test_refusals() -> None:
    with pytest.raises(ModelError, match="negative delay"):
        delayed(small(), -1)
    with pytest.raises(ModelError, match="unknown leg 'outt'"):
        reformed(small(), {"outt": 0}, 3)
    with pytest.raises(ModelError, match="unknown state 'x'"):
        reformed(small(), {}, 3, closures={"x": "b"})
    with pytest.raises(EngineError, match="periods that cannot be kept"):
        run(small(), draws={}, period_cycles=0)
    with pytest.raises(EngineError, match="periods that cannot be kept"):
        run(small(), draws={}, period_cycles=13, by_year=False)


def test_effects_of_the_first_years_are_not_read_from_quarters() -> None:
    term = Term(("a",), E(1))
    m = model(
        Transition("out", "a", "b", hazard=E(0.1)),
        horizon=24,
        effects=(Effect("early", label("early"), "cycles", "more", (term,), within=12),),
    )
    for length, words in ((None, None), (3, "not kept by year")):
        done = simulate(m, {}, {}, individuals=1, seed=1, engine="cohort", threads=1, period_cycles=length)
        env = parameter_environment(m, {}, {}, 1)
        if words is None:
            found = effects(m, done.layout, env, done.quantities, 0).value[0, 0, 0]
            assert found == pytest.approx(np.exp(-0.1 * np.arange(12)).sum())
        else:
            with pytest.raises(ModelError, match=words):
                effects(m, done.layout, env, done.quantities, 0)
