"""What is compared of each person: cost by perspective, effects, and the columns that differences are adjusted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costeff.errors import ScenarioError
from costeff.labels import Label, joined, same
from costeff.problems import way_to
from costeff.rules import RuleSet
from costeff.trial.end_points import event_times, weeks_in
from costeff.trial.extract import WEEKS_OF_COST, Extract
from costeff.trial.incidence import EVENT, pseudo_values
from costeff.trial.instruments import read_instrument
from costeff.trial.lives import UNSEEN
from costeff.trial.persons import PersonRows
from costeff.trial.pricing import Prices
from costeff.trial.results import price_groups


@dataclass(frozen=True, eq=False, repr=False)
class EffectValues(PersonRows):
    """One effect, of which more is better: `value` (N,), missing where not observed; `start` (N,) adjusts it, if any.

    `of` says what it is: `qaly`, or `share` of an end point in time. `scores` (T, N) at the planned `weeks` are what
    missing quality-adjusted life years until week `until` are imputed from.
    """

    name: str
    label: Label
    of: str
    value: np.ndarray
    start: np.ndarray | None
    scores: np.ndarray | None = None
    weeks: tuple[float, ...] = ()
    until: float = 0.0

    def people(self) -> int:
        """How many people there are."""
        return len(self.value)


@dataclass(frozen=True, eq=False, repr=False)
class PersonValues(PersonRows):
    """Of everybody who is analysed: `in_programme` (N,) 0 or 1; `cost` by perspective, (N,), missing for whoever was
    lost from sight; `covariates` (N, C) with `names` and `labels`; `register` (N, R) what the plan imputes from."""

    in_programme: np.ndarray
    cost: Mapping[str, np.ndarray]
    effects: tuple[EffectValues, ...]
    covariates: np.ndarray
    names: tuple[str, ...]
    register: np.ndarray
    labels: tuple[Label, ...] = ()

    def people(self) -> int:
        """How many people there are."""
        return len(self.in_programme)


def person_values(extract: Extract, prices: Prices, rules: RuleSet | None = None) -> PersonValues:
    """Costs by the model's ledger, effects by the plan's end points, covariates of the plan; the first group and the
    last are compared. Raises ScenarioError for a covariate that is no attribute of the plan."""
    plan, trial = extract.plan, extract.trial
    places = [trial.group(plan.strategies[0]), trial.group(plan.strategies[-1])]
    order = np.concatenate(places)
    weeks = trial.weeks[order][:, :WEEKS_OF_COST]
    is_followed = (weeks != UNSEEN).all(axis=1)
    own = price_groups(extract, prices, rules).costs
    first, last = own[plan.strategies[0]], own[plan.strategies[-1]]
    cost = {
        view: np.where(is_followed, np.concatenate([first.cost[view], last.cost[view]]), np.nan)
        for view in plan.perspectives
    }
    covariates, names = covariate_columns(extract, order)
    effects = [_qaly(extract, name, order) for name in _with_value_set(extract)]
    effects += [_share(extract, name, places) for name in [p.name for p in plan.primary if p.kind == "time_to"]]
    in_programme = np.repeat([0.0, 1.0], [len(one) for one in places])
    labels = tuple(_label(name, extract) for name in names)
    return PersonValues(in_programme, cost, tuple(effects), covariates, names, _register(extract, order), labels)


def _label(name: str, extract: Extract) -> Label:
    """What the scenario calls a covariate's attribute, and the model its category."""
    attribute, _, category = name.partition(": ")
    called = {one.attribute: one.label for one in extract.study.scenario.subgroups}
    own = next(one for one in extract.study.model.attributes if one.name == attribute)
    parts = [called.get(attribute, same(attribute)), *([own.labels.get(category, same(category))] if category else [])]
    return joined(": ", parts)


def _register(extract: Extract, order: np.ndarray) -> np.ndarray:
    """What the plan's `missing` uses: weeks in states or until an end point, less their mean over their spread."""
    points = {one.name: one for one in extract.plan.end_points}
    columns = []
    for name in extract.plan.missing.get("uses", ()):
        point = points.get(name)
        if point is None or point.kind not in ("weeks_in", "time_to"):
            raise ScenarioError(
                f"the plan imputes from '{name}', which the register does not show of everybody",
                where=extract.plan.place,
                rule="`uses` names end points of kind weeks_in or time_to",
                way_out=way_to(name, tuple(points), "name such an end point"),
            )
        weeks = extract.trial.weeks[order]
        model = extract.study.model
        values = weeks_in(weeks, point, model) if point.kind == "weeks_in" else event_times(weeks, point, model).time
        columns.append((values - np.nanmean(values)) / (np.nanstd(values) or 1.0))
    return np.column_stack(columns) if columns else np.zeros((len(order), 0))


def _with_value_set(extract: Extract) -> list[str]:
    return [
        point.name
        for point in extract.plan.end_points
        if point.kind == "qaly"
        and read_instrument(point.instrument).preference_based
        and any(a.instrument.name == point.instrument for a in extract.answers.values())
    ]


def _qaly(extract: Extract, name: str, order: np.ndarray) -> EffectValues:
    point = next(one for one in extract.plan.end_points if one.name == name)
    answers = next(a for a in extract.answers.values() if a.instrument.name == point.instrument)
    scores, value = answers.measured()[:, order], answers.qalys(point.within)[order]
    return EffectValues(name, point.label, "qaly", value, scores[0], scores, answers.weeks, float(point.within))


def _share(extract: Extract, name: str, places: list[np.ndarray]) -> EffectValues:
    """Pseudo-values of the share who have had the end point by its last week, group by group."""
    point = next(one for one in extract.plan.end_points if one.name == name)
    weeks = [extract.trial.weeks[own] for own in places]
    values = [pseudo_values(event_times(w, point, extract.study.model), float(point.within), EVENT) for w in weeks]
    return EffectValues(name, point.label, "share", np.concatenate(values), None)


def covariate_columns(extract: Extract, order: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers less their mean, over their standard deviation; categories as columns of 0 and 1 but for the commonest.

    A category of fewer people than the plan's smallest cell goes with the commonest.
    """
    plan, own = extract.plan, extract.trial.attributes
    attributes = {attribute.name: attribute for attribute in extract.study.model.attributes}
    columns: list[np.ndarray] = []
    names: list[str] = []
    for name in plan.covariates:
        if name not in own:
            raise ScenarioError(
                f"covariate '{name}' is not known of people",
                where=plan.place,
                rule=f"covariates are attributes of the plan: {', '.join(own)}",
                way_out=way_to(name, own, "name it under `attributes`, with the column that holds it"),
            )
        values, categories = own[name][order], attributes[name].categories
        if categories is None:
            spread = float(values.std())
            if spread > 0:
                columns.append((values - values.mean()) / spread)
                names.append(name)
            continue
        counts = np.bincount(values.astype(int), minlength=len(categories))
        for code, category in enumerate(categories):
            if code != int(np.argmax(counts)) and counts[code] >= plan.smallest_cell:
                columns.append((values == code).astype(float))
                names.append(f"{name}: {category}")
    table = np.column_stack(columns) if columns else np.zeros((len(order), 0))
    return table, tuple(names)
