"""Anchors: listings of folders before and after; whatever fails or is stopped, they are equal."""

from __future__ import annotations

import datetime as dt
import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from costeff.errors import CosteffError, ResultError, ScenarioError
from costeff.files import drafts, folder, reserved, reserved_file, whole_file, write_folder, write_whole, writing_day
from costeff.files.manifest import MANIFEST, read_manifest
from costeff.shell.output import Saved, deliver, saved

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and devices are POSIX")


def making(files: dict[str, str]) -> Any:
    def make(made: Path) -> None:
        for name, text in files.items():
            (made / name).write_text(text)

    return make


def listing(place: Path) -> dict[str, str]:
    return {str(path.relative_to(place)): path.read_text() for path in sorted(place.rglob("*")) if path.is_file()}


# -- one file ----


def interrupted(file: Path) -> None:
    with whole_file(file) as draft:
        draft.write_text("half")
        raise KeyboardInterrupt


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    for before in (None, "older"):
        with pytest.raises(KeyboardInterrupt):
            interrupted(file)
        assert listing(tmp_path) == ({} if before is None else {"a.csv": before})
        file.write_text("older")
    assert write_whole("new", file) == file
    assert listing(tmp_path) == {"a.csv": "new"}


@posix
def test_mode_link_and_device(tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link"
    file.write_text("older")
    file.chmod(0o640)
    link.symlink_to(file)
    write_whole(b"new", link)
    assert link.is_symlink()
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o640)
    write_whole("gone", os.devnull)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    with pytest.raises(IsADirectoryError):
        write_whole("x", tmp_path)


@posix
def test_drafts_do_not_follow_what_was_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who could guess the draft's name puts a link there."""
    monkeypatch.setattr("costeff.files.whole.draft_name", lambda: ".guessed")
    (tmp_path / "victim").write_text("safe")
    (tmp_path / ".guessed").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        write_whole("x", tmp_path / "a.csv")
    assert (tmp_path / "victim").read_text() == "safe"


def test_names_of_drafts_are_not_repeated() -> None:
    assert len({drafts.draft_name() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("name", "rule"),
    [("gone/a.csv", "is not there"), ("file/a.csv", "is a file"), (".", "this is a folder"), ("x" * 300, "too long")],
)
def test_a_file_that_cannot_be_written_is_known_before(tmp_path: Path, name: str, rule: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultError) as refused:
        reserved_file(tmp_path / name, "--json")
    assert rule in str(refused.value)
    assert "--json" in str(refused.value)
    reserved_file(tmp_path / "new.json")
    assert listing(tmp_path) == {"file": ""}


# -- a folder ----


def test_own_files_are_replaced_and_others_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = write_folder(out, making({"a": "1", "b": "1", "c": "1"}))
    assert (first.names, first.notes()) == (["a", "b", "c", MANIFEST], [])
    (out / "b").write_text("my notes")
    (out / "d").write_text("mine")
    (out / "e").write_text("mine")
    second = write_folder(out, making({"a": "2", "b": "2", "d": "2"}))
    assert (second.replaced, second.removed) == (1, 1)
    assert second.kept == (("b", "b.kept1"), ("d", "d.kept1"))
    found = listing(out)
    found.pop(MANIFEST)
    assert found == {"a": "2", "b": "2", "b.kept1": "my notes", "d": "2", "d.kept1": "mine", "e": "mine"}
    assert "Replaced 1 files" in second.notes()[0]
    assert "hedder nu b.kept1" in second.notes("da")[2]
    assert set(read_manifest(out)["run"]) == {"a", "b", "d"}
    assert write_folder(out, making({"a": "2", "b": "2", "d": "2"})).kept == ()


@posix
def test_a_read_only_file_is_kept(tmp_path: Path) -> None:
    write_folder(tmp_path, making({"a": "1"}))
    (tmp_path / "a").chmod(0o444)
    assert write_folder(tmp_path, making({"a": "2"})).kept == (("a", "a.kept1"),)


@pytest.mark.parametrize("text", ["{", "[]", '{"about": 1}', '{"files": {"run": {"../x": "y"}}}', "mine"])
def test_a_list_that_is_not_ours_is_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    written = write_folder(tmp_path, making({"a": "1"}))
    assert written.kept == ((MANIFEST, "costeff-files.kept1.json"),)
    assert (tmp_path / "costeff-files.kept1.json").read_text() == text


def test_one_folder_holds_one_kind(tmp_path: Path) -> None:
    write_folder(tmp_path, making({"items.csv": "run"}))
    with pytest.raises(ResultError, match="holds the files of a run"):
        write_folder(tmp_path, making({"items.csv": "case"}), kind="case")
    write_folder(tmp_path, making({"evpi.html": "x"}), "--figures", "figures")
    write_folder(tmp_path, making({"tornado.html": "x"}), "--figures", "figures")
    assert set(listing(tmp_path)) == {"items.csv", "evpi.html", "tornado.html", MANIFEST}


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), SystemExit(143)], ids=repr)
def test_every_step_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Stopped at each renaming in turn, before it and just after it."""
    write_folder(tmp_path, making({"a": "1", "b": "1"}))
    (tmp_path / "b").write_text("mine")
    before, replace, steps = listing(tmp_path), os.replace, 0
    for at in range(100):
        count = 0

        def failing(source: Any, place: Any, at: int = at) -> None:
            nonlocal count
            count += 1
            if count - 1 == at // 2 and at % 2:
                replace(source, place)
            if count - 1 == at // 2:
                raise error
            replace(source, place)

        monkeypatch.setattr(os, "replace", failing)
        try:
            write_folder(tmp_path, making({"a": "2", "b": "2", "c": "2"}))
        except (ResultError, KeyboardInterrupt, SystemExit):
            assert listing(tmp_path) == before
            steps += 1
        else:
            break
    assert steps >= 12


def test_a_run_killed_between_two_moves_is_known_for_ours(tmp_path: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from costeff.files import write_folder
def make(text):
    return lambda made: [(made / name).write_text(text) for name in "abc"]
write_folder(sys.argv[1], make("1"))
moved = os.replace
def killing(source, place):
    moved(source, place)
    if Path(place).name == "b" and Path(place).parent == Path(sys.argv[1]):
        os.kill(os.getpid(), 9)
os.replace = killing
write_folder(sys.argv[1], make("2"))
"""
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], capture_output=True, check=False)
    assert ran.returncode == -9, ran.stderr
    assert '"complete": false' in (tmp_path / "out" / MANIFEST).read_text()
    written = write_folder(tmp_path / "out", making({"a": "3", "b": "3", "c": "3"}))
    assert written.kept == ()
    assert set(listing(tmp_path / "out")) == {"a", "b", "c", MANIFEST}
    assert '"complete": true' in (tmp_path / "out" / MANIFEST).read_text()


