"""Reads which values a rule set gives by date: for a model that names it under `rules`.

Only names and dates are read here; figures, sources and everything else of a rule set are read by `costeff.rules`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from costeff import bundled
from costeff.documents.section import Document
from costeff.errors import ScenarioError
from costeff.model.formula_section import FormulaSection

Dated = dict[str, tuple[tuple[dt.date, str], ...]]


def dated_parameter(name: str, date: dt.date) -> str:
    """The parameter that stands for a dated name from a date on.

    >>> dated_parameter("base_amount", dt.date(2024, 5, 1))
    'base_amount_20240501'
    """
    return f"{name}_{date:%Y%m%d}"


def read_dated(path: Path) -> Dated:
    """Names that the rule set at `path` and those under it set, each with its dates and parameters in order."""
    dates: dict[str, set[dt.date]] = {}
    as_on: dt.date | None = None
    yearly: set[str] = set()
    first = dt.date.max
    for top in _files(path):
        as_on = dt.date.fromisoformat(top.date("as_on")) if top.has("as_on") else as_on
        yearly |= set(top.texts("yearly"))
        for part in top.listed("blocks", "block", lambda one: one):
            start = dt.date.fromisoformat(part.date("from"))
            first = min(first, start)
            names = part.block("set", "`set`").data if part.has("set") else {}
            for name in names:
                dates.setdefault(str(name), set()).add(start)
        top.document.finish()
    out: Dated = {}
    for name, starts in dates.items():
        in_order = sorted(starts)
        if as_on is not None and name not in yearly:  # the rules of one date hold throughout
            in_order = [start for start in in_order if start <= as_on][-1:]
            out[name] = tuple((first, dated_parameter(name, start)) for start in in_order)
        else:
            out[name] = tuple((start, dated_parameter(name, start)) for start in in_order)
    return {name: steps for name, steps in out.items() if steps}


def _files(path: Path) -> Iterator[FormulaSection]:
    """The rule set's file and those it rests on, the lowest first."""
    tops: list[FormulaSection] = []
    seen: set[Path] = set()
    while path.resolve() not in seen:  # a circle is refused where the set is read in full
        seen.add(path.resolve())
        document = Document(str(path), ScenarioError)
        top = document.load(path, FormulaSection)
        tops.append(top)
        if not top.has("base"):
            break
        base = top.text("base")
        path = bundled.resolve("rules", path.parent / bundled.at_home(base) if bundled.is_path(base) else base)
    yield from reversed(tops)
