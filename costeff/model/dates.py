"""Dates and cycles: how far a calendar date lies from entry, in the cycles of a model."""

from __future__ import annotations

import datetime as dt

DAYS_OF_A_YEAR = (365, 366)


def cycles_between(entry: dt.date, on: dt.date, cycles_per_year: int = 52) -> int:
    """Cycles from `entry` to `on`, by whole months and days, so that quarters are 13 weeks each; negative before entry.

    A model of days counts days.

    >>> january = dt.date(2026, 1, 1)
    >>> cycles_between(january, dt.date(2026, 7, 1)), cycles_between(dt.date(2026, 4, 1), january)
    (26, -13)
    >>> cycles_between(january, dt.date(2026, 2, 1)), cycles_between(january, dt.date(2027, 1, 1), 12)
    (4, 12)
    >>> cycles_between(january, dt.date(2026, 5, 1), 365)
    120
    """
    if cycles_per_year in DAYS_OF_A_YEAR:
        return (on - entry).days
    months = 12 * (on.year - entry.year) + on.month - entry.month + (on.day - entry.day) * 12 / 365.25
    return round(months * cycles_per_year / 12)
