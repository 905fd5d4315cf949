"""What is shown of several cases side by side, already computed on shared draws. Money is DKK; + is a gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.model.elements import Label
from costeff.present.case_content import Payback

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from costeff.investment.compare import Portfolio


@dataclass(frozen=True)
class CasesContent:
    """Everything on the pages of a comparison. `decider` is whose gain ranks the cases."""

    names: tuple[str, ...]
    titles: Mapping[str, Label]
    decider: str
    payers: Mapping[str, Label]
    """Parties and sums for whom the best case is told, in order; `decider` is one of them."""
    ranking: pd.DataFrame
    """As `investment.compare.ranking`, for the decider."""
    best: Mapping[str, Mapping[str, float]]
    """By payer: probability that each case, or doing nothing, is the best for it."""
    worth: Mapping[str, Mapping[str, float]]
    """By payer: expected present value of each case."""
    years: tuple[int, ...]
    net: Mapping[str, np.ndarray]
    """By case: the decider's expected net by calendar year, undiscounted."""
    payback: Mapping[str, Payback]
    """By case: the decider's payback time, undiscounted."""
    served: Mapping[str, float]
    portfolios: Sequence[Portfolio]
    apart: Sequence[tuple[str, ...]]
    """Cases of the same programme and target group, of which at most one may be chosen."""
    price_year: int
    currency: str
    draws: int
    seed: int
