"""The base case of an investment case as content of the spreadsheet twin: calendar periods, dated prices."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.investment import repricing
from costeff.investment.case import QUARTERS
from costeff.investment.costs import OTHER, area_of
from costeff.investment.invest import base_case
from costeff.investment.pricing import Priced
from costeff.investment.report.effect import spread
from costeff.investment.report.effect_levels import (
    LEVELS,
    MIDDLES,
    effect_levels,
    gap_between,
    has_levels,
    quantities_at,
    told_levels,
)
from costeff.investment.report.origin import notes_of_parameters
from costeff.investment.report.workbook_products import Products, added_lines
from costeff.investment.repricing import reprice
from costeff.investment.result import CaseResultData
from costeff.investment.variants import Variants
from costeff.labels import Label, joined, same, worded
from costeff.model.formulas.expression import Expression
from costeff.reporting.numbers import number_label
from costeff.reporting.parameter_labels import parameter_labels
from costeff.reporting.workbook.content import (
    BookMean,
    BookParameter,
    BookPerspective,
    EffectLevels,
    MoneyLine,
    QuarterPlaces,
    WorkbookContent,
)
from costeff.reporting.workbook.content_of_result import (
    CHART_PERSPECTIVES,
    INDIVIDUALS,
    constants_of,
    derived_used,
    formulas_used,
    frozen_names,
    locked_names,
)
from costeff.reporting.workbook.write import write_workbook


def case_workbook(result: CaseResultData, path: str | os.PathLike[str], language: str = "en") -> None:
    """Write the spreadsheet twin of a case: prices by rules in force, quantities by calendar year, live formulas.

    The base case is run again where the result has several draws; their mean stands beside it. Its people are as many
    as all draws had together, at most 20,000.
    """
    write_workbook(case_workbook_content(result), path, language)


def case_workbook_content(result: CaseResultData) -> WorkbookContent:
    """The workbook of a case."""
    base, lives = result, list[Variants]()
    if result.draws > 1:
        people = min(INDIVIDUALS, result.draws * result.individuals)
        base = base_case(result.case, people, result.seed, run=result.priced, keep=lives.append)
        if result.repriced:
            base = reprice(base, {name: float(values.mean()) for name, values in result.repriced.items()})
    assert base.priced is not None
    products = Products(base, base.priced)
    plan, cash = base.priced.plan, base.cash
    model, case = plan.model, result.case
    price_formulas = formulas_used(products.cells, ())
    definitions = derived_used(model, price_formulas, products.envs)
    price_parameters, other_parameters = _parameters(base, base.priced, price_formulas, definitions)
    area_names, area_labels = _areas(base)
    lines = [
        replace(line, area=area_names.index(area_of(case, line.item)))
        for line in (*products.lines, *added_lines(base, products.kept))
    ]
    years = [same(str(year)) for year in cash.years]
    inside = dict(base.parties)
    outside = {p.name: p.label for p in model.parties if p.outside}
    content = WorkbookContent(
        title=case.title,
        facts=_facts(base),
        notes=(worded("book_choices_note"),),
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
        places=_places(base),
        course=1 if case.capacity is None else case.capacity.course,
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
    return replace(content, levels=_levels(content, products, lives)) if has_levels(base.priced) else content


def _levels(content: WorkbookContent, products: Products, lives: Sequence[Variants]) -> EffectLevels:
    """The workbook's quantities at each level of the effect, and its gap to simulated middles."""
    base = products.result
    quantity_rows = [products.counted_in(one) for one in quantities_at(products.plan, [*LEVELS, *MIDDLES], lives)]
    at_levels, at_middles = quantity_rows[: len(LEVELS)], quantity_rows[len(LEVELS) :]
    gap = gap_between(content, at_levels, at_middles, base.decider)
    return effect_levels(content, at_levels, told_levels(base, LEVELS), gap)


def _places(result: CaseResultData) -> list[QuarterPlaces]:
    """Takers and places by quarter; none for a case without a limit."""
    case = result.case
    if case.capacity is None:
        return []
    quarters = [
        worded("book_quarters", year=case.first_year + q // QUARTERS, quarters=q % QUARTERS + 1)
        for q in range(len(case.takers))
    ]
    places = [case.capacity.places(q // QUARTERS) for q in range(len(quarters))]
    return [QuarterPlaces(*row) for row in zip(quarters, case.takers, places, strict=True)]


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
