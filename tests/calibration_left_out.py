"""Sources left out by simulation beside sources left out in closed form; too slow for the suite.

    python tests/calibration_left_out.py [--draws N] [--individuals N] [--passes N] [--resume FOLDER] [--linear FILE]

The closed form (costeff/calibrate/scores.py) predicts a source on a linear model fitted near the posterior of *all*
figures, its own among them. Here every source is left out for good: members are drawn from the posterior of the others,
all figures are simulated with them, targets are regressed on these lives alone, and members are drawn again
(`--passes` times). The last members are simulated for the figures of the source itself, and mean and spread of these,
simulation noise taken out, are its prediction: nothing in it is linear but the update. With `--resume` the shipped
calibration is read from what `costeff calibrate tki2 --resume FOLDER` has kept.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from calibration_structure import problem_without, run_of
from numpy.typing import NDArray

from costeff.calibrate.hierarchy import POINTS, Problem, drawn_prior, linear_of, solve
from costeff.calibrate.linear import Linear, log_evidence, normal_log_density, normalised
from costeff.calibrate.scores import by_source, left_out_table, less_noise, summary
from costeff.calibrate.setting import Run
from costeff.calibrate.state import prior_sds
from costeff.simulation.workplace import workplace

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
FIRST_TURN = 20  # random numbers that no fit uses


def members_without(
    problem: Problem, linear: Linear, rows: Places, draws: int, seed: int
) -> tuple[Floats, dict[str, Floats]]:
    """Scores (J, P) from the posterior of all figures but `rows`, and the SDs of effects of each member.

    A member's SDs are a node of their prior, taken as often as the other figures say; its columns are a draw of the
    prior moved towards these by the gain (Matheron's rule), which is exact for a linear model.
    """
    others = np.setdiff1d(np.arange(len(problem.fitted)), rows)
    rest = Linear(linear.intercept[others], linear.slopes[others], linear.rest[others])
    data, error = problem.data[others], problem.error[np.ix_(others, others)]
    nodes = prior_sds(problem.plan.effects, POINTS, problem.seed)
    variances = problem.variances(nodes, POINTS)
    weights = normalised(log_evidence(rest, data, error, problem.centres, variances))
    rng = np.random.default_rng(seed)
    places = np.searchsorted(np.cumsum(weights)[:-1], (np.arange(draws) + rng.random()) / draws)
    whole = error + np.diag(rest.rest)
    noise = rng.standard_normal((draws, len(others))) @ np.linalg.cholesky(whole).T
    scores = rng.standard_normal((draws, len(problem.centres)))
    for j, place in enumerate(places):
        variance = variances[place]
        column = problem.centres + np.sqrt(variance) * scores[j]
        miss = data - rest.mean(column) - noise[j]
        moved = column + variance * (rest.slopes.T @ np.linalg.solve(rest.covariance(variance) + whole, miss))
        scores[j] = (moved - problem.centres) / np.sqrt(variance)
    return scores, {name: column[places] for name, column in nodes.items()}


def simulated(problem: Problem, run: Run, rows: Places, scores: Floats, sds: dict[str, Floats], turn: int) -> Any:
    """What the populations of the figures `rows` show with these members: values and noise of these rows."""
    _, _, start = drawn_prior(problem, len(scores), problem.seed)
    groups = [group for group in problem.groups if set(group.rows) & set(rows.tolist())]
    kept = sorted(row for group in groups for row in group.rows)
    groups = [replace(group, rows=tuple(kept.index(row) for row in group.rows)) for group in groups]
    seen = run.observe(groups, {**start, **problem.state.values(scores, sds)}, len(scores), turn)
    return seen.of([kept.index(row) for row in rows])


def _solution(linear: Linear) -> Any:
    """What the tables ask of a solution."""
    return SimpleNamespace(linear=linear)


def left_out_by_simulation(
    problem: Problem, linear: Linear, run: Run, draws: int, passes: int, sources: Sequence[str] = ()
) -> pd.DataFrame:
    """One row per figure: its source left out, in closed form and by simulation; of all sources where none is named."""
    closed = left_out_table(problem, _solution(linear)).set_index("target")
    everything = np.arange(len(problem.fitted))
    out = []
    places = by_source(problem.fitted)
    for source in sources or places:
        rows, number = places[source], list(places).index(source)
        start, own = time.process_time(), linear
        for turn in range(passes):
            scores, sds = members_without(problem, own, rows, draws, 100 * number + turn)
            seen = simulated(problem, run, everything, scores, sds, FIRST_TURN + turn)
            own = linear_of(problem, [(problem.columns(scores, sds), seen)])
        scores, sds = members_without(problem, own, rows, draws, 100 * number + passes)
        seen = simulated(problem, run, rows, scores, sds, FIRST_TURN + passes)
        mean = seen.values.mean(axis=0)
        covariance = less_noise(np.atleast_2d(np.cov(seen.values.T)), seen.noise)
        covariance = covariance + problem.error[np.ix_(rows, rows)]
        sd = np.sqrt(np.diag(covariance))
        density = normal_log_density(problem.data[rows] - mean, covariance)
        again = left_out_table(problem, _solution(own)).set_index("target")
        for i, row in enumerate(rows):
            name = problem.fitted[row].name
            out.append(
                {
                    "source": source,
                    "target": name,
                    "family": problem.fitted[row].family,
                    "closed": closed.loc[name, "z"],
                    "closed_sd": closed.loc[name, "sd"],
                    "relinear": again.loc[name, "z"],
                    "relinear_sd": again.loc[name, "sd"],
                    "z": (mean[i] - problem.data[row]) / sd[i],
                    "sd": sd[i],
                    "mean": mean[i],
                    "log_density": density / len(rows),
                    "closed_density": closed.loc[name, "log_density"],
                }
            )
        table = pd.DataFrame(out[-len(rows) :]).drop(columns=["source", "family"])
        print(f"{source} ({time.process_time() - start:.0f} s)\n{table.round(2).to_string(index=False)}", flush=True)
    return pd.DataFrame(out)


def main() -> None:
    """Calibrate, leave sources out both ways and print."""
    parser = argparse.ArgumentParser(description="Sources left out by simulation beside the closed form.")
    parser.add_argument("--draws", type=int, default=600)
    parser.add_argument("--individuals", type=int, default=400)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--resume")
    asked = parser.parse_args()
    problem = problem_without(())
    with nullcontext() if asked.resume is None else workplace(asked.resume):
        solution = solve(problem, run_of(problem, 500), 1000)
    run = run_of(problem, asked.individuals)
    table = left_out_by_simulation(problem, solution.linear, run, asked.draws, asked.passes)
    for words, z, density in (("closed form", "closed", "closed_density"), ("simulated", "z", "log_density")):
        print(words, summary(table.assign(z=table[z], log_density=table[density])))


if __name__ == "__main__":
    main()
