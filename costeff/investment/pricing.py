"""From a case's quantities to its cash flow: the model's flows at the prices of each period, and the programme's costs.

Pricing is a product of arrays, so that other prices, costs and discount rates need no simulation.
Sizes: D draws, Y calendar years, P calendar periods, L lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from costeff.analysis.study import StudyData
from costeff.compile.discount import discount_factors
from costeff.compile.environment import parameter_environment
from costeff.compile.lines import Line
from costeff.engine.quantities import Quantities
from costeff.errors import ResultError
from costeff.evidence import Evidence
from costeff.investment.case import QUARTERS, Case
from costeff.investment.case_plan import CasePlan
from costeff.investment.cash import CashFlow
from costeff.investment.costs import (
    Key,
    case_costs,
    cash_lines,
    cost_keys,
    displaced_key,
    displaced_lines,
    displaced_shares,
    line_key,
    replaced,
    shares_of,
)
from costeff.investment.payers import payer_groups
from costeff.investment.quantities import CaseQuantities
from costeff.investment.views import viewed
from costeff.ledger import flows
from costeff.model.formulas.expression import Expression
from costeff.problems import way_to
from costeff.rules import RuleSet


@dataclass(frozen=True, eq=False)
class Priced:
    """What re-pricing a case needs. `blocks` are the rule blocks' parameter values (name to (D,)); `period_block` and
    `period_year` (P,) say which block and which year of the case each period belongs to. `evidence` is for sources."""

    plan: CasePlan
    done: CaseQuantities
    blocks: tuple[Mapping[str, np.ndarray], ...]
    period_block: np.ndarray
    period_year: np.ndarray
    evidence: tuple[Evidence, ...] = ()
    rules: RuleSet | None = None
    study: StudyData[Any] | None = None  # as read from the case's files

    def cash(
        self, case: Case | None = None, changes: Mapping[str, np.ndarray] | None = None
    ) -> tuple[CashFlow, np.ndarray | None]:
        """(cash flow, case less usual care as either half has it (D, 2, Y, L) or None), at other costs or prices.

        `changes` (name to (D,)) replace drawn values, and those of every rule block.
        """
        case = case or self.plan.case
        draws = {**self.plan.draws, **(changes or {})}
        lines = cash_lines(case, self.plan.model, self.plan.layout)
        rows = {key: i for i, key in enumerate(lines)}
        shape = (self.plan.size, 2, case.years, len(lines))
        money = np.zeros(shape)
        sizes = self.done.quantities.half_sizes
        half = np.zeros(shape) if sizes[0] == sizes[1] else None
        for block in range(len(self.blocks)):
            env = self._environment(draws, block, changes or {})
            periods = np.flatnonzero(self.period_block == block)
            self._price(case, env, periods, rows, money, half)
            self._programme(case, env, periods, rows, money, half)
            self._displaced(case, env, periods, rows, money, half)
        usual = self.plan.usual
        cash = CashFlow(
            years=case.calendar,
            lines=tuple(lines.values()),
            usual=money[:, usual],
            programme=money[:, 1 - usual],
            discount=discount(self, draws, case, changes or {}),
            price_year=case.price_year,
            replicates=self.plan.replicates,
        )
        return viewed(cash, half, case, self.rules, self.plan.design, payer_groups(self.plan.model))

    def no_effect(self, case: Case | None = None, changes: Mapping[str, np.ndarray] | None = None) -> CashFlow:
        """The cash flow of a run without effect: the programme is booked as it is, and nobody's life changes."""
        idle = replace(self, done=self.done.without_effect(self.plan.usual))
        return idle.cash(case, changes)[0]

    def _environment(
        self, draws: Mapping[str, np.ndarray], block: int, changes: Mapping[str, np.ndarray]
    ) -> dict[str, Any]:
        values = {**draws, **self.blocks[block], **changes}
        return parameter_environment(self.plan.model, values, self.plan.tables, self.plan.size)

    def _price(
        self,
        case: Case,
        env: dict[str, Any],
        periods: np.ndarray,
        rows: dict[Key, int],
        money: np.ndarray,
        half: np.ndarray | None,
    ) -> None:
        """Add the model's flows in `periods`: per cycle and event from quantities, per start from who began."""
        plan, q = self.plan, self.done.quantities
        part = replace(q, time=q.time[..., periods, :], events=q.events[..., periods, :])
        payments = flows(plan.model, plan.layout, env, part)
        at_start = replace(plan.layout, lines=tuple(x for x in plan.layout.lines if x.per == "start"))
        price = flows(plan.model, at_start, env, _nothing(q)).amount[..., 0, 0]  # (D, G, lines) per starter
        years = self.period_year[periods]  # a block holds for at most one period of a year
        for i, line in enumerate(payments.lines):
            if line.flow.only_in or replaced(case, line):
                continue
            at = rows[line_key(line)]
            if line.per == "start":
                amount = self._started(line, price[:, :, at_start.lines.index(line)], periods)
                both = amount[:, None]
            else:
                amount = payments.amount[:, :, i, :, 0]
                both = payments.half[:, :, :, i, :, 0] if payments.half is not None else amount[:, None]
            money[:, :, years, at] += amount
            if half is not None:
                half[:, :, years, at] += both[:, :, 1 - plan.usual] - both[:, :, plan.usual]

    def _started(self, line: Line, price: np.ndarray, periods: np.ndarray) -> np.ndarray:
        """(D, G, periods): what belongs to a strategy is paid when it begins, the rest by everybody at entry."""
        people = self.done.starts if line.strategies else self.done.takers
        return np.asarray(price[:, :, None] * people[:, None, periods])

    def _programme(
        self,
        case: Case,
        env: dict[str, Any],
        periods: np.ndarray,
        rows: dict[Key, int],
        money: np.ndarray,
        half: np.ndarray | None,
    ) -> None:
        """Add the case's own costs. A year's cost falls in its periods by their length."""
        costs = case_costs(case, env, self.plan.size)
        shares = shares_of(case, env, self.plan.size)
        for (item, department), key in cost_keys(case, self.plan.model).items():
            at = rows[key]
            for period in periods:
                year = int(self.period_year[period])
                if item == "programme_variable":
                    amount = costs[item][year] * self.done.starts[:, period]
                else:
                    length = float((self.plan.period == period).sum()) / QUARTERS
                    amount = costs[item][year] * length
                amount = amount * shares[department]
                money[:, 1 - self.plan.usual, year, at] += amount
                if half is not None:
                    half[:, :, year, at] += amount[:, None]

    def _displaced(
        self,
        case: Case,
        env: dict[str, Any],
        periods: np.ndarray,
        rows: dict[Key, int],
        money: np.ndarray,
        half: np.ndarray | None,
    ) -> None:
        """Take off the share of usual work that the programme's staff do in the weeks of the course."""
        plan, lines = self.plan, displaced_lines(case, self.plan.layout)
        if not lines:
            return
        q = self.done.course
        if q is None:
            raise ResultError(
                "the work that the programme replaces was not counted",
                where=case.programme.place,
                rule="usual work in the weeks of the course is counted where the case has `replaces`",
                way_out="run the case with `replaces` instead of re-pricing it",
            )
        part = replace(q, time=q.time[..., periods, :], events=q.events[..., periods, :])
        payments = flows(plan.model, replace(plan.layout, lines=lines), env, part)
        shares = displaced_shares(case, env, plan.size)
        years, strategy = self.period_year[periods], 1 - plan.usual
        for i, line in enumerate(lines):
            at, share = rows[displaced_key(line)], shares[line.item]
            amount = payments.amount[:, strategy, i, :, 0] * share[:, None]
            money[:, strategy, years, at] -= amount
            if half is not None:
                both = (
                    payments.half[:, :, strategy, i, :, 0] * share[:, None, None]
                    if payments.half is not None
                    else amount[:, None]
                )
                half[:, :, years, at] -= both


