"""Somebody who wants the hidden cells of published tables: tries every whole number, or solves for them exactly."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import LinearConstraint, milp

Export = tuple[tuple[str, ...], np.ndarray]
"""Names of groupings, and counts (A + 1, ...) with totals; nan is hidden."""


def by_trying(table: np.ndarray) -> dict[tuple[int, int], set[int]]:
    """Every value that each hidden inner cell of a whole two-way table can have; totals are all visible."""
    rows, columns = table.shape[0] - 1, table.shape[1] - 1
    hidden = [(i, j) for i in range(rows) for j in range(columns) if np.isnan(table[i, j])]
    values: dict[tuple[int, int], set[int]] = {place: set() for place in hidden}
    most = [int(min(table[i, columns], table[rows, j])) for i, j in hidden]
    for attempt in product(*(range(top + 1) for top in most)):
        full = table.copy()
        for place, value in zip(hidden, attempt, strict=True):
            full[place] = value
        inner = full[:rows, :columns]
        if np.array_equal(inner.sum(1), full[:rows, columns]) and np.array_equal(inner.sum(0), full[rows, :columns]):
            for place, value in zip(hidden, attempt, strict=True):
                values[place].add(value)
    return values


def by_programming(*exports: Export) -> list[dict[tuple[int, ...], tuple[int, int]]]:
    """(least, most) of each hidden cell of each export, all of the same people.

    The unknowns are the people of every combination of all groupings, and each visible cell is one equation.
    """
    sizes = {name: size - 1 for names, table in exports for name, size in zip(names, table.shape, strict=True)}
    every = list(product(*(range(size) for size in sizes.values())))

    def sum_of(names: tuple[str, ...], place: tuple[int, ...]) -> np.ndarray:
        fixed = {name: i for name, i in zip(names, place, strict=True) if i < sizes[name]}
        at = list(sizes)
        return np.array([all(one[at.index(name)] == i for name, i in fixed.items()) for one in every], float)

    rows, right = [], []
    for names, table in exports:
        for place in np.ndindex(table.shape):
            if not np.isnan(table[place]):
                rows.append(sum_of(names, place))
                right.append(table[place])
    seen = LinearConstraint(np.array(rows), np.array(right), np.array(right))
    out = []
    for names, table in exports:
        ends = {}
        for place in np.ndindex(table.shape):
            if np.isnan(table[place]):
                goal = sum_of(names, place)
                low, high = (milp(s * goal, integrality=np.ones(len(goal)), constraints=seen) for s in (1, -1))
                ends[place] = (round(low.fun), round(-high.fun))
        out.append(ends)
    return out
