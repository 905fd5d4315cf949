"""How long something takes by person: a mean, a spread, and the quantile that a person's own random number picks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import EngineError
from costeff.numerics.quantiles import gamma_quantiles

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stay:
    """A time in days that differs between people.

    Parameters
    ----------
    mean : float
        In days.
    spread : float
        Coefficient of variation: standard deviation over mean.
    quantile : callable
        Days of people whose own numbers (N,) in (0, 1) are given.

    Examples
    --------
    >>> Stay(2.0, 0.0, lambda u: np.full(len(u), 2.0)).quantile(np.array([0.1, 0.9])).tolist()
    [2.0, 2.0]
    """

    mean: float
    spread: float
    quantile: Callable[[Floats], Floats]

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and self.mean >= 0 and np.isfinite(self.spread) and self.spread >= 0):
            raise EngineError(
                "a stay has no such mean or spread",
                value=f"mean {self.mean:g}, spread {self.spread:g}",
                rule="a finite mean and a finite coefficient of variation, at least 0",
                way_out="correct what was given",
            )


def constant_stay(days: float) -> Stay:
    """Everybody stays equally long.

    Parameters
    ----------
    days : float
        How long.

    Returns
    -------
    Stay
        Of spread 0.

    Examples
    --------
    >>> constant_stay(3.0).quantile(np.array([0.2, 0.7])).tolist()
    [3.0, 3.0]
    """
    return Stay(days, 0.0, lambda u: np.full(len(u), float(days)))


def exponential_stay(mean: float) -> Stay:
    """Whoever is there leaves at one rate.

    Parameters
    ----------
    mean : float
        In days.

    Returns
    -------
    Stay
        Of spread 1.

    Examples
    --------
    >>> exponential_stay(2.0).quantile(np.array([0.5])).round(6).tolist()
    [1.386294]
    """
    return Stay(mean, 1.0, lambda u: -mean * np.log1p(-u))


def gamma_stay(mean: float, spread: float) -> Stay:
    """Gamma-distributed stays; with spread 1 they are exponential.

    Parameters
    ----------
    mean : float
        In days.
    spread : float
        Coefficient of variation, above 0.

    Returns
    -------
    Stay
        With shape 1 / spread^2.

    Raises
    ------
    EngineError
        For a spread that is not above 0.

    Examples
    --------
    >>> gamma_stay(2.0, 1.0).quantile(np.array([0.5])).round(6).tolist()
    [1.386294]
    """
    if not spread > 0:
        rule, way_out = "a spread above 0", "for stays that are all alike, `constant_stay`"
        raise EngineError("gamma stays do not spread so", value=f"{spread:g}", rule=rule, way_out=way_out)
    shape = spread**-2
    return Stay(mean, spread, lambda u: mean / shape * gamma_quantiles(u, np.full(len(u), shape)))


def lognormal_stay(mean: float, spread: float) -> Stay:
    """Stays of which a few are very long.

    Parameters
    ----------
    mean : float
        In days.
    spread : float
        Coefficient of variation.

    Returns
    -------
    Stay
        Lognormal.

    Examples
    --------
    Half are below the median, mean / sqrt(1 + spread^2).

    >>> lognormal_stay(10.0, 1.0).quantile(np.array([0.5])).round(4).tolist()
    [7.0711]
    """
    from scipy.special import ndtri

    sd = np.sqrt(np.log1p(spread**2))
    return Stay(mean, spread, lambda u: mean * np.exp(sd * ndtri(u) - sd**2 / 2))


def observed_stay(days: ArrayLike) -> Stay:
    """Stays as they were counted: each person gets one of them, all equally likely.

    Parameters
    ----------
    days : array_like
        Observed stays, at least 0.

    Returns
    -------
    Stay
        With the mean and spread of the data.

    Raises
    ------
    EngineError
        Without stays, or for one below 0 or not finite.

    Examples
    --------
    >>> observed_stay([5.0, 1.0, 3.0]).quantile(np.array([0.1, 0.5, 0.99])).tolist()
    [1.0, 3.0, 5.0]
    """
    values = np.sort(np.asarray(days, dtype=float).ravel())
    if not len(values) or not np.isfinite(values).all() or values[0] < 0:
        raise EngineError(
            "no stays, or stays that cannot be",
            value=f"{len(values)} stays",
            rule="finite numbers of days, at least 0",
            way_out="leave out what is not known",
        )
    mean = float(values.mean())
    spread = float(values.std()) / mean if mean else 0.0
    return Stay(mean, spread, lambda u: values[np.minimum((u * len(values)).astype(np.int64), len(values) - 1)])
