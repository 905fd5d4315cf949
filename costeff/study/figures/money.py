"""Who pays and who gains, as bars by party; and cost in each year for one payer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import currency_name
from costeff.reporting.style import (
    COMPARATOR_COLOUR,
    OKABE_ITO,
    PATTERNS,
    all_strategies,
    axis,
    curve,
    folded,
    label_of,
    layout,
    legible,
    safe,
    strategy_looks,
)

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


MOST_YEARS = 12
"""Years that are drawn as bars."""
_HOVER = "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>"


def who_pays(parties: pd.DataFrame, language: str = "en", *, currency: str = "money") -> go.Figure:
    """Increments by party inside society, horizontal: the programme, everything else, and the net with its interval.

    Columns read: label, inside, increment, lo, hi, programme (the programme's part of the increment); one strategy's
    rows only. x: currency per individual, + = more cost for the party.
    """
    import plotly.graph_objects as go

    rows = parties[parties["inside"].astype(bool)]
    names = [folded(label[language], 22) for label in rows["label"]]
    net, own = rows["increment"].to_numpy(dtype=float), rows["programme"].to_numpy(dtype=float)
    low, high = (rows[end].to_numpy(dtype=float) for end in ("lo", "hi"))
    hover = "%{x:,.0f}<extra>%{fullData.name}</extra>"
    bar = {"type": "bar", "orientation": "h", "y": names, "hovertemplate": hover}
    stripes = {
        "color": OKABE_ITO[4],
        "pattern": {"shape": PATTERNS[1], "fgcolor": "#5C3D00", "size": 7, "fillmode": "overlay"},
    }
    data = [
        {**bar, "x": own, "name": say("programme", language), "marker": stripes},
        {**bar, "x": net - own, "name": say("other_flows", language), "marker": {"color": OKABE_ITO[5]}},
        {
            "type": "scatter",
            "mode": "markers",
            "x": net,
            "y": names,
            "name": say("net", language),
            "marker": {"symbol": "diamond", "size": 11, "color": "#000000"},
            "hovertemplate": hover,
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": high - net,
                "arrayminus": net - low,
                "thickness": 1.5,
                "color": "#000000",
            },
        },
    ]
    title = say(
        "axis_extra_cost", language, currency=currency_name(currency, language), per=say("per_citizen", language)
    )
    return legible(
        go.Figure(
            data,
            layout(
                language,
                120 + 44 * len(names),
                barmode="relative",
                bargap=0.35,
                xaxis=axis(title + " · " + say("sign_party", language), tickformat=",.0f", zerolinewidth=2, nticks=7),
                yaxis=axis("", autorange="reversed", showgrid=False, ticks=""),
            ),
        )
    )


def cost_by_year(
    by_year: pd.DataFrame,
    labels: Mapping[str, Label],
    comparator: str,
    language: str = "en",
    *,
    currency: str = "money",
    height: int = 560,
) -> go.Figure:
    """Cost of each strategy in each year above; below, differences from the comparator: bars, or lines of many years.

    Columns read: strategy, year, cost (undiscounted, currency per individual). The difference is that of the bars
    above it.
    """
    import plotly.graph_objects as go

    wide = by_year.pivot(index="year", columns="strategy", values="cost")
    names = list(dict.fromkeys(by_year["strategy"]))
    looks = strategy_looks(all_strategies({}, labels, names), comparator)
    years = [int(year) for year in wide.index]
    data: list[dict[str, Any]] = []
    for name in names:
        cost, label = wide[name].to_numpy(dtype=float), label_of(labels, name, language)
        gap = cost - wide[comparator].to_numpy(dtype=float)
        series = _bars if len(years) <= MOST_YEARS else _line
        data.append(series(looks[name], years, cost, label, name))
        if name != comparator:
            below = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
            data.append(series(looks[name], years, gap, label, name) | below)
    money = say("axis_cost", language, currency=currency_name(currency, language), per=say("per_citizen", language))
    base = label_of(labels, comparator, language)
    ticks = (
        {"tickmode": "array", "tickvals": years, "showgrid": False} if len(years) <= MOST_YEARS else {"showgrid": False}
    )
    note = {
        "text": folded(say("difference_from", language, strategy=base) + " · " + say("sign_payer", language), 34),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 0.38,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "align": "left",
        "font": {"color": COMPARATOR_COLOUR},
    }
    return legible(
        go.Figure(
            data,
            layout(
                language,
                height,
                barmode="group",
                bargap=0.3,
                annotations=[note],
                xaxis=axis(say("year", language), anchor="y", **ticks),
                yaxis=axis(money, domain=[0.6, 1], tickformat=",.0f", rangemode="tozero"),
                xaxis2=axis(say("year", language), anchor="y2", **ticks),
                yaxis2=axis(money, domain=[0, 0.37], anchor="x2", tickformat=",.0f", rangemode="tozero"),
            ),
        )
    )


def _bars(look: dict[str, str], years: list[int], money: NDArray[np.float64], label: str, name: str) -> dict[str, Any]:
    pattern = {"shape": look["pattern"], "fillmode": "overlay", "fgcolor": "#FFFFFF", "size": 8}
    return {
        "type": "bar",
        "x": years,
        "y": money,
        "name": safe(label),
        "legendgroup": name,
        "hovertemplate": _HOVER,
        "marker": {"color": look["colour"], "pattern": pattern},
    }


def _line(look: dict[str, str], years: list[int], money: NDArray[np.float64], label: str, name: str) -> dict[str, Any]:
    return curve(look, years, money, label, legendgroup=name, hovertemplate=_HOVER)
