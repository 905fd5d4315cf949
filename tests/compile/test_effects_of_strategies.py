"""Anchored in closed forms on both engines: effects by category, by clock and waning; probabilities by strategy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_models import E, model, start_in, states, two_strategies

from costeff.compile import compile_model
from costeff.compile.calendar import delayed, with_later
from costeff.compile.groups import compile_groups
from costeff.engine.cohort.cohort import cohort
from costeff.engine.events.microsim import microsim
from costeff.errors import EngineError, ModelError
from costeff.model import Attribute, Clock, Model, StrategyEffect, Transition
from costeff.simulation.histories import simulate_histories

MANY, HORIZON = 20_000, 12
H = 0.1
CYCLES = np.arange(HORIZON)


def left(ratio: np.ndarray, hazard: float | np.ndarray = H) -> np.ndarray:
    """(T+1,) share still in the first state."""
    return np.exp(-np.concatenate([[0.0], np.cumsum(hazard * np.broadcast_to(ratio, HORIZON))]))


def effect(*ratio: str | float, **fields: object) -> StrategyEffect:
    return StrategyEffect("programme", ("out",), tuple(map(E, ratio)), **fields)  # type: ignore[arg-type]


def out_of_a(
    *effects: StrategyEffect, hazard: str | float = H, clock: str = "time_in_state", **fields: object
) -> Model:
    given: dict[str, object] = {"strategies": two_strategies(), "strategy_effects": effects, "horizon": HORIZON}
    return model(Transition("out", "a", "b", clock, hazard=E(hazard)), **(given | fields))


def assert_left(chosen: Model, usual: np.ndarray, programme: np.ndarray) -> None:
    """Shares in the first state by both engines: exactly in the cohort, within 4 standard errors in lives."""
    expected = np.stack([usual, programme])
    exact = cohort(compile_groups(chosen, {}, {}).tensors)
    np.testing.assert_allclose(exact.trace[:, 0], expected, atol=1e-12)
    lives = microsim(compile_model(chosen, {}, {}, individuals=MANY, seed=7).tensors)
    error = 4 * np.sqrt(np.maximum(expected * (1 - expected), 1 / MANY) / MANY)
    assert (np.abs(lives.trace[:, 0] / MANY - expected) <= error).all()
    stepping = microsim(compile_model(chosen, {}, {}, individuals=200, seed=7).tensors, mode="stepping")
    events = microsim(compile_model(chosen, {}, {}, individuals=200, seed=7).tensors)
    assert np.array_equal(stepping.events, events.events)


def test_a_ratio_by_category() -> None:
    groups = Attribute("diagnosis", categories={"heart": E(0.5), "cancer": E(0.2), "other": E("rest")})
    fields = {"attributes": (groups, start_in("a")), "windows": (5,)}
    plain = out_of_a(effect(2, 0.5, 1, categories=("heart", "cancer", "other")), **fields)
    mixed = sum(s * left(np.array(r)) for s, r in ((0.5, 2.0), (0.2, 0.5), (0.3, 1.0)))
    assert_left(plain, left(np.array(1.0)), mixed)
    by_window = out_of_a(effect(2, 1, 0.5, 0, 1, 1, categories=("heart", "cancer", "other")), **fields)
    early = CYCLES < 5
    mixed = 0.5 * left(np.where(early, 2, 1)) + 0.2 * left(np.where(early, 0.5, 0)) + 0.3 * left(np.array(1.0))
    assert_left(by_window, left(np.array(1.0)), mixed)


def test_a_ratio_by_category_is_two_exits_with_multipliers_of_0_and_1() -> None:
    """The same quantities as the model that says it by hand, to the last digit of the cohort."""
    groups = Attribute("sex", categories={"women": E(0.4), "men": E("rest")})
    fields = {"attributes": (groups, start_in("a")), "horizon": HORIZON, "strategies": two_strategies()}
    by_category = out_of_a(effect(1.7, 0.3, categories=("women", "men")), **fields)
    by_hand = model(
        Transition("w", "a", "b", hazard=E(H), multiplier=E("sex == women")),
        Transition("m", "a", "b", hazard=E(H), multiplier=E("sex == men")),
        strategy_effects=(
            StrategyEffect("programme", ("w",), (E(1.7),)),
            StrategyEffect("programme", ("m",), (E(0.3),)),
        ),
        **fields,
    )
    one, two = (cohort(compile_groups(m, {}, {}).tensors) for m in (by_category, by_hand))
    assert np.array_equal(one.trace, two.trace)
    assert np.array_equal(one.events, two.events)


def test_a_ratio_that_wanes_with_the_time_since_the_start() -> None:
    """1 + (r - 1) exp(-d t) with t at the begin of each cycle; held at its mean it adds up to the same."""
    ratio = 1 + (2.5 - 1) * np.exp(-0.2 * CYCLES)
    waning = effect("1 + (2.5 - 1) * exp(-0.2 * t)")
    assert_left(out_of_a(waning), left(np.array(1.0)), left(ratio))
    in_threes = np.repeat(ratio.reshape(-1, 3).mean(axis=1), 3)
    assert_left(out_of_a(replace(waning, every=3)), left(np.array(1.0)), left(in_threes))
    np.testing.assert_allclose(left(in_threes)[::3], left(ratio)[::3])
    after_window = out_of_a(effect(2, "1 + exp(4 - t)"), windows=(4,))
    assert_left(after_window, left(np.array(1.0)), left(np.where(CYCLES < 4, 2, 1 + np.exp(4.0 - CYCLES))))


def test_a_waning_effect_that_begins_later_wanes_from_there() -> None:
    waning = out_of_a(effect("1 + (2.5 - 1) * exp(-0.2 * t)"))
    late = np.where(CYCLES < 4, 1, 1 + 1.5 * np.exp(-0.2 * (CYCLES - 4)))
    assert_left(delayed(waning, 4), left(np.array(1.0)), left(late))
    both = with_later(waning, "programme", [4])
    found = cohort(compile_groups(both, {}, {}).tensors).trace[:, 0]
    np.testing.assert_allclose(found[1], left(1 + 1.5 * np.exp(-0.2 * CYCLES)), atol=1e-12)
    np.testing.assert_allclose(found[2], left(late), atol=1e-12)


def test_an_effect_early_in_a_spell() -> None:
    """On the exit's own clock, also where that clock had begun before the start, and where the effect begins later."""
    early = effect("where(t < 3, 4, 1)", clock="time_in_state")
    assert_left(out_of_a(early), left(np.array(1.0)), left(np.where(CYCLES < 3, 4, 1)))
    weibull = np.diff((np.arange(HORIZON + 1) / 9) ** 1.6)
    chosen = out_of_a(early, hazard="weibull(t, 1.6, 9)")
    assert_left(chosen, left(np.array(1.0), weibull), left(np.where(CYCLES < 3, 4, 1), weibull))
    spell = {"clocks": (Clock("spell", E(2)),), "clock": "spell"}
    chosen = out_of_a(replace(early, clock="spell"), **spell)  # type: ignore[arg-type]
    assert_left(chosen, left(np.array(1.0)), left(np.where(CYCLES < 1, 4, 1)))
    assert_left(delayed(out_of_a(early), 2), left(np.array(1.0)), left(np.where(CYCLES == 2, 4, 1)))


