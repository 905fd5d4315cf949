"""Reads a case file into a checked `Case`. Every mistake is refused with file, line, value, rule and way out.

What needs the model (departments, items, passages, parameters) is checked by `check_case`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from costeff import bundled
from costeff.documents.numerals import advice
from costeff.documents.section import Document
from costeff.documents.values import plain, unwrapped
from costeff.errors import CosteffError, ScenarioError
from costeff.evidence import Parameter
from costeff.evidence.read_parameter import parameter_from
from costeff.evidence.source import KINDS
from costeff.investment import keys
from costeff.investment.belief.read import read_belief
from costeff.investment.by_year import LATER, by_year, check_year, is_number, is_share, not_negative, share_meant
from costeff.investment.case import FIGURES, FRAMES, MEANT, QUARTERS, REGIMES, VIEWS, Area, Basis, Case, Programme
from costeff.investment.departments import read_departments
from costeff.investment.price_growth import price_growth
from costeff.investment.questions import check_answered
from costeff.investment.read_about import read_about
from costeff.investment.read_budget import read_budget_changes, read_funding, read_level
from costeff.investment.read_capacity import read_capacity
from costeff.investment.read_uptake import read_uptake
from costeff.investment.target_groups import read_target_group
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression
from costeff.model.sources import read_sources
from costeff.problems import way_to

LONGEST = 40  # years


def read_case(path: str | os.PathLike[str]) -> Case:
    """The case in a YAML file, or a shipped one by name.

    Raises ScenarioError with file, line, value, rule and way out, all mistakes of the file in one message: an unknown
    key, a negative inflow, years out of order, a year without a figure, shares that do not add up to 1, and so on.
    """
    file = bundled.resolve("cases", path)
    document = Document(str(file), ScenarioError)
    return _case(document, document.load(file, FormulaSection))


def is_case(path: str | os.PathLike[str]) -> bool:
    """Whether a file (or a shipped name) is a case: a YAML mapping with `case:` at its top."""
    try:
        text = bundled.resolve("cases", path).read_text(encoding="utf-8")
    except (CosteffError, OSError, UnicodeDecodeError):
        return False
    return any(line.startswith("case:") for line in text.splitlines())


def _case(document: Document, top: FormulaSection) -> Case:
    check_answered(document, top)
    top.closed(keys.CASE)
    fields: dict[str, Any] = {"file": document.file}
    with document.collecting():
        fields["name"] = top.text("case")
        fields["title"] = top.label(fields["name"], "title")
    for key, read in (
        ("scenario", lambda: top.text("scenario")),
        ("first_year", lambda: top.whole("first_year", least=1900)),
        ("years", lambda: _years(top)),
    ):
        with document.collecting():
            fields[key] = read()
    if {"first_year", "years"} - set(fields):
        document.finish()  # nothing by calendar year can be read without them
    years = tuple(range(fields["first_year"], fields["first_year"] + fields["years"]))
    _read_each(document, top, years, fields)
    document.finish()
    ramp = fields["ramp_up"]
    shares = (*ramp, *(1.0 for _ in fields["planned"][len(ramp) :]))
    inflow = tuple(n * share for n, share in zip(fields["planned"], shares, strict=True))
    return Case(**fields, inflow=inflow)


def _read_each(document: Document, top: FormulaSection, years: tuple[int, ...], fields: dict[str, Any]) -> None:
    readers: dict[str, Callable[[], Any]] = {
        "price_year": lambda: top.whole("price_year", years[0], least=1900),
        "planned": lambda: _inflow(top, years),
        "ramp_up": lambda: _ramp_up(top, QUARTERS * len(years)),
        "uptake": lambda: read_uptake(top, years),
        "fidelity": lambda: by_year(top, "fidelity", years, not_negative, "a factor of 0 or more", 1.0),
        "programme": lambda: _programme(top.block("programme", "`programme`"), years),
        "meant": lambda: _meant(top),
        "capacity": lambda: (
            read_capacity(top.block("capacity", "`capacity`"), years, "turnover" in fields.get("meant", ()))
            if top.has("capacity")
            else None
        ),
        "areas": lambda: top.named("areas", "area", _area),
        "view": lambda: top.choice("view", VIEWS, "marginal"),
        "coverage": lambda: _coverage(top),
        "equalisation": lambda: _share(top, "equalisation") if top.has("equalisation") else None,
        "out_migration": lambda: _out_migration(top) if top.has("out_migration") else 0.0,
        "set": lambda: _set(top),
        "parameters": lambda: _parameters(top),
        "labels": lambda: _labels(top, fields.get("parameters")),
        "sources": lambda: read_sources(top),
        "basis": lambda: _basis(top),
        "run": lambda: _run(top),
        **{
            key: partial(top.text, key, "")
            for key in ("author", "version", "municipality", "citizens", "strategy", "on_top_of")
        },
        "price_index": lambda: price_growth(top),
        "belief": lambda: read_belief(top),
        "about": lambda: read_about(top),
        "levels": lambda: top.named("levels", "level", read_level),
        "budget_changes": lambda: read_budget_changes(top, years, fields.get("areas", ())),
        "funding": lambda: read_funding(top, years),
        "target_groups": lambda: top.named("target_groups", "target group", read_target_group),
    }
    with document.collecting():
        fields["rules"], fields["regime"] = _rules(top)
    for key, read in readers.items():
        with document.collecting():
            fields[key] = read()
    with document.collecting():
        _each_item_once(fields.get("areas", ()), document)
    fields["places"] = {key: top.place_of(key) for key in top.data if isinstance(key, str)}
    if top.has("set"):
        block = top.block("set", "`set`")
        fields["places"] |= {f"set.{name}": block.place_of(name) for name in fields.get("set", {})}


def _years(top: FormulaSection) -> int:
    value = top.whole("years")
    if value > LONGEST:
        top.refuse("years", "`years` is too large", f"1 to {LONGEST} calendar years", "choose a shorter horizon")
    return value


def _share(block: FormulaSection, key: str) -> float:
    value = block.required(key)
    if not is_share(value):
        block.refuse(key, f"`{key}` is not a share", "a share from 0 to 1", share_meant(value))
    return float(value)


def _out_migration(top: FormulaSection) -> float:
    share = _share(top, "out_migration")
    if share == 1:
        top.refuse(
            "out_migration", "all citizens move away each year", "a share from 0 to below 1", "correct the share"
        )
    return share


def _inflow(top: FormulaSection, years: tuple[int, ...]) -> tuple[float, ...]:
    """By quarter, as planned."""

    def fits(value: Any) -> bool:
        if isinstance(value, list):
            return len(value) == QUARTERS and all(not_negative(plain(v)) for v in value)
        return not_negative(value)

    rule = "a number of citizens of 0 or more a year (or four, one per quarter)"
    citizens_by_year = by_year(top, "inflow", years, fits, rule, amount=True)
    if top.has("last_inflow"):
        last = _last(top, years)
        citizens_by_year = tuple(n if y <= last else 0 for y, n in zip(years, citizens_by_year, strict=True))
    quarters: list[float] = []
    for value in citizens_by_year:
        quarters += [float(v) for v in value] if isinstance(value, list) else [float(value) / QUARTERS] * QUARTERS
    if not any(quarters):
        top.refuse("inflow", "nobody comes", "citizens in at least one year", "write the expected number")
    return tuple(quarters)


def _last(top: FormulaSection, years: tuple[int, ...]) -> int:
    """The last calendar year in which citizens are offered the programme."""
    last = top.whole("last_inflow", least=1900)
    if last not in years:
        rule = f"a calendar year of the case, {years[0]} to {years[-1]}"
        top.refuse("last_inflow", "`last_inflow` is no year of the case", rule, f"write for example {years[0]}")
    return last


def _ramp_up(top: FormulaSection, quarters: int) -> tuple[float, ...]:
    """Shares of what is planned that are offered in the first quarters."""
    if not top.has("ramp_up"):
        return ()
    ramp = top.required("ramp_up")
    if not isinstance(ramp, list) or not all(is_share(plain(v)) for v in ramp) or len(ramp) > quarters:
        rule = "shares from 0 to 1, one for each of the first quarters"
        top.refuse("ramp_up", "`ramp_up` is not a list of shares", rule, "write for example [0.25, 0.5, 0.75]")
    return tuple(float(plain(share)) for share in ramp)


def _rules(top: FormulaSection) -> tuple[str, str]:
    if not top.has("rules"):
        return "", "old"
    if isinstance(top.required("rules"), str):
        return top.text("rules"), "across"
    block = top.block("rules", "`rules`")
    block.closed(keys.RULES)
    return block.text("set"), block.choice("regime", REGIMES, "across")


def _programme(block: FormulaSection, years: tuple[int, ...]) -> Programme:
    block.closed(keys.PROGRAMME)
    formulas, labels = read_departments(block)
    start: dict[int, Expression] = {}
    if block.has("start_up"):
        inner = block.block("start_up", "`start_up`")
        for year in inner.data:
            check_year(inner, "start_up", plain(year) if plain(year) != LATER else "later ", years)
            start[int(year)] = inner.amount_formula(year)
    for key in ("variable", "fixed", "per_consultant"):
        if block.has(key):
            _cost_not_negative(block, key, block.amount_formula(key))
    return Programme(
        shares=formulas,
        variable=block.optional_formula("variable"),
        fixed=block.optional_formula("fixed"),
        per_consultant=block.optional_formula("per_consultant"),
        start_up=start,
        replaces=_replaces(block),
        place=block.place,
        label=block.label("") if block.has("label") else None,
        labels=labels,
    )


def _replaces(block: FormulaSection) -> dict[str, Expression]:
    """The share of each item of usual work that the programme's staff do in its place."""
    if not block.has("replaces"):
        return {}
    inner = block.block("replaces", "`replaces`")
    shares = {str(item): inner.formula(item) for item in inner.data}
    for item, share in shares.items():
        if share.is_constant and not is_share(float(share.evaluate({}))):
            inner.refuse(item, f"`{item}` is not a share", "a share from 0 to 1", "write 0.25 for a quarter")
    return shares


