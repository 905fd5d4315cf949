"""Names that people read in place of parameters' names, in English and Danish; the section `labels` of a file."""

from __future__ import annotations

from collections.abc import Iterable

from costeff.documents.keys import label_languages
from costeff.documents.section import Section
from costeff.labels import Label, same
from costeff.problems import closest

Labels = dict[str, Label]
"""Name of a parameter or group to its label."""


def read_labels(top: Section, elements: Iterable[str]) -> Labels:
    """The labels of a file, {name: {en: ..., da: ...}} or one text for both; problems are kept in its document."""
    if not top.has("labels"):
        return {}
    section, names, labels = top.block("labels", "`labels`"), set(elements), Labels()
    for key in section.data:
        name = str(key)
        with top.document.collecting():
            if name not in names:
                rule = "a label belongs to a parameter or a group of this file"
                way_out = closest(name, names, "drop the label")
                top.document.refuse("a label of nothing", section.line_of(key), name, rule, way_out)
            labels[name] = _label(name, key, section)
    return labels


def _label(name: str, key: str, section: Section) -> Label:
    if isinstance(section.data[key], str):
        return same(section.text(key))
    both = section.block(key, f"the label of {name!r}")
    languages = label_languages()
    both.closed(languages)
    return Label(both.text("en"), both.text("da"), **{x: both.text(x) for x in languages[2:] if both.has(x)})
