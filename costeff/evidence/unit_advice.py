"""What a unit that is not known was probably meant to be: kroner by another name, thousands, Danish spans of time."""

from __future__ import annotations

import re

from costeff.currencies import meant_currency
from costeff.documents.numerals import readings, write
from costeff.units import MONEY_PER

_SPANS = {
    **dict.fromkeys(("time", "timer", "hr", "h", "hours"), "hour"),
    **dict.fromkeys(("dag", "dage", "days", "d"), "day"),
    **dict.fromkeys(("uge", "uger", "weeks", "wk", "w"), "week"),
    **dict.fromkeys(("måned", "måneder", "md", "md.", "mth", "months", "mo"), "month"),
    **dict.fromkeys(("år", "years", "yr", "annum", "y"), "year"),
    **dict.fromkeys(
        ("person", "citizen", "borger", "patient", "participant", "deltager", "head", "capita"), "individual"
    ),
    **dict.fromkeys(("hændelse", "case", "events"), "event"),
    **dict.fromkeys(("samtale", "visit", "sessions", "besøg"), "session"),
}
_PER = re.compile(r"\s+(?:per|pr\.?|a|om)\s+|\s*/\s*", re.IGNORECASE)
_MANY = re.compile(r"([0-9][0-9.,]*)\s+(.+)")


def meant_unit(text: str) -> str:
    """The way out for an unknown unit of money, or of a rate by a Danish span; '' when nothing tells what was meant.

    >>> meant_unit("euro pr. uge"), meant_unit("TEUR per year")
    ("did you mean 'EUR per week'?", "multiply the value by 1000 and write 'EUR per year'")
    >>> meant_unit("EUR per 4 weeks"), meant_unit("hazard per uge"), meant_unit("weight")
    ("divide the value by 4 and write 'EUR per week'", "did you mean 'hazard per week'?", '')
    """
    head, *rest = _PER.split(text.strip(), maxsplit=1)
    code, size = meant_currency(head)
    word = code or (head.lower() if head.lower() in ("rate", "hazard", "probability") else "")
    if not word:
        return ""
    span = rest[0].strip().lower() if rest else ""
    many = _MANY.fullmatch(span)
    if many:
        numbers = set(readings(many[1]).values())
        if len(numbers) != 1:
            return ""
        size, span = size / numbers.pop(), many[2]
    per = _SPANS.get(span, span)
    if rest and per not in MONEY_PER:
        return ""
    unit = f"{word} per {per}" if rest else word
    if size == 1:
        return f"did you mean '{unit}'?"
    change = f"multiply the value by {write(size)}" if size > 1 else f"divide the value by {write(1 / size)}"
    return f"{change} and write '{unit}'"
