"""Anchored in what reading promises: whatever the bytes, rows are refused and counted, or a file is refused with place
and way out; and a planted person is found in nothing that is written."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Rehearsed

from costeff.cli import main
from costeff.errors import CosteffError
from costeff.trial.extract import read_extract
from costeff.trial.quality import Refusals
from costeff.trial.register import read_register
from costeff.trial.weeks import column_of

FILES = ("register.csv", "persons.csv", "quality_of_life.csv", "time.csv", "process.csv", "health_care.csv")
PLANTED = "7731999042"
KINDS = ("flip", "cut", "twice", "insert", "column", "swap", "latin", "nul", "code", "week", "empty", "quote")


def broken(data: bytes, kind: str, luck: random.Random) -> bytes:
    """The bytes of a table with one fault of a kind."""
    lines = data.split(b"\n")
    at, row = luck.randrange(len(data)), luck.randrange(len(lines) - 1)
    cells = lines[row].split(b";")
    column = luck.randrange(len(cells))
    if kind == "flip":
        return data[:at] + bytes([luck.randrange(256)]) + data[at + 1 :]
    if kind == "cut":
        return data[:at]
    if kind == "insert":
        return data[:at] + bytes(luck.randrange(256) for _ in range(5)) + data[at:]
    if kind == "empty":
        return b""
    if kind == "nul":
        return data[:at] + b"\0" + data[at:]
    if kind == "twice":
        lines.insert(row, lines[row])
    elif kind == "column":
        lines = [b";".join(line.split(b";")[:column] + line.split(b";")[column + 1 :]) for line in lines]
    elif kind == "swap":
        other = luck.randrange(len(lines) - 1)
        lines[row], lines[other] = lines[other], lines[row]
    elif kind == "latin":
        lines[row] += "ø".encode("cp1252")
        lines[-2] += "ø".encode()
    else:
        cells[column] = {"code": b"77777", "week": b"y_2154", "quote": b'"' + cells[column]}[kind]
        lines[row] = b";".join(cells)
    return b"\n".join(lines)


@pytest.fixture(scope="module")
def small(rehearsed: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first people of the rehearsal, one of them with the planted number."""
    folder = tmp_path_factory.mktemp("small") / "extract"
    folder.mkdir()
    for name in FILES:
        lines = (rehearsed.folder / name).read_text("utf-8").split("\n")
        own = [line for line in lines[1:] if "S00000" in line]  # nine people
        (folder / name).write_text("\n".join([lines[0], *own, ""]).replace("S000003", PLANTED), "utf-8", newline="")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_every_broken_extract_is_read_with_refusals_or_refused_with_a_way_out(
    rehearsed: Rehearsed, small: Path, tmp_path: Path, kind: str
) -> None:
    luck = random.Random(f"broken {kind}")
    folder = tmp_path / "extract"
    shutil.copytree(small, folder)
    refused, errors = 0, []
    for name in FILES:
        whole = (folder / name).read_bytes()
        for _ in range(3):
            (folder / name).write_bytes(broken(whole, kind, luck))
            try:
                extract = read_extract(folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
                refused += extract.quality.refused()
            except CosteffError as error:
                errors.append(error)
        (folder / name).write_bytes(whole)
    assert refused + len(errors) > 0
    for error in errors:
        assert error.where is not None, str(error)
        assert error.way_out, str(error)
        assert PLANTED not in str(error)


@pytest.mark.parametrize("form", ["parquet", "dta", "xpt"])
def test_a_damaged_file_of_another_program_is_refused_or_read(rehearsed: Rehearsed, tmp_path: Path, form: str) -> None:
    """Each damage gave another kind of failure: in the head, in a page, in the name of a column."""
    import pandas as pd
    import pyreadstat

    luck, path = random.Random(form), tmp_path / f"register.{form}"
    weeks = [column_of(1500 + w) for w in range(40)]
    frame = pd.DataFrame({"person": [PLANTED + str(i) for i in range(20)]} | dict.fromkeys(weeks, 890))
    if form == "parquet":
        frame.to_parquet(path)
    elif form == "dta":
        pyreadstat.write_dta(frame, str(path))
    else:
        pyreadstat.write_xport(frame, str(path), file_format_version=5)
    whole, errors = path.read_bytes(), []
    for i in range(60):
        at = luck.randrange(len(whole) if i % 2 else 2500)
        noise = bytes(luck.randrange(256) for _ in range(1 + i % 4))
        path.write_bytes(whole[:at] if i % 5 == 0 else whole[:at] + noise + whole[at + len(noise) :])
        try:
            read_register(path, rehearsed.lens, Refusals(path.name))
        except CosteffError as error:
            errors.append(error)
    assert len(errors) > 10
    assert all(error.way_out and PLANTED not in str(error) for error in errors)


def written(place: Path) -> Iterator[tuple[Path, bytes]]:
    for file in place.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


def test_a_planted_person_is_found_in_nothing_that_is_written(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers, tables, figures, counts, logs, temporary files and messages, of runs that end well and of others."""
    extract, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(small, extract)
    out.mkdir()
    monkeypatch.chdir(out)
    for name in ("TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(out))
    monkeypatch.setattr("tempfile.tempdir", str(out))
    texts = []

    def run(*words: str) -> int:
        done = CliRunner().invoke(main, ["trial", *words])
        texts.append(done.output + (done.stderr or "") + repr(done.exception))
        return done.exit_code

    assert run("check", "tki2_trial", str(extract), "--json", "check.json") == 0
    assert run("describe", "tki2_trial", str(extract), "--json", "a.json", "--figures", "f", "--seed", "1") == 0
    assert run("aggregate", "tki2_trial", str(extract), "--out", "counts.csv") == 0
    whole = (extract / "persons.csv").read_text("utf-8")
    for edit in (whole.replace(PLANTED, f'"{PLANTED}'), whole.replace(f"{PLANTED};", PLANTED), whole + PLANTED):
        (extract / "persons.csv").write_text(edit, "utf-8")
        run("check", "tki2_trial", str(extract), "--json", "broken.json")
    (extract / "persons.csv").write_text(whole, "utf-8")

    def fail(*_: object) -> None:
        raise ValueError(f"could not convert {PLANTED}")

    monkeypatch.setattr("costeff.trial.extract.read_answers", fail)
    assert run("check", "tki2_trial", str(extract), "--json", "bug.json") != 0
    files = dict(written(out))
    assert {"check.json", "a.json", "counts.csv"} <= {file.name for file in files}
    assert not (out / "bug.json").exists()
    assert PLANTED.encode() in (extract / "register.csv").read_bytes()
    for file, content in files.items():
        assert PLANTED.encode() not in content, file
    assert all(PLANTED not in text for text in texts)
