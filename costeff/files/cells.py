"""Cells of CSV files that a spreadsheet would execute are written with an apostrophe in front, and read without it.

Rank 0: imports nothing from costeff. Spreadsheets take a cell that begins with = + - @, a tab or a return for a
formula, which can fetch addresses and start programs. Numbers stay as they are. What is written by `guarded` is read
back by `unguarded`, letter for letter.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROWS = 4096  # rows that are made into text at a time
_STARTS = "=+\\-@\t\r\n＝＋－＠−"
_FORMULA = re.compile(f"'*[{_STARTS}]")
_GUARD = re.compile(f"'+[{_STARTS}]")
_NUMBER = re.compile(r"[+-]?(\d[\d.,]*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)")


def guarded(cell: Any) -> Any:
    """A cell as it is written: text that a spreadsheet would execute gets an apostrophe in front.

    >>> [guarded(cell) for cell in ("=1+1", "-2+3", "-2.5", "a=b", -2.5)]
    ["'=1+1", "'-2+3", '-2.5', 'a=b', -2.5]
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unguarded(cell: Any) -> Any:
    """A cell as it was before `guarded`.

    >>> unguarded(guarded("@SUM(1)")), unguarded(guarded("'=x")), unguarded("'tis")
    ('@SUM(1)', "'=x", "'tis")
    """
    if isinstance(cell, str) and _GUARD.match(cell):
        return cell[1:]
    return cell


def csv_text(frame: pd.DataFrame, **form: Any) -> str:
    """A table as CSV, text cells and headings guarded; `form` goes to `DataFrame.to_csv` (without its row numbers).

    >>> import pandas as pd
    >>> csv_text(pd.DataFrame({"label": ["=1+1"], "value": [-1.5]}), lineterminator="|")
    "label,value|'=1+1,-1.5|"
    """
    safe_frame = frame.copy(deep=False)
    for position, kind in enumerate(frame.dtypes):
        if not hasattr(kind, "kind") or kind.kind not in "biufcmM":  # only text can be a formula
            safe_frame.isetitem(position, [guarded(cell) for cell in frame.iloc[:, position]])
    safe_frame.columns = [guarded(name) for name in frame.columns]
    return str(safe_frame.to_csv(index=False, **form))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV (UTF-8, a newline after each row), some rows at a time, so that no text of it all is made.

    >>> import pandas as pd, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.csv"
    >>> write_csv(pd.DataFrame({"label": ["=1+1", "b"], "value": [-1.5, 2.0]}), path)
    >>> path.read_text().split()
    ['label,value', "'=1+1,-1.5", 'b,2.0']
    """
    with path.open("wb") as file:
        for low in range(0, max(len(frame), 1), ROWS):
            text = csv_text(frame.iloc[low : low + ROWS], header=low == 0, lineterminator="\n")
            file.write(text.encode())
