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
from costeff.investment.invest import invest_all
from costeff.investment.kept_lives import MOST_BYTES, KeptLives
from costeff.investment.prepare import CaseSetup
from costeff.investment.pricing import Priced
from costeff.investment.quantities import CaseQuantities, case_quantities
from costeff.investment.result import CaseResultData
from costeff.investment.shared_reads import NeedsRunError, SharedReads
from costeff.investment.variants import Variants
from costeff.numerics.allocator import give_back_freed

KEPT_RUNS = 2
"""Quantities of one case that are kept: of now and before, or its own and those with the evidence's effect."""
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
        self._priced: list[Priced] = []  # the last result's pricings: its own, and with the evidence's effect
        self._lives: list[KeptLives] = []  # of the last simulation
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
            if setups[0].other is not None:
                return None
            quantities = [self._quantities(setup.plan) for setup in setups]
            there = [one for one in quantities if one is not None]
            return self._result(setups, there) if len(there) == len(setups) else None

    def simulate(
        self, case: Case, tell: Callable[[int, int], None], draws: int | None = None, individuals: int | None = None
    ) -> CaseResultData:
        """The result by a simulation, which `tell` follows and may end. A preview, of fewer draws, is not kept."""
        with self._turn:
            setups = self._ready(case, draws, individuals)
        if setups[0].other is not None:  # on top of another programme: four cases of one run, of which nothing is kept
            tell(0, 0)
            return invest_all([case], draws, individuals, progress=False)[0]
        is_whole = draws is None
        if is_whole:  # what was before makes room
            self._lives, self._simulations = [], self._simulations[-len(setups) :]
        give_back_freed()
        lives = [KeptLives(setup.plan, MOST_BYTES // len(setups)) for setup in setups]

        def keep(batch: Variants) -> None:
            next(one for one in lives if one.plan is batch.plan).take(batch)

        quantities = case_quantities([setup.plan for setup in setups], tell=tell, keep=keep if is_whole else None)
        give_back_freed()
        with self._turn:
            if is_whole:
                self._lives = lives
                for setup, own in zip(setups, quantities, strict=True):
                    self._keep(setup.plan, own)
            return self._result(setups, quantities, is_kept=draws is None)

    def _ready(self, case: Case, draws: int | None = None, individuals: int | None = None) -> list[CaseSetup]:
        """The case, and beside it the case with the evidence's effect where it has a belief, as `invest` has it."""
        self._setups += 1
        if self._setups % SETUPS == 0:
            self._reads.forget_changes()
        first = CaseSetup(case, draws, individuals, None, None, self._reads)
        if first.case.belief is None or not first.case.belief.believes:
            return [first]
        return [first, CaseSetup(by_evidence(first.case), draws, individuals, None, None, self._reads)]

    def _result(
        self, setups: list[CaseSetup], quantities: list[CaseQuantities], is_kept: bool = True
    ) -> CaseResultData:
        """Priced: from the pricing before of the same quantities, only what reads another figure now."""
        own, *beside = (
            setup.result(q, self._before(n, q), keeps_prices=True)
            for n, (setup, q) in enumerate(zip(setups, quantities, strict=True))
        )
        if is_kept:
            self._priced = [one.priced for one in (own, *beside) if one.priced is not None]
        return replace(own, by_evidence=beside[0] if beside else None)

    def _before(self, number: int, quantities: CaseQuantities) -> Priced | None:
        """The pricing that the next begins from: of the same quantities, else that of the result before."""
        same = (one for one in self._priced if one.done is quantities)
        return next(same, self._priced[number] if number < len(self._priced) else None)

    def _quantities(self, plan: CasePlan) -> CaseQuantities | None:
        """The quantities of a plan that are kept, or that kept lives give; None where it takes a simulation."""
        for one in reversed(self._simulations):
            if plan.same_citizens(one.plan):
                return one.quantities
        quantities = next((q for one in self._lives if (q := one.quantities_of(plan)) is not None), None)
        if quantities is not None:
            self._keep(plan, quantities)
        return quantities

    def _keep(self, plan: CasePlan, quantities: CaseQuantities) -> None:
        self._simulations = [*self._simulations, Simulated(plan, quantities)][-KEPT_RUNS:]
