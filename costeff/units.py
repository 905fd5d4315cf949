"""Units of parameters, and the conversions between rates, probabilities, odds and spans of time.

Rank 1: imports only `costeff.currencies` and `costeff.errors`. A unit is written in words ("rate per year", "EUR per
week"); the list is closed, so a misspelt unit is an error and not a new unit. Conversions are functions on arrays.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.currencies import CODES
from costeff.errors import EvidenceError, Place

WEEKS_PER_YEAR = 52
MONTHS_PER_YEAR = 12
WEEKS_PER_MONTH = WEEKS_PER_YEAR / MONTHS_PER_YEAR

MONEY_PER = ("hour", "day", "week", "month", "year", "event", "individual", "session", "QALY")
RATE_PER = ("day", "week", "month", "year")
MAY_BE_NEGATIVE = "(may be negative)"

_INF = math.inf
_RANGES: dict[str, tuple[float, float]] = {
    "probability": (0.0, 1.0),
    "share": (0.0, 1.0),
    "odds": (0.0, _INF),
    "ratio": (0.0, _INF),
    "log ratio": (-_INF, _INF),
    "log odds": (-_INF, _INF),
    "count": (0.0, _INF),
    "hours": (0.0, _INF),
    "hours per week": (0.0, _INF),
    "days": (0.0, _INF),
    "weeks": (0.0, _INF),
    "months": (0.0, _INF),
    "years": (0.0, _INF),
    "utility": (-_INF, 1.0),
    "utility decrement": (-_INF, _INF),
    "score": (-_INF, _INF),
    "number": (-_INF, _INF),
}
_RANGES.update({f"{word} per {span}": (0.0, _INF) for word in ("rate", "hazard") for span in RATE_PER})
_RANGES.update({f"probability per {span}": (0.0, 1.0) for span in RATE_PER})


@dataclass(frozen=True)
class Unit:
    """A unit read from its words.

    `low` and `high` bound the values the unit allows. `currency` is None unless the unit is money.
    """

    name: str
    low: float
    high: float
    currency: str | None = None
    per: str | None = None

    def allows(self, low: float, high: float) -> bool:
        """True when the whole span low-high is inside the unit's range."""
        return self.low <= low and high <= self.high


def known_units(money: str = "EUR") -> tuple[str, ...]:
    """The units that `parse_unit` accepts, with one code of `CODES` for all money."""
    return (*_RANGES, money, *(f"{money} per {what}" for what in MONEY_PER))


def parse_unit(text: str, where: Place | str | None = None) -> Unit:
    """Read a unit; a unit that may not be negative gives that up with the suffix "(may be negative)".

    Raises EvidenceError for a unit outside the closed list, naming what is known.

    >>> parse_unit("rate per year").low, parse_unit("EUR per week").currency
    (0.0, 'EUR')
    >>> parse_unit("EUR per week (may be negative)").low
    -inf
    """
    if not isinstance(text, str):
        raise EvidenceError(
            "the unit is not a word", where=where, value=text, rule="a unit is written as text", way_out=_known()
        )
    try:
        return _parse(text)
    except KeyError:
        first_word = text.split(maxsplit=1)[0] if text.strip() else ""
        units = known_units(first_word) if first_word in CODES else known_units()
        close = difflib.get_close_matches(text, units, 1)
        raise EvidenceError(
            "unknown unit",
            where=where,
            value=text,
            rule="the list of units is closed: " + _known(),
            way_out=f"did you mean {close[0]!r}?" if close else "write one of the known units",
        ) from None


def _known() -> str:
    per = "|".join(MONEY_PER)
    money = f"money, for instance EUR or EUR per {per} (any code of ISO 4217: EUR, USD, GBP, CHF, ISK ...)"
    return ", ".join((*_RANGES, money)) + f'; each may carry "{MAY_BE_NEGATIVE}"'


@lru_cache(maxsize=512)
def _parse(text: str) -> Unit:
    words = text.strip()
    negative = words.endswith(MAY_BE_NEGATIVE)
    if negative:
        words = words.removesuffix(MAY_BE_NEGATIVE).strip()
    money, _, per = words.partition(" per ")
    if money in CODES and (per in MONEY_PER or words == money):
        unit = Unit(text, 0.0, _INF, money, per or None)
    else:
        low, high = _RANGES[words]
        unit = Unit(text, low, high, None, per or None)
    return Unit(text, -_INF, unit.high, unit.currency, unit.per) if negative else unit


def is_money(unit: str) -> bool:
    """True for a unit of money, such as "EUR per week".

    >>> is_money("EUR per week"), is_money("weeks")
    (True, False)
    """
    return parse_unit(unit).currency is not None


