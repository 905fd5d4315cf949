"""What happens when a planner does something: every callback of the app, bound to one desk."""

from __future__ import annotations

import uuid
from typing import Any

import dash
from dash import ALL, MATCH, Input, Output, State, dcc, html, no_update

from costeff.app.files.edit import value_at
from costeff.app.files.versions import Change, ConflictError
from costeff.app.results.desk import Desk
from costeff.app.screens import entry
from costeff.app.screens.fields import every_field, path_of
from costeff.app.screens.live import beside
from costeff.app.screens.page import place_of, whole_page
from costeff.app.screens.pane import pane, progress
from costeff.app.screens.start import address, made
from costeff.catalogue import say
from costeff.errors import CosteffError
from costeff.messages import error_text


def layout() -> Any:
    """What is on every page: the address, the tab's own name, and room for the page."""
    return html.Div(
        [
            dcc.Location(id="address", refresh="callback-nav"),
            dcc.Store(id="tab", data=uuid.uuid4().hex),
            dcc.Store(id="redraw", data=0),
            html.Div(id="page"),
        ]
    )


def register(app: dash.Dash, desk: Desk, language: str) -> None:
    """Bind every callback."""

    @app.callback(Output("page", "children"), Input("address", "pathname"), Input("redraw", "data"))
    def show(pathname: str | None, _: int) -> Any:
        return whole_page(desk, *place_of(pathname, language))

    @app.callback(
        Output({"type": "message", "key": MATCH}, "children"),
        Output({"type": "message", "key": MATCH}, "className"),
        Input({"type": "field", "key": MATCH}, "value"),
        State("address", "pathname"),
        State("version", "data"),
        State("tab", "data"),
        prevent_initial_call=True,
    )
    def answer(value: str | None, pathname: str, version: int, tab: str) -> tuple[Any, str]:
        own_language, name, _ = place_of(pathname, language)
        try:
            return answered(desk, name, dash.ctx.triggered_id["key"], value or "", version, tab, own_language)
        except ConflictError as error:
            return [_words(error, own_language), " ", _reload(own_language)], "message refused"
        except CosteffError as error:
            return _words(error, own_language), "message refused"

    @app.callback(
        Output("pane", "children"),
        Output("beside", "children"),
        Output("beat", "disabled"),
        Input("version", "data"),
        Input("beat", "n_intervals"),
        State("address", "pathname"),
        State("drawn", "data"),
        prevent_initial_call=True,
    )
    def result(_version: int, _beats: int | None, pathname: str, drawn: str | None) -> tuple[Any, Any, Any]:
        own_language, name, screen = place_of(pathname, language)
        state = desk.case(name).state()
        key = f"{state.version.number} {state.runs} {state.shown and (state.shown.version, state.shown.preview)}"
        if key == drawn:  # nothing is new but how far the simulation is
            dash.set_props("progress", {"children": progress(state, own_language)})
            return no_update, no_update, not state.runs
        dash.set_props("drawn", {"data": key})
        return pane(state, own_language), beside(state, own_language, screen), not state.runs

    @app.callback(
        Output("redraw", "data"),
        Input({"type": "command", "key": ALL}, "n_clicks"),
        Input({"type": "spread", "key": ALL}, "n_clicks"),
        State("address", "pathname"),
        State("version", "data"),
        State("tab", "data"),
        State("redraw", "data"),
        prevent_initial_call=True,
    )
    def command(
        clicks: list[int | None], spreads: list[int | None], pathname: str, version: int, tab: str, redraws: int
    ) -> Any:
        if not any(clicks) and not any(spreads):
            return no_update
        own_language, name, _ = place_of(pathname, language)
        one, key = desk.case(name), dash.ctx.triggered_id
        try:
            if key["type"] == "spread":
                path = path_of(key["key"])
                edit = entry.spread(path, value_at(one.file.read()[0], ()))
                one.file.save(edit, version, Change(key["key"], "", say("app_by_year", own_language), tab))
            elif key["key"] == "undo":
                one.file.undo(version, tab)
            else:
                (one.start if key["key"] == "simulate" else one.cancel)()
        except CosteffError as error:
            dash.set_props("notice", {"children": _words(error, own_language)})
            return no_update
        return redraws + 1

    @app.callback(
        Output("address", "pathname"),
        Output("new-message", "children"),
        Input("new-make", "n_clicks"),
        State("new-name", "value"),
        State("new-measure", "value"),
        State("new-year", "value"),
        State("address", "pathname"),
        prevent_initial_call=True,
    )
    def make(clicks: int | None, name: str | None, measure: str, year: str | None, pathname: str) -> tuple[Any, Any]:
        own_language, *_ = place_of(pathname, language)
        if not clicks:
            return no_update, no_update
        try:
            file = made(desk.folder, name or "", measure, year or "", own_language)
        except CosteffError as error:
            return no_update, _words(error, own_language)
        return address(own_language, file), ""


def answered(desk: Desk, name: str, key: str, value: str, version: int, tab: str, language: str) -> tuple[Any, str]:
    """Put one answer into the file; what is said under the control, and how it looks.

    Raises ConflictError when somebody else has changed the file, and CosteffError for an answer that is none.
    """
    one = desk.case(name)
    text, _ = one.file.read()
    field = every_field(value_at(text, ()) or {})[key]
    if value.strip() == entry.shown(field, text, language):
        return entry.as_read(field, text, language), "message"
    edit, change = entry.edit(field, value, text, language, tab)
    new = one.file.save(edit, version, change)
    dash.set_props("version", {"data": new.number})
    now, _ = one.file.read()
    return [say("app_saved", language), " ", entry.as_read(field, now, language)], "message saved"


def _words(error: CosteffError, language: str) -> str:
    return error_text(error, language)


def _reload(language: str) -> Any:
    return html.A(say("app_reload", language), href="")
