"""What commands write beside their text: one JSON file and a folder of figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.errors import ResultError
from costeff.files import write_folder, write_whole
from costeff.reporting.figure_page import PLOTLY_FILE, figure_page
from costeff.reporting.page import plotly_script

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
        raise ResultError("cannot write here", value=file, rule=str(error), way_out="choose another --json") from error


def write_figures(folder: str, figures: Figures, language: str, image: str | None = None) -> list[str]:
    """Write every figure as a page, and beside them the one copy of plotly that they draw with; all, or none.

    With `image` (png, svg or pdf) each is a still image of that kind too. Returns the names of pages and images.
    """

    def make(draft: Path) -> None:
        plots = {name: figure(language) for name, figure in figures.items()}
        for name, figure in plots.items():
            (draft / f"{name}.html").write_text(page(figure, name, language), encoding="utf-8")
        (draft / PLOTLY_FILE).write_text(plotly_script(), encoding="utf-8")
        if image:
            from costeff.reporting.images import write_images

            write_images({name: figure.to_plotly_json() for name, figure in plots.items()}, draft, image)

    write_folder(folder, make, "--figures", "figures").log()
    return [f"{name}.{kind}" for kind in ("html", image) if kind for name in figures]


def page(figure: go.Figure, name: str, language: str) -> str:
    """One figure's page in a folder of figures."""
    return figure_page(figure, name, language, plotly_in_folder=True)


def _plain(value: Any) -> Any:
    """What JSON can hold: NumPy numbers as numbers, infinity and not-a-number as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not abs(value) < float("inf") else value
