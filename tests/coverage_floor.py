"""Branches of the folders whose numbers decide, that their tests enter; each folder must reach the floor.

    python tests/coverage_floor.py              runs the tests of these folders, prints the table, fails below the floor
    python tests/coverage_floor.py --measured   prints the table of the .coverage that is there

Kernels are counted too (NUMBA_JIT_COVERAGE=1, which `nox -s coverage` sets).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from coverage import Coverage

ROOT = Path(__file__).resolve().parents[1]
FLOOR = 0.95
#: Folder of costeff/ -> its tests, as pytest is told them.
TESTS = {
    "ledger": ["tests/ledger/test_*.py"],
    "cea": ["tests/cea/test_*.py", "tests/analysis/test_settled.py", "tests/analysis/test_ties.py"],
    "voi": ["tests/voi/test_*.py"],
    "investment": ["tests/investment/test_*.py"],
}


class Branches(NamedTuple):
    """How many branches stand in a folder, and how many were entered."""

    all: int
    entered: int

    @property
    def share(self) -> float:
        return self.entered / self.all if self.all else 1.0


def measured() -> dict[str, Branches]:
    """Branches of each folder by the data of the last run."""
    data = Coverage(data_file=str(ROOT / ".coverage"))
    data.load()
    with tempfile.TemporaryDirectory() as folder:
        data.json_report(outfile=f"{folder}/coverage.json")
        files = json.loads(Path(f"{folder}/coverage.json").read_text("utf-8"))["files"]
    table = dict.fromkeys(TESTS, Branches(0, 0))
    for file, content in files.items():
        inside = (ROOT / file).relative_to(ROOT / "costeff").parts
        if inside[0] in table:
            before, numbers = table[inside[0]], content["summary"]
            table[inside[0]] = Branches(
                before.all + numbers["num_branches"], before.entered + numbers["covered_branches"]
            )
    return table


def run() -> int:
    files = [str(file) for patterns in TESTS.values() for one in patterns for file in sorted(ROOT.glob(one))]
    sources = [f"--cov=costeff.{folder}" for folder in TESTS]
    words = ["-q", "-p", "no:cacheprovider", "--cov-branch", "--cov-report=", *sources]
    doctests = [str(ROOT / "costeff" / folder) for folder in TESTS]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *dict.fromkeys(files), *doctests], cwd=ROOT, check=False
    )
    return ended.returncode


def main(words: list[str]) -> int:
    failed = 0 if words == ["--measured"] else run()
    below = 0
    for folder, branches in measured().items():
        below += branches.share < FLOOR
        print(f"{folder:<12} {branches.entered:6,d} of {branches.all:6,d} branches  {100 * branches.share:5.1f} %")
    return 1 if failed or below else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
