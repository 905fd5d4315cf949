"""The analysis plan: what is measured and analysed how, in a file that is hashed and dated before data are opened.

It stands under `analysis` in the file of the trial's design, so that planned and analysed end points are one file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from costeff import bundled
from costeff.documents.section import Document
from costeff.errors import Place, ScenarioError
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.model.model import Model
from costeff.problems import way_to
from costeff.trial import keys
from costeff.trial.plan_parts import (
    Derived,
    EndPoint,
    Measurement,
    Process,
    Registration,
    Rehearsal,
    ViewAfter,
    derived_attribute,
    end_point,
    measurement,
    process_measure,
    registration,
    rehearsal,
    view_after,
)

HASH_LETTERS = 12
SMALLEST_CELL = 5


@dataclass(frozen=True)
class Deviation:
    """What was done otherwise than planned, why, and since when."""

    what: str
    why: str
    since: str


@dataclass(frozen=True)
class AnalysisPlan:
    """A plan as declared. Weeks are counted from the week of inclusion; `hash` is that of the whole file."""

    name: str
    title: Label
    model: str
    scenario: str
    allocation: Mapping[str, float]
    participants: int
    date_of_plan: dt.date
    date_opened: dt.date | None
    lens: str
    rules: str
    follow_up: int
    perspectives: tuple[str, ...]
    covariates: tuple[str, ...]
    subgroups: tuple[str, ...]
    missing: Mapping[str, Any]
    end_points: tuple[EndPoint, ...]
    questionnaires: tuple[Measurement, ...]
    attributes: tuple[Derived, ...]
    registration: Registration | None
    process: tuple[Process, ...]
    health_care: Mapping[str, tuple[str, Label]]
    smallest_cell: int
    rehearsal: Rehearsal | None
    deviations: tuple[Deviation, ...]
    hash: str
    file: str = ""
    place: Place | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    views: tuple[ViewAfter, ...] = ()
    between_consultants: float | None = None

    @property
    def strategies(self) -> tuple[str, ...]:
        """The groups of the trial, in the order of the file."""
        return tuple(self.allocation)

    @property
    def primary(self) -> tuple[EndPoint, ...]:
        """The primary end points."""
        return tuple(one for one in self.end_points if one.primary)

    def short_hash(self) -> str:
        """The first letters of the hash, as outputs name it."""
        return self.hash[:HASH_LETTERS]


def read_plan(name_or_path: str | os.PathLike[str]) -> AnalysisPlan:
    """The analysis plan of a shipped name ("tki2_trial") or of a YAML file.

    Raises ScenarioError with file, line, value, rule and way out; all problems of the file come in one message.

    >>> plan = read_plan("tki2_trial")
    >>> [one.name for one in plan.primary], plan.follow_up, len(plan.hash)
    (['return_to_work'], 56, 64)
    """
    path = Path(bundled.resolve("designs", name_or_path))
    document = Document(str(path), ScenarioError)
    top = document.load(path, FormulaSection)
    if not top.has("analysis"):
        top.refuse(
            "analysis",
            "the design has no analysis plan",
            "a plan stands under `analysis`: end points, lens, perspectives, follow-up",
            "add `analysis:`, as in the shipped design tki2_trial",
        )
    block = top.block("analysis", "`analysis`")
    block.closed(keys.ANALYSIS)
    fields: dict[str, Any] = {"name": top.text("trial"), "model": top.text("model"), "hash": file_hash(path)}
    fields |= {"file": document.file, "place": block.place, "title": top.label(fields["name"], "title")}
    with document.collecting():
        groups = top.block("allocation", "`allocation`")
        fields["allocation"] = {str(name): groups.number(str(name)) for name in groups.data}
        fields["participants"] = top.block("participants", "`participants`").whole("planned")
    with document.collecting():
        fields |= _dates(block)
    with document.collecting():
        fields |= {"lens": block.text("lens"), "rules": block.text("rules", "")}
        fields["scenario"] = block.text("scenario")
        fields["follow_up"] = block.whole("follow_up")
        fields["smallest_cell"] = block.whole("smallest_cell", SMALLEST_CELL)
        fields["perspectives"] = block.texts("perspectives", mandatory=True)
    for key in ("covariates", "subgroups"):
        fields[key] = document.noted(block.texts, key)
    with document.collecting():
        fields["missing"] = _missing(block)
    for key, name, build in (
        ("end_points", "end point", end_point),
        ("questionnaires", "questionnaire", measurement),
        ("attributes", "attribute", derived_attribute),
        ("process", "process measure", process_measure),
    ):
        fields[key] = document.noted(block.named, key, name, build)
    fields["views"] = document.noted(block.named, "after_follow_up", "view", view_after)
    with document.collecting():
        fields["registration"] = registration(block) if block.has("time_registration") else None
    with document.collecting():
        fields["rehearsal"] = rehearsal(block, fields["allocation"]) if block.has("rehearsal") else None
    fields["health_care"] = dict(block.named("health_care", "kind of health care", _care))
    fields["deviations"] = block.listed("deviations", "deviation", _deviation)
    with document.collecting():
        fields["between_consultants"] = _between_consultants(block)
    with document.collecting():
        _check_end_points(block, fields)
    document.finish()
    return AnalysisPlan(**fields)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's text, with line ends as \\n, so that a copy through another system has the same."""
    text = path.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(text).hexdigest()


