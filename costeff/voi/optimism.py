"""What values of information lose near a tie, because the best of estimated means is taken for the best mean.

The mean of the draws' best net benefits is right on average; the highest of several estimated means is not, since the
luckiest of nearly equal strategies is taken. What is subtracted is then too high, and the value of information too low:
by no more than the luck of the luckiest, which is reached where the means are equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import mean
from costeff.analysis.ties import covariance_of_means, largest_luck

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]

NEAR = 2.0
"""Errors of the difference of two means within which they are nearly tied: at an exact tie 95 of 100 runs say so, and
where means lie four errors apart, 2 or 3."""


def most_lost(evaluation: EvaluationData, wtp: Floats) -> Floats:
    """By how much EVPI, EVPPI and EVSI may be too low on average, in currency, (wtp,); 0 where no two nearly tie.

    NaN with one draw or one replicate, whose error is not known.

    >>> from costeff import Evaluation
    >>> benefit = np.array([[0.0, 1.0], [0.0, -1.0]] * 50)
    >>> tied = Evaluation("payer", "qaly", ("a", "b"), "a", -benefit, np.zeros((100, 2)))
    >>> most_lost(tied, np.zeros(1)).round(3).tolist()  # 0.4 errors of the mean, 0.1
    [0.04]
    """
    base = evaluation.comparator_index
    gain, cost = (array - array[:, [base]] for array in (evaluation.gain, evaluation.cost))
    strategies = gain.shape[1]
    joint = covariance_of_means(np.hstack([gain, cost]), evaluation.replicates)
    both, cross_terms, costs = (
        joint[:strategies, :strategies],
        joint[:strategies, strategies:],
        joint[strategies:, strategies:],
    )
    expected = wtp[:, None] * mean(gain) - mean(cost)
    optimism = np.empty(len(wtp))
    for w, value in enumerate(wtp.tolist()):
        optimism[w] = _lost(expected[w], value**2 * both - value * (cross_terms + cross_terms.T) + costs)
    return optimism


def _lost(expected: Floats, covariance: Floats) -> float:
    """Mean luck of the luckiest of those that nearly tie with the best."""
    if np.isnan(covariance).any():
        return float("nan")
    own = np.diag(covariance)
    best = int(expected.argmax())
    gap = np.sqrt(np.maximum(own + own[best] - 2 * covariance[best], 0.0))
    near = np.flatnonzero(expected[best] - expected < NEAR * gap)
    if not len(near):
        return 0.0
    contenders = np.append(near, best)
    return largest_luck(covariance[np.ix_(contenders, contenders)])
