"""Individual noise: how much of the spread over draws is luck of the individuals, and results without it.

A draw's result from n individuals is parameter uncertainty plus individual noise (O'Hagan, Stevenson and
Madan 2007). With the individuals of each draw in two independent halves, the draw's mean is (h1 + h2) / 2
and the mean over draws of (h1 - h2)^2 / 4 estimates its noise variance without bias; total variance less
noise is the parameters'. Left in, noise widens intervals, flattens acceptability curves and inflates
expected losses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.dust import DUST, cleared, size_of_benefit
from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.net_benefit import increments, net_increments
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

_ZERO = 1e-12
"""Relative size below which a variance in some direction counts as rounding."""


def noise(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> pd.DataFrame:
    """Total, noise and parameter variance of the increments against the comparator.

    Rows: each strategy but the comparator x `incremental_cost`, `incremental_effect` and, for each `wtp`
    given, `incremental_nmb` (without `wtp`, no such row). Columns: strategy, quantity, wtp, mean,
    total_variance, noise_variance, share (noise / total, not floored, so it may exceed 1),
    parameter_variance (total - noise, not floored) with its Monte Carlo standard error, parameter_sd (root
    of it, floored at 0), floored (True where it was). Units: currency or effect unit, squared for
    variances. One draw: totals are NaN.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    pandas.DataFrame
        A row for each strategy and quantity, with the columns above.

    Raises
    ------
    ResultError
        Without halves: a cohort result has no such noise.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> cost, half = [[0.0, 1.0], [0.0, 3.0]], [[[0.0, 0.0], [0.0, 2.0]], [[0.0, 2.0], [0.0, 4.0]]]
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, np.zeros((2, 2)), half, np.zeros((2, 2, 2)))
    >>> noise(two)[["total_variance", "noise_variance", "share"]].values[0].tolist()
    [2.0, 1.0, 0.5]
    """
    import pandas as pd

    cost_half, effect_half = _halves(evaluation)
    base, sign = evaluation.comparator_index, evaluation.effect_sign
    cost, cost_gap = increments(evaluation.cost, base), gap_of_increments(cost_half, base)
    effect, effect_gap = increments(evaluation.effect, base), gap_of_increments(effect_half, base)
    blocks = [("incremental_cost", math.nan, cost, cost_gap), ("incremental_effect", math.nan, effect, effect_gap)]
    for value in [] if wtp is None else read_wtp(wtp, evaluation)[0].tolist():
        net, gap = net_increments(evaluation, value), value * sign * effect_gap - cost_gap
        blocks.append(("incremental_nmb", value, net, gap))
    rows = [
        {
            "strategy": name,
            "quantity": quantity,
            "wtp": value,
            **_decompose(values[:, s], gap[:, s], evaluation.replicates),
        }
        for s, name in enumerate(evaluation.alternatives)
        for quantity, value, values, gap in blocks
    ]
    table = pd.DataFrame(rows)
    table.attrs = dict(evaluation.conventions())
    return table


def _decompose(
    values: NDArray[np.float64], gap: NDArray[np.float64], replicates: int | None
) -> dict[str, float | bool]:
    """One row of the table from (draw,) increments and (draw,) differences between the halves."""
    centre, count = float(values.mean()), len(values)
    squares = (values - centre) ** 2 * count / (count - 1) if count > 1 else np.full(1, math.nan)
    total, luck = float(squares.mean()), float((gap**2).mean()) / 4
    spread = squares - gap**2 / 4  # one term per draw whose mean is the parameter variance
    flag = total < luck
    return {
        "mean": centre,
        "total_variance": total,
        "noise_variance": luck,
        "share": luck / total if total > 0 else math.nan,
        "parameter_variance": total - luck,
        "parameter_variance_mcse": float(monte_carlo_error(spread, replicates)),
        "parameter_sd": 0.0 if flag else math.sqrt(total - luck),
        "floored": flag,
    }


def _halves(evaluation: EvaluationData) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if evaluation.cost_half is None or evaluation.effect_half is None:
        raise ResultError(
            "this result holds no halves of the individuals",
            rule="individual noise is read from two independent halves of each draw's individuals",
            way_out="run the microsimulation with halves kept; a cohort result has no individual noise",
        )
    return evaluation.cost_half, evaluation.effect_half


def _gap(half: NDArray[np.float64]) -> NDArray[np.float64]:
    return half[:, 0] - half[:, 1]


def gap_of_increments(
    half: NDArray[np.float64], comparator: int, size: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Difference between the halves' increments against the comparator, (draw, strategy - 1), without dust.

    `half` (draw, 2, strategy); `size` of the numbers that it was formed of, by default its own.
    """
    large = (np.abs(half) if size is None else size).max(axis=1)
    others = [s for s in range(half.shape[-1]) if s != comparator]
    reach = np.maximum(large[:, others], large[:, [comparator]])
    return cleared(_gap(increments(half, comparator, size)), reach)


