"""Sheets that are read: present values by perspective and party, and gains by year; live, with native charts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from costeff.reporting.numbers import write_number
from costeff.reporting.style import COMPARATOR_COLOUR, OKABE_ITO
from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.content import BookMean, BookPerspective
from costeff.reporting.workbook.prices import party

Cell = tuple[str, float]
"""A formula and the value it has now."""


class Totals:
    """Formulas on one sheet of flows: net cost and gain of a party or perspective in a year, or over all years."""

    def __init__(self, book: Book, tail: str) -> None:
        self.book, self.content, self.key = book, book.content, f"flows{tail}"
        at = book.at[self.key]
        self.rows, self.first, self.signs = at["rows"], at["first"], at["signs"]
        self.amount = np.array([x.discounted if tail else x.amount for x in self.content.lines])

    def column(self, g: int, y: int) -> str:
        """The cells of all flows under a strategy in a year; the year after the last is the total."""
        return self._down(self.first[g, y])

    def _down(self, column: int) -> str:
        return self.book.span(self.key, self.rows, (column, column))

    def _money(self, g: int, y: int) -> np.ndarray:
        """(lines,) now."""
        by_year = self.amount[:, g]
        return np.asarray(by_year.sum(axis=1) if y == len(self.content.years) else by_year[:, y])

    def party_cost(self, name: str, cell: str, g: int, y: int) -> Cell:
        """Paid less received; `cell` holds the party's label."""
        signs = np.array([((x.payer == name) * 1 - (x.recipient == name)) * x.by_party for x in self.content.lines])
        payers, recipients, counts = self._down(2), self._down(3), self._down(5)
        text = f"SUMPRODUCT((({payers}={cell})-({recipients}={cell}))*{counts}*{self.column(g, y)})"
        return text, float(signs @ self._money(g, y))

    def party_gain(self, name: str, cell: str, y: int) -> Cell:
        """Net cost under the comparator less net cost under the strategy shown."""
        signs = np.array([((x.payer == name) * 1 - (x.recipient == name)) * x.by_party for x in self.content.lines])
        payers, recipients, counts = self._down(2), self._down(3), self._down(5)
        less = f"({self.column(self.content.comparator, y)}-{self.column(self.content.shown, y)})"
        text = f"SUMPRODUCT((({payers}={cell})-({recipients}={cell}))*{counts}*{less})"
        return text, float(signs @ (self._money(self.content.comparator, y) - self._money(self.content.shown, y)))

    def cost(self, i: int, g: int, y: int) -> Cell:
        """Net cost of perspective `i`."""
        view = self.content.perspectives[i]
        text = f"SUMPRODUCT({self._down(self.signs + i)}*{self.column(g, y)})"
        return self._times_factor(view, text, float(self._weights(view) @ self._money(g, y)))

    def gain(self, i: int, y: int) -> Cell:
        """Gain of perspective `i`."""
        view = self.content.perspectives[i]
        a, b = self.content.comparator, self.content.shown
        text = f"SUMPRODUCT({self._down(self.signs + i)}*({self.column(a, y)}-{self.column(b, y)}))"
        return self._times_factor(view, text, float(self._weights(view) @ (self._money(a, y) - self._money(b, y))))

    @staticmethod
    def _weights(view: BookPerspective) -> np.ndarray:
        return np.array([view.weight(line) for line in range(len(view.signs))])

    def _times_factor(self, view: BookPerspective, text: str, value: float) -> Cell:
        if view.factor is None:
            return text, value
        return f"{text}*{self.book.at['factors'][view.name]}", value * view.factor_value


