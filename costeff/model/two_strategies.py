"""A model cut down to its comparator and one other strategy, with what only the others read left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from costeff.errors import ModelError
from costeff.model.data import ModelData
from costeff.model.delivery import of_strategies
from costeff.model.elements import Effect, Flow, Term
from costeff.model.model import Model
from costeff.model.names import uses
from costeff.problems import way_to

T = TypeVar("T", Flow, Term)


def with_strategy(model: Model, name: str) -> Model:
    """The model with its comparator and the strategy of that name alone.

    Flows, terms, deliveries and first states of other strategies go, with them items that nobody pays, effects that
    count nothing any more, and definitions that nobody reads.

    Raises ModelError for a name that is no strategy of the model, or is its comparator.

    >>> from costeff.model import read_model
    >>> with_strategy(read_model("sick_sicker"), "AB").strategy_names
    ('SoC', 'AB')
    """
    others = [s for s in model.strategy_names if s != model.comparator]
    if name not in others:
        raise ModelError(
            f"'{name}' is no strategy that can be set beside '{model.comparator}'",
            value=name,
            rule=f"strategies of '{model.name}': {', '.join(others)}",
            way_out=way_to(name, others, "name one of them"),
        )
    names = {model.comparator, name}
    flows = _followed(_of(model.flows, names))
    items = {flow.item for flow in flows}
    perspectives = (
        replace(
            view,
            items=tuple(item for item in view.items if item in items),
            exclude_items=tuple(item for item in view.exclude_items if item in items),
        )
        for view in model.perspectives
    )
    left_out = {s.start for s in model.strategies if s.name not in names and s.start}
    left_out -= {model.start, *(s.start for s in model.strategies if s.name in names)}
    own_deliveries = of_strategies(model, names)
    changes: dict[str, Any] = {
        **own_deliveries,
        "attributes": tuple(attribute for attribute in own_deliveries["attributes"] if attribute.name not in left_out),
        "strategies": tuple(s for s in model.strategies if s.name in names),
        "strategy_effects": tuple(e for e in model.strategy_effects if e.strategy in names),
        "flows": flows,
        "perspectives": tuple(perspectives),
        "effects": _counting(model, names),
        "system": None if model.system is None else model.system.of_strategies({name: name for name in names}),
    }
    return without_unread(model, changes)


def without_unread(model: Model, changes: Mapping[str, Any]) -> Model:
    """The model with some of its fields changed, and without the definitions that nobody reads any more."""
    every = {field.name: getattr(model, field.name) for field in fields(model)}
    read = _read(model, ModelData(**{**every, **changes, "definitions": {}}))
    return replace(model, **changes, definitions={name: model.definitions[name] for name in read})


def _of(elements: Collection[T], names: set[str]) -> tuple[T, ...]:
    """Those that hold under one of the strategies, for these alone."""
    return tuple(
        replace(one, strategies=tuple(s for s in one.strategies if s in names)) if one.strategies else one
        for one in elements
        if not one.strategies or names & set(one.strategies)
    )


def _counting(model: Model, names: set[str]) -> tuple[Effect, ...]:
    """Effects of the strategies; one whose terms are all of other strategies (a stage of theirs) is gone."""
    own = ((effect, _of(effect.terms, names)) for effect in model.effects)
    return tuple(replace(effect, terms=terms) for effect, terms in own if terms or not effect.terms)


def _followed(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """Without flows `of` an item that no flow pays any more."""
    while True:
        items = {flow.item for flow in flows}
        rest = tuple(flow for flow in flows if flow.of is None or flow.of in items)
        if len(rest) == len(flows):
            return flows
        flows = rest


def _read(model: Model, smaller: ModelData) -> list[str]:
    """The definitions that the smaller model's formulas read, directly or by another definition, in order."""
    names_read = {name for use in uses(smaller) for name in use.expression.names}
    for name, formula in reversed(list(model.definitions.items())):
        if name in names_read:
            names_read |= formula.names
    return [name for name in model.definitions if name in names_read]
