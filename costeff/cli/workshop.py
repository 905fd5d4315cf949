"""calibrate, histories, benchmark, warmup: for those who build models and keep an eye on them."""

from __future__ import annotations

import sys
from typing import Any

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import NumberRange, WholeRange
from costeff.shell.output import Saved, check_named, deliver, hold, saved
from costeff.shell.workplace_options import workplace_options


@main.command("calibrate")
@click.argument("scenario", default="tki2")
@click.option("--out", type=click.Path(file_okay=False), help="Folder for the posterior draws and the fit tables.")
@click.option("--check", is_flag=True, help="Only re-simulate the shipped posterior and print target against model.")
@click.option("--targets", type=click.Path(dir_okay=False), help="Targets file instead of NAME_targets.yaml.")
@click.option("--register", type=click.Path(dir_okay=False), help="CSV of a register's counts that join the targets.")
@click.option("--leave-one-out", is_flag=True, help="Print every figure, its source predicted from all others.")
@click.option("--ranks", type=WholeRange(min=1), help="Only: ranks of this many simulated truths in their posteriors.")
@click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figures as HTML pages.")
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the figures.")
@click.option("--draws", type=WholeRange(min=2), help="Members of the ensemble.")
@click.option("--individuals", type=WholeRange(min=1), help="People simulated per target and draw.")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), default=1, show_default=True)
@click.option("--threads", type=WholeRange(min=1))
@mended
@workplace_options
def calibrate_(
    scenario: str,
    out: str | None,
    check: bool,
    leave_one_out: bool,
    ranks: int | None,
    figures: str | None,
    language: str,
    **request: Any,
) -> None:
    """Calibrate baseline hazards to published targets; print target, published value with interval, model value.

    \b
    Examples: costeff calibrate tki2 --check
              costeff calibrate tki2 --out posterior
              costeff calibrate tki2 --leave-one-out
    """
    from costeff.calibrate import calibrate_command, ranks_command

    settings = {key: value for key, value in request.items() if value is not None}
    if ranks is not None:
        others = {
            "--out": out,
            "--check": check,
            "--leave-one-out": leave_one_out,
            "--figures": figures,
            "--register": settings.pop("register", None),
        }
        for option in (name for name, value in others.items() if value):
            raise click.UsageError(f"{option} does not go with --ranks, which fits simulated truths and nothing else.")
        deliver("\n".join(ranks_command(scenario, truths=ranks, **settings).lines()))
        return
    hold(None if check else out, "calibration")
    hold(figures, "figures", "--figures")
    calibration = calibrate_command(
        scenario, out if check else None, check=check, leave_one_out=leave_one_out, **settings
    )
    files = saved(lambda place: (calibration.write(place), ()), None if check else out)
    pages = saved(lambda place: (calibration.write_figures(place, language), ()), figures)
    by_source = calibration.hierarchy.left_out_lines() if leave_one_out and calibration.hierarchy else ()
    deliver("\n".join([str(calibration), *(["", *by_source] if by_source else [])]), files, pages)


@main.command("histories")
@click.argument("scenario")
@click.option("--individuals", type=WholeRange(min=1), help="People (default: the scenario's).")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same lives.")
@click.option("--draw", type=WholeRange(min=0), help="Parameter set of the analysis (default: base case).")
@click.option("--horizon", help="For example '10 years'.")
@click.option("--form", type=click.Choice(["sojourns", "mstate", "lifelines"]), default="sojourns", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False), required=True, help="CSV file to write.")
@mended
def histories_(scenario: str, form: str, out: str, horizon: str | None, **request: Any) -> None:
    """Write individual lives: one row per stay, or the long multi-state form of R's mstate or Python's lifelines.

    \b
    Examples: costeff histories tki2 --individuals 1000 --out lives.csv
              costeff histories tki2 --form mstate --draw 3 --out mstate.csv
    """
    from costeff.analysis.lives import history_settings
    from costeff.files import reserved_file, whole_file
    from costeff.shell.study_options import with_options
    from costeff.simulation.histories import history_blocks, multi_state

    study = with_options(scenario, horizon=horizon)
    values, people, seed, keys = history_settings(study, **request)
    reserved_file(out)
    rows = 0

    def write(place: str) -> tuple[list[str], list[str]]:
        nonlocal rows
        rows = 0
        blocks = history_blocks(study.model, values, study.tables, individuals=people, seed=seed, keys=keys)
        with whole_file(place) as draft, draft.open("w", encoding="utf-8", newline="") as file:
            for block in blocks:
                table = block if form == "sojourns" else multi_state(block, study.model, form)
                table.to_csv(file, index=False, header=rows == 0, lineterminator="\n")
                rows += len(table)
        return [], []

    files = saved(write, out, file=True)
    whole = files is None or files.error is None
    deliver(f"{rows} rows written to {out}" if whole else "", files, with_places=False)


