"""Have enough draws been run? Running mean and error of the incremental net benefit as draws accumulate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.apart import check_apart
from costeff.analysis.intervals import block_means
from costeff.analysis.net_benefit import increments
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError
from costeff.types import ResultName

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

_POINTS = 200


def convergence(
    evaluation: EvaluationData, wtp: ArrayLike | None = None, *, result: ResultName = "incremental_nmb"
) -> xr.Dataset:
    """Mean of the increment against the comparator over the first n draws, and its Monte Carlo standard error.

    `result` is incremental_nmb (needs one `wtp`), incremental_cost or incremental_effect. Variables over
    (draws, strategy), no comparator: `mean`, `mcse`; at up to 200 values of n from 2 to all. Draws
    in replicates (Latin hypercube, Sobol) are counted by whole replicates, whose means give the error. Raises
    ResultError with fewer than two draws, or replicates.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    result : str
        Of which the mean is taken.

    Returns
    -------
    xarray.Dataset
        Over (draws, strategy).

    Examples
    --------
    >>> from costeff import Evaluation
    >>> cost = [[0.0, 1.0], [0.0, 2.0], [0.0, 6.0]]
    >>> two = Evaluation("state", "qaly", ("usual", "new"), "usual", cost, [[0.0, 0.0]] * 3)
    >>> convergence(two, result="incremental_cost")["mean"].values.ravel().tolist()
    [1.5, 3.0]
    """
    import xarray as xr

    if evaluation.draws < 2:
        raise ResultError("one draw cannot converge", value=evaluation.draws, way_out="run more draws")
    base = evaluation.comparator_index
    money = evaluation.currency
    if result == "incremental_nmb":
        value, single = read_wtp(wtp, evaluation)
        if not single:
            raise ScenarioError("one willingness to pay at a time", value=wtp)
        over = value[0] * increments(evaluation.gain, base) - increments(evaluation.cost, base)
    elif result in ("incremental_cost", "incremental_effect"):
        check_apart(evaluation, f"'{result}'")
        kind = result.removeprefix("incremental_")
        over = increments(getattr(evaluation, kind), base)
        money = money if kind == "cost" else evaluation.effect_unit
    else:
        raise ScenarioError(
            "unknown result", value=result, rule="incremental_nmb, incremental_cost or incremental_effect"
        )
    size = 1
    if evaluation.replicates is not None:
        if evaluation.replicates < 2:
            raise ResultError("one replicate cannot converge", value=1, way_out="run more replicates")
        size = evaluation.draws // evaluation.replicates
        over = block_means(over, evaluation.replicates)
    counts = np.unique(np.rint(np.geomspace(2, len(over), _POINTS)).astype(int))
    deviations = over - over.mean(axis=0)  # sums of squares about the mean do not cancel
    n = counts[:, None]
    total, squares = np.cumsum(deviations, axis=0)[counts - 1], np.cumsum(deviations**2, axis=0)[counts - 1]
    variance = np.maximum(squares - total**2 / n, 0) / (n - 1)
    axes = ("draws", "strategy")
    return xr.Dataset(
        {"mean": (axes, over.mean(axis=0) + total / n), "mcse": (axes, np.sqrt(variance / n))},
        {"draws": counts * size, "strategy": list(evaluation.alternatives)},
        attrs={
            **evaluation.conventions(),
            "result": result,
            "unit": money,
            **({"wtp": float(value[0])} if result == "incremental_nmb" else {}),
        },
    )
