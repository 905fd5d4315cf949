"""Global sensitivity: bars of Sobol indices, explained variance or PAWN distances, and Morris' plane of effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import count_of, reach, with_intervals
from costeff.reporting.measure_words import measure_of, measured
from costeff.reporting.style import AXIS, INK, OKABE_ITO, axis, described, folded, label_of, layout

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from costeff.sensitivity.global_ import GlobalSensitivity


MOST_BARS = 15
TEXT_KEYS = {
    "sobol": ("title_sobol", "shows_sobol"),
    "regression": ("title_regression", "shows_regression"),
    "pawn": ("title_pawn", "shows_pawn"),
    "morris": ("title_morris", "shows_morris"),
}
"""Title and caption of each method."""
_FAR = (-0.5, 1.5)


def sensitivity(
    analysis: GlobalSensitivity,
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
    top = analysis.table.head(most)
    names = [_name(str(name), labels, language) for name in top["factor"]]
    measure = measured(measure_of(analysis.attrs, language), analysis.attrs, labels, language)
    if analysis.method == "morris":
        figure = _morris(top, names, measure, language, height or 460)
    else:
        figure = _bars(analysis, top, names, measure, language, height)
    title, shows = (say(key, language) for key in TEXT_KEYS[analysis.method])
    if analysis.method == "regression":
        half = reach(top["first_mcse"], count_of(analysis.attrs))
        shows = with_intervals(shows, half, analysis.attrs, language, "line_interval")
    return described(figure, title, shows)


def _name(name: str, labels: Mapping[str, Label], language: str) -> str:
    return folded(label_of(labels, name, language), 34)


def _bars(
    analysis: GlobalSensitivity, top: pd.DataFrame, names: list[str], measure: str, language: str, height: int | None
) -> go.Figure:
    import plotly.graph_objects as go

    shapes, notes = [], []
    key = "axis_pawn" if analysis.method == "pawn" else "axis_share"
    if analysis.method == "sobol":
        suffix = "_corrected" if "first_corrected" in top else ""
        parts = [
            (f"first{suffix}", say("gsa_first", language), OKABE_ITO[0], ""),
            (f"total{suffix}", say("gsa_total", language), OKABE_ITO[4], "/"),
        ]
    elif analysis.method == "pawn":
        parts = [("median", "", OKABE_ITO[0], "")]
        line = {"color": AXIS, "dash": "dot", "width": 2}
        floor = float(analysis.attrs["floor"])
        shapes.append({"type": "line", "x0": floor, "x1": floor, "yref": "paper", "y0": 0, "y1": 1, "line": line})
        notes.append(
            {
                "x": floor,
                "y": 0,
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "xshift": 4,
                "showarrow": False,
                "text": say("pawn_floor", language),
                "bgcolor": "rgba(255,255,255,0.8)",
            }
        )
    else:
        parts = [("first", say("gsa_first", language), OKABE_ITO[0], "")]
    data = []
    stripes = {"fillmode": "overlay", "fgcolor": INK, "size": 6}
    for column, name, colour, pattern in parts:
        bar: dict[str, Any] = {
            "type": "bar",
            "orientation": "h",
            "x": top[column].to_numpy(dtype=float),
            "y": names,
            "name": name,
            "marker": {"color": colour, "pattern": {**stripes, "shape": pattern}},
            "hovertemplate": "%{y}: %{x:.3f}<extra>%{fullData.name}</extra>",
        }
        whiskers = _whiskers(top, column, analysis)
        if whiskers is not None:
            bar["error_x"] = {
                "type": "data",
                "symmetric": False,
                "array": whiskers[1],
                "arrayminus": whiskers[0],
                "color": INK,
                "thickness": 1.2,
            }
        data.append(bar)
    each = 40 if len(parts) > 1 else 28
    return go.Figure(
        data,
        layout(
            language,
            height or 120 + each * max(len(names), 2),
            barmode="group",
            bargap=0.3,
            shapes=shapes,
            annotations=notes,
            showlegend=len(parts) > 1,
            legend_traceorder="normal",
            xaxis=axis(
                say(key, language, measure=measure), nticks=6, zerolinewidth=2, tickformat=".2~f", **_range(data)
            ),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks="", type="category"),
        ),
    )


def _range(data: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares lie between 0 and 1: intervals far beyond, of too few points, are cut and do not flatten the rest."""
    low, high = 0.0, 0.0
    for bar in data:
        error = bar.get("error_x", {"array": 0.0, "arrayminus": 0.0})
        low = min(low, float(np.nanmin(bar["x"] - np.nan_to_num(error["arrayminus"]))))
        high = max(high, float(np.nanmax(bar["x"] + np.nan_to_num(error["array"]))))
    return {"range": [max(low, _FAR[0]), min(high, _FAR[1])]} if low < _FAR[0] or high > _FAR[1] else {}


