"""schema, migrate: the files that people write."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended


@main.command("schema")
@click.argument("kind")
@mended
def schema_(kind: str) -> None:
    """Print the JSON Schema of a KIND of file, from which editors complete and check what is written.

    KIND is model, parameters, scenario, case, rules, trial or targets. Name the schema in the first line of your file:
    # yaml-language-server: $schema=model.schema.json

    \b
    Example: costeff schema model > model.schema.json
    """
    from costeff.study.schemas import schema_text

    click.echo(schema_text(kind), nl=False)


@main.command("migrate")
@click.argument("file", nargs=-1, required=True)
@mended
def migrate_(file: tuple[str, ...]) -> None:
    """Rewrite words of version 0.1.0 in your files to those of today; comments and layout stay.

    FILE is a model, parameter, scenario, case, rule, trial or targets file; several may be named. A file without old
    words is left as it is.

    \b
    Example: costeff migrate my_trial.yaml
    """
    from costeff.study.migrate import migrate

    for name in file:
        replacements = migrate(name)
        click.echo(f"{name}: {'; '.join(map(str, replacements)) or 'nothing to change'}")
