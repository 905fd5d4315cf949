"""Expected loss: what choosing a strategy now costs on average, against knowing each draw's best one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.economics.intervals import monte_carlo_error
from costeff.economics.noise import corrected_nmb
from costeff.economics.wtp import read_wtp

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation


def expected_loss(evaluation: Evaluation, wtp: ArrayLike | None = None) -> xr.Dataset:
    """Mean over draws of (best net monetary benefit of the draw - this strategy's), currency per individual.

    Variables over (wtp, strategy): `expected_loss` and `expected_loss_mcse` (NaN with one draw); with
    halves of the individuals and several draws also `expected_loss_noise_corrected` and, over (wtp,),
    `noise_floored`. The smallest loss belongs to the strategy with the highest expected net benefit and is
    the expected value of perfect information; individual noise inflates it, since luck looks like something
    that could be learnt. Raises ScenarioError when `wtp` is missing.

    >>> from costeff.economics.evaluation import Evaluation
    >>> two = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> expected_loss(two, 200)["expected_loss"].values.tolist()
    [[50.0, 30.0]]
    """
    import xarray as xr

    values, _ = read_wtp(wtp)
    shape = (len(values), len(evaluation.strategies))
    loss, error, corrected = np.empty(shape), np.empty(shape), np.empty(shape)
    floored = np.zeros(len(values), dtype=np.int8)
    correct = evaluation.cost_half is not None and evaluation.draws > 1
    for w, value in enumerate(values.tolist()):
        benefit = value * evaluation.gain - evaluation.cost
        lost = benefit.max(axis=1, keepdims=True) - benefit
        loss[w], error[w] = lost.mean(axis=0), monte_carlo_error(lost)
        if correct:
            clean, floored[w] = corrected_nmb(evaluation, value)
            corrected[w] = (clean.max(axis=1, keepdims=True) - clean).mean(axis=0)
    axes = ("wtp", "strategy")
    table = xr.Dataset(
        {"expected_loss": (axes, loss), "expected_loss_mcse": (axes, error)},
        coords={"wtp": values, "strategy": list(evaluation.strategies)},
        attrs={**evaluation.conventions(), "unit": evaluation.currency},
    )
    if correct:
        table["expected_loss_noise_corrected"] = (axes, corrected)
        table["noise_floored"] = ("wtp", floored)
    return table
