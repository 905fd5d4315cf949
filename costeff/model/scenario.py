"""Reads a scenario file: which model, which parameters are set, which options, how much to run. No code is executed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from costeff import bundled
from costeff.documents import numerals
from costeff.documents.section import Document
from costeff.documents.values import plain, unwrapped
from costeff.errors import Place, ScenarioError
from costeff.evidence import Source
from costeff.evidence.source import KINDS
from costeff.labels import Label
from costeff.model import scenario_keys as keys
from costeff.model.checks.structure import DISCOUNTING, EVENTS_AT, WITHIN_CYCLE
from costeff.model.formula_section import FormulaSection
from costeff.model.model import Model
from costeff.model.other_words import WAYS_OF_SCENARIO
from costeff.model.own_names import OwnName
from costeff.model.practice_today import PracticeToday, read_practice_today
from costeff.model.primary import Primary, check_primary, read_primary
from costeff.model.psfs_plan import PsfsPlan, read_psfs
from costeff.model.read import beside
from costeff.model.rollout_plan import RolloutPlan, read_rollout
from costeff.model.scenario_keys import ENGINES, METHODS
from costeff.model.sizes import HORIZON_RULE, MOST_DRAWS, MOST_INDIVIDUALS, MOST_YEARS
from costeff.model.sources import read_sources
from costeff.model.subgroups import Subgroups, check_subgroups, read_subgroups
from costeff.problems import way_to

_SPAN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s+(year|cycle)s?\s*")
_UNTIL = re.compile(r"\s*to\s+([A-Za-z_]\w*)\s*")
_SPAN_RULE = "'N years', 'N cycles' (a whole number of cycles of at least 1) or 'to STATE', a state with a deadline"
_RULES = {"within_cycle": WITHIN_CYCLE, "discounting": DISCOUNTING, "events_at": EVENTS_AT}
_HIGHEST_SEED = 2**64 - 1


@dataclass(frozen=True)
class Wtp:
    """Willingness to pay per unit of `effect`: the stated range, and optionally the one value `at` of a tornado."""

    effect: str
    range: tuple[float, float]
    at: float | None = None


@dataclass(frozen=True)
class Implied:
    """A strategy effect stated as a ratio on a first passage, to be spread over the parameters `over`."""

    passage: str
    value: float
    over: tuple[str, ...]
    interval: tuple[float, float] | None = None
    source: str = ""
    kind: str = ""
    note: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Scenario:
    """What is asked of a model.

    set: parameter name to a number or to a mapping with a value (a plain dict); `places` has their lines. Amounts are
    at the price year of the analysis, unless they name their own. sources: beside those of the parameter file.
    options: any of horizon ('10 years'), price_year, entry_date, engine, within_cycle, discounting, events_at.
    run: any of draws, individuals, seed, method. names: how strategies and parties of the model are called here.
    without: items of the model whose flows are left out.
    """

    name: str
    title: Label
    model: str
    parameters: str = ""
    set: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    wtp: Wtp | None = None
    effect: str | None = None
    implied: Implied | None = None
    practice: PracticeToday | None = None
    rollout: RolloutPlan | None = None
    psfs: PsfsPlan | None = None
    caution: Label | None = None
    """What every reader must see before any number, such as an assumption that nobody has published."""
    primary: tuple[Primary, ...] = ()
    """The perspectives that the answer is for, the first before all; () where none is declared."""
    trial: str = ""
    """The design of the study that could tell, by shipped name or path; '' without one."""
    subgroups: tuple[Subgroups, ...] = ()
    """Attributes by whose groups people are shown."""
    reporting: Mapping[str, Label] = field(default_factory=dict)
    """What the authors write to items of CHEERS 2022, by the item's name in `scenario_keys.REPORTING`."""
    file: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    names: Mapping[str, OwnName] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    key_places: Mapping[str, Place] = field(default_factory=dict, compare=False)
    """Lines of `effect`, of the effect of `wtp` and of `horizon`, where the file has them."""

    def place_of(self, key: str) -> Place | None:
        """The line of a key of `key_places`, else the file; None for a scenario without one."""
        return self.key_places.get(key) or (Place(self.file) if self.file else None)


