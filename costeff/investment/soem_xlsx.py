"""Rows of a SØM table in a workbook. Nothing of the sheet is lost without a word, whatever its writer said about it.

A workbook is a zip of XML files, and each can be broken in its own way; all of it is read inside one guard, which turns
what the zip or XML reader raises into an error with the file's name. Hidden rows and columns are read like the others.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

from costeff.characters import visible
from costeff.errors import CosteffError, Place, ScenarioError

SHEET = {"en": "SOEM", "da": "SØM"}
MOST_ROWS, MOST_COLUMNS = 100_000, 200
MOST_CELLS = 20_000_000  # empty ones between the first and the last of each row included
MOST_BYTES = 100 * 10**6  # of the workbook's parts, unpacked

_AGAIN = "open it in a spreadsheet and save it again as XLSX, or save the table as CSV UTF-8"


def xlsx_rows(file: Path) -> list[tuple[int, Sequence[Any]]]:
    """The filled rows of the sheet SOEM or SØM, else of the first visible one, each with its number.

    Raises ScenarioError with the file for what is not a workbook, is too large or hides rows from the reader.
    """
    try:
        _check_size(file)
        return list(_rows(file))
    except CosteffError:
        raise
    except MemoryError as error:
        _refuse(file, "the workbook takes more memory than there is", None, "", _AGAIN, error)
    except Exception as error:  # the zip, XML and number readers below openpyxl raise all kinds
        rule = "a workbook as spreadsheets write it"
        _refuse(file, "not a readable XLSX file", _said(error), rule, _AGAIN, error)


def _rows(file: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    import openpyxl

    book = openpyxl.load_workbook(file, data_only=True, read_only=True)
    try:
        sheet = _sheet(book, file)
        _check_order(file, sheet)
        # A writer may state fewer rows than it wrote; the reader then stops there. We read until the end.
        sheet.reset_dimensions()
        cells = 0
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells += len(row)
            if cells > MOST_CELLS:
                rule = f"at most {MOST_CELLS:,} cells"
                _refuse(file, "the sheet has too many cells", f"more by row {number}", rule, _AGAIN)
            filled = [i for i, cell in enumerate(row) if cell is not None and str(cell).strip()]
            if filled and (number > MOST_ROWS or filled[-1] >= MOST_COLUMNS):
                at = f"row {number}, column {filled[-1] + 1}"
                rule = f"at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns"
                _refuse(file, "a cell lies outside the table", at, rule, "delete what is not part of it")
            if filled:
                yield number, ["" if cell is None else cell for cell in row[:MOST_COLUMNS]]
    finally:
        book.close()


def _sheet(book: Any, file: Path) -> Any:
    """The sheet with the table: named SOEM or SØM, else the first that a reader of the workbook can see."""
    named = [name for name in SHEET.values() if name in book.sheetnames]
    if len(named) > 1:
        rule = "one table in a workbook"
        _refuse(file, "two sheets hold a table", ", ".join(named), rule, "delete or rename one of them")
    sheets = [book[name] for name in named or book.sheetnames if hasattr(book[name], "iter_rows")]
    seen = [sheet for sheet in sheets if named or sheet.sheet_state == "visible"]
    if not seen:
        rule = f"the table lies in the sheet {' or '.join(SHEET.values())}, else in the first visible one"
        _refuse(file, "no sheet to read", ", ".join(book.sheetnames), rule, "show the sheet, or name it so")
    return seen[0]


def _check_size(file: Path) -> None:
    """Refuse a workbook that unpacks to more than MOST_BYTES, before anything is unpacked."""
    with zipfile.ZipFile(file) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > MOST_BYTES:
        rule = f"the parts of a workbook take at most {MOST_BYTES / 1e6:,.0f} MB unpacked"
        way_out = "delete what is not part of the table, or save it as CSV"
        _refuse(file, "the workbook is too large", f"{size / 1e6:,.1f} MB", rule, way_out)


def _check_order(file: Path, sheet: Any) -> None:
    """Refuse rows that stand twice or out of order: openpyxl leaves out whatever does not follow on."""
    last = 0
    with zipfile.ZipFile(file) as archive, archive.open(sheet._worksheet_path) as part:
        for _, element in ET.iterparse(part, events=("end",)):
            if not element.tag.endswith("}row"):
                continue
            number = int(element.get("r", last + 1))
            if number <= last:
                rule = "rows stand once each, in the order of their numbers"
                _refuse(file, "rows out of order", f"row {number} after row {last}", rule, _AGAIN)
            last = number
            element.clear()


def _refuse(
    file: Path, what: str, value: object, rule: str, way_out: str, cause: BaseException | None = None
) -> NoReturn:
    place = Place(file.name)
    raise ScenarioError(what, where=place, value=value, rule=rule, way_out=way_out) from cause


def _said(error: Exception) -> str:
    """The first line of what a reader said, short; its class where it said nothing."""
    lines = visible(str(error)).splitlines() or [""]
    return lines[0][:120] or type(error).__name__
