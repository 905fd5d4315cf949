"""How the numbers of a whole table are written, told by those that are a number in one format only. Rank 1."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from costeff.documents.numerals import readings, shown_readings, written_apart
from costeff.errors import CosteffError, Place

_QUOTATION = re.compile('"[^"]*"')

Cells = Sequence[tuple["Place | str", str]]
"""Cells of one column: where each stands, and its text."""


def table_format(columns: Iterable[Cells], mark: str = ",", error: type[CosteffError] = CosteffError) -> str:
    """The one format of a table's numbers, told by the cells that are a number in one format only.

    Texts that are no numbers tell nothing. `mark` stands between the columns. Where that is a semicolon and decimals
    take a point, every column must tell for itself, as programs that write semicolons group thousands by points. Raises
    `error` when cells of both formats stand in the table, and when a cell reads two ways and no other tells which.

    >>> table_format([[("row 1", "1.234,5"), ("row 2", "1.500")]])
    'da'
    >>> table_format([[("row 1", "950"), ("row 2", "1,500")]])
    Traceback (most recent call last):
    costeff.errors.CosteffError: row 2: the number can be read in two ways: 1,500 can be read as 1500 (English) ...
    """
    columns = list(columns)
    form = _format(itertools.chain.from_iterable(columns), error)
    if mark == ";" and form == "en":
        for column in columns:
            _format(column, error)
    return form


def _format(cells: Iterable[tuple[Place | str, str]], error: type[CosteffError]) -> str:
    examples: dict[str, tuple[Place | str, str]] = {}
    unsure: tuple[Place | str, str] | None = None
    for where, text in cells:
        if "." not in text and "," not in text:
            continue
        if "en" in examples and _only_english(text):  # one more cell that tells what an earlier one told
            continue
        by_format = readings(text)
        if len(by_format) == 1:
            examples.setdefault(next(iter(by_format)), (where, text))
        elif unsure is None and len(set(by_format.values())) == 2:
            unsure = where, text
    if len(examples) == 2:
        (first, english), (where, danish) = examples["en"], examples["da"]
        raise error(
            "numbers have both decimal commas and points",
            where=where,
            value=danish.strip(),
            rule=f"one format throughout: {danish.strip()} is Danish, but {english.strip()} is English ({first})",
            way_out="save the table again with one decimal sign",
        )
    if not examples and unsure is not None:
        where, text = unsure
        raise error(
            f"the number can be read in two ways: {shown_readings(text)}",
            where=where,
            value=text.strip(),
            rule="no number beside it says whether decimals take a point or a comma",
            way_out=f"write thousands without a mark, or another number of decimals: {written_apart(text)}",
        )
    return next(iter(examples), "en")


def _only_english(text: str) -> bool:
    """Whether a text with one point and no comma is no number in Danish: there a point is followed by three digits."""
    decimals = text.strip().partition(".")[2]
    return "," not in text and "." not in decimals and len(decimals) != 3


def outside_quotes(line: str) -> str:
    """A line of a text table without what stands in double quotes, where marks separate nothing.

    >>> outside_quotes('"p;x",cost')
    '"",cost'
    """
    return _QUOTATION.sub('""', line)


def separator(header: str) -> str:
    """What stands between the columns of a text table, by its first line: a tab, a semicolon or a comma.

    >>> separator("age;rate"), separator("age,rate"), separator('"age; sex",rate')
    (';', ',', ',')
    """
    bare = outside_quotes(header)
    return next((mark for mark in ("\t", ";") if mark in bare), ",")
