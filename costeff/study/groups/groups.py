"""Results by group of people at the base values: attributes are drawn once, and each group lives its own lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.settled import settled
from costeff.compile.environment import parameter_environment
from costeff.labels import Label, worded
from costeff.ledger import cost, effects, flows
from costeff.reporting.numbers import number_label
from costeff.simulation.given_people import drawn_people, simulate_people

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.model import Model
    from costeff.model.elements import Attribute

POOL, LIVES, BATCHES = 40_000, 500, 8
"""People whose attributes are drawn; lives of each group in each batch; batches, from which errors come."""
FEWEST = 50
"""People of the pool below whom a group is not shown."""
CITIZEN = "citizen"
"""The perspective whose gain is a citizen's income after tax, where the model has it."""
EVERYONE = ""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GroupMeasure:
    """What is counted of a group: an effect, or money that flows."""

    name: str
    kind: str
    """effect, income or net_cost."""
    label: Label
    unit: str


@dataclass(frozen=True)
class GroupResult:
    """A group: its share of the people, and each measure under the comparator and as the strategy's difference."""

    attribute: str
    attribute_label: Label
    label: Label
    share: float
    strategy: str
    level: Mapping[str, float]
    level_mcse: Mapping[str, float]
    difference: Mapping[str, float]
    mcse: Mapping[str, float]
    settled: Mapping[str, bool | None]


@dataclass(frozen=True)
class Groups:
    """Every group of every strategy, the whole first, and what is effect_values."""

    measures: tuple[GroupMeasure, ...]
    results: tuple[GroupResult, ...]


def groups(result: ResultData, payer: str) -> Groups | None:
    """Groups of the attributes that the scenario declares; None where it declares none, and for cohorts.

    At the base value of every parameter, on LIVES x BATCHES lives for each group. Luck is the same in all groups and
    strategies, person by person. Attributes keep their joint distribution: a group is drawn from the pool's members.
    """
    study, model = result.study, result.model
    if not study.scenario.subgroups or result.simulated.engine == "cohort" or len(result.strategies) < 2:
        return None
    base = study.evidence.base()
    pool = drawn_people(model, base, study.tables, count=POOL, seed=result.seed)
    members = [(EVERYONE, Label("", ""), worded("groups_everyone"), np.arange(POOL)), *_members(result, pool)]
    rows = np.stack([np.resize(who, BATCHES * LIVES).reshape(BATCHES, LIVES) for *_, who in members])
    people = {name: values[rows].reshape(-1, LIVES) for name, values in pool.items()}
    columns = {name: np.full(len(members) * BATCHES, value) for name, value in base.items()}
    keys = np.tile(np.arange(BATCHES, dtype=np.uint64), len(members))
    run = simulate_people(model, columns, study.tables, people, seed=result.seed, keys=keys)
    env = parameter_environment(model, columns, study.tables, len(keys))
    effect_values = effects(model, run.layout, env, run.quantities, run.layer_effect).value
    money = flows(model, run.layout, env, run.quantities)
    measures = tuple(_measures(result, payer))
    values = {}
    for one in measures:
        if one.kind == "effect":
            values[one.name] = effect_values[:, :, [effect.name for effect in model.effects].index(one.name)]
        else:
            paid = cost(model.find("perspectives", one.name), money, env, run.layer_cost).sum(axis=-1)
            values[one.name] = -paid if one.kind == "income" else paid
    by_batch = {name: array.reshape(len(members), BATCHES, -1) for name, array in values.items()}
    return Groups(measures, tuple(_results(model, members, by_batch)))


def _measures(result: ResultData, payer: str) -> Iterator[GroupMeasure]:
    """Weeks of which more are better, a citizen's income, the main effect, and what the payer pays."""
    model = result.model
    weeks = [effect for effect in model.effects if effect.unit == "weeks" and effect.better == "more"][:1]
    for effect in [*weeks, result.effect(result.main_effect)]:
        yield GroupMeasure(effect.name, "effect", effect.label, effect.unit)
    names = [view.name for view in model.perspectives]
    if CITIZEN in names:
        yield GroupMeasure(CITIZEN, "income", worded("groups_income"), model.conventions.currency)
    label = model.find("perspectives", payer).label
    if payer != CITIZEN:
        yield GroupMeasure(payer, "net_cost", worded("groups_net_cost", perspective=label), model.conventions.currency)


def _members(result: ResultData, pool: Mapping[str, Floats]) -> Iterator[tuple[str, Label, Label, NDArray[np.intp]]]:
    """Attribute, its label, the group's label, and the members of the pool."""
    for one in result.study.scenario.subgroups:
        attribute = result.model.find("attributes", one.attribute)
        for label, inside in _split(attribute, pool[one.attribute]):
            who = np.flatnonzero(inside)
            if len(who) >= FEWEST:
                yield one.attribute, one.label, label, who


def _split(attribute: Attribute, values: Floats) -> Iterator[tuple[Label, NDArray[np.bool_]]]:
    if attribute.categories is not None:
        for code, name in enumerate(attribute.categories):
            yield attribute.labels.get(name, Label(name, name)), values == code
        return
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    ends = {"low": number_label(_digits(low)), "high": number_label(_digits(high))}
    yield worded("groups_lowest", **ends), values <= low
    yield worded("groups_middle", **ends), (values > low) & (values <= high)
    yield worded("groups_highest", **ends), values > high


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


def _results(
    model: Model, members: list[tuple[str, Label, Label, NDArray[np.intp]]], by_batch: Mapping[str, Floats]
) -> Iterator[GroupResult]:
    base = model.strategy_names.index(model.comparator)
    for at, strategy in enumerate(model.strategy_names):
        if at == base:
            continue
        for i, (attribute, attribute_label, label, who) in enumerate(members):
            steps = {name: array[i, :, at] - array[i, :, base] for name, array in by_batch.items()}
            errors = {name: float(step.std(ddof=1) / np.sqrt(BATCHES)) for name, step in steps.items()}
            difference = {name: float(step.mean()) for name, step in steps.items()}
            yield GroupResult(
                attribute,
                attribute_label,
                label,
                len(who) / POOL,
                strategy,
                {name: float(array[i, :, base].mean()) for name, array in by_batch.items()},
                {name: float(array[i, :, base].std(ddof=1) / np.sqrt(BATCHES)) for name, array in by_batch.items()},
                difference,
                errors,
                {name: settled(difference[name], errors[name], BATCHES) for name in steps},
            )
