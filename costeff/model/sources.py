"""Reads the `sources:` that a scenario or a case brings beside those of the parameter file."""

from __future__ import annotations

from costeff.evidence import Source
from costeff.model.document import Block


def read_sources(top: Block) -> dict[str, Source]:
    """Sources by key; none when the file has no `sources`. Each has a title and says how it was seen."""

    def source(_: str, block: Block) -> Source:
        block.closed("title address seen note")
        text = {key: block.text(key, "") for key in ("address", "note")}
        return Source(block.text("title"), seen=block.text("seen"), place=block.place, **text)

    found: dict[str, Source] = {}
    top.named("sources", "source", lambda name, block: found.update({name: source(name, block)}))
    return found
