"""Sources left out on curved responses beside sources left out in closed form; too slow for the suite.

    python tests/calibration_left_out.py [--draws N] [--resume FOLDER]

The closed form (costeff/calibrate/scores.py) predicts a source on a linear model. Here figures are given curves: each
is regressed on its columns, their squares and the products of those that move it most, over the ensembles near the
posterior. Every source is then left out: members are drawn from the posterior of all others by randomised maximum
likelihood (Oliver, He and Reynolds 1996: each member is the best compromise between a draw of the prior and figures
with drawn errors, found by Gauss-Newton steps) and the curves say what they predict. Nothing is linear but the last
step of each search. With `--resume` it is read what `costeff calibrate tki2 --resume FOLDER` has kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from calibration_structure import problem_without, run_of
from numpy.typing import NDArray

from costeff.analysis.smoother import ASSIMILATIONS
from costeff.calibrate.hierarchy import Pass, Problem, assimilate, drawn_prior, linear_of
from costeff.calibrate.linear import Linear, log_evidence, normal_log_density, normalised
from costeff.calibrate.scores import by_source, left_out_table, summary
from costeff.calibrate.setting import Run
from costeff.calibrate.state import prior_sds
from costeff.simulation.workplace import workplace

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
NODES, MOST_PRODUCTS, LEAST_T = 200, 14, 2.5
STEPS, HALVINGS, ENOUGH = 5, 5, 0.02


@dataclass(frozen=True)
class Curve:
    """One figure: `level` + `slopes` z + z' `bends` z of the columns' distances z from `centre`."""

    level: float
    slopes: Floats
    places: Places
    bends: Floats
    rest: float


def curve_of(columns: Floats, values: Floats, linear_slopes: Floats, reads: Places, noise: float) -> Curve:
    """Least squares with squares and products; terms below `LEAST_T` standard errors are dropped, the rest refitted.

    `columns` (J, P) are distances from their centre, `values` (J,) what was seen, `noise` the variance of luck in it.
    """
    reach = np.abs(linear_slopes[reads]) * columns[:, reads].std(axis=0)
    strong = reads[np.argsort(-reach)][:MOST_PRODUCTS]
    pairs = [(i, j) for k, i in enumerate(strong) for j in strong[: k + 1]]
    pairs += [(i, i) for i in reads if i not in strong]
    products = [columns[:, i] * columns[:, j] for i, j in pairs]
    design = np.column_stack([np.ones(len(columns)), columns[:, reads], *products])
    chosen_terms = np.arange(design.shape[1])
    for last in (False, True):
        part = design[:, chosen_terms]
        terms, *_ = np.linalg.lstsq(part, values, rcond=None)
        residual = values - part @ terms
        variance = float(residual @ residual) / (len(values) - len(chosen_terms))
        if not last:
            errors = np.sqrt(variance * np.diag(np.linalg.pinv(part.T @ part)))
            chosen_terms = chosen_terms[(np.abs(terms) >= LEAST_T * errors) | (chosen_terms == 0)]
    whole = np.zeros(design.shape[1])
    whole[chosen_terms] = terms
    slopes, bends = np.zeros(columns.shape[1]), np.zeros((columns.shape[1],) * 2)
    slopes[reads] = whole[1 : 1 + len(reads)]
    for (i, j), term in zip(pairs, whole[1 + len(reads) :], strict=True):
        bends[i, j] += term / 2
        bends[j, i] += term / 2
    places = np.flatnonzero(bends.any(axis=0))
    return Curve(float(whole[0]), slopes, places, bends[np.ix_(places, places)], max(variance - noise, 1e-4))


@dataclass(frozen=True)
class Curves:
    """All figures."""

    centre: Floats
    curves: tuple[Curve, ...]

    def at(self, column: Floats) -> tuple[Floats, Floats]:
        """Predictions (K,) and their derivatives (K, P) at one member's columns (P,)."""
        z = column - self.centre
        derivatives = np.array([curve.slopes for curve in self.curves])
        values = np.array([curve.level for curve in self.curves]) + derivatives @ z
        for k, curve in enumerate(self.curves):
            bent = curve.bends @ z[curve.places]
            values[k] += z[curve.places] @ bent
            derivatives[k, curve.places] += 2 * bent
        return values, derivatives


def curves_of(problem: Problem, passes: list[Pass]) -> tuple[Linear, Curves]:
    """The linear model and the curves, both of the same lives."""
    linear = linear_of(problem, passes)
    columns = np.concatenate([part for part, _ in passes])
    values = np.concatenate([seen.values for _, seen in passes])
    noise = np.mean([np.diag(seen.noise) for _, seen in passes], axis=0)
    centre, reads = columns.mean(axis=0), problem.reads
    rows = range(len(problem.fitted))
    fits = (
        curve_of(columns - centre, values[:, k], linear.slopes[k], np.flatnonzero(reads[k]), noise[k]) for k in rows
    )
    return linear, Curves(centre, tuple(fits))


def near_posterior(problem: Problem, run: Run, draws: int) -> list[Pass]:
    """The ensembles near the posterior and what was simulated with them."""
    ensemble, sds, passes = assimilate(problem, run, draws)
    values = {**drawn_prior(problem, draws, run.seed)[2], **problem.state.values(ensemble, sds)}
    return [
        *passes[1:],
        (problem.columns(ensemble, sds), run.observe(problem.groups, values, draws, ASSIMILATIONS + 2)),
    ]


