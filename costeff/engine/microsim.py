"""Microsimulation: runs individuals through a compiled model, in threads, and returns `Quantities`.

Work is cut into (draw, block of individuals) units. Kernels add only integers, so the same bits come out for any
number of threads, any batch and any block size.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from costeff.engine.events import make_guide, next_exit
from costeff.engine.life import add_time, begin, move_clocks, new_life, pass_through
from costeff.engine.plan import Plan, plan
from costeff.engine.stepping import next_exit_stepping, next_exit_weekly
from costeff.errors import EngineError
from costeff.kernel_cache import announce, kernel, kernel_part
from costeff.quantities import Quantities
from costeff.random import LIFELONG, philox, to_uniform
from costeff.tensors import Tensors

# None compiles the event kernel alone: numba drops the branch that cannot be taken for that type.
MODES = {"events": None, "stepping": 1, "weekly": 2}
BLOCK = 4096  # individuals in one unit of work


@kernel_part
def prepare(tb, pl, d, life):
    """Before the first life of a block: the guide to the draw's hazards, and no random numbers kept."""
    life.stamp[:] = -1
    make_guide(pl, tb.cumulative[d], life.guide)


@kernel_part
def live(tb, pl, seed, d, g, n, who, horizon, mode, life, occupancy, events, passages, record):
    """One life of individual n under strategy g. Adds to the integer arrays; returns the sojourns lived, -1 on a loop.

    `record` (rows, 4) takes (state, start, end, event) of sojourns, while rows last.
    """
    h, most, ratio = tb.cumulative[d], pl.exit_most[d, g], tb.ratio[d, g]
    begin(tb, d, n, life)
    for i in range(life.luck.shape[0] - life.uniform.shape[0]):
        word = philox(seed, tb.draw_key[d], np.uint64(who), LIFELONG | np.uint64(i), np.uint64(0))[0]
        life.luck[i] = -np.log(to_uniform(word))
    s = tb.start_state[d, n]
    start = 0
    sojourns = 0
    standing = 0
    exits = tb.exit_target.shape[0]
    while start <= horizon:
        if mode is None:
            end, event = next_exit(tb, pl, h, most, ratio, seed, d, who, s, start, horizon, life)
        elif mode == 1:
            end, event = next_exit_stepping(tb, pl, h, ratio, seed, d, who, s, start, horizon, life)
        else:
            end, event = next_exit_weekly(tb, pl, h, ratio, seed, d, who, s, start, horizon, life)
        if sojourns < record.shape[0]:
            record[sojourns, 0] = s
            record[sojourns, 1] = start
            record[sojourns, 2] = end
            record[sojourns, 3] = event
        sojourns += 1
        add_time(pl, s, start, end, life, occupancy)
        if end > start:
            pass_through(tb, s, start, end, horizon, life)
            standing = 0
        else:
            standing += 1
            if standing > tb.exit_first.shape[0]:
                return -1
        if event < 0:
            break
        events[np.uint64(max(end - 1, 0)), np.uint64(event)] += 1
        target = tb.exit_target[event] if event < exits else tb.deadline_target[event - exits]
        life.visits[s] += 1
        move_clocks(tb, pl, s, target, start, end, life)
        s = target
        start = end
    for p in range(life.found.shape[0]):
        passages[p, life.found[p] if life.found[p] >= 0 else horizon + 1] += 1
    return sojourns


@kernel
def live_block(
    tb, pl, seed, d, low, high, first, split, horizon, mode, life, occupancy, events, passages, record
):
    """All lives of individuals low..high under every strategy; returns sojourns lived, -1 on a loop of deadlines."""
    sojourns = 0
    prepare(tb, pl, d, life)
    for n in range(low, high):
        half = 0 if first + n < split else 1
        for g in range(tb.ratio.shape[1]):
            count = live(
                tb, pl, seed, d, g, n, first + n, horizon, mode, life, occupancy[g, half], events[g, half],
                passages[g, half], record,
            )  # fmt: skip
            if count < 0:
                return np.int64(-1)
            sojourns += count
    return np.int64(sojourns)