def read_scenario(name_or_path: str | os.PathLike[str]) -> Scenario:
    """The scenario of a bundled name or of a path; a model's name or path gives that model's default scenario.

    A bare name is first looked for among the scenarios, then among the models. Raises ScenarioError with file, line,
    value, rule and way out.
    """
    if isinstance(name_or_path, str) and not bundled.is_path(name_or_path):
        return _bundled(name_or_path)
    path = bundled.resolve("scenarios", name_or_path)
    document = Document(str(path), ScenarioError)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""  # `load` says what is wrong
    if not re.search(r"^scenario\s*:", text, re.M) and re.search(r"^states\s*:", text, re.M):
        return Scenario(path.stem, _plain_label(path.stem), model=str(path))
    return _scenario(document, document.load(path, FormulaSection))


def _bundled(name: str) -> Scenario:
    scenarios, models = bundled.available("scenarios"), bundled.available("models")
    if name in scenarios:
        path = bundled.data_dir("scenarios") / f"{name}.yaml"
        document = Document(str(path), ScenarioError)
        return _scenario(document, document.load(path, FormulaSection))
    if name in models:
        return Scenario(name, _plain_label(name), model=name)
    raise ScenarioError(
        "no shipped scenario or model of this name",
        value=repr(name),
        rule=f"scenarios: {', '.join(scenarios) or 'none'}; models: {', '.join(models) or 'none'}",
        way_out=way_to(name, (*scenarios, *models), "for a file of your own give its path, with .yaml"),
    )


def model_file(scenario: Scenario) -> Path:
    """The file of the scenario's model; a path is taken relative to the scenario's file. Raises ScenarioError."""
    return beside(scenario.file, "models", scenario.model)


def apply_options(model: Model, scenario: Scenario) -> Model:
    """The model under the scenario's horizon, price year and entry date.

    Raises ScenarioError for an option that does not fit the model or an effect that it does not have, ModelError when
    the model no longer holds together (such as an effect within 52 cycles over a horizon of 26).
    """
    effect_names = [e.name for e in model.effects]
    for key, name in (("effect", scenario.effect), ("wtp", scenario.wtp.effect if scenario.wtp else None)):
        if name is not None and name not in effect_names:
            rule = f"effects of model '{model.name}': {', '.join(effect_names) or 'none'}"
            way_out = way_to(name, effect_names, "choose one of them")
            where = scenario.place_of(key)
            raise ScenarioError("unknown effect", where=where, value=name, rule=rule, way_out=way_out)
    check_primary(model, scenario.primary)
    check_subgroups(model, scenario.subgroups)
    changes: dict[str, Any] = {
        key: scenario.options[key] for key in ("price_year", "entry_date", *_RULES) if key in scenario.options
    }
    if "horizon" in scenario.options and horizon_state(scenario) is None:
        per_year = model.conventions.cycles_per_year
        changes["horizon"] = horizon_cycles(scenario.options["horizon"], per_year, scenario.place_of("horizon"))
    return replace(model, conventions=replace(model.conventions, **changes)) if changes else model


def horizon_state(scenario: Scenario) -> str | None:
    """The state in a horizon written 'to STATE' (until the last individual reaches its deadline), else None.

    >>> horizon_state(Scenario("a", Label("a", "a"), "m", options={"horizon": "to retired"}))
    'retired'
    """
    match = _UNTIL.fullmatch(str(scenario.options.get("horizon", "")))
    return match[1] if match else None


def horizon_cycles(text: str, cycles_per_year: int, where: Place | None = None) -> int:
    """A span written 'N years' or 'N cycles', in cycles. Raises ScenarioError.

    >>> horizon_cycles("10 years", 52), horizon_cycles("1 cycle", 52), horizon_cycles("0.5 years", 52)
    (520, 1, 26)
    """
    match = _SPAN.fullmatch(str(text))
    wrong = numerals.span_fault(str(text))
    if wrong:
        raise ScenarioError(wrong[0], where=where, value=text, rule=_SPAN_RULE, way_out=wrong[1])
    cycles = float(match[1]) * (cycles_per_year if match[2] == "year" else 1) if match else 0.0
    if not cycles.is_integer() or cycles < 1:
        way_out = "write for example '5 years'"
        raise ScenarioError(
            "the horizon is not a span of time", where=where, value=text, rule=_SPAN_RULE, way_out=way_out
        )
    if cycles > MOST_YEARS * cycles_per_year:
        raise ScenarioError("the horizon is too long", where=where, value=text, rule=HORIZON_RULE, way_out="shorten it")
    return int(cycles)


