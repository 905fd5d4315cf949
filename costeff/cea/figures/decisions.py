"""Decisions beyond one perspective and the mean: expected loss, decision matrix, mixed strategies, risk aversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.measure_words import error_words, measured, per_whom, wtp_title
from costeff.reporting.numbers import currency_name, write_money, write_percent
from costeff.reporting.style import (
    AXIS,
    DASHES,
    INK,
    OKABE_ITO,
    all_strategies,
    axis,
    curve,
    described,
    folded,
    label_of,
    layout,
    safe,
    strategy_looks,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


_HOVER = "%{x:,.4~r}: %{y:,.0f}<extra>%{fullData.name}</extra>"


def expected_loss(
    losses: xr.Dataset, labels: Mapping[str, Label], language: str = "en", *, height: int = 400
) -> go.Figure:
    """`costeff.cea.loss.expected_loss` over willingness to pay: the lowest curve is the best choice, and its EVPI.

    Drawn with individual noise removed when that is there. y: currency per individual.
    """
    import plotly.graph_objects as go

    noise_removed = "expected_loss_noise_corrected" in losses
    names = [str(name) for name in losses["strategy"].values]
    looks = strategy_looks(all_strategies(losses.attrs, labels, names), str(losses.attrs["comparator"]))
    data = []
    for name in names:
        own, label, look = losses.sel(strategy=name), label_of(labels, name, language), looks[name]
        variable = "expected_loss_noise_corrected" if noise_removed else "expected_loss"
        text = say("corrected", language, strategy=label) if noise_removed else label
        data.append(curve(look, own["wtp"].values, own[variable].values, text, hovertemplate=_HOVER))
    currency, per = currency_name(str(losses.attrs["currency"]), language), per_whom(losses.attrs, language)
    money = say("axis_loss", language, currency=currency, per=per)
    figure = go.Figure(
        data,
        layout(
            language,
            height,
            showlegend=True,
            xaxis=axis(wtp_title(losses.attrs, language), tickformat=",.0f", rangemode="tozero", nticks=7),
            yaxis=axis(
                measured(money, losses.attrs, labels, language), tickformat=",.0f", rangemode="tozero", nticks=7
            ),
        ),
    )
    key = "caption_loss" if noise_removed else "caption_loss_raw"
    return described(figure, say("title_loss", language), say(key, language))


def decision_matrix(
    matrix: xr.Dataset, labels: Mapping[str, Label], language: str = "en", *, height: int | None = None
) -> go.Figure:
    """`costeff.cea.decision_matrix` as a table of colours: who prefers what at which willingness to pay.

    A cell has the colour and the name of the preferred strategy, how far it is ahead per individual, and how often it
    is best. Pale with a star: its error could turn it. At most a few values of willingness to pay are legible.
    """
    import plotly.graph_objects as go

    comparator = str(matrix.attrs["comparator"])
    choices = matrix["preferred"].values.astype(str)
    looks = strategy_looks(all_strategies(matrix.attrs, labels, choices.ravel()), comparator)
    currency = str(matrix.attrs["currency"])
    columns = [safe(write_money(value, language)) for value in matrix["wtp"].values.tolist()]
    rows = [folded(label_of(labels, str(name), language), 24) for name in matrix["perspective"].values]
    shapes, notes = [], []
    wide, high = (14, 104) if len(columns) < 3 else (11, 120)  # characters in a line, and pixels in a row
    for i in range(len(rows)):
        for w in range(len(columns)):
            cell = matrix.isel(perspective=i, wtp=w)
            sure, name = bool(cell["settled"]), str(choices[i, w])
            shapes.append(
                {
                    "type": "rect",
                    "x0": w - 0.49,
                    "x1": w + 0.49,
                    "y0": i - 0.47,
                    "y1": i + 0.47,
                    "layer": "below",
                    "fillcolor": looks[name]["colour"],
                    "opacity": 0.30 if sure else 0.10,
                    "line": {
                        "width": 2 if sure else 1,
                        "color": looks[name]["colour"],
                        "dash": "solid" if sure else "dot",
                    },
                }
            )
            money = write_money(cell["lead"].item(), language, currency=currency, error=cell["lead_mcse"].item())
            ahead = say("tied_cell", language) if cell["tied"].item() else say("lead", language, money=money)
            often = say("likely", language, probability=write_percent(cell["probability"].item(), language))
            lines = [
                f"<b>{folded(label_of(labels, name, language), wide)}</b>",
                folded(ahead, wide),
                folded(often, wide),
            ]
            if not sure and not cell["tied"].item():
                lines.append(f"* {safe(say('unsettled_cell', language))}")
            notes.append(
                {
                    "name": "cell",
                    "x": w,
                    "y": i,
                    "text": "<br>".join(lines),
                    "showarrow": False,
                    "font": {"size": 12, "color": INK},
                }
            )
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": np.tile(np.arange(len(columns)), len(rows)),
        "y": np.repeat(np.arange(len(rows)), len(columns)),
        "marker": {"opacity": 0},
        "hoverinfo": "skip",
    }
    ticks: dict[str, Any] = {"tickmode": "array", "showgrid": False, "zeroline": False, "ticks": ""}
    figure = go.Figure(
        [points],
        layout(
            language,
            height or 90 + high * len(rows),
            showlegend=False,
            shapes=shapes,
            annotations=notes,
            xaxis=axis(
                wtp_title(matrix.attrs, language),
                tickvals=list(range(len(columns))),
                ticktext=columns,
                range=[-0.55, len(columns) - 0.45],
                **ticks,
            ),
            yaxis=axis("", tickvals=list(range(len(rows))), ticktext=rows, range=[len(rows) - 0.45, -0.55], **ticks),
        ),
    )
    shows = say("shows_matrix", language, error=error_words(matrix.attrs, language))
    return described(figure, say("title_matrix", language), shows)


def mixed_strategy(
    mix: xr.Dataset, labels: Mapping[str, Label], language: str = "en", *, height: int = 400
) -> go.Figure:
    """`costeff.cea.mixed.mixed_strategy` by willingness to pay: what the mix and not knowing lose, and both."""
    import plotly.graph_objects as go

    looks = {
        "loss": (say("mixed_loss", language), OKABE_ITO[0]),
        "evpi": (say("mixed_evpi", language), OKABE_ITO[1]),
        "expected_loss": (say("mixed_total", language), INK),
    }
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": mix["wtp"].values,
            "y": mix[name].values,
            "name": safe(text),
            "line": {"color": colour, "dash": DASHES[i], "width": 2.5},
            "hovertemplate": _HOVER,
        }
        for i, (name, (text, colour)) in enumerate(looks.items())
    ]
    shares = ", ".join(
        f"{label_of(labels, str(name), language)} {write_percent(share, language)}"
        for name, share in zip(mix["strategy"].values, mix["share"].values.tolist(), strict=True)
        if share
    )
    note = {
        "text": folded(say("mix_of", language, shares=shares), 60),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
        "bgcolor": "rgba(255,255,255,0.8)",
        "font": {"color": "#595959"},
        "align": "left",
    }
    currency, per = currency_name(str(mix.attrs["currency"]), language), per_whom(mix.attrs, language)
    money = say("axis_mixed", language, currency=currency, per=per)
    top = 1.18 * float(mix["expected_loss"].max()) or 1.0
    figure = go.Figure(
        data,
        layout(
            language,
            height,
            showlegend=True,
            annotations=[note],
            xaxis=axis(wtp_title(mix.attrs, language), tickformat=",.0f", rangemode="tozero", nticks=7),
            yaxis=axis(measured(money, mix.attrs, labels, language), tickformat=",.0f", range=[0, top], nticks=7),
        ),
    )
    return described(figure, say("title_mixed", language), say("shows_mixed", language))


def risk_aversion(
    equivalents: xr.Dataset, labels: Mapping[str, Label], language: str = "en", *, wtp: float, height: int = 400
) -> go.Figure:
    """`costeff.cea.risk_aversion` at one willingness to pay: above 0 a strategy is better than the comparator.

    x: risk aversion, per unit of currency; y: certainty equivalent less the comparator's, currency per individual.
    """
    import plotly.graph_objects as go

    comparator = str(equivalents.attrs["comparator"])
    names = [str(name) for name in equivalents["strategy"].values]
    looks = strategy_looks(all_strategies(equivalents.attrs, labels, names), comparator)
    own = equivalents.sel(wtp=wtp)
    data = []
    for name in names:
        look, line = looks[name], own["incremental_certainty_equivalent"].sel(strategy=name)
        label = label_of(labels, name, language)
        data.append(curve(look, equivalents["aversion"].values, line.values, label, hovertemplate=_HOVER))
    currency = currency_name(str(equivalents.attrs["currency"]), language)
    measure = say(
        "axis_certain",
        language,
        currency=currency,
        strategy=label_of(labels, comparator, language),
        per=per_whom(equivalents.attrs, language),
    )
    figure = go.Figure(
        data,
        layout(
            language,
            height,
            showlegend=True,
            xaxis=axis(
                say("axis_aversion", language, currency=currency), tickformat=",~r", rangemode="tozero", nticks=7
            ),
            yaxis=axis(
                measured(measure, equivalents.attrs, labels, language),
                tickformat=",.0f",
                nticks=7,
                zerolinewidth=2,
                zerolinecolor=AXIS,
            ),
        ),
    )
    base = label_of(labels, comparator, language)
    return described(figure, say("title_risk", language), say("shows_risk", language, strategy=base))
