"""Person-weeks at risk and moves, from weeks in states: what hazards are estimated from.

A week is at risk from the value of its clock on, so whoever is included late in a spell is at risk from there only
(delayed entry). Sizes: N people, T weeks, R rows, M moves, I intervals of the clock, C covariates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costeff.trial.lives import UNSEEN
from costeff.trial.persons import PersonRows

TIME, SPELL = "time", "spell"


@dataclass(frozen=True, eq=False, repr=False)
class PersonWeeks(PersonRows):
    """Weeks at risk in a state: `person` (R,), `interval` (R,) of the clock, `move` (R,) number of the target or -1,
    `week` (R,) of the clock."""

    state: int
    targets: tuple[int, ...]
    person: np.ndarray
    interval: np.ndarray
    move: np.ndarray
    week: np.ndarray

    def people(self) -> int:
        """How many people were ever at risk."""
        return len(np.unique(self.person))


def person_weeks(
    weeks: np.ndarray, state: int, splits: Sequence[int], fewest: int, before: np.ndarray | None = None
) -> PersonWeeks:
    """Weeks of `weeks` (N, T) at risk in `state`, split at `splits` of the clock.

    The clock is the week since inclusion, or with `before` (N,), the weeks that each person's first spell had lasted
    then, the week of the spell. Moves that fewer than `fewest` people make end a person's time at risk and are no move.

    >>> weeks = np.array([[0, 0, 1, 1], [0, 1, 0, 0]])
    >>> own = person_weeks(weeks, 0, [2], 1)
    >>> own.interval.tolist(), own.move.tolist(), own.targets
    ([0, 0, 0, 1], [-1, 0, 0, -1], (1,))
    >>> person_weeks(weeks, 0, [2], 1, np.array([5, 0])).interval.tolist()
    [1, 1, 0, 0]
    """
    person, at = np.nonzero((weeks[:, :-1] == state) & (weeks[:, 1:] != UNSEEN))
    after = weeks[person, at + 1]
    has_moved = after != state
    pairs = {int(one): len(np.unique(person[after == one])) for one in np.unique(after[has_moved])}
    targets = tuple(one for one, movers in pairs.items() if movers >= fewest)
    number = np.full(int(weeks.max(initial=0)) + 2, -1)
    number[list(targets)] = np.arange(len(targets))
    clock = at if before is None else _spell_weeks(weeks, state, before)[person, at]
    return PersonWeeks(
        state,
        targets,
        person,
        np.searchsorted(np.asarray(splits), clock, side="right"),
        np.where(has_moved, number[after], -1),
        clock,
    )


def _spell_weeks(weeks: np.ndarray, state: int, before: np.ndarray) -> np.ndarray:
    """Whole weeks in the state up to each week (N, T), from the spell's start, which may lie before inclusion."""
    inside = weeks == state
    at = np.arange(weeks.shape[1])
    begins = inside & np.concatenate([np.ones((len(weeks), 1), bool), ~inside[:, :-1]], axis=1)
    first = np.maximum.accumulate(np.where(begins, at, -1), axis=1)
    earlier = np.where(first == 0, before[:, None], 0)
    return np.asarray(at - first + earlier)
