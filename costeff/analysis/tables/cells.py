"""What single cells of a table say: a number, no number at all (a failed draw), or a text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from costeff.documents.numerals import FORMATS, read

_ERRORS = "#N/A #NA #DIV/0! #NUM! #VALUE! #REF! #NAME? #NULL! #I/T #DIVISION/0! #VÆRDI! #REFERENCE! #NAVN? #NUL!"
_MISSING = {"", "na", "n/a", "nan", "<na>", "nat", "null", *_ERRORS.lower().split()}
"""What programs write where a draw has no number; R, Excel in English and in Danish among them."""
_NOTHING = {"none", "nil", ".", "-", "--", "?"}
"""The same among numbers; among texts they are names like others."""
_ENDLESS = ("inf", "infinity")
_UNIT = r"(?:%|‰|kr\.?|dkk|eur|usd|gbp|sek|nok|€|\$|£|x|qalys?|years?|år|weeks?|uger?|days?|dage?|pct\.?|mio\.?|k|m)"
_QUANTITY = re.compile(rf"(?:{_UNIT}\s*)?[+\-−]?\d[\d.,' \u00a0\u202f_]*(?:{_UNIT})?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d.*)?|\d{1,2}:\d{2}(?::\d{2})?")
_NOT = {"false", "f", "no", "n", "nej", "falsk"}
_YES = {"true", "t", "yes", "y", "ja", "sand"}


def missing(cell: Any) -> bool:
    """Whether a cell says that there is no number: empty, NA, or an error of a spreadsheet.

    >>> [missing(cell) for cell in (None, " ", "NA", "#DIV/0!", float("nan"), 0, "usual")]
    [True, True, True, True, True, False, False]
    """
    if isinstance(cell, str):
        return cell.strip().lower() in _MISSING
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or bool(cell != cell)


def no_number(cell: Any) -> bool:
    """Whether a cell among numbers says that there is none.

    >>> no_number("-"), no_number("NA"), no_number("0")
    (True, True, False)
    """
    return missing(cell) or (isinstance(cell, str) and cell.strip().lower() in _NOTHING)


def endless(cell: str) -> bool:
    """Whether a text stands for an infinite number."""
    return cell.strip().lower().lstrip("+-") in _ENDLESS


def like_a_number(cell: str) -> bool:
    """Whether a text was meant as a number or a date, in whatever way it is written: then it is no name of a level.

    >>> [like_a_number(text) for text in ("12 %", "1_000", "kr. 5", "2026-01-01", "grade 3", "low")]
    [True, True, True, True, False, False]
    """
    text = cell.strip()
    return (
        any(read(text, form) is not None for form in FORMATS)
        or _QUANTITY.fullmatch(text) is not None
        or _DATE.fullmatch(text) is not None
    )


def told(cell: Any) -> str:
    """A cell as it is shown in a message.

    >>> told(1.5), told("1,5"), told(np.float64(2.0)), told(None), told("")
    ('1.5', "'1,5'", '2', 'empty', 'empty')
    """
    if cell is None or (isinstance(cell, str) and not cell):
        return "empty"
    if isinstance(cell, (float, np.floating)):
        return f"{cell:g}"
    return repr(cell) if isinstance(cell, str) else str(cell)


def truth(labels: set[str]) -> tuple[str, ...] | None:
    """The two levels of a yes/no parameter with `no` first, or None when the texts are something else.

    >>> truth({"TRUE", "FALSE"}), truth({"yes"}), truth({"high", "low"})
    (('FALSE', 'TRUE'), ('yes',), None)
    """
    if not all(label.lower() in _NOT | _YES for label in labels):
        return None
    return tuple(sorted(labels, key=lambda label: (label.lower() in _YES, label)))
