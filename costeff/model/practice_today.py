"""What is done today, as a scenario states it: who gets which strategy, and which are delivered as others for now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from costeff.documents.values import plain
from costeff.errors import Place, ScenarioError
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.model.model import Model
from costeff.model.scenario_keys import PRACTICE
from costeff.problems import way_to

SUM_TO_ONE = 1e-9


@dataclass(frozen=True)
class PracticeToday:
    """The share of people who get each strategy (`mix`), and strategies that are `delivered` as another one for now."""

    mix: Mapping[str, float]
    delivered: Mapping[str, str] = field(default_factory=dict)
    note: Label | None = None
    place: Place | None = None


def read_practice_today(top: FormulaSection) -> PracticeToday:
    """The section `practice` of a scenario file. Raises ScenarioError for shares that do not sum to 1."""
    block = top.block("practice", "`practice`")
    block.closed(PRACTICE)
    shares = block.block("mix", "`mix` of `practice`")
    mix = {str(name): plain(value) for name, value in shares.data.items()}
    if not all(map(_is_share, mix.values())) or abs(sum(mix.values()) - 1) > SUM_TO_ONE:
        rule = "the share of people who get each strategy today; the shares sum to 1"
        block.refuse("mix", "`mix` of `practice` is no mix", rule, "write for example {usual_care: 0.8, new: 0.2}")
    other_ways = {}
    if block.has("delivered"):
        names = block.block("delivered", "`delivered` of `practice`")
        other_ways = {str(name): names.text(name) for name in names.data}
    note = block.label("", "note") if block.has("note") else None
    return PracticeToday({name: float(share) for name, share in mix.items()}, other_ways, note, block.place)


def check_practice_today(practice: PracticeToday | None, model: Model) -> None:
    """Raise ScenarioError for a strategy that the model does not have."""
    if practice is None:
        return
    for name in (*practice.mix, *practice.delivered, *practice.delivered.values()):
        if name not in model.strategy_names:
            raise ScenarioError(
                "`practice` names an unknown strategy",
                where=practice.place,
                value=name,
                rule=f"strategies of model '{model.name}': {', '.join(model.strategy_names)}",
                way_out=way_to(name, model.strategy_names, "name one of them"),
            )


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and 0 <= value <= 1
