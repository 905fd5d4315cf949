"""Batches of draws and blocks of individuals through an engine, in threads and in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from math import prod
from threading import BoundedSemaphore, Lock
from typing import Any

import numpy as np

from costeff.compile import Compiled, Layout, compile_model
from costeff.compile.groups import compile_groups
from costeff.compile.limits import Limits, divide
from costeff.compile.systems import compile_systems, people_expected
from costeff.compile.weights import dated_rows
from costeff.engine.cohort.cohort import expectations, room, whole_trace
from costeff.engine.events.microsim import Room, microsim, rooms
from costeff.engine.flow.systems import live_systems
from costeff.engine.quantities import Quantities, join, stacked
from costeff.engine.tensors import Tensors
from costeff.errors import ModelError
from costeff.model.model import Model
from costeff.model.system import systems_of

BATCH_BYTES = 48 * 2**20  # compiled arrays of one batch of cohorts
PEOPLE_BYTES = 32 * 2**20  # and of individuals: so little is used again from batch to batch, not given back
PER_INDIVIDUAL = 500  # bytes per draw and individual in a batch, attributes included
BLOCK = 2**17  # individuals compiled together; fixed, so that it cannot change an answer
MODES = {"microsim": "events", "stepping": "stepping", "weekly": "weekly"}
SYSTEMS_BATCH = 16  # draws whose systems are compiled together
FEWEST = 8  # draws compiled together, where they fit: each batch has its fixed cost
COHORT_BATCH = 32  # draws whose groups are compiled together, at least


@dataclass(frozen=True)
class Job:
    """What all draws of a simulation share. `fine` (T+1,) are the periods of the engine, `limits` cut into them."""

    model: Model
    tables: Mapping[str, Any]
    where: Layout
    individuals: int
    seed: int
    engine: str
    period_cycles: int | None
    by_year: bool
    fine: np.ndarray
    limits: Limits | None

    @property
    def person_cycles(self) -> int:
        """Cycles of all individuals and strategies in one draw."""
        return len(self.model.strategies) * self.individuals * self.model.conventions.horizon


@dataclass(frozen=True)
class Counted:
    """Draws that have been through the engine, and the layers of discounting that they were counted in.

    `exact` holds the two parts of a cohort's trace that add up without rounding, (2, G, S, T+1); None for individuals,
    whose trace is of whole numbers.
    """

    quantities: Quantities
    layer_cost: int
    layer_effect: int
    exact: np.ndarray | None


def run_draws(
    job: Job,
    draws: Mapping[str, np.ndarray],
    keys: np.ndarray,
    *,
    workers: int,
    batch: int | None = None,
    tell: Callable[[int], None] | None = None,
) -> Counted:
    """Run the draws, `batch` of which are compiled together; `tell` is told, from this thread, how many have ended.

    The same numbers come out for any `workers` and `batch`. An error names its draw, counted from the first of these.
    """
    size, individuals, engine = len(keys), job.individuals, job.engine
    if engine == "flow":
        return _run_systems(job, draws, keys, workers, batch, tell)
    step = batch or (
        _cohort_batch(job, size, workers)
        if engine == "cohort"
        else _batch(size, min(individuals, BLOCK), workers, PER_INDIVIDUAL + 8 * dated_rows(job.model, job.where))
    )
    slices = [slice(low, min(low + step, size)) for low in range(0, size, step)]
    inner = workers if len(slices) == 1 else 1
    info: list[Compiled] = []
    cohort_results = _Shared(size)
    people = _People(size, individuals) if individuals <= BLOCK else None
    # Threads that compile share the interpreter and wait for each other; one that simulates does not need it.
    compiling = BoundedSemaphore(max(1, workers // 2))

    def one(part: slice) -> Quantities | None:
        try:
            return batch_of(part)
        except ModelError as error:
            error.draw = None if error.draw is None else part.start + error.draw
            raise

    def by_period(compilation: Compiled) -> Tensors:
        return replace(compilation.tensors, period=job.fine)

    def batch_of(part: slice) -> Quantities | None:
        own: dict[str, Any] = {"keys": keys[part], "where": job.where, "period_cycles": job.period_cycles}
        batch_draws = {name: np.asarray(values)[part] for name, values in draws.items()}
        if engine == "cohort":
            compilation = compile_groups(job.model, batch_draws, job.tables, compact=True, **own)
            if not info:
                info.append(compilation)
            cohort_results.add(by_period(compilation), part, inner)
            return None

        def block(first: int) -> Compiled:
            count = min(BLOCK, individuals - first)
            here: dict[str, Any] = {"seed": job.seed, "first": first, "count": count, **own}
            with compiling:
                return compile_model(job.model, batch_draws, job.tables, individuals=individuals, **here)

        pieces = []
        firsts = range(0, individuals, BLOCK)
        for compilation in _ahead(block, firsts) if inner > 1 else map(block, firsts):
            if not info:
                info.append(compilation)
            tensors = by_period(compilation)
            room = people.room(tensors, part) if people else None
            pieces.append(microsim(tensors, threads=inner, mode=MODES[engine], room=room))
        return pieces[0] if people else _add(pieces)

    outer = 1 if len(slices) == 1 else workers
    exact: np.ndarray | None = None
    with ThreadPoolExecutor(outer) as pool:
        batches = _in_order(pool, one, slices, outer, tell)
        if engine == "cohort":
            deque(batches, maxlen=0)
            quantities, exact = cohort_results.quantities()
        else:
            parts = (part for part in batches if part)
            quantities = people.quantities(parts) if people else join(parts, size)
    if job.limits:
        weights = info[0].tensors
        quantities = divide(quantities, job.limits, weights.cycle_weight, weights.event_weight)
    return Counted(quantities, info[0].layer_cost, info[0].layer_effect, exact)


def _run_systems(
    job: Job,
    draws: Mapping[str, np.ndarray],
    keys: np.ndarray,
    workers: int,
    batch: int | None,
    tell: Callable[[int], None] | None,
) -> Counted:
    """Whole systems of places of every draw.

    Draws to which about as many people come are compiled together, since each takes the room of the largest.
    """
    step = batch or max(1, min(SYSTEMS_BATCH, -(-len(keys) // workers)))
    slices = [slice(low, min(low + step, len(keys))) for low in range(0, len(keys), step)]
    order = np.argsort(people_expected(job.model, draws, job.tables, len(keys)), kind="stable")
    layers: dict[int, tuple[int, int]] = {}

    def one(part: slice) -> Quantities:
        rows = order[part]
        batch_draws = {name: np.asarray(values)[rows] for name, values in draws.items()}
        try:
            compilation = compile_systems(
                job.model,
                batch_draws,
                job.tables,
                systems=systems_of(job.individuals),
                seed=job.seed,
                keys=keys[rows],
                where=job.where,
            )
        except ModelError as error:
            error.draw = None if error.draw is None else int(rows[error.draw])
            raise
        layers[part.start] = compilation.layer_cost, compilation.layer_effect
        return live_systems(compilation.tensors)

    with ThreadPoolExecutor(1 if len(slices) == 1 else workers) as pool:
        parts = (part for part in _in_order(pool, one, slices, workers, tell) if part)
        quantities = join(parts, len(keys), order)
    return Counted(quantities, *layers[0], None)


class _Shared:
    """Results of the cohort engine: batches write into the same arrays, so that nothing is copied together."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.lock = Lock()
        self.room: tuple[np.ndarray, np.ndarray] | None = None
        self.parts: dict[int, tuple[np.ndarray, float, np.ndarray]] = {}

    def add(self, tensors: Tensors, part: slice, threads: int) -> None:
        with self.lock:
            if self.room is None:
                self.room = room(tensors, self.draws)
        time, events = (array[part] for array in self.room)
        self.parts[part.start] = expectations(tensors, time, events, threads)

    def quantities(self) -> tuple[Quantities, np.ndarray]:
        """What was added, and its trace in two parts that add up exactly."""
        assert self.room is not None
        passages, sizes, traces = zip(*(self.parts[at] for at in sorted(self.parts)), strict=True)
        exact = np.sum(traces, axis=0)
        size = np.array([sizes[0], 0.0])
        return Quantities(*self.room, stacked(passages), whole_trace(exact), size), exact


