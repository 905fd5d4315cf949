"""The section `clocks` of a model file: counts of cycles, of events, and of the last cycles only."""

from __future__ import annotations

from costeff.model import keys
from costeff.model.elements import Clock, LookBack, OnLeaving
from costeff.model.formula_section import FormulaSection


def clock(name: str, block: FormulaSection) -> Clock:
    """One clock with its reset rule."""
    block.closed(keys.CLOCK)
    if block.has("counts"):
        for key in ("advances_in", "within", "initial_until", "weekdays"):
            if block.has(key):
                rule = "a clock counts events (`counts`) or cycles (`advances_in`, `within`)"
                way_out = f"remove `{key}`, or declare a second clock"
                block.refuse(key, f"`{key}` beside `counts`", rule, way_out)
    return Clock(
        name,
        block.formula("initial"),
        block.texts("advances_in") or None,
        _reset(block.block("reset", f"reset of {block.name}")) if block.has("reset") else None,
        block.place,
        counts=block.texts("counts"),
        within=block.whole("within") if block.has("within") else None,
        initial_until=block.optional_formula("initial_until"),
        weekdays=block.boolean("weekdays"),
        stages=block.formulas("stages") if block.has("stages") else (),
    )


def _reset(block: FormulaSection) -> LookBack | OnLeaving:
    if block.has("on_leaving"):
        block.closed(keys.ON_LEAVING)
        return OnLeaving(block.texts("on_leaving"))
    block.closed(keys.LOOK_BACK)
    return LookBack(
        after=block.whole("after"),
        within=block.whole("within"),
        counted_in=block.texts("counted_in", mandatory=True),
        banked=block.optional_formula("banked"),
        banked_until=block.optional_formula("banked_until"),
    )
