"""Over time: the share of individuals in each state (trace), and the share who have returned to work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.style import (
    OKABE_ITO,
    PATTERNS,
    all_strategies,
    axis,
    curve,
    label_of,
    layout,
    safe,
    share_axis,
    strategy_looks,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


PANEL_HEIGHT = 300
_COLOURS = (OKABE_ITO[1], OKABE_ITO[4], OKABE_ITO[6], OKABE_ITO[3], OKABE_ITO[5], OKABE_ITO[0], OKABE_ITO[2], "#999999")


def trace(
    shares: xr.DataArray,
    states: Mapping[str, Label],
    strategies: Mapping[str, Label],
    language: str = "en",
    *,
    cycles_per_year: float,
) -> go.Figure:
    """Stacked areas by state, one panel below the other for each strategy, on the same axes.

    `shares` is (strategy, state, cycle), each column of shares summing to 1; x: years since start. States never
    entered under any strategy are left out of the figure and its legend.
    """
    import plotly.graph_objects as go

    shares = shares.transpose("strategy", "state", "cycle")
    names = [str(name) for name in shares["strategy"].values]
    years = shares["cycle"].values / cycles_per_year
    occupied_states = [str(state) for state in shares["state"].values if float(shares.sel(state=state).max()) > 0]
    looks = _state_looks(occupied_states)
    data: list[dict[str, Any]] = []
    panels: dict[str, Any] = {}
    notes = []
    gap = 76 / (PANEL_HEIGHT * len(names))  # room for one panel's ticks and the next one's title
    size = (1 - gap * (len(names) - 1)) / len(names)
    for p, name in enumerate(names):
        number = "" if p == 0 else str(p + 1)
        top = 1 - p * (size + gap)
        bottom = max(top - size, 0.0)
        data += [
            _area(shares, name, state, years, looks[state], safe(label_of(states, state, language)), number)
            for state in occupied_states
        ]
        title = say("years_since_start", language)
        panels["xaxis" + number] = axis(title, anchor="y" + number, matches="x" if p else None, showgrid=False)
        panels["yaxis" + number] = share_axis(
            say("share_of_citizens", language), language, domain=[bottom, top], anchor="x" + number
        ) | {"range": [0, 1]}
        notes.append(
            {
                "text": f"<b>{safe(label_of(strategies, name, language))}</b>",
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "y": top,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
    below = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"}
    height = PANEL_HEIGHT * len(names) + 90
    return go.Figure(
        data,
        layout(
            language,
            height,
            annotations=notes,
            hovermode="closest",
            legend=below,
            margin={"l": 60, "r": 16, "t": 30, "b": 60},
            **panels,
        ),
    )


def _state_looks(states: list[str]) -> dict[str, dict[str, str]]:
    return {
        state: {"colour": _COLOURS[i % len(_COLOURS)], "pattern": PATTERNS[(i // len(_COLOURS)) % len(PATTERNS)]}
        for i, state in enumerate(states)
    }


def _area(
    shares: xr.DataArray, name: str, state: str, years: Any, look: dict[str, str], label: str, number: str
) -> dict[str, Any]:
    fill = {"shape": look["pattern"], "fgcolor": "#333333", "bgcolor": look["colour"], "size": 8, "solidity": 0.12}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": years,
        "y": shares.sel(strategy=name, state=state).values,
        "stackgroup": "states" + number,
        "xaxis": "x" + number,
        "yaxis": "y" + number,
        "name": label,
        "legendgroup": state,
        "showlegend": number == "",
        "line": {"width": 0.5, "color": "#FFFFFF"},
        "fillcolor": look["colour"],
        **({"fillpattern": fill} if look["pattern"] else {}),
        "hovertemplate": "%{x:.1f}: %{y:.1%}<extra>" + label + "</extra>",
    }


def time_to_return(
    shares: xr.DataArray,
    strategies: Mapping[str, Label],
    comparator: str,
    language: str = "en",
    *,
    cycles_per_year: float,
    height: int = 400,
) -> go.Figure:
    """Cumulative share whose first passage has begun, one curve per strategy, with a line at half.

    `shares` is (strategy, cycle) of one passage; x: years since start.
    """
    import plotly.graph_objects as go

    names = [str(name) for name in shares["strategy"].values]
    looks = strategy_looks(all_strategies({}, strategies, names), comparator)
    years = shares["cycle"].values / cycles_per_year
    hover = "%{x:.2f}: %{y:.1%}<extra>%{fullData.name}</extra>"
    data = [
        curve(
            looks[name],
            years,
            shares.sel(strategy=name).values,
            label_of(strategies, name, language),
            width=3,
            hovertemplate=hover,
        )
        for name in names
    ]
    half = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 0.5,
        "y1": 0.5,
        "line": {"dash": "dot", "width": 1.5, "color": "#595959"},
    }
    return go.Figure(
        data,
        layout(
            language,
            height,
            shapes=[half],
            xaxis=axis(say("years_since_start", language), rangemode="tozero"),
            yaxis=share_axis(say("citizens_returned", language), language),
        ),
    )
