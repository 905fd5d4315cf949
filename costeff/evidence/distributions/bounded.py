"""Triangular and PERT: a least, a most likely and a greatest value.

From a 95 % interval both use the same rule: mode and range are those that keep the centre and meet both limits. Where
the value is so near one limit that no mode inside the range does, the mode is that end of the range, and the range is
as long as makes the interval as wide as stated. A value still nearer is refused. From a standard error the distribution
is symmetric.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.evidence.distributions.distribution import (
    Distribution,
    interval_rule,
    require,
    require_interval,
    require_stated,
    root,
    se_rule,
    width,
)
from costeff.numerics.special import beta_quantile


def _limits(family: str, low: float, mode: float, high: float) -> None:
    ok = all(map(math.isfinite, (low, mode, high))) and low <= mode <= high and low < high
    require(ok, family, "limits do not rise", [low, mode, high], "low <= mode <= high, low < high, all finite")


def _relative_mode(make: Callable[[float], Distribution], family: str, place: float, centre: str) -> float:
    """Mode on the range 0-1 whose centre lies at `place` along the 95 % interval, or the end that comes nearest."""
    least, greatest = make(0.0).centre(centre), make(1.0).centre(centre)
    require(
        least <= place <= greatest,
        family,
        "the value is too near one end of its interval",
        f"{place:.3f} of the way along",
        f"the {centre} of a {family} lies {least:.3f} to {greatest:.3f} of the way along its range",
        "use lognormal, gamma or beta, which can be more skewed",
    )

    def reached(mode: float) -> float:
        candidate = make(mode)
        low, high = candidate.interval()
        return (candidate.centre(centre) - low) / (high - low)

    if place <= reached(0.0):
        return 0.0
    if place >= reached(1.0):
        return 1.0
    return root(lambda mode: reached(mode) - place, 0.0, 1.0)


@dataclass(frozen=True)
class Triangular(Distribution):
    """Triangular on `low`-`high` with its peak at `mode`; mean (low + mode + high) / 3.

    >>> Triangular(0, 3, 6).mean, float(Triangular(0, 0, 1).ppf(0.75))
    (3.0, 0.5)
    """

    low: float
    mode: float
    high: float
    family: ClassVar[str] = "triangular"
    fields: ClassVar[tuple[str, ...]] = ("low", "mode", "high")

    def __post_init__(self) -> None:
        _limits("triangular", self.low, self.mode, self.high)

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        p = np.asarray(u, dtype=float)
        span, lower_span, upper_span = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(p * span * lower_span)
        falling = self.high - np.sqrt((1.0 - p) * span * upper_span)
        return np.where(p < lower_span / span, rising, falling)

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.mode + self.high) / 3.0

    @property
    def sd(self) -> float:
        """Standard deviation."""
        lower_span, upper_span = self.mode - self.low, self.high - self.mode
        return math.sqrt((lower_span * lower_span + upper_span * upper_span + lower_span * upper_span) / 18.0)

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (float(self.low), float(self.high))

    def _times(self, factor: float) -> Triangular:
        return Triangular(self.low * factor, self.mode * factor, self.high * factor, rule=self.rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Symmetric, mode = value, half range sqrt(6) se."""
        require_stated("triangular", value, se, centre)
        half = math.sqrt(6.0) * se
        return cls(value - half, value, value + half, rule=se_rule(centre, se) + "; symmetric")

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        limits = _from_interval(lambda mode: cls(0.0, mode, 1.0), "triangular", value, low, high, centre)
        return cls(*limits, rule=interval_rule(centre, low, high))


@dataclass(frozen=True)
class Pert(Distribution):
    """PERT: a beta on `low`-`high` with mean (low + 4 mode + high) / 6 (Malcolm et al., Operations Research
    1959;7:646).

    >>> Pert(0, 1, 8).mean
    2.0
    """

    low: float
    mode: float
    high: float
    family: ClassVar[str] = "pert"
    fields: ClassVar[tuple[str, ...]] = ("low", "mode", "high")

    def __post_init__(self) -> None:
        _limits("pert", self.low, self.mode, self.high)

    @property
    def _shapes(self) -> tuple[float, float]:
        place = (self.mode - self.low) / (self.high - self.low)
        return 1.0 + 4.0 * place, 5.0 - 4.0 * place

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return np.asarray(self.low + (self.high - self.low) * beta_quantile(*self._shapes, u))

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + 4.0 * self.mode + self.high) / 6.0

    @property
    def sd(self) -> float:
        """Standard deviation."""
        a, b = self._shapes
        return (self.high - self.low) * math.sqrt(a * b / 7.0) / 6.0

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (float(self.low), float(self.high))

    def _times(self, factor: float) -> Pert:
        return Pert(self.low * factor, self.mode * factor, self.high * factor, rule=self.rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Symmetric, mode = value, half range sqrt(7) se."""
        require_stated("pert", value, se, centre)
        half = math.sqrt(7.0) * se
        return cls(value - half, value, value + half, rule=se_rule(centre, se) + "; symmetric")

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        limits = _from_interval(lambda mode: cls(0.0, mode, 1.0), "pert", value, low, high, centre)
        return cls(*limits, rule=interval_rule(centre, low, high))


def _from_interval(
    make: Callable[[float], Distribution], family: str, value: float, low: float, high: float, centre: str
) -> tuple[float, float, float]:
    require_interval(family, value, low, high, centre, (-math.inf, math.inf))
    place = (value - low) / (high - low)
    mode = _relative_mode(make, family, place, centre)
    span = (high - low) / width(make(mode))
    least = value - make(mode).centre(centre) * span
    return least, least + mode * span, least + span
