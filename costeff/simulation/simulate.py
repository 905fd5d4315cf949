"""The only place that executes: a compiled model through an engine, in threads here or by the workers of a cluster."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from costeff.compile import Layout, layout
from costeff.compile.discount import periods
from costeff.compile.limits import limits
from costeff.compile.run_size import check_run_size, run_size
from costeff.engine.cohort.cohort import whole_trace
from costeff.engine.events.microsim import thread_count
from costeff.engine.quantities import Quantities, join
from costeff.errors import EngineError, ModelError
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.simulation.batches import MODES, Counted, Job, run_draws
from costeff.simulation.inside import Work
from costeff.simulation.packed import packed, unpacked
from costeff.simulation.parts import finished_parts, part_size
from costeff.simulation.store import Arrays
from costeff.simulation.workplace import workplace_now
from costeff.types import Engine

ENGINES = (*MODES, "cohort", "flow")


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
    are compiled together (default: what fits in 32 MiB; cohorts 48). The same numbers come out for any `threads` and
    `batch`, and in any workplace (`costeff.simulation.workplace`).
    `engine`: "microsim", "stepping", "weekly" or "cohort" (exact for discrete groups; it needs neither `individuals`
    nor `seed`). `by_year=False` keeps totals over the horizon only (cohort), which saves time and memory in yearly
    models of many draws. `period_cycles` keeps time and events in periods of so many cycles in the place of years, and
    undiscounted only (one layer), as calendar accounts need: 13 is a quarter of weeks. Effects "within" some years
    cannot be read from such quantities.
    """
    job, addresses = job_of(
        model,
        draws,
        tables,
        individuals=individuals,
        seed=seed,
        keys=keys,
        engine=engine,
        by_year=by_year,
        period_cycles=period_cycles,
    )
    size = len(addresses)
    periods_kept = int(job.fine.max()) + 1
    check_run_size(run_size(job.model, size, individuals, engine=job.engine, periods=periods_kept, where=job.where))
    start_time = time.perf_counter()
    with progress_bar(size, progress) as bar:
        if workplace_now().usual:
            result = run_draws(job, draws, addresses, workers=thread_count(threads), batch=batch, tell=bar.update)
        else:
            result = _in_parts(job, draws, addresses, threads, bar)
    return Simulated(
        quantities=result.quantities,
        layout=job.where,
        layer_cost=result.layer_cost,
        layer_effect=result.layer_effect,
        seconds=time.perf_counter() - start_time,
        person_cycles=job.person_cycles * size,
        engine=cast("Engine", job.engine),
        threads=thread_count(threads),
    )


def engine_of(model: Model, engine: str) -> str:
    """The engine that is meant: a model with arrivals has one, "flow", and no other model has it.

    >>> from costeff.model import read_model
    >>> engine_of(read_model("sick_sicker"), "cohort")
    'cohort'
    """
    if model.system is not None and engine in ("microsim", "flow"):
        return "flow"
    if model.system is not None or engine == "flow":
        raise EngineError(
            f"model '{model.name}' is not simulated so",
            where=model.file or None,
            value=f"engine {engine}",
            rule="a model with `arrivals` is simulated by the engine `flow`, and no other model is",
            way_out="leave the engine out",
        )
    return engine


def job_of(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    keys: np.ndarray | None = None,
    engine: str = "microsim",
    by_year: bool = True,
    period_cycles: int | None = None,
) -> tuple[Job, np.ndarray]:
    """What all draws of a simulation share, and the address of each draw (D,), checked. See `simulate`."""
    engine = engine_of(model, engine)
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
    if engine == "flow" and period_cycles is not None:
        raise EngineError(
            f"model '{model.name}' is a system, and is not laid over the calendar by quarter of entry",
            where=model.file or None,
            rule="a case asks for citizens who enter; a model with `arrivals` has its own calendar",
            way_out="use its costs by year, or make the case of a model of citizens",
        )
    where = layout(model)
    span = periods(model.conventions.horizon, period_cycles or model.conventions.cycles_per_year)
    span = span if by_year else np.zeros_like(span)
    period_limits = None if engine == "flow" else limits(model, where, draws, tables, span)
    fine = span if period_limits is None else period_limits.fine
    job = Job(model, dict(tables), where, individuals, seed, engine, period_cycles, by_year, fine, period_limits)
    return job, keys


def parts_of(
    work: Work, of_all: Any, job: Job, draws: Mapping[str, np.ndarray], keys: np.ndarray, threads: int | None, bar: Any
) -> Iterator[Arrays]:
    """The draws in parts that a store may hold and that a cluster may work out by `work(of_all, (draws, keys))`."""
    size, length = len(keys), part_size(job.individuals)
    slices = [slice(low, min(low + length, size)) for low in range(0, size, length)]
    columns = {name: np.asarray(values) for name, values in draws.items()}
    owns = [({name: column[part] for name, column in columns.items()}, keys[part]) for part in slices]

    def tell(number: int) -> None:
        bar.update(slices[number].stop - slices[number].start)

    try:
        yield from finished_parts(work, of_all, owns, threads=threads, tell=tell)
    except ModelError as error:
        number = getattr(error, "part", 0)
        error.draw = None if error.draw is None else slices[number].start + error.draw
        raise


def _in_parts(job: Job, draws: Mapping[str, np.ndarray], keys: np.ndarray, threads: int | None, bar: Any) -> Counted:
    """The draws in parts, put together."""
    layers, exact = np.zeros(2, int), None

    def quantities() -> Iterator[Quantities]:
        nonlocal layers, exact
        for arrays in parts_of(_part, job, job, draws, keys, threads, bar):
            layers = arrays["layers"]
            if "exact" in arrays:
                exact = arrays["exact"] if exact is None else exact + arrays["exact"]
            yield unpacked(arrays)

    whole = join(quantities(), len(keys))
    if exact is not None:
        whole = replace(whole, trace=whole_trace(exact))
    return Counted(whole, int(layers[0]), int(layers[1]), exact)


def _part(job: Job, own: tuple[dict[str, np.ndarray], np.ndarray]) -> Arrays:
    """One part through the engine, in one thread."""
    draws, keys = own
    result = run_draws(job, draws, keys, workers=1)
    arrays = packed(result.quantities) | {"layers": np.array([result.layer_cost, result.layer_effect])}
    return arrays if result.exact is None else arrays | {"exact": result.exact}


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


def progress_bar(total: int, show: bool) -> Any:
    """A bar of so many draws, which `update` moves."""
    from tqdm import tqdm

    return tqdm(
        total=total, unit="draw", desc="simulating", disable=not show, file=sys.stderr, leave=False, mininterval=0.2
    )