@kernel
def summarise(changes, running, weight, period, unit, first, of, now, part, time, counts):
    """Turn counts by point of time into totals by cell, period and layer, in fixed order.

    `changes` (G, 2, points, counters): with `running` 1 entries less exits, summed up on the way, with 0 the counts
    themselves. Counters of[first[c]:first[c + 1]] add up to cell c. `now` (counters,) and `part` (layers, counters)
    are scratch. `time` (G, 2, cells, periods, layers) is added to, and `counts` (G, S, points) by the first S
    cells, where it is asked for.
    """
    layers, points = weight.shape
    counters = changes.shape[3]
    cells = first.shape[0] - 1
    states = counts.shape[1]
    for g in range(changes.shape[0]):
        for half in range(2):
            now[:] = 0
            part[:] = 0.0
            for t in range(points):
                row = changes[g, half, t]
                for i in range(counters):
                    now[i] = running * now[i] + row[i]
                for s in range(states):
                    for x in range(first[s], first[s + 1]):
                        counts[g, s, t] += now[of[x]]
                for layer in range(layers):
                    w = weight[layer, t]
                    for i in range(counters):
                        part[layer, i] += w * (now[i] * unit[i])
                if t + 1 == points or period[t + 1] != period[t]:
                    for cell in range(cells):
                        for layer in range(layers):
                            for x in range(first[cell], first[cell + 1]):
                                time[g, half, cell, period[t], layer] += part[layer, of[x]]
                    part[:] = 0.0


