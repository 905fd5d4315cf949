"""The special functions the distributions need, from scipy.special, imported when first called.

Arrays of any shape, broadcast; float64 out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _scipy() -> Any:
    import scipy.special

    return scipy.special


def normal_quantile(u: ArrayLike) -> Floats:
    """Inverse of the standard normal distribution function."""
    return np.asarray(_scipy().ndtri(u), dtype=float)


def normal_probability(x: ArrayLike) -> Floats:
    """Standard normal distribution function."""
    return np.asarray(_scipy().ndtr(x), dtype=float)


def beta_quantile(alpha: ArrayLike, beta: ArrayLike, u: ArrayLike) -> Floats:
    """Inverse of the beta distribution function."""
    return np.asarray(_scipy().betaincinv(alpha, beta, u), dtype=float)


def beta_probability(alpha: ArrayLike, beta: ArrayLike, x: ArrayLike) -> Floats:
    """Beta distribution function."""
    return np.asarray(_scipy().betainc(alpha, beta, x), dtype=float)


def gamma_quantile(alpha: ArrayLike, u: ArrayLike) -> Floats:
    """Inverse of the gamma distribution function with rate 1."""
    return np.asarray(_scipy().gammaincinv(alpha, u), dtype=float)


def gamma_probability(alpha: ArrayLike, x: ArrayLike) -> Floats:
    """Gamma distribution function with rate 1."""
    return np.asarray(_scipy().gammainc(alpha, x), dtype=float)


def log_gamma(x: ArrayLike) -> Floats:
    """Logarithm of the gamma function."""
    return np.asarray(_scipy().gammaln(x), dtype=float)


def logistic(x: ArrayLike) -> Floats:
    """exp(x) / (1 + exp(x))."""
    return np.asarray(_scipy().expit(x), dtype=float)
