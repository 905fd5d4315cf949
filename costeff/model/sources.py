"""Reads the `sources:` that a scenario or a case brings beside those of the parameter file."""

from __future__ import annotations

from costeff.documents.section import Section
from costeff.evidence import Source
from costeff.evidence.read import read_source


def read_sources(top: Section) -> dict[str, Source]:
    """Sources by key; none when the file has no `sources`. Each has a title and says how it was seen."""
    return dict(top.named("sources", "source", lambda name, section: (name, read_source(section))))
