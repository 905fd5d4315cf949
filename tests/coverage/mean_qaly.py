"""Is the reported error of a mean under independent draws the spread that other seeds show?

    python tests/coverage/mean_qaly.py --model tki2 --seeds 400 > tests/coverage/mean_qaly.log

A model is run with each of many seeds; the spread between the runs' means is what the reported errors must be. A line
per number, for the first 50 seeds and for all: spread, reported error (root mean square), their ratio with a 95 %
interval (bootstrap of the runs), and the share of intervals by Student's law that hold the mean of all runs.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

import costeff
from costeff import Evaluation
from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.settled import quantile

DRAWS, INDIVIDUALS, FIRST = 40, 60, 50


def means(one: Evaluation) -> dict[str, tuple[float, float]]:
    """Mean and reported error of the effect and cost of each strategy, and of the increments."""
    base = one.comparator_index
    found = {}
    for name, values in (("effect", one.effect), ("cost", one.cost)):
        for s, strategy in enumerate(one.strategies):
            found[f"{name}, {strategy}"] = values[:, s]
            if s != base:
                found[f"{name}, {strategy} less {one.comparator}"] = values[:, s] - values[:, base]
    return {name: (float(v.mean()), float(monte_carlo_error(v, one.replicates))) for name, v in found.items()}


def ratio(centre: np.ndarray, error: np.ndarray) -> float:
    """Reported error over spread."""
    return math.sqrt(float((error**2).mean())) / float(centre.std(ddof=1))


def lines(name: str, centre: np.ndarray, error: np.ndarray) -> list[str]:
    """What is printed of one number from means and errors (seed,)."""
    truth, wide, told = float(centre.mean()), quantile(DRAWS), []
    for seeds in dict.fromkeys((min(FIRST, len(centre)), len(centre))):
        c, e = centre[:seeds], error[:seeds]
        lot = np.random.default_rng(0).integers(0, seeds, (1000, seeds))
        low, high = np.quantile([ratio(c[at], e[at]) for at in lot], [0.025, 0.975])
        held = float((np.abs(c - truth) < wide * e).mean())
        told.append(
            f"{name:<32} {seeds:>4} seeds: spread {c.std(ddof=1):10.5g}, reported {math.sqrt((e**2).mean()):10.5g}, "
            f"ratio {ratio(c, e):4.2f} ({low:.2f} to {high:.2f}), held {100 * held:5.1f} %"
        )
    return told


def main(model: str, seeds: int) -> None:
    """Run the model and print."""
    study = costeff.load(model)
    runs = []
    for seed in range(1, seeds + 1):
        result = study.psa(DRAWS, INDIVIDUALS, seed, method="random", progress=False)
        runs.append(means(result.perspective()))
    print(f"{model}: independent draws, {DRAWS} x {INDIVIDUALS} individuals in each run")
    for name in runs[0]:
        centre, error = (np.array([run[name][i] for run in runs]) for i in (0, 1))
        print("\n".join(lines(name, centre, error)))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", default="tki2")
    asked.add_argument("--seeds", type=int, default=400)
    given = asked.parse_args()
    main(given.model, given.seeds)
