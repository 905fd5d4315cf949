"""Four figures of an evaluation in one: the plane, expected net benefit, the acceptability curve and EVPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costeff.analysis.wtp import WtpCurve
from costeff.catalogue import say
from costeff.cea import acceptability
from costeff.cea.figures.acceptability import ceac
from costeff.cea.figures.benefit import benefit
from costeff.cea.figures.plane import plane
from costeff.labels import Label
from costeff.reporting.style import layout, safe
from costeff.voi import evpi as perfect
from costeff.voi.figures.voi import evpi

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.analysis.evaluation import EvaluationData


_LEFT_HALF, _RIGHT, _UPPER, _LOWER = [0.0, 0.44], [0.56, 1.0], [0.56, 1.0], [0.0, 0.42]
_DOMAINS = ((_LEFT_HALF, _UPPER), (_RIGHT, _UPPER), (_LEFT_HALF, _LOWER), (_RIGHT, _LOWER))
"""(x, y) of each panel, from the upper left to the lower right."""


def panels(
    evaluation: EvaluationData,
    thresholds: WtpCurve,
    labels: Mapping[str, Label],
    language: str = "en",
    *,
    height: int = 900,
) -> go.Figure:
    """The four figures with which BCEA sums up an analysis, each as it is drawn by itself, under one legend.

    `thresholds`: the values along which the curves run, and the one marked in all of them (`analysis.wtp.wtp_curve`).
    """
    figures = [
        ("plane", plane(evaluation, labels, language, wtp=thresholds.at)),
        ("benefit", benefit(evaluation, thresholds.curve, labels, language, wtp=thresholds.at)),
        ("ceac", ceac(acceptability.ceac(evaluation, thresholds.curve), labels, language, wtp=thresholds.at)),
        ("evpi", evpi(perfect.evpi(evaluation, thresholds.curve), language)),
    ]
    return together([(say(key, language), figure) for key, figure in figures], language, height)


def together(figures: Sequence[tuple[str, go.Figure]], language: str, height: int) -> go.Figure:
    """Up to four figures with their titles as the panels of one; what has the same name stands once in the legend."""
    import plotly.graph_objects as go

    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    shapes, notes = list[dict[str, Any]](), list[dict[str, Any]]()
    owners = _owners([figure for _, figure in figures])
    for i, ((title, figure), (across, up)) in enumerate(zip(figures, _DOMAINS, strict=False)):
        number = "" if i == 0 else str(i + 1)
        own = figure.layout.to_plotly_json()
        for trace in (one.to_plotly_json() for one in figure.data):
            name = trace.get("name")
            trace |= {"xaxis": f"x{number}", "yaxis": f"y{number}"}
            trace["showlegend"] = owners.get(name) == i and trace.get("showlegend", True)
            if trace["showlegend"]:
                del owners[name]  # once
            data.append(trace)
        axes[f"xaxis{number}"] = own["xaxis"] | {"domain": across, "anchor": f"y{number}"}
        axes[f"yaxis{number}"] = own["yaxis"] | {"domain": up, "anchor": f"x{number}"}
        shapes += [_placed(shape, number) for shape in own.get("shapes", ())]
        notes += [_placed(note, number) for note in own.get("annotations", ())]
        notes.append(
            {
                "text": f"<b>{safe(title)}</b>",
                "x": across[0],
                "y": up[1],
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "yshift": 8,
                "showarrow": False,
                "font": {"size": 14},
            }
        )
    return go.Figure(
        data,
        layout(
            language,
            height,
            shapes=shapes,
            annotations=notes,
            showlegend=True,
            hovermode="closest",
            margin={"l": 70, "r": 30, "t": 40, "b": 40},
            legend={
                "orientation": "h",
                "x": 0,
                "y": -0.09,
                "yanchor": "top",
                "itemsizing": "constant",
                "itemwidth": 46,
            },
            **axes,
        ),
    )


def _owners(figures: Sequence[go.Figure]) -> dict[str, int]:
    """Which panel's look stands in the legend for a name: lines before points, which have no dash, then the first."""
    owners: dict[str, int] = {}
    for lines in (True, False):
        for i, figure in enumerate(figures):
            for trace in figure.data:
                if trace.name and trace.showlegend is not False and ("lines" in (trace.mode or "")) == lines:
                    owners.setdefault(trace.name, i)
    return owners


def _placed(item: dict[str, Any], number: str) -> dict[str, Any]:
    """A line or note of a figure, moved to the axes of its panel: the whole picture becomes the panel."""
    panel_item = dict(item)
    for axis in ("x", "y"):
        whole = item.get(f"{axis}ref", axis) == "paper"
        panel_item[f"{axis}ref"] = f"{axis}{number} domain" if whole else f"{axis}{number}"
    return panel_item