def _cost_not_negative(block: FormulaSection, key: str, formula: Expression) -> None:
    if formula.is_constant and float(formula.evaluate({})) < 0:
        block.refuse(key, f"`{key}` is negative", "costs are 0 or more", "write the cost as a positive amount")


def _meant(top: FormulaSection) -> tuple[str, ...]:
    """What looks like a slip in this case and is meant."""
    names = top.texts("meant")
    for name in names:
        if name not in MEANT:
            rule, way_out = f"any of {', '.join(MEANT)}", way_to(name, MEANT, "remove it")
            top.refuse("meant", f"`meant` names '{name}'", rule, way_out)
    return names


def _area(name: str, block: FormulaSection) -> Area:
    block.closed(keys.AREA)
    frame = block.choice("frame", FRAMES) if block.has("frame") else ""
    return Area(name, block.label(name), block.texts("items", mandatory=True), block.place, frame)


def _each_item_once(areas: tuple[Area, ...], document: Document) -> None:
    home: dict[str, str] = {}
    for area in areas:
        for item in area.items:
            if item in home:
                document.refuse(
                    f"item '{item}' is booked twice",
                    area.place.line if area.place else None,
                    f"{home[item]}, {area.name}",
                    "each item on one area",
                    "keep one of them",
                )
            home[item] = area.name


