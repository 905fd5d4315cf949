"""How the event engine's cost grows, one axis at a time: `python benchmarks/scaling.py [--json FILE]`.

The model is the semi-Markov chain of costeff.benchmark.models: Weibull exits, an effect on every leg, weekly cycles.
Times are those of the simulation alone (compiling the model apart), the least of several, on one thread unless said.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from costeff.benchmark.machine import machine, versions
from costeff.benchmark.models import semi_markov
from costeff.benchmark.workloads import CHAINS, clock, drawn
from costeff.compile import compile_model
from costeff.engine.events.microsim import microsim, thread_count

BASE = {"individuals": 20_000, "cycles": 260, "states": 11, "draws": 1, "pace": 1.0, "exits": 2, "threads": 1}
AXES = {
    "individuals": (1_000, 10_000, 60_000),
    "cycles": (65, 130, 260, 520, 1040),
    "pace": (0.25, 0.5, 1.0, 2.0, 4.0),
    "states": (6, 11, 22, 44),
    "exits": (1, 2, 5),
    "draws": (1, 4, 16),
    "threads": (1, 2),
}


def measure(**changed: float) -> dict[str, float]:
    size = BASE | changed
    draws = drawn(CHAINS, int(size["draws"]))
    draws = {name: np.asarray(values) for name, values in draws.items()}
    draws["shape"] = np.full_like(draws["shape"], 0.2)
    chosen = semi_markov(int(size["states"]), int(size["cycles"]), float(size["pace"]), int(size["exits"]))
    people = int(size["individuals"])
    began = time.perf_counter()
    tensors = compile_model(chosen, draws, {}, individuals=people, seed=1).tensors
    compiled = time.perf_counter() - began
    threads = min(int(size["threads"]), thread_count(None))
    found = microsim(tensors, threads=threads)
    seconds = min(clock(lambda: microsim(tensors, threads=threads)) for _ in range(5))
    lives = people * int(size["draws"]) * len(chosen.strategies)
    return {
        "seconds": seconds,
        "compile_seconds": compiled,
        "stays_per_life": found.sojourns / lives,
        "ns_per_stay": 1e9 * seconds / found.sojourns,
        "us_per_life": 1e6 * seconds / lives,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json")
    asked = parser.parse_args()
    found = {"machine": machine(), "versions": versions(), "base": BASE, "axes": {}}
    for axis, values in AXES.items():
        found["axes"][axis] = {}
        for value in values:
            row = found["axes"][axis][str(value)] = measure(**{axis: value})
            print(
                f"{axis:<12} {value:>8g}  {row['seconds']:8.4f} s  {row['stays_per_life']:6.2f} stays a life  "
                f"{row['ns_per_stay']:7.1f} ns a stay  compile {row['compile_seconds']:.3f} s",
                flush=True,
            )
    if asked.json:
        Path(asked.json).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
