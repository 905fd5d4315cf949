"""Hazards in plain Python, integrated over the cycle [t, t + 1): the slow twin of costeff.model.formulas.functions.

Only hazard rates are written here; their integrals are found by Simpson's rule. Imports nothing from costeff.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Rate = Callable[[float], float]


def constant_rate(rate: float) -> Rate:
    return lambda s: rate


def weibull_rate(shape: float, scale: float) -> Rate:
    return lambda s: shape / scale * (s / scale) ** (shape - 1)


def gompertz_rate(shape: float, rate: float) -> Rate:
    return lambda s: rate * math.exp(shape * s)


def log_logistic_rate(shape: float, scale: float) -> Rate:
    return lambda s: shape / scale * (s / scale) ** (shape - 1) / (1 + (s / scale) ** shape)


def integrated(rate: Rate, t: float, pieces: int = 2_000) -> float:
    """Simpson's rule after s = t + u**4, which tames the infinite rate at 0 of shapes from 0.5 to 1."""

    def integrand(u: float) -> float:
        return 0.0 if u == 0.0 else rate(t + u**4) * 4 * u**3

    width = 1.0 / pieces
    total = integrand(0.0) + integrand(1.0)
    for i in range(1, pieces):
        total += (4 if i % 2 else 2) * integrand(i * width)
    return total * width / 3


def piecewise_integral(t: float, edges: Sequence[float], levels: Sequence[float]) -> float:
    """Walk from t to t + 1, stopping at each edge on the way, and add level times length."""
    here, total = t, 0.0
    while here < t + 1:
        passed = sum(1 for edge in edges if edge <= here)
        stop = min([edge for edge in edges if edge > here] + [t + 1])
        stop = min(stop, t + 1)
        total += levels[passed] * (stop - here)
        here = stop
    return total


def looked_up(x: Sequence[float], values: Sequence[float], at: float) -> float:
    """The value of the last row whose x is not above `at`, found by walking down the rows."""
    found = math.nan
    for start, value in zip(x, values, strict=True):
        if start <= at:
            found = value
    return found
