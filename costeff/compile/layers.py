"""Layers of discounting: the undiscounted one first, then one for each different schedule of rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from costeff.compile.discount import discount_factors, event_weights
from costeff.errors import ModelError, Place
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


def discount_layers(model: Model, env: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, int, int]:
    """(factors at the points of time, weights of events, each (layers, T+1); layer of costs; layer of effects)."""
    c = model.conventions
    schedules = []
    for kind in ("cost", "effect"):
        first = _one_rate(getattr(c, f"discount_rate_{kind}"), f"discount_rate_{kind}", c.place, env)
        later = tuple(
            (b.after, _one_rate(getattr(b, kind), f"the discount rate of {kind} after {b.after} years", b.place, env))
            for b in c.discount_bands
        )
        schedules.append((first, later))
    layers = list(dict.fromkeys(((0.0, ()), *schedules)))
    times = (c.horizon, c.cycles_per_year)
    factors = np.stack([discount_factors(c.discounting, r, *times, later) for r, later in layers])
    events = np.stack(
        [event_weights(c.events_at, c.discounting, r, c.within_cycle, *times, later) for r, later in layers]
    )
    return factors, events, layers.index(schedules[0]), layers.index(schedules[1])


def _one_rate(formula: Expression, name: str, place: Place | None, env: Mapping[str, Any]) -> float:
    values = np.unique(np.asarray(formula.evaluate(env), float))
    if len(values) != 1:
        raise ModelError(
            f"{name} differs between draws",
            where=place,
            value=f"{values.min():g} to {values.max():g}",
            rule="a discount rate is a convention, not an uncertain quantity",
            way_out="give it the distribution `fixed` and use scenarios for other rates",
        )
    return float(values[0])
