"""What every distribution offers, and the one way a spread is fitted to an interval or a standard error.

A distribution is one-dimensional, immutable, and knows the `rule` by which it was made. Draws come from its
inverse distribution function, so the same uniform numbers can be random, Latin hypercube or Sobol.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import EvidenceError

EXPLICIT = "explicit shape"
COUNTED = "posterior of counts"
"""How the rule of a distribution begins that follows from counted people."""
Z975 = 1.959963984540054  # 97.5 % point of the standard normal distribution
CENTRES = ("mean", "median")


@dataclass(frozen=True)
class Distribution(ABC):
    """Base of the univariate distributions.

    `rule` says in words how the distribution follows from what was stated. `EXPLICIT` means from its own
    shape parameters; then the stated value is compared with a tolerance of 1 % instead of 1e-6.
    """

    rule: str = field(default=EXPLICIT, compare=False, kw_only=True)
    declared: tuple[float, float] | None = field(default=None, compare=False, kw_only=True)
    """The 95 % interval that was stated, where the spread was chosen by it."""

    family: ClassVar[str] = ""
    fields: ClassVar[tuple[str, ...]] = ()
    """Names of the shape parameters, as written under `shape:` in a parameter file."""

    @abstractmethod
    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at probabilities `u` strictly between 0 and 1, any shape."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expected value, in the unit of the parameter."""

    @property
    @abstractmethod
    def sd(self) -> float:
        """Standard deviation (for a parameter: its standard error), in the unit of the parameter."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn (limits, possibly infinite)."""

    @property
    def median(self) -> float:
        """The 50 % point."""
        return float(self.ppf(0.5))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Central interval that holds `level` of the probability."""
        low, high = self.ppf(np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0]))
        return float(low), float(high)

    def centre(self, which: str) -> float:
        """The mean or the median, by name."""
        return self.median if which == "median" else self.mean

    @property
    def miss(self) -> float:
        """How far an end of the drawn 95 % interval lies from the declared one, as a share of the declared width.

        The larger of the two; 0 without a declared interval.

        >>> from costeff.evidence import Lognormal
        >>> round(Lognormal.from_interval(0.402, 0.186, 0.868).miss, 3)
        0.038
        """
        if self.declared is None:
            return 0.0
        (low, high), interval = self.declared, self.interval()
        return max(abs(interval[0] - low), abs(interval[1] - high)) / (high - low)

    def scaled(self, factor: float) -> Distribution:
        """The distribution of `factor` (above 0) times the quantity, for moving money between price years."""
        multiple = self._times(factor)
        if self.declared is None:
            return multiple
        return replace(multiple, declared=(self.declared[0] * factor, self.declared[1] * factor))

    def _times(self, factor: float) -> Distribution:
        """The distribution of `factor` times the quantity, without the declared interval."""
        raise EvidenceError(
            f"a {self.family} distribution cannot be moved to another price year",
            value=factor,
            rule="its support is fixed",
            way_out="use gamma, lognormal, normal, uniform, triangular or pert for money",
        )

    def shape(self) -> dict[str, float]:
        """The shape parameters by name, as they would stand under `shape:`."""
        return {name: float(getattr(self, name)) for name in self.fields}

    @classmethod
    def from_shape(cls, **shape: float) -> Self:
        """Build from explicit shape parameters; wrong names or values raise EvidenceError."""
        if set(shape) != set(cls.fields):
            raise EvidenceError(
                f"wrong shape parameters for a {cls.family} distribution",
                value=", ".join(shape) or "none",
                rule=f"its shape is {{{', '.join(cls.fields)}}}",
                way_out="name exactly these",
            )
        return cls(**shape)  # type: ignore[arg-type]

    @classmethod
    def from_se(cls, value: float, se: float, centre: str = "mean") -> Self:
        """Keep the stated mean (or median); choose the spread so that the standard deviation is `se`.

        Raises EvidenceError in a family that is not chosen by its spread.
        """
        raise cls._without_spread("se", se)

    @classmethod
    def from_interval(cls, value: float, low: float, high: float, centre: str = "mean") -> Self:
        """Keep the stated mean (or median), and choose the spread that honours the 95 % interval best.

        A centre and two limits are one statement more than most families can meet. The spread is then the one whose
        drawn interval misses the two limits least, which is where it misses both alike and is as wide as declared;
        see `miss`. Around a median, a lognormal's limits are compared on the log scale.

        Parameters
        ----------
        value
            The mean or median, strictly between the limits.
        low, high
            The 2.5 and 97.5 % points, as declared.
        centre
            "mean" or "median".

        Raises
        ------
        EvidenceError
            For limits that do not rise, leave the support, or lie further apart than the family can reach.

        Examples
        --------
        >>> from costeff.evidence import Gamma
        >>> fitted = Gamma.from_interval(6000, 3000, 10500)
        >>> fitted.mean, [round(limit) for limit in fitted.interval()]
        (6000.0, [2834, 10334])
        """
        return replace(cls._fitted(value, low, high, centre), declared=(float(low), float(high)))

    @classmethod
    def _fitted(cls, value: float, low: float, high: float, centre: str) -> Self:
        """The family's member with this centre that honours the interval best."""
        raise cls._without_spread("interval", [low, high])

    @classmethod
    def from_counts(cls, value: float, counts: Mapping[str, Any], centre: str = "mean") -> Self:
        """The posterior of counted people; `value` is what it is held against. EvidenceError in most families."""
        raise cls._without_spread("counts", ", ".join(counts))

    @classmethod
    def _without_spread(cls, statement: str, value: object) -> EvidenceError:
        """The error of a family, such as a fixed number, that has no spread to choose."""
        return EvidenceError(
            f"a {cls.family} distribution is not built from `{statement}`",
            value=value,
            rule="its spread is not chosen",
            way_out="use beta, gamma, lognormal, normal, uniform, triangular or pert",
        )


