"""Reading a study: the scenario with its model and evidence, as data."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.analysis.implied import spread_implied
from costeff.analysis.study import StudyData
from costeff.compile.horizon import cycles_to
from costeff.evidence import Changes, Evidence, Setter, read_evidence
from costeff.model import (
    Model,
    Scenario,
    apply_options,
    horizon_state,
    model_file,
    parameter_file,
    parameter_names,
    read_model,
    read_scenario,
    validation_file,
)
from costeff.model.country import with_country
from costeff.model.own_names import with_own_names
from costeff.model.practice_today import check_practice_today
from costeff.model.read import beside
from costeff.model.rollout_plan import check_rollout
from costeff.model.two_strategies import with_strategy
from costeff.rules.dated import with_dated


def load(name_or_path: str | os.PathLike[str]) -> StudyData:
    """The study of a scenario or model: a shipped name ("tki2", "no_effect") or the path of a YAML file.

    Raises CosteffError with file, line, value, rule and way out for anything wrong in the files.

    >>> study = load("tki2")
    >>> study.model.strategy_names
    ('usual_care', 'tki2')
    """
    return study_of(read_scenario(name_or_path))


def study_of(
    scenario: Scenario,
    options: Mapping[str, Any] | None = None,
    further: Changes | None = None,
    prepare: Callable[[Evidence], Evidence] | None = None,
    narrow: Callable[[Model], Model] | None = None,
) -> StudyData:
    """The study of a scenario that has been read, as it stands or as an investment case uses it.

    Parameters
    ----------
    scenario
        From `read_scenario`. Amounts under its `set` are at its own price year.
    options
        Horizon and price year that take the place of the scenario's own.
    further
        What is set after the scenario's own figures.
    prepare
        What is done to the evidence before anything is set: a case carries the price index on.
    narrow
        What is done to the model before its options are applied: a case leaves out effects longer than its years.

    Raises
    ------
    CosteffError
        As `load` does.

    Examples
    --------
    >>> study_of(read_scenario("tki2"), {"price_year": 2026}).model.conventions.price_year
    2026
    """
    full_model = read_model(model_file(scenario))
    named_model = with_own_names(full_model, scenario.names, scenario.without)
    base_model = named_model if narrow is None else narrow(named_model)
    check_practice_today(scenario.practice, full_model)
    validation_file(base_model)  # one that is not there is said before anything is simulated
    own = apply_options(base_model, scenario)
    file = beside(scenario.file, "parameters", scenario.parameters) if scenario.parameters else parameter_file(own)
    evidence = with_dated(own, with_country(of_the_rest(read_evidence(file), full_model, base_model), own))
    if prepare is not None:
        evidence = prepare(evidence)
    if scenario.set or scenario.sources:
        setter, year = Setter("scenario", scenario.name), own.conventions.price_year
        figures = Changes(scenario.set, setter, scenario.places, year, scenario.sources)
        evidence = evidence.override(figures)
        if scenario.names:  # under its own names the model is one of its own, and these are its figures
            evidence = evidence.as_its_own()
    if further is not None:
        evidence = evidence.override(further)
    check_rollout(scenario.rollout, full_model, evidence)
    full_scenario = scenario
    if options:  # an option that is given stands on no line of the file
        places = {key: place for key, place in scenario.key_places.items() if key not in options}
        full_scenario = replace(scenario, options={**scenario.options, **options}, key_places=places)
    model = apply_options(base_model, full_scenario)
    study = StudyData(until(model, evidence, full_scenario), evidence, full_scenario)
    if full_scenario.implied is not None:
        study, _ = spread_implied(study, full_scenario)
    return study


def beside_comparator(study: StudyData, strategy: str) -> StudyData:
    """The study with its comparator and one other strategy: its people live and cost as they do among all.

    Parameters that only the others read are left out. A study of two strategies is returned as it is.

    >>> two = beside_comparator(load("sick_sicker"), "B")
    >>> two.model.strategy_names, "hr_S1S2_trtB" in two.evidence.parameters, "c_trtA" in two.evidence.parameters
    (('SoC', 'B'), True, False)
    """
    if len(study.model.strategies) == len({study.model.comparator, strategy}):
        return study
    model = with_strategy(study.model, strategy)
    return replace(study, model=model, evidence=of_the_rest(study.evidence, study.model, model))


def of_the_rest(evidence: Evidence, full_model: Model, model: Model) -> Evidence:
    """Without the parameters that only what was left out of the model read, and what correlates with them."""
    unread = set(parameter_names(full_model)) - set(parameter_names(model))
    parameters = {k: p for k, p in evidence.parameters.items() if k not in unread or p.group is not None}
    if len(parameters) == len(evidence.parameters):
        return evidence
    correlations = tuple(pair for pair in evidence.correlations if set(pair.parameters) <= set(parameters))
    return replace(evidence, parameters=parameters, correlations=correlations)


def until(model: Model, evidence: Evidence, scenario: Scenario) -> Model:
    """The model over a horizon written 'to STATE': whole years until everyone's deadline to that state has passed."""
    state = horizon_state(scenario)
    if state is None:
        return model
    base = {name: np.array([value]) for name, value in evidence.base().items()}
    return model.with_horizon(cycles_to(model, base, dict(evidence.tables), state))
