"""Beta and gamma quantiles of arrays: the compiled kernels where they answer, scipy.special elsewhere."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.numerics import quantile_kernels
from costeff.numerics.kernel_cache import announce
from costeff.numerics.quantile_kernels import COLUMNS, ROWS, TERMS

Floats = NDArray[np.float64]

_beta: Any = quantile_kernels.beta_block
_gamma: Any = quantile_kernels.gamma_block


class _Kept(threading.local):
    """What one thread keeps about shapes it has met: rows, coefficients, how many are known, which row gives way."""

    def __init__(self) -> None:
        def arrays(anchors: int, tails: int) -> tuple[np.ndarray, ...]:
            return (
                np.full((ROWS, anchors, COLUMNS), np.nan),
                np.empty((ROWS, tails, TERMS)),
                np.zeros((ROWS, tails), np.int64),
                np.zeros(ROWS, np.int64),
            )

        self.beta, self.gamma = arrays(2, 2), arrays(3, 1)


_shape_cache = _Kept()


def _flat(*values: ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    """Common shape, and the values in it as flat arrays of their own."""
    arrays = [np.asarray(value, np.float64) for value in values]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return shape, [np.ascontiguousarray(np.broadcast_to(array, shape)).reshape(-1) for array in arrays]


def _library(name: str, out: Floats, *arguments: Floats) -> None:
    """Let scipy.special answer where `out` is nan."""
    import scipy.special

    rest = np.flatnonzero(np.isnan(out))
    out[rest] = getattr(scipy.special, name)(*(argument[rest] for argument in arguments))


def beta_quantiles(u: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Quantiles of the beta distribution in the common shape of the arguments; nan outside 0 <= u <= 1, a > 0, b > 0.

    >>> beta_quantiles([0.0, 0.25, 1.0], 1.0, 1.0).round(12).tolist()
    [0.0, 0.25, 1.0]
    """
    announce("quantile_kernels", "beta_block", "a few seconds")
    shape, (u, a, b) = _flat(u, a, b)
    out = np.empty(len(u))
    if _beta(u, a, b, *_shape_cache.beta, out):
        _library("betaincinv", out, a, b, u)
    return out.reshape(shape)


def gamma_quantiles(u: ArrayLike, shape: ArrayLike) -> Floats:
    """Quantiles of the gamma distribution of rate 1, in the common shape; nan outside 0 <= u <= 1, shape > 0.

    >>> gamma_quantiles([0.0, 0.5], 1.0).round(12).tolist()
    [0.0, 0.69314718056]
    """
    announce("quantile_kernels", "gamma_block", "a few seconds")
    common, (u, a) = _flat(u, shape)
    out = np.empty(len(u))
    if _gamma(u, a, *_shape_cache.gamma, out):
        _library("gammaincinv", out, a, u)
    return out.reshape(common)
