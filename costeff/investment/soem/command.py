"""soem: a calculation on SØM's principle, read from a table and written as one."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.output import Saved, check_named, deliver


@main.command("soem")
@click.argument("table")
@click.option("--language", type=LanguageName(), default="en", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False), help="Write the table again, as .csv or .xlsx.")
@mended
def soem_(table: str, language: str, out: str | None) -> None:
    """Compute a SØM-style table: cost and gain by payer, year and item. Not validated by the authority.

    TABLE is a CSV file (commas and decimal points, or semicolons and decimal commas) or an XLSX file, with English
    or Danish headings, or the name of a shipped one. `tki2012` is a test of arithmetic, not of the effect.

    \b
    Examples: costeff soem tki2012
              costeff soem tki2012 --language da --out tki2012.csv
              costeff soem my_case.xlsx
    """
    from costeff.catalogue import say
    from costeff.investment.soem.form_of_costs import soem_result
    from costeff.investment.soem.read import read_soem
    from costeff.investment.soem.words import soem_text
    from costeff.investment.soem.write import write_soem

    check_named(out, "--out")
    case = read_soem(table)
    text = soem_text(soem_result(case), language)
    if out:
        write_soem(case, out, language)
        text += f"\n\n{say('written_to', language, place=out)}"
    deliver(text, Saved(out) if out else None, with_places=False)
