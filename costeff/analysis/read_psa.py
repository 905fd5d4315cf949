"""read_psa: a PSA table of costs, effects and parameters from any program, as an Evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack, overload

from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.tables.asked import Asked, Naming, prepared, same_name, texts_of
from costeff.analysis.tables.columns import Columns
from costeff.analysis.tables.dataset import dataset_parts
from costeff.analysis.tables.join import costs_and_effects, with_parameters
from costeff.analysis.tables.parts import Parts, parts_of
from costeff.analysis.tables.related import warn_of_unrelated
from costeff.analysis.tables.source import read_columns
from costeff.errors import ResultError


class TableOptions(TypedDict, total=False):
    """How a table is read, as keywords: see `read_psa`, where their meaning stands."""

    parameters: Any
    effects: Any
    cost: Naming
    effect: Naming
    net_benefit: Naming
    columns: Mapping[str, str] | Sequence[str]
    comparator: str | None
    strategies: Sequence[str] | None
    ignore: Sequence[str]
    sheet: str | None
    effect_sign: int
    effect_name: str
    effect_unit: str
    currency: str
    price_year: int | None
    perspective: str
    label: str
    replicates: int | None


@overload
def read_psa(source: Any, *, subgroup: None = None, **request: Unpack[TableOptions]) -> EvaluationData: ...


@overload
def read_psa(source: Any, *, subgroup: str, **request: Unpack[TableOptions]) -> dict[str, EvaluationData]: ...


def read_psa(
    source: Any,
    *,
    parameters: Any = None,
    effects: Any = None,
    cost: Naming = None,
    effect: Naming = None,
    net_benefit: Naming = None,
    columns: Mapping[str, str] | Sequence[str] = (),
    comparator: str | None = None,
    strategies: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    subgroup: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    effect_sign: int = 1,
    effect_name: str = "effect",
    effect_unit: str = "QALY",
    currency: str = "money",
    price_year: int | None = None,
    perspective: str = "as given",
    label: str = "",
    replicates: int | None = None,
) -> EvaluationData | dict[str, EvaluationData]:
    """Read a probabilistic analysis made anywhere and return the same Evaluation as `result.perspective(...)`.

    Forms that are known are read as they are: wide tables (one row per draw; `cost_X` and `effect_X` for each strategy
    X, `c.X` and `e.X`, `X_Cost` and `X_Eff`, `Cost_X` and `QALY_X`), long tables (one row per draw and strategy;
    columns such as `iteration`, `arm`, `cost`, `qaly`), costs only, net benefits only. Every other column is a
    parameter. How a table was read stands in `evaluation.attrs["read_as"]`. What could be read in two ways is refused
    with both readings.

    Parameters
    ----------
    source : path, pandas DataFrame or xarray Dataset
        CSV separated by comma, tab or semicolon, the last two also with decimal commas; XLSX; Parquet with the extra
        `[data]`. A Dataset has `cost` and `effect` over (draw, strategy) and parameters over (draw,).
    parameters : same kinds, optional
        A second table with one row per draw, joined by the draw, or row by row when neither table has it.
    effects : same kinds, optional
        The effects, when `source` holds only the costs, both with a column for each strategy (as SAVI takes them).
    cost, effect, net_benefit : str or list of str, optional
        Where they stand: a column, a pattern in which * stands for the strategy (`"c_*"`), or columns in the order of
        `strategies`. `effect="none"`: the table holds costs only.
    columns : mapping, optional
        Old names of columns to new ones, before anything else is read; or texts OLD=NEW.
    comparator : str, optional
        The first strategy unless named.
    strategies : sequence of str, optional
        Chooses and orders them, and tells strategies from parameters that begin with `cost_`.
    ignore : sequence of str, optional
        Columns to leave out.
    subgroup : str, optional
        A column that names subgroups: the answer is then one Evaluation for each, by name.
    sheet : str, optional
        The sheet of a workbook; needed when several hold something.
    encoding : str, optional
        Of text tables that are not UTF-8, such as "windows-1252" or "utf-16-le".
    effect_sign : int
        -1: fewer is better.
    effect_name, effect_unit, currency, price_year, perspective, label : str or int
        What to call things: nothing is known about the money of a table. Costs and effects are per individual.
    replicates : int, optional
        The draws lie in so many equal blocks, each a Latin hypercube or Sobol design randomised by itself, from which
        Monte Carlo errors come; 1 for a single such design; None for independent draws.

    Returns
    -------
    Evaluation, or a dict of them by subgroup
        Draws come in rising order of number (else in order of appearance). Parameters of texts or yes/no are codes with
        names in `levels`.

    Warns
    -----
    UnrelatedWarning
        When all parameters together explain nothing of any result, which 500 draws or more would have shown: rows
        of parameters and results then hardly belong together.

    Raises
    ------
    ResultError
        With file and line for a missing, double, infinite or non-numeric cell, and for what cannot be told.
    MissingExtraError
        For Parquet without pyarrow.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"cost_usual": [100.0, 120.0], "cost_new": [150.0, 150.0],
    ...                      "effect_usual": [1.0, 1.0], "effect_new": [1.5, 1.5], "price": [3.0, 4.0]})
    >>> evaluation = read_psa(wide, currency="EUR")
    >>> evaluation.strategies, evaluation.comparator, list(evaluation.parameters)
    (('usual', 'new'), 'usual', ['price'])
    >>> bcea = pd.DataFrame({"sim": [1, 2], "c.usual": [9.0, 8.0], "c.new": [7.0, 9.0], "e.usual": 1.0, "e.new": 2.0})
    >>> print(read_psa(bcea).attrs["read_as"])
    a table of BCEA: e.X, c.X; strategies: usual (comparator), new; draws: 2; no parameters; column 'sim' is the draw
    """
    request = Asked(
        cost,
        effect,
        net_benefit,
        None if strategies is None else texts_of(strategies),
        texts_of(ignore),
        columns,
        subgroup,
    )
    twice = sorted({name for name in request.strategies or () if (request.strategies or ()).count(name) > 1})
    if twice:
        raise ResultError(
            "a strategy is asked for twice", value=", ".join(twice), way_out="name each in strategies= once"
        )

    def evaluation(parts: Parts, label: str) -> EvaluationData:
        """The evaluation of what was read; warns when its parameters explain nothing of its results."""
        no_effects = bool(parts.results) and effect_name == "effect"
        analysis = EvaluationData(
            perspective,
            "none" if no_effects else effect_name,
            parts.strategies,
            _comparator(comparator, parts.strategies),
            parts.cost,
            parts.effect,
            parameters=parts.drawn,
            levels=parts.levels,
            currency=currency,
            effect_unit=parts.results if no_effects else effect_unit,
            price_year=price_year,
            label=label,
            effect_sign=effect_sign,
            replicates=replicates,
            attrs={"read_as": _read_as(parts, comparator), "results": parts.results or "costs and effects"},
        )
        warn_of_unrelated(analysis)
        return analysis

    if hasattr(source, "data_vars"):
        _only_of_tables(effects=effects, net_benefit=net_benefit, subgroup=subgroup, sheet=sheet)
        parts = dataset_parts(source, request)
        if parameters is not None:
            with_parameters(parts, read_columns(parameters, None, encoding))
        return evaluation(parts, label)
    tables = _tables(source, effects, parameters, (sheet, encoding), request)
    if subgroup is None:
        return evaluation(_parts(*tables, request), label)
    groups = _by_group(tables[0], subgroup)
    return {
        name: evaluation(_parts(table, *tables[1:], request), f"{label}, {name}" if label else name)
        for name, table in groups.items()
    }


def _only_of_tables(**options: object) -> None:
    """Refuse options that say where something stands in a table; they would do nothing to a dataset."""
    options_in_use = [f"{name}=" for name, value in options.items() if value is not None]
    if options_in_use:
        raise ResultError(
            "a labelled dataset is read by its labels",
            value=", ".join(options_in_use),
            rule="effects=, net_benefit=, subgroup= and sheet= are for tables",
            way_out="dataset.to_dataframe().reset_index() is such a table, one row per draw and strategy",
        )


_Tables = tuple[Columns, Columns | None, Columns | None]
"""Results, or costs only; effects; parameters."""


def _tables(
    source: Any, effects: Any, parameters: Any, within: tuple[str | None, str | None], request: Asked
) -> _Tables:
    """The tables read, with their columns renamed and left out as asked; `within`: sheet of the first, and encoding."""
    sheet, encoding = within
    sources = [one for one in (source, effects, parameters) if one is not None]
    tables = prepared([read_columns(one, sheet if one is source else None, encoding) for one in sources], request)
    rest = iter(tables[1:])
    return (tables[0], next(rest) if effects is not None else None, next(rest) if parameters is not None else None)


def _parts(table: Columns, effects: Columns | None, parameters: Columns | None, request: Asked) -> Parts:
    parts = parts_of(table, request) if effects is None else costs_and_effects(table, effects, request)
    if parameters is not None:
        with_parameters(parts, parameters)
    return parts


def _by_group(table: Columns, column: str) -> dict[str, Columns]:
    """The table of each subgroup, in order of appearance."""
    if column not in table:
        raise ResultError(
            "no such column of subgroups",
            where=table.head(),
            value=column,
            rule=f"columns: {', '.join(table.names)}",
            way_out="correct the name in subgroup=",
        )
    texts = table.texts(column)
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(text, []).append(row)
    rest = table.without([column])
    return {name: rest.chosen(positions) for name, positions in rows.items()}


def _comparator(comparator: str | None, strategies: tuple[str, ...]) -> str:
    """The strategy that is asked for as a name or number, else the first; an unknown one is left to be refused."""
    return strategies[0] if comparator is None else same_name(str(comparator), strategies) or str(comparator)


def _read_as(parts: Parts, comparator: str | None) -> str:
    """How a table was understood, in one line."""
    base = _comparator(comparator, parts.strategies)
    names = [f"{name} (comparator)" if name == base else name for name in parts.strategies]
    pieces = [parts.said, f"strategies: {', '.join(names)}", f"draws: {len(parts.cost)}"]
    pieces.append(f"parameters: {len(parts.drawn)}" if parts.drawn else "no parameters")
    if parts.levels:
        pieces.append("with levels: " + ", ".join(f"{n} ({', '.join(v[:6])})" for n, v in parts.levels.items()))
    return "; ".join([*pieces, *dict.fromkeys(parts.notes)])