def _scenario(document: Document, top: FormulaSection) -> Scenario:
    if top.has("case"):
        rule, way_out = "a scenario says what is asked of a model", "run it with `costeff invest`"
        top.refuse("case", "this is an investment case, not a scenario", rule, way_out)
    top.closed(keys.SCENARIO, WAYS_OF_SCENARIO)
    fields: dict[str, Any] = {"file": document.file}

    def keep(key: str, value: Any) -> None:
        fields[key] = value

    with document.collecting():
        keep("name", top.text("scenario"))
        keep("title", top.label(fields["name"], "title"))
        keep("caution", top.label("", "caution") if top.has("caution") else None)
    with document.collecting():
        keep("model", top.text("model"))
    with document.collecting():
        keep("parameters", top.text("parameters", ""))
        keep("effect", top.text("effect") if top.has("effect") else None)
    with document.collecting():
        keep("implied", _implied(top.block("implied", "`implied`")) if top.has("implied") else None)
    with document.collecting():
        keep("practice", read_practice_today(top) if top.has("practice") else None)
    with document.collecting():
        keep("rollout", read_rollout(top) if top.has("rollout") else None)
    with document.collecting():
        keep("psfs", read_psfs(top) if top.has("psfs") else None)
    with document.collecting():
        keep("primary", read_primary(top) if top.has("primary") else ())
        keep("trial", top.text("trial", ""))
        keep("reporting", _reporting(top.block("reporting", "`reporting`")) if top.has("reporting") else {})
        keep("subgroups", read_subgroups(top) if top.has("subgroups") else ())
    with document.collecting():
        keep("wtp", _wtp(_wtp_block(top)) if top.has("wtp") else None)
    with document.collecting():
        keep("sources", read_sources(top))
    with document.collecting():
        keep("without", top.texts("without"))
        keep("names", _names(top.block("names", "`names`")) if top.has("names") else {})
    for key, read in (("set", _set), ("options", _options), ("run", _run)):
        with document.collecting():
            keep(key, read(top.block(key, f"`{key}`")) if top.has(key) else {})
    document.finish()
    fields["key_places"] = {key: top.place_of(key) for key in ("effect",) if top.has(key)}
    for key, within, name in (("wtp", "wtp", "effect"), ("horizon", "options", "horizon")):
        if top.has(within) and (block := top.block(within, f"`{within}`")).has(name):
            fields["key_places"][key] = block.place_of(name)
    fields["places"] = {name: top.block("set", "`set`").place_of(name) for name in fields["set"]}
    return Scenario(**fields)


def _set(block: FormulaSection) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, raw in block.data.items():
        value = plain(raw)
        with block.document.collecting():
            if not isinstance(name, str) or not name.isidentifier():
                rule, way_out = "names of parameters", "write `name: number`"
                block.document.refuse("`set`: this is not a name", block.line_of(name), name, rule, way_out)
            number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
            if not number and not isinstance(value, dict):
                rule = "a number, or a mapping {value: ..., kind: ..., source: ..., note: ...}"
                block.refuse(
                    name, f"'{name}' is not set to a number", rule, numerals.advice(value) or "write a finite number"
                )
            figures[name] = unwrapped(raw)
    return figures


def _names(block: FormulaSection) -> dict[str, OwnName]:
    """How the scenario calls strategies and parties of its model."""
    own_names = {}
    for name in block.data:
        inner = block.block(name, f"`names` of '{name}'")
        inner.closed(keys.OWN_NAME)
        own_names[str(name)] = OwnName(inner.text("name"), inner.label(str(name)), inner.place)
    return own_names


def _reporting(block: FormulaSection) -> dict[str, Label]:
    """What authors write to items of CHEERS 2022."""
    block.closed(dict.fromkeys(keys.REPORTING))
    return {str(name): block.label(str(name), str(name)) for name in block.data}


def _options(block: FormulaSection) -> dict[str, Any]:
    block.closed(keys.OPTIONS)
    options: dict[str, Any] = {key: block.choice(key, _RULES[key]) for key in _RULES if block.has(key)}
    if block.has("horizon"):
        options["horizon"] = block.text("horizon")
        span = _SPAN.fullmatch(options["horizon"])
        wrong = numerals.span_fault(options["horizon"])
        if wrong:
            block.refuse("horizon", f"`horizon`: {wrong[0]}", _SPAN_RULE, wrong[1])
        if not _UNTIL.fullmatch(options["horizon"]) and (not span or float(span[1]) == 0):
            block.refuse("horizon", "`horizon` is not a span of time", _SPAN_RULE, "write for example `5 years`")
    if block.has("price_year"):
        options["price_year"] = block.whole("price_year", least=1900)
    if block.has("entry_date"):
        options["entry_date"] = block.date("entry_date")
    if block.has("engine"):
        options["engine"] = block.choice("engine", ENGINES)
    return options


