"""Convergence: the running mean of an increment over draws, with the band of its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import reach, with_intervals
from costeff.reporting.measure_words import measure_of, measured
from costeff.reporting.style import all_strategies, axis, curve, described, label_of, layout, strategy_looks

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


def convergence(
    running: xr.Dataset, labels: Mapping[str, Label], language: str = "en", *, height: int = 400
) -> go.Figure:
    """`costeff.precision.convergence`: the mean after n draws, n on a log scale, with its 95 % Monte Carlo band.

    The axis fits the last nine tenths of the draws, so that the wild beginning does not flatten the rest.
    """
    import plotly.graph_objects as go

    names = [str(name) for name in running["strategy"].values]
    looks = strategy_looks(all_strategies(running.attrs, labels, names), str(running.attrs["comparator"]))
    x = running["draws"].values
    late = x >= x[-1] // 10
    whole = int(running.attrs["draws"])
    size = whole // int(running.attrs.get("replicates", whole))  # draws in each design; of one if independent
    halves: list[np.ndarray] = []
    data: list[dict[str, Any]] = []
    low, high = 0.0, 0.0
    for name in names:
        own, look = running.sel(strategy=name), looks[name]
        middle = own["mean"].values
        half = np.array([float(reach(e, int(n))) for e, n in zip(own["mcse"].values, x // size, strict=True)])
        halves.append(half)
        data += _band(x, middle, half, look["colour"])
        far = np.nan_to_num(half)[late]
        low, high = min(low, float((middle[late] - far).min())), max(high, float((middle[late] + far).max()))
        hover = "%{x:,.0f}: %{y:,.4~r}<extra>%{fullData.name}</extra>"
        data.append(curve(look, x, middle, label_of(labels, name, language), hovertemplate=hover))
    room = 0.1 * (high - low) or 1.0
    title = measured(measure_of(running.attrs, language), running.attrs, labels, language)
    figure = go.Figure(
        data,
        layout(
            language,
            height,
            showlegend=True,
            xaxis=axis(say("axis_draws", language), type="log", tickformat=",.0f", dtick=1),
            yaxis=axis(
                title,
                range=[low - room, high + room],
                nticks=7,
                zerolinewidth=2,
                tickformat=",.0f" if high - low > 20 else ",.3~r",
            ),
        ),
    )
    shows = with_intervals(say("shows_convergence", language), halves, running.attrs, language)
    return described(figure, say("title_convergence", language), shows)


def _band(x: np.ndarray, middle: np.ndarray, half: np.ndarray, colour: str) -> list[dict[str, Any]]:
    """The band from where on enough draws carry the error; none where there never are."""
    enough = np.isfinite(half)
    if not enough.any():
        return []
    x, low, high = x[enough], (middle - half)[enough], (middle + half)[enough]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": np.concatenate([x, x[::-1]]),
            "fill": "toself",
            "y": np.concatenate([high, low[::-1]]),
            "fillcolor": colour,
            "opacity": 0.2,
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
