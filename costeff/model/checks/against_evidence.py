"""Values of formulas that are hardly meant: a share of 40, a ratio of 20, more than one QALY lived in a year.

`check_plausible` holds parameters against such bounds; here a formula is worked out at the stated values, so that a
number written in the model and a product of parameters are seen too. A formula passes that reads a parameter with
`meant: true`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costeff.errors import ModelError, Place
from costeff.model.checks.complete import in_qaly
from costeff.model.checks.plausible import HIGHEST_HAZARD, HIGHEST_RATIO, LOWEST_RATIO, base_values, read_by, value_of
from costeff.model.elements import Effect, Flow, Term
from costeff.model.formulas.dimension import PER_YEAR
from costeff.model.formulas.expression import Expression
from costeff.model.problems import problem

if TYPE_CHECKING:
    from costeff.model.data import ModelData

_CLOSE = 1e-9
_MARK_HINT = "or let it read a parameter with `meant: true` if it is"


@dataclass(frozen=True)
class _Values:
    """The model's formulas at the stated values of its evidence."""

    model: ModelData
    evidence: Any
    values: dict[str, Any]

    def of(self, *formulas: Expression) -> list[float] | None:
        """The values of formulas; None where one cannot be worked out, or reads a parameter that is meant so."""
        read = read_by(formulas, self.model) & set(self.evidence.parameters)
        if any(self.evidence.parameters[name].meant for name in read):
            return None
        results = [value_of(formula, self.values) for formula in formulas]
        return None if None in results else [value for value in results if value is not None]

    def named(self, formula: Expression) -> str:
        """A formula with its value."""
        value = value_of(formula, self.values)
        return formula.text if value is None or formula.is_constant else f"{formula.text} = {value:.6g}"


def problems(model: ModelData, evidence: Any) -> list[ModelError]:
    """Formulas of the model whose values are hardly meant, each once."""
    base_case = _Values(model, evidence, base_values(model, evidence))
    all_found = [
        *_ratios(base_case),
        *_hazards(base_case),
        *_tables(base_case),
        *_shares(base_case),
        *_returns(base_case),
        *_lived(base_case),
    ]
    return list({str(p): p for p in all_found}.values())


def _ratios(base_case: _Values) -> Iterator[ModelError]:
    """Ratios of strategies and factors of perspectives, beside those that are a parameter and checked as one."""
    model = base_case.model
    formulas = [
        (e, f"a ratio of strategy '{s.strategy}'")
        for s in model.strategy_effects
        for e in s.ratio
        if s.scale != "instead"
    ]
    formulas += [
        (p.factor, f"the factor of perspective '{p.name}'") for p in model.perspectives if p.factor is not None
    ]
    for formula, what in formulas:
        parameter = base_case.evidence.parameters.get(formula.text)
        value = base_case.of(formula)
        if value is None or (parameter is not None and parameter.unit == "ratio"):
            continue
        if value[0] and not LOWEST_RATIO <= value[0] <= HIGHEST_RATIO:
            rule = f"a ratio lies in {LOWEST_RATIO:g} to {HIGHEST_RATIO:g}, or is 0; 1 changes nothing"
            yield problem(
                f"{what} is hardly meant", formula.place, base_case.named(formula), rule, f"correct it, {_MARK_HINT}"
            )


def _hazards(base_case: _Values) -> Iterator[ModelError]:
    """Hazards that are no parameter and do not depend on time or on the individual."""
    cycle = base_case.model.conventions.cycle
    for exit_ in base_case.model.transitions if cycle != "year" else ():
        formula = exit_.hazard
        if formula is None or formula.text in base_case.evidence.parameters:
            continue
        value = base_case.of(formula)
        if value is not None and value[0] > HIGHEST_HAZARD:
            rule = f"at most {HIGHEST_HAZARD:g} per cycle: above it hardly anybody stays for a {cycle}"
            yield problem(
                f"the hazard of '{exit_.name}' is hardly meant",
                formula.place,
                base_case.named(formula),
                rule,
                f"correct value or unit, {_MARK_HINT}",
            )


def _tables(base_case: _Values) -> Iterator[ModelError]:
    """Tables of rates that exits read."""
    c = base_case.model.conventions
    read = {name for t in base_case.model.transitions for e in (t.hazard, t.probability) if e for name in e.table_names}
    for name in sorted(read & set(base_case.evidence.tables)) if c.cycle != "year" else ():
        table = base_case.evidence.tables[name]
        kind, _, time = table.unit.partition(" per ")
        if kind not in ("rate", "hazard") or time not in PER_YEAR or table.meant:
            continue
        highest = max(float(column.max()) for column in table.columns.values())
        per_cycle = highest * PER_YEAR[time] / c.cycles_per_year
        if per_cycle > HIGHEST_HAZARD:
            yield problem(
                f"table '{name}': {highest:g} per {time} is hardly meant as a hazard",
                table.place,
                highest,
                f"at most {HIGHEST_HAZARD:g} per cycle: at {per_cycle:.3g} per {c.cycle} hardly anybody stays",
                f"deaths per 1,000 are divided by 1,000; correct values or unit, or write `meant: true` in the table "
                f"if a rate per {time} is meant",
            )


