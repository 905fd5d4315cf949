"""Golden numbers: what the command line writes before and after a change that must move none.

    python tests/golden/golden.py write FOLDER [--costeff .venv/bin/costeff] [--only NAME]
    python tests/golden/golden.py compare OLD NEW [--names tests/golden/names.csv] [--log FILE]

Only the command line is called, so the same script writes both sides. `names.csv` (old,new) says what was renamed on
purpose; it is applied to places and texts of the old side. `compare` fails when a number differs in its last digit or
is missing on either side; `added.txt` lists the places (regular expressions) where the new side alone has numbers.
Texts that differ are listed apart; those that no line of `differences.txt` (a regular expression for the place) covers
make it fail too.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from numbers_of_files import Cell, cells_of
from runs import all_runs

HERE = Path(__file__).resolve().parent


@dataclass
class Comparison:
    """What differs between two sides of one command."""

    numbers: int = 0
    """How many numbers are the same in both."""
    moved: list[str] = field(default_factory=list)
    """Numbers that differ, or stand on one side only."""
    texts: list[str] = field(default_factory=list)
    """Texts that differ, or stand on one side only: place, old, new."""


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A place or text of the old side with the new names in it; whole words only.

    >>> renamed("parties.csv/0/cost_mcse", {"cost_mcse": "cost_error", "cost": "spend"})
    'parties.csv/0/cost_error'
    """
    if not names:
        return text
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda match: names[match[0]], text)


def compared(old: Mapping[str, Cell], new: Mapping[str, Cell], names: Mapping[str, str]) -> Comparison:
    """Compare all cells of two sides.

    Parameters
    ----------
    old, new : dict
        Cells by place, see `cells_of`.
    names : dict
        New name by old name.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> old, new = {"a": ("number", "1.0"), "b": ("text", "x")}, {"a": ("number", "1.0000000000000002")}
    >>> compared(old, new, {}).moved, compared(old, new, {}).texts
    (['a: 1.0 -> 1.0000000000000002'], ['b: x -> (missing)'])
    """
    result = Comparison()
    before = {renamed(place, names): cell for place, cell in old.items()}
    if len(before) < len(old):
        raise ValueError("two places have one name after renaming; correct the mapping")
    missing = ("", "(missing)")
    for place in sorted({*before, *new}):
        (old_kind, was), (new_kind, now) = before.get(place, missing), new.get(place, missing)
        number = "number" in (old_kind, new_kind)
        same = (old_kind, was if number else renamed(was, names)) == (new_kind, now)
        if same:
            result.numbers += number
        else:
            (result.moved if number else result.texts).append(f"{place}: {was} -> {now}")
    return result


def write(folder: Path, command: list[str], only: str | None) -> int:
    """Run every command and keep what it wrote and printed in a folder of its own; 1 when one failed."""
    failed = 0
    for run in all_runs():
        if only is not None and run.name != only:
            continue
        out = folder / run.name
        out.mkdir(parents=True)
        arguments = [part.replace("{out}", str(out)) for part in run.arguments]
        ended = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        (out / "printed.txt").write_text(ended.stdout.replace(str(out), "OUT"), encoding="utf-8")
        print(f"{run.name}: exit {ended.returncode}", flush=True)
        if ended.returncode:
            failed = 1
            print(ended.stderr[-2000:])
    return failed


def compare(
    old: Path, new: Path, names: Mapping[str, str], allowed: list[str], log: Path | None, added: Sequence[str] = ()
) -> int:
    """Print and log what differs; 1 when a number moved, or a text or a new number that nobody listed."""
    lines = [f"Golden numbers, {dt.date.today()}, Python {platform.python_version()}, {platform.machine()}."]
    total, failed = 0, 0
    runs = sorted({path.name for side in (old, new) for path in side.iterdir() if path.is_dir()})
    for run in runs:
        result = compared(cells_of(old / run), cells_of(new / run), names)
        fresh = [
            entry
            for entry in result.moved
            if ": (missing) -> " in entry and any(re.search(rule, f"{run}/{entry}") for rule in added)
        ]
        moved = [entry for entry in result.moved if entry not in fresh]
        unlisted = [text for text in result.texts if not any(re.search(rule, f"{run}/{text}") for rule in allowed)]
        total += result.numbers
        failed += len(moved) + len(unlisted) + (result.numbers == 0 and not result.texts)
        lines.append(
            f"{run}: {result.numbers} numbers equal, {len(moved)} moved or missing, {len(fresh)} new on purpose, "
            f"{len(result.texts)} texts differ, {len(unlisted)} of them not listed"
        )
        lines += [f"  number {entry}" for entry in moved[:20]]
        lines += [f"  text {entry}" for entry in unlisted[:20]]
    lines.append(f"In all {total} numbers equal; {'FAILED' if failed or not total else 'none moved'}.")
    print("\n".join(lines))
    if log is not None:
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(bool(failed) or total == 0)


def _names(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["old"]: row["new"] for row in csv.DictReader(lines)}


def _rules(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main(arguments: list[str]) -> int:
    """The two commands; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    writer = verbs.add_parser("write")
    writer.add_argument("folder", type=Path)
    writer.add_argument("--costeff", default=None, help="the command; default: this Python's costeff.cli")
    writer.add_argument("--only", default=None, help="one run by name")
    comparer = verbs.add_parser("compare")
    comparer.add_argument("old", type=Path)
    comparer.add_argument("new", type=Path)
    comparer.add_argument("--names", type=Path, default=HERE / "names.csv")
    comparer.add_argument("--differences", type=Path, default=HERE / "differences.txt")
    comparer.add_argument("--added", type=Path, default=HERE / "added.txt")
    comparer.add_argument("--log", type=Path, default=None)
    given = parser.parse_args(arguments)
    if given.verb == "write":
        command = [given.costeff] if given.costeff else [sys.executable, "-m", "costeff.cli"]
        return write(given.folder, command, given.only)
    return compare(given.old, given.new, _names(given.names), _rules(given.differences), given.log, _rules(given.added))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
