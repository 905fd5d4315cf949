"""A case's own names for its programme and its departments, in the place of the model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from costeff.investment.case import Case
from costeff.labels import Label, same, worded
from costeff.model.elements import Flow, Perspective
from costeff.model.model import Model


def in_own_words(model: Model, case: Case) -> Model:
    """The model as the case calls its programme and departments: other labels, the same numbers.

    A perspective of one department has that department's name, and the model's own programme cost is called by the
    programme and by who pays it.
    """
    programme, own_labels = case.programme.label, case.programme.labels
    if programme is None and not own_labels:
        return _without_idle(model, case)
    parties = tuple(replace(p, label=own_labels.get(p.name, p.label)) for p in model.parties)
    party_labels = {p.name: p.label for p in parties}
    strategies = tuple(
        replace(s, label=programme) if programme is not None and s.name != model.comparator else s
        for s in model.strategies
    )
    programme_label = next(s.label for s in strategies if s.name != model.comparator)
    flows = tuple(_flow(flow, programme_label, party_labels) for flow in model.flows)
    perspectives = tuple(_perspective(p, own_labels) for p in model.perspectives)
    model_in_words = replace(model, parties=parties, strategies=strategies, flows=flows, perspectives=perspectives)
    return _without_idle(model_in_words, case)


def _without_idle(model: Model, case: Case) -> Model:
    """The model without parties inside society that no flow reaches and that the case does not name."""
    moving = {name for flow in model.flows for name in (flow.payer, flow.recipient)} | {*case.programme.shares}
    idle = {p.name for p in model.parties if not p.outside and p.name not in moving}
    if not idle:
        return model
    views = (replace(p, parties=tuple(n for n in p.parties if n not in idle)) for p in model.perspectives)
    return replace(
        model,
        parties=tuple(p for p in model.parties if p.name not in idle),
        perspectives=tuple(p for p in views if p.parties),
    )


def without_words(model: Model) -> Model:
    """The model with names in the place of all labels that a case may change: what decides its numbers."""
    return replace(
        model,
        parties=tuple(replace(p, label=_plain(p.name)) for p in model.parties),
        strategies=tuple(replace(s, label=_plain(s.name)) for s in model.strategies),
        flows=tuple(replace(f, label=_plain(f.item)) for f in model.flows),
        perspectives=tuple(replace(p, label=_plain(p.name)) for p in model.perspectives),
    )


def _plain(name: str) -> Label:
    return same(name)


def _perspective(perspective: Perspective, own_labels: Mapping[str, Label]) -> Perspective:
    alone = perspective.parties[0] if len(perspective.parties) == 1 else ""
    return replace(perspective, label=own_labels.get(alone, perspective.label))


def _flow(flow: Flow, programme: Label, party_labels: Mapping[str, Label]) -> Flow:
    """The label of the model's own programme cost; every other flow is as the model has it."""
    if not flow.programme or flow.negative or flow.payer not in party_labels:
        return flow
    payer = party_labels[flow.payer]
    return replace(flow, label=worded("cost_paid_by", programme=programme, payer=payer))
