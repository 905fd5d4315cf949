"""The budget sheet of a case: department by area by year, not discounted, for as many citizens as a cell says."""

from __future__ import annotations

import numpy as np

from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.prices import party
from costeff.reporting.workbook.results import Totals

KEY = "table_a"


def write_table_a(book: Book) -> None:
    """Gains of each department on each area by year, sums below, and above them the citizens that may be changed.

    What follows the number of citizens is multiplied; start-up, fixed costs and posts are not.
    """
    content, sheet = book.content, book.sheets[KEY]
    row = book.head(
        KEY, f"{book.sheet_name(KEY)}, {book.currency}", book.term("table_a_how"), book.term("table_a_fixed")
    )
    sheet.write_string(row, 0, book.term("citizens_factor"), book.format("", bold=True))
    sheet.write_number(row, 2, 1.0, book.format("given"))
    factor = book.ref(KEY, row, 2)
    sheet.write_string(row + 1, 0, book.term("citizens_in_all"), book.format())
    book.formula(KEY, row + 1, 2, f"{factor}*{content.citizens!r}", content.citizens, "number")
    if content.places_bind:
        words = book.term("places_bind")
        text = f'IF({factor}>1,"{words} "&TEXT(({factor}-1)*{content.citizens!r},"0.0"),"")'
        sheet.write_formula(row + 2, 0, f"={text}", book.format("", bold=True), "")
    row += 4
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
                    KEY,
                    at,
                    2 + y,
                    _text(book, totals, cells, factor, y),
                    _value(book, totals, name, number, y),
                    "whole",
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


def _text(book: Book, totals: Totals, cells: tuple[str, str], factor: str, y: int) -> str:
    content, key = book.content, totals.key
    payers, recipients, counts = (book.span(key, totals.rows, (column, column)) for column in (2, 3, 5))
    right = totals.signs + len(content.perspectives)
    areas, follows = (book.span(key, totals.rows, (column, column)) for column in (right, right + 1))
    less = f"({totals.column(content.comparator, y)}-{totals.column(content.shown, y)})"
    times = f"(1+({factor}-1)*{follows})"
    return f"SUMPRODUCT((({payers}={cells[0]})-({recipients}={cells[0]}))*{counts}*({areas}={cells[1]})*{times}*{less})"


def _value(book: Book, totals: Totals, name: str, area: int, y: int) -> float:
    content = book.content
    signs = np.array(
        [((x.payer == name) * 1 - (x.recipient == name)) * x.by_party * (x.area == area) for x in content.lines]
    )
    less = totals.amount[:, content.comparator, y] - totals.amount[:, content.shown, y]
    return float(signs @ less)
