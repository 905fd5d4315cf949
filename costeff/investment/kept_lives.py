"""Lives of a simulation that are kept, so that other numbers of citizens, places and consultants need no new one."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from costeff.investment.case import TargetGroup
from costeff.investment.case_plan import CasePlan
from costeff.investment.cohorts import Cohort
from costeff.investment.quantities import CaseQuantities, laid_again
from costeff.investment.variants import Variants
from costeff.model.model import Model
from costeff.simulation.simulate import Simulated

MOST_BYTES = 300 * 2**20
"""Of all lives of a case that are kept; one whose lives take more is simulated again."""


class NoLivesError(LookupError):
    """The lives that are asked for were not simulated."""


class _Kept(Variants):
    """Variants that simulate nothing, target groups included."""

    def among(self, group: TargetGroup) -> Variants:
        raise NoLivesError

    def remaining(self, cohort: Cohort, passage: str, quarters: int) -> np.ndarray:
        if passage not in self.passages.get(cohort, {}):
            raise NoLivesError
        return super().remaining(cohort, passage, quarters)

    def _simulate(self, model: Model, cohort: Cohort, doses: Sequence[float]) -> Simulated:
        raise NoLivesError


class KeptLives:
    """The lives of one plan, taken batch by batch while it is simulated."""

    def __init__(self, plan: CasePlan, most_bytes: int = MOST_BYTES) -> None:
        self.plan, self.most_bytes = plan, most_bytes
        self.bytes = 0
        self._batches: list[Variants] = []
        self._turn = threading.Lock()

    def take(self, lives: Variants) -> None:
        """Keep a batch, as long as there is room for all of them."""
        frozen_lives = _Kept(self.plan, lives.rows, 1, lives.delays)
        case = self.plan.case
        # Others lay the same lives: usual care, the programme at the case's own strengths, and who leaves the queue.
        frozen_lives.done = {key: both for key, both in lives.done.items() if key[1] < 0 or key[2] in case.fidelity}
        if case.capacity is not None:
            leaves = case.capacity.leaves
            frozen_lives.passages = {cohort: {leaves: own[leaves]} for cohort, own in lives.passages.items()}
        frozen_lives.traces, frozen_lives.shares = lives.traces, lives.shares
        with self._turn:
            self.bytes += sum(one.nbytes for both in frozen_lives.done.values() for one in both)
            self._batches = [*self._batches, frozen_lives] if self.bytes <= self.most_bytes else []

    def quantities_of(self, plan: CasePlan) -> CaseQuantities | None:
        """The quantities of a plan of the same lives; None where it needs lives that are not there."""
        batches = sorted(self._batches, key=lambda one: one.rows.start)
        if not batches or batches[-1].rows.stop != plan.size or not plan.shares_luck(self.plan):
            return None
        try:
            return laid_again(plan, batches)
        except NoLivesError:
            return None
