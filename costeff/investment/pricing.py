"""From a case's quantities to its cash flow: the model's flows at the prices of each period, and the programme's costs.

Pricing is a product of arrays, so that other prices, costs and discount rates need no simulation.
Sizes: D draws, Y calendar years, P calendar periods, L lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from costeff.analysis.study import StudyData
from costeff.compile.discount import discount_factors
from costeff.compile.environment import parameter_environment
from costeff.compile.lines import Line
from costeff.engine.quantities import Quantities
from costeff.errors import ResultError
from costeff.evidence import Evidence
from costeff.investment.book import Book
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
    funding_key,
    line_key,
    replaced,
    shares_of,
)
from costeff.investment.keys_again import keys_after, keys_again, lines_as_before
from costeff.investment.payers import payer_groups
from costeff.investment.quantities import CaseQuantities
from costeff.investment.views import viewed
from costeff.ledger import flows
from costeff.ledger.flows import Among, Flows, Prices
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
    share: np.ndarray | None = None  # (D,) of costs that follow no citizen that a target group bears; None: all
    prices: dict[int, Prices] | None = None
    """By block, what lines cost a citizen at the case's own figures: other citizens cost the same. None: not kept."""

    def cash(self, case: Case | None = None, changes: Mapping[str, np.ndarray] | None = None) -> CashFlows:
        """What the case moves, at other costs or prices.

        `changes` (name to (D,)) replace drawn values, and those of every rule block.
        """
        case = case or self.plan.case
        draws = {**self.plan.draws, **(changes or {})}
        lines = cash_lines(case, self.plan.model, self.plan.layout)
        book = self._book_of(case, changes or {})
        factor = discount(self, draws, case, changes or {})

        def flow(programme: np.ndarray, half: np.ndarray | None) -> tuple[CashFlow, np.ndarray | None]:
            cash = CashFlow(
                years=case.calendar,
                lines=tuple(lines.values()),
                usual=np.moveaxis(book.usual, 0, -1),
                programme=np.moveaxis(programme, 0, -1),
                discount=factor,
                price_year=case.price_year,
                replicates=self.plan.replicates,
            )
            return viewed(cash, half, case, self.rules, self.plan.design, payer_groups(self.plan.model))

        half = None if book.half is None else np.moveaxis(book.half, 0, -1)
        return CashFlows(*flow(book.programme, half), flow(book.idle, None)[0])

    @cached_property
    def _first(self) -> tuple[Book, _Before]:
        """The case's own book, and the steps to which its lines are rounded; what is priced again begins from it."""
        lines_before: _Before = {}
        return self._book(self.plan.case, {}, lines_before=lines_before), lines_before

    def begin_from(self, before: Priced) -> None:
        """Take over from another pricing what reads nothing that is another here: prices, and sums of the same people.

        The numbers stay those of a pricing of everything; where too much differs, nothing is taken over.
        """
        if self.prices is not None and before.prices is not None:
            alike = {id(line) for line in lines_as_before(before.plan, self.plan, before.blocks, self.blocks)}
            for block, prices in before.prices.items():
                self.prices[block] = {key: price for key, price in prices.items() if key in alike}
        periods = ((self.period_block, before.period_block), (self.period_year, before.period_year))
        if self.done is not before.done or not all(np.array_equal(*both) for both in periods):
            return
        again = keys_after(before.plan, self.plan, before.blocks, self.blocks)
        if again is not None:
            first, lines_before = before._first
            book, draws_anew, lines_now = first.without(again), np.zeros(self.plan.size, bool), dict(lines_before)
            self._book(self.plan.case, {}, book, again, lines_now, draws_anew)
            self._price_draws(book, draws_anew, self.plan.case, {})
            self.__dict__["_first"] = book, lines_now  # where the cached property keeps it

    def _price_draws(self, book: Book, draws_anew: np.ndarray, case: Case, changes: Mapping[str, np.ndarray]) -> None:
        """Price draws whose cells are rounded to other steps, all of their lines."""
        if draws_anew.any():
            rows = np.flatnonzero(draws_anew)
            part = self._of_draws(rows)
            book.put(rows, part._book(case, {name: values[rows] for name, values in changes.items()}))

    def _book_of(self, case: Case, changes: Mapping[str, np.ndarray]) -> Book:
        """The book at other costs or prices: only the lines that read what has changed are priced again."""
        if case is self.plan.case and not changes:
            return self._first[0]
        again = keys_again(self.plan, case, changes)
        if again is None:
            return self._book(case, changes)
        first, lines_before = self._first
        book, draws_anew = first.without(again), np.zeros(self.plan.size, bool)
        self._book(case, changes, book, again, dict(lines_before), draws_anew)
        self._price_draws(book, draws_anew, case, changes)
        return book

    def _of_draws(self, rows: np.ndarray) -> Priced:
        """The same with some of the draws; what is priced of a draw depends on nothing of the others."""
        done = self.done
        draws = {name: np.asarray(values)[rows] for name, values in self.plan.draws.items()}
        part = replace(
            done,
            quantities=_taken(done.quantities, rows, axis=-1),
            starts=done.starts[rows],
            takers=done.takers[rows],
            course=None if done.course is None else _taken(done.course, rows, axis=-1),
        )
        blocks = tuple({name: np.asarray(values)[rows] for name, values in block.items()} for block in self.blocks)
        share = None if self.share is None else self.share[rows]
        prices = (
            None
            if self.prices is None
            else {b: {k: p.of_draws(rows) for k, p in of.items()} for b, of in self.prices.items()}
        )
        return replace(self, plan=replace(self.plan, draws=draws), done=part, blocks=blocks, share=share, prices=prices)

    def _book(
        self,
        case: Case,
        changes: Mapping[str, np.ndarray],
        book: Book | None = None,
        again: frozenset[Key] | None = None,
        lines_before: _Before | None = None,
        draws_anew: np.ndarray | None = None,
    ) -> Book:
        """All lines, or those of `again` in a book that holds the others. `lines_before` then has all of them.

        `draws_anew` (D,) is set where the lines priced again change the step to which all lines of a draw are rounded.
        """
        draws = {**self.plan.draws, **changes}
        if book is None:
            lines = cash_lines(case, self.plan.model, self.plan.layout)
            book = Book.empty(lines, self.plan.size, case.years, self.done.quantities.half_sizes)
        for block in range(len(self.blocks)):
            env = self._environment(draws, block, changes)
            kept_prices = self.prices if case is self.plan.case and not changes else None
            prices = None if kept_prices is None else kept_prices.setdefault(block, {})
            pricer = _Again(self, block, again, {} if lines_before is None else lines_before, draws_anew, prices)
            periods = np.flatnonzero(self.period_block == block)
            self._price(case, env, periods, book, pricer)
            if again is None or again & {*cost_keys(case, self.plan.model).values()}:
                self._programme(case, env, periods, book)
            if again is None:
                self._funding(case, periods, book)
            self._displaced(case, env, periods, book, pricer)
        return book

    def _environment(
        self, draws: Mapping[str, np.ndarray], block: int, changes: Mapping[str, np.ndarray]
    ) -> dict[str, Any]:
        values = {**draws, **self.blocks[block], **changes}
        return parameter_environment(self.plan.model, values, self.plan.tables, self.plan.size)

    def _price(self, case: Case, env: dict[str, Any], periods: np.ndarray, book: Book, pricer: _Again) -> None:
        """Add the model's flows in `periods`: per cycle and event from quantities, per start from who began."""
        plan, q = self.plan, self.done.quantities
        years = self.period_year[periods]  # a block holds for at most one period of a year
        at_start = tuple(x for x in plan.layout.lines if x.per == "start" and not _left_out(case, x))
        payments = pricer.flows("start", at_start, line_key, env, _nothing(q))
        for line, each in zip(payments.lines, np.moveaxis(payments.amount[..., 0, 0], 2, 0), strict=True):
            # What belongs to a strategy is paid when it begins, the rest by everybody at entry.
            people = self.done.starts if line.strategies else self.done.takers
            book.add(line_key(line), years, each[:, :, None] * people[:, None, periods], plan.usual)
        lines = tuple(x for x in plan.layout.lines if x.per != "start" and not _left_out(case, x))
        payments, as_usual = self._priced(("lines", line_key, pricer), lines, env, q, periods)
        own = _numbers_among(as_usual.lines, payments.lines)
        book.add_lines(map(line_key, payments.lines), years, payments, plan.usual, own, as_usual)

    def _priced(
        self,
        how: tuple[str, Callable[[Line], Key], _Again],
        lines: tuple[Line, ...],
        env: dict[str, Any],
        q: Quantities,
        periods: np.ndarray,
    ) -> tuple[Flows, Flows]:
        """What lines cost in `periods`; and those that are paid under one strategy only, as if everybody lived as
        under usual care: what they cost where the programme changes nobody's life.

        Identical strategies share their luck, so a simulation with every ratio at 1 would give these very numbers.
        """
        usual, (kind, key, pricer) = self.plan.usual, how
        if np.all(np.diff(periods) == 1):  # a view where it can be
            here = slice(periods[0], periods[-1] + 1)
            part = q.with_time_and_events(q.time[..., here, :], q.events[..., here, :])
        else:
            part = _taken(q, periods, axis=3)
        payments = pricer.flows(kind, lines, key, env, part)
        some = tuple(line for line in lines if line.strategies)  # not paid under usual care, though lived through there
        usual_lives = [np.broadcast_to(a[:, usual : usual + 1], a.shape) for a in (part.time, part.events)]
        return payments, pricer.flows(f"{kind} as usual", some, key, env, part.with_time_and_events(*usual_lives))

    def _programme(self, case: Case, env: dict[str, Any], periods: np.ndarray, book: Book) -> None:
        """Add the case's own costs. A year's cost falls in its periods by their length."""
        costs = case_costs(case, env, self.plan.size)
        shares = shares_of(case, env, self.plan.size)
        for (item, department), key in cost_keys(case, self.plan.model).items():
            for period in periods:
                year = int(self.period_year[period])
                if item == "programme_variable":
                    amount = costs[item][year] * self.done.starts[:, period]
                else:
                    length = float((self.plan.period == period).sum()) / QUARTERS
                    amount = costs[item][year] * length * (1.0 if self.share is None else self.share)
                book.add_programme(key, np.array([year]), (amount * shares[department])[:, None])

    def _funding(self, case: Case, periods: np.ndarray, book: Book) -> None:
        """Add money from outside. A year's amount falls in its periods by their length."""
        for funding in case.funding:
            for period in periods:
                year = int(self.period_year[period])
                length = float((self.plan.period == period).sum()) / QUARTERS
                amount = np.full(self.plan.size, funding.amounts.get(case.calendar[year], 0.0) * length)
                own = amount if self.share is None else amount * self.share
                book.add_programme(funding_key(funding), np.array([year]), own[:, None])

    def _displaced(self, case: Case, env: dict[str, Any], periods: np.ndarray, book: Book, pricer: _Again) -> None:
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
        shares = displaced_shares(case, env, plan.size)
        years, usual = self.period_year[periods], plan.usual
        payments, as_usual = self._priced(("displaced", displaced_key, pricer), lines, env, q, periods)
        numbers = _numbers_among(as_usual.lines, payments.lines)
        for i, line in enumerate(payments.lines):
            share, own = shares[line.item][:, None], numbers[i]
            amount = payments.amount[:, :, i, :, 0]
            idle = amount[:, usual] if own < 0 else as_usual.amount[:, 1 - usual, own, :, 0]
            both = None if payments.half is None else -payments.half[:, :, 1 - usual, i, :, 0] * share[:, None]
            book.add_programme(displaced_key(line), years, -amount[:, 1 - usual] * share, both, -idle * share)


