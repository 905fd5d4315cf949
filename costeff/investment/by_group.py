"""What a case gives each target group, and what citizens of each have to live on: the same draws, people and luck.

Costs that follow no citizen (fixed ones, consultants, start-up, money from outside) are shared by the number who begin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.investment.cash import CashFlow
from costeff.labels import Label, worded

if TYPE_CHECKING:
    import pandas as pd

    from costeff.investment.quantities import CaseQuantities
    from costeff.investment.result import CaseResultData

CITIZEN = "citizen"
"""The party whose net is what citizens have to live on."""


@dataclass(frozen=True, eq=False)
class GroupResult:
    """A case's result for one target group, or for all citizens (`name` '')."""

    name: str
    label: Label
    citizens: np.ndarray  # (D,) who begin the programme
    cash: CashFlow
    quantities: CaseQuantities

    def income(self) -> np.ndarray:
        """What all citizens of the group have more to live on over the case, undiscounted, (D,) of money."""
        return np.asarray(self.cash.net((CITIZEN,)).sum(axis=1))

    def income_from(self, party: str) -> np.ndarray:
        """What they get from a party less what they pay it, (D,) of money."""
        mask = np.array([party in (line.payer, line.recipient) for line in self.cash.lines])
        return np.asarray(self.cash.net((CITIZEN,), mask).sum(axis=1))


def group_results(result: CaseResultData) -> list[GroupResult]:
    """All citizens first, then every target group in the order of the case; none for a result without its quantities.

    Every line of the groups that share out all citizens adds up to the whole case's.
    """
    if result.priced is None:
        return []
    pricing, quantities = result.priced, result.priced.done
    everybody = quantities.starts.sum(axis=1)
    rows = [GroupResult("", worded("group_all"), everybody, result.cash, quantities)]
    labels = {group.name: group.label for group in result.case.target_groups}
    for name, own in quantities.groups.items():
        citizens = own.starts.sum(axis=1)
        share = np.divide(citizens, everybody, out=np.zeros_like(everybody), where=everybody > 0)
        cash = replace(pricing, done=own, share=share).cash(result.case, result.repriced).cash
        rows.append(GroupResult(name, labels[name], citizens, cash, own))
    return rows


def by_target_group(result: CaseResultData) -> pd.DataFrame:
    """What the case gives all citizens, and each of its target groups: expected amounts.

    `citizens` who begin the programme; `npv`, net present value of the decider, with its 80 % interval (`lo`, `hi`) and
    the `probability` of a gain; `income`, what each citizen has more to live on over the case, undiscounted and after
    tax (NaN in a model without a party `citizen`).

    Parameters
    ----------
    result : CaseResult
        The case that is read.

    Returns
    -------
    pandas.DataFrame
        One row for all citizens, then one per group.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> table = case.by_target_group()
    >>> bool(abs(table["npv"][0] - case.npv("municipal").mean()) < 0.01)
    True
    """
    import pandas as pd

    from costeff.analysis.intervals import interval

    members = result.members(result.decider)
    rows = []
    for one in group_results(result):
        npv = one.cash.net(members) @ one.cash.discount
        low, high = interval(npv, 0.8)
        rows.append(
            {
                "group": one.name,
                "citizens": float(one.citizens.mean()),
                "npv": float(npv.mean()),
                "lo": float(low),
                "hi": float(high),
                "probability": float((npv > 0).mean()),
                "income": float(one.income().mean() / one.citizens.mean()) if CITIZEN in result.parties else np.nan,
            }
        )
    return pd.DataFrame(rows)
