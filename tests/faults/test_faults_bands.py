"""Figures whose bands were too narrow for the few designs, batches or draws behind them."""

from __future__ import annotations

import numpy as np
from fault import fault

from costeff import Evaluation
from costeff.precision.convergence import convergence
from costeff.precision.figures import convergence as drawn_convergence
from costeff.voi.figures.voi import evpi


def near_tie(replicates: int) -> Evaluation:
    """Two strategies that nearly tie, from 128 draws in so many designs."""
    x = np.random.default_rng(3).normal(0.0, 1.0, 128)
    cost, effect = np.column_stack([np.zeros(128), 10 + 40 * x]), np.ones((128, 2))
    return Evaluation("payer", "qaly", ("usual", "new"), "usual", cost, effect, replicates=replicates)


@fault(
    kind="a 95 % interval too narrow for the replicates behind it",
    given="figure of EVPI, its error from 8 Sobol designs",
    right="2.36 standard errors to either side (Student's law), as the text says, not 1.96",
)
def test_evpi_of_eight_designs_is_drawn_with_students_quantile() -> None:
    information = near_tie(8).evpi(100.0)
    (bar,) = evpi(information).data
    assert round(float(bar.error_x.array[0] / information["evpi_mcse"][0]), 2) == 2.36


@fault(
    kind="an interval from fewer than five replicates",
    given="figure of EVPI, its error from 4 Sobol designs",
    right="no interval, and a caption that says why",
)
def test_evpi_of_four_designs_has_no_interval() -> None:
    figure = evpi(near_tie(4).evpi(100.0))
    assert not np.isfinite(figure.data[0].error_x.array[0])
    assert "No interval is drawn" in figure.layout.meta["caption"]


@fault(
    kind="an interval from fewer than five replicates",
    given="running mean over 8 Sobol designs",
    right="a band from the fifth design on, 2.78 standard errors wide there",
)
def test_the_running_mean_has_its_band_from_the_fifth_design_on() -> None:
    running = convergence(near_tie(8), 100.0)
    band, line = drawn_convergence(running, {}).data
    assert band.x[0] == 5 * 16
    at = running["draws"].values.tolist().index(5 * 16)
    assert round(float((band.y[0] - line.y[at]) / running["mcse"].values[at, 0]), 2) == 2.78
