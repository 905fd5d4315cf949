"""ask: the figures of a case that are worth asking for, and the starts of its programme that would teach most."""

from __future__ import annotations

from typing import Any

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import NumberRange, WholeRange
from costeff.shell.workplace_options import workplace_options


@main.command("ask")
@click.argument("case")
@click.option("--language", type=LanguageName(), default="en", show_default=True)
@click.option("--draws", type=WholeRange(min=100), help="Parameter sets (default: the case's).")
@click.option("--individuals", type=WholeRange(min=2), help="People simulated in each draw.")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers.")
@click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number.")
@click.option("--districts", type=WholeRange(2, 50), default=4, show_default=True, help="That could start in turn.")
@click.option(
    "--spread",
    type=NumberRange(0.1, 50),
    default=3.0,
    show_default=True,
    help="Of the share back between districts, points.",
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
@mended
@workplace_options
def ask_(case: str, language: str, districts: int, spread: float, quiet: bool, **request: Any) -> None:
    """Rank the figures of a case by what knowing each exactly is worth, with who holds it, in which form and table.

    Below them the starts that would teach whether the programme works: by lot, or district by district.

    \b
    Examples: costeff ask tki2-aarhus-investment
              costeff ask my_case.yaml --language da --draws 500
    """
    from dataclasses import replace

    from costeff.catalogue import say
    from costeff.investment.invest import invest
    from costeff.investment.report.content_of_case import case_content
    from costeff.investment.report.figures_to_ask import ask_note, ask_rows
    from costeff.investment.report.start_designs import start_heads, start_rows, start_sentences
    from costeff.study.ask import worth_asking
    from costeff.study.start_designs import start_designs

    result = invest(case, **request, progress=False if quiet else None)
    content = replace(
        case_content(result),
        ask_rows=worth_asking(result),
        start_designs=start_designs(result, districts, spread / 100),
    )
    for number, (figure, worth, form, holder, table) in enumerate(ask_rows(content, language), start=1):
        click.echo(f"{number}. {figure}: {worth}")
        click.echo(f"   {say('ask_holder', language)}: {holder}; {table}")
        click.echo(f"   {say('ask_form', language)}: {form}")
    click.echo(ask_note(content, language))
    heads = start_heads(language)
    if content.start_designs:
        click.echo(f"\n{say('start_heading', language)}")
    for row in start_rows(content, language):
        click.echo("\n".join([row[0], *(f"   {head}: {text}" for head, text in zip(heads[1:], row[1:], strict=True))]))
    for sentence in start_sentences(content, language):
        click.echo(sentence)
