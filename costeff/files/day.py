"""The time that files are dated with."""

from __future__ import annotations

import datetime as dt
import os

from costeff.errors import ScenarioError

FIXED = dt.datetime(2000, 1, 1)
"""The date of files in which nobody looks for one: equal runs give equal bytes."""


def stated_time() -> dt.datetime | None:
    """The time that SOURCE_DATE_EPOCH states (seconds since 1970, UTC, without a zone), or None when it is not set.

    Raises ScenarioError when it is set to something else.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    try:
        return dt.datetime.fromtimestamp(int(text), dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as error:
        raise ScenarioError(
            "SOURCE_DATE_EPOCH is no time",
            value=text,
            rule="whole seconds since 1970-01-01 UTC",
            way_out="unset the variable, or set it to such a number",
        ) from error


def writing_day() -> dt.date:
    """The day that a page says it was written on: today, or that of SOURCE_DATE_EPOCH.

    >>> os.environ["SOURCE_DATE_EPOCH"] = "86400"
    >>> writing_day()
    datetime.date(1970, 1, 2)
    >>> del os.environ["SOURCE_DATE_EPOCH"]
    """
    return (stated_time() or dt.datetime.now()).date()
