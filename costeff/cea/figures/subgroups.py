"""Results by subgroup: the incremental net benefit within each, with the spread over draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.measure_words import seen_from
from costeff.reporting.numbers import currency_name, write_percent
from costeff.reporting.style import (
    AXIS,
    all_strategies,
    axis,
    described,
    folded,
    label_of,
    layout,
    safe,
    strategy_looks,
)

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def subgroups(
    table: pd.DataFrame, labels: Mapping[str, Label], language: str = "en", *, wtp: float, height: int | None = None
) -> go.Figure:
    """Results by subgroup at one willingness to pay (one of the table's): right of 0 the strategy is better.

    A row for each subgroup, with its share of people; a marker for each strategy beside the comparator, whose whiskers
    hold 95 % of the draws. x: incremental net benefit, currency per individual of the subgroup. `labels` are those of
    strategies, subgroups and perspectives.
    """
    import plotly.graph_objects as go

    here = table[table["wtp"] == wtp]
    groups = list(dict.fromkeys(here["subgroup"].astype(str)))
    share = here.drop_duplicates("subgroup").set_index("subgroup")["share"]
    rows = [
        f"{folded(label_of(labels, name, language), 28)}<br>{safe(write_percent(share[name], language))}"
        for name in groups
    ]
    comparator = str(table.attrs["comparator"])
    names = list(dict.fromkeys(here["strategy"].astype(str)))
    looks = strategy_looks(all_strategies(table.attrs, labels, names), comparator)
    data: list[dict[str, Any]] = []
    for i, name in enumerate(names):
        own = here[here["strategy"] == name].set_index("subgroup").loc[groups]
        x = own["incremental_nmb"].to_numpy(float)
        away = (i - (len(names) - 1) / 2) * 0.6 / max(len(names), 3)
        look = looks[name]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": x,
                "y": np.arange(len(groups)) + away,
                "text": rows,
                "name": safe(label_of(labels, name, language)),
                "marker": {"color": look["colour"], "symbol": look["marker"], "size": 11},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": own["upper"].to_numpy(float) - x,
                    "arrayminus": x - own["lower"].to_numpy(float),
                    "color": look["colour"],
                    "thickness": 1.8,
                },
                "hovertemplate": "%{text}: %{x:,.0f}<extra>%{fullData.name}</extra>",
            }
        )
    currency = currency_name(str(table.attrs["currency"]), language)
    title = say("axis_subgroup", language, currency=currency, strategy=label_of(labels, comparator, language))
    figure = go.Figure(
        data,
        layout(
            language,
            height or 150 + max(44, 20 * len(names)) * max(len(groups), 2),
            showlegend=True,
            xaxis=axis(
                seen_from(title, table.attrs, labels, language, wtp),
                tickformat=",.0f",
                nticks=7,
                zerolinewidth=2,
                zerolinecolor=AXIS,
                rangemode="tozero",
            ),
            yaxis=axis(
                "",
                tickmode="array",
                tickvals=list(range(len(groups))),
                ticktext=rows,
                zeroline=False,
                ticks="",
                range=[len(groups) - 0.5, -0.5],
            ),
        ),
    )
    base = label_of(labels, comparator, language)
    shows = say("shows_subgroups", language, strategy=base)
    return described(figure, say("title_subgroups", language), shows)
