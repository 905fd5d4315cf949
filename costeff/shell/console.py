"""Terminals and pipes that cannot show every character, as on Windows with code page 1252: the nearest plain one."""

from __future__ import annotations

import codecs
import sys
import unicodedata

PLAIN = {
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u202f": " ",
    "\u2009": " ",
    "\u00a0": " ",
    "\u2264": "<=",
    "\u2265": ">=",
}
"""What stands in the place of characters of our own texts."""
_NAME = "costeff_plain"


def plain_text(text: str) -> str:
    """Each character as its plain one, letters without their marks, and a question mark where there is none.

    >>> plain_text("\u22123\u202f%"), plain_text("ő"), plain_text("\u6f22")
    ('-3 %', 'o', '?')
    """
    texts = (PLAIN.get(one) or unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode() for one in text)
    return "".join(text or "?" for text in texts)


def show_what_can_be_shown() -> None:
    """Let standard output and error write a plain character where their encoding lacks one, and not stop."""

    def nearest(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return plain_text(error.object[error.start : error.end]), error.end

    codecs.register_error(_NAME, nearest)
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
        if hasattr(stream, "reconfigure") and encoding not in ("", "utf8"):
            stream.reconfigure(errors=_NAME)
