"""Anchored in the page of the five programmes: each aim names a model and an output, and the model has it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from costeff.model import Model, read_model

PAGE = Path(__file__).parent.parent / "docs" / "programmes.md"
ROW = re.compile(r"^\| `([\w-]+)` \| (\".*?) \| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", re.M)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


@cache
def model(name: str) -> Model:
    return read_model(name)


def test_all_programmes_have_aims() -> None:
    programmes = {"tki2", "connect", "haderslev", "expert-at-work", "followup-teams", "followup-teams-young"}
    assert {row[0] for row in ROWS} == programmes
    assert len(ROWS) >= 24


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[2]}" for row in ROWS])
def test_each_aim_names_an_output_of_its_model(row: tuple[str, ...]) -> None:
    name, aim, output, number, _, first = row
    of = model(name)
    assert output in {one.name for one in (*of.effects, *of.perspectives)}
    assert '"' in aim
    assert number.strip()
    assert first.strip()
