"""Anchored in what was in the folder before: a file that another program holds open is as it was, and nothing is lost.

Windows is not to be had here, so its refusal is played: `os.replace` raises for the file that is open.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import pytest

from costeff.bundled import is_path
from costeff.errors import ResultError
from costeff.files import write_folder
from costeff.investment.new import new_case
from costeff.messages import error_text


def fill(text: str) -> Callable[[Path], None]:
    def make(draft: Path) -> None:
        (draft / "case.html").write_text(text, encoding="utf-8")
        (draft / "case.xlsx").write_text(text, encoding="utf-8")

    return make


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of an earlier result whose workbook is open in another program."""
    folder = tmp_path / "Børn og unge æøå"
    write_folder(folder, fill("earlier"), kind="case")
    plain = os.replace

    def replace(source: str | os.PathLike[str], place: str | os.PathLike[str]) -> None:
        if (folder / "case.xlsx") in (Path(source), Path(place)):
            raise PermissionError(13, "The process cannot access the file", str(place))
        plain(source, place)

    monkeypatch.setattr(os, "replace", replace)
    return folder


def test_an_open_workbook_leaves_the_folder_as_it_was_and_the_result_beside_it(held: Path) -> None:
    with pytest.raises(ResultError) as caught:
        write_folder(held, fill("new"), kind="case")
    assert (held / "case.html").read_text(encoding="utf-8") == "earlier"
    assert (held / "case.xlsx").read_text(encoding="utf-8") == "earlier"
    second = held.with_name("Børn og unge æøå_2")
    assert str(second) in str(caught.value)
    assert {path.name for path in second.iterdir()} == {"case.html", "case.xlsx", "costeff-files.json"}
    assert (second / "case.xlsx").read_text(encoding="utf-8") == "new"
    danish = error_text(caught.value, "da")
    assert "luk den og kør igen" in danish
    assert "andet program" in danish
    assert sorted(path.name for path in held.iterdir()) == ["case.html", "case.xlsx", "costeff-files.json"]


def test_a_second_refusal_takes_a_third_name(held: Path) -> None:
    for number in (2, 3):
        with pytest.raises(ResultError, match=f"_{number}"):
            write_folder(held, fill("new"), kind="case")


def test_a_windows_path_is_a_path() -> None:
    assert is_path(str(PureWindowsPath("C:/Brugere/Åse/Min case.yaml")))
    assert is_path(str(PureWindowsPath("cases") / "min_case"))
    assert not is_path("tki2-aarhus-investment")


def test_a_file_of_a_danish_name_with_blanks_is_written_and_read(tmp_path: Path) -> None:
    folder = tmp_path / "Åse og Søren"
    folder.mkdir()
    file = new_case(folder / "vores rygsag æøå.yaml", "tki2", "da")
    assert "case: vores_rygsag_æøå" in file.read_text(encoding="utf-8")


def test_a_console_of_code_page_1252_shows_what_it_can(tmp_path: Path) -> None:
    """Danish letters whole, and a plain character for one that the code page lacks: no command ends in a crash."""
    file = new_case(tmp_path / "sag − æøå.yaml", "tki2", "da")
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "costeff.cli", "invest", str(file), "--language", "da"]
    ended = subprocess.run(command, capture_output=True, env=environment, check=False)
    text = ended.stderr.decode("cp1252")
    assert ended.returncode != 0
    assert "er ikke besvaret" in text
    assert "Hvor mange borgere får tilbudt indsatsen om året?" in text
    assert "sag - æøå.yaml, linje" in text
    assert "Traceback" not in text
