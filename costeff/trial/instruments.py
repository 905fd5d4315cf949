"""Questionnaires: items to a score by a named file, and quality-adjusted life years by the area under the curve.

Only an instrument with a value set (`score: value_set`) can weigh years of life; a sum of items cannot.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff import bundled
from costeff.documents.section import Document
from costeff.errors import Place, ScenarioError
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.trial import keys

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Item:
    """One question. Of a value set `levels` are the weights of answers 1, 2, ...; of a sum its lowest and highest."""

    name: str
    label: Label
    levels: tuple[float, ...]
    reverse: bool = False


@dataclass(frozen=True)
class Instrument:
    """How items become a score, and where that is from."""

    name: str
    title: Label
    score: str
    items: tuple[Item, ...]
    source: str
    better: str = "more"
    file: str = ""
    place: Place | None = None

    @property
    def preference_based(self) -> bool:
        """Whether a score weighs years of life."""
        return self.score == "value_set"


def read_instrument(name_or_path: str | os.PathLike[str]) -> Instrument:
    """The instrument of a shipped name ("eq5d5l_dk", "pss10") or of a YAML file.

    Raises ScenarioError with file, line, value, rule and way out.

    >>> instrument = read_instrument("eq5d5l_dk")
    >>> instrument.preference_based, [item.levels[4] for item in instrument.items]
    (True, [0.22, 0.209, 0.174, 0.537, 0.618])
    """
    path = Path(bundled.resolve("instruments", name_or_path))
    document = Document(str(path), ScenarioError)
    top = document.load(path, FormulaSection)
    top.closed(keys.INSTRUMENT)
    name = top.text("instrument")
    score = top.choice("score", keys.SCORES)

    def item(own: str, block: FormulaSection) -> Item:
        block.closed(keys.ITEM)
        levels = block.numbers("levels")
        if score == "value_set" and (len(levels) < 2 or levels[0] != 0 or min(levels) < 0):
            block.refuse(
                "levels",
                "the weights of a value set begin with 0 and are not negative",
                "what each level takes off full health, from level 1 on",
                "write [0, 0.041, ...]",
            )
        if score == "sum" and (len(levels) != 2 or levels[0] >= levels[1]):
            block.refuse("levels", "not a range of answers", "the lowest and the highest answer", "write [0, 4]")
        return Item(own, block.label(own), levels, block.boolean("reverse"))

    items = top.named("items", "item", item)
    with document.collecting():
        title = top.label(name, "title")
    document.finish()
    return Instrument(
        name,
        title,
        score,
        items,
        top.text("source"),
        top.choice("better", ("more", "fewer"), "more"),
        document.file,
        top.place,
    )


def scores(instrument: Instrument, answers: np.ndarray, where: str = "") -> np.ndarray:
    """Score (N,) of answers (N, items), in the order of the file; missing where any item is.

    Raises ScenarioError for an answer that the item does not have, with its row; nothing is repaired.

    >>> dk = read_instrument("eq5d5l_dk")
    >>> scores(dk, np.array([[1, 1, 1, 1, 1], [3, 3, 3, 3, 3], [1, 1, 1, 1, 2]])).round(3).tolist()
    [1.0, 0.571, 0.928]
    """
    answers = np.asarray(answers, float)
    total = np.zeros(len(answers))
    for i, item in enumerate(instrument.items):
        column = answers[:, i]
        low, high = (1.0, float(len(item.levels))) if instrument.preference_based else item.levels
        missing = np.isnan(column)
        wrong = ~missing & ((column < low) | (column > high) | (column != np.floor(column)))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ScenarioError(
                f"an answer that '{item.name}' of '{instrument.name}' does not have",
                where=f"{where}, row {row + 1}" if where else f"row {row + 1}",
                value=f"{column[row]:g}",
                rule=f"whole numbers from {low:g} to {high:g}, or empty",
                way_out="correct the answer at its source, or leave the cell empty",
            )
        if instrument.preference_based:
            weight = np.asarray(item.levels)[np.where(missing, 0, column - 1).astype(int)]
            total += np.where(missing, np.nan, weight)
        else:
            total += low + high - column if item.reverse else column
    return 1 - total if instrument.preference_based else total


def area_under_curve(values: Sequence[float] | np.ndarray, days: Sequence[float] | np.ndarray, until: float) -> float:
    """Quality-adjusted life years of one person from day 0 to day `until`: straight lines between measurements.

    Measured on the real `days`. The first measurement stands for the time before it and the last for the time after.
    Missing values are left to whoever imputes them: with one the area is missing. Raises ScenarioError for days that do
    not increase, or no measurement.

    Parameters
    ----------
    values
        Utility at each measurement.
    days
        Days since inclusion of each.
    until
        Days followed.

    Examples
    --------
    >>> round(area_under_curve([0.5, 0.7, 0.9], [0, 100, 365.25], 365.25), 4)     # 60/365.25 + 265.25 * 0.8 / 365.25
    0.7452
    """
    value, day = np.asarray(values, float), np.asarray(days, float)
    if len(value) == 0 or len(value) != len(day) or np.any(np.diff(day) <= 0) or until <= 0:
        raise ScenarioError(
            "measurements that give no area",
            value=f"{len(value)} values on days {', '.join(f'{x:g}' for x in day[:6])}",
            rule="at least one measurement, on days that increase, and a time to cover",
            way_out="put the measurements in order of time, one for each day",
        )
    edges = np.unique(np.r_[0.0, day[(day > 0) & (day < until)], until])
    height = np.interp(edges, day, value)
    return float(((height[1:] + height[:-1]) / 2 * np.diff(edges)).sum() / DAYS_PER_YEAR)