def test_a_ratio_on_a_second_clock_is_exact_in_lives_and_refused_by_the_cohort() -> None:
    """Hazard by time in state, ratio by age: both rise with the cycle, so that the product is known."""
    chosen = out_of_a(
        effect("where(t < 45, 3, 0.5)", clock="age"), hazard="0.02 * (1 + t)", clocks=(Clock("age", E(40)),)
    )
    expected = left(np.where(CYCLES < 5, 3, 0.5), 0.02 * (1 + CYCLES))
    error = 4 * np.sqrt(np.maximum(expected * (1 - expected), 1 / MANY) / MANY)
    for mode in ("events", "weekly"):
        lives = microsim(compile_model(chosen, {}, {}, individuals=MANY, seed=7).tensors, mode=mode).trace[:, 0] / MANY
        assert (np.abs(lives[1] - expected) <= error).all(), mode
    with pytest.raises(EngineError, match="read on 'time_in_state' and multiplied on 'age'"):
        compile_groups(chosen, {}, {})
    twice = replace(
        chosen, transitions=(replace(chosen.transitions[0], ratio_clock="time", ratio_on=E("1 + t")),), windows=()
    )
    with pytest.raises(ModelError, match="multiplied on time and age"):
        compile_model(twice, {}, {}, individuals=2, seed=1)


# -- probabilities by strategy, and the rest -------------------------------------------------------------------------


