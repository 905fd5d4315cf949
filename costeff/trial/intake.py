"""From the files of an extract to people with weeks and attributes; what does not fit is refused and counted.

A folder holds `register` (.csv, .parquet, .sas7bdat, .xpt, .dta) and `persons.csv`, and where the trial has them a CSV
for each questionnaire, `time.csv`, `process.csv` and `health_care.csv`. Sizes: N people, T weeks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff.errors import ScenarioError
from costeff.model.elements import Attribute
from costeff.model.model import Model
from costeff.trial.lens import Lens, states_seen
from costeff.trial.lives import UNSEEN, Lives, lives_of_weeks
from costeff.trial.persons import PersonRows
from costeff.trial.plan import AnalysisPlan
from costeff.trial.plan_parts import Derived
from costeff.trial.quality import Quality, Refusals
from costeff.trial.register import SUFFIXES, read_register
from costeff.trial.register_rows import Register, plain_id
from costeff.trial.table_text import date, number, rows
from costeff.trial.weeks import monday, week_of

PERSONS = "persons.csv"
COLUMNS = ("person", "group", "included")


@dataclass(frozen=True, eq=False, repr=False)
class TrialPeople(PersonRows):
    """Everybody who is analysed. `weeks` (N, T) states from the week of inclusion; `strategy` (N,) number of the group.

    `included` (N,) dates; `attributes` (name to (N,)), codes for categories; `consultant` (N,) or ''; `row_of` finds a
    person's row by number, in this process only.
    """

    model: Model
    plan: AnalysisPlan
    weeks: np.ndarray
    strategy: np.ndarray
    inclusion: np.ndarray
    attributes: Mapping[str, np.ndarray]
    consultant: np.ndarray
    row_of: Mapping[str, int]

    def people(self) -> int:
        """How many people there are."""
        return len(self.strategy)

    def group(self, name: str) -> np.ndarray:
        """Rows of the people of one group."""
        return np.flatnonzero(self.strategy == self.plan.strategies.index(name))

    def lives(self, name: str) -> Lives:
        """The lives of one group, as the register shows them."""
        own = self.group(name)
        values_known = {key: values[own] for key, values in self.attributes.items()}
        entry = np.array([monday(week_of(day)) for day in self.inclusion[own].astype(object)], "datetime64[D]")
        return lives_of_weeks(self.weeks[own], self.model, name, entry, **values_known)


def read_people(folder: Path, plan: AnalysisPlan, lens: Lens, model: Model) -> tuple[TrialPeople, Quality]:
    """The people of an extract and the report of its quality. Raises ScenarioError for files that are not tables."""
    quality = Quality()
    path = register_file(folder)
    register = read_register(path, lens, quality.of("register", path.name))
    table = _persons(folder / PERSONS, plan, quality.of("persons", PERSONS))
    place = {one: i for i, one in enumerate(register.ids)}
    refusals = quality.of("persons", PERSONS)
    rows_chosen = []
    for row in table:
        at = place.get(row.id)
        if at is None:
            refusals.refuse("not_in_register", row.line)
        elif not 0 <= row.week - register.first_week < register.groups.shape[1] - lens.delay:
            refusals.refuse("before_the_extract", row.line)
        else:
            rows_chosen.append((row, at))
    ids_listed = {row.id for row in table}
    others = [i for i, one in enumerate(register.ids) if one not in ids_listed]
    if others:
        quality.of("register", path.name).refuse("not_among_persons", int(register.lines[others[0]]), len(others))
    weeks = _weeks(register, rows_chosen, plan, lens, model)
    is_gone = weeks[:, 0] == UNSEEN
    for (row, _), lost_from in zip(rows_chosen, is_gone, strict=True):
        if lost_from:
            refusals.refuse("before_the_extract", row.line)
    rows_chosen = [one for one, lost_from in zip(rows_chosen, is_gone, strict=True) if not lost_from]
    people = _people(register, rows_chosen, weeks[~is_gone], plan, lens, model, refusals)
    own = quality.facts
    own["people"] = people.people()
    own["weeks"] = register.groups.shape[1]
    own["first_week"] = monday(register.first_week).isoformat()
    own["last_week"] = monday(register.first_week + register.groups.shape[1] - 1).isoformat()
    own["followed_in_full"] = int(((people.weeks != UNSEEN).sum(axis=1) >= plan.follow_up).sum())
    own["emigrated"] = int(_ends(register, rows_chosen, lens).sum())
    dead = model.state_names.index("dead") if "dead" in model.state_names else None
    own["dead"] = int((people.weeks == dead).any(axis=1).sum())
    quality.people_listed = {name: sum(row.strategy == i for row in table) for i, name in enumerate(plan.strategies)}
    quality.groups = {name: len(people.group(name)) for name in plan.strategies}
    return people, quality


def register_file(folder: Path) -> Path:
    """The one file of the folder that is called `register`. Raises ScenarioError without one, or with two."""
    there = [folder / f"register{suffix}" for suffix in SUFFIXES if (folder / f"register{suffix}").is_file()]
    if len(there) != 1:
        raise ScenarioError(
            "no register in the folder" if not there else "two registers in the folder",
            where=str(folder),
            value=", ".join(path.name for path in there) or None,
            rule=f"one file called register, ending in {', '.join(SUFFIXES)}",
            way_out="name the extract so" if not there else "leave one of them there",
        )
    return there[0]


@dataclass(frozen=True)
class _Row:
    """One line of the table of persons; it lives no longer than its reading."""

    id: str
    strategy: int
    inclusion: dt.date
    cells: Mapping[str, str]
    line: int
    leaving: Mapping[str, dt.date]

    @property
    def week(self) -> int:
        return week_of(self.inclusion)


def _persons(path: Path, plan: AnalysisPlan, refusals: Refusals) -> list[_Row]:
    columns = [one.column for one in plan.attributes if one.column]
    table: list[_Row] = []
    lines: dict[str, int] = {}
    twice: set[str] = set()
    for line, cells in rows(path, [*COLUMNS, *columns], refusals):
        own, day = plain_id(cells["person"]), date(cells["included"])
        leaving = {name: date(cells[name]) for name in ("died", "emigrated") if cells.get(name)}
        if not own:
            refusals.refuse("no_person", line)
        elif own in lines:
            twice.add(own)
            refusals.refuse("person_twice", line)
        elif cells["group"] not in plan.allocation:
            refusals.refuse("unknown_group", line)
        elif day is None or None in leaving.values():
            refusals.refuse("wrong_date", line)
        else:
            values_known = {name: value for name, value in leaving.items() if value is not None}
            table.append(_Row(own, plan.strategies.index(cells["group"]), day, cells, line, values_known))
        lines.setdefault(own, line)
    for own in twice:
        refusals.refuse("person_twice", lines[own])
    return [row for row in table if row.id not in twice]


def _weeks(
    register: Register, rows_chosen: list[tuple[_Row, int]], plan: AnalysisPlan, lens: Lens, model: Model
) -> np.ndarray:
    """States (N, T) from the week of inclusion; UNSEEN after the extract's last final week, and after emigration."""
    final = register.groups.shape[1] - lens.delay
    at = np.array([row.week - register.first_week for row, _ in rows_chosen], np.int64)[:, None] + np.arange(
        plan.follow_up
    )
    who = np.array([place for _, place in rows_chosen], np.int64)[:, None]
    groups = register.groups[who, np.minimum(at, final - 1)].astype(np.int16)
    groups[at >= final] = UNSEEN
    states = states_seen(groups, lens, model)
    for i, (row, _) in enumerate(rows_chosen):
        if "emigrated" in row.leaving:
            states[i, max(week_of(row.leaving["emigrated"]) - row.week, 0) :] = UNSEEN
        if "died" in row.leaving:
            begin = max(week_of(row.leaving["died"]) - row.week + 1, 0)
            tail = states[i, begin:]
            tail[tail != UNSEEN] = model.state_names.index("dead")
    return states


