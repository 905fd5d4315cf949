"""Whether the luck of the draws still decides a result: one rule for a sign, a ranking, a status, a ratio, a threshold.

An estimate with a Monte Carlo error from R independent replicates (draws; designs of Latin hypercube or Sobol draws;
batches of people) is settled when it lies more than t standard errors from the value in question, t being the 97.5 %
point of Student's law with R - 1 degrees of freedom: 1.96 of many draws, 2.36 of 8 designs, 2.78 of 5 batches. From
fewer than FEWEST replicates an error says too little of itself (70 % of intervals of 1.96 errors hold the truth with
two), so nothing is settled and no interval is given. One draw without two halves of individuals has no luck to speak
of: a cohort, or a row from elsewhere. Then nothing is known, and None is the answer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import alike
from costeff.analysis.frontier import DOMINATED, EXTENDEDLY_DOMINATED, Standing, frontier
from costeff.analysis.intervals import block_means, mean, read_level
from costeff.errors import ResultError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

FEWEST = 5
"""Replicates from which an error can be used."""
LEVEL = 0.95
CLEAR, CLOSE, FEW, UNKNOWN = ("settled", "the error could explain it", "too few replicates", "no error is known")
"""What can be said of an estimate; only of the first is the result settled, of the last it is not known."""
_RESAMPLES, _BLOCKS = 400, 200


def quantile(replicates: int, level: float = LEVEL) -> float:
    """Standard errors on either side of an estimate in its interval, by Student's law. ResultError below FEWEST.

    >>> round(quantile(8), 2), round(quantile(100_000), 2)
    (2.36, 1.96)
    """
    from scipy.special import stdtrit

    if replicates < FEWEST:
        raise ResultError(
            "an interval needs more replicates",
            value=replicates,
            rule=f"an error from fewer than {FEWEST} independent draws, designs or batches says too little of itself",
            way_out=f"run {FEWEST} or more; 8 or more are better",
        )
    return float(stdtrit(replicates - 1, (1 + read_level(level)) / 2))


def margin(error: float, replicates: int, level: float = LEVEL) -> float:
    """Half the width of the interval that Monte Carlo error leaves; NaN where it cannot be told.

    >>> round(margin(10.0, 8), 1), margin(10.0, 4)
    (23.6, nan)
    """
    return error * quantile(replicates, level) if replicates >= FEWEST else math.nan


def judged(difference: float, error: float, replicates: int) -> str:
    """CLEAR, CLOSE, FEW or UNKNOWN for a difference from 0; `replicates` as replicates_of tells them.

    >>> judged(30.0, 10.0, 1000), judged(30.0, 10.0, 3), judged(15.0, 10.0, 1000), judged(15.0, math.nan, 0)
    ('settled', 'too few replicates', 'the error could explain it', 'no error is known')
    """
    if replicates == 0:
        return UNKNOWN
    if difference == 0 and error == 0:
        return CLEAR  # the same in every draw: there is no sign to settle
    if replicates < FEWEST or not math.isfinite(error):
        return FEW
    return CLEAR if abs(difference) > quantile(replicates) * error else CLOSE


def settled(difference: float, error: float, replicates: int) -> bool | None:
    """Whether the sign of a difference is settled; None where nothing is known of its error.

    >>> settled(30.0, 10.0, 1000), settled(15.0, 10.0, 1000), settled(15.0, math.nan, 0)
    (True, False, None)
    """
    verdict = judged(difference, error, replicates)
    return None if verdict == UNKNOWN else verdict == CLEAR


def replicates_of(draws: int, replicates: int | None = None, *, halves: bool = False) -> int:
    """Independent replicates behind the errors of a mean over draws; 0: one draw, of which no luck is known.

    The two `halves` of the individuals of one draw make two replicates.

    >>> replicates_of(1000), replicates_of(1024, 8), replicates_of(1, halves=True), replicates_of(1)
    (1000, 8, 2, 0)
    """
    if replicates is not None:
        return replicates
    return draws if draws > 1 else 2 if halves else 0


def replicates_behind(evaluation: EvaluationData) -> int:
    """The same for an evaluation."""
    return replicates_of(evaluation.draws, evaluation.replicates, halves=evaluation.cost_half is not None)


def every(verdicts: list[bool | None]) -> bool | None:
    """Whether all are settled: False when one is not, else None when one is not known.

    >>> every([True, None]), every([True, None, False]), every([])
    (None, False, True)
    """
    return False if False in verdicts else None if None in verdicts else True


def standing_kept(
    evaluation: EvaluationData, standings: list[Standing], means: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> list[bool]:
    """Whether each strategy keeps its standing in runs like this one, for three strategies or more.

    Draws (designs, or blocks of many draws) are drawn again with replacement, the deviations of the means stretched to
    Student's law, and standings formed anew: kept when 97.5 % of these runs agree. Of a dominated strategy the status
    alone counts; of others also which strategy it stands against, since a ratio depends on it. `means` of cost and
    gain are those that the standings are of.
    """
    count = replicates_behind(evaluation)
    if count < FEWEST:
        return [False] * len(standings)
    both, centre = np.hstack([evaluation.cost, evaluation.gain]), np.concatenate(means)
    reach = mean(np.abs(both))
    agree = np.zeros(len(standings))
    base, size = evaluation.comparator_index, len(standings)
    for row in _resampled(both, evaluation.replicates, centre):
        cost, gain = alike(row[:size], reach[:size], base), alike(row[size:], reach[size:], base)
        again = frontier(cost.tolist(), gain.tolist(), base)
        agree += [_same(one, other) for one, other in zip(standings, again, strict=True)]
    return [bool(count >= (1 + LEVEL) / 2 * _RESAMPLES) for count in agree]


def _same(one: Standing, other: Standing) -> bool:
    return one.status == other.status if one.status in (DOMINATED, EXTENDEDLY_DOMINATED) else one == other


def _resampled(values: NDArray[np.float64], replicates: int | None, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means (draw, k) -> (resample, k) as other runs would have them; columns that are equal stay equal."""
    if replicates is not None:
        parts = block_means(values, replicates)
        weight = np.full(replicates, 1 / replicates)
    else:
        blocks = min(len(values), _BLOCKS)
        groups = np.array_split(np.arange(len(values)), blocks)
        parts = np.stack([values[group].mean(axis=0) for group in groups])
        weight = np.array([len(group) for group in groups]) / len(values)
    count = len(parts)
    times = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), _RESAMPLES)
    away = times * weight
    away = away / away.sum(axis=1, keepdims=True) - weight
    stretch = quantile(count) / quantile(1_000_000) * math.sqrt(count / (count - 1))
    # one column at a time, so that equal columns give equal sums
    return np.stack([centre[k] + stretch * (away @ parts[:, k]) for k in range(values.shape[1])], axis=1)
