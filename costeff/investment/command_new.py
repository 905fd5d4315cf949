"""new, copy: the first file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import WholeRange
from costeff.types import EffectMeasure


@main.command("new")
@click.argument("case")
@click.option("--from", "form", default="tki2", show_default=True, help="The form to begin from.")
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the questions.")
@click.option(
    "--measure",
    type=click.Choice(get_args(EffectMeasure)),
    default="share",
    show_default=True,
    help="How you know the effect: the share back after 26 weeks, the median or the mean weeks.",
)
@click.option("--first-year", type=WholeRange(1900, 2200), help="First calendar year (default: the next).")
@click.option("--municipality", help="One of the 98 in the table of tax rates: rate and equalisation are filled in.")
@mended
def new_(case: str, form: str, language: str, measure: str, first_year: int | None, municipality: str | None) -> None:
    """Write a new investment case with the questions that only you can answer.

    CASE is the file to write. No effect and no cost is preset: `costeff invest` refuses each open question and says it.

    \b
    Examples: costeff new my_case.yaml --from tki2 --language da
              costeff new my_case.yaml --measure median --first-year 2027 --municipality Randers
    """
    from costeff.catalogue import say
    from costeff.files.day import writing_day
    from costeff.investment.new import new_case

    path = new_case(Path(case), form, language, measure, first_year or writing_day().year + 1, municipality)
    click.echo(say("new_case_written", language, file=str(path)))


@main.command("copy")
@click.argument("model")
@click.argument("name")
@mended
def copy_(model: str, name: str) -> None:
    """Copy a shipped MODEL with its parameters, to change it: NAME.yaml, and beside it a folder with its figures.

    \b
    Example: costeff copy tki2 my_model.yaml
    """
    from costeff.investment.copy_model import copy_model

    files = copy_model(model, Path(name))
    click.echo("Written: " + ", ".join(str(file) for file in files))
