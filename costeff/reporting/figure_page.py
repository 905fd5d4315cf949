"""A page with one figure: its title and caption, as high as the window, plotly inside it or in a file beside it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from costeff.catalogue import say
from costeff.reporting.page import packed_plotly, page_script, script_json, script_words, shipped
from costeff.reporting.style import safe
from costeff.reporting.template import template

if TYPE_CHECKING:
    import plotly.graph_objects as go


PLOTLY_FILE = "plotly.min.js"
"""The drawing library that the pages of one folder share."""


def figure_page(figure: go.Figure, name: str, language: str, *, plotly_in_folder: bool = False) -> str:
    """The page as text. Title and caption are those of `style.described`; the title is `name` where there is none.

    Nothing is fetched from a network. With `plotly_in_folder` the page draws with PLOTLY_FILE in its own folder, and
    says so when that is missing; otherwise plotly is inside.
    """
    from markupsafe import Markup

    figure_json: dict[str, Any] = figure.to_plotly_json()
    about = figure_json["layout"].pop("meta", None) or {}
    return template("figure.html.j2").render(
        language=language,
        title=html.unescape(about.get("title", safe(name))),
        caption=html.unescape(about.get("caption", "")),
        height=int(figure.layout.height or 450),
        style=Markup(shipped("figure.css")),
        missing=say("missing_plotly", language, file=PLOTLY_FILE),
        no_script=say("no_script_page", language),
        plotly=None if plotly_in_folder else Markup(packed_plotly()),
        file=PLOTLY_FILE,
        figures=Markup(script_json({"figures": {"figure": figure_json}, "words": script_words(language)})),
        script=Markup(page_script()),
    )
