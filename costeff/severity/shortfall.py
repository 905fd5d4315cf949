"""Absolute shortfall: QALYs that people of an age have left, less those that patients of that age have left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import ScenarioError
from costeff.evidence.tables import Table
from costeff.model.country import Country, SeverityRule

STRATA = "both"
"""The column of the life table that is used: both sexes."""


@dataclass(frozen=True)
class Severity:
    """A graded condition. `number` counts classes from 1; `value_of_qaly` is the country's value times the weight."""

    age: int
    population_qalys: float
    qalys: float
    shortfall: float
    number: int
    weight: float
    value_of_qaly: float


def remaining_qalys(country: Country, age: int) -> float:
    """Undiscounted QALYs that people of an age in whole years have left.

    Whoever dies within a year of age has lived half of it. The health of a year is the mean of the country's norms at
    its beginning and at its end, each by those alive then: the trapezoid of survivors times norm.

    Raises ScenarioError for an age outside life table and norm, and for a country without a rule of severity.

    >>> from costeff.model.country import read_country
    >>> round(remaining_qalys(read_country("norway"), 45), 2)
    33.69
    """
    in_health = _alive(country, age) * _health(country, age)
    return float((in_health[:-1] + in_health[1:]).sum() / 2)


def severity(country: Country, age: int, qalys: float) -> Severity:
    """The class of a condition whose patients have `qalys` left, undiscounted, under today's treatment.

    Raises ScenarioError for QALYs below 0 or above those of the population, and as `remaining_qalys` does.

    >>> from costeff.model.country import read_country
    >>> one = severity(read_country("norway"), 84, 0.0)
    >>> one.number, one.value_of_qaly
    (2, 385000.0)
    """
    rule, population = _rule(country), remaining_qalys(country, age)
    if not 0 <= qalys <= population:
        raise ScenarioError(
            "these QALYs cannot be what patients have left",
            value=qalys,
            rule=f"from 0 to the {population:.2f} that people of {age} years have left; undiscounted",
            way_out="give the QALYs under today's treatment, over the rest of life",
        )
    shortfall = round(population - qalys, 2)
    number = sum(shortfall >= least for least, _ in rule.classes)
    weight = rule.classes[number - 1][1]
    value = country.evidence.base()[rule.value_of_qaly] * weight
    return Severity(age, population, qalys, shortfall, number, weight, value)


def severity_by_duration(country: Country, age: int, loss: float, years: Sequence[int]) -> list[Severity]:
    """The class of a condition that takes `loss` of utility for so many years, or for life where fewer are left.

    Raises ScenarioError for a loss outside 0 to 1 or above the norm, and as `remaining_qalys` does.

    >>> from costeff.model.country import read_country
    >>> [one.number for one in severity_by_duration(read_country("norway"), 45, 0.22, [1, 20, 60])]
    [1, 2, 3]
    """
    alive, health = _alive(country, age), _health(country, age)
    if not 0 < loss <= health.min():
        raise ScenarioError(
            "this is not a loss of utility",
            value=loss,
            rule=f"above 0, and at most the lowest norm from {age} years on, {health.min():g}",
            way_out="give the norm less the utility of the patients",
        )
    population, years_lived = remaining_qalys(country, age), (alive[:-1] + alive[1:]) / 2
    return [severity(country, age, population - loss * float(years_lived[:n].sum())) for n in years]


def _rule(country: Country) -> SeverityRule:
    if country.severity is None:
        raise ScenarioError(
            f"the country '{country.name}' has no rule of severity",
            where=country.file,
            rule="a country grades severity where its file has `severity:`",
            way_out="add `severity:` with a life table, a norm and classes, or name another country",
        )
    return country.severity


def _tables(country: Country, age: int) -> tuple[Table, Table]:
    """Life table and norm, both of which know the age."""
    rule = _rule(country)
    life, norm = (country.evidence.tables[name] for name in (rule.life_table, rule.norm))
    for table in (life, norm):
        ages = np.asarray(table.index)
        last = int(np.asarray(life.index)[-1])
        if age != int(age) or not ages[0] <= age <= last:
            raise ScenarioError(
                f"'{table.name}' of the country '{country.name}' has nothing for age {age:g}",
                where=table.place,
                value=age,
                rule=f"whole years of age from {ages[0]:g} to {last}: {table.note or table.file}",
                way_out=f"put rows for that age into {table.file}, with their source, or name another age",
            )
    return life, norm


def _alive(country: Country, age: int) -> np.ndarray:
    """Share of those alive at `age` who are alive at it and each later age, to the end of the life table."""
    life, _ = _tables(country, age)
    dying = np.asarray(life.columns.get(STRATA, next(iter(life.columns.values()))))[
        int(age - np.asarray(life.index)[0]) :
    ]
    return np.concatenate([[1.0], np.cumprod(1 - dying)])


def _health(country: Country, age: int) -> np.ndarray:
    """The norm at each age from `age` to the end of the life table, and again at its end."""
    life, norm = _tables(country, age)
    ages = np.asarray(life.index)
    norms = np.asarray(norm.lookup(ages[ages >= age], next(iter(norm.columns))))
    return np.append(norms, norms[-1])
