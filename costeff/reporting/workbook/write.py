"""The spreadsheet twin: inputs, quantities and live formulas for every flow, perspective and total, as .xlsx."""

from __future__ import annotations

import io
import os

from costeff.catalogue import check_language
from costeff.errors import ResultError
from costeff.files import FIXED, stated_time, write_whole
from costeff.reporting.workbook.board import write_board
from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.choices import write_choices
from costeff.reporting.workbook.content import WorkbookContent
from costeff.reporting.workbook.formula import excel_formula
from costeff.reporting.workbook.money import write_money
from costeff.reporting.workbook.prices import write_derived, write_prices, write_units, write_unpriced
from costeff.reporting.workbook.results import write_budget, write_result
from costeff.reporting.workbook.table_a import write_table_a


def workbook_bytes(content: WorkbookContent, language: str = "en") -> bytes:
    """The workbook; the same content gives the same figures and formulas."""
    import xlsxwriter

    check_language(language)
    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, plain) as workbook:
        workbook.set_calc_mode("auto")
        workbook.set_properties(
            {"title": content.title[language], "comments": "costeff", "created": stated_time() or FIXED}
        )
        book = Book(workbook, content, language)
        write_prices(book)
        write_derived(book)
        book.at["factors"] = {
            view.name: excel_formula(view.factor, book.names_in(0)) or repr(view.factor_value)
            for view in content.perspectives
            if view.factor is not None
        }
        book.at["rates"] = {
            view.name: excel_formula(view.rate, book.names_in(0)) or repr(view.rate_value)
            for view in content.perspectives
            if view.rate is not None
        }
        write_units(book)
        if content.areas:
            write_choices(book)
        write_money(book)
        write_result(book)
        write_budget(book)
        if content.areas:
            write_table_a(book)
        write_unpriced(book)
        if content.answers:
            write_board(book)
        book.sheets["board" if content.answers else "result"].activate()
    return out.getvalue()


def write_workbook(content: WorkbookContent, path: str | os.PathLike[str], language: str = "en") -> None:
    """Write the workbook to `path`. Raises ResultError when it cannot be written; then nothing is."""
    file_bytes = workbook_bytes(content, language)
    try:
        write_whole(file_bytes, path)
    except OSError as error:
        raise ResultError(
            "the workbook cannot be written",
            value=os.fspath(path),
            rule=str(error),
            way_out="close it where it is open, or choose another name",
        ) from error
