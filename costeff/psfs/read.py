"""Reads a table of PSFS scores: a CSV file with a person, a group, a conversation and a score in each row."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from costeff.documents.numerals import read, whole
from costeff.documents.table_numerals import separator, table_format
from costeff.errors import Place, ResultError
from costeff.psfs.response import COLUMNS

MOST_ROWS = 1_000_000


def read_scores(file: str | Path) -> pd.DataFrame:
    """The scores of a file; empty scores are conversations without one.

    Raises
    ------
    ResultError
        With file and line, for a file that cannot be read, a column that is not there, and a cell that is no number.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        way_out = "name a CSV file in UTF-8"
        raise ResultError("the scores cannot be read", where=str(file), rule=str(error), way_out=way_out) from error
    mark = separator(lines[0]) if lines else ","
    rows = list(csv.reader(lines, delimiter=mark))
    names = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in names]
    if missing or len(rows) > MOST_ROWS:
        raise ResultError(
            "the table of scores lacks columns" if missing else "the table of scores is too long",
            where=Place(str(file), 1),
            value=", ".join(missing) or len(rows),
            rule=f"columns: {', '.join(COLUMNS)}; at most {MOST_ROWS:,} rows",
            way_out="rename the columns, or add them" if missing else "divide the table",
        )
    at = {name: names.index(name) for name in COLUMNS}
    table = [(Place(str(file), line), row) for line, row in enumerate(rows[1:], 2) if any(map(str.strip, row))]
    for place, row in table:
        if len(row) != len(names):
            way_out = "complete the row"
            raise ResultError(
                "a row is not whole", where=place, value=len(row), rule=f"{len(names)} cells", way_out=way_out
            )
    form = table_format([[(place, row[at["score"]]) for place, row in table]], mark, ResultError)
    return pd.DataFrame(
        {
            "person": [row[at["person"]].strip() for _, row in table],
            "group": [row[at["group"]].strip() for _, row in table],
            "conversation": [_number(place, row[at["conversation"]], form, counts=True) for place, row in table],
            "score": [_number(place, row[at["score"]], form) for place, row in table],
        }
    )


def _number(place: Place, text: str, form: str, *, counts: bool = False) -> float:
    if not text.strip() and not counts:
        return float("nan")
    value = whole(text, form) if counts else read(text, form)
    if value is None:
        rule = "a whole number: 1, 2, ..." if counts else "a number from 0 to 10"
        raise ResultError("a cell is no number", where=place, value=text, rule=rule, way_out="correct the cell")
    return float(value)
