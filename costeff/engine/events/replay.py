"""Lives that have been lived already: counted by the same kernels as simulated ones, but nothing is drawn.

What a life does next is read from its stays; clocks, resets, bands, weights and first passages are those of the event
kernel, and so is what makes totals of counts. So the stays of a simulated run give the very quantities of that run.
Sizes: N individuals, R stays, G strategies, T cycles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.engine.events.block import go_on, total_draw
from costeff.engine.events.lives import TOGETHER, LifeBlock, add_time, begin, enter, gather, move_clocks, pass_through
from costeff.engine.events.microsim import Worker, by_state, rooms
from costeff.engine.events.plan import look, plan
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import Tensors
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
                so.end[k] = stays[row, 2]
                so.event[k] = stays[row, 3]
                cursor[b] += 1
            add_time(tb, pl, bl, s, lives, so, many, counts.occupancy[g])
            pass_through(tb, bl, s, lives, so, many)
            many = go_on(bl, s, lives, so, many, counts.events[g])
            move_clocks(tb, pl, s, lives, so, many)
            enter(pl, s, lives, so, many)
        for p in range(lives.found.shape[0]):
            for b in range(count):
                passage_time = lives.found[p, b]
                half = np.int64(b >= bl.split)
                counts.passages[g, half, p, passage_time if passage_time >= 0 else horizon + 1] += 1


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
    each,
):
    """Add the lives low .. high-1 to `counts`; with `each` every life by itself is totalled into its own results."""
    if not each:
        _replay(tb, pl, seed, g, low, high, first, split, horizon, stay_first, stays, lives, so, cursor, counts)
        return
    for n in range(low, high):
        counts.occupancy[:] = 0
        counts.events[:] = 0
        counts.passages[:] = 0
        _replay(tb, pl, seed, g, n, n + 1, first, split, horizon, stay_first, stays, lives, so, cursor, counts)
        total_draw(pl, counts, weighing, results, n - low)


class _Replay(Worker):
    """The arrays of one replay."""

    def count(self, strategy: int, stays: Stays, low: int, high: int, each: bool = False) -> None:
        """Add the stays of individuals low .. high-1 under one strategy."""
        tensors = self.tensors
        announce("replay", "replay_lives")
        replay_lives(
            tensors.tables,
            self.lists,
            np.uint64(tensors.seed),
            strategy,
            low,
            high,
            tensors.first_individual,
            tensors.split if not each else tensors.individuals,
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


def replay(tensors: Tensors, by_strategy: list[Stays]) -> Quantities:
    """The quantities of lives that are known, one set of stays for each strategy of `tensors`, which have one draw.

    The state of the first stay is the tensors' start state. The trace has one row more than states: those who are no
    longer in sight. Raises EngineError where tensors and stays are of different people.
    """
    _check(tensors, by_strategy)
    room = rooms(tensors, 1, np.int64)
    worker = _Replay(tensors, plan(tensors.tables), "events", room)
    for g, stays in enumerate(by_strategy):
        worker.count(g, stays, 0, tensors.individuals)
    worker.total(0)
    trace = by_state(worker.results.trace, worker.lists, tensors.states)
    out_of_sight = tensors.individuals - trace.sum(axis=1, keepdims=True)
    half = int(np.clip(tensors.split - tensors.first_individual, 0, tensors.individuals))
    sizes = np.array([half, tensors.individuals - half], float)
    trace = np.concatenate([trace, out_of_sight], axis=1)
    return Quantities(*room, trace, sizes, sum(len(stays.rows) for stays in by_strategy))


def replay_each(tensors: Tensors, stays: Stays, strategy: int, low: int, high: int) -> Quantities:
    """The same for each of the lives low .. high-1, lived under one strategy: lives stand in the place of draws."""
    _check(tensors, [stays] * tensors.strategies)
    room = rooms(tensors, high - low, np.int64)
    worker = _Replay(tensors, plan(tensors.tables), "events", room)
    worker.count(strategy, stays, low, high, each=True)
    trace = np.broadcast_to(float(high - low), (tensors.strategies, 1, tensors.cycles + 1))
    return Quantities(*room, trace, np.array([1.0, 0.0]), int(stays.first[high] - stays.first[low]))


def _check(tensors: Tensors, by_strategy: list[Stays]) -> None:
    counts = {len(stays.first) - 1 for stays in by_strategy}
    if tensors.draws != 1 or len(by_strategy) != tensors.strategies or counts != {tensors.individuals}:
        raise EngineError(
            "stays and tensors are of different people",
            value=f"{tensors.draws} draws, {tensors.strategies} strategies, {tensors.individuals} individuals",
            rule="one draw, and the stays of the same people under each strategy",
        )
    for stays in by_strategy:
        if np.any(stays.rows[stays.first[:-1], STATE] != tensors.tables.start_state[0]):
            raise EngineError(
                "a first stay is not in the start state", rule="the start state is that of the first stay"
            )
        if stays.rows[:, END].max() > tensors.cycles + 1:
            raise EngineError("a stay ends after the horizon", rule=f"at most {tensors.cycles + 1}")
