"""The command line: list, describe, run, compare, calibrate, histories, benchmark, warmup.

Heavy modules load when a command runs, not for --help.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from costeff.errors import CosteffError


def _mended(function: Callable[..., Any]) -> Callable[..., Any]:
    """User mistakes end with their message on stderr and exit code 2; nothing is written."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except CosteffError as error:
            click.echo(f"costeff: {error}", err=True)
            sys.exit(2)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="costeff")
def main() -> None:
    """Cost-effectiveness of return-to-work and coordinated-care programmes.

    \b
    costeff list                          what is shipped
    costeff describe tki2                 a model as a reviewer would check it
    costeff run tki2 --out out            the main analysis, with a report
    costeff compare tki2 no_effect harm   scenarios side by side
    """


def _run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.option(
                "--draws", type=click.IntRange(min=2), help="Parameter sets (default: the scenario's)."
            ),
            click.option("--individuals", type=click.IntRange(min=1), help="People in each draw."),
            click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Same seed, same numbers."),
            click.option("--threads", type=click.IntRange(min=1), help="Default: all. It changes no number."),
            click.option(
                "--method",
                type=click.Choice(["random", "latin_hypercube", "sobol"]),
                help="How parameters are drawn.",
            ),
            click.option("--horizon", help="For example '10 years'."),
            click.option("--engine", help="microsim (default), stepping or cohort."),
            click.option("--quiet", is_flag=True, help="No progress bar."),
        ]
    ):
        function = option(function)
    return function


@main.command("list")
@_mended
def list_() -> None:
    """List the models and scenarios that are shipped.

    \b
    Example: costeff list
    """
    from costeff.bundled import available
    from costeff.model import read_scenario

    click.echo("Scenarios (costeff run NAME):")
    for name in available("scenarios"):
        click.echo(f"  {name:<24} {read_scenario(name).title.en}")
    click.echo("Models:")
    for name in available("models"):
        click.echo(f"  {name}")


@main.command("describe")
@click.argument("scenario")
@click.option("--language", type=click.Choice(["en", "da"]), default="en", show_default=True)
@_mended
def describe_(scenario: str, language: str) -> None:
    """Print a model as a reviewer would check it: states, clocks, flows, every parameter, source and assumption.

    \b
    Examples: costeff describe tki2
              costeff describe my_scenario.yaml --language da
    """
    from costeff.study import load

    click.echo(load(scenario).describe(language))


@main.command("run")
@click.argument("scenario")
@_run_options
@click.option(
    "--out", type=click.Path(file_okay=False), help="Folder for report.html, results.nc, CSVs, summary.json."
)
@click.option(
    "--language", type=click.Choice(["en", "da"]), default="en", show_default=True, help="Of the report."
)
@_mended
def run_(scenario: str, out: str | None, language: str, **asked: Any) -> None:
    """Run a scenario's probabilistic analysis and print the ICER table of each perspective.

    SCENARIO is a shipped name or the path of a scenario or model file.

    \b
    Examples: costeff run tki2 --out out
              costeff run tki2 --draws 200 --individuals 500 --seed 1 --horizon "10 years" --out ten
              costeff run my_scenario.yaml --out out --language da
    """
    from costeff.study.printing import printed

    result = _psa(scenario, asked)
    click.echo(printed(result))
    if out:
        names = result.write(out, language)
        click.echo(f"\nWritten to {out}: {', '.join(names)}")


@main.command("compare")
@click.argument("scenarios", nargs=-1, required=True)
@_run_options
@click.option("--perspective", default="municipal", show_default=True)
@_mended
def compare_(scenarios: tuple[str, ...], perspective: str, **asked: Any) -> None:
    """Run several scenarios with the same seed and print their increments side by side.

    \b
    Example: costeff compare tki2 no_effect harm --draws 200 --individuals 500
    """
    from costeff.study.printing import compared

    click.echo(compared([(name, _psa(name, asked)) for name in scenarios], perspective))


