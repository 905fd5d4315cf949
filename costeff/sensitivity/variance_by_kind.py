"""How much of a result's variance comes from figures that are assumed, and how much from those with a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from costeff.errors import ResultError
from costeff.evidence.source import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costeff.analysis.study import ResultData

DRAWS_PER_FIGURE = 3
"""Draws wanted for each uncertain figure, so that chance explains little."""


def variance_by_kind(result: ResultData, values: ArrayLike) -> pd.Series:
    """Share of the variance of `values` between draws by kind of figure, and `rest`.

    A linear regression on all figures that were drawn; the share of a kind is the covariance of its part of the fit
    with the values, over their variance, less what chance would give it. Figures drawn together, as calibrated ones
    are, count as a whole. `rest` is what no figure explains in a straight line: products, curves, and the luck of
    simulated people.

    Parameters
    ----------
    result : ResultData
        A run with independent draws.
    values : (D,), such as an extra cost by draw

    Returns
    -------
    pandas.Series
        Kinds (`published`, `derived`, `calibrated`, `assumption`) that have figures, and `rest`; they sum to 1.

    Raises
    ------
    ResultError
        For too few draws, values of another number of draws, and values that do not vary.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").psa(200, seed=1, progress=False)
    >>> shares = variance_by_kind(result, 2 * result.parameters["hr_S1"])
    >>> round(float(shares.sum()), 6), abs(round(float(shares["rest"]), 6))
    (1.0, 0.0)
    """
    y = np.asarray(values, float)
    kinds = {name: one.kind for name, one in result.study.evidence.parameters.items()}
    names = [name for name, column in result.parameters.items() if name in kinds and np.ptp(column) > 0]
    draws = int(result.draws)
    if y.shape != (draws,) or draws < DRAWS_PER_FIGURE * len(names):
        raise ResultError(
            "too few draws to tell kinds of figures apart" if y.shape == (draws,) else "not one value for each draw",
            value=draws if y.shape == (draws,) else y.shape,
            rule=f"{DRAWS_PER_FIGURE * len(names)} draws or more for {len(names)} uncertain figures, one value each",
            way_out=f"run {DRAWS_PER_FIGURE * len(names)} draws or more",
        )
    variance = float(y.var())
    if variance == 0 or not names:
        raise ResultError("the values do not vary", rule="values that differ between draws", way_out="choose others")
    figures = np.stack([result.parameters[name] for name in names], axis=1)
    explained = _explained(figures, y, [kinds[name] for name in names])
    by_kind = {kind: explained[kind] for kind in KINDS if kind in explained}
    return pd.Series({**by_kind, "rest": 1 - sum(by_kind.values())})


def _explained(figures: NDArray[np.float64], y: NDArray[np.float64], kinds: Sequence[str]) -> dict[str, float]:
    """By kind the covariance of its part of the fit with y over the variance of y, less what chance would give it."""
    x = (figures - figures.mean(axis=0)) / figures.std(axis=0)
    deviation = y - y.mean()
    slope, _, rank, _ = np.linalg.lstsq(x, deviation, rcond=1e-8)
    residual = deviation - x @ slope
    noise = float(residual @ residual) / (len(y) - rank - 1)
    total = float(deviation @ deviation)
    shares: dict[str, float] = {}
    for kind in dict.fromkeys(kinds):
        own = np.array([one == kind for one in kinds])
        chance = own.sum() * rank / len(kinds) * noise
        shares[kind] = float((x[:, own] @ slope[own]) @ deviation - chance) / total
    return shares
