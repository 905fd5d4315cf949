"""Lives of a batch of draws laid over the calendar: first into room of their own, then beside the other draws.

Sizes: D draws, d draws of a batch, Q calendar quarters, K quarters since entry (K = Q), P calendar periods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costeff.engine.quantities import check_finite
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


LivesOnTheWay = tuple[tuple[Counted, Counted], Sequence[Target]]
"""Lives, their time and events, with all the targets that they go to."""


Rooms = Sequence[np.ndarray]
"""Where sums are put beside those of other draws, (2 halves x cells, P, D) by number."""


def lay_batch(plan: CasePlan, start: int, lives_targets: Sequence[LivesOnTheWay], rooms: Mapping[str, Rooms]) -> None:
    """Lay the lives of a batch of draws, of which `start` is the first, into the rooms of their time and events.

    Sums are made in room of their own, in the rows in which anybody is, and put beside the others once. Raises
    EngineError for a sum that is not a number.
    """
    batches = []
    for kind, own_rooms in enumerate(rooms.values()):
        batches.append(_Batch(own_rooms, [lives[kind] for lives, _ in lives_targets], plan.periods))
    for lives, targets in lives_targets:
        own_targets = [target for target in targets if target.entrants.any()]
        if own_targets:
            weights, into = _weights(plan, own_targets), [target.into for target in own_targets]
            for one, counts in zip(batches, lives, strict=True):
                one.add(counts, weights, into)
    for name, one in zip(rooms, batches, strict=True):
        if not one.put(start):
            check_finite(name, one.sums)


class _Batch:
    """The sums of time, or of events, of one batch of draws: by number of the room they go to."""

    def __init__(self, rooms: Rooms, counts: Sequence[Counted], periods: int) -> None:
        parts = [part for one in counts for part in one.parts]
        draws = parts[0][0].shape[-1] if parts else 0
        self.row_numbers = np.unique(np.concatenate([np.zeros(0, np.int64), *(at for _, at in parts)]))
        self.rooms, self.sums = rooms, np.zeros((len(rooms), len(self.row_numbers), periods, draws))

    def add(self, counts: Counted, weights: _Weights, into: Sequence[int]) -> None:
        """Add lives to the sums of those numbers `into`, one for each target, that there is room for."""
        quarters, draws = weights.weights.shape[1], weights.weights.shape[-1]
        scratch = np.empty((quarters, draws)), np.empty(draws)
        numbers = [number if number < len(self.rooms) else -1 for number in into]
        for values, own_rows in counts.parts:
            lay(values, np.searchsorted(self.row_numbers, own_rows), *weights, np.array(numbers), self.sums, *scratch)

    def put(self, start: int) -> bool:
        """Put the sums beside those of other draws; whether all of them are finite."""
        both = zip(self.sums, self.rooms, strict=True)
        return all(put(own, self.row_numbers, start, room) for own, room in both)


def _weights(plan: CasePlan, targets: Sequence[Target]) -> _Weights:
    """How much of the people's quarters since entry falls in each calendar period, by target."""
    quarters, periods = len(plan.period), plan.periods
    weights = np.empty((len(targets), quarters, periods, len(targets[0].entrants)))
    there = np.empty(weights.shape[:3], bool)
    for t, target in enumerate(targets):
        overlap(target.entrants, plan.period, periods, target.quarters, (weights[t], there[t]))
    last = np.where(there.any(axis=1), quarters - there[:, ::-1].argmax(axis=1), 0)
    first = np.where(last > 0, there.argmax(axis=1), quarters)
    return _Weights(weights, first // 2 * 2, (last + 1) // 2 * 2)
