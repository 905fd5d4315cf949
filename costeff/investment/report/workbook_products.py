"""The products of price and quantity that a case's cash flow is the sum of, and lines that are shares of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.compile.lines import Line
from costeff.investment.case import QUARTERS, Funding
from costeff.investment.cash import CashFlow, CashLine
from costeff.investment.costs import cost_keys, displaced_key, displaced_lines, funding_key, line_key, replaced
from costeff.investment.pricing import Priced
from costeff.investment.quantities import CaseQuantities
from costeff.investment.result import CaseResultData
from costeff.investment.views import (
    OUT_MIGRATION,
    OWN,
    OWN_WITH_TAX,
    Added,
    equalisation_lines,
    grant_of,
    moved_lines,
    share_moved,
)
from costeff.labels import Label, worded
from costeff.model.formulas.expression import Expression
from costeff.reporting.workbook.content import Counted, MoneyLine, PricedCell
from costeff.reporting.workbook.content_of_result import Counting, value_of

Values = tuple[float, ...]


class Products:
    """Every product that the case's cash flow is the sum of, line by line, in the cash flow's order.

    `values_of` gives formulas their value in each price block, where that is known.
    """

    def __init__(
        self, result: CaseResultData, pricing: Priced, values_of: Callable[[Expression], Values] | None = None
    ) -> None:
        self.result, self.priced, self.plan = result, pricing, pricing.plan
        self.model, self.case = self.plan.model, result.case
        discount = result.cash.discount[pricing.period_year]
        self.counting = Counting(self.model, self.plan.layout, pricing.done.quantities, 0, discount)
        self.counted = self.counting.counted
        self.lines: list[MoneyLine] = []
        self.cells: list[PricedCell] = []
        self.kept = _kept(result)
        self._values_of = values_of or cache(self._value_in_each_block)
        for i in self.kept:
            self._add(i, result.cash.lines[i])

    @cached_property
    def envs(self) -> list[dict[str, Any]]:
        """Values of the model's parameters in each price block."""
        fixed, more, tables = self.plan.draws, self.result.repriced, self.plan.tables
        return [
            parameter_environment(self.model, {**fixed, **values, **more}, tables, 1) for values in self.priced.blocks
        ]

    def counted_in(self, done: CaseQuantities) -> list[Counted]:
        """The same quantities, of other lives at the same prices."""
        return Products(self.result, replace(self.priced, done=done), self._values_of).counted

    def _value_in_each_block(self, formula: Expression) -> Values:
        return tuple(value_of(formula, env) for env in self.envs)

    def _add(self, i: int, line: CashLine) -> None:
        key = (line.item, line.payer, line.recipient, line.programme)
        ledger = [
            x
            for x in self.plan.layout.lines
            if not x.flow.only_in and not replaced(self.case, x) and line_key(x) == key
        ]
        at = len(self.lines)
        before = len(self.cells)
        for one in ledger:
            self._ledger(at, one)
        for (item, department), own in cost_keys(self.case, self.model).items():
            if own == key:
                self._programme(at, item, department)
        for funding in self.case.funding:
            if funding_key(funding) == key:
                self._funding(at, funding)
        for one in displaced_lines(self.case, self.plan.layout):
            if displaced_key(one) == key:
                self._displaced(at, one)
        strategies = {s for x in ledger for s in (x.strategies or self.model.strategy_names)}
        own_cost = len(self.cells) > before and not ledger
        programme_name = self.model.strategy_names[1 - self.plan.usual]
        strategy_flags = tuple(s in strategies or (own_cost and s == programme_name) for s in self.model.strategy_names)
        self.lines.append(_money_line(self.result, i, line, strategy_flags))

    def _cell(self, at: int, quantity_index: int, amount: Expression, shares: tuple[Expression, ...]) -> None:
        amounts = self._values_of(amount)
        parts = tuple(math.prod(of_block) for of_block in zip(*map(self._values_of, shares), strict=True))
        parts = parts or (1.0,) * len(amounts)  # the payer pays all of it
        self.cells.append(PricedCell(at, quantity_index, amount, shares, amounts, parts))

    def _ledger(self, at: int, line: Line) -> None:
        if line.per == "start":
            quantities = self.priced.done
            people = quantities.starts[0] if line.strategies else quantities.takers[0]
            what = worded("book_what_citizens_who_begin")
            if not line.strategies:
                what = worded("book_what_citizens_who_take_the_offer")
            strategy_flags = [not line.strategies or s in line.strategies for s in self.model.strategy_names]
            quantity_index = self._people(what, people, strategy_flags, follows=True)
            self._cell(at, quantity_index, line.amounts[""], tuple(share.values[0] for share in line.shares))
            return
        for quantity_index, amount, shares in self.counting.of(line):
            self._cell(at, quantity_index, amount, shares)

    def _displaced(self, at: int, line: Line) -> None:
        """Usual work in the weeks of the course, less by the share that the programme replaces."""
        course, programme_mask = self.priced.done.course, np.arange(2) != self.plan.usual
        assert course is not None
        course = replace(course, time=course.time * programme_mask[:, None, None, None, None])
        taken_off = Expression(f"-({self.case.programme.replaces[line.item].text})")
        for quantity_index, amount, shares in self.counting.of(line, course):
            self._cell(at, quantity_index, amount, (*shares, taken_off))

    def _funding(self, at: int, funding: Funding) -> None:
        """Money from outside, in the parts of a year that its periods are."""
        period, year = self.plan.period, self.priced.period_year
        length = np.array([(period == p).sum() / QUARTERS for p in range(len(year))])
        only = [g != self.plan.usual for g in range(2)]
        for calendar, amount in funding.amounts.items():
            what = worded("book_funding_in", year=calendar)
            part = length * (year == calendar - self.case.first_year)
            self._cell(at, self._people(what, part, only), Expression(repr(amount)), ())

    def _people(self, what: Label, number: np.ndarray, strategy_flags: Sequence[bool], *, follows: bool = False) -> int:
        """A quantity that is `number` (P,) under the strategies that have it; whether it follows the citizens."""
        values = np.where(np.array(strategy_flags)[:, None], number[None, :], 0.0)
        return self.counting.add(
            (str(what), *strategy_flags, *number.tolist()), what, "", "", values[..., None], follows=follows
        )

    def _programme(self, at: int, item: str, department: str) -> None:
        """The case's own costs: a product with the department's share in every period."""
        programme, shares = self.case.programme, (self.case.programme.shares[department],)
        period, year = self.plan.period, self.priced.period_year
        length = np.array([(period == p).sum() / QUARTERS for p in range(len(year))])
        only = [g != self.plan.usual for g in range(2)]
        if item == "programme_variable" and programme.variable is not None:
            what = worded("book_what_citizens_who_begin")
            starts = self.priced.done.starts[0]
            self._cell(at, self._people(what, starts, only, follows=True), programme.variable, shares)
        if item == "programme_fixed" and programme.fixed is not None:
            on = [any(self.case.inflow[QUARTERS * y : QUARTERS * (y + 1)]) for y in range(self.case.years)]
            what = worded("book_what_years_in_operation")
            self._cell(at, self._people(what, length * np.array(on)[year], only), programme.fixed, shares)
        if item == "programme_consultants" and programme.per_consultant is not None and self.case.capacity:
            consultants = np.array(self.case.capacity.consultants)[year]
            what = worded("book_what_job_consultants_years")
            self._cell(at, self._people(what, length * consultants, only), programme.per_consultant, shares)
        if item == "programme_start_up":
            for calendar, amount in programme.start_up.items():
                falls = length * (year == calendar - self.case.first_year)
                what = worded("book_start_up_in", year=calendar)
                self._cell(at, self._people(what, falls, only), amount, shares)


