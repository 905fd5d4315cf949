"""Work lost at the end of a run, files of two runs in one folder, and a kernel cache that stopped everything."""

from __future__ import annotations

import csv
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.numerics import kernel_cache

ROOT = Path(costeff.__file__).parents[1]
# -- the kernel cache, on a package of one kernel with the real `kernel_cache` ----

KERNEL = f"""
from {kernel_cache.__name__} import kernel

@kernel
def answer(x):
    return 2.0 * x + 1.0
"""
ASK = "from costeff.engine.main import answer; print(answer(4.0), sum(answer.stats.cache_hits.values()))"


@pytest.fixture
def tiny(tmp_path: Path) -> dict[str, str]:
    """The environment of a package of one kernel whose compiled form lies in the cache."""
    package = tmp_path / "tree" / "costeff"
    cache = package.parent.joinpath(*kernel_cache.__name__.split(".")).with_suffix(".py")
    for folder in {package, package / "engine", cache.parent}:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text("")
    for module in Path(kernel_cache.__file__).parent.glob("kernel_*.py"):
        shutil.copy(module, cache.parent)
    (package / "engine" / "main.py").write_text(KERNEL)
    return {**os.environ, "PYTHONPATH": str(package.parent), "COSTEFF_CACHE_DIR": str(tmp_path / "cache")}


def ask(env: dict[str, str], before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"{before}\n{ASK}"
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd="/", check=False)


def emptied(content: bytes) -> bytes:
    return b""


def random_bytes(content: bytes) -> bytes:
    return bytes((7 * i + 13) % 256 for i in range(len(content)))


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def one_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("ending", "damage"),
    [
        pytest.param(
            ending,
            damage,
            id=f"{ending} {damage.__name__}",
            marks=fault(
                kind="a damaged file of the kernel cache stops every run",
                given=f"{ending}: {damage.__name__}",
                right="said once with the folder's name, compiled again, the same number",
            ),
        )
        for ending in ("nbc", "nbi")
        for damage in (emptied, random_bytes, halved, one_bit)
    ],
)
def test_damaged_cache(tiny: dict[str, str], ending: str, damage: Any) -> None:
    assert ask(tiny).stdout.split() == ["9.0", "0"]
    for path in Path(tiny["COSTEFF_CACHE_DIR"]).rglob(f"*.{ending}"):
        path.write_bytes(damage(path.read_bytes()))
    ran = ask(tiny)
    assert (ran.returncode, ran.stdout.split()) == (0, ["9.0", "0"]), ran.stderr[-300:]
    assert ran.stderr.count(tiny["COSTEFF_CACHE_DIR"]) == 1, ran.stderr
    assert ask(tiny).stdout.split() == ["9.0", "1"]


@fault(
    kind="a kernel cache that cannot be written stops every run",
    given="a disk that takes files of 100 bytes",
    right="said once with the folder's name; the same number, not cached",
)
def test_full_cache(tiny: dict[str, str]) -> None:
    ran = ask(tiny, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))")
    assert (ran.returncode, ran.stdout.split()) == (0, ["9.0", "0"]), ran.stderr[-300:]
    assert ran.stderr.count(tiny["COSTEFF_CACHE_DIR"]) == 1, ran.stderr


