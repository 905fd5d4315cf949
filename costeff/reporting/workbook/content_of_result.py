"""The base case of a result as content of the spreadsheet twin: which products make up each flow, and their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.psa import run
from costeff.analysis.result_tables import error, pair
from costeff.analysis.settled import replicates_of, settled
from costeff.compile.layout import EventTally, Layout, Tally, measure
from costeff.compile.lines import Line
from costeff.labels import Label, same, worded
from costeff.ledger import enters, financing
from costeff.model import Model, simulation_names
from costeff.model.elements import Perspective
from costeff.model.formulas.expression import Expression
from costeff.reporting.numbers import number_label
from costeff.reporting.parameter_labels import parameter_labels, parameter_notes
from costeff.reporting.workbook.content import (
    BookMean,
    BookParameter,
    BookPerspective,
    Counted,
    Derived,
    MoneyLine,
    PricedCell,
    WorkbookContent,
)
from costeff.reporting.workbook.formula import excel_formula

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.engine.quantities import Quantities
    from costeff.evidence import Evidence


CHART_PERSPECTIVES = ("municipal", "municipal_with_tax", "public", "state")
INDIVIDUALS = 20_000
ONE = Expression(1)


def workbook_content(result: ResultData) -> WorkbookContent:
    """The workbook of a result: its base case, which is run when the result has several draws."""
    base = result
    if result.draws > 1:
        base = run(result.study, INDIVIDUALS, result.seed, engine=result.simulated.engine, progress=False)
    model, env = base.model, base.environment
    quantities, lines, cells = priced_cells(base)
    book_formulas = formulas_used(cells, model.perspectives)
    definitions = derived_used(model, book_formulas, [env])
    comparator, alternative = pair(base)
    years = lines[0].amount.shape[1]
    titles = [worded("book_year", number=y + 1) for y in range(years)]
    price_parameters, other_parameters = parameters_of(model, base.study.evidence, book_formulas, definitions)
    scenario = base.study.scenario
    return WorkbookContent(
        title=scenario.title if scenario.file else model.title,
        facts=_facts(base),
        notes=[assumption.text for assumption in model.assumptions if assumption.name == "rules_in_force"],
        currency=model.conventions.currency,
        unit=worded("book_per_citizen"),
        strategies=[s.label for s in model.strategies],
        comparator=comparator,
        shown=alternative,
        periods=titles,
        years=titles,
        year_of=range(years),
        blocks=[worded("book_all_years")],
        block_of=[0] * years,
        constants=constants_of(model),
        parameters=price_parameters,
        unpriced=other_parameters,
        derived=definitions,
        counted=quantities,
        lines=lines,
        cells=cells,
        parties={p.name: p.label for p in sorted(model.parties, key=lambda p: p.outside)},
        outside=[p.name for p in model.parties if p.outside],
        perspectives=[book_perspective(base, view) for view in model.perspectives],
        discount=one_factor(quantities),
        differences=result.study.evidence.differences(),
        parameter_labels=parameter_labels(result.study.evidence),
        draws=result.draws if result is not base else 0,
        perspective_means=_perspective_means(result) if result is not base else {},
        party_means=_party_means(result) if result is not base else {},
        charted=[p.name for p in model.perspectives if p.name in CHART_PERSPECTIVES] or [model.perspectives[0].name],
    )


def _perspective_means(result: ResultData) -> dict[str, BookMean]:
    """Discounted gain of each perspective, mean over draws."""
    return {name: _mean_gain(result, by_draw) for name, by_draw in result.totals.cost.items()}


def _party_means(result: ResultData) -> dict[str, BookMean]:
    """Discounted gain of each party inside society, mean over draws."""
    return {name: _mean_gain(result, by_draw) for name, by_draw in result.totals.party.items()}


def _mean_gain(result: ResultData, by_draw: np.ndarray) -> BookMean:
    """The gain of the strategy shown over the comparator; `by_draw` (D, G) is net cost."""
    a, b = pair(result)
    gain = by_draw[:, a] - by_draw[:, b]
    mean, mcse = float(gain.mean()), error(gain, None, result.replicates)
    return BookMean(mean, mcse, settled(mean, mcse, replicates_of(len(gain), result.replicates)))


def priced_cells(result: ResultData) -> tuple[list[Counted], list[MoneyLine], list[PricedCell]]:
    """Quantities, flows and the products between them, for a result of one draw."""
    model, where, env = result.model, result.simulated.layout, result.environment
    counting = Counting(model, where, result.simulated.quantities, result.simulated.layer_cost)
    lines: list[MoneyLine] = []
    cells: list[PricedCell] = []
    for i, line in enumerate(where.lines):
        amounts = result.flows.amount[0, :, i]
        strategy_flags = tuple(not line.strategies or s in line.strategies for s in model.strategy_names)
        lines.append(
            MoneyLine(
                line.item,
                line.flow.label,
                line.payer,
                line.recipient,
                line.flow.programme,
                strategy_flags,
                not line.flow.only_in,
                amounts[..., 0],
                amounts[..., result.simulated.layer_cost],
            )
        )
        for quantity, amount, shares in counting.of(line):
            values = [value_of(share, env) for share in shares]
            cells.append(
                PricedCell(
                    i, quantity, amount, shares, (value_of(amount, env),), (float(np.prod(values)) if values else 1.0,)
                )
            )
    return counting.counted, lines, cells


def _weight_text(tally: Tally | EventTally) -> str:
    """What a tally weighs with, as the model writes it; '' where it counts individuals."""
    return tally.weight.text if isinstance(tally.weight, Expression) else tally.weight or ""


class Counting:
    """Quantities by key, each written once however many flows price it; for quantities of one draw."""

    def __init__(
        self, model: Model, where: Layout, quantities: Quantities, layer: int, factor: np.ndarray | None = None
    ) -> None:
        self.model, self.where, self.quantities, self.layer = model, where, quantities, layer
        self.factor = factor  # of each period, in the place of a discounted layer
        self.states = {s.name: s.label for s in model.states}
        self.bands = {band.name: band.labels for band in model.bands}
        self.counted: list[Counted] = []
        self._known: dict[tuple[Any, ...], int] = {}

    def of(self, line: Line, course: Quantities | None = None) -> list[tuple[int, Expression, tuple[Expression, ...]]]:
        """(quantity, amount, shares) of every product that a flow is the sum of; `course`: time in its weeks only."""
        products = []
        for state, amount in line.amounts.items():
            weight = measure(self.model, line, amount)
            price = ONE if weight == amount else amount  # what is counted by person and date has its amount in it
            if line.per != "cycle":
                gains = self.where.event_tally(weight, line.bands, line.transitions)
                if gains is None:
                    return [(self._event(line), price, self._shares(line, {}))]
                for cell, crossing in enumerate(self._crossings(gains)):
                    quantity = self._gain(gains, line, cell, crossing)
                    products.append((quantity, price, self._shares(line, crossing)))
                continue
            tally = self.where.tally(weight, line.bands)
            for cell, crossing in enumerate(self._crossings(tally)):
                quantity = self._time(tally, state, cell, crossing, course)
                products.append((quantity, price, self._shares(line, crossing)))
        return products

    def _shares(self, line: Line, crossing: Mapping[str, int]) -> tuple[Expression, ...]:
        return tuple(share.values[self._interval(share.bands, crossing)] for share in line.shares)

    def _crossings(self, tally: Tally | EventTally) -> list[dict[str, int]]:
        sizes = (range(len(self.bands[b])) for b in tally.bands)
        return [dict(zip(tally.bands, at, strict=True)) for at in product(*sizes)]

    def _interval(self, bands: Sequence[str], crossing: Mapping[str, int]) -> int:
        """Position among a share's values, of which the first band varies slowest."""
        index = 0
        for band in bands:
            index = index * len(self.bands[band]) + crossing[band]
        return index

    def _time(self, tally: Tally, state: str, cell: int, crossing: Mapping[str, int], course: Quantities | None) -> int:
        row = self.where.cells(tally, state).start + cell
        label, values = self.states[state], (course or self.quantities).time[0, :, :, row].sum(axis=1)
        if course is not None:
            label = worded("book_in_course", state=label)
        return self.add(("time", row, course is None), label, _weight_text(tally), self._band_text(crossing), values)

    def _band_text(self, crossing: Mapping[str, int]) -> str:
        return ", ".join(f"{band} {self.bands[band][i]}" for band, i in crossing.items())

    def _gain(self, tally: EventTally, line: Line, cell: int, crossing: Mapping[str, int]) -> int:
        """One cell of an event tally."""
        row = tally.offset + cell
        what = same(", ".join(line.transitions)) if line.transitions else worded("book_entry")
        values = self.quantities.events[0][:, :, row].sum(axis=1)
        return self.add(("gain", row), what, _weight_text(tally), self._band_text(crossing), values)

    def _event(self, line: Line) -> int:
        q = self.quantities
        if line.per == "start":
            values = np.zeros(q.time[0, :, 0, 0].shape)
            values[:, 0] = q.half_sizes.sum()
            return self.add(("start",), worded("book_entry"), "", "", values)
        rows = self.where.event_rows(line.transitions)
        values = q.events[0][:, :, rows].sum(axis=(1, 2))
        names = ", ".join(line.transitions)
        return self.add(("event", *rows), same(names), "", "", values)

    def add(
        self, key: tuple[Any, ...], what: Label, weight: str, band: str, values: np.ndarray, *, follows: bool = True
    ) -> int:
        """`values` (G, P, layers) over all individuals; `follows` says whether they grow with the citizens."""
        if key not in self._known:
            self._known[key] = len(self.counted)
            each = values / self.quantities.half_sizes.sum()
            later = each[..., self.layer] if self.factor is None else each[..., 0] * self.factor
            self.counted.append(Counted(what, weight, band, each[..., 0], later, follows))
        return self._known[key]


