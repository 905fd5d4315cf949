"""Columns of a table, each cell with its place: as texts, as numbers, or as the levels of a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.tables.cells import endless, like_a_number, missing, no_number, told, truth
from costeff.characters import RULE, WAY_OUT, banned, visible
from costeff.documents.numerals import DECIMAL_MARK, NEAR_ZERO, NEAR_ZERO_RULE, NEAR_ZERO_WAY_OUT, is_near_zero, read
from costeff.documents.table_numerals import table_format
from costeff.errors import Place, ResultError

Floats = NDArray[np.float64]
FINITE = "every draw has a finite cost, effect and parameter value for every strategy"
FAILED = "find out why the model failed there; leaving the draw out would bias the result"
MOST_LEVELS = 50
"""A parameter of texts has at most so many different ones, unless each stands in several draws."""
_PLAIN = frozenset("0123456789eE+-")
_TELLS = {
    form: re.compile(rf"(?:^|\n)[+-]?\d+{re.escape(mark)}(?:\d{{1,2}}|\d{{4,}})(?=\n|$)")
    for form, mark in DECIMAL_MARK.items()
}
"""A cell that is a number in one format only, for its decimals are no group of three."""


@dataclass
class Columns:
    """Named columns of equal length.

    Parameters
    ----------
    columns : mapping of names to cells
        Texts of a text file, typed cells of a workbook or a table in memory.
    rows : int
        Number of rows.
    file : str
        The file, or "" for a table in memory.
    lines : sequence of int, optional
        The line (or the row of a sheet) of each row.
    sheet : str
        The sheet of a workbook, whose `lines` are its rows.
    header : int
        The line of the header.
    mark : str
        What stands between the cells of a text file; "" where cells are typed.
    notes : list of str
        What was left out or taken for something on the way, for the reader of the result.
    index : tuple, optional
        Labels of the rows of a table in memory that has them without a name, other than 0, 1, ...
    labels : tuple of str
        Columns that were the named index of a table in memory.
    """

    columns: Mapping[str, Sequence[Any]]
    rows: int
    file: str = ""
    lines: Sequence[int] | None = None
    sheet: str = ""
    header: int = 1
    mark: str = ""
    notes: list[str] = field(default_factory=list)
    index: tuple[Any, ...] | None = None
    labels: tuple[str, ...] = ()
    form: str = "en"
    """How the numbers of a text table are written: en or da; told by `settle`."""

    def __post_init__(self) -> None:
        if not self.rows:
            raise ResultError("the table holds no rows", where=self.head(), way_out="give one row per draw")

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(self.columns)

    def head(self) -> Place | str:
        """Where the header stands."""
        if not self.file:
            return "the table"
        if self.sheet:
            return f"{self.file}, sheet '{self.sheet}', row {self.header}"
        return Place(self.file, self.header if self.lines is not None else None)

    def place(self, row: int, column: str) -> Place | str:
        """Where a cell stands: file and line, the row of a sheet, or the row (from 0) of a table in memory."""
        if self.lines is None:
            return f"{self.file or 'the table'}, row {row}, column '{column}'"
        if self.sheet:
            return f"{self.file}, sheet '{self.sheet}', row {self.lines[row]}, column '{column}'"
        return Place(self.file, self.lines[row])

    def without(self, names: Iterable[str]) -> Columns:
        """The table without some columns."""
        left_out = set(names)
        columns = {name: cells for name, cells in self.columns.items() if name not in left_out}
        return self._with(columns, self.rows, self.lines, self.index)

    def renamed(self, names: Mapping[str, str]) -> Columns:
        """The table with some columns under other names."""
        columns = {names.get(name, name): cells for name, cells in self.columns.items()}
        return self._with(columns, self.rows, self.lines, self.index)

    def chosen(self, rows: Sequence[int]) -> Columns:
        """The table of some rows."""
        columns = {
            name: cells.take(rows) if hasattr(cells, "take") else [cells[row] for row in rows]  # keeps categories
            for name, cells in self.columns.items()
        }
        lines = None if self.lines is None else [self.lines[row] for row in rows]
        index = None if self.index is None else tuple(self.index[row] for row in rows)
        return self._with(columns, len(rows), lines, index)

    def _with(self, columns: dict[str, Any], rows: int, lines: Any, index: Any) -> Columns:
        return Columns(
            columns,
            rows,
            self.file,
            lines,
            self.sheet,
            self.header,
            self.mark,
            list(self.notes),
            index,
            self.labels,
            self.form,
        )

    def settle(self, names: Iterable[str]) -> None:
        """Tell how the numbers of these columns are written; those of others, such as names, tell nothing."""
        if not self.mark:
            return
        cells = {name: "\n".join(self.columns[name]) for name in names}
        form = _plainly(list(cells.values()), self.mark)
        if form is None:
            cell_places = [
                [(self.place(row, name), cell) for row, cell in enumerate(self.columns[name])] for name in cells
            ]
            form = table_format(cell_places, self.mark, ResultError)
        self.form = form

    def texts(self, name: str) -> list[str]:
        """The column as texts without surrounding blanks; empty cells are refused."""
        cells = ["" if missing(cell) else str(cell).strip() for cell in self.columns[name]]
        for row, cell in enumerate(cells):
            if not cell:
                raise ResultError(
                    f"column '{name}' has an empty cell",
                    where=self.place(row, name),
                    value=told(self.columns[name][row]),
                    way_out="fill it, or leave the column out",
                )
            if banned(cell):
                raise ResultError(
                    f"column '{name}' has a character that no text may hold, {banned(cell)}",
                    where=self.place(row, name),
                    value=visible(cell)[:80],
                    rule=RULE,
                    way_out=WAY_OUT,
                )
        return cells

    def numbers(self, name: str) -> Floats:
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
            more = f"; {wrong.size} such cells in the column" if wrong.size > 1 else ""
            raise ResultError(
                f"column '{name}' holds a number that is missing or not finite",
                where=self.place(row, name),
                value=f"{told(column[row])}{more}",
                rule=FINITE,
                way_out=f"{FAILED}; a column that is no part of the analysis is named in ignore=",
            )
        self._refuse_near_zero(name, values)
        return values

    def _refuse_near_zero(self, name: str, values: Floats) -> None:
        """Raise ResultError for a text that is no 0 and was read as one."""
        for row in map(int, np.flatnonzero(values == 0)) if self.mark else ():
            if is_near_zero(self.columns[name][row], 0.0):
                raise ResultError(
                    f"column '{name}': {NEAR_ZERO}",
                    where=self.place(row, name),
                    value=told(self.columns[name][row]),
                    rule=NEAR_ZERO_RULE,
                    way_out=NEAR_ZERO_WAY_OUT,
                )

    def _parsed(self, name: str) -> Floats:
        column = self.columns[name]
        if self.mark:
            decimal = DECIMAL_MARK[self.form]
            plain = _PLAIN | {decimal}
            try:
                if all(plain.issuperset(cell) for cell in column):
                    return np.asarray([cell.replace(decimal, ".") for cell in column], dtype=np.float64)
            except ValueError:
                pass  # an empty cell, or signs in a wrong place: told below with its place
        numbers = np.empty(self.rows)
        for row, cell in enumerate(column):
            number = self._number(cell)
            if number is None:
                raise self._no_number(name, row, cell)
            numbers[row] = number
        return numbers

    def _number(self, cell: Any) -> float | None:
        """The number of a cell, NaN for a missing one, None for what is no number."""
        if no_number(cell):
            return float("nan")
        if isinstance(cell, (bool, np.bool_, complex, np.complexfloating)):
            return None  # float() would take these
        if isinstance(cell, str):
            if not self.mark:
                return None  # numbers kept as text have been read wrongly
            return float(cell) if endless(cell) else read(cell, self.form)
        try:
            return float(cell)
        except (TypeError, ValueError, OverflowError):
            return None

    def _no_number(self, name: str, row: int, cell: Any) -> ResultError:
        kept_as_text = isinstance(cell, str) and not self.mark and read(cell, "en") is not None
        way_out = "correct the cell, or name the column in ignore="
        if kept_as_text:
            way_out = "turn the texts of the column into numbers (this cell is kept as text), or name it in ignore="
        return ResultError(
            f"column '{name}' holds a cell that is not a number",
            where=self.place(row, name),
            value=told(cell),
            rule="costs, effects and parameters are numbers, written in one way throughout the table; a parameter "
            "whose cells are all texts has levels",
            way_out=way_out,
        )

    def levels(self, name: str) -> tuple[Floats, tuple[str, ...] | None]:
        """A parameter as numbers; as codes 0, 1, ... with the names of its levels when its cells are texts or yes/no.

        Yes/no has `no` first; an ordered pandas category keeps its order, other texts come in that of the alphabet.
        Raises ResultError when texts stand among numbers, for a missing cell, and for texts that were meant as numbers.
        """
        column = self.columns[name]
        kind = getattr(getattr(column, "dtype", None), "kind", "O")
        if kind in "iuf" or not self._of_texts(column):
            return self.numbers(name), None
        texts = [str(cell).strip() for cell in column]
        for row, cell in enumerate(column):
            if missing(cell):
                raise ResultError(
                    f"parameter '{name}' has no value in a draw",
                    where=self.place(row, name),
                    value=told(cell),
                    rule="a parameter of texts has one of its levels in every draw",
                    way_out=FAILED,
                )
            if isinstance(cell, str) and like_a_number(cell):
                raise self._no_number(name, row, cell)
        self.texts(name)  # refuses characters that no text may hold
        distinct = set(texts)
        categories = getattr(getattr(column, "dtype", None), "categories", None)
        if categories is not None:
            labels = tuple(str(category).strip() for category in categories if str(category).strip() in distinct)
        else:
            labels = truth(distinct) or tuple(sorted(distinct, key=lambda text: (text.casefold(), text)))
        if len(labels) > MOST_LEVELS and 2 * len(labels) > self.rows:
            raise ResultError(
                f"column '{name}' holds texts that are nearly all different",
                where=self.place(0, name),
                value=f"{len(labels)} different texts in {self.rows} rows, such as {told(texts[0])}",
                rule="a parameter of texts has a few levels, each of which stands in several draws",
                way_out="name the column in ignore=",
            )
        code = {label: float(i) for i, label in enumerate(labels)}
        return np.array([code[text] for text in texts]), labels

    def _of_texts(self, column: Sequence[Any]) -> bool:
        """Whether no cell that is there is a number."""
        first = next((cell for cell in column if not missing(cell)), None)
        if not isinstance(first, (bool, np.bool_, str)) or (
            isinstance(first, str) and (endless(first) or read(first, self.form) is not None)
        ):
            return False
        there = [cell for cell in column if not missing(cell)]
        return all(isinstance(cell, (bool, np.bool_)) for cell in there) or all(
            isinstance(cell, str) and not endless(cell) and read(cell, self.form) is None for cell in there
        )


def _plainly(columns: Sequence[str], mark: str) -> str | None:
    """The format of numbers where it is plain at a glance: one decimal sign in the whole table, at most once in a cell.

    `columns` are the cells of each, one in a line. None where cells must be looked at one by one.
    """
    for form, decimal in DECIMAL_MARK.items():
        other = "," if decimal == "." else "."
        if any(other in cells for cells in columns):
            continue
        with_decimals = [cells for cells in columns if decimal in cells]
        twice = re.compile(rf"{re.escape(decimal)}[^\n]*{re.escape(decimal)}")
        telling = [bool(_TELLS[form].search(cells)) for cells in with_decimals]
        enough = all if mark == ";" and form == "en" else any
        if with_decimals and enough(telling) and not any(twice.search(cells) for cells in with_decimals):
            return form
    return None
