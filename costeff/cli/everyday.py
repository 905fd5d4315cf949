"""list, describe, run, compare."""

from __future__ import annotations

from typing import Any

import click

from costeff.shell.base import main, mended, psa, run_options
from costeff.shell.image_option import check_image, image_option
from costeff.shell.language import LanguageName
from costeff.shell.number import NumberRange
from costeff.shell.output import deliver, hold, saved
from costeff.shell.precision import precise, precision_options
from costeff.shell.workplace_options import workplace_options


@main.command("list")
@mended
def list_() -> None:
    """List what is shipped: models, scenarios, cases, rules, study designs, countries, lenses and instruments.

    \b
    Example: costeff list
    """
    from costeff.bundled import available
    from costeff.investment.read import read_case
    from costeff.model import read_scenario
    from costeff.voi.trial_file import read_trial

    click.echo("Scenarios (costeff run NAME):")
    for name in available("scenarios"):
        click.echo(f"  {name:<24} {read_scenario(name).title.en}")
    click.echo("Investment cases (costeff invest NAME):")
    for name in available("cases"):
        click.echo(f"  {name:<24} {read_case(name).title.en}")
    click.echo("Rules with dates (rules: in a case):")
    for name in available("rules"):
        click.echo(f"  {name}")
    click.echo("Models:")
    for name in available("models"):
        click.echo(f"  {name}")
    click.echo("Trials (costeff voi SCENARIO --trial NAME):")
    for name in available("designs"):
        click.echo(f"  {name:<24} {read_trial(name).title.en}")
    for heading, kind in (
        ("Countries (country: in a model):", "countries"),
        ("Lenses of registers (lens: in the plan of a trial):", "lenses"),
        ("Instruments (instrument: in the plan of a trial):", "instruments"),
    ):
        click.echo(heading)
        for name in available(kind):
            click.echo(f"  {name}")


@main.command("describe")
@click.argument("scenario")
@click.option("--language", type=LanguageName(), default="en", show_default=True)
@mended
def describe_(scenario: str, language: str) -> None:
    """Print a model as a reviewer would check it: states, clocks, flows, every parameter, source and assumption.

    \b
    Examples: costeff describe tki2
              costeff describe my_scenario.yaml --language da
    """
    from costeff.analysis.description import describe_study
    from costeff.analysis.load import load

    click.echo(describe_study(load(scenario), language))


@main.command("run")
@click.argument("scenario")
@run_options
@precision_options
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    help="Folder for report.html, workbook.xlsx, results.nc, CSVs, summary.json.",
)
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the report.")
@image_option
@click.option(
    "--tables",
    type=click.Choice(["docx", "tex", "xlsx"]),
    multiple=True,
    help="With --out: the report's tables for Word, LaTeX or Excel too; may be repeated.",
)
@click.option(
    "--beside",
    "others",
    metavar="SCENARIO",
    multiple=True,
    help="With --out: another scenario in a table of the report; may be repeated.",
)
@mended
@workplace_options
def run_(
    scenario: str,
    out: str | None,
    language: str,
    image: str | None,
    tables: tuple[str, ...],
    others: tuple[str, ...],
    **request: Any,
) -> None:
    """Run a scenario's probabilistic analysis and print the ICER table of each perspective.

    SCENARIO is a shipped name or the path of a scenario or model file.

    \b
    Examples: costeff run tki2 --out out
              costeff run tki2 --draws 200 --individuals 500 --seed 1 --horizon "10 years" --out ten
              costeff run my_scenario.yaml --out out --language da
              costeff run tki2 --target-error 2000 --out precise
              costeff run tki2 --pilot --budget 60
              costeff run tki2 --out out --image png --tables docx --tables tex
              costeff run tki2 --out out --beside no_effect --beside harm
    """
    from costeff.errors import ScenarioError
    from costeff.study.printing import printed

    check_image(image, out, "--out")
    for option, names in (("--tables", tables), ("--beside", others)):
        if names and not out:
            raise ScenarioError(f"{option} without a folder", value=", ".join(names), way_out="add --out FOLDER")
    result = precise(scenario, out, request)
    if result is None:
        return

    def write(place: str) -> tuple[list[str], list[str]]:
        from costeff.study.writing import write

        output_files = write(result, place, language, image, tables, others)
        return output_files.names, output_files.notes()

    files = saved(write, out)
    deliver(printed(result), files)


@main.command("compare")
@click.argument("scenarios", nargs=-1, required=True)
@run_options
@click.option("--perspective", help="Or the parties of a case. Default: the model's first perspective.")
@click.option(
    "--limit",
    "limits",
    type=NumberRange(min=0),
    multiple=True,
    help="Of cases: most that may be financed at any time; may be repeated.",
)
@click.option("--out", type=click.Path(file_okay=False), help="Of cases: folder for the pages and tables.")
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of cases.")
@mended
@workplace_options
def compare_(scenarios: tuple[str, ...], perspective: str | None, **request: Any) -> None:
    """Run several scenarios, or several investment cases, with the same seed and print them side by side.

    \b
    Examples: costeff compare tki2 no_effect harm --draws 200 --individuals 500
              costeff compare case_a.yaml case_b.yaml --limit 5000000 --out both --language da
    """
    from costeff.bundled import is_path, resolve
    from costeff.errors import ScenarioError
    from costeff.investment.read import is_case

    cases = [name for name in scenarios if is_case(name)]
    if cases:
        for name in scenarios:  # one that is not there is neither a case nor a scenario
            if name not in cases and is_path(name):
                resolve("scenarios", name)
    if cases and len(cases) < len(scenarios):
        raise ScenarioError(
            "cases and scenarios cannot be compared with each other",
            value=", ".join(cases),
            rule="a case is money by calendar year of everybody, a scenario money per citizen over their time",
            way_out="give cases only (files with `case:` at their top), or scenarios only",
        )
    if cases:
        from costeff.investment.command import compare_cases

        hold(request["out"], "comparison")
        compare_cases(scenarios, perspective, request["out"], request["language"], request["limits"], request)
        return
    if request["out"] or request["limits"]:
        raise ScenarioError("--out and --limit are for investment cases", way_out="use `costeff run` with --out")
    from costeff.study.printing import compared

    click.echo(compared([(name, psa(name, request)) for name in scenarios], perspective))
