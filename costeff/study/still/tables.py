"""The tables of a report, read back from its page so that they say the same, as Word and LaTeX set them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from costeff.catalogue import say
from costeff.reporting.note import Note, NoteBlock, NoteTable
from costeff.reporting.word import write_docx

SPACES = re.compile(r"[ \t\r\n]+")
"""Not the space that does not break, which LaTeX writes as ~."""


@dataclass(frozen=True)
class StillTable:
    """One table: its caption, the headings, which columns hold numbers, and rows; a band is a row of one text."""

    caption: str
    headings: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(page: str) -> Iterator[StillTable]:
    """The tables of a page of ours, in their order.

    Examples
    --------
    >>> from costeff.reporting.tables import Band, Column, html_table
    >>> page = html_table([Column("Party"), Column("Cost", True)], [Band("Inside"), ["State", "1"]], "Who pays")
    >>> one = next(tables_of(page))
    >>> one.caption, one.headings, one.numbers, one.rows
    ('Who pays', ('Party', 'Cost'), (False, True), (('Inside',), ('State', '1')))
    """
    reader = _Reader()
    reader.feed(page)
    yield from reader.tables


class _Reader(HTMLParser):
    """Gathers captions, headings and cells of tables; whatever else is on the page is passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[StillTable] = []
        self.caption, self.rows, self.numbers = "", list[list[str]](), list[bool]()
        self.text: list[str] | None = None  # of the cell or caption that is open
        self.in_head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.caption, self.rows, self.numbers = "", [], []
        elif tag == "thead":
            self.in_head = True
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("caption", "th", "td"):
            self.text = []
            if tag == "th" and self.in_head:
                self.numbers.append("number" in (dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("caption", "th", "td"):
            text = SPACES.sub(" ", "".join(self.text or ())).strip(" ")
            self.text = None
            if tag == "caption":
                self.caption = text
            elif self.rows:
                self.rows[-1].append(text)
        elif tag == "thead":
            self.in_head = False
        elif tag == "table" and len(self.rows) > 1:
            heads, *rows = (tuple(row) for row in self.rows)
            self.tables.append(StillTable(self.caption, heads, tuple(self.numbers), tuple(rows)))

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)


MOST_COLUMNS = 12
"""Of a table on a page of Word; a wider one is told to be in the CSV files."""


def write_word(tables: Sequence[StillTable], path: Path, title: str, line: str, language: str) -> None:
    """All tables in one Word document, each under its caption; a band is a row of one text."""
    blocks = [
        NoteBlock(one.caption, table=_note_table(one))
        if len(one.headings) <= MOST_COLUMNS
        else NoteBlock(one.caption, [say("still_too_wide", language, columns=len(one.headings))])
        for one in tables
    ]
    write_docx(Note(title, line, blocks, wide=True), path)


def _note_table(table: StillTable) -> NoteTable:
    count = len(table.headings)
    words = table.numbers.index(True) if True in table.numbers else count
    return NoteTable(table.headings, [(*row, *[""] * (count - len(row))) for row in table.rows], words)


def write_latex(tables: Sequence[StillTable], path: Path) -> None:
    """All tables in one file of LaTeX, to be read with `\\\\input`; it needs the packages longtable and booktabs."""
    path.write_text("\n\n".join(latex(one) for one in tables) + "\n", encoding="utf-8")


ESCAPES = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\u2212": "$-$",
    "\u00a0": "~",
    "\u202f": r"\,",
}


def latex(table: StillTable) -> str:
    r"""One table as a longtable.

    Examples
    --------
    >>> print(latex(StillTable("Costs", ("Party", "Cost"), (False, True), (("Inside",), ("A & B", "5 %")))))
    \begin{longtable}{lr}
    \caption{Costs}\\
    \toprule
    Party & Cost \\
    \midrule
    \endhead
    \multicolumn{2}{l}{\textbf{Inside}} \\
    A \& B & 5 \% \\
    \bottomrule
    \end{longtable}
    """
    columns = "".join("r" if number else "l" for number in table.numbers)
    lines = [rf"\begin{{longtable}}{{{columns}}}", rf"\caption{{{_latex_text(table.caption)}}}\\", r"\toprule"]
    lines += [" & ".join(map(_latex_text, table.headings)) + r" \\", r"\midrule", r"\endhead"]
    for row in table.rows:
        if len(row) == 1 < len(table.headings):
            lines.append(rf"\multicolumn{{{len(table.headings)}}}{{l}}{{\textbf{{{_latex_text(row[0])}}}}} \\")
        else:
            lines.append(" & ".join(map(_latex_text, row)) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{longtable}"])


def _latex_text(text: str) -> str:
    return "".join(ESCAPES.get(sign, sign) for sign in text)
