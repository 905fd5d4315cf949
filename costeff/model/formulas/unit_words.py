"""What an error about units says: the parameters behind a formula with their units and places, and the conversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costeff.model.formulas.dimension import (
    LOG,
    ODDS,
    PER_YEAR,
    PROBABILITY,
    RATE,
    Dimension,
    Powers,
    conversion,
    measure,
)
from costeff.model.formulas.expression import Expression

_MOST_NAMED = 3


def parameters_behind(formula: Expression, definitions: Mapping[str, Expression], parameters: Mapping[str, Any]) -> str:
    """The parameters that a formula reads, through definitions too, with unit and place; '' when it reads none."""
    names: dict[str, None] = {}
    ahead = [formula]
    while ahead:
        for name in sorted(ahead.pop().names):
            if name in definitions:
                ahead.append(definitions[name])
            elif name in parameters:
                names[name] = None
    parts = [f"{name}: {_unit_and_place(parameters[name])}" for name in list(names)[:_MOST_NAMED]]
    more = len(names) - _MOST_NAMED
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _unit_and_place(parameter: Any) -> str:
    place = parameter.at("unit")
    return f"{parameter.unit} ({place})" if place is not None else str(parameter.unit)


def way_out(text: str, dimension: Dimension, targets: tuple[Powers, ...], wrong_sort: bool) -> str:
    """How to convert a formula, as far as that is known.

    >>> from costeff.model.formulas.dimension import of_unit, powers
    >>> way_out("h", of_unit("hazard per year"), (powers(week=-1),), False)
    "write `h / cycles_per_year`, or correct the parameter's unit"
    >>> way_out("p", of_unit("probability per year"), (powers(week=-1), ()), False)
    "write `rate_to_probability(probability_to_rate(p, cycles_per_year))`, or correct the parameter's unit"
    """
    inner = text if text.isidentifier() or _is_call(text) else f"({text})"
    change = _change(dimension, targets)
    scaled_formula = f"{inner} {_factor(*change)}" if change else text
    sort = dimension.sort
    if wrong_sort:
        formula = {
            LOG: f"exp({text})",
            ODDS: f"odds_to_probability({text})",
            RATE: f"rate_to_probability({scaled_formula})",
            PROBABILITY: f"probability_to_rate({text}{_spans(change)})",
        }[sort]
    elif sort == PROBABILITY and change:
        formula = f"rate_to_probability(probability_to_rate({text}{_spans(change)}))"
    elif change:
        formula = scaled_formula
    elif _currencies(dimension) and all(_money(w) and _money(w) != _currencies(dimension) for w in targets):
        return "give the amount in the model's currency, or multiply by an exchange rate, a parameter with unit number"
    else:
        return "correct the formula, or the unit of its parameter"
    return f"write `{formula}`, or correct the parameter's unit"


def _is_call(text: str) -> bool:
    head, _, rest = text.partition("(")
    return head.isidentifier() and rest.count(")") == rest.count("(") + 1 and text.endswith(")") and ") " not in rest


def _currencies(dimension: Dimension) -> set[str]:
    return {name for reading in dimension.readings for name in _money(reading)}


def _money(reading: Powers) -> set[str]:
    return {name for name, _ in reading if name not in PER_YEAR}


def _change(dimension: Dimension, targets: tuple[Powers, ...]) -> tuple[str, str, float] | None:
    """(unit of time, the one needed, its power) when that is all that differs between the two."""
    for reading in sorted(dimension.readings, key=len):
        for target in targets:
            if measure(reading) != measure(target):
                continue
            one, other = set(reading) - set(target), set(target) - set(reading)
            if len(one) == len(other) == 1:
                (source, power), (unit, same) = one.pop(), other.pop()
                if source in PER_YEAR and unit in PER_YEAR and power == same and abs(power) == 1:
                    return source, unit, power
    return None


def _factor(source: str, target: str, power: float) -> str:
    if power < 0:
        return conversion(source, target)
    if source == "year":
        return "* cycles_per_year"
    return f"/ {PER_YEAR[source]:g}" if target == "year" else f"* {PER_YEAR[target]:g} / {PER_YEAR[source]:g}"


def _spans(change: tuple[str, str, float] | None) -> str:
    """The second argument of probability_to_rate: how many cycles the probability spans."""
    if change is None:
        return ""
    source, target, _ = change
    return ", cycles_per_year" if source == "year" else f", {PER_YEAR[target]:g} / {PER_YEAR[source]:g}"
