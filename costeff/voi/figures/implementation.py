"""Value of implementation as four bars and more, and information by who decides and who gains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import count_of, reach, with_intervals
from costeff.reporting.measure_words import NO_PERSPECTIVE, seen_from
from costeff.reporting.numbers import currency_name, write_number
from costeff.reporting.style import INK, OKABE_ITO, PATTERNS, axis, described, folded, label_of, layout, safe
from costeff.voi.decision_makers import ALL_PARAMETERS

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


def implementation(
    table: xr.Dataset, language: str = "en", *, wtp: float, labels: Mapping[str, Label] | None = None, height: int = 380
) -> go.Figure:
    """`costeff.voi.implementation` at one willingness to pay: three degrees of it, under both informations.

    y: expected net benefit per decision above `otherwise` for everyone, currency, with 95 % Monte Carlo bars.
    """
    import plotly.graph_objects as go

    here = table.sel(wtp=wtp)
    names = [say(f"implementation_{name}", language) for name in here["implementation"].values]
    data = []
    half = reach(here["value_mcse"].transpose("information", "implementation").values, count_of(table.attrs))
    for i, information in enumerate(here["information"].values.tolist()):
        value = here["value"].sel(information=information).values
        data.append(_bars(names, value, half[i], say(f"information_{information}", language), i))
    currency = currency_name(str(table.attrs["currency"]), language)
    rest = label_of(labels or {}, str(table.attrs["otherwise"]), language)
    title = say("axis_implementation", language, strategy=rest, currency=currency)
    title = seen_from(title, table.attrs, labels or {}, language, wtp)
    figure = go.Figure(data, _layout(title, language, height))
    caption = f"{say('shows_implementation', language)} {_of_perfect(here, labels or {}, language, currency)}"
    shows = with_intervals(caption, half, table.attrs, language, "line_interval")
    return described(figure, say("title_implementation", language), shows)


def _of_perfect(here: xr.Dataset, labels: Mapping[str, Label], language: str, currency: str) -> str:
    """What perfect implementation gains from: giving the best to more people, or stopping the others; and the rest."""
    best = label_of(labels, str(here["preferred"].values), language)
    kind = str(here["gain_from"].values)
    if kind == "implementing" and str(here["preferred_delivery"].values) == "today":
        kind = "implementing_today"
    as_planned = write_number(round(float(here["as_planned"])), language)
    return (
        f"{say(f'gain_from_{kind}', language, strategy=best)} "
        f"{say('gain_as_planned', language, amount=as_planned, currency=currency)}"
    )


def by_decision_maker(
    table: xr.Dataset, labels: Mapping[str, Label], language: str = "en", *, wtp: float | None = None, height: int = 400
) -> go.Figure:
    """`costeff.voi.decision_makers.by_decision_maker`: for each who decides, what information is worth to each party.

    y: currency per decision, with 95 % Monte Carlo bars; below zero where one party's good news costs another.
    `wtp` says in the title which willingness to pay it is at.
    """
    import plotly.graph_objects as go

    parties = {str(name): label_of(labels, str(name), language) for name in table["decides"].values}
    where = [say("decided_by", language, name=name) for name in parties.values()]
    data = []
    half = reach(table["information_mcse"].transpose("decides", "values").values, count_of(table.attrs))
    for i, (name, label) in enumerate(parties.items()):
        gain = table["information"].sel(values=name).values
        data.append(_bars(where, gain, half[:, i], say("gain_of", language, name=label), i))
    currency = currency_name(str(table.attrs["currency"]), language)
    title = say("axis_gain_informed", language, currency=currency)
    about = {**table.attrs, "perspective": NO_PERSPECTIVE}  # they stand in the figure
    figure = go.Figure(data, _layout(seen_from(title, about, {}, language, wtp), language, height))
    caption = f"{say('shows_deciders', language)} {_information(table, language)}"
    shows = with_intervals(caption, half, table.attrs, language, "line_interval")
    return described(figure, say("title_deciders", language), shows)


def _information(table: xr.Dataset, language: str) -> str:
    """What the one who decides comes to know: everything, some parameters, or the data of a study."""
    if "participants" in table.attrs:
        number = write_number(float(table.attrs["participants"]), language)
        return say("information_study", language, number=number)
    if table.attrs["about"] == ALL_PARAMETERS:
        return say("information_all", language)
    return say("information_some", language, names=table.attrs["about"])


def _bars(names: list[str], value: np.ndarray, half: np.ndarray, label: str, i: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": [folded(name, 18) for name in names],
        "y": value,
        "name": safe(label),
        "marker": {"color": OKABE_ITO[i % len(OKABE_ITO)], "pattern": {"shape": PATTERNS[i % len(PATTERNS)]}},
        "error_y": {"type": "data", "array": half, "color": INK, "thickness": 1.2},
        "hovertemplate": "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>",
    }


def _layout(title: str, language: str, height: int) -> dict[str, Any]:
    return layout(
        language,
        height,
        showlegend=True,
        barmode="group",
        bargap=0.3,
        bargroupgap=0.08,
        xaxis=axis("", showgrid=False, ticks="", type="category"),
        yaxis=axis(title, tickformat=",.0f", rangemode="tozero", nticks=7),
    )
