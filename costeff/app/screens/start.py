"""The first screen: the folder's cases, and a new one from a form."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from costeff.app.files import typed
from costeff.app.files.disk import disk_in_words
from costeff.app.files.edit import as_scalar, value_at, with_value
from costeff.app.files.folder import CaseFolder
from costeff.app.screens.attributes import aria
from costeff.app.screens.controls import choice_name
from costeff.app.screens.fields import SCREENS
from costeff.catalogue import say
from costeff.characters import RULE, WAY_OUT, banned
from costeff.errors import CosteffError, ScenarioError
from costeff.files import write_whole
from costeff.files.day import writing_day
from costeff.investment.belief.belief import MEASURES
from costeff.investment.municipalities import municipality_names
from costeff.investment.new import new_case
from costeff.messages import translated

MOST_CHARACTERS = 200
"""Of a title."""


def start(folder: CaseFolder, language: str) -> list[Any]:
    """The list of cases and the form of a new one."""
    names = folder.names()
    rows = [html.Li(html.A(_title(folder, name, language), href=address(language, name))) for name in names]
    cases = html.Ul(rows, className="cases") if rows else html.P(say("app_no_cases", language))
    return [
        html.H1(say("app_start", language)),
        html.P(say("app_offline", language, folder=str(folder.root))),
        html.Section([html.H2(say("app_my_cases", language)), cases]),
        html.Section([html.H2(say("app_new", language)), *_form(language)]),
    ]


def address(language: str, name: str, screen: str = SCREENS[0]) -> str:
    """The address of a screen of a case."""
    return f"/{language}/{quote(name)}/{screen}"


def made(folder: CaseFolder, title: str, measure: str, first_year: str, language: str, municipality: str = "") -> str:
    """Write a new case from the form and return its file's name; the table of tax rates answers for a municipality.

    Raises ScenarioError for what cannot be one.
    """
    if not title.strip():
        raise ScenarioError("the case has no name", rule="a case has a name", way_out="write one")
    if banned(title) or len(title) > MOST_CHARACTERS:
        raise ScenarioError("this text cannot stand in the file", rule=RULE, way_out=WAY_OUT)
    stem = re.sub(r"[^\w -]+", "", title, flags=re.UNICODE).strip()[:70]
    name = f"{stem or 'case'}.yaml"
    year = typed.year(first_year) if first_year.strip() else writing_day().year + 1
    own_measure = measure if measure in MEASURES else MEASURES[0]
    with disk_in_words():
        path = new_case(folder.free(name), "tki2", language, own_measure, year, municipality.strip() or None)
        # The name of the file has no room for every character of a title; the case's own pages tell the title.
        write_whole(with_value(path.read_text(encoding="utf-8"), ("title",), as_scalar(title.strip())), path)
    return name


def _title(folder: CaseFolder, name: str, language: str) -> list[Any]:
    """The case's title, and its file."""
    try:
        title = value_at(folder.file(name).read_text(encoding="utf-8-sig"), ("title",))
    except CosteffError as error:
        return [name, html.Span(translated(error.what, language), className="note")]
    text = title.get(language, next(iter(title.values()), "")) if isinstance(title, dict) else title
    return [str(text or name), html.Span(name, className="note")]


def _form(language: str) -> list[Any]:
    buttons = [
        html.Button(say("app_make", language, measure=choice_name(one, language)), id={"type": "new", "key": one})
        for one in MEASURES
    ]
    return [
        html.Div(
            [
                html.Label(say("app_new_name", language), htmlFor="new-name", className="label"),
                dcc.Input(id="new-name", type="text", className="answer wide", autoComplete="off", value=""),
            ],
            className="field",
        ),
        html.Div(
            [
                html.Label(say("app_first_year", language, name=""), htmlFor="new-year", className="label"),
                dcc.Input(
                    id="new-year",
                    type="text",
                    className="answer",
                    autoComplete="off",
                    value=str(writing_day().year + 1),
                ),
            ],
            className="field",
        ),
        html.Div(
            [
                html.Label(say("app_new_municipality", language), htmlFor="new-municipality", className="label"),
                dcc.Input(
                    id="new-municipality", type="text", className="answer", autoComplete="off", value="", list="places"
                ),
                html.Datalist([html.Option(value=one) for one in municipality_names()], id="places"),
                html.Div(say("app_new_municipality_note", language), className="message"),
            ],
            className="field",
        ),
        html.Fieldset(
            [html.Legend(say("app_new_measure", language)), html.Div(buttons, className="choices")], className="field"
        ),
        html.Div(id="new-message", className="message", **aria(live="polite")),
    ]
