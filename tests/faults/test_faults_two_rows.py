"""Tables with merged header cells, as spreadsheets export them."""

from __future__ import annotations

from pathlib import Path

from fault import fault

import costeff


@fault(
    kind="tables as spreadsheets and R write them",
    given="a header in two rows: strategies above Cost and QALY",
    right="read: cost and effect of each strategy",
)
def test_merged_header(tmp_path: Path) -> None:
    file = tmp_path / "psa.csv"
    file.write_text("sim,Usual,,New,\n,Cost,QALY,Cost,QALY\n1,10,1,20,2\n2,11,1.5,21,2.5\n")
    evaluation = costeff.read_psa(file)
    assert evaluation.strategies == ("Usual", "New")
    assert evaluation.cost.tolist() == [[10, 20], [11, 21]]
    assert evaluation.effect.tolist() == [[1, 2], [1.5, 2.5]]
