"""Values that formulas may name: constants, drawn parameters, definitions, and the attributes of individuals.

Parameters and definitions are columns (D, 1); attributes are (D, N); so everything broadcasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from costeff.errors import ModelError
from costeff.model.amounts import YEAR, schedule
from costeff.model.elements import Attribute
from costeff.model.formulas.functions import ending
from costeff.model.model import Model
from costeff.numerics.random import individual_uniforms


def parameter_environment(
    model: Model, draws: Mapping[str, np.ndarray], tables: Mapping[str, Any], size: int
) -> dict[str, Any]:
    """Constants, tables, drawn parameters and definitions, each (D, 1).

    What changes with date or year stands at its value on entry; `on_cycle` gives it at others.
    """
    env: dict[str, Any] = dict(tables)
    if model.conventions.beyond_table == "error":
        env = {name: ending(table) for name, table in env.items()}
    env["cycles_per_year"] = float(model.conventions.cycles_per_year)
    env["horizon"] = float(model.conventions.horizon)
    env.update({name: float(code) for name, code in model.categories.items()})
    env.update({name: np.asarray(values, float).reshape(-1, 1) for name, values in draws.items()})
    return on_cycle(model, env, 0, model.definitions, size)


def on_cycle(model: Model, env: Mapping[str, Any], cycle: int, definitions: Iterable[str], size: int) -> dict[str, Any]:
    """`env` with values by date, `year` and `definitions` as they stand at `cycle` since entry."""
    out = dict(env)
    out[YEAR] = float(cycle // model.conventions.cycles_per_year)
    for name in model.dated:
        out[name] = out[next(parameter for begin, parameter in reversed(schedule(model, name)) if begin <= cycle)]
    for name in definitions:
        value = np.asarray(model.definitions[name].evaluate(out), float)
        out[name] = np.ascontiguousarray(np.broadcast_to(value.reshape(-1, 1), (size, 1)))
    return out


def population(
    model: Model,
    env: Mapping[str, Any],
    seed: int,
    keys: np.ndarray,
    first: int,
    count: int,
    known: Mapping[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Attributes of individuals first .. first+count-1 for each draw: name to (D, N). Categories are codes.

    `known` attributes, (N,) or (D, N), stand as they are; those that follow from them follow. Where all draws share
    their luck (equal `keys`), an attribute that also reads the same in all of them is made once.
    """
    values: dict[str, Any] = dict(env)
    shape = (len(keys), count)
    shared_luck = len(keys) > 1 and bool((keys == keys[0]).all())
    for attribute in model.attributes:
        if known is not None and attribute.name in known:
            values[attribute.name] = np.broadcast_to(np.asarray(known[attribute.name], float), shape)
            continue
        own: Mapping[str, Any] = values
        rows = keys
        if shared_luck and (first_rows := _alike(attribute, values)) is not None:
            own, rows = {**values, **first_rows}, keys[:1]
        u = individual_uniforms(seed, rows, first, count, attribute.name)
        values[attribute.name] = _attribute(attribute, own, u)
    return {attribute.name: np.broadcast_to(values[attribute.name], shape) for attribute in model.attributes}


def _attribute(attribute: Attribute, values: Mapping[str, Any], u: np.ndarray) -> np.ndarray:
    """One attribute from uniform numbers (D, N), in their shape."""
    from scipy.special import ndtri

    if attribute.categories is not None:
        return category_codes(attribute, values, u)
    assert attribute.value is not None
    names = attribute.value.names
    own = {"u": u} if "u" in names else {}
    if "z" in names:
        own["z"] = ndtri(u)
    return np.broadcast_to(np.asarray(attribute.value.evaluate({**values, **own}), float), u.shape)


def _alike(attribute: Attribute, values: Mapping[str, Any]) -> dict[str, np.ndarray] | None:
    """The first draw's row of everything that an attribute reads, when it is the same in all draws; else None."""
    formulas = list(attribute.categories.values()) if attribute.categories is not None else []
    formulas += [attribute.value] if attribute.value is not None else []
    columns = {column for formula in formulas for _, column in formula.column_names}
    first_rows = {}
    for name in columns.union(*(formula.names for formula in formulas)):
        value = np.asarray(values.get(name, 0.0))
        if value.ndim > 1 and len(value) > 1:
            if not (value == value[:1]).all():
                return None
            first_rows[name] = value[:1]
    return first_rows


def category_codes(attribute: Attribute, env: Mapping[str, Any], u: np.ndarray) -> np.ndarray:
    """Codes (D, N): the category whose interval of cumulative probability holds `u`."""
    probabilities = category_probabilities(attribute, env)
    total: Any = 0.0
    last_possible: Any = 0.0
    code = np.zeros(u.shape)
    for i, p in enumerate(probabilities):
        total = total + p
        if i < len(probabilities) - 1:
            code += u >= total
        last_possible = np.where(p > 0, float(i), last_possible)
    # A number in the gap that rounding leaves below 1 falls on the last category that can happen.
    return np.asarray(np.minimum(code, last_possible, out=code))


def category_probabilities(attribute: Attribute, env: Mapping[str, Any]) -> list[np.ndarray]:
    """Probability of each category, broadcastable; checked to lie in 0-1 and to sum to 1."""
    assert attribute.categories is not None
    probabilities = {
        name: np.asarray(formula.evaluate(env), float)
        for name, formula in attribute.categories.items()
        if formula.text != "rest"
    }
    total = sum(probabilities.values(), np.zeros(()))
    has_rest = len(probabilities) < len(attribute.categories)
    if has_rest:
        rest = next(name for name, formula in attribute.categories.items() if formula.text == "rest")
        probabilities[rest] = np.where(np.abs(1 - total) < 1e-12, 0.0, 1 - total)
        total = np.ones(())
    for name, p in probabilities.items():
        if np.any(p < 0) or np.any(p > 1):
            bad = np.atleast_2d((p < 0) | (p > 1))
            raise ModelError(
                f"probability of category '{name}' of '{attribute.name}' is outside 0-1",
                where=attribute.place,
                value=float(np.atleast_2d(p)[bad][0]),
                draw=int(np.argwhere(bad)[0, 0]) if len(bad) > 1 else None,
                rule="probabilities of categories lie in 0-1 and sum to 1",
                way_out="bound the formula with min and max, or lower the other categories",
            )
    if np.any(np.abs(total - 1) > 1e-9):
        raise ModelError(
            f"probabilities of '{attribute.name}' do not sum to 1",
            where=attribute.place,
            value=float(np.asarray(total).flat[int(np.argmax(np.abs(np.asarray(total) - 1)))]),
            rule="probabilities of categories sum to 1",
            way_out="make one category `rest`",
        )
    return [probabilities[name] for name in attribute.categories]
