"""Rows of a sheet of a workbook, read to the end whatever its writer said about its size, and never without a bound.

Rank 1. A workbook is a zip of XML files, and each can be broken in its own way; all of it is read inside one guard,
which turns what the zip or XML reader raises into an error with the file's name. Hidden rows and columns are read like
others.
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

    def __init__(self, file: Path, error: type[CosteffError], shown: str, limits: Limits) -> None:
        self.file, self.error, self.shown, self.limits = file, error, shown, limits

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
            self._check_order(sheet)
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
            filled = [i for i, cell in enumerate(row) if cell is not None and str(cell).strip()]
            if filled and (number > most.rows or filled[-1] >= most.columns):
                at = f"row {number}, column {filled[-1] + 1}"
                rule = f"at most {most.rows:,} rows and {most.columns:,} columns"
                self.refuse("a cell lies outside the table", at, rule, "delete what is not part of it")
            if filled:
                yield number, ["" if cell is None else cell for cell in row[: most.columns]]

    def _check_size(self) -> None:
        """Refuse a workbook that unpacks to more than the limit, before anything is unpacked."""
        with zipfile.ZipFile(self.file) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > self.limits.bytes:
            rule = f"the parts of a workbook take at most {self.limits.bytes / 1e6:,.0f} MB unpacked"
            way_out = "delete what is not part of the table, or save it as CSV"
            self.refuse("the workbook is too large", f"{size / 1e6:,.1f} MB", rule, way_out)

    def _check_order(self, sheet: Any) -> None:
        """Refuse rows that stand twice or out of order: openpyxl leaves out whatever does not follow on."""
        last = 0
        with zipfile.ZipFile(self.file) as archive, archive.open(sheet._worksheet_path) as part:
            for _, element in ET.iterparse(part, events=("end",)):
                if not element.tag.endswith("}row"):
                    continue
                number = int(element.get("r", last + 1))
                if number <= last:
                    rule = "rows stand once each, in the order of their numbers"
                    self.refuse("rows out of order", f"row {number} after row {last}", rule, _AGAIN)
                last = number
                element.clear()

    def refuse(
        self, what: str, value: object, rule: str, way_out: str, cause: BaseException | None = None
    ) -> NoReturn:
        """Raise the workbook's error with the file as its place."""
        raise self.error(what, where=Place(self.shown), value=value, rule=rule, way_out=way_out) from cause


def _said(error: Exception) -> str:
    """The first line of what a reader said, short; its class where it said nothing."""
    lines = visible(str(error)).splitlines() or [""]
    return lines[0][:120] or type(error).__name__
