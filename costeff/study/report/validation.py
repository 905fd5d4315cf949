"""The report's section on the calibration behind the results; nothing of a calibration that belongs to other draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costeff.calibrate import validation_words as words
from costeff.calibrate.figures import fit_figure, fit_groups, kind_words
from costeff.calibrate.validation import stale
from costeff.calibrate.validation_file import read_validation
from costeff.catalogue import say
from costeff.model import validation_file

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.calibrate.validation import Validation
    from costeff.reporting.page_figures import Figures
    from costeff.study.report.content import Content


def validation_of_result(result: ResultData) -> tuple[Validation | None, tuple[str, ...]]:
    """The validation that the model names, and why it does not belong to the result's draws (() where it does)."""
    file = validation_file(result.model)
    if file is None:
        return None, ()
    validation = read_validation(file)
    return validation, stale(validation, result.study.evidence)


def validation_section(content: Content, figures: Figures, language: str) -> dict[str, Any] | None:
    """Sentences, figures to be chosen among, and tables; only a sentence where they belong to other draws."""
    from markupsafe import Markup

    validation = content.validation
    if validation is None:
        return None
    if content.validation_stale:
        return {"stale": words.stale_sentence(validation, content.validation_stale, language)}
    panels = []
    for name, (family, rows) in fit_groups(validation.figures).items():
        label = kind_words(family, rows[0].share, language)
        title, caption = say("title_fit", language, family=label), say("shows_fit", language)
        figure = figures.add(name, fit_figure(rows, family, language), title, caption)
        panels.append({"label": label, "note": "", "figures": [figure]})
    return {
        "stale": "",
        "sentences": words.sentences(validation, language),
        "panels": panels,
        "holdouts": Markup(words.holdout_table(validation, language)),
        "missed": Markup(words.missed_table(validation, language)),
        "open": Markup(words.open_table(validation, content.parameter_labels, language)),
        "sources": Markup(words.sources_table(validation, language)),
    }
