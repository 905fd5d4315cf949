"""Budget impact of a case's programme for a whole target group: runs the mixes with shared simulations."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.investment.budget_impact import BudgetImpact, mixes
from costeff.investment.budget_impact import budget_impact as compared
from costeff.investment.case import Case
from costeff.investment.invest import CaseLike, invest_all
from costeff.investment.read import read_case


def budget_impact(
    case: CaseLike,
    target: Sequence[float],
    new: Sequence[float],
    current: Sequence[float] | float = 0.0,
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    threads: int | None = None,
    progress: bool | None = None,
) -> BudgetImpact:
    """What a new mix of the case's programme and usual care does to budgets over calendar years, undiscounted.

    `target` citizens enter the target group in each year (five figures for five years), of whom the share `new` takes
    the programme by year, against the share `current` today. See `investment.budget_impact.mixes` for what is refused.
    """
    mix_cases = mixes(case if isinstance(case, Case) else read_case(case), target, new, current)
    results = invest_all(mix_cases.cases, draws, individuals, seed, threads=threads, progress=progress)
    return compared(mix_cases, results)
