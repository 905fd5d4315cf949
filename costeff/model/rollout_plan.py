"""How a scenario says that its programme spreads: reach by year and municipality, what lasts, and fixed costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from costeff.documents.values import plain
from costeff.errors import EvidenceError, Place, ScenarioError
from costeff.evidence import Evidence, Source
from costeff.evidence.prices import PriceIndex
from costeff.evidence.read_parameter import parameter_from
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.model.model import Model
from costeff.model.scenario_keys import ROLLOUT, ROLLOUT_MUNICIPALITY
from costeff.problems import raise_all, way_to

MOST_YEARS = 40
UNITS = {
    "ceiling": "share",
    "time_constant": "years",
    "spread": "number",
    "spread_pace": "number",
    "kept": "share",
    "loss": "rate per year",
    "turnover": "rate per year",
    "retrained": "share",
    "start_up": "MONEY",
    "running": "MONEY per year",
    "training": "MONEY per year",
    "grant": "MONEY per year",
}
"""Figures of a roll-out and their units; money is in the model's currency, for each municipality."""
STAND_IN = {"spread": 0.0, "spread_pace": 0.0, "kept": 1.0, "turnover": 0.0, "retrained": 1.0}
STAND_IN |= dict.fromkeys(("start_up", "running", "training", "grant"), 0.0)
"""What a figure is that is not stated; without `loss`, what is not kept goes at once."""


@dataclass(frozen=True)
class RolloutMunicipality:
    """A municipality: people who could be reached for the first time in a year, and when its project's money ends."""

    name: str
    citizens: float
    ends: int | None
    label: Label


@dataclass(frozen=True)
class RolloutPlan:
    """The section `rollout` of a scenario. `figures` are as the file has them: numbers, or mappings of a parameter."""

    strategy: str
    first_year: int
    years: int
    payer: str
    figures: Mapping[str, Any]
    municipalities: tuple[RolloutMunicipality, ...]
    grant_from: str = ""
    note: Label | None = None
    place: Place | None = None
    places: Mapping[str, Place | None] | None = None

    def evidence(self, model: Model, sources: Mapping[str, Source], price_index: PriceIndex | None) -> Evidence:
        """The figures as parameters at the model's prices. Raises EvidenceError for a bad one."""
        parameters, problems = [], []
        for name, raw in self.figures.items():
            unit = UNITS[name].replace("MONEY", model.conventions.currency)
            own_keys = dict(raw) if isinstance(raw, Mapping) else {"value": raw}
            mapping = {"unit": unit, "kind": "assumption", **own_keys}
            if UNITS[name].startswith("MONEY"):
                mapping = {"price_year": model.conventions.price_year, **mapping}
            place = (self.places or {}).get(name) or self.place
            try:
                parameters.append(parameter_from(name, mapping, place))
            except EvidenceError as error:
                problems.append(error)
                continue
            if name.startswith("spread") and parameters[-1].interval()[0] < 0:
                what = f"`{name}` of `rollout` is below 0"
                way_out = "write how far municipalities lie apart, as a standard deviation"
                problems.append(EvidenceError(what, where=place, value=raw, rule="0 or more", way_out=way_out))
        raise_all(problems, "evidence")
        source_names = {key for one in parameters for key in one.source}
        chosen_sources = {key: source for key, source in sources.items() if key in source_names}
        return Evidence(parameters, sources=chosen_sources, price_index=price_index).at_prices(
            model.conventions.price_year
        )


def read_rollout(top: FormulaSection) -> RolloutPlan:
    """The section `rollout` of a scenario file. Raises ScenarioError with the line."""
    block = top.block("rollout", "`rollout`")
    block.closed(ROLLOUT)
    years = block.whole("years")
    if years > MOST_YEARS:
        block.refuse("years", "`years` of `rollout` is too large", f"1 to {MOST_YEARS}", "choose fewer years")
    first = block.whole("first_year", least=1900)
    places_block = block.block("municipalities", "`municipalities` of `rollout`")
    municipalities = tuple(_municipality(places_block, str(name), first, years) for name in places_block.data)
    if not municipalities:
        rule, way_out = "at least one municipality", "write for example {ours: {citizens: 40}}"
        block.refuse("municipalities", "`rollout` names no municipality", rule, way_out)
    figures = {name: plain(block.data[name]) for name in UNITS if block.has(name)}
    for name in ("ceiling", "time_constant"):
        block.required(name)
    if "grant" in figures and not block.has("grant_from"):
        rule = "a grant is a transfer from a party to the payer"
        block.refuse("grant", "`rollout` does not say who gives the grant", rule, "add `grant_from: PARTY`")
    return RolloutPlan(
        strategy=block.text("strategy"),
        first_year=first,
        years=years,
        payer=block.text("payer"),
        figures=figures,
        municipalities=municipalities,
        grant_from=block.text("grant_from", ""),
        note=block.label("", "note") if block.has("note") else None,
        place=block.place,
        places={name: block.place_of(name) for name in figures},
    )


def _municipality(places_block: FormulaSection, name: str, first: int, years: int) -> RolloutMunicipality:
    block = places_block.block(name, f"municipality '{name}' of `rollout`")
    block.closed(ROLLOUT_MUNICIPALITY)
    citizens = block.number("citizens")
    if citizens < 0:
        block.refuse("citizens", "`citizens` is below 0", "people of a year, 0 or more", "write the expected number")
    ends = None
    if block.has("ends"):
        ends = block.whole("ends", least=1900) - first + 1
        if not 1 <= ends <= years:
            rule = f"the last year with project money, {first} to {first + years - 1}"
            block.refuse("ends", "`ends` lies outside the roll-out", rule, f"write for example {first}")
    return RolloutMunicipality(name, citizens, ends, block.label(name, "label"))


def check_rollout(plan: RolloutPlan | None, model: Model, evidence: Evidence) -> None:
    """Raise ScenarioError for a strategy or a party that the model does not have, EvidenceError for a bad figure."""
    if plan is None:
        return
    raise_all(list(_unknown(plan, model)), "scenario")
    plan.evidence(model, evidence.sources, evidence.price_index)


def _unknown(plan: RolloutPlan, model: Model) -> Iterator[ScenarioError]:
    inside = [party.name for party in model.parties if not party.outside]
    others = [name for name in model.strategy_names if name != model.comparator]
    names_by_key = [("strategy", plan.strategy, others), ("payer", plan.payer, inside)]
    names_by_key += (
        [("grant_from", plan.grant_from, [one for one in inside if one != plan.payer])] if plan.grant_from else []
    )
    for key, name, known_names in names_by_key:
        if name not in known_names:
            yield ScenarioError(
                f"`{key}` of `rollout` is not known",
                where=plan.place,
                value=name,
                rule=f"of model '{model.name}': {', '.join(known_names) or 'none'}",
                way_out=way_to(name, known_names, "name one of them"),
            )
