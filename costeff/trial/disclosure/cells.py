"""Tables of counts with all their totals, and what somebody who sees some cells can find out of the others.

A whole table has one place more along each grouping, which holds the total: shape (A + 1, B + 1, ...). Every line along
a grouping adds up to its last place. A cell is known by which category of which grouping it counts, so that totals of
one table are cells of another. Hidden cells are whole numbers from 0 on; that is all an attacker needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from costeff.errors import ResultError

Cell = frozenset[tuple[str, int]]
MOST = 10**6  # more people than any trial has: what a hidden cell may be where nothing limits it


@dataclass(frozen=True)
class Shape:
    """The groupings of a table and how many categories each has."""

    groupings: tuple[str, ...]
    sizes: tuple[int, ...]

    def cell(self, place: Sequence[int]) -> Cell:
        """What a place of the whole table counts; nothing of a grouping at its total."""
        return frozenset(
            (name, int(i)) for name, i, size in zip(self.groupings, place, self.sizes, strict=True) if i < size
        )

    def lines(self) -> Iterator[list[Cell]]:
        """Every line of the whole table, its total last."""
        whole = [range(size + 1) for size in self.sizes]
        for k in range(len(self.sizes)):
            for rest in product(*(own for j, own in enumerate(whole) if j != k)):
                yield [self.cell((*rest[:k], i, *rest[k:])) for i in whole[k]]


def with_totals(counts: np.ndarray) -> np.ndarray:
    """The table with a total along each grouping.

    >>> with_totals(np.array([[1, 2], [3, 4]])).tolist()
    [[1, 2, 3], [3, 4, 7], [4, 6, 10]]
    """
    out = np.asarray(counts, np.int64)
    for k in range(out.ndim):
        out = np.concatenate([out, out.sum(axis=k, keepdims=True)], axis=k)
    return out


def cells_of(shape: Shape, table: np.ndarray) -> dict[Cell, int]:
    """Every cell of a whole table with its count."""
    return {shape.cell(place): int(table[place]) for place in np.ndindex(table.shape)}


def intervals(
    tables: Sequence[Shape], visible: Mapping[Cell, int], without: Collection[Cell] = ()
) -> dict[Cell, tuple[int, int]]:
    """(least, most) of each hidden cell of several tables of the same people, exactly, by integer programming.

    Cells in `without` are hidden too, and not looked at.

    Two tables that agree where they overlap are always totals of one finer table, so nothing is left out.
    Raises ResultError for cells that contradict each other.

    >>> one = Shape(("sex", "age"), (2, 2))
    >>> counts = cells_of(one, with_totals(np.array([[3, 7], [9, 8]])))
    >>> hidden = counts.pop(frozenset({("sex", 0), ("age", 0)}))
    >>> list(intervals([one], counts).values())              # one hidden cell of a row is its total less the rest
    [(3, 3)]
    """
    columns: dict[Cell, int] = {}
    rows: list[dict[int, int]] = []
    right: list[int] = []
    for line in (line for table in tables for line in table.lines()):
        row: dict[int, int] = {}
        known_sum = 0
        for n, cell in enumerate(line):
            sign = -1 if n == len(line) - 1 else 1
            if cell in visible:
                known_sum -= sign * visible[cell]
            else:
                row[columns.setdefault(cell, len(columns))] = sign
        if row:
            rows.append(row)
            right.append(known_sum)
        elif known_sum:
            raise _contradiction()
    matrix = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        matrix[i, list(row)] = list(row.values())
    ends = np.array(right, float)
    return {
        cell: (_end(matrix, ends, n, 1), _end(matrix, ends, n, -1))
        for cell, n in columns.items()
        if cell not in without
    }


def _end(matrix: np.ndarray, right: np.ndarray, column: int, sign: int) -> int:
    from scipy.optimize import Bounds, LinearConstraint, milp

    goal = np.zeros(matrix.shape[1])
    goal[column] = sign
    whole = milp(
        goal,
        integrality=np.ones(len(goal), np.int64),
        bounds=Bounds(0, MOST),
        constraints=LinearConstraint(matrix, right, right),
    )
    if whole.x is None:
        raise _contradiction()
    return round(sign * float(whole.fun))


def _contradiction() -> ResultError:
    return ResultError(
        "tables of the same people that contradict each other",
        rule="a count that was exported once has the same value in every later table of those people",
        way_out="start another log, for another extract",
    )
