"""Figures of money in a case: who gains, each year by payer, from cost to total, effect against price.

Amounts are in 1,000 of the currency (millions in the heat map), and every axis of money says what + means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.errors import ResultError
from costeff.investment.report.tables import money_unit
from costeff.investment.report.thousands import thousands
from costeff.reporting.numbers import currency_name, write_number, write_percent
from costeff.reporting.style import INK, OKABE_ITO, PATTERNS, axis, folded, layout, safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.investment.report.content import CaseContent, Payer


GAIN, COST, SUM = "#009E73", "#D55E00", "#4D4D4D"
MOST_ITEMS = 10
_HOVER = "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>"


def money_title(content: CaseContent, kind: str, language: str) -> str:
    """Title of an axis of money: unit, price level, discounted or not, and the sign convention."""
    return f"{money_unit(content, kind, language)} · {say('sign_short', language)}"


def who_gains(content: CaseContent, language: str = "en") -> go.Figure:
    """Present value by payer, horizontal, with 80 % intervals; losers hatched, sums dark. x: 1,000 of the currency."""
    import plotly.graph_objects as go

    payers = list(content.payers)
    names = [folded(p.label[language], 20) for p in payers]
    looks = (
        ("gains", GAIN, "", [not p.total and p.npv.mean >= 0 for p in payers]),
        ("loses", COST, "/", [not p.total and p.npv.mean < 0 for p in payers]),
        ("sum_of", SUM, "", [p.total for p in payers]),
    )
    data: list[dict[str, Any]] = []
    for key, colour, pattern, mine in looks:
        if not any(mine):
            continue
        mean, low, high = (
            np.array([getattr(p.npv, end) for p, own in zip(payers, mine, strict=True) if own]) / 1000
            for end in ("mean", "lo", "hi")
        )
        fill = {"shape": pattern, "size": 7, "fillmode": "overlay", "fgcolor": "#FFFFFF"}
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": mean,
                "name": say(key, language),
                "y": [name for name, own in zip(names, mine, strict=True) if own],
                "marker": {"color": colour, "pattern": fill},
                "hovertemplate": "%{x:,.0f}<extra>%{y}</extra>",
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": high - mean,
                    "arrayminus": mean - low,
                    "thickness": 1.5,
                    "color": "#000000",
                },
            }
        )
    return go.Figure(
        data,
        layout(
            language,
            120 + 38 * len(names),
            bargap=0.35,
            barmode="overlay",
            xaxis=axis(money_title(content, "present_value", language), tickformat=",.0f", zerolinewidth=2, nticks=7),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks="", categoryorder="array", categoryarray=names),
        ),
    )


def net_by_year(content: CaseContent, language: str = "en") -> go.Figure:
    """Bars by calendar year, stacked by payer, costs down and savings up, undiscounted; the line is the public sum."""
    import plotly.graph_objects as go

    sums = content.by_name.get(content.public)
    payers = [p for p in content.leaves if sums is None or p.name in sums.parties]
    years = [str(year) for year in content.years]
    data: list[dict[str, Any]] = []
    for i, p in enumerate(payers):
        fill = {"shape": PATTERNS[i // len(OKABE_ITO) % len(PATTERNS)], "fillmode": "overlay", "size": 8}
        marker = {"color": OKABE_ITO[i % len(OKABE_ITO)], "pattern": fill, "line": {"color": INK, "width": 0.4}}
        data.append(
            {
                "type": "bar",
                "x": years,
                "y": p.net / 1000,
                "name": safe(p.label[language]),
                "marker": marker,
                "hovertemplate": _HOVER,
            }
        )
    if sums is not None:
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": years,
                "y": sums.net / 1000,
                "hovertemplate": _HOVER,
                "name": safe(sums.label[language]),
                "line": {"color": "#000000", "width": 2},
                "marker": {"symbol": "diamond", "size": 9, "color": "#000000"},
            }
        )
    below = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"}
    return go.Figure(
        data,
        layout(
            language,
            470,
            barmode="relative",
            bargap=0.3,
            legend=below,
            margin={"l": 60, "r": 16, "t": 16, "b": 60},
            xaxis=axis("", type="category", showgrid=False),
            yaxis=axis(money_title(content, "undiscounted", language), tickformat=",.0f", zerolinewidth=2),
        ),
    )


def waterfall(content: CaseContent, payer: Payer, language: str = "en") -> go.Figure:
    """Expected present value of one payer from the programme's cost, item by item, to its total."""
    import plotly.graph_objects as go

    at = [p.name for p in content.payers].index(payer.name)
    item_bars = [(item.label[language], item.npv[at], item.programme) for item in content.items if item.npv[at]]
    own = [x for x in item_bars if x[2]]
    rest = sorted((x for x in item_bars if not x[2]), key=lambda x: -abs(x[1]))
    bars = [*own, *rest[:MOST_ITEMS]]
    if len(rest) > MOST_ITEMS:
        bars.append((say("other_items", language), sum(x[1] for x in rest[MOST_ITEMS:]), False))
    names = [folded(x[0], 20) for x in bars]
    amounts = np.array([x[1] for x in bars]) / 1000
    total = folded(say("total", language), 20)
    lines = max((name.count("<br>") + 1 for name in names), default=1)
    levels = np.concatenate([[0.0], amounts.cumsum()])
    low, high = float(levels.min()), float(levels.max())
    room = 0.18 * (high - low)  # for the amount beside a bar that is too short for it
    colours = [GAIN if amount > 0 else COST for amount in amounts]
    data = {
        "type": "bar",  # each begins where the one before it ends; the part of plotly that pages hold has no waterfall
        "orientation": "h",
        "y": [*names, total],
        "base": [*levels[:-1], 0.0],
        "x": [*amounts, levels[-1]],
        "text": [thousands(1000 * float(x), language) for x in [*amounts, levels[-1]]],
        "textposition": "auto",
        "textangle": 0,
        "marker": {"color": [*colours, SUM]},
        "hovertemplate": "%{text}<extra>%{y}</extra>",
        "showlegend": False,
        "cliponaxis": False,
    }
    line = {"type": "line", "line": {"color": "#767676", "width": 1}}
    connectors = [line | {"x0": x, "x1": x, "y0": i + 0.35, "y1": i + 0.65} for i, x in enumerate(levels[1:].tolist())]
    return go.Figure(
        [data],
        layout(
            language,
            110 + (10 + 12 * max(lines, 2)) * (len(bars) + 1),
            bargap=0.3,
            shapes=connectors,
            xaxis=axis(
                money_title(content, "present_value", language),
                tickformat=",.0f",
                zerolinewidth=2,
                nticks=7,
                range=[low - room if low < 0 else 0, high + room if high > 0 else 0] if room else None,
            ),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks="", tickfont={"size": 11}),
        ),
    )


