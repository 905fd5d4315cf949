"""Who stands in a case's results: the parties of its model, groups of them, and who decides."""

from __future__ import annotations

from collections.abc import Collection

from costeff.labels import Label
from costeff.model.model import Model

MUNICIPALITY = "municipal"
"""The group that is called the municipality, of one department too; any other is called by its label."""


def payers(model: Model) -> dict[str, Label]:
    """The parties inside society, with their labels, in the model's order."""
    return {party.name: party.label for party in model.parties if not party.outside}


def payer_groups(model: Model) -> dict[str, tuple[str, ...]]:
    """The model's perspectives that are plain sets of two parties or more, each with those inside society; and the
    municipality where it is told first, though it has one department.
    """
    inside = payers(model)
    first = next((p.name for p in model.perspectives if not p.filtered), "")
    return {
        p.name: tuple(name for name in p.parties if name in inside)
        for p in model.perspectives
        if not p.filtered and (len(p.parties) > 1 or (p.name == first == MUNICIPALITY))
    }


def first_payer(model: Model, inside: Collection[str]) -> str:
    """For whom a case is told unless another is named: the first perspective of the model that has all flows of its
    parties; its party where it has but one.
    """
    first = next((p for p in model.perspectives if not p.filtered), None)
    own = [name for name in (first.parties if first is not None else inside) if name in inside]
    whole = first is not None and (len(own) > 1 or first.name == MUNICIPALITY)
    return first.name if first is not None and whole else own[0]
