"""Checks that formulas are counted in what their place needs: per cycle, in the model's currency, as a chance.

The dimension of a formula comes from the units of its parameters (`costeff.model.formulas.dimension_of`). Where it
cannot be worked out the formula passes, and `describe` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from costeff.errors import CosteffError, EvidenceError, ModelError
from costeff.model.checks.complete import in_qaly
from costeff.model.elements import Effect, Flow, LookBack, StrategyEffect
from costeff.model.formulas.dimension import (
    FACTOR,
    LOG,
    ODDS,
    PROBABILITY,
    RATE,
    UNKNOWN,
    Dimension,
    Powers,
    converted,
    fits,
    fits_unconverted,
    in_words,
    named,
    of,
    of_unit,
    powers,
    product,
    words,
)
from costeff.model.formulas.dimension_of import dimension_of
from costeff.model.formulas.expression import Expression
from costeff.model.formulas.unit_words import parameters_behind, way_out

if TYPE_CHECKING:
    from costeff.model.data import ModelData

PLAIN: Powers = ()
_DIMENSIONS = f"{__name__}.dimensions_of"
_YEARS = ("year", "years", "life year", "life years", "life-years", "lys", "ly", "år", "leveår")
_SPANS = {
    **dict.fromkeys(("day", "days", "dag", "dage"), "day"),
    **dict.fromkeys(("week", "weeks", "uge", "uger"), "week"),
    **dict.fromkeys(("month", "months", "måned", "måneder"), "month"),
}


@dataclass(frozen=True)
class Need:
    """What a place in the model needs: one of `wanted`, and none of the sorts of number in `never`."""

    rule: str
    wanted: tuple[Powers, ...]
    never: frozenset[str] = frozenset()
    way_out: str = ""


@dataclass
class Units:
    """The dimensions of a model's names, and what was found on the way.

    `unknown` holds the formulas whose dimension cannot be worked out.
    """

    names: dict[str, Dimension]
    tables: dict[str, Dimension]
    definitions: Mapping[str, Expression]
    parameters: Mapping[str, Any]
    numbers: dict[str, float] = field(default_factory=dict)
    problems: list[CosteffError] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def of(self, formula: Expression, what: str, **more: Dimension) -> Dimension:
        """The dimension of a formula; what is wrong inside it is noted."""
        dimension, inside = dimension_of(formula, {**self.names, **more}, self.tables, self.numbers)
        if inside:
            rule = "what is added, compared or chosen between has one unit; a number without a unit fits all"
            value = parameters_behind(formula, self.definitions, self.parameters) or formula.text
            self.problems.append(
                ModelError(
                    f"{what}: {inside[0]}",
                    where=formula.place,
                    value=value,
                    rule=rule,
                    way_out="convert one of them, or correct the unit of a parameter",
                )
            )
        return dimension

    def need(self, formula: Expression, what: str, need: Need, dimension: Dimension) -> None:
        """Note a formula (or a product with it) that does not fit its place."""
        wrong_sort = dimension.known and dimension.sort in need.never
        if fits(dimension, *need.wanted) and not wrong_sort:
            if fits_unconverted(dimension, *need.wanted):
                self._wrongly_converted(formula, what, need, dimension)
            if not dimension.readings and formula.text not in self.unknown:
                self.unknown.append(formula.text)
            return
        self.problems.append(
            ModelError(
                f"{what} is {named(dimension) if wrong_sort else words(dimension)}",
                where=formula.place,
                value=parameters_behind(formula, self.definitions, self.parameters) or formula.text,
                rule=need.rule,
                way_out=need.way_out or way_out(formula.text, dimension, need.wanted, wrong_sort),
            )
        )

    def _wrongly_converted(self, formula: Expression, what: str, need: Need, dimension: Dimension) -> None:
        """Note a number that converts what needs no conversion, or converts it the wrong way."""
        self.problems.append(
            ModelError(
                f"{what} holds a number that converts units of time, and is then "
                f"{in_words(min(dimension.strict, key=len))}",
                where=formula.place,
                value=": ".join(
                    part
                    for part in (formula.text, parameters_behind(formula, self.definitions, self.parameters))
                    if part
                ),
                rule=need.rule,
                way_out="remove the number if nothing is to be converted; a year is `/ cycles_per_year`, a month in "
                "weeks `* 12 / 52`; a number that converts nothing is a parameter with the unit number",
            )
        )


def units_of(model: ModelData, evidence: Any) -> Units:
    """Every formula of the model held against the units of the evidence.

    `problems` of the result are the misfits, each with the places of formula and parameter; `unknown` is what could
    not be worked out.
    """
    units = _book(model, evidence)
    _rates(model, units)
    _individuals(model, units)
    _clocks(model, units)
    _exits(model, units)
    _system(model, units)
    for flow in model.flows:
        _flow(model, flow, units)
    for view in model.perspectives:
        if view.factor is not None:
            what = f"the factor of perspective '{view.name}'"
            units.need(view.factor, what, _ratio("a factor"), units.of(view.factor, what))
        if view.tax_financing is not None:
            rate, what = view.tax_financing.rate, f"the rate of tax financing of perspective '{view.name}'"
            units.need(rate, what, _ratio("a share of what is paid"), units.of(rate, what))
    for effect in model.effects:
        _effect(model, effect, units)
    return units


def dimensions_of(model: ModelData, evidence: Any) -> Units:
    """What `units_of` gives, to hold other formulas against: no problems, and dimensions worked out once for a model
    and the units of its figures."""
    kinds = {name: str(one.unit) for held in (evidence.parameters, evidence.tables) for name, one in held.items()}
    before = model.memory.get(_DIMENSIONS)
    if before is None or before[0] != kinds:
        before = model.memory[_DIMENSIONS] = kinds, units_of(model, evidence)
    units: Units = before[1]
    return replace(units, names=dict(units.names), parameters=evidence.parameters, problems=[], unknown=[])


def _book(model: ModelData, evidence: Any) -> Units:
    cycle = model.conventions.cycle
    per_year = powers(**{cycle: 1.0, "year": -1.0}) if cycle != "year" else PLAIN
    names: dict[str, Dimension] = {
        "cycles_per_year": of(per_year),
        "horizon": of(powers(**{cycle: 1.0})),
        "t": of(PLAIN, powers(**{cycle: 1.0})),
        "year": of(PLAIN, powers(year=1.0)),
        "u": FACTOR,
        "z": FACTOR,
    }
    names |= {name: of_unit(p.unit) for name, p in evidence.parameters.items()}
    for name, steps in model.dated.items():
        names[name] = next((names[parameter] for _, parameter in steps if parameter in names), UNKNOWN)
    tables = {name: of_unit(t.unit) for name, t in evidence.tables.items()}
    units = Units(names, tables, model.definitions, evidence.parameters)
    for name, formula in model.definitions.items():
        names[name] = units.of(formula, f"definition '{name}'")
        if formula.is_constant:
            units.numbers[name] = float(formula.evaluate())
    return units


def _ratio(thing: str) -> Need:
    return Need(f"{thing} is a plain number", (PLAIN,), frozenset({LOG}))


def _rates(model: ModelData, units: Units) -> None:
    """Discount rates are shares, or rates per year."""
    c = model.conventions
    need = Need("a discount rate is a share per year", (PLAIN, powers(year=-1.0)), frozenset({LOG, ODDS}))
    formulas = [(c.discount_rate_cost, "costs"), (c.discount_rate_effect, "effects")]
    for band in c.discount_bands:
        formulas += [(band.cost, f"costs after {band.after} years")]
        formulas += [(band.effect, f"effects after {band.after} years")]
    for formula, kind in formulas:
        what = f"the discount rate of {kind}"
        units.need(formula, what, need, units.of(formula, what))


def _individuals(model: ModelData, units: Units) -> None:
    """Attributes have the unit that they declare; the chance of a category is a plain number."""
    chance = Need("the chance of a category is a plain number", (PLAIN,), frozenset({RATE, LOG, ODDS}))
    for attribute in model.attributes:
        for category, formula in (attribute.categories or {}).items():
            if formula.text != "rest":
                what = f"the chance of '{category}'"
                units.need(formula, what, chance, units.of(formula, what))
        units.names |= dict.fromkeys(attribute.categories or (), FACTOR)
        units.names[attribute.name] = FACTOR
        if attribute.value is not None:
            what = f"attribute '{attribute.name}'"
            dimension = units.of(attribute.value, what)
            units.names[attribute.name] = dimension
            if attribute.unit:
                units.names[attribute.name] = own_dimension = _declared(attribute.unit)
                if own_dimension.readings:
                    rule = f"its declared unit is {attribute.unit}"
                    units.need(attribute.value, what, Need(rule, tuple(own_dimension.readings)), dimension)


def _declared(unit: str) -> Dimension:
    """The dimension of an attribute's unit, which may be a word of the model's own."""
    try:
        return of_unit(unit)
    except EvidenceError:
        return UNKNOWN


def _clocks(model: ModelData, units: Units) -> None:
    """Clocks and deadlines are counted in cycles."""
    cycle = model.conventions.cycle
    need = Need(f"clocks are counted in cycles, and the cycle is a {cycle}", (powers(**{cycle: 1.0}),))
    number = Need("a counter counts events: a plain number", (PLAIN,), frozenset({LOG}))
    needs = {clock.name: number if clock.counts else need for clock in model.clocks}
    for clock in model.clocks:
        formulas = [(clock.initial, f"the initial value of clock '{clock.name}'")]
        formulas += [(stage, f"a stage of clock '{clock.name}'") for stage in clock.stages]
        if clock.initial_until is not None:
            formulas.append((clock.initial_until, f"`initial_until` of clock '{clock.name}'"))
        if isinstance(clock.reset, LookBack):
            formulas += [
                (e, f"`{key}` of clock '{clock.name}'")
                for key, e in (("banked", clock.reset.banked), ("banked_until", clock.reset.banked_until))
                if e is not None
            ]
        for i, (formula, what) in enumerate(formulas):
            units.need(formula, what, needs[clock.name] if i == 0 else need, units.of(formula, what))
    for deadline in model.deadlines:
        what = f"`at` of deadline '{deadline.name}'"
        units.need(deadline.at, what, needs.get(deadline.clock, need), units.of(deadline.at, what))


def _exits(model: ModelData, units: Units) -> None:
    """Hazards are per cycle, probabilities hold for a cycle, ratios are plain numbers."""
    cycle = model.conventions.cycle
    per_cycle = powers(**{cycle: -1.0})
    hazard = Need(
        f"a hazard is per cycle, and the cycle is a {cycle}", (per_cycle,), frozenset({PROBABILITY, ODDS, LOG})
    )
    chance = Need(
        f"a probability holds for one cycle, and the cycle is a {cycle}",
        (per_cycle, PLAIN, powers(**{cycle: -1.0, "year": 1.0})),  # the last: over a year that the unit does not say
        frozenset({RATE, ODDS, LOG}),
    )
    for exit_ in model.transitions:
        formula, kind, need = (
            (exit_.hazard, "hazard", hazard) if exit_.hazard is not None else (exit_.probability, "probability", chance)
        )
        if formula is None:
            continue
        own = [e for effect in model.strategy_effects if effect.scale == "instead" for e in _own(effect, exit_.name)]
        for each in dict.fromkeys((formula, *own)):
            if each.text != "rest":
                what = f"the {kind} of '{exit_.name}'"
                units.need(each, what, need, units.of(each, what))
        dimension = UNKNOWN if formula.text == "rest" else units.of(formula, f"the {kind} of '{exit_.name}'")
        if exit_.ratio_on is not None:
            what = f"the ratio on '{exit_.ratio_clock}' of '{exit_.name}'"
            units.need(exit_.ratio_on, what, _ratio("a ratio"), units.of(exit_.ratio_on, what))
        if exit_.multiplier is not None:
            what = f"the multiplier of '{exit_.name}'"
            base_need = hazard if dimension.bare else _ratio("a multiplier")
            wider_need = Need(base_need.rule, (*base_need.wanted, PLAIN), base_need.never)
            units.need(exit_.multiplier, what, wider_need, units.of(exit_.multiplier, what))
    for effect in (one for one in model.strategy_effects if one.scale != "instead"):
        for ratio in effect.ratio:
            what = f"a ratio of strategy '{effect.strategy}'"
            units.need(ratio, what, _ratio("a ratio"), units.of(ratio, what))


def _system(model: ModelData, units: Units) -> None:
    """People come per day, stay for days; numbers of places, weights and shares are plain numbers."""
    per_day, days = powers(day=-1.0), powers(day=1.0)
    needs = {
        "rate": Need("arrivals are counted per day", (per_day,), frozenset({PROBABILITY, ODDS, LOG})),
        "days": Need("a stay is counted in days", (days,)),
        "share": Need("a share of people is a plain number", (PLAIN,), frozenset({RATE, LOG, ODDS})),
        "number": _ratio("a number of places"),
        "weight": _ratio("a weight"),
    }
    for formula, what, kind in () if model.system is None else model.system.formulas():
        units.need(formula, what, needs[kind], units.of(formula, what))


def _own(effect: StrategyEffect, name: str) -> tuple[Expression, ...]:
    """The formulas that a strategy has in the place of an exit's."""
    return effect.ratio if name in effect.legs else ()


