"""Filled-in questionnaires at their real dates: scores of each person, and quality-adjusted life years."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff.trial.instruments import Instrument, area_under_curve, read_instrument, scores
from costeff.trial.intake import TrialPeople
from costeff.trial.persons import PersonRows
from costeff.trial.plan_parts import Measurement
from costeff.trial.quality import Refusals
from costeff.trial.register_rows import plain_id
from costeff.trial.table_text import date, number, rows

EARLIEST, SLACK = -28, 45  # days before inclusion, and after the last planned week, in which an answer counts


@dataclass(frozen=True, eq=False, repr=False)
class Answers(PersonRows):
    """Answers in order of person and day: `person` (A,), `day` (A,) from inclusion, `score` (A,), missing with an
    item. `people` counts those without answers too."""

    name: str
    instrument: Instrument
    weeks: tuple[float, ...]
    person: np.ndarray
    day: np.ndarray
    score: np.ndarray
    size: int

    def people(self) -> int:
        """How many people there are, with answers or without."""
        return self.size

    def measured(self) -> np.ndarray:
        """Score at each planned week, (weeks, N): of the answer nearest in days, at most half-way to the next week."""
        out = np.full((len(self.weeks), self.size), np.nan)
        planned_days = np.array(self.weeks) * 7.0
        edges = np.r_[-np.inf, (planned_days[1:] + planned_days[:-1]) / 2, np.inf]
        for i, day in enumerate(planned_days):
            own = np.flatnonzero((self.day >= edges[i]) & (self.day < edges[i + 1]) & ~np.isnan(self.score))
            nearest = own[np.argsort(-np.abs(self.day[own] - day), kind="stable")]
            out[i, self.person[nearest]] = self.score[nearest]
        return out

    def qalys(self, weeks: int) -> np.ndarray:
        """Quality-adjusted life years (N,) within so many weeks, on the real days; only with a value set.

        Missing for whoever did not answer at the start and at the end.
        """
        out = np.full(self.size, np.nan)
        last = weeks * 7.0
        own = ~np.isnan(self.score)
        person, day, score = self.person[own], self.day[own], self.score[own]
        first = np.flatnonzero(np.r_[True, person[1:] != person[:-1]]) if len(person) else np.zeros(0, int)
        for low, high in zip(first, np.r_[first[1:], len(person)], strict=True):
            if day[low] <= -EARLIEST and day[high - 1] >= last - SLACK:
                out[person[low]] = area_under_curve(score[low:high], np.maximum(day[low:high], 0.0), last)
        return out


def read_answers(folder: Path, measurement: Measurement, people: TrialPeople, refusals: Refusals) -> Answers | None:
    """The file of one questionnaire, `NAME.csv`: person, date and its items; None without it.

    Rows of nobody, without a date, long before inclusion, with an answer that is no level of the item, or of a day that
    the person has answered already, are refused and counted; an empty item stays empty.
    """
    instrument = read_instrument(measurement.instrument)
    path = folder / f"{measurement.name}.csv"
    if not path.is_file():
        return None
    items = [item.name for item in instrument.items]
    answers: dict[tuple[int, int], list[float]] = {}
    for line, cells in rows(path, ("person", "date", *items), refusals):
        at, when = people.row_of.get(plain_id(cells["person"])), date(cells["date"])
        values = [np.nan if not cells[name] else number(cells[name]) for name in items]
        if when is None:
            refusals.refuse("wrong_date", line)
        elif at is None:
            refusals.refuse("not_among_persons", line)
        elif any(value is None or not _is_level(value, instrument, i) for i, value in enumerate(values)):
            refusals.refuse("unknown_value", line)
        else:
            day = int((np.datetime64(when) - people.inclusion[at]).astype(int))
            if day < EARLIEST:
                refusals.refuse("wrong_date", line)
            elif (at, max(day, 0)) in answers:
                refusals.refuse("person_twice", line)
            else:
                answers[at, max(day, 0)] = [float(value) for value in values if value is not None]
    order = sorted(answers)
    table = np.array([answers[key] for key in order], float).reshape(len(order), len(items))
    return Answers(
        measurement.name,
        instrument,
        measurement.weeks,
        np.array([person for person, _ in order], np.int64),
        np.array([day for _, day in order], float),
        scores(instrument, table) if order else np.zeros(0),
        people.people(),
    )


def _is_level(value: float | None, instrument: Instrument, item: int) -> bool:
    if value is None:
        return False
    levels = instrument.items[item].levels
    low, high = (1.0, float(len(levels))) if instrument.preference_based else levels
    return bool(np.isnan(value) or (low <= value <= high and value == np.floor(value)))


def adjusted_for_start(values: np.ndarray, start: np.ndarray, in_programme: np.ndarray) -> tuple[float, float]:
    """(difference between two groups, its standard error) of `values`, adjusted for the first score by least squares.

    People with a missing value or a missing first score are left out.

    Parameters
    ----------
    values
        One for each person, such as quality-adjusted life years.
    start
        Score at inclusion.
    in_programme
        1 in the group of the programme, 0 in the other.

    Examples
    --------
    >>> start = np.array([0.2, 0.4, 0.6, 0.8])
    >>> difference, error = adjusted_for_start(start + np.array([0, 0.1, 0, 0.1]), start, np.array([0, 1, 0, 1]))
    >>> print(f"{difference:.6f}")
    0.100000
    """
    own = ~(np.isnan(values) | np.isnan(start))
    y, x = values[own], np.column_stack([np.ones(own.sum()), in_programme[own], start[own]])
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return float("nan"), float("nan")
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    rest = y - x @ beta
    variance = rest @ rest / (len(y) - x.shape[1]) * np.linalg.inv(x.T @ x)
    return float(beta[1]), float(np.sqrt(max(variance[1, 1], 0.0)))
