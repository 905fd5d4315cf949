"""How much wider the programme's figures are in the likelihood, since its citizens share consultants.

A mean over citizens of whom each consultant has n_k varies 1 + correlation (sum of n_k^2 / n - 1) times as much as one
of citizens who share nobody (the design effect). With ten consultants or more the correlation is each statistic's own;
with fewer it is the mean of the prior that the plan declares. Sizes: N people, K statistics, C consultants.
"""

from __future__ import annotations

import numpy as np

from costeff.trial.evaluation.nested import expected_correlation
from costeff.trial.extract import Extract
from costeff.trial.learning.lensed import GroupStatistics
from costeff.trial.learning.statistics import counts


def design_effects(extract: Extract, by_group: GroupStatistics) -> np.ndarray:
    """The factor (K,) of each statistic's variance, group after group; 1 of all groups but the last.

    1 throughout where the plan declares nothing of consultants, or no citizen's consultant is known.
    """
    plan, trial = extract.plan, extract.trial
    sizes = [len(own) for own in by_group]
    own = trial.group(plan.strategies[-1])
    names = trial.consultant[own]
    if plan.between_consultants is None or not (names != "").any() or sizes[-1] == 0:
        return np.ones(sum(sizes))
    has_name = names != ""
    which = np.unique(names[has_name], return_inverse=True)[1]
    influences = counts(trial.weeks[own], by_group[-1]).influences()[has_name]
    correlations = [expected_correlation(column, which, plan.between_consultants) for column in influences.T]
    # Whoever has no consultant shares none.
    people = np.r_[np.bincount(which), np.ones(int((~has_name).sum()))]
    return np.concatenate([np.ones(sum(sizes[:-1])), design_effect(people, np.array(correlations))])


def design_effect(sizes: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Of consultants with so many citizens each, `sizes` (C,), for each correlation (K,).

    >>> design_effect(np.array([25, 25, 25, 25]), np.array([0.0, 0.04])).round(6).tolist()
    [1.0, 1.96]
    """
    return np.asarray(1 + correlation * ((sizes.astype(float) ** 2).sum() / sizes.sum() - 1))


def wider_difference(error: float, people: tuple[int, int], effect: float) -> float:
    """The error of a difference whose last group's mean varies `effect` times as much, with one spread in both groups.

    >>> round(wider_difference(1.0, (50, 50), 3.0) ** 2, 6)
    2.0
    """
    first, last = people
    return float(error * (1 + first / (first + last) * (effect - 1)) ** 0.5)
