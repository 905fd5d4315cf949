"""Net monetary and net health benefit by draw and strategy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.dust import cleared, size_of_benefit
from costeff.analysis.wtp import read_wtp

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


def nmb(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.DataArray:
    """Net monetary benefit, wtp x gain - cost, per individual, in currency: (draw, strategy[, wtp]).

    One number for `wtp` gives no wtp axis.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    xarray.DataArray
        Over (draw, strategy[, wtp]), in currency per individual.

    Raises
    ------
    ScenarioError
        When `wtp` is missing or negative.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> one = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0]], effect=[[1.0, 1.5]])
    >>> nmb(one, 300).values.tolist(), nmb(one, [0, 300]).dims
    ([[200.0, 300.0]], ('draw', 'strategy', 'wtp'))
    """
    values, single = read_wtp(wtp, evaluation)
    benefit = evaluation.gain[..., None] * values - evaluation.cost[..., None]
    return _label(evaluation, "nmb", benefit, evaluation.strategies, values, single, evaluation.currency)


def nhb(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.DataArray:
    """Net health benefit, gain - cost / wtp, per individual, in the unit of effect: (draw, strategy[, wtp]).

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    xarray.DataArray
        Over (draw, strategy[, wtp]), in units of effect per individual.

    Raises
    ------
    ScenarioError
        When `wtp` is missing or not above 0.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> nhb(two, 200).values.tolist()
    [[0.0, 0.5], [0.0, -0.3]]
    """
    values, single = read_wtp(wtp, evaluation, positive=True)
    benefit = evaluation.gain[..., None] - evaluation.cost[..., None] / values
    return _label(evaluation, "nhb", benefit, evaluation.strategies, values, single, evaluation.effect_unit)


def incremental_nmb(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.DataArray:
    """Net monetary benefit less the comparator's: (draw, strategy[, wtp]), strategies without the comparator.

    Formed from the increments of cost and effect, so identical strategies give exactly 0.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    xarray.DataArray
        Over (draw, strategy[, wtp]), in currency per individual.

    Raises
    ------
    ScenarioError
        When `wtp` is missing or negative.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> incremental_nmb(two, 200).values.tolist()
    [[100.0], [-60.0]]
    """
    values, single = read_wtp(wtp, evaluation)
    benefit = np.stack([net_increments(evaluation, value) for value in values.tolist()], axis=-1)
    names = evaluation.alternatives
    return _label(evaluation, "incremental_nmb", benefit, names, values, single, evaluation.currency)


def increments(
    values: NDArray[np.float64], comparator: int, size: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """(draw, ..., strategy) less the comparator's, without the comparator's own column, and without rounding dust.

    `size` of the numbers that `values` were formed of; by default their own. See costeff.analysis.dust.
    """
    others = [s for s in range(values.shape[-1]) if s != comparator]
    large = np.abs(values) if size is None else size
    return cleared(
        values[..., others] - values[..., [comparator]], np.maximum(large[..., others], large[..., [comparator]])
    )


def net_increments(evaluation: EvaluationData, wtp: float) -> NDArray[np.float64]:
    """Net benefit at one wtp less the comparator's, (draw, strategy - 1), without rounding dust.

    Formed from the increments of cost and effect, whose size is that of what they were subtracted from.
    """
    base = evaluation.comparator_index
    size = size_of_benefit(wtp, evaluation.gain, evaluation.cost)
    others = [s for s in range(size.shape[-1]) if s != base]
    benefit = wtp * increments(evaluation.gain, base) - increments(evaluation.cost, base)
    return cleared(benefit, np.maximum(size[:, others], size[:, [base]]))


def _label(
    evaluation: EvaluationData,
    name: str,
    values: NDArray[np.float64],
    strategies: Sequence[str],
    wtp: NDArray[np.float64],
    single: bool,
    unit: str,
) -> xr.DataArray:
    import xarray as xr

    array = xr.DataArray(
        values,
        dims=("draw", "strategy", "wtp"),
        name=name,
        coords={"draw": np.arange(evaluation.draws), "strategy": list(strategies), "wtp": wtp},
        attrs={**evaluation.conventions(), "unit": unit},
    )
    return array.isel(wtp=0) if single else array
