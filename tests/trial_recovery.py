"""Recovery of simulated truths by `costeff trial update`, through the lens and without it; too slow for the suite.

    python tests/trial_recovery.py [--trials N] [--without N] [--people N] [--draws N] [--lives N] [--file FILE] [--log]

Each truth is a draw of the prior. A trial is lived by it, seen through the register lens, written as an extract, read
back, and the model is updated from its register. What must hold with many trials: coverage of 95 % intervals not
rejected at 1 % after Holm, none below 90 %, and mean errors (on the log scale of ratios) below 2 of their Monte Carlo
errors after Holm. `--without`: how many of the trials are learnt from once more with the register compared with the
model's own states; that must fail. `--file` keeps what each trial gave, one line of JSON each: a run that was
stopped goes on from there. `--log` writes date, commit and result to tests/trial_recovery.md, for a commit.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from costeff import load
from costeff.api import Study
from costeff.errors import ResultError
from costeff.trial.extract import Extract, read_extract
from costeff.trial.learning.lensed import LensedModel, choose_statistics, lensed_model, trial_statistics
from costeff.trial.learning.posterior import TrialPosterior
from costeff.trial.learning.update import TrialData, update
from costeff.trial.lens import Lens, read_lens
from costeff.trial.plan import AnalysisPlan, read_plan
from costeff.trial.pricing import Prices
from costeff.trial.simulate import simulate_trial
from costeff.trial.simulated_files import write_simulated

QUANTITIES = ("hr_self_support", "hr_full_to_partial", "hr_relapse", "hr_clarification", "hr_unemployed_well")
LOG = Path(__file__).with_name("trial_recovery.md")
LEVEL = 0.95
TRUTH_SEED, PRIOR_SEED = 71, 5
MOST_TRIALS = 400


class StatesThemselves(LensedModel):
    """The model's own states in the place of what the register would show: the comparison that must fail."""

    def by_register(self, weeks: np.ndarray, _luck: np.random.Generator) -> np.ndarray:
        return weeks


@dataclass(frozen=True)
class Recovered:
    """By trial and quantity (T, K): the truth, and mean, low and high of the posterior, all on the log scale."""

    truth: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    methods: tuple[str, ...]
    refused: int = 0

    def covered(self) -> np.ndarray:
        return np.asarray((self.low <= self.truth) & (self.truth <= self.high))


class Recovery:
    """Everything that each trial needs, read once; `file` keeps what trials gave, so that a run can be stopped."""

    def __init__(self, people: int, draws: int, lives: int, file: Path | None = None) -> None:
        study, plan = load("tki2"), read_plan("tki2_trial")
        assert plan.rehearsal is not None
        self.study, self.lens = study, read_lens(plan.lens)
        self.plan = replace(plan, rehearsal=replace(plan.rehearsal, contamination=0.0))
        self.truths = study.evidence.columns(MOST_TRIALS, TRUTH_SEED, "random")
        self.prior = study.evidence.columns(draws, PRIOR_SEED, "random")
        self.people, self.lives, self.file = people, lives, file
        self.sizes = [people, draws, lives]
        lines = file.read_text("utf-8").splitlines() if file is not None and file.is_file() else []
        rows = [json.loads(line) for line in lines]
        self.known = {(row["trial"], row["with_lens"]): row for row in rows if row["sizes"] == self.sizes}

    def learnt(self, k: int, with_lens: bool = True) -> dict[str, Any]:
        """What trial `k` gave, or that its update was refused."""
        if (k, with_lens) not in self.known:
            row = {"trial": k, "with_lens": with_lens, "sizes": self.sizes, **self._learn(k, with_lens)}
            self.known[k, with_lens] = row
            if self.file is not None:
                with self.file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
        return self.known[k, with_lens]

    def _learn(self, k: int, with_lens: bool) -> dict[str, Any]:
        extract = trial_of(self.study, self.plan, self.lens, self.truths, k, self.people)
        try:
            posterior = learn(self.study, extract, self.prior, self.lives, k, with_lens)
        except ResultError as error:
            return {"refused": error.what}
        own = [np.log(posterior.posterior[name]) for name in QUANTITIES]
        tails = (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2)
        # Of n draws the truth is one more: positions of n + 1 leave 5 % outside whatever n.
        ends = np.array([np.percentile(x, tails, method="weibull") for x in own])
        return {
            "method": posterior.method,
            "truth": [float(np.log(self.truths[name][k])) for name in QUANTITIES],
            "mean": [float(x.mean()) for x in own],
            "low": ends[:, 0].tolist(),
            "high": ends[:, 1].tolist(),
        }


def recovered(rows: Sequence[dict[str, Any]]) -> Recovered:
    """What trials gave, as one table; those that were refused are left out."""
    own = [row for row in rows if "refused" not in row]
    table = {key: np.array([row[key] for row in own]) for key in ("truth", "mean", "low", "high")}
    return Recovered(**table, methods=tuple(row["method"] for row in own), refused=len(rows) - len(own))


