"""Scenarios side by side: the result of each base case under every perspective, with its simulation error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import count_of, reach, with_intervals
from costeff.reporting.numbers import currency_name, write_money
from costeff.reporting.style import AXIS, MARKERS, OKABE_ITO, axis, described, folded, label_of, layout, safe
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def scenarios(
    table: pd.DataFrame,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    titles: Mapping[str, Label] | None = None,
    height: int | None = None,
) -> go.Figure:
    """A study's `scenario_table`: a row for each perspective, a marker for each scenario, with 95 % simulation error.

    x: incremental net benefit where a willingness to pay is known, else incremental net cost, currency per individual.
    `labels` are those of perspectives and strategies, `titles` those of scenarios. The line at 0 parts gain and loss.
    """
    import plotly.graph_objects as go

    benefit = bool(table["net_benefit"].notna().all())
    value, error = ("net_benefit", "benefit_mcse") if benefit else ("incremental_cost", "cost_mcse")
    views = list(dict.fromkeys(table["perspective"].astype(str)))
    names = list(dict.fromkeys(table["scenario"].astype(str)))
    rows = {view: folded(label_of(labels, view, language), 24) for view in views}
    data: list[dict[str, Any]] = []
    half = reach(table[error], count_of(table.attrs))
    for i, name in enumerate(names):
        own = table.assign(half=half)[table["scenario"] == name].set_index("perspective").loc[views]
        away = (i - (len(names) - 1) / 2) * 0.7 / max(len(names), 3)  # side by side, so that none hides another
        colour = OKABE_ITO[i % len(OKABE_ITO)]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": own[value].to_numpy(float),
                "y": np.arange(len(views)) + away,
                "name": safe(label_of(titles or {}, name, language)),
                "text": [rows[view] for view in views],
                "marker": {"color": colour, "symbol": MARKERS[i % len(MARKERS)], "size": 10},
                "error_x": {"type": "data", "array": own["half"].to_numpy(float), "color": colour, "thickness": 1.5},
                "hovertemplate": "%{text}: %{x:,.0f}<extra>%{fullData.name}</extra>",
            }
        )
    figure = go.Figure(
        data,
        layout(
            language,
            height or 130 + max(30, 17 * len(names)) * max(len(views), 2),
            showlegend=True,
            xaxis=axis(
                _title(table, labels, benefit, language),
                fold=38,
                tickformat=",.0f",
                nticks=5,
                zerolinewidth=2,
                zerolinecolor=AXIS,
                rangemode="tozero",
            ),
            yaxis=axis(
                "",
                tickmode="array",
                tickvals=list(range(len(views))),
                ticktext=list(rows.values()),
                range=[len(views) - 0.5, -0.5],
                zeroline=False,
                ticks="",
            ),
        ),
    )
    shows = with_intervals(say("shows_scenarios", language), half, table.attrs, language, "line_interval")
    return described(figure, say("title_scenarios", language), shows)


def _title(table: pd.DataFrame, labels: Mapping[str, Label], benefit: bool, language: str) -> str:
    about = table.attrs
    currency = str(about["currency"])
    strategy, comparator = (label_of(labels, str(about[key]), language) for key in ("strategy", "comparator"))
    return say(
        "scenario_net_benefit" if benefit else "scenario_net_cost",
        language,
        strategy=strategy,
        comparator=comparator,
        currency=currency_name(currency, language),
        money=write_money(about["wtp"], language, currency=currency) if benefit else "",
        unit=unit_name(str(about["effect_unit"]), language, plural=False),
    )
