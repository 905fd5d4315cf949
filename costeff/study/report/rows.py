"""Which rows of a table belong to which strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd

    from costeff.study.report.content import Content


def increments_of(frame: pd.DataFrame, content: Content, strategy: str) -> pd.DataFrame:
    """The rows whose increment is that of `strategy` against the comparator.

    A frame with a column `strategy` holds one row per strategy; without it the increment is that of the only strategy
    beside the comparator. Raises ResultError when there are several and nothing says whose increment it is.
    """
    if "strategy" in frame.columns:
        return frame[frame["strategy"] == strategy]
    alternatives = [name for name in content.strategies if name != content.comparator]
    if len(alternatives) > 1 and len(frame):
        raise ResultError(
            "a table of increments does not say whose they are",
            value=", ".join(alternatives),
            rule="with several strategies beside the comparator, parties, items and effects have a column 'strategy'",
            way_out="repeat the rows for each strategy and name it in a column 'strategy'",
        )
    return frame
