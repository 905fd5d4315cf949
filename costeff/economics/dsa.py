"""One-way analysis arranged for reading: a tornado table from results already computed. It runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from costeff.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd


def tornado_table(
    base: float, low: Mapping[str, tuple[float, float]], high: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Table of a one-way analysis, widest swing first.

    `base` is the base case's result, usually the incremental net monetary benefit (an ICER will not do: it
    jumps when the quadrant changes). `low` and `high` give for each parameter (value, result at that
    value). Columns: name, low_value, high_value, low_result, high_result, swing, changes_decision. `swing`
    is the span of the two results and the base, so a parameter that moves the result the same way at both
    ends is not hidden. `changes_decision` is True when the sign of the result is not the same in all three:
    another strategy is preferred (or none, at exactly 0). Equal swings keep their order. The base case is
    in attrs["base_result"]. Raises ResultError when a parameter has only one end, or a number is not
    finite.

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
    if not np.isfinite(ends).all() or not np.isfinite(base):
        wrong = [name for name, row in zip(names, ends, strict=True) if not np.isfinite(row).all()]
        raise ResultError("a value or result is not finite", value=", ".join(wrong) or base)
    results = np.column_stack([ends[:, 1], ends[:, 3], np.full(len(names), float(base))])
    signs = np.sign(results)
    table = pd.DataFrame({
        "name": names, "low_value": ends[:, 0], "high_value": ends[:, 2],
        "low_result": ends[:, 1], "high_result": ends[:, 3],
        "swing": results.max(axis=1) - results.min(axis=1),
        "changes_decision": (signs != signs[:, :1]).any(axis=1),
    })  # fmt: skip
    table = table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    table.attrs = {"base_result": float(base)}
    return table
