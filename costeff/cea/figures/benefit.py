"""Expected incremental net benefit over willingness to pay: above 0 a strategy is worth more than it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import mean
from costeff.analysis.net_benefit import increments
from costeff.analysis.noise import incremental_nmb_interval
from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.measure_words import wtp_title
from costeff.reporting.numbers import currency_name
from costeff.reporting.style import AXIS, axis, curve, label_of, layout, legible, safe, strategy_looks

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.analysis.evaluation import EvaluationData


_HOVER = "%{x:,.4~r}: %{y:,.4~r}<extra>%{fullData.name}</extra>"


def benefit(
    evaluation: EvaluationData,
    values: NDArray[np.float64],
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    wtp: float | None = None,
    height: int = 400,
) -> go.Figure:
    """Mean net benefit of each strategy less the comparator's at each of `values`, and where it is 0.

    With one strategy beside the comparator thin lines hold its 95 % interval over draws, without the luck of
    individuals where that was measured; with several they would hide each other. `wtp` marks one value.
    """
    import plotly.graph_objects as go

    base = evaluation.comparator_index
    gain, cost = mean(increments(evaluation.gain, base)), mean(increments(evaluation.cost, base))
    looks = strategy_looks(evaluation.strategies, evaluation.comparator)
    data: list[dict[str, Any]] = []
    for s, name in enumerate(evaluation.alternatives):
        label, look = label_of(labels, name, language), looks[name]
        data.append(curve(look, values, values * gain[s] - cost[s], label, width=3.0, hovertemplate=_HOVER))
    if len(evaluation.alternatives) == 1 and evaluation.draws > 1:
        data += _limits(evaluation, values, data[0], labels, language)
    base_label = label_of(labels, evaluation.comparator, language)
    title = say("axis_benefit", language, strategy=base_label, currency=currency_name(evaluation.currency, language))
    shapes = (
        []
        if wtp is None
        else [
            {
                "type": "line",
                "x0": wtp,
                "x1": wtp,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": AXIS, "dash": "dot", "width": 1.5},
            }
        ]
    )
    return legible(
        go.Figure(
            data,
            layout(
                language,
                height,
                showlegend=True,
                shapes=shapes,
                xaxis=axis(
                    wtp_title(evaluation.conventions(), language), tickformat=",.0f", rangemode="tozero", nticks=7
                ),
                yaxis=axis(title, tickformat=",.0f", nticks=7, zerolinewidth=2),
            ),
        )
    )


def _limits(
    evaluation: EvaluationData,
    values: NDArray[np.float64],
    line: dict[str, Any],
    labels: Mapping[str, Label],
    language: str,
) -> list[dict[str, Any]]:
    """The two ends of the 95 % interval; one of them stands in the legend for both."""
    table = incremental_nmb_interval(evaluation, values)
    kind = "_corrected" if evaluation.cost_half is not None else ""
    label = label_of(labels, evaluation.alternatives[0], language)
    name = safe(say("benefit_limits", language, strategy=label))
    return [
        line
        | {
            "y": table[f"{end}{kind}"].to_numpy(),
            "name": name,
            "showlegend": end == "lower",
            "mode": "lines",
            "line": {**line["line"], "width": 1.2, "dash": "dot"},
        }
        for end in ("lower", "upper")
    ]
