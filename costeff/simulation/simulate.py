"""The only place that executes: batches of draws and blocks of individuals, in bounded memory, threads, progress."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from math import prod
from threading import BoundedSemaphore, Lock
from typing import Any, cast

import numpy as np

from costeff.compile import Compiled, Layout, compile_model, layout
from costeff.compile.discount import periods
from costeff.compile.groups import compile_groups
from costeff.compile.limits import divide, limits
from costeff.compile.run_size import check_run_size, run_size
from costeff.engine.cohort.cohort import expectations, room, whole_trace
from costeff.engine.events.microsim import Room, microsim, rooms, thread_count
from costeff.engine.quantities import Quantities, join, stacked
from costeff.engine.tensors import Tensors
from costeff.errors import EngineError, ModelError
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.types import Engine

BATCH_BYTES = 48 * 2**20  # compiled arrays of one batch of cohorts
PEOPLE_BYTES = 16 * 2**20  # and of individuals: so little is used again from batch to batch, not given back
PER_INDIVIDUAL = 500  # bytes per draw and individual in a batch, attributes included
BLOCK = 2**17  # individuals compiled together; fixed, so that it cannot change an answer
MODES = {"microsim": "events", "stepping": "stepping", "weekly": "weekly"}
FEWEST = 8  # draws compiled together, where they fit: each batch has its fixed cost
ENGINES = (*MODES, "cohort")
COHORT_BATCH = 32  # draws whose groups are compiled together, at least


@dataclass(frozen=True)
class Simulated:
    """Quantities with what is needed to price them, and what the simulation cost."""

    quantities: Quantities
    layout: Layout
    layer_cost: int
    layer_effect: int
    seconds: float
    person_cycles: int
    engine: Engine
    threads: int = 1


def simulate(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    keys: np.ndarray | None = None,
    threads: int | None = None,
    engine: str = "microsim",
    batch: int | None = None,
    progress: bool = False,
    by_year: bool = True,
    period_cycles: int | None = None,
) -> Simulated:
    """Run `model` for every draw and strategy.

    `draws` maps parameter names to (D,); `keys` (D,) are the draws' random addresses (default 0, 1, ...). `batch` draws
    are compiled together (default: what fits in 16 MiB; cohorts 48). The same numbers come out for any `threads` and
    `batch`.
    `engine`: "microsim", "stepping", "weekly" or "cohort" (exact for discrete groups; it needs neither `individuals`
    nor `seed`). `by_year=False` keeps totals over the horizon only (cohort), which saves time and memory in yearly
    models of many draws. `period_cycles` keeps time and events in periods of so many cycles in the place of years, and
    undiscounted only (one layer), as calendar accounts need: 13 is a quarter of weeks. Effects "within" some years
    cannot be read from such quantities.
    """
    if period_cycles is not None:
        _check_periods(period_cycles, by_year)
        model = undiscounted(model)
    if individuals < 1:
        raise EngineError(
            "no individuals to simulate", value=individuals, rule="at least 1", way_out="give individuals=1000"
        )
    if not 0 <= seed < 2**64:
        raise EngineError(
            "the seed is out of range", value=seed, rule="a whole number from 0 to 2^64 - 1", way_out="give seed=1"
        )
    size = len(next(iter(draws.values()))) if draws else (1 if keys is None else len(keys))
    if size < 1:
        raise EngineError("no draws to simulate", value=size, rule="at least 1")
    if engine not in ENGINES:
        raise EngineError(f"unknown engine '{engine}'", value=engine, rule=f"one of {', '.join(ENGINES)}")
    keys = np.arange(size, dtype=np.uint64) if keys is None else np.asarray(keys, np.uint64)
    if not by_year:
        _check_totals(model, engine)
    workers = thread_count(threads)
    where = layout(model)
    span = periods(model.conventions.horizon, period_cycles or model.conventions.cycles_per_year)
    span = span if by_year else np.zeros_like(span)
    period_limits = limits(model, where, draws, tables, span)
    fine = span if period_limits is None else period_limits.fine
    check_run_size(run_size(model, size, individuals, engine=engine, periods=int(fine.max()) + 1, where=where))
    step = batch or (
        _cohort_batch(model, where, size, workers, period_cycles or model.conventions.cycles_per_year, by_year)
        if engine == "cohort"
        else _batch(size, min(individuals, BLOCK), workers)
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
        return replace(compilation.tensors, period=fine)

    def batch_of(part: slice) -> Quantities | None:
        batch_draws = {name: np.asarray(values)[part] for name, values in draws.items()}
        if engine == "cohort":
            compilation = compile_groups(
                model, batch_draws, tables, keys=keys[part], where=where, compact=True, period_cycles=period_cycles
            )
            if not info:
                info.append(compilation)
            cohort_results.add(by_period(compilation), part, inner)
            return None

        def block(first: int) -> Compiled:
            with compiling:
                return compile_model(
                    model,
                    batch_draws,
                    tables,
                    individuals=individuals,
                    seed=seed,
                    keys=keys[part],
                    first=first,
                    count=min(BLOCK, individuals - first),
                    where=where,
                    period_cycles=period_cycles,
                )

        pieces = []
        firsts = range(0, individuals, BLOCK)
        for compilation in _ahead(block, firsts) if inner > 1 else map(block, firsts):
            if not info:
                info.append(compilation)
            tensors = by_period(compilation)
            room = people.room(tensors, part) if people else None
            pieces.append(microsim(tensors, threads=inner, mode=MODES[engine], room=room))
        return pieces[0] if people else _add(pieces)

    start_time = time.perf_counter()
    outer = 1 if len(slices) == 1 else workers
    with ThreadPoolExecutor(outer) as pool, _bar(size, progress) as bar:
        batches = _in_order(pool, one, slices, outer, bar)
        if engine == "cohort":
            deque(batches, maxlen=0)
            quantities = cohort_results.quantities()
        else:
            parts = (part for part in batches if part)
            quantities = people.quantities(parts) if people else join(parts, size)
    if period_limits:
        weights = info[0].tensors
        quantities = divide(quantities, period_limits, weights.cycle_weight, weights.event_weight)
    cycles = model.conventions.horizon
    return Simulated(
        quantities=quantities,
        layout=where,
        layer_cost=info[0].layer_cost,
        layer_effect=info[0].layer_effect,
        seconds=time.perf_counter() - start_time,
        person_cycles=size * len(model.strategies) * individuals * cycles,
        engine=cast("Engine", engine),
        threads=workers,
    )


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

    def quantities(self) -> Quantities:
        assert self.room is not None
        passages, sizes, traces = zip(*(self.parts[at] for at in sorted(self.parts)), strict=True)
        trace = whole_trace(np.sum(traces, axis=0))
        return Quantities(*self.room, stacked(passages), trace, np.array([sizes[0], 0.0]))


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


def _batch(draws: int, individuals: int, workers: int) -> int:
    """Draws compiled together: what fits, in equally many batches for each thread and four where draws are enough."""
    fits = max(1, int(PEOPLE_BYTES // (PER_INDIVIDUAL * individuals)))
    if workers > 1:
        fits = min(fits, max(FEWEST, -(-draws // (4 * workers))))
    rounds = -(-draws // (fits * workers))
    return max(1, -(-draws // (rounds * workers)))


def undiscounted(model: Model) -> Model:
    """The model with one layer of discounting, that of no discount."""
    zero = Expression(0)
    plain = replace(model.conventions, discount_rate_cost=zero, discount_rate_effect=zero, discount_bands=())
    return model if plain == model.conventions else replace(model, conventions=plain)


def _check_periods(period_cycles: int, by_year: bool) -> None:
    """Refuse periods that cannot be kept."""
    if period_cycles < 1 or not by_year:
        raise EngineError(
            "periods that cannot be kept",
            value=period_cycles if by_year else "by_year=False",
            rule="period_cycles is 1 or more, and needs periods (by_year=True)",
        )


def _cohort_batch(model: Model, where: Layout, draws: int, workers: int, period_cycles: int, by_year: bool) -> int:
    """Draws that fit in BATCH_BYTES with their groups, hazard tables and results."""
    cycles = model.conventions.horizon
    periods = -(-cycles // period_cycles) if by_year else 1
    groups = prod(len(a.categories) for a in model.attributes if a.categories)
    changing = sum("t" in f.names for x in model.transitions for f in x.formulas)
    changing += sum("t" in f.names for effect in model.strategy_effects for f in effect.ratio)
    results = 2 * 3 * len(model.strategies) * (where.size + len(where.events)) * periods
    one = PER_INDIVIDUAL * groups + 8 * (changing * (cycles + 2) + 2 * len(where.events) + results)
    return max(1, min(max(COHORT_BATCH, BATCH_BYTES // one), -(-draws // workers)))


def _check_totals(model: Model, engine: str) -> None:
    """Totals over the horizon cannot tell the first years from the rest."""
    effects_within = [e for e in model.effects if e.passage is None and (e.within or any(x.within for x in e.terms))]
    if engine != "cohort" or effects_within:
        raise EngineError(
            f"effect '{effects_within[0].name}' counts the first years only"
            if effects_within
            else "totals without years",
            where=effects_within[0].place if effects_within else None,
            value="by_year=False",
            rule="by_year=False is for the cohort engine, and keeps no years apart",
            way_out="leave by_year out",
        )


def _in_order(pool: Any, work: Any, slices: list[slice], workers: int, bar: Any) -> Iterator[Quantities | None]:
    """Results in the order of `slices`, with at most two waiting per worker; the bar moves in this thread."""
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
            bar.update(slices[index].stop - slices[index].start)
        while next_out in results:
            yield results.pop(next_out)
            next_out += 1


def _bar(total: int, show: bool) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=total, unit="draw", desc="simulating", disable=not show, file=sys.stderr, leave=False, mininterval=0.2
    )


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