HOLD = """
import sys
from costeff.files import reserved
with reserved(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    out, pipe = tmp_path / "out", subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ResultError, match="another run is writing") as refused:
            write_folder(out, making({"a": "1"}))
        assert f"process {holder.pid}" in str(refused.value)
        holder.kill()
    assert write_folder(out, making({"a": "1"})).names == ["a", MANIFEST]  # the dead hold nothing
    assert set(listing(out)) == {"a", MANIFEST}


WRITE = """
import sys
from costeff.errors import ResultError
from costeff.files import write_folder
done = 0
for i in range(40):
    try:
        write_folder(sys.argv[1], lambda made: [(made / f"{n}.txt").write_text(sys.argv[2]) for n in range(9)])
        done += 1
    except ResultError:
        pass
print(done)
"""


def test_many_writers_never_mix(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-c", WRITE, str(out)]
    writers = [subprocess.Popen([*words, str(i)], stdout=subprocess.PIPE, text=True) for i in range(3)]
    done = [int(writer.communicate()[0]) for writer in writers]
    assert sum(done) > 0  # how often the folder is free is luck; that what is in it is of one run is not
    assert {writer.returncode for writer in writers} == {0}
    found = listing(out)
    found.pop(MANIFEST)
    assert len(found) == 9
    assert len(set(found.values())) == 1


def test_a_reserved_folder_that_stays_empty_goes(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), reserved(tmp_path / "a" / "b"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_abandoned_drafts_go_and_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here, there = drafts._machine(), "0" * 8

    def name(machine: str, process: int) -> str:
        return f".costeff-{machine}-{process}-{'a' * 16}.draft"

    old = [name(there, 1), name(here, os.getpid() + 10**8)]
    young = [name(here, os.getpid()), name(there, 2)]
    others = [".costeff-notes", ".out-20250101", "a.draft", ".costeff.lock"]
    for each in (*old, *young, *others, name(here, ended.pid)):
        (tmp_path / each).mkdir()
    os.utime(tmp_path / old[0], (time.time() - 2 * drafts.DAY,) * 2)
    os.utime(tmp_path / others[1], (0, 0))
    drafts.remove_abandoned(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*young, *others}


# -- a command's files and its text ----


def test_files_go_elsewhere_rather_than_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def write(place: str) -> tuple[list[str], list[str]]:
        if place == "full":
            raise ResultError("cannot", value="full") from OSError(errno.ENOSPC, "No space left on device")
        Path(place, "a.csv").write_text("1")
        return ["a.csv"], []

    files = saved(write, "full")
    assert files is not None
    with pytest.raises(ResultError) as refused:
        deliver("text", files)
    assert f"the files lie in {files.place} instead" in str(refused.value)
    assert Path(files.place, "a.csv").read_text() == "1"
    assert saved(write, None) is None


def test_where_nothing_takes_the_files_the_first_reason_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def write(place: str) -> tuple[list[str], list[str]]:
        raise OSError(errno.ENOSPC, "No space left on device")

    files = saved(write, "full")
    with pytest.raises(ResultError, match="could not be written"):
        deliver("the numbers", files)
    assert "the numbers" in capsys.readouterr().out

    def mistaken(place: str) -> tuple[list[str], list[str]]:
        raise ResultError("one strategy")

    with pytest.raises(ResultError, match="one strategy"):
        saved(mistaken, "out")


def test_what_cannot_be_printed_says_where_the_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("click.echo", echo)
    with pytest.raises(CosteffError, match="could not be printed") as refused:
        deliver("text", Saved("out", ["a.csv"]))
    assert "files in out are whole" in str(refused.value)


# -- dates ----


def test_stated_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert abs((writing_day() - dt.date.today()).days) <= 1
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert writing_day() == dt.date(2023, 11, 14)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ScenarioError, match="SOURCE_DATE_EPOCH"):
        writing_day()


def test_free_names_count_on(tmp_path: Path) -> None:
    for expected in ("a.kept1.csv", "a.kept2.csv"):
        assert folder._free_name(tmp_path, "a.csv") == expected
        (tmp_path / expected).write_text("")
