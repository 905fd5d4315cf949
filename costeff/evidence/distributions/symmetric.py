"""Symmetric families and the known number: fixed, normal, uniform.

Moments are the textbook ones (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.evidence.distributions.distribution import (
    Z975,
    Distribution,
    interval_rule,
    require,
    require_centred,
    require_interval,
    require_stated,
    se_rule,
)
from costeff.numerics.special import normal_quantile

_INF = math.inf


@dataclass(frozen=True)
class Fixed(Distribution):
    """A known number: every draw is `value`.

    >>> Fixed(52.0).interval()
    (52.0, 52.0)
    """

    value: float
    family: ClassVar[str] = "fixed"
    fields: ClassVar[tuple[str, ...]] = ("value",)

    def __post_init__(self) -> None:
        require(math.isfinite(self.value), "fixed", "value is not finite", self.value, "a parameter is a finite number")

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return np.full(np.shape(u), float(self.value))

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self.value)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return 0.0

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (float(self.value), float(self.value))

    def _times(self, factor: float) -> Fixed:
        return Fixed(self.value * factor, rule=self.rule)


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal: `mean` and `sd`. From an interval: sd = (high - low) / 3.919928; a lopsided interval is
    refused.

    >>> round(Normal.from_interval(0.0, -1.96, 1.96).sd, 4)
    1.0
    """

    mu: float
    sigma: float
    family: ClassVar[str] = "normal"
    fields: ClassVar[tuple[str, ...]] = ("mean", "sd")

    def __post_init__(self) -> None:
        require(math.isfinite(self.mu), "normal", "mean is not finite", self.mu, "a finite number")
        require(0 < self.sigma < _INF, "normal", "sd is not above 0", self.sigma, "sd > 0")

    @classmethod
    def from_shape(cls, **shape: float) -> Self:
        """`{mean, sd}`."""
        return cls(shape["mean"], shape["sd"]) if set(shape) == {"mean", "sd"} else super().from_shape(**shape)

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return np.asarray(self.mu + self.sigma * normal_quantile(u))

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self.mu)

    @property
    def median(self) -> float:
        """The 50 % point."""
        return float(self.mu)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(self.sigma)

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (-_INF, _INF)

    def _times(self, factor: float) -> Normal:
        return Normal(self.mu * factor, self.sigma * factor, rule=self.rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Mean (or median) kept, standard deviation `se`."""
        require_stated("normal", value, se, centre)
        return cls(value, se, rule=se_rule(centre, se))

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        require_interval("normal", value, low, high, centre, (-_INF, _INF))
        require_centred("normal", value, low, high)
        return cls(value, (high - low) / (2 * Z975), rule=interval_rule(centre, low, high))


@dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform from `low` to `high`. From a 95 % interval: centred on the value, range = width / 0.95.

    >>> Uniform(1.0, 3.0).mean
    2.0
    """

    low: float
    high: float
    family: ClassVar[str] = "uniform"
    fields: ClassVar[tuple[str, ...]] = ("low", "high")

    def __post_init__(self) -> None:
        ok = math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high
        require(ok, "uniform", "limits do not rise", [self.low, self.high], "low < high, both finite")

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return self.low + (self.high - self.low) * np.asarray(u, dtype=float)

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.high) / 2.0

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / math.sqrt(12.0)

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (float(self.low), float(self.high))

    def _times(self, factor: float) -> Uniform:
        return Uniform(self.low * factor, self.high * factor, rule=self.rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Mean (or median) kept, standard deviation `se`."""
        require_stated("uniform", value, se, centre)
        half = math.sqrt(3.0) * se
        return cls(value - half, value + half, rule=se_rule(centre, se))

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        require_interval("uniform", value, low, high, centre, (-_INF, _INF))
        require_centred("uniform", value, low, high)
        half = (high - low) / (2 * 0.95)
        return cls(value - half, value + half, rule=interval_rule(centre, low, high))
