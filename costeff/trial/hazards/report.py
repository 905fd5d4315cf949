"""Fitted hazards in words and as a page: each move's hazards and ratio, and shares seen against shares fitted."""

from __future__ import annotations

import numpy as np

from costeff.catalogue import say
from costeff.model.model import Model
from costeff.reporting.numbers import write_number
from costeff.trial.figures.hazards import state_figure
from costeff.trial.hazards.families import PIECEWISE
from costeff.trial.hazards.files import parameter_names
from costeff.trial.hazards.fit import FittedTrial, akaike
from costeff.trial.hazards.person_weeks import TIME
from costeff.trial.lens import Lens
from costeff.trial.page import PagePart, trial_page
from costeff.trial.plan import AnalysisPlan
from costeff.trial.text import plan_lines, table

LEVEL = 1.959963984540054
LEAST_SHARE = 0.03


def hazard_rows(estimates: FittedTrial, language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: hazards a week and ratios, with 95 % intervals."""
    heads = [say(f"trial_head_{key}", language) for key in ("parameter", "estimate", "interval")]
    rows = []
    for fit in estimates.fits:
        errors = np.sqrt(np.diag(fit.covariance))
        names = parameter_names(fit, estimates.states, estimates.covariates)
        for name, value, error in zip(names, fit.coefficients, errors, strict=True):
            middle, low, high = (float(np.exp(value + k * LEVEL * error)) for k in (0, -1, 1))
            own = float(middle * error) / 10
            texts = [write_number(x, language, error=own) for x in (middle, low, high)]
            rows.append([name, texts[0], f"{texts[1]}; {texts[2]}"])
    return heads, rows


def fit_notes(estimates: FittedTrial, language: str) -> list[str]:
    """How the hazards were estimated, and what was left out."""
    splits = ", ".join(map(str, estimates.splits))
    clock = say(f"trial_fitted_{estimates.clock}", language, splits=splits)
    if estimates.family != PIECEWISE:
        form = say(f"trial_family_{estimates.family}", language)
        clock = say(f"trial_fitted_family_{estimates.clock}", language, family=form)
    lines = [clock, say("trial_fitted_errors", language)]
    for key, is_frail in (("trial_fitted_frailty", True), ("trial_fitted_no_frailty", False)):
        own = [estimates.states[fit.state] for fit in estimates.fits if fit.has_frailty == is_frail]
        if estimates.asks_frailty and own:
            lines.append(say(key, language, states=", ".join(own)))
    lines.append(say("trial_fitted_aic", language, aic=write_number(round(akaike(estimates)), language)))
    if estimates.covariates:
        lines.append(say("trial_fitted_covariates", language, names=", ".join(estimates.covariates)))
    if estimates.rare:
        lines.append(say("trial_fitted_rare", language, moves="; ".join(estimates.rare)))
    return lines


def fit_parts(estimates: FittedTrial, plan: AnalysisPlan, lens: Lens, model: Model, language: str) -> list[PagePart]:
    """The parts of the page."""
    labels = {group.read_as: group.label for group in lens.groups if group.read_as}
    figures = []
    if estimates.clock == TIME:
        for g, name in enumerate((plan.strategies[0], plan.strategies[-1])):
            group = model.find("strategies", name).label[language]
            for i, state in enumerate(estimates.states):
                by_week, own = estimates.observed_shares[g, :, i], estimates.fitted_shares[g, :, i]
                if state in labels and max(by_week.max(), own.max()) >= LEAST_SHARE:
                    figures.append((f"{name}-{state}", state_figure(by_week, own, labels[state], group, language)))
    parts = [PagePart("hazards", say("trial_hazards", language), *hazard_rows(estimates, language))]
    if figures:
        parts.append(PagePart("check", say("trial_hazards_check", language), figures=figures))
    return [*parts, PagePart("notes", say("trial_report_notes", language), lines=fit_notes(estimates, language))]


def fit_page(estimates: FittedTrial, plan: AnalysisPlan, lens: Lens, model: Model, language: str) -> str:
    """The page as text; it needs no other file."""
    return trial_page(
        say("trial_hazards_kind", language),
        say("trial_hazards_title", language, title=plan.title[language]),
        plan_lines(plan, lens, language),
        fit_parts(estimates, plan, lens, model, language),
        language,
    )


def printed_fit(estimates: FittedTrial, plan: AnalysisPlan, lens: Lens, language: str) -> str:
    """The same for the terminal."""
    heads, rows = hazard_rows(estimates, language)
    return "\n\n".join(
        [
            "\n".join(plan_lines(plan, lens, language)),
            say("trial_hazards", language) + "\n" + table(heads, rows),
            "\n".join(fit_notes(estimates, language)),
        ]
    )
