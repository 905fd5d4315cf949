"""Reading a parameter file (YAML 1.2) with the tables beside it. Nothing in a file is ever executed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costeff.documents.keys import Keys
from costeff.documents.section import Document, Section
from costeff.errors import EvidenceError, Place
from costeff.evidence import keys
from costeff.evidence.correlation import Correlation
from costeff.evidence.distributions.joint import Dirichlet, EmpiricalRows, Group, MultivariateNormal
from costeff.evidence.evidence import Evidence
from costeff.evidence.labels import read_labels
from costeff.evidence.prices import PriceIndex, read_price_index
from costeff.evidence.read_parameter import parameter_from
from costeff.evidence.source import Source
from costeff.evidence.tables import Table, read_columns


def read_evidence(path: str | Path, known_keys: Keys = keys.PARAMETER_FILE) -> Evidence:
    r"""Read a parameter file.

    Its sections are `title`, `numbers` (en, the default, or da: how the file writes them), `price_index` {file, index},
    `sources` (name: {title, address, seen, note}), `parameters`, `groups`, `correlations`, `tables` and `labels` (name:
    {en, da}, of parameters and groups); only `parameters` is required. A parameter has `value`, `unit` and `kind`, and
    may have `centre`, `price_year` (money must), `index` (another index of the price table than the file's own),
    `distribution` with one of `interval` (95 %), `se` and `shape`, `source` (required unless the kind is assumption)
    and `note`. Files are named relative to this one.

    Parameters
    ----------
    path : str or path
        Of the YAML file.
    known_keys : Keys
        The keys that the file may have; a country's file has some that are read elsewhere.

    Returns
    -------
    Evidence
        Checked.

    Raises
    ------
    EvidenceError
        With file, line, value, rule and way out; all problems of the file come in one message.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.yaml"
    >>> _ = file.write_text("parameters:\n  wait: {value: 4, unit: weeks, kind: assumption}\n")
    >>> read_evidence(file).base()
    {'wait': 4.0}
    """
    file = Path(path)
    document = Document(str(file), EvidenceError, "en")
    attempt = document.noted
    top = document.load(file, Section)
    top.closed(known_keys)
    attempt(top.required, "parameters")
    groups = attempt(top.named, "groups", "group", lambda name, s: _group(file, name, s))
    members = _declared_members(top)
    parameters = attempt(
        top.named, "parameters", "parameter", lambda name, s: parameter_from(name, s.data, s.place, name in members)
    )
    sources = attempt(top.named, "sources", "source", lambda name, s: (name, read_source(s)))
    tables = attempt(top.named, "tables", "table", lambda name, s: _table(file, name, s))
    correlations = attempt(top.listed, "correlations", "correlation", _correlation)
    index = attempt(_price_index, file, top)
    labels = attempt(read_labels, top, [*_names(top, "parameters"), *_names(top, "groups")])
    title = attempt(lambda: top.worded("title")[0])
    document.finish()
    return Evidence(
        parameters={p.name: p for p in parameters or ()},
        groups={group.name: group for group in groups or ()},
        correlations=list(correlations or ()),
        sources=dict(sources or ()),
        tables={table.name: table for table in tables or ()},
        price_index=index,
        title=title or "",
        file=str(file),
        labels=labels or {},
    )


def _names(top: Section, section: str) -> list[str]:
    """Names that a section declares, those with problems too."""
    entries = top.data.get(section)
    return [str(name) for name in entries] if isinstance(entries, Mapping) else []


def _declared_members(top: Section) -> set[str]:
    """Names that any group claims, a group with problems too, so that its members raise none of their own."""
    groups: Any = top.data.get("groups")
    members: set[str] = set()
    for mapping in groups.values() if hasattr(groups, "values") else ():
        names = mapping.get("parameters") if hasattr(mapping, "get") else None
        members.update(str(name) for name in names or () if isinstance(names, list))
    return members


def read_source(section: Section) -> Source:
    """A source: its title, its address, and how it was seen."""
    section.closed(keys.SOURCE)
    title, provenance = section.text("title"), section.text("seen")
    return Source(title, section.text("address", ""), provenance, section.text("note", ""), section.place_of("seen"))


def _group(file: Path, name: str, section: Section) -> Group:
    family = section.choice("distribution", tuple(keys.GROUPS))
    section.closed(keys.GROUPS[family])
    names, place = section.texts("parameters", mandatory=True), section.place
    if family == "dirichlet":
        return Dirichlet(names, section.numbers("counts"), name=name, place=place)
    if family == "multivariate_normal":
        mean, scale = section.numbers("mean"), section.text("scale", "identity")
        return MultivariateNormal(names, mean, _rows(section), scale, name=name, place=place)
    return _posterior(file, name, names, section.text("file"), section.place_of("file"), place)


def _rows(section: Section) -> list[tuple[float, ...]]:
    """The rows of a covariance matrix."""
    rows = section.required("covariance")
    if not isinstance(rows, list):
        section.refuse("covariance", "`covariance` is not a list of rows", "a list of lists", "write [[a, b], [b, c]]")
    matrix = []
    for i, row in enumerate(rows):
        one = Section(
            section.document, {"covariance": row}, f"{section.name}, row {i + 1}", section.line_of("covariance")
        )
        matrix.append(one.numbers("covariance"))
    return matrix


def _posterior(
    file: Path, name: str, names: tuple[str, ...], posterior: str, where: Place | None, place: Place | None
) -> EmpiricalRows:
    columns, table = read_columns(file.parent / posterior, where)
    missing = [parameter for parameter in names if parameter not in columns]
    if missing:
        raise EvidenceError(
            f"group {name!r}: the file lacks a column",
            where=where,
            value=", ".join(missing),
            rule=f"{posterior} holds {', '.join(columns)}",
            way_out="name columns that are there",
        )
    draws = table[:, [columns.index(parameter) for parameter in names]]
    return EmpiricalRows(names, draws, posterior, name=name, place=place)


def _table(file: Path, name: str, section: Section) -> Table:
    section.closed(keys.TABLE)
    path, unit, kind = section.text("file"), section.text("unit"), section.text("kind")
    columns, numbers = read_columns(file.parent / path, section.place_of("file"))
    if len(columns) < 2 or not len(numbers):
        section.refuse(
            "file",
            "the file is too small",
            "a table has an argument column, at least one column of values, and at least one row",
            "complete the file",
        )
    return Table(
        name,
        unit,
        columns[0],
        numbers[:, 0],
        {column: numbers[:, j] for j, column in enumerate(columns) if j > 0},
        kind,
        section.texts("source"),
        section.text("note", ""),
        section.whole("price_year", least=None, exact=True) if section.has("price_year") else None,
        path,
        section.place,
        gaps=section.boolean("gaps"),
        meant=section.boolean("meant"),
    )


def _correlation(section: Section) -> Correlation:
    section.closed(keys.CORRELATION)
    names, correlation = section.texts("parameters", mandatory=True), section.number("correlation")
    return Correlation(names, correlation, section.place)  # type: ignore[arg-type]  # checked there


def _price_index(file: Path, top: Section) -> PriceIndex | None:
    if not top.has("price_index"):
        return None
    section = top.block("price_index", "price_index")
    section.closed(keys.PRICE_INDEX)
    path, index = section.text("file"), section.text("index")
    return read_price_index(file.parent / path, index, section.place_of("index"))