def write_result(book: Book) -> None:
    """Title, what may be changed, checks, present values by perspective and by party, and who gains as a chart."""
    content, sheet = book.content, book.sheets["result"]
    alternative, comparator = (book.said(content.strategies[g]) for g in (content.shown, content.comparator))
    row = book.head(
        "result",
        book.said(content.title),
        book.term("how", sheet=book.sheet_name("prices")),
        book.term("sign", shown=alternative, comparator=comparator),
        book.term("sign_cost"),
        book.term("base_case"),
        *(book.said(note) for note in content.notes),
    )
    checks = row
    row += 3
    totals = Totals(book, "_pv")
    everything = len(content.years)
    unit = book.said(content.unit)
    sheet.write_string(row, 0, f"{book.term('discounted', unit=unit)}, {book.currency}", book.format("", bold=True))
    _heads(book, row + 1, book.term("perspective"))
    row += 2
    for i, view in enumerate(content.perspectives):
        sheet.write_string(row, 0, book.said(view.label), book.format())
        costs = [totals.cost(i, g, everything) for g in range(len(content.strategies))]
        _row(book, row, costs, totals.gain(i, everything), content.perspective_means.get(view.name))
        row += 1
    row += 1
    _heads(book, row, book.term("party"))
    first = row + 1
    for row, name in enumerate(content.parties, start=first):
        tail = f" ({book.term('outside')})" if name in content.outside else ""
        sheet.write_string(row, 0, party(book, name), book.format("", italic=bool(tail)))
        cell = book.ref("result", row, 0, whole=False)
        costs = [totals.party_cost(name, cell, g, everything) for g in range(len(content.strategies))]
        _row(book, row, costs, totals.party_gain(name, cell, everything), content.party_means.get(name))
        if tail:
            column = 4 + len(content.strategies) + 3 * bool(content.draws) + content.per_citizen
            sheet.write_string(row, column, tail.strip(), book.format("", italic=True))
    _checks(book, checks, (first, row))
    inside = len(content.parties) - len(content.outside)
    _bars(book, (first, first + inside - 1), row + 2)
    _facts(book, row + 26)
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 7 + len(content.strategies), 18)


def _heads(book: Book, row: int, first: str) -> None:
    strategies = [book.term("net_cost", strategy=book.said(s)) for s in book.content.strategies]
    gains = [book.term(k) for k in ("gain", "gain_all", "exported", "moved")]
    if not book.content.per_citizen:
        gains.remove(book.term("gain_all"))
    if book.content.draws:
        gains.append(book.term("mean", draws=write_number(book.content.draws, book.language)))
        gains += [book.term("mean_error"), book.term("settled")]
    book.heads("result", row, [first, *strategies, *gains])


def _row(book: Book, row: int, costs: Sequence[Cell], gain: Cell, mean: BookMean | None) -> None:
    """Net cost by strategy, the gain, times citizens, and beside it what was exported and how far it has moved."""
    for j, (text, value) in enumerate(costs, start=1):
        book.formula("result", row, j, text, value)
    j = 1 + len(costs)
    here = book.ref("result", row, j, whole=False)
    book.formula("result", row, j, *gain)
    if book.content.per_citizen:
        j += 1
        book.formula("result", row, j, f"{here}*{book.at['citizens']}", gain[1])
    book.sheets["result"].write_number(row, j + 1, gain[1], book.format("money"))
    book.formula("result", row, j + 2, f"{here}-{book.ref('result', row, j + 1, whole=False)}", 0.0)
    if mean is not None:
        sheet = book.sheets["result"]
        sheet.write_number(row, j + 3, mean.mean, book.format("money"))
        if math.isfinite(mean.error):
            sheet.write_number(row, j + 4, mean.error, book.format("money"))
        if mean.settled is not None:
            sheet.write_string(row, j + 5, book.term("yes" if mean.settled else "unsettled"), book.format())


def _checks(book: Book, row: int, parties: tuple[int, int]) -> None:
    """Whether payments add up to zero over all parties, and how many inputs were changed."""
    sheet, column = book.sheets["result"], 1 + len(book.content.strategies)
    gains = book.span("result", parties, (column, column), whole=False)
    sheet.write_string(row, 0, book.term("balance"), book.format())
    yes, no = book.term("yes"), book.term("no")
    book.formula("result", row, 1, f'IF(ABS(SUM({gains}))<0.005,"{yes}","{no}")', yes, "")
    if "changed" in book.at:
        sheet.write_string(row + 1, 0, book.term("changed"), book.format())
        book.formula("result", row + 1, 1, book.at["changed"], 0, "whole")


