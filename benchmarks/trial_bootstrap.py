"""Times the within-trial evaluation: python benchmarks/trial_bootstrap.py

10,000 replicates of baseline-adjusted differences in cost and quality-adjusted life years, six covariates, for 100, 300
and 600 people; the bar is 10 s each. Prints seconds of the clock and of the processor.
"""

from __future__ import annotations

import time

import numpy as np

from costeff.labels import same
from costeff.trial.evaluation.evaluate import evaluate
from costeff.trial.evaluation.person_values import EffectValues, PersonValues


def people(size: int) -> PersonValues:
    """Invented people, two thirds of them in the programme."""
    luck = np.random.default_rng(size)
    group = (np.arange(size) % 3 > 0).astype(float)
    start = luck.beta(5, 2, size)
    effect = EffectValues("qaly", same("QALY"), "qaly", 0.2 + 0.6 * start + luck.normal(0, 0.1, size), start)
    cost = {"society": luck.gamma(1, 100_000, size)}
    names = tuple("abcdef")
    return PersonValues(group, cost, (effect,), luck.normal(size=(size, 6)), names, np.zeros((size, 0)))


def main() -> None:
    for size in (100, 300, 600):
        own = people(size)
        start, began = time.perf_counter(), time.process_time()
        evaluate(own, (0, 1e6), 5)
        clock, used = time.perf_counter() - start, time.process_time() - began
        print(f"{size} people, 10,000 replicates: {clock:.1f} s, {used:.1f} s of processor")


if __name__ == "__main__":
    main()
