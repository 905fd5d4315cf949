"""Weeks of a register: the names of its columns, ISO weeks with years of 53, and a number that runs through all weeks.

Week 0 begins on Monday 1 January 1990, before the first week of DREAM in 1991.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from costeff.errors import Place, ScenarioError

ORIGIN = dt.date(1990, 1, 1)  # a Monday
_COLUMN = re.compile(r"[yY]_(\d{2})(\d{2})")
LAST_OF_20 = 90  # two-digit years below are 20YY


def week_of(date: dt.date) -> int:
    """Number of the week that holds a date.

    >>> week_of(dt.date(1990, 1, 7)), week_of(dt.date(1990, 1, 8)), week_of(dt.date(2024, 1, 1))
    (0, 1, 1774)
    """
    return (date - ORIGIN).days // 7


def monday(week: int) -> dt.date:
    """The Monday on which a week begins.

    >>> monday(1774)
    datetime.date(2024, 1, 1)
    """
    return ORIGIN + dt.timedelta(days=7 * int(week))


def column_of(week: int) -> str:
    """The register's column of a week.

    >>> column_of(1774), column_of(week_of(dt.date(2020, 12, 31)))     # 2020 has 53 weeks
    ('y_2401', 'y_2053')
    """
    year, number, _ = monday(week).isocalendar()
    return f"y_{year % 100:02d}{number:02d}"


def column_week(name: str, where: Place | str | None = None) -> int | None:
    """The week of a column `y_YYWW`; None for another column. Raises ScenarioError for a week that the year lacks.

    >>> column_week("y_9152"), column_week("y_2053") == week_of(dt.date(2020, 12, 28)), column_week("branche_2024_01")
    (103, True, None)
    """
    match = _COLUMN.fullmatch(name)
    if match is None:
        return None
    year, number = int(match[1]), int(match[2])
    year += 2000 if year < LAST_OF_20 else 1900
    try:
        return week_of(dt.date.fromisocalendar(year, number, 1))
    except ValueError:
        last = dt.date(year, 12, 28).isocalendar()[1]
        raise ScenarioError(
            f"there is no week {number} in {year}",
            where=where,
            value=name,
            rule=f"weeks by ISO 8601, 1 to {last} in {year}",
            way_out="ask the register for the meaning of the column, and correct or leave out it",
        ) from None


def check_consecutive(names: Sequence[str], weeks: Sequence[int], where: Place | str | None = None) -> None:
    """Refuse weeks that are out of order, twice there, or have a gap, naming the first. Raises ScenarioError."""
    for (before, first), (after, second) in zip(
        zip(names, weeks, strict=True), list(zip(names, weeks, strict=True))[1:], strict=False
    ):
        if second == first + 1:
            continue
        what = "the same week stands twice" if second == first else "weeks are out of order"
        way_out = "put the columns in order of time"
        if second > first + 1:
            what, way_out = "weeks are missing", f"extract {column_of(first + 1)} to {column_of(second - 1)} too"
        raise ScenarioError(
            what,
            where=where,
            value=f"{after} after {before}",
            rule="the weeks of an extract follow each other without a gap",
            way_out=way_out,
        )
