"""Several strategies in use at once, as in a market: what the mix gives, and what it loses against the best choice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.curves import optimal
from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.analysis.mix import read_shares
from costeff.analysis.ties import chances_of
from costeff.analysis.wtp import read_wtp

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


def mixed_strategy(
    evaluation: EvaluationData, wtp: ArrayLike | None = None, *, shares: Mapping[str, float]
) -> xr.Dataset:
    """The value of using several strategies by `shares` (strategy to share of people), as BCEA's mixedAn.

    Variables over (wtp,), money per individual: `nmb`, the mix's expected net benefit; `preferred`, the single best
    choice; `loss`, its expected net benefit less the mix's: what perfect implementation of the best choice would gain
    (0 or more), with `loss_mcse`; `expected_loss`, the mix's loss against knowing every draw's best strategy
    (BCEA's evi.star), with `expected_loss_mcse`; it is `loss` plus `evpi`. Over (strategy,):
    `share`.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    shares : mapping
        Strategy to the share of people who get it; shares sum to 1.

    Returns
    -------
    xarray.Dataset
        Over (wtp,), in currency per individual.

    Raises
    ------
    ScenarioError
        For wrong shares or a missing wtp.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("state", "qaly", ("usual", "new"), "usual", [[0.0, 100.0]] * 2, [[0.0, 1.0], [0.0, 0.2]])
    >>> found = mixed_strategy(two, 200, shares={"usual": 0.75, "new": 0.25})
    >>> [float(found[name][0]) for name in ("nmb", "loss", "expected_loss", "evpi")]
    [5.0, 15.0, 45.0, 30.0]
    """
    import xarray as xr

    values, weight = read_wtp(wtp, evaluation)[0], read_shares(evaluation, shares)
    choices, _ = optimal(evaluation, values)
    gain, cost = mean(evaluation.gain), mean(evaluation.cost)
    names = ("nmb", "loss", "loss_mcse", "expected_loss", "expected_loss_mcse", "evpi")
    columns = {name: np.full(len(values), math.nan) for name in names}
    for w, value in enumerate(values.tolist()):
        benefit = value * evaluation.gain - evaluation.cost
        expected, at = value * gain - cost, int(choices[w])
        chance = chances_of(benefit, evaluation.replicates)
        gap = (benefit - benefit[:, [at]]) @ (chance - weight)
        losses = (benefit.max(axis=1, keepdims=True) - benefit) @ weight
        columns["nmb"][w], columns["loss"][w] = expected @ weight, (expected[at] - expected) @ weight
        columns["expected_loss"][w] = mean(losses)
        columns["evpi"][w] = mean(benefit.max(axis=1) - benefit[:, at])
        columns["loss_mcse"][w], columns["expected_loss_mcse"][w] = (
            monte_carlo_error(gap, evaluation.replicates),
            monte_carlo_error(losses, evaluation.replicates),
        )
    unit = {"unit": evaluation.currency}
    table = xr.Dataset(
        {name: ("wtp", column, unit) for name, column in columns.items()},
        {"wtp": values},
        attrs={**evaluation.conventions(), **unit},
    )
    table = table.assign_coords(strategy=list(evaluation.strategies))
    table["share"] = ("strategy", weight)
    table["preferred"] = ("wtp", np.asarray(evaluation.strategies, dtype=str)[choices])
    return table
