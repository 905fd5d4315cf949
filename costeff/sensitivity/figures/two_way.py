"""Two-way sensitivity: a heat map of the result over two parameters, with the strategy preferred in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.measure_words import base_words, digits_of, level_ticks, more_is_better
from costeff.reporting.style import (
    COMPARATOR_COLOUR,
    INK,
    OKABE_ITO,
    all_strategies,
    axis,
    described,
    folded,
    label_of,
    layout,
    safe,
)
from costeff.reporting.style import strategy_looks as looks_of
from costeff.reporting.unit_names import titled

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


BELOW, ABOVE = OKABE_ITO[0], OKABE_ITO[1]


def two_way(
    grid: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    parameters: Mapping[str, Label] | None = None,
    measure: str | None = None,
    height: int = 520,
) -> go.Figure:
    """A study's `two_way`: blue is good for the strategy (net cost below 0, net benefit above), orange bad, white 0.

    Cells without a result, of a table that has no draws near them, stay empty.

    A marker in each cell says what is preferred; the star is the base case. x is the first parameter, y the second,
    with their units. `labels` are the strategies', `parameters` those of parameters; `measure` takes the place of the
    grid's own words.
    """
    import plotly.graph_objects as go

    first, second = (str(name) for name in grid["result"].dims)
    x, y = grid[first].values, grid[second].values
    z = grid["result"].values.T
    measure_words = measure or str(grid.attrs[f"measure_{language}"])
    low, high = (ABOVE, BELOW) if more_is_better(grid.attrs) else (BELOW, ABOVE)
    most = float(np.nanmax(np.abs(z), initial=0.0)) or 1.0
    digits = digits_of(grid.attrs)
    heat = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": z,
        "zmin": -most,
        "zmax": most,
        "colorscale": [[0, low], [0.5, "#FFFFFF"], [1, high]],
        "xgap": 1,
        "ygap": 1,
        "colorbar": {
            "title": {"text": folded(measure_words, 44), "side": "right", "font": {"size": 13}},
            "tickformat": digits,
            "outlinewidth": 0.5,
        },
        "hovertemplate": f"%{{x:,.4~r}} / %{{y:,.4~r}}: %{{z:{digits}}}<extra></extra>",
    }
    data: list[dict[str, Any]] = [heat, *_preferred(grid, first, second, labels, language)]
    base = {
        "type": "scatter",
        "mode": "markers",
        "x": [grid.attrs["base_first"]],
        "y": [grid.attrs["base_second"]],
        "name": safe(base_words(grid.attrs, language)),
        "cliponaxis": False,
        "marker": {"symbol": "star", "size": 17, "color": OKABE_ITO[6], "line": {"color": INK, "width": 1.5}},
        "hovertemplate": "%{x:,.4~r} / %{y:,.4~r}<extra>%{fullData.name}</extra>",
    }
    levels = [grid.attrs.get(f"labels_{i}", ()) for i in (1, 2)]
    plain: dict[str, Any] = {
        "showgrid": False,
        "zeroline": False,
        "nticks": 8,
        "exponentformat": "none",
        "separatethousands": True,
    }
    # the mean of levels is no level, so that the star has no place
    figure = go.Figure(
        data if any(levels) else [*data, base],
        layout(
            language,
            height,
            showlegend=True,
            xaxis=axis(_title(grid, parameters or {}, first, 1, language), **plain | level_ticks(x, levels[0])),
            yaxis=axis(_title(grid, parameters or {}, second, 2, language), **plain | level_ticks(y, levels[1])),
        ),
    )
    name = label_of(labels, str(grid.attrs["strategy"]), language) if "strategy" in grid.attrs else ""
    title = say("title_two_way", language, strategy=name).removesuffix(": ")
    return described(figure, title, say("shows_two_way", language, measure=measure_words))


def _preferred(
    grid: xr.Dataset, first: str, second: str, labels: Mapping[str, Label], language: str
) -> list[dict[str, Any]]:
    """A marker in the middle of each cell, one series for each strategy that is preferred anywhere."""
    best_strategies = grid["preferred"].values
    names = [str(name) for name in np.unique(best_strategies) if name]  # a cell without draws nearby prefers nobody
    looks = looks_of(all_strategies(grid.attrs, labels, names), str(grid.attrs["comparator"]))
    series = []
    for name in names:
        look = looks.get(name, {"marker": "circle", "colour": COMPARATOR_COLOUR})
        i, j = np.nonzero(best_strategies == name)
        series.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": grid[first].values[i],
                "y": grid[second].values[j],
                "name": safe(say("prefers", language, strategy=label_of(labels, name, language))),
                "hoverinfo": "skip",
                "cliponaxis": False,
                "marker": {
                    "symbol": look["marker"],
                    "size": 9,
                    "color": look["colour"],
                    "line": {"color": "#FFFFFF", "width": 1},
                },
            }
        )
    return series


def _title(grid: xr.Dataset, labels: Mapping[str, Label], name: str, number: int, language: str) -> str:
    return titled(label_of(labels, name, language), str(grid.attrs.get(f"unit_{number}") or ""), language)
