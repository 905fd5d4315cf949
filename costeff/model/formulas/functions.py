"""The functions a formula may call, and nothing else: arithmetic, conversions, quantiles, hazards, look-up.

Each takes numbers or numpy arrays and broadcasts. Outside its domain it gives nan and never raises, so that
`where(t > 0, log(t), 0)` works; `Expression` refuses a nan that reaches the result and prints the domain.
A condition is a number: 1 true, 0 false, nan unknown, so comparing with nan is not a silent "false".
Rank 4: imports numpy, costeff.units, the queue's formulas and, when a quantile is asked for, its kernels.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff import units
from costeff.engine.flow.analytic import erlang_b, erlang_c

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Function:
    """One row of the whitelist: what is called, how it is written, how many arguments, its domain."""

    call: Callable[..., Any]
    signature: str
    meaning: str
    least: int
    most: int | None
    domain: str = ""

    @property
    def arguments(self) -> str:
        """The number of arguments in words, for messages: '1', '1 or 2', '2 or more'."""
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} or {self.most}"


def _arrays(*values: ArrayLike) -> list[Array]:
    # Arrays even for plain numbers: Python's floats raise on 1/0 and make (-1)**0.5 a complex number.
    return [np.asarray(value, dtype=np.float64) for value in values]


def _within(inside: Any, value: Any) -> Any:
    """`value`, with nan where `inside` is false."""
    return value if np.all(inside) else np.where(inside, value, np.nan)


def _known(value: Any, *of: Array) -> Any:
    """`value`, with nan where one of the numbers it was made `of` is nan."""
    # One pass without an array of truths; most numbers are known.
    if not any(np.isnan(number.min(initial=np.inf)) for number in of):
        return value
    return np.where(functools.reduce(np.logical_or, [np.isnan(number) for number in of]), np.nan, value)


# Conditions. Unknown (nan) follows Kleene's logic: false and unknown is false, true or unknown is true.


def compare(names: Sequence[str], *values: ArrayLike) -> Any:
    """Chained comparison; `names` are numpy's: less, less_equal, greater, greater_equal, equal, not_equal.

    >>> compare(("less", "less_equal"), 0.0, [0.0, 1.0, 2.0], 1.0).tolist()
    [0.0, 1.0, 0.0]
    """
    numbers = _arrays(*values)
    links = []
    for name, first, second in zip(names, numbers[:-1], numbers[1:], strict=True):
        links.append(_known(getattr(np, name)(first, second).astype(np.float64), first, second))
    return links[0] if len(links) == 1 else all_true(*links)


def all_true(*conditions: ArrayLike) -> Any:
    """`a and b and ...` elementwise: 0 where one is false, else nan where one is unknown, else 1."""
    numbers = _arrays(*conditions)
    false = functools.reduce(np.logical_or, [number == 0 for number in numbers])
    unknown = functools.reduce(np.logical_or, [np.isnan(number) for number in numbers])
    return _within(false | ~unknown, np.where(false, 0.0, 1.0))


def negated(condition: ArrayLike) -> Any:
    """`not a` elementwise; nan stays nan."""
    (number,) = _arrays(condition)
    return _known((number == 0).astype(np.float64), number)


def any_true(*conditions: ArrayLike) -> Any:
    """`a or b or ...` elementwise: 1 where one is true, else nan where one is unknown, else 0."""
    return negated(all_true(*[negated(condition) for condition in conditions]))


def where(condition: ArrayLike, a: ArrayLike, b: ArrayLike) -> Any:
    """`a` where the condition is true (not 0), `b` where it is 0, nan where it is nan.

    >>> where([1.0, 0.0], 5.0, 6.0).tolist()
    [5.0, 6.0]
    """
    condition, a, b = _arrays(condition, a, b)
    return _known(np.where(condition != 0, a, b), condition)


def minimum(*values: ArrayLike) -> Any:
    """Smallest of the arguments, elementwise; nan if one is nan."""
    return functools.reduce(np.minimum, _arrays(*values))


def maximum(*values: ArrayLike) -> Any:
    """Largest of the arguments, elementwise; nan if one is nan."""
    return functools.reduce(np.maximum, _arrays(*values))


# Conversions.


def _convert(conversion: Callable[..., Array], inside: Any, *values: Array) -> Any:
    # costeff.units raises outside its domain; here those places are nan. 0.5 is inside every domain below.
    if np.all(inside):
        return conversion(*values)
    return np.where(inside, conversion(*(np.where(inside, value, 0.5) for value in values)), np.nan)


def rate_to_probability(r: ArrayLike, n: ArrayLike = 1.0) -> Any:
    """Probability of an event within n cycles at a constant rate r per cycle: 1 - exp(-r n).

    >>> round(float(rate_to_probability(0.5)), 6)
    0.393469
    """
    r, n = _arrays(r, n)
    return _convert(units.rate_to_probability, (r >= 0) & (n > 0), r, n)


def probability_to_rate(p: ArrayLike, n: ArrayLike = 1.0) -> Any:
    """Constant rate per cycle that gives probability p within n cycles: -log(1 - p) / n.

    >>> round(float(probability_to_rate(0.393469)), 4)
    0.5
    """
    p, n = _arrays(p, n)
    return _convert(units.probability_to_rate, (p >= 0) & (p < 1) & (n > 0), p, n)


def probability_to_odds(p: ArrayLike) -> Any:
    """Odds p / (1 - p) of a probability below 1."""
    (p,) = _arrays(p)
    return _convert(units.probability_to_odds, (p >= 0) & (p < 1), p)


def odds_to_probability(odds: ArrayLike) -> Any:
    """Probability o / (1 + o) of odds o >= 0."""
    (odds,) = _arrays(odds)
    return _convert(units.odds_to_probability, (odds >= 0) & np.isfinite(odds), odds)


def logit(p: ArrayLike) -> Any:
    """Log odds log(p / (1 - p)), 0 < p < 1."""
    (p,) = _arrays(p)
    return _within((p > 0) & (p < 1), np.log(p) - np.log1p(-p))


def expit(x: ArrayLike) -> Any:
    """Inverse of logit: 1 / (1 + exp(-x))."""
    (x,) = _arrays(x)
    return 1 / (1 + np.exp(-x))


# Quantiles. Kernels and scipy.special are imported on the first call: `import costeff` stays fast.


def probit(u: ArrayLike) -> Any:
    """Standard normal quantile of u, 0 < u < 1.

    >>> round(float(probit(0.975)), 6)
    1.959964
    """
    from scipy.special import ndtri

    (u,) = _arrays(u)
    return _within((u > 0) & (u < 1), ndtri(u))


def gamma_quantile(u: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Any:
    """Quantile of the gamma distribution with mean shape * scale, 0 <= u < 1.

    >>> round(float(gamma_quantile(0.5, 1.0, 2.0)), 6)
    1.386294
    """
    from costeff.numerics.quantiles import gamma_quantiles

    u, shape, scale = _arrays(u, shape, scale)
    inside = (u >= 0) & (u < 1) & (shape > 0) & (scale > 0)
    return _within(inside, scale * gamma_quantiles(u, shape))


def beta_quantile(u: ArrayLike, a: ArrayLike, b: ArrayLike) -> Any:
    """Quantile of the beta distribution with mean a / (a + b), 0 <= u <= 1.

    >>> round(float(beta_quantile(0.25, 1.0, 1.0)), 6)
    0.25
    """
    from costeff.numerics.quantiles import beta_quantiles

    u, a, b = _arrays(u, a, b)
    return _within((u >= 0) & (u <= 1) & (a > 0) & (b > 0), beta_quantiles(u, a, b))


# Hazards integrated over the cycle that begins at t, in cycles: H(t + 1) - H(t), dimensionless.


def constant(t: ArrayLike, rate: ArrayLike) -> Any:
    """Integrated hazard of a constant rate per cycle, in the common shape of t and rate.

    >>> constant([0.0, 1.0], 0.2).tolist()
    [0.2, 0.2]
    """
    t, rate = _arrays(t, rate)
    return _within((t >= 0) & (rate >= 0), rate * np.ones_like(t))


def weibull(t: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Any:
    """Integrated Weibull hazard ((t+1)/scale)**shape - (t/scale)**shape; scale in cycles.

    >>> weibull([0.0, 1.0], 2.0, 1.0).tolist()
    [1.0, 3.0]
    """
    t, shape, scale = _arrays(t, shape, scale)
    value = ((t + 1) / scale) ** shape - (t / scale) ** shape
    return _within((t >= 0) & (shape > 0) & (scale > 0), value)


def gompertz(t: ArrayLike, shape: ArrayLike, rate: ArrayLike) -> Any:
    """Integrated Gompertz hazard rate/shape * (exp(shape*(t+1)) - exp(shape*t)), per cycle; shape 0: rate.

    >>> gompertz([0.0, 5.0], 0.0, 0.1).tolist()
    [0.1, 0.1]
    """
    t, shape, rate = _arrays(t, shape, rate)
    # expm1(shape)/shape keeps its digits as shape -> 0, where the difference of two exponentials loses them.
    growth = np.where(shape == 0, 1.0, np.expm1(shape) / np.where(shape == 0, 1.0, shape))
    return _within((t >= 0) & (rate >= 0), rate * np.exp(shape * t) * growth)


def log_logistic(t: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Any:
    """Integrated log-logistic hazard log((1 + ((t+1)/scale)**shape) / (1 + (t/scale)**shape)).

    scale in cycles; with shape > 1 the hazard rises and then falls.

    >>> round(float(log_logistic(0.0, 1.0, 1.0)), 6)
    0.693147
    """
    t, shape, scale = _arrays(t, shape, scale)
    start, end = (t / scale) ** shape, ((t + 1) / scale) ** shape
    return _within((t >= 0) & (shape > 0) & (scale > 0), np.log1p((end - start) / (1 + start)))


def piecewise(t: ArrayLike, edges: Sequence[ArrayLike], levels: Sequence[ArrayLike]) -> Any:
    """Integrated piecewise constant hazard: levels[0] before edges[0], levels[j] from edges[j-1] on.

    An edge inside the cycle [t, t+1) gives the time-weighted mix, the exact integral. Edges in cycles, not
    decreasing; levels are hazards per cycle, one more than edges.

    >>> piecewise([0.0, 1.0, 2.0], [1.25], [4.0, 8.0]).tolist()
    [4.0, 7.0, 8.0]
    """
    t, *bounds = _arrays(t, *edges)
    inside = t >= 0
    for before, after in itertools.pairwise(bounds):
        inside = inside & (before <= after)
    # Share of the cycle after each edge; weights are differences, so a whole cycle has weight exactly 1.
    shares = _arrays(1.0, *(np.clip(t + 1 - edge, 0.0, 1.0) for edge in bounds), 0.0)
    total = np.zeros_like(t)
    for level, (lower_share, upper_share) in zip(_arrays(*levels), itertools.pairwise(shares), strict=True):
        inside = inside & (level >= 0)
        total = total + level * (lower_share - upper_share)
    return _within(inside, total)


def lookup(table: Any, x: ArrayLike, column: str | ArrayLike) -> Any:
    """Step function of a table: the value at the last row not above `x`; beyond the last row, its value.

    A table with an attribute `end` (made by `ending`, for models that say `beyond_table: error`) gives nan from there.

    `column` is a column's name, or whole numbers 0, 1, ... that pick columns in order (broadcast with x). nan
    below the table's first x and for a number that is no column.

    `table` has `columns` (name to values, in order) and the increasing arguments as `x`, or as `index`, which is
    what `costeff.evidence.Table` calls them.

    >>> from types import SimpleNamespace
    >>> columns = {"women": np.array([0.1, 0.2]), "men": np.array([0.3, 0.4])}
    >>> life = SimpleNamespace(x=np.array([18.0, 30.0]), columns=columns)
    >>> lookup(life, [18.0, 29.9, 30.0, 99.0], "women").tolist()
    [0.1, 0.1, 0.2, 0.2]
    >>> lookup(life, 40.0, [0.0, 1.0]).tolist()
    [0.2, 0.4]
    """
    (x,) = _arrays(x)
    grid = np.asarray(table.x if hasattr(table, "x") else table.index, dtype=np.float64)
    row = np.searchsorted(grid, x, side="right") - 1
    inside = (row >= 0) & np.isfinite(x) & (x < getattr(table, "end", np.inf))
    if isinstance(column, str):
        return _within(inside, np.asarray(table.columns[column], dtype=np.float64)[row])
    (code,) = _arrays(column)
    values = np.stack([np.asarray(values, dtype=np.float64) for values in table.columns.values()])
    is_column = (code >= 0) & (code < len(values)) & (code == np.floor(code))
    return _within(inside & is_column, values[np.where(is_column, code, 0).astype(np.intp), row])


@dataclass(frozen=True)
class Ending:
    """A look-up table that holds nothing from `end` on."""

    index: Array
    columns: Mapping[str, Any]
    end: float


def ending(table: Any) -> Ending:
    """`table`, whose last row is as wide as the row before it and beyond which there is nothing.

    One row alone has no width, and holds everywhere.

    >>> from types import SimpleNamespace
    >>> life = SimpleNamespace(x=np.array([0.0, 30.0, 40.0]), columns={"all": np.array([0.1, 0.2, 0.3])})
    >>> lookup(ending(life), [40.0, 49.9, 50.0], "all").tolist()
    [0.3, 0.3, nan]
    """
    index = np.asarray(table.x if hasattr(table, "x") else table.index, dtype=np.float64)
    width = float(index[-1] - index[-2]) if len(index) > 1 else np.inf
    return Ending(index, table.columns, float(index[-1]) + width)


_TIME, _QUEUE = "t >= 0", "load >= 0, places a whole number >= 0"


def _function(
    call: Callable[..., Any], signature: str, meaning: str, domain: str = "", least: int | None = None
) -> Function:
    most = signature.count(",") + 1
    return Function(call, signature, meaning, least or most, most, domain)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "exp": _function(np.exp, "exp(x)", "exponential", "x below about 709"),
        "log": _function(np.log, "log(x)", "natural logarithm", "x > 0"),
        "sqrt": _function(np.sqrt, "sqrt(x)", "square root", "x >= 0"),
        "abs": _function(np.abs, "abs(x)", "absolute value"),
        "floor": _function(np.floor, "floor(x)", "largest whole number not above x"),
        "round": _function(np.round, "round(x)", "nearest whole number, halves to the even one"),
        "min": Function(minimum, "min(a, b, ...)", "smallest of the arguments", 2, None),
        "max": Function(maximum, "max(a, b, ...)", "largest of the arguments", 2, None),
        "where": _function(where, "where(condition, a, b)", "a where the condition holds, else b"),
        "rate_to_probability": _function(
            rate_to_probability, "rate_to_probability(r, n)", "1 - exp(-r n); n = 1", "r >= 0, n > 0", 1
        ),
        "probability_to_rate": _function(
            probability_to_rate, "probability_to_rate(p, n)", "-log(1 - p) / n; n = 1", "0 <= p < 1, n > 0", 1
        ),
        "probability_to_odds": _function(probability_to_odds, "probability_to_odds(p)", "p / (1 - p)", "0 <= p < 1"),
        "odds_to_probability": _function(odds_to_probability, "odds_to_probability(o)", "o / (1 + o)", "o >= 0"),
        "logit": _function(logit, "logit(p)", "log(p / (1 - p))", "0 < p < 1"),
        "expit": _function(expit, "expit(x)", "1 / (1 + exp(-x))"),
        "probit": _function(probit, "probit(u)", "standard normal quantile", "0 < u < 1"),
        "gamma_quantile": _function(
            gamma_quantile, "gamma_quantile(u, shape, scale)", "gamma quantile", "0 <= u < 1, shape > 0, scale > 0"
        ),
        "beta_quantile": _function(beta_quantile, "beta_quantile(u, a, b)", "beta quantile", "0 <= u <= 1; a, b > 0"),
        "erlang_b": _function(erlang_b, "erlang_b(load, places)", "share who find all places taken", _QUEUE),
        "erlang_c": _function(erlang_c, "erlang_c(load, places)", "share who wait, 1 where load >= places", _QUEUE),
        "constant": _function(constant, "constant(t, rate)", "hazard rate per cycle", f"{_TIME}, rate >= 0"),
        "weibull": _function(weibull, "weibull(t, shape, scale)", "Weibull hazard", f"{_TIME}, shape > 0, scale > 0"),
        "gompertz": _function(gompertz, "gompertz(t, shape, rate)", "Gompertz hazard", f"{_TIME}, rate >= 0"),
        "log_logistic": _function(
            log_logistic, "log_logistic(t, shape, scale)", "log-logistic hazard", f"{_TIME}, shape > 0, scale > 0"
        ),
        "piecewise": Function(
            piecewise,
            "piecewise(t, [e1, e2, ...], [h0, h1, h2, ...])",
            "hazard h0 per cycle before e1, h1 from e1, h2 from e2, ...",
            3,
            3,
            f"{_TIME}, edges that do not decrease, hazards >= 0",
        ),
        "lookup": _function(
            lookup,
            "lookup(table, x, column)",
            "table's value at the last row not above x",
            "x finite, not below the table's first row, nor past its last with `beyond_table: error`; "
            "a column of the table",
        ),
    }
)
