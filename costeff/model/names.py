"""Which names each formula of a model may use and does use: parameters, tables, and what each is needed for.

A name that is no attribute, category, definition, constant or special name is a parameter. Parameters read only by
prices (flows, effects, perspectives) can change without a new simulation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.errors import Place
from costeff.model.amounts import YEAR, counted, individual_names
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.model.data import ModelData
    from costeff.model.elements import Transition

CONSTANTS = ("cycles_per_year", "horizon")
#: `t`: clock value; `u`, `z`: an attribute's own uniform and normal number; `rest`: the remaining probability;
#: `year`: whole years since entry.
SPECIAL = ("t", "u", "z", "rest", YEAR)


@dataclass(frozen=True)
class Use:
    """One formula of a model: what it is, which names besides parameters and constants it may read.

    `prices` is True when its value only prices quantities; `owner` is the definition it defines, else ''.
    """

    expression: Expression
    what: str
    allowed: frozenset[str]
    prices: bool = False
    owner: str = ""


def uses(model: ModelData) -> Iterator[Use]:
    """Every formula of the model, in the order of the file's sections."""
    definitions = frozenset(model.definitions)
    everyone = definitions | individual_names(model)
    rates = model.conventions
    # Engines add up discounted and undiscounted quantities side by side, so another rate needs another run.
    yield Use(rates.discount_rate_cost, "the discount rate of costs", definitions)
    yield Use(rates.discount_rate_effect, "the discount rate of effects", definitions)
    for band in rates.discount_bands:
        yield from (Use(e, f"a discount rate after {band.after} years", definitions) for e in (band.cost, band.effect))
    yield from _definitions(model)
    yield from _population(model)
    for clock in model.clocks:
        reset = clock.reset
        formulas = [clock.initial, clock.initial_until, *clock.stages]
        formulas += [getattr(reset, "banked", None), getattr(reset, "banked_until", None)]
        yield from (Use(e, f"clock '{clock.name}'", everyone) for e in formulas if e is not None)
    yield from _transitions(model)
    for deadline in model.deadlines:
        yield Use(deadline.at, f"`at` of deadline '{deadline.name}'", everyone)
    yield from _strategy_effects(model)
    if model.system is not None:
        for formula, what, kind in model.system.formulas():
            yield Use(formula, what, everyone | {"u", "z"} if kind == "days" else definitions)
    yield from _prices(model)


def _definitions(model: ModelData) -> Iterator[Use]:
    earlier: frozenset[str] = frozenset()
    for name, expression in model.definitions.items():
        yield Use(expression, f"definition '{name}'", earlier | {YEAR, *model.dated}, owner=name)
        earlier |= {name}


def _population(model: ModelData) -> Iterator[Use]:
    names = frozenset(model.definitions)
    for attribute in model.attributes:
        if attribute.value is not None:
            yield Use(attribute.value, f"attribute '{attribute.name}'", names | {"u", "z"})
        for category, expression in (attribute.categories or {}).items():
            if expression.text != "rest":
                yield Use(expression, f"category '{category}' of '{attribute.name}'", names)
        names |= {attribute.name, *(attribute.categories or {})}


def _strata_names(model: ModelData, exit_: Transition) -> frozenset[str]:
    """The attributes under `strata`, and their categories."""
    strata = [a for a in model.attributes if a.name in exit_.strata]
    return frozenset(s.name for s in strata) | frozenset(c for s in strata for c in s.categories or ())


def _strategy_effects(model: ModelData) -> Iterator[Use]:
    definitions = frozenset(model.definitions)
    for effect in model.strategy_effects:
        if effect.scale == "instead":
            for exit_ in (t for leg in effect.legs for t in model.exits_on(leg)):
                key = "hazard" if exit_.hazard is not None else "probability"
                what = f"{key} of transition '{exit_.name}' under strategy '{effect.strategy}'"
                names = definitions | _strata_names(model, exit_) | {"t"}
                yield from (Use(e, what, names) for e in effect.ratio if e.text != "rest")
            continue
        yield from (Use(e, f"a ratio of strategy '{effect.strategy}'", definitions | {"t"}) for e in effect.ratio)


