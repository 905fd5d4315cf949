"""What a cluster costs and gains: `python benchmarks/cluster.py [--draws N] [--individuals N] [--log FILE]`.

TKI2 is simulated by threads and by workers of a LocalCluster of Dask on this machine, each a process with one thread.
Seconds of the clock say how much faster more workers are; seconds of the processor, over the caller, the scheduler and
all workers, what is spent beside the work itself. The bits of all answers are compared.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from distributed import LocalCluster

from costeff import load, workplace
from costeff.benchmark.machine import machine, versions
from costeff.simulation import simulate as simulation
from costeff.simulation.parts import finished_parts

SMALL_PARTS = 400
"""Parts of one draw and one person in the measure of what a task costs: next to no work in each."""
HANDS = (("1 thread", 1, 0), ("2 threads", 2, 0), ("1 worker", 0, 1), ("2 workers", 0, 2), ("4 workers", 0, 4))
TOLD = "{clock:7.2f} s by the clock, {processor:7.2f} s of the processor"


def processor_seconds() -> float:
    """Of this process and of all that it started and that still run."""
    here = psutil.Process()
    times = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return sum(each.user + each.system for each in times)


@contextmanager
def local_cluster(workers: int) -> Iterator[str]:
    asked = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.CRITICAL}
    with LocalCluster(**asked) as cluster:
        yield cluster.scheduler_address


def timed(draws: int, individuals: int, **options: Any) -> tuple[dict[str, float], Any]:
    """Seconds of the clock and of the processor that a simulation takes, and its costs."""
    study = load("tki2")
    clock, processor = time.perf_counter(), processor_seconds()
    result = study.psa(draws=draws, individuals=individuals, seed=1, progress=False, **options)
    seconds = {"clock": time.perf_counter() - clock, "processor": processor_seconds() - processor}
    return seconds, result.perspective("municipal").cost


def by_workers(workers: int, draws: int, individuals: int) -> tuple[dict[str, float], Any]:
    with local_cluster(workers) as address, workplace(scheduler=address):
        timed(2, 1)  # every worker imports the library and its kernels
        return timed(draws, individuals)


def cost_of_a_task() -> dict[str, float]:
    """Milliseconds that a task costs beside its work: many parts of one draw and one person, at a worker and here."""
    study = load("tki2")
    columns = {str(name): np.asarray(values) for name, values in study.draw(SMALL_PARTS, 1, "random").data_vars.items()}
    job, keys = simulation.job_of(study.model, columns, study.tables, individuals=1, seed=1)
    each = [slice(number, number + 1) for number in range(SMALL_PARTS)]
    owns = [({name: column[one] for name, column in columns.items()}, keys[one]) for one in each]

    def seconds(place: Any) -> dict[str, float]:
        clock, processor = time.perf_counter(), processor_seconds()
        for _ in finished_parts(simulation._part, job, owns, threads=1, place=place):
            pass
        return {"clock": time.perf_counter() - clock, "processor": processor_seconds() - processor}

    here = seconds(None)
    with local_cluster(1) as address, workplace(scheduler=address) as place:
        timed(2, 1)
        there = seconds(place)
    return {kind: 1e3 * (there[kind] - here[kind]) / SMALL_PARTS for kind in here}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=3_000)
    parser.add_argument("--individuals", type=int, default=1_000)
    parser.add_argument("--log", help="a file that the measures are added to, a line of JSON")
    asked = parser.parse_args()
    found: dict[str, Any] = {"date": datetime.now(UTC).isoformat(timespec="minutes"), "load": os.getloadavg()[0]}
    found |= {"machine": machine(), "versions": versions(), "draws": asked.draws, "individuals": asked.individuals}
    timed(2, 1)
    right = None
    for title, threads, workers in HANDS:
        sizes = (asked.draws, asked.individuals)
        seconds, cost = by_workers(workers, *sizes) if workers else timed(*sizes, threads=threads)
        right = cost if right is None else right
        if not (cost == right).all():
            raise SystemExit(f"{title}: not the bits of one thread")
        found[title] = seconds
        print(title.ljust(10), TOLD.format(**seconds), flush=True)
    found["milliseconds of a task"] = beside = cost_of_a_task()
    print("a task beside its work:", TOLD.format(**beside).replace(" s ", " ms "))
    if asked.log:
        with Path(asked.log).open("a", encoding="utf-8") as log:
            log.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
