"""verify: black-box checks of a model."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName


@main.command("verify")
@click.argument("model")
@click.option("--only", multiple=True, help="One check by its name; may be repeated.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False), help="File for all verdicts, for machines.")
@click.option("--language", "--lang", type=LanguageName(), default="en", show_default=True, help="Of the text.")
@mended
def verify_(model: str, only: tuple[str, ...], json_file: str | None, language: str) -> None:
    """Run a model where the answer is known, and say which answers came: checks after TECH-VER.

    MODEL is a shipped name or a YAML file of a model or scenario. It ends with 1 where a check fails, else with 0.

    \b
    Examples: costeff verify sick_sicker
              costeff verify my_model.yaml --json verified.json --language da
    """
    from costeff.files.whole import write_whole
    from costeff.verification.text import verification_text
    from costeff.verification.verify import verify

    verification = verify(model, only)
    if json_file is not None:
        write_whole(verification.to_json(language) + "\n", json_file)
    click.echo(verification_text(verification, language))
    if verification.failures:
        raise click.exceptions.Exit(1)
