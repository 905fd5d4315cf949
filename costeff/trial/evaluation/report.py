"""The within-trial evaluation as one HTML page: the flow of people, each effect's table with figures, the notes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.model.model import Model
from costeff.trial.evaluation.cheers import cheers_part
from costeff.trial.evaluation.evaluate import TrialEvaluation
from costeff.trial.evaluation.flow import FlowRow
from costeff.trial.evaluation.further import Further
from costeff.trial.evaluation.further_text import further_parts
from costeff.trial.evaluation.text import effect_names, effect_title, flow_diagram, flow_table, notes, pair_table
from costeff.trial.figures.evaluation import acceptability_figure, plane_figure
from costeff.trial.lens import Lens
from costeff.trial.page import PagePart, trial_page
from costeff.trial.plan import AnalysisPlan
from costeff.trial.text import plan_lines
from costeff.trial.word import write_word

if TYPE_CHECKING:
    import plotly.graph_objects as go


def evaluation_parts(
    evaluation: TrialEvaluation,
    flow_rows: tuple[FlowRow, ...],
    around: Further,
    plan: AnalysisPlan,
    model: Model,
    language: str,
) -> list[PagePart]:
    """The parts of the page, which are those of the Word file too."""
    heads, counts = flow_table(flow_rows, plan, model, language)
    drawing = flow_diagram(heads, counts, plan, language)
    parts = [PagePart("flow", say("trial_flow", language), heads, counts, drawing=drawing)]
    for name in effect_names(evaluation):
        heads, rows = pair_table(evaluation, name, model, language)
        title = effect_title(evaluation, flow_rows, name, language)
        parts.append(PagePart(name, title, heads, rows, _figures(evaluation, name, model, language)))
    parts += further_parts(around, plan, model, language)
    last_title = say("trial_report_notes", language)
    parts.append(PagePart("notes", last_title, lines=notes(evaluation, plan, language)))
    return [*parts, cheers_part(evaluation, plan, model, language)]


def evaluation_page(
    evaluation: TrialEvaluation, parts: list[PagePart], plan: AnalysisPlan, lens: Lens, language: str
) -> str:
    """The page as text; it needs no other file. Raises ScenarioError for an unknown language."""
    return trial_page(
        say("trial_report_kind", language),
        say("trial_report_title", language, title=plan.title[language]),
        plan_lines(plan, lens, language),
        parts,
        language,
        evaluation.inside_only,
    )


def evaluation_word(
    evaluation: TrialEvaluation, parts: list[PagePart], plan: AnalysisPlan, lens: Lens, path: Path, language: str
) -> None:
    """Write the same as a Word file."""
    title = say("trial_report_title", language, title=plan.title[language])
    warnings = [say("trial_inside_only", language)] if evaluation.inside_only else []
    write_word(title, [*plan_lines(plan, lens, language), *warnings], parts, path)


def _figures(evaluation: TrialEvaluation, name: str, model: Model, language: str) -> list[tuple[str, go.Figure]]:
    """Plane and acceptability of the first and the last perspective of an effect."""
    own = [one for one in evaluation.pairs if one.effect_name == name]
    labels = {one.name: one.label[language] for one in model.perspectives}
    currency = model.conventions.currency
    out = []
    for pair in {one.perspective: one for one in (own[0], own[-1])}.values():
        drawn_figures = [plane_figure(pair, labels[pair.perspective], currency, language)]
        if pair.acceptability[0]:
            drawn_figures.append(acceptability_figure(pair, labels[pair.perspective], currency, language))
        out += [(f"{name}-{pair.perspective}-{i}", figure) for i, figure in enumerate(drawn_figures)]
    return out
