"""What a planner types, as the file holds it: '1.234,5', '55 %', '12.000 kr.'; what reads two ways is refused.

The file keeps its own way of writing numbers: its key `numbers`, else English.
"""

from __future__ import annotations

import re

from costeff.app.files.edit import as_scalar, value_at
from costeff.documents.numerals import LANGUAGE, clear, read, shown_readings, two_ways, write, written_apart
from costeff.errors import ScenarioError

_UNIT = re.compile(r"\s*(?:kr\.?|kroner|dkk|nok|uger|weeks|uker|borgere|citizens)\s*$", re.IGNORECASE)
_PERCENT = re.compile(r"\s*(?:%|pct\.?|procent|percent|prosent)\s*$", re.IGNORECASE)
_ENDS = re.compile(r"(?<=\d)[.,](?=$)")

FIRST_YEAR, LAST_YEAR = 1900, 2200
LARGEST, SMALLEST = 1e15, 1e-9
"""What is written in full can be read: an infinity, or 300 digits, is a slip."""


def number(text: str) -> float:
    """The number that a text is, with or without its unit. Raises ScenarioError for one that reads two ways.

    >>> number("1.234,5"), number("12 000 kr."), number("60")
    (1234.5, 12000.0, 60.0)
    """
    bare = _ENDS.sub("", _UNIT.sub("", text.strip()))
    if two_ways(bare):
        raise ScenarioError(
            f"the number can be read in two ways: {shown_readings(bare)}",
            value=text.strip(),
            rule="here a number is written so that it reads one way",
            way_out=f"write {written_apart(bare)}",
        )
    value = clear(bare, ScenarioError)
    if not abs(value) < LARGEST or 0 < abs(value) < SMALLEST:
        raise ScenarioError(
            "the number is too large or too small to be a figure of a case",
            value=text.strip()[:40],
            rule=f"0, or between {SMALLEST:g} and {LARGEST:g}, either sign",
            way_out="write the figure in its unit, such as kr.",
        )
    return value


def share(text: str) -> float:
    """A share from 0 to 1, typed as one or as percent. Raises ScenarioError for what may be either.

    >>> share("55 %"), share("0,55"), share("12,5 pct.")
    (0.55, 0.55, 0.125)
    """
    percent = _PERCENT.search(text)
    value = number(text[: percent.start()] if percent else text)
    if percent:
        value = round(value / 100, 12)
    if not percent and 1 < value <= 100:
        raise ScenarioError(
            "a share or a percentage?",
            value=text.strip(),
            rule="a share from 0 to 1, or a percentage with its sign",
            way_out=f"write {text.strip()} % if that is what you mean",
        )
    if not 0 <= value <= 1:
        raise ScenarioError("this is not a share", value=text.strip(), rule="a share from 0 to 1, or 0 % to 100 %")
    return value


def year(text: str) -> int:
    """The calendar year that a text is.

    >>> year("2026")
    2026
    """
    value = number(text)
    if value % 1 or not FIRST_YEAR <= value <= LAST_YEAR:
        raise ScenarioError(
            "this is not a calendar year", value=text.strip()[:40], rule=f"a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return int(value)


def scalar(value: float, text: str) -> str:
    """A number as the file `text` writes numbers, ready to be put into it.

    >>> scalar(0.25, "numbers: da"), scalar(0.25, "a: 1"), scalar(12000, "numbers: da"), scalar(1.125, "a: 1")
    ('"0,25"', '0.25', '12000', '1.1250')
    """
    return as_scalar(write(value, form_of(text)))


def form_of(text: str) -> str:
    """How a file says that it writes numbers; English when it does not say."""
    form = value_at(text, ("numbers",))
    return form if form in LANGUAGE else "en"


def as_number(value: object, text: str) -> float | None:
    """The number that stands in a file, also one written as a percentage; None for a formula or a text.

    >>> as_number("55 %", "numbers: da"), as_number("a * b", "a: 1"), as_number(2, "a: 1")
    (0.55, None, 2.0)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    percent = _PERCENT.search(str(value))
    found_value = read(str(value)[: percent.start()] if percent else str(value), form_of(text))
    return None if found_value is None else round(found_value / 100, 12) if percent else found_value
