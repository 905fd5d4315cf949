"""Acceptability, expected loss and EVPI without individual noise, for all willingness to pay and sets of draws at once.

Each draw's net benefit is moved towards the mean until the covariance is total less noise (see noise). At every
willingness to pay both covariances are quadratic forms of those of costs and effects, and draws that are weighted by
group have the sums of the groups; so all of them come from one pass, and a compiled one tallies the draws. Where a
quadratic form would lose digits, the draws are gone through one by one.

Errors are those of a jackknife over groups in two parts, which add up to first order: what the draws of a group do to
the average when mean and covariances stay, and what they do to mean and covariances. The second is read over a step of
`_STEP` of their own error, not over the short one of leaving a group out. A probability is a count of draws, and on
a short step the few that happen to lie near the border would say more of themselves than of the slope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.curves import best_share, curves, group_of_draws, in_threads, jackknife
from costeff.analysis.dust import size_of_benefit
from costeff.analysis.net_benefit import increments
from costeff.analysis.noise import corrected_nmb, distinct, gap_of_increments, shrinkages

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]

_LEAST = 1e-3
"""Share of the sum of its terms below which a quadratic form has lost too many digits."""
_STILL = 1e-10
"""Spread of draws, as a share of their size, that is too near dust for the sums of groups."""
_STEP = 0.63
"""Of the error of mean and covariances, over which their slope is read; longer steps feel the curve, shorter ones the
single draw. Reported errors were those of repeated runs of 32, 128 and 512 draws with 40 to 55 % of noise."""
_AT_ONCE = 128
"""Values of willingness to pay taken together, so that the matrices of many sets and strategies fit in memory."""


@dataclass(frozen=True, eq=False)
class CorrectedCurves:
    """What the draws say without individual noise at each wtp, with jackknife errors; floored: see corrected_nmb."""

    probability: Floats
    """(wtp, strategy), as are the next three."""
    probability_mcse: Floats
    loss: Floats
    loss_mcse: Floats
    evpi: Floats
    """(wtp,), as are the next two."""
    evpi_mcse: Floats
    floored: NDArray[np.int8]


_last_curves: WeakKeyDictionary[EvaluationData, tuple[bytes, CorrectedCurves]] = WeakKeyDictionary()


def corrected_curves(evaluation: EvaluationData, wtp: Floats) -> CorrectedCurves | None:
    """Curves without individual noise, the last grid kept with the evaluation; None without halves or with one draw."""
    if evaluation.cost_half is None or evaluation.draws < 2:
        return None
    key = wtp.tobytes()
    entry = _last_curves.get(evaluation)
    if entry is None or entry[0] != key:
        entry = _last_curves[evaluation] = key, _corrected(evaluation, wtp)
    return entry[1]


def _corrected(evaluation: EvaluationData, wtp: Floats) -> CorrectedCurves:
    """Noise-corrected values with errors from replicates, or from tenths of independent draws, in turn."""
    share, loss, flags = _of_sets(evaluation, wtp)
    # the correction leaves means alone, and with them which strategy may be the best without information
    chance = curves(evaluation, wtp).chance
    values = share[0], loss[0], loss[0].min(axis=1)
    without = [
        (one, own_loss, (own_loss * chance).sum(axis=1)) for one, own_loss in zip(share[1:], loss[1:], strict=True)
    ]
    errors = jackknife(without, values)
    return CorrectedCurves(values[0], errors[0], values[1], errors[1], values[2], errors[2], flags)


def _of_sets(evaluation: EvaluationData, wtp: Floats) -> tuple[Floats, Floats, NDArray[np.int8]]:
    """Probability and loss (set, wtp, strategy), of all draws and as if without each group; flags (wtp,) of all."""
    base, first = evaluation.comparator_index, distinct(evaluation)
    others = [s for s in range(len(first)) if s != base]
    own = [k for k, s in enumerate(others) if first[s] == s]
    gain, cost = (increments(values, base)[:, own] for values in (evaluation.gain, evaluation.cost))
    gaps = [evaluation.effect_sign * _gap(evaluation.effect_half, base), _gap(evaluation.cost_half, base)]
    group = group_of_draws(evaluation)
    size = np.bincount(group).astype(np.float64)
    weights = _weights(size)
    values, halves = np.hstack([gain, cost]), np.hstack([gap[:, own] for gap in gaps])
    mean, total, noise = _moments(values, halves, group, weights)
    places = [base, *(others[k] for k in own)]
    copies = np.array([first.count(s) for s in places], dtype=np.float64)
    large = np.stack([np.abs(values).max(axis=1) for values in (evaluation.gain, evaluation.cost)], axis=1)
    large += large.mean(axis=0)  # what is moved towards the mean has the dust of the mean
    shape = (len(mean), len(wtp), len(first))
    share, loss, flags = np.empty(shape), np.empty(shape), np.empty(shape[:2], dtype=np.bool_)
    for low in range(0, len(wtp), _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        centre = wtp[some, None] * mean[:, None, : len(own)] - mean[:, None, len(own) :]
        matrix, flags[:, some] = shrinkages(_at(total, wtp[some]), _at(noise, wtp[some]))
        sets = _tallied(gain, cost, large, group, wtp[some], centre, matrix, copies)
        share[:, some], loss[:, some] = np.moveaxis(sets, 1, 0)[..., [places.index(s) for s in first]]
    by_draw = _loses_digits(total, wtp) | _loses_digits(noise, wtp) | _near_dust(evaluation, gain, cost, total)[:, None]
    single = by_draw.any(axis=0)
    share[:, single], loss[:, single], flags[0, single] = _by_draw(evaluation, wtp[single], group, weights)
    return share, loss, flags[0].astype(np.int8)


def _step_of(groups: int) -> float:
    """How many times farther mean and covariances are moved than they would be by leaving one of the groups out.

    The error of what is averaged over groups is sqrt(groups) times what leaving one out does.

    >>> round(_step_of(10), 2), _step_of(2)
    (1.99, 1.0)
    """
    return max(1.0, _STEP * math.sqrt(groups))


def _weights(size: Floats) -> Floats:
    """Weights of the draws of each group in each set, (set, group): all alike, then each group counted more.

    So much more that what is averaged moves `_step_of` times as far as without the group, the other way. `size`
    (group,). With two groups or fewer there is one set.
    """
    groups, draws = len(size), size.sum()
    alike = np.ones((1, groups))
    if groups < 3:
        return alike
    more = _step_of(groups) * size / (draws - size)  # of the whole weight
    return np.vstack([alike, 1 - more[:, None] + np.diag(more * draws / size)])


def _as_if_left_out(by_group: Floats, moved: Floats, size: Floats) -> Floats:
    """Means (set, ...) of all draws and, to first order, without each group in turn.

    `by_group` (group, ...): sums over the draws of each; `moved` (set - 1, ...): sums over all draws with the mean and
    covariances of a group that counts more; `size` (group,).
    """
    draws = size.sum()
    whole = by_group.sum(axis=0) / draws
    step = _step_of(len(size))
    rest = [np.delete(by_group, g, axis=0).sum(axis=0) / (draws - size[g]) for g in range(len(moved))]
    return np.array([whole, *(rest[g] - (moved[g] / draws - whole) / step for g in range(len(moved)))])


def _gap(half: Floats | None, comparator: int) -> Floats:
    """Difference between the halves' increments, (draw, strategy - 1)."""
    assert half is not None  # corrected_curves asks for them
    return gap_of_increments(half, comparator)


