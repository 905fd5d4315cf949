"""Strategies and what they change: ratios on hazards, and hazards or probabilities that a strategy has of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from costeff.documents.values import plain
from costeff.model import keys
from costeff.model.checks.structure import SCALES
from costeff.model.elements import TIME, Strategy, StrategyEffect, Transition
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression


def strategy(name: str, block: FormulaSection) -> Strategy:
    """One option compared."""
    block.closed(keys.STRATEGY)
    return Strategy(name, block.label(name), block.boolean("comparator"), block.place, block.text("start", ""))


def strategy_effect(block: FormulaSection) -> StrategyEffect:
    """Ratios of one strategy on its legs: one, one for each window, or either for each category of an attribute."""
    block.closed(keys.STRATEGY_EFFECT)
    return StrategyEffect(
        strategy=block.text("strategy"),
        legs=block.texts("legs", mandatory=True),
        ratio=_ratios(block, "ratio"),
        scale=block.choice("scale", SCALES, "hazard"),
        place=block.place,
        clock=block.text("clock", TIME),
        every=block.whole("every", 1),
        categories=_categories(block, "ratio"),
    )


def _categories(block: FormulaSection, key: str) -> tuple[str, ...]:
    """The names of the categories, where ratios are by category."""
    ratios = plain(block.required(key))
    return tuple(map(str, ratios)) if isinstance(ratios, dict) else ()


def _ratios(block: FormulaSection, key: str) -> tuple[Expression, ...]:
    """The ratios, one or by window; of several categories those of the first come first, as many for each."""
    if not _categories(block, key):
        return block.formulas(key)
    inner = block.block(key, f"`{key}` of {block.name}")
    by_category = {str(name): inner.formulas(name) for name in inner.data}
    most = max(len(own) for own in by_category.values())
    for name, own in by_category.items():
        if len(own) not in (1, most):
            rule = "each category has one ratio, or one for each window"
            inner.refuse(name, f"'{name}' has {len(own)} ratios", rule, f"write 1 or {most}")
    ratios = (own * most if len(own) == 1 else own for own in by_category.values())
    return tuple(formula for own in ratios for formula in own)


def ratio_on(block: FormulaSection) -> dict[str, Any]:
    """`ratio_on` of a transition: the one clock that also multiplies its hazard, and the formula."""
    if not block.has("ratio_on"):
        return {}
    inner = block.block("ratio_on", f"`ratio_on` of {block.name}")
    if len(inner.data) != 1:
        rule = "one other clock multiplies the hazard of an exit"
        way_out = "keep one; another may be the exit's own `clock`, and time since the start enters by `windows`"
        block.refuse("ratio_on", f"`ratio_on` names {len(inner.data)} clocks", rule, way_out)
    ((name, _),) = inner.data.items()
    return {"ratio_clock": str(name), "ratio_on": inner.formula(name)}


def first_formula(block: FormulaSection, key: str) -> Expression | None:
    """The formula under `key`, or the first of a mapping from strategies to formulas; None when it is absent."""
    if not block.has(key) or not isinstance(plain(block.data[key]), dict):
        return block.optional_formula(key)
    return next(iter(_by_strategy(block, key).values()))


def _by_strategy(block: FormulaSection, key: str) -> dict[str, Expression]:
    inner = block.block(key, f"`{key}` of {block.name}")
    if not inner.data:
        block.refuse(key, f"`{key}` is empty", "a formula for each strategy", "write {strategy: formula}")
    return {str(name): inner.formula(name) for name in inner.data}


def own_formulas(
    groups: Iterable[tuple[FormulaSection, int]], exits: Sequence[Transition], strategies: Sequence[Strategy]
) -> tuple[tuple[Transition, ...], tuple[StrategyEffect, ...]]:
    """The exits with the comparator's formula, and those of the other strategies as effects in its place.

    `groups`: each mapping of the file with how many of the exits it declares.
    """
    new_exits: list[Transition] = []
    effects: list[StrategyEffect] = []
    for block, count in groups:
        own = exits[len(new_exits) : len(new_exits) + count]
        key = next((k for k in ("hazard", "probability") if isinstance(plain(block.data.get(k)), dict)), None)
        if key is None or not strategies:
            new_exits += own
            continue
        formulas = _by_strategy(block, key)
        with block.document.collecting():
            _check_names(block, key, formulas, [s.name for s in strategies])
        comparator = next((s.name for s in strategies if s.comparator), strategies[0].name)
        base = formulas.get(comparator, next(iter(formulas.values())))
        new_exits += [replace(one, hazard=base) if key == "hazard" else replace(one, probability=base) for one in own]
        effects += [
            StrategyEffect(name, (one.name,), (formula,), scale="instead", place=block.place)
            for one in own
            for name, formula in formulas.items()
            if formula != base
        ]
    return tuple(new_exits), tuple(effects)


def _check_names(block: FormulaSection, key: str, formulas: Mapping[str, Expression], names: Sequence[str]) -> None:
    inner = block.block(key, f"`{key}` of {block.name}")
    inner.closed(names)
    missing = [name for name in names if name not in formulas]
    if missing:
        rule = f"a {key} by strategy has a formula for every strategy"
        way_out = f"add {', '.join(f'{name}: ...' for name in missing)}, or write one formula for all"
        block.refuse(key, f"`{key}` without {', '.join(missing)}", rule, way_out)
