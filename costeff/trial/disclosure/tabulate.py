"""How many people of each group, and of each category of their attributes: a protected table that may leave."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff.errors import ScenarioError
from costeff.files import whole_file
from costeff.problems import way_to
from costeff.trial.disclosure.cells import Shape, with_totals
from costeff.trial.disclosure.export_log import add_to_log, digest_of, read_log
from costeff.trial.disclosure.protect import protected
from costeff.trial.extract import Extract

GROUP, ALL = "group", "all"
MOST_GROUPINGS = 3


@dataclass(frozen=True)
class ProtectedTable:
    """Counts (A + 1, B + 1, ...) with totals, and which places are hidden. What is hidden is 0 in `counts`."""

    categories: dict[str, tuple[str, ...]]
    counts: np.ndarray
    is_hidden: np.ndarray


def tabulate(extract: Extract, by: tuple[str, ...], log: str | Path) -> ProtectedTable:
    """Count people by up to three groupings (`group`, or an attribute with categories), protect, and note it in `log`.

    Raises ScenarioError for another grouping, ResultError for a table that cannot be protected.
    """
    categories = groupings_of(extract)
    wrong = next((name for name in by if name not in categories), None)
    if wrong is not None or not by or len(by) > MOST_GROUPINGS or len(set(by)) < len(by):
        raise ScenarioError(
            "groupings that make no table",
            value=", ".join(by) or "none",
            rule=f"one to {MOST_GROUPINGS} different ones of {', '.join(categories)}",
            way_out=way_to(wrong or "", tuple(categories), "leave some out"),
        )
    trial = extract.trial
    codes = [trial.strategy if name == GROUP else trial.attributes[name].astype(int) for name in by]
    own = {name: categories[name] for name in by}
    shape = Shape(by, tuple(len(names) for names in own.values()))
    counts = np.zeros(shape.sizes, np.int64)
    np.add.at(counts, tuple(codes), 1)
    people = digest_of(trial.row_of)
    is_hidden = protected(shape, counts, trial.plan.smallest_cell, read_log(log, people, categories))
    table = with_totals(counts)
    add_to_log(log, people, own, table, is_hidden)
    return ProtectedTable(own, np.where(is_hidden, 0, table), is_hidden)


def groupings_of(extract: Extract) -> dict[str, tuple[str, ...]]:
    """The groups of the trial, and each attribute that has categories and is known of people."""
    attributes = {a.name: a for a in extract.study.model.attributes if a.categories is not None}
    own = {n: tuple(attributes[n].categories or ()) for n in extract.trial.attributes if n in attributes}
    return {GROUP: extract.plan.strategies} | own


def write_table(table: ProtectedTable, file: str | Path) -> None:
    """One row for each cell and total, `all` for a total; a hidden count is an empty cell. It is whole, or absent."""
    names = [(*own, ALL) for own in table.categories.values()]
    with whole_file(file) as draft, draft.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, delimiter=";")
        writer.writerow([*table.categories, "count"])
        for place in np.ndindex(table.counts.shape):
            count = "" if table.is_hidden[place] else int(table.counts[place])
            writer.writerow([*(own[i] for own, i in zip(names, place, strict=True)), count])
