"""Times what a model of places takes: 1,000 draws x 5 years x 2 strategies of Haderslev's whole system.

    python benchmarks/places.py

The model is the shipped one, over five years after its two of warm-up, with two whole systems in each draw (one a
half). The bars are 5 s by the clock for the simulation on two processors at rest, and 1 s for the answer of theory. The
same bits come out of one thread and of two, or the run ends in an error.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import costeff as ce
from costeff.engine.flow.analytic import waiting_line
from costeff.model.two_strategies import with_strategy
from costeff.simulation.simulate import Simulated, simulate

DRAWS, YEARS, SIMULATION_BAR, THEORY_BAR = 1000, 5, 5.0, 1.0


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What the work gives, with its seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - clock, time.process_time() - processor


def main() -> int:
    """Print seconds by the clock and of the processor, after a call that compiles; 1 when a bar is missed."""
    study = ce.load("haderslev-places")
    model = with_strategy(study.model.with_horizon(YEARS * study.model.conventions.cycles_per_year), "meetings")
    draws = study.evidence.columns(DRAWS, seed=1)

    def run(threads: int, size: int = DRAWS) -> Simulated:
        own = {name: np.asarray(values)[:size] for name, values in draws.items()}
        return simulate(model, own, {}, individuals=200, seed=1, threads=threads)

    run(1, 2)
    results, missed = [], False
    for threads in (1, 2):
        result, clock, processor = timed(lambda threads=threads: run(threads))  # type: ignore[misc]
        results.append(result.quantities)
        print(f"{DRAWS} draws x {YEARS} years x 2 strategies, {threads} threads: {clock:.2f} s by the clock, ", end="")
        print(f"{processor:.2f} s of processor time, {result.quantities.sojourns:,} stays in states")
    missed |= clock > SIMULATION_BAR
    for name in ("time", "events", "trace"):
        if not np.array_equal(getattr(results[0], name), getattr(results[1], name)):
            raise SystemExit(f"{name}: other bits with two threads than with one")
    places = np.floor(draws["places"] + 0.5)
    people = draws["occupancy"] * places / draws["stay"]

    def theory() -> list[Any]:
        stays = (draws["stay"], np.maximum(draws["stay"] + draws["change_in_stay"], 2))
        return [waiting_line(people, stay, places) for stay in stays]

    _, clock, _ = timed(theory)
    print(f"the same {DRAWS} draws by theory: {clock:.4f} s")
    missed |= clock > THEORY_BAR
    words = "missed" if missed else "met"
    print(f"bars of {SIMULATION_BAR:.0f} and {THEORY_BAR:.0f} s {words}, load {os.getloadavg()[0]:.1f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