#: By block and kind of lines: their gross and the step to which they are rounded.
_Before = dict[tuple[int, str], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class _Again:
    """Prices the lines of a block: all, or those of `again` among what was before. `lines_before` then has them."""

    pricing: Priced
    block: int
    again: frozenset[Key] | None
    lines_before: _Before
    draws_anew: np.ndarray | None
    prices: Prices | None

    def flows(
        self, kind: str, lines: tuple[Line, ...], key: Callable[[Line], Key], env: dict[str, Any], q: Quantities
    ) -> Flows:
        """The money of the lines that are priced here."""
        plan = self.pricing.plan
        among, steps = None, None
        if self.again is not None:
            gross, steps = self.lines_before[self.block, kind]
            numbers = [i for i, line in enumerate(lines) if key(line) in self.again]
            among, lines = Among(gross, numbers), tuple(lines[i] for i in numbers)
        payments = flows(plan.model, replace(plan.layout, lines=lines), env, q, among=among, prices=self.prices)
        if payments.gross is not None and payments.quantum is not None:
            gross = payments.gross
            if among is not None:
                gross = among.gross.copy()
                gross[list(among.numbers)] = payments.gross
            self.lines_before[self.block, kind] = gross, payments.quantum
        if self.draws_anew is not None:
            self.draws_anew[payments.quantum != steps] = True
        return payments


@dataclass(frozen=True, eq=False)
class CashFlows:
    """A case's cash flow; case less usual care as either half has it, (D, 2, Y, L) or None; and the cash flow of a
    programme that is booked as it is and changes nobody's life."""

    cash: CashFlow
    half: np.ndarray | None
    no_effect: CashFlow


def _left_out(case: Case, line: Line) -> bool:
    """Flows that stand in one perspective only, and those in whose place the case has a cost of its own."""
    return bool(line.flow.only_in) or replaced(case, line)


def _numbers_among(some: Sequence[Line], lines: Sequence[Line]) -> np.ndarray:
    """The number of each line among some of them; -1 where it is none."""
    numbers = {id(line): number for number, line in enumerate(some)}
    return np.array([numbers.get(id(line), -1) for line in lines], np.int64)


def _taken(q: Quantities, numbers: np.ndarray, axis: int) -> Quantities:
    """The quantities of some periods (axis 3 of what lies in memory) or draws (the last); draws stay side by side."""
    time, events = (
        np.moveaxis(np.moveaxis(a[..., 0], 0, -1).take(numbers, axis), -1, 0)[..., None] for a in (q.time, q.events)
    )
    return q.with_time_and_events(time, events)


def _nothing(q: Quantities) -> Quantities:
    """No time and no events in one period: prices of what is paid at the start are all that is left."""
    time, events = (np.broadcast_to(0.0, (*a.shape[:4], 1, a.shape[5])) for a in (q.time, q.events))
    return q.with_time_and_events(time, events)


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
