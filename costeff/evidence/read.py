"""Reading a parameter file (YAML 1.2) with the tables beside it. Nothing in a file is ever executed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costeff.documents.reader import read_yaml
from costeff.errors import EvidenceError, Place
from costeff.evidence.correlation import Correlation
from costeff.evidence.declaration import Declaration, line_of, parameter_from
from costeff.evidence.distributions.joint import Dirichlet, EmpiricalRows, Group, MultivariateNormal
from costeff.evidence.evidence import Evidence
from costeff.evidence.labels import read_labels
from costeff.evidence.parameter import Parameter, Source
from costeff.evidence.prices import PriceIndex, read_price_index
from costeff.evidence.problems import raise_all, split
from costeff.evidence.tables import Table, read_columns

TOP_KEYS = (
    "title",
    "numbers",
    "price_index",
    "sources",
    "parameters",
    "groups",
    "correlations",
    "tables",
    "labels",
)
GROUP_KEYS = {
    "dirichlet": ("distribution", "parameters", "counts"),
    "multivariate_normal": ("distribution", "parameters", "scale", "mean", "covariance"),
    "empirical": ("distribution", "parameters", "file"),
}


def read_evidence(path: str | Path) -> Evidence:
    """Read a parameter file.

    Its sections are `title`, `numbers` (en, the default, or da: how the file writes them), `price_index` {file, index},
    `sources` (name: {title, address, seen, note}), `parameters`, `groups`, `correlations`, `tables` and `labels` (name:
    {en, da}, of parameters and groups); only `parameters` is required. A parameter has `value`, `unit` and `kind`, and
    may have `centre`, `price_year` (money must), `index` (another index of the price table than the file's own),
    `distribution` with one of `interval` (95 %), `se` and `shape`, `source` (required unless the kind is assumption)
    and `note`. Files are named relative to this one.

    Raises EvidenceError with file, line, value, rule and way out; all problems of the file come in one
    message.
    """
    file = Path(path)
    data, _ = read_yaml(file, EvidenceError, "en")
    top = Declaration("the file", data, Place(str(file), 1), TOP_KEYS, ("parameters",))
    problems = top.problems
    groups: dict[str, Group] = _each(top, "groups", lambda *a: _group(file, *a), problems)
    grouped = _declared_members(top)
    parameters: dict[str, Parameter] = _each(
        top, "parameters", lambda name, m, place: parameter_from(name, m, place, name in grouped), problems
    )
    sources: dict[str, Source] = _each(top, "sources", _source, problems)
    tables: dict[str, Table] = _each(top, "tables", lambda *a: _table(file, *a), problems)
    correlations = _correlations(top, problems)
    index = _price_index(file, top, problems)
    labels = read_labels(top, [*_names(top, "parameters"), *_names(top, "groups")], problems)
    title = top.text("title")
    raise_all(problems)
    return Evidence(
        parameters=parameters,
        groups=groups,
        correlations=correlations,
        sources=sources,
        tables=tables,
        price_index=index,
        title=title,
        file=str(file),
        labels=labels,
    )


def _each(top: Declaration, section: str, read: Any, problems: list[EvidenceError]) -> dict[str, Any]:
    """Read every entry of a section, noting the problems of each."""
    entries = top.mapping.get(section)
    if entries is None:
        return {}
    if not hasattr(entries, "items"):
        top.refuse(
            section,
            f"{section!r} is not a mapping",
            entries,
            f"{section}: name: {{...}}",
            "write it as a mapping",
        )
        return {}
    made = {}
    for name, mapping in entries.items():
        place = line_of(entries, name, top.where)
        try:
            made[str(name)] = read(str(name), mapping, place)
        except EvidenceError as error:
            problems.extend(split(error))
    return made


def _names(top: Declaration, section: str) -> list[str]:
    """Names that a section declares, those with problems too."""
    entries = top.mapping.get(section)
    return [str(name) for name in entries] if isinstance(entries, Mapping) else []


def _declared_members(top: Declaration) -> set[str]:
    """Names that any group claims, a group with problems too, so that its members raise none of their own."""
    groups: Any = top.mapping.get("groups")
    found: set[str] = set()
    for mapping in groups.values() if hasattr(groups, "values") else ():
        names = mapping.get("parameters") if hasattr(mapping, "get") else None
        found.update(str(name) for name in names or () if isinstance(names, list))
    return found


def _source(name: str, mapping: Any, place: Place | None) -> Source:
    d = Declaration(
        f"source {name!r}", mapping, place, ("title", "address", "seen", "note"), ("title", "seen")
    )
    title, address, seen, note = d.text("title"), d.text("address"), d.text("seen"), d.text("note")
    d.finish()
    return Source(title, address, seen, note, d.place("seen"))


def _group(file: Path, name: str, mapping: Any, place: Place | None) -> Group:
    family = mapping.get("distribution") if hasattr(mapping, "get") else None
    keys = GROUP_KEYS.get(str(family))
    if keys is None:
        raise EvidenceError(
            f"group {name!r}: unknown distribution",
            where=line_of(mapping, "distribution", place),
            value=family,
            rule=f"known are {', '.join(GROUP_KEYS)}",
            way_out="name one of these",
        )
    required = [key for key in keys if key != "scale"]
    d = Declaration(f"group {name!r}", mapping, place, keys, required)
    names = d.texts("parameters")
    if family == "dirichlet":
        counts = d.numbers("counts")
        d.finish()
        return Dirichlet(names, counts or (), name=name, place=place)
    if family == "multivariate_normal":
        mean, scale = d.numbers("mean"), d.text("scale", "identity")
        covariance = _rows(d)
        d.finish()
        return MultivariateNormal(names, mean or (), covariance, scale, name=name, place=place)
    posterior = d.text("file")
    d.finish()
    return _posterior(file, name, names, posterior, d.place("file"), place)


def _rows(d: Declaration) -> list[tuple[float, ...]]:
    rows = d.mapping.get("covariance")
    if not isinstance(rows, list):
        return []
    made = []
    for i, row in enumerate(rows):
        one = Declaration(d.subject, {"covariance": row}, d.place("covariance"), ("covariance",))
        made.append(one.numbers("covariance") or ())
        for problem in one.problems:
            problem.what += f" (row {i + 1})"
        d.problems.extend(one.problems)
    return made


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
    chosen = table[:, [columns.index(parameter) for parameter in names]]
    return EmpiricalRows(names, chosen, posterior, name=name, place=place)


def _table(file: Path, name: str, mapping: Any, place: Place | None) -> Table:
    keys = ("file", "unit", "kind", "source", "note", "price_year", "gaps", "meant")
    d = Declaration(f"table {name!r}", mapping, place, keys, ("file", "unit", "kind"))
    path, unit, kind, note = d.text("file"), d.text("unit"), d.text("kind"), d.text("note")
    source, year, gaps = d.texts("source"), d.whole("price_year"), d.flag("gaps")
    d.finish()
    columns, numbers = read_columns(file.parent / path, d.place("file"))
    if len(columns) < 2 or not len(numbers):
        raise EvidenceError(
            f"table {name!r}: the file is too small",
            where=d.place("file"),
            value=path,
            rule="a table has an argument column, at least one column of values, and at least one row",
            way_out="complete the file",
        )
    values = {column: numbers[:, j] for j, column in enumerate(columns) if j > 0}
    return Table(
        name, unit, columns[0], numbers[:, 0], values, kind, source, note, year, path, place, gaps=gaps,
        meant=d.flag("meant"),
    )  # fmt: skip


def _correlations(top: Declaration, problems: list[EvidenceError]) -> list[Correlation]:
    entries = top.mapping.get("correlations")
    if entries is None:
        return []
    if not isinstance(entries, list):
        top.refuse(
            "correlations",
            "'correlations' is not a list",
            entries,
            "- {parameters: [x, y], correlation: r}",
            "mend",
        )
        return []
    made = []
    for entry in entries:
        # A flow mapping inside a list knows the line of its own keys, not its place in the list.
        place = line_of(
            entry, next(iter(entry), None) if hasattr(entry, "keys") else None, top.place("correlations")
        )
        keys = ("parameters", "correlation")
        d = Declaration("a correlation", entry, place, keys, keys)
        names, correlation = d.texts("parameters"), d.number("correlation")
        try:
            d.finish()
            made.append(Correlation(names, correlation or 0.0, place))  # type: ignore[arg-type]  # checked there
        except EvidenceError as error:
            problems.extend(split(error))
    return made


def _price_index(file: Path, top: Declaration, problems: list[EvidenceError]) -> PriceIndex | None:
    mapping = top.mapping.get("price_index")
    if mapping is None:
        return None
    d = Declaration("price_index", mapping, top.place("price_index"), ("file", "index"), ("file", "index"))
    path, index = d.text("file"), d.text("index")
    try:
        d.finish()
        return read_price_index(file.parent / path, index, d.place("index"))
    except EvidenceError as error:
        problems.extend(split(error))
        return None
