"""Percentile intervals and Monte Carlo errors over draws (axis 0 is always the draw)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import ResultError, ScenarioError


def read_level(level: float) -> float:
    """Return the level of an interval when it lies strictly between 0 and 1; else raise ScenarioError."""
    if not 0 < level < 1:
        raise ScenarioError(
            "the level of an interval is out of range",
            value=level,
            rule="it lies between 0 and 1",
            way_out="write 95 % as 0.95",
        )
    return level


def mean(values: ArrayLike) -> NDArray[np.float64]:
    """Mean over draws, (draw, ...) -> (...), correctly rounded, so the order of the draws cannot change it.

    >>> float(mean([1e16, 1.0, -1e16]))
    0.3333333333333333
    """
    array = np.asarray(values, dtype=np.float64)
    columns = array.reshape(len(array), -1)
    sums = [math.fsum(columns[:, column].tolist()) / len(array) for column in range(columns.shape[1])]
    return np.array(sums).reshape(array.shape[1:])


def interval(values: ArrayLike, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval over draws: (draw, ...) -> lower (...), upper (...), in the unit of `values`.

    Linear interpolation between order statistics. NaN with one draw, which has no spread.
    Raises ScenarioError for a level outside 0-1.

    >>> [float(limit) for limit in interval(range(101), 0.5)]
    [25.0, 75.0]
    """
    tail = (1 - read_level(level)) / 2
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2:
        return np.full(array.shape[1:], np.nan), np.full(array.shape[1:], np.nan)
    low, high = np.quantile(array, [tail, 1 - tail], axis=0)
    return low, high


def monte_carlo_error(values: ArrayLike, replicates: int | None = None) -> NDArray[np.float64]:
    """Standard error of the mean over draws: (draw, ...) -> (...), in the unit of `values`.

    `replicates` None: draws are independent, SD / sqrt(draws). R: draws lie in R blocks of equal size, each
    randomised by itself (Latin hypercube, Sobol), and the error is that of the mean of R block means. NaN
    with one draw or one block: a single randomisation says nothing about its own error. Raises ResultError
    when the draws do not make R equal blocks.

    >>> float(monte_carlo_error([1.0, 2.0, 3.0]))
    0.5773502691896258
    >>> float(monte_carlo_error([1.0, 2.0, 3.0, 4.0], replicates=2))
    1.0
    """
    array = np.asarray(values, dtype=np.float64)
    if replicates is not None:
        array = block_means(array, replicates)
    if len(array) < 2:
        return np.full(array.shape[1:], np.nan)
    return np.asarray(np.std(array - array[0], axis=0, ddof=1) / math.sqrt(len(array)))


def block_means(values: NDArray[np.float64], replicates: int) -> NDArray[np.float64]:
    """Mean of each replicate's draws: (draw, ...) -> (replicate, ...)."""
    check_replicates(replicates, len(values))
    return np.asarray(values.reshape(replicates, -1, *values.shape[1:]).mean(axis=1))


def check_replicates(replicates: int, draws: int) -> None:
    """Raise ResultError unless the draws make that many blocks of equal size."""
    if replicates < 1 or draws % replicates:
        raise ResultError(
            "the draws do not make equal replicates",
            value=f"{draws} draws, {replicates} replicates",
            rule="replicates lie one after another and hold equally many draws",
            way_out="give replicates=None for independent draws",
        )
