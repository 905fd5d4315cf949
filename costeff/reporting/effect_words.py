"""Effects in words: shares as percent or points, anything else as a number."""

from __future__ import annotations

import math

from costeff.catalogue import say
from costeff.reporting.numbers import is_missing, write_interval, write_number, write_percent


def write_effect(value: float, unit: str, language: str, *, error: float | None = None, with_sign: bool = False) -> str:
    """An effect: a share as percent, a difference of shares (`with_sign`) as points, anything else as a number."""
    if unit == "share":
        text = write_percent(value, language, decimals=2, error=error, with_sign=with_sign)
        return text.replace("%", say("points", language)) if with_sign else text
    return write_number(value, language, error=error, with_sign=with_sign)


def effect_interval(lo: float, hi: float, unit: str, language: str, error: float | None) -> str:
    """Limits of a difference in effect, in points when it is a share."""
    if unit != "share" or is_missing(lo):
        return write_interval(lo, hi, language, error=error)
    points_error = None if error is None or math.isnan(error) else 100 * error
    points = say("points", language)
    return f"{write_interval(100 * lo, 100 * hi, language, decimals=2, error=points_error)}\u00a0{points}"
