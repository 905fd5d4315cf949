"""The tornado: how far one parameter at a time moves the result, and where it changes the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.measure_words import digits_of
from costeff.reporting.numbers import write_number
from costeff.reporting.style import (
    HIGH_COLOUR,
    INK,
    LOW_COLOUR,
    OKABE_ITO,
    axis,
    described,
    folded,
    label_of,
    layout,
    safe,
)
from costeff.reporting.unit_names import parameter_unit

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


MOST_BARS = 15
MOST_NAMED = 5
"""Parameters without influence that a caption names."""
JOINT_COLOUR = OKABE_ITO[2]
_FOLD = 38
"""Characters in a line of the title: names to the left leave it little room on a narrow screen."""
PLAIN_UNITS = ("", "ratio", "share", "probability", "number", "count", "score", "utility", "utility decrement")
"""Units that need not be said beside a value."""


def turns(row: Mapping[Any, Any]) -> bool:
    """Whether a row of a tornado changes which strategy is preferred: of all where that is known, else of the two."""
    return bool(row.get("changes_preferred", row.get("changes_decision", False)))


def moving(table: pd.DataFrame, base: float) -> np.ndarray:
    """Whether each row moves the result from its base; what sums of money leave over by rounding is no movement."""
    ends = table[["low_result", "high_result"]].to_numpy(dtype=float)
    away = np.abs(ends - base).max(axis=1, initial=0.0)
    return np.asarray(away > 1e-9 * max(np.abs(ends).max(initial=0.0), abs(base)))


def tornado(
    table: pd.DataFrame,
    base: float,
    measure: str,
    language: str = "en",
    *,
    labels: Mapping[str, Label] | None = None,
    most: int = MOST_BARS,
    with_marks: bool = False,
) -> go.Figure:
    """Bars from the base case to the result at the low and at the high value of each parameter, widest first.

    `table` is `costeff.sensitivity.tornado.tornado_table`'s or a study's `one_way`; `measure` says what the result is,
    with its unit; `labels` are those of parameters, a name without one is shown as it is. Rows that do not move the
    result at all are left out, unless none does. Bars are coloured by whether the parameter was low or high, not by
    direction; those of parameters drawn together span 95 % of their results in a colour of their own. ◆ marks a row
    that changes the preferred strategy, ◇ one that changes the quadrant; `with_marks` says so below the axis.
    """
    import plotly.graph_objects as go

    moves = moving(table, base)
    top = (table[moves] if moves.any() else table).head(most)
    rows, digits = top.to_dict("records"), digits_of(table.attrs)
    names = [_name(row, labels or {}, language) for row in rows]
    joint = np.array([bool(row.get("joint", False)) for row in rows], bool)
    data: list[dict[str, Any]] = []
    sides = (
        ("low", LOW_COLOUR, "", False),
        ("high", HIGH_COLOUR, "/", False),
        ("low", JOINT_COLOUR, ".", True),
        ("high", JOINT_COLOUR, ".", True),
    )
    for side, colour, pattern, together in sides:
        here = np.flatnonzero(joint == together)
        if together and not len(here):
            continue
        result = top[f"{side}_result"].to_numpy(dtype=float)[here]
        fill = {"shape": pattern, "size": 7, "fillmode": "overlay", "fgcolor": "#00402F" if together else "#5C3D00"}
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": [names[i] for i in here],
                "base": base,
                "x": result - base,
                "customdata": result,
                "name": say("joint_range" if together else f"at_{side}", language),
                "marker": {"color": colour, "pattern": fill, "line": {"color": INK, "width": 0.6}},
                "showlegend": not together or side == "low",
                "hovertemplate": f"%{{customdata:{digits}}}<extra>%{{fullData.name}}</extra>",
            }
        )
    line = {
        "type": "line",
        "x0": base,
        "x1": base,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": INK, "width": 1.5},
    }
    flags = [(turns(r), "changes_mark") for r in rows]
    flags += [(bool(r.get("changes_quadrant")), "quadrant_mark") for r in rows]
    marks = dict.fromkeys(say(key, language) for flag, key in flags if flag)
    title = ". ".join([measure, *marks]) if with_marks else measure
    lines = max((name.count("<br>") + 1 for name in names), default=1)
    below = 16 * folded(title, _FOLD).count("<br>") if with_marks else 0
    figure = go.Figure(
        data,
        layout(
            language,
            below + 110 + (6 + 15 * max(lines, 2)) * max(len(names), 2),
            barmode="overlay",
            bargap=0.3,
            shapes=[line],
            xaxis=axis(title, fold=_FOLD, tickformat=digits, nticks=5),
            yaxis=axis(
                "",
                autorange="reversed",
                showgrid=False,
                ticks="",
                tickfont={"size": 12},
                categoryorder="array",
                categoryarray=names,
            ),
        ),
    )
    caption = tornado_caption(table, base, measure, language, labels=labels or {}, most=most)
    return described(figure, say("tornado", language), caption)


def tornado_caption(
    table: pd.DataFrame, base: float, measure: str, language: str, *, labels: Mapping[str, Label], most: int = MOST_BARS
) -> str:
    """What a tornado shows, which parameters do not move it, and what its marks mean."""
    moves = moving(table, base)
    total = int(moves.sum())
    key = "caption_tornado_draws" if table.attrs.get("conditional") else "caption_tornado"
    text = say(key, language, measure=measure, shown=min(total, most), total=total)
    still = [label_of(labels, str(name), language) for name in table["name"][~moves]]
    if still and total:
        text += " " + say("caption_unmoved", language, names=", ".join(still[:MOST_NAMED]))
        more = len(still) - MOST_NAMED
        text += f" {say('caption_unmoved_more', language, count=more)}." if more > 0 else "."
    marks = {
        "changes_mark": any(turns(row) for row in table.to_dict("records")),
        "quadrant_mark": "changes_quadrant" in table and table["changes_quadrant"].any(),
        "caption_joint": "joint" in table and table["joint"].any(),
    }
    return text + "".join(f" {say(key, language)}." for key, there in marks.items() if there)


def _name(row: dict[Any, Any], labels: Mapping[str, Label], language: str) -> str:
    """The parameter with its two values or the number drawn together, and its marks."""
    mark = ("◆ " if turns(row) else "") + ("◇ " if row.get("changes_quadrant") else "")
    name = folded(label_of(labels, str(row["name"]), language), 26)
    if row.get("joint"):
        return f"{mark}{name}<br>{safe(say('joint_members', language, number=row['members']))}"
    low, high = (str(row.get(f"{end}_label") or write_number(row[f"{end}_value"], language)) for end in ("low", "high"))
    unit = str(row.get("unit") or "").partition(" (")[0]
    unit_text = "" if unit in PLAIN_UNITS else f" {parameter_unit(unit, language)}"
    return f"{mark}{name}<br>{safe(low)} – {safe(high)}{safe(unit_text)}"
