"""The day on which something was made: today, or the one that SOURCE_DATE_EPOCH names."""

from __future__ import annotations

import datetime as dt
import os

from costeff.errors import ScenarioError


def made_on() -> dt.date:
    """The day that is written on pages and files.

    Raises ScenarioError when SOURCE_DATE_EPOCH is set to what is no number of seconds since 1970.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return dt.datetime.now(tz=dt.UTC).astimezone().date()
    try:
        return dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        raise ScenarioError(
            "SOURCE_DATE_EPOCH is not a time",
            value=epoch,
            rule="whole seconds since the beginning of 1970",
            way_out="unset the variable, or set it to the output of `date +%s`",
        ) from None
