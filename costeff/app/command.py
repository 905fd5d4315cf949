"""app: the planner's screens in a browser of this machine."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended
from costeff.shell.collection import collect_usually
from costeff.shell.language import LanguageName
from costeff.shell.number import WholeRange


@main.command("app")
@click.argument("folder", default=".", type=click.Path(file_okay=False))
@click.option("--language", type=LanguageName(), default="da", show_default=True, help="Of the first screen.")
@click.option("--port", type=WholeRange(0, 65535), default=0, help="Default: one that is free.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@mended
def app_(folder: str, language: str, port: int, no_browser: bool) -> None:
    """Open the planner's app on the case files of FOLDER (default: this folder).

    It answers this machine only, needs no network, and edits the same case files as `costeff invest`.

    \b
    Examples: costeff app
              costeff app cases --language en --no-browser
    """
    import webbrowser
    from pathlib import Path

    from costeff.catalogue import say
    from costeff.errors import MissingExtraError

    try:
        from costeff.app.server.serve import Server
    except ModuleNotFoundError as error:
        if error.name not in ("dash", "waitress"):
            raise
        raise MissingExtraError(
            "the app needs Dash and waitress, which are not installed",
            value=error.name,
            rule="they come with the extra `app`",
            way_out="python -m pip install 'costeff[app]'",
        ) from error
    server = Server(Path(folder), language, port)
    click.echo(say("app_at", language, address=server.address))
    click.echo(say("app_stop", language))
    if not no_browser:
        webbrowser.open(server.address)
    collect_usually()
    try:
        server.run()
    finally:
        server.close()
