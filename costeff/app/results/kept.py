"""A case's result: priced anew from kept quantities where only prices and costs changed, else simulated.

The numbers are those of `costeff invest` for the same file: the same draws, the same people, the same pricing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from costeff.investment.belief.in_ratios import by_evidence
from costeff.investment.case import Case
from costeff.investment.case_plan import CasePlan
from costeff.investment.prepare import CaseSetup
from costeff.investment.quantities import CaseQuantities, case_quantities
from costeff.investment.result import CaseResultData
from costeff.investment.shared_reads import NeedsRunError, SharedReads

KEPT_RUNS = 4
"""Simulations of one case that are kept: two of its own, and two with the evidence's effect."""
SETUPS = 24
"""Setups after which what belongs to earlier figures is dropped."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """Quantities with the plan that they were simulated for."""

    plan: CasePlan
    quantities: CaseQuantities


class CaseResults:
    """The results of one case as its file changes."""

    def __init__(self) -> None:
        self._reads, self._setups = SharedReads(), 0
        self._simulations: list[Simulated] = []
        self._turn = threading.Lock()

    def at_once(self, case: Case) -> CaseResultData | None:
        """The result, when kept quantities have it; None when it needs a simulation.

        Raises CosteffError for anything wrong in the case, where the answer is not None.
        """
        with self._turn:
            if not self._simulations:
                return None
            self._reads.translates = False
            try:
                setups = self._ready(case)
            except NeedsRunError:
                return None
            finally:
                self._reads.translates = True
            simulations = [self._simulated(setup.plan) for setup in setups]
            quantities = [one.quantities for one in simulations if one is not None]
            return _result(setups, quantities) if len(quantities) == len(setups) else None

    def simulate(
        self, case: Case, tell: Callable[[int, int], None], draws: int | None = None, individuals: int | None = None
    ) -> CaseResultData:
        """The result by a simulation, which `tell` follows and may end. A preview, of fewer draws, is not kept."""
        with self._turn:
            setups = self._ready(case, draws, individuals)
        quantities = case_quantities([setup.plan for setup in setups], tell=tell)
        with self._turn:
            if draws is None:
                new = [Simulated(s.plan, q) for s, q in zip(setups, quantities, strict=True)]
                self._simulations = [*self._simulations, *new][-KEPT_RUNS:]
            return _result(setups, quantities)

    def _ready(self, case: Case, draws: int | None = None, individuals: int | None = None) -> list[CaseSetup]:
        """The case, and beside it the case with the evidence's effect where it has a belief, as `invest` has it."""
        self._setups += 1
        if self._setups % SETUPS == 0:
            self._reads.forget_changes()
        first = CaseSetup(case, draws, individuals, None, None, self._reads)
        if first.case.belief is None or not first.case.belief.believes:
            return [first]
        return [first, CaseSetup(by_evidence(first.case), draws, individuals, None, None, self._reads)]

    def _simulated(self, plan: CasePlan) -> Simulated | None:
        return next((one for one in reversed(self._simulations) if plan.same_citizens(one.plan)), None)


def _result(setups: list[CaseSetup], quantities: list[CaseQuantities]) -> CaseResultData:
    own, *beside = (setup.result(q) for setup, q in zip(setups, quantities, strict=True))
    return replace(own, by_evidence=beside[0] if beside else None)
