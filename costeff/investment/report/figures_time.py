"""Figures over time or over strength: the cumulated net with its fan, chances of payback, effect, inputs, citizens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.errors import ResultError
from costeff.investment.report.content import QUANTILES
from costeff.investment.report.figures import money_title
from costeff.reporting.charts.tornado import tornado
from costeff.reporting.numbers import write_percent
from costeff.reporting.style import INK, OKABE_ITO, axis, layout, share_axis

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.investment.report.content import CaseContent, Payer


WIDE, NARROW, LINE = "rgba(0,114,178,0.18)", "rgba(0,114,178,0.38)", OKABE_ITO[0]


def _band(x: list[str] | np.ndarray, low: np.ndarray, high: np.ndarray, colour: str, name: str) -> list[dict[str, Any]]:
    """A filled band between two lines; the lower one bears no name."""
    style = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**style, "y": low, "showlegend": False},
        {**style, "y": high, "fill": "tonexty", "fillcolor": colour, "name": name},
    ]


def stays_from(path: np.ndarray) -> int | None:
    """Position of the first value from which a path stays at or above 0; None when it ends below.

    >>> stays_from(np.array([-1.0, 2.0, -1.0, 3.0])), stays_from(np.array([-1.0])), stays_from(np.array([1.0]))
    (3, None, 0)
    """
    below = np.flatnonzero(path < -1e-9 * np.abs(path).max(initial=0.0))
    if not len(below):
        return 0
    return None if below[-1] == len(path) - 1 else int(below[-1]) + 1


def cumulated(content: CaseContent, payer: Payer, language: str = "en") -> go.Figure:
    """Cumulated net at the end of each calendar year, undiscounted: fan, expected line, mark of break-even."""
    import plotly.graph_objects as go

    years = [str(year) for year in content.years]
    fan, path = payer.fan / 1000, payer.path / 1000
    lo80, lo50, hi50, hi80 = (fan[QUANTILES.index(q)] for q in (0.1, 0.25, 0.75, 0.9))
    data = [
        *_band(years, lo80, hi80, WIDE, say("band_80", language)),
        *_band(years, lo50, hi50, NARROW, say("band_50", language)),
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": years,
            "y": path,
            "name": say("expected", language),
            "line": {"color": LINE, "width": 3},
            "marker": {"size": 6, "color": LINE},
            "hovertemplate": "%{x}: %{y:,.0f}<extra></extra>",
        },
    ]
    at = stays_from(payer.path)
    if at is not None and not np.isnan(payer.break_even).all():
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [years[at]],
                "y": [path[at]],
                "name": say("paid_back", language),
                "marker": {"symbol": "diamond", "size": 14, "color": "#000000"},
                "hovertemplate": "%{x}<extra></extra>",
            }
        )
    return go.Figure(
        data,
        layout(
            language,
            420,
            xaxis=axis("", type="category", showgrid=False),
            yaxis=axis(money_title(content, "undiscounted", language), tickformat=",.0f", zerolinewidth=2),
        ),
    )


def payback_chances(content: CaseContent, payer: Payer, language: str = "en") -> go.Figure:
    """Probability of payback within 1, 2, ... calendar years: expected result, and that of the actual citizens."""
    import plotly.graph_objects as go

    years = [str(n) for n in range(1, len(content.years) + 1)]
    lines: list[tuple[str, np.ndarray, str, str]] = [
        (say("expected_result", language), payer.break_even, OKABE_ITO[0], "solid")
    ]
    if payer.realised is not None:
        lines.append((say("realised_short", language), payer.realised, OKABE_ITO[1], "dash"))
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": years,
            "y": values,
            "name": name,
            "line": {"color": colour, "dash": dash, "width": 3},
            "marker": {"size": 7},
            "hovertemplate": "%{x}: %{y:.0%}<extra>%{fullData.name}</extra>",
        }
        for name, values, colour, dash in lines
    ]
    return go.Figure(
        data,
        layout(
            language,
            360,
            xaxis=axis(say("axis_years_in", language), type="category"),
            yaxis=share_axis(say("case_axis_probability", language), language),
        ),
    )


def effect_needed(content: CaseContent, language: str = "en") -> go.Figure:
    """The decider's present value by share of the expected consequences, with its band and the break-even mark."""
    import plotly.graph_objects as go

    curve = content.effect_curve
    if curve is None:
        raise ResultError("the content has no effect curve")
    x = curve["effect"].to_numpy(dtype=float)
    npv, low, high = (curve[name].to_numpy(dtype=float) / 1000 for name in ("npv", "lo", "hi"))
    data: list[dict[str, Any]] = _band(x, low, high, WIDE, say("band_80", language))
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": npv,
            "name": say("expected", language),
            "line": {"color": LINE, "width": 3},
            "hovertemplate": "%{x:.0%}: %{y:,.0f}<extra></extra>",
        }
    )
    if x[0] <= content.smallest_effect <= x[-1]:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [content.smallest_effect],
                "y": [0.0],
                "name": say("breaks_even", language),
                "marker": {"symbol": "diamond", "size": 14, "color": "#000000"},
                "hovertemplate": "%{x:.0%}<extra></extra>",
            }
        )
    own = {
        "type": "line",
        "x0": 1,
        "x1": 1,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": INK, "width": 1, "dash": "dot"},
    }
    return go.Figure(
        data,
        layout(
            language,
            380,
            shapes=[own],
            xaxis=axis(
                say("axis_effect", language), tickvals=x, ticktext=[write_percent(share, language) for share in x]
            ),
            yaxis=axis(money_title(content, "present_value", language), tickformat=",.0f", zerolinewidth=2),
        ),
    )


def case_tornado(content: CaseContent, language: str = "en") -> go.Figure:
    """One input at a time, on the decider's expected present value, in 1,000 of the currency."""
    if content.tornado is None:
        raise ResultError("the content has no tornado")
    table = content.tornado.copy()
    for name in ("low_result", "high_result"):
        table[name] = table[name] / 1000
    base = content.by_name[content.decider].npv.mean / 1000
    measure = money_title(content, "present_value", language)
    figure = tornado(table, base, measure, language, labels=content.parameter_labels)
    return figure.update_layout(height=max(int(figure.layout.height), 300))  # few bars leave room for their labels


def citizens(content: CaseContent, language: str = "en") -> go.Figure:
    """Expected citizens by calendar year: who take the offer, who begin, who wait; and places."""
    import plotly.graph_objects as go

    s = content.service
    years = [str(year) for year in s.years]
    bars = [("inflow", s.inflow, OKABE_ITO[5], ""), ("served", s.served, OKABE_ITO[2], "/")]
    if s.waiting.max(initial=0) >= 0.5:
        bars.append(("waiting", s.waiting, OKABE_ITO[4], "x"))
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": years,
            "y": values,
            "name": say(key, language),
            "marker": {"color": colour, "pattern": {"shape": shape, "fgcolor": "#FFFFFF", "fillmode": "overlay"}},
            "hovertemplate": "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>",
        }
        for key, values, colour, shape in bars
    ]
    return go.Figure(
        data,
        layout(
            language,
            360,
            barmode="group",
            bargap=0.3,
            xaxis=axis("", type="category", showgrid=False),
            yaxis=axis(say("axis_citizens", language), tickformat=",.0f"),
        ),
    )
