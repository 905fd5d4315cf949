"""Anchored in typing_tests/: what type checkers accept, and the lines that they must refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "typing_tests"


def by_mypy(file: Path) -> set[int]:
    """Lines of a file in which mypy finds an error."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    lines = re.findall(r"^typing_tests/(\w+\.py):(\d+): error", ran.stdout, re.M)
    assert {name for name, _ in lines} <= {file.name}, ran.stdout
    return {int(line) for _, line in lines}


def by_pyright(file: Path) -> set[int]:
    """Lines of a file in which pyright finds an error."""
    ran = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    found = json.loads(ran.stdout)["generalDiagnostics"]
    return {one["range"]["start"]["line"] + 1 for one in found if one["severity"] == "error"}


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_programs_of_users_are_accepted(checker) -> None:
    assert checker(FOLDER / "accepted.py") == set()


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_each_mistake_is_refused_and_nothing_else(checker) -> None:
    file = FOLDER / "refused.py"
    mistakes = {
        number
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "# refused" in line
    }
    assert len(mistakes) > 20
    assert checker(file) == mistakes
