"""Whether targets fit the model: each function yields the problems that it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from costeff.calibrate.statistic import Between, Statistic
from costeff.calibrate.target import Target
from costeff.calibrate.targets import CalibrationPlan
from costeff.errors import CosteffError
from costeff.model import Model, parameter_names
from costeff.model.checks.ledger import moves
from costeff.model.problems import problem, unknown
from costeff.problems import raise_all, way_to


def with_passages(model: Model, plan: CalibrationPlan) -> Model:
    """The model and the passages of the targets file. Raises ModelError for an unknown state and for a name twice."""
    names, problems = [p.name for p in model.passages], list[CosteffError]()
    for passage in plan.passages:
        problems += unknown("state", passage.states, model.state_names, passage.place, f"passage '{passage.name}'")
        if passage.name in names:
            rule, way_out = "each name once: targets may name the model's passages too", "take it out, or rename it"
            what = f"passage '{passage.name}' is in the model already"
            problems.append(problem(what, passage.place, passage.name, rule, way_out))
    raise_all(problems)
    return replace(model, passages=(*model.passages, *plan.passages)) if plan.passages else model


def unknown_names(model: Model, target: Target) -> Iterator[CosteffError]:
    """A problem for each state, passage, event, attribute and category that a target names and the model lacks."""
    what, place = f"target '{target.name}'", target.place
    if target.start:
        living = [state.name for state in model.states if state.alive]
        yield from unknown("living state", [target.start], living, place, f"{what}, `start`")
    statistic = target.statistic.of or target.statistic
    states = (*statistic.states, *statistic.among, *statistic.origins)
    yield from unknown("state", dict.fromkeys(states), model.state_names, place, what)
    yield from unknown("passage", statistic.passages, [p.name for p in model.passages], place, what)
    yield from moves(model, statistic.events, place, what)
    yield from _always(model, statistic, target)
    if target.statistic.between is not None:
        yield from _groups(model, target, target.statistic.between)


def _always(model: Model, statistic: Statistic, target: Target) -> Iterator[CosteffError]:
    """A problem where a share is 0 or 1 whatever the hazards are."""
    what, place = f"target '{target.name}'", target.place
    if statistic.type == "status_among_left" and statistic.at == 0:
        rule = "`at` is a cycle by which some have left"
        yield problem(f"{what}: nobody has left a state at the start", place, 0, rule, "write a later cycle")
    denominator = set(statistic.among or model.state_names)
    of_states = statistic.type in ("state_share", "state_share_after", "status_among_left")
    if of_states and denominator <= set(statistic.states):
        rule, way_out = "`states` are some of those in the denominator, not all", "take some out, or add to `among`"
        yield problem(f"{what} counts everybody: its share is 1", place, ", ".join(statistic.states), rule, way_out)
    outside = [s for s in statistic.states if statistic.among and s not in statistic.among]
    if outside and of_states:
        rule = "`states` are some of `among`, which is the denominator"
        yield problem(f"{what} counts states that are not in `among`", place, ", ".join(outside), rule, "add them")


def _groups(model: Model, target: Target, between: Between) -> Iterator[CosteffError]:
    what, place = f"target '{target.name}', `between`", target.place
    attributes = {a.name: a for a in model.attributes}
    yield from unknown("attribute", [between.attribute], attributes, place, what)
    if between.attribute not in attributes:
        return
    if target.start and between.attribute == model.start:
        rule, way_out = f"everyone starts in '{target.start}' (`start`)", "take out `start`, or contrast something else"
        yield problem(f"{what}: the groups would be empty", place, between.attribute, rule, way_out)
    categories, names = attributes[between.attribute].categories, [g for g in between.groups if isinstance(g, str)]
    if categories is not None and names:
        yield from unknown("category", dict.fromkeys(names), categories, place, what)
    elif categories is not None:
        rule, way_out = f"its categories are {', '.join(categories)}", "name two of them"
        yield problem(f"{what}: '{between.attribute}' is not a number", place, list(between.groups), rule, way_out)
    elif names:
        rule, way_out = "ranges [from, to) of the number", f"write {between.attribute}: [[18, 31], [51, 61]]"
        yield problem(f"{what}: '{between.attribute}' has no categories", place, ", ".join(names), rule, way_out)


def complements(model: Model, targets: Sequence[Target]) -> Iterator[CosteffError]:
    """A problem for each share whose people are all those whom another share leaves out: one figure, counted twice."""
    for place, one in enumerate(targets):
        for other in targets[:place]:
            if _adds_up(model, one, other):
                what = f"target '{one.name}' is what target '{other.name}' leaves out"
                rule = "each figure counts once: these two shares add up to 1"
                yield problem(what, one.place, one.value, rule, "take one out")


def _adds_up(model: Model, one: Target, other: Target) -> bool:
    """Whether two shares count the same people, and every one of them in one of the two."""
    a, b = one.statistic, other.statistic
    if not (a.share and a.states and b.states) or replace(a, states=()) != replace(b, states=()):
        return False
    first, second = ((t.source, t.era, t.country, t.condition, t.start, dict(t.changes), t.n) for t in (one, other))
    everyone = set(a.states) | set(b.states) >= set(a.among or model.state_names)
    return first == second and everyone and not set(a.states) & set(b.states)


def unread(model: Model, changes: Sequence[str], target: Target) -> Iterator[CosteffError]:
    """A problem for each parameter that is set and that no life under usual care, which is `model`, reads."""
    read = parameter_names(model)
    for name in changes:
        if name not in read:
            what = f"target '{target.name}' sets a parameter that its simulation does not read"
            rule = "what is set changes the people or their hazards"
            yield problem(what, target.place, name, rule, way_to(name, read, "take it out of `set`"))
