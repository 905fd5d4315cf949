"""Columns of a table from anywhere: a text file, a workbook, a Parquet file, a DataFrame."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.analysis.tables.columns import Columns
from costeff.analysis.tables.header import check_header, counts_rows, tidy
from costeff.analysis.tables.text import text_table
from costeff.bundled import plain_file
from costeff.documents.sheets import Limits, Workbook
from costeff.errors import MissingExtraError, Place, ResultError

if TYPE_CHECKING:
    import pandas as pd

TEXT, PARQUET, SHEETS = (".csv", ".tsv", ".txt"), (".parquet", ".pq"), (".xlsx", ".xlsm")
ENDINGS = (*TEXT, *PARQUET, *SHEETS)
"""Endings of the files that are read as tables."""
_LIMITS = Limits(rows=1_048_576, columns=16_384, bytes=500 * 10**6)


def read_columns(source: Any, sheet: str | None = None, encoding: str | None = None) -> Columns:
    """Columns of a path or a DataFrame; `sheet` names one of a workbook, `encoding` that of a text.

    Raises ResultError, MissingExtraError.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        ending = path.suffix.lower()
        if ending not in ENDINGS:
            raise ResultError(
                "unknown kind of table",
                value=str(source),
                rule=f"files end in {', '.join(ENDINGS)}",
                way_out="save the table as CSV UTF-8" + (" or as .xlsx" if ending in (".xls", ".ods", ".xlsb") else ""),
            )
        path = plain_file(source, ResultError)
        if sheet is not None and ending not in SHEETS:
            raise ResultError(
                "only a workbook has sheets", where=Place(str(path)), value=sheet, way_out="leave out sheet="
            )
        if ending in SHEETS:
            return _sheet(path, sheet)
        return _parquet(path) if ending in PARQUET else text_table(path, encoding)
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return _frame(source, "")
    raise ResultError(
        "this is not a PSA table",
        value=type(source).__name__,
        rule="read_psa takes a path, a pandas DataFrame or an xarray Dataset",
        way_out="make it one of these",
    )


def _sheet(path: Path, sheet: str | None) -> Columns:
    """The sheet that is asked for, or the only visible one that holds cells."""
    workbook = Workbook(path, ResultError, str(path), _LIMITS)

    def chosen(book: Any) -> Any:
        sheets = [book[name] for name in book.sheetnames if hasattr(book[name], "iter_rows")]
        if sheet is not None:
            matches = [one for one in sheets if one.title == sheet]
            if not matches:
                workbook.refuse(
                    "the workbook has no such sheet",
                    sheet,
                    f"sheets: {', '.join(book.sheetnames)}",
                    "correct the name in sheet=",
                )
            return matches[0]
        visible_sheets = [one for one in sheets if one.sheet_state == "visible"]
        full = [
            one
            for one in visible_sheets
            if any(cell is not None for row in one.iter_rows(values_only=True) for cell in row)
        ]
        if len(full) != 1:
            workbook.refuse(
                "the workbook has several sheets" if full else "the workbook has no visible sheet with cells",
                ", ".join(one.title for one in full) or None,
                "the only visible sheet that is not empty is the table",
                "name the sheet of the table in sheet=",
            )
        return full[0]

    name, records = workbook.rows(chosen)
    notes: list[str] = []
    header, rows = tidy([(line, list(cells)) for line, cells in records], str(path), name, notes)
    names = header.names
    blank_column = names.index("") if "" in names else None
    rows = [(line, [*cells, *[None] * (len(names) - len(cells))]) for line, cells in rows]
    place = f"{path}, sheet '{name}', row {header.line}"
    for line, cells in rows:
        if len(cells) > len(names):
            raise ResultError(
                "a row has more cells than the header",
                where=f"{path}, sheet '{name}', row {line}",
                value=cells[-1],
                rule=f"{len(names)} cells",
                way_out="name the column, or delete the cell",
            )
    check_header(names, place, blank_column is not None and counts_rows([cells[blank_column] for _, cells in rows]))
    columns = {column: [cells[i] for _, cells in rows] for i, column in enumerate(names)}
    lines = [line for line, _ in rows]
    notes.insert(0, f"sheet '{name}'")
    return Columns(columns, len(rows), str(path), lines, sheet=name, header=header.line, notes=notes)


def _parquet(path: Path) -> Columns:
    import pandas as pd

    try:
        import_module("pyarrow")
    except ImportError as error:
        raise MissingExtraError(
            "reading Parquet needs pyarrow", where=Place(str(path)), way_out="pip install 'costeff[data]'"
        ) from error
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise ResultError(
            "the file is not a Parquet table",
            where=Place(str(path)),
            rule=str(error).splitlines()[0],
            way_out="write it again, for example by DataFrame.to_parquet",
        ) from error
    return _frame(frame, str(path))


def _frame(frame: pd.DataFrame, file: str) -> Columns:
    """A table in memory. Levels of its index that have a name are columns; labels without one are kept beside."""
    import pandas as pd

    place: Place | str = Place(file) if file else "the table"
    names = [_joined(name) for name in frame.columns]
    columns = {name: frame.iloc[:, i].array for i, name in enumerate(names)}
    notes: list[str] = []
    index, levels = None, list[str]()
    if all(name is not None for name in frame.index.names):
        levels = [str(name) for name in frame.index.names]
        columns = {level: frame.index.get_level_values(i).array for i, level in enumerate(levels)} | columns
        names = [*levels, *names]
        notes.append(f"the index is the column{'s' if len(levels) > 1 else ''} {', '.join(levels)}")
    elif frame.index.nlevels > 1:
        raise ResultError(
            "the index has levels without a name",
            where=place,
            value=", ".join(map(str, frame.index.names)),
            rule="levels of an index are columns, such as draw and strategy",
            way_out="name them: table.index.names = [...]",
        )
    elif not frame.index.equals(pd.RangeIndex(len(frame))):
        index = tuple(frame.index.tolist())
    check_header(names, place, "" in columns and counts_rows(list(columns[""])))
    return Columns(dict(columns), len(frame), file, notes=notes, index=index, labels=tuple(levels))


def _joined(name: Any) -> str:
    """The name of a column; levels of a name are joined, as ("cost", "A") to cost_A."""
    if isinstance(name, tuple):
        return "_".join(str(part) for part in name if str(part))
    return str(name)
