"""ask: the figures of a case that are worth asking a municipality, a programme or a register for."""

from __future__ import annotations

from typing import Any

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import WholeRange
from costeff.shell.workplace_options import workplace_options


@main.command("ask")
@click.argument("case")
@click.option("--language", type=LanguageName(), default="en", show_default=True)
@click.option("--draws", type=WholeRange(min=100), help="Parameter sets (default: the case's).")
@click.option("--individuals", type=WholeRange(min=2), help="People simulated in each draw.")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers.")
@click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@mended
@workplace_options
def ask_(case: str, language: str, quiet: bool, **request: Any) -> None:
    """Rank the figures of a case by what knowing each exactly is worth, with who holds it, in which form and table.

    \b
    Examples: costeff ask tki2-aarhus-investment
              costeff ask my_case.yaml --language da --draws 500
    """
    from dataclasses import replace

    from costeff.catalogue import say
    from costeff.investment.invest import invest
    from costeff.investment.report.content_of_case import case_content
    from costeff.investment.report.figures_to_ask import ask_note, ask_rows
    from costeff.study.ask import worth_asking

    result = invest(case, **request, progress=False if quiet else None)
    content = replace(case_content(result), ask_rows=worth_asking(result))
    for number, (figure, worth, form, holder, table) in enumerate(ask_rows(content, language), start=1):
        click.echo(f"{number}. {figure}: {worth}")
        click.echo(f"   {say('ask_holder', language)}: {holder}; {table}")
        click.echo(f"   {say('ask_form', language)}: {form}")
    click.echo(ask_note(content, language))
