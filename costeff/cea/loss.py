"""Expected loss: what choosing a strategy now costs on average, against knowing each draw's best one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from costeff.analysis.corrected import corrected_curves
from costeff.analysis.curves import curves
from costeff.analysis.wtp import read_wtp

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


def expected_loss(evaluation: EvaluationData, wtp: ArrayLike | None = None) -> xr.Dataset:
    """Mean over draws of (best net monetary benefit of the draw - this strategy's), currency per individual.

    Variables over (wtp, strategy): `expected_loss` and `expected_loss_mcse` (NaN with one draw); with halves
    of the individuals and several draws also `expected_loss_noise_corrected` with its error (`_mcse`) and,
    over (wtp,), `noise_floored`, as in ceac. The smallest loss belongs to the strategy with the highest
    expected net benefit and is the expected value of perfect information; individual noise inflates it, since
    luck looks like something that could be learnt.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.

    Returns
    -------
    xarray.Dataset
        Over (wtp, strategy), in currency per individual.

    Raises
    ------
    ScenarioError
        When `wtp` is missing.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> expected_loss(two, 200)["expected_loss"].values.tolist()
    [[50.0, 30.0]]
    """
    import xarray as xr

    values, _ = read_wtp(wtp, evaluation)
    raw_curves, clean_curves = curves(evaluation, values), corrected_curves(evaluation, values)
    axes = ("wtp", "strategy")
    table = xr.Dataset(
        {"expected_loss": (axes, raw_curves.loss), "expected_loss_mcse": (axes, raw_curves.loss_mcse)},
        coords={"wtp": values, "strategy": list(evaluation.strategies)},
        attrs={**evaluation.conventions(), "unit": evaluation.currency},
    )
    if clean_curves is not None:
        table["expected_loss_noise_corrected"] = (axes, clean_curves.loss)
        table["expected_loss_noise_corrected_mcse"] = (axes, clean_curves.loss_mcse)
        table["noise_floored"] = ("wtp", clean_curves.floored)
    return table
