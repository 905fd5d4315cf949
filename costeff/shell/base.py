"""What every command shares: the group, how mistakes end, and the options of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, get_args

import click

from costeff.shell.collection import collected_rarely
from costeff.shell.console import show_what_can_be_shown
from costeff.shell.ends import tidy_ends
from costeff.shell.net import net
from costeff.shell.number import WholeRange
from costeff.shell.warned import log_in_words, warnings_in_words
from costeff.types import DrawMethod

METHODS = get_args(DrawMethod)


def mended(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command that ends with a message and an exit code whatever happens: see `costeff.shell.net`."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        with net(), warnings_in_words(), log_in_words():
            return function(*args, **options)

    return run


class Commands(click.Group):
    """The group of commands; what a command's options or arguments cannot take ends in words too."""

    def invoke(self, ctx: click.Context) -> Any:
        show_what_can_be_shown()
        with collected_rarely(), tidy_ends(), net():
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="costeff")
def main() -> None:
    """Cost-effectiveness of return-to-work and coordinated-care programmes.

    \b
    costeff list                          what is shipped
    costeff describe tki2                 a model as a reviewer would check it
    costeff run tki2 --out out            the main analysis, with a report
    costeff compare tki2 no_effect harm   scenarios side by side
    costeff cea psa.csv --wtp 20000       a table of draws from any program

    Numbers are typed so that they read one way: 5000000, 5 000 000 or 0.5; 5.000 and 5,000 are refused.
    """


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that runs a scenario."""
    for option in reversed(
        [
            click.option("--draws", type=WholeRange(min=2), help="Parameter sets (default: the scenario's)."),
            click.option("--individuals", type=WholeRange(min=1), help="People in each draw."),
            click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers."),
            click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number."),
            click.option("--method", type=click.Choice(METHODS), help="How parameters are drawn."),
            click.option("--horizon", help="For example '10 years'."),
            click.option("--engine", help="microsim (default), stepping or cohort."),
            click.option("--quiet", is_flag=True, help="No progress bar."),
        ]
    ):
        function = option(function)
    return function


def psa(scenario: str, request: dict[str, Any]) -> Any:
    """The probabilistic result of one scenario under the command's options."""
    from costeff.analysis import psa as runs
    from costeff.shell.study_options import with_options

    study = with_options(scenario, horizon=request["horizon"])
    keys = ("draws", "individuals", "seed", "threads", "method", "engine")
    progress = False if request["quiet"] else None
    return runs.psa(study, **{key: request[key] for key in keys}, progress=progress)
