"""Lives of a batch of draws laid over the calendar: first into room of their own, then beside the other draws.

Sizes: D draws, d draws of a batch, Q calendar quarters, K quarters since entry (K = Q), P calendar periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costeff.errors import EngineError
from costeff.investment.calendar_kernel import lay, put
from costeff.investment.case_plan import CasePlan
from costeff.investment.timing import overlap
from costeff.investment.variants import Counted


@dataclass(frozen=True)
class Target:
    """Where the lives of some people go: `entrants` (d, Q) of the case for each of them, into the sums number `into`.

    `quarters` are those since entry that count; all where they are not told.
    """

    into: int
    entrants: np.ndarray
    quarters: slice | None = None


class _Weights(NamedTuple):
    """Weights by target, (T, K, P, d), and between which quarters, even numbers (T, P), they are not 0."""

    weights: np.ndarray
    first: np.ndarray
    last: np.ndarray


Laid = tuple[tuple[Counted, Counted], Sequence[Target]]
"""Lives, their time and events, with all the targets that they go to."""


class Batch:
    """The sums of one batch of draws, which start at `start`: by number, in the rows in which anybody is."""

    def __init__(self, plan: CasePlan, start: int, laid: Sequence[Laid]) -> None:
        self.plan, self.start = plan, start
        self.laid: list[tuple[tuple[Counted, Counted], list[int], _Weights]] = []
        for lives, targets in laid:
            own = [target for target in targets if target.entrants.any()]
            if own:
                self.laid.append((lives, [target.into for target in own], self._weights(own)))

    def lay(self, kind: int, rooms: Sequence[np.ndarray | None], name: str) -> None:
        """Lay time (`kind` 0) or events (1) into `rooms`, (2 halves x cells, P, D) by number; None: nobody asks.

        Raises EngineError for a sum that is not a number.
        """
        counted = [lives[kind] for lives, _, _ in self.laid]
        used = [row_numbers for one in counted for _, row_numbers in one.parts]
        if not used:
            return
        row_numbers = np.unique(np.concatenate(used))
        draws = self.laid[0][2].weights.shape[-1]
        sums = np.zeros((len(rooms), len(row_numbers), self.plan.periods, draws))
        scratch = np.empty((len(self.plan.period), draws)), np.empty(draws)
        for (_, numbers, weights), one in zip(self.laid, counted, strict=True):
            into = np.array([-1 if rooms[number] is None else number for number in numbers])
            for values, own_numbers in one.parts:
                places = np.searchsorted(row_numbers, own_numbers)
                lay(values, places, *weights, into, sums, *scratch)
        for own, room in zip(sums, rooms, strict=True):
            if room is not None and not put(own, row_numbers, self.start, room):
                raise EngineError(f"the engine returned a {name} that is not finite")

    def _weights(self, targets: Sequence[Target]) -> _Weights:
        """How much of the people's quarters since entry falls in each calendar period, by target."""
        quarters, periods = len(self.plan.period), self.plan.periods
        weights = np.empty((len(targets), quarters, periods, len(targets[0].entrants)))
        there = np.empty(weights.shape[:3], bool)
        for t, target in enumerate(targets):
            overlap(target.entrants, self.plan.period, periods, target.quarters, (weights[t], there[t]))
        last = np.where(there.any(axis=1), quarters - there[:, ::-1].argmax(axis=1), 0)
        first = np.where(last > 0, there.argmax(axis=1), quarters)
        return _Weights(weights, first // 2 * 2, (last + 1) // 2 * 2)
