"""What tallies weigh time and events with, in fixed point: attributes, and amounts by person and date.

An amount that changes with date or year has one row for each rule period, a stretch of cycles in which nothing changes
that any amount reads; the others have one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from costeff.compile.environment import on_cycle
from costeff.compile.layout import Layout, Weight, measure
from costeff.engine.tensors import FIXED_POINT
from costeff.errors import ModelError, Place
from costeff.model.amounts import changes, changing_names, rule_starts
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

MOST_ATTRIBUTE = 1e6
MOST_AMOUNT = 2.0**25  # with 2^17 individuals in a block and 20 binary places: 2^62


@dataclass(frozen=True)
class Weights:
    """Rows int64, (D, N), or (D, 1) of what a draw's individuals share; the first row of each weight; and the cycles at
    which rule periods begin, 0 first.
    """

    each: tuple[np.ndarray, ...]
    shape: tuple[int, int]
    first: Mapping[Weight, int]
    starts: tuple[int, ...]

    def row(self, weight: Weight) -> int:
        """First row of a weight, -1: one for each individual."""
        return -1 if weight is None else self.first[weight]

    @property
    def rows(self) -> np.ndarray:
        """All of them for every individual, (A, D, N); one of zeros where there is none."""
        rows = np.zeros((max(len(self.each), 1), *self.shape), np.int64)
        for row, own in zip(rows, self.each, strict=False):
            row[...] = own
        return rows


def all_weights(where: Layout) -> tuple[str | Expression, ...]:
    """Every weight of the layout's tallies, each once."""
    weights = [*(t.weight for t in where.tallies), *(t.weight for t in where.event_tallies)]
    return tuple(dict.fromkeys(w for w in weights if w is not None))


def amount_starts(model: Model, where: Layout) -> tuple[int, ...]:
    """Cycles at which rule periods begin, 0 first."""
    return rule_starts(model, [w for w in all_weights(where) if isinstance(w, Expression)])


def dated_rows(model: Model, where: Layout) -> int:
    """Rows of weights that amounts by person and date need, attributes apart."""
    amounts = [w for w in all_weights(where) if isinstance(w, Expression)]
    starts = len(rule_starts(model, amounts))
    return sum(starts if changes(model, amount) else 1 for amount in amounts)


def weight_rows(
    model: Model, where: Layout, env: Mapping[str, Any], people: Mapping[str, np.ndarray], shape: tuple[int, int]
) -> Weights:
    """The rows of all weights for individuals or groups `people`, of `shape` (D, N).

    Raises ModelError for a weight that is too large, not finite, or negative in a flow that does not say so.
    """
    starts = amount_starts(model, where)
    changing = changing_names(model)
    definitions = [name for name in model.definitions if name in changing]
    periods: list[dict[str, Any]] = []
    rows: list[np.ndarray] = []
    first: dict[Weight, int] = {}
    for weight in all_weights(where):
        first[weight] = len(rows)
        if isinstance(weight, str):
            place = model.find("attributes", weight).place
            flow = partial(_flow_of, model, weight)
            rows.append(_fixed(people[weight], MOST_ATTRIBUTE, f"attribute '{weight}'", place, flow))
            continue
        if not periods:
            periods = [{**on_cycle(model, env, edge, definitions, shape[0]), **people} for edge in starts]
        for values in periods if changes(model, weight) else periods[:1]:
            amount = np.asarray(weight.evaluate(values), float)
            is_shared = amount.ndim < 2 or amount.shape[1] < shape[1]
            amount = np.broadcast_to(amount, (shape[0], 1) if is_shared else shape)
            what = f"amount '{weight.text}'"
            rows.append(_fixed(amount, MOST_AMOUNT, what, weight.place, partial(_flow_of_amount, model, where, weight)))
    return Weights(tuple(rows), shape, first, starts)


def _fixed(
    values: np.ndarray, most: float, what: str, place: Place | None, flow_of: Callable[[], str | None]
) -> np.ndarray:
    """A row in fixed point. `flow_of` tells the flow that may not be negative; it is asked where a value is."""
    least = values.min()
    if not max(values.max(), -least) <= most:
        raise ModelError(
            f"{what} is too large to be a weight",
            where=place,
            value=float(np.abs(values).max()),
            rule=f"weights are at most {most:.6g} in size, so that integer sums cannot overflow",
        )
    flow = flow_of() if least < 0 else None
    if flow is not None:
        draw, person = np.unravel_index(int(values.argmin()), values.shape)
        raise ModelError(
            f"{what} is negative for an individual, and weighs flow '{flow}'",
            draw=int(draw),
            where=place,
            value=f"{values.min():.6g} for individual {person}",
            rule="a flow runs from payer to recipient: weights are at least 0",
            way_out="bound it with max(0, ...), or say `negative: true` in the flow",
        )
    return np.rint(values * FIXED_POINT).astype(np.int64)


def _flow_of(model: Model, name: str) -> str | None:
    """A flow that an attribute weighs and that may not be negative."""
    return next((f.item for f in model.flows if f.weight == name and not f.negative), None)


def _flow_of_amount(model: Model, where: Layout, formula: Expression) -> str | None:
    """A flow with this amount that may not be negative."""
    lines = (line for line in where.lines if not line.flow.negative)
    return next((x.item for x in lines if any(measure(model, x, f) == formula for f in x.amounts.values())), None)
