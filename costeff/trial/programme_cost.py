"""What a programme costs by its time registration: minutes at pay plus overhead, what is fixed, and unused capacity.

Variable is what was done for one citizen; fixed is shared work, the paid hours that no registration fills, and monthly
items such as room and IT. Nothing is lost: variable and fixed are the whole pay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costeff.errors import ScenarioError
from costeff.trial.persons import PersonRows
from costeff.trial.plan_parts import Registration
from costeff.trial.quality import Refusals
from costeff.trial.register_rows import plain_id
from costeff.trial.table_text import date, number, rows

TIME = "time.csv"
UNUSED_HOURS = "unused_capacity"
MINUTES = 60.0


@dataclass(frozen=True, repr=False)
class RegisteredTime(PersonRows):
    """Minutes by kind of work, and in how many months consultants registered. `by_person` stays in the process."""

    minutes: Mapping[str, float]
    months: float
    citizens: int
    by_person: Mapping[str, float]

    def people(self) -> int:
        """How many people there are."""
        return self.citizens


@dataclass(frozen=True)
class ProgrammeCost:
    """Kroner in all: `variable` by kind of work for a citizen, `fixed` by item; for how many citizens.

    `error` is the standard error of `per_citizen`: of the variable part by the spread between citizens, of the fixed
    part by the luck of how many citizens a programme of this size was offered to (Poisson).
    """

    variable: Mapping[str, float]
    fixed: Mapping[str, float]
    citizens: int
    error: float

    @property
    def total(self) -> float:
        """Variable and fixed cost."""
        return sum(self.variable.values()) + sum(self.fixed.values())

    @property
    def per_citizen(self) -> float:
        """Kroner for each citizen of the programme, fixed costs shared alike."""
        return self.total / self.citizens


def programme_cost(
    time: RegisteredTime, prices: Registration, citizens: int | None = None, *, whole_pay: bool = True
) -> ProgrammeCost:
    """Price registered time. `citizens`: how many were offered the programme (default: how many have any time).

    Without `whole_pay` only the registered minutes count, as for usual care's case work: those who do it have other
    citizens beside the trial's, so their other hours are not the trial's.
    Raises ScenarioError for more registered hours than were paid for.

    >>> from costeff.trial.plan_parts import Registration
    >>> prices = Registration(300, 1.5, {"meeting": "citizen", "training": "shared"}, {"room": 2000}, hours_paid=150)
    >>> cost = programme_cost(RegisteredTime({"meeting": 6000, "training": 600}, 1, 20, {}), prices)
    >>> cost.variable, cost.fixed, cost.total                                  # 100, 10 and 40 hours at 450
    ({'meeting': 45000.0}, {'training': 4500.0, 'unused_capacity': 18000.0, 'room': 2000}, 69500.0)
    """
    hour = prices.pay_per_hour * prices.overhead
    variable = {k: m / MINUTES * hour for k, m in time.minutes.items() if prices.kinds[k] == "citizen"}
    fixed = {k: m / MINUTES * hour for k, m in time.minutes.items() if prices.kinds[k] == "shared"}
    if prices.hours_paid and whole_pay:
        total_hours, registrations = prices.hours_paid * time.months, sum(time.minutes.values()) / MINUTES
        if registrations > total_hours * (1 + 1e-9):
            raise ScenarioError(
                "more hours are registered than were paid for",
                where=prices.place,
                value=f"{registrations:,.1f} hours in {time.months:g} consultant months",
                rule=f"at most {prices.hours_paid:g} hours a month for each consultant",
                way_out="raise `hours_paid`, or correct the registration",
            )
        fixed[UNUSED_HOURS] = (total_hours - registrations) * hour
    if whole_pay:
        fixed |= {name: amount * time.months for name, amount in prices.fixed.items()}
    people = time.citizens if citizens is None else citizens
    each = np.array([*time.by_person.values(), *[0.0] * max(people - len(time.by_person), 0)]) / MINUTES * hour
    between = float(each.var(ddof=1) / len(each)) if len(each) > 1 else float("nan")
    return ProgrammeCost(
        variable, fixed, people, float(np.sqrt(between + (sum(fixed.values()) / people) ** 2 / people))
    )


def read_time(
    folder: Path, prices: Registration, group_of: Mapping[str, str], programme: str, refusals: Refusals
) -> dict[str, RegisteredTime]:
    """The time registration `time.csv` by group: date, consultant, person (empty for shared work), kind, minutes.

    `group_of` says each person's group; shared work belongs to `programme`. Empty without the file. Rows of an unknown
    kind or person, without a date or a number are refused and counted.
    """
    path = folder / TIME
    if not path.is_file():
        return {}
    minutes: dict[str, dict[str, float]] = {}
    by_person: dict[str, dict[str, float]] = {}
    months: dict[str, set[tuple[str, int, int]]] = {}
    for line, cells in rows(path, ("date", "consultant", "person", "kind", "minutes"), refusals):
        day, amount, own = date(cells["date"]), number(cells["minutes"]), plain_id(cells["person"])
        kind = prices.kinds.get(cells["kind"])
        if kind is None:
            refusals.refuse("unknown_kind", line)
        elif day is None:
            refusals.refuse("wrong_date", line)
        elif amount is None or amount < 0:
            refusals.refuse("wrong_number", line)
        elif (kind == "citizen") != (own in group_of) or (kind == "shared" and own):
            refusals.refuse("not_among_persons", line)
        else:
            group = group_of[own] if own else programme
            sums = minutes.setdefault(group, dict.fromkeys(prices.kinds, 0.0))
            sums[cells["kind"]] += amount
            months.setdefault(group, set()).add((cells["consultant"], day.year, day.month))
            if own:
                each = by_person.setdefault(group, {})
                each[own] = each.get(own, 0.0) + amount
    return {
        group: RegisteredTime(sums, float(len(months[group])), len(by_person.get(group, {})), by_person.get(group, {}))
        for group, sums in minutes.items()
    }
