"""Acceptability, expected loss and EVPI without individual noise, for all willingness to pay and sets of draws at once.

Each draw's net benefit is moved towards the mean until the covariance is total less noise (see noise). At every
willingness to pay both covariances are quadratic forms of those of costs and effects, and the draws without one group
have the sums of the other groups; so all of them come from one pass, and a compiled one tallies the draws. Where a
quadratic form would lose digits, the draws are gone through one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.curves import best_share, curves, group_of_draws, in_threads, jackknife, some_draws
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
    """Noise-corrected values with errors from leaving out replicates, or tenths of independent draws, in turn."""
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
    """Probability and loss (set, wtp, strategy), of all draws and without each group in turn; flags (wtp,) of all."""
    base, first = evaluation.comparator_index, distinct(evaluation)
    others = [s for s in range(len(first)) if s != base]
    own = [k for k, s in enumerate(others) if first[s] == s]
    gain, cost = (increments(values, base)[:, own] for values in (evaluation.gain, evaluation.cost))
    gaps = [evaluation.effect_sign * _gap(evaluation.effect_half, base), _gap(evaluation.cost_half, base)]
    group = group_of_draws(evaluation)
    mean, total, noise, counts = _moments(np.hstack([gain, cost]), np.hstack([gap[:, own] for gap in gaps]), group)
    places = [base, *(others[k] for k in own)]
    copies = np.array([first.count(s) for s in places], dtype=np.float64)
    large = np.stack([np.abs(values).max(axis=1) for values in (evaluation.gain, evaluation.cost)], axis=1)
    large += large.mean(axis=0)  # what is moved towards the mean has the dust of the mean
    shape = (len(counts), len(wtp), len(first))
    share, loss, flags = np.empty(shape), np.empty(shape), np.empty(shape[:2], dtype=np.bool_)
    for low in range(0, len(wtp), _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        centre = wtp[some, None] * mean[:, None, : len(own)] - mean[:, None, len(own) :]
        matrix, flags[:, some] = shrinkages(_at(total, wtp[some]), _at(noise, wtp[some]))
        sums = _tallied(gain, cost, large, group, wtp[some], centre, matrix, copies) / counts[:, None, None, None]
        share[:, some], loss[:, some] = np.moveaxis(sums, 1, 0)[..., [places.index(s) for s in first]]
    by_draw = _loses_digits(total, wtp) | _loses_digits(noise, wtp) | _near_dust(evaluation, gain, cost, total)[:, None]
    for row in np.flatnonzero(by_draw.any(axis=1)).tolist():
        part = some_draws(evaluation, group != row - 1) if row else evaluation
        mask = by_draw[row]
        share[row, mask], loss[row, mask], flags[row, mask] = _by_draw(part, wtp[mask])
    return share, loss, flags[0].astype(np.int8)


def _gap(half: Floats | None, comparator: int) -> Floats:
    """Difference between the halves' increments, (draw, strategy - 1)."""
    assert half is not None  # corrected_curves asks for them
    return gap_of_increments(half, comparator)


def _moments(values: Floats, gaps: Floats, group: NDArray[np.intp]) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean (set, k), total and noise covariance (set, k, k) and number of draws (set,): all, then without each group.

    `values` and `gaps` (draw, k), `group` (draw,). With two groups or fewer none is left out. The sums of groups are
    added, none is subtracted, so that no digits are lost.
    """
    groups = int(group.max()) + 1
    apart = values - values[0]  # exactly 0 where nothing varies
    rows = [group == g for g in range(groups)]
    size = np.array([row.sum() for row in rows], dtype=np.float64)
    middle = np.array([apart[row].mean(axis=0) for row in rows])
    within = np.array([_products(apart[row] - middle[g]) for g, row in enumerate(rows)])
    luck = np.array([_products(gaps[row]) for row in rows])
    members = np.ones((1, groups))
    if groups > 2:
        members = np.vstack([members, 1 - np.eye(groups)])
    counts = members @ size
    mean = np.einsum("sg,gk->sk", members * size, middle) / counts[:, None]
    distance = middle - mean[:, None]
    between = np.einsum("sg,sgi,sgj->sij", members * size, distance, distance)
    total = (np.einsum("sg,gij->sij", members, within) + between) / (counts - 1)[:, None, None]
    noise = np.einsum("sg,gij->sij", members, luck) / (4 * counts)[:, None, None]
    return mean + values[0], total, noise, counts


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
    """Sums of shares and losses of each set, (set, 2, wtp, k + 1), the comparator first; see tally_corrected."""
    from costeff.analysis.tally_kernel import WIDTH, tally_corrected

    sets, points, others = centre.shape
    room = [(0, -points % WIDTH)]
    values = np.pad(wtp, room)
    centres = np.ascontiguousarray(np.pad(np.moveaxis(centre, 1, -1), [(0, 0)] * 2 + room))
    matrices = np.ascontiguousarray(np.pad(np.moveaxis(matrix, 1, -1), [(0, 0)] * 3 + room))
    gain, cost = (np.array(array, order="C") for array in (gain, cost))
    sums = np.zeros((sets, 2, others + 1, len(values)))

    def run(row: int) -> None:
        scratch = np.empty((2 * others + 3, WIDTH))
        tally_corrected(
            gain, cost, large, group, row - 1, values, centres[row], matrices[row], copies, scratch, sums[row]
        )

    in_threads(run, sets)
    return np.swapaxes(sums, 2, 3)[:, :, :points]


def _by_draw(evaluation: EvaluationData, wtp: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Probability and loss (wtp, strategy) and flags (wtp,), one wtp after the other, dust told draw by draw."""
    shape = (len(wtp), len(evaluation.strategies))
    share, loss, flags = np.empty(shape), np.empty(shape), np.zeros(len(wtp), dtype=np.bool_)
    for w, value in enumerate(wtp.tolist()):
        clean, flags[w] = corrected_nmb(evaluation, value)
        size = size_of_benefit(value, evaluation.gain, evaluation.cost)
        share[w] = best_share(clean, size + size.mean(axis=0)).mean(axis=0)
        loss[w] = (clean.max(axis=1, keepdims=True) - clean).mean(axis=0)
    return share, loss, flags
