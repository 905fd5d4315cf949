"""Cells that a spreadsheet would execute, and characters that act on a terminal."""

from __future__ import annotations

import io
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import costeff
from costeff.characters import banned, visible
from costeff.files.cells import csv_text, guarded, unguarded
from costeff.investment.soem.read import read_soem
from costeff.investment.soem.write import write_soem

TEXTS = st.text(alphabet=st.sampled_from("'=+-@\t\r\n ab1.,;\""), max_size=8)


@given(TEXTS)
def test_a_guarded_cell_is_read_back_letter_for_letter(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(TEXTS)
def test_no_guarded_cell_is_a_formula(text: str) -> None:
    cell = guarded(text)
    assert cell[:1] not in tuple("=@\t\r\n") or cell == ""
    if cell[:1] in ("+", "-"):
        assert float(cell.replace(",", "").replace(".", "") or 0) is not None


def test_guarded_cells_differ_when_texts_do() -> None:
    texts = [mark * n + start for n in range(4) for mark in "'" for start in ("=x", "+x", "-x", "@x", "x", "1")]
    assert len({guarded(text) for text in texts}) == len(set(texts))


def test_a_table_keeps_its_numbers_and_guards_names_labels_and_categories() -> None:
    frame = pd.DataFrame(
        {"=name": ["=a", "b"], "value": [-1.5, 2.0], "kind": pd.Categorical(["@x", "y"]), "mixed": [-3, "-x"]}
    )
    back = pd.read_csv(io.StringIO(csv_text(frame)))
    assert back.columns.tolist() == ["'=name", "value", "kind", "mixed"]
    assert back["'=name"].tolist() == ["'=a", "b"]
    assert back["kind"].tolist() == ["'@x", "y"]
    assert back["mixed"].tolist() == ["-3", "'-x"]
    assert back["value"].tolist() == [-1.5, 2.0]
    assert frame["=name"].tolist() == ["=a", "b"]


def test_strategies_named_like_formulas_come_back_from_our_own_table(tmp_path: object) -> None:
    names = ["=base", "-2+3"]
    table = pd.DataFrame(
        {"draw": np.repeat([0, 1], 2), "strategy": names * 2, "cost": [1.0, -2.0, 3.0, 4.0], "effect": [1.0, 2, 3, 4]}
    )
    file = tmp_path / "psa.csv"  # type: ignore[operator]
    file.write_text(csv_text(table), encoding="utf-8")
    assert "'=base" in file.read_text(encoding="utf-8")
    assert list(costeff.read_psa(file).strategies) == names


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_soem_table_with_labels_like_formulas_comes_back(tmp_path: object, language: str) -> None:
    from dataclasses import replace

    case = replace(read_soem("tki2012"), title="=1+1", target_group="'@x")
    file = tmp_path / "case.csv"  # type: ignore[operator]
    write_soem(case, file, language)
    assert "'=1+1" in file.read_text(encoding="utf-8-sig")
    assert read_soem(file) == case


@given(st.characters())
def test_what_is_banned_is_control_or_turns_direction(character: str) -> None:
    kind = unicodedata.category(character)
    assert kind in ("Cc", "Cf", "Zl", "Zp") or banned(character) is None
    assert banned(visible(character)) is None
    if kind == "Cc" and character not in "\t\n\r\x85":
        assert banned(character) == f"U+{ord(character):04X}"
    if unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"):
        assert banned(character)
