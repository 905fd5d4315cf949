"""The figures of a page by id, gathered while its panels are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go


DENSE = 200
"""Draws from which the plane shows where they lie densest."""


@dataclass
class Figures:
    """The report's figures by id, gathered while its panels are made."""

    language: str
    drawn: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Title and caption by id."""

    def add(self, name: str, figure: go.Figure, title: str, caption: str) -> dict[str, Any]:
        """Keep a figure under a new id, and return what the template prints around it."""
        key = f"figure-{len(self.drawn) + 1}-{name}"
        self.drawn[key] = figure.to_plotly_json()
        self.drawn[key]["layout"].pop("meta", None)  # the page has its own title and caption
        self.texts[key] = (title, caption)
        return {"id": key, "title": title, "caption": caption, "height": int(figure.layout.height)}
