"""How far the bands and lines of figures reach: the 95 % interval that Monte Carlo error leaves, by one rule.

The rule is `costeff.economics.settled`: Student's law of the draws, designs or batches behind an error, and no interval
from fewer than five of them. A figure without intervals says so in its caption.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.settled import margin, replicates_of
from costeff.present.terms import term

Floats = NDArray[np.float64]


def count_of(about: Mapping[Any, Any]) -> int:
    """Independent replicates behind the errors of a table, from its attributes: batches, groups of draws left out in
    turn, designs or draws.

    >>> count_of({"draws": 1024, "replicates": 8}), count_of({"draws": 1000}), count_of({"batches": 5})
    (8, 1000, 5)
    """
    for key in ("batches", "error_groups"):
        if key in about:
            return int(about[key])
    replicates = about.get("replicates")
    return replicates_of(int(about["draws"]), None if replicates is None else int(replicates))


def reach(error: ArrayLike, count: int) -> Floats:
    """Half the width of each 95 % interval, in the unit of `error` (...); NaN where `count` replicates are too few.

    An error of exactly 0 has none to show, whatever the count: a cohort, or what is the same in every draw.

    >>> [round(float(half), 1) for half in reach([10.0, 0.0], 8)], reach([10.0, 0.0], 4).tolist()
    ([23.6, 0.0], [nan, 0.0])
    """
    size = np.asarray(error, dtype=np.float64)
    return np.where(size == 0, 0.0, size * margin(1.0, count))


def with_intervals(caption: str, half: ArrayLike, language: str, kind: str = "band_interval") -> str:
    """The caption, with what its band or lines are; or that there are none, where no half width is known.

    `kind` is the term of what is drawn: `band_interval` or `line_interval`.
    """
    any_interval = bool(np.isfinite(np.asarray(half, dtype=np.float64)).any())
    return f"{caption} {term(kind if any_interval else 'no_interval', language)}"
