"""The report of any evaluation: what its draws say of the decision, as one HTML file that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff import __version__
from costeff.analysis.settled import replicates_behind
from costeff.catalogue import check_language, say
from costeff.cea import acceptability
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.density import density
from costeff.cea.figures.acceptability import ceac, ceaf
from costeff.cea.figures.benefit import benefit
from costeff.cea.figures.plane import plane, plane_caption
from costeff.cea.icer_rows import icer_columns, icer_rows, pairwise_columns, pairwise_rows
from costeff.cea.icer_words import error_name
from costeff.files import write_whole, writing_day
from costeff.labels import Label, same
from costeff.reporting.measure_words import NO_PERSPECTIVE
from costeff.reporting.numbers import SPACE, currency_name, write_date, write_money, write_number, write_percent
from costeff.reporting.page import packed_plotly, page_script, script_json, script_words, shipped
from costeff.reporting.page_figures import DENSE, Figures
from costeff.reporting.shared_arrays import shared_arrays
from costeff.reporting.style import label_of
from costeff.reporting.tables import Column, Row, html_table
from costeff.reporting.template import template
from costeff.reporting.unit_names import unit_name
from costeff.voi import evpi as perfect
from costeff.voi.figures.voi import evpi
from costeff.voi.optimism import NEAR

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.wtp import WtpCurve


def write_evaluation_report(
    evaluation: EvaluationData,
    path: str | os.PathLike[str],
    thresholds: WtpCurve | None = None,
    language: str = "en",
    *,
    title: str = "",
    source: tuple[str, str] | None = None,
) -> Path:
    """Write the report of an evaluation to one self-contained HTML file and return its path.

    Parameters
    ----------
    evaluation : Evaluation
    path : path of the file
    thresholds : WtpCurve, optional
        Willingness to pay, from `analysis.wtp.wtp_curve`. Without it there is no acceptability curve and no EVPI, and
        the page says so.
    language : "en", "da" or "nb"
    title : str
        Of the page; default: the evaluation's own label.
    source : pair of texts, optional
        Name and sha256 of the file that the draws come from, for the foot of the page.

    Raises
    ------
    ScenarioError
        For an unknown language.
    OSError
        When the file cannot be written; an older file then stays as it was.
    """
    return write_whole(evaluation_html(evaluation, thresholds, language, title=title, source=source), path)


def evaluation_html(
    evaluation: EvaluationData,
    thresholds: WtpCurve | None = None,
    language: str = "en",
    *,
    title: str = "",
    source: tuple[str, str] | None = None,
) -> str:
    """The report as text; see write_evaluation_report."""
    from markupsafe import Markup

    check_language(language)
    labels, figures = labels_of(evaluation), Figures(language)
    base = label_of(labels, evaluation.comparator, language)
    page = {
        "language": language,
        "say": lambda key, **values: say(key, language, **values),
        "title": title or evaluation.label or say("analysis", language),
        "facts": _facts(evaluation, labels, language),
        "comparator": base,
        "sentences": [] if thresholds is None else _sentences(evaluation, thresholds, labels, language),
        "asked": thresholds is not None,
        "icer": Markup(_icer(evaluation, labels, language)),
        "pairwise": Markup(_pairwise(evaluation, labels, language)),
        "decision": Markup("" if thresholds is None else _decision(evaluation, thresholds, labels, language)),
        "plane": _plane(evaluation, thresholds, labels, figures, language),
        "curves": [] if thresholds is None else _curves(evaluation, thresholds, labels, figures, language),
        "provenance": Markup(_provenance(evaluation, source, language)),
        "style": Markup(shipped("report.css")),
        "script": Markup(page_script()),
        "plotly": Markup(packed_plotly()),
    }
    page["figures"] = Markup(script_json(shared_arrays(figures.drawn) | {"words": script_words(language)}))
    return template("evaluation.html.j2").render(page)


def labels_of(evaluation: EvaluationData) -> Mapping[str, Label]:
    """What strategies are called: the labels that a result gave its evaluation, else their names."""
    stored_labels = evaluation.attrs.get("labels")
    labels = stored_labels if isinstance(stored_labels, Mapping) else {}
    return {name: labels.get(name, same(name)) for name in evaluation.strategies}


def _money(evaluation: EvaluationData, language: str) -> str:
    year = "" if evaluation.price_year is None else f" {evaluation.price_year}"
    return f"{currency_name(evaluation.currency, language)}{year} {say('per_individual', language)}"


def _facts(evaluation: EvaluationData, labels: Mapping[str, Label], language: str) -> list[tuple[str, str]]:
    names = ", ".join(label_of(labels, name, language) for name in evaluation.alternatives)
    effect, unit = evaluation.effect_name, unit_name(evaluation.effect_unit, language)
    facts = [
        ("strategy", names),
        ("fine_comparator", label_of(labels, evaluation.comparator, language)),
        ("fine_perspective", "" if evaluation.perspective == NO_PERSPECTIVE else evaluation.perspective),
        ("fine_money", _money(evaluation, language)),
        ("fine_effect", unit if effect in ("effect", evaluation.effect_unit) else f"{effect} ({unit})"),
        ("fine_draws", write_number(evaluation.draws, language)),
    ]
    return [(say(key, language), text) for key, text in facts if text]


def _sentences(
    evaluation: EvaluationData, thresholds: WtpCurve, labels: Mapping[str, Label], language: str
) -> list[str]:
    """What is best at each value of the table, how surely, and what knowing would be worth."""
    unit = unit_name(evaluation.effect_unit, language, plural=False)
    rows = decisions(evaluation, thresholds, labels, language)
    money = f"{SPACE}{currency_name(evaluation.currency, language)}"
    sentences = [
        say(
            "says_decision",
            language,
            unit=unit,
            strategy=row["best"],
            probability=row["probability"],
            wtp=write_money(row["wtp"], language, currency=evaluation.currency),
            evpi=row["evpi"] + money,
        )
        for row in rows
    ]
    if any(row["unsettled"] for row in rows):
        sentences.append(say("says_best_unsettled", language, error=error_name(evaluation, language)))
    return sentences + [
        say(
            "says_near_tie",
            language,
            unit=unit,
            errors=write_number(NEAR, language),
            most=row["optimism"] + money,
            wtp=write_money(row["wtp"], language, currency=evaluation.currency),
        )
        for row in rows
        if row["optimism"]
    ]


def decisions(
    evaluation: EvaluationData, thresholds: WtpCurve, labels: Mapping[str, Label], language: str
) -> list[dict[str, Any]]:
    """At each value of the table: the best strategy, how probable it and each other is, and EVPI, as texts."""
    curves, frontier = (
        acceptability.ceac(evaluation, thresholds.values),
        acceptability.ceaf(evaluation, thresholds.values),
    )
    information = perfect.evpi(evaluation, thresholds.values)
    sure = decision_matrix([evaluation], thresholds.values)["settled"]
    noise_removed = "probability_noise_corrected" in curves
    share = "probability_noise_corrected" if noise_removed else "probability"
    value = "evpi_noise_corrected" if noise_removed else "evpi"
    rows = []
    for w, wtp in enumerate(thresholds.values.tolist()):
        best = label_of(labels, str(frontier["strategy"].values[w]), language)
        doubt = len(labels) > 1 and replicates_behind(evaluation) and not sure.values[0, w]
        if frontier["tied"].values[w]:
            best = say("best_tied", language, strategy=best)
        elif doubt:
            best = say("best_unsettled", language, strategy=best)
        worth, error = (float(information[name].values[w]) for name in (value, f"{value}_mcse"))
        money = write_number(worth, language, error=error)
        optimism = float(information["optimism"].values[w])
        rows.append(
            {
                "wtp": wtp,
                "best": best,
                "unsettled": bool(doubt),
                "probability": write_percent(frontier[share].values[w], language),
                "evpi": money,
                "evpi_mcse": write_number(error, language, error=error),
                "optimism": write_number(optimism, language, error=optimism) if optimism > 0 else "",
                "shares": [write_percent(one, language) for one in curves[share].values[w]],
            }
        )
    return rows


def _icer(evaluation: EvaluationData, labels: Mapping[str, Label], language: str) -> str:
    columns = icer_columns(evaluation.effect_unit, labels, evaluation.comparator, language)
    caption = f"{say('icer_heading', language)}, {_money(evaluation, language)}"
    return html_table(columns, icer_rows(evaluation, labels, language), caption, as_lists=True)


def _pairwise(evaluation: EvaluationData, labels: Mapping[str, Label], language: str) -> str:
    """'' where there is one strategy."""
    rows = pairwise_rows(evaluation, labels, language)
    base = label_of(labels, evaluation.comparator, language)
    caption = f"{say('against_comparator', language, strategy=base)}, {_money(evaluation, language)}"
    return html_table(pairwise_columns(evaluation.effect_unit, language), rows, caption, as_lists=True) if rows else ""


def _decision(evaluation: EvaluationData, thresholds: WtpCurve, labels: Mapping[str, Label], language: str) -> str:
    unit = unit_name(evaluation.effect_unit, language, plural=False)
    money = currency_name(evaluation.currency, language)
    columns = [
        Column(say("axis_wtp", language, currency=money, unit=unit), True),
        Column(say("best_on_average", language)),
        Column(say("probability_best", language), True),
        Column(say("evpi_per_individual", language), True),
        Column(say("evpi_error", language), True),
    ]
    several = len(labels) > 2
    if several:
        names = [label_of(labels, name, language) for name in evaluation.strategies]
        columns += [Column(say("probability_of", language, strategy=name), True) for name in names]
    rows: list[Row] = [
        [
            write_number(row["wtp"], language),
            row["best"],
            row["probability"],
            row["evpi"],
            row["evpi_mcse"],
            *(row["shares"] if several else []),
        ]
        for row in decisions(evaluation, thresholds, labels, language)
    ]
    return html_table(columns, rows, f"{say('decision_heading', language)}, {_money(evaluation, language)}")


def _plane(
    evaluation: EvaluationData,
    thresholds: WtpCurve | None,
    labels: Mapping[str, Label],
    figures: Figures,
    language: str,
) -> list[dict[str, Any]]:
    """The plane, where there are two strategies and two draws."""
    if evaluation.draws < 2 or not evaluation.alternatives:
        return []
    at = None if thresholds is None else thresholds.at
    dense = density(evaluation) if evaluation.draws >= DENSE else None
    figure = plane(evaluation, labels, language, wtp=at, density=dense)
    base = label_of(labels, evaluation.comparator, language)
    caption = plane_caption(evaluation, base, language, regions=dense is not None)
    return [figures.add("plane", figure, say("plane", language), caption)]


def _curves(
    evaluation: EvaluationData, thresholds: WtpCurve, labels: Mapping[str, Label], figures: Figures, language: str
) -> list[dict[str, Any]]:
    """Expected net benefit, CEAC, CEAF and EVPI over willingness to pay; none of a single draw or strategy."""
    if evaluation.draws < 2 or not evaluation.alternatives or len(thresholds.curve) < 2:
        return []
    base = label_of(labels, evaluation.comparator, language)
    curves, frontier = (
        acceptability.ceac(evaluation, thresholds.curve),
        acceptability.ceaf(evaluation, thresholds.curve),
    )
    raw = "" if "probability_noise_corrected" in curves else "_raw"
    curve_figures = [
        ("benefit", benefit(evaluation, thresholds.curve, labels, language, wtp=thresholds.at), "caption_benefit"),
        ("ceac", ceac(curves, labels, language, wtp=thresholds.at), f"caption_ceac{raw}"),
        ("ceaf", ceaf(frontier, labels, language, wtp=thresholds.at), "caption_ceaf"),
        ("evpi", evpi(perfect.evpi(evaluation, thresholds.curve), language), "caption_evpi"),
    ]
    return [
        figures.add(name, figure, say(name, language), say(caption, language, comparator=base))
        for name, figure, caption in curve_figures
    ]


def _provenance(evaluation: EvaluationData, source: tuple[str, str] | None, language: str) -> str:
    rows: list[Row] = []
    if source is not None:
        rows += [[say("data_source", language), source[0]], ["sha256", source[1]]]
    rows.append([say("version_of", language), __version__])
    rows.append([say("written_on", language), write_date(writing_day(), language)])
    columns = [Column(say("quantity", language)), Column(say("value", language))]
    return html_table(columns, rows, say("provenance", language))
