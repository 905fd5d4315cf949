"""Runs the code of README.md, docs/*.md, the tutorial and the notebooks, so that every page is true. Called by .ci/run.

    python tests/run_docs.py [page ...]

Each page runs in an empty folder of its own. A fenced block is run or written by its kind:

* ```python that begins with >>> is a doctest; other ```python runs; all blocks of a page share their names;
* any block after `<!-- file: NAME -->` is written to NAME;
* any block after `<!-- same: PATH -->` must say the same as the YAML file PATH of the repository, comments apart;
* ```sh after `<!-- run -->` runs in the shell, with `costeff` as this interpreter's command.

Links to files must lead somewhere, and pages written by docs/generate.py must be up to date.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>run|file: \S+|same: \S+) -->\s*\n)?^```(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^```\s*$", re.S | re.M
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@dataclass(frozen=True)
class Block:
    """One fenced block: what its mark says, its kind, its text and the line it begins at."""

    mark: str
    kind: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(m["mark"] or "", m["kind"], m["text"], text.count("\n", 0, m.start("text")) + 1)
        for m in BLOCK.finditer(text)
    ]


def run_page(page: Path) -> list[str]:
    """Problems of one page; empty when all of it holds."""
    problems = [f"dead link: {to}" for to in LINK.findall(page.read_text("utf-8")) if not (page.parent / to).exists()]
    names: dict[str, Any] = {"__name__": page.stem}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for block in blocks(page):
            problem = run_block(page, block, names)
            if problem:
                problems.append(f"line {block.line}: {problem}")
    return problems


def run_block(page: Path, block: Block, names: dict[str, Any]) -> str:
    verb, _, target = block.mark.partition(": ")
    if verb == "file":
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).write_text(block.text, encoding="utf-8")
        return ""
    if verb == "same":
        shutil.copytree((ROOT / target).parent, ".", dirs_exist_ok=True)
        return "" if data(block.text) == data((ROOT / target).read_text("utf-8")) else f"differs from {target}"
    if verb == "run":
        return run_shell(block.text)
    if block.kind != "python":
        return ""
    return run_doctest(page, block, names) if block.text.startswith(">>>") else run_python(page, block, names)


def data(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load(text)


def run_shell(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        command = Path(folder) / "costeff"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m costeff.cli "$@"\n')
        command.chmod(0o755)
        env = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        ran = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True, env=env)
    return "" if ran.returncode == 0 else f"exit {ran.returncode}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"


def run_python(page: Path, block: Block, names: dict[str, Any]) -> str:
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), names)
    except Exception:
        return f"{out.getvalue()}{traceback.format_exc()}"
    return ""


def run_doctest(page: Path, block: Block, names: dict[str, Any]) -> str:
    out = io.StringIO()
    test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line - 1)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(test, out=out.write, clear_globs=False)
    names.update(test.globs)
    return out.getvalue() if runner.failures else ""


def run_script(path: Path) -> list[str]:
    """Problems of a tutorial or notebook: its cells run, and print what the stored notebook holds."""
    command = [sys.executable, str(ROOT / "docs" / "executed.py"), "--check", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True)
    return [] if ran.returncode == 0 else [f"exit {ran.returncode}\n{ran.stdout[-1000:]}{ran.stderr[-3000:]}"]


def run_generated() -> list[str]:
    ran = subprocess.run([sys.executable, str(ROOT / "docs/generate.py"), "--check"], capture_output=True, text=True)
    return [] if ran.returncode == 0 else [ran.stdout + ran.stderr]


def check_page(page: Path) -> tuple[list[str], float]:
    """Problems of a page, and the seconds it took."""
    sys.path.insert(0, str(ROOT))
    began = time.perf_counter()
    if page.name == "generate.py":
        problems = run_generated()
    else:
        problems = run_script(page) if page.suffix == ".py" else run_page(page)
    return problems, time.perf_counter() - began


def main(asked: list[str]) -> int:
    notebooks = sorted((ROOT / "docs" / "notebooks").glob("*.py"))
    scripts = [ROOT / "docs" / "tutorial.py", *notebooks, ROOT / "docs" / "generate.py"]
    every = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")), *scripts]
    pages = [Path(name).resolve() for name in asked] or every
    failed = 0
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:  # a page works in a folder of its own
        for page, (problems, seconds) in zip(pages, pool.map(check_page, pages), strict=True):
            failed += bool(problems)
            print(f"{page.name:<28} {seconds:6.1f} s  {'FAILED' if problems else 'ok'}", flush=True)
            for problem in problems:
                print(f"    {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
