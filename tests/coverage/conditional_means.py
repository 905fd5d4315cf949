"""Conditional means of PSA tables over many seeds, against closed forms: bias, spread, reported error, coverage.

`python tests/coverage/conditional_means.py --seeds 100 --log tests/coverage/conditional_means.md` writes the table that
is committed; tests/sensitivity/test_conditional_means.py asks the same of few seeds.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from costeff import Evaluation
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold, conditional_two_way

Floats = np.ndarray
Case = Callable[[int], "list[tuple[float, float, float]]"]
"""A seed to (estimate, reported error, right value) of each number asked for."""


def inb(benefit: Floats, parameters: dict[str, Floats]) -> Evaluation:
    """Two strategies whose incremental net benefit at wtp 0 is `benefit`."""
    cost = np.column_stack([np.zeros_like(benefit), -benefit])
    return Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, np.zeros_like(cost), parameters=parameters)


def the_price(noise: float, draws: int = 500) -> Case:
    """A price of slope -1 that explains 1 % of the variance, beside a hazard ratio and a probability."""

    def case(seed: int) -> list[tuple[float, float, float]]:
        (row,) = conditional_one_way(priced(seed, noise, draws), ["price"], wtp=0).to_dict("records")
        return [(row["slope"], row["slope_mcse"], -1.0)]

    return case


def priced(seed: int, noise: float, draws: int = 500) -> Evaluation:
    """The draws of `the_price`."""
    g = np.random.default_rng(seed)
    price, ratio = g.gamma(25, 40, draws), np.exp(g.normal(-0.2, 0.3, draws))
    share = g.beta(20, 80, draws)
    luck = np.random.default_rng([seed, 1]).normal(0, noise, draws) if noise else 0.0
    benefit = 20000 * (2 * share * (1 - ratio)) - price + luck
    return inb(benefit, {"price": price, "hr": ratio, "pd": share})


def error_by_ols(seed: int, noise: float, draws: int = 500) -> float:
    """The error of the price's slope in the regression of the true form."""
    one = priced(seed, noise, draws)
    p = one.parameters
    x = np.column_stack([np.ones(draws), p["price"], p["hr"], p["pd"], p["hr"] * p["pd"]])
    y = -one.cost[:, 1]
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(np.sqrt(left @ left / (draws - 5) * np.linalg.inv(x.T @ x)[1, 1]))


def skewed(s: float, draws: int = 2000, noise: float = 1000.0) -> Case:
    """A lognormal parameter whose logarithm acts, at its 2.5 and 97.5 % points."""

    def case(seed: int) -> list[tuple[float, float, float]]:
        g = np.random.default_rng(1000 + seed)
        x = g.normal(size=draws)
        y = 1000 * x + 200 + g.normal(0, noise, draws)
        found = ends(inb(y, {"p": np.exp(s * x)}), "p")
        return [(result, error, 1000 * np.log(value) / s + 200) for value, result, error in found]

    return case


def ends(one: Evaluation, name: str) -> list[tuple[float, float, float]]:
    """Value, result and its error at the 2.5 and 97.5 % points of a parameter, by `conditional_threshold`."""
    low, high = np.quantile(one.parameters[name], [0.025, 0.975])
    curve = conditional_threshold(one, name, wtp=0, low=low, high=high, points=2).curve
    return list(curve[["value", "result", "mcse"]].itertuples(index=False, name=None))


def related(rho: float, draws: int = 1000, noise: float = 300.0) -> Case:
    """Two correlated parameters and one of its own: what is correlated moves along, E[y | a] = (1000 + 800 rho) a."""

    def case(seed: int) -> list[tuple[float, float, float]]:
        g = np.random.default_rng(seed)
        a, b, c = g.normal(size=(3, draws))
        b = rho * a + np.sqrt(1 - rho**2) * b
        y = 1000 * a + 800 * b + 2000 * c + 500 * b * c + g.normal(0, noise, draws)
        found = ends(inb(y, {"a": a, "b": b, "c": c}), "a")
        return [(result, error, (1000 + 800 * rho) * value) for value, result, error in found]

    return case


def bent(shape: Callable[[Floats], Floats], draws: int = 1000) -> Case:
    """A curve of a normal parameter, with a second parameter that carries most of the variance, at the ends."""

    def case(seed: int) -> list[tuple[float, float, float]]:
        g = np.random.default_rng(seed)
        x, u = g.normal(size=(2, draws))
        y = shape(x) + 3000 * u + g.normal(0, 500, draws)
        found = ends(inb(y, {"x": x, "u": u}), "x")
        return [(result, error, float(shape(np.array(value)))) for value, result, error in found]

    return case