def _coverage(top: FormulaSection) -> dict[str, float]:
    if not top.has("coverage"):
        return {}
    block = top.block("coverage", "`coverage`")
    return {str(name): _share(block, name) for name in block.data}


def _set(top: FormulaSection) -> dict[str, Any]:
    if not top.has("set"):
        return {}
    block = top.block("set", "`set`")
    for name, raw in block.data.items():
        if not is_number(plain(raw)) and not isinstance(raw, dict):
            rule = "a number, or a mapping {value: ..., kind: ..., source: ..., note: ...}"
            block.refuse(name, f"'{name}' is not set to a number", rule, advice(raw) or "write a finite number")
    return {str(name): unwrapped(raw) for name, raw in block.data.items()}


def _parameters(top: FormulaSection) -> dict[str, Parameter]:
    """The case's own parameters, in the same form as in a parameter file."""
    if not top.has("parameters"):
        return {}
    block = top.block("parameters", "`parameters`")
    parameters = {}
    for name, raw in block.data.items():
        with block.document.collecting():
            parameters[str(name)] = parameter_from(str(name), raw, block.place_of(name))
    return parameters


def _labels(top: FormulaSection, parameters: Mapping[str, Parameter] | None) -> dict[str, Label]:
    """Names that people read for the case's own parameters."""
    if not top.has("labels"):
        return {}
    block = top.block("labels", "`labels`")
    for name in block.data:
        if parameters is not None and name not in parameters:
            rule = "labels are of the case's own `parameters`"
            block.refuse(
                name,
                f"label of '{name}', which is no parameter of the case",
                rule,
                way_to(str(name), parameters, "remove it"),
            )
    return {str(name): block.label(str(name), name) for name in block.data}


def _basis(top: FormulaSection) -> dict[str, Basis]:
    """Kind, source and note of the case's figures that are not parameters."""
    figure_names = (*FIGURES, "programme")

    def basis(name: str, block: FormulaSection) -> tuple[str, Basis]:
        block.closed(keys.BASIS)
        if name not in figure_names:
            rule, way_out = (
                f"figures of a case: {', '.join(figure_names)}",
                way_to(name, figure_names, "name one of them"),
            )
            block.document.refuse("`basis` of an unknown figure", block.line, name, rule, way_out)
        note = block.label("", "note")
        entry = Basis(block.choice("kind", KINDS), block.texts("source"), note.en, note)
        if not entry.source and entry.kind != "assumption":
            rule = "every figure that is not an assumption has a source"
            block.refuse("source", "no source", rule, "name a source, or call it an assumption")
        return name, entry

    return dict(top.named("basis", "basis", basis))


def _run(top: FormulaSection) -> dict[str, int | str]:
    if not top.has("run"):
        return {}
    block = top.block("run", "`run`")
    block.closed(keys.RUN)
    run_options: dict[str, int | str] = {key: block.whole(key) for key in ("draws", "individuals") if block.has(key)}
    if block.has("seed"):
        run_options["seed"] = block.whole("seed", least=0)
    if block.has("method"):
        run_options["method"] = block.choice("method", keys.CASE_METHODS)
    return run_options


def with_capacity(case: Case, consultants: float) -> Case:
    """The case with another number of consultants, the same in every year that has any. Raises ScenarioError."""
    if case.capacity is None:
        raise ScenarioError(
            "the case has no capacity to change",
            where=case.places.get("case"),
            rule="`capacity` says how many consultants and places there are",
            way_out="add `capacity` to the case",
        )
    each = tuple(float(consultants) if n > 0 else 0.0 for n in case.capacity.consultants)
    # Who pays for staff was asked of the case itself; a trial of other numbers does not ask again.
    intentions = tuple(dict.fromkeys((*case.meant, "staff")))
    return replace(case, capacity=replace(case.capacity, consultants=each), meant=intentions)
