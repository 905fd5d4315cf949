"""Anchored in each language's own quotation marks: “English”, »dansk«, «norsk»; no text mixes two kinds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import costeff

MARKS = {"en": "“”", "da": "»«", "nb": "«»"}


@pytest.mark.parametrize("language", MARKS)
def test_a_language_has_one_kind_of_quotation_marks(language: str) -> None:
    first, last = MARKS[language]
    pairs = 0
    for file in sorted(Path(costeff.__file__).parent.rglob(f"words/{language}.yaml")):
        for line in file.read_text(encoding="utf-8").splitlines():
            marks = re.findall("[“”„«»]", line)
            assert marks == [first, last] * (len(marks) // 2), f"{file}: {line}"
            pairs += len(marks) // 2
    assert pairs >= 3
