"""Reads a study design: what is measured in whom, what that costs, and for whom the decision is made. No code runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from costeff import bundled
from costeff.documents.numerals import advice
from costeff.documents.section import Document
from costeff.documents.values import plain
from costeff.errors import Place, ScenarioError
from costeff.evidence.read_parameter import parameter_from
from costeff.evidence.source import KINDS
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.voi import keys
from costeff.voi.clusters import Clusters, check_split
from costeff.voi.keys import DECIDES_FOR


@dataclass(frozen=True)
class MeasuredEffect:
    """An endpoint: one of the model's effects, as measured. `sd` None: as simulated, or counted (a share, a rate)."""

    name: str
    effect: str
    sd: float | None = None
    dropout: float = 0.0
    contrast: bool = True
    note: str = ""
    place: Place | None = None
    rate: bool = False
    """A number of events per participant, which the study counts."""


@dataclass(frozen=True)
class Trial:
    """A study as declared. `people` is per year; `result_after` whole years; money in the model's currency.

    `between`: for each parameter that differs between places, the share of its variance that lies between them.
    `notes`: what participants, between, cost and people rest on, "kind: note".
    """

    name: str
    title: Label
    model: str
    allocation: Mapping[str, float]
    planned: int
    range: tuple[int, int]
    endpoints: tuple[MeasuredEffect, ...]
    learns: tuple[str, ...]
    decides_for: str
    between: Mapping[str, float]
    fixed_cost: float
    cost_per_participant: float
    people: float
    years: int
    discount_rate: float
    result_after: int
    notes: Mapping[str, str]
    file: str = ""
    place: Place | None = None
    clusters: Clusters | None = None
    """Where whole clusters are allocated; None: people one by one."""

    def decided(self) -> list[float]:
        """People by year whose decision the study can still change: none before its result."""
        return [0.0 if year < self.result_after else self.people for year in range(self.years)]


def read_trial(name_or_path: str | os.PathLike[str]) -> Trial:
    """The design of a shipped name or of a YAML file. Raises ScenarioError with file, line, value, rule and way out.

    >>> trial = read_trial("tki2_trial")
    >>> trial.planned, dict(trial.allocation), trial.decides_for
    (180, {'usual_care': 1.0, 'tki2': 2.0}, 'here')
    """
    path = Path(bundled.resolve("designs", name_or_path))
    document = Document(str(path), ScenarioError)
    top = document.load(path, FormulaSection)
    top.closed(keys.TRIAL)
    fields: dict[str, object] = {"file": document.file, "place": top.place}
    notes: dict[str, str] = {}
    with document.collecting():
        fields["name"] = top.text("trial")
        fields["title"] = top.label(top.text("trial"), "title")
        fields["model"] = top.text("model")
        fields["learns"] = top.texts("learns", mandatory=True)
        fields["decides_for"] = top.choice("decides_for", DECIDES_FOR, "here")
    with document.collecting():
        groups = top.block("allocation", "`allocation`")
        fields["allocation"] = {str(name): _number(groups, name, least=0, above=True) for name in groups.data}
    with document.collecting():
        fields |= _participants(top.block("participants", "`participants`"), notes)
    with document.collecting():
        fields["endpoints"] = top.named("endpoints", "endpoint", _endpoint)
        if not fields["endpoints"]:
            top.refuse("endpoints", "the design measures nothing", "at least one endpoint", "add `name: {effect: ...}`")
    with document.collecting():
        fields["between"] = _between(top.block("between", "`between`"), notes) if top.has("between") else {}
    with document.collecting():
        if top.has("clusters"):
            fields["clusters"] = _clusters(top.block("clusters", "`clusters`"), fields)
    with document.collecting():
        block = top.block("cost", "`cost`")
        block.closed(keys.COST)
        fields["fixed_cost"] = _number(block, "fixed", least=0)
        fields["cost_per_participant"] = _number(block, "per_participant", least=0)
        notes["cost"] = _rests_on(block)
    with document.collecting():
        fields |= _people(top.block("people", "`people`"), notes)
    document.finish()
    parameters: tuple[str, ...] = fields["learns"]  # type: ignore[assignment]
    between: dict[str, float] = fields["between"]  # type: ignore[assignment]
    for name in between:
        if name not in parameters:
            top.refuse(
                "between",
                f"'{name}' differs between places, but the study does not learn about it",
                f"learns: {', '.join(parameters)}",
                "name it under `learns`, or leave it out here",
            )
    return Trial(**fields, notes=notes)  # type: ignore[arg-type]