def tree(*effects: StrategyEffect, p: str | float = 0.3) -> Model:
    """A node of a tree: everybody goes to b, c or dead in the first cycle."""
    return model(
        Transition("out", "a", "b", probability=E(p)),
        Transition("also", "a", "c", probability=E(0.25)),
        Transition("last", "a", "dead", probability=E("rest")),
        states=states("a", "b", "c"),
        strategies=two_strategies(),
        strategy_effects=effects,
        horizon=1,
    )


def shares(chosen: Model) -> np.ndarray:
    """(strategy, state) after one cycle, by the cohort; lives agree within 4 standard errors."""
    exact = cohort(compile_groups(chosen, {}, {}).tensors).trace[:, :, 1]
    lives = microsim(compile_model(chosen, {}, {}, individuals=MANY, seed=5).tensors).trace[:, :, 1] / MANY
    assert (np.abs(lives - exact) <= 4 * np.sqrt(np.maximum(exact * (1 - exact), 1 / MANY) / MANY)).all()
    return np.asarray(exact)


def test_the_rest_is_what_the_others_leave_under_each_strategy() -> None:
    np.testing.assert_allclose(shares(tree()), [[0, 0.3, 0.25, 0.45]] * 2, atol=1e-12)
    halved = tree(StrategyEffect("programme", ("out",), (E(0.5),), scale="probability"))
    np.testing.assert_allclose(shares(halved), [[0, 0.3, 0.25, 0.45], [0, 0.15, 0.25, 0.6]], atol=1e-12)
    none = tree(StrategyEffect("programme", ("out", "also"), (E(0),), scale="probability"), p=0.75)
    np.testing.assert_allclose(shares(none), [[0, 0.75, 0.25, 0], [0, 0, 0, 1]], atol=1e-12)


def test_a_rest_below_nothing_is_refused_with_the_draw() -> None:
    too_much = tree(StrategyEffect("programme", ("out",), (E(3),), scale="probability"))
    with pytest.raises(ModelError, match="probability of 'last' is negative"):
        compile_model(too_much, {}, {}, individuals=2, seed=1)


@pytest.mark.parametrize("usual", [0.3, 0])
def test_a_probability_of_its_own_takes_the_place_of_the_others(usual: float) -> None:
    """Also where the comparator has 0, of which no ratio could make it."""
    own = tree(effect(0.7, scale="instead"), p=usual)
    expected = [[0, usual, 0.25, 0.75 - usual], [0, 0.7, 0.25, 0.05]]
    np.testing.assert_allclose(shares(own), expected, atol=1e-12)


def test_a_hazard_of_its_own_before_and_after_the_programme_begins() -> None:
    own = out_of_a(effect("0.05 * (1 + t)", scale="instead"))
    assert_left(own, left(np.array(1.0)), left(0.05 * (1 + CYCLES), 1.0))
    later = np.where(CYCLES < 3, H, 0.05 * (1 + CYCLES))
    assert_left(delayed(own, 3), left(np.array(1.0)), left(later, 1.0))


def test_usual_care_has_the_same_lives_whatever_the_others_have() -> None:
    """A strategy's own hazard takes no luck from the comparator, and shares it: equal hazards are equal lives."""
    alone = compile_model(out_of_a(), {}, {}, individuals=300, seed=3).tensors
    same = compile_model(out_of_a(effect(f"{H} + 0 * t", scale="instead")), {}, {}, individuals=300, seed=3).tensors
    one, two = microsim(alone), microsim(same)
    assert np.array_equal(one.trace, two.trace)
    assert np.array_equal(two.trace[0], two.trace[1])


def test_lives_as_rows_name_where_an_exit_with_tables_of_its_own_leads() -> None:
    """Rows of lives once counted declared exits, where strategies had two tables of one: another state was named."""
    own = tree(effect(0.7, scale="instead"))
    rows = simulate_histories(own, {}, {}, individuals=200, seed=2)
    moves = rows[rows["reason"] != "horizon"][["reason", "to"]].drop_duplicates()
    assert set(moves.itertuples(index=False, name=None)) == {("out", "b"), ("also", "c"), ("last", "dead")}


# -- other first states ----------------------------------------------------------------------------------------------


def test_strategies_that_start_people_in_different_states() -> None:
    own = Attribute("where_else", categories={"a": E("rest"), "b": E(0.25)})
    programme = replace(two_strategies()[1], start="where_else")
    chosen = out_of_a(attributes=(start_in("a"), own), strategies=(two_strategies()[0], programme))
    assert_left(chosen, left(np.array(1.0)), 0.75 * left(np.array(1.0)))
    with pytest.raises(ModelError, match="'programme' begins later than its people"):
        delayed(chosen, 2)
