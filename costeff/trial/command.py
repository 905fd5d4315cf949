"""trial: the data of a trial, from rehearsal to who pays. A group of commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from costeff.errors import CosteffError
from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import WholeRange
from costeff.shell.output import check_named, deliver, deliver_tables, hold, hold_tables, saved

LENS_PEOPLE = 2000
language_option = click.option("--language", type=LanguageName(), default="en", show_default=True)


def no_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """A fault of costeff's own is told by its place in the code: its message or log could show a person's data."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except (CosteffError, click.ClickException, click.exceptions.Exit, OSError, MemoryError):
            raise
        except Exception as fault:
            at = fault.__traceback__
            while at is not None and at.tb_next is not None:
                at = at.tb_next
            where = f"{at.tb_frame.f_code.co_name}, line {at.tb_lineno}" if at is not None else None
            raise CosteffError(
                "this is a bug in costeff, please report it",
                where=where,
                value=type(fault).__name__,
                rule="what was read of persons stands in no message and no log",
                way_out="report this text, with a simulated extract that does the same if you can make one",
            ) from None

    return run


@main.group("trial")
def trial() -> None:
    """A trial's data: rehearse it, check an extract, describe what the groups had and who paid.

    \b
    costeff trial simulate tki2_trial --out rehearsal   an extract of people who do not exist
    costeff trial check tki2_trial rehearsal            what it holds, and what is refused
    costeff trial aggregate tki2_trial rehearsal --out counts.csv     counts that may leave
    costeff trial describe tki2_trial rehearsal         end points, money by party, programme
    costeff trial analyse tki2_trial rehearsal          costs and effects compared
    costeff trial update tki2_trial rehearsal           what the model learns, the decision before and after
    costeff trial describe tki2_trial                   the plan, and what the register does not show
    """


@trial.command("simulate")
@click.argument("plan")
@click.option("--out", type=click.Path(file_okay=False), required=True, help="Folder for the files of the extract.")
@click.option("--people", type=WholeRange(min=3), help="How many (default: the plan's).")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), default=1, show_default=True, help="Same seed, same people.")
@click.option(
    "--form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="Of the register."
)
@language_option
@mended
def simulate_(plan: str, out: str, people: int | None, seed: int, form: str, language: str) -> None:
    """Write a trial of the planned shape, of people who do not exist, through the register lens.

    PLAN is a design with an analysis plan, shipped (tki2_trial) or a YAML file.

    \b
    Example: costeff trial simulate tki2_trial --out rehearsal --people 300
    """
    from costeff.analysis.lives import histories
    from costeff.catalogue import say
    from costeff.trial.simulate import planned_people, simulate_trial
    from costeff.trial.simulated_files import write_simulated
    from costeff.trial.text import plan_lines

    hold(out, "trial")
    plan_read, lens, study, prices, _ = _setting(plan, seed)
    size = planned_people(plan_read, people)
    life_rows = histories(study, size, seed)
    rehearsal = simulate_trial(plan_read, lens, study, life_rows, prices, seed=seed)

    def write(place: str) -> tuple[list[str], list[str]]:
        from costeff.files import write_folder

        names: list[str] = []
        write_folder(
            place, lambda draft: names.extend(write_simulated(rehearsal, draft, study.model, form)), "--out", "trial"
        ).log()
        return names, []

    files = saved(write, out)
    lines = [*plan_lines(plan_read, lens, language), say("trial_simulated", language, people=size, places=out)]
    deliver("\n".join(lines), files)


@trial.command("check")
@click.argument("plan")
@click.argument("extract", type=click.Path())
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write the report to this file.")
@language_option
@mended
@no_values
def check_(plan: str, extract: str, file: str | None, language: str) -> None:
    """Say what an extract holds, and which rows are refused: by kind, count and first line. Nothing is repaired.

    EXTRACT is a folder with `register` (.csv, .parquet, .sas7bdat, .xpt, .dta) and `persons.csv`, groups being pooled;
    or a CSV of counts (moves, or statuses after ended spells), which is then described by group.

    \b
    Examples: costeff trial check tki2_trial rehearsal
              costeff trial check tki2_trial counts.csv
    """
    from costeff.trial.extract import read_extract
    from costeff.trial.text import printed_quality

    hold_tables(file, None)
    plan_read, lens, study, *_ = _setting(plan, None)
    if Path(extract).is_file():
        _check_counts(plan_read, lens, study.model, extract, file, language)
        return
    quality = read_extract(extract, plan_read, lens, study).quality
    text = printed_quality(quality, plan_read, lens, language)
    content = {"plan": plan_read.name, "hash": plan_read.hash, **quality.as_dict()}
    _deliver(text, file, None, content, {}, language)


@trial.command("aggregate")
@click.argument("plan")
@click.argument("extract", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), required=True, help="CSV file for the counts.")
@language_option
@mended
@no_values
def aggregate_(plan: str, extract: str, out: str, language: str) -> None:
    """Count moves between states by group, with weeks at risk: a table that may leave, of an extract that may not.

    \b
    Example: costeff trial aggregate tki2_trial rehearsal --out counts.csv
    """
    from costeff.catalogue import say
    from costeff.files import reserved_file
    from costeff.trial.counts_of_people import counts_of, write_counts
    from costeff.trial.extract import read_extract
    from costeff.trial.text import plan_lines

    check_named(out, "--out")
    reserved_file(out, "--out")
    plan_read, lens, study, *_ = _setting(plan, None)
    counts = counts_of(read_extract(extract, plan_read, lens, study).trial)
    write_counts(counts, out)
    lines = [
        *plan_lines(plan_read, lens, language),
        say("trial_counts_written", language, smallest=plan_read.smallest_cell),
        say("written_to", language, place=str(Path(out).parent)) + f": {Path(out).name}",
    ]
    deliver("\n".join(lines))


