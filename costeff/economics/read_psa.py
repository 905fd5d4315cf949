"""read_psa: a PSA table of costs, effects and parameters from any program, as an Evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.economics.evaluation import Evaluation
from costeff.economics.psa_source import FAILED, FINITE, Columns, read_columns
from costeff.errors import ResultError

Floats = NDArray[np.float64]
_RULE = (
    "long: columns strategy, cost, effect and draw; wide: cost_X and effect_X for each strategy X; every other "
    "column is a parameter"
)


def read_psa(
    source: Any,
    *,
    parameters: Any = None,
    comparator: str | None = None,
    strategies: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    effect_sign: int = 1,
    effect_name: str = "effect",
    effect_unit: str = "QALY",
    currency: str = "money",
    price_year: int | None = None,
    perspective: str = "as given",
    label: str = "",
    replicates: int | None = None,
) -> Evaluation:
    """Read a probabilistic analysis made anywhere and return the same Evaluation as `result.perspective(...)`.

    `source` is a path (CSV separated by comma, tab or semicolon, the last two also with decimal commas;
    Parquet with the extra `[data]`), a pandas DataFrame, or an xarray Dataset with `cost` and `effect` over
    (draw, strategy) and parameters over (draw,). Tables are long (`draw, strategy, cost, effect`, parameters
    repeated in the rows of a draw) or wide (`cost_X, effect_X` for each strategy X, one row per draw); every
    other column is a parameter. `parameters` is a second table with one row per draw, joined by `draw`, or
    row by row when neither table has that column. Costs and effects are per individual.

    `comparator` is the first strategy unless named. `strategies` chooses and orders them, and tells
    strategies from parameters that begin with cost_; `ignore` names columns to leave out. Nothing is known
    about the money of a table: `currency` says what to call it. `effect_sign=-1`: fewer is better.
    `replicates`: the draws lie in so many equal blocks, each a Latin hypercube or Sobol design randomised by
    itself, from which Monte Carlo errors come; 1 for a single such design; None for independent draws.

    Draws come in rising order of number (else in order of appearance). Raises ResultError with file and line
    for a missing, double, infinite or non-numeric cell, and MissingExtraError for Parquet without pyarrow.

    >>> import pandas as pd
    >>> wide = pd.DataFrame({"cost_usual": [100.0, 120.0], "cost_new": [150.0, 150.0],
    ...                      "effect_usual": [1.0, 1.0], "effect_new": [1.5, 1.5], "price": [3.0, 4.0]})
    >>> evaluation = read_psa(wide, currency="EUR")
    >>> evaluation.strategies, evaluation.comparator, list(evaluation.parameters)
    (('usual', 'new'), 'usual', ['price'])
    """
    strategies = (strategies,) if isinstance(strategies, str) else strategies
    ignore = (ignore,) if isinstance(ignore, str) else ignore
    twice = sorted({name for name in strategies or () if list(strategies or ()).count(name) > 1})
    if twice:
        raise ResultError(
            "a strategy is asked for twice", value=", ".join(twice), way_out="name each in strategies= once"
        )
    if hasattr(source, "data_vars"):
        names, cost, effect, drawn, key = _dataset(source, strategies, ignore)
    else:
        table = read_columns(source)
        unknown = sorted(set(ignore) - set(table.names))
        if unknown:
            raise _unknown(unknown, table.names, table.head())
        read = _long if "strategy" in table else _wide
        names, cost, effect, drawn, key = read(table, strategies, frozenset(ignore))
    if parameters is not None:
        drawn = {**drawn, **_second(read_columns(parameters), key, len(cost), drawn)}
    return Evaluation(
        perspective, effect_name, names, comparator or names[0], cost, effect, parameters=drawn,
        currency=currency, effect_unit=effect_unit, price_year=price_year, label=label, effect_sign=effect_sign,
        replicates=replicates,
    )  # fmt: skip


def _unknown(names: Sequence[str], known: Sequence[str], where: Any) -> ResultError:
    return ResultError(
        "no such column to ignore", where=where, value=", ".join(names), rule=f"columns: {', '.join(known)}",
        way_out="correct the name in ignore=",
    )  # fmt: skip


_Parts = tuple[tuple[str, ...], Floats, Floats, dict[str, Floats], list[Any] | None]
"""Strategies, cost and effect (draw, strategy), parameters, and the names of the draws when there are some."""


def _wide(table: Columns, wanted: Sequence[str] | None, ignore: frozenset[str]) -> _Parts:
    kinds = {
        kind: [n.removeprefix(kind) for n in table.names if n.startswith(kind) and n not in ignore]
        for kind in ("cost_", "effect_")
    }
    names = list(wanted or kinds["cost_"])
    if not names:
        raise ResultError(
            "the table has no costs", where=table.head(), value=", ".join(table.names), rule=_RULE,
            way_out="rename its columns; small and capital letters differ",
        )  # fmt: skip
    for found in kinds.values():
        lonely = [n for n in names if n not in found] + (
            [] if wanted else [n for n in found if n not in names]
        )
        if lonely:
            raise ResultError(
                "a strategy lacks its cost or its effect", where=table.head(), value=lonely[0],
                rule=f"{_RULE}; columns: {', '.join(table.names)}",
                way_out="name the strategies in strategies=, or the column in ignore=",
            )  # fmt: skip
    cost = np.column_stack([table.numbers(f"cost_{n}") for n in names])
    effect = np.column_stack([table.numbers(f"effect_{n}") for n in names])
    taken = {f"{kind}{n}" for kind in kinds for n in names} | {"draw"} | ignore
    drawn = {name: table.numbers(name) for name in table.names if name not in taken}
    if "draw" not in table:
        return tuple(names), cost, effect, drawn, None
    labels, position = _draws(table)
    order = np.argsort(position, kind="stable")
    twice = np.flatnonzero(np.diff(position[order]) == 0)
    if twice.size:
        row = int(order[twice[0] + 1])
        raise ResultError(
            "a draw stands twice", where=table.place(row, "draw"), value=labels[position[row]],
            rule="a wide table has one row per draw", way_out="give each row a draw of its own",
        )  # fmt: skip
    return tuple(names), cost[order], effect[order], {k: v[order] for k, v in drawn.items()}, labels


def _draws(table: Columns) -> tuple[list[Any], NDArray[np.intp]]:
    """Names of the draws (rising when they are numbers) and the position of each row's among them."""
    try:
        values, position = np.unique(table.numbers("draw"), return_inverse=True)
    except ResultError:
        texts = table.texts("draw")
        order = {name: i for i, name in enumerate(dict.fromkeys(texts))}
        return list(order), np.array([order[name] for name in texts])
    _no_gap(table, values)
    return values.tolist(), position