def total_covariance(values: NDArray[np.float64], weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Covariance over draws, (draw, k) -> (k, k); NaN with one draw. `weight` (draw,) adds up to the draws."""
    if len(values) < 2:
        return np.full((values.shape[1],) * 2, np.nan)
    deviations = values - values[0]  # exactly 0 where nothing varies
    deviations = deviations - _centre(deviations, weight)
    return np.asarray(_weighted(deviations, weight).T @ deviations / (len(values) - 1))


def covariance_of_gaps(gap: NDArray[np.float64], weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Noise covariance of the draws' means from the differences between the halves, (draw, k) -> (k, k)."""
    return np.asarray(_weighted(gap, weight).T @ gap / (4 * len(gap)))


def _centre(values: NDArray[np.float64], weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Mean of each column, (draw, k) -> (k,)."""
    return np.asarray(_weighted(values, weight).mean(axis=0))


def _weighted(values: NDArray[np.float64], weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
    return values if weight is None else values * weight[:, None]


def shrinkage(total: NDArray[np.float64], noise: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """Matrix A with A total A' = total - noise, and whether it had to be floored; all (k, k).

    A is the principal square root of I - noise total^-1: for one quantity sqrt(1 - share). Written in other
    coordinates it is the same map, so the choice of comparator or unit changes nothing. Where noise exceeds
    the total in some direction, the spread in that direction becomes 0 and the flag is True.

    >>> shrinkage(np.array([[4.0]]), np.array([[3.0]]))
    (array([[0.5]]), False)
    >>> shrinkage(np.array([[4.0]]), np.array([[5.0]]))
    (array([[0.]]), True)
    """
    matrix, flag = shrinkages(total, noise)
    return matrix, bool(flag)


def shrinkages(total: NDArray[np.float64], noise: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The same for stacks of them: both (..., k, k) -> (..., k, k) and flags (...,)."""
    own = np.sqrt(np.maximum(np.diagonal(total, axis1=-2, axis2=-1), 0.0))
    scale = np.where(own > 0, own, 1.0)
    size, axes = np.linalg.eigh(total / (scale[..., :, None] * scale[..., None, :]))
    varies = size > _ZERO * np.maximum(size.max(axis=-1, keepdims=True, initial=0.0), _ZERO)
    root = np.sqrt(np.where(varies, size, 1.0))[..., None, :]
    # white = whitening of the directions that vary at all; back = its inverse there
    moving, still = (np.where(mask[..., None, :], axes, 0.0) for mask in (varies, ~varies))
    white = np.swapaxes(moving / root, -1, -2) / scale[..., None, :]
    back = moving * root * scale[..., :, None]
    share, turn = np.linalg.eigh(white @ noise @ np.swapaxes(white, -1, -2))
    flag = (share > 1 + _ZERO).any(axis=-1)
    shrunk = (turn * np.sqrt(np.clip(1 - share, 0.0, None))[..., None, :]) @ np.swapaxes(turn, -1, -2)
    still = still / scale[..., :, None]  # directions in which the draws do not differ at all
    residue = (still * (noise @ still)).sum(axis=(-2, -1))
    return back @ shrunk @ white, np.asarray(flag | (residue > _ZERO))


def distinct(evaluation: EvaluationData) -> list[int]:
    """For each strategy the position of the first with the same numbers but for dust: ties must survive rounding."""
    arrays = [
        values
        for values in (evaluation.cost, evaluation.effect, evaluation.cost_half, evaluation.effect_half)
        if values is not None
    ]
    base = evaluation.comparator_index
    order = [base, *(s for s in range(len(evaluation.strategies)) if s != base)]
    first: dict[int, int] = {}
    for s in order:
        same = (t for t in first.values() if all(_same(a[..., s], a[..., t]) for a in arrays))
        first[s] = next(same, s)
    return [first[s] for s in range(len(order))]


def _same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool((np.abs(one - other) <= DUST * np.maximum(np.abs(one), np.abs(other))).all())


def corrected_nmb(
    evaluation: EvaluationData, wtp: float, weight: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], bool]:
    """Net monetary benefit less the comparator's without individual noise: (draw, strategy), and the flag.

    All strategies, the comparator's column exactly 0. Each draw's vector is moved towards the mean so that
    the covariance becomes total less noise; the mean is untouched. Mean and covariances may `weight` the draws,
    (draw,), which adds up to their number. The shape stays that of the noisy draws, so tails are right in so far as
    parameters' and individuals' luck are both near normal. Raises ResultError without halves or with one draw.
    """
    _halves(evaluation)
    if evaluation.draws < 2:
        raise ResultError("one draw has no spread to correct", way_out="run more draws")
    base, first = evaluation.comparator_index, distinct(evaluation)
    others = [s for s in range(len(first)) if s != base]
    net, gap = net_increments(evaluation, wtp), gap_of_benefit(evaluation, wtp)
    own = [k for k, s in enumerate(others) if first[s] == s]
    result = np.zeros(evaluation.cost.shape)
    flag = False
    if own:
        centre = _centre(net[:, own], weight)
        matrix, flag = shrinkage(total_covariance(net[:, own], weight), covariance_of_gaps(gap[:, own], weight))
        result[:, [others[k] for k in own]] = centre + (net[:, own] - centre) @ matrix.T
    return result[:, first], flag


def gap_of_benefit(evaluation: EvaluationData, wtp: float) -> NDArray[np.float64]:
    """Difference between the halves' net benefits less the comparator's, (draw, strategy - 1), without dust."""
    cost_half, effect_half = _halves(evaluation)
    half = wtp * evaluation.effect_sign * effect_half - cost_half
    return gap_of_increments(half, evaluation.comparator_index, size_of_benefit(wtp, effect_half, cost_half))


def without_luck(values: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draws of one quantity (draw,) without individual noise: moved towards their mean; `half` (draw, 2).

    >>> without_luck(np.array([-2.0, 2.0]), np.array([[-4.0, 0.0], [4.0, 0.0]])).tolist()
    [-1.414..., 1.414...]
    """
    centre = values.mean()
    total, luck = float(np.var(values, ddof=1)), float((_gap(half) ** 2).mean()) / 4
    factor = math.sqrt(max(1 - luck / total, 0.0)) if total > 0 else 1.0
    return np.asarray(centre + factor * (values - centre))


def noise_corrected(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.DataArray:
    """Incremental net monetary benefit without individual noise: (draw, strategy[, wtp]), no comparator.

    See corrected_nmb. Attribute `floored` counts the values of wtp at which noise exceeded the spread.
    """
    import xarray as xr

    values, single = read_wtp(wtp, evaluation)
    pairs = [corrected_nmb(evaluation, value) for value in values.tolist()]
    others = [s for s, name in enumerate(evaluation.strategies) if name != evaluation.comparator]
    flag_count = sum(flag for _, flag in pairs)
    benefits = np.stack([net[:, others] for net, _ in pairs], axis=-1)
    array = xr.DataArray(
        benefits,
        dims=("draw", "strategy", "wtp"),
        name="incremental_nmb_noise_corrected",
        coords={"draw": np.arange(len(benefits)), "strategy": list(evaluation.alternatives), "wtp": values},
        attrs={**evaluation.conventions(), "unit": evaluation.currency, "floored": flag_count},
    )
    return array.isel(wtp=0) if single else array


def incremental_nmb_interval(
    evaluation: EvaluationData, wtp: ArrayLike | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Percentile interval of the incremental net monetary benefit, as drawn and without individual noise.

    Columns: strategy, wtp, mean, lower, upper, lower_corrected, upper_corrected, floored (the last three
    NaN and False without halves or with one draw), in currency per individual.
    """
    import pandas as pd

    rows = []
    correct = evaluation.cost_half is not None and evaluation.draws > 1
    missing = np.full((1, len(evaluation.strategies)), np.nan)
    others = [s for s, name in enumerate(evaluation.strategies) if name != evaluation.comparator]
    for value in read_wtp(wtp, evaluation)[0].tolist():
        net = net_increments(evaluation, value)
        lower, upper = interval(net, level)
        clean, flag = corrected_nmb(evaluation, value) if correct else (missing, False)
        low, high = interval(clean[:, others], level)
        centre = net.mean(axis=0)
        rows += [
            {
                "strategy": name,
                "wtp": value,
                "mean": centre[s],
                "lower": lower[s],
                "upper": upper[s],
                "lower_corrected": low[s],
                "upper_corrected": high[s],
                "floored": flag,
            }
            for s, name in enumerate(evaluation.alternatives)
        ]
    table = pd.DataFrame(rows)
    table.attrs = {**evaluation.conventions(), "level": level}
    return table
