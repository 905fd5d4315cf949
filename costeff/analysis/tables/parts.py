"""What a table says once its form is known: strategies, costs, effects and parameters, draw by draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.apart import COSTS_ONLY, NET_ONLY
from costeff.analysis.tables import words
from costeff.analysis.tables.asked import Asked, listed
from costeff.analysis.tables.columns import Columns, Floats
from costeff.analysis.tables.draws import counts_in_order, draw_column, draw_told, draws_of, shown, told_apart
from costeff.analysis.tables.form import Form, form_of, results_beside, strategy_twins
from costeff.errors import ResultError

AGREEMENT = 1e-9
"""How closely a column that was written to a file agrees with the difference that it was made of, as a share of the
largest result: files hold some ten digits, so it is far more than rounding in memory (`dust.DUST`)."""


@dataclass
class Parts:
    """One table read: arrays over (draw, strategy), parameters over (draw,), and how it was understood.

    `key` names the draws where a column does; `index` are the labels of the rows of a table in memory without one.
    """

    strategies: tuple[str, ...]
    cost: Floats
    effect: Floats
    drawn: dict[str, Floats]
    levels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    key: list[Any] | None = None
    rows: bool = False
    """The key counts the rows in their order, and so says no more than they do."""
    index: tuple[Any, ...] | None = None
    said: str = ""
    notes: list[str] = field(default_factory=list)
    results: str = ""
    """`costs only` or `net benefits only` where there are no effects."""


def parts_of(table: Columns, request: Asked) -> Parts:
    """Read a prepared table in the form that it has. Raises ResultError."""
    form = form_of(table, request)
    draw, numbers = draw_column(table, (form.strategy,) if form.strategy else ())
    constant_groups = {name for name in table.names if words.is_group(name) and _constant(table, name)}
    table.notes.extend(f"{shown(name)} names one group and is left out" for name in sorted(constant_groups))
    beside = results_beside(table, form)
    for name in sorted(beside):
        table.notes.append(f"{shown(name)} is another result and is left out")
    left_out = numbers | strategy_twins(table, form) | constant_groups | beside
    non_parameters = {*form.results, form.strategy, *([draw] if draw is not None else []), *left_out}
    parameters = [name for name in table.names if name not in non_parameters]
    table.settle(name for name in (*form.results, *parameters))
    read = _long if form.strategy else _wide
    parts = read(table, form, request, draw, parameters)
    parts.said, parts.notes, parts.index = form.said, table.notes, table.index
    parts.rows = draw is not None and counts_in_order(table, draw)
    for name in _differences(parts):
        del parts.drawn[name]
        parts.notes.append(f"{shown(name)} is the difference of two results and is left out")
    if form.net:
        parts.cost = 0.0 - parts.cost
    if not form.effect:
        parts.results = NET_ONLY if form.net else COSTS_ONLY
    return parts


def _differences(parts: Parts) -> list[str]:
    """Parameters that are named and made as the difference of two strategies' results, as delta_e of BCEA."""
    return [
        name
        for name, values in parts.drawn.items()
        if words.is_difference(name) and any(_is_difference(values, of) for of in (parts.cost, parts.effect))
    ]


def _is_difference(values: Floats, results: Floats) -> bool:
    """Whether the values (draw,) are the results (draw, strategy) of one strategy less those of another."""
    apart = results[:, :, None] - results[:, None, :]
    gaps = np.abs(apart - np.asarray(values)[:, None, None]).max(axis=0)
    np.fill_diagonal(gaps, np.inf)
    return bool(gaps.min() <= AGREEMENT * np.abs(results).max())


def _constant(table: Columns, name: str) -> bool:
    return len({str(cell) for cell in table.columns[name]}) == 1


def _parameters(
    table: Columns, names: Iterable[str], levels: dict[str, tuple[str, ...]]
) -> Iterable[tuple[str, Floats]]:
    """Each parameter by row; the names of levels go to `levels`."""
    for name in names:
        values, labels = table.levels(name)
        if labels is not None:
            levels[name] = labels
        yield name, values


def _wide(table: Columns, form: Form, request: Asked, draw: str | None, parameters: Sequence[str]) -> Parts:
    cost = np.column_stack([table.numbers(name) for name in form.cost])
    effect = np.column_stack([table.numbers(name) for name in form.effect]) if form.effect else np.zeros_like(cost)
    levels: dict[str, tuple[str, ...]] = {}
    columns = dict(_parameters(table, parameters, levels))
    if draw is None:
        return Parts(form.strategies, cost, effect, columns, levels)
    labels, position = draws_of(table, draw)
    order = np.argsort(position, kind="stable")
    twice = np.flatnonzero(np.diff(position[order]) == 0)
    if twice.size:
        first, row = (int(order[twice[0] + i]) for i in (0, 1))
        raise ResultError(
            "a draw stands twice",
            where=table.place(row, draw),
            value=draw_told(labels[position[row]]),
            rule=f"{shown(draw)} is the draw, and a wide table has one row per draw",
            way_out=told_apart(table, (first, row), (draw,), form.results)
            or _apart(table, "give each row a draw of its own"),
        )
    return Parts(form.strategies, cost[order], effect[order], {k: v[order] for k, v in columns.items()}, levels, labels)


