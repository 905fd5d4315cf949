"""Lives that have been lived already: counted by the same kernels as simulated ones, but nothing is drawn.

What a life does next is read from its stays; clocks, resets, bands, weights and first passages are those of the event
kernel, and so is what makes totals of counts. So the stays of a simulated run give the very quantities of that run.
Sizes: N individuals, R stays, G strategies, T cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.engine.events.block import go_on, total_draw
from costeff.engine.events.counting import add_time
from costeff.engine.events.lives import TOGETHER, LifeBlock, begin, enter, gather, half_of, move_clocks, pass_through
from costeff.engine.events.microsim import Room, Worker, by_state, no_gains, rooms
from costeff.engine.events.plan import look, plan
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import FIXED_POINT, Tensors
from costeff.errors import EngineError
from costeff.numerics.kernel_cache import announce, kernel, kernel_outline

STATE, START, END, EVENT = range(4)  # columns of a stay


@dataclass(frozen=True)
class Stays:
    """The stays of the lives of one strategy, in order of life and time.

    `first` (N+1,) int64: life n has the rows first[n] .. first[n+1]-1 of `rows` (R, 4) int32: state, start, end, event.
    Stays of a life tile the time from 0; the event of the last is -1, and it ends at T+1 where the life was followed
    to the horizon T, or earlier where it was lost from sight.
    """

    first: np.ndarray
    rows: np.ndarray

    def __post_init__(self) -> None:
        first, rows = self.first, self.rows
        if first.dtype != np.int64 or rows.dtype != np.int32 or rows.shape[1:] != (4,) or not rows.flags.c_contiguous:
            raise EngineError("stays are not in the form of the kernel", rule="int64 places, int32 rows of four")
        if len(rows) != first[-1] or np.any(np.diff(first) < 1):
            raise EngineError("a life without a stay", rule="each life has at least one stay")
        heads, tails = first[:-1], first[1:] - 1
        joined = np.ones(len(rows), bool)
        joined[1:] = rows[1:, START] == rows[:-1, END]
        joined[heads] = rows[heads, START] == 0
        is_last = np.zeros(len(rows), bool)
        is_last[tails] = True
        if not joined.all() or np.any(rows[:, END] < rows[:, START]) or np.any((rows[:, EVENT] < 0) != is_last):
            row = int(np.argmin(joined & (rows[:, END] >= rows[:, START]) & ((rows[:, EVENT] < 0) == is_last)))
            raise EngineError(
                "the stays of a life do not follow each other",
                value=f"stay {row}",
                rule="stays tile the time from 0, and each but the last ends with an event",
            )


@kernel_outline
def _replay(tb, pl, seed, g, low, high, first, split, horizon, stay_first, stays, lives, so, cursor, counts):
    """Count the stays of individuals low .. high-1 under strategy g."""
    for n in range(low, high, TOGETHER):
        count = min(high - n, TOGETHER)
        bl = LifeBlock(
            0, g, n, first + n, split - first - n, seed, horizon, tb.cumulative[0], pl.exit_most[0, g], tb.ratio[0, g]
        )
        begin(tb, pl, bl, lives, so, count)
        cursor[:] = 0
        while True:
            s: Any = np.int64(0)  # typed at once, as in `live`
            for other in range(lives.many.shape[0]):
                s = other if lives.many[other] > lives.many[s] else s
            if lives.many[s] == 0:
                break
            many = gather(lives, so, s)
            for k in range(many):
                b = look(so.life, k)
                row = stay_first[n + b] + cursor[b]
                so.end[k] = stays[row, END]
                so.event[k] = stays[row, EVENT]
                cursor[b] += 1
            add_time(tb, pl, bl, s, lives, so, many, counts.occupancy[g])
            pass_through(tb, bl, s, lives, so, many)
            many = go_on(tb, pl, bl, s, lives, so, many, counts.events[g], counts.gains[g])
            move_clocks(tb, pl, s, lives, so, many)
            enter(pl, s, lives, so, many)
        for p in range(lives.found.shape[0]):
            for b in range(count):
                passage_time = lives.found[p, b]
                counts.passages[g, half_of(bl, b), p, passage_time if passage_time >= 0 else horizon + 1] += 1


@kernel
def replay_lives(
    tb,
    pl,
    seed,
    g,
    low,
    high,
    first,
    split,
    horizon,
    stay_first,
    stays,
    lives,
    so,
    cursor,
    counts,
    weighing,
    results,
    periods,
):
    """Add the lives low .. high-1 to `counts`.

    Where `periods` (high - low, T+1) has rows, each life is totalled by itself, in periods of its own, into its own
    results.
    """
    by_life = periods.shape[0] > 0
    n = low
    while n < high:  # one call: what a kernel calls is copied into it, and compiled, as often as it is called
        after = n + 1 if by_life else high
        if by_life:
            counts.occupancy[:] = 0
            counts.events[:] = 0
            counts.passages[:] = 0
            counts.gains[:] = 0
            for t in range(periods.shape[1]):
                weighing.period[t] = periods[n - low, t]
        _replay(tb, pl, seed, g, n, after, first, split, horizon, stay_first, stays, lives, so, cursor, counts)
        if by_life:
            total_draw(pl, counts, weighing, results, n - low)
        n = after


class _Replay(Worker):
    """The arrays of one replay; periods are its own, since those of people differ."""

    def __init__(self, tensors: Tensors, room: Room, gains: np.ndarray) -> None:
        super().__init__(tensors, plan(tensors.tables), "events", room, gains=gains)
        self.weighing = self.weighing._replace(period=tensors.period.copy())

    def count(self, strategy: int, stays: Stays, low: int, high: int, periods: np.ndarray | None = None) -> None:
        """Add the stays of individuals low .. high-1 under one strategy."""
        tensors = self.tensors
        announce("replay", "replay_lives")
        each = np.zeros((0, tensors.cycles + 1), np.int32) if periods is None else periods
        replay_lives(
            tensors.tables,
            self.lists,
            np.uint64(tensors.seed),
            strategy,
            low,
            high,
            tensors.first_individual,
            tensors.split if periods is None else tensors.individuals,
            tensors.cycles,
            stays.first,
            stays.rows,
            self.lives,
            self.sojourns,
            np.zeros(TOGETHER, np.int64),
            self.counts,
            self.weighing,
            self.results,
            each,
        )


Span = tuple[int, int, np.ndarray]
"""Individuals low .. high-1, and the period (T+1,) int32 of each point of their time."""


def replay(tensors: Tensors, by_strategy: Sequence[Stays], spans: Sequence[Span] | None = None) -> Quantities:
    """The quantities of lives that are known, one set of stays for each strategy of `tensors`, which have one draw.

    The state of the first stay is the tensors' start state. The trace has one row more than states: those who are no
    longer in sight. `spans` gives groups of individuals periods of their own, below the number of the tensors'. Raises
    EngineError where tensors and stays are of different people.
    """
    _check(tensors, by_strategy)
    time, events, passages = rooms(tensors, 1, np.int64)
    gains, all_passages = no_gains(tensors, 1), np.zeros_like(passages)
    worker = _Replay(tensors, (time, events, passages), gains)
    for low, high, period in spans or [(0, tensors.individuals, tensors.period)]:
        worker.clear()
        for g, stays in enumerate(by_strategy):
            worker.count(g, stays, low, high)
        worker.weighing.period[:] = period
        worker.total(0)
        all_passages += passages
        _add_starts(tensors, gains[0], low, high, int(period[0]))
    events[:, :, :, tensors.events :] = gains
    trace = by_state(worker.results.trace, worker.lists, tensors.states)
    out_of_sight = tensors.individuals - trace.sum(axis=1, keepdims=True)
    half = int(np.clip(tensors.split - tensors.first_individual, 0, tensors.individuals))
    sizes = np.array([half, tensors.individuals - half], float)
    trace = np.concatenate([trace, out_of_sight], axis=1)
    return Quantities(time, events, all_passages, trace, sizes, sum(len(stays.rows) for stays in by_strategy))


def replay_each(tensors: Tensors, stays: Stays, strategy: int, low: int, high: int, periods: np.ndarray) -> Quantities:
    """The same for each of the lives low .. high-1, lived under one strategy: lives stand in the place of draws.

    `periods` (high - low, T+1) int32 are those of each life.
    """
    _check(tensors, [stays] * tensors.strategies)
    room, gains = rooms(tensors, high - low, np.int64), no_gains(tensors, high - low)
    worker = _Replay(tensors, room, gains)
    worker.count(strategy, stays, low, high, np.ascontiguousarray(periods, dtype=np.int32))
    for n in range(low, high):
        _add_starts(tensors, gains[n - low], n, n + 1, int(periods[n - low, 0]), tensors.individuals)
    room[1][:, :, :, tensors.events :] = gains
    trace = np.broadcast_to(float(high - low), (tensors.strategies, 1, tensors.cycles + 1))
    return Quantities(*room, trace, np.array([1.0, 0.0]), int(stays.first[high] - stays.first[low]))


def _add_starts(tensors: Tensors, gains: np.ndarray, low: int, high: int, at: int, split: int | None = None) -> None:
    """Add what falls on the start of the lives low .. high-1 to `gains` (G, 2, cells, periods, layers), period `at`."""
    t = tensors.tables
    half = tensors.split - tensors.first_individual if split is None else split
    for e in np.flatnonzero(t.event_tally_event.sum(axis=1) == 0).tolist():
        values, cell = t.weight[t.event_tally_weight[e], 0], int(t.event_tally_offset[e])
        gains[:, 0, cell, at] += values[low : max(min(high, half), low)].sum() / FIXED_POINT
        gains[:, 1, cell, at] += values[min(max(low, half), high) : high].sum() / FIXED_POINT


def _check(tensors: Tensors, by_strategy: Sequence[Stays]) -> None:
    counts = {len(stays.first) - 1 for stays in by_strategy}
    if tensors.draws != 1 or len(by_strategy) != tensors.strategies or counts != {tensors.individuals}:
        raise EngineError(
            "stays and tensors are of different people",
            value=f"{tensors.draws} draws, {tensors.strategies} strategies, {tensors.individuals} individuals",
            rule="one draw, and the stays of the same people under each strategy",
        )
    tables = tensors.tables
    for row, stays in zip(tables.start_row, by_strategy, strict=True):
        if np.any(stays.rows[stays.first[:-1], STATE] != tables.start_state[row, 0]):
            raise EngineError(
                "a first stay is not in the start state", rule="the start state is that of the first stay"
            )
        if stays.rows[:, END].max() > tensors.cycles + 1:
            raise EngineError("a stay ends after the horizon", rule=f"at most {tensors.cycles + 1}")
