"""Models as the compiler takes them: windows as fine as ratios that read `t` need, and hazards on time only.

Pure transforms of a Model that change no life.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from costeff.model.elements import TIME, StrategyEffect, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.memory import once_a_model
from costeff.model.model import Model

ONE = Expression(1)


@once_a_model
def prepared(model: Model) -> Model:
    """`model` itself where nothing of the kind is declared."""
    model = _hazards_as_ratios(model)
    points = _fine_points(model)
    return with_windows(model, points) if points else model


def _fine_points(model: Model) -> set[int]:
    """Where a ratio that reads the time since the start takes another value: every so many cycles of its window."""
    edges = model.window_edges
    return {
        point
        for effect in model.strategy_effects
        if effect.scale == "hazard" and effect.clock == TIME
        for w, (low, high) in enumerate(pairwise(edges))
        if any("t" in effect.in_window(w, code).names for code in range(len(effect.categories) or 1))
        for point in range(low, high, effect.every)
    }


def with_windows(model: Model, points: set[int]) -> Model:
    """The same model with windows that also begin at `points`."""
    windows = tuple(sorted({*model.windows, *points} - {0}))
    effects = tuple(
        effect if len(effect.ratios(0)) == 1 else replace(effect, ratio=_spread(effect, model.windows, windows))
        for effect in model.strategy_effects
    )
    return replace(model, windows=windows, strategy_effects=effects)


def _spread(effect: StrategyEffect, before: tuple[int, ...], windows: tuple[int, ...]) -> tuple[Expression, ...]:
    """The ratios of an effect, stated on the windows `before`, on finer ones; by category as they were."""
    codes = range(len(effect.categories)) if effect.categories else (None,)
    return tuple(effect.in_window(sum(w <= start for w in before), code) for code in codes for start in (0, *windows))


def _hazards_as_ratios(model: Model) -> Model:
    """A hazard read on a clock that counts the last cycles only is 1 a cycle, times a ratio on that clock."""
    recent = {c.name for c in model.clocks if c.within is not None or c.stages}
    if not recent & {t.clock for t in model.transitions}:
        return model
    return replace(model, transitions=tuple(_as_ratio(t) if t.clock in recent else t for t in model.transitions))


def _as_ratio(transition: Transition) -> Transition:
    return replace(transition, clock=TIME, hazard=ONE, ratio_clock=transition.clock, ratio_on=transition.hazard)
