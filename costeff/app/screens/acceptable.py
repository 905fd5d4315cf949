"""Acceptability of the case itself: how likely it is to be best, by what one unit of its effect is worth."""

from __future__ import annotations

from typing import Any

from dash import html

from costeff.app.files.typed import number
from costeff.app.results.desk import State
from costeff.app.screens.pane import problem
from costeff.app.screens.uploaded import curves, highest_field
from costeff.catalogue import say
from costeff.errors import CosteffError
from costeff.investment.report.effect_changes import case_evaluation, effect_changes
from costeff.reporting.unit_names import unit_name
from costeff.study.report.evaluation_report import labels_of


def acceptable(language: str) -> list[Any]:
    """The question for a willingness to pay, and room for what it gives."""
    return [
        html.H2(say("app_acceptable", language)),
        html.P(say("app_acceptable_about", language), className="about"),
        highest_field("case-wtp", "app_acceptable_wtp", language),
        html.Div(id="case-acceptable"),
    ]


def of_case(state: State, highest: str, language: str) -> list[Any]:
    """Both curves of the result on the screen, for its decider; nothing where no willingness to pay is typed."""
    if state.latest is None or not highest.strip():
        return []
    result, content = state.latest.result, state.latest.content
    try:
        evaluation = case_evaluation(result, content.decider)
        labels = {**labels_of(evaluation), content.decider: content.by_name[content.decider].label}
        drawings = curves(evaluation, labels, number(highest), language)
    except CosteffError as error:
        return [problem(error, language)]
    effect = next(effect for effect, _ in effect_changes(result) if effect.name == evaluation.effect_name)
    about = say(
        "app_acceptable_of",
        language,
        name=content.by_name[content.decider].label[language],
        effect=effect.label[language],
        unit=unit_name(effect.unit, language),
    )
    kind = "" if state.is_current else "stale"
    return [html.Div([html.P(about), *drawings], className=kind)]
