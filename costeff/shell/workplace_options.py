"""Options of commands that simulate much: where finished parts are kept, and which cluster works them out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from costeff.shell.output import check_named


def workplace_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--resume` and `--scheduler`: the command runs in the workplace that they name. It stands within `mended`."""

    @wraps(function)
    def run(*args: Any, resume: str | None, scheduler: str | None, **options: Any) -> Any:
        check_named(resume, "--resume")
        if resume is None and scheduler is None:
            return function(*args, **options)
        _refuse_table(options.get("source"), "--resume" if scheduler is None else "--scheduler")
        from costeff.simulation.workplace import workplace

        with workplace(resume, scheduler):
            return function(*args, **options)

    for option in (
        click.option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster, such as tcp://10.0.0.5:8786."),
        click.option(
            "--resume",
            type=click.Path(file_okay=False),
            help="Folder that keeps what has been simulated: the same command goes on from there.",
        ),
    ):
        run = option(run)
    return run


def _refuse_table(source: str | None, option: str) -> None:
    """A table of draws has been run: nothing would be kept or sent."""
    from costeff.errors import ScenarioError
    from costeff.shell.table_options_read import is_table

    if source is not None and is_table(source):
        raise ScenarioError(
            f"{option} is for what is simulated",
            value=source,
            rule="a table of draws has been run",
            way_out="leave it out",
        )
