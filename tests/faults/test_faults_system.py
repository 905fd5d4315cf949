"""What the operating system refuses, and files that are none: each was a traceback or a hang."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

from costeff.cli import main

ROOT = Path(__file__).parents[2]
CODE = "from costeff.cli import main; main()"


def named(words: list[str], match: str, given: str) -> object:
    kind = "a name that the operating system cannot take ends in a traceback"
    return pytest.param(words, match, id=given, marks=fault(kind=kind, given=given, right=f"exit 2: {match}"))


@pytest.mark.parametrize(
    ("words", "match"),
    [
        named(["run", "x" * 300 + ".yaml"], "name too long", "a scenario's name of 300 letters"),
        named(["soem", "x" * 300 + ".csv"], "name too long", "a table's name of 300 letters"),
        named(["voi", "x" * 300 + ".csv", "--wtp", "1"], "name too long", "a PSA table's name of 300 letters"),
        named(["run", "~nobodyhere/x.yaml"], "no such home folder", "~nobodyhere/x.yaml"),
        named(["describe", "a\0b.yaml"], "control character", "a NUL byte in a scenario's name"),
        named(["invest", "a\0b.yaml"], "control character", "a NUL byte in a case's name"),
        named(["soem", "a\0b.csv"], "control character", "a NUL byte in a table's name"),
    ],
)
def test_names(words: list[str], match: str) -> None:
    ended = CliRunner().invoke(main, words)
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert re.search(match, ended.output, re.I), ended.output
    assert "Way out" in ended.output


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            id=given,
            marks=fault(
                kind="a model named in a scenario that is no name of a file",
                given=given,
                right="exit 2, with a way out",
            ),
        )
        for name, given in (
            ("~nobodyhere/x.yaml", "~nobodyhere"),
            ("x" * 5000 + ".yaml", "5,000 letters"),
            (r"a\0b.yaml", "a NUL byte"),
        )
    ],
)
def test_models_named_in_scenarios(tmp_path: Path, name: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f'scenario: s\nmodel: "{name}"\n', encoding="utf-8")
    ended = CliRunner().invoke(main, ["describe", str(file)])
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert "Way out" in ended.output


def parameters(folder: Path, old: str, new: str) -> Path:
    """A scenario of the shipped model with a changed parameter file beside it."""
    for file in (ROOT / "parameters").glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    text = (ROOT / "parameters" / "tki2.yaml").read_text(encoding="utf-8")
    assert re.search(old, text)
    (folder / "p.yaml").write_text(re.sub(old, new, text, count=1), encoding="utf-8")
    (folder / "s.yaml").write_text("scenario: s\nmodel: tki2\nparameters: ./p.yaml\n", encoding="utf-8")
    return folder / "s.yaml"


INNER = {
    "a look-up table": r"file: (?!price_index)(?!tki2_posterior)[\w.]+\.csv",
    "a posterior": r"file: tki2_posterior\.csv",
    "a price index": r"file: price_index\.csv",
}


@pytest.mark.parametrize(
    ("what", "device", "match"),
    [
        pytest.param(
            what,
            device,
            match,
            id=f"{what}: {device}",
            marks=fault(
                kind="a device or pipe behind a file name is read for ever",
                given=f"{what} of a parameter file is {device}",
                right=f"refused at once: {match}",
            ),
        )
        for what in INNER
        for device, match in (("/dev/zero", "not a plain file"), ("PIPE", "not a plain file"), ("/", "a folder"))
    ],
)
def test_files_named_in_files(tmp_path: Path, what: str, device: str, match: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    name = device if device != "PIPE" else str(tmp_path / "pipe")
    file = parameters(tmp_path, INNER[what], f"file: {name}")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)); "
    ran = subprocess.run(
        [sys.executable, "-c", limit + CODE, "describe", str(file)],
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 2, ran.stderr[-500:]
    assert match in ran.stderr


@fault(
    kind="a pipe or device as a scenario is said not to be there",
    given="costeff run of a FIFO",
    right="not a plain file",
)
def test_a_pipe_is_called_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    ended = CliRunner().invoke(main, ["describe", str(tmp_path / "pipe.yaml")])
    assert (ended.exit_code, "not a plain file" in ended.output) == (2, True), ended.output


@fault(
    kind="printing to a full disk ends in a traceback",
    given="costeff list >/dev/full",
    right="exit 2: no space left, with a way out",
)
def test_a_full_disk_behind_stdout() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        ran = subprocess.run(
            [sys.executable, "-c", CODE, "list"],
            stdout=full.fileno(),
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert (ran.returncode, "Traceback" in ran.stderr) == (2, False), ran.stderr
    assert "No space left" in ran.stderr


@fault(
    kind="a cell longer than the CSV reader takes ends in a traceback",
    given="a PSA cell of 200,000 letters",
    right="exit 2, with file and line",
)
def test_a_cell_without_end(tmp_path: Path) -> None:
    file = tmp_path / "psa.csv"
    file.write_text("draw,strategy,cost,effect\n0," + "x" * 200_000 + ",1,2\n", encoding="utf-8")
    ended = CliRunner().invoke(main, ["voi", str(file), "--wtp", "100"])
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert "psa.csv, line" in ended.output


@fault(
    kind="a fault of the library ends in a traceback",
    given="a reader that raises KeyError",
    right="exit 70: please report it, with a log",
)
def test_a_bug_asks_for_a_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object) -> None:
        raise KeyError("covered")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("costeff.investment.soem.read.read_soem", broken)
    ended = CliRunner().invoke(main, ["soem", "tki2012"])
    assert ended.exit_code == 70, repr(ended.exception)
    assert "this is a bug in costeff, please report it" in ended.output
    (log,) = tmp_path.iterdir()
    assert str(log) in ended.output
    assert "KeyError: 'covered'" in log.read_text(encoding="utf-8")
