"""Headers in two rows and declared encodings: read to the numbers they were written from, or refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from costeff import read_psa
from costeff.analysis.tables.two_rows import joined
from costeff.cli import main
from costeff.errors import ResultError

RNG = np.random.default_rng(8)
DRAWS = 7
COST, QALY = RNG.normal(5000, 300, (DRAWS, 3)).round(2), RNG.normal(5, 1, (DRAWS, 3)).round(5)
PRICE = RNG.normal(9, 1, DRAWS).round(5)
NAMES = ("Sædvanlig", "New, 10 mg", "C")


def rows(above: str) -> list[list[object]]:
    """A table as merged cells leave it: strategies above measures, or measures above strategies; draw and price."""
    if above == "strategies":
        upper = [x for name in NAMES for x in (name, "")]
        lower: list[object] = ["Total cost", "QALYs"] * 3
        values = [np.column_stack([COST[d], QALY[d]]).ravel() for d in range(DRAWS)]
    else:
        upper, lower = ["Cost", "", "", "QALY", "", ""], [*NAMES, *NAMES]
        values = [np.concatenate([COST[d], QALY[d]]) for d in range(DRAWS)]
    body = [[d + 1, *values[d].tolist(), float(PRICE[d])] for d in range(DRAWS)]
    return [["Iteration", *upper, "price"], ["", *lower, ""], *body]


@pytest.mark.parametrize("above", ["strategies", "measures"])
@pytest.mark.parametrize("kind", ["csv", "titled", "xlsx"])
def test_two_rows_are_joined(above: str, kind: str, tmp_path: Path) -> None:
    table = rows(above)
    if kind == "titled":
        table = [["Results of the PSA"], [], *table]
    file = tmp_path / f"psa.{'xlsx' if kind == 'xlsx' else 'csv'}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in table:
            book.active.append([None if cell == "" else cell for cell in row])
        span = 2 if above == "strategies" else 3
        for first in range(2, 8, span):
            book.active.merge_cells(start_row=1, end_row=1, start_column=first, end_column=first + span - 1)
        book.active.merge_cells("A1:A2")
        book.save(file)
    else:
        with file.open("w", encoding="utf-8", newline="") as text:
            csv.writer(text).writerows(table)
    evaluation = read_psa(file)
    assert evaluation.strategies == NAMES
    np.testing.assert_array_equal(evaluation.cost, COST)
    np.testing.assert_array_equal(evaluation.effect, QALY)
    np.testing.assert_array_equal(evaluation.parameters["price"], PRICE)
    assert list(evaluation.parameters) == ["price"]
    assert "the header stands in two rows" in str(evaluation.attrs["read_as"])


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["A", "", "B", ""], ["Cost", "QALY", "Cost", "visits"]),  # B has no QALY
        (["A", "", "A", ""], ["Cost", "QALY", "Cost", "QALY"]),  # pairs stand twice
        (["", "", "B", "C"], ["Cost", "QALY", "Cost", "QALY"]),  # no strategy above the first
        (["Cost", "", "QALY", "", ""], ["A", "B", "A", "B", "hr"]),  # hr would be a strategy with a QALY alone
    ],
)
def test_what_cannot_be_told_is_refused(upper: list[str], lower: list[str], tmp_path: Path) -> None:
    assert joined(upper, lower) is None
    file = tmp_path / "psa.csv"
    lines = [upper, lower, *[[str(i + j) for j in range(len(lower))] for i in range(4)]]
    file.write_text("\n".join(",".join(line) for line in lines))
    with pytest.raises(ResultError, match="in two rows") as told:
        read_psa(file)
    assert "cost_A" in str(told.value.way_out)


@pytest.mark.parametrize("encoding", ["windows-1252", "latin-1", "utf-16-le", "utf-8"])
def test_a_declared_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([["cost_Sædvanlig", "cost_Ny", "effect_Sædvanlig", "effect_Ny"], [1, 2, 3, 4], [2, 3, 4, 5]])
    file = tmp_path / "psa.csv"
    file.write_bytes(text.getvalue().encode(encoding))
    assert read_psa(file, encoding=encoding).strategies == ("Sædvanlig", "Ny")
    if encoding != "utf-8":
        ended = CliRunner().invoke(main, ["cea", str(file)])
        option = "windows-1252" if encoding == "latin-1" else encoding
        assert (ended.exit_code, f"--encoding '{option}'" in ended.output) == (2, True), ended.output
        ended = CliRunner().invoke(main, ["cea", str(file), "--encoding", option])
        assert (ended.exit_code, "Sædvanlig" in ended.output) == (0, True), ended.output


def test_an_unknown_or_wrong_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "psa.csv"
    file.write_bytes("cost_Sædvanlig,effect_Sædvanlig\n1,21\n".encode("windows-1252"))
    with pytest.raises(ResultError, match="unknown encoding"):
        read_psa(file, encoding="windows-125")
    with pytest.raises(ResultError, match="not written in UTF-16-LE"):
        read_psa(file, encoding="utf-16-le")
