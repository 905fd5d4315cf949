"""The efficiency frontier of any number of strategies: who is efficient, who is dominated and by which rule.

Plain numbers in, one standing per strategy out. Numbers that only rounding dust parts are equal (see dust).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from costeff.analysis.dust import DUST, alike

REFERENCE = "reference"
EFFICIENT = "efficient"
DOMINATED = "dominated"
EXTENDEDLY_DOMINATED = "extendedly dominated"
EQUAL = "equal"
EQUAL_EFFECT = "equal effect"
LESS_LESS = "less costly, less effective"
STATUSES = (REFERENCE, EFFICIENT, DOMINATED, EXTENDEDLY_DOMINATED, EQUAL, EQUAL_EFFECT, LESS_LESS)
"""Every status that a row of an ICER table can have."""


class Standing(NamedTuple):
    """Status of one strategy and the position of the strategy that its increments are formed against."""

    status: str
    against: int | None


def frontier(cost: Sequence[float], gain: Sequence[float], comparator: int = 0) -> list[Standing]:
    """Standing of each strategy, in the order given; `gain` is the effect with more better.

    - `reference`: the first on the frontier, least costly (of those, the most effective).
    - `efficient`: on the frontier; against the one before it on the frontier. Three strategies on one line
      are all on it: each is best at some willingness to pay.
    - `dominated`: another costs no more and gives no less, and one of the two is better.
    - `equal effect`: dominated, and of exactly the same effect as the strategy it stands against.
    - `extendedly dominated`: a mix of two others gives the same effect at a lower cost.
    - `equal`: exactly the cost and effect of a frontier strategy (the comparator, then the first named,
      stays).

    Strategies off the frontier are against the last frontier strategy that costs no more. With two strategies
    and the comparator the dearer and better one, the comparator is the reference and the other is
    `less costly, less effective`: its increments are negative, a saving per unit of effect given up.

    >>> [standing.status for standing in frontier([0, 10, 20, 30], [0, 1, 0.5, 4])]
    ['reference', 'extendedly dominated', 'dominated', 'efficient']
    """
    cost, gain = (alike(values, np.abs(values), comparator).tolist() for values in (cost, gain))
    order = sorted(range(len(cost)), key=lambda s: (cost[s], -gain[s], s != comparator, s))
    best: list[int] = []  # undominated, by rising cost and gain
    for s in order:
        if not best or gain[s] > gain[best[-1]]:
            best.append(s)
    hull = _hull(cost, gain, best)
    best_points = {(cost[s], gain[s]) for s in best}
    standings: dict[int, Standing] = {}
    last = order[0]  # the least costly is always on the frontier
    for s in order:
        if s in hull:
            standings[s] = Standing(EFFICIENT, last) if s != order[0] else Standing(REFERENCE, None)
            last = s
        elif gain[s] == gain[last]:
            standings[s] = Standing(EQUAL if cost[s] == cost[last] else EQUAL_EFFECT, last)
        else:  # a twin of an extendedly dominated strategy is extendedly dominated too
            status = EXTENDEDLY_DOMINATED if (cost[s], gain[s]) in best_points else DOMINATED
            standings[s] = Standing(status, last)
    if len(order) == 2 and hull == [1 - comparator, comparator]:
        other = Standing(LESS_LESS, comparator)
        return [Standing(REFERENCE, None) if s == comparator else other for s in (0, 1)]
    return [standings[s] for s in range(len(cost))]


def _dust_of_products(cost: Sequence[float], gain: Sequence[float]) -> float:
    """How far two products of differences of three costs and gains may lie apart by rounding alone."""
    large_cost, large_gain = max(map(abs, cost)), max(map(abs, gain))
    return DUST * (large_cost * (gain[2] - gain[0]) + (cost[2] - cost[0]) * large_gain)


def _hull(cost: Sequence[float], gain: Sequence[float], best: list[int]) -> list[int]:
    """Drop from undominated strategies those with a higher ICER than the next one."""
    hull: list[int] = []
    for s in best:
        while len(hull) > 1:
            p, q = hull[-2:]
            # ICER(q -> s) < ICER(p -> q), cross-multiplied: both gains are positive here
            later, sooner = ((cost[s] - cost[q]) * (gain[q] - gain[p]), (cost[q] - cost[p]) * (gain[s] - gain[q]))
            if later >= sooner - _dust_of_products([cost[i] for i in (p, q, s)], [gain[i] for i in (p, q, s)]):
                break
            hull.pop()
        hull.append(s)
    return hull


_SIDES = {
    (1, 1): "north-east",
    (1, 0): "north",
    (1, -1): "north-west",
    (0, 1): "east",
    (0, 0): "origin",
    (0, -1): "west",
    (-1, 1): "south-east",
    (-1, 0): "south",
    (-1, -1): "south-west",
}


def quadrant(incremental_cost: float, incremental_gain: float) -> str:
    """Where a strategy lies on the cost-effectiveness plane, in words; `incremental_gain` has more better.

    >>> quadrant(-100.0, -0.1)
    'south-west: less costly, less effective'
    >>> quadrant(100.0, 0.0)
    'north: more costly, equal effect'
    """
    dearer = (incremental_cost > 0) - (incremental_cost < 0)
    better = (incremental_gain > 0) - (incremental_gain < 0)
    money = {1: "more costly", 0: "equal cost", -1: "less costly"}[dearer]
    health = {1: "more effective", 0: "equal effect", -1: "less effective"}[better]
    return f"{_SIDES[dearer, better]}: {money}, {health}"
