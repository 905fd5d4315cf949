"""The tables of a report, read back from its page so that they say the same, as Word and LaTeX set them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from costeff.catalogue import say
from costeff.investment.note.blocks import Note, NoteBlock, NoteTable
from costeff.investment.note.word import write_docx


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
    from lxml import html

    for table in html.fromstring(f"<div>{page}</div>").iter("table"):
        heads = table.findall("thead/tr/th")
        rows = tuple(tuple(_text(cell) for cell in row) for row in table.findall("tbody/tr"))
        if heads and rows:
            numbers = tuple("number" in (head.get("class") or "") for head in heads)
            caption = table.find("caption")
            texts = tuple(_text(head) for head in heads)
            yield StillTable("" if caption is None else _text(caption), texts, numbers, rows)


def _text(element: object) -> str:
    return " ".join(element.text_content().split())  # type: ignore[attr-defined]


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
