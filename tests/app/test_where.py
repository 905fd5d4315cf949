"""Anchored in small files whose mistakes stand where a reader sees them: which screen and question an error names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from app_example import CASE, folder_with

from costeff.app.files.versions import CaseFile, Change
from costeff.app.results.desk import CaseDesk
from costeff.app.screens.log import changes
from costeff.app.screens.pane import problem
from costeff.app.screens.where import screen_and_field


def words_of(part: object) -> str:
    """All text of a part of a page, one after another."""
    if isinstance(part, list | tuple):
        return "".join(words_of(one) for one in part)
    return part if isinstance(part, str) else words_of(getattr(part, "children", None) or "")


@pytest.mark.parametrize(
    ("before", "after", "screen", "key"),
    [
        ("variable: 12000", "variable: -5", "Udgifter", "programme.variable"),
        ("inflow: {2026: 60, later: 0}", "inflow: {2026: -1, later: 0}", "Borgere og pladser", "inflow.2026"),
        ("employment: 1}", "employment: 0.4}", "Indsats og kommune", "programme.departments.employment"),
        ("years: 2\n", "years: two\n", "Regler og priser", "years"),
    ],
)
def test_an_error_names_the_screen_and_the_question(
    before: str, after: str, screen: str, key: str, tmp_path: Path
) -> None:
    assert before in CASE
    one = CaseDesk(CaseFile(folder_with(tmp_path, CASE.replace(before, after)), "small.yaml"))
    state = one.state()
    if state.job is not None:
        state.job.wait()
        state = one.state()
    assert state.problem is not None
    shown = problem(state.problem, "da", state.text)
    words = words_of(shown)
    assert screen in words
    assert f"({key})" in words
    assert "linje" not in words
    assert "small.yaml" not in words
    assert "/da/small.yaml/" in json.dumps(shown, default=lambda part: part.to_plotly_json())


def test_a_line_of_two_questions_is_told_by_the_key_that_is_named() -> None:
    text = "run: {draws: 1, individuals: x}\nfoo: 1\n"
    found = screen_and_field(text, 1, "`individuals` is not whole")
    assert found is not None
    assert found[1] is not None
    assert (found[0], found[1].key) == ("rules", "run.individuals")
    assert screen_and_field(text, 1, "something else") == ("rules", None)
    assert screen_and_field(text, 2, "`foo`") is None  # which no screen has: the line is told instead
    assert screen_and_field("a: [", 1, "`a`") is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("da", "tager version 2 tilbage"), ("en", "takes version 2 back"), ("nb", "tar versjon 2 tilbake")],
)
def test_what_was_undone_is_said_in_words(language: str, words: str, tmp_path: Path) -> None:
    file = CaseFile(folder_with(tmp_path), "small.yaml")
    change = Change("programme.variable", "12 000", "13 000", "a", "a guess")
    file.save(lambda text: text.replace("variable: 12000", "variable: 13000"), file.read()[1].number, change)
    file.undo(file.read()[1].number, "a")
    last, first = (words_of(row) for row in changes(file, language))
    assert words in last
    assert "undo" not in last
    assert "a guess" in first
    assert "programme.variable" in first
