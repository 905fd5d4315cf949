"""What a screen shows beside its controls: the queue, amounts as they were read, the three columns of a belief."""

from __future__ import annotations

from typing import Any

from dash import html

from costeff.app.results.desk import State
from costeff.app.screens.pane import graph, table
from costeff.catalogue import say
from costeff.investment.report.amounts_fact import amounts_fact
from costeff.investment.report.belief import belief_rows
from costeff.investment.report.figures_time import citizens
from costeff.investment.report.sentences import paid_by_fact, stated_sentences


def beside(state: State, language: str, screen: str) -> list[Any]:
    """The part of the result that a screen's own controls move first; none where there is no result yet."""
    if state.shown is None:
        return []
    content = state.shown.content
    parts: list[Any] = []
    if screen == "citizens":
        parts = [html.H2(say("citizens_heading", language)), graph(citizens(content, language))]
    if screen == "effect":
        heads = ["", *(say(key, language) for key in ("belief_column", "evidence_column", "no_effect_column"))]
        parts = [table(say("belief_heading", language), heads, belief_rows(content, language))]
    if screen == "costs":
        facts = [*paid_by_fact(content, language), *amounts_fact(content, language)]
        texts = [*(f"{heading}: {text}" for heading, text in facts), *stated_sentences(content, language)]
        parts = [html.Ul([html.Li(text) for text in texts])] if texts else []
    kind = "" if state.is_current else "stale"
    return [html.Div(parts, className=kind)] if parts else []
