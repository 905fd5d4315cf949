"""From the rows of a sheet or text file to a header and the rows below it; what is left out on the way is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from costeff.analysis.tables.cells import missing
from costeff.analysis.tables.two_rows import joined
from costeff.characters import RULE, WAY_OUT, banned, visible
from costeff.documents.numerals import readings
from costeff.errors import Place, ResultError

Rows = list[tuple[int, list[Any]]]
"""Lines, or rows of a sheet, each with its number and cells."""


@dataclass(frozen=True)
class Header:
    """The line of a header and the names in it."""

    line: int
    names: list[str]


def tidy(rows: Rows, file: str, sheet: str, notes: list[str]) -> tuple[Header, Rows]:
    """The header and the rows with draws, without titles, empty rows and empty columns at the end.

    A header of two rows is joined (see two_rows). Raises ResultError for one that cannot be told, one without names,
    and a row that holds a single cell.
    """
    records = [(line, cells) for line, cells in rows if any(_there(cell) for cell in cells)]
    if len(records) < len(rows):
        notes.append(_counted(len(rows) - len(records), "empty row") + " left out")
    titles = next((i for i, (_, cells) in enumerate(records) if _count(cells) > 1), 0)
    if titles:
        notes.append(f"{_counted(titles, 'line')} above the header left out ({_first(records[0][1])})")
    if len(records) <= titles:
        return Header(1, []), []
    (line, names), below = records[titles], records[titles + 1 :]
    place = _place(file, sheet, line)
    names = _texts(names)
    if _second_row(names, below):
        both = joined(names, _texts(below[0][1]))
        if both is not None:
            (line, _), names, below = below[0], both, below[1:]
            notes.append(f"the header stands in two rows, read as {', '.join(names[:8])}{' ...' if names[8:] else ''}")
    while names and not names[-1] and all(len(c) < len(names) or not _there(c[len(names) - 1]) for _, c in below):
        names.pop()
    below = [(at, _cut(cells, len(names))) for at, cells in below]
    _refuse_two_rows(names, below, place)
    _refuse_notes(names, below, file, sheet)
    return Header(line, names), below


def _texts(cells: Sequence[Any]) -> list[str]:
    return ["" if missing(name) and not isinstance(name, str) else str(name).strip() for name in cells]


def _second_row(names: Sequence[str], below: Rows) -> bool:
    """Whether the row below the names holds names too, as under merged cells: texts only, and gaps or doubles above."""
    gaps = sum(not name for name in names) > 1 or max(Counter(names).values(), default=0) > 1
    if not below or not (gaps or len(below[0][1]) > len(names)):
        return False
    second = [cell for cell in below[0][1] if _there(cell)]
    return len(second) > 1 and not any(_number(cell) for cell in second)


def _place(file: str, sheet: str, line: int) -> Place | str:
    return f"{file}, sheet '{sheet}', row {line}" if sheet else Place(file, line)


def _there(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _count(cells: Sequence[Any]) -> int:
    return sum(_there(cell) for cell in cells)


def _first(cells: Sequence[Any]) -> str:
    text = visible(str(next(cell for cell in cells if _there(cell))).strip())
    return repr(text if len(text) < 60 else f"{text[:60]}...")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _cut(cells: list[Any], width: int) -> list[Any]:
    """A row without the empty cells that it has beyond the header."""
    end = len(cells)
    while end > width and not _there(cells[end - 1]):
        end -= 1
    return cells[:end]


def _number(cell: Any) -> bool:
    return bool(readings(cell)) if isinstance(cell, str) else cell is not None


def _refuse_two_rows(names: list[str], below: Rows, place: Place | str) -> None:
    """Refuse names that stand in two rows, as merged cells do, and a table without names."""
    empty = sum(not name for name in names)
    if _second_row(names, below):
        raise ResultError(
            "the header stands in two rows (merged cells?), and it cannot be told what each column is",
            where=place,
            value=", ".join(name for name in names if name),
            rule="strategies stand above cost and effect, or cost and effect above strategies, each pair once",
            way_out="write one row of names, such as cost_A, effect_A, cost_B, effect_B, and delete the other",
        )
    if len(names) > 1 and all(name and readings(name) for name in names):
        raise ResultError(
            "the table has no header",
            where=place,
            value=", ".join(names[:5]),
            rule="the first row names the columns, such as cost_A, effect_A",
            way_out="write the names above the draws",
        )
    if empty > 1:
        raise ResultError(
            "the first line is not a header",
            where=place,
            value=f"{empty} of its {len(names)} cells are empty: {', '.join(name or '...' for name in names[:8])}",
            rule="the first row names each column",
            way_out="name the columns, and delete what stands above the names",
        )


def _refuse_notes(names: list[str], below: Rows, file: str, sheet: str) -> None:
    """Refuse a row with a single cell: a note below the table, which is no draw."""
    for line, cells in below:
        if len(names) > 2 and _count(cells) == 1 and not _number(next(c for c in cells if _there(c))):
            raise ResultError(
                "a row holds a single cell",
                where=_place(file, sheet, line),
                value=_first(cells),
                rule="every row below the header is a draw",
                way_out="delete the row, or begin it with #",
            )


def check_header(names: Sequence[str], where: Place | str, row_names: bool = False) -> None:
    """Refuse names that stand twice, that hold what no text may, and columns without a name.

    `row_names`: the one column without a name counts the rows, as R's row names do.
    """
    twice = sorted({name for name in names if name and list(names).count(name) > 1})
    if twice:
        first = [i + 1 for i, name in enumerate(names) if name == twice[0]]
        raise ResultError(
            "column names are not unique",
            where=where,
            value=", ".join(twice),
            rule=f"'{twice[0]}' names columns {' and '.join(map(str, first))}",
            way_out="rename or leave out one",
        )
    strange = [name for name in names if banned(name)]
    if strange:
        raise ResultError(
            f"a column name has a character that no text may hold, {banned(strange[0])}",
            where=where,
            value=visible(strange[0])[:80],
            rule=RULE,
            way_out=WAY_OUT,
        )
    empty = [i + 1 for i, name in enumerate(names) if not name]
    if empty and not (row_names and len(empty) == 1):
        raise ResultError(
            "a column has no name",
            where=where,
            value=f"column {', '.join(map(str, empty))} of {len(names)}",
            rule="the first row names each column; only R's row names, which count the rows, need none",
            way_out="name it, or leave it out",
        )


def counts_rows(cells: Sequence[Any]) -> bool:
    """Whether cells are the whole numbers from 0 or 1 up to the number of rows, each once, in any order.

    >>> counts_rows(["2", "1", "3"]), counts_rows([0, 1]), counts_rows([1.0, 3.0]), counts_rows(["a", "b"])
    (True, True, False, False)
    """
    try:
        numbers = sorted(float(cell) for cell in cells)
    except (TypeError, ValueError):
        return False
    return bool(numbers) and numbers[0] in (0.0, 1.0) and numbers == [numbers[0] + i for i in range(len(numbers))]
