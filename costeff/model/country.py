"""A country as one YAML file: defaults of a model's conventions, parameters that all its models share, and severity.

It is a parameter file with some more keys; the format is in docs/countries.md. No code knows a country's name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff import bundled
from costeff.documents.keys import LABEL, NAMES, NUMBER, TEXT, Keys, listed
from costeff.documents.section import Document
from costeff.documents.values import plain
from costeff.errors import EvidenceError, Place
from costeff.evidence import Evidence
from costeff.evidence.keys import KIND, PARAMETER_FILE
from costeff.evidence.parameter import Parameter
from costeff.evidence.read import read_evidence
from costeff.evidence.source import check_kind, check_source
from costeff.evidence.tables import Table
from costeff.labels import Label
from costeff.model.checks.structure import DISCOUNTING
from costeff.model.formula_section import FormulaSection
from costeff.model.keys import COUNTRY_CONVENTIONS
from costeff.model.names import parameter_names, table_names
from costeff.model.sections import discount_band
from costeff.problems import raise_all, way_to

if TYPE_CHECKING:
    from costeff.model.model import Model

SEVERITY_CLASS = Keys("least weight", least=NUMBER, weight=NUMBER)
SEVERITY = Keys(
    "life_table norm value_of_qaly classes kind",
    life_table=TEXT,
    norm=TEXT,
    value_of_qaly=TEXT,
    classes=listed(SEVERITY_CLASS),
    kind=KIND,
    source=NAMES,
    note=LABEL,
)
COUNTRY = Keys(
    "country parameters",
    country=TEXT,
    conventions=COUNTRY_CONVENTIONS,
    severity=SEVERITY,
    **{key: form for key, form in PARAMETER_FILE.items() if key != "title"},
    title=LABEL,
)


@dataclass(frozen=True)
class SeverityRule:
    """How a country grades a condition: by absolute shortfall, in classes of rising weight.

    `classes` holds (least shortfall, weight), from 0 up; `life_table` and `norm` are tables of the country's file, and
    `value_of_qaly` is its parameter for the value of a QALY at weight 1.
    """

    life_table: str
    norm: str
    value_of_qaly: str
    classes: tuple[tuple[float, float], ...]
    place: Place | None = None


@dataclass(frozen=True)
class Country:
    """What a country's file says; make it with `read_country`."""

    name: str
    title: Label
    file: str
    conventions: Mapping[str, Any]
    evidence: Evidence
    severity: SeverityRule | None = None


def read_country(name_or_path: str | os.PathLike[str]) -> Country:
    """The country of a shipped name or of a YAML file.

    Raises EvidenceError with file, line, value, rule and way out; all problems of a part come in one message.

    >>> read_country("denmark").conventions["discounting"]
    'whole_year'
    """
    path = bundled.resolve("countries", name_or_path)
    document = Document(str(path), EvidenceError, "en")
    top = document.load(path, FormulaSection)
    top.closed(COUNTRY)
    document.finish()
    evidence = read_evidence(path, COUNTRY)
    name = document.noted(top.text, "country") or ""
    title = document.noted(top.label, name, "title")
    conventions = document.noted(_conventions, top)
    severity = document.noted(_severity, top, evidence) if top.has("severity") else None
    document.finish()
    assert title is not None
    return Country(name, title, str(path), conventions or {}, evidence, severity)


def country_file(model: Model) -> Path | None:
    """The file of the model's country: a shipped one, or one beside the model when it is a path; None without one."""
    if not model.country:
        return None
    own = bundled.is_path(model.country)
    return bundled.resolve("countries", Path(model.file).parent / model.country if own else model.country)


def with_country_conventions(top: FormulaSection, country: Country) -> None:
    """Put the country's conventions where the model's file states none of its own."""
    own = top.data.get("conventions")
    if isinstance(own, dict):
        for key, value in country.conventions.items():
            if own.get(key) is None:
                own[key] = value


