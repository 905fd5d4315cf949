"""trial fit: hazards of moves between the register's states, as a model that runs."""

from __future__ import annotations

from pathlib import Path

import click

from costeff.shell.base import mended
from costeff.shell.output import deliver, hold, saved
from costeff.trial import command
from costeff.trial.command import language_option, no_values, trial

REPORT, RESULTS = "fit.html", "fit.json"


@trial.command("fit")
@click.argument("plan")
@click.argument("extract", type=click.Path())
@click.option("--out", type=click.Path(file_okay=False), help=f"Folder for the fitted model, {REPORT} and {RESULTS}.")
@click.option(
    "--clock",
    type=click.Choice(["time", "spell"]),
    default="time",
    show_default=True,
    help="Weeks since inclusion, or since the spell began, from which who is included late is at risk.",
)
@click.option("--split", "splits", type=int, multiple=True, help="Week at which hazards change; default 13 and 26.")
@click.option(
    "--family",
    type=click.Choice(["piecewise", "exponential", "weibull", "gompertz", "log_logistic"]),
    default="piecewise",
    show_default=True,
    help="How a hazard runs over the clock; piecewise is constant between splits.",
)
@click.option("--frailty", is_flag=True, help="People differ in ways that nothing shows; all spells of one share it.")
@click.option("--covariates", is_flag=True, help="Adjust for the plan's covariates: hazards are the mean person's.")
@language_option
@mended
@no_values
def fit_(
    plan: str,
    extract: str,
    out: str | None,
    clock: str,
    splits: tuple[int, ...],
    family: str,
    frailty: bool,
    covariates: bool,
    language: str,
) -> None:
    """Estimate hazards by week and the programme's ratio on each move between the states that the register shows.

    What is written runs: costeff run FOLDER/fitted.yaml.

    \b
    Examples: costeff trial fit tki2_trial rehearsal --out fitted
              costeff trial fit tki2_trial rehearsal --family weibull --frailty --out fitted
    """
    from costeff.errors import ScenarioError
    from costeff.files import write_folder, write_whole
    from costeff.reporting.outputs import write_json
    from costeff.trial.extract import read_extract
    from costeff.trial.hazards.families import PIECEWISE
    from costeff.trial.hazards.files import fit_content, write_fit
    from costeff.trial.hazards.fit import SPLITS, fit_trial
    from costeff.trial.hazards.report import fit_page, printed_fit

    hold(out, "trial")
    own_splits = splits or SPLITS
    if list(own_splits) != sorted(set(own_splits)) or own_splits[0] < 1 or own_splits[-1] > 51:
        raise ScenarioError(
            "weeks that split no time",
            value=", ".join(map(str, own_splits)),
            rule="weeks from 1 to 51, each later than the one before",
            way_out="write --split 13 --split 26",
        )
    if splits and family != PIECEWISE:
        raise ScenarioError(
            "splits of a hazard that has none",
            value=f"--family {family}",
            rule="only hazards that are constant between splits have them",
            way_out="leave out --split, or ask for --family piecewise",
        )
    plan_read, lens, study, *_ = command._setting(plan, None)
    own = read_extract(extract, plan_read, lens, study)
    estimates = fit_trial(own, own_splits, clock, covariates, family, frailty)
    names = [REPORT, RESULTS]

    def write(place: str) -> tuple[list[str], list[str]]:
        def files(draft: Path) -> None:
            content = {"plan": plan_read.name, "hash": plan_read.hash, **fit_content(estimates)}
            write_json(str(draft / RESULTS), content)
            write_whole(fit_page(estimates, plan_read, lens, study.model, language), draft / REPORT)
            names.extend(write_fit(estimates, plan_read, lens, draft))

        write_folder(place, files, "--out", "trial").log()
        return names, []

    written_files = saved(write, out)
    deliver(printed_fit(estimates, plan_read, lens, language), written_files)
