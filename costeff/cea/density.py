"""How dense the draws lie on the cost-effectiveness plane, and the densest places that hold a share of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.apart import check_apart
from costeff.analysis.net_benefit import increments
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

_DRAWS = 5_000
"""Draws used, evenly chosen; more would not be seen."""
_FEWEST = 50
_AT_ONCE = 1 << 15
"""Values of the kernel formed at a time, so that they stay in the processor's cache."""


def density(evaluation: EvaluationData, shares: Sequence[float] = (0.5, 0.95), *, points: int = 60) -> xr.Dataset:
    """Density of increments against the comparator by a Gaussian kernel with Scott's bandwidth, on a grid.

    Variables: `density` (strategy, y, x) per unit of gain and of cost, at `gain` (strategy, x) and `cost` (strategy,
    y); `limit` (strategy, share): in places at least so dense lies that share of the draws (highest-density regions,
    Hyndman 1996). NaN for a strategy whose draws all lie on one line, such as the comparator's twin.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    shares : sequence of float
        Shares of draws inside each region, between 0 and 1.
    points : int
        Points of the grid in each direction.

    Returns
    -------
    xarray.Dataset
        The density and its limits.

    Raises
    ------
    ResultError
        With fewer than 50 draws.
    ScenarioError
        For shares not between 0 and 1.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> draws = np.random.default_rng(1).normal(size=(200, 2))
    >>> many = Evaluation("payer", "qaly", ("usual", "new"), "usual", draws * [0.0, 10.0], draws * [0.0, 1.0],
    ...                 parameters={"x": draws[:, 1]})
    >>> density(many)["density"].dims
    ('strategy', 'y', 'x')
    """
    import xarray as xr

    check_apart(evaluation, "the cost-effectiveness plane")
    if evaluation.draws < _FEWEST:
        raise ResultError(
            "too few draws for a density", value=evaluation.draws, rule=f"at least {_FEWEST}", way_out="run more draws"
        )
    if not shares or not all(0 < share < 1 for share in shares):
        raise ScenarioError("shares of the draws lie between 0 and 1", value=list(shares))
    draw_slice = slice(None, None, math.ceil(evaluation.draws / _DRAWS))
    base, names = evaluation.comparator_index, list(evaluation.alternatives)
    gain, cost = (increments(values, base)[draw_slice] for values in (evaluation.gain, evaluation.cost))
    at = {name: np.full((len(names), points), np.nan) for name in ("gain", "cost")}
    densities = np.full((len(names), points, points), np.nan)
    limit = np.full((len(names), len(shares)), np.nan)
    for s in range(len(names)):
        both = np.stack([gain[:, s], cost[:, s]])
        for name, values in zip(at, both, strict=True):
            room = 0.15 * np.ptp(values)
            at[name][s] = np.linspace(values.min() - room, values.max() + room, points)
        scale = both.std(axis=1)
        if not scale.all() or abs(float(np.asarray(np.corrcoef(both))[0, 1])) > 1 - 1e-9:
            continue
        alike = both / scale[:, None]  # in like units, so that nothing is lost to rounding
        grid = np.stack(np.meshgrid(at["gain"][s] / scale[0], at["cost"][s] / scale[1])).reshape(2, -1)
        densities[s] = kernel_density(alike, grid).reshape(points, points) / scale.prod()
        limit[s] = np.quantile(kernel_density(alike, alike), 1 - np.array(shares)) / scale.prod()
    return xr.Dataset(
        {
            "density": (("strategy", "y", "x"), densities),
            "gain": (("strategy", "x"), at["gain"], {"unit": evaluation.effect_unit}),
            "cost": (("strategy", "y"), at["cost"], {"unit": evaluation.currency}),
            "limit": (("strategy", "share"), limit),
        },
        {"strategy": names, "share": list(shares)},
        attrs=evaluation.conventions(),
    )


def kernel_density(draws: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density at points (2, point) by Gaussian kernels round draws (2, draw), as wide as Scott's rule says: (point,).

    >>> cross = np.sqrt(1.5) * np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])  # of variance 1
    >>> wide = 4 ** (-1 / 3)
    >>> bool(np.isclose(kernel_density(cross, np.zeros((2, 1)))[0], np.exp(-0.75 / wide) / (2 * np.pi * wide)))
    True
    """
    width = np.linalg.cholesky(np.cov(draws)) * draws.shape[1] ** (-1 / 6)
    near, points = (np.linalg.solve(width, values) for values in (draws, at))
    # half the squared distance is a product of rows and columns: a b - a^2 / 2 - b^2 / 2
    columns = np.vstack([near, np.ones(near.shape[1]), -0.5 * (near**2).sum(axis=0)])
    rows = np.vstack([points, -0.5 * (points**2).sum(axis=0), np.ones(points.shape[1])]).T
    step = max(1, _AT_ONCE // near.shape[1])
    sums = [np.exp(rows[low : low + step] @ columns).sum(axis=1) for low in range(0, len(rows), step)]
    return np.asarray(np.concatenate(sums) / (near.shape[1] * 2 * math.pi * np.diag(width).prod()))
