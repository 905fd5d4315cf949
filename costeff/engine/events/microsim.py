"""Microsimulation: runs individuals through a compiled model, in threads, and returns `Quantities`.

Work is cut into draws or, where those are few, into blocks of individuals.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from costeff.engine.events.block import Counts, Results, Weighing, live_draws
from costeff.engine.events.lives import new_lives
from costeff.engine.events.plan import EventPlan, plan
from costeff.engine.quantities import Quantities
from costeff.engine.starts import add_starts
from costeff.engine.tensors import Tensors
from costeff.errors import EngineError
from costeff.numerics.kernel_cache import announce

# None compiles the event kernel alone: numba drops the branch that cannot be taken for that type.
MODES = {"events": None, "stepping": 1, "weekly": 2}
BLOCK = 2048  # individuals in the smallest unit of work

Room = tuple[np.ndarray, np.ndarray, np.ndarray]


def thread_count(threads: int | None) -> int:
    """The number asked for, or as many as this process may use."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < 1:
        raise EngineError("threads must be at least 1", value=threads)
    return threads


def rooms(tensors: Tensors, draws: int, counts: type = np.float64) -> Room:
    """Zeros for the time, events and passages (of type `counts`) of so many draws."""
    g, rest = tensors.strategies, (tensors.periods, tensors.layers)
    return (
        np.zeros((draws, g, 2, tensors.cells, *rest)),
        np.zeros((draws, g, 2, tensors.events + tensors.event_cells, *rest)),
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
    announce("block", "live_draws")
    count = thread_count(threads)
    time, events, passages = room or rooms(tensors, tensors.draws)
    # One type, whatever the room's, so that the kernel is compiled once.
    passage_counts = np.zeros(passages.shape, np.int64)
    lists = plan(tensors.tables)
    gains = no_gains(tensors, tensors.draws)
    workers = [Worker(tensors, lists, mode, (time, events, passage_counts), gains=gains) for _ in range(count)]
    by_draw = tensors.draws >= count or tensors.individuals <= BLOCK
    sojourns = (_run_by_draw if by_draw else _run_by_block)(tensors, workers, progress)
    passages[...] = passage_counts
    first = int(np.clip(tensors.split - tensors.first_individual, 0, tensors.individuals))
    events[:, :, :, tensors.events :] = gains
    add_starts(tensors, events, first)
    return Quantities(
        time=time,
        events=events,
        passages=passages,
        trace=by_state(np.sum([worker.results.trace for worker in workers], axis=0), lists, tensors.states),
        half_sizes=np.array([first, tensors.individuals - first], float),
        sojourns=sojourns,
    )


def no_gains(tensors: Tensors, draws: int) -> np.ndarray:
    """Zeros for the cells of event tallies, (draws, G, 2, cells, periods, layers)."""
    return np.zeros((draws, tensors.strategies, 2, tensors.event_cells, tensors.periods, tensors.layers))


class Worker:
    """One thread's arrays, used again and again."""

    def __init__(
        self, tensors: Tensors, lists: EventPlan, mode: str, room: Room, rows: int = 0, gains: np.ndarray | None = None
    ) -> None:
        g, points, events = tensors.strategies, tensors.cycles + 1, tensors.events
        counters, layers, cells = len(lists.unit), tensors.layers, tensors.event_cells
        self.tensors, self.lists, self.mode = tensors, lists, MODES[mode]
        self.lives, self.sojourns = new_lives(tensors.tables)
        self.counts = Counts(
            occupancy=np.zeros((g, 2, points + 1, counters), np.int64),
            events=np.zeros((g, 2, points, events), np.int32),
            passages=np.zeros((g, 2, tensors.passages, points + 1), np.int64),
            gains=np.zeros((g, 2, points, cells), np.int64),
            record=np.zeros((rows, 6), np.int64),
        )
        self.weighing = Weighing(
            period=tensors.period,
            cycle_weight=tensors.cycle_weight,
            event_weight=tensors.event_weight,
            one=np.ones(events),
            each=np.arange(events + 1),
            each_gain=np.arange(cells + 1),
            now=np.zeros(counters, np.int64),
            times=np.zeros(counters),
            part=np.zeros((tensors.periods, layers, counters)),
            now_events=np.zeros(events, np.int64),
            times_events=np.zeros(events),
            part_events=np.zeros((tensors.periods, layers, events)),
            now_gains=np.zeros(cells, np.int64),
            times_gains=np.zeros(cells),
            part_gains=np.zeros((tensors.periods, layers, cells)),
            no_trace=np.zeros((g, 0, events), np.int64),
        )
        gains = no_gains(tensors, 0) if gains is None else gains
        self.results = Results(*room, gains, np.zeros((g, points, counters), np.int64))

    def live(self, draw: int, low: int, high: int, stride: int = 0) -> int:
        """Live individuals low .. high - 1 of `draw`, adding to `counts`; returns their sojourns.

        With a stride, of every `stride`-th draw from there on, each totalled into `results`; with -1 of `draw` alone.
        """
        tensors = self.tensors
        sojourns = live_draws(
            tensors.tables,
            self.lists,
            np.uint64(tensors.seed),
            draw,
            stride,
            low,
            high,
            tensors.first_individual,
            tensors.split,
            tensors.cycles,
            self.mode,
            self.lives,
            self.sojourns,
            self.counts,
            self.weighing,
            self.results,
        )
        if sojourns < 0:
            raise EngineError(
                "deadlines send an individual round in a circle within one cycle",
                rule="a deadline that has passed must not lead back to the state it left",
                way_out="check `deadlines`: their targets need exits of their own",
            )
        return int(sojourns)

    def clear(self) -> None:
        """Forget what was counted."""
        for array in self.counts:
            array[...] = 0

    def total(self, d: int) -> None:
        """Turn the counts of draw d into its results."""
        self.live(d, 0, 0, -1)


def by_state(occupants: np.ndarray, lists: EventPlan, states: int) -> np.ndarray:
    """Individuals by state and point of time, (G, S, points), from what each counter held, (G, points, counters)."""
    people = np.zeros((occupants.shape[2], states), np.int64)
    for s in range(states):
        people[lists.cell_from[lists.cell_first[s] : lists.cell_first[s + 1]], s] = 1
    return (occupants @ people).transpose(0, 2, 1).astype(np.float64)


def _run_by_draw(tensors: Tensors, workers: list[Worker], progress: Callable[[int], None] | None) -> int:
    """Whole draws as units: each thread takes every so many. Returns the sojourns lived."""
    count = len(workers)
    with ThreadPoolExecutor(count) as pool:
        sojourn_counts = pool.map(lambda i: workers[i].live(i, 0, tensors.individuals, count), range(count))
        sojourns = sum(sojourn_counts)
    if progress:
        progress(tensors.draws)
    return sojourns


def _units(individuals: int, workers: int) -> list[tuple[int, int]]:
    """(low, high) of each unit of work: half a thread's share of what is left, so that all threads end together."""
    units = []
    low = 0
    while low < individuals:
        share = (individuals - low) // (2 * workers)
        high = min(low + max(share // BLOCK, 1) * BLOCK, individuals)
        units.append((low, high))
        low = high
    return units


def _run_by_block(tensors: Tensors, workers: list[Worker], progress: Callable[[int], None] | None) -> int:
    """Blocks of individuals as units, for few draws with many individuals: threads count, then integers are summed."""
    sojourns = 0
    with ThreadPoolExecutor(len(workers)) as pool:
        for d in range(tensors.draws):
            # next() of a list's iterator is atomic: each thread takes the next one.
            units = iter(_units(tensors.individuals, len(workers)))

            def work(worker: Worker, d: int = d, units: Iterator[tuple[int, int]] = units) -> int:
                worker.clear()
                return sum(worker.live(d, low, high) for low, high in units)

            sojourns += sum(pool.map(work, workers))
            for other in workers[1:]:
                for whole, part in zip(workers[0].counts, other.counts, strict=True):
                    whole += part
            workers[0].total(d)
            if progress:
                progress(1)
    return sojourns