def _moments(values: Floats, gaps: Floats, group: NDArray[np.intp], weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean (set, k), total and noise covariance (set, k, k) with the `weights` (set, group) of draws.

    `values` and `gaps` (draw, k), `group` (draw,). The sums of groups are added, none is subtracted, so that no digits
    are lost.
    """
    groups, draws = int(group.max()) + 1, len(values)
    apart = values - values[0]  # exactly 0 where nothing varies
    rows = [group == g for g in range(groups)]
    size = np.array([row.sum() for row in rows], dtype=np.float64)
    middle = np.array([apart[row].mean(axis=0) for row in rows])
    within = np.array([_products(apart[row] - middle[g]) for g, row in enumerate(rows)])
    luck = np.array([_products(gaps[row]) for row in rows])
    mean = np.einsum("sg,gk->sk", weights * size, middle) / draws
    distance = middle - mean[:, None]
    between = np.einsum("sg,sgi,sgj->sij", weights * size, distance, distance)
    total = (np.einsum("sg,gij->sij", weights, within) + between) / (draws - 1)
    noise = np.einsum("sg,gij->sij", weights, luck) / (4 * draws)
    return mean + values[0], total, noise


def _products(rows: Floats) -> Floats:
    """Sums of products over draws, (draw, k) -> (k, k), in their order whatever the number of threads."""
    return np.asarray(np.einsum("di,dj->ij", rows, rows))


def _at(joint: Floats, wtp: Floats) -> Floats:
    """Covariance of net benefits at each wtp, (set, wtp, k, k), from that of effects and costs (set, 2 k, 2 k)."""
    k = joint.shape[-1] // 2
    value, cross = wtp[:, None, None], joint[:, None, :k, k:]
    return value**2 * joint[:, None, :k, :k] - value * (cross + np.swapaxes(cross, -1, -2)) + joint[:, None, k:, k:]


def _loses_digits(joint: Floats, wtp: Floats) -> NDArray[np.bool_]:
    """Where effects and costs cancel in the variance of a net benefit: (set, wtp)."""
    own = np.diagonal(joint, axis1=1, axis2=2)[:, None]
    k = own.shape[-1] // 2
    variance = np.diagonal(_at(joint, wtp), axis1=2, axis2=3)
    return np.asarray((variance < _LEAST * (wtp[:, None] ** 2 * own[..., :k] + own[..., k:])).any(axis=-1))


def _near_dust(evaluation: EvaluationData, gain: Floats, cost: Floats, total: Floats) -> NDArray[np.bool_]:
    """Sets whose draws hardly differ although all draws do, so that dust may be what differs: (set,)."""
    size = [np.full(gain.shape[1], np.abs(values).max()) for values in (evaluation.gain, evaluation.cost)]
    reach = np.abs(np.hstack([gain - gain[0], cost - cost[0]])).max(axis=0)
    variance = np.diagonal(total, axis1=1, axis2=2)
    few = variance <= np.maximum(_STILL * np.hstack(size), _STILL * reach) ** 2
    return np.asarray((few & (reach > 0)).any(axis=1))


def _tallied(
    gain: Floats,
    cost: Floats,
    large: Floats,
    group: NDArray[np.intp],
    wtp: Floats,
    centre: Floats,
    matrix: Floats,
    copies: Floats,
) -> Floats:
    """Mean shares and losses of each set, (set, 2, wtp, k + 1), the comparator first; see tally_corrected."""
    from costeff.analysis.tally_kernel import WIDTH, tally_corrected

    sets, points, others = centre.shape
    room = [(0, -points % WIDTH)]
    values = np.pad(wtp, room)
    centres = np.ascontiguousarray(np.pad(np.moveaxis(centre, 1, -1), [(0, 0)] * 2 + room))
    matrices = np.ascontiguousarray(np.pad(np.moveaxis(matrix, 1, -1), [(0, 0)] * 3 + room))
    gain, cost = (np.array(array, order="C") for array in (gain, cost))
    size = np.bincount(group).astype(np.float64)
    none = np.zeros_like(group)
    by_group = np.zeros((len(size), 2, others + 1, len(values)))
    moved = np.zeros((sets, 1, 2, others + 1, len(values)))

    def run(row: int) -> None:
        scratch = np.empty((2 * others + 3, WIDTH))
        rows, sums = (none, moved[row]) if row else (group, by_group)
        tally_corrected(gain, cost, large, rows, values, centres[row], matrices[row], copies, scratch, sums)

    in_threads(run, sets)
    return np.swapaxes(_as_if_left_out(by_group, moved[1:, 0], size), 2, 3)[:, :, :points]


def _by_draw(
    evaluation: EvaluationData, wtp: Floats, group: NDArray[np.intp], weights: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Probability and loss (set, wtp, strategy) and flags (wtp,), one wtp after the other, dust told draw by draw."""
    size = np.bincount(group).astype(np.float64)
    shape = (len(weights), len(wtp), len(evaluation.strategies))
    share, loss, flags = np.empty(shape), np.empty(shape), np.zeros(len(wtp), dtype=np.bool_)
    for w, value in enumerate(wtp.tolist()):
        large = size_of_benefit(value, evaluation.gain, evaluation.cost)
        large = large + large.mean(axis=0)
        results = []
        for row, own in enumerate(weights):
            clean, flag = corrected_nmb(evaluation, value, own[group] if row else None)
            flags[w] |= flag and not row
            results.append(np.stack([best_share(clean, large), clean.max(axis=1, keepdims=True) - clean], axis=1))
        by_group = np.array([results[0][group == g].sum(axis=0) for g in range(len(size))])
        moved = np.array([one.sum(axis=0) for one in results[1:]])
        share[:, w], loss[:, w] = np.moveaxis(_as_if_left_out(by_group, moved, size), 1, 0)
    return share, loss, flags
