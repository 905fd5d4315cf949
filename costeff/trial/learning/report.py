"""What a trial taught as a page and as text: the views of what comes after it first, then effects, fit, worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costeff.analysis.study import StudyData
from costeff.catalogue import say
from costeff.trial.figures.learning import effects_figure
from costeff.trial.learning.alone import EffectRow
from costeff.trial.learning.elsewhere import ElsewhereRow
from costeff.trial.learning.posterior import TrialPosterior
from costeff.trial.learning.text import (
    called,
    decision_table,
    effect_table,
    elsewhere_table,
    fit_table,
    method_lines,
    view_table,
    worth_lines,
)
from costeff.trial.learning.worth import TrialWorth, View
from costeff.trial.lens import Lens
from costeff.trial.page import PagePart, trial_page
from costeff.trial.plan import AnalysisPlan
from costeff.trial.text import plan_lines, table


@dataclass(frozen=True, eq=False)
class LearningResult:
    """Everything that `costeff trial update` says."""

    posterior: TrialPosterior
    rows: Sequence[EffectRow]
    worth: TrialWorth
    views: Sequence[View]
    elsewhere: Sequence[ElsewhereRow] = ()


def learning_parts(
    learning: LearningResult, plan: AnalysisPlan, lens: Lens, study: StudyData, language: str
) -> list[PagePart]:
    """The parts of the page, which are those of the text too."""
    ratios = [row for row in learning.rows if study.evidence.parameters[row.name].unit == "ratio"]
    figures = (
        [("effects", effects_figure(ratios, [called(row.name, study, language) for row in ratios], language))]
        if ratios
        else []
    )
    parts = []
    if learning.views:
        is_own = all(one.is_own_year for one in learning.views)
        whose = say("trial_views_own_year" if is_own else "trial_views_model_year", language)
        note = whose + " " + say("trial_views_note", language)
        title = say("trial_views", language)
        parts.append(PagePart("views", title, *view_table(learning.views, plan, language), lines=[note]))
    decision = decision_table(learning.worth, study, language)
    learnt = effect_table(learning.rows, study, language)
    parts += [
        PagePart(
            "decision", say("trial_decision", language), *decision, lines=worth_lines(learning.worth, study, language)
        ),
        PagePart("learnt", say("trial_learnt", language), *learnt, figures=figures),
    ]
    if learning.elsewhere:
        table_of = elsewhere_table(learning.elsewhere, study, language)
        note = say("trial_elsewhere_note", language)
        parts.append(PagePart("elsewhere", say("trial_elsewhere", language), *table_of, lines=[note]))
    if learning.posterior.fits:
        parts.append(PagePart("fit", say("trial_fit", language), *fit_table(learning.posterior, study, lens, language)))
    last = PagePart(
        "notes", say("trial_report_notes", language), lines=method_lines(learning.posterior, study, language)
    )
    return [*parts, last]


def learning_page(learning: LearningResult, plan: AnalysisPlan, lens: Lens, study: StudyData, language: str) -> str:
    """The page as text; it needs no other file."""
    return trial_page(
        say("trial_learning_kind", language),
        say("trial_learning_title", language, title=plan.title[language]),
        plan_lines(plan, lens, language),
        learning_parts(learning, plan, lens, study, language),
        language,
    )


def printed_learning(learning: LearningResult, plan: AnalysisPlan, lens: Lens, study: StudyData, language: str) -> str:
    """The same for the terminal."""
    parts = ["\n".join(plan_lines(plan, lens, language))]
    for part in learning_parts(learning, plan, lens, study, language):
        text = [part.title] + ([table(part.heads, part.rows)] if part.heads else []) + list(part.lines)
        parts.append("\n".join(text))
    return "\n\n".join(parts)