def currency(unit: str) -> str | None:
    """The currency of a unit of money, None for any other unit.

    >>> currency("USD per individual")
    'USD'
    """
    return parse_unit(unit).currency


def _checked(values: ArrayLike, ok: Any, name: str, rule: str) -> None:
    if not np.all(ok):
        bad = np.asarray(values, dtype=float)[~np.asarray(ok)].ravel()[0] if np.ndim(values) else values
        raise EvidenceError(f"{name} out of range", value=bad, rule=rule, way_out="check the unit and the span of time")


def _cycles(cycles: ArrayLike) -> NDArray[np.float64]:
    n = np.asarray(cycles, dtype=float)
    _checked(cycles, n > 0, "number of cycles", "a span of time is above 0")
    return n


def rate_to_probability(rate: ArrayLike, cycles: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Probability of at least one event over `cycles` cycles at a constant rate per cycle: 1 - exp(-rate
    cycles).

    Arrays of any shape, broadcast. Raises EvidenceError for a negative rate.

    >>> float(rate_to_probability(0.1, 12).round(6))
    0.698806
    """
    r = np.asarray(rate, dtype=float)
    _checked(rate, r >= 0, "rate", "a rate is 0 or more")
    return np.asarray(-np.expm1(-r * _cycles(cycles)))


def probability_to_rate(probability: ArrayLike, cycles: ArrayLike = 1.0) -> NDArray[np.float64]:
    """The constant rate per cycle that gives `probability` over `cycles` cycles: -log(1 - p) / cycles.

    Raises EvidenceError outside 0 <= p < 1: a certain event has no finite rate.

    >>> float(probability_to_rate(0.5, 1).round(6))
    0.693147
    """
    p = np.asarray(probability, dtype=float)
    _checked(probability, (p >= 0) & (p < 1), "probability", "0 <= p < 1; a certain event has no finite rate")
    return np.asarray(-np.log1p(-p) / _cycles(cycles))


def probability_over(probability: ArrayLike, cycles: ArrayLike) -> NDArray[np.float64]:
    """Move a probability per cycle to another number of cycles at a constant rate: 1 - (1 - p)^cycles.

    Its own inverse is `probability_over(q, 1 / cycles)`. p = 1 stays 1.

    >>> float(probability_over(0.19, 0.5).round(6))
    0.1
    """
    p = np.asarray(probability, dtype=float)
    _checked(probability, (p >= 0) & (p <= 1), "probability", "a probability lies in 0-1")
    n = _cycles(cycles)
    certain = p == 1
    return np.asarray(np.where(certain, 1.0, -np.expm1(n * np.log1p(-np.where(certain, 0.0, p)))))


def probability_to_odds(probability: ArrayLike) -> NDArray[np.float64]:
    """p / (1 - p), for 0 <= p < 1.

    >>> float(probability_to_odds(0.75))
    3.0
    """
    p = np.asarray(probability, dtype=float)
    _checked(probability, (p >= 0) & (p < 1), "probability", "0 <= p < 1; a certain event has no finite odds")
    return np.asarray(p / (1.0 - p))


def odds_to_probability(odds: ArrayLike) -> NDArray[np.float64]:
    """odds / (1 + odds), for odds of 0 or more.

    >>> float(odds_to_probability(3.0))
    0.75
    """
    o = np.asarray(odds, dtype=float)
    _checked(odds, (o >= 0) & np.isfinite(o), "odds", "odds are 0 or more, and finite")
    return np.asarray(o / (1.0 + o))


def per_month_to_per_week(amount: ArrayLike) -> NDArray[np.float64]:
    """An amount or rate per month as one per week: times 12/52.

    >>> float(per_month_to_per_week(5200.0))
    1200.0
    """
    return np.asarray(amount, dtype=float) * MONTHS_PER_YEAR / WEEKS_PER_YEAR


def per_week_to_per_month(amount: ArrayLike) -> NDArray[np.float64]:
    """An amount or rate per week as one per month: times 52/12."""
    return np.asarray(amount, dtype=float) * WEEKS_PER_YEAR / MONTHS_PER_YEAR


def months_to_weeks(months: ArrayLike) -> NDArray[np.float64]:
    """A span in months as weeks: times 52/12, the inverse of the 12/52 of amounts per month.

    >>> float(months_to_weeks(12))
    52.0
    """
    return np.asarray(months, dtype=float) * WEEKS_PER_YEAR / MONTHS_PER_YEAR


def weeks_to_months(weeks: ArrayLike) -> NDArray[np.float64]:
    """A span in weeks as months: times 12/52."""
    return np.asarray(weeks, dtype=float) * MONTHS_PER_YEAR / WEEKS_PER_YEAR
