"""Coverage of intervals of mean costs with a heavy tail and many who cost nothing, by the methods of `trial analyse`.

    python tests/trial_cost_coverage.py [--trials N] [--replicates N] [--log]

Costs are 0 of 30 % of the people, else log-normal with a coefficient of variation of 1.8; groups of 60 and 120. The
truth is known in closed form. What must hold: intervals of 95 % of every mean that the analysis gives cover it in 90 to
97 %: means of each group by the studentised bootstrap, their difference by the bootstrap, and by the gamma model in two
parts. Plain percentiles of the means of a group, which the analysis does not give, stand beside them.
`--log` writes date, commit and result to tests/trial_cost_coverage.md, for a commit.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from costeff.trial.evaluation.bootstrap import inverse, resampled_products
from costeff.trial.evaluation.cost_models import cost_model
from costeff.trial.evaluation.group_means import studentised_interval

SIZES = (60, 120)
SHARE_FREE, SPREAD, RATIO = 0.3, 1.2, 0.8
LEVEL = 1.959963984540054
LOG = Path(__file__).with_name("trial_cost_coverage.md")
NAMES = (
    "mean of the smaller group",
    "mean of the larger group",
    "difference",
    "difference, gamma in two parts",
    "(percentiles, smaller group)",
    "(percentiles, larger group)",
)


def truths() -> tuple[float, float]:
    """Mean cost of both groups: (1 - share free) exp(spread^2 / 2), times the ratio in the programme's."""
    first = float((1 - SHARE_FREE) * np.exp(SPREAD**2 / 2))
    return first, RATIO * first


def costs(luck: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(group, cost) of one trial."""
    group = np.repeat([0.0, 1.0], SIZES)
    cost = np.exp(SPREAD * luck.standard_normal(len(group))) * np.where(group == 1, RATIO, 1.0)
    cost[luck.random(len(group)) < SHARE_FREE] = 0.0
    return group, cost


def covered(trials: int, replicates: int, seed: int = 3) -> np.ndarray:
    """Which intervals held the truth, (trials, 6), in the order of `NAMES`."""
    first, last = truths()
    out = np.zeros((trials, len(NAMES)), bool)
    for t in range(trials):
        luck = np.random.default_rng([seed, t])
        group, cost = costs(luck)
        design = np.column_stack([np.ones(len(group)), group])
        products = resampled_products(np.column_stack([design, cost]), group, replicates, luck)
        beta = np.einsum("bij,bj->bi", inverse(products[:, :2, :2]), products[:, :2, 2])
        values = np.column_stack([beta[:, 0], beta.sum(axis=1), beta[:, 1]])
        low, high = np.percentile(values, (2.5, 97.5), axis=0)
        truth = np.array([first, last, last - first])
        out[t, [4, 5, 2]] = (low < truth) & (truth < high)
        fit = cost_model(design, cost)
        for g in (0, 1):
            mean = studentised_interval(cost[group == g], replicates, luck)
            out[t, g] = mean.low < truth[g] < mean.high
        out[t, 3] = fit is not None and abs(fit.difference - truth[2]) < LEVEL * fit.error
    return out


def main() -> None:
    """Run and print; with --log write too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("trials", 2000), ("replicates", 1000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--log", action="store_true")
    asked: Any = parser.parse_args()
    shares = covered(asked.trials, asked.replicates).mean(axis=0)
    error = (0.95 * 0.05 / asked.trials) ** 0.5
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    head = f"{dt.date.today().isoformat()}, commit {commit.stdout.strip()}; {asked.trials} trials of {SIZES} people, "
    lines = [f"{head}{asked.replicates} replicates; Monte Carlo error {error:.3f}", ""]
    lines += [f"{name:<34}{share:.3f}" for name, share in zip(NAMES, shares, strict=True)]
    text = "\n".join(lines)
    print(text)
    if asked.log:
        title = "# Coverage of intervals of mean costs\n\nWritten by `python tests/trial_cost_coverage.py --log`.\n\n"
        LOG.write_text(f"{title}```text\n{text}\n```\n", encoding="utf-8")


if __name__ == "__main__":
    main()
