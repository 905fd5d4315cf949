"""A document as blocks that Word and the browser set alike: headings, paragraphs and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class NoteTable:
    """A table: heads, rows of as many texts, and how many of the first columns are words (the rest are numbers)."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    caption: str = ""


@dataclass(frozen=True)
class NoteBlock:
    """A heading of its own, then paragraphs, then a table; each may be left out. `page` begins a new page."""

    heading: str = ""
    paragraphs: Sequence[str] = ()
    table: NoteTable | None = None
    page: bool = False


@dataclass(frozen=True)
class Note:
    """The whole note: its title, the line under it, and its blocks; `wide`: on pages that lie on their side."""

    title: str
    line: str
    blocks: Sequence[NoteBlock]
    wide: bool = False
