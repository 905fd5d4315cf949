"""Where amounts are so large that sums of money are no longer exact, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.labels import Label, worded
from costeff.ledger import QUANTUM

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData

EXACT = 2.0**53 * QUANTUM
"""Sums of multiples of QUANTUM below this are exact: a double holds 53 binary digits."""


def exactness(result: ResultData) -> Label | None:
    """What to say when the flows of a draw and strategy add up to more than EXACT; None when all sums are exact."""
    most = result.totals.gross()
    if most < EXACT:
        return None
    currency = result.model.conventions.currency
    return worded("note_exactness", most=f"{most:.3g}", exact=f"{EXACT:.3g}", currency=currency)
