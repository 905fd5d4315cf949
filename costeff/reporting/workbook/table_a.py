"""The budget sheet of a case: department by area by year, not discounted, at the citizens and the effect chosen."""

from __future__ import annotations

import numpy as np

from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.prices import party
from costeff.reporting.workbook.results import Totals

KEY = "table_a"


def write_table_a(book: Book) -> None:
    """Gains of each department on each area by year with sums below, under the cells that may be changed."""
    content, sheet = book.content, book.sheets[KEY]
    row = book.at["table_row"] + 1
    years = [book.said(year) for year in content.years]
    book.heads(KEY, row, [book.term("department"), book.term("area"), *years], range(2, 99))
    first = row + 1
    at = first
    totals = Totals(book, "")
    for name in content.departments:
        for number, area in enumerate(content.areas):
            if not any(_moves(book, name, number, line) for line in range(len(content.lines))):
                continue
            sheet.write_string(at, 0, party(book, name), book.format())
            sheet.write_string(at, 1, book.said(area), book.format())
            cells = book.ref(KEY, at, 0), book.ref(KEY, at, 1)
            for y in range(len(years)):
                book.formula(
                    KEY, at, 2 + y, _text(book, totals, cells, y), _value(book, totals, name, number, y), "whole"
                )
            at += 1
    sheet.write_string(at, 0, f"= {book.term('total')}", book.format("", bold=True))
    for y in range(len(years)):
        down = book.span(KEY, (first, at - 1), (2 + y, 2 + y))
        value = sum(
            _value(book, totals, name, number, y)
            for name in content.departments
            for number in range(len(content.areas))
        )
        book.formula(KEY, at, 2 + y, f"SUM({down})", value, "whole")
    sheet.set_column(0, 1, 40)
    sheet.set_column(2, 2 + len(years), 14)
    sheet.freeze_panes(first, 2)


def _moves(book: Book, name: str, area: int, line: int) -> bool:
    one = book.content.lines[line]
    return one.area == area and name in (one.payer, one.recipient) and one.payer != one.recipient


def _text(book: Book, totals: Totals, cells: tuple[str, str], y: int) -> str:
    content, key = book.content, totals.key
    payers, recipients, counts = (book.span(key, totals.rows, (column, column)) for column in (2, 3, 5))
    right = totals.signs + len(content.perspectives)
    areas = book.span(key, totals.rows, (right, right))
    less = f"({totals.column(content.comparator, y)}-{totals.column(content.shown, y)})"
    return f"SUMPRODUCT((({payers}={cells[0]})-({recipients}={cells[0]}))*{counts}*({areas}={cells[1]})*{less})"


def _value(book: Book, totals: Totals, name: str, area: int, y: int) -> float:
    content = book.content
    signs = np.array(
        [((x.payer == name) * 1 - (x.recipient == name)) * x.by_party * (x.area == area) for x in content.lines]
    )
    less = totals.amount[:, content.comparator, y] - totals.amount[:, content.shown, y]
    return float(signs @ less)
