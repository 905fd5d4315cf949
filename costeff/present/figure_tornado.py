"""The tornado: how far one parameter at a time moves the result, and where it changes the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costeff.present.numbers import write_number
from costeff.present.style import HIGH_COLOUR, INK, LOW_COLOUR, axis, folded, layout, safe
from costeff.present.terms import term

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

MOST_BARS = 15


def tornado(
    table: pd.DataFrame, base: float, measure: str, language: str = "en", *, most: int = MOST_BARS
) -> go.Figure:
    """Bars from the base case to the result at the low and at the high value of each parameter, widest first.

    `table` is `costeff.economics.tornado_table`'s; `measure` says what the result is, with its unit. Bars are coloured
    by whether the parameter was low or high, not by direction. ◆ marks a parameter that changes the preferred strategy.
    """
    import plotly.graph_objects as go

    top = table.head(most)
    names = [_name(row, language) for row in top.to_dict("records")]
    data: list[dict[str, Any]] = []
    sides = (("low", LOW_COLOUR, ""), ("high", HIGH_COLOUR, "/"))
    for side, colour, pattern in sides:
        result = top[f"{side}_result"].to_numpy(dtype=float)
        fill = {"shape": pattern, "size": 7, "fillmode": "overlay", "fgcolor": "#5C3D00"}
        data.append({
            "type": "bar", "orientation": "h", "y": names, "base": base, "x": result - base,
            "customdata": result, "name": term(f"at_{side}", language),
            "marker": {"color": colour, "pattern": fill, "line": {"color": INK, "width": 0.6}},
            "hovertemplate": "%{customdata:,.0f}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
    line = {"type": "line", "x0": base, "x1": base, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": INK, "width": 1.5}}  # fmt: skip
    lines = max((name.count("<br>") + 1 for name in names), default=1)
    return go.Figure(data, layout(
        language, 110 + (6 + 15 * max(lines, 2)) * max(len(names), 2), barmode="overlay", bargap=0.3, shapes=[line],
        xaxis=axis(measure, tickformat=",.0f", nticks=7),
        yaxis=axis("", autorange="reversed", showgrid=False, ticks="", tickfont={"size": 12}),
    ))  # fmt: skip


def _name(row: dict[Any, Any], language: str) -> str:
    """The parameter with its two values, and the mark when it changes the decision."""
    low, high = (write_number(row[end], language) for end in ("low_value", "high_value"))
    mark = "◆ " if row["changes_decision"] else ""
    return (
        f"{mark}{folded(str(row['name']).replace('_', ' '), 24)}<br><span>{safe(low)} – {safe(high)}</span>"
    )
