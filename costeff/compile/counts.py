"""Arrays of clocks that count events or the last cycles only, and of step functions of another clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from costeff.compile.scales import Exit
from costeff.errors import ModelError, Place
from costeff.model.elements import Clock, Deadline, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

Cycles = Callable[[Expression, str, Place | None], np.ndarray]
Ranges = Mapping[str, tuple[int, int]]


def count_fields(
    model: Model, exits: Sequence[Exit], deadlines: Sequence[Deadline], ranges: Ranges, cycles: Cycles
) -> dict[str, Any]:
    """The fields `clock_recent`, `recent_..` and `count_..` of `Tables`; `cycles` evaluates a formula by individual."""
    clocks = [None, None, *model.clocks]
    recent = [clock for clock in model.clocks if clock.within is not None]
    of_stages = [clock for clock in model.clocks if clock.stages]
    events = [e.transition for e in exits] + list(deadlines)
    counters = [(i, {x.name for name in c.counts for x in counted(model, name)}) for i, c in enumerate(clocks) if c]
    by_event = [[i for i, names in counters if event.name in names] for event in events]
    until = [_until(clock, cycles) for clock in recent]
    rows = {clock.name: row for row, clock in enumerate(recent)}
    within, weekdays = [clock.within for clock in recent], [_weekday(model) if c.weekdays else -1 for c in recent]
    for clock in of_stages:
        rows[clock.name] = len(within)
        within += [-len(clock.stages)] * len(clock.stages)
        weekdays += [-1] * len(clock.stages)
        until += _stage_times(clock, model.conventions.horizon, cycles)
    return {
        "clock_recent": [rows[clock.name] if clock and clock.name in rows else -1 for clock in clocks],
        "recent_within": within,
        "recent_weekday": weekdays,
        "recent_until": np.stack(until) if until else np.zeros((0, 1, 1)),
        "count_first": np.concatenate([[0], np.cumsum([len(own) for own in by_event])]),
        "count_clock": [i for own in by_event for i in own],
        "count_most": [ranges[name][1] - 1 for name in model.clock_names],
    }


def counted(model: Model, name: str) -> tuple[Transition | Deadline, ...]:
    """The exits and deadlines that a counter counts by a name: an exit's, a leg's, `a -> b`, or a state's (entries)."""
    every: tuple[Transition | Deadline, ...] = (*model.transitions, *model.deadlines)
    return model.moves(name) or tuple(x for x in every if x.target == name)


def _until(clock: Clock, cycles: Cycles) -> np.ndarray:
    what = f"`initial_until` of clock '{clock.name}'"
    values = cycles(clock.initial_until or Expression(0), what, clock.place)
    if values.min() < 0:
        raise ModelError(
            f"{what} is negative",
            where=clock.place,
            value=int(values.min()),
            rule="cycles of the initial value ended 0 or more cycles before the start",
            way_out="bound the formula with max(0, ...)",
        )
    return values


def _stage_times(clock: Clock, horizon: int, cycles: Cycles) -> list[np.ndarray]:
    """The cycle of each stage, (D, N) each; after the horizon: never."""
    what = f"a stage of clock '{clock.name}'"
    times = [cycles(formula, what, formula.place or clock.place) for formula in clock.stages]
    if min(int(time.min()) for time in times) < 0:
        raise ModelError(
            f"{what} is taken before the start",
            where=clock.place,
            value=min(int(time.min()) for time in times),
            rule="stages are taken from the start on, cycle 0",
            way_out="bound the formula with max(0, ...)",
        )
    return [np.minimum(time, horizon + 1) for time in times]


def _weekday(model: Model) -> int:
    """The day of the week of the first cycle, 0 for Monday."""
    return dt.date.fromisoformat(model.conventions.entry_date).weekday()


