"""The codes of ISO 4217: money in use, and the European money that the euro replaced, for studies of that time.

Rank 0: imports nothing.
"""

from __future__ import annotations

from pathlib import Path

_LINES = [
    line.split()
    for line in Path(__file__).with_name("currencies.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
CODES = frozenset(code for code, *_ in _LINES)
_WAYS = {way.partition("/")[0]: (code, float(way.partition("/")[2] or 1)) for code, *ways in _LINES for way in ways}
"""Other ways of writing a currency: its code, and how many of the written make one of it."""
_SCALES = {
    **dict.fromkeys(("k", "t", "tusind", "thousand", "1000", "1.000", "1,000", "tusinde", "(1000)", "'000"), 1e3),
    **dict.fromkeys(("m", "mio", "mio.", "mill", "mill.", "million", "millioner", "millions"), 1e6),
    **dict.fromkeys(("mia", "mia.", "mrd", "mrd.", "billion", "milliard", "milliarder"), 1e9),
}


def meant_currency(words: str) -> tuple[str, float]:
    """The code that a way of writing money stands for, and how many of its units one of the written is; ('', 1) else.

    >>> meant_currency("euro"), meant_currency("TEUR"), meant_currency("mio. \u20ac"), meant_currency("cent")
    (('EUR', 1.0), ('EUR', 1000.0), ('EUR', 1000000.0), ('EUR', 0.01))
    >>> meant_currency("eur"), meant_currency("weeks")
    (('EUR', 1.0), ('', 1.0))
    """
    text = words.strip().lower()
    code, parts = _WAYS.get(text, (text.upper(), 1.0))
    if code in CODES:
        return code, 1 / parts
    for mark, size in _SCALES.items():
        for rest in (text.removeprefix(mark), text.removesuffix(mark)):
            rest = rest.strip()
            code, _ = _WAYS.get(rest, (rest.upper(), 1.0))
            if rest != text and code in CODES:
                return code, size
    return "", 1.0
