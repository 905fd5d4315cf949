"""The compiled passes that lay quarters since entry over the calendar. Arrays only.

The innermost loop runs over draws, which lie side by side in memory, so that it is vectorised without changing the
order of any sum. Sizes: d draws of a batch, Q quarters of the case, K quarters since entry (K = Q), P calendar periods.
"""

from __future__ import annotations

from typing import Any

from costeff.numerics.kernel_cache import kernel


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
    values: Any, places: Any, weights: Any, first: Any, last: Any, into: Any, sums: Any, numbers: Any, total: Any
) -> None:
    """Add sums over people (`values`, (rows, K, d)), laid over the calendar by several weights, to `sums`.

    `weights` (T, K, P, d): those of target t go to `sums[into[t]]` (rows of all, P, d), nowhere where that is below 0,
    and of these row i to row `places[i]`; from quarter `first[t, p]` to before `last[t, p]`, both even, they are not 0.
    K is even, as a year has four quarters: two are taken together. `numbers` (K, d) and `total` (d,) are scratch: a row
    is read once for all targets, and its sum for a period is whole before it is added.
    """
    rows, quarters, draws = values.shape
    earliest, latest = quarters, 0
    for t in range(len(into)):
        for p in range(weights.shape[2]):
            earliest, latest = min(earliest, first[t, p]), max(latest, last[t, p])
    for row in range(rows):
        for k in range(earliest, latest):
            source, own = values[row, k], numbers[k]
            for d in range(draws):
                own[d] = source[d]
        for t in range(len(into)):
            if into[t] < 0:
                continue
            for p in range(weights.shape[2]):
                if first[t, p] >= last[t, p]:
                    continue
                total[:] = 0.0
                for k in range(first[t, p], last[t, p], 2):
                    one, other, w, x = numbers[k], numbers[k + 1], weights[t, k, p], weights[t, k + 1, p]
                    for d in range(draws):
                        total[d] = total[d] + one[d] * w[d] + other[d] * x[d]
                room = sums[into[t], places[row], p]
                for d in range(draws):
                    room[d] += total[d]


@kernel
def put(sums: Any, row_numbers: Any, start: int, room: Any) -> bool:
    """Write the sums of a batch (rows, P, d) into `row_numbers` of `room` (all rows, P, D), from draw `start` on.

    Says whether all of them are finite. What is 0 in all draws is left as it is, so that its pages take no memory.
    """
    rows, periods, draws = sums.shape
    not_finite = 0
    for row in range(rows):
        for p in range(periods):
            source, own = sums[row, p], room[row_numbers[row], p, start : start + draws]
            used = 0
            for d in range(draws):
                used += source[d] != 0.0
                not_finite += source[d] - source[d] != 0.0  # what is not finite, less itself, is no number
            if used:
                for d in range(draws):
                    own[d] = source[d]
    return not_finite == 0


@kernel
def touch(room: Any, row_numbers: Any) -> None:
    """Write 0 into some rows of `room` (all rows, P, D), so that the system gives their pages."""
    for row in row_numbers:
        room[row] = 0.0
