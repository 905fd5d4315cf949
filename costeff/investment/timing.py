"""From time since entry to the calendar: quarters of entrants laid over quarters of the budget.

Citizens come evenly through a quarter, so what falls in somebody's k-th quarter falls half in the k-th calendar quarter
after entry and half in the next. Sizes: D draws, Q calendar quarters, K quarters since entry, P calendar periods.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from costeff.investment.calendar_kernel import spread_entrants
from costeff.investment.case import QUARTERS


def overlap(
    entrants: np.ndarray,
    period: np.ndarray,
    periods: int,
    quarters: slice | None = None,
    room: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Citizens times time: (K, P, D), how much of an individual's quarter k falls in calendar period p; and where any.

    `entrants` (D, Q) came in each quarter; `period` (Q,) is the period of each. What falls past the last quarter is
    left out. K equals Q. `quarters` are those since entry that count; all where they are not told. The two are written
    into `room` where some is given.

    >>> overlap(np.array([[1.0, 0, 0]]), np.array([0, 0, 1]), 2)[0][..., 0].tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 0.5]]
    """
    size, count = entrants.shape
    weight, there = room or (np.empty((count, periods, size)), np.empty((count, periods), bool))
    span = slice(0, count) if quarters is None else quarters
    spread_entrants(np.ascontiguousarray(entrants.T), period, span.start, span.stop, weight, there)
    return weight, there


def summed(values: np.ndarray, period: np.ndarray, periods: int) -> np.ndarray:
    """(D, Q) summed by period, (D, P).

    >>> summed(np.array([[1.0, 2, 3]]), np.array([0, 0, 1]), 2).tolist()
    [[3.0, 3.0]]
    """
    out = np.zeros((values.shape[0], periods))
    for quarter, at in enumerate(period):
        out[:, at] += values[:, quarter]
    return out


def middle(first_year: int, quarter: int) -> dt.date:
    """The middle of a quarter of the case (0, 1, ...): the day whose rules hold for all of it.

    >>> middle(2026, 0), middle(2026, 5)
    (datetime.date(2026, 2, 15), datetime.date(2027, 5, 15))
    """
    return dt.date(first_year + quarter // QUARTERS, 3 * (quarter % QUARTERS) + 2, 15)
