"""Hides small cells of a table, and as many others as it takes until nobody can work the small ones out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from costeff.errors import ResultError
from costeff.trial.disclosure.cells import Cell, Shape, cells_of, intervals, with_totals


@dataclass(frozen=True)
class Earlier:
    """What has been exported of the same people: tables, and the cells that were visible in them. `others`: counts of
    the same cells in exports of other people, such as an earlier extract."""

    tables: tuple[Shape, ...] = ()
    visible: Mapping[Cell, int] = field(default_factory=dict)
    others: Mapping[Cell, Sequence[int]] = field(default_factory=dict)


def protected(shape: Shape, counts: np.ndarray, smallest: int, earlier: Earlier | None = None) -> np.ndarray:
    """Which places (A + 1, B + 1, ...) of the whole table are hidden.

    Cells and totals from 1 to `smallest` - 1 are hidden, and those that differ by as few from an export of other
    people. Then others are, the smallest first, until every hidden cell of this table and of earlier ones could be any
    of more than `smallest` numbers. Cells that are out already cannot be hidden. Raises ResultError where that is not
    enough, and the table may not leave in any form.

    >>> protected(Shape(("sex", "age"), (2, 2)), np.array([[3, 7], [9, 8]]), 5).tolist()
    [[True, True, False], [True, True, False], [False, False, False]]
    """
    before = earlier or Earlier()
    values = cells_of(shape, with_totals(counts))
    hidden_cells = {
        cell
        for cell, value in values.items()
        if cell not in before.visible and (_few(value, smallest) or _near(value, before.others.get(cell, ()), smallest))
    }
    tables = [shape, *before.tables]
    safe: set[Cell] = set()  # hiding more only widens what a cell could be
    while True:
        _hide_pairs(tables, hidden_cells, values, before.visible)
        visible = {**{cell: value for cell, value in values.items() if cell not in hidden_cells}, **before.visible}
        ranges = intervals(tables, visible, safe)
        unsafe = {cell for cell, (low, high) in ranges.items() if high - low <= smallest}
        safe |= ranges.keys() - unsafe
        if not unsafe:
            break
        more = _next(unsafe, tables, values, {*hidden_cells, *before.visible})
        if more is None:
            raise ResultError(
                "a table that cannot be protected",
                rule=f"every hidden count could be any of more than {smallest} numbers",
                way_out="join categories, leave a grouping out, or export it before the table that gives it away",
            )
        hidden_cells.add(more)
    places = np.zeros(tuple(size + 1 for size in shape.sizes), bool)
    for place in np.ndindex(places.shape):
        places[place] = shape.cell(place) in hidden_cells
    return places


def _few(value: int, smallest: int) -> bool:
    return 0 < value < smallest


def _near(value: int, others: Sequence[int], smallest: int) -> bool:
    return any(_few(abs(value - other), smallest) for other in others)


def _hide_pairs(
    tables: Sequence[Shape], hidden_cells: set[Cell], values: Mapping[Cell, int], is_out: Mapping[Cell, int]
) -> None:
    """Hide a second cell in every line that has one hidden cell alone, which is its total less the rest."""
    waiting = True
    while waiting:
        waiting = False
        for line in (line for table in tables for line in table.lines()):
            alone = {cell for cell in line if cell not in is_out and (cell in hidden_cells or cell not in values)}
            if len(alone) == 1:
                own = [
                    cell for cell in line if cell in values and cell not in hidden_cells and cell not in is_out and cell
                ]
                if own:
                    hidden_cells.add(min(own, key=lambda cell: _cost(cell, values)))
                    waiting = True


def _cost(cell: Cell, values: Mapping[Cell, int]) -> tuple[bool, int, int, list[tuple[str, int]]]:
    """What hiding a cell loses: zeros last, since they help least; inner cells before totals; small ones first."""
    return values[cell] == 0, -len(cell), values[cell], sorted(cell)


def _next(
    unsafe: set[Cell], tables: Sequence[Shape], values: Mapping[Cell, int], closed_cells: set[Cell]
) -> Cell | None:
    """The cell to hide next: in a line with an unsafe cell, inner cells first, then the smallest that is not 0."""
    candidates = {
        cell
        for table in tables
        for line in table.lines()
        if any(one in unsafe for one in line)
        for cell in line
        if cell in values and cell not in closed_cells and cell
    }
    return min(candidates, key=lambda cell: _cost(cell, values), default=None)
