"""Designs in the unit cube for Sobol indices and Morris' elementary effects, and what their results say.

Nothing here knows a model: points go out as uniform numbers, results come back as numbers. SALib estimates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import MissingExtraError, ResultError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

DESIGNS = ("sobol", "morris")
"""Methods that need runs of their own."""
LOWEST, HIGHEST = 0.025, 0.975
"""Quantiles between which Morris' levels lie: the ends 0 and 1 would be infinite for many distributions."""
LEVELS = 4
_RESAMPLES = 200
_EDGE = 2.0**-33


@dataclass(frozen=True, eq=False)
class SamplingPlan:
    """Points of the unit cube, in blocks that belong together."""

    method: str
    """sobol or morris."""
    factors: Mapping[str, tuple[str, ...]]
    """Factor to its columns: several columns of one factor always move together."""
    uniforms: Floats
    """(point, column): independent uniform numbers, strictly between 0 and 1."""
    levels: Floats
    """(point, column): Morris' grid from 0 to 1; for Sobol the uniform numbers themselves."""
    block: int
    """Points of one block: a Sobol base point with its exchanges, or one Morris trajectory."""
    seed: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(name for own in self.factors.values() for name in own)

    @property
    def points(self) -> int:
        """Number of points, each one evaluation."""
        return len(self.uniforms)


def design(
    method: str,
    factors: Mapping[str, Sequence[str]] | Sequence[str],
    size: int,
    seed: int = 1,
    *,
    unordered_columns: Sequence[str] = (),
) -> SamplingPlan:
    """Points for `size` Sobol base points (a power of 2) or Morris trajectories.

    `factors` maps names to columns, or lists factors of one column each. Sobol: scrambled Sobol points A and B, and
    for each factor A with that factor's columns from B (Saltelli and others 2010): size x (factors + 2) points.
    Morris: size x (factors + 1) points on 4 levels at quantiles from 2.5 to 97.5 %. `unordered_columns` pick among
    things without an order, such as rows of a posterior: Morris then shifts them by a random amount in each
    trajectory, so that pairs are picked at random. Raises ScenarioError for a wrong request.

    >>> design("sobol", ["x", "y"], 16).points, design("morris", ["x", "y"], 10).points
    (64, 30)
    """
    column_names = factors if isinstance(factors, Mapping) else {name: (name,) for name in factors}
    factor_columns = {name: tuple(own) for name, own in column_names.items()}
    if method not in DESIGNS:
        raise ScenarioError("unknown design", value=method, rule=f"one of {', '.join(DESIGNS)}")
    if not factor_columns or not all(factor_columns.values()):
        raise ScenarioError("a design needs factors, each with a column", value=", ".join(factor_columns) or "none")
    if method == "sobol" and (size < 16 or size & (size - 1)):
        raise ScenarioError(
            "wrong number of Sobol base points",
            value=size,
            rule="a power of 2, at least 16",
            way_out=f"give {max(16, 1 << max(size - 1, 1).bit_length())}",
        )
    if method == "morris" and size < 4:
        raise ScenarioError("too few Morris trajectories", value=size, rule="at least 4")
    return (
        _sobol(factor_columns, size, seed)
        if method == "sobol"
        else _morris(factor_columns, size, seed, set(unordered_columns))
    )


def _sobol(factors: Mapping[str, tuple[str, ...]], size: int, seed: int) -> SamplingPlan:
    from scipy.stats import qmc

    count = sum(map(len, factors.values()))
    engine = qmc.Sobol(d=2 * count, scramble=True, rng=np.random.default_rng([seed, 0]))
    base = np.clip(engine.random_base2(size.bit_length() - 1), _EDGE, 1 - 2 * _EDGE)
    first, second = base[:, :count], base[:, count:]
    points = np.repeat(first[:, None, :], len(factors) + 2, axis=1)
    at = 0
    for k, own in enumerate(factors.values(), start=1):
        points[:, k, at : at + len(own)] = second[:, at : at + len(own)]
        at += len(own)
    points[:, -1] = second
    flat = points.reshape(-1, count)
    return SamplingPlan("sobol", factors, flat, flat, len(factors) + 2, seed)


