"""rollout: how a programme spreads over years and municipalities, and what lasts of it."""

from __future__ import annotations

from typing import Any

import click

from costeff.shell.base import main, mended, psa, run_options
from costeff.shell.language import LanguageName


@main.command("rollout")
@click.argument("scenario")
@run_options
@click.option("--csv", type=click.Path(dir_okay=False), help="Write reach and money by municipality and year here.")
@click.option("--language", "--lang", type=LanguageName(), default="en", show_default=True, help="Of the text.")
@mended
def rollout_(scenario: str, csv: str | None, language: str, **request: Any) -> None:
    """Who is reached when and where, what lasts when the project's money ends, and for whom it pays.

    SCENARIO has a section `rollout`: reach by year since the start, municipalities, and fixed costs.

    \b
    Examples: costeff rollout followup-teams-pilot
              costeff rollout followup-teams-pilot --language nb --csv reach.csv
    """
    from costeff.files import reserved_file
    from costeff.files.cells import write_csv
    from costeff.files.whole import whole_file
    from costeff.rollout.rollout import rollout
    from costeff.rollout.text import rollout_text
    from costeff.shell.output import check_named

    check_named(csv, "--csv")
    if csv:
        reserved_file(csv, "--csv")
    result = psa(scenario, request)
    of = rollout(result)
    labels = {one.name: one.label for one in result.model.perspectives}
    conventions = result.model.conventions
    click.echo(rollout_text(of, labels, conventions.currency, conventions.price_year, language))
    if csv is not None:
        with whole_file(csv) as draft:
            write_csv(of.by_year(), draft)
