"""Net benefits without costs and effects: no other willingness to pay than theirs, and no ICER."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError

NET = "results of a table that holds net benefits only"
RNG = np.random.default_rng(1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    pd.DataFrame({"nmb_Usual": RNG.normal(10, 1, 60), "nmb_New": RNG.normal(11, 1, 60)}).to_csv(
        tmp_path / "nb.csv", index=False
    )
    return tmp_path / "nb.csv"


@fault(kind=NET, given="evpi at a willingness to pay of 20,000, in Python", right="refused; wtp=0 reads them")
def test_another_willingness_to_pay(file: Path) -> None:
    evaluation = costeff.read_psa(file)
    with pytest.raises(CosteffError, match="net benefits only") as told:
        evaluation.evpi(20_000)
    assert "wtp=0" in str(told.value)


@fault(
    kind=NET, given="`costeff cea` prints an ICER table", right="CEAC and EVPI as the net benefits were made, no ICER"
)
def test_no_icer(file: Path) -> None:
    ended = CliRunner().invoke(main, ["cea", str(file)])
    assert ended.exit_code == 0, ended.output
    assert not {"equal effect", "against Usual", "Fully incremental"} & set(ended.output.split("\n"))
    table = pd.read_csv(file)
    share = 100 * (table["nmb_New"] > table["nmb_Usual"]).mean()
    assert f"{share:.0f} %" in ended.output
