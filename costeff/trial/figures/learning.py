"""Prior, trial and posterior of each effect on one axis; the trial's statistics beside what the model foretold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.reporting.style import COMPARATOR_COLOUR, HIGH_COLOUR, LOW_COLOUR, axis, described, folded, layout
from costeff.trial.learning.alone import EffectRow, Span

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_HEIGHT = 46
SIDES = (("prior", COMPARATOR_COLOUR, "circle", 0.22), ("trial", HIGH_COLOUR, "diamond", 0.0))
POSTERIOR = ("posterior", LOW_COLOUR, "square", -0.22)


def effects_figure(rows: Sequence[EffectRow], labels: Sequence[str], language: str) -> go.Figure:
    """Three intervals for each parameter that is a ratio, one under the other, on one axis of ratios."""
    import plotly.graph_objects as go

    names = [folded(label, 24) for label in labels]
    figure = go.Figure(
        layout=layout(
            language,
            120 + ROW_HEIGHT * len(rows),
            xaxis=axis(say("trial_axis_ratio", language), type="log", tickvals=[0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5]),
            yaxis=axis("", tickvals=list(range(len(rows))), ticktext=names, autorange="reversed", zeroline=False),
        )
    )
    for name, colour, symbol, shift in (*SIDES, POSTERIOR):
        spans = [(i, span) for i, row in enumerate(rows) if (span := getattr(row, name)) is not None]
        figure.add_trace(_bars(spans, say(f"trial_side_{name}", language), colour, symbol, shift))
    title, shows = say("trial_title_effects", language), say("trial_shows_effects", language)
    return described(figure, title, shows)


def _bars(spans: Sequence[tuple[int, Span]], name: str, colour: str, symbol: str, shift: float) -> go.Scatter:
    import plotly.graph_objects as go

    middle = np.array([span.middle for _, span in spans])
    return go.Scatter(
        x=middle,
        y=[i - shift for i, _ in spans],
        mode="markers",
        name=name,
        marker={"color": colour, "symbol": symbol, "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.array([span.high for _, span in spans]) - middle,
            "arrayminus": middle - np.array([span.low for _, span in spans]),
            "color": colour,
            "thickness": 2,
        },
        hovertemplate="%{x:.2f}<extra>" + name + "</extra>",
    )
