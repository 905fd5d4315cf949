"""Checks of time by hand: what is told for a year is turned into cycles as the calendar says (TECH-VER)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.compile.environment import parameter_environment, population
from costeff.evidence import Table
from costeff.model import Expression
from costeff.verification.strategies import parameters_behind
from costeff.verification.subject import SEED, Subject
from costeff.verification.verdict import Verdict, check, of_names, without

CYCLES = "cycles_per_year"
PERIODS = {"year": 1.0, "quarter": 4.0, "month": 12.0, "week": 52.0, "day": 365.0}
RATE = re.compile("(?:rate|hazard|probability|count) per (year|quarter|month|week|day)$")
TOLERANCE = 0.02
"""A year of 364 days, or of 365.25, is a year; half a year is none."""
LEVEL = 0.01
"""A rate or probability at which the two differ by less than the tolerance."""
YEARS_OF_A_CLOCK = (0, 1, 5, 30, 50)
TIMES = (1.0, 4.0, 12.0, 52.0, 365.0)
POWERS = (1.0, 10.0, 100.0, 1000.0)
"""By which a factor may write percents or thousandths."""


@check("rates_by_hand", "lives", "1, 28")
def rates_by_hand(subject: Subject) -> Verdict:
    """Formulas that turn one rate per year, month, week or day into cycles by `cycles_per_year`: what comes out."""
    model = subject.model
    formulas = {
        f"{t.source} -> {t.target}": f for t in model.transitions if (f := t.hazard or t.probability) is not None
    }
    wrong, number = [], 0
    for name, formula in {**formulas, **model.definitions}.items():
        rate = _rate(subject, formula)
        if rate is None:
            continue
        actual = _values(subject, formula, rate)
        expected = LEVEL * PERIODS[_period(subject, rate)] / model.conventions.cycles_per_year
        own = actual[actual != 0]  # a span of a hazard may be none
        number += 1
        if np.any(np.abs(own / expected - 1) > TOLERANCE):
            wrong.append(name)
    return of_names(wrong, number) if number else without("no_rate_by_hand")


def _period(subject: Subject, name: str) -> str:
    """The time that a parameter or table is told for; '' for another unit."""
    evidence = subject.study.evidence
    one = evidence.parameters.get(name) or subject.study.tables.get(name)
    match = RATE.fullmatch(one.unit) if one is not None else None
    return match[1] if match else ""


def _rate(subject: Subject, formula: Expression) -> str | None:
    """The one rate that a formula turns into cycles, where all else that it reads are ratios, clocks and people."""
    evidence, people = subject.study.evidence.parameters, {a.name for a in subject.model.attributes}
    names = parameters_behind(subject.model, formula) | _tables(subject, formula)
    if CYCLES not in names:
        return None
    rates = [name for name in names if _period(subject, name)]
    plain_names = {"t", CYCLES, *people, *subject.model.definitions, *subject.model.categories, *rates}
    others = names - plain_names
    plain = all(name in evidence and evidence[name].unit == "ratio" for name in others)
    return rates[0] if len(rates) == 1 and plain else None


def _tables(subject: Subject, formula: Expression) -> set[str]:
    behind = {name for name in parameters_behind(subject.model, formula) if name in subject.model.definitions}
    return set(formula.table_names).union(*(subject.model.definitions[name].table_names for name in behind))


def _values(subject: Subject, formula: Expression, rate: str) -> np.ndarray:
    """The formula at several ages of its clock, with its rate at one level and every ratio at 1."""
    evidence = subject.study.evidence.parameters
    values = {
        name: np.array([LEVEL if name == rate else 1.0 if evidence[name].unit == "ratio" else float(value[0])])
        for name, value in subject.base_values.items()
        if name in evidence
    }
    tables = {name: _level(table) if name == rate else table for name, table in subject.study.tables.items()}
    env: dict[str, Any] = parameter_environment(subject.model, {**subject.base_values, **values}, tables, 1)
    env |= population(subject.model, env, SEED, np.arange(1), 0, 1)
    cycles = subject.model.conventions.cycles_per_year
    at = [np.asarray(formula.evaluate({**env, "t": float(years * cycles)})).ravel() for years in YEARS_OF_A_CLOCK]
    return np.concatenate(at)


def _level(table: Table) -> Table:
    return replace(
        table, columns={name: np.full(len(np.asarray(column)), LEVEL) for name, column in table.columns.items()}
    )


@check("effects_count_known_times", "health", "28")
def effects_count_known_times(subject: Subject) -> Verdict:
    """Factors of effects by `cycles_per_year` alone: years, months, weeks, days or cycles, in ones, percents or so."""
    c = subject.model.conventions
    factors = {
        e.name: e.factor for e in subject.model.effects if e.factor is not None and set(e.factor.names) == {CYCLES}
    }
    if not factors:
        return without("no_factor")
    unit_sizes = np.outer((*TIMES, float(c.cycles_per_year)), POWERS).ravel()
    wrong = []
    for name, factor in factors.items():
        units = float(factor.evaluate({CYCLES: float(c.cycles_per_year)})) * c.cycles_per_year
        if np.min(np.abs(units / unit_sizes - 1)) > TOLERANCE:
            wrong.append(name)
    return of_names(wrong, len(factors))
