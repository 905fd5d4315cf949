"""The cost-effectiveness plane: each draw's extra cost and gain, the means, the efficiency frontier, named corners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.apart import check_apart
from costeff.analysis.frontier import EFFICIENT, LESS_LESS, REFERENCE, frontier
from costeff.analysis.intervals import mean
from costeff.analysis.net_benefit import increments
from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.measure_words import per_whom
from costeff.reporting.numbers import currency_name, write_money, write_number, write_percent
from costeff.reporting.style import INK, axis, label_of, layout, legible, safe, strategy_looks
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


ON_FRONTIER = (REFERENCE, EFFICIENT, LESS_LESS)
_HOVER = "%{x:,.4~r}, %{y:,.0f}<extra>%{fullData.name}</extra>"
MOST_POINTS = 2_000
"""More draws than this are thinned evenly; the mean is always that of all draws."""


def plane(
    evaluation: EvaluationData,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float | None = None,
    density: xr.Dataset | None = None,
    height: int = 460,
) -> go.Figure:
    """Increments against the comparator, one point per draw and strategy; right is better, up is dearer.

    x: gain in the unit of effect (more is better, so of sick weeks those avoided); y: extra cost per individual, in
    currency. The comparator stands where both are 0. The efficiency frontier joins the means of the strategies on it
    (`costeff.analysis.frontier`), by rising cost. With `wtp` (currency per unit) a line through the comparator: draws
    below it are worth their cost. With `density` (`costeff.cea.density`) a line around the densest places that
    hold each of its shares of the draws, the largest dotted. The legend names a strategy once, by its mean.
    """
    import plotly.graph_objects as go

    check_apart(evaluation, "the cost-effectiveness plane")
    unit, money = unit_name(evaluation.effect_unit, language), currency_name(evaluation.currency, language)
    base = evaluation.comparator_index
    gain, cost = increments(evaluation.gain, base), increments(evaluation.cost, base)
    looks = strategy_looks(evaluation.strategies, evaluation.comparator)
    thin = slice(None, None, -(-len(cost) // MOST_POINTS))
    data: list[dict[str, Any]] = []
    for s, name in enumerate(evaluation.alternatives):
        look, label = looks[name], safe(label_of(labels, name, language))
        point = {"color": look["colour"], "symbol": look["marker"], "size": 5, "opacity": 0.45}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": label,
                "marker": point,
                "legendgroup": name,
                "showlegend": False,
                "x": gain[thin, s],
                "y": cost[thin, s],
                "hovertemplate": _HOVER,
            }
        )
        if density is not None:
            regions = _regions(density.sel(strategy=name), look["colour"], label, language)
            data += [region | {"legendgroup": name, "showlegend": False} for region in regions]
    means = _means(evaluation)
    data.append(_frontier(evaluation, means, labels, language))
    for name in (evaluation.comparator, *evaluation.alternatives):  # means last, so that points do not cover them
        look, label = looks[name], label_of(labels, name, language)
        middle = {
            "color": look["colour"],
            "symbol": look["marker"],
            "size": 15,
            "line": {"color": "#000000", "width": 2.5},
        }
        key = "comparator_at" if name == evaluation.comparator else "mean_of"
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": safe(say(key, language, strategy=label)),
                "legendgroup": name,
                "marker": middle,
                "x": [means[name][0]],
                "y": [means[name][1]],
                "hovertemplate": _HOVER,
            }
        )
    x_range, y_range = _reach(gain), _reach(cost)
    if wtp is not None:
        data.append(_line(x_range, wtp, evaluation.currency, language))
    per = per_whom(evaluation.conventions(), language)
    gain_key = "axis_gain" if evaluation.effect_sign == 1 else "axis_avoided"
    return legible(
        go.Figure(
            data,
            layout(
                language,
                height,
                showlegend=True,
                xaxis=axis(say(gain_key, language, unit=unit, per=per), zerolinewidth=2, range=x_range, nticks=7),
                yaxis=axis(
                    say("axis_extra_cost", language, currency=money, per=per),
                    tickformat=",.0f",
                    zerolinewidth=2,
                    range=y_range,
                ),
                annotations=_corners(language),
                hovermode="closest",
            ),
        )
    )


def plane_caption(evaluation: EvaluationData, base: str, language: str, *, regions: bool) -> str:
    """What the plane shows; `base` is the comparator's label, `regions` whether lines around the draws are drawn."""
    point_count = len(range(0, evaluation.draws, -(-evaluation.draws // MOST_POINTS)))
    counts = {"shown": write_number(point_count, language), "draws": write_number(evaluation.draws, language)}
    text = say("caption_plane", language, comparator=base, **counts)
    return f"{text} {say('caption_density', language)}" if regions else text


def _means(evaluation: EvaluationData) -> dict[str, tuple[float, float]]:
    """Mean gain and mean extra cost of each strategy against the comparator, over all draws."""
    base = evaluation.comparator_index
    gain, cost = (mean(values - values[:, [base]]) for values in (evaluation.gain, evaluation.cost))
    points = zip(gain.tolist(), cost.tolist(), strict=True)
    return dict(zip(evaluation.strategies, points, strict=True))


def _frontier(
    evaluation: EvaluationData, means: Mapping[str, tuple[float, float]], labels: Mapping[str, Label], language: str
) -> dict[str, Any]:
    """The line through the strategies on the frontier; where there is one alone, the legend says which."""
    gain, cost = zip(*(means[name] for name in evaluation.strategies), strict=True)
    standings = frontier(cost, gain, evaluation.comparator_index)
    names = [
        name for name, standing in zip(evaluation.strategies, standings, strict=True) if standing.status in ON_FRONTIER
    ]
    names.sort(key=lambda name: means[name][1])
    legend_text = say("frontier_line", language)
    if len(names) == 1:
        legend_text = say("frontier_alone", language, strategy=label_of(labels, names[0], language))
    return {
        "type": "scatter",
        "mode": "lines" if len(names) > 1 else "markers",
        "name": safe(legend_text),
        "x": [means[name][0] for name in names],
        "y": [means[name][1] for name in names],
        "line": {"color": INK, "width": 3},
        "hoverinfo": "skip",
        "marker": {"symbol": "circle-open", "size": 26, "color": INK, "line": {"width": 2}},
    }


def _regions(own: xr.Dataset, colour: str, label: str, language: str) -> list[dict[str, Any]]:
    """A contour for each share of the draws, the largest dotted; none where there is no density."""
    return [
        {
            "type": "contour",
            "x": own["gain"].values,
            "y": own["cost"].values,
            "z": own["density"].values,
            "contours": {"start": limit, "end": limit, "size": 1, "coloring": "none"},
            "line": {"color": colour, "width": 2, "dash": "solid" if i else "dot"},
            "showscale": False,
            "hoverinfo": "skip",
            "name": say("holds_share", language, strategy=label, share=write_percent(share, language)),
        }
        for i, (share, limit) in enumerate(
            sorted(zip(own["share"].values.tolist(), own["limit"].values.tolist(), strict=True), reverse=True)
        )
        if limit == limit
    ]


def _reach(values: NDArray[np.float64]) -> list[float]:
    """Range of an axis: all points and 0, with room for the corners' names."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    room = 0.15 * (high - low) or 1.0
    return [low - room, high + room]


def _line(ends: list[float], wtp: float, currency: str, language: str) -> dict[str, Any]:
    """Cost = wtp x gain from one end of the axis to the other."""
    value = write_money(wtp, language, currency=currency)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": safe(say("wtp_line", language, value=value)),
        "x": ends,
        "y": [wtp * end for end in ends],
        "line": {"color": "#000000", "dash": "dash", "width": 1.5},
        "hoverinfo": "skip",
    }


def _corners(language: str) -> list[dict[str, Any]]:
    corners = {
        "dearer_worse": (0, 1, "left", "top"),
        "dearer_better": (1, 1, "right", "top"),
        "cheaper_worse": (0, 0, "left", "bottom"),
        "cheaper_better": (1, 0, "right", "bottom"),
    }
    return [
        {
            "name": "corner",
            "text": say(key, language),
            "x": x,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "xanchor": xa,
            "yanchor": ya,
            "align": xa,
            "showarrow": False,
            "bgcolor": "rgba(255,255,255,0.75)",
            "font": {"size": 12, "color": "#595959"},
        }
        for key, (x, y, xa, ya) in corners.items()
    ]
