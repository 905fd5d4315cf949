"""Amounts and labels of tables that others bring: in thousands, and of nobody known to be a citizen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from fault import fault

from costeff import Evaluation
from costeff.cea.figures.plane import plane
from costeff.cli import main
from costeff.voi.figures.voi import evpi


def in_thousands(spread: float = 0.05) -> Evaluation:
    """Two strategies of which one costs 0.30 thousand more and gives 0.69 more."""
    luck = np.random.default_rng(1).normal(0.0, spread, (300, 2))
    cost, effect = np.array([0.9, 1.2]) + luck, np.array([5.0, 5.69]) + 2 * luck
    return Evaluation("as given", "qaly", ("usual", "new"), "usual", cost, effect)


@pytest.fixture
def printed(tmp_path: Path) -> str:
    one = in_thousands()
    columns = {f"cost_{s}": one.cost[:, i] for i, s in enumerate(one.strategies)}
    columns |= {f"effect_{s}": one.effect[:, i] for i, s in enumerate(one.strategies)}
    pd.DataFrame(columns).to_csv(tmp_path / "psa.csv", index=False)
    told = CliRunner().invoke(main, ["cea", str(tmp_path / "psa.csv"), "--wtp", "0.5"])
    assert told.exit_code == 0, told.output
    return told.output


@fault(
    kind="an amount rounded to nothing",
    given="`costeff cea` of costs in thousands: one strategy costs 0.30 more and gives 0.69 more",
    right="extra cost +0.30, ICER 0.44 money per QALY gained; not 0 and 0",
)
def test_amounts_below_one_keep_their_digits(printed: str) -> None:
    assert re.search(r"new\s+1\.\d+\s+5\.\d+\s+\+0\.(29|30)\d?\s", printed)
    assert re.search(r"0\.4[234]\d? money per QALY gained", printed)


@fault(
    kind="an axis whose ticks are all alike",
    given="plane and EVPI of costs in thousands: 0 to 1.4",
    right="ticks 0, 0.5 and 1; not 0, 0, 1, 1",
)
def test_axes_of_small_amounts_are_not_written_in_whole_numbers() -> None:
    one = in_thousands(0.6)
    assert plane(one, {}).layout.yaxis.tickformat != ",.0f"
    assert evpi(one.evpi([0.0, 0.5, 1.0])).layout.yaxis.tickformat != ",.0f"


@fault(
    kind="a figure that names people whom the table does not know",
    given="plane of a table of draws from elsewhere",
    right="per individual; citizens are those of a model's run",
)
def test_a_table_has_no_citizens() -> None:
    figure = plane(in_thousands(), {})
    assert "citizen" not in figure.layout.xaxis.title.text + figure.layout.yaxis.title.text
    assert "per individual" in figure.layout.yaxis.title.text
