"""Global sensitivity: bars of Sobol indices, explained variance or PAWN distances, and Morris' plane of effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.model.elements import Label
from costeff.present.figure_convergence import measure_of
from costeff.present.figure_decisions import measured
from costeff.present.style import AXIS, INK, OKABE_ITO, axis, folded, label_of, layout
from costeff.present.terms import term

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from costeff.economics import GlobalSensitivity

_BAND = 1.96
MOST_BARS = 15


def sensitivity(
    found: GlobalSensitivity,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    most: int = MOST_BARS,
    height: int | None = None,
) -> go.Figure:
    """What drives a result, the `most` largest factors: bars, or for Morris the plane of mu* and sigma.

    Whiskers are 95 % intervals of the estimates. Sobol bars show indices with individual noise removed when they are
    there; of PAWN a dotted line shows what a parameter without influence would reach.
    """
    top = found.table.head(most)
    names = [_name(str(name), labels, language) for name in top["factor"]]
    measure = measured(measure_of(found.attrs, language), found.attrs, labels, language)
    if found.method == "morris":
        return _morris(top, names, measure, language, height or 460)
    return _bars(found, top, names, measure, language, height)


def _name(name: str, labels: Mapping[str, Label], language: str) -> str:
    return folded(label_of(labels, name, language), 34)


def _bars(
    found: GlobalSensitivity,
    top: pd.DataFrame,
    names: list[str],
    measure: str,
    language: str,
    height: int | None,
) -> go.Figure:
    import plotly.graph_objects as go

    shapes, notes = [], []
    key = "axis_pawn" if found.method == "pawn" else "axis_share"
    if found.method == "sobol":
        corrected = "_corrected" if "first_corrected" in top else ""
        parts = [
            (f"first{corrected}", term("gsa_first", language), OKABE_ITO[0], ""),
            (f"total{corrected}", term("gsa_total", language), OKABE_ITO[4], "/"),
        ]
    elif found.method == "pawn":
        parts = [("median", "", OKABE_ITO[0], "")]
        line = {"color": AXIS, "dash": "dot", "width": 2}
        floor = float(found.attrs["floor"])
        shapes.append(
            {"type": "line", "x0": floor, "x1": floor, "yref": "paper", "y0": 0, "y1": 1, "line": line}
        )
        notes.append({
            "x": floor, "y": 0, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "xshift": 4,
            "showarrow": False, "text": term("pawn_floor", language), "bgcolor": "rgba(255,255,255,0.8)",
        })  # fmt: skip
    else:
        parts = [("first", term("gsa_first", language), OKABE_ITO[0], "")]
    data = []
    striped = {"fillmode": "overlay", "fgcolor": INK, "size": 6}
    for column, name, colour, pattern in parts:
        bar: dict[str, Any] = {
            "type": "bar", "orientation": "h", "x": top[column].to_numpy(dtype=float), "y": names, "name": name,
            "marker": {"color": colour, "pattern": {**striped, "shape": pattern}},
            "hovertemplate": "%{y}: %{x:.3f}<extra>%{fullData.name}</extra>",
        }  # fmt: skip
        whiskers = _whiskers(top, column)
        if whiskers is not None:
            bar["error_x"] = {"type": "data", "symmetric": False, "array": whiskers[1], "arrayminus": whiskers[0],
                              "color": INK, "thickness": 1.2}  # fmt: skip
        data.append(bar)
    each = 40 if len(parts) > 1 else 28
    return go.Figure(data, layout(
        language, height or 120 + each * max(len(names), 2), barmode="group", bargap=0.3, shapes=shapes,
        annotations=notes, showlegend=len(parts) > 1, legend_traceorder="normal",
        xaxis=axis(term(key, language, measure=measure), nticks=6, zerolinewidth=2, tickformat=".2~f"),
        yaxis=axis("", autorange="reversed", showgrid=False, ticks="", type="category"),
    ))  # fmt: skip


def _whiskers(top: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Distance down and up to the ends of the interval, where the table has one."""
    value = top[column].to_numpy(dtype=float)
    if f"{column}_lower" in top:
        return value - top[f"{column}_lower"].to_numpy(float), top[f"{column}_upper"].to_numpy(float) - value
    if f"{column}_mcse" in top:
        return (_BAND * top[f"{column}_mcse"].to_numpy(float),) * 2
    return None


def _morris(top: pd.DataFrame, names: list[str], measure: str, language: str, height: int) -> go.Figure:
    """One point per factor: to the right it matters, upwards it interacts or bends. Joint factors lie on the axis."""
    import plotly.graph_objects as go

    mu, sigma = top["mu_star"].to_numpy(dtype=float), top["sigma"].to_numpy(dtype=float)
    joint = np.isnan(sigma)
    top_names = 8
    data = []
    for kind, key, colour, symbol in (
        (~joint, "gsa_single", OKABE_ITO[0], "circle"), (joint, "gsa_joint", OKABE_ITO[1], "diamond"),
    ):  # fmt: skip
        if kind.any():
            data.append({
                "type": "scatter", "mode": "markers", "x": mu[kind], "y": np.where(joint, 0.0, sigma)[kind],
                "name": term(key, language), "text": [name for name, mine in zip(names, kind, strict=True) if mine],
                "marker": {"color": colour, "symbol": symbol, "size": 10}, "cliponaxis": False,
                "hovertemplate": "%{text}: %{x:,.4g}, %{y:,.4g}<extra></extra>",
            })  # fmt: skip
    notes = [
        {"x": x, "y": 0.0 if np.isnan(y) else y, "text": name, "showarrow": False, "xanchor": "center",
         "yanchor": "bottom", "yshift": 7, "font": {"size": 11}}
        for x, y, name in list(zip(mu, sigma, names, strict=True))[:top_names]
    ]  # fmt: skip
    far = 1.2 * float(mu.max()) or 1.0
    high = 1.25 * float(np.nanmax(sigma, initial=0.0)) or 1.0
    numbers = ",.0f" if far > 20 else ",.3~g"
    return go.Figure(data, layout(
        language, height, showlegend=True, annotations=notes,
        xaxis=axis(term("axis_mu_star", language, measure=measure), range=[0, far], tickformat=numbers, nticks=7),
        yaxis=axis(term("axis_sigma", language), range=[-0.04 * high, high], tickformat=numbers, nticks=7),
    ))  # fmt: skip
