"""Whether the bars of sources left out can hold together, on the linear model of the fit; too slow for the suite.

    python tests/calibration_bars.py [--worlds N] [--resume FOLDER]

The bars: rms z 0.8 to 1.1 and at most 7 % beyond 1.96 with sources left out, none beyond 2.6 after the fit, and 90 %
intervals at most 1.2 times as wide, family by family, as a source's own effects and errors alone. Three questions:

- What the width bar asks for: with k sources that each show the same figure, the ratio is sqrt(1 + 1 / k); a ratio r
  is as if a figure were predicted from 1 / (r^2 - 1) such sources.
- Whether narrower intervals could be right: the root mean square miss of the predictions, over the widest SD allowed.
- Worlds in which the model is right: parameters and effects are drawn from their priors (SDs of effects from what the
  figures say), figures with their errors follow, sources are left out. How often does each bar hold there?
- Whether larger SDs between sources, as if they were known, would let all bars hold.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from calibration_structure import problem_without, run_of
from numpy.typing import NDArray

from costeff.calibrate.hierarchy import Problem, solve
from costeff.calibrate.linear import Linear, left_out, linear_posterior, log_evidence, normalised
from costeff.calibrate.scores import Z95, by_source, left_out_table, width_table
from costeff.calibrate.state import prior_sds
from costeff.evidence.distributions.distribution import Z975
from costeff.simulation.workplace import workplace

Floats = NDArray[np.float64]
NODES = 200
"""Nodes of the unknown SDs in one world; the calibration has 1,000."""
RMS, BEYOND, LARGEST, WIDTH = (0.8, 1.1), 0.07, 2.6, 1.2
TIMES = (1.0, 1.5, 2.0, 3.0, 4.0)


@dataclass(frozen=True)
class Bars:
    """What the bars are about, of one set of figures."""

    rms: float
    beyond: int
    largest: float
    ratios: dict[str, float]
    density: float
    figures: int

    @property
    def held(self) -> dict[str, bool]:
        """Which bars hold."""
        return {
            "rms z 0.8-1.1": RMS[0] <= self.rms <= RMS[1],
            "at most 7 % beyond 1.96": self.beyond <= BEYOND * self.figures,
            "none beyond 2.6 after the fit": self.largest <= LARGEST,
            "widths at most 1.2": max(self.ratios.values()) <= WIDTH,
        }


def bars_of(problem: Problem, linear: Linear, data: Floats, nodes: dict[str, Floats]) -> Bars:
    """The bars for the figures `data` (K,), with these nodes of the unknown SDs, equally likely a priori."""
    size = len(next(iter(nodes.values())))
    variances = problem.variances(nodes, size)
    groups = list(by_source(problem.fitted).values())
    mixtures = left_out(linear, data, problem.error, problem.centres, variances, groups)
    z, sd = np.empty(len(data)), np.empty(len(data))
    for rows, mixture in zip(groups, mixtures, strict=True):
        sd[rows] = mixture.sd
        z[rows] = (mixture.mean - data[rows]) / sd[rows]
    weights = normalised(log_evidence(linear, data, problem.error, problem.centres, variances))
    mean, covariance = linear_posterior(linear, data, problem.error, problem.centres, weights @ variances)
    spread = np.einsum("kp,pq,kq->k", linear.slopes, covariance, linear.slopes) + np.diag(problem.error)
    after = (linear.mean(mean) - data) / np.sqrt(spread)
    return Bars(
        float(np.sqrt((z**2).mean())),
        int((np.abs(z) > Z975).sum()),
        float(np.abs(after).max()),
        ratios(problem, sd, alone(problem, linear, weights @ variances)),
        sum(mixture.log_density(data[rows]) for rows, mixture in zip(groups, mixtures, strict=True)),
        len(data),
    )


def alone(problem: Problem, linear: Linear, variances: Floats) -> Floats:
    """SD (K,) of a new source's own effects and errors; `variances` (P,) are those of the columns."""
    own = {effect.name for effect in problem.plan.effects if effect.by == "source"}
    columns = [len(problem.state.names) + i for i, x in enumerate(problem.state.levels) if x.effect in own]
    return np.asarray(np.sqrt(linear.slopes[:, columns] ** 2 @ variances[columns] + np.diag(problem.error)))


def ratios(problem: Problem, sd: Floats, least: Floats) -> dict[str, float]:
    """Mean of `sd` over mean of `least`, by family."""
    names = [t.family or "other" for t in problem.fitted]
    rows = {family: np.array([name == family for name in names]) for family in dict.fromkeys(names)}
    return {family: float(sd[own].mean() / least[own].mean()) for family, own in rows.items()}


