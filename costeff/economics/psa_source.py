"""Columns of a table from anywhere (CSV, Parquet, DataFrame), each cell with its place, for read_psa."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.bundled import plain_file
from costeff.cells import unguarded
from costeff.characters import RULE, WAY_OUT, banned, visible
from costeff.errors import MissingExtraError, Place, ResultError
from costeff.numerals import read, separator, table_format

if TYPE_CHECKING:
    import pandas as pd

FINITE = "every draw has a finite cost, effect and parameter value for every strategy"
FAILED = "find out why the model failed there; leaving the draw out would bias the result"
_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".pq")


class Columns:
    """Named columns of equal length; `file` is empty for a table in memory, else `lines` are its lines."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        rows: int,
        file: str = "",
        lines: Sequence[int] | None = None,
    ) -> None:
        self.columns, self.rows, self.file, self.lines = columns, rows, file, lines
        self.form = "en"
        """How the numbers of a text table are written: en or da."""
        if not rows:
            raise ResultError("the table holds no rows", where=self.head(), way_out="give one row per draw")

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(self.columns)

    def head(self) -> Place | str:
        """Where the header stands."""
        return Place(self.file, 1 if self.lines is not None else None) if self.file else "the table"

    def place(self, row: int, column: str) -> Place | str:
        """Where a cell stands: file and line, or the row (from 0) of a table in memory."""
        if self.lines is not None:
            return Place(self.file, self.lines[row])
        return f"{self.file or 'the table'}, row {row}, column '{column}'"

    def texts(self, name: str) -> list[str]:
        """The column as text without surrounding blanks; empty cells are refused."""
        cells = ["" if cell is None else str(cell).strip() for cell in self.columns[name]]
        for row, cell in enumerate(cells):
            if not cell or cell.lower() in ("nan", "<na>"):
                raise ResultError(
                    f"column '{name}' has an empty cell", where=self.place(row, name),
                    way_out="fill it, or leave the column out",
                )  # fmt: skip
            if banned(cell):
                raise ResultError(
                    f"column '{name}' has a character that no text may hold, {banned(cell)}",
                    where=self.place(row, name), value=visible(cell)[:80], rule=RULE, way_out=WAY_OUT,
                )  # fmt: skip
        return cells

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as finite numbers, (row,); ResultError with place, value and remedy for any other cell."""
        column = self.columns[name]
        kind = getattr(getattr(column, "dtype", None), "kind", "O")
        try:
            values = np.asarray(column, np.float64) if kind in "iuf" else self._parsed(name)
        except (TypeError, ValueError):  # an extension array with missing values
            values = self._parsed(name)
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            row = int(wrong[0])
            raise ResultError(
                f"column '{name}' holds a number that is missing or not finite",
                where=self.place(row, name), value=column[row],
                rule=FINITE, way_out=FAILED,
            )  # fmt: skip
        return values

    def _parsed(self, name: str) -> NDArray[np.float64]:
        made = np.empty(self.rows)
        for row, cell in enumerate(self.columns[name]):
            try:
                if isinstance(cell, (bool, np.bool_, complex, np.complexfloating)):
                    raise ValueError  # float() would take these
                if isinstance(cell, str) and self.lines is None:
                    raise ValueError  # numbers kept as text have been read wrongly
                made[row] = _number(cell, self.form) if isinstance(cell, str) else float(cell)
            except (TypeError, ValueError):
                raise ResultError(
                    f"column '{name}' holds a cell that is not a number",
                    where=self.place(row, name), value=repr(cell),
                    rule="costs, effects and parameters are numbers, written in one way throughout the table",
                    way_out="correct the cell, or name the column in ignore=",
                ) from None  # fmt: skip
        return made


def read_columns(source: Any) -> Columns:
    """Columns of a path (.csv, .tsv, .txt, .parquet) or a DataFrame. Raises ResultError, MissingExtraError."""
    if isinstance(source, (str, os.PathLike)):
        if Path(source).suffix.lower() not in _ENDINGS:
            raise ResultError(
                "unknown kind of table", value=str(source), rule=f"files end in {', '.join(_ENDINGS)}",
                way_out="save the table as CSV UTF-8",
            )  # fmt: skip
        path = plain_file(source, ResultError)
        return _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _text(path)
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return _frame(source, "")
    raise ResultError(
        "this is not a PSA table", value=type(source).__name__,
        rule="read_psa takes a path, a pandas DataFrame or an xarray Dataset",
        way_out="make it one of these",
    )  # fmt: skip


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
            "the file is not a Parquet table", where=Place(str(path)), rule=str(error).splitlines()[0],
            way_out="write it again, for example by DataFrame.to_parquet",
        ) from error  # fmt: skip
    return _frame(frame, str(path))


def _frame(frame: pd.DataFrame, file: str) -> Columns:
    names = [str(name) for name in frame.columns]
    _check_header(names, Place(file) if file else "the table")
    columns = {name: frame.iloc[:, i].array for i, name in enumerate(names)}
    return Columns(columns, len(frame), file)


def _check_header(names: Sequence[str], where: Place | str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ResultError(
            "column names are not unique",
            where=where,
            value=", ".join(twice),
            way_out="rename or leave out one",
        )
    strange = [name for name in names if banned(name)]
    if strange:
        raise ResultError(
            f"a column name has a character that no text may hold, {banned(strange[0])}", where=where,
            value=visible(strange[0])[:80], rule=RULE, way_out=WAY_OUT,
        )  # fmt: skip
    if not all(names):
        raise ResultError(
            "a column has no name", where=where, value=list(names),
            way_out="name it or leave it out; R's row names by write.csv(..., row.names = FALSE)",
        )  # fmt: skip


def _text(path: Path) -> Columns:
    """A text table: tabs, semicolons or commas between cells; decimal points or commas, as its cells tell."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            mark = separator(first)
            reader = csv.reader(lines, delimiter=mark)
            header = [unguarded(name.strip()) for name in next(reader, [])]
            _check_header(header, Place(str(path), 1))
            rows, numbers = [], []
            for row in reader:
                if row and len(row) != len(header):
                    raise ResultError(
                        "a row has another number of cells than the header",
                        where=Place(str(path), reader.line_num), value=len(row),
                        rule=f"{len(header)} cells, separated by {mark!r}",
                        way_out="a table with decimal commas is separated by semicolons or tabs",
                    )  # fmt: skip
                if row:
                    rows.append([unguarded(cell) for cell in row])
                    numbers.append(reader.line_num)
    except csv.Error as error:
        raise ResultError(
            "the table cannot be read", where=Place(str(path), reader.line_num), value=str(error),
            rule="a cell is a name or a number; one with a quote or line break stands in double quotes",
            way_out="correct the cell",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise ResultError(
            "the file is not written in UTF-8", where=Place(str(path)), rule=str(error),
            way_out="save it as 'CSV UTF-8'",
        ) from error  # fmt: skip
    columns = {name: list(cells) for name, cells in zip(header, zip(*rows, strict=True), strict=False)}
    table = Columns(columns, len(rows), str(path), numbers)
    written = [
        [(table.place(row, name), cell) for row, cell in enumerate(cells)]
        for name, cells in columns.items()
        if name != "strategy"  # a name that looks like a number tells nothing about numbers
    ]
    table.form = table_format(written, mark, ResultError)
    return table


def _number(cell: str, form: str) -> float:
    """The number of a cell; what a program writes for a missing or endless number is left to the caller."""
    if cell.strip().lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return float(cell)
    number = read(cell, form)
    if number is None:
        raise ValueError
    return number
