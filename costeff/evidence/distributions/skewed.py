"""Families that can be skewed: beta, gamma, lognormal. Shape, moments, inverse, and rule from an interval.

Moments are the textbook ones (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.evidence.distributions.counted import require_counts
from costeff.evidence.distributions.distribution import (
    COUNTED,
    Z975,
    Distribution,
    fit_spread,
    interval_rule,
    require,
    require_interval,
    require_stated,
    root,
    se_rule,
    width,
)
from costeff.numerics.special import beta_probability, beta_quantile, gamma_quantile, normal_quantile

_INF = math.inf


def _sd(distribution: Distribution) -> float:
    return distribution.sd


@dataclass(frozen=True)
class Beta(Distribution):
    """Beta on 0-1, shape `alpha` and `beta`; mean alpha / (alpha + beta).

    From an interval: the mean (or median) is kept, and alpha + beta is found so that the 95 % interval has
    the stated width; the two limits themselves need not be met.

    >>> Beta(2, 6).mean
    0.25
    >>> fitted = Beta.from_interval(0.3, 0.2, 0.4)
    >>> [round(limit, 3) for limit in fitted.interval()]
    [0.205, 0.405]
    """

    alpha: float
    beta: float
    family: ClassVar[str] = "beta"
    fields: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def __post_init__(self) -> None:
        for number in (self.alpha, self.beta):
            require(0 < number < _INF, "beta", "shape is not above 0", number, "alpha > 0 and beta > 0")

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return np.asarray(beta_quantile(self.alpha, self.beta, u))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        total = self.alpha + self.beta
        return math.sqrt(self.alpha * self.beta / (total + 1.0)) / total

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (0.0, 1.0)

    @classmethod
    def _with_centre(cls, value: float, total: float, centre: str, rule: str) -> Self:
        mean = value
        if centre == "median":
            mean = root(lambda m: float(beta_probability(m * total, (1 - m) * total, value)) - 0.5, 1e-12, 1 - 1e-12)
        return cls(mean * total, (1.0 - mean) * total, rule=rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Moments: alpha + beta = m (1 - m) / se^2 - 1; for a median the total is found numerically."""
        require_stated("beta", value, se, centre)
        require(0 < value < 1, "beta", "value is not between 0 and 1", value, "0 < value < 1")
        total = value * (1 - value) / se**2 - 1.0
        rule = se_rule(centre, se)
        if centre == "mean":
            most = math.sqrt(value * (1 - value))
            require(total > 0, "beta", "standard error too large", se, f"se < sqrt(m (1 - m)) = {most:g}")
            return cls._with_centre(value, total, centre, rule)
        return fit_spread(
            lambda x: cls._with_centre(value, math.exp(-x), centre, rule),
            _sd,
            se,
            -math.log(max(total, 1) + 1) - 2,
            6.0,
        )

    @classmethod
    def from_counts(cls, value: float, counts: Mapping[str, Any], centre: str = "mean") -> Self:
        """Binomial: `events` of `of`, all seen to the end; the prior is a beta, uniform unless `prior` gives its shape.

        >>> Beta.from_counts(0.25, {"events": 2, "of": 10}).shape()
        {'alpha': 3.0, 'beta': 9.0}
        """
        events, of = float(counts["events"]), float(counts["of"])
        require_counts("beta", events, of)
        more = [key for key in counts if key not in ("events", "of", "prior")]
        rule, way_out = "a beta is of a complete share: events, of, prior", "use distribution: event_rate"
        require(not more, "beta", "counts that are not complete", ", ".join(more), rule, way_out)
        first, second = counts.get("prior", (1.0, 1.0))
        return cls(
            first + events,
            second + of - events,
            rule=f"{COUNTED}: {events:g} of {of:g}; beta prior, {first:g} and {second:g}",
        )

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        require_interval("beta", value, low, high, centre, (0.0, 1.0))
        rule = interval_rule(centre, low, high)
        total = value * (1 - value) * (2 * Z975 / (high - low)) ** 2
        return fit_spread(
            lambda x: cls._with_centre(value, math.exp(-x), centre, rule), width, high - low, -math.log(total) - 2, 6.0
        )


