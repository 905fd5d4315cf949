"""Reads `arrivals` and `places`: a system that people come to and leave."""

from __future__ import annotations

from costeff.documents.values import plain
from costeff.model import keys
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression
from costeff.model.system import MONTHS, UNITS, WEEKDAYS, Arrivals, ByStrategy, Change, Places, Returns, System

UNLIMITED = "unlimited"
INSTEAD = {
    "transitions": "what moves people stands under `places`: remove it",
    "deadlines": "a stay that ends by time since arrival is `until` under `places`: remove it",
    "clocks": "bands lie on `time_in_state` or on `time`, the days since arrival: remove it",
    "strategy_effects": "write the strategy's own `stay` or `number`: {strategy: formula}; remove it",
    "windows": "a date enters by `changes` of places, or by a rule set: remove it",
    "passages": "count the events `placed` or `arrived` in an effect: remove it",
    "delivery": "write the strategy's own `stay`: remove it",
}
"""Sections that a model with arrivals cannot have, and what takes their place."""


def system(top: FormulaSection, strategies: tuple[str, ...]) -> System | None:
    """Arrivals and places of a model file; None where it has neither."""
    if not top.has("arrivals") and not top.has("places"):
        return None
    for key, way_out in INSTEAD.items():
        if top.has(key):
            with top.document.collecting():
                top.refuse(key, f"`{key}` beside `arrivals`", "people of a system move from place to place", way_out)
    with top.document.collecting():
        for key in ("arrivals", "places"):
            top.required(key)
    come = _arrivals(top.block("arrivals", "`arrivals`"), strategies)
    places = top.named("places", "places", lambda name, block: _places(name, block, strategies))
    return System(come, places) if places else None


def _arrivals(block: FormulaSection, strategies: tuple[str, ...]) -> Arrivals:
    block.closed(keys.ARRIVALS)
    return Arrivals(
        per_day=block.formula("per_day"),
        outside=block.text("outside"),
        warm_up=block.whole("warm_up", least=0),
        unit=block.choice("unit", UNITS, UNITS[0]),
        weekdays=_weights(block, "weekdays", WEEKDAYS),
        months=_weights(block, "months", MONTHS),
        priority=block.texts("priority"),
        room=_by_strategy(block, "room", strategies),
        patience=block.optional_formula("patience"),
        returns=_returns(block),
        place=block.place,
    )


def _weights(block: FormulaSection, key: str, names: tuple[str, ...]) -> dict[str, Expression] | None:
    """Weights of days or months by name; those left out weigh 1."""
    if not block.has(key):
        return None
    inner = block.block(key, f"`{key}` of the arrivals")
    inner.closed(names)
    return {name: inner.formula(name) for name in names if inner.has(name)}


def _returns(block: FormulaSection) -> Returns | None:
    if not block.has("returns"):
        return None
    inner = block.block("returns", "`returns` of the arrivals")
    inner.closed(keys.RETURNS)
    return Returns(inner.formula("share"), inner.formula("after"), inner.whole("visits", least=2))


def _places(name: str, block: FormulaSection, strategies: tuple[str, ...]) -> Places:
    block.closed(keys.PLACES)
    unlimited = plain(block.required("number")) == UNLIMITED
    if block.has("stay") == block.has("until"):
        rule = "people need a place for a `stay` in days, or `until` so many days since they came"
        block.document.refuse(f"{block.name} has both or neither", block.line, None, rule, "keep exactly one")
    if unlimited and block.has("changes"):
        block.refuse("changes", "`changes` of places without a limit", "only a number changes", "state a `number`")
    if block.has("delayed") and not block.has("delay"):
        block.refuse("delayed", "`delayed` without a `delay`", "the state of those with a delay", "state a `delay`")
    return Places(
        name=name,
        number=None if unlimited else _by_strategy(block, "number", strategies),
        stay=_by_strategy(block, "stay", strategies),
        until=block.optional_formula("until"),
        changes=block.listed("changes", f"change of '{name}'", _change),
        delay=_by_strategy(block, "delay", strategies),
        delay_state=block.text("delayed", ""),
        blocking_state=block.text("blocked", ""),
        place=block.place,
    )


def _change(block: FormulaSection) -> Change:
    block.closed(keys.CHANGE)
    block.required("date")
    return Change(block.date("date"), block.formula("number"), block.texts("strategies"))


def _by_strategy(block: FormulaSection, key: str, strategies: tuple[str, ...]) -> ByStrategy | None:
    """One formula for all strategies, or one for each; None when the key is absent."""
    if not block.has(key):
        return None
    if not isinstance(plain(block.data[key]), dict):
        return {"": block.formula(key)}
    inner = block.block(key, f"`{key}` of {block.name}")
    inner.closed(strategies)
    missing = [name for name in strategies if not inner.has(name)]
    if missing:
        rule = "one formula for all strategies, or one for each"
        block.refuse(key, f"`{key}` has none for '{missing[0]}'", rule, f"add `{missing[0]}: formula`")
    return {name: inner.formula(name) for name in strategies}