def _nothing(q: Quantities) -> Quantities:
    """No time and no events in one period: prices of what is paid at the start are all that is left."""
    time, events = (np.broadcast_to(0.0, (*a.shape[:4], 1, a.shape[5])) for a in (q.time, q.events))
    return replace(q, time=time, events=events)


def discount(
    pricing: Priced, draws: Mapping[str, np.ndarray], case: Case, changes: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Factor of each calendar year to the first, (Y,): the rule set's bands, chained, unless the case (or a re-pricing)
    sets the model's own rate; without rules the model's, as their mean over draws.
    """
    plan, conventions = pricing.plan, pricing.plan.model.conventions
    rate_names = conventions.discount_rate_cost.names & ({*case.set} | {*changes})
    if pricing.rules is not None and pricing.rules.discount and not rate_names:
        (_, first), *later = pricing.rules.discount
        return discount_factors("annual", first, case.years - 1, 1, later)
    env = parameter_environment(plan.model, draws, plan.tables, plan.size)

    def rate(formula: Expression) -> float:
        return float(np.asarray(formula.evaluate(env), float).mean())

    bands = [(float(b.after), rate(b.cost)) for b in conventions.discount_bands]
    return discount_factors("annual", rate(conventions.discount_rate_cost), case.years - 1, 1, bands)


def columns(pricing: Priced, values: Mapping[str, float | np.ndarray]) -> dict[str, np.ndarray]:
    """New values as columns (D,). Raises ResultError for an unknown parameter and for one that needs a simulation."""
    moves = pricing.plan.moving
    columns_by_name = {}
    for name, value in values.items():
        if name not in pricing.plan.draws:
            price_names = sorted(set(pricing.plan.draws) - moves)
            raise ResultError(
                "unknown parameter",
                value=name,
                rule="parameters of the model and of the case",
                way_out=way_to(name, price_names, f"known prices: {', '.join(price_names)}"),
            )
        if name in moves:
            raise ResultError(
                f"'{name}' is read by the simulation, so a new value needs a new simulation",
                value=name,
                rule="re-pricing changes prices, shares, costs and discount rates",
                way_out="put it under `set` in the case, and run the case again",
            )
        columns_by_name[name] = np.broadcast_to(np.asarray(value, float), (pricing.plan.size,))
    return columns_by_name
