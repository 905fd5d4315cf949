"""Cumulative hazard tables in plain Python: the slow twin of costeff.compile.hazards. Imports nothing from costeff.

A table holds the hazard summed over cycles from its first clock value; probabilities of one state share their cycle.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Formula = Callable[[int], float]


def cumulative(hazard: Formula, start: int, cycles: int) -> list[float]:
    """Sums of `hazard(t)` over t = start .. start + k - 1, for k = 0 .. cycles."""
    sums = [0.0]
    for t in range(start, start + cycles):
        sums.append(math.fsum([sums[-1], hazard(t)]))
    return sums


def hazards_of_probabilities(probabilities: list[Formula]) -> list[Formula]:
    """Hazards that, competing within one cycle, give exactly these probabilities (which sum to less than 1)."""

    def hazard_of(j: int) -> Formula:
        def hazard(t: int) -> float:
            p = [formula(t) for formula in probabilities]
            total = math.fsum(p)
            return 0.0 if total == 0 else -math.log(1 - total) * p[j] / total

        return hazard

    return [hazard_of(j) for j in range(len(probabilities))]
