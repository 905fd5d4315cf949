"""Reads one parameter from its mapping: of a parameter file, or of what a scenario, a case or a program sets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from costeff.documents.section import Document, Section
from costeff.errors import EvidenceError, Place
from costeff.evidence.distributions.distribution import CENTRES, Distribution
from costeff.evidence.distributions.symmetric import Fixed
from costeff.evidence.interval_check import warn_of_interval
from costeff.evidence.keys import COUNTS, FAMILIES, PARAMETER
from costeff.evidence.parameter import Parameter
from costeff.units import MAY_BE_NEGATIVE, parse_unit

JOINT = ("dirichlet", "multivariate_normal", "empirical")
MEANT_KEYS = {
    **dict.fromkeys(("sd", "std", "stdev", "std_dev", "standard_deviation", "sigma", "cv"), "se"),
    **dict.fromkeys(("stderr", "standard_error", "SE", "sem", "se_mean", "s.e."), "se"),
    **dict.fromkeys(("alpha", "beta", "a", "b", "mu", "meanlog", "sdlog", "scale", "rate", "params", "args"), "shape"),
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
_SPREAD_OF_MEAN = " It is the standard deviation of the parameter; that of a sample's people is sqrt(n) times as large"
HINTS = {
    **dict.fromkeys(("sd", "std", "stdev", "std_dev", "standard_deviation", "sigma"), _SPREAD_OF_MEAN),
    "cv": " It is the coefficient of variation times the value",
    **dict.fromkeys(
        ("alpha", "beta", "a", "b", "mu", "meanlog", "sdlog", "scale", "rate", "params", "args"),
        " It is a mapping, such as shape: {alpha: 2, beta: 6} of a beta distribution",
    ),
}
"""What else must be known of some of them."""
WAYS = {key: f"did you mean '{parameter_key}'?{HINTS.get(key, '')}" for key, parameter_key in MEANT_KEYS.items()}
SPREADS = ("interval", "se", "shape", "counts")
AMOUNTS = ("count", "number", "hours", "hours per week", "days", "weeks", "months", "years")
"""Units beside money whose numbers run into thousands, so that 1.000 may be one or a thousand."""


def is_amount(unit: str) -> bool:
    """Whether a unit is of money, people or time, whose numbers run into thousands; False for an unknown unit.

    >>> is_amount("EUR per week"), is_amount("weeks"), is_amount("ratio")
    (True, True, False)
    """
    try:
        return parse_unit(unit).currency is not None or unit.removesuffix(MAY_BE_NEGATIVE).strip() in AMOUNTS
    except EvidenceError:
        return False


def parameter_from(name: str, mapping: Any, where: Place | None, is_member: bool = False) -> Parameter:
    """A Parameter from its mapping. `is_member`: a group draws it, so it may carry no distribution of its own.

    Raises EvidenceError, or CollectedEvidenceError when there is more than one problem.
    """
    document = Document(where.file if where else "", EvidenceError, "en")
    line = where.line if where else None
    if not isinstance(mapping, Mapping):
        rule = f"a mapping with the keys {', '.join(PARAMETER)}"
        document.refuse(f"parameter {name!r}: it is not a mapping", line, mapping, rule, "indent the keys")
    section = Section(document, mapping, f"parameter {name!r}", line)
    section.closed(PARAMETER, WAYS)
    attempt = document.noted
    value, unit, kind = (attempt(section.number, "value"), attempt(section.text, "unit"), attempt(section.text, "kind"))
    centre = attempt(section.text, "centre", "mean") or "mean"
    if is_member:
        _members_have_none(section)
    spread = None if is_member else _spread(section, value, centre)
    _refuse_unsure(section, unit or "")
    approximate = _approximate(section)
    year = attempt(section.whole, "price_year", None, None, True) if section.has("price_year") else None
    note, notes = attempt(section.worded, "note") or ("", {})
    fields: dict[str, Any] = {
        "price_year": year,
        "index": attempt(section.text, "index", ""),
        "source": attempt(section.texts, "source") or (),
        "note": note,
        "notes": notes,
        "clock": attempt(section.text, "clock", "") or "",
        "legs": attempt(section.texts, "legs") or (),
        "derived_from": attempt(section.text, "derived_from", "") or "",
        "meant": attempt(section.boolean, "meant") or False,
        "required": attempt(section.boolean, "required") or False,
    }
    if value is None or unit is None or kind is None or (section.has("price_year") and year is None):
        document.finish()
    assert value is not None  # what could not be read has left a problem, which is raised above
    assert unit is not None
    assert kind is not None
    places = {
        str(key): place for key in section.data if section.has(key) and (place := section.place_of(key)) is not None
    }
    with document.collecting():
        parameter = Parameter(
            name, value, unit=unit, kind=kind, distribution=spread, centre=centre, place=where, places=places, **fields
        )
    document.finish()
    if spread is not None and not approximate:
        warn_of_interval(name, spread, parameter.value, centre, parameter.unit, FAMILIES, parameter.at("interval"))
    return parameter


def _members_have_none(section: Section) -> None:
    """Note a spread on a parameter that a group draws."""
    for key in ("distribution", *SPREADS):
        if key in section.data:
            with section.document.collecting():
                what = f"`{key}` on a group member"
                section.refuse(key, what, "the group draws its members", f"drop {key}")


def _refuse_unsure(section: Section, unit: str) -> None:
    """Note each amount of a parameter that can be read in two ways; warn where a default tells which is meant."""
    if not is_amount(unit):
        return
    for key in ("value", *SPREADS):
        entry = section.data.get(key)
        several = entry.values() if isinstance(entry, Mapping) else entry
        for one in several if isinstance(several, Iterable) and not isinstance(several, str) else [entry]:
            with section.document.collecting():
                section.document.sure(one, f"{section.name}, `{key}`", section.line_of(key))


def _approximate(section: Section) -> bool:
    """Whether the interval is declared as one that was only meant roughly."""
    key = "interval_approximate"
    approximate = section.document.noted(section.boolean, key) or False
    if approximate and not section.has("interval"):
        with section.document.collecting():
            rule = "it says that the drawn interval may differ from the declared one"
            section.refuse(key, f"`{key}` without an interval", rule, "drop it, or declare an interval")
    return approximate


def _spread(section: Section, value: float | None, centre: str) -> Distribution | None:
    """The distribution that a parameter's mapping asks for; None when it is fixed, and when its problem is noted."""
    if value is None or centre not in CENTRES:
        return None
    with section.document.collecting():
        family = section.text("distribution", Fixed.family)
        statements = [key for key in SPREADS if section.has(key)]
        if family == Fixed.family:
            if statements:
                rule, way_out = ("a fixed parameter has no spread", "name a distribution, or move it to the note")
                section.refuse(statements[0], f"`{statements[0]}` without a distribution", rule, way_out)
            return None
        if family not in FAMILIES:
            _refuse_family(section, family)
        if len(statements) != 1:
            section.document.refuse(
                f"{section.name}: a {family} distribution needs one statement of spread",
                section.line_of(statements[1] if statements else "distribution"),
                ", ".join(statements) or "none",
                "exactly one of interval, se, shape, counts",
                "keep the one the source states",
            )
        return _build(section, FAMILIES[family], statements[0], value, centre)
    return None


