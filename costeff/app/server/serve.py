"""Dash on waitress, on 127.0.0.1 only, with everything that a page needs served from here."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

import dash
import waitress

from costeff.app.files.folder import CaseFolder
from costeff.app.results.desk import Desk
from costeff.app.screens.callbacks import layout, register
from costeff.app.server.gate import Gate
from costeff.catalogue import say
from costeff.errors import CosteffError
from costeff.numerics.allocator import keep_one_arena

ADDRESS = "127.0.0.1"
THREADS = 8
MOST_BYTES = 12 * 10**6
"""Of a request: a table that is uploaded takes a third more than its file."""


def dash_app(desk: Desk, language: str) -> dash.Dash:
    """The app with all its screens."""
    app = dash.Dash(
        "costeff",
        title=say("app_name", language),
        update_title="",
        assets_folder=str(Path(__file__).parents[1] / "assets"),
        serve_locally=True,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        enable_mcp=False,
    )
    app.index_string = app.index_string.replace("<html>", f'<html lang="{language}">')
    app.layout = layout
    register(app, desk, language)
    app.server.add_url_rule("/files/<name>/<file>", view_func=lambda name, file: _sent(desk, name, file))
    return app


def _sent(desk: Desk, name: str, file: str) -> Any:
    """A file of a case, or the message that there is none."""
    import flask

    try:
        path = desk.folder.result_file(name, file)
    except CosteffError as error:
        return flask.Response(error.what, 404, mimetype="text/plain")
    # Pages of the report carry their own script; they are opened from the disk, not inside the app.
    return flask.send_file(path, as_attachment=True, download_name=file)


class Server:
    """The app on one port; 0 lets the machine choose one that is free."""

    def __init__(self, folder: Path, language: str = "da", port: int = 0) -> None:
        keep_one_arena()  # before the threads that compute begin
        self.desk = Desk(CaseFolder(folder))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((ADDRESS, port))
        self.gate = Gate(dash_app(self.desk, language).server.wsgi_app, self._socket.getsockname()[1])
        self._waitress: Any = waitress.create_server(
            self.gate, sockets=[self._socket], threads=THREADS, max_request_body_size=MOST_BYTES, ident=""
        )

    @property
    def address(self) -> str:
        """The start address, with its token."""
        return self.gate.address

    def run(self) -> None:
        """Serve until it is closed."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a page asks for more files than there are threads
        self._waitress.run()

    def close(self) -> None:
        """End it: nothing is lost, since every answer is in the file."""
        self._waitress.close()
