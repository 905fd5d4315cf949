"""Writes the notebooks with what their cells print: python docs/executed.py [--check] [script ...]

Each script in the percent format (docs/tutorial.py, docs/notebooks/*.py) becomes docs/notebooks/executed/NAME.ipynb,
which Jupyter, editors and code hosts open with its outputs. With --check nothing is written: the cells run, and what
they print must be what is stored. Each script runs in an empty folder.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "notebooks" / "executed"
MARK = re.compile(r"^# %%(.*)$", re.M)
SECONDS = re.compile(r"\b[\d.]+ s\b")
"""What a run took, which is another time each time."""


def scripts() -> list[Path]:
    """Every script that becomes a notebook."""
    return [ROOT / "docs" / "tutorial.py", *sorted((ROOT / "docs" / "notebooks").glob("*.py"))]


def cells(text: str) -> list[tuple[str, str]]:
    """(kind, source) of each cell of a script; what stands before the first mark is jupytext's own.

    >>> cells("# header\\n# %% [markdown]\\n# # Title\\n# %%\\nx = 1\\n")
    [('markdown', '# Title'), ('code', 'x = 1')]
    """
    parts = MARK.split(text)[1:]
    made = []
    for kind, source in zip(parts[::2], parts[1::2], strict=True):
        lines = source.strip("\n").splitlines()
        if "[markdown]" in kind:
            made.append(("markdown", "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)))
        else:
            made.append(("code", "\n".join(lines)))
    return made


def executed(script: Path) -> dict[str, Any]:
    """The notebook of a script: its cells, run one after the other, each with what it printed."""
    names: dict[str, Any] = {"__name__": "__main__"}
    notebook_cells: list[dict[str, Any]] = []
    for number, (kind, source) in enumerate(cells(script.read_text(encoding="utf-8"))):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": lines_of(source)}
        if kind == "code":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(source, f"{script.name}, cell {number}", "exec"), names)
            text = out.getvalue()
            stream = {"name": "stdout", "output_type": "stream", "text": lines_of(text)}
            cell |= {"execution_count": number, "outputs": [stream] if text else []}
        notebook_cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": notebook_cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def lines_of(text: str) -> list[str]:
    """A text as Jupyter stores it."""
    return text.splitlines(keepends=True)


def problem(script: Path, notebook: dict[str, Any]) -> str:
    """Where a stored notebook says something else than its cells do now; '' where it does not."""
    file = FOLDER / f"{script.stem}.ipynb"
    if not file.exists():
        return f"{file.name} is missing: python docs/executed.py"
    stored = json.loads(file.read_text(encoding="utf-8"))
    for number, (now, then) in enumerate(zip(notebook["cells"], stored["cells"], strict=False)):
        if SECONDS.sub("s", json.dumps(now)) != SECONDS.sub("s", json.dumps(then)):
            return f"{file.name}, cell {number}: stored {then.get('outputs')}, now {now.get('outputs')}"
    same = len(notebook["cells"]) == len(stored["cells"])
    return "" if same else f"{file.name} has other cells: python docs/executed.py"


def main(arguments: list[str]) -> int:
    """Write all, or those that are named; or check them."""
    sys.path.insert(0, str(ROOT))
    check = "--check" in arguments
    problems = []
    for script in [Path(word).resolve() for word in arguments if not word.startswith("--")] or scripts():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            notebook = executed(script)
        if check:
            problems.append(problem(script, notebook))
            continue
        FOLDER.mkdir(exist_ok=True)
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{script.stem}.ipynb").write_text(text, encoding="utf-8")
        print(f"{script.stem}.ipynb: {len(text)} characters")
    print("\n".join(filter(None, problems)))
    return 1 if any(problems) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