@dataclass(frozen=True)
class Gamma(Distribution):
    """Gamma above 0: shape `alpha` and RATE `beta`, mean alpha / beta (write `scale` = 1 / rate instead if
    you have it).

    From an interval: the mean (or median) is kept, and alpha is found so that the 95 % interval has the
    stated width.

    >>> Gamma(4, 2).mean, Gamma.from_shape(alpha=4, scale=0.5) == Gamma(4, 2)
    (2.0, True)
    >>> Gamma.from_se(6000, 1500).alpha
    16.0
    """

    alpha: float
    beta: float
    family: ClassVar[str] = "gamma"
    fields: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def __post_init__(self) -> None:
        for number in (self.alpha, self.beta):
            require(0 < number < _INF, "gamma", "shape is not above 0", number, "alpha > 0 and beta (a rate) > 0")

    @classmethod
    def from_shape(cls, **shape: float) -> Self:
        """`{alpha, beta}` (beta is a rate), `{alpha, rate}` or `{alpha, scale}`."""
        if set(shape) == {"alpha", "scale"}:
            require(shape["scale"] > 0, "gamma", "scale is not above 0", shape["scale"], "scale > 0")
            return cls(shape["alpha"], 1.0 / shape["scale"])
        if set(shape) == {"alpha", "rate"}:
            return cls(shape["alpha"], shape["rate"])
        return super().from_shape(**shape)

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return np.asarray(gamma_quantile(self.alpha, u) / self.beta)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.alpha / self.beta

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.alpha) / self.beta

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (0.0, _INF)

    def _times(self, factor: float) -> Gamma:
        return Gamma(self.alpha, self.beta / factor, rule=self.rule)

    @classmethod
    def _with_centre(cls, value: float, log_cv: float, centre: str, rule: str) -> Self:
        alpha = math.exp(-2.0 * log_cv)
        unit_centre = alpha if centre == "mean" else float(gamma_quantile(alpha, 0.5))
        return cls(alpha, unit_centre / value, rule=rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Moments: alpha = (m / se)^2; for a median alpha is found numerically."""
        require_stated("gamma", value, se, centre)
        require(value > 0, "gamma", "value is not above 0", value, "value > 0")
        rule = se_rule(centre, se)
        if centre == "mean":
            return cls((value / se) ** 2, value / se**2, rule=rule)
        start = math.log(se / value)
        return fit_spread(lambda x: cls._with_centre(value, x, centre, rule), _sd, se, min(start, 0.0) - 2, 2.0)

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        require_interval("gamma", value, low, high, centre, (0.0, _INF))
        rule = interval_rule(centre, low, high)
        start = math.log((high - low) / (2 * Z975 * value))
        return fit_spread(
            lambda x: cls._with_centre(value, x, centre, rule), width, high - low, min(start, 0.0) - 2, 2.0
        )


MOST_SDLOG = 10.0
MOST_MEANLOG = 200  # a median of 1e-87 to 1e87; its mean can be computed with any sdlog allowed


@dataclass(frozen=True)
class Lognormal(Distribution):
    """Lognormal above 0: `meanlog` and `sdlog` of the logarithm; median exp(meanlog).

    From an interval with `centre: median` (the usual form of a published ratio): meanlog = log(value), sdlog
    = (log high - log low) / (2 * 1.959964). With `centre: mean` the mean is kept, and sdlog is found so that
    the interval has the stated width on the natural scale.

    >>> hr = Lognormal.from_interval(1.12, 0.62, 2.03, centre="median")
    >>> round(hr.median, 6), round(hr.sdlog, 4)
    (1.12, 0.3026)
    """

    meanlog: float
    sdlog: float
    family: ClassVar[str] = "lognormal"
    fields: ClassVar[tuple[str, ...]] = ("meanlog", "sdlog")

    def __post_init__(self) -> None:
        require(math.isfinite(self.meanlog), "lognormal", "meanlog is not finite", self.meanlog, "a finite number")
        require(0 < self.sdlog < _INF, "lognormal", "sdlog is not above 0", self.sdlog, "sdlog > 0")
        rule = f"sdlog is at most {MOST_SDLOG}, which spreads 95 % of the draws over 17 powers of ten"
        way_out = "state the spread on the scale of the logarithm: 0.3 is about 30 %"
        require(self.sdlog <= MOST_SDLOG, "lognormal", "sdlog is beyond all sense", self.sdlog, rule, way_out)
        rule = f"meanlog lies in -{MOST_MEANLOG} to {MOST_MEANLOG}: it is the logarithm of the median"
        way_out = "give log(median), not the median"
        beyond = abs(self.meanlog) > MOST_MEANLOG
        require(not beyond, "lognormal", "meanlog is beyond all sense", self.meanlog, rule, way_out)

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`."""
        return np.asarray(np.exp(self.meanlog + self.sdlog * normal_quantile(u)))

    @property
    def mean(self) -> float:
        """Expected value."""
        return math.exp(self.meanlog + self.sdlog**2 / 2.0)

    @property
    def median(self) -> float:
        """The 50 % point."""
        return math.exp(self.meanlog)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(math.expm1(self.sdlog**2))

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (0.0, _INF)

    def _times(self, factor: float) -> Lognormal:
        return Lognormal(self.meanlog + math.log(factor), self.sdlog, rule=self.rule)

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Moments; `se` on the natural scale. With a median, exp(sdlog^2) solves x^2 - x = (se / median)^2."""
        require_stated("lognormal", value, se, centre)
        require(value > 0, "lognormal", "value is not above 0", value, "value > 0")
        cv_squared = (se / value) ** 2
        if centre == "mean":
            variance = math.log1p(cv_squared)
            return cls(math.log(value) - variance / 2.0, math.sqrt(variance), rule=se_rule(centre, se))
        # (sqrt(1 + 4 q) - 1) / 2 without the cancellation for a small q
        variance = math.log1p(2.0 * cv_squared / (1.0 + math.sqrt(1.0 + 4.0 * cv_squared)))
        return cls(math.log(value), math.sqrt(variance), rule=se_rule(centre, se))

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        require_interval("lognormal", value, low, high, centre, (0.0, _INF))
        if centre == "median":
            require(low > 0, "lognormal", "the lower limit is 0", [low, high], "low > 0, its logarithm is taken")
            rule = f"median kept; sdlog = (log {high:g} - log {low:g}) / (2 * 1.959964)"
            return cls(math.log(value), math.log(high / low) / (2 * Z975), rule=rule)
        rule = interval_rule(centre, low, high)

        def make(log_sd: float) -> Lognormal:
            sdlog = math.exp(log_sd)
            return Lognormal(math.log(value) - sdlog**2 / 2.0, sdlog)

        start = math.log((high - low) / (2 * Z975 * value))
        fitted = fit_spread(make, width, high - low, min(start, 0.0) - 2, 1.5)
        return cls(fitted.meanlog, fitted.sdlog, rule=rule)
