"""Checks of states, population, clocks, exits and strategies: each function yields the problems it finds."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from costeff.currencies import CODES, meant_currency
from costeff.errors import ModelError
from costeff.model.elements import Clock, Deadline, LookBack, OnLeaving, Transition
from costeff.model.problems import problem, unknown
from costeff.model.sizes import HORIZON_RULE, MOST_YEARS
from costeff.problems import way_to

if TYPE_CHECKING:
    from costeff.model.data import ModelData

#: usual cycles per year by cycle, and the range that may be declared.
CYCLES_PER_YEAR = {"day": (365, 360, 366), "week": (52, 52, 53), "month": (12, 12, 12), "year": (1, 1, 1)}
WITHIN_CYCLE = ("none", "half_cycle", "simpson", "none_end", "both_ends", "darth")
DISCOUNTING = ("whole_year", "annual", "continuous", "mid_cycle", "nominal")
EVENTS_AT = ("start", "middle", "end", "end_weighted")
BEYOND_TABLE = ("constant", "error")
SCALES = ("hazard", "rate", "probability")


def conventions(model: ModelData) -> Iterator[ModelError]:
    """Closed choices, a plausible number of cycles per year, a horizon of at least one cycle."""
    c = model.conventions
    choices = (
        ("cycle", c.cycle, tuple(CYCLES_PER_YEAR)),
        ("within_cycle", c.within_cycle, WITHIN_CYCLE),
        ("discounting", c.discounting, DISCOUNTING),
        ("beyond_table", c.beyond_table, BEYOND_TABLE),
        ("events_at", c.events_at, EVENTS_AT),
    )
    for key, value, options in choices:
        if value not in options:
            rule, way_out = f"one of {', '.join(options)}", way_to(value, options, "choose one of them")
            yield problem(f"unknown `{key}`", c.place, value, rule, way_out)
    if c.discounting == "mid_cycle" and c.events_at != "start":
        rule, way_out = ("`mid_cycle` discounts states and events from the middle of their cycle", "remove `events_at`")
        yield problem("`events_at` beside `mid_cycle`", c.place, c.events_at, rule, way_out)
    if c.discounting == "mid_cycle" and c.within_cycle != "none":
        rule = (
            "`mid_cycle` takes the state at the start of a cycle for the whole cycle, as from its middle; "
            f"`{c.within_cycle}` already places states within the cycle, at points that `annual` discounts"
        )
        way_out = (
            "write `within_cycle: none` for cycles discounted from their middle, or `discounting: annual` for "
            f"`{c.within_cycle}`"
        )
        value = f"within_cycle {c.within_cycle}, discounting mid_cycle"
        yield problem("two corrections within the cycle, one on top of the other", c.place, value, rule, way_out)
    after = [b.after for b in c.discount_bands]
    if after != sorted({year for year in after if year > 0}):
        rule, way_out = "whole years since start, positive and increasing", "sort them and remove repetitions"
        yield problem("`discount_bands` do not increase from 1 up", c.place, after, rule, way_out)
    usual, low, high = CYCLES_PER_YEAR.get(c.cycle, (c.cycles_per_year,) * 3)
    if not low <= c.cycles_per_year <= high:
        rule = f"a {c.cycle} goes {low}-{high} times into a year" if low < high else f"{usual} per year"
        yield problem("`cycles_per_year` does not fit `cycle`", c.place, c.cycles_per_year, rule, f"write {usual}")
    if c.currency not in CODES:
        rule, way_out = (
            "a code of ISO 4217",
            f"did you mean '{code}'?"
            if (code := meant_currency(c.currency)[0])
            else "write for example EUR, USD or GBP",
        )
        yield problem("unknown currency", c.place, c.currency, rule, way_out)
    if c.horizon < 1:
        yield problem("the horizon is too short", c.place, c.horizon, "at least 1 cycle", "lengthen it")
    if c.horizon > MOST_YEARS * c.cycles_per_year:
        yield problem("the horizon is too long", c.place, f"{c.horizon:,} cycles", HORIZON_RULE, "shorten it")
    try:
        dt.date.fromisoformat(c.entry_date or "2000-01-01")
    except ValueError:
        yield problem("`entry_date` is not a date", c.place, c.entry_date, "YYYY-MM-DD", "write as 2024-01-31")


def unique_names(model: ModelData) -> Iterator[ModelError]:
    """Each name once within its section; transitions and deadlines count as one."""
    sections: dict[str, Sequence[Any]] = {
        "state": model.states,
        "attribute": model.attributes,
        "clock": model.clocks,
        "exit": (*model.transitions, *model.deadlines),
        "strategy": model.strategies,
        "band": model.bands,
        "party": model.parties,
        "perspective": model.perspectives,
        "passage": model.passages,
        "effect": model.effects,
    }
    for kind, elements in sections.items():
        counts = Counter(e.name for e in elements)
        names: set[str] = set()
        for element in elements:
            if counts[element.name] > 1 and element.name in names:
                what = f"two elements are called {kind} '{element.name}'"
                yield problem(what, element.place, element.name, "each name once", "rename one")
            names.add(element.name)
    for clock in model.clocks:
        if clock.name in model.clock_names[:2]:
            rule = "`time_in_state` and `time` are built in"
            yield problem("a clock has a built-in name", clock.place, clock.name, rule, "rename it")


def states(model: ModelData) -> Iterator[ModelError]:
    """At least one state; nobody leaves a state that is not alive."""
    if not model.states:
        yield problem("the model has no states", None, None, "at least one state", "declare `states`")
    dead = {s.name for s in model.states if not s.alive}
    leaving: tuple[Transition | Deadline, ...] = (*model.transitions, *model.deadlines)
    for exit_ in leaving:
        what = f"'{exit_.name}'"
        yield from unknown("state", (exit_.source, exit_.target), model.state_names, exit_.place, what)
        if exit_.source in dead:
            rule, way_out = "nobody leaves a state with `alive: false`", "remove the exit, or the mark"
            yield problem(f"{what} leaves a state of the dead", exit_.place, exit_.source, rule, way_out)
        if exit_.source == exit_.target:
            rule, way_out = "staying is what is left over; it is not declared", "remove it"
            yield problem(f"{what} leads from a state to itself", exit_.place, exit_.source, rule, way_out)


def population(model: ModelData) -> Iterator[ModelError]:
    """Attributes have a value or categories; the start attribute's categories are living states."""
    for a in model.attributes:
        if (a.value is None) == (not a.categories):
            rule = "either `value` or `categories`"
            yield problem(f"attribute '{a.name}' has both or neither", a.place, None, rule, "keep exactly one")
        rests = [name for name, e in (a.categories or {}).items() if e.text == "rest"]
        if len(rests) > 1:
            rule, way_out = "one category may be `rest`", "write the other probabilities out"
            yield problem(f"attribute '{a.name}' has several rests", a.place, ", ".join(rests), rule, way_out)
    start = next((a for a in model.attributes if a.name == model.start), None)
    if start is None and model.start in {s.name for s in model.states}:
        rule = "`start` names an attribute of people, whose categories are the states that they begin in"
        own = f"first_state: {{categories: {{{model.start}: 1}}}}"
        way_out = f"write `population: {{{own}}}` and `start: first_state`"
        yield problem("`start` names a state", None, model.start, rule, way_out)
    elif start is None:
        yield from unknown("attribute", [model.start], [a.name for a in model.attributes], None, "`start`")
    elif start.categories is None:
        rule, way_out = "`start` names a categorical attribute", "give it `categories`"
        yield problem("the start attribute has no categories", start.place, start.name, rule, way_out)
    else:
        living = [s.name for s in model.states if s.alive or s.name == model.left_out]
        yield from unknown("living state", start.categories, living, start.place, f"start '{start.name}'")


