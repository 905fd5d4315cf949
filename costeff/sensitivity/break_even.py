"""The point at which an effect pays for itself: where a one-way analysis shows what scales an effect.

At a base case without effect everything that scales one (how long it lasts, what a week costs) seems harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.measures import NET_COST
from costeff.sensitivity.threshold import roots, search

if TYPE_CHECKING:
    from costeff.analysis.study import StudyData
    from costeff.model import Model
    from costeff.sensitivity.measure import Measure
    from costeff.sensitivity.points import Points

GRID = 5
"""Values over an interval at which a change of sign is looked for."""
FINE = 2e-3
"""Share of the interval's width to which the break-even is found."""


@dataclass(frozen=True)
class BreakEven:
    """A parameter of the strategy's effect, and its value at which the measure is 0."""

    parameter: str
    value: float
    pays_above: bool = True
    """Whether the strategy pays for itself above the value; else below it."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Of effects that are shares of people: by how much the strategy's is above the comparator's at the value."""


def effect_parameters(model: Model, strategy: str) -> tuple[str, ...]:
    """Names that the ratios of a strategy's effects read, through definitions, in the order of the model's effects.

    >>> from costeff import load
    >>> effect_parameters(load("sick_sicker").model, "B")
    ('hr_S1S2_trtB',)
    """
    names: dict[str, None] = {}

    def add(formula_names: frozenset[str] | set[str]) -> None:
        for name in sorted(formula_names):
            if name in model.definitions:
                add(set(model.definitions[name].names))
            else:
                names[name] = None

    for effect in model.strategy_effects:
        if effect.strategy == strategy:
            for ratio in effect.ratio:
                add(ratio.names - {"t", "rest"})
    return tuple(names)


def break_even(points: Points, on_what: Measure, level: float = 0.95) -> BreakEven | None:
    """Where the strategy breaks even as one parameter of its effect moves over its interval, the others at base values.

    Of several parameters that can reach it, the one that moves the result most; None where none can.

    Parameters
    ----------
    points : Points
        Of the study; what it simulates here is kept for the analysis that follows.
    on_what : Measure
        What is 0 at break-even.
    level : float
        Probability of the interval.

    Returns
    -------
    BreakEven or None
    """
    best: tuple[float, str, list[float], list[float]] | None = None
    parameters = points.study.evidence.parameters
    grids = {name: search(*parameters[name].interval(level), GRID).tolist() for name in _varied(points.study, on_what)}
    grid_results = _results(points, on_what, [{name: at} for name, grid in grids.items() for at in grid])
    for i, (name, values) in enumerate(grids.items()):
        results = grid_results[i * GRID : (i + 1) * GRID]
        crosses = min(results) < 0 < max(results)
        if crosses and (best is None or max(results) - min(results) > best[0]):
            best = (max(results) - min(results), name, values, results)
    if best is None:
        return None
    _, name, values, results = best

    def at(value: float) -> float:
        return _results(points, on_what, [{name: value}])[0]

    base = parameters[name].value
    crossings = roots(at, values, results, tolerance=FINE * (values[-1] - values[0]))
    value = min(crossings, key=lambda value: abs(value - base))
    rises = float(np.interp(value + FINE * (values[-1] - values[0]), values, results)) > float(
        np.interp(value - FINE * (values[-1] - values[0]), values, results)
    )
    pays_above = rises == (on_what.name != NET_COST)
    return BreakEven(name, value, pays_above, _shares(points, on_what, {name: value}))


def _shares(points: Points, on_what: Measure, change: Mapping[str, float]) -> dict[str, float]:
    """Differences between the strategy and the comparator in effects that are shares of people."""
    model = points.study.model
    by_strategy = points.effects_at(change)
    own, other = (model.strategy_names.index(name) for name in (on_what.strategy, model.comparator))
    return {
        effect.name: float(by_strategy[own, i] - by_strategy[other, i])
        for i, effect in enumerate(model.effects)
        if effect.unit == "share"
    }


def _varied(study: StudyData, on_what: Measure) -> list[str]:
    """Uncertain parameters of the strategy's effect."""
    parameters = study.evidence.parameters
    names = effect_parameters(study.model, on_what.strategy)
    return [name for name in names if name in parameters and not parameters[name].fixed]


def _results(points: Points, on_what: Measure, changes: list[dict[str, float]]) -> list[float]:
    if not changes:
        return []
    expected = points.at(changes, on_what.perspective)
    return [float(result) for result in np.asarray(on_what.results(expected).mean(axis=1))]