def _apart(table: Columns, way_out: str) -> str:
    """A way out for rows that stand twice: perhaps they belong to subgroups."""
    groups = [name for name in table.names if words.is_group(name)]
    return f"{way_out}; if '{groups[0]}' names subgroups, subgroup='{groups[0]}'" if groups else way_out


def _long(table: Columns, form: Form, request: Asked, draw: str | None, parameters: Sequence[str]) -> Parts:
    if draw is None:
        raise ResultError(
            "a long table lacks a column",
            where=table.head(),
            value="draw",
            rule=f"a column says which draw a row belongs to; columns: {', '.join(table.names)}",
            way_out="rename it: columns={'name': 'draw'}",
        )
    texts = table.texts(form.strategy)
    choices = tuple(dict.fromkeys(texts))
    strategies = listed(request.strategies, choices) if request.strategies is not None else choices
    absent = [name for name in strategies if name not in choices]
    if absent:
        raise ResultError(
            "the table has no such strategy",
            where=table.head(),
            value=", ".join(absent),
            rule=f"strategies: {', '.join(choices)}",
            way_out="correct the name in strategies=",
        )
    order = {name: i for i, name in enumerate(strategies)}
    which = np.array([order.get(name, -1) for name in texts])
    labels, position = draws_of(table, draw)
    rows = np.flatnonzero(which >= 0)
    count, size = len(order), len(labels) * len(order)
    cell = position[rows] * count + which[rows]
    cell_counts = np.bincount(cell, minlength=size)
    _check_cells(table, (draw, form), cell_counts, rows, cell, list(order), labels)
    at = np.empty(size, dtype=np.intp)
    at[cell] = rows
    row = at.reshape(len(labels), count)
    levels: dict[str, tuple[str, ...]] = {}
    columns = {
        name: _once(table, name, values, row, levels.get(name))
        for name, values in _parameters(table, parameters, levels)
    }
    cost = table.numbers(form.cost[0])[row]
    effect = table.numbers(form.effect[0])[row] if form.effect else np.zeros_like(cost)
    return Parts(tuple(order), cost, effect, columns, levels, labels)


def _check_cells(
    table: Columns,
    draw_and_form: tuple[str, Form],
    cell_counts: NDArray[np.intp],
    rows: NDArray[np.intp],
    cell: NDArray[np.intp],
    names: list[str],
    labels: list[Any],
) -> None:
    """Refuse a draw of a strategy that stands twice or not at all; `draw_and_form`: the draw's column, and the form."""
    draw, form = draw_and_form
    if (cell_counts > 1).any():
        wrong = int(np.argmax(cell_counts > 1))
        first, row = (int(rows[at]) for at in np.flatnonzero(cell == wrong)[:2])
        value = f"draw {draw_told(labels[wrong // len(names)])}, strategy '{names[wrong % len(names)]}'"
        raise ResultError(
            "a draw of a strategy stands twice",
            where=table.place(row, draw),
            value=value,
            rule="one row for each draw and strategy",
            way_out=told_apart(table, (first, row), (draw, form.strategy), form.results)
            or _apart(table, "leave out one row, or give it a draw of its own"),
        )
    if (cell_counts == 0).any():
        gap = int(np.argmax(cell_counts == 0))
        at = gap // len(names)
        row = int(rows[np.flatnonzero(cell // len(names) == at)[0]]) if (cell // len(names) == at).any() else 0
        raise ResultError(
            f"draw {draw_told(labels[at])} has no row for a strategy",
            where=table.place(row, draw),
            value=f"'{names[gap % len(names)]}'; {int((cell_counts == 0).sum())} rows missing in all",
            rule="every strategy is run with every draw, so that they can be compared draw by draw",
            way_out="complete the table, or choose strategies that are complete in strategies=",
        )


def _once(table: Columns, name: str, values: Floats, row: NDArray[np.intp], labels: tuple[str, ...] | None) -> Floats:
    """A parameter repeated in the rows of each draw, checked to be the same in all of them."""
    by_draw = values[row]
    wrong = np.argwhere(by_draw != by_draw[:, :1])
    if wrong.size:
        draw, strategy = (int(i) for i in wrong[0])
        value = by_draw[draw, strategy]
        raise ResultError(
            f"parameter '{name}' is not the same for all strategies of a draw",
            where=table.place(int(row[draw, strategy]), name),
            value=labels[int(value)] if labels else value,
            rule="a parameter has one value per draw",
            way_out="if it is a result rather than a parameter, name it in ignore=",
        )
    return np.asarray(by_draw[:, 0])
