"""Anchored in typing_tests/: what type checkers accept, and the lines that they must refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "typing_tests"


Lines = dict[str, set[int]]
"""Lines in which a checker finds an error, by the name of the file."""


@cache
def by_mypy() -> Lines:
    """As mypy finds them, in one run over the folder."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(FOLDER)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    lines = re.findall(r"^typing_tests/(\w+\.py):(\d+): error", ran.stdout, re.M)
    assert len(lines) == len(re.findall(r": error", ran.stdout)), ran.stdout
    return by_file((name, int(number)) for name, number in lines)


@cache
def by_pyright() -> Lines:
    """As pyright finds them, in one run over the folder."""
    ran = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(FOLDER)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    found = [one for one in json.loads(ran.stdout)["generalDiagnostics"] if one["severity"] == "error"]
    return by_file((Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in found)


def by_file(errors: Iterable[tuple[str, int]]) -> Lines:
    lines: Lines = {}
    for name, number in errors:
        lines.setdefault(name, set()).add(number)
    return lines


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_programs_of_users_are_accepted(checker) -> None:
    assert checker().get("accepted.py", set()) == set()


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_each_mistake_is_refused_and_nothing_else(checker) -> None:
    file = FOLDER / "refused.py"
    mistakes = {
        number
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "# refused" in line
    }
    assert len(mistakes) > 20
    assert checker().get("refused.py") == mistakes
