"""Data frames to HTML tables: everything escaped, numbers to the right, the first column as row heading."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costeff.errors import ResultError


@dataclass(frozen=True)
class Column:
    """Heading of a column and whether it holds numbers, which stand to the right."""

    heading: str
    number: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell with links after its text; an address that is not http(s) is printed as text."""

    text: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Band:
    """A row that spans the table and names the rows below it."""

    text: str


Row = Sequence[str | Cell] | Band


def html_table(columns: Sequence[Column], rows: Iterable[Row], caption: str, *, as_lists: bool = False) -> str:
    """An HTML table in a region that scrolls sideways on its own; `caption` names it.

    With `as_lists` a narrow screen shows each row as a list, so that no column is out of sight.

    Raises ResultError when a row is not as long as the columns.

    >>> print(html_table([Column("Party"), Column("Cost", True)], [["<State>", "1"]], "Who pays"))
    <div class="scroll" role="region" aria-label="Who pays" tabindex="0">
    <table><caption><span>Who pays</span></caption>
    <thead><tr><th scope="col">Party</th><th scope="col" class="number">Cost</th></tr></thead>
    <tbody>
    <tr><th scope="row">&lt;State&gt;</th><td class="number">1</td></tr>
    </tbody></table></div>
    """
    heads = "".join(f'<th scope="col"{_right(c)}>{html.escape(c.heading)}</th>' for c in columns)
    body = [_row(columns, row, as_lists) for row in rows]
    caption_html = html.escape(caption)
    return "\n".join(
        [
            f'<div class="scroll{" stacks" if as_lists else ""}" role="region" '
            f'aria-label="{caption_html}" tabindex="0">',
            f"<table><caption><span>{caption_html}</span></caption>",
            f"<thead><tr>{heads}</tr></thead>",
            "<tbody>",
            *body,
            "</tbody></table></div>",
        ]
    )


LONG = 60
"""Characters from which a cell of words is given room, so that a row does not become a tower of lines."""


def _right(column: Column) -> str:
    return ' class="number"' if column.number else ""


def _kind(column: Column, text: str) -> str:
    """The class of a cell: of a number, or of more words than a narrow column holds."""
    return _right(column) or (' class="words"' if len(text) >= LONG else "")


def _named(column: Column) -> str:
    return f' data-label="{html.escape(column.heading)}"'


def _row(columns: Sequence[Column], row: Row, as_lists: bool) -> str:
    if isinstance(row, Band):
        text = html.escape(row.text)
        return f'<tr class="band"><th colspan="{len(columns)}" scope="colgroup"><span>{text}</span></th></tr>'
    if len(row) != len(columns):
        raise ResultError("a table row does not fit its columns", value=len(row), rule=f"{len(columns)} cells")
    cells = [_content(cell) for cell in row]
    first = f'<th scope="row"{_right(columns[0])}>{cells[0]}</th>'
    rest = "".join(
        f"<td{_kind(c, text)}{_named(c) if as_lists else ''}>{text}</td>"
        for c, text in zip(columns[1:], cells[1:], strict=True)
    )
    return f"<tr>{first}{rest}</tr>"


def _content(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return html.escape(cell)
    parts = [html.escape(cell.text)] if cell.text else []
    return " ".join([*parts, *(_link(address) for address in cell.addresses)])


def _link(address: str) -> str:
    """A link for http and https only: anything else a file could bring is shown and not followed."""
    text = html.escape(address)
    if not address.startswith(("https://", "http://")):
        return text
    short = address.split("://", 1)[1].removeprefix("www.")
    short = short if len(short) <= 40 else short[:39] + "…"
    return f'<a href="{text}" rel="noreferrer noopener">{html.escape(short)}</a>'
