"""Milestones of the programme as registered: how many citizens had each, by group and quarter, and their links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff.trial.intake import TrialPeople
from costeff.trial.persons import PersonRows
from costeff.trial.plan_parts import Process
from costeff.trial.quality import Refusals
from costeff.trial.register_rows import plain_id
from costeff.trial.table_text import date, rows

PROCESS = "process.csv"
LEVEL = 1.959963984540054


@dataclass(frozen=True, eq=False, repr=False)
class Milestones(PersonRows):
    """`day` (steps, N): days from inclusion to the first time of each step; missing without one."""

    measures: tuple[Process, ...]
    day: np.ndarray

    def people(self) -> int:
        """How many people there are."""
        return int(self.day.shape[1])


@dataclass(frozen=True)
class Share:
    """How many of how many, with a 95 % interval of the share (Wilson)."""

    count: int
    people: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Count over people."""
        return self.count / self.people if self.people else float("nan")


def wilson(count: int, people: int) -> Share:
    """A share with Wilson's interval, which is never outside 0-1.

    >>> one = wilson(9, 10)
    >>> round(one.share, 2), round(one.low, 4), round(one.high, 4)
    (0.9, 0.5958, 0.9821)
    """
    if not people:
        return Share(count, 0, float("nan"), float("nan"))
    p, z = count / people, LEVEL
    middle = (p + z * z / (2 * people)) / (1 + z * z / people)
    half = z / (1 + z * z / people) * np.sqrt(p * (1 - p) / people + z * z / (4 * people**2))
    return Share(count, people, float(max(middle - half, 0)), float(min(middle + half, 1)))


def read_milestones(folder: Path, people: TrialPeople, refusals: Refusals) -> Milestones | None:
    """`process.csv`: person, measure, date; None without it. Rows of nobody or of no step are refused and counted."""
    path = folder / PROCESS
    if not path.is_file():
        return None
    measures = people.plan.process
    number = {measure.name: i for i, measure in enumerate(measures)}
    day = np.full((len(measures), people.people()), np.nan)
    for line, cells in rows(path, ("person", "measure", "date"), refusals):
        at, when = people.row_of.get(plain_id(cells["person"])), date(cells["date"])
        if cells["measure"] not in number:
            refusals.refuse("unknown_kind", line)
        elif when is None:
            refusals.refuse("wrong_date", line)
        elif at is None:
            refusals.refuse("not_among_persons", line)
        else:
            i = number[cells["measure"]]
            days = (np.datetime64(when) - people.inclusion[at]).astype(int)
            day[i, at] = days if np.isnan(day[i, at]) else min(day[i, at], days)
    return Milestones(measures, day)


def shares(milestones: Milestones, people: TrialPeople, group: str) -> dict[str, Share]:
    """Each step's share of a group."""
    own = people.group(group)
    return {
        m.name: wilson(int((~np.isnan(milestones.day[i, own])).sum()), len(own))
        for i, m in enumerate(milestones.measures)
    }


def shares_by_quarter(milestones: Milestones, people: TrialPeople, group: str) -> dict[tuple[str, str], Share]:
    """Each step's share of those of a group who were included in a quarter, by (quarter, step)."""
    own = people.group(group)
    months = people.inclusion[own].astype("datetime64[M]").astype(int)
    quarter = np.array([f"{1970 + m // 12}Q{m % 12 // 3 + 1}" for m in months])
    return {
        (name, m.name): wilson(
            int((~np.isnan(milestones.day[i, own[quarter == name]])).sum()), int((quarter == name).sum())
        )
        for name in np.unique(quarter).tolist()
        for i, m in enumerate(milestones.measures)
    }


def links(milestones: Milestones, people: TrialPeople, group: str) -> dict[tuple[str, str], Share]:
    """Of those who had a step, how many had the step that follows from it, by (before, after)."""
    own = people.group(group)
    number = {m.name: i for i, m in enumerate(milestones.measures)}
    has_had = ~np.isnan(milestones.day[:, own])
    return {
        (before, m.name): wilson(
            int((has_had[number[before]] & has_had[number[m.name]]).sum()), int(has_had[number[before]].sum())
        )
        for m in milestones.measures
        for before in m.after
    }


def doses(milestones: Milestones, people: TrialPeople, group: str) -> dict[str, Share]:
    """Share of a group that had every step which stands for a parameter of the model, by parameter."""
    own = people.group(group)
    out = {}
    for name in dict.fromkeys(dose for m in milestones.measures for dose in m.doses):
        rows_of = [i for i, m in enumerate(milestones.measures) if name in m.doses]
        out[name] = wilson(int((~np.isnan(milestones.day[rows_of][:, own])).all(axis=0).sum()), len(own))
    return out


def fidelity(milestones: Milestones, people: TrialPeople, group: str) -> Share:
    """Share of a group that had every required step."""
    own = people.group(group)
    required_rows = [i for i, m in enumerate(milestones.measures) if m.is_required]
    return wilson(int((~np.isnan(milestones.day[required_rows][:, own])).all(axis=0).sum()), len(own))


def hidden(share: Share, smallest: int) -> bool:
    """Whether a share may not leave: fewer than `smallest` have it, or have it not, unless nobody or everybody does."""
    return 0 < share.count < smallest or 0 < share.people - share.count < smallest


def strategies_with(milestones: Milestones, people: TrialPeople) -> Sequence[str]:
    """Groups in which any step was registered."""
    return [name for name in people.plan.strategies if any(s.count for s in shares(milestones, people, name).values())]


__all__: Sequence[str] = (
    "Milestones",
    "Share",
    "doses",
    "fidelity",
    "hidden",
    "links",
    "read_milestones",
    "shares",
    "wilson",
)
