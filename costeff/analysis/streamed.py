"""Runs that are too large to be held whole: each part is priced where it is simulated, and its totals are kept.

Memory is then the totals and a few parts. TKI2's totals are some 5 kB a draw by their sizes, where whole quantities and
flows take 106; a run was seen to grow by 18 to 24 kB a draw, of which the rest is not explained yet.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from costeff.analysis.counts import Counts, GatheredCounts, WholeCounts, early_cycles
from costeff.analysis.spool import Spool
from costeff.analysis.totals import Arrays, Gathered, Totals, to_arrays, totals_of
from costeff.compile.environment import parameter_environment
from costeff.compile.layout import Layout
from costeff.compile.run_size import check_run_size, run_size
from costeff.engine.cohort.cohort import whole_trace
from costeff.engine.events.microsim import thread_count
from costeff.engine.quantities import Quantities
from costeff.errors import ResultError
from costeff.ledger import Effects, effects, flows
from costeff.model import Model
from costeff.numerics.allocator import keep_one_arena
from costeff.simulation.batches import Job, run_draws
from costeff.simulation.simulate import Simulated, job_of, parts_of, progress_bar
from costeff.types import Engine

WHOLE = "COSTEFF_WHOLE"
"""Environment variable: gigabytes up to which quantities and flows are held whole."""
MOST_WHOLE = 0.5


@dataclass(frozen=True, eq=False)
class Streamed:
    """What a run left that is not held whole; `spool` holds flows (d, G, lines, years, layers), part by part."""

    totals: Totals
    effects: Effects
    counts: Counts
    spool: Spool


def not_whole(what: str) -> ResultError:
    """What to say when something is asked for that was contracted."""
    return ResultError(
        f"this run was too large to keep {what} in memory",
        rule=f"results of more than {most_whole() / 1e9:g} GB are contracted to totals as their parts end",
        way_out="read `flow` of results.nc, some draws at a time; ask for fewer draws; or set "
        f"{WHOLE} to the gigabytes that may be held whole",
    )


class _NotWhole:
    """In the place of quantities that were contracted: asking for anything of them is refused."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_whole(f"the {name} of each draw")


def most_whole() -> float:
    """Bytes of quantities and flows that are held whole."""
    text = os.environ.get(WHOLE, "").strip()
    try:
        gigabytes = float(text) if text else MOST_WHOLE
    except ValueError:
        gigabytes = -1.0
    if not gigabytes >= 0:
        raise ResultError(
            f"{WHOLE} is not a number of gigabytes",
            value=text,
            rule=f"{WHOLE}=4 for example",
            way_out="correct or unset it",
        )
    return gigabytes * 1e9


def is_too_large(model: Model, draws: int, individuals: int, engine: str) -> bool:
    """Whether a run's quantities and flows are more than may be held whole; one draw always may."""
    return draws > 1 and run_size(model, draws, individuals, engine=engine).results > most_whole()


def run_streamed(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    engine: str,
    threads: int | None,
    progress: bool,
) -> tuple[Simulated, Streamed]:
    """Simulate and price part by part. The same bits as those of `simulate` and `flows` of all draws at once."""
    start_time = time.perf_counter()
    job, keys = job_of(model, draws, tables, individuals=individuals, seed=seed, engine=engine)
    size = len(keys)
    check_run_size(run_size(model, size, individuals, engine=engine, parameters=len(draws), streamed=True))
    stream = Stream(model, job.where, size)
    layers = np.zeros(2, int)
    with progress_bar(size, progress) as bar:
        for arrays in parts_of(_priced, job, job, draws, keys, threads, bar):
            layers = arrays["layers"]
            stream.add(arrays)
    simulated = Simulated(
        quantities=not_held(),
        layout=job.where,
        layer_cost=int(layers[0]),
        layer_effect=int(layers[1]),
        seconds=time.perf_counter() - start_time,
        person_cycles=job.person_cycles * size,
        engine=cast("Engine", engine),
        threads=thread_count(threads),
    )
    return simulated, stream.streamed()