def heat_map(content: CaseContent, language: str = "en") -> go.Figure:
    """Expected present value of the decider in millions, by share of the consequences (x) and programme cost (y)."""
    import plotly.graph_objects as go

    if content.heat is None:
        raise ResultError("the content has no heat map")
    wide = content.heat.pivot(index="cost", columns="effect", values="npv")
    effects, costs = wide.columns.to_numpy(dtype=float), wide.index.to_numpy(dtype=float)
    values = wide.to_numpy(dtype=float)
    most = float(np.abs(values).max()) or 1.0
    text = [[write_number(value / 1e6, language, decimals=1, with_sign=True) for value in row] for row in values]
    cells = {
        "type": "heatmap",
        "x": effects,
        "y": costs,
        "z": values,
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": "#000000"},
        "zmin": -most,
        "zmax": most,
        "xgap": 1,
        "ygap": 1,
        "colorscale": [[0, "#F0A060"], [0.5, "#FFFFFF"], [1, "#7FC8B0"]],
        "showscale": False,
        "hovertemplate": "%{text}<extra></extra>",
    }
    wide_half, tall_half = (float(grid[1] - grid[0]) / 2 for grid in (effects, costs))
    frame = {
        "type": "rect",
        "x0": 1 - wide_half,
        "x1": 1 + wide_half,
        "y0": 1 - tall_half,
        "y1": 1 + tall_half,
        "line": {"color": "#000000", "width": 2.5},
    }
    shapes = [frame]
    data: list[dict[str, Any]] = [cells]
    x_range = [effects[0] - wide_half, effects[-1] + wide_half]
    y_range = [costs[0] - tall_half, costs[-1] + tall_half]
    if content.zero_line:
        x, y = zip(*content.zero_line, strict=True)
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": x,
                "y": y,
                "showlegend": False,
                "line": {"color": "#000000", "width": 2, "dash": "dash"},
                "hoverinfo": "skip",
            }
        )
    unit = say("million_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    title = f"{unit}, {say('present_value', language)} · {say('sign_short', language)}"
    return go.Figure(
        data,
        layout(
            language,
            450,
            shapes=shapes,
            margin={"l": 60, "r": 16, "t": 40, "b": 56},
            xaxis=axis(
                say("axis_effect", language),
                range=x_range,
                tickvals=effects,
                showgrid=False,
                ticktext=[write_percent(share, language) for share in effects],
                zeroline=False,
            ),
            yaxis=axis(
                say("case_axis_cost", language),
                range=y_range,
                tickvals=costs,
                showgrid=False,
                zeroline=False,
                ticktext=[write_percent(cost, language) for cost in costs],
            ),
            annotations=[
                {
                    "text": folded(title, 40),
                    "align": "left",
                    "x": 0,
                    "xref": "paper",
                    "y": 1,
                    "yref": "paper",
                    "xanchor": "left",
                    "yanchor": "bottom",
                    "showarrow": False,
                    "font": {"size": 12},
                }
            ],
        ),
    )
