"""Who stands in a case's results: the parties of its model, groups of them, and who decides."""

from __future__ import annotations

from collections.abc import Collection

from costeff.errors import ModelError
from costeff.labels import Label
from costeff.model.elements import Perspective
from costeff.model.model import Model

MUNICIPALITY = "municipal"
"""The group that is called the municipality in sentences; any other is called by its label."""


def payers(model: Model) -> dict[str, Label]:
    """The parties inside society, with their labels, in the model's order."""
    return {party.name: party.label for party in model.parties if not party.outside}


def payer_groups(model: Model) -> dict[str, tuple[str, ...]]:
    """The model's perspectives that are plain sets of two parties or more, or of one and marked as a `group`, each with
    its parties inside society.

    Raises ModelError for a first perspective called `municipal`, of one party, that does not say which it is: until
    version 0.2.0 its name made it a group.
    """
    inside = payers(model)
    plain = [p for p in model.perspectives if not p.filtered]
    for p in plain[:1]:
        if p.name == MUNICIPALITY and len(p.parties) == 1 and p.group is None:
            raise ModelError(
                f"perspective '{p.name}' of one party does not say whether it is a group",
                where=p.place,
                value=p.parties[0],
                rule="a case tells a group of one party by the group's name, and a lone party by its own",
                way_out="write `group: true` for a house with one department, or `group: false`",
            )
    return {p.name: tuple(name for name in p.parties if name in inside) for p in plain if is_group(p)}


def is_group(perspective: Perspective) -> bool:
    """Whether a perspective is told by its own name: it has several parties, or is marked."""
    return len(perspective.parties) > 1 or bool(perspective.group)


def first_payer(model: Model, inside: Collection[str]) -> str:
    """For whom a case is told unless another is named: the first perspective of the model that has all flows of its
    parties; its party where it has but one and is no group.
    """
    first = next((p for p in model.perspectives if not p.filtered), None)
    own = [name for name in (first.parties if first is not None else inside) if name in inside]
    whole = first is not None and (len(own) > 1 or bool(first.group))
    return first.name if first is not None and whole else own[0]
