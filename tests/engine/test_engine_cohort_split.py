"""Hazards in two parts, by duration and by time: anchored in closed forms, then in the plain-Python twin to 1e-12.

Mortality changes by week or by age while the other exits are on the duration; ratios change at windows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from random_models import E, banded_flow, conventions, model, parties, start_in, states, two_strategies
from test_engine_cohort import assert_twin

from costeff.compile.groups import compile_groups
from costeff.engine.cohort.chances import changing_states
from costeff.engine.cohort.cohort import cohort
from costeff.engine.tensors import Tensors
from costeff.model import Attribute, Band, Clock, Deadline, Model, StrategyEffect, Transition

DRAWS = {"h": np.array([0.05, 0.2, 0.11, 0.4]), "n": np.array([9.0, 3.0, 0.0, 12.0])}
NAMES = ("time", "events", "trace")


def hazards(tensors: Tensors, j: int) -> np.ndarray:
    """(T,) hazard per cycle of exit j in the first draw, as compiled."""
    t = tensors.tables
    table = int(t.exit_table[j])
    first = int(t.table_offset[table])
    return np.asarray(np.diff(t.cumulative[0, first : first + tensors.cycles + 1]))


# -- closed forms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1e-9, 40.0])
def test_one_stay_under_mortality_by_week(scale: float) -> None:
    """Everybody enters at 0, so duration is time: exp(-(A + B)), and events in proportion to the hazards.

    At a scale of 1e-9 a difference of near numbers would show; at 40 almost everybody leaves at once.
    """
    leave = Transition("out", "a", "b", hazard=E(f"{scale} * weibull(t, 1.7, 8)"))
    die = Transition("death", "a", "dead", "time", hazard=E(f"{scale} * 0.02 * (1 + t / 3)"))
    tensors = compile_groups(model(leave, die), {}, {}).tensors
    result = cohort(tensors)
    a, b = hazards(tensors, 0), hazards(tensors, 1)
    alive = np.exp(-np.concatenate([[0.0], np.cumsum(a + b)]))
    chance = -np.expm1(-(a + b))
    assert (b[1:] > b[:-1]).all()
    np.testing.assert_allclose(result.trace[0, 0], alive, rtol=1e-12, atol=2.0**-53)
    for j, hazard in ((0, a), (1, b)):
        expected = (alive[:-1] * chance * hazard / (a + b)).sum()
        assert result.events[0, 0, 0, j, :, 0].sum() == pytest.approx(expected, rel=1e-12, abs=0)


def test_entries_in_every_week_under_mortality_by_week() -> None:
    """b is entered at 1, 2, ...: its occupancy is the sum over entries of survival by duration and by calendar week."""
    exits = (
        Transition("on", "a", "b", hazard=E(0.13)),
        Transition("off", "b", "c", hazard=E("weibull(t, 0.6, 5)")),
        Transition("death_b", "b", "dead", "time", hazard=E("0.01 * (t + 1)")),
    )
    tensors = compile_groups(model(*exits, states=states("a", "b", "c")), {}, {}).tensors
    on, off, death = (hazards(tensors, j) for j in range(3))
    entries = np.exp(-np.concatenate([[0.0], np.cumsum(on)[:-1]])) * -np.expm1(-on)  # at the end of each cycle
    expected = np.zeros(21)
    for entry in range(1, 21):
        stay = off[: 20 - entry] + death[entry:20]
        expected[entry:] += entries[entry - 1] * np.exp(-np.concatenate([[0.0], np.cumsum(stay)]))
    np.testing.assert_allclose(cohort(tensors).trace[0, 1], expected, rtol=1e-12)


def test_lifelong_mortality_by_age_comes_first() -> None:
    """Deaths are drawn before the exits on the duration, which share those who survive."""
    leave = Transition("out", "a", "b", hazard=E("weibull(t, 1.7, 8)"))
    die = Transition("death", "a", "dead", "age", hazard=E("0.01 * (t + 1)"), lifelong="death")
    tensors = compile_groups(model(leave, die, clocks=(Clock("age", E(40)),)), {}, {}).tensors
    result = cohort(tensors)
    a, b = hazards(tensors, 0), hazards(tensors, 1)
    assert b[0] == pytest.approx(0.41)
    alive = np.exp(-np.concatenate([[0.0], np.cumsum(a + b)]))[:-1]
    deaths, moves = result.events[0, 0, 0, 1, :, 0].sum(), result.events[0, 0, 0, 0, :, 0].sum()
    assert deaths == pytest.approx((alive * -np.expm1(-b)).sum(), rel=1e-12)
    assert moves == pytest.approx((alive * np.exp(-b) * -np.expm1(-a)).sum(), rel=1e-12)


def test_a_ratio_of_a_window_multiplies_the_part_by_duration_alone() -> None:
    leave = Transition("out", "a", "b", hazard=E("weibull(t, 1.7, 8)"), leg="leg")
    die = Transition("death", "a", "dead", "time", hazard=E(0.02))
    effects = (StrategyEffect("programme", ("leg",), (E(0.5), E(3), E(1))),)
    tensors = compile_groups(
        model(leave, die, strategies=two_strategies(), strategy_effects=effects, windows=(4, 9)), {}, {}
    ).tensors
    ratio = np.repeat([0.5, 3.0, 1.0], [4, 5, 11])
    a, b = hazards(tensors, 0), hazards(tensors, 1)
    trace = cohort(tensors).trace
    for g, factor in ((0, 1.0), (1, ratio)):
        expected = np.exp(-np.concatenate([[0.0], np.cumsum(factor * a + b)]))
        np.testing.assert_allclose(trace[g, 0], expected, rtol=1e-12)


# -- the twin ---------------------------------------------------------------------------------------------------------

BY_TIME = {
    "by week": ("time", "0.01 * (1 + t / 7)"),
    "in steps": ("time", "piecewise(t, [4, 5, 11], [0.01, 0.2, 0.01, 0.07])"),
    "by age": ("age", "0.002 * exp(0.1 * t) * h"),
    "never": ("time", "0 * t"),
    "constant": ("time", "constant(t, h)"),
}
LIFELONG = {"own": "", "lifelong": "death"}


def many(by_time: str, lifelong: str, folded: bool = False, **fields: Any) -> Model:
    """Three states with exits on the duration and by time, groups, windows, deadlines, bands and two strategies.

    The duration from which a's hazard stays the same is the parameter n. With `folded` a lifelong exit of c is on the
    duration, so that c does not split.
    """
    clock, hazard = BY_TIME[by_time]
    given: dict[str, Any] = {
        "conventions": conventions(18, "half_cycle"),
        "states": states("a", "b", "c"),
        "attributes": (
            Attribute("sex", categories={"women": E(0.3), "men": E("rest")}),
            Attribute("m", value=E("1 + sex")),
            start_in("a", "b"),
        ),
        "clocks": (Clock("age", E("2 + 3 * sex")),),
        "strategies": two_strategies(),
        "strategy_effects": (
            StrategyEffect("programme", ("own",), (E(0.5), E(2.5), E(1))),
            StrategyEffect("programme", ("time",), (E(1), E(1), E(0.3))),
        ),
        "windows": (5, 11),
        "deadlines": (Deadline("due", "c", "a", "time_in_state", E(9)),),
        "bands": (Band("stay", "time_in_state", (2, 4)),),
        "parties": parties(),
        "flows": (banded_flow("money", ("a", "b"), ("stay",), 3, None),),
    }
    exits = (
        Transition("on", "a", "b", hazard=E("h / (1 + min(t, n))"), multiplier=E("m"), leg="own"),
        Transition("over", "a", "c", hazard=E("0.05 * (t < n)")),
        Transition("off", "b", "a", hazard=E("weibull(t, 1.4, 6)"), leg="own"),
        Transition("aside", "b", "c", clock, hazard=E(f"{hazard} / 2"), leg="time"),
        Transition("back", "c", "b", hazard=E("weibull(t, 0.7, 9) * h"), multiplier=E("m")),
        *(
            Transition(f"death_{s}", s, "dead", clock, hazard=E(hazard), leg="time", lifelong=LIFELONG[lifelong])
            for s in ("a", "b")
        ),
    )
    if folded:
        exits += (Transition("death_c", "c", "dead", hazard=E("0.03 * (1 + t)"), lifelong="death"),)
    return model(*exits, **(given | fields))


@pytest.mark.parametrize("by_time", BY_TIME)
@pytest.mark.parametrize("lifelong", LIFELONG)
def test_two_parts_have_the_twins_expectations(by_time: str, lifelong: str) -> None:
    assert_twin(compile_groups(many(by_time, lifelong), DRAWS, {}).tensors, rtol=1e-12)


def test_states_that_do_not_split_have_the_twins_expectations() -> None:
    tensors = compile_groups(many("by week", "lifelong", folded=True), DRAWS, {}).tensors
    assert changing_states(tensors.tables)[0].tolist() == [0, 0, 1, 0]
    assert_twin(tensors, rtol=1e-12)


# -- the same bits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_time", ["by week", "in steps", "constant"])
def test_a_draw_has_the_bits_that_it_has_alone(by_time: str) -> None:
    """Arrays are used again for the next group, strategy and draw; nothing of the last may be left in them."""
    chosen = many(by_time, "own", folded=True)
    together = {threads: cohort(compile_groups(chosen, DRAWS, {}).tensors, threads=threads) for threads in (1, 2, 3)}
    backwards = cohort(compile_groups(chosen, {k: v[::-1].copy() for k, v in DRAWS.items()}, {}).tensors, threads=1)
    for name in NAMES:
        for result in together.values():
            assert np.array_equal(getattr(result, name), getattr(together[1], name)), name
    assert np.array_equal(backwards.trace, together[1].trace)
    for d in range(4):
        alone = cohort(compile_groups(chosen, {k: v[d : d + 1] for k, v in DRAWS.items()}, {}).tensors)
        for name in ("time", "events"):
            assert np.array_equal(getattr(alone, name)[0], getattr(together[1], name)[d]), (name, d)
            assert np.array_equal(getattr(backwards, name)[3 - d], getattr(together[1], name)[d]), (name, d)
