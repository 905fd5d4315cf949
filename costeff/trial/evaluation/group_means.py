"""Mean costs of each group, not adjusted, with intervals that hold where few people cost nearly all.

A mean of costs that are 0 for many and huge for few is below the truth more often than above it, and its standard error
is then too small as well. So the interval is studentised: each resampled mean is measured in its own standard error.
Sizes: N people, B replicates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.trial.disclosure.dominance import is_dominated
from costeff.trial.evaluation.evaluate import ENDS, Interval
from costeff.trial.evaluation.person_values import PersonValues

REPLICATES = 2000


@dataclass(frozen=True)
class GroupMeans:
    """A perspective's mean cost in usual care and in the programme's group."""

    perspective: str
    usual: Interval
    programme: Interval


def group_means(own: PersonValues, smallest: int, luck: np.random.Generator) -> tuple[GroupMeans, ...]:
    """By perspective, of everybody whose costs are known; without those that one person dominates.

    Nothing where costs are known of fewer than `smallest` people of a group, or of all but so few: beside the money by
    party, which is of everybody, they would tell what those few cost.
    """
    out = []
    for view, cost in own.cost.items():
        groups = [cost[(own.in_programme == g) & ~np.isnan(cost)] for g in (0, 1)]
        counts_unknown = [int(((own.in_programme == g) & np.isnan(cost)).sum()) for g in (0, 1)]
        has_few = min(map(len, groups)) < smallest or any(0 < count < smallest for count in counts_unknown)
        if not has_few and not any(is_dominated(values) for values in groups):
            usual, programme = (studentised_interval(values, REPLICATES, luck) for values in groups)
            out.append(GroupMeans(view, usual, programme))
    return tuple(out)


def studentised_interval(values: np.ndarray, replicates: int, luck: np.random.Generator) -> Interval:
    """The mean of `values` (N,) with its standard error and 95 % interval by the studentised bootstrap.

    Samples in which everybody costs the same are left out; where all do, the interval is the mean.

    >>> one = studentised_interval(np.r_[np.zeros(30), np.full(10, 90.0)], 2000, np.random.default_rng(1))
    >>> one.value, one.value - one.low < one.high - one.value                     # longer towards the long tail
    (22.5, True)
    """
    size, mean = len(values), float(values.mean())
    error = float(values.std(ddof=1)) / size**0.5 if size > 1 else 0.0
    if error == 0:
        return Interval(mean, 0.0, mean, mean)
    samples = values[luck.integers(0, size, (replicates, size))]
    errors = samples.std(axis=1, ddof=1) / size**0.5
    differs = errors > 0
    high, low = np.percentile((samples[differs].mean(axis=1) - mean) / errors[differs], ENDS)
    return Interval(mean, error, mean - float(low) * error, mean - float(high) * error)
