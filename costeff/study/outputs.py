"""What commands write beside their text: one JSON file and a folder of figures."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.errors import ResultError
from costeff.files import write_folder, write_whole
from costeff.present.page import shipped

if TYPE_CHECKING:
    import plotly.graph_objects as go

Figures = Mapping[str, "Callable[[str], go.Figure]"]
"""File name without its ending to what draws the figure in a language."""


def write_json(file: str, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, whole or not at all. Raises ResultError when the file cannot be written."""
    text = json.dumps(_plain(content), indent=1, ensure_ascii=False, allow_nan=False)
    try:
        write_whole(text + "\n", file)
    except OSError as error:
        raise ResultError(
            "cannot write here", value=file, rule=str(error), way_out="choose another --json"
        ) from error


def write_figures(folder: str, figures: Figures, language: str) -> list[str]:
    """Write every figure as a page that needs nothing else; returns the pages' names. All are written, or none."""

    def make(made: Path) -> None:
        for name, figure in figures.items():
            (made / f"{name}.html").write_text(page(figure(language), name, language), encoding="utf-8")

    write_folder(folder, make, "--figures", "figures").log()
    return [f"{name}.html" for name in figures]


def page(figure: go.Figure, title: str, language: str) -> str:
    """A self-contained HTML page with one figure, plotly included."""
    script = shipped("fold.js") + shipped("narrow.js")
    # Room for the toolbar, which else covers the first bar of a figure without a legend.
    shown = type(figure)(figure).update_layout(margin_t=max(figure.layout.margin.t or 0, 44))
    body = shown.to_html(
        full_html=False, include_plotlyjs=True, div_id="figure", post_script=script,
        config={"displaylogo": False, "responsive": True},
    )  # fmt: skip
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title>"
    )
    return f'<!doctype html>\n<html lang="{language}">\n<head>{head}</head>\n<body>{body}</body>\n</html>\n'


def _plain(value: Any) -> Any:
    """What JSON can hold: NumPy numbers as numbers, infinity and not-a-number as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not abs(value) < float("inf") else value