def _money_line(
    result: CaseResultData, i: int, line: CashLine, strategy_flags: tuple[bool, ...], **more: Any
) -> MoneyLine:
    assert result.priced is not None
    cash, usual = result.cash, result.priced.plan.usual
    both = [cash.programme[0, :, i], cash.programme[0, :, i]]
    both[usual] = cash.usual[0, :, i]
    amount = np.array(both)
    discounted = amount * cash.discount
    return MoneyLine(
        line.item,
        line.label,
        line.payer,
        line.recipient,
        line.programme,
        strategy_flags,
        True,
        amount,
        discounted,
        **more,
    )


# -- lines that are a share of others: equalisation, block grant, citizens who moved away --


@dataclass(frozen=True)
class _Step:
    """Lines that one view adds to the cash flow before it."""

    added: tuple[Added, ...]


def _kept(result: CaseResultData) -> list[int]:
    """Lines of the cash flow that are products of prices and quantities: all before the first that a view added."""
    first = len(result.cash.lines) - sum(len(step.added) for step in _steps(result))
    return list(range(first))


def _steps(result: CaseResultData) -> list[_Step]:
    """What each view added, in order, found again from the cash flow's own lines."""
    assert result.priced is not None
    case, cash, rules = result.case, result.cash, result.priced.rules
    steps: list[_Step] = []
    entrants = np.array(case.takers).reshape(case.years, -1).sum(axis=1)
    names = [x.item for x in cash.lines]
    ends = len(names)
    if case.out_migration:
        first = names.index(OUT_MIGRATION)
        mover_shares = share_moved(entrants, case.out_migration)
        steps.append(_Step(moved_lines(_upto(cash, first), mover_shares, result.groups[OWN_WITH_TAX])))
        ends = first
    if case.view == "all_municipalities" and rules is not None:
        first = next((i for i, name in enumerate(names) if name.startswith("block_grant_")), ends)
        coverage: dict[str, float | np.ndarray] = {**rules.coverage(1), **case.coverage}
        steps.append(_Step(grant_of(_upto(cash, first), coverage, rules, result.groups[OWN])))
        ends = first
    if case.equalisation is not None:
        steps.append(_Step(equalisation_lines(_upto(cash, ends), case.equalisation)))
    return steps[::-1]


def _upto(cash: CashFlow, end: int) -> CashFlow:
    return replace(cash, lines=cash.lines[:end], usual=cash.usual[..., :end], programme=cash.programme[..., :end])


def added_lines(result: CaseResultData, product_lines: Sequence[int]) -> list[MoneyLine]:
    """The lines that views added: a share, by year, of the net of lines before them."""
    money_lines = []
    i = len(product_lines)
    years = len(result.years)
    for step in _steps(result):
        for addition in step.added:
            weight = np.broadcast_to(addition.weight[0], (years, addition.weight.shape[-1]))
            positions = np.flatnonzero(np.abs(weight).max(axis=0))
            share = np.abs(weight[:, positions]).max(axis=1) if len(positions) else np.zeros(years)
            sign = np.sign(weight[:, positions].sum(axis=0)).astype(int) if len(positions) else np.zeros(0, int)
            of = tuple((int(j), int(s)) for j, s in zip(positions, sign, strict=True))
            money_lines.append(
                _money_line(result, i, result.cash.lines[i], (True, True), of=of, weights=tuple(share.tolist()))
            )
            i += 1
    return money_lines
