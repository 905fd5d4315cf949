"""The largest sizes that are read: far above what any analysis needs, far below what a computer can count."""

from __future__ import annotations

MOST_DRAWS = 10**8
MOST_INDIVIDUALS = 10**12
MOST_YEARS = 500  # of a horizon; below any calendar year, which is typed in its place
HORIZON_RULE = f"at most {MOST_YEARS} years; the horizon is how long people are followed, not a calendar year"
