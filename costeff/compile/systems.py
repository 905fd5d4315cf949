"""Builds the `FlowTensors` of a batch of draws: who comes when, how long each stays, and how many places there are."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from costeff.compile.compiler import compile_arrays, start_states
from costeff.compile.environment import parameter_environment, population
from costeff.compile.layers import discount_layers
from costeff.compile.layout import Layout
from costeff.compile.weights import amount_starts, weight_rows
from costeff.compile.windows import prepared
from costeff.engine.flow.sojourns import ARRIVED, CAME_BACK, GAVE_UP, TURNED_AWAY
from costeff.engine.flow.tensors import FlowTensors, People, PeopleWeights, Places
from costeff.engine.tensors import FIXED_POINT
from costeff.errors import ModelError, Place
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.model.system import MONTHS, SYSTEM, WEEKDAYS, Arrivals, ByStrategy, System
from costeff.numerics.random import individual_uniforms

APART = 2**40  # individuals of one system, in addresses of random numbers: those of the next come after them
EXPECTED_AT_ONCE = 256  # draws whose arrivals of each day are held at one time
UNLIMITED = 2**40
MOST_PEOPLE = 2_000_000
MOST_PLACES = 10_000_000


@dataclass(frozen=True)
class CompiledSystems:
    """Tensors of a batch of draws, with the layers of discounting of costs and effects."""

    tensors: FlowTensors
    layer_cost: int
    layer_effect: int


def compile_systems(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    systems: int,
    seed: int,
    keys: np.ndarray,
    where: Layout,
) -> CompiledSystems:
    """Compile a model with arrivals for the drawn parameters `draws` (name to (D,)), `systems` of each draw.

    `keys` (D,) are the draws' addresses. Raises ModelError when a formula gives what cannot be, with draw and place.
    """
    model = prepared(model)
    system = model.system
    assert system is not None
    env = parameter_environment(model, draws, tables, len(keys))
    expected = _expected(model, system.arrivals, env, len(keys))
    span, warm_up = model.conventions.horizon, system.arrivals.warm_up
    periods = np.append(np.arange(0, span, model.conventions.cycles_per_year), span)
    factors, event_factors, layer_cost, layer_effect = discount_layers(model, env)
    rows = _Rows(model, system)
    places = _places(model, system, env, where, rows, len(keys))
    # What does not differ between people, made for one person and once for all systems.
    somebody = population(model, dict(env), seed, keys, 0, 1)
    arrays = compile_arrays(model, dict(env), somebody, (len(keys), 1), where, keys, compact=True)

    def people(number: int) -> People:
        return _people(model, system, env, expected, rows, seed, keys, number, where, int(arrays.start_row[0]))

    years = span / model.conventions.cycles_per_year
    in_horizon = expected[:, -1] - expected[:, warm_up]
    rules = [*amount_starts(model, where)]
    tensors = FlowTensors(
        people=people,
        systems=systems,
        places=places,
        tables=arrays,
        edges=(warm_up + periods).astype(float),
        cycle_weight=np.ascontiguousarray(factors[:, periods[:-1]]),
        event_weight=np.ascontiguousarray(event_factors[:, periods[:-1]]),
        event_offset=np.array([t.offset for t in where.event_tallies], np.int64),
        rule_begins=np.array([*(warm_up + r for r in rules), np.inf]),
        cells=where.size,
        event_cells=where.event_size,
        split=(systems + 1) // 2,
        unit=np.ones(len(keys)) if system.arrivals.unit != "arrival" else years / np.maximum(in_horizon, 1e-300),
        years=years,
    )
    return CompiledSystems(tensors, layer_cost, layer_effect)


class _Rows:
    """The rows of stays, each different formula once: (G, S) of stays and of delays, -1 for none."""

    def __init__(self, model: Model, system: System) -> None:
        names = model.strategy_names
        self.formulas: dict[tuple[Expression, bool, str, str], int] = {}
        self.stay = np.array([[self._row(x.stay, x.until, s, x.name, "stay") for x in system.places] for s in names])
        self.delay = np.array([[self._row(x.delay, None, s, x.name, "delay") for x in system.places] for s in names])

    def _row(
        self, by_strategy: ByStrategy | None, until: Expression | None, strategy: str, places: str, kind: str
    ) -> int:
        formula = until if by_strategy is None else of_strategy(by_strategy, strategy)
        if formula is None:
            return -1
        return self.formulas.setdefault((formula, until is not None, places, kind), len(self.formulas))


def of_strategy(formulas: ByStrategy, strategy: str) -> Expression:
    """The formula of a strategy: its own, or that of all."""
    return formulas[strategy] if strategy in formulas else formulas[""]


def _expected(model: Model, come: Arrivals, env: Mapping[str, Any], size: int) -> np.ndarray:
    """How many have come, on average, by the end of each day: (D, W + T + 1), from the start of the warm-up."""
    days = come.warm_up + model.conventions.horizon
    weights: Any = np.ones((1, days))
    if come.weekdays or come.months:
        first = np.datetime64(model.conventions.entry_date, "D") - come.warm_up
        dates = first + np.arange(days)
        weekday = (dates.astype(np.int64) + 3) % 7  # day 0 of numpy's calendar is a Thursday
        month = dates.astype("datetime64[M]").astype(np.int64) % 12
        for own, names, at in ((come.weekdays, WEEKDAYS, weekday), (come.months, MONTHS, month)):
            for i, name in enumerate(names):
                if own and name in own:
                    weight = _column(own[name], env, size, f"the weight of {name}", come.place)
                    weights = np.where(at == i, weights * weight, weights)
    per_day = _column(come.per_day, env, size, "`per_day` of the arrivals", come.place)
    sums = np.cumsum(per_day * weights, axis=1)
    if sums[:, -1].max() > MOST_PEOPLE:
        raise ModelError(
            "too many people come to a system",
            draw=int(sums[:, -1].argmax()),
            where=come.place,
            value=f"{sums[:, -1].max():,.0f}",
            rule=f"at most {MOST_PEOPLE:,} in warm-up and horizon",
            way_out="check the unit of `per_day`, or shorten the horizon",
        )
    return np.concatenate([np.zeros((size, 1)), np.broadcast_to(sums, (size, days))], axis=1)


def people_expected(model: Model, draws: Mapping[str, np.ndarray], tables: Mapping[str, Any], size: int) -> np.ndarray:
    """How many come to a system of each draw on average, warm-up included: (D,)."""
    model = prepared(model)
    assert model.system is not None
    totals = np.empty(size)
    for low in range(0, size, EXPECTED_AT_ONCE):
        part = slice(low, min(low + EXPECTED_AT_ONCE, size))
        own = {name: np.asarray(values)[part] for name, values in draws.items()}
        env = parameter_environment(model, own, tables, part.stop - low)
        try:
            totals[part] = _expected(model, model.system.arrivals, env, part.stop - low)[:, -1]
        except ModelError as error:
            error.draw = None if error.draw is None else low + error.draw
            raise
    return totals


def _people(
    model: Model,
    system: System,
    env: Mapping[str, Any],
    expected: np.ndarray,
    rows: _Rows,
    seed: int,
    keys: np.ndarray,
    number: int,
    where: Layout,
    start_row: int,
) -> People:
    """Everything random about the people of system `number` of each draw."""
    size, first, come = len(keys), number * APART, system.arrivals
    ahead = float(expected[:, -1].max())
    most = math.ceil(ahead + 9 * math.sqrt(ahead) + 20)

    def own(name: str, visit: int = 0) -> np.ndarray:
        return individual_uniforms(seed, keys, first, most, f"flow {name} {visit}")

    # Unit exponentials add up to the times of a Poisson process of rate 1; the expected number turns them into days.
    clock = np.cumsum(-np.log1p(-own("arrival")), axis=1)
    many = np.array([np.searchsorted(clock[d], expected[d, -1]) for d in range(size)])
    most = max(int(many.max()), 1)
    arrival = np.full((size, most), np.inf)
    grid = np.arange(expected.shape[1], dtype=float)
    for d in range(size):
        rising = np.concatenate([[True], np.diff(expected[d]) > 0])
        arrival[d, : many[d]] = np.interp(clock[d, : many[d]], expected[d, rising], grid[rising])
    attributes = population(model, dict(env), seed, keys, first, most)
    starts = start_states(model, attributes).astype(np.int64)
    everyone = {**env, **attributes}
    visits = come.returns.visits if come.returns is not None else 1

    def days(formula: Expression, name: str, visit: int, what: str, place: Place | None) -> np.ndarray:
        values = dict(everyone)
        if {"u", "z"} & formula.names:
            values["u"] = own(name, visit)[:, :most]
            values["z"] = ndtri(values["u"])
        result = np.broadcast_to(np.asarray(formula.evaluate(values), float), (size, most))
        _refuse_outside(result, what, formula, place, "days, finite and at least 0")
        return result

    by_name = {x.name: x for x in system.places}
    stays = np.zeros((max(len(rows.formulas), 1), visits, size, most))
    for (formula, until, places, kind), row in rows.formulas.items():
        for v in range(visits):
            what = f"the {kind} on '{places}'" if kind == "stay" else f"the delay after '{places}'"
            stays[row, v] = days(formula, f"{kind} {places}", v, what, by_name[places].place)
        if until:
            stays[row] = -np.maximum(stays[row], 1e-9)
    gap = np.full((visits, size, most), np.inf)
    if come.returns is not None:
        share = _column(come.returns.share, env, size, "the share who return", come.place, 1.0)
        for v in range(visits - 1):
            after = days(come.returns.after, "gap", v, "how long people are away", come.place)
            gap[v] = np.where(own("returns", v)[:, :most] < share, after, np.inf)
    patience = np.full((size, most), np.inf)
    if come.patience is not None:
        patience = days(come.patience, "patience", 0, "`patience` of the arrivals", come.place).copy()
    priority = np.zeros((size, most))
    if come.priority:
        order = {model.state_names.index(name): i for i, name in enumerate(come.priority)}
        ranks = np.array([order.get(i, len(order)) for i in range(len(model.states))], dtype=float)
        priority = ranks[starts[start_row]]
    weights = _weights(model, where, env, attributes, (size, most))
    return People(arrival, many, priority, patience, stays, gap, starts, weights)


def _weights(
    model: Model, where: Layout, env: Mapping[str, Any], attributes: Mapping[str, np.ndarray], shape: tuple[int, int]
) -> PeopleWeights:
    """What tallies weigh time and events with, apart what all people of a draw share."""
    rows = weight_rows(model, where, env, attributes, shape).each
    of_people = [i for i, row in enumerate(rows) if row.shape[1] > 1]
    own_row = np.full(max(len(rows), 1), -1, np.int64)
    own_row[of_people] = range(len(of_people))
    shared_rows, own = np.zeros((shape[0], len(own_row))), np.zeros((shape[0], max(len(of_people), 1), shape[1]))
    for i, row in enumerate(rows):
        if own_row[i] < 0:
            shared_rows[:, i] = row[:, 0] / FIXED_POINT
        else:
            own[:, own_row[i]] = row / FIXED_POINT
    return PeopleWeights(own_row, shared_rows, own)


def _places(model: Model, system: System, env: Mapping[str, Any], where: Layout, rows: _Rows, size: int) -> Places:
    """Numbers of places by draw, strategy and date, and which state and which event is whose."""
    come, names, strategies = system.arrivals, model.state_names, model.strategy_names
    state = {name: i for i, name in enumerate(names)}
    days = _change_days(model, system)
    numbers = np.full((size, len(strategies), len(system.places), len(days)), UNLIMITED, np.int64)
    room = np.full((size, len(strategies)), -1, np.int64)
    for g, strategy in enumerate(strategies):
        for s, one in enumerate(system.places):
            if one.number is None:
                continue
            what = f"the number of '{one.name}'"
            # In the warm-up there are as many as under the comparator.
            for at, name in ((0, model.comparator), (days.index(come.warm_up), strategy)):
                formula = of_strategy(one.number, name)
                numbers[:, g, s, at:] = _whole(formula, env, size, what, one.place)
            for change in one.changes:
                if not change.strategies or strategy in change.strategies:
                    at = days.index(_day(model, change.date))
                    numbers[:, g, s, at:] = _whole(change.number, env, size, what, one.place)
        if come.room is not None:
            room[:, g] = _whole(of_strategy(come.room, strategy), env, size, "`room` of the arrivals", come.place)[:, 0]
    line_rows = np.full((4, len(names)), -1, np.int64)
    legs = {ARRIVED: "arrived", CAME_BACK: "returned", TURNED_AWAY: "turned_away", GAVE_UP: "gave_up"}
    move_rows = np.full((len(names), len(names)), -1, np.int64)
    for t in model.transitions:
        kind = next((k for k, leg in legs.items() if leg == t.leg), None)
        at_row = where.events.index(t.name)
        if kind is None:
            move_rows[state[t.source], state[t.target]] = at_row
        else:
            line_rows[kind, state[t.target if kind in (ARRIVED, CAME_BACK) else t.source]] = at_row
    by_counted = {s.counts: state[s.name] for s in model.states if s.counts}
    return Places(
        stay_row=rows.stay,
        delay_row=rows.delay,
        change_time=np.array(days, dtype=float),
        change_places=numbers,
        room=room,
        place_states=np.array([[state[name] for name in one.states] for one in system.places], np.int64),
        line_rows=line_rows,
        move_rows=move_rows,
        counted_states=np.array([by_counted.get(one.name, -1) for one in system.places], np.int64),
        running=by_counted.get(SYSTEM, -1),
        outside=state[come.outside],
        comparator=strategies.index(model.comparator),
    )


def _change_days(model: Model, system: System) -> list[int]:
    """Days from the start of the warm-up on which numbers may change: its start, its end, then dates in order."""
    own = {_day(model, change.date) for one in system.places for change in one.changes}
    end = system.arrivals.warm_up
    return sorted({0, end, *own})


def _day(model: Model, date: str) -> int:
    """Days from the start of the warm-up to a date."""
    assert model.system is not None
    entry = dt.date.fromisoformat(model.conventions.entry_date)
    return model.system.arrivals.warm_up + (dt.date.fromisoformat(date) - entry).days


def _whole(formula: Expression, env: Mapping[str, Any], size: int, what: str, place: Place | None) -> np.ndarray:
    """A whole number of each draw, (D, 1)."""
    values = _column(formula, env, size, what, formula.place or place)
    if (values != np.floor(values)).any():
        bad = int(np.flatnonzero(values != np.floor(values))[0])
        raise ModelError(
            f"{what} is not a whole number",
            draw=bad,
            where=formula.place or place,
            value=float(values[bad, 0]),
            rule="places are whole",
            way_out=f"round as the municipality would: floor({formula.text} + 0.5)",
        )
    if (values > MOST_PLACES).any():
        bad = int(np.flatnonzero(values > MOST_PLACES)[0])
        raise ModelError(
            f"{what} is beyond all sense",
            draw=bad,
            where=formula.place or place,
            value=f"{values[bad, 0]:g}",
            rule=f"at most {MOST_PLACES:,} places",
            way_out="correct the figure, or write `unlimited` where there are as many as are needed",
        )
    return values.astype(np.int64)


def _column(
    formula: Expression, env: Mapping[str, Any], size: int, what: str, place: Place | None, most: float = np.inf
) -> np.ndarray:
    """A formula by draw, (D, 1), finite and at least 0."""
    values = np.broadcast_to(np.asarray(formula.evaluate(env), float).reshape(-1, 1), (size, 1))
    rule = "finite and at least 0" if most == np.inf else f"from 0 to {most:g}"
    _refuse_outside(values, what, formula, place, rule, most)
    return values


def _refuse_outside(
    values: np.ndarray, what: str, formula: Expression, place: Place | None, rule: str, most: float = np.inf
) -> None:
    wrong = ~(np.isfinite(values) & (values >= 0) & (values <= most))
    if wrong.any():
        bad = np.argwhere(wrong)[0]
        raise ModelError(
            f"{what} cannot be",
            draw=int(bad[0]),
            where=formula.place or place,
            value=float(values[tuple(bad)]),
            rule=rule,
            way_out=f"bound the formula, {formula.text}, with min and max",
        )
