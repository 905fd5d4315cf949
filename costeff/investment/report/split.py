"""Who pays for a case's programme: the shares of its own costs, and the model's where its own cost stands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.investment.costs import COSTS
from costeff.labels import Label, worded
from costeff.reporting.numbers import write_percent

if TYPE_CHECKING:
    from costeff.investment.result import CaseResultData


VISIBLE_DIFFERENCE = 0.005
"""Difference of a share from which on a page shows it, in whole per cent."""


def paid_by(result: CaseResultData) -> list[tuple[Label, float]]:
    """Label and mean share of each department that shares the case's own costs; [] when the case is not known."""
    return [(result.parties[name], share) for name, share in _shares(result).items()]


def _shares(result: CaseResultData) -> dict[str, float]:
    if result.priced is None:
        return {}
    plan = result.priced.plan
    env = parameter_environment(plan.model, {**plan.draws, **result.parameters}, plan.tables, plan.size)
    shares = result.case.programme.shares
    return {name: float(np.mean(formula.evaluate(env))) for name, formula in shares.items()}


def own_split(result: CaseResultData) -> Label | None:
    """A note where the model's own cost per citizen stands and is shared otherwise than the case's departments say."""
    cash = result.cash
    amounts = dict.fromkeys(result.parties, 0.0)
    for i, line in enumerate(cash.lines):
        if line.programme and line.item not in COSTS and line.payer in amounts:
            amounts[line.payer] += float(cash.programme[:, :, i].mean())
    whole = sum(amounts.values())
    if whole <= 0:
        return None
    case_shares, model_shares = _shares(result), {name: amount / whole for name, amount in amounts.items()}
    if all(abs(case_shares.get(name, 0.0) - share) < VISIBLE_DIFFERENCE for name, share in model_shares.items()):
        return None

    def told(shares: dict[str, float], language: str) -> str:
        return ", ".join(
            f"{result.parties[name][language]} {write_percent(share, language)}"
            for name, share in shares.items()
            if share > 0
        )

    model, case = (Label.by(partial(told, shares)) for shares in (model_shares, case_shares))
    return worded("note_split", model=model, case=case)