# -- the output folder ----


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A PSA table of 60 draws, from which `costeff voi` draws figures without a simulation."""
    file = tmp_path / "psa.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["cost_a", "cost_b", "effect_a", "effect_b", "p"])
        for i in range(60):
            luck = (i * 17 % 60) / 60
            writer.writerow([100 * luck, 100 + 50 * luck * luck, luck, luck + 0.3 * luck, luck])
    return str(file)


def voi(table: str, out: object) -> list[str]:
    return ["voi", table, "--wtp", "200", "--figures", str(out)]


def unwritable(name: str, folder: Path) -> Path:
    if name == "below a file":
        (folder / "file").write_text("")
        return folder / "file" / "out"
    if name == "a link to nowhere":
        (folder / "link").symlink_to(folder / "gone")
        return folder / "link"
    return folder / ("x" * 300)


@pytest.mark.parametrize("command", ["run", "invest", "histories"])
@pytest.mark.parametrize(
    "place",
    [
        pytest.param(
            place,
            marks=fault(
                kind="an output that cannot be written is found after the run",
                given=f"--out {place}",
                right="exit 2 before anything is simulated, with a way out",
            ),
        )
        for place in ("below a file", "a link to nowhere", "too long a name")
    ],
)
def test_out_is_checked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, command: str) -> None:
    if command == "histories" and place == "a link to nowhere":
        place = "below a file"  # a link to a file that is not there yet is one that can be written

    def simulated(*_: object, **__: object) -> None:
        pytest.fail("simulated before the place was checked")

    monkeypatch.setattr("costeff.simulation.simulate.simulate", simulated)
    monkeypatch.setattr("costeff.investment.invest.invest", simulated)
    monkeypatch.setattr("costeff.simulation.histories.history_blocks", simulated)
    name = "tki2-aarhus-investment" if command == "invest" else "sick_sicker"
    ended = CliRunner().invoke(main, [command, name, "--out", str(unwritable(place, tmp_path))])
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert "Way out" in ended.output


@fault(
    kind="an output that cannot be written is found after the run",
    given="a model with one strategy",
    right="exit 2 before anything is simulated, with the model's file and a way out",
)
def test_one_strategy_has_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "models" / "sick_sicker.yaml").read_text(encoding="utf-8")
    others = ("  A:", "  B:", "  AB:", "strategy_effects:", "  - {strategy:")
    lines = [
        line.replace("strategies: [SoC, B]", "strategies: [SoC]")
        for line in text.splitlines()
        if not line.startswith(others) and "[A, AB]" not in line and "[B, AB]" not in line
    ]
    file = tmp_path / "one.yaml"
    model = "\n".join(lines).replace("parameters: sick_sicker", "parameters: ./figures.yaml")
    file.write_text(model, encoding="utf-8")
    unused = ("  c_trtA:", "  c_trtB:", "  u_trtA:", "  hr_S1S2_trtB:")
    figures = (ROOT / "parameters" / "sick_sicker.yaml").read_text(encoding="utf-8").splitlines()
    kept = "\n".join(line for line in figures if not line.startswith(unused))
    (tmp_path / "figures.yaml").write_text(kept, encoding="utf-8")
    monkeypatch.setattr("costeff.simulation.simulate.simulate", lambda *_, **__: pytest.fail("simulated first"))
    ended = CliRunner().invoke(main, ["run", str(file), "--out", str(tmp_path / "out")])
    assert ended.exit_code == 2, ended.output
    assert "one strategy" in ended.output
    assert "one.yaml" in ended.output
    assert not (tmp_path / "out").exists()


def shell(words: list[str], **more: Any) -> subprocess.Popen[str]:
    code = "import sys; from costeff.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, *words], env=env, text=True, **more)


@fault(
    kind="a broken stdout loses the files", given="the reader has closed the pipe", right="the files are whole; exit 0"
)
def test_closed_pipe(tmp_path: Path, table: str) -> None:
    read, write = os.pipe()
    os.close(read)
    with shell(voi(table, tmp_path / "out"), stdout=write, stderr=subprocess.PIPE) as ran:
        os.close(write)
        _, said = ran.communicate()
    assert (tmp_path / "out" / "evpi.html").is_file(), said
    assert (ran.returncode, said) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@fault(
    kind="a broken stdout loses the files",
    given="a full disk behind stdout",
    right="the files are whole; exit 2 in words that say so",
)
def test_full_stdout(tmp_path: Path, table: str) -> None:
    with (
        open("/dev/full", "w") as full,
        shell(voi(table, tmp_path / "out"), stdout=full, stderr=subprocess.PIPE) as ran,
    ):
        _, said = ran.communicate()
    assert (tmp_path / "out" / "evpi.html").is_file(), said
    assert ran.returncode == 2, said
    assert "Traceback" not in said
    assert "could not be printed" in said


WAITING = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests were started by nohup
import costeff.reporting.outputs as outputs
def page(*_):
    print("writing", flush=True)
    time.sleep(60)
outputs.page = page
from costeff.cli import main
main()
"""


