"""The within-trial evaluation as one HTML page: the flow of people, each effect's table with figures, the notes."""

from __future__ import annotations

from typing import Any

from costeff.catalogue import check_language, say
from costeff.model.model import Model
from costeff.reporting.page import page_script, script_json, script_words, shipped
from costeff.reporting.page_figures import Figures
from costeff.reporting.tables import Column, html_table
from costeff.trial.evaluation.evaluate import TrialEvaluation
from costeff.trial.evaluation.flow import FlowRow
from costeff.trial.evaluation.text import effect_names, effect_title, flow_table, notes, pair_table
from costeff.trial.figures.evaluation import acceptability_figure, plane_figure
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan
from costeff.trial.text import plan_lines


def evaluation_page(
    evaluation: TrialEvaluation,
    flow_rows: tuple[FlowRow, ...],
    plan: AnalysisPlan,
    lens: Lens,
    model: Model,
    language: str,
) -> str:
    """The page as text; it needs no other file. Raises ScenarioError for an unknown language."""
    import jinja2
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    check_language(language)
    figures = Figures(language)
    parts = [_part("flow", say("trial_flow", language), *flow_table(flow_rows, plan, model, language))]
    for name in effect_names(evaluation):
        heads, rows = pair_table(evaluation, name, model, language)
        part = _part(name, effect_title(evaluation, flow_rows, name, language), heads, rows)
        part["figures"] = _figures(evaluation, name, model, figures, language)
        parts.append(part)
    last = {"id": "notes", "title": say("trial_report_notes", language), "table": "", "figures": []}
    parts.append(last | {"lines": notes(evaluation, plan, language)})
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("costeff.trial.evaluation", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("report.html.j2").render(
        language=language,
        say=lambda key, **values: say(key, language, **values),
        title=say("trial_report_title", language, title=plan.title[language]),
        plan=plan_lines(plan, lens, language),
        inside_only=evaluation.inside_only,
        parts=parts,
        style=Markup(shipped("report.css")),
        script=Markup(page_script()),
        plotly=Markup(get_plotlyjs()),
        figures=Markup(script_json({"figures": figures.drawn, "words": script_words(language)})),
    )


def _part(name: str, title: str, heads: list[str], rows: list[list[str]]) -> dict[str, Any]:
    from markupsafe import Markup

    columns = [Column(head, i > 0) for i, head in enumerate(heads)]
    return {"id": name, "title": title, "table": Markup(html_table(columns, rows, title)), "figures": [], "lines": []}


def _figures(
    evaluation: TrialEvaluation, name: str, model: Model, figures: Figures, language: str
) -> list[dict[str, Any]]:
    """Plane and acceptability of the first and the last perspective of an effect."""
    own = [one for one in evaluation.pairs if one.effect_name == name]
    labels = {one.name: one.label[language] for one in model.perspectives}
    currency = model.conventions.currency
    out = []
    for pair in {one.perspective: one for one in (own[0], own[-1])}.values():
        drawn_figures = [plane_figure(pair, labels[pair.perspective], currency, language)]
        if pair.acceptability[0]:
            drawn_figures.append(acceptability_figure(pair, labels[pair.perspective], currency, language))
        for i, figure in enumerate(drawn_figures):
            about = dict(figure.layout.meta)
            out.append(figures.add(f"{name}-{pair.perspective}-{i}", figure, about["title"], about["caption"]))
    return out
