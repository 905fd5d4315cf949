"""Numbers as they stand on a terminal and in its tables: plain signs, and only the digits that their error supports."""

from __future__ import annotations

import math
from typing import Any

from costeff.reporting.numbers import supported_decimals


def by_error(value: Any, error: Any = None, decimals: int | None = None) -> str:
    """A number to the digit that its Monte Carlo error reaches, and to `decimals` at most; '' for a missing one.

    >>> by_error(3110.4, 970.0), by_error(0.00018, 0.00052), by_error(-0.2, None, 0), by_error(float("nan"))
    ('3,000', '0.0002', '0', '')
    """
    if value is None or not math.isfinite(value):
        return ""
    limits = [] if decimals is None else [decimals]
    if error is not None and math.isfinite(error) and error > 0:
        limits.append(supported_decimals(float(error)))
    digits = min(limits) if limits else max(3 - math.floor(math.log10(abs(value))), 0) if value else 0
    text = f"{round(float(value), digits):,.{max(digits, 0)}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def verdict(certainty: Any) -> str:
    """The column `settled` in words: yes, no, or nothing where no error is known.

    >>> verdict(True), verdict(False), verdict(None)
    ('yes', 'no', '')
    """
    return "" if certainty is None or certainty != certainty else "yes" if certainty else "no"
