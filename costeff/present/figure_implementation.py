"""Value of implementation as four bars and more, and information by who decides and who gains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.model.elements import Label
from costeff.present.measure_words import UNNAMED, seen_from
from costeff.present.numbers import currency_name
from costeff.present.style import INK, OKABE_ITO, PATTERNS, axis, described, folded, label_of, layout, safe
from costeff.present.terms import term

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr

_BAND = 1.96


def implementation(
    table: xr.Dataset,
    language: str = "en",
    *,
    wtp: float,
    labels: Mapping[str, Label] | None = None,
    height: int = 380,
) -> go.Figure:
    """`costeff.economics.implementation` at one willingness to pay: three degrees of it, under both informations.

    y: expected net benefit per decision above `otherwise` for everyone, currency, with 95 % Monte Carlo bars.
    """
    import plotly.graph_objects as go

    here = table.sel(wtp=wtp)
    names = [term(f"implementation_{name}", language) for name in here["implementation"].values]
    data = []
    for i, known in enumerate(here["information"].values.tolist()):
        own = here.sel(information=known)
        data.append(_bars(names, own["value"].values, own["value_mcse"].values,
                          term(f"information_{known}", language), i))  # fmt: skip
    currency = currency_name(str(table.attrs["currency"]), language)
    rest = label_of(labels or {}, str(table.attrs["otherwise"]), language)
    title = term("axis_implementation", language, strategy=rest, currency=currency)
    title = seen_from(title, table.attrs, labels or {}, language, wtp)
    figure = go.Figure(data, _layout(title, language, height))
    return described(figure, term("title_implementation", language), term("shows_implementation", language))


def by_decision_maker(
    table: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float | None = None,
    height: int = 400,
) -> go.Figure:
    """`costeff.economics.by_decision_maker`: for each who decides, what information is worth to each party.

    y: currency per decision, with 95 % Monte Carlo bars; below zero where one party's good news costs another.
    `wtp` says in the title which willingness to pay it is at.
    """
    import plotly.graph_objects as go

    parties = {str(name): label_of(labels, str(name), language) for name in table["decides"].values}
    where = [term("decided_by", language, name=name) for name in parties.values()]
    data = []
    for i, (name, label) in enumerate(parties.items()):
        own = table.sel(values=name)
        data.append(_bars(where, own["information"].values, own["information_mcse"].values,
                          term("gain_of", language, name=label), i))  # fmt: skip
    currency = currency_name(str(table.attrs["currency"]), language)
    title = term("axis_gain_informed", language, currency=currency)
    about = {**table.attrs, "perspective": UNNAMED}  # they stand in the figure
    figure = go.Figure(data, _layout(seen_from(title, about, {}, language, wtp), language, height))
    return described(figure, term("title_deciders", language), term("shows_deciders", language))


def _bars(names: list[str], value: Any, error: Any, label: str, i: int) -> dict[str, Any]:
    return {
        "type": "bar", "x": [folded(name, 18) for name in names], "y": value, "name": safe(label),
        "marker": {"color": OKABE_ITO[i % len(OKABE_ITO)], "pattern": {"shape": PATTERNS[i % len(PATTERNS)]}},
        "error_y": {"type": "data", "array": _BAND * error, "color": INK, "thickness": 1.2},
        "hovertemplate": "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>",
    }  # fmt: skip


def _layout(title: str, language: str, height: int) -> dict[str, Any]:
    return layout(
        language, height, showlegend=True, barmode="group", bargap=0.3, bargroupgap=0.08,
        xaxis=axis("", showgrid=False, ticks="", type="category"),
        yaxis=axis(title, tickformat=",.0f", rangemode="tozero", nticks=7),
    )  # fmt: skip
