"""Rows of a sheet of a workbook, read to the end whatever its writer said about its size, and never without a bound.

Rank 1. A workbook is a zip of XML files, and each can be broken in its own way; all of it is read inside one guard,
which turns what the zip or XML reader raises into an error with the file's name. Hidden rows and columns that hold
something are refused, and so are formulas without a value: a reader of the sheet does not see what would be read.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

from costeff.characters import visible
from costeff.errors import CosteffError, Place

_TRUE = ("1", "true")
_AGAIN = "open it in a spreadsheet and save it again as XLSX, or save the table as CSV UTF-8"


@dataclass(frozen=True)
class Limits:
    """The largest sheet that is read."""

    rows: int
    columns: int
    cells: int = 20_000_000
    """Empty ones between the first and the last of each row included."""
    bytes: int = 100 * 10**6
    """Of the workbook's parts, unpacked."""


class Workbook:
    """A workbook file and the class of error in which its faults are told; `shown` is how messages name the file."""

    def __init__(self, file: Path, error: type[CosteffError], file_name: str, limits: Limits) -> None:
        self.file, self.error, self.shown, self.limits = file, error, file_name, limits

    def rows(self, choose: Callable[[Any], Any]) -> tuple[str, list[tuple[int, Sequence[Any]]]]:
        """Name of the sheet that `choose` picks from the opened workbook, and its filled rows, each with its number.

        Raises `error` with the file for what is not a workbook, is too large or hides rows from the reader.
        """
        try:
            self._check_size()
            return self._read(choose)
        except CosteffError:
            raise
        except MemoryError as error:
            self.refuse("the workbook takes more memory than there is", None, "", _AGAIN, error)
        except Exception as error:  # the zip, XML and number readers below openpyxl raise all kinds
            rule = "a workbook as spreadsheets write it"
            self.refuse("not a readable XLSX file", _said(error), rule, _AGAIN, error)

    def _read(self, choose: Callable[[Any], Any]) -> tuple[str, list[tuple[int, Sequence[Any]]]]:
        import openpyxl

        book = openpyxl.load_workbook(self.file, data_only=True, read_only=True)
        try:
            sheet = choose(book)
            self._check_rows(sheet)
            # A writer may state fewer rows than it wrote; the reader then stops there. We read until the end.
            sheet.reset_dimensions()
            return str(sheet.title), list(self._filled(sheet))
        finally:
            book.close()

    def _filled(self, sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
        cells, most = 0, self.limits
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells += len(row)
            if cells > most.cells:
                rule = f"at most {most.cells:,} cells"
                self.refuse("the sheet has too many cells", f"more by row {number}", rule, _AGAIN)
            positions = [i for i, cell in enumerate(row) if cell is not None and str(cell).strip()]
            if positions and (number > most.rows or positions[-1] >= most.columns):
                at = f"row {number}, column {positions[-1] + 1}"
                rule = f"at most {most.rows:,} rows and {most.columns:,} columns"
                self.refuse("a cell lies outside the table", at, rule, "delete what is not part of it")
            if positions:
                yield number, ["" if cell is None else cell for cell in row[: most.columns]]

    def _check_size(self) -> None:
        """Refuse a workbook that unpacks to more than the limit, before anything is unpacked."""
        with zipfile.ZipFile(self.file) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > self.limits.bytes:
            rule = f"the parts of a workbook take at most {self.limits.bytes / 1e6:,.0f} MB unpacked"
            way_out = "delete what is not part of the table, or save it as CSV"
            self.refuse("the workbook is too large", f"{size / 1e6:,.1f} MB", rule, way_out)

    def _check_rows(self, sheet: Any) -> None:
        """Refuse rows that stand twice or out of order, of which openpyxl leaves out what does not follow on, and cells
        that nobody sees or that have no value."""
        last, hidden_columns = 0, set[int]()
        with zipfile.ZipFile(self.file) as archive, archive.open(sheet._worksheet_path) as part:
            for _, element in ET.iterparse(part, events=("end",)):
                kind = element.tag.rpartition("}")[2]
                if kind == "col" and element.get("hidden") in _TRUE:
                    first, end = int(element.get("min", 1)), int(element.get("max", 1))
                    hidden_columns |= set(range(first, min(end, self.limits.columns) + 1))
                if kind != "row":
                    continue
                number = int(element.get("r", last + 1))
                if number <= last:
                    rule = "rows stand once each, in the order of their numbers"
                    self.refuse("rows out of order", f"row {number} after row {last}", rule, _AGAIN)
                last = number
                self._check_cells(element, number, hidden_columns)
                element.clear()

    def _check_cells(self, row: ET.Element, number: int, hidden_columns: set[int]) -> None:
        """Refuse the first filled cell of a row that is hidden, or that holds a formula without its value."""
        at = 0
        for cell in row:
            name = cell.get("r", "")
            at = _column(name) if name else at + 1
            parts = {part.tag.rpartition("}")[2]: "".join(part.itertext()).strip() for part in cell}
            place = name or f"row {number}, column {at}"
            if "f" in parts and not parts.get("v"):
                rule = "a cell with a formula carries the value that a spreadsheet worked out"
                self.refuse(f"the formula in {place} has no value", f"={parts['f']}"[:80], rule, _AGAIN)
            if not (parts.get("v") or parts.get("is")):
                continue
            if row.get("hidden") in _TRUE or at in hidden_columns:
                what = f"row {number} is hidden" if row.get("hidden") in _TRUE else f"the column of {place} is hidden"
                rule = "what is read is what a reader of the sheet sees; filters hide rows too"
                way_out = "show it (clear the filter), or delete it, and save the workbook again"
                self.refuse(f"{what} and holds something", place, rule, way_out)

    def refuse(self, what: str, value: object, rule: str, way_out: str, cause: BaseException | None = None) -> NoReturn:
        """Raise the workbook's error with the file as its place."""
        raise self.error(what, where=Place(self.shown), value=value, rule=rule, way_out=way_out) from cause


def _column(cell: str) -> int:
    """The number of a cell's column, from 1.

    >>> _column("A1"), _column("AA12")
    (1, 27)
    """
    number = 0
    for letter in cell:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _said(error: Exception) -> str:
    """The first line of what a reader said, short; its class where it said nothing."""
    lines = visible(str(error)).splitlines() or [""]
    return lines[0][:120] or type(error).__name__
