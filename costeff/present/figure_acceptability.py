"""Acceptability curves of all strategies (CEAC) and of the strategy best on average (CEAF)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.model.elements import Label
from costeff.present.numbers import currency_name, write_money
from costeff.present.style import AXIS, axis, label_of, layout, safe, strategy_looks
from costeff.present.terms import term, unit_name

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
    """`costeff.economics.ceac`'s curves: thick with individual noise removed (when there), thin as simulated.

    x: willingness to pay, currency per unit of effect; y: probability of the highest net benefit. `wtp` marks one
    value by a vertical line.
    """
    import plotly.graph_objects as go

    names = [str(name) for name in curves["strategy"].values]
    looks = strategy_looks(names, str(curves.attrs["comparator"]))
    corrected = "probability_noise_corrected" in curves
    data = []
    for name in names:
        own = curves.sel(strategy=name)
        label = label_of(labels, name, language)
        look = looks[name]
        if corrected:
            text = term("corrected", language, strategy=label)
            data.append(_curve(own, "probability_noise_corrected", text, look["colour"], look["dash"], 3.0))
            label = term("raw", language, strategy=label)
        width = 1.2 if corrected else 3.0
        data.append(_curve(own, "probability", label, look["colour"], look["dash"], width))
    figure = go.Figure(data, _axes(curves, language, wtp, height))
    return figure.update_layout(legend_itemsizing="trace")  # thick and thin must differ in the legend too


def ceaf(
    frontier: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float | None = None,
    height: int = 360,
) -> go.Figure:
    """`costeff.economics.ceaf`'s frontier, one colour, dash and marker per strategy that is best on average.

    Drawn with individual noise removed when that is there. Axes as in `ceac`.
    """
    import numpy as np
    import plotly.graph_objects as go

    variable = "probability_noise_corrected" if "probability_noise_corrected" in frontier else "probability"
    chosen = frontier["strategy"].values.astype(str)
    comparator = str(frontier.attrs["comparator"])
    order = [comparator, *dict.fromkeys(chosen[chosen != comparator].tolist())]
    looks = strategy_looks(order, comparator)
    x, y = frontier["wtp"].values, frontier[variable].values
    data = []
    for name in order:
        if name not in chosen:
            continue
        own = np.where(chosen == name, y, np.nan)
        label = safe(label_of(labels, name, language))
        look = looks[name]
        data.append({
            "type": "scatter", "mode": "lines+markers", "x": x, "y": own, "name": label, "hovertemplate": _HOVER,
            "line": {"color": look["colour"], "dash": look["dash"], "width": 2.5},
            "marker": {"color": look["colour"], "symbol": look["marker"], "size": 6},
        })  # fmt: skip
    return go.Figure(data, _axes(frontier, language, wtp, height))


def _curve(own: xr.Dataset, variable: str, name: str, colour: str, dash: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": own["wtp"].values, "y": own[variable].values, "name": safe(name),
        "line": {"color": colour, "dash": dash, "width": width}, "hovertemplate": _HOVER,
    }  # fmt: skip


def _axes(curves: xr.Dataset, language: str, wtp: float | None, height: int) -> dict[str, Any]:
    currency = str(curves.attrs["currency"])
    unit = unit_name(str(curves.attrs["effect_unit"]), language, plural=False)
    title = term("axis_wtp", language, currency=currency_name(currency, language), unit=unit)
    shapes, notes = [], []
    if wtp is not None:
        line = {"color": AXIS, "dash": "dot", "width": 1.5}
        shapes.append({"type": "line", "x0": wtp, "x1": wtp, "y0": 0, "y1": 1, "line": line})
        notes.append({
            "x": wtp, "y": 0.02, "yanchor": "bottom", "showarrow": False, "xanchor": "left", "xshift": 4,
            "text": safe(write_money(wtp, language, currency=currency)), "bgcolor": "rgba(255,255,255,0.8)",
        })  # fmt: skip
    return layout(
        language, height, shapes=shapes, annotations=notes,
        xaxis=axis(title, tickformat=",.0f", range=[0, 1.02 * float(curves["wtp"].max()) or 1], nticks=7),
        yaxis=axis(term("axis_probability", language), range=[-0.01, 1.01], tickformat=".0%"),
    )  # fmt: skip
