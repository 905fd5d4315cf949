"""Numbers in a YAML file, from the text as typed: in the file's format, or as a `TwoReadings` when it declares none."""

from __future__ import annotations

import re
from typing import Any

from costeff.documents.composed import DocumentError, line_of
from costeff.documents.numerals import (
    FORMATS,
    LANGUAGE,
    NEAR_ZERO,
    NEAR_ZERO_RULE,
    NEAR_ZERO_WAY_OUT,
    EnglishByDefault,
    QuotedNumber,
    TwoReadings,
    is_near_zero,
    read,
    readings,
    two_ways,
    whole,
    write,
)

_LEADING_ZERO = re.compile(r"[+-]?0[0-9]")
_BASES = {"0x": 16, "0o": 8, "0b": 2}


def declared_format(root: Any) -> str | None:
    """The format that the key `numbers` at the top of a document declares; None without it. Raises DocumentError."""
    from ruamel.yaml.nodes import MappingNode

    for key, value in root.value if isinstance(root, MappingNode) else ():
        if key.value == "numbers":
            if value.value not in FORMATS:
                rule = "numbers: en (1,234.5) or numbers: da (1.234,5)"
                raise DocumentError("unknown way of writing numbers", line_of(key), value.value, rule, "write en or da")
            return str(value.value)
    return None


def scalar_number(scalar: Any, file_format: str | None, default: str | None = None) -> int | float:
    """The number of a plain scalar, in the format that the file declares, else in the default of its kind.

    Raises DocumentError for what is none in that format, for numbers with a leading zero, and beyond floats.
    """
    text, form = scalar.value, file_format or default
    if _LEADING_ZERO.match(text):
        raise DocumentError(
            "a number begins with a zero",
            line_of(scalar),
            text[:40],
            "012 is 12 to some programs and 10 to others; a code is a text",
            f"write {text[:40].lstrip('+-0') or 0}, or put a code in quotes",
        )
    value = read(text, form or "en")
    if value is None:
        rule = f"decimal digits, as {LANGUAGE[form or 'en']} writes them"
        raise DocumentError(
            "the number is not written as in this file", line_of(scalar), text[:40], rule, _way_out(text, form or "en")
        )
    if value in (float("inf"), float("-inf")):
        raise DocumentError(
            "the number is too large", line_of(scalar), f"{text[:20]}...", "numbers up to 1e308", "correct it"
        )
    _refuse_near_zero(scalar, value)
    if form is None and two_ways(text):
        return TwoReadings(text)
    if file_format is None and two_ways(text):
        return EnglishByDefault(text)
    exact = whole(text, form or "en")
    return value if exact is None else exact


def _refuse_near_zero(scalar: Any, value: float) -> None:
    """Raise DocumentError for a number that is no 0 and was read as one."""
    if is_near_zero(scalar.value, value):
        raise DocumentError(NEAR_ZERO, line_of(scalar), scalar.value[:40], NEAR_ZERO_RULE, NEAR_ZERO_WAY_OUT)


def _way_out(text: str, form: str) -> str:
    """How the number is to be written: 0o10 as 8, 1_000 as 1000, 0.3 as 0,3 in a Danish file."""
    bare, base = text.replace("_", ""), _BASES.get(text.lower()[:2])
    if base is not None:
        return f"write {int(bare, base)}" if len(bare) < 20 else "write it in decimal digits"
    by_format = readings(bare)
    if not by_format:
        return "write decimal digits, or put a text in quotes"
    other, value = next(iter(by_format.items()))
    correction = f"write {write(value, form)}" + (", in quotes inside { } and [ ]" if form == "da" else "")
    return correction if other == form else f"{correction}, or declare `numbers: {other}` at the top of the file"


def separated_number(scalar: Any, form: str | None) -> float | None:
    """A number with separators that YAML takes for a text, in a file that says how it writes numbers; else None."""
    text = scalar.value
    if form is None or scalar.style in ("|", ">") or text.strip().isdigit():
        return None
    value = read(text, form)
    if value is None:
        return None
    _refuse_near_zero(scalar, value)
    if scalar.style:
        return QuotedNumber(text, form)
    exact = whole(text, form)
    return value if exact is None else exact
