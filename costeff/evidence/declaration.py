"""Reading one declared mapping: known keys, right types, and a place for every key.

Serves the parameter file and the scenarios that replace a parameter by a full mapping.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from costeff.documents.numerals import advice, readings, refuse_two_readings, warn_of_default
from costeff.documents.values import as_text
from costeff.errors import EvidenceError, Place
from costeff.evidence.distributions.bounded import Pert, Triangular
from costeff.evidence.distributions.distribution import CENTRES, Distribution
from costeff.evidence.distributions.skewed import Beta, Gamma, Lognormal
from costeff.evidence.distributions.symmetric import Fixed, Normal, Uniform
from costeff.evidence.interval_check import warn_of_interval
from costeff.evidence.parameter import Parameter
from costeff.evidence.problems import raise_all, split
from costeff.units import MAY_BE_NEGATIVE, parse_unit

FAMILIES: dict[str, type[Distribution]] = {
    family.family: family for family in (Beta, Gamma, Lognormal, Normal, Uniform, Triangular, Pert)
}
JOINT = ("dirichlet", "multivariate_normal", "empirical")
PARAMETER_KEYS = (
    "value",
    "unit",
    "centre",
    "price_year",
    "index",
    "distribution",
    "interval",
    "interval_approximate",
    "se",
    "shape",
    "kind",
    "source",
    "note",
    "meant",
)
MEANT_KEYS = {
    **dict.fromkeys(("sd", "std", "stdev", "std_dev", "standard_deviation", "sigma", "cv"), "se"),
    **dict.fromkeys(("stderr", "standard_error", "SE", "sem", "se_mean", "s.e."), "se"),
    **dict.fromkeys(
        ("alpha", "beta", "a", "b", "mu", "meanlog", "sdlog", "scale", "rate", "params", "args"), "shape"
    ),
    **dict.fromkeys(
        ("ci", "ci95", "95ci", "range", "limits", "low", "high", "lower", "upper", "min", "max"), "interval"
    ),
    **dict.fromkeys(("mean", "median", "estimate", "point", "base"), "value"),
    **dict.fromkeys(("dist", "family", "spread"), "distribution"),
    **dict.fromkeys(("year", "prices", "price_level"), "price_year"),
    **dict.fromkeys(("ref", "reference", "citation", "url"), "source"),
    **dict.fromkeys(("type", "basis"), "kind"),
    **dict.fromkeys(("comment", "description"), "note"),
}
"""What people call a key of a parameter elsewhere."""
_SPREAD_OF_MEAN = (
    " It is the standard deviation of the parameter; that of a sample's people is sqrt(n) times as large"
)
HINTS = {
    **dict.fromkeys(("sd", "std", "stdev", "std_dev", "standard_deviation", "sigma"), _SPREAD_OF_MEAN),
    "cv": " It is the coefficient of variation times the value",
    **dict.fromkeys(("alpha", "beta", "a", "b", "mu", "meanlog", "sdlog", "scale", "rate", "params", "args"),
                    " It is a list, such as shape: [2, 6] of a beta distribution"),
}  # fmt: skip
"""What else must be known of some of them."""
SPREADS = ("interval", "se", "shape")
AMOUNTS = ("count", "number", "hours", "hours per week", "days", "weeks", "months", "years")
"""Units beside money whose numbers run into thousands, so that 1.000 may be one or a thousand."""


class Declaration:
    """A mapping from a file, read key by key; `problems` collects what is wrong, each with file and line."""

    def __init__(
        self,
        subject: str,
        mapping: Any,
        where: Place | None,
        keys: Sequence[str],
        required: Sequence[str] = (),
    ):
        self.subject, self.where = subject, where
        self.problems: list[EvidenceError] = []
        self.mapping: Mapping[Any, Any] = mapping if isinstance(mapping, Mapping) else {}
        if not isinstance(mapping, Mapping):
            self.refuse(
                None,
                "it is not a mapping",
                mapping,
                f"a mapping with the keys {', '.join(keys)}",
                "indent the keys",
            )
            return
        for key in mapping:
            if key not in keys:
                close = difflib.get_close_matches(str(key), keys, 1)
                meant = MEANT_KEYS.get(str(key), close[0] if close else "")
                hint = f"did you mean {meant!r}?" if meant in keys else "remove it, or correct its name"
                hint += HINTS.get(str(key), "") if meant in keys else ""
                self.refuse(key, "unknown key", key, f"known keys are {', '.join(keys)}", hint)
        for key in required:
            if mapping.get(key) is None:
                self.refuse(
                    key if key in mapping else None,
                    f"{key!r} is missing",
                    None,
                    f"{key} is required",
                    f"add {key}",
                )

    def place(self, key: Any = None) -> Place | None:
        """Line of a key when the mapping knows it, otherwise the place of the whole."""
        return line_of(self.mapping, key, self.where)

    def refuse(self, key: Any, what: str, value: Any, rule: str, way_out: str) -> None:
        """Note a problem."""
        self.problems.append(
            EvidenceError(
                f"{self.subject}: {what}", where=self.place(key), value=value, rule=rule, way_out=way_out
            )
        )

    def number(self, key: str) -> float | None:
        """A number, or None when the key is absent or its problem has been noted."""
        value = self.mapping.get(key)
        if value is None:
            return None
        if is_number(value):
            return float(value)
        self.refuse(key, f"{key!r} is not a number", repr(value), f"{key} is a number", _plain(value))
        return None

    def flag(self, key: str) -> bool:
        """Whether `key` is true; false when absent."""
        value = self.mapping.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, f"{key!r} is not true or false", value, "true or false", f"write `{key}: true`")
        return value is True

    def whole(self, key: str) -> int | None:
        """A whole number, or None."""
        value = self.mapping.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
        text = getattr(value, "text", None) or (repr(value) if isinstance(value, float) else value)
        found = (
            {int(n) for n in readings(text).values() if n.is_integer()} if isinstance(text, str) else set()
        )
        way_out = f"write {found.pop()}" if len(found) == 1 else _plain(value)
        self.refuse(key, f"{key!r} is not a whole number", repr(value), f"{key} is a whole number", way_out)
        return None

    def text(self, key: str, default: str = "") -> str:
        """A text, or the default."""
        value = as_text(self.mapping.get(key))
        if value is None:
            return default
        if isinstance(value, str):
            return str(value)
        self.refuse(key, f"{key!r} is not a text", repr(value), f"{key} is a text", "put it in quotes")
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        value = self.mapping.get(key)
        if value is None:
            return ()
        found = [value] if isinstance(value, str) else value
        found = [as_text(item) for item in found] if isinstance(found, list) else found
        if isinstance(found, Sequence) and all(isinstance(item, str) for item in found):
            return tuple(str(item) for item in found)
        self.refuse(
            key, f"{key!r} is not a list of texts", value, f"{key} is a name or a list of names", "correct it"
        )
        return ()

    def numbers(self, key: str, length: int | None = None) -> tuple[float, ...] | None:
        """A list of numbers, of a given length if stated; None when absent or wrong."""
        value = self.mapping.get(key)
        if value is None:
            return None
        right = (
            isinstance(value, Sequence)
            and not isinstance(value, str)
            and all(is_number(item) for item in value)
        )
        if right and length in (None, len(value)):
            return tuple(float(item) for item in value)
        much = "" if length is None else f"{length} "
        items = value if isinstance(value, list) else [value]
        self.refuse(
            key,
            f"{key!r} is not a list of {much}numbers",
            value,
            f"{key}: [{much}numbers]",
            next((said for item in items if (said := advice(item))), "correct the list"),
        )
        return None

    def finish(self) -> None:
        """Raise what has been noted."""
        raise_all(self.problems)


def is_number(value: Any) -> bool:
    """True for an int or float; a yes or no is not a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_amount(unit: str) -> bool:
    """Whether a unit is of money, people or time, whose numbers run into thousands; False for an unknown unit.

    >>> is_amount("DKK per week"), is_amount("weeks"), is_amount("ratio")
    (True, True, False)
    """
    try:
        return parse_unit(unit).currency is not None or unit.removesuffix(MAY_BE_NEGATIVE).strip() in AMOUNTS
    except EvidenceError:
        return False


