"""Rounding dust: what is left when nearly equal numbers are subtracted, told from a difference by what was subtracted.

Sums of the same costs in another order differ in the last digits, and so do two strategies that are a constant apart.
Such a remainder has a sign, a spread and a largest value like any other number, so that a ratio of it, its variance
or the strategy that it makes "the best" look like a result. Everything that forms differences asks here, by one rule:
at most `DUST` times the size of the numbers that were subtracted is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DUST = 1e-12
"""Share of the numbers subtracted below which their difference is rounding. Sums of a million numbers in two orders
differ by about a tenth of it; no study tells a difference that small."""


def cleared(differences: ArrayLike, size: ArrayLike) -> Floats:
    """Differences (draw, ...) without dust, where `size` is how large the numbers were that were subtracted.

    A difference that is dust becomes 0. One that is the same in every draw but for dust becomes its mean in all of
    them, so that what does not vary has a spread of exactly 0. `size` has the shape of the differences, or
    broadcasts to it.

    >>> import numpy as np
    >>> cost = np.array([[0.3, 0.1 + 0.2], [7.0, 7.5]])
    >>> cleared(cost[:, 1] - cost[:, 0], cost.max(axis=1)).tolist()
    [0.0, 0.5]
    >>> paid = np.linspace(1e5, 3e5, 7) / 3
    >>> float(np.ptp(cleared((paid + 192.53) - paid, paid)))
    0.0
    """
    gaps = np.array(differences, dtype=np.float64)
    least = DUST * np.broadcast_to(np.asarray(size, np.float64), gaps.shape)
    gaps[np.abs(gaps) <= least] = 0.0
    if len(gaps) > 1:
        middle = gaps[0] + (gaps - gaps[0]).mean(axis=0)  # exact where all are equal
        still = (np.abs(gaps - middle) <= np.maximum(least, least.mean(axis=0))).all(axis=0)
        if still.any():
            gaps[:, still] = middle[still] if gaps.ndim > 1 else middle
    return gaps


def alike(values: ArrayLike, size: ArrayLike, first: int = 0) -> Floats:
    """Values (k,), each that of the first one from which only dust parts it; `first` comes before the others.

    `size` (k,) is how large the numbers are of which they were formed, such as the mean size of what was averaged.

    >>> alike([0.1 + 0.2, 0.3, 0.4], [0.3, 0.3, 0.4], first=1).tolist()
    [0.3, 0.3, 0.4]
    """
    numbers = np.array(values, dtype=np.float64)
    reach = np.broadcast_to(np.asarray(size, np.float64), numbers.shape)
    order = [first, *(s for s in range(len(numbers)) if s != first)]
    for position, s in enumerate(order):
        for t in order[:position]:
            if abs(numbers[s] - numbers[t]) <= DUST * max(reach[s], reach[t]):
                numbers[s] = numbers[t]
                break
    return numbers


def leading(values: Floats, size: Floats) -> NDArray[np.bool_]:
    """Which of (..., k) are the highest of their row, or below it by dust; `size` is that of the numbers subtracted.

    >>> import numpy as np
    >>> leading(np.array([[0.3, 0.1 + 0.2, 0.2]]), np.ones((1, 3))).tolist()
    [[True, True, False]]
    """
    return np.asarray(values >= values.max(axis=-1, keepdims=True) - DUST * size.max(axis=-1, keepdims=True))


def highest(values: Floats, size: Floats, order: Iterable[int]) -> NDArray[np.intp]:
    """Position of the highest of (..., k), and of those that only dust parts the first in `order`: (...,).

    >>> import numpy as np
    >>> int(highest(np.array([0.1 + 0.2, 0.3]), np.ones(2), order=[1, 0]))
    1
    """
    places = np.array([int(s) for s in order], dtype=np.intp)
    return np.asarray(places[leading(values, size)[..., places].argmax(axis=-1)], dtype=np.intp)


def size_of_benefit(wtp: float, gain: Floats, cost: Floats) -> Floats:
    """How large the numbers are that a net benefit, wtp x gain - cost, is formed of; the shape of `cost`."""
    return np.asarray(wtp * np.abs(gain) + np.abs(cost))
