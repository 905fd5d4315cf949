"""What happens when a planner does something: every callback of the app, bound to one desk."""

from __future__ import annotations

import uuid
from typing import Any

import dash
from dash import ALL, MATCH, Input, Output, State, dcc, html, no_update

from costeff.app.files.versions import ConflictError
from costeff.app.results.desk import Desk
from costeff.app.screens.acceptable import of_case
from costeff.app.screens.answers import Answer, Order, answered, done
from costeff.app.screens.live import beside
from costeff.app.screens.page import place_of, whole_page
from costeff.app.screens.pane import pane, problem, progress
from costeff.app.screens.start import address, made
from costeff.app.screens.uploaded import of_table
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
        State("reason", "value"),
        prevent_initial_call=True,
    )
    def answer(value: str | None, pathname: str, version: int, tab: str, reason: str | None) -> tuple[Any, str]:
        own_language, name, _ = place_of(pathname, language)
        try:
            one = Answer(name, dash.ctx.triggered_id["key"], value or "", reason or "")
            return answered(desk, one, version, tab, own_language)
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
    def result(_version: int, _beats: int | None, pathname: str, on_screen: str | None) -> tuple[Any, Any, Any]:
        own_language, name, screen = place_of(pathname, language)
        try:
            state = desk.case(name).state()
        except CosteffError as error:  # the file is gone, or its folder cannot be written any more
            return [problem(error, own_language)], no_update, True
        if state.stage == on_screen:  # nothing is new but how far the simulation is
            if state.runs:
                dash.set_props("progress", {"children": progress(state, own_language)})
            return no_update, no_update, not state.is_busy
        dash.set_props("drawn", {"data": state.stage})
        return pane(state, own_language), beside(name, state, own_language, screen), not state.is_busy

    @app.callback(
        Output("redraw", "data"),
        Input({"type": "command", "key": ALL}, "n_clicks"),
        Input({"type": "spread", "key": ALL}, "n_clicks"),
        Input({"type": "choice", "key": ALL, "choice": ALL}, "n_clicks"),
        State("address", "pathname"),
        State("version", "data"),
        State("tab", "data"),
        State("redraw", "data"),
        State({"type": "asked", "key": ALL}, "value"),
        prevent_initial_call=True,
    )
    def command(
        _clicks: Any,
        _spreads: Any,
        _choices: Any,
        pathname: str,
        version: int,
        tab: str,
        redraws: int,
        limits: list[str],
    ) -> Any:
        if not dash.ctx.triggered[0]["value"]:  # a button that has just been drawn
            return no_update
        own_language, name, _ = place_of(pathname, language)
        order = Order(name, dash.ctx.triggered_id, limits[0] if limits else "")
        try:
            if done(desk, order, version, tab, own_language):
                return redraws + 1
            dash.set_props("beat", {"disabled": False})  # the page asks how far the work is
        except CosteffError as error:
            dash.set_props("notice", {"children": _words(error, own_language)})
        return no_update

    @app.callback(
        Output("table-result", "children"),
        Input("table", "contents"),
        Input("table-wtp", "value"),
        State("table", "filename"),
        State("address", "pathname"),
        prevent_initial_call=True,
    )
    def read(contents: str | None, highest: str | None, name: str | None, pathname: str) -> Any:
        own_language, *_ = place_of(pathname, language)
        return of_table(contents, name or "", highest or "", own_language) if contents else no_update

    @app.callback(
        Output("case-acceptable", "children"),
        Input("case-wtp", "value"),
        Input("drawn", "data"),
        State("address", "pathname"),
        prevent_initial_call=True,
    )
    def accept(highest: str | None, _drawn: str | None, pathname: str) -> Any:
        own_language, name, _ = place_of(pathname, language)
        try:
            return of_case(desk.case(name).state(), highest or "", own_language)
        except CosteffError as error:
            return [problem(error, own_language)]

    @app.callback(
        Output("address", "pathname"),
        Output("new-message", "children"),
        Input({"type": "new", "key": ALL}, "n_clicks"),
        State("new-name", "value"),
        State("new-year", "value"),
        State("new-municipality", "value"),
        State("address", "pathname"),
        prevent_initial_call=True,
    )
    def make(
        _clicks: Any, name: str | None, year: str | None, municipality: str | None, pathname: str
    ) -> tuple[Any, Any]:
        own_language, *_ = place_of(pathname, language)
        if not dash.ctx.triggered[0]["value"]:
            return no_update, no_update
        try:
            measure = dash.ctx.triggered_id["key"]
            file = made(desk.folder, name or "", measure, year or "", own_language, municipality or "")
        except CosteffError as error:
            return no_update, _words(error, own_language)
        return address(own_language, file), ""


def _words(error: CosteffError, language: str) -> str:
    return error_text(error, language)


def _reload(language: str) -> Any:
    return html.A(say("app_reload", language), href="")