def check_plan(plan: AnalysisPlan, model: Model) -> None:
    """Refuse a plan that names states, strategies or perspectives that are not the model's. Raises ScenarioError."""
    values_known = {
        "strategy": (plan.strategies, model.strategy_names),
        "perspective": (plan.perspectives, tuple(p.name for p in model.perspectives)),
        "state": (tuple(name for one in plan.end_points for name in (*one.states, *one.competing)), model.state_names),
        "attribute": (tuple(one.name for one in plan.attributes), tuple(a.name for a in model.attributes)),
        "party": (tuple(payer for payer, _ in plan.health_care.values()), tuple(p.name for p in model.parties)),
    }
    for what, (names, there) in values_known.items():
        for name in names:
            if name not in there:
                raise ScenarioError(
                    f"the plan names a {what} that the model does not have",
                    where=plan.place,
                    value=name,
                    rule=f"of model '{model.name}': {', '.join(there)}",
                    way_out=way_to(name, there, "correct the name"),
                )


def _dates(block: FormulaSection) -> dict[str, dt.date | None]:
    date_of_plan, date_opened = block.date("dated"), block.date("opened")
    if not date_of_plan:
        block.refuse("dated", "the plan has no date", "a plan is dated before data are opened", "write `dated:` a day")
    return {
        "date_of_plan": dt.date.fromisoformat(date_of_plan),
        "date_opened": dt.date.fromisoformat(date_opened) if date_opened else None,
    }


def _missing(block: FormulaSection) -> dict[str, Any]:
    if not block.has("missing"):
        return {}
    own = block.block("missing", "`missing`")
    own.closed(keys.MISSING)
    return {
        "model": own.choice("model", keys.MISSING_MODELS),
        "by_group": own.boolean("by_group"),
        "uses": own.texts("uses"),
        "note": own.text("note", ""),
    }


def _between_consultants(block: FormulaSection) -> float | None:
    """The scale of the prior of how alike a consultant's citizens are."""
    if not block.has("between_consultants"):
        return None
    own = block.block("between_consultants", "`between_consultants`")
    own.closed(keys.CONSULTANTS)
    value = own.number("correlation")
    if not 0 <= value < 1:
        own.refuse("correlation", "a correlation out of range", "from 0 to below 1", "write for example 0.05")
    own.text("kind"), own.text("note")
    return value


def _care(name: str, block: FormulaSection) -> tuple[str, tuple[str, Label]]:
    block.closed(keys.CARE)
    return name, (block.text("payer"), block.label(name))


def _deviation(block: FormulaSection) -> Deviation:
    block.closed(keys.DEVIATION)
    return Deviation(block.text("what"), block.text("why"), block.date("dated"))


def _check_end_points(block: FormulaSection, fields: Mapping[str, Any]) -> None:
    points = fields["end_points"] or ()
    if not any(one.primary for one in points):
        block.refuse("end_points", "no end point is primary", "one or more say `primary: true`", "choose one")
    names = {one.name for one in points}
    for one in points:
        if one.within and one.within + one.weeks - 1 > fields.get("follow_up", 0):
            raise ScenarioError(
                f"end point '{one.name}' cannot be known within the follow-up",
                where=one.place,
                value=f"{one.within} weeks, and {one.weeks} in a row",
                rule=f"its last week, {one.within + one.weeks - 1}, is at most `follow_up`, {fields.get('follow_up')}",
                way_out="lengthen `follow_up`, or shorten `within`",
            )
        if one.after and one.after not in names:
            raise ScenarioError(
                f"end point '{one.name}' comes after one that is not there",
                where=one.place,
                value=one.after,
                rule=f"end points: {', '.join(names)}",
                way_out=way_to(one.after, names, "correct the name"),
            )
