"""Cumulative incidence of the end points by group, drawn in steps that no small number of people makes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.reporting.style import COMPARATOR_COLOUR, LOW_COLOUR, axis, described, layout, safe
from costeff.trial.end_points import EventTimes, event_times
from costeff.trial.extract import Extract
from costeff.trial.figures.logic import logic_figure
from costeff.trial.incidence import EVENT, incidence
from costeff.trial.plan_parts import EndPoint
from costeff.trial.results import TrialResults

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURS = (COMPARATOR_COLOUR, LOW_COLOUR)
HEIGHT = 420


def trial_figures(
    extract: Extract, results: TrialResults, blind: bool = False
) -> dict[str, Callable[[str], go.Figure]]:
    """What draws each figure, by the name of its file."""
    figures: dict[str, Callable[[str], go.Figure]] = {
        f"incidence_{point.name}": partial(incidence_figure, extract, point, blind)
        for point in extract.plan.end_points
        if point.kind == "time_to"
    }
    if results.milestones and not blind:
        figures["logic"] = partial(logic_figure, results, extract.plan, extract.study.model)
    return figures


def incidence_figure(extract: Extract, point: EndPoint, blind: bool, language: str = "en") -> go.Figure:
    """One curve for each group."""
    import plotly.graph_objects as go

    smallest = extract.plan.smallest_cell
    data = []
    for i, name in enumerate(extract.plan.strategies):
        times = event_times(extract.trial.weeks[extract.trial.group(name)], point, extract.study.model)
        weeks, share = guarded_curve(times, smallest, float(point.within))
        label = (
            say("trial_group", language, letter=chr(ord("A") + i))
            if blind
            else extract.study.model.find("strategies", name).label[language]
        )
        data.append(
            go.Scatter(
                x=weeks,
                y=share,
                mode="lines",
                line={"shape": "hv", "color": COLOURS[i % len(COLOURS)], "dash": ("dash", "solid")[i % 2]},
                name=safe(label),
                hovertemplate="%{x:,.0f}: %{y:.1%}<extra>%{fullData.name}</extra>",
            )
        )
    figure = go.Figure(
        data,
        layout(
            language,
            HEIGHT,
            showlegend=True,
            xaxis=axis(say("trial_axis_weeks", language)),
            yaxis=axis(say("trial_axis_share", language), range=[0, 1]),
        ),
    )
    title = say("trial_title_incidence", language, end_point=point.label[language])
    return described(figure, title, say("trial_shows_incidence", language, smallest=smallest))


def guarded_curve(times: EventTimes, smallest: int, until: float) -> tuple[list[float], list[float]]:
    """Weeks and shares of a curve whose steps have at least `smallest` people each; fewer are joined with the next.

    The last people, where they are fewer, make no step of their own.

    >>> import numpy as np
    >>> times = EventTimes(np.array([1, 2, 2, 3, 9]), np.array([1, 1, 1, 1, 0]))
    >>> weeks, shares = guarded_curve(times, 3, 10.0)
    >>> weeks, [f"{share:.6f}" for share in shares]
    ([0.0, 2.0, 10.0], ['0.000000', '0.600000', '0.600000'])
    """
    curve = incidence(times.time, times.cause)
    weeks, shares, waiting = [0.0], [0.0], 0
    for k, week in enumerate(curve.time):
        waiting += int(((times.time == week) & (times.cause == EVENT)).sum())
        if waiting >= smallest and week <= until:
            weeks.append(float(week))
            shares.append(float(curve.share[k, EVENT - 1]))
            waiting = 0
    return [*weeks, until], [*shares, shares[-1]]
