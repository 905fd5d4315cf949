"""Acceptability, expected loss and EVPI from one pass over draws and willingness to pay, kept for the last grid.

Six hundred million net benefits (100,000 draws, 12 strategies, 500 values) are formed once, in threads, and never
stored. Results do not depend on the number of threads: blocks of draws are fixed and added in order.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import cleared, highest, leading
from costeff.analysis.intervals import mean
from costeff.analysis.ties import chances, covariance_of_means, mixed_error

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]

_BLOCK = 4096
"""Draws added together before the blocks are; fixed, so that threads cannot change a sum."""
_GROUPS = 10
"""Groups of independent draws left out in turn for the errors of noise-corrected values."""


@dataclass(frozen=True, eq=False)
class Curves:
    """What the draws say at each wtp: (wtp, strategy), the last three (wtp,)."""

    probability: Floats
    probability_mcse: Floats
    loss: Floats
    loss_mcse: Floats
    chance: Floats
    """Chance of each strategy to have the highest expected net benefit over runs like this one: see ties."""
    evpi_mcse: Floats
    """(wtp,)"""
    best: NDArray[np.intp]
    """Position of the strategy with the highest expected net benefit; of a tie the comparator, then the first."""
    tied: NDArray[np.bool_]

    def of_best(self, values: Floats) -> Floats:
        """The column of the best strategy at each wtp: (wtp, strategy) -> (wtp,)."""
        return np.asarray(np.take_along_axis(values, self.best[:, None], axis=1)[:, 0])


_last_curves: WeakKeyDictionary[EvaluationData, tuple[bytes, Curves]] = WeakKeyDictionary()


def curves(evaluation: EvaluationData, wtp: Floats) -> Curves:
    """Curves of the draws as they are; the last grid asked for is kept with the evaluation."""
    key = wtp.tobytes()
    entry = _last_curves.get(evaluation)
    if entry is None or entry[0] != key:
        entry = _last_curves[evaluation] = key, _curves(evaluation, wtp)
    return entry[1]


def optimal(evaluation: EvaluationData, wtp: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Position of the strategy with the highest expected net benefit at each wtp, and whether others tie.

    On a tie, but for rounding dust, the comparator, then the strategy named first, is taken.
    """
    base = evaluation.comparator_index
    order = [base, *(s for s in range(len(evaluation.strategies)) if s != base)]
    expected = wtp[:, None] * mean(evaluation.gain) - mean(evaluation.cost)
    size = wtp[:, None] * mean(np.abs(evaluation.gain)) + mean(np.abs(evaluation.cost))
    return highest(expected, size, order), leading(expected, size).sum(axis=1) > 1


def _curves(evaluation: EvaluationData, wtp: Floats) -> Curves:
    # one memory order, so that one compiled form serves all
    gain, cost = (np.array(array, order="C") for array in (evaluation.gain, evaluation.cost))
    draws = evaluation.draws
    first = wtp * gain[0][:, None] - cost[0][:, None]
    shift = first.max(axis=0) - first
    replicates = evaluation.replicates or 1
    size = draws // replicates
    edges = [r * size + low for r in range(replicates) for low in range(0, size, _BLOCK)] + [draws]
    parts = _tallied(gain, cost, wtp, shift, edges)
    by_replicate = parts.reshape(replicates, -1, *parts.shape[1:]).sum(axis=1)
    total = by_replicate.sum(axis=0)
    share, share2, loss, loss2 = np.swapaxes(total, 1, 2) / draws
    if evaluation.replicates is None:
        errors = [_independent(share, share2, draws), _independent(loss, loss2, draws)]
    elif replicates < 2:
        errors = [np.full(share.shape, math.nan)] * 2
    else:
        means = by_replicate[:, [0, 2]] / size
        spread = np.std(means - means[0], axis=0, ddof=1) / math.sqrt(replicates)
        errors = list(np.swapaxes(spread, 1, 2))
    best, ties = optimal(evaluation, wtp)
    chance, evpi_mcse = _without_information(evaluation, wtp, errors[1])
    return Curves(share, errors[0], loss + shift.T, errors[1], chance, evpi_mcse, best, ties)


