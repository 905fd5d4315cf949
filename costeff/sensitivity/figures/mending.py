"""Which stage of a delivery is worth mending: what each part of each stage gives, with its simulation error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import count_of, reach, with_intervals
from costeff.reporting.numbers import currency_name, write_money, write_number
from costeff.reporting.style import AXIS, OKABE_ITO, axis, described, folded, label_of, layout
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def mending(
    table: pd.DataFrame, labels: Mapping[str, Label], stages: Mapping[str, Label], language: str = "en"
) -> go.Figure:
    """A bar for each row of `costeff.sensitivity.mending.mending`, as long as the net benefit that it gives.

    x: gain in currency per individual, with 95 % simulation error; beside each bar by how many more percent of people
    the last stage is reached. `labels` are those of strategies, `stages` those of stages.
    """
    import plotly.graph_objects as go

    about = table.attrs
    rows = [_row(str(stage), str(part), stages, language) for stage, part in table[["stage", "part"]].values.tolist()]
    half = reach(table["gain_mcse"], count_of(about))
    more = [write_number(100 * share, language, decimals=1) for share in table["reached"]]
    note = say("mending_more", language, percent="%{customdata}")
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": table["gain"].to_numpy(float),
        "y": rows,
        "customdata": more,
        "error_x": {"type": "data", "array": half, "color": AXIS, "thickness": 1.5},
        "marker": {"color": [OKABE_ITO[1] if stage == "all" else OKABE_ITO[0] for stage in table["stage"]]},
        "hovertemplate": f"%{{y}}: %{{x:,.0f}}; {note}<extra></extra>",
    }
    edge = float(np.nanmax(np.append(table["gain"].to_numpy(float) + np.nan_to_num(half), 0.0), initial=0.0))
    notes = {
        "type": "scatter",
        "mode": "text",
        "x": np.full(len(rows), edge),
        "y": rows,
        "text": ["  " + say("mending_more", language, percent=percent) for percent in more],
        "textposition": "middle right",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    words = layout(
        language,
        150 + 34 * len(rows),
        margin={"l": 60, "r": 210, "t": 16, "b": 56},
        showlegend=False,
        xaxis=axis(_title(table, labels, language), fold=60, tickformat=",.0f", nticks=5, zerolinewidth=2),
        yaxis=axis("", autorange="reversed", ticks="", zeroline=False),
    )
    last = label_of(stages, str(about["last_stage"]), language)
    caption = say("shows_mending", language, stage=last)
    shows = with_intervals(caption, half, about, language, "line_interval")
    return described(go.Figure([bars, notes], words), say("title_mending", language), shows)


def _row(stage: str, part: str, stages: Mapping[str, Label], language: str) -> str:
    name = say("mending_all_stages", language) if stage == "all" else label_of(stages, stage, language)
    return name if stage == "all" else folded(f"{name}: {say(f'mending_{part}', language)}", 34)


def _title(table: pd.DataFrame, labels: Mapping[str, Label], language: str) -> str:
    about = table.attrs
    currency = str(about["currency"])
    strategy, like = (label_of(labels, str(about[key]), language) for key in ("strategy", "like"))
    return say(
        "axis_mending",
        language,
        strategy=strategy,
        like=like,
        currency=currency_name(currency, language),
        money=write_money(about["wtp"], language, currency=currency),
        unit=unit_name(str(about["effect_unit"]), language, plural=False),
    )