def value_of(formula: Expression, env: Mapping[str, Any]) -> float:
    """A formula's value in an environment of one draw."""
    return float(np.asarray(formula.evaluate(env), float).reshape(-1)[0])


def formulas_used(cells: Sequence[PricedCell], perspectives: Sequence[Perspective]) -> list[Expression]:
    """Every formula that the workbook shows."""
    cell_formulas = [formula for cell in cells for formula in (cell.amount, *cell.shares)]
    rates = [view.tax_financing.rate for view in perspectives if view.tax_financing is not None]
    return [*cell_formulas, *(view.factor for view in perspectives if view.factor is not None), *rates]


def derived_used(model: Model, book_formulas: Sequence[Expression], envs: Sequence[Mapping[str, Any]]) -> list[Derived]:
    """The definitions behind those formulas, each after what it uses, with a value for each price block."""
    names = {name for formula in book_formulas for name in formula.names}
    for name in reversed(list(model.definitions)):
        if name in names:
            names |= model.definitions[name].names
    return [
        Derived(name, formula, tuple(value_of(formula, env) for env in envs))
        for name, formula in model.definitions.items()
        if name in names
    ]


def constants_of(model: Model) -> dict[str, float]:
    """Names that are plain numbers in formulas."""
    c = model.conventions
    codes = {name: float(code) for name, code in model.categories.items()}
    return {"cycles_per_year": float(c.cycles_per_year), "horizon": float(c.horizon), **codes}


