"""What the width of a left-out figure is made of, and how wide it is beside sources alone; too slow for the suite.

    python tests/calibration_widths.py [--draws N] [--individuals N] [--resume FOLDER]

The shipped calibration is done again (with `--resume` from what `costeff calibrate tki2 --resume FOLDER` has kept). On
its linear model each source is left out; the variance of each of its figures is split into error and discrepancy, what
is not linear, the source's own effects, parameters, and effects of conditions, countries and eras. Widths stand beside
those of a source's own effects and error alone, of everything by which sources differ (condition, country too), each
also without the sampling error of the published figures, and of sources that differ as the evidence says.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Set
from contextlib import nullcontext

import numpy as np
import pandas as pd
from calibration_structure import problem_without, run_of
from numpy.typing import NDArray

from costeff.calibrate.hierarchy import POINTS, Problem, Solution, solve, weighted_sds
from costeff.calibrate.likelihood import sampling_covariance
from costeff.calibrate.linear import Linear, linear_posterior, log_evidence, normalised
from costeff.calibrate.scores import RIVAL_SOURCE, RIVAL_WITHIN, by_source, left_out_table
from costeff.calibrate.state import prior_sds
from costeff.simulation.workplace import workplace

Floats = NDArray[np.float64]
KINDS = ("own source", "parameters", "condition", "country", "era")


def kinds_of(problem: Problem) -> dict[str, str]:
    """What each effect is by: source, era, country or condition."""
    return {effect.name: effect.by for effect in problem.plan.effects}


def parts_of_source(problem: Problem, linear: Linear, source: str, rows: NDArray[np.intp]) -> list[dict[str, object]]:
    """The variance of each figure of a source that is left out, by what it comes from."""
    others = np.setdiff1d(np.arange(len(problem.fitted)), rows)
    rest = Linear(linear.intercept[others], linear.slopes[others], linear.rest[others])
    error, data = problem.error[np.ix_(others, others)], problem.data[others]
    variances = problem.variances(prior_sds(problem.plan.effects, POINTS, problem.seed), POINTS)
    weights = normalised(log_evidence(rest, data, error, problem.centres, variances))
    _, covariance = linear_posterior(rest, data, error, problem.centres, weights @ variances)
    by = kinds_of(problem)
    own = ["own source" if level.level == source else by[level.effect] for level in problem.state.levels]
    kinds = np.array(["parameters"] * len(problem.state.names) + own)
    out: list[dict[str, object]] = []
    for row in rows:
        slopes, target = linear.slopes[row], problem.fitted[row]
        line = {"error": problem.error[row, row], "not linear": linear.rest[row]}
        for kind in KINDS:
            chosen = kinds == kind
            line[kind] = slopes[chosen] @ covariance[np.ix_(chosen, chosen)] @ slopes[chosen]
        whole = slopes @ covariance @ slopes + line["error"] + line["not linear"]
        together = {"go together": whole - sum(line.values()), "all": whole}
        names = {"target": target.name, "family": target.family or "other", "country of": target.country}
        out.append({**names, "condition of": target.condition, **line, **together})
    return out


def parts(problem: Problem, linear: Linear) -> pd.DataFrame:
    """One row for each figure, its source left out."""
    sources = by_source(problem.fitted).items()
    return pd.DataFrame([line for name, rows in sources for line in parts_of_source(problem, linear, name, rows)])


def alone(problem: Problem, linear: Linear, kinds: Set[str]) -> Mapping[str, float]:
    """SD of each figure when only effects of these kinds and its own error are uncertain."""
    nodes, weights = weighted_sds(problem, linear, problem.seed)
    by, size = kinds_of(problem), len(problem.state.names)
    columns = [size + i for i, level in enumerate(problem.state.levels) if by[level.effect] in kinds]
    variances = (weights @ problem.variances(nodes, POINTS))[columns]
    sds = np.sqrt(linear.slopes[:, columns] ** 2 @ variances + np.diag(problem.error))
    return {target.name: float(sd) for target, sd in zip(problem.fitted, sds, strict=True)}


def between_alone(problem: Problem) -> Mapping[str, float]:
    """SD of each figure when sources differ by 0.3 and figures within them by 0.2, as the evidence has it, and by its
    own sampling.
    """
    sampling = np.diag(sampling_covariance(problem.fitted))
    sds = np.sqrt(RIVAL_SOURCE**2 + RIVAL_WITHIN**2 + sampling)
    return {target.name: float(sd) for target, sd in zip(problem.fitted, sds, strict=True)}


def without_sampling(problem: Problem, sds: Mapping[str, float]) -> Mapping[str, float]:
    """The same SDs without the sampling error of the published figures."""
    sampling = np.diag(sampling_covariance(problem.fitted))
    return {t.name: float(np.sqrt(sds[t.name] ** 2 - s)) for t, s in zip(problem.fitted, sampling, strict=True)}


def ratios(table: pd.DataFrame, sds: Mapping[str, float], least: Mapping[str, float]) -> str:
    """Mean width of each family over that of `least`."""
    families = {}
    for family, own in table.groupby("family"):
        wide, narrow = (np.mean([of[name] for name in own["target"]]) for of in (sds, least))
        families[family] = f"{family} {wide / narrow:.2f} ({len(own)})"
    return ", ".join(families.values())


def printed(problem: Problem, solution: Solution) -> None:
    """The shares of the variance by family, and ratios of widths."""
    linear, table = solution.linear, parts(problem, solution.linear)
    left_out = left_out_table(problem, solution).set_index("target")["sd"].to_dict()
    sums = table.groupby("family")[["error", "not linear", *KINDS, "go together", "all"]].sum()
    print((sums.drop(columns="all").div(sums["all"], axis=0) * 100).round(0).to_string())
    for words, kinds in (("own effects", {"source"}), ("and condition, country", {"source", "condition", "country"})):
        least = alone(problem, linear, kinds)
        print(f"{words}: {ratios(table, left_out, least)}")
        bare = ratios(table, without_sampling(problem, left_out), without_sampling(problem, least))
        print(f"{words}, no sampling error in either: {bare}")
    print(f"sources 0.3, within 0.2: {ratios(table, left_out, between_alone(problem))}")
    sources = {t.name: t.source for t in problem.fitted}
    shared = table.groupby("condition of")["target"].transform(lambda own: len({sources[name] for name in own}) > 1)
    danish = table[shared.astype(bool) & (table["condition of"] != "") & (table["country of"] == "Denmark")]
    own_effects = alone(problem, linear, {"source"})
    print(f"Danish, own effects, a condition of other sources too: {ratios(danish, left_out, own_effects)}")


def main() -> None:
    """Calibrate and print."""
    parser = argparse.ArgumentParser(description="What the width of a left-out figure's interval is made of.")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--individuals", type=int, default=500)
    parser.add_argument("--resume")
    asked = parser.parse_args()
    problem = problem_without(())
    with nullcontext() if asked.resume is None else workplace(asked.resume):
        solution = solve(problem, run_of(problem, asked.individuals), asked.draws)
    printed(problem, solution)


if __name__ == "__main__":
    main()
