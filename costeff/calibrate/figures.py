"""Published figures with their intervals beside what the model gives before and after calibration, by family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.reporting.style import (
    COMPARATOR_COLOUR,
    HIGH_COLOUR,
    LOW_COLOUR,
    OKABE_ITO,
    axis,
    described,
    folded,
    layout,
    safe,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.calibrate.validation import ComparedFigure

FAMILIES = ("return", "relapse", "pension", "flex_job")
"""Families of figures that have words; others are shown as they are called."""
ROW = 26
"""Pixels of one row."""


def fit_groups(figures: Sequence[ComparedFigure]) -> dict[str, tuple[str, list[ComparedFigure]]]:
    """Family and figures of each picture, by the name of its file: shares apart from other numbers."""
    groups: dict[str, tuple[str, list[ComparedFigure]]] = {}
    for one in figures:
        family = one.family or "other"
        name = f"fit_{family}" if one.share else f"fit_{family}_numbers"
        groups.setdefault(name, (family, []))[1].append(one)
    return groups


def fit_figures(figures: Sequence[ComparedFigure]) -> dict[str, Callable[[str], go.Figure]]:
    """What draws each family and kind, by the name of its file."""
    return {name: partial(fit_figure, rows, family) for name, (family, rows) in fit_groups(figures).items()}


def kind_words(family: str, share: bool, language: str) -> str:
    """A family as people call it, and that its figures are no shares where they are none."""
    words = family_words(family, language)
    return words if share else say("family_numbers", language, family=words)


def family_words(family: str, language: str) -> str:
    """A family as people call it; its own name where it has no words."""
    return say(f"family_{family}", language) if family in (*FAMILIES, "other") else family


def fit_figure(rows: Sequence[ComparedFigure], family: str, language: str = "en") -> go.Figure:
    """One row for each of `rows`, all of them shares or none: published, before and after calibration."""
    import plotly.graph_objects as go

    held_out = f" ({say('fit_held_out', language)})"
    texts = [folded(one.title + (held_out if one.held_out else ""), 58) for one in rows]
    data = [
        _spans([one.prior for one in rows], HIGH_COLOUR, 5, 0.26, say("fit_prior", language)),
        _spans([(one.posterior[0], one.posterior[3]) for one in rows], LOW_COLOUR, 5, 0.0, say("fit_wide", language)),
        _spans([one.posterior[1:3] for one in rows], OKABE_ITO[0], 9, 0.0, say("fit_posterior", language)),
        _published(rows, texts, say("fit_published", language)),
    ]
    share = rows[0].share
    title = say("axis_fit_share" if share else "axis_fit_number", language)
    scale: dict[str, Any] = {"range": [0, 1], "tickformat": ".1f"} if share else {"type": "log"}
    figure = go.Figure(
        data,
        layout(
            language,
            150 + ROW * max(len(rows), 2),
            showlegend=True,
            xaxis=axis(title, zeroline=False, **scale),
            yaxis=axis(
                "",
                tickmode="array",
                tickvals=list(range(len(rows))),
                ticktext=texts,
                zeroline=False,
                ticks="",
                range=[len(rows) - 0.5, -0.5],
            ),
        ),
    )
    title = say("title_fit", language, family=kind_words(family, share, language))
    return described(figure, title, say("shows_fit", language))


def _spans(ends: Sequence[Sequence[float]], colour: str, width: int, away: float, name: str) -> dict[str, Any]:
    """A thick line between the two ends (K, 2) of each row, `away` below its middle."""
    gap = np.full((len(ends), 1), np.nan)
    x = np.hstack([np.array(ends, dtype=float), gap]).ravel()
    y = np.repeat(np.arange(len(ends)) + away, 3)
    line = {"color": colour, "width": width}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "connectgaps": False,
        "name": safe(name),
        "hovertemplate": "%{x:,.3~r}<extra>%{fullData.name}</extra>",
    }


def _published(rows: Sequence[ComparedFigure], texts: list[str], name: str) -> dict[str, Any]:
    """The published figures as markers with whiskers."""
    x, low, high = np.array([one.published for one in rows]).T
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": np.arange(len(rows)) - 0.26,
        "text": texts,
        "name": safe(name),
        "marker": {"color": COMPARATOR_COLOUR, "symbol": "diamond", "size": 8},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": high - x,
            "arrayminus": x - low,
            "color": COMPARATOR_COLOUR,
            "thickness": 1.6,
        },
        "hovertemplate": "%{text}: %{x:,.3~r}<extra>%{fullData.name}</extra>",
    }
