"""Runs what was written for version 0.1.0: the fenced blocks of its documentation, as a user may have copied them.

    python tests/migration/old_pages.py [page ...]

Files are written, commands run and Python executed with today's library. What is printed may differ, since wording and
figures have moved on; what ran must still run. Each page prints ok, or where it stops, and then the warnings that tell
a user which words are new.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from run_docs import Block, blocks  # noqa: E402

PAGES = HERE / "pages"
STOPS = {
    ("investment.md", "a programme priced by its staff, without `replaces`"): "0.1.0 counted such a programme twice",
    (
        "model_language.md",
        "a programme's cost is over usual care",
    ): "a saving off the cost, two utilities of one state, a state without one: meant or forgotten",
}
"""(page, what is refused) to why it must be: what 0.1.0 answered was wrong, and only the user knows what was meant."""


def run_page(page: Path) -> tuple[list[str], set[str]]:
    """Where a page stops, and the warnings that it gave on the way."""
    problems, told = [], set[str]()
    names: dict[str, Any] = {"__name__": page.stem}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for block in blocks(page):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                problem, text = run_block(block, names)
            told |= {str(w.message) for w in caught if issubclass(w.category, DeprecationWarning | FutureWarning)}
            told |= {line for line in text.splitlines() if "Warning: " in line}
            if problem and not any(page.name == name and what in problem for name, what in STOPS):
                problems.append(f"line {block.line}: {problem}")
    return problems, told


def run_tutorial(path: Path) -> tuple[list[str], set[str]]:
    """Where the tutorial stops, and the warnings that it gave on the way."""
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, "-W", "always::DeprecationWarning", str(path)],
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    told = {line for line in ran.stderr.splitlines() if "DeprecationWarning: " in line}
    return ([ran.stderr[-2000:]] if ran.returncode else []), told


def run_block(block: Block, names: dict[str, Any]) -> tuple[str, str]:
    """Why a block stops ('' when it runs), and what it said on standard error."""
    verb, _, target = block.mark.partition(": ")
    if verb == "same":
        shutil.copytree((ROOT / target).parent, ".", dirs_exist_ok=True)
    if verb in ("file", "same"):
        path = Path(target if verb == "file" else Path(target).name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        return "", ""
    if verb == "run":
        return run_shell(block.text)
    if block.kind != "python":
        return "", ""
    examples = (
        doctest.DocTestParser().get_examples(block.text)
        if block.text.startswith(">>>")
        else [doctest.Example(block.text, "")]
    )
    for example in examples:
        problem = run_python(example, names)
        if problem:
            return problem, ""
    return "", ""


def run_python(example: doctest.Example, names: dict[str, Any]) -> str:
    """Why an example stops; one that was shown to stop may."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(example.source, "<0.1.0>", "exec"), names)
    except Exception:
        return "" if example.exc_msg else f"{example.source}{traceback.format_exc()}"
    return ""


def run_shell(text: str) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        command = Path(folder) / "costeff"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m costeff.cli "$@"\n')
        command.chmod(0o755)
        env = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True, env=env)
    stopped = f"exit {ran.returncode}\n{text}{ran.stdout[-1000:]}{ran.stderr[-2000:]}"
    return (stopped if ran.returncode else ""), ran.stderr


def main(asked: list[str]) -> int:
    pages = [Path(name).resolve() for name in asked] or sorted(PAGES.iterdir())
    stopped = 0
    for page in pages:
        began = time.perf_counter()
        problems, told = run_page(page) if page.suffix == ".md" else run_tutorial(page)
        stopped += bool(problems)
        state = "STOPS" if problems else "ok"
        print(f"{page.name:<28} {time.perf_counter() - began:6.1f} s  {state}", flush=True)
        for line in (*problems, *sorted(told)):
            print(f"    {line}", flush=True)
    return 1 if stopped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
