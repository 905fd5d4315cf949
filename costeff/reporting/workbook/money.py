"""Sheets of money: quantities, unit price x quantity in every period, and the flows that these add up to."""

from __future__ import annotations

from itertools import groupby

from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.choices import quantity_text
from costeff.reporting.workbook.content import BookPerspective
from costeff.reporting.workbook.prices import party

ABOUT = 4  # columns that say which cell it is, on the sheet of calculations
FLOW = 6  # columns that say which flow it is


def write_money(book: Book) -> None:
    """Quantities, calculation and flows, not discounted and discounted, each on a sheet of its own."""
    _counted(book, "counted", discounted=False)
    _counted(book, "counted_pv", discounted=True)
    for tail in ("", "_pv"):
        _cells(book, tail)
        _flows(book, tail)


def _columns(book: Book) -> list[tuple[int, int]]:
    """(strategy, period) of each column of figures."""
    content = book.content
    return [(g, p) for g in range(len(content.strategies)) for p in range(len(content.periods))]


def _counted(book: Book, key: str, *, discounted: bool) -> None:
    content, sheet = book.content, book.sheets[key]
    row = book.head(key, f"{book.sheet_name(key)}, {book.said(content.unit)}")
    columns = _columns(book)
    if discounted and content.discount is not None:
        sheet.write_string(row, 0, book.term("factor"), book.format())
        for j, (_, p) in enumerate(columns, start=3):
            sheet.write_number(row, j, content.discount[p], book.format("number"))
        factor_row = row
        row += 2
    heads = [book.term(k) for k in ("what", "weight", "band")]
    names = [_named(book, g, p) for g, p in columns]
    book.heads(key, row, heads + names, range(3, 3 + len(names)))
    sheet.freeze_panes(row + 1, 3)
    book.at[key] = row + 1
    for i, quantity in enumerate(content.counted, start=row + 1):
        for j, text in enumerate((book.said(quantity.what), quantity.weight, quantity.band)):
            sheet.write_string(i, j, text, book.format())
        for j, (g, p) in enumerate(columns, start=3):
            value = float((quantity.discounted if discounted else quantity.value)[g, p])
            if discounted and content.discount is not None:
                first = book.ref("counted", i - book.at[key] + book.at["counted"], j)
                book.formula(key, i, j, f"{first}*{book.ref(key, factor_row, j, whole=False)}", value, "number")
            elif content.areas:
                book.formula(key, i, j, quantity_text(book, i - row - 1, g, p), value, "number")
            else:
                sheet.write_number(i, j, value, book.format("number"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, 14)
    sheet.set_column(3, 2 + len(columns), 13)


def _named(book: Book, g: int, p: int) -> str:
    return f"{book.said(book.content.strategies[g])}\n{book.said(book.content.periods[p])}"


def _cells(book: Book, tail: str) -> None:
    key, content = f"cells{tail}", book.content
    sheet = book.sheets[key]
    row = book.head(key, f"{book.sheet_name(key)}, {book.currency} {book.said(content.unit)}")
    columns = _columns(book)
    about = [book.term(k) for k in ("item", "payer", "what", "band")]
    names = [_named(book, g, p) for g, p in columns]
    book.heads(key, row, about + names, range(ABOUT, ABOUT + len(names)))
    sheet.freeze_panes(row + 1, 1)
    book.at[key] = row + 1
    for i, cell in enumerate(content.cells):
        line, quantity = content.lines[cell.line], content.counted[cell.counted]
        texts = (book.said(line.label), party(book, line.payer), book.said(quantity.what), quantity.band)
        for j, text in enumerate(texts):
            sheet.write_string(row + 1 + i, j, text, book.format())
        for j, (g, p) in enumerate(columns):
            if not line.paid[g]:
                sheet.write_number(row + 1 + i, ABOUT + j, 0, book.format("money"))
                continue
            block = content.block_of[p]
            price = book.ref("units", book.at["units_row"] + i, 8 + 3 * block)
            amount = book.ref(f"counted{tail}", book.at[f"counted{tail}"] + cell.counted, 3 + j)
            number = float((quantity.discounted if tail else quantity.value)[g, p])
            value = cell.amount_values[block] * cell.share_values[block] * number
            book.formula(key, row + 1 + i, ABOUT + j, f"{price}*{amount}", value)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 2, 26)
    sheet.set_column(3, 3, 12)
    sheet.set_column(ABOUT, ABOUT - 1 + len(columns), 14)


