"""The perspectives that a scenario's answer is for, each with its own rule of decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.errors import Place
from costeff.model.formula_section import FormulaSection
from costeff.model.scenario_keys import PRIMARY_RULES
from costeff.problems import check_names

if TYPE_CHECKING:
    from costeff.model.model import Model

NET_COST, NET_BENEFIT = PRIMARY_RULES
"""Net cost puts no value on health; net benefit values the scenario's effect over the range of `wtp`."""


@dataclass(frozen=True)
class Primary:
    """A perspective that the answer is for, and by which rule it decides."""

    perspective: str
    rule: str
    place: Place | None = None


def read_primary(top: FormulaSection) -> tuple[Primary, ...]:
    """The section `primary` of a scenario file. Raises ScenarioError with file, line, value, rule and way out."""
    block = top.block("primary", "`primary`")
    if not block.data:
        top.refuse("primary", "`primary` names no perspective", "at least one", "write `PERSPECTIVE: net_cost`")
    primary = []
    for name in block.data:
        with block.document.collecting():
            rule = block.choice(str(name), PRIMARY_RULES)
            if rule == NET_BENEFIT and not top.has("wtp"):
                block.refuse(
                    str(name),
                    "net benefit needs a range of values, and none is declared",
                    "`net_benefit` values the effect over the `range` of `wtp`; there is no default value of a QALY",
                    "add `wtp: {effect: EFFECT, range: [LOW, HIGH]}` to the scenario, or decide by net_cost",
                )
            primary.append(Primary(str(name), rule, block.place_of(str(name))))
    return tuple(primary)


def check_primary(model: Model, primary: tuple[Primary, ...]) -> None:
    """Raise ScenarioError for a primary perspective that the model does not have."""
    check_names(
        "perspective",
        "primary",
        [(one.perspective, one.place) for one in primary],
        [view.name for view in model.perspectives],
        model.name,
    )


def rules_of(primary: tuple[Primary, ...]) -> Mapping[str, str]:
    """The rule of each primary perspective, in their order."""
    return {one.perspective: one.rule for one in primary}
