"""Rows of a SØM table in a workbook. Nothing of the sheet is lost without a word, whatever its writer said about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from costeff.documents.sheets import Limits, Workbook
from costeff.errors import ScenarioError

SHEET = {"en": "SOEM", "da": "SØM"}
_LIMITS = Limits(rows=100_000, columns=200)


def xlsx_rows(file: Path) -> list[tuple[int, Sequence[Any]]]:
    """The filled rows of the sheet SOEM or SØM, else of the first visible one, each with its number.

    Raises ScenarioError with the file for what is not a workbook, is too large or hides rows from the reader.
    """
    workbook = Workbook(file, ScenarioError, file.name, _LIMITS)

    def chosen(book: Any) -> Any:
        """The sheet with the table: named SOEM or SØM, else the first that a reader of the workbook can see."""
        sheet_names = [name for name in SHEET.values() if name in book.sheetnames]
        if len(sheet_names) > 1:
            rule = "one table in a workbook"
            workbook.refuse("two sheets hold a table", ", ".join(sheet_names), rule, "delete or rename one of them")
        sheets = [book[name] for name in sheet_names or book.sheetnames if hasattr(book[name], "iter_rows")]
        candidates = [sheet for sheet in sheets if sheet_names or sheet.sheet_state == "visible"]
        if not candidates:
            rule = f"the table lies in the sheet {' or '.join(SHEET.values())}, else in the first visible one"
            workbook.refuse("no sheet to read", ", ".join(book.sheetnames), rule, "show the sheet, or name it so")
        return candidates[0]

    return workbook.rows(chosen)[1]
