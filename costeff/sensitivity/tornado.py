"""Deterministic analyses arranged for reading, from results already computed. Nothing here runs a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.dust import alike, highest, size_of_benefit
from costeff.analysis.frontier import quadrant
from costeff.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd


def tornado_table(
    base: float, low: Mapping[str, tuple[float, float]], high: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Table of a one-way analysis, widest swing first.

    `base` is the base case's result, usually the incremental net monetary benefit (an ICER will not do: it
    jumps when the quadrant changes). `low` and `high` give for each parameter (value, result at that
    value); the value is NaN where several parameters were varied together. Columns: name, low_value, high_value,
    low_result, high_result, swing, changes_decision. `swing` is the span of the two results and the base, so a
    parameter that moves the result the same way at both ends is not hidden. `changes_decision` is True when the sign
    of the result is not the same in all three: another strategy is preferred (or none, at exactly 0). Equal swings
    keep their order. The base case is in attrs["base_result"]. Raises ResultError when a parameter has only one end,
    or a result or value is not finite.

    >>> low, high = {"price": (1, 14.0), "effect": (0.8, -5.0)}, {"price": (2, 6.0), "effect": (1, 12.0)}
    >>> table = tornado_table(10.0, low, high)
    >>> table[["name", "swing", "changes_decision"]].values.tolist()
    [['effect', 17.0, True], ['price', 8.0, False]]
    """
    import pandas as pd

    lonely = sorted(set(low) ^ set(high))
    if lonely:
        raise ResultError(
            "a parameter has only one end", value=", ".join(lonely), rule="each has a low and a high result"
        )
    names = list(low)
    ends = np.array([[*low[name], *high[name]] for name in names], dtype=np.float64).reshape(len(names), 4)
    usable = np.asarray(np.isfinite(ends[:, [1, 3]]).all(axis=1) & ~np.isinf(ends).any(axis=1))
    if not usable.all() or not np.isfinite(base):
        wrong = [name for name, fine in zip(names, usable, strict=True) if not fine]
        raise ResultError("a value or result is not finite", value=", ".join(wrong) or base)
    results = np.column_stack([ends[:, 1], ends[:, 3], np.full(len(names), float(base))])
    signs = np.sign(results)
    table = pd.DataFrame(
        {
            "name": names,
            "low_value": ends[:, 0],
            "high_value": ends[:, 2],
            "low_result": ends[:, 1],
            "high_result": ends[:, 3],
            "swing": results.max(axis=1) - results.min(axis=1),
            "changes_decision": (signs != signs[:, :1]).any(axis=1),
        }
    )
    table = table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    table.attrs = {"base_result": float(base)}
    return table


@dataclass(frozen=True)
class Decision:
    """What is decided at one point: the strategy preferred of all, and where the compared one lies on the plane."""

    preferred: str
    quadrant: str


def decision(
    strategies: Sequence[str],
    comparator: str,
    strategy: str,
    cost: ArrayLike,
    gain: ArrayLike,
    wtp: float | None,
    benefit: ArrayLike | None = None,
) -> Decision:
    """The decision from mean cost and gain by strategy, (strategy,) each; increments against any one will do.

    Preferred is the highest net benefit at `wtp`, or the lowest cost when it is None, or the highest `benefit` where
    that is given; of equal ones the comparator,
    then the first; rounding dust makes no difference. The quadrant is that of `strategy` against `comparator`.

    >>> decision(("usual", "new"), "usual", "new", [0.0, 100.0], [0.0, 0.5], 1000)
    Decision(preferred='new', quadrant='north-east: more costly, more effective')
    """
    own, other = strategies.index(strategy), strategies.index(comparator)
    costs, gains = (alike(values, np.abs(values), other) for values in (cost, gain))
    net = -costs if wtp is None else wtp * gains - costs
    worth = net if benefit is None else np.asarray(benefit, np.float64)
    order = sorted(range(len(strategies)), key=lambda i: i != other)
    size = size_of_benefit(wtp or 0.0, gains, costs) if benefit is None else np.abs(worth)
    best = int(highest(worth, size, order))
    return Decision(strategies[best], quadrant(float(costs[own] - costs[other]), float(gains[own] - gains[other])))


def with_decisions(
    table: pd.DataFrame, base: Decision, low: Mapping[str, Decision], high: Mapping[str, Decision]
) -> pd.DataFrame:
    """A tornado table with the decisions at both ends of each row beside those of the base case.

    Adds low_quadrant, high_quadrant, changes_quadrant, low_preferred, high_preferred, changes_preferred; the base
    case's are in attrs["base_quadrant"] and attrs["base_preferred"].
    """
    full_table, attrs = table.copy(), dict(table.attrs)
    for what in ("quadrant", "preferred"):
        here = getattr(base, what)
        ends = {
            end: [getattr(decisions[name], what) for name in table["name"]]
            for end, decisions in (("low", low), ("high", high))
        }
        for end, values in ends.items():
            full_table[f"{end}_{what}"] = values
        full_table[f"changes_{what}"] = [a != here or b != here for a, b in zip(ends["low"], ends["high"], strict=True)]
        attrs[f"base_{what}"] = here
    full_table.attrs = attrs
    return full_table
