"""A trial's plane as a density, and its acceptability as a curve on a grid: no replicate is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.reporting.numbers import currency_name
from costeff.reporting.style import COMPARATOR_COLOUR, LOW_COLOUR, axis, described, layout, share_axis
from costeff.trial.evaluation.evaluate import PairResult

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 420


def plane_figure(pair: PairResult, view: str, currency: str, language: str) -> go.Figure:
    """Bins of the plane, darker where more replicates lie; the estimate, and the lines where nothing changes."""
    import plotly.graph_objects as go

    own = pair.density
    share = np.where(own.share > 0, own.share, np.nan)
    figure = go.Figure(
        [
            go.Heatmap(
                x=own.effect,
                y=own.cost,
                z=share,
                colorscale=[[0, "#E3EDF7"], [1, LOW_COLOUR]],
                showscale=False,
                hovertemplate="%{z:.1%}<extra></extra>",
            ),
            go.Scatter(
                x=[pair.effect.value],
                y=[pair.cost.value],
                mode="markers",
                marker={
                    "symbol": "diamond",
                    "size": 11,
                    "color": COMPARATOR_COLOUR,
                    "line": {"color": "white", "width": 1},
                },
                name=say("trial_estimate", language),
                hovertemplate="%{x:,.3~r}, %{y:,.0f}<extra></extra>",
            ),
        ],
        layout(
            language,
            HEIGHT,
            showlegend=False,
            xaxis=axis(say("trial_axis_effect", language, effect=pair.effect_label[language])),
            yaxis=axis(say("trial_axis_cost", language, currency=currency_name(currency, language)), tickformat=",.0f"),
        ),
    )
    title = say("trial_title_plane", language, view=view)
    return described(figure, title, say("trial_shows_plane", language))


def acceptability_figure(pair: PairResult, view: str, currency: str, language: str) -> go.Figure:
    """Share of replicates in which the programme is worth its cost, by willingness to pay."""
    import plotly.graph_objects as go

    wtp, share = pair.acceptability
    figure = go.Figure(
        [
            go.Scatter(
                x=wtp,
                y=share,
                mode="lines",
                line={"color": LOW_COLOUR, "width": 2.5},
                hovertemplate="%{x:,.0f}: %{y:.0%}<extra></extra>",
            )
        ],
        layout(
            language,
            HEIGHT,
            showlegend=False,
            xaxis=axis(say("trial_axis_wtp", language, currency=currency_name(currency, language)), tickformat=",.0f"),
            yaxis=share_axis(say("trial_axis_share", language), language),
        ),
    )
    title = say("trial_title_acceptability", language, view=view)
    return described(figure, title, say("trial_shows_acceptability", language))
