"""severity: the class of a condition by absolute shortfall."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import Number, WholeRange


@main.command("severity")
@click.argument("country")
@click.option("--age", type=WholeRange(min=0), required=True, help="Of the patients, in whole years.")
@click.option("--qalys", type=Number(), help="That patients have left under today's treatment, undiscounted.")
@click.option("--loss", type=Number(), help="Of utility, in the place of --qalys; with --years.")
@click.option("--years", type=WholeRange(min=1), multiple=True, help="How long the loss lasts; may be repeated.")
@click.option("--language", "--lang", type=LanguageName(), default="en", show_default=True, help="Of the text.")
@mended
def severity_(
    country: str, age: int, qalys: float | None, loss: float | None, years: tuple[int, ...], language: str
) -> None:
    """How severe a condition is: good life years lost, and the class and value of a QALY that the country gives them.

    COUNTRY is a shipped name (norway) or a YAML file. People of the age have so many QALYs left by its life table and
    norm; patients have --qalys left, or lose --loss of utility for --years.

    \b
    Examples: costeff severity norway --age 45 --loss 0.22 --years 1 --years 5 --years 20
              costeff severity norway --age 84 --qalys 3.5
    """
    from costeff.catalogue import say
    from costeff.errors import ScenarioError
    from costeff.model.country import read_country
    from costeff.severity.shortfall import severity, severity_by_duration
    from costeff.severity.text import severity_text

    if (qalys is None) == (loss is None) or (loss is None) != (not years):
        raise ScenarioError(
            "the patients' health is not told in one way",
            rule="either --qalys, or --loss with one or several --years",
            way_out="for example --loss 0.2 --years 5",
        )
    place = read_country(country)
    if qalys is not None:
        conditions = [(say("severity_patients", language), severity(place, age, qalys))]
    else:
        assert loss is not None
        names = [say("years" if n != 1 else "one_year", language, number=n) for n in years]
        conditions = list(zip(names, severity_by_duration(place, age, loss, years), strict=True))
    click.echo(severity_text(place, conditions, language))