@pytest.fixture
def writing(tmp_path: Path, table: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is in the middle of writing the folder `out`."""
    words = [sys.executable, "-c", WAITING, *voi(table, tmp_path / "out")]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=env, text=True, stdout=pipe, stderr=pipe, cwd=tmp_path) as process:
        assert process.stdout is not None
        while (line := process.stdout.readline()) != "writing\n":
            assert line, "it ended before it wrote"
        yield process
        process.kill()


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob(".*"))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(
            number,
            code,
            id=number.name,
            marks=fault(
                kind="a stopped run leaves its draft behind, or says another exit code",
                given=f"{number.name} while writing",
                right=f"exit {code}; nothing is left",
            ),
        )
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129))
    ],
)
def test_stopped(tmp_path: Path, writing: subprocess.Popen[str], number: signal.Signals, code: int) -> None:
    writing.send_signal(number)
    assert (writing.wait(), hidden(tmp_path), (tmp_path / "out").exists()) == (code, [], False)


@fault(
    kind="a stopped run leaves its draft behind, or says another exit code",
    given="kill -9 while writing, then another run",
    right="the second run takes over and removes what the first left",
)
def test_killed(tmp_path: Path, table: str, writing: subprocess.Popen[str]) -> None:
    writing.kill()
    writing.wait()
    ended = CliRunner().invoke(main, voi(table, tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    assert hidden(tmp_path) == []


@fault(
    kind="two runs write into one folder",
    given="a second `voi --figures` while the first writes",
    right="the second is refused before it runs: who writes, and since when",
)
def test_two_writers(tmp_path: Path, table: str, writing: subprocess.Popen[str]) -> None:
    ended = CliRunner().invoke(main, voi(table, tmp_path / "out"))
    assert ended.exit_code == 2, ended.output
    assert f"process {writing.pid}" in ended.output
    assert "since" in ended.output


@fault(
    kind="a file that costeff did not write is overwritten in silence",
    given="the user's own evpi.html in the folder of figures",
    right="it is renamed, and that is said",
)
def test_own_files_are_kept(tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "evpi.html").write_text("precious")
    ended = CliRunner().invoke(main, voi(table, tmp_path / "out"))
    assert ended.exit_code == 0, ended.output
    contents = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()]
    assert "precious" in contents
    assert "evpi.kept1.html" in ended.output + caplog.text


READ_ONLY = """
import fcntl, importlib.util, os, shutil
if importlib.util.find_spec("costeff.files"):
    from costeff.files import write_folder
else:
    from costeff.files.folder import write_folder
{user}
write_folder({out!r}, lambda made: (made / "a.txt").write_text("a"))
"""


@fault(
    kind="a folder that can be written is refused",
    given="an output folder whose parent is read-only, as a mounted volume is",
    right="the files are written into it",
)
def test_read_only_parent() -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        (folder / "out").mkdir()
        if os.getuid() == 0:  # root may write anywhere, so nobody tries
            os.chown(folder / "out", 65534, 65534)
        folder.chmod(0o555)
        code = READ_ONLY.format(out=str(folder / "out"), user="os.setuid(65534)" if os.getuid() == 0 else "")
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr[-400:]
        assert (folder / "out" / "a.txt").read_text() == "a"
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@fault(
    kind="an interrupted command leaves half a file in place of the older one",
    given="Ctrl-C while `histories` writes",
    right="the older file is as it was; exit 130",
)
def test_interrupted_histories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blocks(*_: object, **__: object) -> Iterator[pd.DataFrame]:
        yield pd.DataFrame({"id": [1], "state": ["a"]})
        raise KeyboardInterrupt

    monkeypatch.setattr("costeff.simulation.histories.history_blocks", blocks)
    file = tmp_path / "lives.csv"
    file.write_text("older")
    ended = CliRunner().invoke(main, ["histories", "sick_sicker", "--out", str(file)])
    assert (file.read_text(), ended.exit_code) == ("older", 130)
    assert [path.name for path in tmp_path.iterdir()] == ["lives.csv"]


@fault(
    kind="a disk that is full at the end of a run loses the work",
    given="files of at most 20 KB where --figures points to",
    right="exit 2, and nothing half-written",
)
def test_full_disk(tmp_path: Path, table: str) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with shell(voi(table, tmp_path / "out"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit) as ran:
        printed, said = ran.communicate()
    assert ran.returncode == 2, said
    assert "EVPI" in printed.upper()
    assert not (tmp_path / "out").exists()
    assert "Way out" in said


@fault(
    kind="equal runs give files with other bytes",
    given="the same run on 1 and on 2 threads",
    right="every file is equal, byte by byte",
)
def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    size = ["--engine", "cohort", "--draws", "3", "--individuals", "10", "--quiet"]
    for threads in ("1", "2"):
        words = ["run", "sick_sicker", *size, "--threads", threads, "--out", str(tmp_path / threads)]
        ended = CliRunner().invoke(main, words)
        assert ended.exit_code == 0, ended.output
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "2").iterdir())
    unequal = [name for name in names if (tmp_path / "1" / name).read_bytes() != (tmp_path / "2" / name).read_bytes()]
    assert unequal == []
