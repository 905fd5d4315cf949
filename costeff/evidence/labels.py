"""Names that people read in place of parameters' names, in English and Danish; the section `labels` of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from costeff.errors import EvidenceError
from costeff.evidence.declaration import Declaration, line_of
from costeff.evidence.problems import closest, split

Labels = dict[str, tuple[str, str]]
"""Name of a parameter or group to its English and Danish label."""


def read_labels(top: Declaration, known: Iterable[str], problems: list[EvidenceError]) -> Labels:
    """The labels of a file, {name: {en: ..., da: ...}} or one text for both; what is wrong goes into `problems`."""
    section = top.mapping.get("labels")
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        rule = "labels: name: {en: ..., da: ...}"
        top.refuse("labels", "'labels' is not a mapping", section, rule, "write it as a mapping")
        return {}
    names, found = set(known), {}
    for key, given in section.items():
        name, where = str(key), line_of(section, key, top.place("labels"))
        if name not in names:
            rule = "a label belongs to a parameter or a group of this file"
            way_out = closest(name, names, "drop the label")
            problems.append(
                EvidenceError("a label of nothing", where=where, value=name, rule=rule, way_out=way_out)
            )
            continue
        try:
            found[name] = _label(name, given, where)
        except EvidenceError as error:
            problems.extend(split(error))
    return found


def _label(name: str, given: Any, where: Any) -> tuple[str, str]:
    if isinstance(given, str) and given.strip():
        return str(given), str(given)
    d = Declaration(f"the label of {name!r}", given, where, ("en", "da"), ("en", "da"))
    english, danish = d.text("en"), d.text("da")
    d.finish()
    return english, danish
