"""Anchored in texts written by hand: an edit changes one value, and every other letter of the file stays."""

from __future__ import annotations

import pytest
from app_example import CASE
from hypothesis import given
from hypothesis import strategies as st

from costeff.app.files.edit import as_scalar, value_at, with_value, without_key
from costeff.app.files.typed import number, scalar, share
from costeff.documents.reader import parser
from costeff.errors import ScenarioError
from costeff.investment.new import case_text


@pytest.mark.parametrize(
    ("path", "new", "line"),
    [
        (("programme", "variable"), "14000", "  variable: 14000  # kr."),
        (("inflow", 2026), "80", "inflow: {2026: 80, later: 0}   # a year"),
        (("inflow", 2027), "80", "inflow: {2026: 60, later: 0, 2027: 80}   # a year"),
        (("programme", "fixed"), "1000", "  fixed: 1000"),
        (("view",), "marginal", "view: marginal"),
        (("set", "municipal_tax"), "0.26", "set: {municipal_tax: 0.26}"),
        (("about", "owner"), "Ida", "about: {owner: Ida}"),
    ],
)
def test_an_edit_changes_one_line(path: tuple[str | int, ...], new: str, line: str) -> None:
    edited = with_value(CASE, path, new)
    before, after = CASE.splitlines(), edited.splitlines()
    assert [one for one in after if one not in before] == [line]
    assert len([one for one in before if one not in after]) == len(before) + 1 - len(after)
    assert value_at(edited, path) == parser().load(f"x: {new}")["x"]


def test_every_question_of_a_new_case_can_be_answered() -> None:
    text = case_text("ny", "tki2", "da", "share", 2027)
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    answers = {
        ("municipality",): "Randers",
        ("about", "target_group"): as_scalar("Sygemeldte: ryg, nakke"),
        ("inflow",): "60",
        ("programme", "label"): "Rygvejen",
        ("programme", "departments", "employment", "label"): "Job og Borger",
        ("programme", "variable"): "12000",
        ("programme", "start_up", 2027): "0",
        ("effect", "today"): scalar(0.55, text),
        ("effect", "programme_high"): scalar(0.65, text),
        ("set", "municipal_tax"): scalar(0.256, text),
    }
    for path, answer in answers.items():
        text = with_value(text, path, answer)
    assert [line for line in text.splitlines() if line.lstrip().startswith("#")] == comments
    assert value_at(text, ("about", "target_group")) == "Sygemeldte: ryg, nakke"
    assert value_at(text, ("effect", "today")) == 0.55
    assert value_at(text, ("set", "municipal_tax")) == 0.256


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1).map(str.strip).filter(bool))
def test_any_text_comes_back_as_it_was_typed(text: str) -> None:
    edited = with_value(CASE, ("municipality",), f'"{text}"' if text.isdigit() else as_scalar(text))
    assert str(value_at(edited, ("municipality",))) == text or value_at(edited, ("municipality",)) == number(text)


def test_a_key_goes_and_comes() -> None:
    added = with_value(CASE, ("programme", "fixed"), "1000")
    assert without_key(added, ("programme", "fixed")) == CASE
    assert without_key(CASE, ("programme", "fixed")) == CASE
    assert "later" not in without_key(CASE, ("inflow", "later"))


@pytest.mark.parametrize("path", [("inflow",), ("programme", "variable", "2026")])
def test_one_value_never_takes_the_place_of_several(path: tuple[str, ...]) -> None:
    with pytest.raises(ScenarioError, match="cannot be set here"):
        with_value(CASE, path, "1")


@pytest.mark.parametrize("text", ["1.000", "12,000", "12.000 kr."])
def test_a_number_that_reads_two_ways_is_refused_with_both_readings(text: str) -> None:
    with pytest.raises(ScenarioError) as refusal:
        number(text)
    assert "English" in str(refusal.value)
    assert "Danish" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,5", 1234.5), ("12 000 kr.", 12000.0), ("0,55", 0.55), ("60", 60.0)]
)
def test_danish_numbers(text: str, value: float) -> None:
    assert number(text) == value


def test_a_share_is_never_guessed() -> None:
    assert (share("55 %"), share("0,55"), share("1")) == (0.55, 0.55, 1.0)
    with pytest.raises(ScenarioError, match="55 % if that is what you mean"):
        share("55")
    with pytest.raises(ScenarioError, match="not a share"):
        share("-5 %")