def clocks(model: ModelData) -> Iterator[ModelError]:
    """Reset rules name states and possible spans."""
    for clock in model.clocks:
        what, reset = f"clock '{clock.name}'", clock.reset
        if clock.advances_in is not None:
            yield from unknown("state", clock.advances_in, model.state_names, clock.place, what)
        if isinstance(reset, OnLeaving):
            yield from unknown("state", reset.states, model.state_names, clock.place, what)
        elif isinstance(reset, LookBack):
            yield from unknown("state", reset.counted_in, model.state_names, clock.place, what)
            yield from _look_back(clock, reset)


def _look_back(clock: Clock, reset: LookBack) -> Iterator[ModelError]:
    what = f"clock '{clock.name}'"
    if not 1 <= reset.after <= reset.within:
        rule, way_out = "1 <= `after` <= `within`, in cycles", "exchange or correct them"
        value = f"after {reset.after}, within {reset.within}"
        yield problem(f"{what} has an impossible look-back", clock.place, value, rule, way_out)
    if (reset.banked is None) != (reset.banked_until is None):
        rule = "`banked` and `banked_until` come together"
        yield problem(f"{what} has only one of them", clock.place, None, rule, "add the other, or remove it")
    if clock.advances_in is None and not clock.counts:
        rule = "a look-back is settled when a state of `advances_in` is entered again"
        yield problem(f"{what} never stands still", clock.place, None, rule, "name the states in `advances_in`")


