"""Anchored in lives themselves: what is declared beside a state or an exit, or in which order, changes none of them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import E, conventions, label, model, models, start_in, states, two_strategies

from costeff.compile import compile_model, names
from costeff.engine.events.histories import sojourns
from costeff.errors import ModelError
from costeff.model import Attribute, Model, State, StrategyEffect, Transition

SCALE = {"scale": np.array([0.5, 2.0])}
MODES = ("events", "stepping", "weekly")
PEOPLE = 25

Life = list[tuple[str, int, int, str]]  # state, entry, exit, name of what ended it


def lives(chosen: Model, mode: str = "events", people: int = PEOPLE) -> dict[tuple[int, int, str], Life]:
    """The lives by draw, individual and strategy; everything by name."""
    compiled = compile_model(chosen, SCALE, {}, individuals=people, seed=1)
    where = compiled.layout
    found = {}
    for d in range(2):
        lengths, rows = sojourns(compiled.tensors, d, 0, people, mode)
        stays = iter(rows.tolist())
        for k, length in enumerate(lengths):
            who, g = divmod(k, len(chosen.strategies))
            life = [next(stays) for _ in range(length)]
            found[d, who, chosen.strategy_names[g]] = [
                (where.states[state], start, end, where.events[event] if event >= 0 else "horizon")
                for state, start, end, event in life
            ]
    return found


def with_unused(chosen: Model, first: bool) -> Model:
    """An unused state with an exit, declared first or in the middle, and an exit of hazard 0 beside each exit."""
    unused = State("unused", label("unused"))
    place = 0 if first else 1
    given = (*chosen.states[:place], unused, *chosen.states[place:])
    idle = [Transition(f"idle_{t.name}", t.source, "unused", t.clock, hazard=E(0)) for t in chosen.transitions]
    out = Transition("out_of_unused", "unused", chosen.states[0].name, hazard=E(0.3))
    beside = [x for pair in zip(idle, chosen.transitions, strict=True) for x in pair]
    return replace(chosen, states=given, transitions=(out, *beside))


@settings(max_examples=25)
@given(models(), st.booleans(), st.sampled_from(MODES))
def test_unused_states_and_exits_of_hazard_0_change_no_life(chosen: Model, first: bool, mode: str) -> None:
    assert lives(with_unused(chosen, first), mode) == lives(chosen, mode)


@settings(max_examples=25)
@given(models(), st.randoms(use_true_random=False), st.sampled_from(MODES))
def test_another_order_changes_no_life(chosen: Model, chance: Random, mode: str) -> None:
    """Of two deadlines on one day the first declared happens, so they stay in order."""
    order = {
        name: tuple(chance.sample(elements, len(elements)))
        for name in ("states", "transitions", "clocks", "bands", "passages", "strategies")
        if (elements := getattr(chosen, name))
    }
    assert lives(replace(chosen, **order), mode) == lives(chosen, mode)


def circle(**fields: object) -> Model:
    given_ = {"states": states("a", "b", "c"), "attributes": (start_in("a", "b"),), "conventions": conventions(60)}
    moves = [Transition(f"{s}{x}", s, x, hazard=E(0.15)) for s, x in ("ab", "bc", "ca", "ac")]
    return model(*moves, **(given_ | fields))


@pytest.mark.parametrize("mode", ["events", "stepping"])
def test_a_renamed_state_changes_the_luck_of_its_own_stays_alone(mode: str) -> None:
    """Up to the first stay in it, everybody lives as before; that stay ends at another time for most."""
    to = {"c": "see"}
    exits = [
        replace(t, source=to.get(t.source, t.source), target=to.get(t.target, t.target)) for t in circle().transitions
    ]
    renamed = lives(replace(circle(), states=states("a", "b", "see"), transitions=tuple(exits)), mode)
    others = 0
    for who, life in lives(circle(), mode).items():
        visited = [state for state, *_ in life]
        first = visited.index("c") if "c" in visited else len(life)
        assert renamed[who][:first] == life[:first]
        if first < len(life):
            assert renamed[who][first][:2] == ("see", life[first][1])
            others += renamed[who][first][2] != life[first][2]
    assert others > PEOPLE


def test_a_renamed_exit_changes_its_own_luck_alone() -> None:
    """In state a, who left by `ab` does so at the same time, unless `ac` now comes first."""
    renamed = [replace(t, name="elsewhere") if t.name == "ac" else t for t in circle().transitions]
    before, after = lives(circle()), lives(replace(circle(), transitions=tuple(renamed)))
    first = [(life[0], after[who][0]) for who, life in before.items() if life[0][0] == "a"]
    same = [one for one, two in first if one[3] == two[3] == "ab"]
    assert all(one == two for one, two in first if one[3] == two[3] == "ab")
    assert 5 < len(same) < len(first)
    assert not [1 for one, two in first if one[3] == "ac" and two[3] == "elsewhere" and one[2] == two[2] > 12]


def with_strategies(*chosen: str) -> Model:
    """Effects on probabilities that depend on time compile exits of their own, which have names as well."""
    every = {s.name: s for s in (*two_strategies(), replace(two_strategies()[1], name="third"))}
    effects = {
        "programme": StrategyEffect("programme", ("ab",), (E(0.6), E(1)), scale="rate"),
        "third": StrategyEffect("third", ("ab",), (E(1), E(2)), scale="rate"),
    }
    return model(
        Transition("ab", "a", "b", probability=E("0.2 / (1 + 0.1 * t)")),
        Transition("ba", "b", "a", probability=E("0.1 + 0.01 * t")),
        strategies=tuple(every[name] for name in chosen),
        strategy_effects=tuple(effects[name] for name in chosen if name in effects),
        windows=(5,),
    )


@pytest.mark.parametrize("chosen", [("third", "programme", "usual_care"), ("third",), ("programme", "third")])
def test_other_strategies_change_no_life_under_changed_tables(chosen: tuple[str, ...]) -> None:
    every = lives(with_strategies("usual_care", "programme", "third"))
    assert lives(with_strategies(*chosen)) == {who: life for who, life in every.items() if who[2] in chosen}
    own = {name: [life for who, life in every.items() if who[2] == name] for name in ("programme", "third")}
    assert own["programme"] != own["third"]


def lifelong(name: str) -> tuple[Transition, ...]:
    return (
        Transition("die_a", "a", "dead", hazard=E(0.1), lifelong="death"),
        Transition("ill_a", "a", "dead", hazard=E(0.1), lifelong=name),
    )


SAME = "would share the random numbers of"


@pytest.mark.parametrize(
    ("one", "two", "chosen"),
    [
        ("a", "b", model(Transition("ab", "a", "b", hazard=E(0.1)))),
        ("ab", "ac", circle()),
        ("death", "illness", model(*lifelong("illness"))),
        ("wage", "start_state", circle(attributes=(Attribute("wage", value=E("u")), start_in("a")))),
    ],
    ids=["states", "exits of a state", "lifelong numbers", "attributes"],
)
def test_two_names_with_one_address_are_refused(
    one: str, two: str, chosen: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No two names are known whose SHA-256 begin alike, so one is given the other's."""
    real = names.name_hash
    monkeypatch.setattr(names, "name_hash", lambda name: real(two if name == one else name))
    with pytest.raises(ModelError, match=SAME) as caught:
        lives(chosen)
    assert {f"'{one}'", f"'{two}'"} <= set(str(caught.value).replace(",", " ").split())
    assert "rename" in str(caught.value)


def test_exits_of_two_states_may_share_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """They draw from the words of different stays."""
    real = names.name_hash
    monkeypatch.setattr(names, "name_hash", lambda name: real("ab" if name == "bc" else name))
    assert len(lives(circle())) == 2 * PEOPLE