def _whiskers(top: pd.DataFrame, column: str, analysis: GlobalSensitivity) -> tuple[np.ndarray, np.ndarray] | None:
    """Distance down and up to the ends of the interval, where the table has one."""
    value = top[column].to_numpy(dtype=float)
    if f"{column}_lower" in top:
        return value - top[f"{column}_lower"].to_numpy(float), top[f"{column}_upper"].to_numpy(float) - value
    if f"{column}_mcse" in top:
        return (reach(top[f"{column}_mcse"], count_of(analysis.attrs)),) * 2
    return None


def _morris(top: pd.DataFrame, names: list[str], measure: str, language: str, height: int) -> go.Figure:
    """One point per factor: to the right it matters, upwards it interacts or bends. Joint factors lie on the axis."""
    import plotly.graph_objects as go

    mu, sigma = top["mu_star"].to_numpy(dtype=float), top["sigma"].to_numpy(dtype=float)
    joint = np.isnan(sigma)
    data = []
    for kind, key, colour, symbol in (
        (~joint, "gsa_single", OKABE_ITO[0], "circle"),
        (joint, "gsa_joint", OKABE_ITO[1], "diamond"),
    ):
        if kind.any():
            data.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": mu[kind],
                    "y": np.where(joint, 0.0, sigma)[kind],
                    "name": say(key, language),
                    "text": [name for name, mine in zip(names, kind, strict=True) if mine],
                    "marker": {"color": colour, "symbol": symbol, "size": 10},
                    "cliponaxis": False,
                    "hovertemplate": "%{text}: %{x:,.4~r}, %{y:,.4~r}<extra></extra>",
                }
            )
    far = 1.2 * float(mu.max()) or 1.0
    high = 1.25 * float(np.nanmax(sigma, initial=0.0)) or 1.0
    notes = _placed(mu / far, np.where(joint, 0.0, sigma) / high, names, height)
    for at, note in notes.items():
        note |= {"x": mu[at], "y": 0.0 if joint[at] else sigma[at]}
    numbers = ",.0f" if far > 20 else ",.3~r"
    return go.Figure(
        data,
        layout(
            language,
            height,
            showlegend=True,
            annotations=list(notes.values()),
            xaxis=axis(say("axis_mu_star", language, measure=measure), range=[0, far], tickformat=numbers, nticks=7),
            yaxis=axis(say("axis_sigma", language), range=[-0.04 * high, high], tickformat=numbers, nticks=7),
        ),
    )


_PLACES = (
    ("center", "bottom", 0, 8),
    ("left", "middle", 10, 0),
    ("right", "middle", -10, 0),
    ("center", "top", 0, -8),
    ("left", "bottom", 6, 5),
    ("left", "top", 6, -5),
    ("right", "bottom", -6, 5),
    ("right", "top", -6, -5),
)
"""Where a name may stand beside its point: anchors of the text and pixels from the point."""
_MOST_NAMES, _WIDTH, _CHARACTER, _LINE = 12, 620, 5.8, 14.0
"""Most names drawn, and sizes in pixels: of a narrow plot, of a character and of a line."""


def _placed(across: np.ndarray, up: np.ndarray, names: list[str], height: int) -> dict[int, dict[str, Any]]:
    """Names by the number of their point (shares of the plot), largest first, where they hide no name and no point.

    A name that fits nowhere is left to the hover text.
    """
    tall = height - 130.0
    points = [(a * _WIDTH, u * tall) for a, u in zip(across.tolist(), up.tolist(), strict=True)]
    boxes = [(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    notes: dict[int, dict[str, Any]] = {}
    for at, ((x, y), name) in enumerate(list(zip(points, names, strict=True))[:_MOST_NAMES]):
        lines = name.split("<br>")
        wide, deep = _CHARACTER * max(map(len, lines)), _LINE * len(lines)
        for across_by, up_by, right, above in _PLACES:
            left_edge = x + right - {"center": wide / 2, "left": 0.0, "right": wide}[across_by]
            low = y + above - {"bottom": 0.0, "middle": deep / 2, "top": deep}[up_by]
            box = (left_edge, low, left_edge + wide, low + deep)
            inside = left_edge >= 0 and box[2] <= _WIDTH * 1.05 and low >= -_LINE
            if inside and not any(_overlap(box, other) for other in boxes):
                boxes.append(box)
                notes[at] = {
                    "name": "beside",
                    "text": name,
                    "showarrow": False,
                    "xanchor": across_by,
                    "yanchor": up_by,
                    "xshift": right,
                    "yshift": above,
                    "font": {"size": 11},
                    "align": across_by,
                }
                break
    return notes


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
