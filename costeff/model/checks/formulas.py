"""Checks of formulas as far as they go without parameters: names in their place, constants in their range."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from costeff.errors import ModelError, Place
from costeff.model.amounts import YEAR
from costeff.model.elements import LookBack
from costeff.model.formulas.expression import Expression
from costeff.model.formulas.functions import FUNCTIONS
from costeff.model.names import CONSTANTS, SPECIAL, not_parameters, uses
from costeff.model.other_words import time_way
from costeff.model.problems import problem
from costeff.problems import way_to

if TYPE_CHECKING:
    from costeff.model.data import ModelData

_WAYS = {
    "u": "`u` belongs to the `value` of an attribute",
    "z": "`z` belongs to the `value` of an attribute",
    "rest": "`rest` stands alone as the probability of one category, or of one exit of a state",
}


def declared_names(model: ModelData) -> Iterator[ModelError]:
    """Attributes, categories and definitions have names of their own that a formula can hold."""
    kinds: dict[str, str] = {}
    starts = {model.start, *(s.start for s in model.strategies if s.start)}
    first_states = {f"category of '{a.name}'": a.categories or {} for a in model.attributes if a.name in starts}
    names: list[tuple[str, str, Place | None]] = [(n, "definition", e.place) for n, e in model.definitions.items()]
    for a in model.attributes:
        names.append((a.name, "attribute", a.place))
        names += [(c, f"category of '{a.name}'", e.place or a.place) for c, e in (a.categories or {}).items()]
    for name, kind, place in names:
        if name in (*CONSTANTS, *SPECIAL) or name in FUNCTIONS:
            rule = f"reserved: {', '.join((*CONSTANTS, *SPECIAL))} and the names of functions"
            yield problem(f"a reserved name as {kind}", place, name, rule, "rename it")
        elif not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            rule = "a name in formulas has letters, digits and underscores, and is no word of Python's"
            yield problem(f"a {kind} that no formula can name", place, name, rule, "rename it")
        if name in kinds and kind in first_states and kinds[name] in first_states:
            codes = [list(own).index(name) for own in (first_states[kinds[name]], first_states[kind])]
            if codes[0] != codes[1]:
                rule = "what says where people start under one strategy and another names the same states in one order"
                way_out = "name all these states in both, in one order, with 0 for those in which nobody starts"
                yield problem(f"'{name}' stands in another place as {kind}", place, name, rule, way_out)
        elif name in kinds and (kinds[name] != kind or kind != "attribute"):
            rule = f"names in formulas are unique; this is also the name of a {kinds[name]}"
            yield problem(f"a {kind} with a name in use", place, name, rule, "rename one of them")
        kinds.setdefault(name, kind)


def formula_names(model: ModelData) -> Iterator[ModelError]:
    """Each formula reads only what exists where it stands; every definition is read."""
    own, read = not_parameters(model), set[str]()
    for use in uses(model):
        names = use.expression.names
        read |= names | {column for _, column in use.expression.column_names}
        for name in sorted((names & own) - use.allowed - set(CONSTANTS)):
            rule = f"here may stand: parameters, {', '.join(sorted(use.allowed | set(CONSTANTS)))}"
            way_out = (
                time_way(use.what) if name in ("t", YEAR) else _WAYS.get(name) or _elsewhere(model, name, use.what)
            )
            what = f"{use.what} reads '{name}', which has no value there"
            yield problem(what, use.expression.place, use.expression.text, rule, way_out)
    for name, expression in model.definitions.items():
        if name not in read:
            rule = "every definition is read by a formula"
            way_out = way_to(name, (), "delete it, or use it")
            yield problem(f"definition '{name}' is never read", expression.place, expression.text, rule, way_out)


def _elsewhere(model: ModelData, name: str, what: str) -> str:
    if name in model.definitions:
        return "declare it earlier under `definitions`"
    if what.startswith(("hazard", "probability")):
        return "name the attribute under `strata` if it has categories, or use it in `multiplier`"
    if what.startswith(("attribute", "category")):
        return "declare the attribute earlier under `population`"
    return (
        "an individual's attribute enters by an amount, `weight` or `multiplier`; rename the parameter if you meant one"
    )


def constants(model: ModelData) -> Iterator[ModelError]:
    """Formulas without names lie in the range of what they stand for."""
    for expression, what, low, high in _ranges(model):
        if expression is None or not expression.is_constant:
            continue
        value = float(expression.evaluate({}))
        if not low <= value <= high:
            rule = f"{low:g} to {high:g}" if high < inf else f"{low:g} or more"
            way_out = "check the sign and the unit"
            yield problem(f"{what} is out of range", expression.place, expression.text, rule, way_out)
    for a in model.attributes:
        shares = [e for e in (a.categories or {}).values() if e.text != "rest"]
        total = sum(float(e.evaluate({})) for e in shares if e.is_constant)
        fixed = len(shares) == len(a.categories or {}) and all(e.is_constant for e in shares)
        if total > 1 + 1e-9 or (shares and fixed and abs(total - 1) > 1e-9):
            rule, way_out = "probabilities of all categories add to 1", "write `rest` for one of them"
            yield problem(f"categories of attribute '{a.name}'", a.place, f"sum {total!r}", rule, way_out)


def _ranges(model: ModelData) -> Iterator[tuple[Expression | None, str, float, float]]:
    """(formula, what it is, lowest, highest) for formulas whose range is known."""
    yield model.conventions.discount_rate_cost, "the discount rate of costs", 0, 1
    yield model.conventions.discount_rate_effect, "the discount rate of effects", 0, 1
    for band in model.conventions.discount_bands:
        yield from ((e, f"a discount rate after {band.after} years", 0, 1) for e in (band.cost, band.effect))
    for a in model.attributes:
        for category, e in (a.categories or {}).items():
            if e.text != "rest":
                yield e, f"the probability of '{category}'", 0, 1
    for c in model.clocks:
        yield c.initial, f"the initial value of clock '{c.name}'", 0, inf
        if isinstance(c.reset, LookBack):
            yield c.reset.banked, f"`banked` of clock '{c.name}'", 0, c.reset.after - 1
            yield c.reset.banked_until, f"`banked_until` of clock '{c.name}'", 0, inf
        yield c.initial_until, f"`initial_until` of clock '{c.name}'", 0, inf
    for t in model.transitions:
        yield t.hazard, f"the hazard of '{t.name}'", 0, inf
        yield t.probability, f"the probability of '{t.name}'", 0, 1
        yield t.multiplier, f"the multiplier of '{t.name}'", 0, inf
        yield t.ratio_on, f"the ratio on '{t.ratio_clock}' of '{t.name}'", 0, inf
    for d in model.deadlines:
        yield d.at, f"`at` of deadline '{d.name}'", 0, inf
    for effect in model.strategy_effects:
        if effect.scale == "instead":
            is_chance = any(t.probability is not None for leg in effect.legs for t in model.exits_on(leg))
            what = f"the {'probability' if is_chance else 'hazard'} of {effect.legs[0]} under '{effect.strategy}'"
            yield from ((e, what, 0, 1 if is_chance else inf) for e in effect.ratio if e.text != "rest")
        else:
            yield from ((e, f"a ratio of strategy '{effect.strategy}'", 0, inf) for e in effect.ratio)
    if model.system is not None:
        for e, what, kind in model.system.formulas():
            yield e, what, 0, 1 if kind == "share" else inf
    for flow in model.flows:
        lowest = -inf if flow.negative else 0
        for e in dict.fromkeys(flow.amounts.values()):
            yield e, f"the amount of flow '{flow.item}' (without `negative: true`)", lowest, inf
        for share in flow.shares:
            yield from ((e, f"a share of flow '{flow.item}'", lowest, inf) for e in share.values)
    for view in model.perspectives:
        yield view.factor, f"the factor of perspective '{view.name}'", 0, inf
        if view.tax_financing is not None:
            yield view.tax_financing.rate, f"the rate of tax financing of perspective '{view.name}'", 0, 1
