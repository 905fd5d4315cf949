"""One parameter: a quantity of evidence with its unit, distribution, source and place in a file."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from costeff.errors import EvidenceError, Place
from costeff.evidence.distributions.distribution import CENTRES, COUNTED, EXPLICIT, Distribution
from costeff.evidence.distributions.symmetric import Fixed
from costeff.evidence.source import Setter, check_kind, check_source, normal_source
from costeff.evidence.unit_advice import meant_unit
from costeff.problems import raise_all
from costeff.units import Unit, parse_unit


@dataclass(frozen=True)
class Parameter:
    """A parameter. Every check is made here, so whoever holds one can trust it; all problems are raised
    together.

    `value` is the mean of `distribution`, or its median when `centre` is "median". Without a distribution the
    parameter is fixed. `index` names the price index that moves it; '' is the evidence's own. `source` holds keys
    of the evidence's sources. `price_note` tells what `Evidence.at_prices` did. `group` is the name of the group
    that draws it, if any. `meant` says that a value that looks like a slip is meant. `places` holds the place of
    single fields, when read from a file.

    Parameters
    ----------
    name : str
        Its name in formulas.
    value : float
        Its stated value, in `unit`.
    unit : str
        Such as "weeks", "probability" or "EUR per year".
    distribution : Distribution, optional
        How it is drawn; fixed without one.
    centre : str
        Whether `value` is the "mean" or the "median" of the distribution.
    price_year : int, optional
        Of money.
    index : str
        The price index that moves it.
    kind : str
        Of the evidence, such as "published" or "assumption".
    source : sequence of str
        Keys of its sources.
    note : str
        What a reader should know.
    place : Place, optional
        File and line.
    price_note : str
        How its price was moved.
    group : str, optional
        The group that draws it.
    meant : bool or str
        Whether a value that looks like a slip is meant.
    replaces : Parameter, optional
        The model's own, in the place of which it stands.
    set_by : str
        Who set it.
    places : mapping, optional
        Places of single fields.
    notes : mapping, optional
        The note in other languages, by language.
    derived_from : str
        Of a derived figure, the arithmetic: a formula over figures and names of other parameters.
    required : bool
        Whether nothing runs before a scenario or case sets a figure in its place.
    clock : str
        Of a hazard that changes over time, the clock that it was measured on; `costeff verify` asks whether formulas
        read it there.
    legs : sequence of str
        Of a ratio or hazard, the legs or names of the exits that it was measured on; `costeff verify` asks whether it
        acts there and nowhere else.
    stated_year : int, optional
        The price year in the file, of money that was moved from it.

    Examples
    --------
    >>> from costeff.evidence import Beta
    >>> p = Parameter("p_return", 0.25, "probability", Beta(2, 6), kind="assumption")
    >>> p.mean, [round(limit, 3) for limit in p.interval()]
    (0.25, [0.037, 0.579])
    """

    name: str
    value: float
    unit: str
    distribution: Distribution | None = None
    centre: str = "mean"
    price_year: int | None = None
    index: str = ""
    kind: str = ""
    source: tuple[str, ...] = ()
    note: str = ""
    place: Place | None = None
    price_note: str = ""
    group: str | None = None
    meant: bool = False
    replaces: Parameter | None = field(default=None, repr=False, compare=False)
    """The model's parameter, when a scenario, a case or a program set another figure in its place."""
    set_by: Setter | None = field(default=None, repr=False, compare=False)
    """Who did."""
    places: Mapping[str, Place] = field(default_factory=dict, repr=False, compare=False)
    notes: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """The note in other languages, by their code."""
    derived_from: str = ""
    required: bool = False
    clock: str = ""
    legs: tuple[str, ...] = ()
    stated_year: int | None = field(default=None, repr=False, compare=False)
    """The price year of the file, where the price was moved from it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", normal_source(self.source))
        raise_all(self._problems(), "evidence")
        if self.distribution is None:
            object.__setattr__(self, "distribution", Fixed(float(self.value)))

    @property
    def spread(self) -> Distribution:
        """The distribution; a Fixed one when the parameter is known."""
        return self.distribution or Fixed(float(self.value))

    @property
    def fixed(self) -> bool:
        """True when every draw is the same."""
        return isinstance(self.spread, Fixed)

    @property
    def mean(self) -> float:
        """Mean of the distribution; differs from `value` when the centre is the median."""
        return self.spread.mean

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The ends of the distribution's central interval; with a level of 0.95, its 2.5 and 97.5 % points.

        Parameters
        ----------
        level : float
            Probability of the intervals, between 0 and 1.

        Returns
        -------
        tuple of float
            Lower and upper end, in the parameter's unit.

        Examples
        --------
        >>> p = Parameter("wait", 4.0, "weeks", kind="assumption")
        >>> p.interval()
        (4.0, 4.0)
        """
        return self.spread.interval(level)

    def at(self, key: str) -> Place | None:
        """Place of one field, or of the parameter.

        Parameters
        ----------
        key : str
            Name of the field.

        Returns
        -------
        Place or None
            File and line; None where it was not read from a file.

        Examples
        --------
        >>> p = Parameter("wait", 4.0, "weeks", kind="assumption")
        >>> p.at("value") is None
        True
        """
        return self.places.get(key, self.place)

    def problem(self, key: str, what: str, value: object, rule: str, way_out: str) -> EvidenceError:
        """An error about one field of this parameter.

        Parameters
        ----------
        key : str
            Name of the field.
        what : str
            What is wrong.
        value : object
            The value in question.
        rule : str
            The rule that it breaks.
        way_out : str
            What the user can do.

        Returns
        -------
        EvidenceError
            To be raised.

        Examples
        --------
        >>> p = Parameter("wait", 4.0, "weeks", kind="assumption")
        >>> type(p.problem("value", "it is wrong", 4, "a rule", "mend it")).__name__
        'EvidenceError'
        """
        text = f"parameter {self.name!r}: {what}"
        return EvidenceError(text, where=self.at(key), value=value, rule=rule, way_out=way_out)

    def _problems(self) -> list[EvidenceError]:
        problems = check_kind(self.kind, f"parameter {self.name!r}", self.at("kind"))
        problems += check_source(self.kind, self.source, f"parameter {self.name!r}", self.at("source"))
        if self.centre not in CENTRES:
            problems.append(
                self.problem("centre", "unknown centre", self.centre, "centre is mean or median", "name one")
            )
        value: Any = self.value  # the annotation is a promise that a caller may break
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            problems.append(
                self.problem("value", "the value is not finite", self.value, "a value is a finite number", "correct it")
            )
            return problems
        try:
            unit = parse_unit(self.unit, self.at("unit"))
        except EvidenceError as error:
            error.what = f"parameter {self.name!r}: {error.what}"
            error.way_out = meant_unit(self.unit) or error.way_out
            return [*problems, error]
        return problems + self._unit_problems(unit) + self._centre_problems()

    def _unit_problems(self, unit: Unit) -> list[EvidenceError]:
        problems = []
        span = f"{self.unit} lies in {unit.low:g} to {unit.high:g}"
        if unit.currency is not None and self.price_year is None:
            problems.append(
                self.problem(
                    "unit", "money without a price year", self.unit, "money has a price_year", "add price_year"
                )
            )
        if unit.currency is None and self.price_year is not None:
            problems.append(
                self.problem(
                    "price_year",
                    "a price year on something that is not money",
                    self.price_year,
                    "only money has a price_year",
                    f"drop price_year, or correct the unit {self.unit!r}",
                )
            )
        if not unit.allows(self.value, self.value):
            problems.append(
                self.problem(
                    "value", "the value is outside its unit", self.value, span, "correct the value or the unit"
                )
            )
        elif self.distribution is not None and not unit.allows(*self.distribution.support):
            low, high = self.distribution.support
            problems.append(
                self.problem(
                    "distribution",
                    f"a {self.distribution.family} distribution leaves the unit",
                    f"support {low:g} to {high:g}",
                    span,
                    "choose a distribution inside the unit (beta in 0-1, gamma or lognormal above 0), or write "
                    'the unit with "(may be negative)"',
                )
            )
        return problems

    def _centre_problems(self) -> list[EvidenceError]:
        if self.distribution is None or self.centre not in CENTRES:
            return []
        spread, centre = self.distribution, self.distribution.centre(self.centre)
        stated_by_shape = spread.rule == EXPLICIT or spread.rule.startswith(COUNTED)
        tolerance = 0.01 if stated_by_shape or self.group else 1e-6
        if isinstance(spread, Fixed) and not self.group:
            tolerance = 0.0
        if abs(centre - self.value) <= tolerance * (abs(self.value) or spread.sd):
            return []
        return [
            self.problem(
                "value",
                f"the value and the {self.centre} of its {spread.family} distribution differ",
                f"value {self.value:.8g}, {self.centre} {centre:.8g}",
                f"they agree within {tolerance:.0e} of the value".replace("1e-02", "1 %"),
                f"correct the value or the shape, or state the other centre ({' or '.join(CENTRES)})",
            )
        ]

    def known(self, number: float, place: Place | None = None) -> Parameter:
        """The parameter as a known number.

        Parameters
        ----------
        number : float
            Of the parameter's unit.
        place : Place, optional
            File and line to name in an error.

        Returns
        -------
        Parameter
            Another parameter; this one stays.

        Raises
        ------
        EvidenceError
            When its unit does not allow the number.

        Examples
        --------
        >>> p = Parameter("wait", 4.0, "weeks", kind="assumption")
        >>> p.known(6.0).value
        6.0
        """
        return replace(
            self, value=number, distribution=None, centre="mean", group=None, place=place, places={}, required=False
        )

    def set_to(self, number: float, place: Place | None = None, note: str = "set by scenario") -> Parameter:
        """The parameter as a known number, by its name in version 0.1.0.

        Parameters
        ----------
        number : float
            Of the parameter's unit.
        place : Place, optional
            File and line to name in an error.
        note : str
            What its note says.

        Returns
        -------
        Parameter
            Another parameter; this one stays.

        Examples
        --------
        >>> p = Parameter("wait", 4.0, "weeks", kind="assumption")
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     p.set_to(6.0).value
        6.0
        """
        warnings.warn("Parameter.set_to is now called known", DeprecationWarning, stacklevel=2)
        return replace(self.known(number, place), note=f"{note}; {self.note}" if self.note else note)

    @property
    def made_certain(self) -> bool:
        """True when the model's uncertain parameter was set to a known number."""
        return self.replaces is not None and self.fixed and not self.replaces.fixed

    def scaled(self, factor: float, year: int, spread: Distribution) -> Parameter:
        """The parameter in the prices of another year; `spread` is its distribution there.

        Parameters
        ----------
        factor : float
            What the value is multiplied by.
        year : int
            Of the prices.
        spread : Distribution
            In the prices of that year.

        Returns
        -------
        Parameter
            Another parameter; this one stays.

        Examples
        --------
        >>> from costeff.evidence import Gamma
        >>> p = Parameter("price", 100.0, "EUR", Gamma(4, 0.04), price_year=2020, kind="assumption")
        >>> round(p.scaled(1.1, 2024, Gamma(4, 0.04 / 1.1)).value, 6)
        110.0
        """
        value = spread.value if isinstance(spread, Fixed) else self.value * factor
        stated_year = self.stated_year or self.price_year
        return replace(self, value=value, distribution=spread, price_year=year, stated_year=stated_year)
