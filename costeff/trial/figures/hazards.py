"""Shares in each state week by week, as seen (Aalen-Johansen) and by the fitted hazards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.style import LOW_COLOUR, axis, described, layout, share_axis

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 360
INK = "#4D4D4D"
HOVER = "%{x:,.0f}: %{y:.1%}<extra>%{fullData.name}</extra>"
FEWEST_WEEKS = 4
"""Weeks between points of the observed curve: a step of one week can be one person."""


def state_figure(by_week: np.ndarray, fit: np.ndarray, state: Label, group: str, language: str) -> go.Figure:
    """One state of one group: points as seen every fourth week, a line by the fit. Both (T,)."""
    import plotly.graph_objects as go

    weeks = np.arange(len(by_week))
    points = slice(0, None, FEWEST_WEEKS)
    figure = go.Figure(
        [
            go.Scatter(
                x=weeks[points],
                y=np.round(by_week[points], 2),
                mode="markers",
                name=say("trial_as_seen", language),
                marker={"color": INK, "size": 7},
                hovertemplate=HOVER,
            ),
            go.Scatter(
                x=weeks,
                y=np.round(fit, 4),
                mode="lines",
                name=say("trial_as_fitted", language),
                line={"color": LOW_COLOUR, "width": 2.5},
                hovertemplate=HOVER,
            ),
        ],
        layout(
            language,
            HEIGHT,
            xaxis=axis(say("trial_axis_weeks", language)),
            yaxis=share_axis(say("trial_axis_share", language), language),
        ),
    )
    title = say("trial_title_state", language, state=state[language], group=group)
    return described(figure, title, say("trial_shows_state", language))
