"""Anchored in the twin tests/twins/tables.py: compiled hazards are sums of the formulas' values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_models import E, model, start_in, two_strategies
from twins.tables import Formula, cumulative, hazards_of_probabilities

from costeff.compile import compile_model
from costeff.compile.groups import compile_groups
from costeff.compile.hazard_sums import QUANTUM
from costeff.compile.layout import layout
from costeff.engine.cohort.cohort import cohort
from costeff.engine.events.microsim import microsim
from costeff.engine.tensors import Tensors
from costeff.errors import ModelError
from costeff.model import Attribute, Clock, LookBack, Model, StrategyEffect, Transition

SCALE = np.array([0.5, 1.0, 3.0])


def compiled(chosen: Model, individuals: int = 7) -> Tensors:
    return compile_model(chosen, {"scale": SCALE}, {}, individuals=individuals, seed=2).tensors


def table(tensors: Tensors, exit_: int, draw: int, stratum: int = 0) -> tuple[int, list[float]]:
    """(clock value of the first entry, cumulative hazards) of one exit."""
    t = tensors.tables
    q = t.exit_table[exit_]
    begin = int(t.table_offset[q]) + stratum * (int(t.table_length[q]) + 1)
    return int(t.table_start[q]), t.cumulative[draw, begin : begin + t.table_length[q] + 1].tolist()


def assert_table(tensors: Tensors, exit_: int, draw: int, hazard: Formula, stratum: int = 0) -> None:
    start, found = table(tensors, exit_, draw, stratum)
    expected = cumulative(hazard, start, len(found) - 1)
    # Each cycle is rounded to a multiple of 2**-44, so by half of one at most.
    bound = [1e-12 * max(1.0, e) + k * QUANTUM / 2 for k, e in enumerate(expected)]
    assert all(abs(f - e) <= b for f, e, b in zip(found, expected, bound, strict=True))
    assert max(expected) > 0


def weibull(scale: float) -> Formula:
    return lambda t: scale * (((t + 1) / 6) ** 1.4 - (t / 6) ** 1.4)


def by_category(sex: int, group: int) -> Formula:
    return lambda t: 0.1 + sex + 0.01 * group * t


def fading(p: float) -> Formula:
    return lambda t: p / (1 + 0.1 * t)


def test_hazards_on_every_clock() -> None:
    chosen = model(
        Transition("weibull", "a", "b", hazard=E("weibull(t, 1.4, 6) * scale")),
        Transition("linear", "a", "b", "time", hazard=E("0.01 * t")),
        Transition("old", "b", "a", "age", hazard=E("exp(-5 + 0.02 * t)")),
        Transition("ladder", "b", "dead", "ladder", hazard=E("0.3 / (1 + t)")),
        attributes=(Attribute("years", value=E("floor(40 * u)")), start_in("a")),
        clocks=(
            Clock("age", E("3 + years")),
            Clock("ladder", E("5 + years"), advances_in=("a",), reset=LookBack(2, 4, ("b",))),
        ),
    )
    tensors = compiled(chosen)
    years = tensors.tables.clock_initial[2] - 3
    assert years.min() < years.max()
    for d, scale in enumerate(SCALE):
        assert_table(tensors, 0, d, weibull(scale))
        assert_table(tensors, 1, d, lambda t: 0.01 * t)
        assert_table(tensors, 2, d, lambda t: math.exp(-5 + 0.02 * t))
        assert_table(tensors, 3, d, lambda t: 0.3 / (1 + t))
    starts = [table(tensors, j, 0) for j in range(4)]
    horizon = tensors.cycles
    assert [start for start, _ in starts] == [0, 0, 3 + years.min(), 0], "a clock that is reset begins at 0"
    lengths = [len(values) - 1 for _, values in starts]
    spread = years.max() - years.min()
    assert lengths == [horizon + 1, horizon + 1, spread + horizon + 1, 5 + years.max() + horizon + 1]


def test_one_table_for_each_category() -> None:
    sex = Attribute("sex", categories={"women": E(0.5), "men": E("rest")})
    group = Attribute("group", categories={"x": E(0.2), "y": E(0.3), "z_": E("rest")})
    chosen = model(
        Transition("out", "a", "b", hazard=E("0.1 + sex + 0.01 * group * t"), strata=("sex", "group")),
        attributes=(sex, group, start_in("a")),
    )
    tensors = compiled(chosen, 40)
    for code, (s, g) in enumerate((s, g) for s in range(2) for g in range(3)):
        assert_table(tensors, 0, 1, by_category(s, g), code)
    assert set(np.unique(tensors.tables.stratum)) == set(range(6))


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=3))
def test_probabilities_become_hazards(p: list[float]) -> None:
    exits = [Transition(f"x{i}", "a", "b", probability=E(f"{q!r} / (1 + 0.1 * t)")) for i, q in enumerate(p)]
    tensors = compiled(model(*exits, horizon=6))
    formulas = [fading(q) for q in p]
    for j, hazard in enumerate(hazards_of_probabilities(formulas)):
        start, found = table(tensors, j, 0)
        expected = cumulative(hazard, start, len(found) - 1)
        assert np.abs(np.array(found) - expected).max() < 1e-12
    steps = np.diff([table(tensors, j, 0)[1] for j in range(len(p))], axis=1)
    total = steps.sum(axis=0)
    back = np.divide(steps, total, out=np.zeros_like(steps), where=total > 0) * -np.expm1(-total)
    declared = np.array([[f(t) for t in range(steps.shape[1])] for f in formulas])
    assert np.abs(back - declared).max() < 1e-12


def test_a_table_does_not_depend_on_who_is_compiled_with_whom() -> None:
    """Differences of cumulative hazards are exact, wherever the table of this batch begins."""
    chosen = model(
        Transition("old", "a", "b", "age", hazard=E("0.001 * exp(0.03 * t)")),
        attributes=(Attribute("years", value=E("floor(80 * u)")), start_in("a")),
        clocks=(Clock("age", E("years")),),
    )
    starts = set()
    steps: dict[int, float] = {}
    for first in range(0, 12, 3):
        tensors = compile_model(chosen, {}, {}, individuals=12, seed=2, first=first, count=3).tensors
        start, values = table(tensors, 0, 0)
        starts.add(start)
        for i in range(len(values) - 1):
            assert steps.setdefault(start + i, values[i + 1] - values[i]) == values[i + 1] - values[i]
    assert len(starts) > 1


def test_equal_formulas_share_a_table() -> None:
    exits = [Transition(f"out_{s}", s, "dead", hazard=E("0.1 * scale"), leg="leg") for s in "ab"]
    other = Transition("other", "a", "b", "time", hazard=E("0.1 * scale"))
    effect = StrategyEffect("programme", ("leg",), (E(2), E("scale")))
    tensors = compiled(model(*exits, other, strategies=two_strategies(), strategy_effects=(effect,), windows=(5,)))
    assert tensors.tables.exit_table.tolist() == [0, 1, 0], "exits by source: out_a, other, out_b"
    assert tensors.tables.ratio.shape == (3, 2, 2, 2)
    row = tensors.tables.exit_ratio[0]
    assert tensors.tables.ratio[:, 1, row].tolist() == [[2, s] for s in SCALE]
    assert (tensors.tables.ratio[:, 0] == 1).all()
    assert tensors.tables.exit_ratio.tolist() == [row, 0, row]


def test_a_lifelong_number_is_spent_once() -> None:
    """The kernels would otherwise let the second exit happen at once, even with no hazard."""
    ill = Transition("ill", "a", "b", "age", hazard=E(0.1), lifelong="x")
    again = Transition("again", "b", "a", "age", hazard=E("0 * t"), lifelong="x")
    with pytest.raises(ModelError, match="'x' of 'ill' is used again") as caught:
        compiled(model(ill, again))
    assert caught.value.value == "ill, again"
    fatal = Transition("fatal", "b", "dead", "age", hazard=E(0.1), lifelong="x")
    with pytest.raises(ModelError, match="used again"):
        compiled(model(ill, fatal))
    other = Transition("again", "a", "dead", "age", hazard=E(0.1), lifelong="y")
    assert compiled(model(fatal, other)).tables.exit_lifelong.tolist() == [0, 1]


def probabilities(tensors: Tensors, strategy: int, cycle: int) -> np.ndarray:
    """(draws, exits of state a) in one cycle, from the compiled hazards; cycle is the window too."""
    t = tensors.tables
    first, last = int(t.exit_first[0]), int(t.exit_first[1])
    hazard = np.zeros((tensors.draws, last - first))
    for j in range(first, last):
        i = t.table_offset[t.exit_table[j]] + cycle - t.table_start[t.exit_table[j]]
        hazard[:, j - first] = (t.cumulative[:, i + 1] - t.cumulative[:, i]) * t.ratio[
            :, strategy, t.exit_ratio[j], min(cycle, t.ratio.shape[3] - 1)
        ]
    total = hazard.sum(axis=1, keepdims=True)
    return np.asarray(-np.expm1(-total) * hazard / total)


def exits_with_effect(scale: str, first: str, ratios: tuple[str, ...]) -> Model:
    exits = (Transition("one", "a", "b", probability=E(first)), Transition("two", "a", "dead", probability=E(0.3)))
    effect = StrategyEffect("programme", ("one",), tuple(map(E, ratios)), scale=scale)
    return model(*exits, strategies=two_strategies(), strategy_effects=(effect,), windows=(1,))


@pytest.mark.parametrize("ratio", [0.0, 0.6, 1.0, 1.5])
def test_ratios_on_rates_and_probabilities(ratio: float) -> None:
    """The three scales differ for an exit with rivals; all kept as ratios, so that strategies share their luck."""
    text = f"{ratio} * scale ** 0"
    for scale, p in (("rate", 1 - 0.8**ratio), ("probability", 0.2 * ratio)):
        tensors = compiled(exits_with_effect(scale, "0.2", (text, "1")))
        assert len(tensors.tables.exit_target) == 2
        assert probabilities(tensors, 0, 0) == pytest.approx(np.tile([0.2, 0.3], (3, 1)), abs=1e-12)
        assert probabilities(tensors, 1, 0) == pytest.approx(np.tile([p, 0.3], (3, 1)), abs=1e-12)
        assert probabilities(tensors, 1, 1) == pytest.approx(np.tile([0.2, 0.3], (3, 1)), abs=1e-12)
    hazards = probabilities(compiled(exits_with_effect("hazard", "0.2", (text, "1"))), 1, 0)[0]
    h = -math.log(0.5) / 5 * np.array([2 * ratio, 3])
    assert hazards == pytest.approx(-math.expm1(-h.sum()) * h / h.sum(), abs=1e-12)


@pytest.mark.parametrize("scale", ["rate", "probability"])
def test_ratios_on_probabilities_that_depend_on_time(scale: str) -> None:
    """Each changed table becomes an exit of its own, under the same name, on in its strategy and window only."""
    chosen = exits_with_effect(scale, "0.2 / (1 + 0.1 * t)", ("0.6", "scale"))
    tensors = compiled(chosen)
    assert layout(chosen).events == ("one",) * 3 + ("two",) * 3
    for cycle, ratio in enumerate([np.full(3, 0.6), SCALE]):
        p = 0.2 / (1 + 0.1 * cycle)
        changed = 1 - (1 - p) ** ratio if scale == "rate" else p * ratio
        for strategy, expected in enumerate([np.full(3, p), changed]):
            found = probabilities(tensors, strategy, cycle)
            assert found[:, :3].sum(axis=1) == pytest.approx(expected, abs=1e-12)
            assert found[:, 3:].sum(axis=1) == pytest.approx(0.3, abs=1e-12)
            assert ((found > 0).sum(axis=1) == 2).all()


def test_ratios_that_make_probabilities_impossible() -> None:
    with pytest.raises(ModelError, match=r"sum to 1\.1"):
        compiled(exits_with_effect("probability", "0.2", ("4", "1")))
    with pytest.raises(ModelError, match="ratio of 'programme' on one is negative"):
        compiled(exits_with_effect("rate", "0.2", ("scale - 1", "1")))


def test_a_certain_probability_under_a_ratio_on_its_rate() -> None:
    """1 - (1 - 1)^ratio is 1 for any ratio above 0."""
    alone = Transition("one", "a", "b", probability=E(1))
    for ratio, expected in ((0.5, 1.0), (0.0, 0.0)):
        effect = StrategyEffect("programme", ("one",), (E(ratio),), scale="rate")
        tensors = compiled(model(alone, strategies=two_strategies(), strategy_effects=(effect,)))
        t = tensors.tables
        assert -np.expm1(-t.cumulative[0, 1] * t.ratio[0, 1, t.exit_ratio[0], 0]) == pytest.approx(expected)


def test_a_lifelong_probability_by_age_takes_one_ratio_for_all_windows() -> None:
    death = Transition("die", "a", "dead", "age", probability=E("0.01 + 0.001 * t"), lifelong="death")
    for ratios, fails in ((("0.5", "1"), True), (("0.5",), False)):
        effect = StrategyEffect("programme", ("die",), tuple(map(E, ratios)), scale="probability")
        chosen = {"strategies": two_strategies(), "strategy_effects": (effect,), "windows": (5,)}
        if fails:
            with pytest.raises(ModelError, match="by window on the lifelong exit 'die'"):
                compiled(model(death, **chosen))
        else:
            assert compiled(model(death, **chosen)).tables.exit_lifelong.tolist() == [0, 0]


def test_exits_that_exclude_each_other_share_an_exponential() -> None:
    """Unless a strategy uses both, one after the other: what is left of a number must not be spent twice."""

    def exponentials(chosen: Model) -> list[int]:
        names = compiled(chosen).tables.exit_name.tolist()
        return [list(dict.fromkeys(names)).index(name) for name in names]

    one_window = exits_with_effect("rate", "0.2 / (1 + 0.1 * t)", ("0.6",))
    assert exponentials(one_window) == [0, 0, 1, 1]
    two_windows = exits_with_effect("rate", "0.2 / (1 + 0.1 * t)", ("0.6", "1"))
    assert exponentials(two_windows) == [0, 1, 2, 3]
    three = exits_with_effect("rate", "0.2 / (1 + 0.1 * t)", ("0.6", "2"))
    assert exponentials(three) == [0, 0, 1, 2, 2, 3], "as many as one strategy uses"
    plain = exits_with_effect("rate", "0.2", ("0.6", "1"))
    assert exponentials(plain) == [0, 1]


def events_and_time(tensors: Tensors, mode: str) -> tuple[np.ndarray, np.ndarray]:
    found = microsim(tensors, threads=1, mode=mode)
    return found.events, found.time


@pytest.mark.parametrize("ratios", [("0.6",), ("0.6", "1"), ("0.6", "2")])
def test_strategies_share_their_luck_under_changed_tables(ratios: tuple[str, ...]) -> None:
    """A ratio that happens to be 1 changes no life; the law is exact for any ratios."""
    changed = exits_with_effect("rate", "0.2 / (1 + 0.1 * t)", tuple("scale ** 0" for _ in ratios))
    tensors = compiled(changed, individuals=2000)
    assert len(tensors.tables.exit_target) == 4, "the same formula in both windows is one table"
    found = microsim(tensors, threads=1)
    assert (found.time[:, 0] == found.time[:, 1]).all()
    exact = exits_with_effect("rate", "0.2 / (1 + 0.1 * t)", ratios)
    lives = compiled(exact, individuals=500)
    for one, other in zip(events_and_time(lives, "events"), events_and_time(lives, "stepping"), strict=True):
        assert (one == other).all(), "the stepping oracle on the same exponentials"
    draws = {"scale": SCALE}
    expected = cohort(compile_groups(exact, draws, {}).tensors).trace
    drawn = microsim(compiled(exact, individuals=40_000), threads=1).trace / 40_000
    assert np.abs(drawn - expected).max() < 5 * 0.5 * 3 / np.sqrt(3 * 40_000), "sums of three draws"