def _without_information(evaluation: EvaluationData, wtp: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Chance of each strategy to be the best without information, (wtp, strategy), and the error of EVPI, (wtp,).

    `errors` of the losses, (wtp, strategy). Two losses differ by as much as two mean net benefits do, so that the
    covariance of costs and effects tells the error of any mean of losses.
    """
    strategies, base = len(evaluation.strategies), evaluation.comparator_index
    gain, cost = (
        cleared(array - array[:, [base]], np.maximum(np.abs(array), np.abs(array[:, [base]])))
        for array in (evaluation.gain, evaluation.cost)
    )
    joint = covariance_of_means(np.hstack([gain, cost]), evaluation.replicates)
    both, cross, costs = (
        joint[:strategies, :strategies],
        joint[:strategies, strategies:],
        joint[strategies:, strategies:],
    )
    expected = wtp[:, None] * mean(gain) - mean(cost)
    chance, error = np.empty(errors.shape), np.empty(len(wtp))
    for w, value in enumerate(wtp.tolist()):
        covariance = value**2 * both - value * (cross + cross.T) + costs
        own = np.diag(covariance)
        chance[w] = chances(expected[w], covariance)
        gaps = np.maximum(own[:, None] + own - 2 * covariance, 0.0)
        error[w] = mixed_error(errors[w], gaps, chance[w])
    return chance, error


def _independent(mean_of: Floats, square_of: Floats, draws: int) -> Floats:
    """Standard error of a mean from the mean and the mean square of independent draws."""
    if draws < 2:
        return np.full(mean_of.shape, math.nan)
    return np.asarray(np.sqrt(np.maximum(square_of - mean_of**2, 0.0) / (draws - 1)))


def _tallied(gain: Floats, cost: Floats, wtp: Floats, shift: Floats, edges: list[int]) -> Floats:
    """Sums of each block of draws, (block, 4, strategy, wtp); see tally."""
    from costeff.analysis.tally_kernel import WIDTH, tally

    strategies = gain.shape[1]
    sums = np.zeros((len(edges) - 1, 4, strategies, len(wtp)))

    def run(block: int) -> None:
        room, part = np.empty((3, WIDTH)), np.empty((4, strategies, WIDTH))
        tally(gain, cost, wtp, edges[block], edges[block + 1], shift, room, part, sums[block])

    in_threads(run, len(sums))
    return sums


def in_threads(run: Callable[[int], None], jobs: int) -> None:
    """Call `run` with 0 to jobs - 1, in as many threads as there are processors; jobs share no array they write to."""
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if min(workers, jobs) < 2:
        for job in range(jobs):
            run(job)
    else:
        with ThreadPoolExecutor(min(workers, jobs)) as pool:
            list(pool.map(run, range(jobs)))


def best_share(benefit: Floats, size: Floats | None = None) -> Floats:
    """1 for the best strategy of each draw, shared equally on a tie but for dust; (draw, strategy) both ways.

    `size` of the numbers that the benefit was formed of (see dust); by default its own.

    >>> best_share(np.array([[1.0, 2.0], [3.0, 3.0]])).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    best = leading(benefit, np.abs(benefit) if size is None else size)
    return np.asarray(best / best.sum(axis=1, keepdims=True))


def groups_left_out(draws: int, replicates: int | None = None) -> int:
    """How many groups of draws are left out in turn, so that many replicates are behind the errors of `jackknife`.

    >>> groups_left_out(1000), groups_left_out(8), groups_left_out(1024, 8)
    (10, 8, 8)
    """
    if replicates is not None:
        return replicates
    return _GROUPS if draws >= 2 * _GROUPS else draws


def left_out(evaluation: EvaluationData) -> list[EvaluationData]:
    """The evaluation without each tenth of its independent draws, or each replicate, in turn; none for two or fewer."""
    groups, mine = groups_left_out(evaluation.draws, evaluation.replicates), group_of_draws(evaluation)
    return [some_draws(evaluation, mine != g) for g in range(groups)] if groups > 2 else []


def group_of_draws(evaluation: EvaluationData) -> NDArray[np.intp]:
    """Which group each draw is left out with, (draw,): every tenth independent draw, or the draws of a replicate."""
    draws, groups = evaluation.draws, groups_left_out(evaluation.draws, evaluation.replicates)
    return np.arange(draws) % groups if evaluation.replicates is None else np.arange(draws) // (draws // groups)


def jackknife(estimates: Sequence[Sequence[Floats]], values: Sequence[Floats]) -> list[Floats]:
    """Standard errors of values from what they are without each group in turn; NaN without groups."""
    if not estimates:
        return [np.full(np.shape(value), math.nan) for value in values]
    scale = math.sqrt(len(estimates) - 1)
    return [scale * np.std(np.array(value), axis=0) for value in zip(*estimates, strict=True)]


def some_draws(evaluation: EvaluationData, mask: NDArray[np.bool_]) -> EvaluationData:
    """The evaluation with some of its draws, (draw,) true where kept; they count as independent."""
    arrays: dict[str, Any] = {
        name: None if getattr(evaluation, name) is None else getattr(evaluation, name)[mask]
        for name in ("cost", "effect", "cost_half", "effect_half")
    }
    parameters = {name: values[mask] for name, values in evaluation.parameters.items()}
    return replace(evaluation, parameters=parameters, replicates=None, **arrays)
