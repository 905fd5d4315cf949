"""A study under options given on the command line: they take the place of the scenario's own."""

from __future__ import annotations

from dataclasses import replace

from costeff.model import apply_options
from costeff.study.study import Study, load, until


def with_options(scenario: str, *, horizon: str | None = None) -> Study:
    """The study of `scenario`, over another time horizon when one is given ('10 years', 'to retired')."""
    study = load(scenario)
    if horizon is None:
        return study
    asked = replace(study.scenario, options={**study.scenario.options, "horizon": horizon})
    model = until(apply_options(study.model, asked), study.evidence, asked)
    return Study(model, study.evidence, asked)