def weekdays_before(at: np.ndarray, weekday: int) -> np.ndarray:
    """Days from Monday to Friday before the points `at`, where day 0 is the `weekday` (0: Monday); -1: all days.

    >>> weekdays_before(np.array([5, 7, 8]), 0).tolist()
    [5, 5, 6]
    """
    if weekday < 0:
        return at
    day = at + weekday
    return np.asarray(5 * (day // 7) + np.minimum(day % 7, 5))


def at_start(arrays: Any, c: int) -> np.ndarray:
    """The value of clock c at the start, (D, N)."""
    initial = np.asarray(arrays.clock_initial[c])
    y = int(arrays.clock_recent[c])
    if y < 0:
        return initial
    if arrays.recent_within[y] < 0:
        rows = arrays.recent_until[y : y - int(arrays.recent_within[y])]
        return np.asarray((rows <= 0).sum(axis=0))
    end = -arrays.recent_until[y].astype(np.int64)
    first = np.minimum(np.maximum(end - initial, -int(arrays.recent_within[y])), end)
    weekday = int(arrays.recent_weekday[y])
    return np.asarray(weekdays_before(end, weekday) - weekdays_before(first, weekday))


def second_clock_fields(
    model: Model, exits: Sequence[Exit], env: Mapping[str, Any], ranges: Ranges, draws: int
) -> dict[str, Any]:
    """The fields `exit_second` and `second_..` of `Tables`: ratios on another clock than that of the hazard table."""
    rows: dict[tuple[str, tuple[Expression, ...]], int] = {}
    index = []
    blocks: list[np.ndarray] = []
    for exit_ in exits:
        parts = [(clock, ratio) for clock, ratio in exit_.on_clocks if clock != exit_.transition.clock]
        if not parts:
            index.append(-1)
            continue
        key = (_one_clock(exit_, [clock for clock, _ in parts]), tuple(ratio for _, ratio in parts))
        if key not in rows:
            rows[key] = len(rows)
            blocks.append(_second_clocks(exit_, key, env, ranges, draws))
        index.append(rows[key])
    lengths = [block.shape[1] for block in blocks]
    return {
        "exit_second": index,
        "second_clock": [model.clock_names.index(clock) for clock, _ in rows],
        "second_offset": np.concatenate([[0], np.cumsum(lengths)])[:-1] if lengths else [],
        "second_start": [ranges[clock][0] for clock, _ in rows],
        "second_length": lengths,
        "second_value": np.concatenate(blocks, axis=1) if blocks else np.zeros((draws, 0)),
        "second_most": np.stack([block.max(axis=1) for block in blocks], axis=1) if blocks else np.zeros((draws, 0)),
    }


def _one_clock(exit_: Exit, clocks: Sequence[str]) -> str:
    names = list(dict.fromkeys(clocks))
    if len(names) > 1:
        t = exit_.transition
        effect = next((e for _, e, _ in exit_.table if e.scale == "hazard"), None)
        raise ModelError(
            f"the hazard of '{t.name}' is multiplied on {' and '.join(names)}",
            where=(effect.place if effect else None) or t.place,
            value=", ".join(names),
            rule="a hazard is read on its own clock and on one other; time since the start enters by windows besides",
            way_out="read the hazard, or both ratios, on one of these clocks",
        )
    return names[0]


def _second_clocks(
    exit_: Exit, key: tuple[str, tuple[Expression, ...]], env: Mapping[str, Any], ranges: Ranges, draws: int
) -> np.ndarray:
    """(D, values of the clock): the product of the ratios."""
    clock, ratios = key
    low, high = ranges[clock]
    here = {**env, "t": np.arange(low, high, dtype=float)[None, :]}
    product = np.ones((draws, high - low))
    for ratio in ratios:
        values = np.broadcast_to(np.asarray(ratio.evaluate(here), float), product.shape)
        if values.min() < 0:
            d, k = np.argwhere(values < 0)[0]
            raise ModelError(
                f"the ratio of '{exit_.transition.name}' on '{clock}' at {low + k} is negative",
                draw=int(d),
                where=ratio.place or exit_.transition.place,
                value=float(values[d, k]),
                rule="a ratio is at least 0",
                way_out="bound the formula with max(0, ...)",
            )
        product = product * values
    return product
