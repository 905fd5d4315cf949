"""Values by date as parameters of a study: for a model that names a rule set."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from costeff.evidence import Evidence
from costeff.evidence.parameter import Parameter
from costeff.model.model import Model
from costeff.model.read import rules_file
from costeff.model.read_dated import dated_parameter
from costeff.rules.read import load_rules


def with_dated(model: Model, evidence: Evidence) -> Evidence:
    """The evidence with a parameter for each value by date that the model reads: `base_amount_20240501`.

    Each keeps the figure, unit, source, distribution and price year that its block states, and is drawn, moved to the
    price year and varied as any other. Evidence of a model without a rule set stays as it is.

    Raises ScenarioError or EvidenceError as `load_rules` does, and for a date that the set does not hold.
    """
    path = rules_file(model)
    if path is None or not model.dated:
        return evidence
    rules = load_rules(path, model, evidence)
    rules.check(*_span(model))
    figures: dict[str, Parameter] = {
        dated_parameter(name, block.start): parameter for block in rules.blocks for name, parameter in block.set.items()
    }
    figure_names = [name for steps in model.dated.values() for _, name in steps]
    parameters = {**evidence.parameters, **{name: replace(figures[name], name=name) for name in figure_names}}
    return replace(evidence, parameters=parameters, sources={**evidence.sources, **rules.sources})


def _span(model: Model) -> tuple[dt.date, dt.date]:
    """The first and the last day on which an amount is read."""
    c = model.conventions
    entry = dt.date.fromisoformat(c.entry_date)
    days = round((c.horizon - 1) * 365.25 / c.cycles_per_year)
    return entry, entry + dt.timedelta(days=days)
