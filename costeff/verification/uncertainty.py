"""Checks of what is not known: draws of parameters, and what runs make of them (TECH-VER, uncertainty)."""

from __future__ import annotations

import numpy as np

from costeff.units import parse_unit
from costeff.verification.subject import SEED, Subject
from costeff.verification.verdict import Verdict, check, of_equal, of_names, without

MANY = 4_000
SPREADS = 7.0
LEVEL = 0.9999


@check("stated_values_are_the_base_case", "uncertainty", "67")
def stated_values_are_the_base_case(subject: Subject) -> Verdict:
    """A draw in which every parameter has its stated value."""
    twice = {name: np.repeat(value, 2) for name, value in subject.base_values.items()}
    run = subject.run(values=twice, keys=np.zeros(2, dtype=np.int64))
    return of_equal(run.time, subject.base.time, 1e-12)


@check("same_seed_same_draws", "uncertainty", "68")
def same_seed_same_draws(subject: Subject) -> Verdict:
    """Parameters drawn twice with one seed."""
    again = subject.study.evidence.columns(len(next(iter(subject.drawn_values.values()), ())) or 2, SEED)
    return of_names([n for n, v in subject.drawn_values.items() if not np.array_equal(v, again[n])], len(again))


@check("draws_average_to_their_means", "uncertainty", "7, 76")
def draws_average_to_their_means(subject: Subject) -> Verdict:
    """The mean of 4,000 draws of each parameter beside the mean of its distribution."""
    columns, wrong, looked_at = subject.study.evidence.columns(MANY, SEED), [], 0
    for name, parameter in subject.study.evidence.parameters.items():
        column, distribution = columns[name], parameter.distribution
        if parameter.group is not None or distribution is None:
            continue
        mean, sd = float(distribution.mean), float(distribution.sd)
        if not np.isfinite([mean, sd]).all() or sd == 0:
            continue
        looked_at += 1
        if abs(column.mean() - mean) > SPREADS * max(sd, float(column.std())) / np.sqrt(MANY):
            wrong.append(name)
    return of_names(wrong, looked_at) if looked_at else without("no_draws")


@check("stated_values_can_be_drawn", "uncertainty", "60")
def stated_values_can_be_drawn(subject: Subject) -> Verdict:
    """Every stated value lies among the values that its distribution draws."""
    columns, wrong = subject.study.evidence.columns(MANY, SEED), []
    for name, value in subject.study.evidence.base().items():
        low, high = columns[name].min(), columns[name].max()
        if not low - 1e-9 * abs(low) <= value <= high + 1e-9 * abs(high):
            wrong.append(name)
    return of_names(wrong, len(columns))


@check("draws_keep_their_limits", "uncertainty", "9, 10")
def draws_keep_their_limits(subject: Subject) -> Verdict:
    """Probabilities, shares and utilities stay within what their units allow."""
    wrong, columns = [], subject.study.evidence.columns(MANY, SEED)
    for name, parameter in subject.study.evidence.parameters.items():
        unit = parse_unit(parameter.unit)
        if columns[name].min() < unit.low or columns[name].max() > unit.high:
            wrong.append(name)
    return of_names(wrong, len(columns))


@check("every_draw_keeps_the_rules", "uncertainty", "82")
def every_draw_keeps_the_rules(subject: Subject) -> Verdict:
    """In every draw time alive lies within the horizon, and money and effects are numbers."""
    run = subject.draws
    numbers = [run.flows.amount, run.effects().value, run.alive]
    finite = all(np.isfinite(x).all() for x in numbers)
    return of_equal(float(finite), 1.0, 0)


@check("no_draw_is_another", "uncertainty", "83")
def no_draw_is_another(subject: Subject) -> Verdict:
    """Two parameters that are not tied to each other are not drawn as one: their ranks differ."""
    parameters = subject.study.evidence.parameters
    columns = subject.study.evidence.columns(64, SEED)
    in_correlations = {name for pair in subject.study.evidence.correlations for name in pair.parameters}
    free = [n for n, p in parameters.items() if p.group is None and n not in in_correlations and np.ptp(columns[n]) > 0]
    ranks = {n: tuple(np.argsort(columns[n])) for n in free if len(np.unique(columns[n])) > 32}
    if len(ranks) < 2:
        return without("no_draws")
    names_by_rank: dict[tuple[int, ...], str] = {}
    wrong = [f"{n} = {names_by_rank[r]}" for n, r in ranks.items() if names_by_rank.setdefault(r, n) != n]
    return of_names(wrong, len(ranks))


@check("amounts_are_at_one_price_year", "uncertainty", "25")
def amounts_are_at_one_price_year(subject: Subject) -> Verdict:
    """Every amount of money that is read is moved to the price year of the analysis."""
    year, evidence = subject.model.conventions.price_year, subject.study.evidence
    money = {n: p for n, p in evidence.parameters.items() if p.price_year is not None}
    if not money:
        return without("no_prices")
    return of_names([n for n, p in money.items() if p.price_year != year], len(money))
