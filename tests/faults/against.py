"""Runs the tests of this folder on an older version and writes what it did as a Markdown table.

    python tests/faults/against.py d5ab6ab tests/faults/against_d5ab6ab.md [test_a.py test_b.py ...]

With files named, their rows in the table are made anew and the others stay. Give the shell a limit of memory
(`ulimit -v 16000000`): the older version takes all there is in some of the tests.

The older version is laid in a temporary folder, with today's `tests/faults/` in it. A test that fails there for want
of a name (ImportError, AttributeError, an unknown option) says nothing about a fault, so it makes this script fail.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from costeff.old_names import NEW_NAMES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ABSENT = ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "FixtureLookupError")
ABSENT_WORDS = ("No such option", "unexpected keyword argument")


def by_old_names(folder: Path) -> None:
    """Write the names of modules as version 0.1.0 had them, so that tests of today's names run there."""
    with (ROOT / "costeff" / "old_names.csv").open(encoding="utf-8") as table:
        rows = [
            (f"costeff.{row['home']}", f"costeff.{row['module']}") for row in csv.DictReader(table) if not row["name"]
        ]
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        for new, old in sorted(rows, key=lambda row: -len(row[0])):
            text = re.sub(rf"(?<![\w.]){re.escape(new)}(?!\w)", old, text)
        for (home, old), new in NEW_NAMES.items():
            if f"from {dict(rows).get(home, home)} import" in text:
                text = re.sub(rf"\b{new}\b", old, text)
        file.write_text(text, encoding="utf-8")


def seen_on(commit: str, files: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """What each marked test saw on a commit; `files` are those of this folder to run, all when none is named."""
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", "-q", old, commit], check=True)
        try:
            shutil.copytree(HERE, old / "tests" / "faults", dirs_exist_ok=True)
            by_old_names(old / "tests" / "faults")
            published = ROOT / "tests" / "data" / "published"
            if published.is_dir():
                shutil.copytree(published, old / "tests" / "data" / "published", dirs_exist_ok=True)
            log = Path(folder) / "log.jsonl"
            environment = {
                **os.environ,
                "PYTHONPATH": str(old),
                "COSTEFF_CACHE_DIR": str(Path(folder) / "kernels"),
                "FAULT_LOG": str(log),
            }
            for name in files or sorted(file.name for file in HERE.glob("test_*.py")):
                # Each file by itself: what an older version does may end the whole process.
                options = ["-q", "-p", "no:cacheprovider", "--tb=no", f"tests/faults/{name}"]
                ended = subprocess.run(
                    [sys.executable, "-m", "pytest", *options], cwd=old, env=environment, check=False
                )
                if ended.returncode not in (0, 1):
                    print(f"{name}: ended by {ended.returncode}; what came after is missing")
            return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", old], check=True)


def row(line: dict[str, str]) -> str:
    """One row of the table; the error in one line of at most 300 characters."""
    what = "the same as today" if line["passed"] else " ".join(line["seen"].split())
    what = re.sub(r"/tmp/\S*/|[\x00-\x1f]", "", what)  # folders of the machine say nothing
    cells = [line["kind"], line["given"], what[:300], line["right"], f"`{line['test'].split('/')[-1]}`"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rows_of_others(out: Path, files: tuple[str, ...]) -> list[str]:
    """The rows of an existing table that belong to other files than those named."""
    if not files or not out.exists():
        return []
    rows = [text for text in out.read_text(encoding="utf-8").splitlines() if text.endswith("` |")]
    return [text for text in rows if not any(f"`{name}::" in text for name in files)]


def main(commit: str, out: str, *files: str) -> int:
    """Write the table; 1 when a test failed for want of a name."""
    others = rows_of_others(Path(out), files)
    lines = seen_on(commit, files)
    absent = [line for line in lines if line["error"] in ABSENT or any(word in line["seen"] for word in ABSENT_WORDS)]
    head = subprocess.run(
        ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    rows = sorted({*others, *(row(line) for line in lines)})
    same = sum("| the same as today |" in text for text in rows)
    text = [
        f"# What commit {commit} did with today's tests of faults",
        "",
        f"{len(rows)} tests, run on {commit}; {len(rows) - same} fail there. Made by `python tests/faults/against.py "
        f"{commit} {out}`, last on {dt.date.today()} from commit {head.stdout.strip()}"
        + (f" for {', '.join(f'`{name}`' for name in files)}." if others else "."),
        "",
        "| kind | given | what it did | what is right | test |",
        "|---|---|---|---|---|",
        *rows,
    ]
    Path(out).write_text("\n".join(text) + "\n", encoding="utf-8")
    for line in absent:
        print(f"absent name, so no finding: {line['test']}: {line['seen'][:200]}")
    return 1 if absent else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
