"""A declared study on a PSA table: its endpoints are columns of the table, one for each group or one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.errors import ScenarioError
from costeff.voi.regression.regression import Regression
from costeff.voi.trial_design import Endpoint, TrialDesign
from costeff.voi.trial_file import MeasuredEffect, Trial
from costeff.voi.trial_of_result import check_known, check_place, fitted, mean_of

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.voi.trial_design import Expected


def endpoint_columns(evaluation: EvaluationData, design: Trial) -> dict[str, dict[str, str]]:
    """Endpoint to group to column: EFFECT_GROUP for every group as cost_GROUP is, or EFFECT, one parameter for all.

    Raises ScenarioError for a group that is no strategy of the table and for an endpoint that is not among its columns.
    """
    for group in design.allocation:
        check_known(design, "strategy", group, list(evaluation.strategies))
    columns = {}
    for endpoint in design.endpoints:
        own = {group: f"{endpoint.effect}_{group}" for group in design.allocation}
        if set(own.values()) <= set(evaluation.parameters):
            columns[endpoint.name] = own
        elif endpoint.effect in evaluation.parameters and not endpoint.contrast:
            columns[endpoint.name] = dict.fromkeys(own, endpoint.effect)
        else:
            raise _absent(evaluation, design, endpoint, list(own.values()))
    return columns


def results_among(evaluation: EvaluationData, design: Trial) -> set[str]:
    """Columns that hold what the study measures by group: results, about which nobody can be informed directly."""
    by_group = [set(own.values()) for own in endpoint_columns(evaluation, design).values()]
    return {name for names in by_group if len(names) > 1 for name in names}


def _absent(evaluation: EvaluationData, design: Trial, endpoint: MeasuredEffect, names: list[str]) -> ScenarioError:
    if endpoint.effect in evaluation.parameters:
        rule = "only the difference between groups is learnt from, and one parameter is the same in all"
        way_out = f"write `contrast: false`, or give the table columns {', '.join(names)}"
    else:
        rule = f"columns {', '.join(names)}, or a parameter: {', '.join(evaluation.parameters) or 'none given'}"
        way_out = "add the columns to the table (or to --parameters TABLE), or give a scenario, which simulates them"
    return ScenarioError(
        f"design '{design.name}': the table does not hold endpoint '{endpoint.name}'",
        where=endpoint.place,
        value=endpoint.effect,
        rule=rule,
        way_out=way_out,
    )


def table_design(evaluation: EvaluationData, design: Trial, decides_for: str | None = None) -> TrialDesign:
    """The study on the draws of a table. Endpoints are independent of each other between individuals.

    Columns by group are regressed on the parameters learnt about, as simulated effects are (`trial_design`). The
    spread between individuals is the endpoint's `sd`; without it the endpoint is a share, or a rate.

    Raises ScenarioError.
    """
    place = check_place(design, decides_for)
    columns = endpoint_columns(evaluation, design)
    for name in design.learns:
        check_known(design, "parameter", name, sorted(evaluation.parameters))
    varying = [name for name in design.learns if np.ptp(evaluation.parameters[name]) > 0]
    if not varying:
        raise ScenarioError(
            "nothing that the study learns about is uncertain",
            where=design.place,
            value=", ".join(design.learns),
            rule="a parameter to learn about differs between draws",
            way_out="name others under `learns`",
        )
    endpoints = tuple(_endpoint(evaluation, one, columns[one.name], varying) for one in design.endpoints)
    return TrialDesign(endpoints, dict(design.allocation), between=dict(design.between) if place == "elsewhere" else {})


def _endpoint(
    evaluation: EvaluationData, endpoint: MeasuredEffect, columns: dict[str, str], parameters: list[str]
) -> Endpoint:
    names = list(columns.values())
    draws = np.column_stack([evaluation.parameters[name] for name in names])
    share = endpoint.sd is None and not endpoint.rate
    if share and not ((draws >= 0) & (draws <= 1)).all():
        raise ScenarioError(
            f"endpoint '{endpoint.name}' says nothing of the spread between individuals",
            where=endpoint.place,
            value=endpoint.effect,
            rule="without `sd` it is a share, from 0 to 1 in every draw",
            way_out="give `sd`, the standard deviation between individuals, or `rate: true` for a number of events",
        )
    means: dict[str, Expected] = {}
    if len(set(names)) == 1:
        means = dict(columns)
    else:
        first = draws[:, :1]
        responses = np.concatenate([first, draws[:, 1:] - first], axis=1)
        points = np.column_stack([evaluation.parameters[name] for name in parameters])
        regression = Regression(points, responses, np.zeros_like(responses))
        fits = [fitted(regression, j, parameters) for j in range(responses.shape[1])]
        for j, group in enumerate(columns):
            means[group] = mean_of(fits[0], fits[j] if j else None, share, endpoint.rate)
    return Endpoint(endpoint.name, means, endpoint.sd, endpoint.dropout, endpoint.contrast, endpoint.rate)