@trial.command("describe")
@click.argument("plan")
@click.argument("extract", type=click.Path(), required=False)
@click.option("--blind", is_flag=True, help="Groups without their names.")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write every table to this file.")
@click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figures as HTML pages.")
@click.option(
    "--parameters",
    "measured_file",
    type=click.Path(dir_okay=False),
    help="Scenario file for the programme's cost and dose as registered: `costeff run FILE`.",
)
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="For what is not known of people.")
@language_option
@mended
@no_values
def describe_(
    plan: str,
    extract: str | None,
    blind: bool,
    file: str | None,
    figures: str | None,
    measured_file: str | None,
    seed: int | None,
    language: str,
) -> None:
    """Say what the groups had and who paid; without an EXTRACT, what the register does not show of simulated lives.

    \b
    Examples: costeff trial describe tki2_trial rehearsal --json results.json
              costeff trial describe tki2_trial rehearsal --parameters measured.yaml
              costeff trial describe tki2_trial
    """
    from costeff.catalogue import say
    from costeff.trial.extract import read_extract
    from costeff.trial.figures import trial_figures
    from costeff.trial.measured import hidden_doses, write_measured
    from costeff.trial.results import trial_results
    from costeff.trial.text import as_json, printed_results

    hold_tables(file, figures)
    if measured_file:
        _hold_measured(measured_file, extract)
    plan_read, lens, study, prices, rules = _setting(plan, seed)
    if extract is None:
        _describe_lens(plan_read, lens, study, prices, file, figures, language)
        return
    own = read_extract(extract, plan_read, lens, study)
    results = trial_results(own, prices, rules)
    text = printed_results(results, plan_read, lens, study.model, language, blind)
    pages = trial_figures(own, results, blind)
    if measured_file:
        write_measured(results, plan_read, study, measured_file)
        for name in hidden_doses(results, plan_read):
            text += "\n" + say("trial_dose_hidden", language, name=name, smallest=plan_read.smallest_cell)
    _deliver(text, file, figures, as_json(results, plan_read), pages, language)


def _hold_measured(place: str, extract: str | None) -> None:
    from costeff.files import reserved_file

    check_named(place, "--parameters")
    if extract is None:
        raise click.UsageError("--parameters needs an EXTRACT: without one nothing is measured.")
    if not place.endswith((".yaml", ".yml")):
        raise click.UsageError("--parameters names a scenario file, which ends in .yaml.")
    reserved_file(place, "--parameters")


def _check_counts(plan: Any, lens: Any, model: Any, table: str, file: str | None, language: str) -> None:
    """What a table of counts holds."""
    from dataclasses import asdict

    from costeff.trial.aggregates import read_aggregates
    from costeff.trial.aggregates_text import printed_counts
    from costeff.trial.quality import Refusals

    refusals = Refusals(Path(table).name)
    counts = read_aggregates(table, plan, model.state_names, refusals)
    content = {
        "plan": plan.name,
        "hash": plan.hash,
        "rows": refusals.rows,
        "refused": refusals.counts,
        "moves": [{"move": list(key), **asdict(move)} for key, move in counts.moves.items()],
        "statuses": [
            {"status": list(key), "share": None if one is None else {**asdict(one), "share": one.share}}
            for key, one in counts.statuses.items()
        ],
    }
    text = printed_counts(counts, refusals, plan, lens, model, language)
    _deliver(text, file, None, content, {}, language)


def _setting(plan: str, seed: int | None) -> tuple[Any, Any, Any, Any, Any]:
    """(plan, lens, study, prices, the plan's rules by date or None)."""
    from costeff.analysis.load import load
    from costeff.rules import load_rules
    from costeff.trial.lens import read_lens
    from costeff.trial.plan import check_plan, read_plan
    from costeff.trial.pricing import base_prices

    plan_read = read_plan(plan)
    study = load(plan_read.scenario)
    check_plan(plan_read, study.model)
    rules = load_rules(plan_read.rules, study.model) if plan_read.rules else None
    return plan_read, read_lens(plan_read.lens), study, base_prices(study, seed), rules


def _describe_lens(
    plan: Any, lens: Any, study: Any, prices: Any, file: str | None, figures: str | None, language: str
) -> None:
    from costeff.analysis.lives import histories
    from costeff.trial.pricing import priced
    from costeff.trial.results import unseen_items
    from costeff.trial.simulate import lensed_lives, simulate_trial, true_lives
    from costeff.trial.text import printed_lens

    if figures:
        raise click.UsageError("--figures needs an EXTRACT: there are no groups to draw.")
    life_rows = histories(study, LENS_PEOPLE, prices.seed)
    rehearsal = simulate_trial(plan, lens, study, life_rows, prices, seed=prices.seed)
    name = plan.strategies[0]
    truth = priced(true_lives(rehearsal, study.model, name), prices)
    as_seen = priced(lensed_lives(rehearsal, study.model, name), prices)
    items = unseen_items(truth, as_seen, name)
    text = printed_lens(items, plan, lens, study.model, truth.people, language)
    content = {"hash": plan.hash, "people": truth.people, "items": {k: list(v) for k, v in items.items()}}
    _deliver(text, file, None, content, {}, language)


def _deliver(
    text: str, file: str | None, figures: str | None, content: dict[str, Any], pages: Any, language: str
) -> None:
    from costeff.reporting.outputs import write_figures, write_json

    deliver_tables(
        text,
        file,
        figures,
        lambda place: write_json(place, content),
        lambda place: write_figures(place, pages, language),
    )
