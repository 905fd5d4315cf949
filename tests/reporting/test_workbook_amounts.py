"""Anchored in the library's own totals: the workbook's products of an amount by person and date add up to its flow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import costeff
from costeff.reporting.workbook.content_of_result import priced_cells

FILE = Path(__file__).parents[1] / "data" / "models" / "amounts.yaml"


def test_every_flow_is_the_sum_of_its_products() -> None:
    result = costeff.load(FILE).run(individuals=60, seed=2, progress=False)
    quantities, lines, cells = priced_cells(result)
    found = np.zeros((len(lines), *lines[0].amount.shape))
    for cell in cells:
        found[cell.line] += quantities[cell.counted].value * cell.amount_values[0] * cell.share_values[0]
    for line, total in zip(lines, found, strict=True):
        assert total == pytest.approx(line.amount, rel=1e-9, abs=1e-5), line.item
    by_person = {q.weight for q in quantities}
    assert {"wage", "min(wage, six_base / cycles_per_year)", "age * per_year_of_age"} <= by_person
    assert [c.amount.text for c in cells if lines[c.line].item == "sick_pay"] == ["1"], "the quantity is the money"
