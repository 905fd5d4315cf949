"""Speed and memory of acceptability, frontier, expected loss and EVPI on a large PSA table.

Run `python benchmarks/decisions.py [--draws 100000] [--strategies 12] [--wtp 500]`. The four public functions are
called one after the other on a fresh Evaluation; the first call makes the pass that the others share. Compilation
(once per installation) is timed apart.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

import numpy as np

from costeff import Evaluation


def evaluation(draws: int, strategies: int, seed: int = 1) -> Evaluation:
    """Normal costs and effects, rising together, so that several strategies are best somewhere."""
    rng = np.random.default_rng(seed)
    rise = np.arange(strategies)
    cost = 10_000.0 * rise**1.2 + rng.normal(0, 8_000, (draws, strategies))
    effect = 0.1 * rise + rng.normal(0, 0.2, (draws, strategies))
    names = tuple(f"strategy_{s}" for s in rise)
    return Evaluation("m", "q", names, names[0], cost, effect)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--strategies", type=int, default=12)
    parser.add_argument("--wtp", type=int, default=500)
    asked = parser.parse_args()
    wtp = np.linspace(0, 500_000, asked.wtp)
    began = time.perf_counter()
    evaluation(10, asked.strategies).ceac(wtp)
    print(f"compiling or loading: {time.perf_counter() - began:.2f} s")
    table = evaluation(asked.draws, asked.strategies)
    total = 0.0
    for name in ("ceac", "ceaf", "expected_loss", "evpi"):
        began = time.perf_counter()
        getattr(table, name)(wtp)
        took = time.perf_counter() - began
        total += took
        print(f"{name:<14}{took:8.3f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"all four      {total:8.3f} s, {os.cpu_count()} cores, peak memory of the process {peak:,.0f} MB")


if __name__ == "__main__":
    main()
