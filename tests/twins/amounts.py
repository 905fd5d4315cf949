"""Amounts by person and date in plain Python: what a week, an event and a start cost in tests/data/models/amounts.yaml.

The amounts are written out here once more, with if and else, and a life is gone through week by week. Imports nothing
from costeff.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

SICK, WORK = "sick", "work"
ENTRY = dt.date(2024, 1, 1)
WEEKS, YEAR = 104, 52
BASE_AMOUNTS = ((dt.date(2025, 5, 1), 65000.0), (dt.date(2024, 5, 1), 57200.0), (dt.date(2023, 5, 1), 52000.0))
GROWTH, PRICE, WEEKS_PAID, CHILD, PER_YEAR_OF_AGE = 0.03, 1000.0, 2.0, 100.0, 10.0
LAST_DAY = 20


@dataclass(frozen=True)
class Person:
    """Who lives."""

    wage: float
    age: float
    children: bool


def base_amount(week: int) -> float:
    """That in force in a week since entry: a quarter has 13 weeks, so 1 May is week 52 / 3 of a year."""
    for date, amount in BASE_AMOUNTS:
        months = 12 * (date.year - ENTRY.year) + date.month - ENTRY.month
        if week >= round(months * 52 / 12):
            return amount
    raise ValueError(week)


def index(week: int) -> float:
    """How much is paid for what cost 1 in the first year."""
    return float((1 + GROWTH) ** (week // YEAR))


def by_stay(weeks: int) -> float:
    """Share by the weeks in the state."""
    return 1.0 if weeks < 5 else 0.5 if weeks < 10 else 0.25


def by_age(person: Person, week: int) -> float:
    """Share by age: one half before 40."""
    return 0.5 if int(person.age * YEAR) + week < 2080 else 1.0


def of_week(person: Person, state: str, stay: int, week: int) -> Iterator[tuple[str, float]]:
    """(item, amount) of one week, `stay` weeks after the state was entered."""
    if state == SICK:
        yield "sick_pay", person.wage if person.wage < 6 * base_amount(week) / YEAR else 6 * base_amount(week) / YEAR
        yield "children", CHILD * index(week) * by_stay(stay) if person.children else 0.0
        yield "loss", 0.01 * person.age * index(week)
    else:
        yield "wages", person.wage * index(week)
        yield "refund", 0.1 * person.wage * index(week)


def of_event(person: Person, event: str, stay: int, week: int) -> Iterator[tuple[str, float]]:
    """(item, amount) of an event in a week, the `stay`-th after the state was entered, counted from 0."""
    share = by_age(person, week)
    if event == "back":
        yield "hiring", person.wage * WEEKS_PAID * index(week) * by_stay(stay)
    if event == "last_day":
        daily = base_amount(week) / YEAR
        yield "last_day", WEEKS_PAID * (person.wage if person.wage < daily else daily) * share
        yield "loss", person.age * (1.0 if share < 1 else 2.0)
    if event in ("last_day", "relapse"):
        yield "notice", PRICE * share
    if event == "relapse":
        yield "bonus", person.wage * WEEKS_PAID
        yield "loss", person.age / 10


def of_life(person: Person, stays: list[tuple[str, int, int, str]]) -> dict[tuple[str, int], float]:
    """(item, year) to what a life costs; `stays` are (state, entry, exit, event), the last event ''."""
    money: dict[tuple[str, int], float] = defaultdict(float)
    money["entry", 0] += person.age * PER_YEAR_OF_AGE * 0.5
    for state, entry, leaving, event in stays:
        for week in range(entry, min(leaving, WEEKS)):
            for item, amount in of_week(person, state, week - entry, week):
                money[item, week // YEAR] += amount
        if event:
            week = leaving - 1
            for item, amount in of_event(person, event, week - entry, week):
                money[item, week // YEAR] += amount
    return money


def expected(person: Person, start: dict[str, float], back: float, relapse: float) -> dict[tuple[str, int], float]:
    """(item, year) to what people like this one cost on average, from weekly chances of `back` and `relapse`."""
    money: dict[tuple[str, int], float] = defaultdict(float)
    money["entry", 0] += person.age * PER_YEAR_OF_AGE * 0.5
    here = {(state, 0): chance for state, chance in start.items()}
    for week in range(WEEKS + 1):
        if here.get((SICK, LAST_DAY), 0.0) > 0:
            leaving = here.pop((SICK, LAST_DAY))
            here[WORK, 0] = here.get((WORK, 0), 0.0) + leaving
            for item, amount in of_event(person, "last_day", LAST_DAY - 1, week - 1):
                money[item, (week - 1) // YEAR] += leaving * amount
        if week == WEEKS:
            break
        after: dict[tuple[str, int], float] = defaultdict(float)
        for (state, stay), mass in here.items():
            for item, amount in of_week(person, state, stay, week):
                money[item, week // YEAR] += mass * amount
            event, chance, other = ("back", back, WORK) if state == SICK else ("relapse", relapse, SICK)
            for item, amount in of_event(person, event, stay, week):
                money[item, week // YEAR] += mass * chance * amount
            after[other, 0] += mass * chance
            after[state, stay + 1] += mass * (1 - chance)
        here = after
    return money
