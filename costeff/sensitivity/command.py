"""dsa, threshold: deterministic sensitivity of a scenario, or of a PSA table from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from costeff.shell.base import main, mended
from costeff.shell.image_option import check_image, image_option
from costeff.shell.language import LanguageName
from costeff.shell.number import Number, NumberOrName, WholeRange
from costeff.shell.output import deliver_tables, hold_tables
from costeff.shell.table_options import table_options

_OPTIONS = [
    click.option(
        "--perspective", "perspectives", multiple=True, help="May be repeated. Default: the first; side by side: all."
    ),
    click.option("--wtp", type=Number(), help="Currency per unit of effect: net benefit in place of net cost."),
    click.option("--measure", type=click.Choice(["net_benefit", "net_cost", "effect"]), help="Never an ICER."),
    click.option("--strategy", help="Compared with the comparator; default: the last one."),
    click.option("--individuals", type=WholeRange(min=1), help="People in each batch (default 2000)."),
    click.option("--batches", type=WholeRange(min=1), help="For the Monte Carlo error (default 5)."),
    click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers."),
    click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number."),
    click.option("--engine", help="microsim (default), stepping or cohort."),
    click.option("--horizon", help="For example '10 years'."),
    click.option("--json", "file", type=click.Path(dir_okay=False), help="Write everything to this file."),
    click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figures as HTML pages."),
    image_option,
    click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the figures."),
]


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both commands."""
    function = table_options(function)
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@main.command("dsa")
@click.argument("source")
@click.option("--parameter", "parameters", multiple=True, help="Only this one; may be repeated.")
@click.option(
    "--range",
    "ranges",
    type=(str, Number(), Number()),
    multiple=True,
    metavar="NAME LOW HIGH",
    help="Ends of a parameter in place of its 95 % interval; may be repeated.",
)
@click.option("--level", type=Number(), help="Of the intervals (default 0.95).")
@click.option("--joint-draws", type=WholeRange(min=2), help="Of parameters estimated jointly (default 60).")
@click.option("--two-way", type=(str, str), metavar="A B", help="A grid of two parameters instead.")
@click.option("--grid", type=WholeRange(min=2), help="Values of each of the two (default 9).")
@click.option(
    "--scenario", "scenarios", multiple=True, help="A table of base cases side by side instead; may be repeated."
)
@click.option(
    "--mend",
    type=(str, str),
    metavar="A LIKE",
    help="Which stage of strategy A's delivery is worth mending, by itself, to be as in LIKE; needs --wtp.",
)
@click.option("--draws", type=WholeRange(min=2), help="With --mend (default 256).")
@_shared
@mended
def dsa_(source: str, file: str | None, figures: str | None, image: str | None, language: str, **request: Any) -> None:
    """One-way sensitivity (tornado), a two-way grid, scenarios side by side, or which stage is worth mending.

    SOURCE is a scenario, or a CSV, XLSX or Parquet table of costs, effects and parameters by draw, of which conditional
    means are taken. Parameters that only price are not simulated again; those estimated jointly are drawn jointly.

    \b
    Examples: costeff dsa tki2 --perspective municipal --figures figures
              costeff dsa tki2 --two-way hr_self_support programme_cost --json grid.json
              costeff dsa tki2 --scenario no_effect --scenario harm
              costeff dsa connect --mend as_delivered as_planned --wtp 300000
              costeff dsa psa.csv --wtp 100000
    """
    from costeff.sensitivity.command_dsa import dsa

    check_image(image, figures, "--figures")
    hold_tables(file, figures)
    _show(dsa(source, request), file, figures, language, image)


@main.command("threshold")
@click.argument("source")
@click.option("--parameter", multiple=True, help="May be repeated: all are then set to the same value.")
@click.option(
    "--units",
    type=NumberOrName(),
    help="Of a table: the value-based price of --strategy, of which a person uses so many (a number or a parameter).",
)
@click.option("--price", type=NumberOrName(), help="With --units: what the table counts for one (default 0).")
@click.option("--target", type=Number(), help="Of the result (default 0: break even).")
@click.option("--low", type=Number(), help="Where the search begins (default: the 99.9 % interval).")
@click.option("--high", type=Number(), help="Where it ends.")
@click.option("--points", type=WholeRange(min=2), help="Points between which roots are sought (default 21).")
@_shared
@mended
def threshold_(
    source: str, file: str | None, figures: str | None, image: str | None, language: str, **request: Any
) -> None:
    """The value of a parameter at which a perspective breaks even, and where another strategy is the best of all.

    With --units: the price at which a strategy is as good as the best of the others.

    \b
    Examples: costeff threshold tki2 --parameter hr_self_support --perspective municipal
              costeff threshold psa.csv --parameter price --wtp 100000 --figures figures
              costeff threshold psa.csv --strategy new --units 12 --price 900 --wtp 100000
    """
    from costeff.sensitivity.command_dsa import threshold

    check_image(image, figures, "--figures")
    hold_tables(file, figures)
    _show(threshold(source, request), file, figures, language, image)


def _show(answer: Any, file: str | None, figures: str | None, language: str, image: str | None) -> None:
    deliver_tables(
        "\n\n".join(answer.texts),
        file,
        figures,
        lambda place: answer.write(place, None, language),
        lambda place: answer.write(None, place, language, image),
    )