def recover(trials: int, people: int, draws: int, lives: int, with_lens: bool = True) -> Recovered:
    """Learn from so many trials."""
    run = Recovery(people, draws, lives)
    return recovered([run.learnt(k, with_lens) for k in range(trials)])


def trial_of(
    study: Study, plan: AnalysisPlan, lens: Lens, truths: dict[str, np.ndarray], k: int, people: int
) -> Extract:
    """The extract of a trial that was lived by truth `k`, written and read back."""
    values = {name: column for name, column in truths.items() if not study.evidence.parameters[name].fixed}
    histories = study.histories(individuals=people, seed=1000 + k, draw=k, values=values)
    prices = Prices(study, {name: column[k : k + 1] for name, column in truths.items()}, 1000 + k, k)
    trial = simulate_trial(plan, lens, study, histories, prices, seed=1000 + k)
    with tempfile.TemporaryDirectory() as folder:
        write_simulated(trial, Path(folder), study.model)
        return read_extract(folder, plan, lens, study)


def learn(
    study: Study, extract: Extract, prior: dict[str, np.ndarray], lives: int, seed: int, with_lens: bool
) -> TrialPosterior:
    """The posterior of one trial, from its register alone."""
    own = lensed_model(study, extract.trial, extract.lens, 52, lives=lives, seed=seed)
    if not with_lens:
        own = StatesThemselves(**{name: getattr(own, name) for name in own.__dataclass_fields__})
    by_group = choose_statistics(own, prior)
    return update(study, own, prior, TrialData(by_group, trial_statistics(extract.trial, by_group)))


def report(recovered: Recovered) -> list[str]:
    """One line for each quantity: coverage with its p by Holm, mean error with its Monte Carlo error, mean width."""
    from scipy.stats import binomtest

    covered, trials = recovered.covered(), len(recovered.truth)
    error = recovered.mean - recovered.truth
    bias = error.mean(axis=0)
    spread = error.std(axis=0, ddof=1) / np.sqrt(trials) if trials > 1 else np.full(len(bias), np.nan)
    p = [float(binomtest(int(covered[:, i].sum()), trials, LEVEL).pvalue) for i in range(len(bias))]
    lines = [f"{'quantity':<22}{'covered':>9}{'Holm':>8}{'error':>9}{'its SE':>9}{'width':>8}{'prior':>8}"]
    wide = 2 * 1.96 * recovered.truth.std(axis=0)
    for i, (name, holm) in enumerate(zip(QUANTITIES, by_holm(p), strict=True)):
        width = (recovered.high[:, i] - recovered.low[:, i]).mean()
        lines.append(
            f"{name:<22}{covered[:, i].mean():>9.3f}{holm:>8.3f}{bias[i]:>9.3f}{spread[i]:>9.3f}"
            f"{width:>8.2f}{wide[i]:>8.2f}"
        )
    methods = {name: recovered.methods.count(name) for name in sorted(set(recovered.methods))}
    return [*lines, f"{trials} trials, methods: {methods}; {recovered.refused} more were refused"]


def by_holm(p: Sequence[float]) -> list[float]:
    """p values after Holm.

    >>> by_holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p)
    out, least = [0.0] * len(p), 0.0
    for rank, i in enumerate(order.tolist()):
        least = max(least, min((len(p) - rank) * p[i], 1.0))
        out[i] = least
    return out


def main() -> None:
    """Run and print; with --log write too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("trials", MOST_TRIALS), ("without", 0), ("people", 120), ("draws", 128), ("lives", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--log", action="store_true")
    asked: Any = parser.parse_args()
    start = time.process_time()
    run = Recovery(asked.people, asked.draws, asked.lives, asked.file)
    from_file = len(run.known)
    every = asked.trials / asked.without if asked.without else 0.0
    through_lens, own_states = [], []
    for k in range(asked.trials):
        through_lens.append(run.learnt(k))
        if every and len(own_states) < asked.without and k >= len(own_states) * every:
            own_states.append(run.learnt(k, with_lens=False))
    lines = [f"{asked.people} people, {asked.draws} draws, {asked.lives} lives of each; through the lens"]
    lines += report(recovered(through_lens))
    if own_states:
        lines += ["", "Against the model's own states", *report(recovered(own_states))]
    minutes = (time.process_time() - start) / 60
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    machine = f"{platform.machine()}, {os.cpu_count()} cores that others used too"
    day = f"{dt.date.today().isoformat()}, commit {commit.stdout.strip()}"
    took = f"{minutes:.0f} minutes of processor time; {from_file} updates were kept from earlier calls"
    text = "\n".join([f"{day}, {machine}", took, "", *lines])
    print(text)
    if asked.log:
        title = "# Recovery of simulated truths\n\nWritten by `python tests/trial_recovery.py --log`; see there.\n\n"
        LOG.write_text(f"{title}```text\n{text}\n```\n", encoding="utf-8")


if __name__ == "__main__":
    main()
