"""Who pays and who gains, as bars by party; and cost in each year for one payer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.model.elements import Label
from costeff.present.numbers import currency_name
from costeff.present.style import (
    COMPARATOR_COLOUR,
    OKABE_ITO,
    PATTERNS,
    all_strategies,
    axis,
    folded,
    label_of,
    layout,
    safe,
    strategy_looks,
)
from costeff.present.terms import term

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def who_pays(parties: pd.DataFrame, language: str = "en", *, currency: str = "DKK") -> go.Figure:
    """Increments by party inside society, horizontal: the programme, everything else, and the net with its interval.

    Columns read: label, inside, increment, lo, hi, programme (the programme's part of the increment); one strategy's
    rows only. x: currency per individual, + = more cost for the party.
    """
    import plotly.graph_objects as go

    shown = parties[parties["inside"].astype(bool)]
    names = [folded(label[language], 22) for label in shown["label"]]
    net, own = shown["increment"].to_numpy(dtype=float), shown["programme"].to_numpy(dtype=float)
    low, high = (shown[end].to_numpy(dtype=float) for end in ("lo", "hi"))
    hover = "%{x:,.0f}<extra>%{fullData.name}</extra>"
    bar = {"type": "bar", "orientation": "h", "y": names, "hovertemplate": hover}
    striped = {
        "color": OKABE_ITO[4],
        "pattern": {"shape": PATTERNS[1], "fgcolor": "#5C3D00", "size": 7, "fillmode": "overlay"},
    }
    data = [
        {**bar, "x": own, "name": term("programme", language), "marker": striped},
        {**bar, "x": net - own, "name": term("other_flows", language), "marker": {"color": OKABE_ITO[5]}},
        {
            "type": "scatter", "mode": "markers", "x": net, "y": names, "name": term("net", language),
            "marker": {"symbol": "diamond", "size": 11, "color": "#000000"}, "hovertemplate": hover,
            "error_x": {"type": "data", "symmetric": False, "array": high - net, "arrayminus": net - low,
                        "thickness": 1.5, "color": "#000000"},
        },
    ]  # fmt: skip
    title = term("axis_extra_cost", language, currency=currency_name(currency, language))
    return go.Figure(data, layout(
        language, 120 + 44 * len(names), barmode="relative", bargap=0.35,
        xaxis=axis(title + " · " + term("sign_party", language), tickformat=",.0f", zerolinewidth=2, nticks=7),
        yaxis=axis("", autorange="reversed", showgrid=False, ticks=""),
    ))  # fmt: skip


def cost_by_year(
    by_year: pd.DataFrame,
    labels: Mapping[str, Label],
    comparator: str,
    language: str = "en",
    *,
    currency: str = "DKK",
    height: int = 520,
) -> go.Figure:
    """Cost of each strategy in each year above; below, the difference from the comparator.

    Columns read: strategy, year, cost (undiscounted, currency per individual). The difference is that of the bars
    above it.
    """
    import plotly.graph_objects as go

    wide = by_year.pivot(index="year", columns="strategy", values="cost")
    names = list(dict.fromkeys(by_year["strategy"]))
    looks = strategy_looks(all_strategies({}, labels, names), comparator)
    years = [int(year) for year in wide.index]
    hover = "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>"
    data: list[dict[str, Any]] = []
    for name in names:
        marker = {
            "color": looks[name]["colour"],
            "pattern": {
                "shape": looks[name]["pattern"],
                "fillmode": "overlay",
                "fgcolor": "#FFFFFF",
                "size": 8,
            },
        }
        bar = {"type": "bar", "x": years, "marker": marker, "name": safe(label_of(labels, name, language)),
               "legendgroup": name, "hovertemplate": hover}  # fmt: skip
        data.append({**bar, "y": wide[name].to_numpy(dtype=float)})
        if name != comparator:
            gap = wide[name].to_numpy(dtype=float) - wide[comparator].to_numpy(dtype=float)
            data.append({**bar, "y": gap, "xaxis": "x2", "yaxis": "y2", "showlegend": False})
    money = currency_name(currency, language)
    base = label_of(labels, comparator, language)
    ticks = (
        {"tickmode": "array", "tickvals": years, "showgrid": False}
        if len(years) <= 12
        else {"showgrid": False}
    )
    note = {
        "text": folded(term("difference_from", language, strategy=base) + " · " + term("sign_payer", language), 34),
        "x": 0, "xref": "paper", "xanchor": "left", "y": 0.42, "yref": "paper", "yanchor": "bottom",
        "showarrow": False, "align": "left", "font": {"color": COMPARATOR_COLOUR},
    }  # fmt: skip
    return go.Figure(data, layout(
        language, height, barmode="group", bargap=0.3, annotations=[note],
        xaxis=axis("", anchor="y", **ticks),
        yaxis=axis(term("axis_cost", language, currency=money), domain=[0.58, 1], tickformat=",.0f"),
        xaxis2=axis(term("year", language), anchor="y2", **ticks),
        yaxis2=axis(term("axis_cost", language, currency=money), domain=[0, 0.41], anchor="x2", tickformat=",.0f"),
    ))  # fmt: skip