def _ends(register: Register, rows_chosen: list[tuple[_Row, int]], lens: Lens) -> np.ndarray:
    ends = np.array([group.ends for group in lens.groups])
    own = register.groups[[place for _, place in rows_chosen]]
    by_date = np.array(["emigrated" in row.leaving for row, _ in rows_chosen], bool)
    return np.asarray(ends[own].any(axis=1) | by_date)


def _people(
    register: Register,
    rows_chosen: list[tuple[_Row, int]],
    weeks: np.ndarray,
    plan: AnalysisPlan,
    lens: Lens,
    model: Model,
    refusals: Refusals,
) -> TrialPeople:
    attributes: dict[str, np.ndarray] = {}
    good = np.ones(len(rows_chosen), bool)
    for one in plan.attributes:
        if one.column:
            attribute = next(a for a in model.attributes if a.name == one.name)
            values = np.array([_value(row.cells[one.column], attribute, one) for row, _ in rows_chosen], float)
            wrong = np.isnan(values) & good
            if wrong.any():
                refusals.refuse("unknown_value", rows_chosen[int(np.argmax(wrong))][0].line, int(wrong.sum()))
            good &= ~np.isnan(values)
            attributes[one.name] = values
        else:
            attributes[one.name] = _from_weeks(register, rows_chosen, one, attributes, lens, model)
    rows_kept = [one for one, right in zip(rows_chosen, good, strict=True) if right]
    return TrialPeople(
        model,
        plan,
        weeks[good],
        np.array([row.strategy for row, _ in rows_kept], np.int64),
        np.array([row.inclusion for row, _ in rows_kept], "datetime64[D]"),
        {name: values[good] for name, values in attributes.items()},
        np.array([row.cells.get("consultant", "") for row, _ in rows_kept], object),
        {row.id: i for i, (row, _) in enumerate(rows_kept)},
    )


def _value(text: str, attribute: Attribute, one: Derived) -> float:
    """A cell as the model's attribute: the code of a category, or a number; missing where it is neither."""
    if attribute.categories is not None:
        name = (one.categories or {}).get(text, text)
        names = list(attribute.categories)
        return float(names.index(name)) if name in names else np.nan
    value = number(text)
    return np.nan if value is None else value


def _from_weeks(
    register: Register,
    rows_chosen: list[tuple[_Row, int]],
    one: Derived,
    attributes: Mapping[str, np.ndarray],
    lens: Lens,
    model: Model,
) -> np.ndarray:
    """Weeks before inclusion in some states: those in a row right before it, or all within a look-back."""
    states = one.run_before or one.weeks_before
    look = one.within or register.groups.shape[1]
    codes = {number for number, group in enumerate(lens.groups) if group.read_as in states}
    inside = np.isin(np.arange(len(lens.groups)), list(codes))
    out = np.zeros(len(rows_chosen))
    for i, (row, place) in enumerate(rows_chosen):
        until = row.week - register.first_week
        before = inside[register.groups[place, max(until - look, 0) : until]][::-1]
        out[i] = (np.argmin(before) if not before.all() else len(before)) if one.run_before else before.sum()
    if one.less:
        out = np.maximum(out - attributes[one.less], 0)
    return out
