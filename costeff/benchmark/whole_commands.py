"""Whole commands as workloads, in seconds of processor time (user and system, children too), beside the loop.

Each runs in a process of its own with one thread, and sizes are stated, so that a new default changes no workload.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import costeff
from costeff.benchmark import calibration
from costeff.errors import CosteffError

GROUPS = 20
"""Parameters of the table whose value of information is asked for."""


@dataclass(frozen=True)
class Command:
    """Words after `python`, in full and small; {out} is a new folder, {table} a table of draws by `table_rows`."""

    words: tuple[str, ...]
    full: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    times: int = 1
    table_rows: tuple[int, int] = (0, 0)
    loop: tuple[str, ...] = ("compiled", "interpreted")
    empty_cache: bool = False

    def line(self, *, small: bool) -> tuple[str, ...]:
        """All its words, for a size."""
        return (*self.words, *(self.small if small else self.full))

    def size(self, *, small: bool) -> str:
        """What it runs, in one line, by which two files are told apart."""
        rows = f" of {self.table_rows[small]} rows" if any(self.table_rows) else ""
        return f"{' '.join(self.line(small=small))}{rows} x {self.times}"


_CLI = ("-m", "costeff.cli")
_RUN = (*_CLI, "run", "tki2", "--seed", "1", "--threads", "1", "--method", "random", "--quiet", "--out", "{out}")
_CASE = ("invest", "tki2-aarhus-investment", "--seed", "1", "--threads", "1", "--quiet", "--out", "{out}")
_VOI = ("--wtp", "20000", "--cost", "cost_*", "--effect", "qaly_*")

COMMANDS = {
    "g": Command(_RUN, ("--draws", "1000", "--individuals", "200"), ("--draws", "50", "--individuals", "20")),
    "h": Command((*_CLI, *_CASE), ("--draws", "250", "--individuals", "100"), ("--draws", "20", "--individuals", "20")),
    "i": Command((*_CLI, "voi", "{table}", *_VOI), table_rows=(2_000, 200)),
    "j-import": Command(("-c", "import costeff.api"), loop=("interpreted",)),
    "j-help": Command((*_CLI, "--help"), times=10, loop=("interpreted",)),
    "k": Command((*_RUN, "--draws", "2", "--individuals", "2"), loop=("interpreted",), empty_cache=True),
}


def voi_table(rows: int) -> str:
    """CSV of two strategies whose costs and effects are sums of 20 parameters; made-up numbers that fix the work."""
    rng = np.random.default_rng(1)
    names = [f"p{k + 1}" for k in range(GROUPS)]
    parameters = rng.normal(1.0, 0.2, (rows, GROUPS))
    weight = np.linspace(0.0, 1.0, GROUPS)
    noise = rng.normal(0.0, 0.1, (rows, 2))
    columns = {
        "cost_usual": np.full(rows, 1000.0),
        "cost_new": 1000.0 + 200.0 * parameters @ weight + 50.0 * noise[:, 0],
        "qaly_usual": np.full(rows, 10.0),
        "qaly_new": 10.0 + 0.01 * (parameters**2) @ weight[::-1] + 0.01 * noise[:, 1],
        **dict(zip(names, parameters.T, strict=True)),
    }
    lines = [
        ",".join(columns),
        *(",".join(f"{value:.9g}" for value in row) for row in zip(*columns.values(), strict=True)),
    ]
    return "\n".join(lines) + "\n"


def seconds_of(name: str, *, small: bool) -> float:
    """Seconds of processor time of one workload; CosteffError with the command's words when it fails."""
    command = COMMANDS[name]
    if not hasattr(os, "wait4"):
        raise CosteffError(
            "this system does not tell the processor time of a command",
            value=f"workload {name}",
            rule="Linux and macOS do",
            way_out="name the other workloads with --only",
        )
    with tempfile.TemporaryDirectory(prefix="costeff-benchmark-") as folder:
        table, errors = Path(folder) / "table.csv", Path(folder) / "errors.txt"
        if any(command.table_rows):
            table.write_text(voi_table(command.table_rows[small]), "utf-8")
        places = {"{table}": str(table), "{out}": str(Path(folder) / "out")}
        words = [sys.executable, *(places.get(word, word) for word in command.line(small=small))]
        cache = {"COSTEFF_CACHE_DIR": str(Path(folder) / "kernels")} if command.empty_cache else {}
        with errors.open("w+b") as error_file:
            seconds = 0.0
            for _ in range(command.times):
                process = subprocess.Popen(
                    words, stdout=subprocess.DEVNULL, stderr=error_file, env=environment() | cache
                )
                try:
                    _, status, usage = os.wait4(process.pid, 0)
                except BaseException:  # Ctrl-C, or a request to end
                    process.kill()
                    raise
                process.returncode = os.waitstatus_to_exitcode(status)
                if process.returncode:
                    raise CosteffError(f"workload {name} failed", value=errors.read_text("utf-8", "replace")[-2000:])
                seconds += usage.ru_utime + usage.ru_stime
    return seconds


def environment() -> dict[str, str]:
    """That of this process, with this costeff first, one thread for each library, and no browser for a PDF."""
    root = str(Path(costeff.__file__).parents[1])
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), root)))
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **single, "PYTHONPATH": path, "CHROMIUM": ""}


def measured(name: str, *, small: bool) -> dict[str, Any]:
    """Ratio of a command to the loop before and after it, and its seconds."""
    loops = {"compiled": calibration.compiled, "interpreted": calibration.interpreted}
    mine = [loops[loop] for loop in COMMANDS[name].loop]
    before = [min(loop() for _ in range(3)) for loop in mine]
    seconds = seconds_of(name, small=small)
    after = [min(loop() for _ in range(3)) for loop in mine]
    return {"ratio": 2 * seconds / (sum(before) + sum(after)), "seconds": seconds}
