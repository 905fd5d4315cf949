"""Reads a rule set (YAML): blocks by date in the record form of parameters, upon a base set if it names one."""

from __future__ import annotations

import datetime as dt
import os
from itertools import pairwise
from typing import Any, cast

from costeff import bundled
from costeff.documents.section import Document
from costeff.documents.values import line_at
from costeff.errors import EvidenceError, Place, ScenarioError
from costeff.evidence import Evidence, read_evidence
from costeff.evidence.parameter import Parameter
from costeff.evidence.read_parameter import parameter_from
from costeff.evidence.source import Source, check_kind, check_source, normal_source
from costeff.labels import Label
from costeff.model.country import with_country
from costeff.model.elements import LookBack
from costeff.model.formula_section import FormulaSection
from costeff.model.model import Model
from costeff.model.names import pricing_names, simulation_names
from costeff.model.read import beside, parameter_file
from costeff.model.sources import read_sources
from costeff.problems import way_to
from costeff.rules import keys
from costeff.rules.keys import FUNDING
from costeff.rules.rule_set import Benefit, RulePeriod, RuleSet
from costeff.units import parse_unit


def load_rules(name_or_path: str | os.PathLike[str], model: Model, evidence: Evidence | None = None) -> RuleSet:
    """The rule set of a shipped name ("denmark", "denmark_reform", "denmark_new") or of a YAML file, for `model`.

    `evidence` holds the parameters that the rules change, with their price index (default: the model's file); amounts
    are moved to the model's price year.

    Raises ScenarioError or EvidenceError with file, line, value, rule and way out: dates out of order, a parameter that
    the model does not have, that is in another unit or that moves people rather than money, an unknown leg or state, a
    figure without a source, week limits that are not the model's. All problems of the file come in one message.
    """
    model_evidence = with_country(read_evidence(parameter_file(model)), model) if evidence is None else evidence
    return _Reader(model, model_evidence).read(name_or_path, ())


