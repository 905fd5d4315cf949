"""What qualifies the main comparison: consultants who differ, answers missing for what they are, subgroups, uptake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from costeff.trial.evaluation.cost_models import CostModelFit, can_fit, cost_model
from costeff.trial.evaluation.group_means import GroupMeans, group_means
from costeff.trial.evaluation.lost import LostRow
from costeff.trial.evaluation.nested import NestedError, nested_error
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.evaluation.regression import Fit, least_squares
from costeff.trial.evaluation.subgroups import Subgroups, subgroups
from costeff.trial.evaluation.tipping import MissingAnswers, missing_answers
from costeff.trial.extract import Extract

COST = "cost"


@dataclass(frozen=True)
class NestedRow:
    """A difference of cost or of an effect, with its errors."""

    name: str
    difference: float
    error: NestedError


@dataclass(frozen=True)
class Uptake:
    """Share of the programme's group who took it up, and the effect among them if others have none, with its error.

    `per_protocol`: the difference between those who had every required step and all of the other group, with its error;
    None where that, or who had not, is a small cell.
    """

    effect_name: str
    share: float
    effect: float
    error: float
    per_protocol: tuple[float, float] | None = None


@dataclass(frozen=True)
class CostModelRow:
    """The adjusted difference in cost of a perspective with its error: by least squares, and by the model of costs."""

    perspective: str
    linear: tuple[float, float]
    modelled: CostModelFit


@dataclass(frozen=True)
class Further:
    """All of it. Costs are those of the plan's first perspective."""

    nested: tuple[NestedRow, ...]
    missing: tuple[MissingAnswers, ...]
    subgroups: tuple[Subgroups, ...]
    uptake: tuple[Uptake, ...]
    lost: tuple[LostRow, ...] = ()
    cost_models: tuple[CostModelRow, ...] = ()
    means: tuple[GroupMeans, ...] = ()


def further(extract: Extract, own: PersonValues, luck: np.random.Generator, lost: tuple[LostRow, ...] = ()) -> Further:
    """Work it out, where the plan and the extract allow: without consultants, scores or steps a part is empty."""
    plan, trial = extract.plan, extract.trial
    places = [trial.group(plan.strategies[0]), trial.group(plan.strategies[-1])]
    order = np.concatenate(places)
    values: dict[str, tuple[np.ndarray, np.ndarray | None]] = {COST: (own.cost[plan.perspectives[0]], None)}
    values |= {one.name: (one.value, one.start) for one in own.effects}
    consultant = trial.consultant[order]
    rows, takes_up, for_subgroups = [], [], {}
    share, is_per_protocol = _taken_up(extract), _followed_protocol(extract, order)
    for name, (value, start) in values.items():
        design, observed, fit = _fit(own, value, start)
        # The start's slope is the same in all subgroups: each has few people.
        shift = 0.0 if start is None else fit.coefficients[-1] * (start - np.nanmean(start))
        for_subgroups[name] = value - shift
        in_programme = design[:, 1] == 1
        residuals = (value[observed] - design @ fit.coefficients)[in_programme]
        names = consultant[observed][in_programme]
        has_name = names != ""
        if plan.between_consultants is not None and len(np.unique(names[has_name])) > 1:
            error = nested_error(fit.error, residuals[has_name], names[has_name], plan.between_consultants)
            rows.append(NestedRow(name, fit.difference, error))
        if share is not None and name != COST:
            full = None if is_per_protocol is None else _fit(own, np.where(is_per_protocol, value, np.nan), start)[2]
            protocol = None if full is None else (full.difference, full.error)
            takes_up.append(Uptake(name, share, fit.difference / share, fit.error / share, protocol))
    answers = tuple(missing_answers(own, one, luck, plan.smallest_cell) for one in own.effects if _has_missing(one))
    attributes = {one.name: one.categories for one in extract.study.model.attributes}
    labels = {one.attribute: one.label for one in extract.study.scenario.subgroups}
    groups = []
    for attribute in plan.subgroups:
        if attributes.get(attribute) and attribute in trial.attributes:
            codes = trial.attributes[attribute][order].astype(int)
            for name, value in for_subgroups.items():
                label = labels.get(attribute)
                one = subgroups(attribute, name, codes, own.in_programme, value, plan.smallest_cell, label)
                groups += [one] if one is not None else []
    cost_rows = tuple(_cost_models(own)) if can_fit() else ()
    means = group_means(own, plan.smallest_cell, luck)
    return Further(tuple(rows), answers, tuple(groups), tuple(takes_up), lost, cost_rows, means)


def _cost_models(own: PersonValues) -> Iterator[CostModelRow]:
    """Of the perspectives whose costs a gamma model fits."""
    for view, cost in own.cost.items():
        design, observed, fit = _fit(own, cost, None)
        gamma_fit = cost_model(design, cost[observed])
        if gamma_fit is not None:
            yield CostModelRow(view, (fit.difference, fit.error), gamma_fit)


def _fit(own: PersonValues, value: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, Fit]:
    """(design, who is observed, least squares) of one value, adjusted as in the main comparison."""
    columns = [own.covariates, *([] if start is None else [start])]
    observed = ~np.isnan(np.column_stack([value, *columns])).any(axis=1)
    group = own.in_programme[observed]
    extra = np.column_stack(columns)[observed]
    design = np.column_stack([np.ones(len(group)), group, extra])
    return design, observed, least_squares(design, value[observed])


def _has_missing(effect: EffectValues) -> bool:
    return effect.scores is not None and bool(np.isnan(effect.value).any())


def _taken_up(extract: Extract) -> float | None:
    """Share of the programme's group who had its first required step; None where that is a small cell."""
    if extract.milestones is None:
        return None
    first = next((i for i, m in enumerate(extract.milestones.measures) if m.is_required and not m.after), None)
    if first is None:
        return None
    own = extract.trial.group(extract.plan.strategies[-1])
    count = int((~np.isnan(extract.milestones.day[first, own])).sum())
    smallest = extract.plan.smallest_cell
    return count / len(own) if smallest <= count <= len(own) - smallest or count == len(own) else None


def _followed_protocol(extract: Extract, order: np.ndarray) -> np.ndarray | None:
    """Who counts per protocol (N,): all of the other group, and who had every required step; None for a small cell."""
    if extract.milestones is None:
        return None
    required = [i for i, m in enumerate(extract.milestones.measures) if m.is_required]
    if not required:
        return None
    has_all = (~np.isnan(extract.milestones.day[required][:, order])).all(axis=0)
    in_programme = np.isin(order, extract.trial.group(extract.plan.strategies[-1]))
    counts = [int((in_programme & mask).sum()) for mask in (has_all, ~has_all)]
    if counts[0] < extract.plan.smallest_cell or 0 < counts[1] < extract.plan.smallest_cell:
        return None
    return np.asarray(has_all | ~in_programme)
