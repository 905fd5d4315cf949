"""Checks of arrivals and places: each function yields the problems it finds; none in a model without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from costeff.errors import ModelError
from costeff.model.amounts import individual_names, names_in
from costeff.model.elements import TIME, TIME_IN_STATE
from costeff.model.problems import problem, unknown
from costeff.model.system import SYSTEM, Places

if TYPE_CHECKING:
    from costeff.model.data import ModelData


def arrivals(model: ModelData) -> Iterator[ModelError]:
    """People come from a state outside, wait in the states of start, and are counted by days with their calendar."""
    if model.system is None:
        return
    come, c = model.system.arrivals, model.conventions
    waiting = _waiting(model)
    yield from unknown("state", [come.outside], model.state_names, come.place, "`outside` of the arrivals")
    yield from unknown("state of start", come.priority, waiting, come.place, "`priority` of the arrivals")
    if come.outside in (*waiting, *_place_states(model)):
        rule = "nobody in the system is outside of it"
        yield problem("`outside` of the arrivals is a state inside", come.place, come.outside, rule, "declare another")
    for key, value, needed in (
        ("cycle", c.cycle, "day"),
        ("within_cycle", c.within_cycle, "none"),
        ("discounting", c.discounting, "whole_year"),
        ("events_at", c.events_at, "start"),
    ):
        if value != needed:
            rule = "a system is lived in continuous time by days, and discounted by whole calendar years since entry"
            yield problem(f"`{key}` beside `arrivals`", c.place, value, rule, f"write `{key}: {needed}`")
    if not c.entry_date and (come.weekdays or come.months or any(one.changes for one in model.system.places)):
        rule = "weekdays, months and changes by date need the date of day 0"
        yield problem("no `entry_date`", c.place, None, rule, "state `entry_date: 2026-01-01` under `conventions`")
    for strategy in model.strategies:
        if strategy.start:
            rule = "the same people come under every strategy"
            yield problem("a strategy with a `start` of its own", strategy.place, strategy.start, rule, "remove it")


def places(model: ModelData) -> Iterator[ModelError]:
    """Places are states of their own, and change on increasing dates within the horizon."""
    if model.system is None:
        return
    for one in model.system.places:
        what = f"places '{one.name}'"
        own_states = [s for s in dict.fromkeys(one.states) if s]
        yield from unknown("state", own_states, model.state_names, one.place, what)
        for state in own_states:
            if state in _waiting(model):
                rule = "who waits for a place is not on it"
                yield problem(f"{what} is a state of start", one.place, state, rule, "declare a state of its own")
        yield from _changes(model, one)
    names = _place_states(model)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        rule = "each state belongs to places of one kind"
        yield problem("two kinds of places share a state", None, ", ".join(twice), rule, "declare one more state")


def late_changes(model: ModelData) -> Iterator[ModelError]:
    """Numbers of places change before the end of the horizon: a later change would never be seen."""
    if model.system is None or not model.conventions.entry_date:
        return
    end = dt.date.fromisoformat(model.conventions.entry_date) + dt.timedelta(days=model.conventions.horizon)
    for one in model.system.places:
        late = sorted({x.date for x in one.changes if dt.date.fromisoformat(x.date) >= end})
        if late:
            rule = f"a change is counted from its date on, and the time that is counted ends before {end}"
            way_out = "correct the date or the horizon, or leave the change out"
            what = f"a change of places '{one.name}' beyond the horizon"
            yield problem(what, one.place, ", ".join(late), rule, way_out)


def _changes(model: ModelData, one: Places) -> Iterator[ModelError]:
    for change in one.changes:
        what = f"a change of places '{one.name}'"
        yield from unknown("strategy", change.strategies, model.strategy_names, one.place, what)
    if not one.changes or not model.conventions.entry_date:
        return
    entry = dt.date.fromisoformat(model.conventions.entry_date)
    for strategy in model.strategy_names:
        own = [x.date for x in one.changes if not x.strategies or strategy in x.strategies]
        if own != sorted(set(own)) or any(dt.date.fromisoformat(day) <= entry for day in own):
            rule = f"increasing dates after the entry date, {entry}"
            way_out = "sort them; what holds from the start is the `number`"
            yield problem(f"changes of '{one.name}' under '{strategy}'", one.place, ", ".join(own), rule, way_out)


def counted_states(model: ModelData) -> Iterator[ModelError]:
    """A state that counts places names them, is entered by nobody, and is not split or weighed."""
    kinds = (SYSTEM, *(one.name for one in model.system.places if one.number)) if model.system else ()
    counting = [s for s in model.states if s.counts]
    what_counts: set[str] = set()
    for state in counting:
        if not kinds:
            rule = "places and systems are counted in a model with `arrivals`"
            yield problem(f"state '{state.name}' counts no people", state.place, state.counts, rule, "remove `counts`")
            continue
        yield from unknown("place with a number", [state.counts], kinds, state.place, f"`counts` of '{state.name}'")
        if state.counts in what_counts:
            rule = "one state counts them"
            yield problem(f"'{state.counts}' is counted twice", state.place, state.name, rule, "remove one state")
        what_counts.add(state.counts)
    names = {s.name for s in counting}
    people = individual_names(model)
    if model.system is not None:
        for name in sorted(names & {*_waiting(model), *_place_states(model), model.system.arrivals.outside}):
            rule = "people and places are counted apart"
            yield problem(f"state '{name}' counts places and holds people", None, name, rule, "declare another state")
    for flow in model.flows:
        split = any(share.bands for share in flow.shares)
        for name in sorted(names & set(flow.amounts)):
            if split or flow.weight or names_in(flow.amounts[name]) & people:
                rule = "a place has no clock and no attributes"
                way_out = "remove the band, the weight or the attribute"
                yield problem(f"flow '{flow.item}' splits '{name}'", flow.place, name, rule, way_out)
    for effect in model.effects:
        for term in effect.terms:
            for name in sorted(names & set(term.states)):
                if term.band or term.weight or names_in(term.amount) & people:
                    rule, way_out = (
                        "a place has no clock and no attributes",
                        "remove the band, the weight or the attribute",
                    )
                    yield problem(f"effect '{effect.name}' splits '{name}'", term.place, name, rule, way_out)


def sections(model: ModelData) -> Iterator[ModelError]:
    """Bands of a system lie on the two built-in clocks."""
    if model.system is None:
        return
    for band in model.bands:
        if band.clock not in (TIME_IN_STATE, TIME):
            rule = f"`{TIME_IN_STATE}`, or `{TIME}`, the days since arrival"
            yield problem(f"band '{band.name}' on another clock", band.place, band.clock, rule, "choose one of them")


def _waiting(model: ModelData) -> tuple[str, ...]:
    """States in which people wait for the first place: those of the start."""
    return next((tuple(a.categories or ()) for a in model.attributes if a.name == model.start), ())


def _place_states(model: ModelData) -> list[str]:
    """The states of all kinds of places, each as often as kinds name it."""
    if model.system is None:
        return []
    return [state for one in model.system.places for state in dict.fromkeys(one.states)]
