"""Anchored in a linear model whose answer is exact: sources left out by a twin that adds up precisions.

The whole of costeff's calibration is run - prior, learned SDs, ES-MDA, regression, sources left out, widths - on a
simulation that is linear in scores and effects, with noise of its own. So every step between the published figures and
the printed z and widths is in the comparison, at three shapes of problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from twins import left_out

from costeff.calibrate import CalibrationPlan, Target
from costeff.calibrate.effects import Effect, all_levels, levels_of
from costeff.calibrate.hierarchy import Problem, Solution, solve
from costeff.calibrate.likelihood import error_covariance, natural, transformed
from costeff.calibrate.observe import Observed
from costeff.calibrate.scores import left_out_table, width_table
from costeff.calibrate.state import State
from costeff.calibrate.statistic import Statistic
from costeff.evidence import read_evidence

Floats = NDArray[np.float64]
NOISE = 0.05
"""SD of the simulation noise."""
MEDIAN, LOG_SD = 0.01, 0.5
Z975 = 1.959963984540054


@dataclass(frozen=True)
class Toy:
    """A linear problem: K figures on P parameters and E effects of sources."""

    intercept: Floats
    slopes: Floats
    effect_slopes: Floats
    scales: tuple[float, ...]
    unknown: tuple[bool, ...]
    sources: tuple[str, ...]
    sampling: Floats
    discrepancy: float
    data: Floats

    @property
    def error(self) -> Floats:
        """Covariance (K, K) of sampling and discrepancy."""
        return np.diag(self.sampling**2 + self.discrepancy**2)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the twin takes."""
        own = (self.intercept, self.slopes, self.effect_slopes, self.scales, self.unknown)
        return (*own, self.sources, self.data, self.error)


def toy(
    seed: int, figures: Mapping[str, int], parameters: int, unknown: tuple[bool, ...], alike: float, discrepancy: float
) -> Toy:
    """A truth and its figures; `alike` is the share of the variance of the slopes that figures of one source share."""
    rng = np.random.default_rng(seed)
    sources = tuple(name for name, size in figures.items() for _ in range(size))
    count, effects = len(sources), len(unknown)
    common = {name: rng.normal(0, 0.4, parameters) for name in figures}
    own = rng.normal(0, 0.4, (count, parameters))
    slopes = np.array([np.sqrt(alike) * common[s] for s in sources]) + np.sqrt(1 - alike) * own
    effect_slopes = rng.uniform(0.5, 1.5, (count, effects))
    scales = tuple(0.5 for _ in unknown)
    intercept, sampling = rng.normal(0, 0.5, count), rng.uniform(0.05, 0.3, count)
    levels = {(e, name): rng.normal(0, 0.4) for e in range(effects) for name in figures}
    shifts = np.array([sum(effect_slopes[k, e] * levels[e, s] for e in range(effects)) for k, s in enumerate(sources)])
    errors = rng.standard_normal(count) * np.hypot(sampling, discrepancy)
    data = intercept + slopes @ rng.standard_normal(parameters) + shifts + errors
    return Toy(intercept, slopes, effect_slopes, scales, unknown, sources, sampling, discrepancy, data)


@dataclass(frozen=True)
class LinearRun:
    """Stands where simulations stand: figures that are linear in log parameters and log ratios, and noisy."""

    toy: Toy
    seed: int = 1

    def observe(self, _: object, values: Mapping[str, Floats], size: int, turn: int) -> Observed:
        """What `costeff.calibrate.setting.Run.observe` gives."""
        own = self.toy
        scores = np.column_stack([np.log(values[f"p_{i}"] / MEDIAN) / LOG_SD for i in range(own.slopes.shape[1])])
        exact = own.intercept + scores @ own.slopes.T
        for k, source in enumerate(own.sources):
            for e in range(len(own.scales)):
                exact[:, k] += own.effect_slopes[k, e] * values[f"effect_{e} @ {source}"]
        luck = np.random.default_rng([self.seed, turn]).normal(0, NOISE * np.sqrt(2), (size, 2, len(own.sources)))
        halves = exact[:, None] + luck
        return Observed(halves.mean(axis=1), halves)


