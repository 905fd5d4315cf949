"""Dimensions of formulas: powers of units of time and of currencies, with products, powers and sums.

A number without a unit may convert: `* 12 / 52` turns an amount per month into one per week, and the same 12 may be
a plain factor. A dimension therefore holds every reading that the numbers allow; a formula fits its use when one of
them does. Pure: it knows neither models nor parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from costeff.units import parse_unit

Powers = tuple[tuple[str, float], ...]

#: How many of a unit go into a year.
PER_YEAR = {"hour": 8760.0, "day": 365.0, "week": 52.0, "month": 12.0, "year": 1.0}
#: (smaller, larger) unit: lowest and highest number that people take for how many go into the other, at work too.
CONVERSIONS = {
    ("month", "year"): (12.0, 12.0),
    ("week", "year"): (40.0, 53.0),
    ("day", "year"): (200.0, 366.0),
    ("hour", "year"): (1400.0, 8784.0),
    ("week", "month"): (4.0, 4.4),
    ("day", "month"): (20.0, 31.0),
    ("day", "week"): (5.0, 7.0),
    ("hour", "week"): (30.0, 168.0),
    ("hour", "day"): (6.0, 24.0),
}
#: The numbers that nobody takes for anything but how many of a unit go into the other.
USUAL = {
    ("month", "year"): (12.0, 12.0),
    ("week", "year"): (51.9, 53.0),
    ("day", "year"): (364.0, 366.0),
    ("week", "month"): (4.3, 4.4),
    ("day", "month"): (30.0, 31.0),
    ("day", "week"): (7.0, 7.0),
    ("hour", "week"): (37.0, 37.0),
    ("hour", "day"): (24.0, 24.0),
}
_MOST_READINGS = 64
RATE, PROBABILITY, ODDS, LOG = "rate", "probability", "odds", "logarithm"


@dataclass(frozen=True)
class Dimension:
    """What a formula may be counted in.

    readings: each a product of powers of units, sorted; none when nothing is known.
    sort: what kind of plain number or rate it is (rate, probability, odds, logarithm), '' when that does not matter.
    bare: made of numbers alone, so that it takes on what it is added to.
    loose: has a numeric factor that may carry a unit of its own, such as a price written as a number.
    converted: the readings in which every number that usually converts does; None where they are the same.
    """

    readings: frozenset[Powers] = frozenset()
    sort: str = ""
    bare: bool = False
    loose: bool = False
    converted: frozenset[Powers] | None = None

    @property
    def known(self) -> bool:
        """False when every use is accepted."""
        return bool(self.readings) and not self.bare

    @property
    def strict(self) -> frozenset[Powers]:
        """The readings in which every number that usually converts does."""
        return self.readings if self.converted is None else self.converted


UNKNOWN = Dimension()
PURE = Dimension(frozenset({()}))
#: A truth value, a code or a random number: no unit, and no price either.
FACTOR = Dimension(frozenset({()}), bare=True)
NUMBER = Dimension(frozenset({()}), bare=True, loose=True)


def powers(**of: float) -> Powers:
    """Powers of units, sorted.

    >>> powers(week=-1, EUR=1)
    (('EUR', 1), ('week', -1))
    """
    return tuple(sorted((name, power) for name, power in of.items() if power))


def of(*readings: Powers, sort: str = "", loose: bool = False) -> Dimension:
    """A dimension of known readings.

    >>> of(powers(week=1)).readings
    frozenset({(('week', 1),)})
    """
    return Dimension(frozenset(readings), sort, loose=loose)


def of_unit(text: str) -> Dimension:
    """The dimension of a parameter with this unit; a number, a score and money per QALY may be anything.

    >>> words(of_unit("EUR per month")), words(of_unit("hazard per week")), of_unit("number") == UNKNOWN
    ('EUR per month', 'per week', True)
    >>> of_unit("EUR per event") == of_unit("EUR per individual") == of_unit("EUR")
    True
    """
    unit = parse_unit(text)
    name = unit.name.replace("(may be negative)", "").strip()
    per = {unit.per: -1.0} if unit.per in PER_YEAR else {}
    if name in ("number", "score") or unit.per == "QALY":
        return UNKNOWN
    if unit.currency is not None:
        return of(powers(**{unit.currency: 1.0}, **per))
    if name == "hours per week":
        return of(powers(hour=1.0, week=-1.0))
    if name.removesuffix("s") in PER_YEAR:
        return of(powers(**{name.removesuffix("s"): 1.0}))
    sorts = {"rate": RATE, "hazard": RATE, "probability": PROBABILITY, "odds": ODDS, "log": LOG}
    return of(powers(**per), sort=sorts.get(name.split()[0], ""), loose=name == "count")


def product(a: Dimension, b: Dimension, power: float = 1.0) -> Dimension:
    """a x b, or a / b with a power of -1.

    >>> words(product(of_unit("EUR per hour"), of_unit("hours per week")))
    'EUR per week'
    """
    if not a.readings or not b.readings:
        return UNKNOWN
    readings = frozenset(_times(x, y, power) for x in a.readings for y in b.readings)
    if len(readings) > _MOST_READINGS:
        return UNKNOWN
    sort = _sort_of_product(a, b, power, readings)
    strict = frozenset(_times(x, y, power) for x in a.strict for y in b.strict)
    return Dimension(readings, sort, a.bare and b.bare, a.loose or b.loose, strict)


def converted(a: Dimension, number: float, power: float = 1.0) -> Dimension:
    """a x number, or a / number with a power of -1, where the number may convert one unit of time into another.

    >>> sorted(in_words(r) for r in converted(of_unit("hazard per year"), 52, -1).readings)
    ['per week', 'per year']
    >>> sorted(in_words(r) for r in converted(of_unit("hazard per year"), 52).readings)
    ['per year']
    """
    if not a.readings:
        return UNKNOWN
    if not number:
        return NUMBER  # nothing of anything
    loose = a.loose or abs(number) != 1.0
    if a.bare:
        return replace(a, loose=loose)
    readings = set(a.readings)
    for (small, large), (low, high) in CONVERSIONS.items():
        size = abs(number) ** power
        for ratio, sign in ((size, 1.0), (1 / size, -1.0)):
            if low * 0.995 <= ratio <= high * 1.005:
                readings |= {y for x in a.readings if (y := _moved(x, small, large, sign)) is not None}
    return replace(a, readings=frozenset(readings), loose=loose, converted=_strictly(a.strict, abs(number) ** power))


def _strictly(readings: frozenset[Powers], size: float) -> frozenset[Powers]:
    """Readings times a number, which has a unit of its own where it usually converts one that stands there."""
    ways = [
        (pair, sign)
        for pair, (low, high) in USUAL.items()
        for ratio, sign in ((size, 1.0), (1 / size, -1.0))
        if low * 0.9999 <= ratio <= high * 1.0001
    ]
    strict_readings = set[Powers]()
    for reading in readings:
        units = {name for name, _ in reading}
        conversions = {
            _times(reading, powers(**{small: 1.0, large: -1.0}), sign)
            for (small, large), sign in ways
            if units & {small, large}
        }
        strict_readings |= conversions or {reading}
    return frozenset(strict_readings)


def raised(a: Dimension, exponent: float) -> Dimension:
    """a ** exponent, for a number known beforehand.

    >>> words(raised(of_unit("weeks"), -1))
    'per week'
    """
    readings = frozenset(_times((), reading, exponent) for reading in a.readings)
    keeps = exponent == 1 or a.sort == PROBABILITY
    strict = frozenset(_times((), reading, exponent) for reading in a.strict)
    return replace(a, readings=readings, sort=a.sort if keeps else "", converted=strict)


def added(a: Dimension, b: Dimension) -> Dimension | None:
    """The dimension of a + b, or None when the two cannot be added.

    >>> added(of_unit("hazard per week"), of_unit("hazard per year")) is None
    True
    >>> added(of_unit("years"), NUMBER) == of_unit("years")
    True
    """
    if not a.readings or b.bare:
        return b if not a.readings and not b.bare else a
    if not b.readings or a.bare:
        return a if not b.readings and not a.bare else b
    common = a.readings & b.readings
    if common and {a.sort, b.sort} != {RATE, PROBABILITY}:
        strict = (a.strict & b.strict) or None
        return Dimension(common, a.sort or b.sort, loose=a.loose or b.loose, converted=strict)
    alike = any(_same_but_for_units(x, y) for x in a.readings for y in b.readings)
    return UNKNOWN if (a.loose or b.loose) and not alike else None


def fits(a: Dimension, *targets: Powers) -> bool:
    """True when a formula of this dimension may stand where one of `targets` is needed.

    >>> fits(of_unit("hazard per year"), powers(week=-1)), fits(UNKNOWN, powers(week=-1))
    (False, True)
    """
    if not a.known or any(reading in a.readings for reading in targets):
        return True
    return a.loose and not any(_same_but_for_units(x, y) for x in a.readings for y in targets)


def fits_unconverted(a: Dimension, *targets: Powers) -> bool:
    """True when a dimension fits only because a number that usually converts is taken for a plain one.

    >>> week = powers(week=-1)
    >>> fits_unconverted(converted(of_unit("hazard per week"), 52, -1), week)
    True
    >>> fits_unconverted(converted(of_unit("hazard per year"), 52, -1), week)
    False
    """
    if not a.known or not a.strict or not any(reading in a.readings for reading in targets):
        return False
    return not any(reading in a.strict for reading in targets) and any(
        _same_but_for_units(x, y) or measure(x) != measure(y) for x in a.strict for y in targets
    )


def measure(reading: Powers) -> tuple[float, float]:
    """Powers of money and of time, whatever the currency and the unit of time.

    >>> measure(powers(USD=1, week=-1)) == measure(powers(EUR=1, year=-1)) == (1, -1)
    True
    """
    time = sum(power for name, power in reading if name in PER_YEAR)
    return sum(power for name, power in reading if name not in PER_YEAR), time


def words(a: Dimension) -> str:
    """The simplest reading that has a unit, in the words of units."""
    return in_words(min(a.readings, key=lambda r: (not r, len(r), sum(abs(p) for _, p in r), r)))


def named(a: Dimension) -> str:
    """The dimension in words, with what kind of number it is.

    >>> named(of_unit("hazard per week")), named(of_unit("probability")), named(of_unit("weeks"))
    ('a rate per week', 'a probability', 'weeks')
    """
    return f"a {a.sort} {words(a)}".removesuffix(" a plain number") if a.sort else words(a)


def in_words(reading: Powers) -> str:
    """One reading in the words of units.

    >>> in_words(powers(EUR=1, week=-1)), in_words(powers(year=1)), in_words(()), in_words(powers(week=1, year=-2))
    ('EUR per week', 'years', 'a plain number', 'weeks per year per year')
    """
    above = [
        (f"{name}s" if name in PER_YEAR else name) + ("" if power == 1 else f"^{power:g}")
        for name, power in reading
        if power > 0
    ]
    below = [
        f"per {name}" if power == -1 else " ".join([f"per {name}"] * round(-power))
        for name, power in reading
        if power < 0
    ]
    return " ".join([*above, *below]) or "a plain number"


def conversion(source: str, target: str) -> str:
    """What to write behind an amount per `source` to have it per `target`.

    >>> conversion("year", "week"), conversion("month", "week"), conversion("week", "year")
    ('/ cycles_per_year', '* 12 / 52', '* 52')
    """
    if source == "year":
        return "/ cycles_per_year"
    above, below = (f"{PER_YEAR[unit]:g}" for unit in (source, target))
    return f"* {above}" if target == "year" else f"* {above} / {below}"


def _times(a: Powers, b: Powers, power: float) -> Powers:
    total = dict(a)
    for name, size in b:
        total[name] = total.get(name, 0.0) + size * power
    return powers(**total)


def _moved(reading: Powers, small: str, large: str, sign: float) -> Powers | None:
    """The reading times (small / large) ** sign, where that cancels one of the two; None where it does not."""
    size = dict(reading)
    if size.get(large, 0.0) * sign > 0 or size.get(small, 0.0) * sign < 0:
        return _times(reading, powers(**{small: 1.0, large: -1.0}), sign)
    return None


def _sort_of_product(a: Dimension, b: Dimension, power: float, readings: Iterable[Powers]) -> str:
    if a.sort == b.sort == PROBABILITY and power > 0:
        return PROBABILITY
    sort = a.sort or (b.sort if power > 0 else "")
    if a.sort and b.sort:
        return ""
    fitting = {RATE: ((0.0, -1.0),), PROBABILITY: ((0.0, -1.0), (0.0, 0.0))}.get(sort, ())
    return sort if any(measure(reading) in fitting for reading in readings) else ""


def _same_but_for_units(x: Powers, y: Powers) -> bool:
    """True for an amount per week and one per year in one currency: a factor that converts them would be known."""
    return measure(x) == measure(y) != (0, 0) and _currencies(x) == _currencies(y)


def _currencies(reading: Powers) -> frozenset[str]:
    return frozenset(name for name, _ in reading if name not in PER_YEAR)
