"""The attributes by which a scenario shows its people: categories as they are, numbers in thirds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.errors import Place
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.problems import check_names

if TYPE_CHECKING:
    from costeff.model.model import Model


@dataclass(frozen=True)
class Subgroups:
    """An attribute of people whose groups are shown, and what it is called."""

    attribute: str
    label: Label
    place: Place | None = None


def read_subgroups(top: FormulaSection) -> tuple[Subgroups, ...]:
    """The section `subgroups` of a scenario file: attribute to label."""
    block = top.block("subgroups", "`subgroups`")
    names = [str(name) for name in block.data]
    return tuple(Subgroups(name, block.label(name, name), block.place_of(name)) for name in names)


def check_subgroups(model: Model, subgroups: tuple[Subgroups, ...]) -> None:
    """Raise ScenarioError for an attribute that the model does not have."""
    check_names(
        "attribute",
        "subgroups",
        [(one.attribute, one.place) for one in subgroups],
        [attribute.name for attribute in model.attributes],
        model.name,
    )
