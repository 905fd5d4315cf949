"""The declared case: what a municipality plans, by calendar year. Reading and checking is in `read_case`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from costeff.errors import Place
from costeff.evidence import Parameter, Source
from costeff.investment.belief.belief import Belief
from costeff.labels import Label
from costeff.model.formulas.expression import Expression

REGIMES = ("old", "new", "across")
VIEWS = ("marginal", "all_municipalities")
MEANT = ("programme", "staff", "fidelity", "turnover")
"""What a case may call meant: a cost beside the model's, staff paid by others, a fidelity or turnover above 1."""
ABOUT = ("purpose", "target_group", "owner", "alternatives", "hearing", "follow_up")
"""What a case may say of itself in words; `risks` stand beside them, each with what is done about it."""
FRAMES = ("service", "transfers", "assets", "financing")
"""What a budget area is under: the service frame, transfers, fixed assets, or financing (tax and grants)."""
FIGURES = ("inflow", "uptake", "fidelity", "capacity", "coverage", "equalisation", "out_migration", "price_index")
QUARTERS = 4
QUARTER_WEEKS = 13


@dataclass(frozen=True)
class Area:
    """A budget area (service, demand-driven transfers, ...) and the items booked on it."""

    name: str
    label: Label
    items: tuple[str, ...]
    place: Place | None = None
    frame: str = ""  # of FRAMES, or not stated


@dataclass(frozen=True)
class Level:
    """Full-time persons on a benefit in the municipality: the states that count, and how many there are `now`."""

    name: str
    label: Label
    states: tuple[str, ...]
    now: float | None = None
    place: Place | None = None


@dataclass(frozen=True)
class BudgetChange:
    """A budget that is lowered for good: of which department and area, by how much a year, from when, and by whom."""

    department: str
    area: str
    since: int
    amount: float
    by: Label
    place: Place | None = None


@dataclass(frozen=True)
class Funding:
    """Money for the programme from outside its department, by calendar year, at the case's price level: who gives it,
    in words, and the party whose account it leaves."""

    payer: str
    department: str
    amounts: Mapping[int, float]
    by: Label
    place: Place | None = None


@dataclass(frozen=True)
class TargetGroup:
    """Citizens for whom the result is told apart: those of whom `who`, a condition on their attributes, is true."""

    name: str
    label: Label
    who: Expression
    place: Place | None = None


@dataclass(frozen=True)
class Programme:
    """What the programme costs, at the case's price level. Formulas may name the case's and model's parameters.

    `variable` per citizen who begins (None: the model's own programme flows); `fixed` per year while the programme
    runs; `per_consultant` per consultant and year; `start_up` by calendar year. `shares` split them by department.

    A cost per citizen is what the programme costs over usual care. Consultants are its whole cost, so `replaces` says
    by item which share (0-1) of usual work with the citizen they do in its place, in the weeks of the course.
    """

    shares: Mapping[str, Expression]
    variable: Expression | None = None
    fixed: Expression | None = None
    per_consultant: Expression | None = None
    start_up: Mapping[int, Expression] = field(default_factory=dict)
    replaces: Mapping[str, Expression] = field(default_factory=dict)
    place: Place | None = None
    label: Label | None = None  # the case's own name of the programme; None: the model's
    labels: Mapping[str, Label] = field(default_factory=dict)  # own names of departments


@dataclass(frozen=True)
class Capacity:
    """Places in the programme: consultants x caseload, each taken for `course` quarters.

    `turnover` is the share of consultants replaced each year, each leaving a post empty for `vacancy` weeks. Citizens
    wait at most `patience` quarters; those whose first passage `leaves` comes first leave the queue.
    """

    consultants: tuple[float, ...]  # by calendar year
    caseload: float
    course: int
    leaves: str
    patience: int = 4
    turnover: float = 0.0
    vacancy: float = 0.0
    place: Place | None = field(default=None, compare=False)

    def places(self, year: int) -> float:
        """Places in year 0, 1, ... of the case, after vacancies.

        >>> Capacity((2.0,), 40, 2, "well", turnover=0.25, vacancy=13).places(0)
        75.0
        """
        return self.consultants[year] * self.caseload * (1 - self.turnover * self.vacancy / 52)


NOT_STATED = "not stated in the case"
"""The note of a figure without a basis; `note_not_stated` of the catalogue of words."""


@dataclass(frozen=True)
class Basis:
    """What a figure of the case rests on, in the terms of a parameter: its kind, sources and note."""

    kind: str = "assumption"
    source: tuple[str, ...] = ()
    note: str = NOT_STATED
    words: Label | None = None  # the note in every language


@dataclass(frozen=True)
class Case:
    """An investment case. Tuples by calendar year have one entry per year of the horizon, by quarter four."""

    name: str
    title: Label
    scenario: str
    first_year: int
    years: int
    price_year: int
    inflow: tuple[float, ...]  # citizens offered the programme in each quarter, ramp-up included
    programme: Programme
    uptake: tuple[float, ...]  # share of the inflow who take the offer, by year
    fidelity: tuple[float, ...]  # factor on the model's fidelity, by year
    planned: tuple[float, ...] = ()  # the same as stated, before ramp-up; () when it is as `inflow`
    ramp_up: tuple[float, ...] = ()  # share of what is planned that is offered in each of the first quarters
    areas: tuple[Area, ...] = ()
    capacity: Capacity | None = None
    rules: str = ""
    regime: str = "old"
    view: str = "marginal"
    coverage: Mapping[str, float] = field(default_factory=dict)
    equalisation: float | None = None
    out_migration: float = 0.0  # share of the citizens who move to another municipality each year
    set: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)  # of `parameters`
    sources: Mapping[str, Source] = field(default_factory=dict)
    basis: Mapping[str, Basis] = field(default_factory=dict)  # by key of the case: inflow, capacity, ...
    run: Mapping[str, int | str] = field(default_factory=dict)
    meant: tuple[str, ...] = ()  # of MEANT
    author: str = ""
    version: str = ""  # of the case, as its author counts
    municipality: str = ""
    citizens: str = ""  # whom the case is for: cases of the same name serve the same citizens
    on_top_of: str = ""  # the case of the programme that everybody here has as well
    strategy: str = ""  # of a model with more than two: the one that the case is about
    belief: Belief | None = None  # of the programme's effect, in the planner's units
    levels: tuple[Level, ...] = ()
    budget_changes: tuple[BudgetChange, ...] = ()
    funding: tuple[Funding, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)  # what the case says of itself in words, by key of ABOUT
    price_index: Mapping[int, float] = field(default_factory=dict)  # growth on the year before, by projected year
    file: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def calendar(self) -> tuple[int, ...]:
        """The calendar years of the horizon."""
        return tuple(range(self.first_year, self.first_year + self.years))

    @property
    def takers(self) -> tuple[float, ...]:
        """Citizens who take the offer, by quarter."""
        return tuple(n * self.uptake[q // QUARTERS] for q, n in enumerate(self.inflow))