def _refuse_family(section: Section, family: str) -> None:
    """Raise about a distribution that is not known, or that only a group can have."""
    close = difflib.get_close_matches(family, FAMILIES, 1)
    joint = f"; {', '.join(JOINT)} are declared under `groups`" if family in JOINT else ""
    way_out = f"did you mean {close[0]!r}?" if close else "name one of these"
    section.refuse(
        "distribution",
        "unknown distribution",
        f"known are fixed, {', '.join(FAMILIES)}{joint}",
        "declare a group" if joint else way_out,
    )


def _build(section: Section, family: type[Distribution], statement: str, value: float, centre: str) -> Distribution:
    """The distribution from the one statement of spread. Raises EvidenceError at the line of that statement."""
    if statement == "interval":
        low, high = section.numbers("interval", 2)
        build = partial(family.from_interval, value, low, high, centre)
    elif statement == "se":
        build = partial(family.from_se, value, section.number("se"), centre)
    elif statement == "counts":
        build = partial(family.from_counts, value, _counts(section), centre)
    else:
        shape = section.block("shape", f"{section.name}, shape")
        numbers = {str(key): shape.number(key) for key in shape.data}
        build = partial(family.from_shape, **numbers)
    try:
        return build()
    except EvidenceError as error:
        way_out = error.way_out or ""
        if statement == "interval" and all(isinstance(limit, int) for limit in section.data["interval"]):
            whole = ",".join(str(limit) for limit in section.data["interval"])
            way_out += f"; if {whole} is one number with a decimal comma, an interval needs two: [low, high]"
        what, line = f"{section.name}: {error.what}", section.line_of(statement)
        section.document.refuse(what, line, error.value, error.rule or "", way_out)


def _counts(section: Section) -> dict[str, Any]:
    """What `counts` says, by key. Raises EvidenceError."""
    block = section.block("counts", f"{section.name}, counts")
    block.closed(COUNTS)
    counts: dict[str, Any] = {"events": block.whole("events", least=0), "of": block.whole("of")}
    for key in ("prior", "entry", "entry_shares"):
        if block.has(key):
            counts[key] = block.numbers(key, 2 if key == "prior" else None)
    for key in ("evaluated", "exit_hazard"):
        if block.has(key):
            counts[key] = block.number(key)
    if block.has("stages"):
        counts["stages"] = block.whole("stages")
    return counts
