"""Means and sums of money of which one person makes up most: who knows the second largest could find the largest."""

from __future__ import annotations

import numpy as np

PERCENT = 15.0


def is_dominated(values: np.ndarray, percent: float = PERCENT) -> bool:
    """Whether the largest amount can be found to within `percent` by whoever has the second largest (p % rule).

    >>> is_dominated(np.array([900_000.0, 40_000, 30_000])), is_dominated(np.array([5.0, 4, 3, 2, 1]))
    (True, False)
    >>> is_dominated(np.zeros(9))
    False
    """
    sizes = np.sort(np.abs(values[~np.isnan(values)]))[::-1]
    if len(sizes) == 0 or sizes[0] == 0:
        return False
    return bool(sizes[2:].sum() < percent / 100 * sizes[0])