@main.command("calibrate")
@click.argument("scenario", default="tki2")
@click.option(
    "--out", type=click.Path(file_okay=False), help="Folder for the posterior draws and the fit tables."
)
@click.option(
    "--check", is_flag=True, help="Only re-simulate the shipped posterior and print target against model."
)
@click.option("--draws", type=click.IntRange(min=2), help="Members of the ensemble.")
@click.option("--individuals", type=click.IntRange(min=1), help="People simulated per target and draw.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), default=1, show_default=True)
@click.option("--threads", type=click.IntRange(min=1))
@_mended
def calibrate_(scenario: str, out: str | None, check: bool, **asked: Any) -> None:
    """Calibrate baseline hazards to published targets; print target, published value with interval, model value.

    \b
    Examples: costeff calibrate tki2 --check
              costeff calibrate tki2 --out posterior
    """
    from costeff.calibrate import calibrate_command

    chosen = {key: value for key, value in asked.items() if value is not None}
    click.echo(str(calibrate_command(scenario, out, check=check, **chosen)))


@main.command("histories")
@click.argument("scenario")
@click.option("--individuals", type=click.IntRange(min=1), help="People (default: the scenario's).")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Same seed, same lives.")
@click.option(
    "--draw", type=click.IntRange(min=0), help="Parameter set of the analysis (default: base case)."
)
@click.option("--horizon", help="For example '10 years'.")
@click.option(
    "--form", type=click.Choice(["sojourns", "mstate", "lifelines"]), default="sojourns", show_default=True
)
@click.option("--out", type=click.Path(dir_okay=False), required=True, help="CSV file to write.")
@_mended
def histories_(scenario: str, form: str, out: str, horizon: str | None, **asked: Any) -> None:
    """Write individual lives: one row per stay, or the long multi-state form of R's mstate or Python's lifelines.

    \b
    Examples: costeff histories tki2 --individuals 1000 --out lives.csv
              costeff histories tki2 --form mstate --draw 3 --out mstate.csv
    """
    from costeff.histories import history_blocks, multi_state
    from costeff.study.asking import with_options

    study = with_options(scenario, horizon=horizon)
    values, people, seed, keys = study.history_settings(**asked)
    rows = 0
    blocks = history_blocks(study.model, values, study.tables, individuals=people, seed=seed, keys=keys)
    with open(out, "w", encoding="utf-8", newline="") as file:
        for block in blocks:
            table = block if form == "sojourns" else multi_state(block, study.model, form)
            table.to_csv(file, index=False, header=rows == 0, lineterminator="\n")
            rows += len(table)
    click.echo(f"{rows} rows written to {out}")


@main.command("benchmark")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="File for the results as JSON.")
@click.option("--quick", is_flag=True, help="Smaller workloads: ends within a minute.")
@click.option("--threads", type=click.IntRange(min=1), help="Default: all that this process may use.")
@click.option("--only", multiple=True, help="A workload, a to f; may be repeated.")
@_mended
def benchmark_(file: str | None, quick: bool, threads: int | None, only: tuple[str, ...]) -> None:
    """Time this machine on fixed workloads, each in a process of its own; compilation is timed apart.

    \b
    Examples: costeff benchmark --quick
              costeff benchmark --json benchmark.json
    """
    from costeff.benchmark import benchmark, printed

    found = benchmark(quick=quick, threads=threads, only=only, tell=lambda line: click.echo(line, err=True))
    if file:
        import json

        with open(file, "w", encoding="utf-8") as out:
            json.dump(found, out, indent=2)
            out.write("\n")
    click.echo(printed(found))


@main.command("warmup")
@_mended
def warmup_() -> None:
    """Compile every kernel for this machine now, so that no later run waits for it.

    \b
    Example: costeff warmup
    """
    from costeff.benchmark.warmup import warmup

    warmup(click.echo)


@main.command("voi")
@click.argument("source")
@click.option(
    "--wtp", type=float, multiple=True, required=True, help="Currency per unit of effect; may be repeated."
)
@click.option(
    "--group", "groups", multiple=True, help="Parameters known together, as a,b,c; may be repeated."
)
@click.option("--perspective", default="municipal", show_default=True, help="Of a scenario.")
@click.option("--effect", help="Of a scenario; default: its main effect.")
@click.option(
    "--parameters", type=click.Path(dir_okay=False), help="Of a table: parameters in a second table."
)
@click.option("--comparator", help="Of a table; default: its first strategy.")
@click.option("--currency", default="money", show_default=True, help="Of a table.")
@click.option("--effect-unit", default="QALY", show_default=True, help="Of a table.")
@click.option(
    "--population", type=float, help="People: in all, or per year with --years and --discount-rate."
)
@click.option("--years", type=click.IntRange(min=1), help="For how long the decision stands.")
@click.option("--discount-rate", type=float, help="Per year, such as 0.03.")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write both tables to this file.")
@click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figures as HTML pages.")
@click.option(
    "--language", type=click.Choice(["en", "da"]), default="en", show_default=True, help="Of the figures."
)
@_run_options
@_mended
def voi_(source: str, wtp: tuple[float, ...], groups: tuple[str, ...], **asked: Any) -> None:
    """Value of information (EVPI, EVPPI) of a scenario, or of a PSA table from any program.

    SOURCE is a scenario, or a CSV or Parquet table of costs, effects and parameters by draw.

    \b
    Examples: costeff voi tki2 --wtp 300000 --draws 500 --individuals 500
              costeff voi psa.csv --wtp 80000 --wtp 120000 --group u_S1,u_trtA --json voi.json
    """
    from costeff.study.voi import TABLES, figures_voi, printed_voi, voi, write_voi

    if source.lower().endswith(TABLES):
        from costeff.economics import read_psa

        keys = ("parameters", "comparator", "currency", "effect_unit")
        evaluation = read_psa(source, **{key: asked[key] for key in keys})
    else:
        evaluation = _psa(source, asked).perspective(asked["perspective"], asked["effect"])
    people = {
        "population": asked["population"],
        "horizon": asked["years"],
        "discount_rate": asked["discount_rate"],
    }
    tables = voi(evaluation, wtp, groups, **people)
    click.echo(printed_voi(*tables))
    if asked["file"]:
        write_voi(*tables, asked["file"])
    if asked["figures"]:
        names = figures_voi(*tables, asked["figures"], asked["language"])
        click.echo(f"\nWritten to {asked['figures']}: {', '.join(names)}")


def _psa(scenario: str, asked: dict[str, Any]) -> Any:
    """The probabilistic result of one scenario under the command's options."""
    from costeff.study.asking import with_options

    study = with_options(scenario, horizon=asked["horizon"])
    keys = ("draws", "individuals", "seed", "threads", "method", "engine")
    progress = False if asked["quiet"] else None
    return study.psa(**{key: asked[key] for key in keys}, progress=progress)


if __name__ == "__main__":
    main()