def _refuse_unsure(d: Declaration, unit: str) -> None:
    """Note each amount of a declaration that can be read in two ways; warn where a default tells which is meant."""
    if not is_amount(unit):
        return
    for key in ("value", *SPREADS):
        stated = d.mapping.get(key)
        several = stated.values() if isinstance(stated, Mapping) else stated
        for one in several if isinstance(several, Iterable) and not isinstance(several, str) else [stated]:
            warn_of_default(one, f"{d.subject}, {key!r}", d.place(key))
            try:
                refuse_two_readings(one, f"{d.subject}, {key!r}", d.place(key), EvidenceError)
            except EvidenceError as error:
                d.problems.append(error)


def _plain(value: Any) -> str:
    meant = advice(value)
    if meant:
        return meant
    if isinstance(value, str) and any(ch.isdigit() for ch in value):
        return "write digits only: a point for decimals, no thousands separator, no quotes, no unit"
    return "write a number"


def line_of(mapping: Any, key: Any, fallback: Place | None) -> Place | None:
    """Place of a key in a mapping read by ruamel.yaml; the fallback for other mappings."""
    if fallback is None or key is None or not hasattr(mapping, "lc"):
        return fallback
    try:
        return Place(fallback.file, mapping.lc.key(key)[0] + 1)
    except (KeyError, TypeError, AttributeError):
        return fallback


