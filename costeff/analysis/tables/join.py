"""Draws that stand in several tables: parameters beside results, or costs, effects and parameters in a table each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.tables import words
from costeff.analysis.tables.affix import families
from costeff.analysis.tables.asked import Asked, listed
from costeff.analysis.tables.columns import Columns
from costeff.analysis.tables.draws import counts_in_order, draw_column, draw_told, draws_of
from costeff.analysis.tables.parts import Parts
from costeff.errors import ResultError


def costs_and_effects(costs: Columns, effects: Columns, request: Asked) -> Parts:
    """Two tables with a column for each strategy, as SAVI takes them: costs in one, effects in the other."""
    cost_columns, cost_draw = _by_strategy(costs, words.COST)
    effect_columns, effect_draw = _by_strategy(effects, (*words.EFFECT, *words.YEARS))
    names = listed(request.strategies, cost_columns) if request.strategies is not None else tuple(cost_columns)
    lonely = [n for n in names if n not in cost_columns or n not in effect_columns]
    lonely += [n for n in effect_columns if n not in names] if request.strategies is None else []
    if lonely:
        raise ResultError(
            "a strategy lacks its cost or its effect",
            where=effects.head(),
            value=lonely[0],
            rule=f"both tables have a column for each strategy; costs of {', '.join(cost_columns)}; "
            f"effects of {', '.join(effect_columns)}",
            way_out="rename columns in columns=, leave out those that are none in ignore=, or choose strategies=",
        )
    for table, columns in ((costs, cost_columns), (effects, effect_columns)):
        table.settle(columns.values())
    cost = np.column_stack([costs.numbers(cost_columns[name]) for name in names])
    effect = np.column_stack([effects.numbers(effect_columns[name]) for name in names])
    parts = Parts(names, cost, effect, {}, index=costs.index, notes=[*costs.notes, *effects.notes])
    parts.said = "costs and effects in two tables, a column for each strategy"
    if cost_draw is not None:
        labels, position = draws_of(costs, cost_draw)
        _refuse_twice(costs, cost_draw, labels, position)
        order = np.argsort(position, kind="stable")
        parts.key, parts.cost, parts.rows = labels, cost[order], counts_in_order(costs, cost_draw)
    parts.effect = effect[_order(effects, effect_draw, parts)]
    return parts


def _by_strategy(table: Columns, usual: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """Strategy to column, and the column of the draws; a word that begins or ends all names is no part of them."""
    draw, left_out = draw_column(table)
    names = [name for name in table.names if name != draw and name not in left_out]
    for family in families(names, usual):
        if len(family.columns) == len(names):
            return family.columns, draw
    return {name: name for name in names}, draw


def with_parameters(parts: Parts, table: Columns) -> None:
    """Add the parameters of a second table, in the order of the draws of the first. Raises ResultError."""
    both = sorted(set(table.names) & set(parts.drawn))
    if both:
        raise ResultError(
            "a parameter stands in both tables",
            where=table.head(),
            value=", ".join(both),
            way_out="leave it out of one of them",
        )
    draw, left_out = draw_column(table)
    names = [name for name in table.names if name != draw and name not in left_out]
    table.settle(names)
    order = _order(table, draw, parts)
    for name in names:
        values, labels = table.levels(name)
        parts.drawn[name] = values[order]
        if labels is not None:
            parts.levels[name] = labels
    parts.notes = [*parts.notes, *(f"of the second table: {note}" for note in table.notes)]


def _order(table: Columns, draw: str | None, parts: Parts) -> NDArray[np.intp]:
    """The row of a second table for each draw of the first: by the draw's name, else row by row."""
    draws = len(parts.cost)
    key = parts.key
    if key is not None and parts.rows and draw is None:
        key = None  # the first table counts its rows, so its rows are in the order of its draws
    elif key is None and draw is not None and counts_in_order(table, draw):
        draw = None
    if (key is None) != (draw is None):
        raise ResultError(
            "only one of the two tables has a column draw",
            where=table.head(),
            value=", ".join(table.names),
            rule="two tables are joined by that column, or row by row when neither has it",
            way_out="give both a column draw, or neither; another name by columns={'name': 'draw'}",
        )
    if key is None or draw is None:
        if table.rows != draws:
            raise ResultError(
                "the tables have different numbers of draws",
                where=table.head(),
                value=f"{table.rows} rows for {draws} draws",
                rule="without a column draw they are joined row by row",
                way_out="give both tables a column draw",
            )
        _refuse_other_labels(table, parts)
        return np.arange(draws)
    labels, position = draws_of(table, draw, whole=False)
    _refuse_twice(table, draw, labels, position)
    row = {label: int(at) for at, label in zip(np.argsort(position, kind="stable"), labels, strict=True)}
    absent = [label for label in key if label not in row]
    if absent or len(row) > len(key):
        draw_names = set(key)
        other = absent[0] if absent else next(label for label in row if label not in draw_names)
        raise ResultError(
            "the two tables do not have the same draws",
            where=table.head(),
            value=f"draw {draw_told(other)}: only in {'the first' if absent else 'the second'}",
            rule="every draw stands once in both tables",
            way_out="complete the tables, or write the draws alike in both",
        )
    return np.array([row[label] for label in key])


def _refuse_twice(table: Columns, draw: str, labels: list[Any], position: NDArray[np.intp]) -> None:
    if len(labels) == table.rows:
        return
    again = next(row for row in range(table.rows) if position[row] in position[:row])
    raise ResultError(
        "a draw stands twice",
        where=table.place(again, draw),
        value=draw_told(labels[position[again]]),
        rule="a table beside another has one row per draw",
        way_out="give each row a draw of its own",
    )


def _refuse_other_labels(table: Columns, parts: Parts) -> None:
    """Refuse to join two tables in memory row by row when labels of their rows say that they belong otherwise."""
    here = table.index or tuple(range(table.rows))
    there = parts.index or tuple(range(table.rows))
    if here == there or (table.index is None and table.file) or (parts.index is None and parts.key is not None):
        return
    at = next(i for i, (one, other) in enumerate(zip(there, here, strict=True)) if one != other)
    raise ResultError(
        "the rows of the two tables have different labels",
        where="the second table",
        value=f"row {at}: {there[at]} in the first, {here[at]} in the second",
        rule="without a column draw tables are joined row by row, and the index must not say otherwise",
        way_out="name the index in both, table.index.name = 'draw', to join by it; or table.reset_index(drop=True) in "
        "both, if row k is the same draw in both",
    )
