"""The workbook being written: its sheets by key, formats, protection, and addresses of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import currency_name
from costeff.reporting.workbook.content import WorkbookContent

SHEETS = (
    "board",
    "result",
    "table_a",
    "budget",
    "prices",
    "derived",
    "units",
    "levels",
    "counted",
    "counted_pv",
    "cells",
    "cells_pv",
    "flows",
    "flows_pv",
    "simulation",
)
_INK, _GREY, _YELLOW, _HEAD = "#1A1A1A", "#EDEDED", "#FFF7CC", "#DCE9F3"


class Book:
    """One workbook in one language; nothing in it is computed twice: every address is kept where it was written."""

    def __init__(self, workbook: Any, content: WorkbookContent, language: str) -> None:
        from costeff.reporting.workbook.sheet import Sheet

        self.workbook, self.content, self.language = workbook, content, language
        needs = {"table_a": content.areas, "levels": content.areas, "board": content.answers}
        keys = [key for key in SHEETS if needs.get(key, True)]
        self.sheets = {key: workbook.add_worksheet(self.sheet_name(key), Sheet) for key in keys}
        self.cells: list[dict[str, str]] = [
            {name: repr(float(value)) for name, value in content.constants.items()} for _ in content.blocks
        ]
        """Per block: the address of each name that formulas may use, or its number."""
        self.at: dict[str, Any] = {}
        """Addresses that one sheet leaves for others."""
        self._formats: dict[tuple[object, ...], Any] = {}
        for sheet in self.sheets.values():
            self._dress(sheet)

    def _dress(self, sheet: Any) -> None:
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_default_row(15)
        sheet.protect(
            "", {"format_columns": True, "format_rows": True, "select_locked_cells": True, "autofilter": True}
        )

    def term(self, key: str, **values: object) -> str:
        """Words in the workbook's language."""
        return say(f"book_{key}", self.language, **values)

    def said(self, label: Label) -> str:
        """A label in the workbook's language."""
        return label[self.language]

    def sheet_name(self, key: str) -> str:
        """The name on the tab."""
        return self.term(f"sheet_{key}")

    @property
    def currency(self) -> str:
        """The currency as readers of the language write it."""
        return currency_name(self.content.currency, self.language)

    @property
    def whole(self) -> str:
        """The number format of whole kroner."""
        return f"{say('excel_locale', self.language)}#,##0"

    def format(self, kind: str = "", **more: Any) -> Any:
        """A cell format: '' text, 'head', 'title', 'wrap', 'money', 'whole', 'number' or 'given' (may be changed)."""
        key = (kind, *sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(self._look(kind) | more)
        return self._formats[key]

    def _look(self, kind: str) -> dict[str, Any]:
        base: dict[str, Any] = {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "valign": "top"}
        prefix = say("excel_locale", self.language)  # numbers are of its language wherever it is opened
        kinds: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 14},
            "head": {"bold": True, "bg_color": _HEAD, "bottom": 1, "text_wrap": True, "valign": "bottom"},
            "wrap": {"text_wrap": True},
            "money": {"num_format": f"{prefix}#,##0.00;[Red]-#,##0.00;0.00"},
            "whole": {"num_format": f"{prefix}#,##0;[Red]-#,##0;0"},
            "number": {"num_format": f"{prefix}#,##0.######"},
            "given": {"num_format": f"{prefix}#,##0.######", "bg_color": _YELLOW, "border": 1, "locked": False},
            "grey": {"num_format": f"{prefix}#,##0.######", "bg_color": _GREY},
        }
        return base | kinds.get(kind, {})

    def head(self, key: str, title: str, *lines: str) -> int:
        """Title and lines at the top of a sheet; the next free row."""
        sheet = self.sheets[key]
        sheet.set_row(0, 22)
        sheet.write_string(0, 0, title, self.format("title"))
        for row, line in enumerate(lines, start=1):
            sheet.write_string(row, 0, line, self.format())
        return len(lines) + 2

    def heads(self, key: str, row: int, texts: Sequence[str], figures: range = range(1, 10_000)) -> None:
        """A row of headings, two lines high; those of `figures` stand to the right."""
        self.sheets[key].set_row(row, 30)
        for i, text in enumerate(texts):
            look = {"align": "right"} if i in figures else {}
            self.sheets[key].write_string(row, i, text, self.format("head", **look))

    def ref(self, key: str, row: int, column: int, *, whole: bool = True) -> str:
        """The address of a cell; `whole` with its sheet."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        return f"'{self.sheet_name(key)}'!{cell}" if whole else cell

    def span(self, key: str, rows: tuple[int, int], columns: tuple[int, int], *, whole: bool = True) -> str:
        """The address of a block of cells, both ends included."""
        from xlsxwriter.utility import xl_range_abs

        cells = xl_range_abs(rows[0], columns[0], rows[1], columns[1])
        return f"'{self.sheet_name(key)}'!{cells}" if whole else cells

    def formula(self, key: str, row: int, column: int, text: str, value: Any, kind: str = "money") -> None:
        """A live formula with the value it has now, for viewers that do not compute."""
        self.sheets[key].write_formula(row, column, f"={text}", self.format(kind), value)

    def names_in(self, block: int) -> Mapping[str, str]:
        """Addresses of the names that formulas of a block may use."""
        return self.cells[block]
