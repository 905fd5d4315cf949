"""trial tabulate: a protected table of counts, noted in the log of exports."""

from __future__ import annotations

from pathlib import Path

import click

from costeff.shell.base import mended
from costeff.shell.output import check_named, deliver
from costeff.trial import command
from costeff.trial.command import language_option, no_values, trial


@trial.command("tabulate")
@click.argument("plan")
@click.argument("extract", type=click.Path())
@click.option("--by", multiple=True, required=True, help="`group`, or an attribute with categories; up to three times.")
@click.option("--out", type=click.Path(dir_okay=False), required=True, help="CSV file for the table.")
@click.option(
    "--log", type=click.Path(dir_okay=False), required=True, help="What has left before; it stays beside the data."
)
@language_option
@mended
@no_values
def tabulate_(plan: str, extract: str, by: tuple[str, ...], out: str, log: str, language: str) -> None:
    """Count people by group and attributes, and hide what would tell of a few, also with all earlier tables at hand.

    \b
    Example: costeff trial tabulate tki2_trial rehearsal --by group --by diagnosis --out table.csv --log exports.jsonl
    """
    from costeff.catalogue import say
    from costeff.files import reserved_file
    from costeff.trial.disclosure.tabulate import tabulate, write_table
    from costeff.trial.extract import read_extract
    from costeff.trial.text import plan_lines

    for option, place in (("--out", out), ("--log", log)):
        check_named(place, option)
    reserved_file(out, "--out")
    plan_read, lens, study, *_ = command._setting(plan, None)
    table = tabulate(read_extract(extract, plan_read, lens, study), by, log)
    write_table(table, out)
    count_hidden, cells = int(table.is_hidden.sum()), table.is_hidden.size
    lines = [
        *plan_lines(plan_read, lens, language),
        say("trial_tabulated", language, hidden=count_hidden, cells=cells, smallest=plan_read.smallest_cell, log=log),
        say("written_to", language, place=str(Path(out).parent)) + f": {Path(out).name}",
    ]
    deliver("\n".join(lines))
