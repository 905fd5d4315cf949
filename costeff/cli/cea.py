"""cea: the cost-effectiveness analysis of a table of draws from any program."""

from __future__ import annotations

from typing import Any

import click

from costeff.cli.base import main, mended
from costeff.cli.number import NumberRange
from costeff.cli.output import deliver, hold, saved


@main.command("cea")
@click.argument("table")
@click.option(
    "--wtp", "values", type=NumberRange(min=0), multiple=True,
    help="Currency per unit of effect; may be repeated. The first is marked in the figures.",
)  # fmt: skip
@click.option("--comparator", help="Default: the first strategy.")
@click.option("--currency", default="money", show_default=True, help="What to call the money of the table.")
@click.option("--effect-unit", default="QALY", show_default=True, help="Unit of the effect.")
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

    TABLE is a CSV or Parquet file of costs and effects by draw and strategy. It needs no parameters, and any number
    of draws will do.

    \b
    Examples: costeff cea psa.csv
              costeff cea psa.csv --wtp 20000 --wtp 30000 --comparator "Usual care" --out report
    """
    from costeff.economics import read_psa, wtp_curve
    from costeff.study.cea import KIND, printed_cea, write_cea

    hold(out, KIND)
    evaluation = read_psa(
        table, label=asked["title"],
        **{key: asked[key] for key in ("comparator", "currency", "effect_unit")},
    )  # fmt: skip
    curve = wtp_curve(values) if values else None

    def write(place: str) -> tuple[list[str], list[str]]:
        written = write_cea(evaluation, curve, place, language, table)
        return written.names, written.notes()

    text = printed_cea(evaluation, curve)
    deliver(text, saved(write, out))
