"""What commands say and do to files and terminals that nobody had written down."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from fault import fault

from costeff.cli import main

CASE = """case: a
title: {en: A case, da: En sag}
scenario: tki2
first_year: 2026
years: 2
price_year: 2026
inflow: {2026: 10, later: 0}
author: '=HYPERLINK("http://x")'
version: '@v'
municipality: '<img src=x onerror=alert(1)>'
programme:
  departments: {mso: 0.4, msb: rest}
  variable: 12000
areas:
  service: {label: '=1+1', items: [casework, programme_variable]}
  transfers: {label: '<script>alert(2)</script>', items: [sickness_benefit]}
parameters: {}
"""
SMALL = ("--draws", "2", "--individuals", "4", "--quiet")
GUARDED = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PDF is needed here."""
    monkeypatch.setenv("CHROMIUM", "")


def call(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A PSA table, from which `costeff voi` draws figures without a simulation."""
    file = tmp_path / "psa.csv"
    rows = [[100 * (i % 7), 100 + 3 * i, i % 5, (i + 2) % 5, i % 7] for i in range(60)]
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([["cost_a", "cost_b", "effect_a", "effect_b", "p"], *rows])
    return file


@fault(
    kind="files of an earlier run are replaced without a word",
    given="`voi --figures` twice into one folder",
    right="Replaced N files of an earlier run.",
)
def test_replaced_figures_are_said(tmp_path: Path, table: Path) -> None:
    words = ("voi", table, "--wtp", "200", "--figures", tmp_path / "figures")
    assert "Replaced" not in call(*words).output
    assert re.search(r"Replaced \d+ files of an earlier run", call(*words).output)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            id=given,
            marks=fault(
                kind="a name acts on the terminal",
                given=f"--figures {given}",
                right="the character is shown as its code",
            ),
        )
        for name, given in (("r\u202egnp", "with a right-to-left mark"), ("red\x1b[31m", "with an escape sequence"))
    ],
)
def test_names_of_folders_on_the_terminal(tmp_path: Path, table: Path, name: str) -> None:
    ended = call("voi", table, "--wtp", "200", "--figures", tmp_path / name)
    assert ended.exit_code == 0, ended.output
    assert (tmp_path / name).is_dir()
    assert "\u202e" not in ended.output, ended.output
    assert "\x1b" not in ended.output, ended.output
    assert "<U+" in ended.output


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            words,
            id=" ".join(map(repr, words)),
            marks=fault(
                kind="an empty name of an output keeps nothing, without a word",
                given=f"costeff {' '.join(map(repr, words))}",
                right="refused before anything runs",
            ),
        )
        for words in (
            ["invest", "tki2-aarhus-investment", "--out", ""],
            ["run", "sick_sicker", "--out", " "],
            ["soem", "tki2012", "--out", ""],
            ["calibrate", "tki2", "--out", ""],
        )
    ],
)
def test_empty_names(words: list[str]) -> None:
    ended = call(*words)
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert "the name of the output is empty" in ended.output, ended.output


@fault(
    kind="a name that is no text loses the printed result",
    given="--figures with the Latin-1 bytes of a name",
    right="written and printed, exit 0",
)
def test_a_name_of_bytes(tmp_path: Path, table: Path) -> None:
    place = tmp_path / os.fsdecode(b"\xe6\xf8")
    ended = call("voi", table, "--wtp", "200", "--figures", place)
    assert ended.exit_code == 0, ended.output
    assert any(place.iterdir())
    assert "Written to" in ended.output


@fault(
    kind="a command says that it wrote what it did not",
    given="`histories --out` on a disk that takes 100 bytes a file",
    right="the refusal alone, exit 2",
)
def test_histories_on_a_full_disk(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from costeff.cli import main; import costeff.simulation.histories\n"
        "from costeff import load\nstudy = load('sick_sicker')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "main(['histories', 'sick_sicker', '--individuals', '50', '--out', sys.argv[1]])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "lives.csv")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2, ran.stderr
    assert "rows written" not in ran.stdout
    assert "Traceback" not in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a case whose every text is a formula or a piece of a page."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "a.yaml").write_text(CASE.replace("parameters: {}\n", ""), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHROMIUM", "")
        sizes = ("--draws", "2", "--individuals", "600", "--quiet")
        ended = call("invest", folder / "a.yaml", *sizes, "--out", folder / "out", "--language", "da")
    assert ended.exit_code == 0, ended.output
    return folder / "out"


@fault(
    kind="a text of a case is run by a spreadsheet",
    given="labels, author, version and municipality that begin with = and @",
    right="no cell of any table or workbook begins as a formula of the user's",
)
def test_no_cell_is_run(hostile: Path) -> None:
    for path in sorted(hostile.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for cell in (cell for row in csv.reader(file, delimiter=";") for cell in row):
                number = re.fullmatch(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?", cell)
                assert number or not cell.startswith(GUARDED), (path.name, cell)
    book = openpyxl.load_workbook(hostile / "case.xlsx")
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert not [cell.value for cell in texts if cell.data_type == "f" and re.search("HYPERLINK|=1[+]1", cell.value)]


@fault(
    kind="a Danish workbook has English words and numbers",
    given="the case's workbook with --language da",
    right="whom it is reckoned for and the number of individuals as Danish readers write them",
)
def test_danish_workbook(hostile: Path) -> None:
    sheet = openpyxl.load_workbook(hostile / "case.xlsx").worksheets[0]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert "this municipality alone" not in texts
    assert "én kommune, bloktilskud uændret" in texts
    assert "1.200" in texts  # people of the base case
    assert "1,200" not in texts


@fault(
    kind="a text of a case is run by the page",
    given="a municipality and an area label that are HTML",
    right="both are text on the page",
)
def test_no_text_is_live(hostile: Path) -> None:
    page = (hostile / "case.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "<script>alert(2)" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT], ids=lambda n: n.name)
@fault(
    kind="a command that is stopped leaves half a result",
    given="SIGTERM, SIGKILL and SIGINT while `histories` runs over an older file",
    right="the older file as it was; no draft after SIGTERM and SIGINT",
)
def test_histories_stopped(tmp_path: Path, number: signal.Signals) -> None:
    older = tmp_path / "lives.csv"
    older.write_text("older\n", encoding="utf-8")
    run = subprocess.Popen(
        [sys.executable, "-m", "costeff.cli", "histories", "sick_sicker", "--individuals", "3000000", "--out", older],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    until = time.monotonic() + 240
    while len(list(tmp_path.iterdir())) == 1 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    run.send_signal(number)
    _, told = run.communicate(timeout=240)
    assert older.stat().st_size == len("older\n"), told  # not read: a command that went on wrote gigabytes
    assert older.read_text(encoding="utf-8") == "older\n"
    assert b"Traceback" not in told
    if number != signal.SIGKILL:
        assert [path.name for path in tmp_path.iterdir()] == ["lives.csv"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            words,
            id=words[0],
            marks=fault(
                kind="a full disk behind stdout ends in a traceback",
                given=f"costeff {' '.join(words)} >/dev/full",
                right="exit 2, in words",
            ),
        )
        for words in (["soem", "tki2012"], ["describe", "sick_sicker"], ["voi", "--help"])
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_stdout(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "costeff.cli", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 2, ran.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
@fault(
    kind="a full disk ends in a traceback or half a folder",
    given="`voi --figures` on a disk of 64 KB",
    right="exit 2, in words, the folder empty, the files saved elsewhere",
)
def test_a_small_disk(tmp_path: Path, table: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    line = (
        f"mount -t tmpfs -o size=64k none {place} || exit 77; "
        f"{sys.executable} -m costeff.cli voi {table} --wtp 200 --figures {place}; code=$?; ls -A {place}; exit $code"
    )
    ran = subprocess.run(["unshare", "-m", "sh", "-c", line], capture_output=True, text=True, check=False)
    if ran.returncode == 77 or "unshare" in ran.stderr:
        pytest.skip("mounting is not permitted here")
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ".html" not in ran.stdout.splitlines()[-1], ran.stdout
    assert "instead" in ran.stderr


@pytest.mark.parametrize("changed", ["c", "da_DK.UTF-8", "tr_TR.UTF-8"])
@fault(
    kind="the locale of the shell changes a file",
    given="`soem tki2012 --out` under C, da_DK and tr_TR",
    right="the same bytes",
)
def test_locale(tmp_path: Path, changed: str) -> None:
    files = []
    for at, locale in enumerate(("C.UTF-8", changed.upper() if changed == "c" else changed)):
        out = tmp_path / f"{at}.csv"
        ran = subprocess.run(
            [sys.executable, "-m", "costeff.cli", "soem", "tki2012", "--language", "da", "--out", out],
            env={**os.environ, "LC_ALL": locale, "LANG": locale},
            capture_output=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        files.append(out.read_bytes())
    assert files[0] == files[1]
