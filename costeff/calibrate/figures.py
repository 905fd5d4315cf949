"""Published figures with their intervals beside what the model gives before and after calibration, by family."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.reporting.style import COMPARATOR_COLOUR, HIGH_COLOUR, OKABE_ITO, axis, described, folded, layout, safe

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from costeff.calibrate.target import Target
    from costeff.calibrate.targets import CalibrationPlan

FAMILIES = ("return", "relapse", "pension", "flex_job")
"""Families of figures that have words; others are shown as they are called."""
ROW = 26
"""Pixels of one row."""


def fit_figures(plan: CalibrationPlan, fit: pd.DataFrame) -> dict[str, Callable[[str], go.Figure]]:
    """A figure for each family and kind, by the name of its file: shares on one axis, weeks, events, ratios on another.

    `fit` is that of a calibration.
    """
    figures: dict[str, Callable[[str], go.Figure]] = {}
    groups: dict[tuple[str, bool], list[Target]] = {}
    for target in plan.targets:
        groups.setdefault((target.family or "other", target.statistic.share), []).append(target)
    for (family, share), targets in groups.items():
        name = f"fit_{family}" if share else f"fit_{family}_numbers"
        figures[name] = partial(fit_figure, targets, fit, family)
    return figures


def fit_figure(targets: list[Target], fit: pd.DataFrame, family: str, language: str = "en") -> go.Figure:
    """One row for each of `targets`, all of them shares or none: published, before and after calibration."""
    import plotly.graph_objects as go

    rows = fit.set_index("target").loc[[target.name for target in targets]]
    held_out = f" ({say('fit_held_out', language)})"
    texts = [folded(t.title + (held_out if t.use == "holdout" else ""), 58) for t in targets]
    data = [
        _spans(rows, "prior", HIGH_COLOUR, 9, 0.22, say("fit_prior", language)),
        _spans(rows, "model", OKABE_ITO[0], 9, 0.0, say("fit_posterior", language)),
        _published(rows, texts, say("fit_published", language)),
    ]
    share = targets[0].statistic.share
    title = say("axis_fit_share" if share else "axis_fit_number", language)
    scale: dict[str, Any] = {"range": [0, 1], "tickformat": ".1f"} if share else {"type": "log"}
    figure = go.Figure(
        data,
        layout(
            language,
            150 + ROW * max(len(targets), 2),
            showlegend=True,
            xaxis=axis(title, zeroline=False, **scale),
            yaxis=axis(
                "",
                tickmode="array",
                tickvals=list(range(len(targets))),
                ticktext=texts,
                zeroline=False,
                ticks="",
                range=[len(targets) - 0.5, -0.5],
            ),
        ),
    )
    shown = say(f"family_{family}", language) if family in (*FAMILIES, "other") else family
    return described(figure, say("title_fit", language, family=shown), say("shows_fit", language))


def _spans(rows: pd.DataFrame, kind: str, colour: str, width: int, away: float, name: str) -> dict[str, Any]:
    """A thick line from the lower to the upper end of each row's interval, `away` below its middle."""
    gap = np.full(len(rows), np.nan)
    x = np.column_stack([rows[f"{kind}_low"], rows[f"{kind}_high"], gap]).ravel()
    y = np.repeat(np.arange(len(rows)) + away, 3)
    line = {"color": colour, "width": width}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "connectgaps": False,
        "name": safe(name),
        "hovertemplate": "%{x:.3~g}<extra>%{fullData.name}</extra>",
    }


def _published(rows: pd.DataFrame, texts: list[str], name: str) -> dict[str, Any]:
    """The published figures as markers with whiskers."""
    x = rows["published"].to_numpy(float)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": np.arange(len(rows)) - 0.22,
        "text": texts,
        "name": safe(name),
        "marker": {"color": COMPARATOR_COLOUR, "symbol": "diamond", "size": 8},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rows["published_high"].to_numpy(float) - x,
            "arrayminus": x - rows["published_low"].to_numpy(float),
            "color": COMPARATOR_COLOUR,
            "thickness": 1.6,
        },
        "hovertemplate": "%{text}: %{x:.3~g}<extra>%{fullData.name}</extra>",
    }
