"""Threshold: the result as one parameter changes, where it reaches the target, and how far evidence reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import count_of, reach
from costeff.reporting.measure_words import base_words, digits_of, error_words, level_ticks
from costeff.reporting.numbers import write_number
from costeff.reporting.style import AXIS, GRID, INK, OKABE_ITO, axis, described, label_of, layout, safe
from costeff.reporting.unit_names import titled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.sensitivity.threshold import Threshold


_PALE = "#EAF3FA"


def threshold(
    search: Threshold,
    language: str = "en",
    *,
    labels: Mapping[str, Label] | None = None,
    measure: str | None = None,
    height: int = 440,
) -> go.Figure:
    """A study's `threshold`: the curve with its 95 % Monte Carlo band, the target dashed, each root a diamond.

    The pale field is the 95 % interval of the parameter. The title of the x axis says so when the target is nowhere
    reached. x: the parameter in its unit, by its label where it has one; y: the result, currency per individual, with
    its perspective; `measure` takes the place of the result's own words.
    """
    import plotly.graph_objects as go

    digits = digits_of(search.attrs)
    level_labels = search.curve["label"].tolist() if "label" in search.curve else []
    edge = 0.5 if level_labels else 0.0
    x, y = search.curve["value"].to_numpy(float), search.curve["result"].to_numpy(float)
    marks = [(root.value, search.target) for root in search.roots]
    if not search.attrs.get("conditional") and search.low <= search.base_value <= search.high:
        marks.append((search.base_value, search.base_result))
    every, height_at = np.array(sorted([*zip(x, y, strict=True), *marks])).T
    data: list[dict[str, Any]] = _band(search)
    data.append(
        {
            "type": "scatter",
            "mode": "markers" if level_labels else "lines",
            "x": every,
            "y": height_at,
            "name": safe(say("result_curve", language)),
            "line": {"color": OKABE_ITO[0], "width": 2.5},
            "hovertemplate": f"%{{x:,.4~r}}: %{{y:{digits}}}<extra></extra>",
        }
    )
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [search.low, search.high],
            "y": [search.target] * 2,
            "name": safe(say("break_even_line" if search.target == 0 else "target_line", language)),
            "line": {"color": INK, "width": 1.5, "dash": "dash"},
            "hoverinfo": "skip",
        }
    )
    if not level_labels:  # the mean of levels is no level
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [search.base_value],
                "y": [search.base_result],
                "name": safe(base_words(search.attrs, language)),
                "hovertemplate": f"%{{x:,.4~r}}: %{{y:{digits}}}<extra></extra>",
                "marker": {"symbol": "star", "size": 15, "color": OKABE_ITO[6], "line": {"color": INK, "width": 1.5}},
            }
        )
    data += [_root(search, i, language) for i in range(len(search.roots))]
    shapes, entry = _interval(search, language)
    measure_words = measure or str(search.attrs[f"measure_{language}"])
    figure = go.Figure(
        [*data, *entry],
        layout(
            language,
            height,
            showlegend=True,
            shapes=shapes,
            xaxis=axis(
                _title(search, labels or {}, language),
                nticks=8,
                zeroline=False,
                range=[search.low - edge, search.high + edge],
                **level_ticks(x, level_labels),
                exponentformat="none",
                separatethousands=True,
            ),
            yaxis=axis(measure_words, tickformat=digits, nticks=7),
        ),
    )
    name = " = ".join(label_of(labels or {}, name, language) for name in search.parameters)
    shows = say("shows_threshold", language, measure=measure_words, error=error_words(search.attrs, language))
    return described(figure, say("title_threshold", language, name=name), shows)


def _title(search: Threshold, labels: Mapping[str, Label], language: str) -> str:
    name = " = ".join(label_of(labels, name, language) for name in search.parameters)
    title = titled(name, search.unit, language)
    if search.found or "levels" in search.attrs:
        return title
    low, high = (write_number(value, language) for value in (search.low, search.high))
    return f"{title}. {say('target_not_reached', language, low=low, high=high)}"


def _root(search: Threshold, i: int, language: str) -> dict[str, Any]:
    root = search.roots[i]
    value = write_number(root.value, language, error=root.mcse)
    if root.mcse > 0:
        error = write_number(root.mcse, language, error=root.mcse)
        name = say("reached_with_error", language, value=value, error=error)
    else:
        name = say("reached_at", language, value=value)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [root.value],
        "y": [search.target],
        "name": safe(name),
        "error_x": {"type": "data", "array": [root.margin], "color": INK, "visible": root.margin > 0},
        "marker": {"symbol": "diamond", "size": 12, "color": OKABE_ITO[1], "line": {"color": INK, "width": 1}},
        "hovertemplate": "%{x:,.6~r}<extra>%{fullData.name}</extra>",
    }


def _band(search: Threshold) -> list[dict[str, Any]]:
    curve = search.curve
    half = reach(curve["mcse"], count_of(search.attrs))
    if not (np.isfinite(half).all() and half.any()):
        return []
    x, y = curve["value"].to_numpy(float), curve["result"].to_numpy(float)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": np.concatenate([x, x[::-1]]),
            "y": np.concatenate([y + half, (y - half)[::-1]]),
            "fill": "toself",
            "fillcolor": GRID,
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def _interval(search: Threshold, language: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The parameter's 95 % interval as a pale field behind everything, and its entry in the legend."""
    if search.interval is None:
        return [], []
    low, high = max(search.interval[0], search.low), min(search.interval[1], search.high)
    if low >= high:
        return [], []
    field = {
        "type": "rect",
        "xref": "x",
        "x0": low,
        "x1": high,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "fillcolor": _PALE,
        "line": {"width": 0},
        "layer": "below",
    }
    entry = {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": safe(say("own_interval", language)),
        "marker": {"symbol": "square", "size": 16, "color": _PALE, "line": {"color": AXIS, "width": 0.6}},
    }
    return [field], [entry]
