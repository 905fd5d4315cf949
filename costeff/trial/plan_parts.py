"""The parts of an analysis plan: end points, questionnaires, attributes, time registration, process, rehearsal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from costeff.errors import Place
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.trial import keys


@dataclass(frozen=True)
class EndPoint:
    """`kind` time_to: the first of `weeks` weeks in a row in `states`, before one in `competing`; weeks_in: weeks in
    `states`; relapse: a week in `states` after the end point `after`; score, qaly: of an `instrument`; cost: of a
    `perspective`. All `within` so many weeks."""

    name: str
    kind: str
    label: Label
    states: tuple[str, ...] = ()
    competing: tuple[str, ...] = ()
    weeks: int = 1
    within: int = 0
    after: str = ""
    instrument: str = ""
    perspective: str = ""
    primary: bool = False
    note: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Measurement:
    """An instrument and the weeks in which it is filled in; `end_of_course`: once more, on no fixed week."""

    name: str
    instrument: str
    weeks: tuple[float, ...]
    end_of_course: bool = False
    note: str = ""


@dataclass(frozen=True)
class ViewAfter:
    """What is taken to happen after the weeks that the trial saw: parameters of the model that are set so."""

    name: str
    label: Label
    values: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Derived:
    """Where an attribute of the model comes from: a column, weeks of the register before inclusion, or the model."""

    name: str
    column: str = ""
    categories: Mapping[str, str] | None = None
    run_before: tuple[str, ...] = ()
    weeks_before: tuple[str, ...] = ()
    within: int = 0
    less: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Registration:
    """Prices of registered time. `kinds`: kind of work to `citizen` (for one citizen) or `shared`; `fixed`: kroner a
    month by item. `hours_paid`: hours that one consultant is paid for in a month."""

    pay_per_hour: float
    overhead: float
    kinds: Mapping[str, str]
    fixed: Mapping[str, float]
    hours_paid: float = 0.0
    note: str = ""
    place: Place | None = None
    labels: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """A step of the programme as registered; `doses`: parameters of the model that its share stands for."""

    name: str
    label: Label
    doses: tuple[str, ...] = ()
    is_required: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """The shape of a simulated trial; shares by group of the trial."""

    start: dt.date
    recruiting_weeks: int
    participants: int
    weeks_before: int
    consultants: int
    contamination: float
    dropout: Mapping[str, float]
    missing: Mapping[str, Mapping[str, float]]
    note: str = ""


def end_point(name: str, block: FormulaSection) -> EndPoint:
    """An end point with what its kind needs, and nothing else."""
    block.closed(keys.END_POINT)
    kind = block.choice("kind", keys.END_POINTS)
    needs = {
        "time_to": ("states", "within"),
        "weeks_in": ("states", "within"),
        "relapse": ("states", "within", "after"),
        "score": ("instrument",),
        "qaly": ("instrument", "within"),
        "cost": ("perspective", "within"),
    }[kind]
    for key in needs:
        block.required(key)
    return EndPoint(
        name,
        kind,
        block.label(name),
        block.texts("states"),
        block.texts("competing"),
        block.whole("weeks", 1),
        block.whole("within", 0, least=0),
        block.text("after", ""),
        block.text("instrument", ""),
        block.text("perspective", ""),
        block.boolean("primary"),
        block.text("note", ""),
        block.place,
    )


def measurement(name: str, block: FormulaSection) -> Measurement:
    """When a questionnaire is filled in."""
    block.closed(keys.MEASUREMENT)
    weeks = block.numbers("weeks")
    if not weeks or any(late <= early for early, late in pairwise(weeks)):
        block.refuse("weeks", "weeks of measurement that do not increase", "one week or more, in order", "sort them")
    note = f"{block.text('kind', '')}: {block.text('note', '')}".strip(": ")
    return Measurement(name, block.text("instrument"), weeks, block.boolean("end_of_course"), note)


def derived_attribute(name: str, block: FormulaSection) -> Derived:
    """Where an attribute comes from: exactly one way."""
    block.closed(keys.DERIVED_ATTRIBUTE)
    ways = [key for key in ("column", "run_before", "weeks_before", "model") if block.has(key)]
    if len(ways) != 1:
        block.refuse(
            "column",
            f"attribute '{name}' comes from {'nowhere' if not ways else ' and '.join(ways)}",
            "one of `column`, `run_before`, `weeks_before` and `model: true`",
            "keep one of them",
        )
    categories = None
    if block.has("categories"):
        own = block.block("categories", f"`categories` of '{name}'")
        categories = {str(key): own.text(str(key)) for key in own.data}
    return Derived(
        name,
        block.text("column", ""),
        categories,
        block.texts("run_before"),
        block.texts("weeks_before"),
        block.whole("within", 0, least=0),
        block.text("less", ""),
        block.place,
    )


def process_measure(name: str, block: FormulaSection) -> Process:
    """A step of the programme."""
    block.closed(keys.PROCESS)
    return Process(name, block.label(name), block.texts("doses"), block.boolean("required"), block.texts("after"))


def registration(block: FormulaSection) -> Registration:
    """Prices of registered time."""
    own = block.block("time_registration", "`time_registration`")
    own.closed(keys.REGISTRATION)
    labels: dict[str, Label] = {}

    def kind(name: str, one: FormulaSection) -> tuple[str, str]:
        one.closed(keys.KIND_OF_TIME)
        labels[name] = one.label(name)
        return name, one.choice("of", keys.TIME_OF)

    def monthly(name: str, one: FormulaSection) -> tuple[str, float]:
        one.closed(keys.MONTHLY)
        labels[name] = one.label(name)
        return name, one.number("amount")

    kinds = dict(own.named("kinds", "kind of time", kind))
    fixed = dict(own.named("fixed", "monthly item", monthly))
    return Registration(
        _above(own, "pay_per_hour"),
        _above(own, "overhead", least=1.0),
        kinds,
        fixed,
        own.number("hours_paid") if own.has("hours_paid") else 0.0,
        f"{own.text('kind')}: {own.text('note')}",
        own.place,
        labels,
    )


def rehearsal(block: FormulaSection, allocation: Mapping[str, float]) -> Rehearsal:
    """The shape of a simulated trial."""
    own = block.block("rehearsal", "`rehearsal`")
    own.closed(keys.REHEARSAL)
    dropout, missing = {}, {}
    if own.has("dropout"):
        dropout = _shares(own.block("dropout", "`dropout`"), allocation)
    if own.has("missing"):
        outer = own.block("missing", "`missing` of the rehearsal")
        for name in outer.data:
            missing[str(name)] = _shares(outer.block(str(name), f"`missing` of '{name}'"), allocation)
    start = own.date("start")
    if not start:
        own.refuse("start", "the rehearsal has no first day", "a date", "write `start: 2024-01-01`")
    contamination = _share(own, "contamination") if own.has("contamination") else 0.0
    return Rehearsal(
        dt.date.fromisoformat(start),
        own.whole("recruiting_weeks"),
        own.whole("participants", 0, least=0),
        own.whole("weeks_before", 0, least=0),
        own.whole("consultants", 1),
        contamination,
        dropout,
        missing,
        f"{own.text('kind')}: {own.text('note')}",
    )


def _shares(block: FormulaSection, allocation: Mapping[str, float]) -> dict[str, float]:
    for name in block.data:
        if name not in allocation:
            rule = f"groups: {', '.join(allocation)}"
            block.refuse(str(name), f"'{name}' is no group of the trial", rule, "name a group under `allocation`")
    return {str(name): _share(block, str(name)) for name in block.data}


def _share(block: FormulaSection, key: str) -> float:
    value = block.number(key)
    if not 0 <= value < 1:
        block.refuse(key, f"`{key}` is not a share", "from 0 to below 1", "write for example 0.1")
    return value


def _above(block: FormulaSection, key: str, least: float = 0.0) -> float:
    value = block.number(key)
    if value <= 0 or value < least:
        block.refuse(key, f"`{key}` is too small", f"at least {least:g}, and above 0", "write a larger number")
    return value


def view_after(name: str, block: FormulaSection) -> ViewAfter:
    """A view of what happens after the follow-up."""
    block.closed(keys.VIEW)
    values: dict[str, float] = {}
    if block.has("values"):
        own = block.block("values", "`values`")
        values = {str(key): own.number(str(key)) for key in own.data}
    return ViewAfter(name, block.label(name), values, block.text("note", ""), block.place)