def _shares(base_case: _Values) -> Iterator[ModelError]:
    """A share of a flow is a part of it."""
    for flow in base_case.model.flows:
        for formula in dict.fromkeys(e for share in flow.shares for e in share.values):
            value = base_case.of(formula)
            if value is not None and value[0] > 1 + _CLOSE:
                percent = f"{value[0]:g} % is {value[0] / 100:g}; " if value[0] >= 2 else ""
                yield problem(
                    f"a share of flow '{flow.item}' is above 1",
                    formula.place or flow.place,
                    base_case.named(formula),
                    "a share is a part: 0 to 1",
                    f"{percent}correct it, {_MARK_HINT}",
                )


def _returns(base_case: _Values) -> Iterator[ModelError]:
    """The flows that give a payer part of an item back do not give back more than it paid."""
    refunds: dict[tuple[str, str], list[Flow]] = {}
    for flow in base_case.model.flows:
        payers = {base.payer for base in base_case.model.flows if base.item == flow.of and base.of is None}
        if flow.of is not None and payers == {flow.recipient} and len(flow.shares) == 1:
            refunds.setdefault((flow.of, flow.recipient), []).append(flow)
    for (item, payer), back in refunds.items():
        for at in _together(back, base_case.model.strategy_names):
            formulas = [flow.shares[0].values for flow in at]
            totals = [base_case.of(*each) for each in zip(*_spread(formulas), strict=True)]
            total = max((sum(t) for t in totals if t is not None), default=0.0)
            if len(at) > 1 and total > 1 + _CLOSE:
                names = ", ".join(f"'{flow.item}'" for flow in at)
                yield problem(
                    f"'{payer}' gets back more of '{item}' than it pays",
                    at[-1].place,
                    f"{names}: {total:.6g} together",
                    "shares that are given back add up to at most 1",
                    f"correct them, {_MARK_HINT}",
                )


def _together(flows: Collection[Flow], strategies: Collection[str]) -> Iterator[list[Flow]]:
    """The flows that hold under each strategy and in the same bands."""
    for strategy in strategies:
        strategy_flows = [flow for flow in flows if not flow.strategies or strategy in flow.strategies]
        for bands in dict.fromkeys(flow.shares[0].bands for flow in strategy_flows):
            yield [flow for flow in strategy_flows if flow.shares[0].bands in (bands, ())]


def _spread(values: Collection[tuple[Expression, ...]]) -> list[tuple[Expression, ...]]:
    """Shares by band beside shares that are one number, all with one value for each interval."""
    longest = max((len(each) for each in values), default=0)
    return [each if len(each) == longest else each * longest for each in values]


def _lived(base_case: _Values) -> Iterator[ModelError]:
    """A year lived in a state is worth at most one QALY, and not less than minus one."""
    for effect in base_case.model.effects:
        if not in_qaly(effect.unit):
            continue
        for strategy in base_case.model.strategy_names:
            for state in (s.name for s in base_case.model.states if s.alive):
                worth = _worth(effect, strategy, state, base_case)
                if worth is not None and not -1 - _CLOSE <= worth[0] <= 1 + _CLOSE:
                    under = f" under '{strategy}'" if any(t.strategies for t in effect.terms) else ""
                    yield problem(
                        f"effect '{effect.name}': a year in '{state}'{under} is worth {worth[0]:.6g} QALY",
                        worth[1],
                        ", ".join(base_case.named(t.amount) for t in worth[2]),
                        "a year in full health is one QALY; amounts are multiplied by `factor`, 1 / cycles_per_year",
                        f"correct the utilities or `factor` (80 % is 0.8), {_MARK_HINT}",
                    )


def _worth(
    effect: Effect, strategy: str, state: str, base_case: _Values
) -> tuple[float, Place | None, list[Term]] | None:
    """QALYs of a year in a state, where they are worked out from, and the terms; None where they cannot be told."""
    terms = [t for t in effect.terms if state in t.states and (not t.strategies or strategy in t.strategies)]
    if not terms:
        return None
    factor = effect.factor or Expression(1)
    weights = {a.name: a.value for a in base_case.model.attributes if a.value is not None}
    total = 0.0
    for term in terms:
        centre = _at_centre(weights, term, base_case)
        values = base_case.of(term.amount, factor)
        if values is None or centre is None:
            return None
        total += values[0] * values[1] * centre
    return total * base_case.model.conventions.cycles_per_year, terms[0].place or effect.place, terms


def _at_centre(weights: Mapping[str, Expression], term: Term, base_case: _Values) -> float | None:
    """A term's weight for an individual in the middle of the population; None where it depends on other attributes."""
    if term.weight is None:
        return 1.0
    formula = weights.get(term.weight)
    return None if formula is None else value_of(formula, {**base_case.values, "z": 0.0, "u": 0.5})
