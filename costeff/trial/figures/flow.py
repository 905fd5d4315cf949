"""The flow diagram of a trial: one column of boxes for each group, as a drawing for a page and a picture for Word."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS, WIDTH, LINE, GAP = 40, 7.6, 0.2, 0.34  # letters in a line of a box; inches
INK, PAPER = "#1F3A5F", "#F3F6FA"
DOTS = 200


@dataclass(frozen=True)
class FlowDrawing:
    """The same diagram as text of an SVG and as bytes of a PNG, with what it says in words."""

    svg: str
    png: bytes
    alternative: str


def flow_drawing(top: str, counts: Sequence[Sequence[str]], alternative: str) -> FlowDrawing:
    """Draw a box `top`, and below it for each count one box for each group, joined by arrows."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = [[wrap(text, LETTERS) for text in texts] for texts in counts]
    heights = [max(map(len, row)) * LINE + 0.16 for row in rows]
    first = wrap(top, 2 * LETTERS)
    whole = len(first) * LINE + 0.16 + sum(height + GAP for height in heights) + 0.1
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "flow", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(WIDTH, whole))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(whole, 0))
        axes.axis("off")
        down = 0.05
        under = _box(axes, first, WIDTH / 2, down, WIDTH * 0.6, len(first) * LINE + 0.16)
        above = [(WIDTH / 2, under)] * len(rows[0]) if rows else []
        for row, height in zip(rows, heights, strict=True):
            down = above[0][1] + GAP
            for g, lines in enumerate(row):
                middle = WIDTH * (2 * g + 1) / (2 * len(row))
                _arrow(axes, above[g], (middle, down))
                above[g] = (middle, _box(axes, lines, middle, down, WIDTH / len(row) * 0.92, height))
        picture, drawing = io.BytesIO(), io.StringIO()
        figure.savefig(picture, format="png", dpi=DOTS, metadata={"Software": None})
        figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    svg = drawing.getvalue()
    return FlowDrawing(svg[svg.index("<svg") :], picture.getvalue(), alternative)


def _box(axes: Axes, lines: Sequence[str], middle: float, down: float, width: float, height: float) -> float:
    """Draw a box with its lines of text; how far down it ends."""
    from matplotlib.patches import Rectangle

    corner = (middle - width / 2, down)
    axes.add_patch(Rectangle(corner, width, height, facecolor=PAPER, edgecolor=INK, linewidth=1))
    for i, line in enumerate(lines):
        at = down + height / 2 + (i - (len(lines) - 1) / 2) * LINE
        axes.text(middle, at, line, ha="center", va="center", fontsize=9, color=INK)
    return down + height


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style: dict[str, Any] = {"arrowstyle": "-|>", "color": INK, "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=style)
