"""Whether heavy tails pay: sources that err by a Student t, judged with each source left out; too slow for the suite.

    python tests/calibration_tails.py [--resume FOLDER]

What the prior is and why (written before it was scored): each source has one factor on the SD of all its effects, so
that these are Student t with 5 degrees of freedom. Five, since how far several sources of the same thing lie apart
differs from thing to thing: SDs on the logit of 0.31, 0.35, 0.30, 0.11, 0.54, 0.10, 0.18, 0.19, 0.26, 0.32, 0.25, 0.8,
0.50 and 0.30 stand in the evidence, and normals of such SDs have the kurtosis 3 mean(s^4) / mean(s^2)^2 = 7.2, that of
a t with 5.4 degrees of freedom. The scale is such that the variance stays that of the normal. The second try gives each
figure such a factor on its own discrepancy of 0.2 instead. A try is kept only if the log density of sources left out
rises by 2 or more; with two tries and no others there is little to pick from.

z is what a standard normal has at the predictive distribution's probability of the published figure.
"""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from calibration_structure import problem_without, run_of
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from costeff.calibrate.hierarchy import Problem, Solution, solve
from costeff.calibrate.likelihood import sampling_covariance
from costeff.calibrate.linear import Linear, Mixture, left_out, log_evidence, normalised
from costeff.calibrate.scores import by_source
from costeff.calibrate.state import prior_sds
from costeff.simulation.workplace import workplace

Floats = NDArray[np.float64]
FREEDOM = 5
NODES = 20_000
"""Nodes of unknown SDs and of factors, drawn from their priors."""


@dataclass(frozen=True)
class Normal:
    """A linear model, normal given each node: error (K, K), means (P,) of the columns, their variances (N, P)."""

    linear: Linear
    error: Floats
    centres: Floats
    variances: Floats


def factors(size: tuple[int, int], seed: int) -> Floats:
    """Factors on a variance that make a normal a t; their mean is 1."""
    return np.asarray((FREEDOM - 2) / np.random.default_rng(seed).chisquare(FREEDOM, size))


def as_shipped(problem: Problem, linear: Linear, nodes: int) -> Normal:
    """Every effect and error normal."""
    variances = problem.variances(prior_sds(problem.plan.effects, nodes, problem.seed), nodes)
    return Normal(linear, problem.error, problem.centres, variances)


def heavy_sources(problem: Problem, linear: Linear, nodes: int) -> Normal:
    """One factor for each source, on the variances of all its effects."""
    whole, sources = as_shipped(problem, linear, nodes), list(by_source(problem.fitted))
    own, drawn = {e.name for e in problem.plan.effects if e.by == "source"}, factors((nodes, len(sources)), 3)
    variances = whole.variances.copy()
    for i, level in enumerate(problem.state.levels, len(problem.state.names)):
        if level.effect in own:
            variances[:, i] *= drawn[:, sources.index(level.level)]
    return Normal(linear, problem.error, problem.centres, variances)


def heavy_figures(problem: Problem, linear: Linear, nodes: int) -> Normal:
    """One factor for each figure, on the variance of its discrepancy, which is here a column of its own."""
    whole, size = as_shipped(problem, linear, nodes), len(problem.fitted)
    wide = Linear(linear.intercept, np.column_stack([linear.slopes, np.eye(size)]), linear.rest)
    own = problem.plan.discrepancy**2 * factors((nodes, size), 4)
    centres = np.concatenate([problem.centres, np.zeros(size)])
    return Normal(wide, sampling_covariance(problem.fitted), centres, np.column_stack([whole.variances, own]))


def below(mixture: Mixture, data: Floats) -> Floats:
    """Predictive probability (m,) of less than `data` (m,)."""
    sds = np.sqrt(np.einsum("nii->ni", mixture.covariances))
    return np.asarray(mixture.weights @ ndtr((data - mixture.means) / sds))


def line(case: str, problem: Problem, model: Normal) -> str:
    """Scores of sources left out, and how many nodes carry the weight."""
    groups = list(by_source(problem.fitted).values())
    mixtures = left_out(model.linear, problem.data, model.error, model.centres, model.variances, groups)
    pairs = [(m, problem.data[g]) for m, g in zip(mixtures, groups, strict=True)]
    density = sum(m.log_density(own) for m, own in pairs)
    z = -ndtri(np.concatenate([below(m, own) for m, own in pairs]))
    weights = normalised(log_evidence(model.linear, problem.data, model.error, model.centres, model.variances))
    names = np.array([problem.fitted[i].name for g in groups for i in g])
    far = ", ".join(f"{name} {x:.1f}" for name, x in zip(names, z, strict=True) if abs(x) > 1.959964)
    scores = f"{density:>12.1f}{np.sqrt((z**2).mean()):>8.2f}{(np.abs(z) > 1.959964).sum():>6}"
    return f"{case:<28}{scores}{1 / (weights**2).sum():>10.0f}  {far}"


def printed(problem: Problem, solution: Solution, nodes: int) -> None:
    """A line for what ships and for each try."""
    cases = {"normal, as shipped": as_shipped, "t between sources": heavy_sources, "t within sources": heavy_figures}
    print(f"{'':<28}{'log density':>12}{'rms z':>8}{'1.96':>6}{'nodes':>10}  beyond 1.96")
    for case, model_of in cases.items():
        print(line(case, problem, model_of(problem, solution.linear, nodes)), flush=True)


def main() -> None:
    """Calibrate, leave sources out and print."""
    parser = argparse.ArgumentParser(description="Whether heavy tails pay.")
    parser.add_argument("--resume")
    parser.add_argument("--nodes", type=int, default=NODES)
    asked = parser.parse_args()
    problem = problem_without(())
    with nullcontext() if asked.resume is None else workplace(asked.resume):
        solution = solve(problem, run_of(problem, 500), 1000)
    printed(problem, solution, asked.nodes)


if __name__ == "__main__":
    main()
