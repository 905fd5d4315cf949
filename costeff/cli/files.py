"""schema, migrate: the files that people write."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended


@main.command("schema")
@click.argument("kind")
@mended
def schema_(kind: str) -> None:
    """Print the JSON Schema of a KIND of file, from which editors complete and check what is written.

    KIND is model, parameters, scenario, case, rules, design or targets. Name the schema in the first line of your file:
    # yaml-language-server: $schema=model.schema.json

    \b
    Example: costeff schema model > model.schema.json
    """
    from costeff.study.schemas import schema_text

    click.echo(schema_text(kind), nl=False)
