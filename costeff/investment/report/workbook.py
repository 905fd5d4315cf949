"""The base case of an investment case as content of the spreadsheet twin: calendar periods, dated prices."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.compile.lines import Line
from costeff.investment import repricing
from costeff.investment.case import QUARTERS
from costeff.investment.cash import CashFlow, CashLine
from costeff.investment.costs import OTHER, area_of, cost_keys, displaced_key, displaced_lines, line_key, replaced
from costeff.investment.invest import base_case
from costeff.investment.pricing import Priced
from costeff.investment.report.content_of_case import notes_of_parameters
from costeff.investment.report.effect import spread
from costeff.investment.repricing import reprice
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
from costeff.labels import Label, joined, same, worded
from costeff.model.formulas.expression import Expression
from costeff.reporting.numbers import number_label
from costeff.reporting.parameter_labels import parameter_labels
from costeff.reporting.workbook.content import (
    BookMean,
    BookParameter,
    BookPerspective,
    MoneyLine,
    PricedCell,
    WorkbookContent,
)
from costeff.reporting.workbook.content_of_result import (
    CHART_PERSPECTIVES,
    INDIVIDUALS,
    Counting,
    constants_of,
    derived_used,
    formulas_used,
    frozen_names,
    locked_names,
    value_of,
)
from costeff.reporting.workbook.write import write_workbook

FIXED_COSTS = ("programme_fixed", "programme_consultants", "programme_start_up")
"""Costs of a case that do not follow the number of its citizens."""


def case_workbook(result: CaseResultData, path: str | os.PathLike[str], language: str = "en") -> None:
    """Write the spreadsheet twin of a case: prices by rules in force, quantities by calendar year, live formulas.

    The base case is run again where the result has several draws; their mean stands beside it.
    """
    write_workbook(case_workbook_content(result), path, language)


def case_workbook_content(result: CaseResultData) -> WorkbookContent:
    """The workbook of a case."""
    base = result
    if result.draws > 1:
        base = base_case(result.case, INDIVIDUALS, result.seed, run=result.priced)
        if result.repriced:
            base = reprice(base, {name: float(values.mean()) for name, values in result.repriced.items()})
    assert base.priced is not None
    products = _Products(base, base.priced)
    plan, cash = base.priced.plan, base.cash
    model, case = plan.model, result.case
    price_formulas = formulas_used(products.cells, ())
    definitions = derived_used(model, price_formulas, products.envs)
    price_parameters, other_parameters = _parameters(base, base.priced, price_formulas, definitions)
    area_names, area_labels = _areas(base)
    lines = [
        replace(line, area=area_names.index(area_of(case, line.item)), follows=line.item not in FIXED_COSTS)
        for line in (*products.lines, *_added(base, products.kept))
    ]
    years = [same(str(year)) for year in cash.years]
    inside = dict(base.parties)
    outside = {p.name: p.label for p in model.parties if p.outside}
    return WorkbookContent(
        title=case.title,
        facts=_facts(base),
        notes=(),
        currency=model.conventions.currency,
        unit=worded("book_whole_case"),
        strategies=[s.label for s in model.strategies],
        comparator=plan.usual,
        shown=1 - plan.usual,
        periods=_period_labels(base.priced, cash.years),
        years=years,
        year_of=[int(y) for y in base.priced.period_year],
        blocks=_block_labels(base.priced, cash.years),
        block_of=[int(b) for b in base.priced.period_block],
        constants=constants_of(model),
        parameters=price_parameters,
        unpriced=other_parameters,
        derived=definitions,
        counted=products.counted,
        lines=lines,
        cells=products.cells,
        parties={**inside, **outside},
        outside=list(outside),
        perspectives=[
            BookPerspective(name, base.labels[name], _signs(lines, parties)) for name, parties in base.groups.items()
        ],
        discount=[float(cash.discount[y]) for y in base.priced.period_year],
        charted=[name for name in base.groups if name in CHART_PERSPECTIVES] or list(base.groups)[:1],
        per_citizen=False,
        areas=area_labels,
        departments=base.members(base.decider),
        citizens=base.citizens_served,
        places_bind=case.capacity is not None,
        differences=repricing.differences(result),
        parameter_labels={n: label for e in base.priced.evidence for n, label in parameter_labels(e).items()},
        draws=result.draws if result is not base else 0,
        perspective_means={n: _mean(result.npv(n), result.cash.replicates) for n in result.groups}
        if result is not base
        else {},
        party_means={n: _mean(result.npv([n]), result.cash.replicates) for n in result.parties}
        if result is not base
        else {},
    )


def _areas(result: CaseResultData) -> tuple[list[str], list[Label]]:
    """Names and labels of the budget areas on which the case books, `other` among them."""
    labels = {area.name: area.label for area in result.case.areas}
    names = list(dict.fromkeys([*labels, *(line.area for line in result.cash.lines), OTHER]))
    return names, [labels.get(name) or (worded("area_other") if name == OTHER else same(name)) for name in names]


def _mean(npv: np.ndarray, replicates: int | None) -> BookMean:
    """The mean of a net present value over draws (D,), with what its error says of it."""
    npv_spread = spread(npv, replicates)
    return BookMean(npv_spread.mean, npv_spread.error, npv_spread.settled)


def _signs(lines: Sequence[MoneyLine], parties: Collection[str]) -> tuple[int, ...]:
    return tuple((x.payer in parties) - (x.recipient in parties) for x in lines)


class _Products:
    """Every product that the case's cash flow is the sum of, line by line, in the cash flow's order."""

    def __init__(self, result: CaseResultData, pricing: Priced) -> None:
        self.result, self.priced, self.plan = result, pricing, pricing.plan
        self.model, self.case = self.plan.model, result.case
        self.envs = [
            parameter_environment(self.model, {**self.plan.draws, **values, **result.repriced}, self.plan.tables, 1)
            for values in pricing.blocks
        ]
        discount = result.cash.discount[pricing.period_year]
        self.counting = Counting(self.model, self.plan.layout, pricing.done.quantities, 0, discount)
        self.counted = self.counting.counted
        self.lines: list[MoneyLine] = []
        self.cells: list[PricedCell] = []
        self.kept = _kept(result)
        for i in self.kept:
            self._add(i, result.cash.lines[i])

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
        for one in displaced_lines(self.case, self.plan.layout):
            if displaced_key(one) == key:
                self._displaced(at, one)
        strategies = {s for x in ledger for s in (x.strategies or self.model.strategy_names)}
        own_cost = len(self.cells) > before and not ledger
        programme_name = self.model.strategy_names[1 - self.plan.usual]
        strategy_flags = tuple(s in strategies or (own_cost and s == programme_name) for s in self.model.strategy_names)
        self.lines.append(_money_line(self.result, i, line, strategy_flags))

    def _cell(self, at: int, quantity_index: int, amount: Expression, shares: tuple[Expression, ...]) -> None:
        amounts = tuple(value_of(amount, env) for env in self.envs)
        parts = tuple(float(np.prod([value_of(s, env) for s in shares])) for env in self.envs)
        self.cells.append(PricedCell(at, quantity_index, amount, shares, amounts, parts))

    def _ledger(self, at: int, line: Line) -> None:
        if line.per == "start":
            quantities = self.priced.done
            people = quantities.starts[0] if line.strategies else quantities.takers[0]
            what = worded("book_what_citizens_who_begin")
            if not line.strategies:
                what = worded("book_what_citizens_who_take_the_offer")
            strategy_flags = [not line.strategies or s in line.strategies for s in self.model.strategy_names]
            quantity_index = self._people(what, people, strategy_flags)
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

    def _people(self, what: Label, number: np.ndarray, strategy_flags: Sequence[bool]) -> int:
        """A quantity that is `number` (P,) under the strategies that have it."""
        values = np.where(np.array(strategy_flags)[:, None], number[None, :], 0.0)
        return self.counting.add((str(what), *strategy_flags, *number.tolist()), what, "", "", values[..., None])

    def _programme(self, at: int, item: str, department: str) -> None:
        """The case's own costs: a product with the department's share in every period."""
        programme, shares = self.case.programme, (self.case.programme.shares[department],)
        period, year = self.plan.period, self.priced.period_year
        length = np.array([(period == p).sum() / QUARTERS for p in range(len(year))])
        only = [g != self.plan.usual for g in range(2)]
        if item == "programme_variable" and programme.variable is not None:
            what = worded("book_what_citizens_who_begin")
            self._cell(at, self._people(what, self.priced.done.starts[0], only), programme.variable, shares)
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


def _added(result: CaseResultData, product_lines: Sequence[int]) -> list[MoneyLine]:
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


# -- words and figures about it --


def _parameters(
    result: CaseResultData, pricing: Priced, price_formulas: Sequence[Expression], definitions: Sequence[Any]
) -> tuple[list[BookParameter], list[BookParameter]]:
    """Parameters of the model, the case and the rules: those that price, and all others."""
    formulas = [*price_formulas, *(x.formula for x in definitions)]
    names = {name for formula in formulas for name in formula.names}
    fixed_names = locked_names(pricing.plan.model) | frozen_names(formulas, definitions)
    about: dict[str, list[Mapping[str, Any]]] = {}
    for row in repricing.sources(result).to_dict("records"):
        about.setdefault(str(row["name"]), []).append({str(key): value for key, value in row.items()})
    notes = notes_of_parameters(result)
    book_parameters: tuple[list[BookParameter], list[BookParameter]] = ([], [])
    for name in dict.fromkeys([*pricing.plan.draws, *(n for block in pricing.blocks for n in block)]):
        values = tuple(
            float(np.asarray({**pricing.plan.draws, **block, **result.repriced}.get(name, np.nan)).reshape(-1)[0])
            for block in pricing.blocks
        )
        rows = about.get(name, [])
        rule_rows = [row for row in rows if row["origin"] == "rules"] or rows
        kind, source, address = (_joined(rule_rows, column) for column in ("kind", "source", "address"))
        about_it = dict.fromkeys(str(row["note"]) for row in rule_rows if row["note"])
        note = joined("; ", [notes.get(text, same(text)) for text in about_it])
        unit = str(rows[0]["unit"]) if rows else ""
        live = name in names and name not in fixed_names
        book_parameters[name not in names].append(BookParameter(name, values, unit, live, kind, source, address, note))
    return book_parameters


def _joined(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    return "; ".join(dict.fromkeys(str(row[column]) for row in rows if row[column]))


def _block_labels(pricing: Priced, years: Sequence[int]) -> list[Label]:
    """Price blocks named by the first period in which they hold."""
    labels = _period_labels(pricing, years)
    block_labels = []
    for block in range(len(pricing.blocks)):
        first = labels[int(np.flatnonzero(pricing.period_block == block)[0])]
        block_labels.append(worded("book_from", period=first))
    return block_labels


def _period_labels(pricing: Priced, years: Sequence[int]) -> list[Label]:
    """Calendar years; quarters too where prices change inside one."""
    labels = []
    for period, year in enumerate(pricing.period_year):
        quarters = np.flatnonzero(pricing.plan.period == period) % QUARTERS + 1
        if len(quarters) < QUARTERS:
            span = f"{quarters[0]}" if len(quarters) == 1 else f"{quarters[0]}-{quarters[-1]}"
            labels.append(worded("book_quarters", year=years[year], quarters=span))
        else:
            labels.append(same(str(years[year])))
    return labels


def _facts(result: CaseResultData) -> list[tuple[Label, Label | str]]:
    case = result.case
    return [
        (worded("book_case_case"), case.name),
        (worded("book_case_scenario"), case.scenario),
        (
            worded("book_case_rules"),
            joined(", ", [same(result.rules), worded(f"regime_{case.regime}")])
            if result.rules
            else worded("model_rules"),
        ),
        (worded("book_case_reckoned_for"), worded(f"view_{case.view}")),
        (worded("book_case_price_and_wage_level"), str(case.price_year)),
        (worded("book_case_citizens_who_begin_the_programme"), number_label(result.citizens_served, decimals=1)),
        (worded("book_case_individuals_simulated"), number_label(result.individuals, 0)),
        (worded("book_case_seed"), str(result.seed)),
    ]
