"""A labelled dataset (xarray) with cost and effect over (draw, strategy) and parameters over (draw,)."""

from __future__ import annotations

from typing import Any

import numpy as np

from costeff.analysis.apart import COSTS_ONLY
from costeff.analysis.tables.asked import Asked, listed, renaming
from costeff.analysis.tables.columns import FAILED, FINITE, Columns, Floats
from costeff.analysis.tables.form import NONE
from costeff.analysis.tables.parts import Parts
from costeff.errors import ResultError

_PLACE = "the dataset"


def dataset_parts(source: Any, request: Asked) -> Parts:
    """Read a dataset. Raises ResultError with the place by its labels."""
    source = _renamed(source, request)
    cost_name = request.cost if isinstance(request.cost, str) else "cost"
    effect_name = request.effect if isinstance(request.effect, str) else "effect"
    kinds = [cost_name] if effect_name == NONE else [cost_name, effect_name]
    for kind in kinds:
        if kind not in source or set(source[kind].dims) != {"draw", "strategy"}:
            raise ResultError(
                f"the dataset has no '{kind}' over (draw, strategy)",
                value=", ".join(map(str, source.data_vars)),
                way_out="rename its variables in columns=, or its dimensions",
            )
    if "strategy" not in source.coords:
        raise ResultError(
            "the dataset does not name its strategies",
            rule="strategy is a coordinate",
            way_out="dataset.assign_coords(strategy=[...])",
        )
    choices = [str(name) for name in source["strategy"].values]
    names = list(listed(request.strategies, choices)) if request.strategies is not None else choices
    absent = [name for name in names if name not in choices]
    if absent or len(set(choices)) < len(choices):
        raise ResultError(
            "strategies are missing or not unique",
            value=", ".join(absent or choices),
            rule="each name once",
            way_out="name each strategy of the dataset once",
        )
    key = _key(source)
    columns = [choices.index(name) for name in names]
    arrays = [_finite(source[kind].transpose("draw", "strategy"))[:, columns] for kind in kinds]
    effect = arrays[1] if len(arrays) > 1 else np.zeros_like(arrays[0])
    parameters, levels = _parameters(source)
    parts = Parts(tuple(names), arrays[0], effect, parameters, levels, key, said="a labelled dataset")
    parts.results = "" if len(arrays) > 1 else COSTS_ONLY
    return parts


def _renamed(source: Any, request: Asked) -> Any:
    """The dataset with variables renamed, and without those to ignore."""
    names = [str(name) for name in source.data_vars]
    pairs = renaming(request.columns, names, _PLACE)
    unknown = sorted(set(request.ignore) - set(names))
    if unknown:
        raise ResultError(
            "no such column to ignore",
            where=_PLACE,
            value=", ".join(unknown),
            rule=f"columns: {', '.join(names)}",
            way_out="correct the name in ignore=",
        )
    return source.drop_vars([name for name in names if name in request.ignore]).rename(pairs)


def _key(source: Any) -> list[Any] | None:
    """The names of the draws, each once."""
    key = source["draw"].values.tolist() if "draw" in source.coords else None
    if key is not None and len(set(key)) < len(key):
        again = next(name for i, name in enumerate(key) if name in key[:i])
        raise ResultError(
            "a draw stands twice",
            where="the dataset, coordinate draw",
            value=again,
            way_out="give each draw a name of its own",
        )
    return key


def _parameters(source: Any) -> tuple[dict[str, Floats], dict[str, tuple[str, ...]]]:
    """Variables over the draws, as numbers or levels."""
    parameters: dict[str, Floats] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name, array in source.data_vars.items():
        if array.dims != ("draw",):
            continue
        if array.dtype.kind in "bUTO":
            table = Columns({str(name): array.values.tolist()}, array.size, _PLACE)
            parameters[str(name)], labels = table.levels(str(name))
            if labels is not None:
                levels[str(name)] = labels
        else:
            parameters[str(name)] = _finite(array)
    return parameters, levels


def _finite(array: Any) -> Floats:
    """The values of a labelled array whose first axis is the draw; ResultError unless they are finite numbers."""
    if array.dtype.kind not in "iuf":
        raise ResultError(
            f"'{array.name}' does not hold numbers",
            where=_PLACE,
            value=str(array.dtype),
            way_out="convert it, or name it in ignore=",
        )
    values = np.asarray(array.values, dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        at = tuple(int(i) for i in wrong[0])
        place = [
            f"{dim} {array[dim].values[i] if dim in array.coords else i}" for dim, i in zip(array.dims, at, strict=True)
        ]
        raise ResultError(
            f"'{array.name}' holds a number that is missing or not finite",
            where=f"{_PLACE}, {', '.join(place)}",
            value=values[at],
            rule=FINITE,
            way_out=FAILED,
        )
    return values
