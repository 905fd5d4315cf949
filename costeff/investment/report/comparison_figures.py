"""Several cases side by side, in figures: present value with its interval, and how the net cumulates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment.compare import NOTHING
from costeff.investment.report.comparison_names import title_of, unit_of
from costeff.reporting.style import OKABE_ITO, axis, folded, layout, safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.investment.report.comparison_content import CasesContent


def ranked_worth(content: CasesContent, language: str = "en") -> go.Figure:
    """The decider's expected present value of each case with its 80 % interval, best first."""
    import plotly.graph_objects as go

    ranked_cases = content.ranking[content.ranking["case"] != NOTHING]
    mean, low, high = (ranked_cases[key].to_numpy(dtype=float) / 1000 for key in ("mean", "lo", "hi"))
    names = [folded(title_of(content, name, language), 20) for name in ranked_cases["case"]]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": mean,
        "y": names,
        "marker": {"color": OKABE_ITO[0]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": high - mean,
            "arrayminus": mean - low,
            "thickness": 1.5,
            "color": "#000000",
        },
        "hovertemplate": "%{x:,.0f}<extra>%{y}</extra>",
        "showlegend": False,
    }
    title = f"{unit_of(content, 'present_value', language)} · {say('sign_short', language)}"
    return go.Figure(
        [bars],
        layout(
            language,
            120 + 46 * len(names),
            bargap=0.4,
            xaxis=axis(title, tickformat=",.0f", zerolinewidth=2, nticks=7),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks=""),
        ),
    )


def cumulated_paths(content: CasesContent, language: str = "en") -> go.Figure:
    """The decider's expected cumulated net of each case, undiscounted."""
    import plotly.graph_objects as go

    from costeff.reporting.style import DASHES, MARKERS

    years = [str(year) for year in content.years]
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": years,
            "y": np.cumsum(content.net[name]) / 1000,
            "name": safe(title_of(content, name, language)),
            "hovertemplate": "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>",
            "line": {"color": OKABE_ITO[i % len(OKABE_ITO)], "dash": DASHES[i % len(DASHES)], "width": 3},
            "marker": {"symbol": MARKERS[i % len(MARKERS)], "size": 8},
        }
        for i, name in enumerate(content.names)
    ]
    below = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
    title = f"{unit_of(content, 'undiscounted', language)} · {say('sign_short', language)}"
    return go.Figure(
        data,
        layout(
            language,
            430,
            legend=below,
            margin={"l": 60, "r": 16, "t": 16, "b": 60},
            xaxis=axis("", type="category", showgrid=False),
            yaxis=axis(title, tickformat=",.0f", zerolinewidth=2),
        ),
    )
