"""The only place that executes: batches of draws and blocks of individuals, in bounded memory, threads, progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.compile import Compiled, Layout, compile_model, layout
from costeff.compile.groups import compile_groups
from costeff.engine.cohort import cohort
from costeff.engine.microsim import microsim, thread_count
from costeff.errors import EngineError
from costeff.kernel_cache import is_compiled
from costeff.model.model import Model
from costeff.quantities import Quantities, join

BATCH_BYTES = 48 * 2**20  # compiled arrays of one batch
PER_INDIVIDUAL = 500  # bytes per draw and individual in a batch, attributes included
BLOCK = 2**16  # individuals compiled together; fixed, so that it cannot change an answer
MODES = {"microsim": "events", "stepping": "stepping", "weekly": "weekly"}
ENGINES = (*MODES, "cohort")
COHORT_BATCH = 32  # draws whose groups are compiled together


@dataclass(frozen=True)
class Simulated:
    """Quantities with what is needed to price them, and what the simulation cost."""

    quantities: Quantities
    layout: Layout
    layer_cost: int
    layer_effect: int
    seconds: float
    person_cycles: int
    engine: str


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
) -> Simulated:
    """Run `model` for every draw and strategy.

    `draws` maps parameter names to (D,); `keys` (D,) are the draws' random addresses (default 0, 1, ...). `batch` draws
    are compiled together (default: what fits in about 48 MiB). The same numbers come out for any `threads` and `batch`.
    `engine`: "microsim", "stepping", "weekly" or "cohort" (exact for discrete groups; it needs neither `individuals`
    nor `seed`).
    """
    if individuals < 1:
        raise EngineError(
            "no individuals to simulate",
            value=individuals,
            rule="at least 1",
            way_out="give individuals=1000",
        )
    if not 0 <= seed < 2**64:
        raise EngineError(
            "the seed is out of range",
            value=seed,
            rule="a whole number from 0 to 2^64 - 1",
            way_out="give seed=1",
        )
    size = len(next(iter(draws.values()))) if draws else (1 if keys is None else len(keys))
    if size < 1:
        raise EngineError("no draws to simulate", value=size, rule="at least 1")
    if engine not in ENGINES:
        raise EngineError(f"unknown engine '{engine}'", value=engine, rule=f"one of {', '.join(ENGINES)}")
    keys = np.arange(size, dtype=np.uint64) if keys is None else np.asarray(keys, np.uint64)
    workers = thread_count(threads)
    where = layout(model)
    step = batch or (COHORT_BATCH if engine == "cohort" else _batch(size, min(individuals, BLOCK), workers))
    slices = [slice(low, min(low + step, size)) for low in range(0, size, step)]
    inner = workers if len(slices) == 1 else 1
    info: list[Compiled] = []

    def one(part: slice) -> Quantities:
        chosen = {name: np.asarray(values)[part] for name, values in draws.items()}
        if engine == "cohort":
            compiled = compile_groups(model, chosen, tables, keys=keys[part], where=where)
            if not info:
                info.append(compiled)
            return cohort(compiled.tensors, threads=inner)
        pieces = []
        for first in range(0, individuals, BLOCK):
            compiled = compile_model(
                model, chosen, tables, individuals=individuals, seed=seed, keys=keys[part],
                first=first, count=min(BLOCK, individuals - first), where=where,
            )  # fmt: skip
            if not info:
                info.append(compiled)
            pieces.append(microsim(compiled.tensors, threads=inner, mode=MODES[engine]))
        return _add(pieces)

    _announce_compilation(engine)
    began = time.perf_counter()
    outer = 1 if len(slices) == 1 else workers
    with ThreadPoolExecutor(outer) as pool, _bar(size, progress) as bar:
        parts = list(_in_order(pool, one, slices, outer, bar))
    cycles = model.conventions.horizon
    return Simulated(
        quantities=join(parts),
        layout=where,
        layer_cost=info[0].layer_cost,
        layer_effect=info[0].layer_effect,
        seconds=time.perf_counter() - began,
        person_cycles=size * len(model.strategies) * individuals * cycles,
        engine=engine,
    )


def _announce_compilation(engine: str) -> None:
    kernel = ("cohort_kernel", "live_group") if engine == "cohort" else ("microsim", "live_block")
    if not is_compiled(*kernel):
        sys.stderr.write("costeff: compiling kernels for this machine, once; about half a minute\n")
        sys.stderr.flush()


def _batch(draws: int, individuals: int, workers: int) -> int:
    fits = max(1, int(BATCH_BYTES // (PER_INDIVIDUAL * individuals)))
    return max(1, min(fits, -(-draws // workers)))


def _in_order(pool: Any, work: Any, slices: list[slice], workers: int, bar: Any) -> Iterator[Quantities]:
    """Results in the order of `slices`, with at most two waiting per worker; the bar moves in this thread."""
    pending: dict[Future[Quantities], int] = {}
    done: dict[int, Quantities] = {}
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
        finished, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in finished:
            index = pending.pop(future)
            done[index] = future.result()
            bar.update(slices[index].stop - slices[index].start)
        while next_out in done:
            yield done.pop(next_out)
            next_out += 1


def _bar(total: int, show: bool) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=total,
        unit="draw",
        desc="simulating",
        disable=not show,
        file=sys.stderr,
        leave=False,
        mininterval=0.2,
    )


def _add(pieces: list[Quantities]) -> Quantities:
    """Blocks of individuals of the same draws, added in order."""
    if len(pieces) == 1:
        return pieces[0]
    return Quantities(
        time=np.sum([p.time for p in pieces], axis=0),
        events=np.sum([p.events for p in pieces], axis=0),
        passages=np.sum([p.passages for p in pieces], axis=0),
        trace=np.sum([p.trace for p in pieces], axis=0),
        size=np.sum([p.size for p in pieces], axis=0),
        sojourns=sum(p.sojourns for p in pieces),
    )