D = TypeVar("D", bound=Distribution)


def require(ok: bool, family: str, what: str, value: Any, rule: str, way_out: str = "correct the number") -> None:
    """Raise EvidenceError about a distribution unless `ok`."""
    if not ok:
        raise EvidenceError(f"{family}: {what}", value=value, rule=rule, way_out=way_out)


def require_stated(family: str, value: float, se: float | None, centre: str) -> None:
    """Shared by the constructors from a centre: finite value, positive standard error, known centre."""
    require(centre in CENTRES, family, "unknown centre", centre, "centre is mean or median")
    require(math.isfinite(value), family, "value is not finite", value, "a parameter is a finite number")
    if se is not None:
        require(math.isfinite(se) and se > 0, family, "standard error is not above 0", se, "se > 0, and finite")


def require_interval(
    family: str, value: float, low: float, high: float, centre: str, bounds: tuple[float, float]
) -> None:
    """An interval is finite, ordered, inside the family's support, and has the value strictly inside."""
    require_stated(family, value, None, centre)
    require(
        math.isfinite(low) and math.isfinite(high) and low < high,
        family,
        "the interval is not a pair of rising finite numbers",
        [low, high],
        "interval: [low, high] with low < high",
        "swap or correct the limits; a known number is `distribution: fixed`",
    )
    require(
        low < value < high,
        family,
        "the value lies outside its own interval",
        f"{value:g}, interval [{low:g}, {high:g}]",
        "low < value < high",
        "check value, interval and centre against the source",
    )
    require(
        bounds[0] <= low and high <= bounds[1],
        family,
        "the interval leaves the support of the distribution",
        [low, high],
        f"a {family} distribution lies in {bounds[0]:g} to {bounds[1]:g}",
        "choose another distribution, or correct the interval",
    )


def require_centred(family: str, value: float, low: float, high: float) -> None:
    """A symmetric family refuses an interval whose midpoint is off the value by over 5 % of the width."""
    off = abs((low + high) / 2.0 - value) / (high - low)
    require(
        off <= 0.05,
        family,
        "a lopsided interval for a symmetric distribution",
        f"value {value:g}, interval [{low:g}, {high:g}], midpoint off by {off:.1%} of the width",
        "the midpoint of the interval lies within 5 % of its width from the value",
        "use a distribution that can be skewed: beta, gamma, lognormal or pert",
    )


def interval_rule(centre: str, low: float, high: float) -> str:
    """The rule of the families that miss both ends of the stated interval alike, which is the least they can."""
    return f"{centre} kept; spread matches the width of the stated 95 % interval {low:g} to {high:g}"


def se_rule(centre: str, se: float) -> str:
    """The rule of the families that match a stated standard error."""
    return f"{centre} kept; standard deviation equals the stated standard error {se:g}"


def amount_text(value: float) -> str:
    """A number for a sentence about evidence, with six digits or all whole ones.

    >>> amount_text(6000.0), amount_text(0.8134567), amount_text(1234567.0)
    ('6,000', '0.813457', '1,234,567')
    """
    return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"


def four_digits(value: float) -> str:
    """A number with four digits that count, never as a power of ten.

    >>> four_digits(2048123.4), four_digits(12345.6), four_digits(0.012345)
    ('2,048,000', '12,350', '0.01235')
    """
    return amount_text(float(f"{value:.4g}"))


def width(distribution: Distribution) -> float:
    """Width of the 95 % interval."""
    low, high = distribution.interval()
    return high - low


def root(f: Callable[[float], float], low: float, high: float) -> float:
    """Zero of an increasing or decreasing `f` between two points of opposite sign, to the last bit, by
    bisection."""
    rising = f(low) < 0
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return middle
        if (f(middle) < 0) == rising:
            low = middle
        else:
            high = middle


def fit_spread(
    make: Callable[[float], D], measure: Callable[[Distribution], float], target: float, first: float, last: float
) -> D:
    """The member of a one-parameter family whose `measure` equals `target`.

    `make(x)` builds the member with log-spread `x`; the search goes from `first` (nearly certain) to `last`
    (very uncertain) and takes the first crossing, so of two solutions the more peaked one. Raises
    EvidenceError, with the largest reachable value, when there is none.
    """
    step = 0.5 if last > first else -0.5
    x, widest = first, 0.0
    while (last - x) * step > 0:
        spread = measure(make(x + step))
        if spread >= target:
            return make(root(lambda y: measure(make(y)) - target, x, x + step))
        x, widest = x + step, max(widest, spread)
    family = make(first).family
    raise EvidenceError(
        f"{family}: the stated spread cannot be reached with the stated centre",
        value=f"{target:g} asked, about {widest:g} is the most",
        rule=f"a {family} distribution with this centre has a largest spread",
        way_out="check the interval or standard error, or choose another distribution",
    )
