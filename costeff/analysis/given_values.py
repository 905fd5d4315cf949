"""Parameter values that were drawn elsewhere, in the place of those that the evidence would draw."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.tables.source import read_columns
from costeff.errors import EvidenceError
from costeff.evidence import Evidence, Parameter, Setter
from costeff.evidence.distributions.joint import Empirical
from costeff.evidence.setting import unknown_parameter
from costeff.units import parse_unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Given = Mapping[str, Any] | pd.DataFrame | str | os.PathLike[str]

DRAW = "draw"
"""A column of this name numbers the draws and is no parameter."""
SET_BY = Setter("program", "psa(values=)")
"""Who set a parameter that stands for values that were drawn elsewhere."""
INTERVAL_LEVEL = 0.999
"""Probability of the interval of the model's parameter in which the mean of a column is not asked about."""


def given_values(evidence: Evidence, values: Given) -> dict[str, NDArray[np.float64]]:
    """Columns of a table, DataFrame or mapping by name of parameter, checked: each (draw,).

    Raises EvidenceError for an unknown name, columns of different lengths or below two draws, a value that is no finite
    number or that the parameter's unit does not allow, and for a part of what is drawn jointly.

    Examples
    --------
    >>> e = Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")])
    >>> given_values(e, {"draw": [1, 2], "wait": [3, 5]})
    {'wait': array([3., 5.])}
    """
    columns = {name: column for name, column in _columns(values).items() if name != DRAW}
    if not columns:
        raise EvidenceError("values= names no parameter", way_out="give a column for each parameter that was drawn")
    for name in columns:
        if name not in evidence.parameters:
            raise unknown_parameter(name, evidence.parameters, None)
    read = {name: _checked(evidence.parameters[name], column) for name, column in columns.items()}
    lengths = {name: len(column) for name, column in read.items()}
    if len(set(lengths.values())) > 1:
        raise EvidenceError(
            "the columns of values= are not equally long",
            value=", ".join(f"{name}: {length}" for name, length in lengths.items()),
            rule="a row is one draw of all the parameters that are given",
        )
    _refuse_parts(evidence, set(read))
    return read


def stated(evidence: Evidence, columns: Mapping[str, NDArray[np.float64]]) -> Evidence:
    """The evidence in which the given columns stand as what they are: empirical distributions, set by a program."""
    parameters, groups = dict(evidence.parameters), dict(evidence.groups)
    for name, column in columns.items():
        old, centre = parameters[name], float(column.mean())
        low, high = old.interval(
            INTERVAL_LEVEL
        )  # a mean that the model's own distribution allows is no slip of the pen
        parameters[name] = replace(
            old,
            value=centre,
            distribution=Empirical(column),
            centre="mean",
            kind="assumption",
            source=(),
            group=None,
            meant=old.meant or low <= centre <= high,
            note=f"{len(column)} values drawn elsewhere, from psa(values=)",
            replaces=old.replaces or old,
            set_by=SET_BY,
        )
        if old.group:
            groups[old.group] = groups[old.group].release(name)
    correlations = [pair for pair in evidence.correlations if not set(pair.parameters) & set(columns)]
    return replace(evidence, parameters=parameters, groups=groups, correlations=tuple(correlations))


def _columns(values: Given) -> dict[str, Any]:
    """Name to what the column holds; a file is read as a table of draws is."""
    if isinstance(values, (str, os.PathLike)):
        table = read_columns(values)
        return {name: table.numbers(name) for name in table.names}
    try:
        return {str(name): column for name, column in values.items()}
    except AttributeError:
        raise EvidenceError(
            "values= is no table",
            value=type(values).__name__,
            rule="a mapping of names to columns, a DataFrame, or the path of a table",
        ) from None


def _checked(parameter: Parameter, column: Any) -> NDArray[np.float64]:
    """The values as numbers that the parameter's unit allows."""
    name, unit = parameter.name, parse_unit(parameter.unit)
    try:
        read = np.array(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EvidenceError(f"values of parameter '{name}' are no numbers", rule=str(error)) from error
    if read.ndim != 1 or len(read) < 2:
        raise EvidenceError(
            f"values of parameter '{name}' are not a column of draws",
            value=f"shape {read.shape}",
            rule="one number for each of two draws or more",
            way_out="set one known number with run(values=)",
        )
    wrong = ~np.isfinite(read) | (read < unit.low) | (read > unit.high)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise EvidenceError(
            f"a value of parameter '{name}' cannot be",
            where=f"draw {at + 1}",
            value=f"{read[at]:g}",
            rule=f"{parameter.unit}: finite, from {unit.low:g} to {unit.high:g}",
            way_out="correct the draws",
        )
    read.setflags(write=False)
    return read


def _refuse_parts(evidence: Evidence, names: set[str]) -> None:
    """Refuse some of the members of what is drawn jointly: the rest would be drawn as if these were not known."""
    joint = [(f"group '{name}'", set(group.members)) for name, group in evidence.groups.items()]
    joint += [("a correlation", set(pair.parameters)) for pair in evidence.correlations]
    for what, members in joint:
        missing = sorted(members - names)
        if missing and members & names:
            raise EvidenceError(
                f"values= holds a part of {what}",
                value=", ".join(sorted(members & names)),
                rule="parameters that are estimated jointly are drawn jointly",
                way_out=f"give {', '.join(missing)} too, from the same draws",
            )
