"""Where amounts are so large that sums of money are no longer exact, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.ledger import QUANTUM
from costeff.model.elements import Label

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData

EXACT = 2.0**53 * QUANTUM
"""Sums of multiples of QUANTUM below this are exact: a double holds 53 binary digits."""


def exactness(result: ResultData) -> Label | None:
    """What to say when the flows of a draw and strategy add up to more than EXACT; None when all sums are exact."""
    amount = result.flows.amount
    most = float(np.abs(amount).sum(axis=(2, 3)).max(initial=0.0))
    if most < EXACT:
        return None
    currency = result.model.conventions.currency
    return Label(
        f"The flows of one individual add up to {most:.3g} {currency}. Beyond {EXACT:.3g} sums are rounded in their "
        "last digits, so that totals of parties and perspectives may differ there. Check the amounts, or count in "
        "thousands.",
        f"Betalingerne for én person løber op i {most:.3g} {currency}. Over {EXACT:.3g} afrundes summer på de sidste "
        "cifre, så aktørers og perspektivers totaler kan afvige dér. Efterse beløbene, eller regn i tusinder.",
    )