class Stream:
    """Draws that are put behind each other as totals, effects and counts; at most so many, their flows in a file."""

    def __init__(self, model: Model, where: Layout, most: int) -> None:
        keep_one_arena()
        self.model, self.where = model, where
        self.gathered, self.counts, self.spool = Gathered(model, where, most), _Counts(model), Spool()

    def add(self, arrays: Arrays) -> None:
        """Put the draws of `contracted` behind the others."""
        self.spool.add(arrays["flow"])
        self.gathered.add(arrays)
        self.counts.add(arrays)

    def streamed(self) -> Streamed:
        """All draws that were added."""
        return Streamed(self.gathered.totals(), self.gathered.effects(), self.counts.whole(), self.spool)

    def alone(self, arrays: Arrays) -> Streamed:
        """The draws of `contracted` by themselves; their flows are in the file of all."""
        gathered, counts = Gathered(self.model, self.where, len(arrays["effect"])), _Counts(self.model)
        gathered.add(arrays)
        counts.add(arrays)
        return Streamed(gathered.totals(), gathered.effects(), counts.whole(), self.spool)


def not_held() -> Quantities:
    """In the place of the quantities of a run that was contracted."""
    return cast("Quantities", _NotWhole())


def _priced(job: Job, own: tuple[dict[str, np.ndarray], np.ndarray]) -> Arrays:
    """One part, simulated and priced in one thread."""
    draws, keys = own
    of_draws = run_draws(job, draws, keys, workers=1)
    layers = of_draws.layer_cost, of_draws.layer_effect
    arrays = contracted(job.model, job.where, job.tables, draws, of_draws.quantities, layers)
    return arrays if of_draws.exact is None else arrays | {"exact": of_draws.exact}


def contracted(
    model: Model,
    where: Layout,
    tables: Mapping[str, Any],
    draws: Mapping[str, np.ndarray],
    quantities: Quantities,
    layers: tuple[int, int],
) -> Arrays:
    """Quantities of some draws, priced: totals, effects, counts and flows, as `Stream` takes them.

    `layers`: those of discounted cost and discounted effects.
    """
    env = parameter_environment(model, draws, tables, quantities.draws)
    money = flows(model, where, env, quantities, layers[0])
    halves = bool(quantities.half_sizes[0] == quantities.half_sizes[1])
    totals = totals_of(model, where, money, env, layers[0], halves)
    every = WholeCounts(quantities)
    return to_arrays(totals, effects(model, where, env, quantities, layers[1])) | {
        "flow": np.ascontiguousarray(money.amount),
        "layers": np.array(layers),
        "half_sizes": every.half_sizes,
        "sojourns": np.array(every.sojourns),
        "trace": every.trace,
        "passages": every.passages,
        **{f"early_{cycles}": every.early(cycles) for cycles in early_cycles(model)},
    }


class _Counts:
    """Counts of all draws, added part by part."""

    def __init__(self, model: Model) -> None:
        self.draws, self.sojourns = 0, 0
        self.half_sizes = np.zeros(2)
        self.sums: dict[str, np.ndarray] = {}
        self.early: dict[int, list[np.ndarray]] = {cycles: [] for cycles in early_cycles(model)}

    def add(self, arrays: Arrays) -> None:
        """Add the next part."""
        self.draws += len(arrays["effect"])
        self.half_sizes = arrays["half_sizes"]
        self.sojourns += int(arrays["sojourns"])
        for name in ("exact", "trace", "passages"):
            if name in arrays:
                self.sums[name] = self.sums[name] + arrays[name] if name in self.sums else arrays[name]
        for cycles, parts in self.early.items():
            parts.append(arrays[f"early_{cycles}"])

    def whole(self) -> GatheredCounts:
        """The counts of all draws; the trace of a cohort from its exact parts."""
        trace = whole_trace(self.sums["exact"]) if "exact" in self.sums else self.sums["trace"]
        early = {cycles: np.concatenate(parts) for cycles, parts in self.early.items()}
        return GatheredCounts(self.draws, self.half_sizes, self.sojourns, trace, self.sums["passages"], early)
