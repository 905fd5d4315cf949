"""The logic model of the programme as registered: a box for each step, an arrow for each link, with their shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.model.model import Model
from costeff.reporting.numbers import write_percent
from costeff.reporting.style import LOW_COLOUR, axis, described, folded, layout
from costeff.trial.plan import AnalysisPlan
from costeff.trial.plan_parts import Process
from costeff.trial.process import Share, hidden
from costeff.trial.results import TrialResults

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 110


def logic_figure(results: TrialResults, plan: AnalysisPlan, model: Model, language: str = "en") -> go.Figure:
    """The steps of the programme's group, from left to right by what comes after what."""
    import plotly.graph_objects as go

    name = plan.strategies[-1] if plan.strategies[-1] in results.milestones else next(iter(results.milestones))
    milestones, links = results.milestones[name], results.links[name]
    places = _places(plan.process)
    figure = go.Figure(
        [
            go.Scatter(
                x=[places[step][0] for step in milestones],
                y=[places[step][1] for step in milestones],
                mode="markers",
                marker={"symbol": "square", "size": 1, "color": LOW_COLOUR},
                hoverinfo="skip",
            )
        ],
        layout(
            language,
            ROW * (2 + max(int(-y) for _, y in places.values())),
            showlegend=False,
            xaxis=axis("", visible=False, range=[-0.6, max(x for x, _ in places.values()) + 0.6]),
            yaxis=axis("", visible=False, range=[min(y for _, y in places.values()) - 0.6, 0.6]),
        ),
    )
    labels = {measure.name: measure.label[language] for measure in plan.process}
    # Arrows first: the boxes lie over their ends, whatever the width of the window.
    for (before, after), share in links.items():
        (x0, y0), (x1, y1) = places[before], places[after]
        figure.add_annotation(
            x=x1 - 0.42,
            y=y1 + 0.12 * (y0 > y1),
            ax=x0,
            ay=y0,
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            text="",
            showarrow=True,
            arrowhead=2,
        )
        # Above the boxes of its row, or beside the line to another row.
        middle = {"x": (x0 + x1) / 2 + 0.1 * (y0 != y1), "y": (y0 + y1) / 2 + (0.4 if y0 == y1 else 0.1)}
        figure.add_annotation(**middle, text=_shown(share, plan, language), showarrow=False)
    for step, share in milestones.items():
        text = f"{folded(labels[step], 12)}<br><b>{_shown(share, plan, language)}</b>"
        x, y = places[step]
        figure.add_annotation(
            x=x, y=y, text=text, showarrow=False, bordercolor=LOW_COLOUR, borderpad=6, bgcolor="white"
        )
    group = str(model.find("strategies", name).label[language])
    return described(figure, say("trial_title_logic", language, group=group), say("trial_shows_logic", language))


def _places(measures: tuple[Process, ...]) -> dict[str, tuple[float, float]]:
    """Column by how many steps come before, row by order within the column."""
    column: dict[str, int] = {}
    for measure in measures:
        column[measure.name] = 1 + max((column.get(before, -1) for before in measure.after), default=-1)
    places, rows = {}, dict.fromkeys(column.values(), 0)
    for name, x in column.items():
        places[name] = (float(x), -float(rows[x]))
        rows[x] += 1
    return places


def _shown(share: Share, plan: AnalysisPlan, language: str) -> str:
    if hidden(share, plan.smallest_cell):
        return say("trial_hidden", language, smallest=plan.smallest_cell)
    return write_percent(share.share, language)