def with_country(evidence: Evidence, model: Model) -> Evidence:
    """The evidence of a model with the parameters and tables of its country that the model reads and does not have.

    The country's price index stands in where the parameter file names none.

    Raises EvidenceError for one key of a source with two titles.
    """
    file = country_file(model)
    if file is None:
        return evidence
    other = read_country(file).evidence
    names = {*parameter_names(model), *table_names(model)}
    parameters = {k: p for k, p in other.parameters.items() if k in names and k not in evidence.parameters}
    tables = {k: t for k, t in other.tables.items() if k in names and k not in evidence.tables}
    holders: list[Parameter | Table] = [*parameters.values(), *tables.values()]
    source_keys = {key for holder in holders for key in holder.source}
    index = evidence.price_index or other.price_index
    if evidence.price_index is None and index is not None:
        source_keys |= set(other.sources)
    _check_sources(evidence, other, source_keys)
    return Evidence(
        {**evidence.parameters, **parameters},
        evidence.groups,
        evidence.correlations,
        {**{k: s for k, s in other.sources.items() if k in source_keys}, **evidence.sources},
        {**evidence.tables, **tables},
        index,
        evidence.title,
        evidence.file,
        evidence.dimensions,
        {**{k: label for k, label in other.labels.items() if k in parameters}, **evidence.labels},
    )


def _check_sources(evidence: Evidence, other: Evidence, source_keys: set[str]) -> None:
    raise_all(
        [
            EvidenceError(
                f"the source '{key}' has another title in the country's file",
                where=evidence.sources[key].place,
                value=evidence.sources[key].title,
                rule=f"one key of a source means one source; the country's is '{other.sources[key].title}'",
                way_out="choose another key",
            )
            for key in sorted(source_keys & set(evidence.sources))
            if evidence.sources[key].title != other.sources[key].title
        ],
        "evidence",
    )


def _conventions(top: FormulaSection) -> dict[str, Any]:
    if not top.has("conventions"):
        return {}
    block = top.block("conventions", "`conventions`")
    block.closed(COUNTRY_CONVENTIONS)
    readers: dict[str, Callable[[str], Any]] = {
        "discounting": lambda key: block.choice(key, DISCOUNTING),
        "discount_rate_cost": block.formula,
        "discount_rate_effect": block.formula,
        "discount_bands": lambda key: block.listed(key, "discount band", discount_band),
        "currency": block.text,
        "price_basis": lambda key: block.label("", key),
    }
    for key, read in readers.items():  # a model's reader reads them again, where the model states none
        if block.has(key):
            top.document.noted(read, key)
    return {key: plain(block.data[key]) for key in readers if block.has(key)}


def _severity(top: FormulaSection, evidence: Evidence) -> SeverityRule:
    block = top.block("severity", "`severity`")
    block.closed(SEVERITY)
    for key, names in (
        ("life_table", evidence.tables),
        ("norm", evidence.tables),
        ("value_of_qaly", evidence.parameters),
    ):
        if block.text(key) not in names:
            rule = "the severity rule reads what the country's file holds"
            block.refuse(key, f"unknown `{key}`", rule, way_to(block.text(key), names, "declare it in this file"))
    kind = block.text("kind")
    problems = [
        *check_kind(kind, "`severity`", block.place),
        *check_source(kind, block.texts("source"), "", block.place),
    ]
    raise_all(problems, "evidence")
    classes = block.listed("classes", "class of severity", lambda one: (one.number("least"), one.number("weight")))
    edges, weights = [least for least, _ in classes], [weight for _, weight in classes]
    if not classes or edges[0] != 0 or edges != sorted(set(edges)) or weights != sorted(weights):
        rule = "classes begin with `least: 0`; shortfall and weight rise from class to class"
        block.refuse("classes", "the classes of severity are out of order", rule, "sort them")
    tables = (block.text("life_table"), block.text("norm"), block.text("value_of_qaly"))
    return SeverityRule(*tables, classes, block.place)