def _run(block: FormulaSection) -> dict[str, Any]:
    block.closed(keys.RUN)
    settings: dict[str, Any] = {}
    for key, most in (("draws", MOST_DRAWS), ("individuals", MOST_INDIVIDUALS)):
        if block.has(key):
            settings[key] = block.whole(key)
            if settings[key] > most:
                block.refuse(key, f"`{key}` is too large", f"at most {most:,}", "choose a smaller number")
    if block.has("seed"):
        settings["seed"] = block.whole("seed", least=0)
        if settings["seed"] > _HIGHEST_SEED:
            block.refuse("seed", "`seed` is too large", f"0 to {_HIGHEST_SEED}", "choose a smaller number")
    if block.has("method"):
        settings["method"] = block.choice("method", METHODS)
    return settings


def _wtp_block(top: FormulaSection) -> FormulaSection:
    """The mapping under `wtp`; a number alone does not say of which effect, nor how far curves run."""
    value = top.data["wtp"]
    if not isinstance(value, dict):
        number = plain(value)
        top.document.sure(number, "`wtp`", top.line_of("wtp"))
        at = f"{number:.15g}" if _amount(number) and number > 0 else "300000"
        end = f"{2 * float(at):.15g}"
        top.refuse(
            "wtp",
            "`wtp` is not a mapping",
            "`effect` (of the model), `range` (of the curves), and `at` (one value)",
            f"write wtp: {{effect: EFFECT, range: [0, {end}], at: {at}}} with an effect of the model for EFFECT",
        )
    return top.block("wtp", "`wtp`")


def _wtp(block: FormulaSection) -> Wtp:
    block.closed(keys.WTP)
    effect, span = block.text("effect"), [plain(v) for v in _list(block, "range")]
    block.document.sure(span, "`range` of `wtp`", block.line_of("range"))
    if len(span) != 2 or not all(_amount(v) for v in span) or span[0] >= span[1]:
        rule = "two amounts, the lower first, not negative"
        block.refuse("range", "`range` of `wtp` is not a range", rule, "write for example [0, 1000000]")
    at = plain(block.data.get("at"))
    block.document.sure(at, "`at` of `wtp`", block.line_of("at"))
    if at is not None and not _amount(at):
        way_out = numerals.advice(at) or "write one number"
        block.refuse("at", "`at` of `wtp` is not an amount", "an amount, not negative", way_out)
    if at is not None and not span[0] <= at <= span[1]:
        rule = f"`at` lies in the range of `wtp`, {span[0]:g} to {span[1]:g}"
        block.refuse("at", "`at` of `wtp` lies outside its range", rule, "widen `range`, or correct `at`")
    return Wtp(effect, (float(span[0]), float(span[1])), None if at is None else float(at))


def _implied(block: FormulaSection) -> Implied:
    block.closed(keys.IMPLIED_VALUE)
    value, over = plain(block.required("value")), [str(plain(v)) for v in _list(block, "over")]
    interval = [plain(v) for v in _list(block, "interval")] if block.has("interval") else None
    ratio = "a ratio above 0"
    if not _amount(value) or value == 0:
        block.refuse("value", "`value` of `implied` is not a ratio", ratio, "write for example 1.12")
    if not over:
        block.refuse("over", "`over` names no parameters", "ratios on legs", "write for example [hr_self_support]")
    if interval is not None:
        inside = len(interval) == 2 and all(_amount(v) for v in interval) and 0 < interval[0] <= value <= interval[1]
        if not inside:
            rule = "two ratios above 0 with the value between them"
            block.refuse("interval", "`interval` of `implied` is not an interval", rule, "write [lower, upper]")
    ends = None if interval is None else (float(interval[0]), float(interval[1]))
    kind = block.choice("kind", KINDS) if block.has("kind") else ""
    source, note = block.text("source", ""), block.text("note", "")
    if kind not in ("", "assumption") and not source:
        rule = "every figure that is not an assumption has a source"
        block.refuse("kind", "`implied` has no source", rule, "name a source, or call it an assumption")
    return Implied(block.text("passage"), float(value), tuple(over), ends, source, kind, note, block.place)


def _list(block: FormulaSection, key: str) -> list[Any]:
    value = block.required(key)
    return value if isinstance(value, list) else []


def _amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0


def _plain_label(name: str) -> Label:
    words = name.replace("_", " ")
    return Label(words, words)
