"""Is the reported error of a mean under random draws the spread that other seeds show?

Each model is run once for each of many seeds; the spread between the runs' means is what the reported errors must be.
Prints reported / spread with its own 95 % interval (the spread of S seeds is known to 1 / sqrt(2 (S - 1))).

    python tests/coverage/mean_qaly.py --seeds 50 > tests/coverage/mean_qaly.log
"""

from __future__ import annotations

import argparse
import math

import numpy as np

import costeff
from costeff.economics import Evaluation, monte_carlo_error

MODELS = {"tki2": (40, 60), "sick_sicker": (40, 60)}
"""Draws and individuals of a run of each model."""


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


def ratios(model: str, seeds: int, method: str) -> list[str]:
    """A line per quantity of one model."""
    draws, individuals = MODELS[model]
    study = costeff.load(model)
    runs = [
        means(
            study.psa(
                draws=draws, individuals=individuals, seed=seed, method=method, progress=False
            ).perspective()
        )
        for seed in range(1, seeds + 1)
    ]
    lines = [f"{model}, {method}: {draws} draws x {individuals} individuals, {seeds} seeds"]
    for name in runs[0]:
        centre, error = (np.array([run[name][i] for run in runs]) for i in (0, 1))
        spread, reported = float(centre.std(ddof=1)), math.sqrt(float((error**2).mean()))
        ratio, away = reported / spread, 1.96 / math.sqrt(2 * (seeds - 1))
        lines.append(
            f"  {name:<34} spread {spread:11.5g}  reported {reported:11.5g}  ratio {ratio:5.2f} "
            f"({ratio * math.exp(-away):.2f} to {ratio * math.exp(away):.2f})"
        )
    return lines


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=50)
    asked.add_argument("--method", default="random")
    given = asked.parse_args()
    for name in MODELS:
        print("\n".join(ratios(name, given.seeds, given.method)), flush=True)