def worlds(problem: Problem, linear: Linear, size: int) -> list[Bars]:
    """The bars in worlds in which the linear model is right."""
    rng = np.random.default_rng(7)
    nodes = prior_sds(problem.plan.effects, NODES, problem.seed)
    variances = problem.variances(nodes, NODES)
    weights = normalised(log_evidence(linear, problem.data, problem.error, problem.centres, variances))
    root, out = np.linalg.cholesky(problem.error + np.diag(linear.rest)), []
    for _ in range(size):
        sd = np.sqrt(variances[rng.choice(NODES, p=weights)])
        columns = problem.centres + sd * rng.standard_normal(len(sd))
        data = linear.mean(columns) + root @ rng.standard_normal(len(problem.data))
        out.append(bars_of(problem, linear, data, nodes))
    return out


def print_worlds(found: Sequence[Bars]) -> None:
    """How often each bar holds, and all."""
    held = pd.DataFrame([bars.held for bars in found])
    most = held.drop(columns="widths at most 1.2").all(axis=1).mean()
    print(f"{len(found)} worlds in which the model is right: share in which the bar holds")
    print(held.mean().round(2).to_string())
    print(f"all but widths {most:.2f}, all {held.all(axis=1).mean():.2f}")
    rows = {
        "beyond 1.96": [bars.beyond for bars in found],
        "rms z": [bars.rms for bars in found],
        "largest |z| after the fit": [bars.largest for bars in found],
        **{f"width, {family}": [bars.ratios[family] for bars in found] for family in found[0].ratios},
    }
    for name, values in rows.items():
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        print(f"{name:<28}{middle:>7.2f} ({low:.2f}-{high:.2f}), median and 90 % of worlds")


def print_misses(problem: Problem, solution: Any) -> None:
    """The miss of predictions beside the widest SD that the width bar allows."""
    table = left_out_table(problem, solution)
    widths = width_table(problem, solution, table).set_index("family")
    miss, families = (table["z"] * table["sd"]).to_numpy(), table["family"].replace("", "other")
    print(f"{'family':<12}{'ratio':>7}{'as of k sources':>17}{'rms miss':>10}{'SD allowed':>12}{'rms z then':>12}")
    for family, row in widths.iterrows():
        allowed = WIDTH * row["alone"] / (2 * Z95)
        rms = float(np.sqrt((miss[(families == family).to_numpy()] ** 2).mean()))
        cells = f"{row['ratio']:>7.2f}{1 / (row['ratio'] ** 2 - 1):>17.2f}{rms:>10.2f}{allowed:>12.2f}"
        print(f"{family:<12}{cells}{rms / allowed:>12.2f}")
    z = table["z"].to_numpy() / [WIDTH / widths.loc[family, "ratio"] for family in families]
    beyond = int((np.abs(z) > Z975).sum())
    print(f"the same predictions with every width at the bar: rms z {np.sqrt((z**2).mean()):.2f}, beyond 1.96 {beyond}")


def print_larger(problem: Problem, linear: Linear) -> None:
    """The bars if SDs between sources were known and so many times what the figures say."""
    nodes = prior_sds(problem.plan.effects, NODES, problem.seed)
    weights = normalised(
        log_evidence(linear, problem.data, problem.error, problem.centres, problem.variances(nodes, NODES))
    )
    for times in TIMES:
        fixed = {name: np.array([times * float(weights @ column)]) for name, column in nodes.items()}
        bars = bars_of(problem, linear, problem.data, fixed)
        cells = ", ".join(f"{family} {ratio:.2f}" for family, ratio in bars.ratios.items())
        print(
            f"SDs times {times:g}: rms z {bars.rms:.2f}, beyond 1.96 {bars.beyond}, largest after {bars.largest:.1f}, "
            f"log density {bars.density:.1f}; {cells}"
        )


def main() -> None:
    """Calibrate and print."""
    parser = argparse.ArgumentParser(description="Whether the bars of sources left out can hold together.")
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--resume")
    asked = parser.parse_args()
    problem = problem_without(())
    with nullcontext() if asked.resume is None else workplace(asked.resume):
        solution = solve(problem, run_of(problem, 500), 1000)
    print_misses(problem, solution)
    print_larger(problem, solution.linear)
    print_worlds(worlds(problem, solution.linear, asked.worlds))


if __name__ == "__main__":
    main()