def thread_count(threads: int | None) -> int:
    """The number asked for, or as many as this process may use."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < 1:
        raise EngineError("threads must be at least 1", value=threads)
    return threads


class _Totals:
    """Integer arrays of one draw: entries and exits, events, first passages."""

    def __init__(self, tensors: Tensors, lists: Plan) -> None:
        g, points, counters = tensors.strategies, tensors.cycles + 1, len(lists.unit)
        self.occupancy = np.zeros((g, 2, points + 1, counters), np.int64)
        self.events = np.zeros((g, 2, points, tensors.events), np.int32)
        self.passages = np.zeros((g, 2, tensors.passages, points + 1), np.int64)
        self.now = np.zeros(counters, np.int64)
        self.events_now = np.zeros(tensors.events, np.int64)
        self.part = np.zeros((tensors.layers, counters))
        self.happened = np.zeros((tensors.layers, tensors.events))
        self.life = new_life(tensors.tables)
        self.record = np.zeros((0, 4), np.int64)

    def clear(self) -> None:
        for array in (self.occupancy, self.events, self.passages):
            array[...] = 0

    def add(self, other: _Totals) -> None:
        self.occupancy += other.occupancy
        self.events += other.events
        self.passages += other.passages


Room = tuple[np.ndarray, np.ndarray, np.ndarray]


def rooms(tensors: Tensors, draws: int, counts: type = np.float64) -> Room:
    """Zeros for the time, events and passages (of type `counts`) of so many draws."""
    g, rest = tensors.strategies, (tensors.periods, tensors.layers)
    return (
        np.zeros((draws, g, 2, tensors.cells, *rest)),
        np.zeros((draws, g, 2, tensors.events, *rest)),
        np.zeros((draws, g, 2, tensors.passages, tensors.cycles + 2), counts),
    )


def microsim(
    tensors: Tensors,
    threads: int | None = None,
    mode: str = "events",
    progress: Callable[[int], None] | None = None,
    room: Room | None = None,
) -> Quantities:
    """Simulate every individual of every draw under every strategy.

    `mode`: "events" (default), "stepping" (cycle by cycle on the same exponentials: identical events) or "weekly"
    (cycle by cycle on its own numbers). `progress` is told how many draws have been finished, from this thread. `room`
    holds zeros to write to, see `rooms`; they are made when it is not given.
    Raises EngineError for an unknown mode or a model whose deadlines form a loop.
    """
    if mode not in MODES:
        raise EngineError(f"unknown mode '{mode}'", value=mode, rule=f"one of {', '.join(MODES)}")
    announce("microsim", "live_block")
    workers = thread_count(threads)
    draws, g, points = tensors.draws, tensors.strategies, tensors.cycles + 1
    time, events, passages = room or rooms(tensors, draws)
    lists = plan(tensors.tables)
    one, each = np.ones(tensors.events), np.arange(tensors.events + 1)
    no_trace = np.zeros((g, 0, points), np.int64)

    def finish(d: int, totals: _Totals, trace: np.ndarray) -> None:
        summarise(
            totals.occupancy, 1, tensors.cycle_weight, tensors.period, lists.unit, lists.cell_first, lists.cell_from,
            totals.now, totals.part, time[d], trace,
        )  # fmt: skip
        summarise(
            totals.events, 0, tensors.event_weight, tensors.period, one, each, each[:-1],
            totals.events_now, totals.happened, events[d], no_trace,
        )  # fmt: skip
        passages[d] = totals.passages

    run = _run_by_draw if draws >= workers or tensors.individuals <= BLOCK else _run_by_block
    traces, sojourns = run(tensors, lists, MODES[mode], workers, finish, progress)
    first = int(np.clip(tensors.split - tensors.first_individual, 0, tensors.individuals))
    return Quantities(
        time=time,
        events=events,
        passages=passages,
        trace=np.sum(traces, axis=0).astype(np.float64),
        size=np.array([first, tensors.individuals - first], float),
        sojourns=sojourns,
    )


def _live(
    tensors: Tensors, lists: Plan, d: int, low: int, high: int, mode: int | None, totals: _Totals
) -> int:
    sojourns = live_block(
        tensors.tables, lists, np.uint64(tensors.seed), d, low, high, tensors.first_individual, tensors.split,
        tensors.cycles, mode, totals.life, totals.occupancy, totals.events, totals.passages, totals.record,
    )  # fmt: skip
    if sojourns < 0:
        raise EngineError(
            "deadlines send an individual round in a circle within one cycle",
            rule="a deadline that has passed must not lead back to the state it left",
            way_out="check `deadlines`: their targets need exits of their own",
        )
    return int(sojourns)


Finish = Callable[[int, _Totals, np.ndarray], None]


def _run_by_draw(
    tensors: Tensors, lists: Plan, mode: int | None, workers: int, finish: Finish,
    progress: Callable[[int], None] | None,
) -> tuple[list[np.ndarray], int]:  # fmt: skip
    """Whole draws as units: each thread takes every `workers`-th draw and reuses its arrays."""

    def work(worker: int) -> tuple[np.ndarray, int]:
        totals = _Totals(tensors, lists)
        trace = np.zeros((tensors.strategies, tensors.states, tensors.cycles + 1), np.int64)
        sojourns = 0
        for d in range(worker, tensors.draws, workers):
            totals.clear()
            sojourns += _live(tensors, lists, d, 0, tensors.individuals, mode, totals)
            finish(d, totals, trace)
        return trace, sojourns

    with ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(work, range(workers)))
    if progress:
        progress(tensors.draws)
    return [trace for trace, _ in done], sum(count for _, count in done)


def _run_by_block(
    tensors: Tensors, lists: Plan, mode: int | None, workers: int, finish: Finish,
    progress: Callable[[int], None] | None,
) -> tuple[list[np.ndarray], int]:  # fmt: skip
    """Blocks of individuals as units, for few draws with many individuals: threads add, then integers are summed."""
    trace = np.zeros((tensors.strategies, tensors.states, tensors.cycles + 1), np.int64)
    sojourns = 0
    with ThreadPoolExecutor(workers) as pool:
        for d in range(tensors.draws):
            blocks = iter(
                range(0, tensors.individuals, BLOCK)
            )  # next() is atomic: each thread takes the next one

            def work(_: int, d: int = d, blocks: Iterator[int] = blocks) -> tuple[_Totals, int]:
                totals = _Totals(tensors, lists)
                count = 0
                for low in blocks:
                    high = min(low + BLOCK, tensors.individuals)
                    count += _live(tensors, lists, d, low, high, mode, totals)
                return totals, count

            done = list(pool.map(work, range(workers)))
            for other, _ in done[1:]:
                done[0][0].add(other)
            sojourns += sum(count for _, count in done)
            finish(d, done[0][0], trace)
            if progress:
                progress(1)
    return [trace], sojourns