def _no_gap(table: Columns, numbers: NDArray[np.float64]) -> None:
    """Refuse numbered draws of which some are not there: draws left out because they failed bias every mean."""
    steps = np.diff(numbers)
    least = (
        np.median(steps) if len(steps) else 0.0
    )  # numbers that are not counted up, such as seeds, say nothing
    if (numbers != np.round(numbers)).any() or not (steps > least).any() or steps.min(initial=least) < least:
        return
    gap = int(np.argmax(steps > least))
    raise ResultError(
        "draws are missing", where=table.head(), value=f"after draw {numbers[gap]:g} comes {numbers[gap + 1]:g}",
        rule="draws are numbered without gaps; those left out because a run failed would bias the result",
        way_out="give the missing draws; if they were left out at random, number the draws again",
    )  # fmt: skip


def _long(table: Columns, wanted: Sequence[str] | None, ignore: frozenset[str]) -> _Parts:
    missing = [name for name in ("draw", "cost", "effect") if name not in table]
    if missing:
        raise ResultError(
            "a long table lacks a column", where=table.head(), value=", ".join(missing),
            rule=f"{_RULE}; columns: {', '.join(table.names)}",
            way_out="rename its columns; small and capital letters differ",
        )  # fmt: skip
    texts = table.texts("strategy")
    order = {name: i for i, name in enumerate(wanted or dict.fromkeys(texts))}
    absent = [name for name in order if name not in set(texts)]
    if absent:
        raise ResultError(
            "the table has no such strategy", where=table.head(), value=", ".join(absent),
            rule=f"strategies: {', '.join(dict.fromkeys(texts))}", way_out="correct the name in strategies=",
        )  # fmt: skip
    which = np.array([order.get(name, -1) for name in texts])
    labels, position = _draws(table)
    kept = np.flatnonzero(which >= 0)
    count, size = len(order), len(labels) * len(order)
    cell = position[kept] * count + which[kept]
    seen = np.bincount(cell, minlength=size)
    _check_cells(table, seen, kept, cell, list(order), labels)
    at = np.empty(size, dtype=np.intp)
    at[cell] = kept
    row = at.reshape(len(labels), count)
    taken = {"draw", "strategy", "cost", "effect"} | ignore
    drawn = {name: _once(table, name, row) for name in table.names if name not in taken}
    return tuple(order), table.numbers("cost")[row], table.numbers("effect")[row], drawn, labels


