"""Two-way sensitivity: the result and the decision on a grid of two parameters, the others at their base values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np

from costeff import types
from costeff.errors import ScenarioError
from costeff.reporting.parameter_labels import unknown_parameter
from costeff.sensitivity.measure import Measure, measure
from costeff.sensitivity.one_way import partners
from costeff.sensitivity.points import PointOptions, Points, Settings

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.study import StudyData

GRID = 9
"""Values of each parameter unless told otherwise."""


def two_way(
    study: StudyData,
    first: str,
    second: str,
    perspective: str | None = None,
    *,
    first_values: Sequence[float] | None = None,
    second_values: Sequence[float] | None = None,
    grid: int = GRID,
    level: float = 0.95,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    on: types.Measure | None = None,
    **settings: Unpack[PointOptions],
) -> xr.Dataset:
    """The increment of net benefit (or net cost) at each pair of values: (first, second), named by the parameters.

    Values not given are `grid` equal distances over the interval of `level` of the parameter's distribution. Variables:
    result (currency per individual), mcse (its Monte Carlo error; NaN with one batch), preferred (the strategy
    preferred of all), quadrant (of the compared one). attrs: as `one_way`, base values, and `held`: parameters
    estimated together with these two, which stay at their base values. `settings` as in `one_way`.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    first : str
        A parameter.
    second : str
        Another one.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    first_values : sequence of float, optional
        In the unit of the first.
    second_values : sequence of float, optional
        In the unit of the second.
    grid : int
        Values of each where none are given.
    level : float
        Probability of the intervals, between 0 and 1.
    wtp : float, optional
        In currency per unit of effect; with it net benefit is measured, else net cost.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    strategy : str, optional
        The strategy that is compared with the comparator. Default: the last other one.
    on : str, optional
        What is measured: net benefit, or net cost. Default: net benefit where `wtp` is given.
    **settings : options of a run
        Of `individuals`, `batches`, `seed`, `engine` and `threads`: see `costeff.sensitivity.points.Settings`.

    Returns
    -------
    xarray.Dataset
        Over (first, second), named by the parameters.

    Raises
    ------
    ScenarioError
        For names or numbers that cannot be used.

    Examples
    --------
    >>> from costeff import load
    >>> study = load("sick_sicker")
    >>> study.two_way("c_S1", "c_S2", grid=2, strategy="A")["result"].shape
    (2, 2)
    """
    on_what = measure(study, perspective, wtp=wtp, effect=effect, strategy=strategy, on=on)
    points = Points(study, Settings(**settings), on_what.effect)
    axes = (first_values, second_values)
    return two_way_of(points, on_what, first, second, values=axes, grid=grid, level=level)


def two_way_of(
    points: Points,
    on_what: Measure,
    first: str,
    second: str,
    *,
    values: Sequence[Sequence[float] | None] = (None, None),
    ends: Sequence[Sequence[float] | None] = (None, None),
    grid: int = GRID,
    level: float = 0.95,
) -> xr.Dataset:
    """The grid of `two_way`, from points that may have been simulated already. `ends`: (low, high) of each axis."""
    import xarray as xr

    if first == second:
        raise ScenarioError("a grid needs two parameters", value=first, rule="two different names")
    study = points.study
    rows = axis_values(study, first, values[0], grid, level, ends[0])
    columns = axis_values(study, second, values[1], grid, level, ends[1])
    changes = [{}, *({first: a, second: b} for a in rows.tolist() for b in columns.tolist())]
    expected = points.at(changes, on_what.perspective)
    results = on_what.results(expected)
    decisions = on_what.decisions(expected)
    shape = (len(rows), len(columns))
    error = np.array([points.error(one) for one in results])
    dims = (first, second)
    base = study.evidence.base()
    about = on_what.about() | points.about()
    about |= {"base": float(results[0].mean()), "base_preferred": decisions[0].preferred}
    about |= {"base_first": base[first], "base_second": base[second]}
    about |= {f"unit_{i}": study.evidence.parameters[name].unit for i, name in zip("12", dims, strict=True)}
    about["held"] = list(partners(study, dims))
    return xr.Dataset(
        {
            "result": (dims, results[1:].mean(axis=1).reshape(shape)),
            "mcse": (dims, error[1:].reshape(shape)),
            "preferred": (dims, np.array([d.preferred for d in decisions[1:]]).reshape(shape)),
            "quadrant": (dims, np.array([d.quadrant for d in decisions[1:]]).reshape(shape)),
        },
        {first: rows, second: columns},
        attrs=about,
    )


def axis_values(
    study: StudyData,
    name: str,
    values: Sequence[float] | None,
    grid: int,
    level: float,
    ends: Sequence[float] | None = None,
) -> np.ndarray:
    """The values of one parameter: those given, rising, or `grid` of them between `ends`, else over its interval."""
    if values is not None:
        axis = np.asarray(values, np.float64)
        if axis.ndim != 1 or len(axis) < 2 or not np.isfinite(axis).all() or not (np.diff(axis) > 0).all():
            raise ScenarioError(
                f"the values of '{name}' make no grid", value=list(values), rule="two or more, finite and rising"
            )
        return axis
    if grid < 2:
        raise ScenarioError("a grid is too small", value=grid, rule="at least 2 values of each parameter")
    low, high = spread(study, name, level) if ends is None else ends
    if not low < high:
        raise ScenarioError(
            f"the range of '{name}' is empty",
            value=f"{low:g} to {high:g}",
            rule="low < high",
            way_out="give the lower end first",
        )
    return np.linspace(low, high, grid)


def spread(study: StudyData, name: str, level: float) -> tuple[float, float]:
    """The interval of `level` of a parameter's distribution. Raises ScenarioError when it has none."""
    parameter = study.evidence.parameters.get(name)
    if parameter is None:
        raise unknown_parameter(study.evidence, name)
    low, high = parameter.interval(level)
    if not low < high:
        raise ScenarioError(
            "a parameter without a distribution has no interval",
            value=name,
            rule="give its values yourself",
            way_out="--range NAME LOW HIGH for a grid, --low and --high for a threshold; in Python first_values=, low=",
        )
    return float(low), float(high)