def _participants(block: FormulaSection, notes: dict[str, str]) -> dict[str, object]:
    block.closed(keys.PARTICIPANTS)
    span = block.wholes("range")
    if len(span) != 2 or not 1 <= span[0] < span[1]:
        block.refuse(
            "range",
            "`range` is not a range of participants",
            "two whole numbers, the lower first",
            "write for example [30, 1000]",
        )
    notes["participants"] = _rests_on(block)
    return {"planned": block.whole("planned"), "range": (span[0], span[1])}


def _endpoint(name: str, block: FormulaSection) -> MeasuredEffect:
    block.closed(keys.ENDPOINT)
    dropout = _number(block, "dropout", least=0, below=1) if block.has("dropout") else 0.0
    sd = _number(block, "sd", least=0, above=True) if block.has("sd") else None
    contrast = block.boolean("contrast") if block.has("contrast") else True
    rate = block.boolean("rate") if block.has("rate") else False
    if rate and sd is not None:
        block.refuse(
            "rate",
            f"endpoint '{name}' is a rate with an sd",
            "events of a rate are counted, and vary as counts do",
            "leave out `sd`, or `rate`",
        )
    return MeasuredEffect(name, block.text("effect"), sd, dropout, contrast, block.text("note"), block.place, rate)


def _between(block: FormulaSection, notes: dict[str, str]) -> dict[str, float]:
    block.closed(keys.BETWEEN)
    notes["between"] = _rests_on(block)
    shares = block.block("shares", "`shares` of `between`")
    return {str(name): _number(shares, name, least=0, most=1) for name in shares.data}


def _clusters(block: FormulaSection, fields: Mapping[str, object]) -> Clusters:
    """Whole clusters that are allocated; their correlation is a parameter, an assumption unless it says otherwise."""
    block.closed(keys.CLUSTERS)
    raw = plain(block.required("icc"))
    mapping = {"unit": "share", "kind": "assumption", **(raw if isinstance(raw, dict) else {"value": raw})}
    icc = parameter_from("icc", mapping, block.place_of("icc"))
    looked_for = block.block("detects", "`detects` of `clusters`") if block.has("detects") else None
    differences = {} if looked_for is None else {str(name): looked_for.number(name) for name in looked_for.data}
    known_names = [endpoint.name for endpoint in fields.get("endpoints", ())]  # type: ignore[attr-defined]
    for name in differences:
        if name not in known_names:
            rule = f"endpoints: {', '.join(known_names)}"
            block.refuse("detects", f"'{name}' is no endpoint", rule, "name an endpoint")
    clusters = Clusters(block.whole("number", least=4), icc, differences)
    check_split(clusters, fields.get("allocation", {}), block.place)  # type: ignore[arg-type]
    return clusters


def _people(block: FormulaSection, notes: dict[str, str]) -> dict[str, object]:
    block.closed(keys.PEOPLE)
    notes["people"] = _rests_on(block)
    years, after = block.whole("years"), block.whole("result_after", 0, least=0)
    if after >= years:
        block.refuse(
            "result_after",
            "the result comes after the last decision",
            f"below `years`, {years}",
            "extend `years`, or let the result come sooner",
        )
    return {
        "people": _number(block, "per_year", least=0),
        "years": years,
        "result_after": after,
        "discount_rate": _number(block, "discount_rate", least=0, below=1),
    }


def _rests_on(block: FormulaSection) -> str:
    """What the numbers of a block rest on: a kind as for parameters, and a note, both required."""
    return f"{block.choice('kind', KINDS)}: {block.text('note')}"


def _number(
    block: FormulaSection,
    key: str,
    *,
    least: float,
    above: bool = False,
    most: float | None = None,
    below: float | None = None,
) -> float:
    value = plain(block.required(key))
    if most is None and below is None:  # participants, people and money, not a share
        block.document.sure(value, f"`{key}`", block.line_of(key))
    good = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if (
        not good
        or value < least
        or (above and value == least)
        or (most is not None and value > most)
        or (below is not None and value >= below)
    ):
        rule = f"a number {'above' if above else 'from'} {least:g}"
        rule += f" to {most:g}" if most is not None else f" to below {below:g}" if below is not None else ""
        block.refuse(key, f"`{key}` is out of range", rule, advice(value) or "write a number")
    return float(value)
