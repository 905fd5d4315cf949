"""What is shown of several cases side by side, already computed on shared draws; + is a gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.investment.report.content import Payback, Stamp
from costeff.labels import Label

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from costeff.investment.compare import Portfolio


@dataclass(frozen=True)
class Difference:
    """An aspect in which cases differ, and what it is in each, in words."""

    label: Label
    values: Mapping[str, Label]


@dataclass(frozen=True)
class Size:
    """How large a case is, for the decider. Money is in the currency of the model; what is not discounted says so."""

    served: float  # citizens who begin
    cost: float  # expected present value of what the decider pays for the programme
    per_citizen: float  # expected net present value for each citizen who begins; NaN when nobody does
    per_krone: float  # expected net present value for each krone of `cost`; NaN when nothing is paid
    outlay: float  # paid for the programme in the first calendar year, undiscounted
    need: float  # financing at the lowest point of the expected profile, undiscounted
    need_year: int | None
    deficit: float  # what the deepest deficit exceeds in one draw of ten, undiscounted; NaN with one draw


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
    """Sets of cases that may reach the same citizens, of which at most one may be chosen."""
    declared: Sequence[tuple[str, str]]
    """Pairs of cases whose own `citizens` say whether they serve the same."""
    unknown: Sequence[tuple[str, str]]
    """Pairs of cases of which it is not known whether they reach the same citizens: taken as if they do."""
    differences: Sequence[Difference]
    sizes: Mapping[str, Size]
    price_year: int
    currency: str
    draws: int
    replicates: int | None  # designs that the draws are made of; None for independent draws
    seed: int
    stamp: Stamp | None = None
    same: Sequence[tuple[str, ...]] = ()
    """Sets of cases whose cash flows are the same in every draw."""
