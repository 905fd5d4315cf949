"""Screens that edit nothing: cases side by side, what an economist looks at, and the files of the case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dash import dcc, html

from costeff.app.files.folder import LOG, CaseFolder
from costeff.app.results.desk import State
from costeff.app.screens.controls import html_id
from costeff.app.screens.from_html import parts
from costeff.app.screens.pane import graph, problem, table
from costeff.app.screens.uploaded import upload
from costeff.catalogue import say
from costeff.investment.report import figures as money
from costeff.investment.report import figures_time as time
from costeff.investment.report.comparison_figures import cumulated_paths, ranked_worth
from costeff.investment.report.comparison_sentences import cases_sentences
from costeff.investment.report.comparison_tables import cases_tables
from costeff.investment.report.figures_to_ask import ask_note, ask_rows
from costeff.investment.report.start_designs import start_heads, start_rows, start_sentences
from costeff.reporting.numbers import write_percent

if TYPE_CHECKING:
    from costeff.app.results.task import Task
    from costeff.investment.report.comparison_content import CasesContent
    from costeff.investment.report.content import CaseContent

FURTHER = ("compare", "economics", "export")
ORDER = ("differences", "sizes", "ranking", "financing", "budget", "payback", "portfolios", "best", "worth")
"""Tables of a comparison: what differs comes first."""


def further(folder: CaseFolder, name: str, state: State, language: str, screen: str) -> list[Any]:
    """The controls of a screen that edits nothing."""
    if screen == "compare":
        return _choice(folder, name, language)
    if screen == "export":
        return [_button("write", "app_write", language)]
    return upload(language) if screen == "economics" else []


def output_of(name: str, state: State, language: str, screen: str) -> list[Any]:
    """What a screen shows of the work that was asked for."""
    if state.latest is None:
        return []
    work = state.task if state.task is not None and state.task.kind == _KINDS[screen] else None
    elements: list[Any] = []
    if work is not None and work.job.runs:
        elements.append(html.P(say("app_works", language), role="status"))
    if work is not None and work.job.error is not None:
        elements.append(problem(work.job.error, language))
    if work is not None and work.version != state.version.number:
        elements.append(html.P(say("app_older", language), className="waits"))
    if screen == "compare" and work is not None and work.output.cases is not None:
        elements += _comparison(work.output.cases, language)
    if screen == "economics":
        elements += [
            *_economics(state.latest.with_tables, language),
            *_figures_to_ask(state.latest.with_tables, work, language),
        ]
    if screen == "export":
        elements += _files(name, work, language)
    return elements


_KINDS = {"compare": "compare", "economics": "ask", "export": "export"}


def _button(key: str, word: str, language: str, name: str = "") -> Any:
    return html.Button(say(word, language, name=name), id={"type": "command", "key": key}, className="main")


def _choice(folder: CaseFolder, name: str, language: str) -> list[Any]:
    """Which of the folder's other cases, and under which limit."""
    others = [other for other in folder.names() if other != name]
    if not others:
        return [html.P(say("app_no_others", language))]
    limit = {"type": "asked", "key": "limit"}
    buttons = [_button("compare " + other, "app_compare", language, other) for other in others]
    every = [_button("compare", "app_compare_all", language)] if len(others) > 1 else []
    return [
        html.Div(
            [
                html.Label(say("app_limit", language), htmlFor=html_id(limit), className="label"),
                dcc.Input(id=limit, type="text", value="", className="answer", autoComplete="off"),
            ],
            className="field",
        ),
        html.Div([*buttons, *every], className="choices"),
    ]


def _comparison(content: CasesContent, language: str) -> list[Any]:
    tables = cases_tables(content, language)
    differ, *others = (parts(tables[key]) for key in ORDER)
    return [
        *differ,
        html.Ul([html.Li(text) for text in cases_sentences(content, language)]),
        graph(ranked_worth(content, language)),
        graph(cumulated_paths(content, language)),
        *(part for one in others for part in one),
    ]


def _economics(content: CaseContent, language: str) -> list[Any]:
    """Acceptability by years, the threshold of the effect, effect by cost, and the tornado, for the decider."""
    own = content.by_name[content.decider]
    drawings = [("app_chances", time.payback_chances(content, own, language))]
    if content.effect_curve is not None:
        drawings.append(("app_threshold", time.effect_needed(content, language)))
    if content.heat is not None:
        drawings.append(("app_heat", money.heat_map(content, language)))
    if content.tornado is not None and len(content.tornado):
        drawings.append(("app_tornado", time.case_tornado(content, language)))
    noise = [html.P(say("note_noise", language, share=write_percent(content.noise, language)))]
    drawings_in_order = [
        part
        for word, figure in drawings
        for part in (html.H2(say(word, language, name=own.label[language])), graph(figure))
    ]
    return [*drawings_in_order, *(noise if content.noise == content.noise else [])]


def _figures_to_ask(content: CaseContent, work: Task | None, language: str) -> list[Any]:
    """Value of information: the figures that are worth asking for."""
    head = [html.H2(say("app_information", language)), _button("ask", "app_rank", language)]
    if work is None or not work.output.ask_rows:
        return head
    with_worth = replace(content, ask_rows=work.output.ask_rows, start_designs=work.output.start_designs)
    heads = [say(key, language) for key in _HEADS]
    starts = table(say("start_heading", language), start_heads(language), start_rows(with_worth, language))
    return [
        *head,
        html.P(ask_note(with_worth, language)),
        table(say("app_information", language), heads, ask_rows(with_worth, language)),
        starts,
        *(html.P(text) for text in start_sentences(with_worth, language)),
    ]


_HEADS = ("app_change_figure", "app_worth", "ask_form", "ask_holder", "app_table")


def _files(name: str, work: Task | None, language: str) -> list[Any]:
    """Links to what was written, to the file itself and to the log of its changes."""
    own = [(name, say("app_file_yaml", language)), (LOG, say("app_file_log", language))]
    results = [] if work is None else [(file, _word(file, language)) for file in work.output.files]
    notes = [] if work is None else [html.P(note) for note in work.output.notes]
    items = [
        html.Li([html.A(file, href=f"/files/{quote(name)}/{quote(file)}", target="_blank"), f" – {word}"])
        for file, word in (*results, *own)
    ]
    return [*notes, html.Ul(items)]


def _word(file: str, language: str) -> str:
    key = f"app_file_{file.replace('.', '_')}"
    return say(key if key in _FILES else "app_file_table", language)


_FILES = (
    "app_file_case_html",
    "app_file_case_pdf",
    "app_file_case_xlsx",
    "app_file_case_json",
    "app_file_note_docx",
    "app_file_note_pdf",
    "app_file_soem_xlsx",
)
