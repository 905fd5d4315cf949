"""The compiled passes that price lines: time and events times prices, by draw, where the draws lie side by side.

Arrays only. Sizes: D draws, G strategies, 2 halves, P periods, L lines, N products (a row of quantities times a price).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from costeff.numerics.kernel_cache import kernel

CHUNK = 128
"""Draws that are priced together: all prices of so many stay in the processor's second cache."""


@kernel
def price_lines(
    memory: Any,
    strides: Any,
    line_numbers: Any,
    first: Any,
    rows: Any,
    prices: Any,
    is_paid: Any,
    people: float,
    sizes: Any,
    amount: Any,
    half: Any,
    gross: Any,
    sums: Any,
) -> None:
    """Money per individual of some lines: `amount` (L, G, P, D), `half` (L, 2, G, P, D) or (0, ...), `gross` (L, G, D).

    `memory` holds the quantities, whose `strides` (4,) lead to the next strategy, half, row and period; the draws lie
    side by side. Products `first[j]` to `first[j + 1]` belong to line `line_numbers[j]`: their `rows` (N,) and `prices`
    (N, D). `is_paid` (L, G) says under which strategies a line is paid. `sums` (2, CHUNK) is scratch.
    """
    _, strategies, periods, draws = amount.shape
    for low in range(0, draws, CHUNK):
        high = min(low + CHUNK, draws)
        count = high - low
        first_half, second_half = sums[0, :count], sums[1, :count]
        for j in range(len(line_numbers)):
            line = line_numbers[j]
            for g in range(strategies):
                whole = gross[line, g, low:high]
                whole[:] = 0.0
                for p in range(periods):
                    first_half[:] = 0.0
                    second_half[:] = 0.0
                    if is_paid[line, g]:
                        for n in range(first[j], first[j + 1]):
                            at = g * strides[0] + rows[n] * strides[2] + p * strides[3] + low
                            price, one, other = prices[n, low:high], memory[at : at + count], memory[at + strides[1] :]
                            for d in range(count):
                                first_half[d] += price[d] * one[d]
                                second_half[d] += price[d] * other[d]
                    own = amount[line, g, p, low:high]
                    for d in range(count):
                        own[d] = (first_half[d] + second_half[d]) / people
                        whole[d] += abs(own[d])
                    if half.shape[0] > 0:
                        one, other = half[line, 0, g, p, low:high], half[line, 1, g, p, low:high]
                        for d in range(count):
                            one[d] = first_half[d] / sizes[0]
                            other[d] = second_half[d] / sizes[1]


@kernel
def round_to_quantum(values: Any, quantum: Any) -> None:
    """Round `values` (N, D) in place to whole multiples of each draw's quantum (D,), a power of 2."""
    for n in range(values.shape[0]):
        for d in range(values.shape[1]):
            values[n, d] = np.rint(values[n, d] / quantum[d]) * quantum[d]
