"""Rows of a table that are no draws: the deterministic case as draw 0, and several people or parts of one draw."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fault import fault

import costeff
from costeff.errors import CosteffError

ROWS = "rows of a table that are no draws of their own"
RNG = np.random.default_rng(4)


def bcea(draws: range) -> pd.DataFrame:
    """A table as BCEA's, numbered."""
    size = len(draws)
    return pd.DataFrame(
        {
            "sim": list(draws),
            "c.Usual": RNG.normal(10, 1, size),
            "c.New": RNG.normal(11, 1, size),
            "e.Usual": RNG.normal(1, 0.1, size),
            "e.New": RNG.normal(1.2, 0.1, size),
        }
    )


@fault(kind=ROWS, given="draws 0 to 300, of which 0 is the deterministic case", right="refused with both readings")
def test_a_round_number_below_row_zero() -> None:
    table = bcea(range(301))
    with pytest.raises(CosteffError, match="300 draws below a deterministic case; or 301 draws"):
        costeff.read_psa(table)
    assert costeff.read_psa(table[table["sim"] > 0]).draws == 300
    assert costeff.read_psa(table.assign(sim=table["sim"] + 1)).draws == 301


@pytest.mark.parametrize(("draws", "refused"), [(300, False), (1025, True), (51, True), (47, False), (21, False)])
@fault(kind=ROWS, given="draws counted from 0", right="read and said, or refused where the others are a round number")
def test_draws_from_zero(draws: int, refused: bool) -> None:
    table = bcea(range(draws))
    if refused:
        with pytest.raises(CosteffError, match="draw 0 can be read in two ways"):
            costeff.read_psa(table)
    else:
        assert "draws are numbered from 0" in costeff.read_psa(table).attrs["read_as"]


@fault(kind=ROWS, given="a long table of hesim with patients and a category", right="refused; the ways out work")
def test_people_and_parts_of_one_draw() -> None:
    rows = [
        (sample, arm, patient, category, RNG.normal(100 + 10 * arm, 5), 1.0 + 0.1 * arm)
        for sample in range(1, 31)
        for arm in (1, 2)
        for patient in (1, 2, 3)
        for category in ("drug", "total")
    ]
    names = ["sample", "strategy_id", "patient_id", "category", "costs", "qalys"]
    table = pd.DataFrame(rows, columns=names)
    with pytest.raises(CosteffError, match=r"'category' tells the rows .* keep the rows of 'total'"):
        costeff.read_psa(table)
    table = table[table["category"] == "total"].drop(columns="category")
    with pytest.raises(CosteffError, match="'patient_id' tells the rows of a draw apart") as told:
        costeff.read_psa(table)
    advice = re.search(r"table\.groupby.*?\.mean\(\)", str(told.value))
    assert advice is not None
    mean = eval(advice[0], {"table": table})
    right = table.groupby("strategy_id")["costs"].mean().to_numpy()
    np.testing.assert_allclose(costeff.read_psa(mean).cost.mean(axis=0), right)


@fault(kind=ROWS, given="one draw of a strategy that stands twice by mistake", right="refused, and no column is blamed")
def test_one_row_too_many(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "draw": np.repeat(np.arange(1, 21), 2),
            "strategy": ["a", "b"] * 20,
            "cost": RNG.normal(size=40),
            "effect": RNG.normal(size=40),
            "price": np.repeat(RNG.normal(size=20), 2),
        }
    )
    twice = pd.concat([table, table.iloc[[0]].assign(price=9.0)])
    with pytest.raises(CosteffError, match="a draw of a strategy stands twice") as told:
        costeff.read_psa(twice)
    assert "leave out one row" in str(told.value)
