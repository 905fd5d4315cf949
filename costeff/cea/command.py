"""cea: the cost-effectiveness analysis of a table of draws from any program."""

from __future__ import annotations

from typing import Any

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import NumberRange
from costeff.shell.output import deliver, hold, saved
from costeff.shell.table_options import table_options


@main.command("cea")
@click.argument("table")
@click.option(
    "--wtp",
    "values",
    type=NumberRange(min=0),
    multiple=True,
    help="Currency per unit of effect; may be repeated. The first is marked in the figures.",
)
@table_options
@click.option("--title", default="", help="Of the report; default: the name of the file.")
@click.option("--out", type=click.Path(file_okay=False), help="Folder for report.html, CSVs and summary.json.")
@click.option("--language", "--lang", type=LanguageName(), default="en", show_default=True, help="Of the report.")
@mended
def cea_(table: str, values: tuple[float, ...], out: str | None, language: str, **request: Any) -> None:
    """ICER table, comparison with the comparator, CEAC, CEAF and EVPI of a table of draws, and a report.

    TABLE is a CSV, XLSX or Parquet table from any program, of costs and effects by draw and strategy. It needs no
    parameters, and any number of draws will do. Of net benefits alone CEAC and EVPI are printed, as they were made.

    \b
    Examples: costeff cea psa.csv
              costeff cea psa.csv --wtp 20000 --wtp 30000 --comparator "Usual care" --out report
              costeff cea draws.xlsx --cost "c_*" --effect "weeks_*" --effect-sign -1 --ignore note
    """
    from dataclasses import replace

    from costeff.analysis.tables.source import ENDINGS
    from costeff.analysis.wtp import wtp_curve
    from costeff.errors import ScenarioError
    from costeff.shell.table_options_read import is_table, read_table, refuse_apart, refuse_wtp, said_first
    from costeff.study.table_text import KIND, printed_cea, write_cea

    if not is_table(table):
        raise ScenarioError(
            "this is not a table of draws",
            value=table,
            rule=f"tables end in {', '.join(ENDINGS)}",
            way_out=f"run a model or scenario with `costeff run {table}`",
        )
    hold(out, KIND)
    evaluation = read_table(table, request)
    refuse_wtp(evaluation, values)
    if out:
        refuse_apart(
            evaluation, "a report", "leave out --out, and CEAC and EVPI are printed; or give costs and effects"
        )
    if request["title"]:
        evaluation = replace(evaluation, label=request["title"])
    curve = wtp_curve(values) if values else None

    def write(place: str) -> tuple[list[str], list[str]]:
        report_files = write_cea(evaluation, curve, place, language, table)
        return report_files.names, report_files.notes()

    text = said_first(evaluation, printed_cea(evaluation, curve))
    deliver(text, saved(write, out))
