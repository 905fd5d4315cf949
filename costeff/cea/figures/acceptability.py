"""Acceptability curves of all strategies (CEAC) and of the strategy best on average (CEAF)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import currency_name, write_money
from costeff.reporting.style import (
    AXIS,
    all_strategies,
    axis,
    curve,
    label_of,
    layout,
    legible,
    safe,
    share_axis,
    strategy_looks,
)
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


_HOVER = "%{x:,.0f}: %{y:.0%}<extra>%{fullData.name}</extra>"


def ceac(
    curves: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float | None = None,
    height: int = 400,
) -> go.Figure:
    """`costeff.cea.acceptability.ceac`'s curves: thick with individual noise removed (when there), thin as simulated.

    x: willingness to pay, currency per unit of effect; y: probability of the highest net benefit. `wtp` marks one
    value by a vertical line.
    """
    import plotly.graph_objects as go

    names = [str(name) for name in curves["strategy"].values]
    looks = strategy_looks(all_strategies(curves.attrs, labels, names), str(curves.attrs["comparator"]))
    noise_removed = "probability_noise_corrected" in curves
    x = curves["wtp"].values
    data = []
    for name in names:
        own, label, look = curves.sel(strategy=name), label_of(labels, name, language), looks[name]
        if noise_removed:
            text = say("corrected", language, strategy=label)
            thick = own["probability_noise_corrected"].values
            data.append(curve(look, x, thick, text, width=3.0, hovertemplate=_HOVER))
            label = say("raw", language, strategy=label)
        thin = curve(
            look, x, own["probability"].values, label, width=1.2 if noise_removed else 3.0, hovertemplate=_HOVER
        )
        data.append(thin | ({"mode": "lines"} if noise_removed else {}))
    figure = legible(go.Figure(data, _axes(curves, language, wtp, height)))
    return figure.update_layout(legend_itemsizing="trace")  # thick and thin must differ in the legend too


def ceaf(
    frontier: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float | None = None,
    height: int = 360,
) -> go.Figure:
    """`costeff.cea.acceptability.ceaf`'s frontier in the look that each strategy has in every figure of its evaluation.

    Only strategies that are best on average somewhere are drawn, and the legend names them. Drawn with individual
    noise removed when that is there. Axes as in `ceac`.
    """
    import numpy as np
    import plotly.graph_objects as go

    variable = "probability_noise_corrected" if "probability_noise_corrected" in frontier else "probability"
    choices = frontier["strategy"].values.astype(str)
    comparator = str(frontier.attrs["comparator"])
    names = all_strategies(frontier.attrs, labels, [comparator, *choices])
    looks = strategy_looks(names, comparator)
    x, y = frontier["wtp"].values, frontier[variable].values
    data = [
        curve(
            looks[name], x, np.where(choices == name, y, np.nan), label_of(labels, name, language), hovertemplate=_HOVER
        )
        | {"marker": {"color": looks[name]["colour"], "symbol": looks[name]["marker"], "size": 6}}
        for name in names
        if name in choices
    ]
    # the legend says whose curve it is when there is only one too
    return legible(go.Figure(data, _axes(frontier, language, wtp, height))).update_layout(showlegend=True)


def _axes(curves: xr.Dataset, language: str, wtp: float | None, height: int) -> dict[str, Any]:
    currency = str(curves.attrs["currency"])
    unit = unit_name(str(curves.attrs["effect_unit"]), language, plural=False)
    title = say("axis_wtp", language, currency=currency_name(currency, language), unit=unit)
    shapes, notes = [], []
    if wtp is not None:
        line = {"color": AXIS, "dash": "dot", "width": 1.5}
        shapes.append({"type": "line", "x0": wtp, "x1": wtp, "y0": 0, "y1": 1, "line": line})
        notes.append(
            {
                "x": wtp,
                "y": 0.02,
                "yanchor": "bottom",
                "showarrow": False,
                "xanchor": "left",
                "xshift": 4,
                "text": safe(write_money(wtp, language, currency=currency)),
                "bgcolor": "rgba(255,255,255,0.8)",
            }
        )
    return layout(
        language,
        height,
        shapes=shapes,
        annotations=notes,
        xaxis=axis(title, tickformat=",.0f", range=[0, 1.02 * float(curves["wtp"].max()) or 1], nticks=7),
        yaxis=share_axis(say("axis_probability", language), language),
    )
