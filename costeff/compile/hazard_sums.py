"""The kernel that sums hazards up over the values of a clock."""

from __future__ import annotations

import numpy as np

from costeff.numerics.kernel_cache import kernel

QUANTUM = 2.0**-44


@kernel
def sum_hazards(hazards: np.ndarray, at: int, cumulative: np.ndarray, most: np.ndarray, q: int) -> None:
    """Round hazards to whole multiples of QUANTUM, write their sums from 0 on, and note the largest.

    `hazards` (D or 1, strata, cycles) float64 per cycle: one row stands for all draws. Row d of `cumulative` (D, M)
    float64 takes cycles + 1 sums for each stratum from entry `at` on; `most` (D, tables) float64 at table q takes the
    largest hazard in one cycle.
    """
    strata, cycles = hazards.shape[1], hazards.shape[2]
    for d in range(cumulative.shape[0]):
        row = d if hazards.shape[0] > 1 else 0
        to = at
        largest = 0.0
        for stratum in range(strata):
            total = 0.0
            cumulative[d, to] = 0.0
            for k in range(cycles):
                hazard = np.rint(hazards[row, stratum, k] * (1 / QUANTUM)) * QUANTUM
                total += hazard
                largest = max(largest, hazard)
                cumulative[d, to + k + 1] = total
            to += cycles + 1
        most[d, q] = largest
