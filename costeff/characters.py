"""Characters that a text may not hold, because they act on a terminal or turn the order of what is read.

Rank 0: imports nothing from costeff. A title with an escape sequence colours or clears the reader's terminal; a
right-to-left mark shows the digits of an amount in another order than they are computed with.
"""

from __future__ import annotations

import re

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_TURNING = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_LINES = "\u2028\u2029"
_BANNED_CHARACTER = re.compile(f"[{_CONTROL}{_TURNING}{_LINES}]")

RULE = "a text holds no control characters and none that turn its direction"
WAY_OUT = "delete the character, or write the text anew"


def banned(text: str) -> str | None:
    r"""Code of the first character that no text may hold, or None. Tabs and ends of lines are allowed.

    >>> banned("a\x1b[31mb"), banned("1\u202e2"), banned("løn\n")
    ('U+001B', 'U+202E', None)
    """
    match = _BANNED_CHARACTER.search(text)
    return f"U+{ord(match[0]):04X}" if match else None


def visible(text: str) -> str:
    r"""The text with each banned character written as its code, fit for a terminal.

    >>> print(visible("red\x1b[31m"))
    red<U+001B>[31m
    """
    return _BANNED_CHARACTER.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)
