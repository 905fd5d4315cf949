"""trial analyse: the within-trial evaluation."""

from __future__ import annotations

from pathlib import Path

import click

from costeff.shell.base import mended
from costeff.shell.number import WholeRange
from costeff.shell.output import deliver, hold, saved
from costeff.trial import command
from costeff.trial.command import language_option, no_values, trial

REPORT, WORD, RESULTS = "report.html", "report.docx", "evaluation.json"


@trial.command("analyse")
@click.argument("plan")
@click.argument("extract", type=click.Path())
@click.option("--out", type=click.Path(file_okay=False), help=f"Folder for {REPORT}, {WORD} and {RESULTS}.")
@click.option(
    "--replicates", type=WholeRange(200, 100_000), default=10_000, show_default=True, help="Resampled trials."
)
@click.option(
    "--seed",
    type=WholeRange(0, 2**64 - 1),
    help="A known seed, with which people can be found again: the result is marked `inside only`.",
)
@click.option("--complete-cases", is_flag=True, help="Only people with everything observed, whatever the plan says.")
@language_option
@mended
@no_values
def analyse_(
    plan: str, extract: str, out: str | None, replicates: int, seed: int | None, complete_cases: bool, language: str
) -> None:
    """Compare the groups as randomised: adjusted costs and effects, their ratio, acceptability.

    Missing answers are imputed where the plan says so.

    \b
    Example: costeff trial analyse tki2_trial rehearsal --out analysis
    """
    import numpy as np

    from costeff.files import write_folder, write_whole
    from costeff.reporting.outputs import write_json
    from costeff.trial.evaluation.evaluate import evaluate
    from costeff.trial.evaluation.flow import flow
    from costeff.trial.evaluation.further import further
    from costeff.trial.evaluation.further_text import exported_further
    from costeff.trial.evaluation.lost import lost_rows
    from costeff.trial.evaluation.person_values import person_values
    from costeff.trial.evaluation.report import evaluation_page, evaluation_parts, evaluation_word
    from costeff.trial.evaluation.rounded import exported
    from costeff.trial.evaluation.text import printed_evaluation
    from costeff.trial.extract import read_extract

    hold(out, "trial")
    plan_read, lens, study, prices, rules = command._setting(plan, None)
    own = read_extract(extract, plan_read, lens, study)
    wtp = study.scenario.wtp.range if study.scenario.wtp is not None else (0.0, 1_000_000.0)
    is_imputed = not complete_cases and plan_read.missing.get("model") == "multiple_imputation"
    values = person_values(own, prices, rules)
    evaluation = evaluate(
        values,
        wtp,
        plan_read.smallest_cell,
        replicates=replicates,
        seed=seed,
        is_imputed=is_imputed,
        is_nested=is_imputed,
    )
    luck = np.random.default_rng(seed)
    around = further(own, values, luck, lost_rows(own, prices, rules, luck))
    flow_rows = flow(own, evaluation)
    content = {
        "plan": plan_read.name,
        "hash": plan_read.hash,
        "flow": [{"step": s.name, "of": s.detail, "counts": list(s.counts)} for s in flow_rows],
        **exported(evaluation),
        **exported_further(around, plan_read, study.model),
    }

    def write(place: str) -> tuple[list[str], list[str]]:
        def files(draft: Path) -> None:
            write_json(str(draft / RESULTS), content)
            parts = evaluation_parts(evaluation, flow_rows, around, plan_read, study.model, language)
            write_whole(evaluation_page(evaluation, parts, plan_read, lens, language), draft / REPORT)
            evaluation_word(evaluation, parts, plan_read, lens, draft / WORD, language)

        write_folder(place, files, "--out", "trial").log()
        return [REPORT, WORD, RESULTS], []

    written_files = saved(write, out)
    deliver(printed_evaluation(evaluation, flow_rows, around, plan_read, lens, study.model, language), written_files)
