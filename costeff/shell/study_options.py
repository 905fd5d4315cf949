"""A study under options given on the command line: they take the place of the scenario's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from costeff.analysis.load import load, study_of, until
from costeff.analysis.study import StudyData
from costeff.catalogue import told_per
from costeff.evidence import Changes, Setter
from costeff.evidence.source import COMMAND_LINE
from costeff.model import apply_options, read_scenario
from costeff.model.scenario import Wtp


def with_options(
    scenario: str, *, horizon: str | None = None, figures: Mapping[str, float] | None = None, wtp: float | None = None
) -> StudyData:
    """The study of a scenario under what a command was asked.

    Parameters
    ----------
    scenario
        A shipped name or a path.
    horizon
        Another time horizon ('10 years', 'to retired').
    figures
        Parameters set to known numbers, at the prices of the analysis: assumptions set on the command line.
    wtp
        Willingness to pay per unit of the main effect, which headlines and figures are at. Curves run over the
        scenario's range where it holds the value, else from 0 to twice it.

    Raises
    ------
    CosteffError
        As `load` does; for an unknown parameter, with the closest known ones.
    """
    study = load(scenario)
    context = click.get_current_context(silent=True)
    if study.model.results_unit and context is not None:  # all texts of the command
        context.with_resource(told_per(study.model.results_unit))
    if figures:
        changes = Changes(dict(figures), Setter(COMMAND_LINE), price_year=study.model.conventions.price_year)
        study = study_of(read_scenario(scenario), further=changes)
    if wtp is not None:
        own = study.scenario.wtp
        within_range = own is not None and own.range[0] <= wtp <= own.range[1]
        span = own.range if own is not None and within_range else (0.0, 2 * wtp)
        new_scenario = replace(study.scenario, wtp=Wtp(study.main_effect, span, wtp))
        study = replace(study, scenario=new_scenario)
    if horizon is None:
        return study
    new_scenario = replace(study.scenario, options={**study.scenario.options, "horizon": horizon})
    model = until(apply_options(study.model, new_scenario), study.evidence, new_scenario)
    return replace(study, model=model, scenario=new_scenario)
