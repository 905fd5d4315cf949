"""Anchored in the text that each version had: no save is lost, and none is overwritten unseen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from app_example import CASE, folder_with

from costeff.app.files.edit import with_value
from costeff.app.files.folder import CaseFolder
from costeff.app.files.versions import OUTSIDE, CaseFile, Change, ConflictError, Version
from costeff.errors import ScenarioError


def cost(file: CaseFile, amount: int, version: int, by: str) -> Version:
    change = Change("programme.variable", "", str(amount), by)
    return file.save(lambda text: with_value(text, ("programme", "variable"), str(amount)), version, change)


def test_every_save_is_a_version_and_can_be_undone(tmp_path: Path) -> None:
    file = CaseFile(folder_with(tmp_path), "small.yaml")
    first = file.read()[1]
    second = cost(file, 13000, first.number, "a")
    cost(file, 14000, second.number, "a")
    assert [v.after for v in file.versions()] == ["", "13000", "14000"]
    for text in ("variable: 13000", "variable: 12000"):
        file.undo(file.read()[1].number, "a")
        assert text in (tmp_path / "small.yaml").read_text()
    assert (tmp_path / "small.yaml").read_text() == CASE
    with pytest.raises(ScenarioError, match="nothing to undo"):
        file.undo(file.read()[1].number, "a")


def test_two_tabs_never_overwrite_each_other_unseen(tmp_path: Path) -> None:
    file = CaseFile(folder_with(tmp_path), "small.yaml")
    seen = file.read()[1].number
    cost(file, 13000, seen, "a")
    with pytest.raises(ConflictError, match="somebody else"):
        cost(file, 14000, seen, "b")
    assert "variable: 13000" in file.read()[0]
    cost(file, 15000, seen, "a")  # the same tab, whose second answer left before the first came back
    assert "variable: 15000" in file.read()[0]


def test_what_another_program_writes_becomes_a_version(tmp_path: Path) -> None:
    file = CaseFile(folder_with(tmp_path), "small.yaml")
    seen = cost(file, 13000, file.read()[1].number, "a").number
    (tmp_path / "small.yaml").write_text(CASE.replace("60", "70"), encoding="utf-8")
    with pytest.raises(ConflictError):
        cost(file, 14000, seen, "a")
    text, last = file.read()
    assert (last.by, last.parent, "2026: 70" in text) == (OUTSIDE, seen, True)


def test_a_save_that_ended_before_its_record_is_found_again(tmp_path: Path) -> None:
    file = CaseFile(folder_with(tmp_path), "small.yaml")
    seen = file.read()[1].number
    cost(file, 13000, seen, "a")
    log = tmp_path / ".costeff-versions" / "small.yaml" / "log.csv"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]), encoding="utf-8")  # as if killed here
    text, last = CaseFile(CaseFolder(tmp_path), "small.yaml").read()
    assert ("variable: 13000" in text, last.number, last.parent) == (True, 2, seen)


@pytest.mark.parametrize(
    "name",
    ["../small.yaml", "/etc/passwd", "a/small.yaml", "..", "small.yaml\0", ".hidden.yaml", "x.txt", "..\\small.yaml"],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = folder_with(tmp_path / "cases")
    (tmp_path / "small.yaml").write_text(CASE, encoding="utf-8")
    for place in (folder.file, folder.free, folder.versions, folder.results):
        with pytest.raises(ScenarioError):
            place(name)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "cases")
    outside = tmp_path / "outside.yaml"
    outside.write_text(CASE, encoding="utf-8")
    (folder.root / "link.yaml").symlink_to(outside)
    assert folder.names() == ["small.yaml"]
    with pytest.raises(ScenarioError):
        folder.file("link.yaml")
    (tmp_path / "elsewhere").mkdir()
    (folder.root / ".costeff-versions").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ScenarioError, match="link"):
        CaseFile(folder, "small.yaml").read()
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_among_versions_is_read_or_written(tmp_path: Path) -> None:
    """A version that is a link is not taken back to, and no version is written through one."""
    file = CaseFile(folder_with(tmp_path / "cases"), "small.yaml")
    outside = tmp_path / "outside.yaml"
    outside.write_text("case: stolen\n", encoding="utf-8")
    versions = file.folder.versions("small.yaml")
    seen = cost(file, 13000, file.read()[1].number, "a").number
    (versions / "0001.yaml").unlink()
    (versions / "0001.yaml").symlink_to(outside)
    with pytest.raises(ScenarioError, match="version before is not there"):
        file.undo(seen, "a")
    (versions / "0003.yaml").symlink_to(outside)
    with pytest.raises(ScenarioError, match="link"):
        cost(file, 14000, seen, "a")
    assert outside.read_text() == "case: stolen\n"
    assert "stolen" not in (file.folder.root / "small.yaml").read_text()
    log = versions / "log.csv"
    log.unlink()
    log.symlink_to(outside)
    with pytest.raises(ScenarioError, match="no file of this name"):
        file.folder.result_file("small.yaml", "log.csv")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_only_files_that_were_written_for_a_case_are_sent(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "cases")
    results = folder.results("small.yaml")
    (results / "note.docx").write_bytes(b"PK")
    (results / "notes.txt").write_text("own", encoding="utf-8")
    (results / "case.html").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (folder.root / "budget.csv").write_text("own", encoding="utf-8")
    assert folder.result_file("small.yaml", "note.docx").read_bytes() == b"PK"
    for file in ("notes.txt", "case.html", "../budget.csv", "..", "note.docx/../../budget.csv"):
        with pytest.raises(ScenarioError):
            folder.result_file("small.yaml", file)
