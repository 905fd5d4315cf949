"""Checks of what depends on a person's history, strategy or category: counters, look-backs, ratios by clock, `rest`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from costeff.errors import ModelError
from costeff.model.checks.ledger import moves
from costeff.model.elements import TIME, Clock, Deadline, StrategyEffect, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.problems import problem, unknown

if TYPE_CHECKING:
    from costeff.model.data import ModelData

REST = "rest"


def counting_clocks(model: ModelData) -> Iterator[ModelError]:
    """Counters count events that exist; a look-back on the clock itself has what it needs."""
    for clock in model.clocks:
        what = f"clock '{clock.name}'"
        for name in clock.counts:
            yield from _counted(model, clock, name)
        if clock.counts and not clock.plain and clock.within is not None:
            rule = "a clock counts events (`counts`) or the last cycles (`within`)"
            yield problem(f"{what} has both", clock.place, clock.within, rule, "declare two clocks")
        for key, is_stated in (("initial_until", clock.initial_until is not None), ("weekdays", clock.weekdays)):
            if is_stated and clock.within is None:
                rule = f"`{key}` belongs to a clock that counts the last cycles only, with `within`"
                way_out = f"write `within: {model.conventions.horizon}` if all cycles count, or remove `{key}`"
                yield problem(f"{what} has `{key}` and no `within`", clock.place, key, rule, way_out)
        if clock.weekdays and (model.conventions.cycle != "day" or not model.conventions.entry_date):
            rule = "weekdays are known in a model by days (`cycle: day`) with an `entry_date`"
            way_out = "write both, or count cycles: five days a week are one cycle of a model by weeks"
            yield problem(f"{what} counts weekdays", clock.place, model.conventions.cycle, rule, way_out)
        if clock.stages and not clock.counts:
            rule = "a process of stages is ended by events, such as entry into a state in which it does not go on"
            yield problem(f"{what} has `stages` that nothing ends", clock.place, None, rule, "name them in `counts`")
        for deadline in (d for d in model.deadlines if clock.stages and d.clock == clock.name):
            rule = "stages are no deadlines: they pass while the person stays in the state"
            yield problem(f"deadline '{deadline.name}' is on {what}", deadline.place, clock.name, rule, "use a clock")
    yield from _hazards_on_recent(model)


def _counted(model: ModelData, clock: Clock, name: str) -> Iterator[ModelError]:
    is_event, is_state = bool(model.moves(name)), name in model.state_names
    what = f"clock '{clock.name}' counts '{name}'"
    if is_event and is_state:
        rule = f"'{name}' is a state (every entry into it) and the name of an exit or leg (that event alone)"
        way_out = f"write `a -> {name}` for the ways into the state, or rename the exit"
        yield problem(f"{what}, which can be read in two ways", clock.place, name, rule, way_out)
    elif not is_event and not is_state:
        every = _exits(model)
        names = dict.fromkeys((*(getattr(x, "leg", "") or x.name for x in every), *(x.name for x in every)))
        yield from unknown("event or state", [name], [*names, *model.state_names], clock.place, f"clock '{clock.name}'")
    elif is_event:
        yield from moves(model, (name,), clock.place, f"clock '{clock.name}'")
    elif not any(x.target == name for x in _exits(model)):
        rule = "a counter counts entries into a state by exits and deadlines; who starts there is in `initial`"
        yield problem(f"{what}, which nobody enters", clock.place, name, rule, "name another state")


def _exits(model: ModelData) -> tuple[Transition | Deadline, ...]:
    return (*model.transitions, *model.deadlines)


def _hazards_on_recent(model: ModelData) -> Iterator[ModelError]:
    """A hazard on a clock that counts the last cycles is a hazard alone: no probability, strata or second clock."""
    recent = {c.name for c in model.clocks if c.within is not None or c.stages}
    own_hazards = {leg for e in model.strategy_effects if e.scale == "instead" for leg in e.legs}
    for t in (t for t in model.transitions if t.clock in recent):
        others = {
            "probability": t.probability is not None,
            "strata": bool(t.strata),
            "ratio_on": t.ratio_on is not None,
            "hazard by strategy": t.name in own_hazards,
        }
        for key in (key for key, is_stated in others.items() if is_stated):
            rule = "a hazard on a clock with `within` is one formula of its value"
            way_out = f"remove it, or read the exit on another clock with `ratio_on: {{{t.clock}: ...}}`"
            what = f"transition '{t.name}' on clock '{t.clock}' has `{key}`"
            yield problem(what, t.place, key, rule, way_out)


def second_clocks(model: ModelData) -> Iterator[ModelError]:
    """`ratio_on` names another clock that exists."""
    for t in (t for t in model.transitions if t.ratio_on is not None):
        what = f"transition '{t.name}', `ratio_on`"
        yield from unknown("clock", [t.ratio_clock], model.clock_names, t.place, what)
        if t.ratio_clock == t.clock:
            rule = "`ratio_on` is for another clock than the exit's own"
            way_out = "multiply in the formula of the hazard, where `t` is the exit's clock"
            yield problem(f"{what} names the exit's clock", t.place, t.clock, rule, way_out)


def rests(model: ModelData) -> Iterator[ModelError]:
    """One probability of a state may be `rest`: what the others leave."""
    by_state: dict[str, list[Transition]] = {}
    for t in model.transitions:
        if t.probability is not None and t.probability.text == REST:
            by_state.setdefault(t.source, []).append(t)
    for state, own in by_state.items():
        if len(own) > 1:
            rule, way_out = "one exit of a state may have the probability `rest`", "write the others out"
            value = ", ".join(t.name for t in own)
            yield problem(f"state '{state}' has several rests", own[1].place, value, rule, way_out)
        for t in (t for t in own if t.lifelong is not None):
            rule = "`rest` is what the other probabilities of the state leave; a lifelong exit does not compete"
            yield problem(f"'{t.name}' is lifelong and the rest", t.place, REST, rule, "remove `lifelong`")
    names = {t.name: t for own in by_state.values() for t in own}
    for effect in model.strategy_effects:
        for t in (t for leg in effect.legs for t in model.exits_on(leg) if t.name in names):
            if effect.scale in ("rate", "probability"):
                rule = "`rest` follows from the other probabilities, so it takes no ratio of its own"
                what = f"effect of strategy '{effect.strategy}' on '{t.name}', which is the rest"
                way_out = "put the ratio on the other exits of the state"
                yield problem(what, effect.place, effect.scale, rule, way_out)


def deliveries(model: ModelData) -> Iterator[ModelError]:
    """A delivery is of a strategy, and runs in living states, in one of which everybody begins under it."""
    names = [d.strategy for d in model.delivery]
    living = [s.name for s in model.states if s.alive]
    for delivery in model.delivery:
        what = f"delivery of '{delivery.strategy}'"
        yield from unknown("strategy", [delivery.strategy], model.strategy_names, delivery.place, what)
        yield from unknown("living state", delivery.states, living, delivery.place, f"{what}, `in`")
        start = next((s.start for s in model.strategies if s.name == delivery.strategy), "") or model.start
        categories = next((a.categories or {} for a in model.attributes if a.name == start), {})
        outside = [name for name, chance in categories.items() if name not in delivery.states and not _is_zero(chance)]
        rule = "stages run from the start, in the states under `in`, until another state is entered"
        if outside:
            way_out = "add the state to `in`, or let nobody begin in it"
            yield problem(f"{what} does not begin in '{outside[0]}'", delivery.place, outside[0], rule, way_out)
        if names.count(delivery.strategy) > 1:
            yield problem(f"{what} stands twice", delivery.place, None, "one for each strategy", "keep one")


def _is_zero(formula: Expression) -> bool:
    return formula.is_constant and float(formula.evaluate({})) == 0


def starts(model: ModelData) -> Iterator[ModelError]:
    """A strategy's own start is a categorical attribute of living states."""
    for strategy in (s for s in model.strategies if s.start):
        what = f"strategy '{strategy.name}'"
        attribute = next((a for a in model.attributes if a.name == strategy.start), None)
        if attribute is None or attribute.categories is None:
            names = [a.name for a in model.attributes if a.categories is not None]
            yield from unknown("categorical attribute", [strategy.start], names, strategy.place, f"{what}, `start`")
            continue
        living = [s.name for s in model.states if s.alive or s.name == model.left_out]
        yield from unknown("living state", attribute.categories, living, strategy.place, f"{what}, `start`")