class _People:
    """Results of microsimulation, one block of individuals a draw: batches write into the same arrays."""

    def __init__(self, draws: int, individuals: int) -> None:
        self.draws, self.individuals = draws, individuals
        self.lock = Lock()
        self.whole: Room | None = None

    def room(self, tensors: Tensors, part: slice) -> Room:
        with self.lock:
            if self.whole is None:
                self.whole = rooms(tensors, self.draws, _counts(self.individuals))
        time, events, passages = self.whole
        return time[part], events[part], passages[part]

    def quantities(self, parts: Iterator[Quantities]) -> Quantities:
        trace, sojourns, size = np.zeros(()), 0, np.zeros(2)
        for part in parts:
            trace, sojourns, size = trace + part.trace, sojourns + part.sojourns, part.half_sizes
        assert self.whole is not None
        return Quantities(*self.whole, trace, size, sojourns)


def _ahead(work: Callable[[int], Compiled], items: Sequence[int]) -> Iterator[Compiled]:
    """Results of work(item) in order, each worked out while the one before is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(work, items[0])
        for item in items[1:]:
            ready = coming.result()
            coming = pool.submit(work, item)
            yield ready
            del ready
        yield coming.result()


def _batch(draws: int, individuals: int, workers: int, each: int = PER_INDIVIDUAL) -> int:
    """Draws compiled together: what fits, in equally many batches for each thread and four where draws are enough."""
    fits = max(1, int(PEOPLE_BYTES // (each * individuals)))
    if workers > 1:
        fits = min(fits, max(FEWEST, -(-draws // (4 * workers))))
    rounds = -(-draws // (fits * workers))
    return max(1, -(-draws // (rounds * workers)))


def _cohort_batch(job: Job, draws: int, workers: int) -> int:
    """Draws that fit in BATCH_BYTES with their groups, hazard tables and results."""
    model, where, cycles = job.model, job.where, job.model.conventions.horizon
    periods = -(-cycles // (job.period_cycles or model.conventions.cycles_per_year)) if job.by_year else 1
    groups = prod(len(a.categories) for a in model.attributes if a.categories)
    changing = sum("t" in f.names for x in model.transitions for f in x.formulas)
    changing += sum("t" in f.names for effect in model.strategy_effects for f in effect.ratio)
    results = 2 * 3 * len(model.strategies) * (where.size + where.event_size) * periods
    one = PER_INDIVIDUAL * groups + 8 * (changing * (cycles + 2) + 2 * len(where.events) + results)
    return max(1, min(max(COHORT_BATCH, BATCH_BYTES // one), -(-draws // workers)))


def _in_order(
    pool: Any, work: Any, slices: list[slice], workers: int, tell: Callable[[int], None] | None
) -> Iterator[Quantities | None]:
    """Results in the order of `slices`, with at most two waiting per worker; `tell` is told in this thread."""
    pending: dict[Future[Quantities | None], int] = {}
    results: dict[int, Quantities | None] = {}
    following = iter(enumerate(slices))
    next_out = 0
    while True:
        while len(pending) < 2 * workers:
            item = next(following, None)
            if item is None:
                break
            pending[pool.submit(work, item[1])] = item[0]
        if not pending:
            return
        futures, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in futures:
            index = pending.pop(future)
            results[index] = future.result()
            if tell is not None:
                tell(slices[index].stop - slices[index].start)
        while next_out in results:
            yield results.pop(next_out)
            next_out += 1


def _counts(most: int) -> type:
    """The least type that holds counts up to `most`."""
    return np.int16 if most <= np.iinfo(np.int16).max else np.int32 if most <= np.iinfo(np.int32).max else float


def _add(pieces: list[Quantities]) -> Quantities:
    """Blocks of individuals of the same draws, added in order; first passages in the least memory."""
    size = int(sum(p.half_sizes.sum() for p in pieces))  # the largest count
    return Quantities(
        time=np.sum([p.time for p in pieces], axis=0),
        events=np.sum([p.events for p in pieces], axis=0),
        passages=np.sum([p.passages for p in pieces], axis=0).astype(_counts(size)),
        trace=np.sum([p.trace for p in pieces], axis=0),
        half_sizes=np.sum([p.half_sizes for p in pieces], axis=0),
        sojourns=sum(p.sojourns for p in pieces),
    )
