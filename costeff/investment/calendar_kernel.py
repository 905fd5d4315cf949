"""The compiled passes that lay quarters since entry over the calendar. Arrays only.

The innermost loop runs over draws, which lie side by side in memory, so that it is vectorised without changing the
order of any sum. Sizes: d draws of a batch, Q quarters of the case, K quarters since entry (K = Q), P calendar periods.
"""

from __future__ import annotations

from typing import Any

from costeff.numerics.kernel_cache import kernel

ROWS = 4
"""Rows that are laid together."""


@kernel
def spread_entrants(entrants: Any, period: Any, first: int, last: int, weight: Any, there: Any) -> None:
    """How much of an individual's quarter k falls in calendar period p: citizens times time, `weight` (K, P, d).

    Citizens `entrants` (Q, d) come evenly through their quarter, so what falls in somebody's k-th quarter falls half in
    the k-th calendar quarter after entry and half in the next; what falls past the last quarter is left out. Only
    quarters since entry from `first` to before `last` count. `there` (K, P) says where a weight is not 0 in any draw.
    """
    quarters, draws = entrants.shape
    for lag in range(quarters):
        for p in range(weight.shape[1]):
            there[lag, p] = False
            for d in range(draws):
                weight[lag, p, d] = 0.0
        if lag < first or lag >= last:
            continue
        for quarter in range(lag, quarters):
            p, entry = period[quarter], quarter - lag
            for d in range(draws):
                weight[lag, p, d] += entrants[entry, d] / 2 + (entrants[entry - 1, d] / 2 if entry > 0 else 0.0)
        for p in range(weight.shape[1]):
            for d in range(draws):
                if weight[lag, p, d] != 0.0:
                    there[lag, p] = True


@kernel
def lay(
    values: Any,
    row_numbers: Any,
    weight: Any,
    there: Any,
    in_quarter: Any,
    in_period: Any,
    start: int,
    room: Any,
    sums: Any,
    quarters_of: Any,
) -> None:
    """Add sums over people (`values`, (rows, K, d)), laid over the calendar, to `room` (all rows, P, D).

    `row_numbers` (rows,) says which rows these are, `start` which draw is the first of the batch. K is even, as a year
    has four quarters. `in_quarter` (K,) and `in_period` (P,) say where a weight is not 0: pages of `room` that nothing
    is added to take no memory. `sums` (ROWS, P, d) and `quarters_of` (ROWS, 2, d) are scratch: ROWS rows and two
    quarters are taken together, so that a weight is fetched once for all of them.
    """
    rows, quarters, draws = values.shape
    periods = weight.shape[1]
    for row in range(0, rows, ROWS):
        sums[:] = 0.0
        for k in range(0, quarters, 2):
            if not (in_quarter[k] or in_quarter[k + 1]):
                continue
            for i in range(ROWS):
                one = min(row + i, rows - 1)
                for d in range(draws):
                    quarters_of[i, 0, d], quarters_of[i, 1, d] = values[one, k, d], values[one, k + 1, d]
            for p in range(periods):
                if there[k, p] or there[k + 1, p]:
                    for d in range(draws):
                        w, x = weight[k, p, d], weight[k + 1, p, d]
                        sums[0, p, d] = sums[0, p, d] + quarters_of[0, 0, d] * w + quarters_of[0, 1, d] * x
                        sums[1, p, d] = sums[1, p, d] + quarters_of[1, 0, d] * w + quarters_of[1, 1, d] * x
                        sums[2, p, d] = sums[2, p, d] + quarters_of[2, 0, d] * w + quarters_of[2, 1, d] * x
                        sums[3, p, d] = sums[3, p, d] + quarters_of[3, 0, d] * w + quarters_of[3, 1, d] * x
        for i in range(min(ROWS, rows - row)):
            for p in range(periods):
                if not in_period[p]:
                    continue
                for d in range(draws):
                    room[row_numbers[row + i], p, start + d] += sums[i, p, d]
