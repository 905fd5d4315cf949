"""The result, always in view: what the case gives, what changed since last time, and whether it is the file's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from costeff.app.results.desk import State
from costeff.app.screens.attributes import aria
from costeff.app.screens.where import place_words
from costeff.catalogue import say
from costeff.errors import CosteffError
from costeff.investment.report.case import case_tiles
from costeff.investment.report.department_rows import department_cells
from costeff.investment.report.figures_time import cumulated
from costeff.investment.report.on_top import on_top_cells, on_top_heads
from costeff.investment.report.sentences import case_notes, case_sentences
from costeff.messages import error_text
from costeff.reporting.numbers import currency_name

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent

YEARS = 4
MOST_MARKS = 5
"""On a figure's axis of numbers; where marks are set one by one and are more, every second stays."""


def pane(state: State, language: str) -> list[Any]:
    """Everything in the pane for a state of the case."""
    parts: list[Any] = [html.H2(say("app_result", language))]
    if state.problem is not None:
        parts.append(problem(state.problem, language, state.text))
    if state.case is not None and not state.is_current:
        parts.append(_waits(state, language))
    if state.latest is None:
        return [*parts, html.P(say("app_no_result", language))] if state.problem is not None else parts
    content = state.latest.content
    kind = "" if state.is_current else " stale"
    tiles = case_tiles(content, language)
    result = [
        html.P(case_sentences(content, language)[0], className="headline"),
        html.Div([_tile(tile) for tile in tiles], className="tiles"),
        *_changes(state, tiles, language),
        table(*_departments(content, language)),
        table(*_programmes(content, language)),
        _figure(content, language),
        html.Details(
            [
                html.Summary(say("app_in_words", language)),
                html.Ul([html.Li(text) for text in case_sentences(content, language)[1:]]),
            ],
            open=True,
        ),
        html.Details(
            [
                html.Summary(say("app_read_with", language)),
                html.Ul([html.Li(text) for text in case_notes(content, language)]),
            ]
        ),
    ]
    parts.append(html.A(_shortest(tiles, language), href="#result", className=f"bar{kind}", id="bar"))
    version: dict[str, Any] = {"data-version": str(state.latest.version)}  # that the result is of
    return [*parts, html.Div(result, className=f"result{kind}", id="result", **version)]


def problem(error: CosteffError, language: str, text: str = "") -> Any:
    """What is wrong, in words: one item for each mistake of the file, whose `text` says on which screen it is."""
    problems = getattr(error, "problems", None) or [error]
    items = [html.Li(_short(one, language, text)) for one in problems]
    return html.Div([html.P(say("app_open_questions", language)), html.Ul(items)], className="problem", role="alert")


def _short(error: CosteffError, language: str, case_text: str) -> list[Any]:
    """An error by its screen and question; else by its file without the path of the folder, which the planner knows."""
    place = place_words(error, case_text, language)
    if place is not None:
        head, *tail = error_text(error, language).split("\n", 1)
        return [*place, "\n".join([head.partition(": ")[2], *tail])]
    text = error_text(error, language)
    where = str(error.where) if error.where is not None else ""
    file = where.partition(",")[0]
    return [text.replace(file, file.replace("\\", "/").rpartition("/")[2]) if file else text]


def progress(state: State, language: str) -> str:
    """How far the simulation is."""
    if not state.runs or state.job is None:
        return ""
    if not state.job.total:
        return say("app_prepares", language)
    return say("app_progress", language, done=state.job.draws_done, total=state.job.total)


def _waits(state: State, language: str) -> Any:
    """That the result is not the file's, and the buttons to simulate or to cancel."""
    if state.runs:
        word = "app_preview" if state.latest is not None and state.latest.preview else "app_simulates"
        button = html.Button(say("app_cancel", language), id={"type": "command", "key": "cancel"}, className="quiet")
        bar = html.Span(progress(state, language), id="progress", role="status")
        return html.Div([html.P(say(word, language)), bar, " ", button], className="waits")
    button = html.Button(say("app_simulate", language), id={"type": "command", "key": "simulate"}, className="main")
    return html.Div([html.P(say("app_needs_simulation", language)), button], className="waits")


def _tile(tile: dict[str, str]) -> Any:
    parts = [html.Span(tile["name"], className="name"), html.Strong(tile["value"]), html.Span(tile["more"])]
    return html.Div(parts, className=f"tile {tile['side']}")


def _shortest(tiles: Sequence[dict[str, str]], language: str) -> list[Any]:
    """Net and payback time, which stay in view where the screen is too narrow for the result beside the controls."""
    payback = next(tile for tile in tiles if tile["name"] == say("payback_time", language))
    return [
        html.Span([say(f"app_bar_{key}", language), " ", html.Strong(tile["value"])])
        for key, tile in (("net", tiles[0]), ("payback", payback))
    ]


def _changes(state: State, tiles: Sequence[dict[str, str]], language: str) -> list[Any]:
    """The figures that are others than in the result before."""
    if state.before is None or state.latest is None:
        return []
    before = {tile["name"]: tile["value"] for tile in case_tiles(state.before, language)}
    rows = [
        [t["name"], before[t["name"]], t["value"]] for t in tiles if before.get(t["name"], t["value"]) != t["value"]
    ]
    if not rows:
        return []
    heads = [say(f"app_change_{key}", language) for key in ("figure", "before", "now")]
    return [table(say("app_changed", language), heads, rows)]


def _departments(content: CaseContent, language: str) -> tuple[str, list[str], list[list[str]]]:
    heads, rows = department_cells(content, language, YEARS)
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    return f"{say('by_department', language)} ({unit})", heads, rows


def _programmes(content: CaseContent, language: str) -> tuple[str, list[str], list[list[str]]]:
    """The two programmes, each alone and this one on top of the other; no rows for a case that stands alone."""
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    caption = f"{say('on_top_heading', language)} ({unit}, {say('present_value', language)})"
    return caption, on_top_heads(content, language), on_top_cells(content, language)


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    """A table in a region of its own that scrolls sideways; the first column is words."""
    if not rows:
        return None
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in heads]))
    body = html.Tbody([html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows])
    return html.Div(
        html.Table([html.Caption(caption), head, body]),
        className="scroll",
        role="region",
        tabIndex="0",
        **aria(label=caption),
    )


def _figure(content: CaseContent, language: str) -> Any:
    """The cumulated net with its band, of the decider."""
    payer = content.by_name[content.decider]
    title = say("figure_cumulative", language, name=payer.label[language])
    return html.Figure([graph(cumulated(content, payer, language)), html.Figcaption(title)], **aria(label=title))


def graph(figure: Any) -> Any:
    """A figure of the report, without plotly's buttons, and with so few marks that they do not touch on a phone."""
    figure.update_layout(height=400)
    figure.for_each_xaxis(_with_few_marks)
    return dcc.Graph(figure=figure, config={"displayModeBar": False, "responsive": True})


def _with_few_marks(axis: Any) -> None:
    if axis.tickvals is None:
        axis.nticks = min(axis.nticks or MOST_MARKS, MOST_MARKS)
    elif len(axis.tickvals) > MOST_MARKS:
        texts = axis.ticktext
        axis.tickvals, axis.ticktext = axis.tickvals[::2], None if texts is None else texts[::2]