def _flow(model: ModelData, flow: Flow, units: Units) -> None:
    """An amount is money in the model's currency, per cycle or once."""
    currency, cycle = model.conventions.currency, model.conventions.cycle
    if flow.per == "cycle" and not flow.stage:
        need = Need(f"an amount per cycle is {currency} per {cycle}", (powers(**{currency: 1.0, cycle: -1.0}),))
    else:
        when = "event" if flow.per == "event" else "start"
        need = Need(f"an amount per {when} is {currency}", (powers(**{currency: 1.0}),))
    weight = units.names.get(flow.weight or "", FACTOR)
    _no_value_of_a_qaly(flow, need, units)
    for formula in dict.fromkeys(flow.amounts.values()):
        what = f"the amount of flow '{flow.item}'"
        dimension = units.of(formula, what)
        total = product(dimension, weight) if flow.weight else dimension
        units.need(formula, what, need, total)
    for share in flow.shares:
        for formula in share.values:
            what = f"a share of flow '{flow.item}'"
            units.need(formula, what, _ratio("a share"), units.of(formula, what))


def _no_value_of_a_qaly(flow: Flow, need: Need, units: Units) -> None:
    """What a QALY is worth to somebody is no amount that anybody pays."""
    for formula in dict.fromkeys(flow.amounts.values()):
        if any(" per QALY" in units.parameters[name].unit for name in formula.names & set(units.parameters)):
            units.problems.append(
                ModelError(
                    f"the amount of flow '{flow.item}' reads a value of a QALY",
                    where=formula.place,
                    value=parameters_behind(formula, units.definitions, units.parameters),
                    rule=need.rule,
                    way_out="a willingness to pay is no cost: state it under `wtp`, or correct the parameter's unit",
                )
            )