def _check_cells(
    table: Columns,
    seen: NDArray[np.intp],
    kept: NDArray[np.intp],
    cell: NDArray[np.intp],
    names: list[str],
    labels: list[Any],
) -> None:
    if (seen > 1).any():
        wrong = int(np.argmax(seen > 1))
        row = int(kept[np.flatnonzero(cell == wrong)[1]])
        value = f"draw {_told(labels[wrong // len(names)])}, strategy '{names[wrong % len(names)]}'"
        raise ResultError(
            "a draw of a strategy stands twice", where=table.place(row, "draw"), value=value,
            rule="one row for each draw and strategy", way_out="leave out one row, or give it a draw of its own",
        )  # fmt: skip
    if (seen == 0).any():
        gap = int(np.argmax(seen == 0))
        draw = gap // len(names)
        row = (
            int(kept[np.flatnonzero(cell // len(names) == draw)[0]])
            if (cell // len(names) == draw).any()
            else 0
        )
        raise ResultError(
            f"draw {_told(labels[draw])} has no row for a strategy", where=table.place(row, "draw"),
            value=f"'{names[gap % len(names)]}'; {int((seen == 0).sum())} rows missing in all",
            rule="every strategy is run with every draw, so that they can be compared draw by draw",
            way_out="complete the table, or choose strategies that are complete in strategies=",
        )  # fmt: skip


def _told(draw: Any) -> str:
    return f"{draw:g}" if isinstance(draw, float) else f"'{draw}'"


def _once(table: Columns, name: str, row: NDArray[np.intp]) -> Floats:
    """A parameter repeated in the rows of each draw, checked to be the same in all of them."""
    values = table.numbers(name)[row]
    wrong = np.argwhere(values != values[:, :1])
    if wrong.size:
        draw, strategy = (int(i) for i in wrong[0])
        raise ResultError(
            f"parameter '{name}' is not the same for all strategies of a draw",
            where=table.place(int(row[draw, strategy]), name), value=values[draw, strategy],
            rule="a parameter has one value per draw",
            way_out="if it is a result rather than a parameter, name it in ignore=",
        )  # fmt: skip
    return np.asarray(values[:, 0])


def _second(table: Columns, key: list[Any] | None, draws: int, known: dict[str, Floats]) -> dict[str, Floats]:
    """Parameters of a second table in the order of the draws of the first."""
    both = sorted(set(table.names) & set(known))
    if both:
        raise ResultError(
            "a parameter stands in both tables", where=table.head(), value=", ".join(both),
            way_out="leave it out of one of them",
        )  # fmt: skip
    if (key is None) != ("draw" not in table):
        raise ResultError(
            "only one of the two tables has a column draw", where=table.head(),
            rule="tables are joined by draw, or row by row when neither has it",
            way_out="give both the column draw",
        )  # fmt: skip
    order: Any = np.arange(table.rows)
    if key is not None:
        labels, position = _draws(table)
        if set(labels) != set(key) or table.rows != draws:
            odd = sorted(set(labels) ^ set(key), key=str)
            raise ResultError(
                "the two tables do not hold the same draws, once each", where=table.head(),
                value=_told(odd[0]) if odd else f"{table.rows} rows for {draws} draws",
                way_out="complete it, with one row per draw",
            )  # fmt: skip
        row_of = dict(zip((labels[p] for p in position), range(table.rows), strict=True))
        order = np.array([row_of[name] for name in key])
    elif table.rows != draws:
        raise ResultError(
            "the second table has another number of draws", where=table.head(), value=table.rows,
            rule=f"one row for each of {draws} draws", way_out="give both tables a column draw",
        )  # fmt: skip
    return {name: table.numbers(name)[order] for name in table.names if name != "draw"}


def _dataset(source: Any, wanted: Sequence[str] | None, ignore: Sequence[str]) -> _Parts:
    """Parts of an xarray Dataset with dimensions draw and strategy."""
    for name in ("cost", "effect"):
        if name not in source or set(source[name].dims) != {"draw", "strategy"}:
            raise ResultError(
                f"the dataset has no '{name}' over (draw, strategy)", value=", ".join(map(str, source.data_vars)),
                way_out="rename its variables or dimensions",
            )  # fmt: skip
    if "strategy" not in source.coords:
        raise ResultError(
            "the dataset does not name its strategies", rule="strategy is a coordinate",
            way_out="dataset.assign_coords(strategy=[...])",
        )  # fmt: skip
    unknown = sorted(set(ignore) - {str(name) for name in source.data_vars})
    if unknown:
        raise _unknown(unknown, [str(name) for name in source.data_vars], "the dataset")
    known = [str(name) for name in source["strategy"].values]
    names = list(wanted or known)
    absent = [name for name in names if name not in known]
    if absent or len(set(known)) < len(known):
        raise ResultError(
            "strategies are missing or not unique", value=", ".join(absent or known), rule="each name once",
            way_out="name each strategy of the dataset once",
        )  # fmt: skip
    key = source["draw"].values.tolist() if "draw" in source.coords else None
    if key is not None and len(set(key)) < len(key):
        again = next(name for i, name in enumerate(key) if name in key[:i])
        raise ResultError(
            "a draw stands twice", where="the dataset, coordinate draw", value=again,
            way_out="give each draw a name of its own",
        )  # fmt: skip
    columns = [known.index(name) for name in names]
    cost, effect = (
        _finite(source[kind].transpose("draw", "strategy"))[:, columns] for kind in ("cost", "effect")
    )
    drawn = {
        str(name): _finite(array)
        for name, array in source.data_vars.items()
        if array.dims == ("draw",) and name not in ignore
    }
    return tuple(names), cost, effect, drawn, key


def _finite(array: Any) -> Floats:
    """The values of a labelled array whose first axis is the draw; ResultError unless they are finite numbers."""
    if array.dtype.kind not in "iuf":
        raise ResultError(
            f"'{array.name}' does not hold numbers", where="the dataset", value=str(array.dtype),
            way_out="convert it, or name it in ignore=",
        )  # fmt: skip
    values = np.asarray(array.values, dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        at = tuple(int(i) for i in wrong[0])
        place = [
            f"{dim} {array[dim].values[i] if dim in array.coords else i}"
            for dim, i in zip(array.dims, at, strict=True)
        ]
        raise ResultError(
            f"'{array.name}' holds a number that is missing or not finite",
            where=f"the dataset, {', '.join(place)}", value=values[at], rule=FINITE, way_out=FAILED,
        )  # fmt: skip
    return values
