"""Parameters drawn together: Dirichlet, multivariate normal on a transformed scale, and rows of a posterior
file.

A group maps uniform numbers to one column per member. Each member also has a `marginal`, a univariate
distribution that gives its mean, interval and support.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import EvidenceError, Place
from costeff.evidence.distributions.distribution import Distribution, require
from costeff.evidence.distributions.skewed import Beta, Lognormal
from costeff.evidence.distributions.symmetric import Fixed, Normal
from costeff.numerics.special import gamma_quantile, log_gamma, logistic, normal_quantile

Floats = NDArray[np.float64]
SCALES = ("identity", "log", "logit")
PRINT_TOLERANCE = (
    1e-6  # how far, as a correlation, a printed covariance may be from a symmetric one, or from a singular one
)


@dataclass(frozen=True)
class LogitNormal(Distribution):
    """exp(x) / (1 + exp(x)) of a normal x with `mu` and `sigma`; the mean is found by Gauss-Hermite
    quadrature."""

    mu: float
    sigma: float
    family: ClassVar[str] = "logit normal"
    fields: ClassVar[tuple[str, ...]] = ("mu", "sigma")

    def ppf(self, u: ArrayLike) -> Floats:
        """Inverse distribution function at `u`."""
        return np.asarray(logistic(self.mu + self.sigma * normal_quantile(u)))

    def _moment(self, power: int) -> float:
        nodes, weights = np.polynomial.hermite_e.hermegauss(128)
        return float(weights @ logistic(self.mu + self.sigma * nodes) ** power / math.sqrt(2.0 * math.pi))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self._moment(1)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(max(self._moment(2) - self.mean**2, 0.0))

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Empirical(Distribution):
    """The values of a column, each equally likely. `median` and `interval` interpolate between values; `ppf`
    does not."""

    values: Floats
    family: ClassVar[str] = "empirical"

    def __post_init__(self) -> None:
        column = np.sort(np.asarray(self.values, dtype=float))
        require(column.ndim == 1 and column.size > 0, "empirical", "no values", column.shape, "one column, not empty")
        require(bool(np.isfinite(column).all()), "empirical", "a value is not finite", None, "finite numbers")
        object.__setattr__(self, "values", column)

    def ppf(self, u: ArrayLike) -> Floats:
        """Inverse distribution function at `u`."""
        return np.asarray(self.values[_rows(np.asarray(u, dtype=float), self.values.size)])

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self.values.mean())

    @property
    def median(self) -> float:
        """The 50 % point."""
        return float(np.median(self.values))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(self.values.std(ddof=1)) if self.values.size > 1 else 0.0

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (float(self.values[0]), float(self.values[-1]))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Central interval that holds `level` of the probability."""
        low, high = np.quantile(self.values, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def scaled(self, factor: float) -> Empirical:
        """The distribution of `factor` times the quantity."""
        return Empirical(self.values * factor, rule=self.rule)


def _rows(u: Floats, rows: int) -> NDArray[np.intp]:
    return np.minimum((u * rows).astype(np.intp), rows - 1)


@dataclass(frozen=True, eq=False)
class Group(ABC):
    """Base of the jointly distributed groups.

    `factors` multiply members after drawing (price years); `released` members were given a value of their own
    by a scenario and are no longer taken from the group, while the rest are drawn as before.
    """

    parameters: tuple[str, ...]
    name: str = field(default="", kw_only=True)
    place: Place | None = field(default=None, kw_only=True)
    factors: tuple[float, ...] = field(default=(), kw_only=True)
    released: frozenset[str] = field(default=frozenset(), kw_only=True)

    family: ClassVar[str] = ""

    def __post_init__(self) -> None:
        names = tuple(self.parameters)
        object.__setattr__(self, "parameters", names)
        object.__setattr__(self, "factors", tuple(self.factors) or (1.0,) * len(names))
        if not names or len(set(names)) != len(names):
            raise self.problem("the members are not different names", list(names), "at least one, each named once")

    def problem(self, what: str, value: object, rule: str, way_out: str = "correct the group") -> EvidenceError:
        """An error about this group at its place."""
        return EvidenceError(f"group {self.name!r}: {what}", where=self.place, value=value, rule=rule, way_out=way_out)

    @property
    def members(self) -> tuple[str, ...]:
        """Members still drawn by the group."""
        return tuple(name for name in self.parameters if name not in self.released)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Names of the uniform numbers the group uses; one per dimension."""
        return tuple(f"{self.name}:{name}" for name in self.parameters)

    def marginal(self, parameter: str) -> Distribution:
        """Distribution of one member, price factor included."""
        i = self.parameters.index(parameter)
        one = replace(self._marginal(i), rule=f"member of {self.family} group {self.name}")
        return one if self.factors[i] == 1.0 else one.scaled(self.factors[i])

    def draw(self, u: Floats) -> dict[str, Floats]:
        """Columns by member from uniform numbers of shape (draw, dimension)."""
        columns = self._columns(u)
        return {
            name: columns[:, i] * self.factors[i] for i, name in enumerate(self.parameters) if name not in self.released
        }

    def release(self, parameter: str) -> Self:
        """The group without drawing `parameter`; the others keep their draws."""
        return replace(self, released=self.released | {parameter})

    def scaled(self, factors: dict[str, float]) -> Self:
        """The group with some members multiplied, for moving money between price years."""
        pairs = zip(self.parameters, self.factors, strict=True)
        return replace(self, factors=tuple(old * factors.get(name, 1.0) for name, old in pairs))

    @abstractmethod
    def _marginal(self, i: int) -> Distribution: ...

    @abstractmethod
    def _columns(self, u: Floats) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Dirichlet(Group):
    """Shares that sum to 1, shape `counts`; mean count / total. Drawn as gamma quantiles divided by their
    sum.

    >>> Dirichlet(("a", "b", "c"), (30, 30, 40)).marginal("c").mean
    0.4
    """

    counts: tuple[float, ...] = ()
    family: ClassVar[str] = "dirichlet"

    def __post_init__(self) -> None:
        super().__post_init__()
        counts = tuple(float(count) for count in self.counts)
        object.__setattr__(self, "counts", counts)
        if len(counts) != len(self.parameters) or len(counts) < 2:
            raise self.problem("counts and parameters differ in number", list(counts), "one count each, two at least")
        if not all(0 < count < math.inf for count in counts):
            raise self.problem("a count is not above 0", list(counts), "counts > 0", "drop a member that never occurs")

    def _marginal(self, i: int) -> Distribution:
        return Beta(self.counts[i], sum(self.counts) - self.counts[i])

    def _columns(self, u: Floats) -> Floats:
        shape = np.asarray(self.counts)
        quantile = gamma_quantile(shape, u)
        tiny = quantile < 1e-200  # shares this small are compared on the log scale: x ~ (u Gamma(a + 1))^(1/a)
        logs = np.where(tiny, (np.log(u) + log_gamma(shape + 1)) / shape, np.log(np.where(tiny, 1.0, quantile)))
        parts = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(parts / parts.sum(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class MultivariateNormal(Group):
    """Normal on a transformed scale: `mean` (k) and `covariance` (k, k) of x, log x or logit x by `scale`.

    >>> round(MultivariateNormal(("a",), (0.0,), ((0.04,),), "log").marginal("a").mean, 6)
    1.020201
    """

    mean: Sequence[float] = ()
    covariance: Sequence[Sequence[float]] = ()
    scale: str = "identity"
    family: ClassVar[str] = "multivariate_normal"

    def __post_init__(self) -> None:
        super().__post_init__()
        k = len(self.parameters)
        if self.scale not in SCALES:
            raise self.problem("unknown scale", self.scale, "scale is one of " + ", ".join(SCALES))
        if len(self.mean) != k or len(self.covariance) != k or any(len(row) != k for row in self.covariance):
            raise self.problem(
                "mean or covariance has the wrong shape",
                f"mean {len(self.mean)}, covariance {len(self.covariance)} rows",
                f"{k} parameters need a mean of {k} and a covariance of {k} by {k}",
            )
        mean, matrix = np.asarray(self.mean, dtype=float), np.asarray(self.covariance, dtype=float)
        if not (np.isfinite(mean).all() and np.isfinite(matrix).all()):
            raise self.problem("a number is not finite", None, "mean and covariance are finite numbers")
        matrix = self._symmetric(matrix)
        self._check_definite(matrix)
        object.__setattr__(self, "mean", tuple(map(float, mean)))
        object.__setattr__(self, "covariance", tuple(tuple(map(float, row)) for row in matrix))

    def _symmetric(self, matrix: Floats) -> Floats:
        """The mean of both halves of a matrix, which may differ by PRINT_TOLERANCE of a correlation."""
        sd = np.sqrt(np.abs(np.diag(matrix)))
        if np.any(np.abs(matrix - matrix.T) > PRINT_TOLERANCE * np.outer(sd, sd)):
            raise self.problem(
                "the covariance is not symmetric",
                matrix.tolist(),
                f"covariance[i][j] = covariance[j][i], within {PRINT_TOLERANCE:g} of a correlation for print",
            )
        return np.asarray((matrix + matrix.T) / 2)

    def _check_definite(self, matrix: Floats) -> None:
        """Raise for a variance that is not positive, or a combination of parameters whose variance is negative."""
        variances = np.diag(matrix)
        least = float(variances.min())
        if least > 0:
            sd = np.sqrt(variances)
            least = float(np.linalg.eigvalsh(matrix / np.outer(sd, sd)).min()) + PRINT_TOLERANCE
        if least <= 0:
            raise self.problem(
                "the covariance is not positive definite",
                f"smallest eigenvalue {float(np.linalg.eigvalsh(matrix).min()):g}",
                "each parameter has a positive variance, and no combination of them a negative one (of the correlation "
                f"matrix, no eigenvalue below -{PRINT_TOLERANCE:g}, for rounding in print)",
                "take known parameters out of the group, or correct a covariance",
            )

    def _factor(self) -> Floats:
        """A matrix whose product with its transpose is the covariance; of one that is singular, by eigenvalues."""
        matrix = np.asarray(self.covariance)
        if np.linalg.eigvalsh(matrix).min() > 1e-12 * np.abs(matrix).max():
            return np.asarray(np.linalg.cholesky(matrix))
        sd = np.sqrt(np.diag(matrix))
        values, vectors = np.linalg.eigh(matrix / np.outer(sd, sd))
        return np.asarray(sd[:, None] * vectors * np.sqrt(np.maximum(values, 0.0)))

    def _marginal(self, i: int) -> Distribution:
        mean, sd = self.mean[i], math.sqrt(self.covariance[i][i])
        if self.scale == "identity":
            return Normal(mean, sd)
        return Lognormal(mean, sd) if self.scale == "log" else LogitNormal(mean, sd)

    def _columns(self, u: Floats) -> Floats:
        x = np.asarray(self.mean) + normal_quantile(u) @ self._factor().T
        if self.scale == "identity":
            return x
        return np.exp(x) if self.scale == "log" else logistic(x)


@dataclass(frozen=True, eq=False)
class EmpiricalRows(Group):
    """Rows of a posterior, shape (row, member): one uniform number picks one row for all members.

    >>> rows = EmpiricalRows(("a", "b"), [[1.0, 10.0], [3.0, 30.0]], name="posterior")
    >>> {name: column.tolist() for name, column in rows.draw(np.array([[0.2], [0.9]])).items()}
    {'a': [1.0, 3.0], 'b': [10.0, 30.0]}
    """

    rows: ArrayLike = ()
    file: str = ""
    family: ClassVar[str] = "empirical"

    def __post_init__(self) -> None:
        super().__post_init__()
        table = np.array(self.rows, dtype=float)
        if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] != len(self.parameters):
            raise self.problem("the rows do not fit", table.shape, "at least one row, one column per parameter")
        if not np.isfinite(table).all():
            raise self.problem("a value in the rows is not finite", None, "finite numbers")
        object.__setattr__(self, "rows", table)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The one uniform number that picks the row."""
        return (f"{self.name}:row",)

    def _table(self) -> Floats:
        return np.asarray(self.rows, dtype=float)

    def _marginal(self, i: int) -> Distribution:
        column = self._table()[:, i]
        return Fixed(float(column[0])) if np.ptp(column) == 0 else Empirical(column)

    def _columns(self, u: Floats) -> Floats:
        table = self._table()
        return table[_rows(u[:, 0], table.shape[0])]