def problem_of(own: Toy, folder: Path) -> Problem:
    """The toy as costeff has it: targets, effects, priors and state; only the simulation is not its own."""
    count = own.slopes.shape[1]
    low, high = MEDIAN * np.exp(-Z975 * LOG_SD), MEDIAN * np.exp(Z975 * LOG_SD)
    prior = f"centre: median, unit: hazard per week, distribution: lognormal, interval: [{low!r}, {high!r}]"
    prior = prior.replace("np.float64(", "").replace(")", "")
    lines = [f"  p_{i}: {{value: {MEDIAN}, {prior}, kind: assumption}}" for i in range(count)]
    (folder / "toy.yaml").write_text("\n".join(["parameters:", *lines, ""]), encoding="utf-8")
    evidence = read_evidence(folder / "toy.yaml")
    effects = tuple(
        Effect(f"effect_{e}", "source", ("p_0",), own.scales[e], "half_normal" if own.unknown[e] else "fixed")
        for e in range(len(own.scales))
    )
    targets = tuple(_target(own, k) for k in range(len(own.sources)))
    names = tuple(f"p_{i}" for i in range(count))
    plan = CalibrationPlan(targets, {name: {} for name in names}, own.discrepancy, effects=effects)
    groups: Any = tuple(
        SimpleNamespace(parameters=names, levels=levels_of(effects, target), rows=(k,))
        for k, target in enumerate(targets)
    )
    state = State(evidence, names, {}, all_levels(effects, targets), effects)
    spare, rows = State(evidence, (), {}, (), effects), tuple(range(len(targets)))
    data = np.array([transformed(t, t.value) for t in targets])
    error = error_covariance(targets, own.discrepancy)
    return Problem(plan, evidence, groups, groups, state, spare, rows, data, error)


def _target(own: Toy, k: int) -> Target:
    """A share whose logit and its error are those of the toy."""
    shell = Target(f"figure_{k}", "T", "calibrate", Statistic("state_share", k, ("work",)), 0.5, (0.4, 0.6))
    value, low, high = natural(shell, own.data[k] + own.sampling[k] * Z975 * np.array([0, -1, 1]))
    family = ("even", "odd")[k % 2]
    return replace(shell, value=float(value), interval=(float(low), float(high)), source=own.sources[k], family=family)


SHAPES: dict[str, dict[str, Any]] = {
    "few sources": {"figures": {"a": 3, "b": 1, "c": 2}, "parameters": 3, "unknown": (True,), "alike": 0.2},
    "many parameters": {
        "figures": {f"s{i}": 1 + i % 3 for i in range(9)},
        "parameters": 30,
        "unknown": (True, False),
        "alike": 0.2,
    },
    "figures alike": {
        "figures": {"a": 6, "b": 5, "c": 6, "d": 1},
        "parameters": 4,
        "unknown": (True, True),
        "alike": 0.95,
    },
}


@pytest.fixture(scope="module", params=list(SHAPES))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Toy, Problem, Solution]:
    own = toy(list(SHAPES).index(request.param) + 1, discrepancy=0.2, **SHAPES[request.param])
    problem = problem_of(own, tmp_path_factory.mktemp("toy"))
    run: Any = LinearRun(own)
    return own, problem, solve(problem, run, 400)


def test_sources_left_out_are_predicted_as_the_exact_answer_says(case: tuple[Toy, Problem, Solution]) -> None:
    """Mean, SD (hence z and the 90 % interval) and log density; measured, they are 0.02 SD, 0.7 % and 0.03 off."""
    own, problem, solution = case
    table = left_out_table(problem, solution)
    assert sorted(set(table["source"])) == sorted(set(own.sources))
    for source, rows in table.groupby("source", sort=False):
        places = rows.index.to_numpy()
        mean, sd, density = left_out.predicted(*own.arguments, source)
        np.testing.assert_allclose((on_scale(problem, rows, "predicted") - mean) / sd, 0, atol=0.04)
        np.testing.assert_allclose(rows["sd"], sd, rtol=0.02)
        np.testing.assert_allclose(rows["z"], (mean - own.data[places]) / sd, atol=0.04 + 0.02 * abs(rows["z"]).max())
        width = on_scale(problem, rows, "high") - on_scale(problem, rows, "low")
        np.testing.assert_allclose(width, 2 * 1.6448536 * sd, rtol=0.02)
        assert rows["log_density"].sum() == pytest.approx(density, abs=0.06)


def on_scale(problem: Problem, rows: pd.DataFrame, column: str) -> Floats:
    """A column of shares on the scale of the likelihood."""
    return np.array([float(transformed(problem.fitted[k], share)) for k, share in rows[column].items()])


def test_widths_stand_beside_those_of_sources_alone(case: tuple[Toy, Problem, Solution]) -> None:
    own, problem, solution = case
    families = width_table(problem, solution, left_out_table(problem, solution)).set_index("family")
    least = left_out.alone(*own.arguments)
    sds = np.empty(len(own.sources))
    for source in set(own.sources):
        rows = np.array([name == source for name in own.sources])
        sds[rows] = left_out.predicted(*own.arguments, source)[1]
    for start, family in enumerate(("even", "odd")):
        width, alone = (2 * 1.6448536 * x[start::2].mean() for x in (sds, least))
        row = families.loc[family]
        assert (row["width"], row["alone"]) == pytest.approx((width, alone), rel=0.02)
        assert row["ratio"] == pytest.approx(width / alone, rel=0.02)
