"""Deterministic questions put to draws that exist already: conditional means by regression, for PSA tables.

A model that is not at hand cannot be run at another value, but its draws tell the mean result *given* a value. That is
not the result with the others at base values: parameters that are related to it move along, and the rest is averaged
over. It can be asked only where there are draws. How it is estimated is in netting, conditional_fit and
conditional_means; break-even values are in conditional_threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.levels import Levels
from costeff.errors import ResultError, ScenarioError
from costeff.numerics.ranks import normal_scores
from costeff.sensitivity.conditional_means import Conditional, Given
from costeff.sensitivity.conditional_threshold import conditional_threshold, inside, switches_of
from costeff.sensitivity.tornado import Decision, tornado_table, with_decisions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

__all__ = ["conditional_one_way", "conditional_threshold", "conditional_two_way"]

Floats = NDArray[np.float64]
NEAR = 0.5
"""How far a cell of a grid may lie from draws, in standard deviations of the ranks' normal scores, with 2,000 draws."""
_LOOKED_AT = 13
"""Values between the ends of a row at which the best strategy is looked for."""
FEWEST_NEAR = 3
"""Draws that must lie so near for a cell to be filled."""


def conditional_one_way(
    evaluation: EvaluationData,
    names: Sequence[str] | None = None,
    *,
    wtp: float | None = None,
    level: float = 0.95,
    strategy: str | None = None,
    on: str | None = None,
) -> pd.DataFrame:
    """The mean result given each parameter at the ends of its central interval among the draws, widest first.

    The ends of a discrete parameter are levels: its lowest and highest number; of texts, those of the lowest and the
    highest result. `on` is net_benefit, net_cost or effect; by default net benefit where `wtp` is given, else net cost.

    Columns and attrs as a study's `one_way`; the base is the mean over all draws, and `mcse` the error of the span.
    Also low_label and high_label (of levels), and slope with slope_mcse, the span per unit of the parameter (NaN for
    texts). attrs["levels"] holds, for each discrete parameter, the result at every level; attrs["switches"], for each
    other one, the values between the ends at which another strategy becomes the best of all (value, mcse, before,
    after); attrs["partners"] the parameters that move along with each.

    >>> import numpy as np
    >>> from costeff import Evaluation
    >>> price, saved = np.random.default_rng(1).normal([900, 1000], [20, 300], (400, 2)).T
    >>> one = Evaluation("payer", "qaly", ("usual", "new"), "usual", np.column_stack([0 * price, price - saved]),
    ...                  np.zeros((400, 2)), parameters={"price": price, "saved": saved})
    >>> conditional_one_way(one).set_index("name")["slope"].round(6).to_dict()
    {'saved': -1.0, 'price': 1.0}
    """
    import pandas as pd

    if not 0 < level < 1:
        raise ScenarioError("the level of the intervals is out of range", value=level, rule="0 < level < 1")
    ask = Conditional(evaluation, wtp, strategy, on)
    parameters = list(names) if names is not None else list(ask.varying)
    if not parameters:
        raise ResultError("no parameter varies between the draws", way_out="give parameters=, a second table")
    end_results: dict[str, dict[str, tuple[float, float]]] = {"low": {}, "high": {}}
    end_decisions: dict[str, dict[str, Decision]] = {"low": {}, "high": {}}
    more: dict[str, dict[str, object]] = {}
    levels: dict[str, list[dict[str, object]]] = {}
    partners: dict[str, list[str]] = {}
    changes: dict[str, list[dict[str, object]]] = {}
    for name in parameters:
        draws, discrete = ask.column(name), ask.varying[name]
        means = ask.given([name])
        if discrete is None:
            ends = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
            labels = ["", ""]
            changes[name] = [vars(one) for one in switches_of(ask, means, np.linspace(ends[0], ends[1], _LOOKED_AT))]
        else:
            ends, labels = _ends(discrete, means(discrete.values[:, None]), name in evaluation.levels)
            levels[name] = at_levels(discrete, means(discrete.values[:, None]))
        estimates = means(ends[:, None])
        for i, end in enumerate(end_results):
            end_results[end][name] = (float(ends[i]), float(estimates.result[i]))
            end_decisions[end][name] = ask.decide(estimates.cost[i], estimates.gain[i], estimates.benefit[i])
        span = float(ends[1] - ends[0]) if name not in evaluation.levels else np.nan
        more[name] = {
            "mcse": estimates.span_mcse(),
            "low_label": labels[0],
            "high_label": labels[1],
            "slope": float(estimates.result[1] - estimates.result[0]) / span,
            "slope_mcse": estimates.span_mcse() / span,
        }
        partners[name] = means.partners
    table = with_decisions(
        tornado_table(ask.mean(), end_results["low"], end_results["high"]),
        ask.base(),
        end_decisions["low"],
        end_decisions["high"],
    )
    table["members"], table["joint"], table["needs_simulation"] = 1, False, False
    for column in ("mcse", "low_label", "high_label", "slope", "slope_mcse"):
        table[column] = pd.Series([more[name][column] for name in table["name"]], index=table.index)
    table.attrs |= ask.about() | {"base": ask.mean(), "level": level, "levels": levels, "partners": partners}
    table.attrs["switches"] = changes
    return table