def exits(model: ModelData) -> Iterator[ModelError]:
    """Clocks and strata exist; hazards and probabilities of one state go together."""
    categorical = [a.name for a in model.attributes if a.categories is not None]
    for t in model.transitions:
        what = f"transition '{t.name}'"
        yield from unknown("clock", [t.clock], model.clock_names, t.place, what)
        yield from unknown("categorical attribute", t.strata, categorical, t.place, f"{what}, `strata`")
        if (t.hazard is None) == (t.probability is None):
            rule = "exactly one of `hazard` and `probability`"
            yield problem(f"{what} has both or neither", t.place, None, rule, "keep one of them")
    for d in model.deadlines:
        yield from unknown("clock", [d.clock], model.clock_names, d.place, f"deadline '{d.name}'")
    for state in dict.fromkeys(t.source for t in model.transitions):
        yield from _exits_of(state, [t for t in model.transitions if t.source == state])


def _exits_of(state: str, leaving: list[Transition]) -> Iterator[ModelError]:
    lifelong: set[str] = set()
    for t in leaving:
        if t.lifelong in lifelong:
            rule = "a state has one exit for each lifelong number"
            way_out = "give the second another name under `lifelong`"
            yield problem(f"state '{state}' uses a lifelong number twice", t.place, t.lifelong, rule, way_out)
        if t.lifelong is not None:
            lifelong.add(t.lifelong)
    competing = [t for t in leaving if t.lifelong is None]
    probable = [t for t in competing if t.probability is not None]
    if not probable:
        return
    hazardous = [t for t in competing if t.hazard is not None]
    if hazardous:
        rule = "all exits of a state are hazards, or all are probabilities (lifelong ones apart)"
        way_out = "write it as a probability too, or convert the probabilities with probability_to_rate"
        what = f"state '{state}' mixes probabilities and hazards"
        yield problem(what, hazardous[0].place, hazardous[0].name, rule, way_out)
    other = [t for t in probable if t.clock != probable[0].clock]
    if other:
        rule = "probabilities that compete are read on one clock"
        way_out = "read both on one clock, or give hazards"
        value = f"{probable[0].clock} and {other[0].clock}"
        yield problem(f"state '{state}' has probabilities on two clocks", other[0].place, value, rule, way_out)


def strategies(model: ModelData) -> Iterator[ModelError]:
    """One comparator at most; windows increase; each effect names known legs with a ratio for each window."""
    if not model.strategies:
        yield problem("the model has no strategies", None, None, "at least one", "declare `strategies`")
    comparators = [s for s in model.strategies if s.comparator]
    if len(comparators) > 1:
        names, rule = ", ".join(s.name for s in comparators), "at most one `comparator: true`"
        yield problem("two strategies are the comparator", comparators[1].place, names, rule, "keep one mark")
    if list(model.windows) != sorted({w for w in model.windows if w > 0}):
        rule, way_out = "cycles since start, positive and increasing", "sort them and remove repetitions"
        yield problem("`windows` do not increase from 1 up", None, list(model.windows), rule, way_out)
    yield from _strategy_effects(model)


def _strategy_effects(model: ModelData) -> Iterator[ModelError]:
    legs = dict.fromkeys(name for t in model.transitions for name in (t.leg or t.name, t.name))
    pairs: set[tuple[str, str]] = set()
    for effect in model.strategy_effects:
        what, n = f"effect of strategy '{effect.strategy}'", len(model.windows) + 1
        yield from unknown("strategy", [effect.strategy], model.strategy_names, effect.place, what)
        yield from unknown("leg", effect.legs, legs, effect.place, what)
        count = len(effect.ratios(0))
        if count not in (1, n):
            rule = f"one ratio for all, or one for each of the {n} windows that `windows` makes"
            way_out = f"write 1 or {n}"
            if not model.windows:
                rule = "one ratio, where the model declares no `windows` of time"
                way_out = "write one ratio, or say at the top of the model where a window ends, such as `windows: [26]`"
            yield problem(f"{what}: number of ratios", effect.place, count, rule, way_out)
        if effect.scale not in (*SCALES, "instead"):
            rule, way_out = f"one of {', '.join(SCALES)}", "choose one of them"
            yield problem(f"{what}: unknown scale", effect.place, effect.scale, rule, way_out)
        for t in {t.name: t for leg in effect.legs for t in model.exits_on(leg)}.values():
            if effect.scale in ("rate", "probability") and t.hazard is not None:
                rule = f"the scale `{effect.scale}` belongs to exits given as probabilities"
                way_out = "write `scale: hazard`, or give the exit as a probability"
                yield problem(f"{what} on '{t.name}', a hazard", effect.place, effect.scale, rule, way_out)
            if effect.reform:
                continue
            if (effect.strategy, t.name) in pairs:
                rule = "one effect per strategy and exit; two would be multiplied"
                way_out = "remove one, or multiply the two ratios in one formula if both are meant"
                yield problem(f"{what}: a second effect on an exit", effect.place, t.name, rule, way_out)
            pairs.add((effect.strategy, t.name))