def parameter_from(name: str, mapping: Any, where: Place | None, grouped: bool = False) -> Parameter:
    """A Parameter from its mapping. `grouped`: a group draws it, so it may carry no distribution of its own.

    Raises EvidenceError, or CollectedEvidenceError when there is more than one problem.
    """
    d = Declaration(f"parameter {name!r}", mapping, where, PARAMETER_KEYS, ("value", "unit", "kind"))
    value, centre = d.number("value"), d.text("centre", "mean")
    spread: Distribution | None = None
    if grouped:
        for key in ("distribution", *SPREADS):
            if key in d.mapping:
                d.refuse(
                    key,
                    f"{key!r} on a group member",
                    d.mapping[key],
                    "the group draws its members",
                    f"drop {key}",
                )
    elif value is not None and centre in CENTRES:
        spread = _spread(d, value, centre)
    unit = d.text("unit")
    _refuse_unsure(d, unit)
    approximate = _approximate(d)
    fields: dict[str, Any] = {
        "unit": unit,
        "price_year": d.whole("price_year"),
        "index": d.text("index"),
        "kind": d.text("kind"),
        "source": d.texts("source"),
        "note": d.text("note"),
        "meant": d.flag("meant"),
    }
    noted = {key for key in PARAMETER_KEYS if d.mapping.get(key) is not None}
    if (
        value is None
        or not {"unit", "kind"} <= noted
        or ("price_year" in noted and fields["price_year"] is None)
    ):
        d.finish()
    places = {key: place for key in noted if (place := d.place(key)) is not None}
    try:
        made = Parameter(
            name,
            value if value is not None else 0.0,
            distribution=spread,
            centre=centre,
            place=where,
            places=places,
            **fields,
        )
    except EvidenceError as error:
        d.problems.extend(split(error))
    d.finish()
    if spread is not None and not approximate:
        warn_of_interval(name, spread, made.value, centre, made.unit, FAMILIES, made.at("interval"))
    return made


def _approximate(d: Declaration) -> bool:
    """Whether the interval is declared as one that was only meant roughly."""
    approximate = d.flag("interval_approximate")
    if approximate and d.mapping.get("interval") is None:
        d.refuse(
            "interval_approximate",
            "'interval_approximate' without an interval",
            True,
            "it says that the drawn interval may differ from the declared one",
            "drop it, or declare an interval",
        )
    return approximate


def _spread(d: Declaration, value: float, centre: str) -> Distribution | None:
    """The distribution a parameter's mapping asks for, or None when it is fixed or its problem has been
    noted."""
    family = d.text("distribution", "fixed")
    stated = [key for key in SPREADS if d.mapping.get(key) is not None]
    if family == Fixed.family:
        if stated:
            d.refuse(
                stated[0],
                f"{stated[0]!r} without a distribution",
                d.mapping[stated[0]],
                "a fixed parameter has no spread",
                "name a distribution, or move the interval to the note",
            )
        return None
    if family not in FAMILIES:
        close = difflib.get_close_matches(family, FAMILIES, 1)
        joint = f"; {', '.join(JOINT)} are declared under `groups`" if family in JOINT else ""
        d.refuse(
            "distribution",
            "unknown distribution",
            family,
            f"known are fixed, {', '.join(FAMILIES)}{joint}",
            "declare a group" if joint else f"did you mean {close[0]!r}?" if close else "name one of these",
        )
        return None
    if len(stated) != 1:
        d.refuse(
            stated[1] if stated else "distribution",
            f"a {family} distribution needs one statement of spread",
            ", ".join(stated) or "none",
            "exactly one of interval, se, shape",
            "keep the one the source states",
        )
        return None
    return _build(d, FAMILIES[family], stated[0], value, centre)


def _build(
    d: Declaration, family: type[Distribution], stated: str, value: float, centre: str
) -> Distribution | None:
    try:
        if stated == "interval":
            limits = d.numbers("interval", 2)
            return None if limits is None else family.from_interval(value, limits[0], limits[1], centre)
        if stated == "se":
            se = d.number("se")
            return None if se is None else family.from_se(value, se, centre)
        stated_shape = d.mapping["shape"]
        keys = tuple(stated_shape) if isinstance(stated_shape, Mapping) else family.fields
        shape = Declaration(f"{d.subject}, shape", stated_shape, d.place("shape"), keys)
        numbers = {str(key): shape.number(key) for key in shape.mapping}
        d.problems.extend(shape.problems)
        complete = {key: number for key, number in numbers.items() if number is not None}
        return None if shape.problems else family.from_shape(**complete)
    except EvidenceError as error:
        way_out = error.way_out or ""
        if stated == "interval" and all(isinstance(limit, int) for limit in d.mapping["interval"]):
            whole = ",".join(str(limit) for limit in d.mapping["interval"])
            way_out += f"; if {whole} is one number with a decimal comma, an interval needs two: [low, high]"
        d.refuse(stated, error.what, error.value, error.rule or "", way_out)
        return None
