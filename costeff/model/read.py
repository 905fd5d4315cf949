"""Reads a model file into a checked `Model`. Opening a model runs no code: formulas are strings in a whitelist.

The language is in docs/model_language.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from costeff import bundled
from costeff.documents.section import Document
from costeff.model import sections as parts
from costeff.model.amounts import names_in
from costeff.model.checks.system import late_changes
from costeff.model.clock_sections import clock
from costeff.model.country import read_country, with_country_conventions
from costeff.model.data import ModelData
from costeff.model.delivery import with_deliveries
from costeff.model.delivery_sections import delivery
from costeff.model.elements import Deadline, Transition
from costeff.model.formula_section import FormulaSection
from costeff.model.keys import MODEL
from costeff.model.model import Model
from costeff.model.names import uses
from costeff.model.other_words import WAYS_OF_MODEL
from costeff.model.read_dated import Dated, read_dated
from costeff.model.strategy_sections import own_formulas, strategy, strategy_effect
from costeff.model.system_sections import system
from costeff.problems import raise_all

Exit = TypeVar("Exit", Transition, Deadline)


def read_model(name_or_path: str | os.PathLike[str]) -> Model:
    """The model of a bundled name (`tki2`) or of a path to a YAML file.

    Parameters
    ----------
    name_or_path : str or path
        A name that is shipped, or a YAML file.

    Returns
    -------
    Model
        Checked.

    Raises
    ------
    ModelError
        With file, line, value, rule and way out for broken YAML, an unknown or repeated key, a wrong type or an
        inconsistent declaration.
    FormulaError
        For a formula outside the whitelist.
    ScenarioError
        When there is no such file. Several problems come in one message.

    Examples
    --------
    >>> read_model("sick_sicker").name
    'sick_sicker'
    """
    path = bundled.resolve("models", name_or_path)
    document = Document(str(path), numbers="en")
    model = _model(document, document.load(path, FormulaSection))
    # By the horizon that the file declares: a shorter look at the model may end before a change.
    raise_all(list(late_changes(model)))
    return model


def parameter_file(model: Model) -> Path:
    """The file of the model's parameters: a bundled one, or beside the model when `parameters` is a path.

    Raises ScenarioError when there is none.
    """
    return beside(model.file, "parameters", model.parameters)


def validation_file(model: Model) -> Path | None:
    """The file of the model's validation, found as its parameters are; None when it names none.

    Raises ScenarioError when there is no such file.
    """
    return beside(model.file, "parameters", model.validation) if model.validation else None


def rules_file(model: ModelData) -> Path | None:
    """The file of the rule set that gives the model's values by date; None when it names none.

    Raises ScenarioError when there is no such file.
    """
    return beside(model.file, "rules", model.rules) if model.rules else None


def beside(file: str, kind: str, name_or_path: str) -> Path:
    """The bundled file of a name, or a path taken relative to `file`. Raises ScenarioError when there is none."""
    return bundled.resolve(kind, _near(file, name_or_path))


def _near(file: str, name_or_path: str) -> str | Path:
    """A bare name as it is; a path relative to `file`."""
    return Path(file).parent / bundled.at_home(name_or_path) if bundled.is_path(name_or_path) else name_or_path


def _model(document: Document, top: FormulaSection) -> Model:
    top.closed(MODEL, WAYS_OF_MODEL)
    if top.has("country"):
        with document.collecting():
            country = read_country(_near(document.file, top.text("country")))
            with_country_conventions(top, country)
    for key in (
        "model",
        "parameters",
        "conventions",
        "states",
        "population",
        "start",
        *(() if top.has("deadlines") or top.has("arrivals") else ("transitions",)),
        "strategies",
    ):
        with document.collecting():
            top.required(key)
    fields: dict[str, Any] = {}
    with document.collecting():  # what stops the reading of a whole section; elements collect their own
        fields = _fields(document, top)
    document.finish()
    return Model(**fields, dated=_dated(ModelData(**fields)))


def _dated(model: ModelData) -> Dated:
    """Values by date that the model's formulas read."""
    path = rules_file(model)
    if path is None:
        return {}
    read = frozenset[str]().union(*(names_in(use.expression) for use in uses(model)))
    return {name: steps for name, steps in read_dated(path).items() if name in read}


def _fields(document: Document, top: FormulaSection) -> dict[str, Any]:
    name = top.text("model")
    parties = top.named("parties", "party", parts.party)
    exit_names: set[str] = set()
    groups = top.listed("transitions", "transition", lambda block: (block, parts.transitions(block)))
    exits = tuple(
        replace(t, leg=t.leg or t.name) for t in _unique(document, [group for _, group in groups], exit_names)
    )
    strategies = top.named("strategies", "strategy", strategy)
    attributes = top.named("population", "attribute", parts.attribute)
    own_system = system(top, tuple(s.name for s in strategies))
    exits, own = own_formulas([(block, len(group)) for block, group in groups], exits, strategies)
    if own_system is not None:
        waiting = next((tuple(a.categories or ()) for a in attributes if a.name == top.text("start")), ())
        exits = own_system.moves(waiting)
    fields = {
        "name": name,
        "title": top.label(name, "title"),
        "conventions": parts.conventions(top.block("conventions", "`conventions`")),
        "states": top.named("states", "state", parts.state),
        "attributes": attributes,
        "start": top.text("start"),
        "clocks": top.named("clocks", "clock", clock),
        "transitions": exits,
        "strategies": strategies,
        "deadlines": _unique(document, top.listed("deadlines", "deadline", parts.deadlines), exit_names),
        "strategy_effects": (*top.listed("strategy_effects", "strategy effect", strategy_effect), *own),
        "windows": top.wholes("windows"),
        "bands": top.named("bands", "band", parts.band),
        "parties": parties,
        "flows": top.listed("flows", "flow", parts.flow),
        "perspectives": top.named("perspectives", "perspective", lambda n, b: parts.perspective(n, b, parties)),
        "passages": top.named("passages", "passage", parts.passage),
        "effects": top.named("effects", "effect", parts.effect),
        "definitions": parts.formula_map(top, "definitions") if top.has("definitions") else {},
        "assumptions": top.named("assumptions", "assumption", parts.assumption),
        "parameters": top.text("parameters"),
        "file": document.file,
        "validation": top.text("validation", ""),
        "delivery": top.named("delivery", "delivery", delivery),
        "country": top.text("country", ""),
        "rules": top.text("rules", ""),
        "system": own_system,
    }
    return with_deliveries(fields)


def _unique(document: Document, groups: Iterable[list[Exit]], exit_names: set[str]) -> tuple[Exit, ...]:
    """All exits; default names taken before get ' (2)', ' (3)', and a given name used twice is a problem."""
    exits = []
    for element in (element for group in groups for element in group):
        name, count = element.name, 1
        has_own_name = name != f"{element.source} -> {element.target}"
        while name in exit_names:
            count += 1
            name = f"{element.name} ({count})"
        if has_own_name and count > 1:
            with document.collecting():
                rule, way_out = ("each name once", "choose another `name`; strategy effects refer to a common `leg`")
                line = element.place.line if element.place else None
                document.refuse("two exits have this name", line, element.name, rule, way_out)
        exit_names.add(name)
        exits.append(replace(element, name=name))
    return tuple(exits)
