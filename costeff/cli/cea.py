"""cea: the cost-effectiveness analysis of a table of draws from any program."""

from __future__ import annotations

from typing import Any

import click

from costeff.cli.base import main, mended
from costeff.cli.number import NumberRange
from costeff.cli.output import deliver, hold, saved
from costeff.cli.table_options import table_options


@main.command("cea")
@click.argument("table")
@click.option(
    "--wtp", "values", type=NumberRange(min=0), multiple=True,
    help="Currency per unit of effect; may be repeated. The first is marked in the figures.",
)  # fmt: skip
@table_options
@click.option("--title", default="", help="Of the report; default: the name of the file.")
@click.option(
    "--out", type=click.Path(file_okay=False), help="Folder for report.html, CSVs and summary.json."
)
@click.option(
    "--language",
    "--lang",
    type=click.Choice(["en", "da"]),
    default="en",
    show_default=True,
    help="Of the report.",
)
@mended
def cea_(table: str, values: tuple[float, ...], out: str | None, language: str, **asked: Any) -> None:
    """ICER table, comparison with the comparator, CEAC, CEAF and EVPI of a table of draws, and a report.

    TABLE is a CSV, XLSX or Parquet table from any program, of costs and effects by draw and strategy. It needs no
    parameters, and any number of draws will do.

    \b
    Examples: costeff cea psa.csv
              costeff cea psa.csv --wtp 20000 --wtp 30000 --comparator "Usual care" --out report
              costeff cea draws.xlsx --cost "c_*" --effect "weeks_*" --effect-sign -1 --ignore note
    """
    from dataclasses import replace

    from costeff.economics import wtp_curve
    from costeff.economics.tables.source import ENDINGS
    from costeff.errors import ScenarioError
    from costeff.study.cea import KIND, printed_cea, write_cea
    from costeff.study.table_asked import is_table, read_table, refuse_apart, refuse_wtp, said_first

    if not is_table(table):
        raise ScenarioError(
            "this is not a table of draws", value=table, rule=f"tables end in {', '.join(ENDINGS)}",
            way_out=f"run a model or scenario with `costeff run {table}`",
        )  # fmt: skip
    hold(out, KIND)
    evaluation = read_table(table, asked)
    refuse_wtp(evaluation, values)
    reads = (
        f"costeff voi {table} --wtp 0 reads"
        if evaluation.parameters
        else "in Python ceac(0) and evpi(0) read"
    )
    way_out = f"{reads} them as they are; or give costs and effects"
    refuse_apart(evaluation, "an ICER", way_out)
    if asked["title"]:
        evaluation = replace(evaluation, label=asked["title"])
    curve = wtp_curve(values) if values else None

    def write(place: str) -> tuple[list[str], list[str]]:
        written = write_cea(evaluation, curve, place, language, table)
        return written.names, written.notes()

    text = said_first(evaluation, printed_cea(evaluation, curve))
    deliver(text, saved(write, out))