def _ends(levels: Levels, estimates: Given, texts: bool) -> tuple[Floats, list[str]]:
    """Values and labels of the two levels that a row of a tornado shows: of texts, those of the extreme results."""
    positions = np.flatnonzero(levels.counts)
    if texts and len(positions) > 2:
        positions = positions[np.argsort(estimates.result[positions], kind="stable")]
    pair = positions[[0, -1]]
    return levels.values[pair], [levels.labels[i] for i in pair]


def at_levels(levels: Levels, estimates: Given) -> list[dict[str, object]]:
    """The result at each level that some draw has: value, label, draws, result, mcse."""
    return [
        {
            "value": float(levels.values[i]),
            "label": levels.labels[i],
            "draws": int(levels.counts[i]),
            "result": float(estimates.result[i]),
            "mcse": float(estimates.mcse[i]),
        }
        for i in np.flatnonzero(levels.counts)
    ]


def conditional_two_way(
    evaluation: EvaluationData,
    first: str,
    second: str,
    *,
    wtp: float | None = None,
    grid: int = 9,
    level: float = 0.95,
    values: Mapping[str, Sequence[float]] | None = None,
    strategy: str | None = None,
    on: str | None = None,
) -> xr.Dataset:
    """The mean result given each pair of values over the central intervals; variables as a study's `two_way`.

    `values` gives the values of a parameter itself; they are refused outside the draws. A discrete parameter has its
    levels. A cell that has no draws nearby is NaN, with nothing preferred: the draws say nothing there. `draws` is how
    many lie nearby, attrs["blank"] how many cells are empty, attrs["labels_1"] and ["labels_2"] name levels.
    """
    import xarray as xr

    ask = Conditional(evaluation, wtp, strategy, on)
    if first == second or grid < 2:
        raise ScenarioError("a grid needs two parameters and two values of each", value=f"{first}, {second}, {grid}")
    names = (first, second)
    axes = {name: _axis(ask, name, (values or {}).get(name), grid, level) for name in names}
    rows, columns = axes.values()
    points = np.column_stack([np.repeat(rows, len(columns)), np.tile(columns, len(rows))])
    estimates = ask.given(names)(points)
    near = _draws_near(ask, names, points)
    blank = (near < FEWEST_NEAR) | ~np.isfinite(estimates.result)
    decisions = [
        Decision("", "") if empty else ask.decide(c, g, b)
        for c, g, b, empty in zip(estimates.cost, estimates.gain, estimates.benefit, blank.tolist(), strict=True)
    ]
    shape = (len(rows), len(columns))
    about = ask.about() | {
        "base": ask.mean(),
        "base_preferred": ask.base().preferred,
        "held": [],
        "blank": int(blank.sum()),
        "base_first": float(ask.column(first).mean()),
        "base_second": float(ask.column(second).mean()),
    }
    for number, (name, axis) in enumerate(axes.items(), start=1):
        labels = _labels(ask.varying[name], axis)
        if labels:
            about[f"labels_{number}"] = labels
    return xr.Dataset(
        {
            "result": (names, np.where(blank, np.nan, estimates.result).reshape(shape)),
            "mcse": (names, np.where(blank, np.nan, estimates.mcse).reshape(shape)),
            "preferred": (names, np.array([d.preferred for d in decisions]).reshape(shape)),
            "quadrant": (names, np.array([d.quadrant for d in decisions]).reshape(shape)),
            "draws": (names, near.reshape(shape)),
        },
        {first: rows, second: columns},
        attrs=about,
    )


def _draws_near(ask: Conditional, names: Sequence[str], points: Floats) -> NDArray[np.intp]:
    """How many draws lie near each pair of values: of the same level, and close by where a parameter is continuous."""
    reach = min(NEAR * max(2000 / ask.evaluation.draws, 1.0) ** 0.25, 1.0)
    distance = np.zeros((len(points), ask.evaluation.draws))
    for name, values in zip(names, points.T, strict=True):
        draws, levels = ask.column(name), ask.varying[name]
        if levels is not None:
            distance += np.where(values[:, None] == levels.values[levels.index], 0.0, np.inf)
            continue
        order = np.argsort(draws, kind="stable")
        score = normal_scores(draws)
        distance += (np.interp(values, draws[order], score[order])[:, None] - score) ** 2
    return np.asarray((distance <= reach**2).sum(axis=1))


def _labels(levels: Levels | None, axis: Floats) -> list[str]:
    """The labels of an axis of levels; none of a continuous parameter."""
    return [] if levels is None else [levels.labels[i] for i in np.searchsorted(levels.values, axis)]


def _axis(ask: Conditional, name: str, values: Sequence[float] | None, grid: int, level: float) -> Floats:
    draws, levels = ask.column(name), ask.varying[name]
    if values is None:
        if levels is not None:
            return np.asarray(levels.values[levels.counts > 0])
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        return np.linspace(float(low), float(high), grid)
    axis = np.asarray(values, np.float64)
    if axis.ndim != 1 or len(axis) < 2 or not (np.diff(axis) > 0).all():
        raise ScenarioError(f"the values of '{name}' make no grid", value=list(values), rule="two or more, rising")
    if levels is not None and not np.isin(axis, levels.values[levels.counts > 0]).all():
        raise ResultError(
            f"no draw of '{name}' has such a level",
            value=", ".join(f"{x:g}" for x in axis),
            rule=f"levels: {', '.join(f'{x:g}' for x in levels.values[levels.counts > 0])}",
            way_out="ask for levels, or leave its values out",
        )
    inside(draws, name, axis)
    return axis