def _flows(book: Book, tail: str) -> None:
    """One row for each flow: by strategy its years and total, then the sign with which it enters each perspective."""
    key, content = f"flows{tail}", book.content
    sheet = book.sheets[key]
    row = book.head(key, f"{book.sheet_name(key)}, {book.currency} {book.said(content.unit)}")
    years, strategies = len(content.years), len(content.strategies)
    heads = [book.term(k) for k in ("name", "item", "payer", "recipient")]
    heads += ["", book.term("counts")]
    for label in content.strategies:
        names = [*(book.said(y) for y in content.years), book.term("total")]
        heads += [f"{book.said(label)}\n{name}" for name in names]
    signs = FLOW + strategies * (years + 1)
    heads += [book.said(p.label) for p in content.perspectives]
    if content.areas:
        heads += [book.term("area")]
    book.heads(key, row, heads, range(5, signs + 99))
    sheet.freeze_panes(row + 1, 2)
    rows = {
        line: [i for i, _ in pairs] for line, pairs in groupby(enumerate(content.cells), key=lambda pair: pair[1].line)
    }
    book.at[key] = {
        "rows": (row + 1, row + len(content.lines)),
        "signs": signs,
        "first": {(g, y): FLOW + g * (years + 1) + y for g in range(strategies) for y in range(years + 1)},
    }
    for i, line in enumerate(content.lines):
        at = row + 1 + i
        texts = (line.item, book.said(line.label), party(book, line.payer), party(book, line.recipient), "")
        for j, text in enumerate(texts):
            sheet.write_string(at, j, text, book.format())
        sheet.write_number(at, 5, int(line.by_party), book.format())
        for j, perspective in enumerate(content.perspectives):
            _sign(book, key, (at, signs + j), perspective, i)
        if content.areas:
            right = signs + len(content.perspectives)
            area = book.said(content.areas[line.area]) if line.area >= 0 else ""
            sheet.write_string(at, right, area, book.format())
        _years(book, key, tail, at, i, rows.get(i, []))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 3, 30)
    sheet.set_column(4, 4, 2)
    sheet.set_column(5, 5, 8)
    sheet.set_column(FLOW, signs - 1 + len(content.perspectives), 14)


def _sign(book: Book, key: str, at: tuple[int, int], view: BookPerspective, i: int) -> None:
    """The sign of a flow in a perspective; with tax financing a formula that reads the rate."""
    sign, rate = view.signs[i], book.at["rates"].get(view.name)
    if rate is None or not view.financing[i]:
        book.sheets[key].write_number(*at, sign, book.format())
    else:
        book.sheets[key].write_formula(*at, f"={sign}+{view.financing[i]}*({rate})", book.format(), view.weight(i))


def _years(book: Book, key: str, tail: str, at: int, i: int, rows: list[int]) -> None:
    """A flow's money by strategy and year: the sum of its cells over the periods of the year; then the total."""
    content, line = book.content, book.content.lines[i]
    amount = line.discounted if tail else line.amount
    for g in range(len(content.strategies)):
        first = book.at[key]["first"][g, 0]
        for y in range(len(content.years)):
            periods = [p for p, year in enumerate(content.year_of) if year == y]
            value = float(amount[g, y])
            if line.of:
                book.formula(key, at, first + y, _share_of(book, key, i, first + y, y), value)
            elif rows:
                top = book.at[f"cells{tail}"]
                first_column = ABOUT + g * len(content.periods)
                cells = book.span(
                    f"cells{tail}",
                    (top + rows[0], top + rows[-1]),
                    (first_column + periods[0], first_column + periods[-1]),
                )
                book.formula(key, at, first + y, f"SUM({cells})", value)
            else:
                book.sheets[key].write_number(at, first + y, value, book.format("money"))
        years = book.span(key, (at, at), (first, first + len(content.years) - 1), whole=False)
        book.formula(key, at, first + len(content.years), f"SUM({years})", float(amount[g].sum()))


def _share_of(book: Book, key: str, i: int, column: int, year: int) -> str:
    """A share of the net of other flows in the same column, as a sum of their cells with signs."""
    top = book.at[key]["rows"][0]
    of = book.content.lines[i].of
    cells = [f"{'+' if sign > 0 else '-'}{book.ref(key, top + j, column, whole=False)}" for j, sign in of]
    return f"{book.at['weights'][i, year]}*({''.join(cells).removeprefix('+')})"
