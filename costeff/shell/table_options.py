"""The options of every command that takes a PSA table: which columns, which strategies, what to leave out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = [
    click.option("--cost", metavar="COLUMN", help="Of a table: its cost; 'c_*' with * for the strategy, or c1,c2."),
    click.option(
        "--effect",
        metavar="NAME",
        help="Of a scenario; default: its main effect. Of a table: as --cost; none: costs only.",
    ),
    click.option("--net-benefit", metavar="COLUMN", help="Of a table, in place of cost and effect: as --cost."),
    click.option(
        "--map", "columns", metavar="OLD=NEW", multiple=True, help="Of a table: rename a column; may be repeated."
    ),
    click.option(
        "--ignore", metavar="COLUMNS", multiple=True, help="Of a table: columns to leave out, as a,b; may be repeated."
    ),
    click.option(
        "--strategies",
        metavar="NAMES",
        multiple=True,
        help="Of a table: only these, in this order, as a,b; may be repeated.",
    ),
    click.option("--comparator", help="Of a table; default: its first strategy."),
    click.option(
        "--effect-sign",
        type=click.Choice(["1", "-1"]),
        callback=lambda context, option, value: value and int(value),
        help="Of a table: -1 where fewer is better.",
    ),
    click.option("--effect-unit", help="Of a table; default: QALY."),
    click.option("--currency", help="Of a table; default: money."),
    click.option(
        "--parameters-file",
        "--parameters",
        "parameters_file",
        type=click.Path(dir_okay=False),
        help="Of a table: its parameters, in a second table.",
    ),
    click.option(
        "--effects-file",
        type=click.Path(dir_okay=False),
        help="Of a table that holds costs only: its effects, in a second table.",
    ),
    click.option(
        "--subgroup", metavar="COLUMN", help="Of a table: results are for all people, with --share of each subgroup."
    ),
    click.option(
        "--share", "shares", metavar="NAME=SHARE", multiple=True, help="Of the people in a subgroup; may be repeated."
    ),
    click.option("--sheet", help="Of a workbook; default: the only one that is not empty."),
    click.option("--encoding", metavar="NAME", help="Of a text table that is not UTF-8: windows-1252, utf-16-le, ..."),
]


def table_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a table, for `table_options_read.read_table`; lists of names are separated by commas."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
