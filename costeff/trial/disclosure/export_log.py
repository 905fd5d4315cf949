"""What has left the research machine, so that a later table does not give away what an earlier one hid.

A file of one JSON object a line, beside the data: people by a digest, groupings, every cell that was visible.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from costeff.errors import Place, ResultError
from costeff.files import write_whole
from costeff.trial.disclosure.cells import Cell, Shape
from costeff.trial.disclosure.protect import Earlier

KEYS = {"people", "groupings", "visible"}


def digest_of(persons: Iterable[str]) -> str:
    """A digest of who is counted, by which the log tells one group of people from another."""
    return hashlib.sha256("\n".join(sorted(persons)).encode()).hexdigest()[:24]


def read_log(file: str | Path, people: str, categories: dict[str, tuple[str, ...]]) -> Earlier:
    """Earlier exports of the same people, and counts of the same cells of others. An absent file holds none.

    Raises ResultError for a line that is no export of this log, or has other categories.
    """
    path = Path(file)
    tables: list[Shape] = []
    visible: dict[Cell, int] = {}
    others: dict[Cell, list[int]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else [], start=1):
        entry = _entry(line, Place(str(path), number))
        if any(tuple(own) != categories.get(name) for name, own in entry["groupings"].items()):
            raise ResultError(
                "an earlier export with other categories",
                where=Place(str(path), number),
                value=", ".join(entry["groupings"]),
                rule="a grouping has the same categories in every table of a log",
                way_out="use the plan that the earlier table was made with, or another log for another trial",
            )
        shape = Shape(tuple(entry["groupings"]), tuple(len(own) for own in entry["groupings"].values()))
        cells = {shape.cell(place): int(count) for place, count in entry["visible"]}
        if entry["people"] == people:
            tables.append(shape)
            visible |= cells
        else:
            for cell, count in cells.items():
                others.setdefault(cell, []).append(count)
    return Earlier(tuple(tables), visible, others)


def add_to_log(
    file: str | Path, people: str, groupings: dict[str, tuple[str, ...]], table: np.ndarray, is_hidden: np.ndarray
) -> None:
    """Write what a table showed as one more line. The log is whole, with the line or without."""
    path = Path(file)
    before = path.read_text("utf-8") if path.is_file() else ""
    visible = [[list(place), int(table[place])] for place in np.ndindex(table.shape) if not is_hidden[place]]
    entry = {"people": people, "groupings": {k: list(v) for k, v in groupings.items()}, "visible": visible}
    write_whole(before + json.dumps(entry) + "\n", path)


def _entry(line: str, where: Place) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or set(entry) != KEYS:
        raise ResultError(
            "a line that is no export",
            where=where,
            rule="a log is written by `costeff trial tabulate` alone",
            way_out="restore the log; without it nobody knows what has left",
        )
    return entry
