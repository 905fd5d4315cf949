"""Which limits fall at a point of time that is the same for everybody who meets them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from costeff.compile.entry import by_source
from costeff.compile.layout import Layout
from costeff.model.elements import TIME, TIME_IN_STATE, Deadline
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


@dataclass
class Points:
    """What is known, and what cannot be divided.

    `begin`: each clock's value at the start, where everybody's is the same. `entry`: the one known point at which a
    state is entered, 0 for one that people begin in; nobody enters those in `sole` at another point, and those in
    `mixed` are entered at several known ones. `at`: the value at which each deadline falls, and `deadlines` the point
    of time, in the order of `by_source`. `missed` are deadlines that cannot be divided.
    """

    model: Model
    begin: dict[str, int]
    entry: dict[str, int]
    sole: set[str]
    mixed: set[str]
    at: dict[Deadline, int]
    deadlines: list[int | None] = field(default_factory=list)
    missed: list[Deadline] = field(default_factory=list)

    def steady(self, clock: str) -> bool:
        """Whether a clock advances everywhere and is never set back."""
        if clock in (TIME, TIME_IN_STATE):
            return clock == TIME
        own = self.model.find("clocks", clock)
        return own.plain and own.advances_in is None and own.reset is None

    def since(self, clock: str, state: str) -> int | None:
        """The point of time at which `clock` stands, or stood, at 0 for those who are known about; None: nobody is."""
        if clock == TIME_IN_STATE:
            return self.entry.get(state)
        begin = self.begin.get(clock)
        return None if begin is None else -begin

    def warn(self, share: float, where: Layout) -> None:
        """Say which limits are counted short, and by how much."""
        by_duration = {b.name for b in self.model.bands if b.clock == TIME_IN_STATE}
        band_states = {s for t in where.tallies if by_duration & set(t.bands) for s in t.states}
        short = [f"deadline '{x.name}'" for x in dict.fromkeys(self.missed)]
        short += [f"bands on time_in_state of '{s}'" for s in sorted(self.mixed & band_states)]
        if short and share > 0:
            rule = self.model.conventions.within_cycle
            warnings.warn(
                f"{', '.join(short)}: under `within_cycle: {rule}` a person who meets this limit at a known point of "
                f"time counts up to {share:g} of a cycle too little before it, and as much too much after it. "
                "Use `within_cycle: none`, or shorter cycles.",
                stacklevel=2,
            )


def known_points(model: Model, env: Mapping[str, Any]) -> Points:
    """What is known of `model`'s clocks, states and deadlines; `env` as of `parameter_environment`."""
    values = _shared_values(model, env)
    begin = {TIME: 0}
    for clock in (one for one in model.clocks if one.plain):
        number = _whole(clock.initial, values)
        if number is not None:
            begin[clock.name] = number
    deadlines = by_source(model)
    at = {x: number for x in deadlines if (number := _whole(x.at, values)) is not None}
    points = Points(model, begin, {}, set(), set(), at)
    _find_entries(points, deadlines)
    points.deadlines = [_falls(points, x) for x in deadlines]
    points.missed = [x for x in deadlines if _differs_by_draw(points, x, values)]
    points.missed += [x for x in deadlines if x.clock == TIME_IN_STATE and x.source in points.mixed]
    return points


def _falls(points: Points, deadline: Deadline) -> int | None:
    since, at = points.since(deadline.clock, deadline.source), points.at.get(deadline)
    return None if since is None or at is None or since + at < 1 else since + at


def _find_entries(points: Points, deadlines: list[Deadline]) -> None:
    """Fill `entry`, `sole` and `mixed`."""
    model = points.model
    attributes = {model.start, *(s.start for s in model.strategies if s.start)}
    start = dict.fromkeys(name for a in model.attributes if a.name in attributes for name in a.categories or ())
    exit_targets = {t.target for t in model.transitions}
    points.entry |= dict.fromkeys(start, 0)
    for _ in model.states:  # a deadline may lead to a state with a deadline of its own
        for state in (s for s in model.state_names if s not in start and s not in exit_targets):
            entry_points = {_falls(points, x) for x in deadlines if x.target == state}
            point = next(iter(entry_points)) if len(entry_points) == 1 else None
            if point is not None:
                points.entry[state] = point
    for state in model.state_names:
        by_deadline = {_falls(points, x) for x in deadlines if x.target == state} - {None}
        if by_deadline and by_deadline != {points.entry.get(state)}:
            points.mixed.add(state)
        elif state in points.entry and state not in exit_targets:
            points.sole.add(state)


def _shared_values(model: Model, env: Mapping[str, Any]) -> dict[str, Any]:
    """What formulas may name: `env`, and the attributes that are the same for everybody; others are None."""
    values: dict[str, Any] = dict(env) | dict.fromkeys((*(a.name for a in model.attributes), "u", "z", "t"))
    for attribute in model.attributes:
        if attribute.value is not None and _readable(attribute.value, values):
            values[attribute.name] = attribute.value.evaluate(values)
    return values


def _readable(formula: Expression, values: Mapping[str, Any]) -> bool:
    """Whether nothing that the formula names differs between people."""
    names = {*formula.names, *(column for _, column in formula.column_names)}
    return all(values.get(name, 0.0) is not None for name in names)


def _whole(formula: Expression, values: Mapping[str, Any]) -> int | None:
    """The formula's value in whole cycles, if it is the same in every draw and for everybody."""
    if not _readable(formula, values):
        return None
    number = np.floor(np.asarray(formula.evaluate(values), float))
    return int(number.flat[0]) if np.isfinite(number).all() and (number == number.flat[0]).all() else None


def _differs_by_draw(points: Points, deadline: Deadline, values: Mapping[str, Any]) -> bool:
    """Whether everybody meets the deadline at the same point, but at another one in each draw."""
    formulas = {deadline.at, *(c.initial for c in points.model.clocks if c.name == deadline.clock)}
    has_point = deadline in points.at and deadline.clock in (TIME_IN_STATE, *points.begin)
    return not has_point and all(_readable(formula, values) for formula in formulas)
