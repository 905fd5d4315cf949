"""JSON Schemas of the files that people write, made of the key lists that the readers themselves use."""

from __future__ import annotations

import json
from typing import Any

from costeff.calibrate.keys import TARGETS, VALIDATION
from costeff.documents.keys import LABEL, NUMBER, Keys, as_schema
from costeff.errors import ScenarioError
from costeff.evidence.keys import PARAMETER, PARAMETER_FILE
from costeff.investment.keys import CASE
from costeff.model.country import COUNTRY
from costeff.model.keys import MODEL
from costeff.model.scenario_keys import FIGURE, SCENARIO
from costeff.problems import way_to
from costeff.rules.keys import RULES
from costeff.trial.keys import ANALYSIS, INSTRUMENT, LENS
from costeff.voi.keys import TRIAL

KINDS: dict[str, tuple[str, Keys]] = {
    "model": ("A model of costeff; the language is in docs/model_language.md", MODEL),
    "parameters": ("Parameters of a model of costeff; docs/parameter_file.md", PARAMETER_FILE),
    "scenario": ("What is asked of a model of costeff; docs/model_language.md", SCENARIO),
    "case": ("An investment case of costeff; docs/investment.md", CASE),
    "rules": ("Dated rules of benefits and reimbursement of costeff; docs/investment.md", RULES),
    "country": ("What the models of a country share, for costeff; docs/countries.md", COUNTRY),
    "trial": (
        "The design and analysis plan of a trial for costeff; docs/value_of_information.md, docs/trial.md",
        Keys(" ".join(TRIAL.required), **{**TRIAL, "analysis": ANALYSIS}).called(**TRIAL.once),
    ),
    "lens": ("What a register shows of lives, for costeff; docs/trial.md", LENS),
    "instrument": ("A questionnaire and its scoring, for costeff; docs/trial.md", INSTRUMENT),
    "targets": ("Calibration targets of a model of costeff; docs/calibration.md", TARGETS),
    "validation": ("How well a calibration of costeff fits; docs/calibration.md", VALIDATION),
}
"""Kind of file to the title of its schema and its keys."""
SHARED = {"figure": FIGURE, "parameter": PARAMETER, "label": LABEL, "number": NUMBER}
"""Forms that stand in many places: a schema holds each of them once, under `definitions`; larger ones first."""


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 7) of one kind of file.

    Parameters
    ----------
    kind
        model, parameters, scenario, case, rules, country, trial, lens, instrument, targets or validation.

    Returns
    -------
    dict
        The schema: closed lists of keys, the type of each value, and every closed choice.

    Raises
    ------
    ScenarioError
        For another kind.

    Examples
    --------
    >>> schema("scenario")["required"]
    ['scenario', 'model']
    """
    if kind not in KINDS:
        rule = f"kinds of files: {', '.join(KINDS)}"
        raise ScenarioError(
            "unknown kind of file", value=kind, rule=rule, way_out=way_to(kind, KINDS, "name one of them")
        )
    title, keys = KINDS[kind]
    whole = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, **as_schema(keys)}
    definitions: dict[str, Any] = {}
    for name, form in SHARED.items():
        shared = as_schema(form)
        bodies = {one: _referring(body, shared, name) for one, body in definitions.items()}
        short = _referring(whole, shared, name)
        if short != whole or bodies != definitions:
            whole, definitions = short, {**bodies, name: shared}
    return {**whole, "definitions": definitions} if definitions else whole


def _referring(part: Any, shared: Any, name: str) -> Any:
    """The part, with a reference wherever the shared form stands."""
    if part == shared:
        return {"$ref": f"#/definitions/{name}"}
    if isinstance(part, dict):
        return {key: _referring(value, shared, name) for key, value in part.items()}
    if isinstance(part, list):
        return [_referring(value, shared, name) for value in part]
    return part


def schema_text(kind: str) -> str:
    """The schema as it is written to a file: JSON, indented, with a line end."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"
