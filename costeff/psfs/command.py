"""psfs: who has improved on the Patient-Specific Functional Scale, beside usual care and beside no effect."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import WholeRange


@main.command("psfs")
@click.argument("scores", type=click.Path(dir_okay=False))
@click.option("--seed", type=WholeRange(0, 2**32), default=1, show_default=True, help="Of the courses under no effect.")
@click.option("--language", "--lang", type=LanguageName(), default="en", show_default=True, help="Of the text.")
@mended
def psfs_(scores: str, seed: int, language: str) -> None:
    """Who has improved on the Patient-Specific Functional Scale, beside usual care and beside no effect.

    SCORES is a CSV file with the columns person, group (team or usual_care), conversation (1, 2, ...) and score (the
    mean of the activities named, 0 to 10).

    \b
    Example: costeff psfs scores.csv --language nb
    """
    from costeff.psfs.read import read_scores
    from costeff.psfs.response import psfs_response
    from costeff.psfs.text import psfs_text

    click.echo(psfs_text(psfs_response(read_scores(scores), seed), language))