@main.command("benchmark")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="File for the results as JSON.")
@click.option("--quick", is_flag=True, help="Smaller workloads: ends within a minute, ratios in four.")
@click.option("--threads", type=WholeRange(min=1), help="Default: all that this process may use.")
@click.option("--only", multiple=True, help="A workload, a to f, or any of --ratios; may be repeated.")
@click.option("--ratios", is_flag=True, help="Ratios to a fixed loop, by which versions are told apart.")
@click.option("--against", metavar="OLD.json", help="Ratios of an earlier version: say what has become slower.")
@click.option(
    "--fail-slower",
    type=NumberRange(1, 10, min_open=True),
    help="With --against: the slowdown that must not go through (default 1.2; twice as far above 1 in a command).",
)
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the ratios.")
@mended
def benchmark_(file: str | None, quick: bool, threads: int | None, only: tuple[str, ...], **request: Any) -> None:
    """Time this machine on fixed workloads, each in a process of its own; compilation is timed apart.

    With --ratios, kernels, parts and whole commands are held against a fixed loop, until the error of each ratio is
    2 to 3 %. With --against, which implies it, the command ends with 1 when something is slower than it was.

    \b
    Examples: costeff benchmark --quick
              costeff benchmark --json benchmark.json
              costeff benchmark --ratios --json old.json
              costeff benchmark --against old.json --fail-slower 1.2
    """
    from costeff.benchmark import benchmark, printed
    from costeff.files import reserved_file

    check_named(file, "--json")
    against, factor = request["against"], request["fail_slower"]
    if factor is not None and against is None:
        raise click.UsageError("--fail-slower needs --against: it says how much slower than what.")
    if (request["ratios"] or against) and threads is not None:
        raise click.UsageError("--threads does not go with ratios: they are taken on one thread.")
    if file:
        reserved_file(file, "--json")
    if request["ratios"] or against is not None:
        _ratios(file, against, factor or 1.2, request["language"], only=only, small=quick)
        return
    timings = benchmark(quick=quick, threads=threads, only=only, tell=lambda line: click.echo(line, err=True))
    deliver(printed(timings), _as_json(timings, file), with_places=False)


def _ratios(file: str | None, against: str | None, factor: float, language: str, **request: Any) -> None:
    """Measure ratios, write and print them; leave with 1 when something is slower than in the file `against`."""
    from costeff.benchmark.old_file import old_estimates
    from costeff.benchmark.ratio_table import change_table, ratio_table
    from costeff.benchmark.ratios import ratios, verdicts
    from costeff.catalogue import say

    def tell(names: str, number: int) -> None:
        click.echo(say("benchmark_round", language, number=number, names=names), err=True)

    old = None if against is None else old_estimates(against, **request)
    results = ratios(old=old, factor=factor, tell=tell, **request)
    if old is None:
        deliver(ratio_table(results, language), _as_json(results, file), with_places=False)
        return
    answers = verdicts(results, old, factor)
    results |= {"against": {name: vars(answer) for name, answer in answers.items()}, "fail_slower": factor}
    deliver(change_table(results, old, answers, factor, language), _as_json(results, file), with_places=False)
    if any(answer.word == "slower" for answer in answers.values()):
        sys.exit(1)


def _as_json(timings: dict[str, Any], file: str | None) -> Saved | None:
    """Write a benchmark to a file."""
    import json

    from costeff.files import write_whole

    def write(place: str) -> tuple[list[str], list[str]]:
        write_whole(json.dumps(timings, indent=2) + "\n", place)
        return [], []

    return saved(write, file, file=True)


@main.command("warmup")
@click.option("--all", "oracles", is_flag=True, help="Also the engines that step through every cycle.")
@mended
def warmup_(oracles: bool) -> None:
    """Compile kernels for this machine now, so that no later run waits for them.

    \b
    Example: costeff warmup
    """
    from costeff.benchmark.warmup import warmup

    warmup(click.echo, oracles)