class _Reader:
    """One reading, with what the model knows."""

    def __init__(self, model: Model, evidence: Evidence) -> None:
        self.model, self.evidence = model, evidence
        self.priced, self.simulated = pricing_names(model), simulation_names(model)
        self.legs = dict.fromkeys(name for t in model.transitions for name in (t.leg or t.name, t.name))
        self.sources: dict[str, Source] = dict(evidence.sources)

    def read(self, name_or_path: str | os.PathLike[str], earlier_paths: tuple[str, ...]) -> RuleSet:
        path = bundled.resolve("rules", name_or_path)
        document = Document(str(path), ScenarioError)
        top = document.load(path, FormulaSection)
        top.closed(keys.RULES)
        if str(path.resolve()) in earlier_paths:
            rule, way_out = "a base leads to a set without one", "remove `base` from one of the files"
            top.refuse("base", "rule sets rest on each other in a circle", rule, way_out)
        base = None
        if top.has("base"):
            base_file = beside(str(path), "rules", top.text("base"))
            base = self.read(base_file, (*earlier_paths, str(path.resolve())))
        return self._rule_set(document, top, base)

    def _rule_set(self, document: Document, top: FormulaSection, base: RuleSet | None) -> RuleSet:
        fields: dict[str, Any] = {"file": document.file, "price_index": self.evidence.price_index}
        for name, make in (
            ("name", lambda: top.text("rules")),
            ("title", lambda: self._title(top)),
            ("sources", lambda: self._sources(top)),
            ("yearly", lambda: top.texts("yearly") or (base.yearly if base else ())),
            ("known_to", lambda: top.whole("known_to", base.known_to if base else None)),
            ("held_to", lambda: self._held_to(top, base)),
            ("discount", lambda: self._discount(top) or (base.discount if base else ())),
            ("benefits", lambda: (dict(base.benefits) if base else {}) | self._benefits(top)),
            ("weeks", lambda: top.listed("weeks", "weeks", self._weeks)),
            ("as_on", lambda: dt.date.fromisoformat(top.date("as_on")) if top.has("as_on") else None),
            ("blocks", lambda: self._blocks(top, base)),
        ):
            with document.collecting():
                fields[name] = make()
        document.finish()
        fields.pop("weeks")
        fields["price_year"] = self.model.conventions.price_year
        fields["places"] = (dict(base.places) if base else {}) | {
            key: top.place_of(key) for key in ("held_to", "blocks") if top.has(key)
        }
        rules = RuleSet(**fields)
        self._check_yearly(top, rules)
        return rules

    @staticmethod
    def _title(top: FormulaSection) -> Label:
        return top.label(top.text("rules"), "title")

    def _sources(self, top: FormulaSection) -> dict[str, Source]:
        self.sources |= read_sources(top)
        return dict(self.sources)

    def _held_to(self, top: FormulaSection, base: RuleSet | None) -> int:
        if not top.has("held_to") and base is not None:
            return base.held_to
        part = top.block("held_to", "`held_to`")
        part.closed(keys.HELD_TO)
        self._sourced(part)
        return part.whole("value")

    def _discount(self, top: FormulaSection) -> tuple[tuple[float, float], ...]:
        if not top.has("discount"):
            return ()
        part = top.block("discount", "`discount`")
        part.closed(keys.DISCOUNT)
        self._sourced(part)

        def band(one: FormulaSection) -> tuple[float, float]:
            one.closed(keys.DISCOUNT_BAND)
            after, rate = one.required("after"), one.required("rate")
            for key, value in (("after", after), ("rate", rate)):
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1000:
                    one.refuse(key, f"`{key}` is not a number", "years, and a yearly rate", "write for example 0.035")
            return float(after), float(rate)

        bands = part.listed("bands", "band", band)
        after = [a for a, _ in bands]
        if not bands or after[0] != 0 or after != sorted(set(after)):
            rule = "bands begin with `after: 0`, and increase"
            part.refuse("bands", "discount bands are out of order", rule, "sort them")
        return bands

    def _benefits(self, top: FormulaSection) -> dict[str, Benefit]:
        items = dict.fromkeys(flow.item for flow in self.model.flows)

        def one(name: str, part: FormulaSection) -> Benefit:
            part.closed(keys.BENEFIT)
            item_names = part.texts("items", mandatory=True)
            for item in item_names:
                if item not in items:
                    way_out = way_to(item, items, "name an item of the model's flows")
                    part.refuse("items", f"unknown item '{item}'", f"items of '{self.model.name}'", way_out)
            coverage = self._parameter(f"covered_{name}", part, "covered")
            if parse_unit(coverage.unit).name != "share":
                part.refuse("covered", "`covered` is not a share", "unit: share", "write `unit: share`")
            return Benefit(name, part.label(name), item_names, part.choice("funding", FUNDING), coverage, part.place)

        return {b.name: b for b in top.named("benefits", "benefit", one)}

    def _weeks(self, part: FormulaSection) -> None:
        """Week limits as the law states them; the model's must be the same, since they need a new simulation."""
        part.closed(keys.WEEKS)
        self._sourced(part)
        way_out = "week limits are part of the model: change them there, and simulate again"
        if part.has("band"):
            name = part.text("band")
            band = next((b for b in self.model.bands if b.name == name), None)
            limits, own = part.wholes("edges"), band.edges if band else None
        else:
            name = part.text("clock")
            clock = next((c for c in self.model.clocks if c.name == name), None)
            back = clock.reset if clock is not None and isinstance(clock.reset, LookBack) else None
            limits, own = ((part.whole("after"), part.whole("within")), (back.after, back.within) if back else None)
        if limits != own:
            key = "edges" if part.has("band") else "after"
            rule = f"'{name}' of model '{self.model.name}' has {own or 'none'}"
            part.refuse(key, f"week limits differ from the model's: {limits}", rule, way_out)

    # -- blocks ---------------------------------------------------------------------------------------------------

    def _blocks(self, top: FormulaSection, base: RuleSet | None) -> tuple[RulePeriod, ...]:
        if not top.has("blocks") and base is not None:
            return base.blocks
        document = top.document
        own = top.listed("blocks", "block", self._block)
        for before, after in pairwise(own):
            if after.start <= before.start:
                with document.collecting():
                    line = after.place.line if after.place else None
                    rule, way_out = "each block begins later than the one before", "sort the blocks by date"
                    document.refuse("dates are out of order", line, after.start.isoformat(), rule, way_out)
        if not own and not document.problems:
            top.refuse("blocks", "no block", "a rule set has at least one block", "add `blocks:`")
        by_date = {b.start: b for b in base.blocks} if base else {}
        for block in own:
            under = by_date.get(block.start, RulePeriod(block.start))
            by_date[block.start] = RulePeriod(
                block.start,
                {**under.set, **block.set},
                {**under.legs, **block.legs},
                {**under.closed, **block.closed},
                block.place,
            )
        return tuple(by_date[start] for start in sorted(by_date))

    def _block(self, part: FormulaSection) -> RulePeriod:
        part.closed(keys.BLOCK)
        part.required("from")
        start = dt.date.fromisoformat(part.date("from"))
        part.name = f"the block of {start}"
        changes: dict[str, dict[str, Any]] = {"set": {}, "legs": {}, "closed": {}}
        for key, make in (("set", self._setting), ("legs", self._leg), ("closed", self._closed)):
            if part.has(key):
                inner = part.block(key, f"`{key}` of {part.name}")
                for name in inner.data:
                    with part.document.collecting():
                        changes[key][str(name)] = make(inner, str(name))
        return RulePeriod(start, changes["set"], changes["legs"], changes["closed"], part.place_of("from"))

    def _setting(self, part: FormulaSection, name: str) -> Parameter:
        if name in self.model.dated or (self.model.rules and name not in self.evidence.parameters):
            return self._parameter(name, part, name)  # a value by date, or one that only other models read
        if name not in self.evidence.parameters:
            way_out = way_to(name, self.evidence.parameters, "see the model's parameter file")
            part.refuse(name, f"unknown parameter '{name}'", "rules set parameters of the model", way_out)
        if name not in self.priced:
            rule = "a block changes what is paid: parameters that only amounts, shares and factors read"
            way_out = "change how people move with `legs`, or state another scenario"
            what = "is read by the simulation" if name in self.simulated else "is read by no amount"
            part.refuse(name, f"'{name}' {what}", rule, way_out)
        parameter = self._parameter(name, part, name)
        unit = self.evidence.parameters[name].unit
        if parse_unit(parameter.unit) != parse_unit(unit):
            part.refuse(name, f"'{name}' is in '{parameter.unit}'", f"the model reads it in '{unit}'", "convert it")
        return parameter

    def _leg(self, part: FormulaSection, name: str) -> Parameter:
        if name not in self.legs:
            way_out = way_to(name, self.legs, "give the model's transition a `leg`")
            part.refuse(name, f"unknown leg '{name}'", f"legs of model '{self.model.name}'", way_out)
        plain = "".join(c if c.isalnum() else "_" for c in name)
        ratio = self._parameter(f"ratio_{plain}", part, name)
        if parse_unit(ratio.unit).name != "ratio":
            part.refuse(name, f"the ratio on '{name}' is not a ratio", "unit: ratio", "write `unit: ratio`")
        return ratio

    def _closed(self, part: FormulaSection, name: str) -> str:
        inner = part.block(name, f"`closed` of '{name}'")
        inner.closed(keys.CLOSED_STATE)
        onward = inner.text("to")
        for state in (name, onward):
            if state not in self.model.state_names:
                way_out = way_to(state, self.model.state_names, "name a state of the model")
                part.refuse(name, f"unknown state '{state}'", f"states of '{self.model.name}'", way_out)
        self._sourced(inner)
        return onward

    def _check_yearly(self, top: FormulaSection, rules: RuleSet) -> None:
        names_set = {name for block in rules.blocks for name in block.set}
        for name in rules.yearly:
            if name not in names_set:
                with top.document.collecting():
                    rule, way_out = ("a yearly amount is set in a block", way_to(name, names_set, "set it, or drop it"))
                    top.refuse("yearly", f"'{name}' is set in no block", rule, way_out)
        top.document.finish()

    # -- records --------------------------------------------------------------------------------------------------

    def _parameter(self, name: str, part: FormulaSection, key: str) -> Parameter:
        """One record, with the lines of its fields and known sources."""
        parameter = parameter_from(name, part.required(key), part.place_of(key))
        self._check_known(parameter.source, parameter.at("source"))
        return parameter

    def _sourced(self, part: FormulaSection) -> None:
        """`kind` and `source` of a figure that is not a parameter, and its note, which is a text."""
        part.text("note", "")
        kind = part.text("kind", "")
        source = normal_source(cast(Any, part.data.get("source")) or ())
        line = line_at(part.data, "kind") or part.line
        problems: list[EvidenceError] = [
            *check_kind(kind, part.name, Place(part.document.file, line)),
            *check_source(kind, source, part.name, part.place),
        ]
        if problems:
            raise problems[0]
        self._check_known(source, part.place_of("source"))

    def _check_known(self, source: tuple[str, ...], place: Place | None) -> None:
        for key in source:
            if key not in self.sources:
                raise EvidenceError(
                    "an unknown source",
                    where=place,
                    value=key,
                    rule="a source is a key of `sources`, here, in the base set or in the parameter file",
                    way_out=way_to(key, self.sources, "add it under `sources`"),
                )
