"""Acceptability: how often each strategy is best (CEAC), and how often the best choice is (CEAF)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.corrected import corrected_curves
from costeff.analysis.curves import curves
from costeff.analysis.wtp import read_wtp

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


def ceac(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.Dataset:
    """Cost-effectiveness acceptability curves: probability that each strategy has the highest net benefit.

    Variables over (wtp, strategy): `probability`, as drawn (ties, tested exactly, share equally), and its
    Monte Carlo standard error `probability_mcse` (NaN with one draw). When halves of the individuals are
    there and there are several draws, also `probability_noise_corrected` with its error (`_mcse`, by leaving
    out tenths of the draws, or replicates, in turn), and over (wtp,) `noise_floored`, 1 where noise exceeded
    the spread in some direction. At each wtp probabilities sum to 1.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    xarray.Dataset
        Probabilities over (wtp, strategy).

    Raises
    ------
    ScenarioError
        When `wtp` is missing.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> ceac(two, [0, 200])["probability"].values.tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    import xarray as xr

    values, _ = read_wtp(wtp, evaluation)
    raw_curves, clean_curves = curves(evaluation, values), corrected_curves(evaluation, values)
    axes = ("wtp", "strategy")
    table = xr.Dataset(
        {"probability": (axes, raw_curves.probability), "probability_mcse": (axes, raw_curves.probability_mcse)},
        coords={"wtp": values, "strategy": list(evaluation.strategies)},
        attrs=evaluation.conventions(),
    )
    if clean_curves is not None:
        table["probability_noise_corrected"] = (axes, clean_curves.probability)
        table["probability_noise_corrected_mcse"] = (axes, clean_curves.probability_mcse)
        table["noise_floored"] = ("wtp", clean_curves.floored)
    return table


def ceaf(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.Dataset:
    """Acceptability frontier: how often the strategy with the highest *expected* net benefit is best.

    That strategy need not be the one most often best. Variables over (wtp,): `strategy` (its name),
    `probability`, `probability_mcse`, `tied` (1 when others have exactly the same expected net benefit;
    then the comparator, or the first named, is taken), and `probability_noise_corrected`, `noise_floored`
    as in ceac. Source: Fenwick, Claxton and Sculpher 2001.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    xarray.Dataset
        Over (wtp,).

    Raises
    ------
    ScenarioError
        When `wtp` is missing.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> ceaf(two, [0, 200])["strategy"].values.tolist()
    ['usual', 'new']
    """
    import xarray as xr

    shares = ceac(evaluation, wtp)
    raw_curves = curves(evaluation, shares["wtp"].values)
    frontier = shares.isel(strategy=xr.DataArray(raw_curves.best, dims="wtp")).reset_coords("strategy")
    frontier["tied"] = ("wtp", raw_curves.tied.astype(np.int8))
    return frontier