def pair(rho: float, noise: float, draws: int = 2000) -> Case:
    """The grid of two correlated parameters of result 1000 x - 1000 y + 100 x y: every cell that is not blank."""

    def case(seed: int) -> list[tuple[float, float, float]]:
        g = np.random.default_rng(seed)
        x, y = g.normal(size=(2, draws))
        y = rho * x + np.sqrt(1 - rho**2) * y
        result = 1000 * x - 1000 * y + 100 * x * y
        if noise:
            result = result + np.random.default_rng([seed, 1]).normal(0, noise, draws)
        grid = conditional_two_way(inb(result, {"x": x, "y": y}), "x", "y", wtp=0, grid=5)
        right = 1000 * grid["x"] - 1000 * grid["y"] + 100 * grid["x"] * grid["y"]
        cells = zip(grid["result"].values.ravel(), grid["mcse"].values.ravel(), right.values.ravel(), strict=True)
        return [cell for cell in cells if np.isfinite(cell[0])]

    return case


CASES: dict[str, Case] = {
    "price of slope -1, 1 % of the variance, no noise": the_price(0.0),
    "the same, noise SD 500": the_price(500.0),
    "the same, noise SD 2000": the_price(2000.0),
    **{f"lognormal, s = {s}: 2.5 and 97.5 %": skewed(s) for s in (0.3, 0.5, 1.0, 1.5)},
    **{f"correlated {rho:g}: 2.5 and 97.5 %": related(rho) for rho in (0.0, 0.2, 0.5, 0.9)},
    "exponential of a normal, ends": bent(lambda x: 1000 * np.exp(x / 2)),
    "sine, ends": bent(lambda x: 1000 * np.sin(2 * x)),
    "kink, ends": bent(lambda x: 1000 * np.maximum(x, 0)),
    **{
        f"grid, correlation {rho:g}, noise SD {noise:g}": pair(rho, noise)
        for rho in (0.0, 0.5, 0.9)
        for noise in (0, 1000)
    },
}


def summary(case: Case, seeds: Sequence[int], name: str) -> dict[str, float]:
    """Bias, spread over seeds, mean reported error and coverage of one case; of several numbers, the worst.

    Of a grid all its cells together, in units of their errors: which of them are blank differs between seeds.
    """
    runs = [np.array(case(seed)).reshape(-1, 3) for seed in seeds]
    if name.startswith("grid"):
        found, error, right = np.vstack(runs).T
        ratio = (found - right) / np.maximum(error, 1e-6)
        return {
            "cells": len(found) / len(seeds),
            "bias / error": float(ratio.mean()),
            "spread / error": float(ratio.std()),
            "within 2": float((abs(ratio) <= 2).mean()),
            "within 3": float((abs(ratio) <= 3).mean()),
        }
    found, error, right = np.moveaxis(np.array(runs), 2, 0)  # each (seed, number)
    off = found - right
    spread, reported = off.std(axis=0, ddof=1), error.mean(axis=0)
    return {
        "bias": float(off.mean(axis=0)[np.abs(off.mean(axis=0) / reported).argmax()]),
        "bias / error": float(np.abs(off.mean(axis=0) / reported).max()),
        "spread": float(spread.max()),
        "error": float(reported.max()),
        "error / spread": float((reported / spread)[np.abs(np.log(reported / spread)).argmax()]),
        "within 2": float((np.abs(off) <= 2 * error).mean(axis=0).min()),
    }


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=100)
    asked.add_argument("--log", type=Path)
    given = asked.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    lines = [
        "# Conditional means over many seeds",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip()}, {given.seeds} seeds, "
        f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}.",
        "",
    ]
    for name in CASES:
        seeds = range(given.seeds // 4 if name.startswith("grid") else given.seeds)  # a grid has 25 cells
        row = summary(CASES[name], seeds, name)
        if name.startswith(("price", "the same")):
            noise = 0.0 if "no noise" in name else float(name.split()[-1])
            row["error by OLS"] = float(np.mean([error_by_ols(seed, noise) for seed in range(given.seeds)]))
        lines.append(f"- {name}: " + ", ".join(f"{key} {value:.3g}" for key, value in row.items()))
        print(lines[-1], flush=True)
    if given.log:
        given.log.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