def _bars(book: Book, rows: tuple[int, int], at: int) -> None:
    chart = book.workbook.add_chart({"type": "bar"})
    column = 1 + len(book.content.strategies)
    name = book.sheet_name("result")
    chart.add_series(
        {
            "name": f"{book.term('gain')}, {book.currency} {book.said(book.content.unit)}",
            "categories": [name, rows[0], 0, rows[1], 0],
            "values": [name, rows[0], column, rows[1], column],
            "fill": {"color": OKABE_ITO[0]},
            "invert_if_negative": True,
            "invert_if_negative_color": OKABE_ITO[1],
        }
    )
    title = f"{book.term('discounted', unit=book.said(book.content.unit))}. {book.term('plus')}"
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 9}})
    chart.set_x_axis({"num_format": book.whole, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_size({"width": 860, "height": 420})
    book.sheets["result"].insert_chart(at, 0, chart, {"object_position": 2})


def _facts(book: Book, row: int) -> None:
    sheet = book.sheets["result"]
    sheet.write_string(row, 0, book.term("facts"), book.format("", bold=True))
    for i, (label, text) in enumerate(book.content.facts, start=row + 1):
        sheet.write_string(i, 0, book.said(label), book.format())
        sheet.write_string(i, 1, text if isinstance(text, str) else book.said(text), book.format())


def write_budget(book: Book) -> None:
    """Gain by year and cumulated, not discounted, by perspective and by party."""
    content, key = book.content, "budget"
    sheet, unit = book.sheets[key], book.said(content.unit)
    totals = Totals(book, "")
    row = book.head(
        key,
        f"{book.term('undiscounted', unit=unit)}, {book.currency}",
        book.term(
            "sign",
            shown=book.said(content.strategies[content.shown]),
            comparator=book.said(content.strategies[content.comparator]),
        ),
    )
    views = [(book.said(view.label), i) for i, view in enumerate(content.perspectives)]
    first = _table(
        book, row, book.term("gain_by_year"), [label for label, _ in views], lambda i, _, y: totals.gain(i, y)
    )
    names = list(content.parties)
    _table(
        book,
        first + len(views) + 1,
        book.term("gain_by_year"),
        [party(book, n) for n in names],
        lambda i, cell, y: totals.party_gain(names[i], cell, y),
    )
    row = first + len(views) + 1 + len(names) + 3
    start = _cumulated(book, row, first, [label for label, _ in views])
    _lines(book, start, len(views))
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, len(content.years) + 1, 16)
    sheet.freeze_panes(0, 1)


def _table(book: Book, row: int, title: str, labels: Sequence[str], cell: Callable[[int, str, int], Cell]) -> int:
    """One row for each label, one column for each year and the total; returns the first row of figures."""
    years = [book.said(y) for y in book.content.years]
    book.heads("budget", row, [title, *years, book.term("total")])
    for i, label in enumerate(labels):
        at = row + 1 + i
        book.sheets["budget"].write_string(at, 0, label, book.format())
        for y in range(len(years) + 1):
            text, value = cell(i, book.ref("budget", at, 0, whole=False), y)
            book.formula("budget", at, 1 + y, text, value)
    return row + 1


def _cumulated(book: Book, row: int, first: int, labels: Sequence[str]) -> int:
    years = [book.said(y) for y in book.content.years]
    book.heads("budget", row, [book.term("cumulated"), *years])
    totals = Totals(book, "")
    for i, label in enumerate(labels):
        book.sheets["budget"].write_string(row + 1 + i, 0, label, book.format())
        value = 0.0
        for y in range(len(years)):
            value += totals.gain(i, y)[1]
            span = book.span("budget", (first + i, first + i), (1, 1 + y), whole=False)
            book.formula("budget", row + 1 + i, 1 + y, f"SUM({span})", value)
    return row + 1


def _lines(book: Book, start: int, rows: int) -> None:
    content, name = book.content, book.sheet_name("budget")
    chart = book.workbook.add_chart({"type": "line"})
    view_indices = [i for i, view in enumerate(content.perspectives) if view.name in content.charted]
    colours = (*OKABE_ITO[:4], COMPARATOR_COLOUR)
    for k, i in enumerate(view_indices):
        colour = colours[k % len(colours)]
        chart.add_series(
            {
                "name": [name, start + i, 0],
                "categories": [name, start - 1, 1, start - 1, len(content.years)],
                "values": [name, start + i, 1, start + i, len(content.years)],
                "line": {"color": colour, "width": 2},
                "marker": {
                    "type": ("circle", "diamond", "square", "triangle", "x")[k % 5],
                    "size": 6,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        )
    if not view_indices:
        return
    unit = book.term("undiscounted", unit=book.said(content.unit))
    title = f"{unit}: {book.term('cumulated').lower()}. {book.term('plus')}"
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_x_axis({"label_position": "low"})
    chart.set_y_axis({"num_format": book.whole, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 420})
    book.sheets["budget"].insert_chart(start + rows + 1, 0, chart, {"object_position": 2})