def effects(model: ModelData) -> Iterator[ModelError]:
    """Ratios that read a clock, are held for some cycles, or differ by category say what they need."""
    for effect in model.strategy_effects:
        if effect.scale == "instead":
            continue
        what = f"effect of strategy '{effect.strategy}'"
        yield from unknown("clock", [effect.clock], model.clock_names, effect.place, what)
        reads = any("t" in formula.names for formula in effect.ratio)
        if reads and effect.scale != "hazard":
            rule = "a ratio that reads `t` multiplies the hazard"
            way_out = "write `scale: hazard`; or a `probability` by strategy that reads `t`, in the transition"
            yield problem(f"{what} reads `t` on the scale `{effect.scale}`", effect.place, effect.scale, rule, way_out)
        if effect.clock != TIME and not reads:
            rule = f"`clock` says which clock's value `t` is; no ratio here reads `t`: {effect.ratio[0].text}"
            way_out = "use `t` in the ratio, as in where(t < 13, hr, 1), or remove `clock`"
            yield problem(f"{what} names a clock that it does not read", effect.place, effect.clock, rule, way_out)
        if effect.every > 1 and (effect.clock != TIME or not reads):
            rule = "`every` holds a ratio that reads `t`, the time since the start, for so many cycles"
            yield problem(f"{what} has `every`", effect.place, effect.every, rule, "remove `every`")
        if effect.categories:
            yield from _by_category(model, effect, what)
    yield from _one_attribute(model)


