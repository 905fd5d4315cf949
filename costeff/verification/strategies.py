"""Checks of strategies: what is equal differs by nothing, and what is said of a strategy acts on it alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.model import Expression, Model
from costeff.model.system import ByStrategy, Change, System
from costeff.verification.subject import LIVES, Run, Subject, model_with
from costeff.verification.verdict import Verdict, check, of_equal, of_names, without

ONE = Expression(1)


def _alike(model: Model) -> Model:
    """The model in which nothing is said of one strategy only."""
    flows = tuple(replace(f, strategies=()) for f in model.flows)
    effects = tuple(replace(e, terms=tuple(replace(t, strategies=()) for t in e.terms)) for e in model.effects)
    strategies = tuple(replace(s, start="") for s in model.strategies)
    system = None if model.system is None else _alike_system(model.system, model.comparator)
    fields = {"flows": flows, "effects": effects, "strategies": strategies, "system": system}
    return model_with(model, strategy_effects=(), **fields)


def _alike_system(system: System, comparator: str) -> System:
    """The system with places and stays of the comparator under every strategy."""

    def own(formulas: ByStrategy | None) -> ByStrategy | None:
        return None if formulas is None else {"": formulas[comparator] if comparator in formulas else formulas[""]}

    def changed(change: Change) -> bool:
        return not change.strategies or comparator in change.strategies

    places = tuple(
        replace(
            one,
            number=own(one.number),
            stay=own(one.stay),
            delay=own(one.delay),
            changes=tuple(replace(change, strategies=()) for change in one.changes if changed(change)),
        )
        for one in system.places
    )
    return System(replace(system.arrivals, room=own(system.arrivals.room)), places)


def _several(model: Model) -> bool:
    return len(model.strategies) > 1


@check("equal_strategies_live_alike", "strategies", "20, 30")
def equal_strategies_live_alike(subject: Subject) -> Verdict:
    """Time in states under strategies of which nothing differs, simulated: each person meets the same luck."""
    if not _several(subject.model) or subject.model.delivery:
        return without("delivery" if subject.model.delivery else "one_strategy")
    time = subject.run(_alike(subject.model), engine=LIVES).time
    return of_equal(time, time[:, :1], 0)


@check("equal_strategies_cost_alike", "strategies", "21")
def equal_strategies_cost_alike(subject: Subject) -> Verdict:
    """Money and effects under strategies of which nothing differs."""
    if not _several(subject.model) or subject.model.delivery:
        return without("delivery" if subject.model.delivery else "one_strategy")
    run = subject.run(_alike(subject.model))
    numbers = np.concatenate([run.flows.amount[..., 0].sum(axis=-1), run.effects().value], axis=2)
    return of_equal(numbers, numbers[:, :1], 0)


@check("ratio_of_one_changes_nobody", "strategies", "20")
def ratio_of_one_changes_nobody(subject: Subject) -> Verdict:
    """Every ratio of a strategy at 1: lives as under the comparator."""
    model = subject.model
    if not model.strategy_effects:
        return without("no_effect")
    if any(e.scale == "instead" for e in model.strategy_effects) or any(s.start for s in model.strategies):
        return without("no_ratio")
    ones = tuple(replace(e, ratio=tuple(ONE for _ in e.ratio)) for e in model.strategy_effects)
    time = subject.run(model_with(model, strategy_effects=ones), engine=LIVES).time
    return of_equal(time, time[:, :1], 0)


def _by_strategy(run: Run) -> np.ndarray:
    layer = run.simulated.layer_cost
    return np.concatenate([run.time.sum(axis=-1), run.flows.amount[..., layer].sum(axis=-1)], axis=2)


@check("order_changes_nothing", "strategies", "22")
def order_changes_nothing(subject: Subject) -> Verdict:
    """Strategies declared the other way round; the comparator is the same, under which a system begins."""
    if not _several(subject.model):
        return without("one_strategy")
    first = subject.model.comparator
    reverse = tuple(replace(s, comparator=s.name == first) for s in subject.model.strategies[::-1])
    other_order = model_with(subject.model, strategies=reverse)
    return of_equal(_by_strategy(subject.run(other_order))[:, ::-1], _by_strategy(subject.base))


@check("strategies_pay_for_themselves", "strategies", "32")
def strategies_pay_for_themselves(subject: Subject) -> Verdict:
    """Money that is declared for some strategies: the others have none of it."""
    run = subject.draws
    own = [(i, line) for i, line in enumerate(run.flows.lines) if line.strategies]
    if not own:
        return without("no_programme")
    wrong = [
        line.item
        for i, line in own
        for g, name in enumerate(subject.model.strategy_names)
        if name not in line.strategies and np.any(run.flows.amount[:, g, i] != 0)
    ]
    return of_names(wrong, len(own))


@check("ratios_rise_with_their_parameters", "strategies", "3")
def ratios_rise_with_their_parameters(subject: Subject) -> Verdict:
    """Ratios of strategies beside the ratios in the evidence that they read: both rise together."""
    evidence, wrong, looked_at = subject.study.evidence.parameters, [], 0
    effects = [e for e in subject.model.strategy_effects if e.scale != "instead"]
    formulas = [r for e in effects for r in e.ratio if "t" not in r.names]
    read = {name for r in formulas for name in parameters_behind(subject.model, r)}
    base = [np.asarray(r.evaluate(subject.base.environment)) for r in formulas]
    for name in sorted(n for n in read if n in evidence and evidence[n].unit == "ratio"):
        one, with_more = (
            [np.asarray(r.evaluate(_with_value(subject, name, value))) for r in formulas]
            for value in (np.ones(1), subject.base_values[name] * 1.01)
        )
        # A ratio of its own is without effect at 1; an uptake or an exponent is not.
        own = [i for i, b in enumerate(base) if np.all(one[i] == 1) and np.any(b != 1)]
        looked_at += bool(own)
        if any(np.any(with_more[i] < base[i]) for i in own):
            wrong.append(name)
    return of_names(wrong, looked_at) if looked_at else without("no_effect")


def _with_value(subject: Subject, name: str, value: np.ndarray) -> dict[str, Any]:
    """What formulas may name, one parameter at another value."""
    return parameter_environment(subject.model, {**subject.base_values, name: value}, subject.study.tables, 1)


def parameters_behind(model: Model, formula: Expression) -> set[str]:
    """The names that a formula reads, by itself and through definitions."""
    names = set(formula.names)
    for name in names & set(model.definitions):
        names |= parameters_behind(model, model.definitions[name])
    return names
