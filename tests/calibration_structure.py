"""What parts of the structure of usual care buy in log evidence with sources left out; too slow for the suite.

    python tests/calibration_structure.py --without NAME+NAME ... [--draws N] [--individuals N] [--passes N]

The shipped calibration is done (ES-MDA). Then parameters of parameters/tki2_structure_priors.yaml are taken out of the
priors, one case after another, and set to the value that makes no difference: the members of the whole fit are
simulated so (first pass), then members drawn from the linear posterior that follows (further passes), and targets are
regressed over these passes. A case costs a sixth of a fit by pass, and meets the same random numbers as every other.
`--without none` judges the whole fit by the same passes.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costeff.bundled import data_dir
from costeff.calibrate import read_plan
from costeff.calibrate.hierarchy import POINTS, Pass, Problem, assimilate, drawn_prior, linear_of, set_up, weighted_sds
from costeff.calibrate.linear import Linear, linear_posterior
from costeff.calibrate.scores import left_out_table, summary
from costeff.calibrate.setting import Run
from costeff.evidence import read_evidence
from costeff.model import read_model
from costeff.model.country import with_country
from costeff.rules.dated import with_dated

Floats = NDArray[np.float64]
FIRST_TURN = 7  # random numbers that no fit uses
WIDER = 1.5
"""The members of the whole fit are spread by this in the first pass, so that slopes are seen beyond its posterior."""


@dataclass(frozen=True)
class Whole:
    """The fit with everything: names of its columns, members (J, P), and their SDs of effects."""

    addresses: tuple[str, ...]
    ensemble: Floats
    sds: dict[str, Floats]


def problem_without(names: tuple[str, ...]) -> Problem:
    """The shipped calibration with these options of structure at the value that makes no difference."""
    folder = data_dir("parameters")
    plan = read_plan(folder / "tki2_targets.yaml")
    priors = {name: prior for name, prior in plan.priors.items() if name not in names}
    model = read_model("tki2")
    evidence = with_dated(model, with_country(read_evidence(folder / "tki2.yaml"), model))  # as the command has it
    fixed = {name: 1.0 if name.startswith("hr_") else 0.0 for name in names}
    return set_up(model, evidence.override(fixed) if fixed else evidence, replace(plan, priors=priors))


def run_of(problem: Problem, individuals: int) -> Run:
    """One thread, seed 1."""
    return Run(problem.prior, individuals, 1, 1, False)


def posterior_of(problem: Problem, linear: Linear) -> tuple[dict[str, float], Floats, Floats]:
    """SDs of effects, and mean (P,) and covariance (P, P) of the columns, on the linear model."""
    nodes, weights = weighted_sds(problem, linear, 1)
    variances = weights @ problem.variances(nodes, POINTS)
    sds = {name: float(np.sqrt(weights @ column**2)) for name, column in nodes.items()}
    return sds, *linear_posterior(linear, problem.data, problem.error, problem.centres, variances)


def members(problem: Problem, linear: Linear, draws: int) -> tuple[Floats, dict[str, Floats]]:
    """An ensemble of scores (J, P) from the linear posterior, and the SDs of effects that it has."""
    sds, mean, covariance = posterior_of(problem, linear)
    columns = np.random.default_rng(5).multivariate_normal(mean, covariance, draws, method="eigh")
    for i, level in enumerate(problem.state.levels, len(problem.state.names)):
        columns[:, i] = (columns[:, i] - level.centre) / sds.get(level.effect, level.sd)
    return columns, {name: np.full(draws, sd) for name, sd in sds.items()}


def judged(whole: Whole, problem: Problem, run: Run, passes: int) -> tuple[pd.DataFrame, Linear]:
    """Sources left out when `problem` is fitted from the members of the whole fit, and the linear model of it."""
    draws = len(whole.ensemble)
    own = whole.ensemble[:, [whole.addresses.index(name) for name in problem.state.addresses]]
    ensemble = own.mean(axis=0) + WIDER * (own - own.mean(axis=0))
    sds, (_, _, start) = whole.sds, drawn_prior(problem, draws, 1)
    done: list[Pass] = []
    for turn in range(FIRST_TURN, FIRST_TURN + passes):
        values = {**start, **problem.state.values(ensemble, sds)}
        done.append((problem.columns(ensemble, sds), run.observe(problem.groups, values, draws, turn)))
        linear = linear_of(problem, done)
        ensemble, sds = members(problem, linear, draws)
    solution: Any = SimpleNamespace(linear=linear)
    return left_out_table(problem, solution), linear


def line_of(case: str, problem: Problem, table: pd.DataFrame, linear: Linear) -> str:
    """One row of the table: scores, and the largest misfit after the fit."""
    _, mean, covariance = posterior_of(problem, linear)
    spread = linear.slopes @ covariance @ linear.slopes.T + problem.error + np.diag(linear.rest)
    z = (linear.mean(mean) - problem.data) / np.sqrt(np.diag(spread))
    worst = int(np.abs(z).argmax())
    row = summary(table)
    scores = f"{row['rms_z']:>7.2f}{row['beyond']:>12.0f}{row['log_density']:>13.1f}"
    return f"{case:<44}{scores}{z[worst]:>7.1f}  {problem.fitted[worst].name}"


def main() -> None:
    """Fit everything, then each case, and print."""
    parser = argparse.ArgumentParser(description="What parts of the structure buy in log evidence.")
    parser.add_argument("--without", nargs="+", default=["none"])
    parser.add_argument("--draws", type=int, default=600)
    parser.add_argument("--individuals", type=int, default=400)
    parser.add_argument("--passes", type=int, default=2)
    asked = parser.parse_args()
    start = time.process_time()
    problem = problem_without(())
    ensemble, sds, _ = assimilate(problem, run_of(problem, asked.individuals), asked.draws)
    whole = Whole(problem.state.addresses, ensemble, sds)
    print(f"{'without':<44}{'rms z':>7}{'beyond 1.96':>12}{'log density':>13}{'z':>7}  worst after the fit")
    for case in asked.without:
        part = problem_without(() if case == "none" else tuple(case.split("+")))
        table, linear = judged(whole, part, run_of(part, asked.individuals), asked.passes)
        print(line_of(case, part, table, linear), flush=True)
    print(f"{(time.process_time() - start) / 60:.1f} minutes of processor time")


if __name__ == "__main__":
    main()
