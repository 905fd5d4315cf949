"""Numbers as they are typed on the command line: what reads one way is read, what reads two ways is refused with both.

The language of a page says nothing about how its reader types, so `--language` does not decide: `5000000`, `5 000 000`,
`5.000.000` and `0,5` can be read in one way only, `5.000` and `5,000` cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from costeff.errors import CosteffError


def _typed(kind: Any, value: Any, read: Callable[[str], float], *place: Any) -> Any:
    """The number of a text as typed; click's own end, with what is wrong, when `read` refuses it."""
    if not isinstance(value, str):
        return value
    try:
        return read(value)
    except CosteffError as error:
        kind.fail(f"{error.what} (value: {value}). Way out: {error.way_out}.", *place)


class Number(click.types.FloatParamType):
    """Any finite number."""

    name = "number"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The number of a text that reads one way."""
        return super().convert(_typed(self, value, _clear, param, ctx), param, ctx)


class NumberOrName(click.types.StringParamType):
    """A number, or else the name of a parameter."""

    name = "number or name"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The number of a text that reads as one, else the text."""
        try:
            return Number().convert(value, param, ctx)
        except click.BadParameter:
            return value


class NumberRange(click.FloatRange):
    """A number within bounds."""

    name = "number range"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The number of a text that reads one way, held against the bounds."""
        return super().convert(_typed(self, value, _clear, param, ctx), param, ctx)


class WholeRange(click.IntRange):
    """A whole number within bounds."""

    name = "integer range"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The whole number of a text that reads one way, held against the bounds."""
        return super().convert(_typed(self, value, _whole, param, ctx), param, ctx)


def _clear(text: str) -> float:
    from costeff.documents.numerals import clear  # its patterns would be half of what `costeff --help` takes

    return clear(text)


def _whole(text: str) -> int:
    from costeff.documents.numerals import FORMATS, clear, whole

    clear(text)
    readings = [number for form in FORMATS if (number := whole(text, form)) is not None]
    if not readings:
        raise CosteffError("this is not a whole number", way_out="write digits only")
    return readings[0]
