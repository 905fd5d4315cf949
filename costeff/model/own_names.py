"""A model under the names of a scenario: its strategies and parties called otherwise, other flows left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from costeff.errors import Place, ScenarioError
from costeff.labels import Label
from costeff.model.elements import Effect, Flow, Perspective
from costeff.model.model import Model
from costeff.problems import way_to


@dataclass(frozen=True)
class OwnName:
    """What a strategy or party of the model is called in a scenario: in files, and by readers."""

    name: str
    label: Label
    place: Place | None = None


def with_own_names(model: Model, own_names: Mapping[str, OwnName], without: Iterable[str] = ()) -> Model:
    """The model with other names of strategies and parties, and without the flows of the items `without`.

    Numbers do not change by a name: random numbers have the addresses of states and exits. A perspective of which no
    party pays or receives any more is left out. Raises ScenarioError for a name or an item that the model does not
    have.
    """
    own_flows = _left(model, tuple(without))
    moving = {name for flow in own_flows for name in (flow.payer, flow.recipient)}
    views = tuple(p for p in model.perspectives if own_flows == model.flows or moving & set(p.parties))
    if not own_names:
        return model if own_flows == model.flows else replace(model, flows=own_flows, perspectives=views)
    model_names = (*model.strategy_names, *(p.name for p in model.parties))
    for name, own in own_names.items():
        if name not in model_names:
            raise ScenarioError(
                "`names` of something that the model does not have",
                where=own.place,
                value=name,
                rule=f"strategies and parties of the model: {', '.join(model_names)}",
                way_out=way_to(name, model_names, "name one of them"),
            )
    new_names = {name: own.name for name, own in own_names.items()}

    def all_of(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new_names.get(name, name) for name in names)

    def flow(one: Flow) -> Flow:
        payer, recipient = all_of((one.payer, one.recipient))
        return replace(one, payer=payer, recipient=recipient, strategies=all_of(one.strategies))

    def perspective(one: Perspective) -> Perspective:
        financing = one.tax_financing
        if financing is not None:
            financing = replace(financing, parties=all_of(financing.parties))
        (name,) = all_of((one.name,))
        label = own_names[one.name].label if one.name in own_names else one.label
        return replace(one, name=name, label=label, parties=all_of(one.parties), tax_financing=financing)

    def effect(one: Effect) -> Effect:
        return replace(one, terms=tuple(replace(term, strategies=all_of(term.strategies)) for term in one.terms))

    return replace(
        model,
        strategies=tuple(
            replace(
                s, name=new_names.get(s.name, s.name), label=own_names[s.name].label if s.name in own_names else s.label
            )
            for s in model.strategies
        ),
        strategy_effects=tuple(
            replace(e, strategy=new_names.get(e.strategy, e.strategy)) for e in model.strategy_effects
        ),
        parties=tuple(
            replace(
                p, name=new_names.get(p.name, p.name), label=own_names[p.name].label if p.name in own_names else p.label
            )
            for p in model.parties
        ),
        flows=tuple(flow(one) for one in own_flows),
        perspectives=tuple(perspective(one) for one in views),
        effects=tuple(effect(one) for one in model.effects),
        system=model.system and model.system.of_strategies({s: new_names.get(s, s) for s in model.strategy_names}),
    )


def _left(model: Model, without: tuple[str, ...]) -> tuple[Flow, ...]:
    """The model's flows less those of some items."""
    items = tuple(dict.fromkeys(flow.item for flow in model.flows))
    for item in without:
        if item not in items:
            raise ScenarioError(
                "`without` names an item that the model does not have",
                value=item,
                rule=f"items of the model: {', '.join(items)}",
                way_out=way_to(item, items, "name one of them"),
            )
    return tuple(flow for flow in model.flows if flow.item not in without)