def _transitions(model: ModelData) -> Iterator[Use]:
    definitions = frozenset(model.definitions)
    everyone = definitions | individual_names(model)
    for exit_ in model.transitions:
        strata_names = _strata_names(model, exit_)
        for key, expression in (("hazard", exit_.hazard), ("probability", exit_.probability)):
            if expression is not None and expression.text != "rest":
                yield Use(expression, f"{key} of transition '{exit_.name}'", definitions | strata_names | {"t"})
        if exit_.ratio_on is not None:
            what = f"ratio on '{exit_.ratio_clock}' of transition '{exit_.name}'"
            yield Use(exit_.ratio_on, what, definitions | {"t"})
        if exit_.multiplier is not None:
            yield Use(exit_.multiplier, f"multiplier of transition '{exit_.name}'", everyone)


def _prices(model: ModelData) -> Iterator[Use]:
    definitions = frozenset(model.definitions)
    amount_names = definitions | individual_names(model) | {YEAR, *model.dated}
    for flow in model.flows:
        prices_only = not flow.needs_simulation
        for expression in dict.fromkeys(flow.amounts.values()):
            prices = prices_only and not counted(model, expression)
            yield Use(expression, f"amount of flow '{flow.item}'", amount_names, prices)
        for share in flow.shares:
            yield from (Use(e, f"share of flow '{flow.item}'", definitions, prices_only) for e in share.values)
    for perspective in model.perspectives:
        if perspective.factor is not None:
            yield Use(perspective.factor, f"factor of perspective '{perspective.name}'", definitions, True)
        if perspective.tax_financing is not None:
            rate = perspective.tax_financing.rate
            yield Use(rate, f"rate of tax financing of perspective '{perspective.name}'", definitions, True)
    for effect in model.effects:
        if effect.factor is not None:
            yield Use(effect.factor, f"factor of effect '{effect.name}'", definitions, True)
        for term in effect.terms:
            special = frozenset({"t"}) if term.band else frozenset()
            prices = not counted(model, term.amount)
            yield Use(term.amount, f"amount of effect '{effect.name}'", amount_names | special, prices)


def not_parameters(model: ModelData) -> frozenset[str]:
    """Names that a formula resolves within the model, so that no parameter may carry them."""
    return individual_names(model) | frozenset((*model.definitions, *model.dated, *CONSTANTS, *SPECIAL))


def parameter_names(model: ModelData) -> dict[str, list[Place]]:
    """Every parameter that a formula reads, with the places where it is read (none for formulas built in Python).

    A bare column of a look-up that its table does not have may be a parameter too; only `check_against` can tell.
    """
    own, places_by_name = not_parameters(model), dict[str, list[Place]]()
    for use in uses(model):
        for name in sorted(behind_dates(model, use.expression.names) | (use.expression.names - own)):
            places = places_by_name.setdefault(name, [])
            if use.expression.place is not None and use.expression.place not in places:
                places.append(use.expression.place)
    return places_by_name


def behind_dates(model: ModelData, names: frozenset[str]) -> frozenset[str]:
    """The parameters that stand for dated names."""
    return frozenset(parameter for name in names & set(model.dated) for _, parameter in model.dated[name])


def table_names(model: ModelData) -> dict[str, list[Place]]:
    """Every look-up table that a formula reads, with the places."""
    places_by_name = dict[str, list[Place]]()
    for use in uses(model):
        for name in sorted(use.expression.table_names):
            places = places_by_name.setdefault(name, [])
            if use.expression.place is not None and use.expression.place not in places:
                places.append(use.expression.place)
    return places_by_name


def simulation_names(model: ModelData) -> frozenset[str]:
    """Parameters and tables whose change needs a new simulation: read by anything but prices, directly or defined."""
    return _reached(model, prices=False)


def pricing_names(model: ModelData) -> frozenset[str]:
    """Parameters and tables read by flows, effects and perspectives only: no new simulation needed."""
    return _reached(model, prices=True) - simulation_names(model)


def _reached(model: ModelData, prices: bool) -> frozenset[str]:
    """Parameters and tables that formulas of one kind read, through definitions too (columns count as names)."""
    own = not_parameters(model)
    behind = {name: behind_dates(model, frozenset({name})) for name in model.dated}

    def read(expression: Expression) -> frozenset[str]:
        columns = {column for _, column in expression.column_names}
        names = expression.names | expression.table_names
        through = [behind[name] for name in names | columns if name in behind]
        return frozenset(names - own).union(*through)

    all_names: frozenset[str] = frozenset()
    for use in uses(model):
        if use.owner:
            behind[use.owner] = read(use.expression)
    for use in uses(model):
        if not use.owner and use.prices == prices:
            all_names |= read(use.expression)
    return all_names
