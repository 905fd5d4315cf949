"""Value of information: EVPI over willingness to pay, EVPPI as bars and curves, EVSI and ENBS over study size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.curves import groups_left_out
from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.bands import count_of, reach, with_intervals
from costeff.reporting.measure_words import seen_from
from costeff.reporting.numbers import currency_name, write_money, write_number
from costeff.reporting.style import AXIS, DASHES, GRID, INK, OKABE_ITO, axis, described, folded, label_of, layout, safe
from costeff.reporting.unit_names import unit_name
from costeff.voi.evppi import cut_at_bounds

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr


_HOVER = "%{x:,.0f}: %{y:,.0f}<extra>%{fullData.name}</extra>"
_DENSE = 10  # fewer points are marked: the straight lines between them are no results


def evpi(
    information: xr.Dataset, language: str = "en", *, labels: Mapping[str, Label] | None = None, height: int = 360
) -> go.Figure:
    """`costeff.voi.evpi`'s curve with its 95 % Monte Carlo band; thick with individual noise removed.

    x: willingness to pay, currency per unit of effect; y: value per decision, currency, with the perspective, whose
    name is looked up in `labels`. At a single willingness to pay the value is a bar with its number, not a curve.
    """
    import plotly.graph_objects as go

    if len(information["wtp"]) == 1:
        return _one_evpi(information, labels or {}, language)
    data: list[dict[str, Any]] = []
    if "evpi_noise_corrected" in information:
        data += _band(information, "evpi_noise_corrected", say("evpi_corrected", language), OKABE_ITO[0], "solid")
        data += _band(information, "evpi", say("evpi_raw", language), OKABE_ITO[1], "dash")
    else:
        data += _band(information, "evpi", say("evpi", language), OKABE_ITO[0], "solid")
    data.sort(key=lambda trace: "fill" not in trace)  # no band over another one's curve
    figure = go.Figure(data, _axes(information, labels or {}, language, height))
    shows = with_intervals(say("shows_evpi", language), _half(information, "evpi"), information.attrs, language)
    return described(figure, say("title_evpi", language), shows)


def _one_evpi(information: xr.Dataset, labels: Mapping[str, Label], language: str) -> go.Figure:
    """The value at one willingness to pay, and with the luck of individuals where both are known."""
    import plotly.graph_objects as go

    here, wtp = information.isel(wtp=0), float(information["wtp"].values[0])
    kinds = (("evpi_noise_corrected", "evpi_corrected"), ("evpi", "evpi_raw"))
    variables = [(name, key) for name, key in kinds if name in here]
    variables = variables if len(variables) > 1 else [("evpi", "evpi")]
    value = np.array([float(here[name]) for name, _ in variables])
    error = np.nan_to_num([float(here[f"{name}_mcse"]) for name, _ in variables])
    half = np.array([float(_half(here, name)) for name, _ in variables])
    currency = str(information.attrs["currency"])
    amounts = [write_money(v, language, currency=currency, error=e) for v, e in zip(value, error, strict=True)]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": value,
        "marker": {"color": list(OKABE_ITO[: len(variables)])},
        "y": [
            f"{folded(say(key, language), 28)}<br><b>{safe(money)}</b>"
            for (_, key), money in zip(variables, amounts, strict=True)
        ],
        "error_x": {
            "type": "data",
            "array": half,
            "arrayminus": np.minimum(half, value),
            "color": INK,
            "thickness": 1.2,
        },
        "hovertemplate": "%{x:,.0f}<extra></extra>",
    }
    figure = go.Figure(
        [bar],
        layout(
            language,
            150 + 50 * len(variables),
            showlegend=False,
            bargap=0.35,
            xaxis=axis(_money(information, labels, language, wtp), tickformat=",.0f", rangemode="tozero", nticks=7),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks="", type="category"),
        ),
    )
    return described(
        figure,
        say("title_evpi", language),
        with_intervals(say("shows_evpi_one", language), half, information.attrs, language, "line_interval"),
    )


def evppi_curves(
    information: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    most: int = 6,
    height: int | None = None,
) -> go.Figure:
    """`costeff.voi.evppi` over willingness to pay, the `most` groups with the largest value; axes as `evpi`."""
    import plotly.graph_objects as go

    information = cut_at_bounds(information)
    data = []
    for i, at in enumerate(_largest(information)[:most].tolist()):
        own = information.isel(group=at)
        name = label_of(labels, str(information["group"].values[at]), language)
        data += _band(own, "evppi", name, OKABE_ITO[i % len(OKABE_ITO)], DASHES[i % len(DASHES)], band=False)
    # each long name takes a line of the legend
    lines = sum(len(str(trace["name"])) > 20 for trace in data)
    figure = go.Figure(data, _axes(information, labels, language, height or 380 + 20 * lines))
    return described(figure, say("title_evppi", language), say("shows_evppi_curves", language, most=len(data)))


def evppi_bars(
    information: xr.Dataset,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float,
    most: int = 15,
    height: int | None = None,
) -> go.Figure:
    """EVPPI of each group at one willingness to pay (one of the dataset's), largest first, with 95 % Monte Carlo bars.

    Groups whose value and error are both 0 are left out. `labels` are those of parameters, groups and perspectives.

    A pale bar with stripes marks a group whose regression was found inadequate.
    """
    import plotly.graph_objects as go

    here = cut_at_bounds(information).sel(wtp=[wtp])
    order = [at for at in _largest(here).tolist() if _some(here, at)][:most] or [int(_largest(here)[0])]
    top = here.isel(group=order, wtp=0)
    names = [folded(label_of(labels, str(name), language), 28) for name in top["group"].values]
    lines = 1 + max(name.count("<br>") for name in names)  # rows are equally high
    good = top["adequate"].values.astype(bool)
    value = top["evppi"].values
    half = _half(top, "evppi")
    below = np.minimum(half, value)  # a value of information is never negative
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": value,
        "y": names,
        "marker": {
            "color": [OKABE_ITO[0] if fine else OKABE_ITO[5] for fine in good],
            "pattern": {"shape": ["" if fine else "/" for fine in good]},
        },
        "error_x": {"type": "data", "array": half, "arrayminus": below, "color": INK, "thickness": 1.2},
        "hovertemplate": "%{y}: %{x:,.0f}<extra></extra>",
    }
    figure = go.Figure(
        [bar],
        layout(
            language,
            height or 110 + (10 + 16 * lines) * max(len(names), 3),
            showlegend=False,
            bargap=0.35,
            xaxis=axis(
                _money(information, labels, language, wtp), fold=38, tickformat=",.0f", rangemode="tozero", nticks=5
            ),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks="", type="category"),
        ),
    )
    shows = with_intervals(say("shows_evppi", language), half, information.attrs, language, "line_interval")
    if not good.all():
        shows += f" {say('shows_inadequate', language)}"
    return described(figure, say("title_evppi", language), shows)


def evsi(
    information: xr.Dataset,
    language: str = "en",
    *,
    wtp: float,
    labels: Mapping[str, Label] | None = None,
    height: int = 360,
) -> go.Figure:
    """`costeff.voi.evsi` over the number of participants at one willingness to pay (one of the dataset's).

    With its 95 % Monte Carlo band, and dotted the value of an endless study. y: value per decision, currency.
    """
    import plotly.graph_objects as go

    own = information.sel(wtp=wtp)
    x = own["participants"].values
    # from 0 on, so that the line is one where a single size was tried too
    limit = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, x.max()],
        "y": [float(own["evppi_limit"])] * 2,
        "name": safe(say("evsi_limit", language)),
        "line": {"color": AXIS, "dash": "dot", "width": 2},
        "hovertemplate": _HOVER,
    }
    limits = [limit] if np.isfinite(float(own["evppi_limit"])) else []
    data = _band(own, "evsi", say("evsi", language), OKABE_ITO[0], "solid", axis_name="participants")
    figure = go.Figure(
        [*data, *limits], _over_participants(_money(information, labels or {}, language, wtp), language, height)
    )
    kind = "band_interval" if len(x) > 1 else "line_interval"
    shows = with_intervals(say("shows_evsi", language), _half(own, "evsi"), own.attrs, language, kind)
    return described(figure, say("title_evsi", language), shows)


def enbs(
    information: xr.Dataset,
    language: str = "en",
    *,
    wtp: float,
    labels: Mapping[str, Label] | None = None,
    height: int = 360,
) -> go.Figure:
    """`costeff.voi.evsi.enbs` over the number of participants at one willingness to pay, the best size marked."""
    import plotly.graph_objects as go

    own = information.sel(wtp=wtp)
    data = _band(own, "enbs", say("enbs", language), OKABE_ITO[0], "solid", axis_name="participants", floor=False)
    best = float(own["best_participants"])
    if best > 0:
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [best],
                "y": [float(own["enbs"].sel(participants=best))],
                "text": [write_number(best, language)],
                "textposition": "top center",
                "showlegend": False,
                "hoverinfo": "skip",
                "marker": {"color": OKABE_ITO[1], "size": 10, "symbol": "diamond"},
                "cliponaxis": False,
            }
        )
    currency = currency_name(str(information.attrs["currency"]), language)
    title = seen_from(
        say("axis_population_value", language, currency=currency), information.attrs, labels or {}, language, wtp
    )
    figure = go.Figure(data, _over_participants(title, language, height))
    kind = "band_interval" if len(own["participants"]) > 1 else "line_interval"
    caption = say("shows_enbs" if best > 0 else "shows_enbs_none", language)
    shows = with_intervals(caption, _half(own, "enbs"), own.attrs, language, kind)
    return described(figure, say("title_enbs", language), shows)


def _over_participants(title: str, language: str, height: int) -> dict[str, Any]:
    return layout(
        language,
        height,
        showlegend=True,
        xaxis=axis(say("axis_participants", language), tickformat=",.0f", rangemode="tozero", nticks=7),
        yaxis=axis(title, tickformat=",.0f", rangemode="tozero", nticks=7),
    )


def _largest(information: xr.Dataset) -> np.ndarray:
    return np.argsort(-information["evppi"].max("wtp").values, kind="stable")


def _some(here: xr.Dataset, at: int) -> bool:
    """Whether there is any value, or any doubt of it, to draw."""
    return bool((here["evppi"][at] > 0).any() or (here["evppi_mcse"][at] > 0).any())


def _band(
    own: xr.Dataset,
    variable: str,
    name: str,
    colour: str,
    dash: str,
    *,
    band: bool = True,
    axis_name: str = "wtp",
    floor: bool = True,
) -> list[dict[str, Any]]:
    """One curve over `axis_name` and, when `band`, its 95 % Monte Carlo band, cut at 0 when `floor`."""
    x, y = own[axis_name].values, own[variable].values
    one = len(x) == 1
    line = {
        "type": "scatter",
        "mode": "lines+markers" if len(x) < _DENSE else "lines",
        "x": x,
        "y": y,
        "name": safe(name),
        "line": {"color": colour, "dash": dash, "width": 2.5},
        "hovertemplate": _HOVER,
    }
    half = _half(own, variable)
    line["marker"] = {"size": 10 if one else 7, "color": colour}
    if one and band:
        line["error_y"] = {"type": "data", "array": half, "color": colour, "thickness": 1.5}
    if not band or one or not np.isfinite(half).all():
        return [line]
    low = y - half
    outline = np.concatenate([y + half, (np.maximum(low, 0) if floor else low)[::-1]])
    area = {
        "type": "scatter",
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]),
        "y": outline,
        "fill": "toself",
        "fillcolor": GRID,
        "opacity": 0.6,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return [area, line]


def _half(own: xr.Dataset, variable: str) -> np.ndarray:
    """Half the width of each 95 % interval; what luck was removed from has its error from groups of draws."""
    count = count_of(own.attrs)
    if variable.endswith("_noise_corrected"):
        count = groups_left_out(int(own.attrs["draws"]), own.attrs.get("replicates"))
    return reach(own[f"{variable}_mcse"].values, count)


def _money(information: xr.Dataset, labels: Mapping[str, Label], language: str, wtp: float | None = None) -> str:
    currency = currency_name(str(information.attrs["currency"]), language)
    title = say("axis_information", language, currency=currency)
    return seen_from(title, information.attrs, labels, language, wtp)


def _axes(information: xr.Dataset, labels: Mapping[str, Label], language: str, height: int) -> dict[str, Any]:
    currency = currency_name(str(information.attrs["currency"]), language)
    unit = unit_name(str(information.attrs["effect_unit"]), language, plural=False)
    title = say("axis_wtp", language, currency=currency, unit=unit)
    return layout(
        language,
        height,
        showlegend=True,
        xaxis=axis(title, tickformat=",.0f", rangemode="tozero", nticks=7),
        yaxis=axis(_money(information, labels, language), tickformat=",.0f", rangemode="tozero", nticks=7),
    )
