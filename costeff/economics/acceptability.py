"""Acceptability: how often each strategy is best (CEAC), and how often the best choice is (CEAF)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.intervals import mean
from costeff.economics.noise import corrected_nmb
from costeff.economics.wtp import read_wtp

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation


def best_share(benefit: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for the best strategy of each draw, shared equally on an exact tie; (draw, strategy) both ways.

    >>> best_share(np.array([[1.0, 2.0], [3.0, 3.0]])).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    best = benefit == benefit.max(axis=1, keepdims=True)
    return np.asarray(best / best.sum(axis=1, keepdims=True))


def ceac(evaluation: Evaluation, wtp: ArrayLike | None = None) -> xr.Dataset:
    """Cost-effectiveness acceptability curves: probability that each strategy has the highest net benefit.

    Variables over (wtp, strategy): `probability`, as drawn (ties, tested exactly, share equally), and its
    Monte Carlo standard error `probability_mcse` (NaN with one draw). When halves of the individuals are
    there and there are several draws, also `probability_noise_corrected`, and over (wtp,) `noise_floored`,
    1 where noise exceeded the spread in some direction. At each wtp probabilities sum to 1. Raises
    ScenarioError when `wtp` is missing.
    """
    import xarray as xr

    values, _ = read_wtp(wtp)
    shape = (len(values), len(evaluation.strategies))
    probability, error, corrected = np.empty(shape), np.empty(shape), np.empty(shape)
    floored = np.zeros(len(values), dtype=np.int8)
    correct = evaluation.cost_half is not None and evaluation.draws > 1
    for w, value in enumerate(values.tolist()):
        share = best_share(value * evaluation.gain - evaluation.cost)
        probability[w] = share.mean(axis=0)
        error[w] = share.std(axis=0, ddof=1) / math.sqrt(len(share)) if len(share) > 1 else math.nan
        if correct:
            clean, floored[w] = corrected_nmb(evaluation, value)
            corrected[w] = best_share(clean).mean(axis=0)
    axes = ("wtp", "strategy")
    data = {"probability": (axes, probability), "probability_mcse": (axes, error)}
    curves = xr.Dataset(
        data, coords={"wtp": values, "strategy": list(evaluation.strategies)}, attrs=evaluation.conventions()
    )
    if correct:
        curves["probability_noise_corrected"] = (axes, corrected)
        curves["noise_floored"] = ("wtp", floored)
    return curves


def optimal(evaluation: Evaluation, wtp: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Position of the strategy with the highest expected net benefit at each wtp, and whether others tie.

    On an exact tie the comparator, then the strategy named first, is taken.
    """
    base = evaluation.comparator_index
    order = np.array([base, *(s for s in range(len(evaluation.strategies)) if s != base)])
    expected = (wtp[:, None] * mean(evaluation.gain) - mean(evaluation.cost))[:, order]
    tied = (expected == expected.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return order[expected.argmax(axis=1)], tied


def ceaf(evaluation: Evaluation, wtp: ArrayLike | None = None) -> xr.Dataset:
    """Acceptability frontier: how often the strategy with the highest *expected* net benefit is best.

    That strategy need not be the one most often best. Variables over (wtp,): `strategy` (its name),
    `probability`, `probability_mcse`, `tied` (1 when others have exactly the same expected net benefit;
    then the comparator, or the first named, is taken), and `probability_noise_corrected`, `noise_floored`
    as in ceac. Raises ScenarioError when `wtp` is missing. Source: Fenwick, Claxton and Sculpher 2001.
    """
    import xarray as xr

    curves = ceac(evaluation, wtp)
    chosen, tied = optimal(evaluation, curves["wtp"].values)
    picked = curves.isel(strategy=xr.DataArray(chosen, dims="wtp")).reset_coords("strategy")
    picked["tied"] = ("wtp", tied.astype(np.int8))
    return picked