def parameters_of(
    model: Model, evidence: Evidence, book_formulas: Sequence[Expression], definitions: Sequence[Derived]
) -> tuple[list[BookParameter], list[BookParameter]]:
    """Parameters that price, and all others. Those that the simulation reads too, or that reach the money through a
    formula without a spreadsheet counterpart, are not live."""
    formulas = [*book_formulas, *(x.formula for x in definitions)]
    price_names = {name for formula in formulas for name in formula.names}
    fixed_names = locked_names(model) | frozen_names(formulas, definitions)
    table = {row["name"]: row for row in evidence.parameter_table().to_dict("records")}
    notes = parameter_notes(evidence.parameters.values())
    groups: tuple[list[BookParameter], list[BookParameter]] = ([], [])
    for name, value in evidence.base().items():
        row = table[name]
        groups[name not in price_names].append(
            BookParameter(
                name,
                (float(value),),
                str(row["unit"]),
                name in price_names and name not in fixed_names,
                str(row["kind"] or ""),
                str(row["source"] or ""),
                str(row["address"] or ""),
                notes.get(str(row["note"]), same(str(row["note"] or ""))),
            )
        )
    return groups


def locked_names(model: Model) -> set[str]:
    """Names behind the quantities: their change needs a new simulation."""
    return set(simulation_names(model))


def frozen_names(formulas: Collection[Expression], definitions: Sequence[Derived]) -> set[str]:
    """Names behind formulas that stand in the workbook as numbers."""
    every = {name: "A1" for formula in formulas for name in formula.names}
    names = {name for f in formulas if excel_formula(f, every) is None for name in f.names}
    for one in reversed(definitions):
        if one.name in names:
            names |= one.formula.names
    return names


def book_perspective(result: ResultData, view: Perspective) -> BookPerspective:
    """A perspective with the sign of each flow in it."""
    signs = tuple(int(sign) for sign in enters(view, result.flows))
    factor = 1.0 if view.factor is None else value_of(view.factor, result.environment)
    book = BookPerspective(view.name, view.label, signs, view.factor, factor)
    if view.tax_financing is None:
        return book
    rate = view.tax_financing.rate
    financed_signs = tuple(int(sign) for sign in financing(view, result.flows))
    return replace(book, rate=rate, rate_value=value_of(rate, result.environment), financing=financed_signs)


def one_factor(quantities: Sequence[Counted]) -> list[float] | None:
    """The discount factor of each period, when one holds for every quantity to twelve digits; else None."""
    value = np.array([x.value for x in quantities])
    discounted = np.array([x.discounted for x in quantities])
    size = np.abs(value).sum(axis=(0, 1))
    factor = np.divide(np.abs(discounted).sum(axis=(0, 1)), size, out=np.ones_like(size), where=size > 0)
    close = np.abs(discounted - value * factor) <= 1e-12 * np.abs(value)
    return [float(f) for f in factor] if close.all() else None


def _facts(result: ResultData) -> list[tuple[Label, Label | str]]:
    c = result.model.conventions
    facts: list[tuple[Label, Label | str]] = [
        (worded("book_fact_model"), result.model.name),
        (worded("book_fact_scenario"), result.study.scenario.name),
        (worded("book_fact_prices"), f"{c.currency} {c.price_year}"),
        (worded("book_fact_discounting"), f"{c.discounting}, {c.discount_rate_cost.text}"),
        (worded("book_fact_cycle"), c.cycle),
        (worded("book_fact_individuals_simulated"), number_label(result.individuals, 0)),
        (worded("book_fact_seed"), str(result.seed)),
    ]
    return [*facts, *((worded("book_fact_rules_in_force"), c.entry_date) for _ in [0] if c.entry_date)]