def members(problem: Problem, linear: Linear, curves: Curves, rows: Places, size: int, seed: int) -> Iterator[Floats]:
    """Draws (P,) of the columns from the posterior of the figures `rows`, each with SDs that these figures teach."""
    part = Linear(linear.intercept[rows], linear.slopes[rows], linear.rest[rows])
    data, error = problem.data[rows], problem.error[np.ix_(rows, rows)]
    variances = problem.variances(prior_sds(problem.plan.effects, NODES, problem.seed), NODES)
    weights = normalised(log_evidence(part, data, error, problem.centres, variances))
    rng = np.random.default_rng(seed)
    whole = error + np.diag([curves.curves[k].rest for k in rows])
    root = np.linalg.cholesky(whole)
    for place in np.searchsorted(np.cumsum(weights)[:-1], (np.arange(size) + rng.random()) / size):
        start = problem.centres + np.sqrt(variances[place]) * rng.standard_normal(len(problem.centres))
        erring = data + root @ rng.standard_normal(len(rows))
        yield compromise(part, curves, rows, erring, whole, start, variances[place])


def compromise(
    linear: Linear, curves: Curves, rows: Places, data: Floats, whole: Floats, start: Floats, variance: Floats
) -> Floats:
    """The columns (P,) that are best between a draw `start` of the prior and figures `data` with drawn errors.

    The search sets out from what is best on the `linear` model of these figures.
    """

    def cost(column: Floats) -> float:
        miss = data - curves.at(column)[0][rows]
        return float(((column - start) ** 2 / variance).sum() + miss @ np.linalg.solve(whole, miss))

    miss = data - linear.intercept - linear.slopes @ start
    column = start + variance * (linear.slopes.T @ np.linalg.solve(linear.covariance(variance) + whole, miss))
    least = cost(column)
    for _ in range(STEPS):
        values, derivatives = (part[rows] for part in curves.at(column))
        miss = data - values + derivatives @ (column - start)
        spread = (derivatives * variance) @ derivatives.T + whole
        step = start + variance * (derivatives.T @ np.linalg.solve(spread, miss)) - column
        tries = ((part, cost(column + part * step)) for part in 0.5 ** np.arange(HALVINGS))
        better = next(((part, value) for part, value in tries if value < least), None)
        if better is None:
            break
        gain, (column, least) = least - better[1], (column + better[0] * step, better[1])
        if gain < ENOUGH:
            break
    return column


def left_out_on_curves(problem: Problem, linear: Linear, curves: Curves, size: int) -> pd.DataFrame:
    """One row per figure: its source left out in closed form and on the curves."""
    solution: Any = SimpleNamespace(linear=linear)
    closed = left_out_table(problem, solution).set_index("target")
    everything, out = np.arange(len(problem.fitted)), []
    for number, (source, rows) in enumerate(by_source(problem.fitted).items()):
        others = np.setdiff1d(everything, rows)
        drawn = members(problem, linear, curves, others, size, number)
        predictions = np.array([curves.at(column)[0][rows] for column in drawn])
        rest = np.diag([curves.curves[k].rest for k in rows])
        covariance = np.atleast_2d(np.cov(predictions.T)) + rest + problem.error[np.ix_(rows, rows)]
        miss, sd = problem.data[rows] - predictions.mean(axis=0), np.sqrt(np.diag(covariance))
        density = normal_log_density(miss, covariance) / len(rows)
        for k, distance, width in zip(rows, miss, sd, strict=True):
            target = problem.fitted[k]
            row = closed.loc[target.name]
            names = {"source": source, "target": target.name, "family": target.family or "other"}
            beside = {"closed_z": row["z"], "closed_sd": row["sd"], "closed_density": row["log_density"]}
            out.append({**names, **beside, "z": -distance / width, "sd": width, "log_density": density})
        print(pd.DataFrame(out[-len(rows) :]).drop(columns="family").round(2).to_string(header=number == 0), flush=True)
    return pd.DataFrame(out)


def main() -> None:
    """Calibrate, leave sources out both ways and print."""
    parser = argparse.ArgumentParser(description="Sources left out on curved responses beside the closed form.")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--resume")
    asked = parser.parse_args()
    problem = problem_without(())
    with nullcontext() if asked.resume is None else workplace(asked.resume):
        passes = near_posterior(problem, run_of(problem, 500), 1000)
    linear, curves = curves_of(problem, passes)
    rest = np.mean([curve.rest for curve in curves.curves])
    print(f"variance of what is not linear {linear.rest.mean():.4f}, of what is not curved either {rest:.4f}")
    table = left_out_on_curves(problem, linear, curves, asked.draws)
    closed = table.assign(z=table["closed_z"], log_density=table["closed_density"])
    print(f"closed form {summary(closed)}\non curves   {summary(table)}")
    sds = table.groupby("family")[["closed_sd", "sd"]].mean()
    print((sds["sd"] / sds["closed_sd"]).round(2).rename("SD on curves over SD in closed form").to_string())


if __name__ == "__main__":
    main()
