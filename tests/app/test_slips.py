"""Anchored in what people do wrong, and disks with them: each slip is told in words, and the file stays as it was."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import dash
import plotly.graph_objects as go
import pytest
from app_example import CASE, folder_with

from costeff.app.files import typed, versions
from costeff.app.files.edit import value_at
from costeff.app.results.desk import Desk
from costeff.app.screens.answers import Answer, Order, answered, done
from costeff.app.screens.page import whole_page
from costeff.app.screens.pane import _with_few_marks
from costeff.app.screens.start import made
from costeff.errors import ScenarioError


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(dash, "set_props", lambda *_: None)  # there is no page
    monkeypatch.setattr("costeff.app.results.desk.CaseDesk.look_ahead", lambda _: None)
    return Desk(folder_with(tmp_path))


def answer(desk: Desk, key: str, text: str) -> Any:
    one = desk.case("small.yaml")
    return answered(desk, Answer("small.yaml", key, text), one.file.read()[1].number, "tab", "da")


def refused(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("text", ["1e400", "9" * 400, "-1e400", "1e308", "1e-320"])
def test_what_no_case_can_hold_is_no_number(desk: Desk, tmp_path: Path, text: str) -> None:
    """An infinity was saved as one, and said to be."""
    for key in ("programme.variable", "inflow.2026"):
        with pytest.raises(ScenarioError, match="too large or too small"):
            answer(desk, key, text)
    assert (tmp_path / "small.yaml").read_text() == CASE


@pytest.mark.parametrize("text", ["1e400", "-1", "2026,5", "99999", "26"])
def test_a_new_case_begins_in_a_calendar_year(desk: Desk, tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError):
        made(desk.folder, "Ny", "share", text, "da")
    assert [path.name for path in tmp_path.glob("*.yaml")] == ["small.yaml"]
    assert typed.year("2 026") == 2026


def test_an_answer_to_what_is_no_longer_there_says_so(desk: Desk, tmp_path: Path) -> None:
    """Another program takes a key out of the file while its control is on the screen."""
    desk.case("small.yaml")
    (tmp_path / "small.yaml").write_text(CASE.replace("  start_up: {2026: 50000}\n", ""))
    with pytest.raises(ScenarioError, match="no longer in the file"):
        answer(desk, "programme.start_up.2026", "1")


def test_only_what_holds_for_all_years_is_told_apart(desk: Desk, tmp_path: Path) -> None:
    """Whoever had no share of their own accepted nobody in any year, once it was told apart."""
    one = desk.case("small.yaml")

    def spread(key: str) -> None:
        done(desk, Order("small.yaml", {"type": "spread", "key": key}), one.file.read()[1].number, "tab", "da")

    with pytest.raises(ScenarioError, match="cannot be told apart"):
        spread("nothing")
    with pytest.raises(ScenarioError, match="has no figure"):
        spread("uptake")
    assert (tmp_path / "small.yaml").read_text() == CASE
    answer(desk, "uptake", "70 %")
    spread("uptake")
    assert value_at((tmp_path / "small.yaml").read_text(), ("uptake",)) == {2026: 0.7, 2027: 0.7, "later": 0.7}


def test_a_full_disk_is_told_and_nothing_is_half_written(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(desk, "programme.variable", "13 000")
    before = (tmp_path / "small.yaml").read_text()
    monkeypatch.setattr(versions, "write_whole", refused)
    monkeypatch.setattr("costeff.investment.new.write_whole", refused)
    with pytest.raises(ScenarioError, match="cannot write in its folder"):
        answer(desk, "programme.variable", "14 000")
    with pytest.raises(ScenarioError, match="cannot write in its folder"):
        made(desk.folder, "Ny", "share", "2026", "da")
    assert (tmp_path / "small.yaml").read_text() == before
    assert sorted(path.name for path in tmp_path.glob("*.yaml")) == ["small.yaml"]


def test_a_folder_without_the_right_to_write_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "mkdir", refused)
    page = str(whole_page(desk, "da", "small.yaml", "costs"))
    assert "appen kan ikke skrive i sin mappe" in page


def test_a_new_case_has_the_title_that_was_typed(desk: Desk, tmp_path: Path) -> None:
    """The file's name has no room for every character; the title was lost with them."""
    name = made(desk.folder, "Jobstart: prøve/1", "share", "2026", "da")
    assert name == "Jobstart prøve1.yaml"
    assert value_at((tmp_path / name).read_text(), ("title",)) == "Jobstart: prøve/1"
    with pytest.raises(ScenarioError, match="cannot stand in the file"):
        made(desk.folder, "\u202eprøve", "share", "2026", "da")


def test_marks_that_are_set_one_by_one_are_thinned_with_their_texts_or_without() -> None:
    figure = go.Figure()
    figure.update_layout(
        xaxis={"tickvals": [*range(11)], "ticktext": [str(2026 + n) for n in range(11)]},
        xaxis2={"tickvals": [*range(7)]},
        xaxis3={"tickvals": [0, 1], "ticktext": ["a", "b"]},
    )
    figure.for_each_xaxis(_with_few_marks)
    assert list(figure.layout.xaxis.ticktext) == ["2026", "2028", "2030", "2032", "2034", "2036"]
    assert list(figure.layout.xaxis2.tickvals) == [0, 2, 4, 6]
    assert list(figure.layout.xaxis3.ticktext) == ["a", "b"]
