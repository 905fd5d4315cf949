"""Writes the whole report as one HTML file that opens anywhere, without a network and without this library."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.catalogue import check_language, say
from costeff.cea import acceptability, loss
from costeff.cea.density import density
from costeff.cea.figures.acceptability import ceac, ceaf
from costeff.cea.figures.decisions import expected_loss
from costeff.cea.figures.plane import plane, plane_caption
from costeff.files import write_whole
from costeff.reporting.charts.tornado import tornado, tornado_caption
from costeff.reporting.differences import certain_sentences, differences_table
from costeff.reporting.numbers import currency_name, write_number
from costeff.reporting.page import packed_plotly, page_script, script_json, script_words, shipped
from costeff.reporting.page_figures import DENSE, Figures
from costeff.reporting.shared_arrays import shared_arrays
from costeff.reporting.style import label_of
from costeff.reporting.template import template
from costeff.reporting.unit_names import unit_name
from costeff.study.decision.phrases import prediction
from costeff.study.decision.sentences import answers
from costeff.study.decision.table import decision_table
from costeff.study.figures.money import cost_by_year, who_pays
from costeff.study.figures.time import time_to_return, trace
from costeff.study.groups.table import groups_sentences, groups_tables
from costeff.study.report.practice import practice_words
from costeff.study.report.rows import increments_of
from costeff.study.report.sentences import KEY_PERSPECTIVES, horizon, key_result
from costeff.study.report.spread import psfs_section, rollout_section
from costeff.study.report.validation import validation_section

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.study.report.content import Content, PerspectiveView


def write_report(content: Content, path: str | os.PathLike[str], language: str = "en") -> Path:
    """Write the report of `content` to one self-contained HTML file and return its path.

    plotly.js is embedded once; the page asks for nothing outside itself. The file is written whole or not at all: a
    report that fails leaves an older file as it was. Raises ScenarioError for an unknown language, ResultError when a
    table of increments does not name its strategies, and OSError when the file cannot be written.
    """
    return write_whole(report_html(content, language), path)


def report_html(content: Content, language: str = "en") -> str:
    """The report as text; see write_report."""
    return report_page(content, language)[0]


def report_page(content: Content, language: str = "en") -> tuple[str, Figures]:
    """The report as text, and the figures in it."""
    from markupsafe import Markup

    from costeff.study.report import report_tables as tables
    from costeff.study.report.diagram import diagram_caption, transition_diagram

    check_language(language)
    figures = Figures(language)
    views = [_view(content, view, figures, language) for view in content.perspectives]
    page = {
        "language": language,
        "content": content,
        "say": lambda key, **values: say(key, language, **values),
        "title": content.title[language],
        "facts": _facts(content, language),
        "answers": answers(content.board, language) if content.board else [],
        "prediction": prediction(content.board, language) if content.board else "",
        "decisions": Markup(decision_table(content.board, language)) if content.board else "",
        "groups": _groups(content, language),
        "sentences": key_result(content, language, with_table=len(_alternatives(content)) > 1),
        "payers": _payers(content, figures, language),
        "uncertainty": [view | {"figures": view["uncertainty"]} for view in views if view["uncertainty"]],
        "others": max(len(content.perspectives) - KEY_PERSPECTIVES, 0),
        "outside": len(content.parties) > 0 and not content.parties["inside"].all(),
        "by_year": [view | {"figures": view["by_year"]} for view in views if view["by_year"]],
        "money": _money(content, language),
        "unit": unit_name(content.effect_unit, language, plural=False),
        "comparator": _base(content, language),
        "assumed": int((content.parameters["kind"] == "assumption").sum()) if len(content.parameters) else 0,
        "differences": Markup(differences_table(content.differences, content.parameter_labels, language)),
        "made_certain": certain_sentences(content.differences, content.parameter_labels, language),
        "tables": {name: Markup(text) for name, text in tables.report_tables(content, language).items()},
        "practice_words": practice_words(content, language),
        "trace": _trace(content, figures, language),
        "passages": _passages(content, figures, language),
        "time_to": tables.time_to(content, language),
        "caution": content.caution[language] if content.caution else "",
        "psfs": psfs_section(content, language),
        "rollout": rollout_section(content, language),
        "tornado": _tornado(content, figures, language),
        "validation": validation_section(content, figures, language),
        "diagram": Markup(transition_diagram(content.diagram, content.states, language)),
        "diagram_caption": diagram_caption(content.diagram, language),
        "state_labels": [label_of(content.states, name, language) for name in content.diagram["states"]],
        "style": Markup(shipped("report.css")),
        "script": Markup(page_script()),
        "plotly": Markup(packed_plotly()),
    }
    page["figures"] = Markup(script_json(shared_arrays(figures.drawn) | {"words": script_words(language)}))
    return template("report.html.j2").render(page), figures


def _groups(content: Content, language: str) -> dict[str, Any] | None:
    """Sentences and tables on groups of people; None where the scenario declares none."""
    from markupsafe import Markup

    if content.groups is None:
        return None
    table = groups_tables(content.groups, content.strategies, content.comparator, content.currency, language)
    sentences = groups_sentences(content.groups, content.strategies, language)
    return {"sentences": sentences, "table": Markup(table)}


def _money(content: Content, language: str) -> str:
    return currency_name(content.currency, language)


def _base(content: Content, language: str) -> str:
    return label_of(content.strategies, content.comparator, language)


def _alternatives(content: Content) -> list[str]:
    return [name for name in content.strategies if name != content.comparator]


def _facts(content: Content, language: str) -> list[tuple[str, str]]:
    names = ", ".join(label_of(content.strategies, name, language) for name in _alternatives(content))
    prices = f"{_money(content, language)} {content.price_year}, {say('per_citizen', language)}"
    return [
        (say("strategy", language), names),
        (say("fine_comparator", language), _base(content, language)),
        (say("fine_horizon", language), horizon(content, language)),
        (say("fine_prices", language), prices),
        (say("fine_model", language), content.model),
        (say("fine_scenario", language), content.scenario),
    ]


def _payers(content: Content, figures: Figures, language: str) -> list[dict[str, Any]]:
    """One figure per strategy beside the comparator."""
    panels = []
    for strategy in _alternatives(content):
        rows = increments_of(content.parties, content, strategy)
        if not len(rows):
            continue
        label = label_of(content.strategies, strategy, language)
        caption = say(
            "caption_who_pays",
            language,
            strategy=label,
            comparator=_base(content, language),
            currency=_money(content, language),
        )
        figure = who_pays(rows, language, currency=content.currency)
        title = f"{say('who_pays', language)}: {label}"
        panels.append({"label": label, "note": "", "figures": [figures.add("who-pays", figure, title, caption)]})
    return panels


def _view(content: Content, view: PerspectiveView, figures: Figures, language: str) -> dict[str, Any]:
    """Figures of one perspective, to be chosen among."""
    evaluation, label = view.evaluation, view.label[language]
    base = _base(content, language)

    def add(name: str, figure: go.Figure, caption: str, **values: object) -> dict[str, Any]:
        return figures.add(name, figure, f"{say(name, language)}: {label}", say(caption, language, **values))

    panel: dict[str, Any] = {"label": label, "note": view.note[language], "uncertainty": []}
    board = content.board
    curves_shown = board is None or not board.has_declaration or view.name in board.perspectives
    if evaluation.draws > 1 and curves_shown:
        dense = density(evaluation) if evaluation.draws >= DENSE else None
        chart = plane(evaluation, content.strategies, language, wtp=content.wtp_at, density=dense)
        title = f"{say('plane', language)}: {label}"
        caption = plane_caption(evaluation, base, language, regions=dense is not None)
        panel["uncertainty"].append(figures.add("plane", chart, title, caption))
    if evaluation.draws > 1 and curves_shown and len(content.wtp):
        curves, frontier = (acceptability.ceac(evaluation, content.wtp), acceptability.ceaf(evaluation, content.wtp))
        caption = "caption_ceac" if "probability_noise_corrected" in curves else "caption_ceac_raw"
        chart = ceac(curves, content.strategies, language, wtp=content.wtp_at)
        panel["uncertainty"].append(add("ceac", chart, caption))
        chart = ceaf(frontier, content.strategies, language, wtp=content.wtp_at)
        panel["uncertainty"].append(add("ceaf", chart, "caption_ceaf"))
        losses = loss.expected_loss(evaluation, content.wtp)
        chart = expected_loss(losses, {**content.strategies, view.name: view.label}, language)
        caption = "caption_loss" if "expected_loss_noise_corrected" in losses else "caption_loss_raw"
        panel["uncertainty"].append(add("loss", chart, caption))
    panel["by_year"] = []
    if len(view.by_year):
        chart = cost_by_year(view.by_year, content.strategies, content.comparator, language, currency=content.currency)
        panel["by_year"].append(add("cost_by_year", chart, "caption_cost_by_year", comparator=base))
    return panel


def _trace(content: Content, figures: Figures, language: str) -> list[dict[str, Any]]:
    if not content.trace.size:
        return []
    chart = trace(content.trace, content.states, content.strategies, language, cycles_per_year=content.cycles_per_year)
    return [figures.add("trace", chart, say("trace", language), say("caption_trace", language))]


def _passages(content: Content, figures: Figures, language: str) -> list[dict[str, Any]]:
    """One figure per passage, to be chosen among."""
    panels = []
    names: Sequence[str] = [str(name) for name in content.passages["passage"].values] if content.passages.size else []
    for name in names:
        chart = time_to_return(
            content.passages.sel(passage=name),
            content.strategies,
            content.comparator,
            language,
            cycles_per_year=content.cycles_per_year,
        )
        label = label_of(content.passage_labels, name, language)
        title = say("time_to_event", language, event=label)
        figure = figures.add("time-to-return", chart, title, say("caption_time_to_return", language))
        panels.append({"label": label, "note": "", "figures": [figure]})
    return panels


def _tornado(content: Content, figures: Figures, language: str) -> list[dict[str, Any]]:
    """One figure per strategy beside the comparator, to be chosen among."""
    panels = []
    for strategy in _alternatives(content):
        table = increments_of(content.tornado, content, strategy)
        if not len(table):
            continue
        label = label_of(content.strategies, strategy, language)
        measure = say(
            "compared",
            language,
            measure=content.tornado_measure[language],
            strategy=label,
            comparator=_base(content, language),
        )
        base = content.tornado_base[strategy]
        chart = tornado(table, base, measure, language, labels=content.parameter_labels)
        title = f"{say('tornado', language)}: {label}"
        caption = tornado_caption(table, base, measure, language, labels=content.parameter_labels)
        own_figures = [figures.add("tornado", chart, title, caption)]
        if strategy in content.tornado_even_at:
            own_figures.append(_tornado_at_break_even(content, figures, strategy, measure, language))
        panels.append({"label": label, "note": "", "figures": own_figures})
    return panels


def _tornado_at_break_even(content: Content, figures: Figures, strategy: str, measure: str, language: str) -> Any:
    """The same figure where the strategy pays for itself; its caption says at which value of which parameter."""
    assert content.tornado_even is not None
    table, base = increments_of(content.tornado_even, content, strategy), content.tornado_even_base[strategy]
    chart = tornado(table, base, measure, language, labels=content.parameter_labels)
    even = content.tornado_even_at[strategy]
    name = label_of(content.parameter_labels, even.parameter, language)
    held = say("tornado_break_even", language, parameter=name, value=write_number(even.value, language))
    title = f"{say('tornado', language)}, {held}: {label_of(content.strategies, strategy, language)}"
    caption = say("caption_break_even", language, held=held)
    caption += " " + tornado_caption(table, base, measure, language, labels=content.parameter_labels)
    return figures.add("tornado-break-even", chart, title, caption)
