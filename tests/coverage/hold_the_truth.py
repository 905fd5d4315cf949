"""Do 95 % intervals hold the truth, and is the reported error the spread of repeated runs? Problems with known answers.

    python tests/coverage/hold_the_truth.py --seeds 400 > tests/coverage/hold_the_truth.log

Each problem of problems.py is run with that many seeds. A line per number: truth, mean, spread, reported error over
spread, share of intervals that hold the truth, share of runs that warn (of a near tie, or of few draws that carry the
error). Of regular problems no coverage may be below 92 % (by Holm's method at 1 % over all of them), reported / spread
lies between 0.85 and 1.2, and warnings come in at most 5 % of runs. Of hard ones coverage is at least 88 %, or most
runs warn. Ends with what is wrong, and with rc 1 when anything is.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.special import stdtrit
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).parent))
from problems import Problem, problems

from costeff import Evaluation
from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.tails import FEWEST_CARRYING
from costeff.sensitivity.conditional import conditional_threshold
from costeff.voi.evsi import evsi

REGULAR, HARD = 0.92, 0.88
LEVEL = 0.01
RATIO = (0.85, 1.2)
MOST_WARNED = 0.05


@dataclass(frozen=True)
class Number:
    """One number of one run: what it is, its value, its error, and whether a warning goes with it."""

    name: str
    value: float
    error: float
    warned: bool
    truth: float


def numbers_of(problem: Problem, one: Evaluation, seed: int) -> Iterator[Number]:
    """Every number of one run of which the truth is known."""
    net = one.incremental_nmb(problem.wtp).values
    perfect = one.evpi(problem.wtp)
    near = bool(perfect["optimism"].item() > 0)
    few = bool(perfect["carrying_draws"].item() < FEWEST_CARRYING)
    for name, truth in problem.numbers.items():
        kind, _, strategy = name.partition(" ")
        at = one.strategies.index(strategy) if strategy else 0
        if kind == "evpi":
            yield Number(name, perfect["evpi"].item(), perfect["evpi_mcse"].item(), near or few, truth)
        elif kind == "ceac":
            curve = one.ceac(problem.wtp).isel(strategy=at, wtp=0)
            yield Number(name, curve["probability"].item(), curve["probability_mcse"].item(), False, truth)
        else:
            drawn = one.cost[:, at] if kind == "cost" else net[:, at - 1]
            yield Number(name, drawn.mean(), float(monte_carlo_error(drawn, one.replicates)), False, truth)
    if problem.groups:
        asked = {label: list(own) for label, (own, _) in problem.groups.items()}
        part = one.evppi(asked, problem.wtp).isel(wtp=0)
        for label, (_, truth) in problem.groups.items():
            own = part.sel(group=label)
            rough = bool(own["carrying_draws"].item() < FEWEST_CARRYING)
            yield Number(f"evppi {label}", own["evppi"].item(), own["evppi_mcse"].item(), near or rough, truth)
    for label, study in problem.studies.items():
        for method in study.methods:
            found = evsi(one, study.design, problem.wtp, participants=study.participants, method=method, seed=seed)
            value, error = (float(found[name].values[0, 0]) for name in ("evsi", "evsi_mcse"))
            rough = bool(found["carrying_draws"].values[0, 0] < FEWEST_CARRYING)
            yield Number(f"evsi {label}, {method}", value, error, near or rough, study.value)
    for name, truth in problem.thresholds.items():
        roots = conditional_threshold(one, name, wtp=problem.wtp).roots
        near_truth = min(roots, key=lambda root: abs(root.value - truth), default=None)
        value, error = (np.nan, np.nan) if near_truth is None else (near_truth.value, near_truth.mcse)
        yield Number(f"threshold {name}", value, error, False, truth)


@dataclass(frozen=True)
class Line:
    """What the runs say of one number."""

    problem: Problem
    name: str
    truth: float
    mean: float
    spread: float
    ratio: float
    held: int
    warned: float
    runs: int

    @property
    def coverage(self) -> float:
        return self.held / self.runs

    def text(self) -> str:
        return (
            f"  {self.name:<38}{self.truth:>10.5g}{self.mean:>11.5g}{self.spread:>10.3g}{self.ratio:>8.2f}"
            f"{100 * self.coverage:>9.1f}{100 * self.warned:>9.1f}"
        )


def lines_of(problem: Problem, seeds: Sequence[int]) -> list[Line]:
    """A line per number of one problem. Of R replicates an interval takes Student's law."""
    runs: dict[str, list[Number]] = {}
    for seed in seeds:
        one = problem.run(seed)
        for number in numbers_of(problem, one, seed):
            runs.setdefault(number.name, []).append(number)
    far = float(stdtrit((one.replicates or one.draws) - 1, 0.975))
    made = []
    for name, own in runs.items():
        value, error = (np.array([getattr(number, key) for number in own]) for key in ("value", "error"))
        truth = own[0].truth
        spread, reported = float(np.nanstd(value, ddof=1)), float(np.sqrt(np.nanmean(error**2)))
        held = np.abs(value - truth) <= far * error + 1e-9 * max(abs(truth), 1.0)
        ratio = reported / spread if spread > 1e-9 else 1.0  # what is the same in every run has no error to compare
        made.append(
            Line(
                problem,
                name,
                truth,
                float(np.nanmean(value)),
                spread,
                ratio,
                int(held.sum()),
                float(np.mean([number.warned for number in own])),
                len(own),
            )
        )
    return made


def wrong_with(lines: Sequence[Line]) -> list[str]:
    """What breaks the promise; see the head of this file."""
    told = []
    regular = [line for line in lines if line.problem.regular]
    chance = sorted((float(binom.cdf(line.held, line.runs, REGULAR)), i) for i, line in enumerate(regular))
    for rank, (probability, i) in enumerate(chance):
        if probability >= LEVEL / (len(chance) - rank):
            break
        told.append(f"{regular[i].problem.name}, {regular[i].name}: coverage {100 * regular[i].coverage:.1f} %")
    for line in lines:
        place = f"{line.problem.name}, {line.name}"
        if line.problem.regular:
            if not RATIO[0] <= line.ratio <= RATIO[1]:
                told.append(f"{place}: reported / spread {line.ratio:.2f}")
            if line.warned > MOST_WARNED:
                told.append(f"{place}: warns in {100 * line.warned:.1f} % of runs")
        elif line.coverage < HARD and line.warned < 0.5:
            told.append(f"{place}: coverage {100 * line.coverage:.1f} %, and {100 * line.warned:.1f} % of runs warn")
    return told


def main(seeds: int, only: str) -> int:
    """Print the log; 1 when a promise is broken."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    start = time.process_time()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip()}, Python "
        f"{platform.python_version()}, {platform.machine()}, one core, {seeds} seeds"
    )
    print(f"  {'':<38}{'truth':>10}{'mean':>11}{'spread':>10}{'ratio':>8}{'cover %':>9}{'warn %':>9}")
    lines = []
    for problem in problems():
        if only not in problem.name:
            continue
        own = lines_of(problem, range(1, seeds + 1))
        lines += own
        print(f"{problem.name} ({'regular' if problem.regular else 'hard'})")
        print("\n".join(line.text() for line in own), flush=True)
    told = wrong_with(lines)
    print(f"{time.process_time() - start:.0f} s of one core. " + ("Wrong:" if told else "Nothing is wrong."))
    print("\n".join(f"  {text}" for text in told))
    return 1 if told else 0


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=400)
    asked.add_argument("--only", default="", help="problems whose name holds this")
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    sys.exit(main(given.seeds, given.only))