def _effect(model: ModelData, effect: Effect, units: Units) -> None:
    """The time of an effect comes out in its unit: QALYs and years in years, weeks in weeks."""
    cycle = of(powers(**{model.conventions.cycle: 1.0}))
    need = _need_of_effect(effect, True, model)
    if effect.mean_within is not None and need is not None:
        total = _times_factor(effect, cycle, units)
        units.need(effect.factor or Expression(1, effect.place), f"effect '{effect.name}'", need, total)
    for term in effect.terms:
        what = f"an amount of effect '{effect.name}'"
        amount = units.of(term.amount, what)
        need = _need_of_effect(effect, bool(term.states), model)
        if need is None or (amount.bare and amount.loose):
            continue
        total = product(amount, units.names.get(term.weight, UNKNOWN)) if term.weight else amount
        total = _times_factor(effect, product(total, cycle) if term.states else total, units)
        units.need(term.amount, f"{what}, times its time and factor,", need, total)


def _times_factor(effect: Effect, total: Dimension, units: Units) -> Dimension:
    """A total of the effect times its factor, which may be a number that converts."""
    if effect.factor is None:
        return total
    if effect.factor.is_constant:
        return converted(total, float(effect.factor.evaluate()))
    return product(total, units.of(effect.factor, f"the factor of effect '{effect.name}'"))


def _need_of_effect(effect: Effect, spans: bool, model: ModelData) -> Need | None:
    """What time (`spans`) or events of an effect come to; None where its unit is a word of the model's own."""
    currency, unit = model.conventions.currency, effect.unit.strip().lower()
    never = frozenset({RATE, LOG, ODDS})
    if in_qaly(unit) or unit in _YEARS:
        year = powers(year=1.0)
        rule = f"an effect in {effect.unit} is counted in years"
        factor = "" if effect.factor or model.conventions.cycle == "year" else "add `factor: 1 / cycles_per_year`"
        return Need(rule, (year,), never, factor) if spans else Need(rule, (year, PLAIN), never)
    if unit in _SPANS and spans:
        return Need(f"the effect is counted in {unit}", (powers(**{_SPANS[unit]: 1.0}),), never)
    if unit == currency.lower():
        return Need(f"the effect is counted in {currency}", (powers(**{currency: 1.0}),), never)
    return None


def problems(model: ModelData, evidence: Any) -> list[CosteffError]:
    """The misfits of units, each once."""
    return list({str(p): p for p in units_of(model, evidence).problems}.values())
