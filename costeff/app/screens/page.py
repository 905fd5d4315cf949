"""A whole page: head with languages and screens, the screen's controls, and the result beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from dash import dcc, html

from costeff.app.files.edit import value_at
from costeff.app.results.desk import CaseDesk, Desk, State
from costeff.app.screens.attributes import aria
from costeff.app.screens.controls import group_of_controls
from costeff.app.screens.fields import SCREENS, groups
from costeff.app.screens.further import FURTHER, further
from costeff.app.screens.live import beside
from costeff.app.screens.log import changes
from costeff.app.screens.pane import pane, problem
from costeff.app.screens.start import address, start
from costeff.catalogue import languages, say
from costeff.errors import CosteffError
from costeff.labels import Label


def place_of(pathname: str | None, language: str) -> tuple[str, str, str]:
    """Language, case and screen of an address; the start screen has no case.

    >>> place_of("/da/min case.yaml/costs", "en"), place_of("/", "da")
    (('da', 'min case.yaml', 'costs'), ('da', '', ''))
    """
    first, name, screen, *_ = [*unquote(pathname or "/").strip("/").split("/"), "", "", ""]
    own_screen = screen if screen in (*SCREENS, *FURTHER) else SCREENS[0]
    return first if first in languages() else language, name, own_screen if name else ""


def whole_page(desk: Desk, language: str, name: str, screen: str) -> list[Any]:
    """What an address shows."""
    if not name:
        return [*_head(language, "", ""), html.Main(start(desk.folder, language), id="main")]
    try:
        one = desk.case(name)
        state = one.state()
        controls = screen_of(one, state, language, screen)
    except CosteffError as error:
        back = html.A(say("app_back", language), href=f"/{language}")
        return [*_head(language, "", ""), html.Main([html.H1(name), problem(error, language), back], id="main")]
    return [
        *_head(language, name, screen),
        html.Div(
            [
                html.Main(controls, id="main"),
                html.Aside(pane(state, language), id="pane", **aria(label=say("app_result", language))),
            ],
            className="columns",
        ),
        dcc.Interval(id="beat", interval=600, disabled=not state.is_busy),
        dcc.Store(id="version", data=state.version.number),
        dcc.Store(id="drawn", data=""),
        html.Div(id="notice", className="notice", role="status"),
    ]


def screen_of(one: CaseDesk, state: State, language: str, screen: str) -> list[Any]:
    """Heading and controls of a screen, and what stands beside them."""
    data = value_at(state.text, ()) or {}
    labels = labels_of(state)
    return [
        html.H1(say(f"app_screen_{screen}", language)),
        html.P(say(f"app_about_screen_{screen}", language), className="about"),
        *(group_of_controls(group, state.text, language, labels) for group in groups(screen, data)),
        *further(one.file.folder, one.file.name, state, language, screen),
        html.Div(beside(one.file.name, state, language, screen), id="beside"),
        _footer(one, language),
    ]


def labels_of(state: State) -> Mapping[str, Label]:
    """Names of parameters and departments for people, as the model and the case give them."""
    if state.latest is None:
        return {}
    content = state.latest.with_tables
    items = {row.item: row.label for row in content.items}
    return {**items, **content.parameter_labels, **{payer.name: payer.label for payer in content.payers}}


def _head(language: str, name: str, screen: str) -> list[Any]:
    here = f"/{name}/{screen}" if name else ""
    switch = [
        html.A(
            say(f"app_language_{one}", one),
            href=f"/{one}{here}",
            lang=one,
            **aria(current="true" if one == language else "false"),
        )
        for one in languages()
    ]
    steps = [
        html.Li(
            html.A(
                say(f"app_screen_{one}", language),
                href=address(language, name, one),
                **aria(current="page" if one == screen else "false"),
            )
        )
        for one in (*SCREENS, *FURTHER)
    ]
    home = html.A(say("app_name", language), href=f"/{language}", className="home")
    head = html.Header([home, html.Span(name, className="file"), html.Span(switch, className="languages")])
    menu = html.Nav(html.Ol(steps), **aria(label=say("app_screens", language))) if name else None
    gone_notice = html.Div(say("app_gone", language), id="gone", className="gone", role="alert", hidden=True)
    skip = html.A(say("app_skip", language), href="#main", className="skip")
    return [skip, gone_notice, head, *([menu] if menu is not None else [])]


def _footer(one: CaseDesk, language: str) -> Any:
    """Undo, the reason of the next answers, and what has changed in the file so far."""
    why = html.Div(
        [
            html.Label(say("app_reason", language), htmlFor="reason", className="label"),
            dcc.Input(id="reason", type="text", className="answer wide", autoComplete="off", value=""),
        ],
        className="field",
    )
    undo = html.Button(say("app_undo", language), id={"type": "command", "key": "undo"}, className="quiet")
    return html.Section(
        [html.H2(say("app_changes", language)), why, undo, html.Ul(changes(one.file, language), id="changes")]
    )
