"""Which citizens of a case are simulated together, and how many people stand for them.

Citizens whose rules change at the same time after entry live by the same model. Those who come in the two quarters
before a reform each need a simulation of their own although they are few, so fewer people stand for them: their luck
enters the case by the square of their share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

#: (cycle since entry, ratios by leg, closed states) of each change of rules that is still ahead at entry.
Reform = tuple[tuple[int, tuple[tuple[str, Any], ...], tuple[tuple[str, str], ...]], ...]

Kind = TypeVar("Kind", tuple[Reform, str], "Cohort")

PARTS = (8, 4, 2)
"""A cohort's people are an eighth, a quarter or half of the largest cohort's, or as many. Few steps, so that cases of
nearly the same inflow share their simulations."""
FEWEST = 24
_LUCK = 40  # binary digits of an address that number the draws; those above number the luck of a cohort


class Cohort(NamedTuple):
    """Citizens whose rules change at the same time after entry: the people who stand for them, and whose luck."""

    reform: Reform
    individuals: int
    luck: int
    """0 for the largest cohort; others have people of their own, so that their luck is independent."""
    entry: str = ""
    """The date on which they enter, where amounts read dates."""

    def addresses(self, rows: slice) -> np.ndarray:
        """Random addresses of draws `rows`, (d,) uint64.

        >>> Cohort((), 10, 1).addresses(slice(2, 4)).tolist() == [2**40 + 2, 2**40 + 3]
        True
        """
        return np.arange(rows.start, rows.stop, dtype=np.uint64) + np.uint64(self.luck << _LUCK)


def cohorts(
    reforms: Sequence[Reform], takers: Sequence[float], individuals: int, entries: Sequence[str] = ()
) -> tuple[Cohort, ...]:
    """The cohort of each quarter's entrants, from their reforms, how many take the offer, and dates of entry.

    As many people as `individuals` stand for the largest cohort; for another, the least part of them that is no less
    than its size beside the largest, an even number of at least FEWEST. A case whose rules do not change has one.

    >>> soon = ((13, (), ()),)
    >>> [c.individuals for c in cohorts([soon, (), (), ()], [10, 100, 100, 100], 800)]
    [100, 800, 800, 800]
    """
    kinds = list(zip(reforms, entries or [""] * len(reforms), strict=True))
    sizes = _sizes(kinds, takers)
    most = max(sizes.values())
    largest = next(kind for kind, size in sizes.items() if size == most)
    others = [kind for kind in sizes if kind != largest]
    made = {largest: Cohort(largest[0], individuals, 0, largest[1])}
    for luck, kind in enumerate(others, start=1):
        part = next((p for p in PARTS if sizes[kind] * p <= most), 1)
        people = min(max(2 * math.ceil(individuals / part / 2), FEWEST), individuals)
        made[kind] = Cohort(kind[0], people, luck, kind[1])
    return tuple(made[kind] for kind in kinds)


def equal_people(by_quarter: Sequence[Cohort], takers: Sequence[float]) -> int:
    """How many people in one cohort would leave as much to luck as these do.

    The mean over citizens has variance s² sum(share² / people) when people of different cohorts are equally unlike.

    >>> one, few = Cohort((), 800, 0), Cohort(((13, (), ()),), 100, 1)
    >>> equal_people([one, one], [1, 1]), equal_people([few, one], [0.1, 0.9])
    (800, 899)
    """
    sizes = _sizes(by_quarter, takers)
    total = sum(sizes.values())
    if total == 0:
        return max(cohort.individuals for cohort in sizes)
    return round(1.0 / sum((size / total) ** 2 / cohort.individuals for cohort, size in sizes.items()))


def _sizes(kinds: Sequence[Kind], takers: Sequence[float]) -> dict[Kind, float]:
    """Citizens of each kind, in the order in which they first come."""
    sizes = dict.fromkeys(kinds, 0.0)
    for kind, number in zip(kinds, takers, strict=True):
        sizes[kind] += number
    return sizes