def _morris(factors: Mapping[str, tuple[str, ...]], size: int, seed: int, unordered_columns: set[str]) -> SamplingPlan:
    _, problem = _salib(factors)
    from SALib.sample import morris

    levels = np.asarray(morris.sample(problem, size, num_levels=LEVELS, seed=_salib_seed(seed)))
    uniforms = LOWEST + (HIGHEST - LOWEST) * levels
    block = len(factors) + 1
    shift = np.random.default_rng([seed, 2]).random((size, levels.shape[1])).repeat(block, axis=0)
    loose = [i for i, name in enumerate(problem["names"]) if name in unordered_columns]
    uniforms[:, loose] = np.clip((levels[:, loose] + shift[:, loose]) % 1.0, _EDGE, 1 - 2 * _EDGE)
    return SamplingPlan("morris", factors, uniforms, levels, block, seed)


def indices(
    plan: SamplingPlan, value: ArrayLike, halves: ArrayLike | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """What each factor does to the result, largest first.

    `value` (point,) are the results at the design's points; `halves` (point, 2) the same from two independent halves
    of the individuals.

    Sobol: `first`, the share of the result's variance that knowing the factor would remove on average, and `total`,
    the share that would be left if everything else were known, each with `_lower` and `_upper` (bootstrap over base
    points, normal). With halves also `first_corrected` and `total_corrected`, with
    intervals, in which every square is a product
    across halves, so that individual noise (which looks like interaction and inflates `total`) falls out; attribute
    `noise_share` is its share of the variance. Estimates may lie a little outside 0-1.

    Morris: `mu_star`, the mean absolute elementary effect, with its interval, `mu` with its sign, and `sigma`, the
    spread of effects (interaction or curvature), all in the unit of the result, per move over the whole range of
    levels; `mu` and `sigma` are NaN for a factor of several columns.

    Raises ResultError when the result does not vary, is not finite or has the wrong shape.
    """
    import pandas as pd

    y = _checked(plan, np.asarray(value, dtype=np.float64), 1)
    both = None if halves is None else _checked(plan, np.asarray(halves, dtype=np.float64), 2)
    if not 0 < level < 1:
        raise ScenarioError("the level of an interval is out of range", value=level, rule="it lies between 0 and 1")
    table = pd.DataFrame({"factor": list(plan.factors)})
    columns = _sobol_indices(plan, y, both, level) if plan.method == "sobol" else _morris_effects(plan, y, level)
    for name, column in columns.items():
        table[name] = column
    independent = _independent(plan)
    share = math.nan
    if both is not None:
        share = float(((both[:, 0] - both[:, 1]) / 2)[independent].var() / y[independent].var())
    largest = "total" if plan.method == "sobol" else "mu_star"
    table = table.sort_values(largest, ascending=False, kind="stable", ignore_index=True)
    table.attrs = {
        "method": plan.method,
        "points": plan.points,
        "level": level,
        "noise_share": share,
        "mean": float(y[independent].mean()),
        "variance": float(y[independent].var()),
    }
    return table


def _independent(plan: SamplingPlan) -> NDArray[np.intp]:
    """Positions of points that no exchange ties together: A and B, or the starts of trajectories."""
    starts = np.arange(0, plan.points, plan.block)
    return np.concatenate([starts, starts + plan.block - 1]) if plan.method == "sobol" else starts


def _checked(plan: SamplingPlan, values: Floats, axes: int) -> Floats:
    shape = (plan.points,) if axes == 1 else (plan.points, 2)
    if values.shape != shape:
        raise ResultError("results do not fit the design", value=values.shape, rule=f"expected {shape}")
    if not np.isfinite(values).all():
        raise ResultError("a result is not finite", where=f"point {int(np.argwhere(~np.isfinite(values))[0][0])}")
    if axes == 1 and np.ptp(values) <= 1e-12 * np.abs(values).max():
        raise ResultError(
            "the result does not vary",
            value=float(values[0]),
            rule="sensitivity is about what varies",
            way_out="choose another result, or parameters that it depends on",
        )
    return values


def _sobol_indices(plan: SamplingPlan, y: Floats, halves: Floats | None, level: float) -> dict[str, Floats]:
    _, problem = _salib(plan.factors)
    from SALib.analyze import sobol

    estimates = sobol.analyze(
        problem, y, calc_second_order=False, num_resamples=_RESAMPLES, conf_level=level, seed=_salib_seed(plan.seed)
    )
    columns: dict[str, Floats] = {}
    for name, key in (("first", "S1"), ("total", "ST")):
        middle, half = np.asarray(estimates[key]), np.asarray(estimates[f"{key}_conf"])
        columns |= {name: middle, f"{name}_lower": middle - half, f"{name}_upper": middle + half}
    if halves is not None:
        columns |= _corrected(plan, halves, level)
    return columns


def _corrected(plan: SamplingPlan, halves: Floats, level: float) -> dict[str, Floats]:
    """First and total indices from products across halves, whose noise is independent; bootstrap over base points."""
    blocks = (halves - halves[_independent(plan)].mean(axis=0)).reshape(-1, plan.block, 2)
    a, b, shifts = blocks[:, 0], blocks[:, -1], blocks[:, 1:-1] - blocks[:, :1]
    variance = (a.prod(axis=1) + b.prod(axis=1)) / 2
    top = {"first": (b[:, None, ::-1] * shifts).mean(axis=2), "total": shifts.prod(axis=2) / 2}
    count = len(blocks)
    again = np.random.default_rng([plan.seed, 4]).multinomial(count, np.full(count, 1 / count), _RESAMPLES) / count
    wide = NormalDist().inv_cdf((1 + level) / 2)
    columns: dict[str, Floats] = {}
    for name, parts in top.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = parts.mean(axis=0) / variance.mean() if variance.mean() > 0 else np.full(len(parts[0]), math.nan)
            half = wide * ((again @ parts) / (again @ variance)[:, None]).std(axis=0, ddof=1)
        key = f"{name}_corrected"
        columns |= {key: middle, f"{key}_lower": middle - half, f"{key}_upper": middle + half}
    return columns


def _morris_effects(plan: SamplingPlan, y: Floats, level: float) -> dict[str, Floats]:
    _, problem = _salib(plan.factors)
    from SALib.analyze import morris

    estimates = morris.analyze(
        problem,
        plan.levels,
        y,
        num_levels=LEVELS,
        num_resamples=_RESAMPLES,
        conf_level=level,
        seed=_salib_seed(plan.seed),
    )
    mu_star, half = (np.ma.filled(estimates[key], math.nan) for key in ("mu_star", "mu_star_conf"))
    alone = np.array([len(own) == 1 for own in plan.factors.values()])
    return {
        "mu_star": mu_star,
        "mu_star_lower": np.maximum(mu_star - half, 0.0),
        "mu_star_upper": mu_star + half,
        "mu": np.where(alone, np.ma.filled(estimates["mu"], math.nan), math.nan),
        "sigma": np.where(alone, np.asarray(estimates["sigma"], dtype=np.float64), math.nan),
    }


def _salib(factors: Mapping[str, tuple[str, ...]]) -> tuple[ModuleType, dict[str, Any]]:
    """SALib and its description of the factors; MissingExtraError without it."""
    library = salib()
    columns = [name for own in factors.values() for name in own]
    groups = [factor for factor, own in factors.items() for _ in own]
    bounds = [[0.0, 1.0]] * len(columns)
    return library, {"num_vars": len(columns), "names": columns, "groups": groups, "bounds": bounds}


def salib() -> ModuleType:
    """SALib, loaded when first needed (it brings matplotlib); MissingExtraError when it is not installed."""
    try:
        import SALib
    except ImportError as error:
        raise MissingExtraError(
            "global sensitivity needs SALib", rule="SALib 1.6 or newer", way_out="pip install SALib"
        ) from error
    return SALib  # type: ignore[no-any-return]


def _salib_seed(seed: int) -> int:
    """A seed that is never 0, which SALib takes for no seed."""
    return int(np.random.default_rng([seed, 1]).integers(1, 2**31))
