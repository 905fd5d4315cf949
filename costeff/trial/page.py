"""A page about a trial that needs no other file: which plan it follows, parts with tables, figures and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costeff.catalogue import check_language, say
from costeff.reporting.page import packed_plotly, page_script, script_json, script_words, shipped
from costeff.reporting.page_figures import Figures
from costeff.reporting.tables import Column, html_table
from costeff.reporting.template import template
from costeff.trial.figures.flow import FlowDrawing

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class PagePart:
    """A part of a page: a drawing, its table as heads and rows, figures by name, and sentences below."""

    name: str
    title: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    figures: Sequence[tuple[str, go.Figure]] = ()
    lines: Sequence[str] = field(default_factory=tuple)
    drawing: FlowDrawing | None = None


def trial_page(
    kind: str, title: str, plan: Sequence[str], parts: Sequence[PagePart], language: str, inside_only: bool = False
) -> str:
    """The page as text. Raises ScenarioError for an unknown language."""
    from markupsafe import Markup

    check_language(language)
    figures = Figures(language)
    rendered_parts = [_part(one, figures) for one in parts]
    return template("report.html.j2", "costeff.trial").render(
        language=language,
        say=lambda key, **values: say(key, language, **values),
        kind=kind,
        title=title,
        plan=plan,
        inside_only=inside_only,
        parts=rendered_parts,
        style=Markup(shipped("report.css")),
        script=Markup(page_script()),
        plotly=Markup(packed_plotly()),
        figures=Markup(script_json({"figures": figures.drawn, "words": script_words(language)})),
    )


def _part(one: PagePart, figures: Figures) -> dict[str, Any]:
    from markupsafe import Markup

    columns = [Column(head, i > 0) for i, head in enumerate(one.heads)]
    table = Markup(html_table(columns, one.rows, one.title)) if one.heads else ""
    drawn_figures = []
    for name, figure in one.figures:
        meta = dict(figure.layout.meta)
        drawn_figures.append(figures.add(name, figure, meta["title"], meta["caption"]))
    fields = {"id": one.name, "title": one.title, "table": table, "figures": drawn_figures, "lines": list(one.lines)}
    drawing, alternative = (one.drawing.svg, one.drawing.alternative) if one.drawing else ("", "")
    return fields | {"drawing": Markup(drawing), "alternative": alternative}
