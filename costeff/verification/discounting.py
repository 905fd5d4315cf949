"""Checks of discounting: totals worked out anew from the years' undiscounted amounts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costeff.model import Expression, Model
from costeff.verification.money import CLOSE
from costeff.verification.subject import Run, Subject, model_with
from costeff.verification.verdict import Verdict, check, of_equal, of_limits, without


def _rate(run: Run, kind: str) -> float:
    formula = getattr(run.model.conventions, f"discount_rate_{kind}")
    return float(np.asarray(formula.evaluate(run.environment), float).ravel()[0])


def _with_rates(model: Model, rate: str) -> Model:
    """The model with every rate as `rate` writes it, from `{}`."""

    def own(formula: Expression) -> Expression:
        return Expression(rate.format(f"({formula.text})"))

    c = model.conventions
    bands = tuple(replace(b, cost=own(b.cost), effect=own(b.effect)) for b in c.discount_bands)
    costs, effects = own(c.discount_rate_cost), own(c.discount_rate_effect)
    rates = replace(c, discount_rate_cost=costs, discount_rate_effect=effects, discount_bands=bands)
    return model_with(model, conventions=rates)


def _factors(run: Run, kind: str, years: np.ndarray) -> np.ndarray:
    """Chained factors at whole years, from the rates that the model states."""
    c, out = run.model.conventions, np.ones(len(years))
    starts = [0.0, *(float(b.after) for b in c.discount_bands), np.inf]
    later = [float(np.asarray(getattr(b, kind).evaluate(run.environment), float).ravel()[0]) for b in c.discount_bands]
    for low, high, rate in zip(starts, starts[1:], [_rate(run, kind), *later], strict=False):
        span = np.clip(years, low, high) - low
        out = out * (np.exp(-rate * span) if c.discounting in ("continuous", "nominal") else (1 + rate) ** -span)
    return out


@check("money_discounted_by_hand", "discounting", "46")
def money_discounted_by_hand(subject: Subject) -> Verdict:
    """Each flow over its years: by whole years exactly, else between the factors of the year's two ends."""
    run = subject.draws
    if not run.flows.lines:
        return without("no_money")
    amount, layer = run.flows.amount, run.simulated.layer_cost
    years = np.arange(amount.shape[3], dtype=float)
    start = _factors(run, "cost", years)
    actual = amount[..., layer]
    if run.model.conventions.discounting == "whole_year" and run.model.conventions.events_at == "start":
        return of_equal(actual, amount[..., 0] * start, CLOSE)
    if run.model.conventions.discounting == "nominal":
        start = (1 + _rate(run, "cost") / run.model.conventions.cycles_per_year) ** (
            -years * run.model.conventions.cycles_per_year
        )
    ends = np.stack([amount[..., 0] * start, amount[..., 0] * _factors(run, "cost", years + 1)])
    return of_limits(actual, ends.min(axis=0), ends.max(axis=0), CLOSE)


@check("time_discounted_by_hand", "discounting", "46")
def time_discounted_by_hand(subject: Subject) -> Verdict:
    """Time alive over its years, at the rate of effects."""
    run = subject.draws
    where, quantities = run.simulated.layout, run.simulated.quantities
    tally = where.tally(None)
    names = [state.name for state in run.model.states if state.alive]
    time = sum(quantities.time[:, :, :, where.cells(tally, s)].sum(axis=(2, 3)) for s in names)
    assert isinstance(time, np.ndarray)
    years = np.arange(time.shape[2], dtype=float)
    start, c = _factors(run, "effect", years), run.model.conventions
    actual = time[..., run.simulated.layer_effect]
    if c.discounting == "whole_year" and c.horizon % c.cycles_per_year == 0 and c.within_cycle == "none":
        return of_equal(actual, time[..., 0] * start)
    if c.discounting == "nominal":
        start = (1 + _rate(run, "effect") / c.cycles_per_year) ** (-years * c.cycles_per_year)
    return of_limits(actual, time[..., 0] * _factors(run, "effect", years + 2), time[..., 0] * start)


@check("rate_of_zero_discounts_nothing", "discounting", "47")
def rate_of_zero_discounts_nothing(subject: Subject) -> Verdict:
    """Rates at 0: discounted totals are the undiscounted ones of the model as it stands."""
    zero, base = subject.run(_with_rates(subject.model, "0 * {}")), subject.base
    money = of_equal(
        zero.flows.amount[..., zero.simulated.layer_cost].sum(axis=-1), base.flows.amount[..., 0].sum(axis=-1), CLOSE
    )
    return money if money.standing == "fail" else of_equal(zero.effects().value, base.effects(0).value)


@check("higher_rates_lower_sums", "discounting", "51")
def higher_rates_lower_sums(subject: Subject) -> Verdict:
    """Rates raised by 0.02: each flow by itself is no larger."""
    base, higher = subject.base, subject.run(_with_rates(subject.model, "{} + 0.02"))
    if not base.flows.lines:
        return without("no_money")
    sums = [np.abs(r.flows.amount[..., r.simulated.layer_cost].sum(axis=-1)) for r in (base, higher)]
    return of_limits(sums[1], 0, sums[0], CLOSE)


@check("endless_rate_leaves_the_start", "discounting", "52")
def endless_rate_leaves_the_start(subject: Subject) -> Verdict:
    """A rate of 1e9: by whole years the first year is left alone, and nothing of later ones."""
    c = subject.model.conventions
    if c.discounting != "whole_year" or c.events_at != "start":
        return without("whole_years")
    run = subject.run(_with_rates(subject.model, "1e9 + 0 * {}"))
    if not run.flows.lines:
        return without("no_money")
    actual = run.flows.amount[..., run.simulated.layer_cost].sum(axis=-1)
    return of_equal(actual, subject.base.flows.amount[..., 0, 0], CLOSE)


@check("rates_are_not_drawn", "discounting", "77")
def rates_are_not_drawn(subject: Subject) -> Verdict:
    """Rates of discounting are the same in all draws."""
    run, c = subject.draws, subject.model.conventions
    formulas = [c.discount_rate_cost, c.discount_rate_effect]
    return of_equal([np.ptp(np.asarray(e.evaluate(run.environment), float)) for e in formulas], 0.0, 0)
