"""How tables of a case write money."""

from __future__ import annotations

from costeff.reporting.numbers import write_number


def thousands(value: float, language: str, *, with_sign: bool = True) -> str:
    """Money in whole thousands.

    >>> thousands(1_234_567.0, "da"), thousands(-499.0, "en"), thousands(float("nan"), "en")
    ('+1.235', '0', '–')
    """
    return write_number(value / 1000, language, decimals=0, with_sign=with_sign)
