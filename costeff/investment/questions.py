"""Questions that a new case leaves open: each stands as a comment in the file, and is what an empty answer is told.

The keys are those of the case file, joined by points; `*` stands for any name. Their texts are words `question_...`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from costeff.catalogue import languages, say
from costeff.documents.section import Document
from costeff.documents.values import line_at
from costeff.errors import ScenarioError
from costeff.model.formula_section import FormulaSection

FILE = Path(__file__).parent / "forms" / "questions.csv"


@cache
def questions() -> Mapping[str, str]:
    """Key of a case file to the name of its question, in the order of the forms.

    >>> questions()["inflow"]
    'citizens'
    """
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["question"] for row in csv.DictReader(file, delimiter=";")}


def check_answered(document: Document, top: FormulaSection) -> None:
    """Raise one ScenarioError with every question of the file that has no answer, each at its line."""
    for path, line in _empty(top.data):
        question = _question(path)
        if question:
            document.problems.append(
                ScenarioError(
                    f"`{path}` is not answered",
                    where=document.place(line),
                    rule=say(f"question_{question}", languages()[0]),
                    way_out=f"write the answer after `{path.rsplit('.', 1)[-1]}:`",
                )
            )
    document.finish()


def _question(path: str) -> str:
    parts = path.split(".")
    for pattern, question in questions().items():
        names = pattern.split(".")
        if len(names) == len(parts) and all(n in ("*", p) for n, p in zip(names, parts, strict=True)):
            return question
    return ""


def _empty(data: Mapping[Any, Any], before: str = "") -> Iterator[tuple[str, int | None]]:
    """Path and line of every key without a value."""
    for key, value in data.items():
        path = f"{before}{key}"
        if value is None:
            yield path, line_at(data, key)
        elif isinstance(value, dict):
            yield from _empty(value, f"{path}.")
