"""trial update: what a trial teaches the model, and what it does to the decision."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from costeff.shell.base import mended
from costeff.shell.number import NumberRange, WholeRange
from costeff.shell.output import deliver, hold, saved
from costeff.trial import command
from costeff.trial.command import language_option, no_values, trial

REPORT, RESULTS = "learning.html", "learning.json"
REPLICATES = 1000
ASKED_ABOUT = 6


@trial.command("update")
@click.argument("plan")
@click.argument("extract", type=click.Path())
@click.option(
    "--out", type=click.Path(file_okay=False), help=f"Folder for posterior.csv, which `run` takes, {REPORT}, {RESULTS}."
)
@click.option("--draws", type=WholeRange(min=100), default=512, show_default=True, help="Draws of the prior.")
@click.option(
    "--lives", type=WholeRange(min=2), default=8, show_default=True, help="Lives of each person in each draw."
)
@click.option("--individuals", type=WholeRange(min=2), default=200, show_default=True, help="People of the decision.")
@click.option("--weeks", type=WholeRange(min=0, max=52), default=52, show_default=True, help="Of the register.")
@click.option("--wtp", type=NumberRange(min=0), default=0.0, help="Money per unit of effect; 0 is costs alone.")
@click.option("--perspective", help="Of what the trial was worth. Default: the model's first.")
@click.option(
    "--contamination",
    type=NumberRange(min=0, max=1),
    default=0.0,
    help="Share of the comparison group that got the programme: a scenario.",
)
@click.option("--seed", type=WholeRange(0, 2**64 - 1), default=1, show_default=True, help="Same seed, same numbers.")
@language_option
@mended
@no_values
def update_(plan: str, extract: str, out: str | None, language: str, **request: Any) -> None:
    """Update the model's prior by the trial, through the register lens; the decision before and after.

    The posterior runs: costeff run SCENARIO --posterior FOLDER.

    \b
    Examples: costeff trial update tki2_trial rehearsal --out learnt --wtp 300000
              costeff run tki2 --posterior learnt
    """
    from dataclasses import asdict

    from costeff.files import write_folder, write_whole
    from costeff.reporting.outputs import write_json
    from costeff.trial.extract import WEEKS_OF_COST, read_extract
    from costeff.trial.learning.elsewhere import elsewhere_rows
    from costeff.trial.learning.own_year import with_own_year
    from costeff.trial.learning.posterior import ABOUT_FILE, DRAWS_FILE, write_posterior
    from costeff.trial.learning.report import LearningResult, learning_page, printed_learning
    from costeff.trial.learning.text import as_content, effect_rows

    hold(out, "trial")
    plan_read, lens, study, prices, rules = command._setting(plan, None)
    design = _design(plan)
    own = read_extract(extract, plan_read, lens, study)
    posterior, evaluation = _posterior(own, prices, rules, design, request)
    before, after, views = _runs(study, plan_read, posterior, design, request)
    if evaluation is not None and request["weeks"] == WEEKS_OF_COST:
        views = [with_own_year(one, evaluation, study.model.perspective_name(request["perspective"])) for one in views]
    worth = _worth(before, after, design, plan_read, own, request)
    elsewhere = elsewhere_rows(posterior.prior, posterior.posterior, design.between)
    learning = LearningResult(posterior, effect_rows(posterior, design.learns), worth, views, elsewhere)
    content = {
        "plan": plan_read.name,
        "hash": plan_read.hash,
        "elsewhere": [asdict(row) for row in elsewhere],
        **as_content(posterior, learning.rows, worth, views, study),
    }

    def write(place: str) -> tuple[list[str], list[str]]:
        def files(draft: Path) -> None:
            write_json(str(draft / RESULTS), content)
            write_posterior(posterior, study, plan_read.hash, draft)
            write_whole(learning_page(learning, plan_read, lens, study, language), draft / REPORT)

        write_folder(place, files, "--out", "trial").log()
        return [REPORT, RESULTS, DRAWS_FILE, ABOUT_FILE], []

    written_files = saved(write, out)
    deliver(printed_learning(learning, plan_read, lens, study, language), written_files)


def _design(plan: str) -> Any:
    from costeff.voi.trial_file import read_trial

    return read_trial(plan)


def _posterior(own: Any, prices: Any, rules: Any, design: Any, request: Mapping[str, Any]) -> tuple[Any, Any]:
    """The posterior, and the evaluation of the trial by itself where it has answers."""
    from costeff.trial.evaluation.evaluate import evaluate
    from costeff.trial.evaluation.person_values import person_values
    from costeff.trial.learning.lensed import lensed_model
    from costeff.trial.learning.told import trial_data
    from costeff.trial.learning.update import update

    plan, study, weeks = own.plan, own.study, request["weeks"]
    seed = request["seed"]
    prior = study.evidence.columns(request["draws"], seed, "random")
    lens_model = lensed_model(
        study, own.trial, own.lens, weeks, lives=request["lives"], seed=seed, contamination=request["contamination"]
    )
    points = {one.name for one in plan.end_points if one.kind == "qaly"}
    names = {one.name: one.effect for one in design.endpoints if one.name in points}
    evaluation = None
    if names and own.answers and weeks > 0:
        is_imputed = plan.missing.get("model") == "multiple_imputation"
        values = person_values(own, prices, rules)
        evaluation = evaluate(values, (0.0, 1.0), plan.smallest_cell, replicates=REPLICATES, is_imputed=is_imputed)
    data = trial_data(own, lens_model, prior, evaluation, names)
    return update(study, lens_model, prior, data, individuals=request["individuals"]), evaluation


def _runs(study: Any, plan: Any, posterior: Any, design: Any, request: Mapping[str, Any]) -> tuple[Any, Any, list[Any]]:
    """The analysis on the prior, on the posterior, and under each view of what comes after the trial."""
    from costeff.analysis.psa import psa
    from costeff.trial.learning.posterior import uncertain
    from costeff.trial.learning.worth import columns_under, view_of

    options = {"individuals": request["individuals"], "seed": request["seed"], "progress": False}
    before = psa(study, values=uncertain(study, posterior.prior), **options)
    after = psa(study, values=uncertain(study, posterior.posterior), **options)
    perspective = study.model.perspective_name(request["perspective"])
    points = {one.name for one in plan.end_points if one.kind == "qaly"}
    effect_seen = next((one.effect for one in design.endpoints if one.name in points), "")
    views = []
    for view in plan.views:
        columns = columns_under(uncertain(study, posterior.posterior), view.values)
        result = psa(study, values=columns, **options) if view.values else after
        views.append(view_of(view.name, result, perspective, result.main_effect, effect_seen))
    return before, after, views


def _worth(before: Any, after: Any, design: Any, plan: Any, own: Any, request: Mapping[str, Any]) -> Any:
    """The decision under each perspective; what the trial was expected to be worth, and what to ask next."""
    from costeff.trial.learning.worth import Asked, TrialWorth, decision
    from costeff.voi.evpi import evpi
    from costeff.voi.evppi import evppi
    from costeff.voi.trial_value import trial_value

    wtp, name = [request["wtp"]], before.model.perspective_name(request["perspective"])
    rows = tuple(decision(before.perspective(p), after.perspective(p), wtp[0]) for p in plan.perspectives)
    if name not in plan.perspectives:
        rows = (*rows, decision(before.perspective(name), after.perspective(name), wtp[0]))
    first, last = before.perspective(name), after.perspective(name)
    size = own.trial.people()
    value = trial_value(before, design, first, wtp, participants=[size])
    perfect = [float(evpi(one, wtp)["evpi"][0]) for one in (first, last)]
    names = _asked_about(last, design, wtp[0])
    each = [evppi(one, {n: [n] for n in names}, wtp)["evppi"].values[:, 0] for one in (first, last)] if names else []
    questions = [Asked(n, float(each[0][i]), float(each[1][i])) for i, n in enumerate(names)]
    questions.sort(key=lambda one: -one.after)
    return TrialWorth(
        name,
        wtp[0],
        float(value.evsi["evsi"][0, 0]),
        float(value.evsi["evsi_mcse"][0, 0]),
        rows,
        Asked("all", *perfect),
        tuple(questions),
    )


def _asked_about(evaluation: Any, design: Any, wtp: float) -> list[str]:
    """Parameters that the net benefit goes with most, and those that the design learns about, while they vary."""
    import numpy as np

    net = wtp * evaluation.effect_sign * evaluation.effect - evaluation.cost
    extra = net[:, -1] - net[:, 0]
    columns = {n: c for n, c in evaluation.parameters.items() if np.std(c) > 0}
    strength = {n: abs(float(np.corrcoef(c, extra)[0, 1])) for n, c in columns.items()} if np.std(extra) > 0 else {}
    others = sorted((n for n in strength if n not in design.learns), key=lambda n: -strength[n])[:ASKED_ABOUT]
    return [*(n for n in design.learns if n in columns), *others]