def _by_category(model: ModelData, effect: StrategyEffect, what: str) -> Iterator[ModelError]:
    owners = {name: a.name for a in model.attributes for name in a.categories or ()}
    attribute = owners.get(effect.categories[0])
    every = [name for name, owner in owners.items() if owner == attribute]
    if attribute is None or set(effect.categories) - set(owners):
        yield from unknown("category", effect.categories, [*owners], effect.place, f"{what}, `ratio`")
    elif {owners[name] for name in effect.categories} != {attribute}:
        names = ", ".join(f"{name} ({owners[name]})" for name in effect.categories)
        rule, way_out = "ratios by category are those of one attribute", "keep those of one attribute"
        yield problem(f"{what}: categories of two attributes", effect.place, names, rule, way_out)
    elif list(effect.categories) != every:
        missing = [name for name in every if name not in effect.categories]
        rule = f"one ratio for each category of '{attribute}', in its order: {', '.join(every)}"
        way_out = f"add {', '.join(f'{name}: 1' for name in missing)}" if missing else "put them in this order"
        yield problem(f"{what}: categories", effect.place, ", ".join(effect.categories), rule, way_out)
    if effect.scale != "hazard":
        rule = "a ratio by category multiplies the hazard"
        way_out = (
            "write `scale: hazard`; or a `probability` by strategy in the transition, with the attribute under `strata`"
        )
        yield problem(f"{what} by category on the scale `{effect.scale}`", effect.place, effect.scale, rule, way_out)


def _one_attribute(model: ModelData) -> Iterator[ModelError]:
    """All effects by category on one exit are by the same attribute."""
    owners = {name: a.name for a in model.attributes for name in a.categories or ()}
    by_exit: dict[str, str] = {}
    for effect in (e for e in model.strategy_effects if e.categories):
        attribute = owners.get(effect.categories[0], "")
        for t in (t for leg in effect.legs for t in model.exits_on(leg)):
            first = by_exit.setdefault(t.name, attribute)
            if first != attribute:
                rule = "the effects by category on one exit are by one attribute"
                way_out = "cross the two in one attribute, whose categories name both"
                what = f"'{t.name}' has effects by '{first}' and by '{attribute}'"
                yield problem(what, effect.place, f"{first}, {attribute}", rule, way_out)
