"""Which draw each row belongs to: the column that numbers the draws, and draws that are missing or stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.tables import words
from costeff.analysis.tables.columns import Columns
from costeff.analysis.tables.header import counts_rows
from costeff.documents.numerals import readings
from costeff.errors import ResultError

DRAW = "draw"
_FEW_ROUND = 50
"""The least number of draws, and that of which others are multiples, by which a round number of draws is known."""
_LEAST_SHARE = 0.1
"""Draws are counted up when at least this share of the numbers from the first to the last is there; seeds are not."""


def draw_column(table: Columns, apart: Sequence[str] = ()) -> tuple[str | None, set[str]]:
    """The column that numbers the draws, and columns that number rows and are no parameters either.

    `apart` are columns that tell the rows of one draw apart, such as the strategy. A column named `draw` is the draw;
    one with another usual name is it unless it holds fractions; numbers of rows (R's row names) are the draw of a table
    with one row per draw. Raises ResultError when two columns could be it.
    """
    if DRAW in table:
        return DRAW, _others(table, DRAW)
    usual = [name for name in table.names if words.is_draw(name) and name not in apart]
    if not usual and not apart and len(table.labels) == 1 and table.labels[0] in table:
        usual = [table.labels[0]]  # a named index names the rows, whatever it is called
    candidates = [name for name in usual if _whole(table, name)]
    telling = [name for name in candidates if _tells(table, name, apart)]
    draw_columns = telling or candidates
    if len(draw_columns) > 1 and not _alike(table, draw_columns):
        raise ResultError(
            "two columns could number the draws",
            where=table.head(),
            value=", ".join(draw_columns),
            rule="one column says which draw a row belongs to",
            way_out=f"rename it: columns={{'{draw_columns[0]}': 'draw'}}, and leave the other out in ignore=",
        )
    if not draw_columns:
        rows = [name for name in table.names if words.is_row_number(name) and name not in apart]
        draw_columns = [name for name in rows if _numbers_rows(table, name)] if not apart else []
        draw_columns = draw_columns or [
            name
            for name in rows
            if apart
            and _whole(table, name)
            and _tells(table, name, apart)
            and not counts_rows(list(table.columns[name]))
        ]
    if not draw_columns:
        return None, _others(table, None)
    table.notes.append(f"{shown(draw_columns[0])} is the draw")
    return draw_columns[0], _others(table, draw_columns[0], draw_columns)


def _numbers_rows(table: Columns, name: str) -> bool:
    """Whether a column with the name of row numbers holds them: counted up, or some of them left out."""
    cells = list(table.columns[name])
    if counts_rows(cells):
        return True
    if words.bare(name) == "n" or not _whole(table, name) or not _tells(table, name, ()):
        return False
    try:
        numbers = np.asarray([float(cell) for cell in cells])
    except (TypeError, ValueError):
        return False
    return bool(len(numbers) > 2 and numbers.min() >= 0 and (np.diff(numbers) > 0).all())


def shown(name: str) -> str:
    """A column's name in a note."""
    return f"column '{name}'" if name else "the column without a name"


def _others(table: Columns, draw: str | None, alike: Sequence[str] = ()) -> set[str]:
    """Columns beside the draw that number rows, draws or chains once more; each is noted."""
    row_numbers = {
        name
        for name in table.names
        if name != draw
        and (
            name in alike
            or (words.is_row_number(name) and counts_rows(list(table.columns[name])))
            or (draw is not None and (words.is_draw(name) or words.is_chain(name)) and _whole(table, name))
        )
    }
    table.notes.extend(f"{shown(name)} numbers the rows and is left out" for name in table.names if name in row_numbers)
    return row_numbers


def _whole(table: Columns, name: str) -> bool:
    """Whether a column holds whole numbers, or names: a parameter that is called `sample` holds fractions."""
    for cell in table.columns[name]:
        try:
            number = float(str(cell).strip().replace(",", "."))
        except ValueError:
            continue
        if number != round(number, 0) if np.isfinite(number) else True:
            return False
    return True


def _tells(table: Columns, name: str, apart: Sequence[str]) -> bool:
    """Whether no two rows agree in the column and in those that tell rows of a draw apart."""
    columns = [table.columns[one] for one in (name, *apart)]
    return len({tuple(str(cells[row]) for cells in columns) for row in range(table.rows)}) == table.rows


def _alike(table: Columns, names: Sequence[str]) -> bool:
    """Whether columns number the draws in the same way, but for where they begin to count."""
    try:
        numbers = [np.asarray([float(cell) for cell in table.columns[name]]) for name in names]
    except (TypeError, ValueError):
        return False
    return all(np.ptp(one - numbers[0]) == 0 for one in numbers)


def draws_of(table: Columns, column: str, whole: bool = True) -> tuple[list[Any], NDArray[np.intp]]:
    """Names of the draws (rising when they are numbers) and the position of each row's among them.

    `whole`: numbered draws without gaps. Raises ResultError.
    """
    try:
        values, position = np.unique(table.numbers(column), return_inverse=True)
    except ResultError:
        texts = table.texts(column)
        _refuse_a_mixture(table, column, texts)
        order = {name: i for i, name in enumerate(dict.fromkeys(texts))}
        return list(order), np.array([order[name] for name in texts])
    if whole:
        _no_gap(table, column, values)
    _first_of_all(table, column, values)
    return values.tolist(), position


def _first_of_all(table: Columns, column: str, numbers: NDArray[np.float64]) -> None:
    """Refuse draw 0 where the others alone make a round number; where they do not, say that draws count from 0.

    Some programs write the deterministic case as row 0 above the draws, others count the draws from 0: 1,001 rows from
    0 to 1,000 can be both, 1,000 rows from 0 to 999 are draws.
    """
    last = len(numbers) - 1
    if last < 1 or not np.array_equal(numbers, np.arange(len(numbers))):
        return
    if last >= _FEW_ROUND and (last % _FEW_ROUND == 0 or last & (last - 1) == 0):
        raise ResultError(
            "draw 0 can be read in two ways",
            where=table.head(),
            value=f"{shown(column)} runs from 0 to {last:,}: {last:,} draws below a deterministic case; "
            f"or {last + 1:,} draws",
            rule="the deterministic case is no draw: as one it would move every mean and error",
            way_out=f"where 0 is the deterministic case, delete its rows; where it is a draw, number the draws from 1 "
            f"to {last + 1}",
        )
    table.notes.append("draws are numbered from 0")


def told_apart(table: Columns, rows: tuple[int, int], key_columns: Sequence[str], results: Sequence[str]) -> str | None:
    """The column in which two rows of one draw differ, and what to do about it; None where no column tells them apart.

    `key_columns` are columns that say which draw and strategy a row belongs to, `results` those of costs and effects. A
    column tells rows apart when it has no more values than there are rows of one draw: a parameter has more.
    """
    keys = Counter(zip(*(map(str, table.columns[one]) for one in key_columns), strict=True))
    most = max(keys.values())
    for name in table.names:
        first, second = (str(table.columns[name][row]).strip() for row in rows)
        if first == second or name in key_columns or name in results or words.is_group(name):
            continue
        if len(set(map(str, table.columns[name]))) > most:
            continue
        total = next((cell for cell in map(str, table.columns[name]) if words.bare(cell) == "total"), None)
        groups = [one for one in table.names if words.is_group(one)]
        by = ", ".join(f"'{one}'" for one in (*key_columns, *groups))
        frame = f"table.groupby([{by}], as_index=False)[[{', '.join(repr(one) for one in results)}]]"
        parts = f"keep the rows of '{total}'" if total else f"add them up: {frame}.sum()"
        return (
            f"'{name}' tells the rows of a draw apart ({first}, {second}). Where it names people, take their mean "
            f"(table = pandas.read_csv(...), then {frame}.mean()); where it names parts of one cost, {parts}; where it "
            "names ways to count the same, such as discount rates, keep the rows of one"
        )
    return None


def _refuse_a_mixture(table: Columns, column: str, texts: Sequence[str]) -> None:
    """Refuse a name among numbered draws: a row of means or totals is no draw."""
    numbers = [bool(readings(text)) for text in texts]
    if any(numbers) and not all(numbers):
        row = numbers.index(sum(numbers) <= len(numbers) / 2)
        raise ResultError(
            f"{shown(column)} holds numbers and names of draws",
            where=table.place(row, column),
            value=texts[row],
            rule="draws are numbered, or they have names; a row of means or totals is no draw",
            way_out="delete the row, or name all draws in one way",
        )


def _no_gap(table: Columns, column: str, numbers: NDArray[np.float64]) -> None:
    """Refuse numbered draws of which some are not there: draws left out because they failed bias every mean."""
    steps = np.diff(numbers)
    if not len(steps) or (numbers != np.round(numbers)).any() or np.abs(numbers).max() > 2**53:
        return
    step = int(np.gcd.reduce(steps.astype(np.int64)))
    places = int(np.ptp(numbers)) // step + 1
    if places == len(numbers) or len(numbers) < _LEAST_SHARE * places:
        return
    gap = int(np.argmax(steps > step))
    raise ResultError(
        "draws are missing",
        where=table.head(),
        value=f"after {column or 'draw'} {numbers[gap]:g} comes {numbers[gap + 1]:g}; "
        f"{places - len(numbers)} of {places} are not there",
        rule="draws are numbered without gaps; those left out because a run failed would bias the result",
        way_out="give the missing draws; if they were left out at random, number the draws again",
    )


def counts_in_order(table: Columns, column: str) -> bool:
    """Whether a column is the number of each row, as R's row names are: then rows can be told by their place too."""
    if words.is_draw(column) or column in table.labels:
        return False
    return [float(cell) for cell in table.columns[column]] in (
        list(map(float, range(table.rows))),
        list(map(float, range(1, table.rows + 1))),
    )


def draw_told(draw: Any) -> str:
    """A draw's name in a message."""
    return f"{draw:g}" if isinstance(draw, float) else f"'{draw}'"
