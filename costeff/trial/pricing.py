"""Lives that were lived, priced by the model's own ledger: the same flows, bands, ladder, rules by date, perspectives.

Amounts are kroner of all people together: sums of rounded cells are then exact, and identities between perspectives
hold with `==`. Sizes: N people, G strategies, L lines, Y years since the first week, K layers of discounting.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from costeff.analysis.study import StudyData
from costeff.compile.compiler import Compiled, assemble, compile_arrays
from costeff.compile.discount import periods
from costeff.compile.environment import parameter_environment, population
from costeff.compile.layout import layout
from costeff.engine.events.replay import STATE, Stays, replay, replay_each
from costeff.engine.quantities import Quantities
from costeff.errors import ScenarioError
from costeff.ledger import Effects, Flows, cost, effects, flows
from costeff.ledger.perspectives import parties_net
from costeff.model.elements import Perspective
from costeff.model.model import Model
from costeff.rules import RuleSet
from costeff.trial.lives import Lives
from costeff.trial.persons import PersonRows


@dataclass(frozen=True)
class Prices:
    """How lives are priced: the study's parameters (name to (1,)), rules by date or none, and the luck of attributes.

    What is not known of a person is drawn as the model draws it, from `seed` and `key`: with the seed of a run, the
    people are those of the run.
    """

    study: StudyData[Any]
    values: Mapping[str, np.ndarray]
    rules: RuleSet | None = None
    seed: int = 1
    key: int = 0


def base_prices(study: StudyData[Any], rules: RuleSet | None = None, seed: int | None = None) -> Prices:
    """Every parameter at its stated value."""
    values = {name: np.array([value]) for name, value in study.evidence.base().items()}
    return Prices(study, values, rules, study.seed if seed is None else seed)


@dataclass(frozen=True, eq=False)
class LivesLedger:
    """What people cost: `flows.amount` (1, G, L, Y, K) in kroner of all `people` together; no rows of persons.

    `effects` per person as in a run, None where rules change on the way.
    """

    model: Model
    people: int
    flows: Flows
    environment: Mapping[str, Any]
    effects: Effects | None = None
    layer_cost: int = 0

    def cost(self, perspective: str, layer: int = 0) -> np.ndarray:
        """Cost of a perspective by strategy and year, (G, Y), kroner of all people."""
        view = self.model.find("perspectives", perspective)
        return np.asarray(cost(view, self.flows, self.environment, layer)[0])

    def parties(self, layer: int = 0, without: Sequence[str] = ()) -> dict[str, np.ndarray]:
        """What each party inside society pays less what it receives, (G, Y), kroner of all; `without` some items."""
        money = self.flows
        if without:
            rows = [i for i, line in enumerate(money.lines) if line.item not in without]
            money = Flows(tuple(money.lines[i] for i in rows), money.amount[:, :, rows], None)
        return {name: net[0] for name, net in parties_net(self.model, money, layer).items()}

    def items(self, layer: int = 0) -> dict[tuple[str, str, str], np.ndarray]:
        """(item, payer, recipient) to kroner of all people by strategy, (G,)."""
        amounts: dict[tuple[str, str, str], np.ndarray] = {}
        for i, line in enumerate(self.flows.lines):
            key = (line.item, line.payer, line.recipient)
            amounts[key] = amounts.get(key, 0.0) + self.flows.amount[0, :, i, :, layer].sum(axis=-1)
        return amounts


@dataclass(frozen=True, eq=False, repr=False)
class PersonCosts(PersonRows):
    """Discounted cost of each person by perspective (name to (N,)), and effects by name (name to (N,))."""

    cost: Mapping[str, np.ndarray]
    effect: Mapping[str, np.ndarray]

    def people(self) -> int:
        """How many people there are."""
        return len(next(iter(self.cost.values())))


def priced(lives: Lives | Sequence[Lives], prices: Prices) -> LivesLedger:
    """Price lives of one strategy, or of the same people under each strategy of the model.

    With rules, each week is priced under the rules in force on its Monday, and nothing is discounted. Raises
    ScenarioError for rules without dates of entry, or outside the dates of the rule set.
    """
    group = [lives] if isinstance(lives, Lives) else list(lives)
    one = group[0]
    if prices.rules is not None:
        return _priced_by_date(group, prices, prices.rules)
    compilation = compiled_lives(one, prices)
    quantities = replay(compilation.tensors, _by_strategy(group))
    env = _environment(one.model, prices, prices.values)
    money = flows(one.model, compilation.layout, env, quantities)
    results = effects(one.model, compilation.layout, env, quantities, compilation.layer_effect)
    total = replace(money, amount=money.amount * one.people(), half=None)
    return LivesLedger(one.model, one.people(), total, env, results, compilation.layer_cost)


def priced_each(
    lives: Lives, prices: Prices, perspectives: Sequence[str], without: Sequence[str] = (), chunk: int = 256
) -> PersonCosts:
    """Cost of each person by perspective, `without` some items, and effects: each person's own ledger.

    Discounted; under rules by date not, and without effects. Their sums are the ledger's but for the rounding of each
    person's cells.
    """
    model = lives.model
    views = {}
    for name in perspectives:
        view = model.find("perspectives", name)
        views[name] = replace(view, exclude_items=(*view.exclude_items, *without))
    costs = {name: np.zeros(lives.people()) for name in perspectives}
    results = np.zeros((lives.people(), len(model.effects)))
    for people in _alike(lives, prices):
        part = _some(lives, people)
        for rows, own, values in _each(part, prices, views, chunk):
            for name, cost_of in own.items():
                costs[name][people[rows]] = cost_of
            results[people[rows]] = values
    effect = {} if prices.rules else {one.name: results[:, i] for i, one in enumerate(model.effects)}
    return PersonCosts(costs, effect)


def _alike(lives: Lives, prices: Prices) -> list[np.ndarray]:
    """People who are priced together: all, or under rules those with one date of entry."""
    if prices.rules is None:
        return [np.arange(lives.people())]
    entry = _entry(lives, prices)
    return [np.flatnonzero(entry == date) for date in np.unique(entry)]


def _each(
    lives: Lives, prices: Prices, views: Mapping[str, Perspective], chunk: int
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]]:
    """(rows, cost by perspective, effects) of some people at a time."""
    compilation = compiled_lives(lives, prices)
    model, strategy = lives.model, lives.model.strategy_names.index(lives.strategy)
    tensors = compilation.tensors
    dates: list[dt.date] = []
    if prices.rules is not None:
        segment, dates, _ = segments(prices.rules, _entry(lives, prices)[0].astype(dt.date), model)
        tensors = replace(tensors, period=segment)
    env = _environment(model, prices, prices.values)
    for low in range(0, lives.people(), chunk):
        rows = np.arange(low, min(low + chunk, lives.people()))
        quantities = replay_each(tensors, lives.stays, strategy, low, low + len(rows))
        own = dict.fromkeys(views, np.zeros(len(rows)))
        if prices.rules is None:
            money = flows(model, compilation.layout, env, quantities)
            for name, view in views.items():
                own[name] = cost(view, money, env, compilation.layer_cost)[:, strategy].sum(axis=-1)
            yield (
                rows,
                own,
                effects(model, compilation.layout, env, quantities, compilation.layer_effect).value[:, strategy],
            )
            continue
        for k, start in enumerate(dates):
            money = flows_in(model, compilation, quantities, prices, prices.rules, k, start)
            for name, view in views.items():
                own[name] = own[name] + cost(view, money, env, 0)[:, strategy].sum(axis=-1)
        yield rows, own, np.zeros((len(rows), len(model.effects)))


def _entry(lives: Lives, prices: Prices) -> np.ndarray:
    """The dates of entry, which rules by date need; and nobody's attributes may be left to luck."""
    if lives.entry is None:
        raise ScenarioError(
            "lives without dates cannot be priced by rules with dates",
            rule="the rules of a week are those in force on its Monday",
            way_out="give each person's first Monday, or leave the rules out",
        )
    missing = [a.name for a in lives.model.attributes if a.name not in lives.attributes]
    if missing and len(np.unique(lives.entry)) > 1:
        raise ScenarioError(
            "attributes of people with different dates of entry are not known",
            value=", ".join(missing[:5]),
            rule="what is drawn for a person must not depend on who enters on the same day",
            way_out="give them with `with_attributes`",
        )
    return lives.entry


def compiled_lives(lives: Lives, prices: Prices) -> Compiled:
    """The tensors of people whose lives are known: their attributes, clocks and weights; of one draw."""
    model, count = lives.model, lives.people()
    keys = np.array([prices.key], np.uint64)
    env = _environment(model, prices, prices.values)
    attributes = population(model, env, prices.seed, keys, 0, count, lives.attributes)
    where = layout(model)
    arrays = compile_arrays(model, env, attributes, (1, count), where, keys)
    start = np.ascontiguousarray(lives.stays.rows[lives.stays.first[:-1], STATE][None])
    half = (count + 1) // 2
    return assemble(model, env, arrays._replace(start_state=start), where, seed=prices.seed, split=half)


def segments(rules: RuleSet, entry: dt.date, model: Model) -> tuple[np.ndarray, list[dt.date], np.ndarray]:
    """(segment (T+1,) of each point of time, first date of each, its year since entry): rules change between them.

    The rules of a week are those in force on its Monday; `entry` is the Monday of week 0.
    """
    horizon = model.conventions.horizon
    year = periods(horizon, model.conventions.cycles_per_year)
    mondays = [entry + dt.timedelta(weeks=int(t)) for t in range(horizon)]
    rules.check(mondays[0], mondays[-1])
    changes = np.zeros(horizon, np.int64)
    for date in rules.dates(mondays[0], mondays[-1]):
        changes[[m >= date for m in mondays]] += 1
    marks = np.stack([year[:horizon], changes])
    new = np.r_[True, np.any(marks[:, 1:] != marks[:, :-1], axis=0)]
    number = np.cumsum(new) - 1
    starts = np.flatnonzero(new)
    segment = np.append(number, number[-1]).astype(np.int32)
    return segment, [mondays[t] for t in starts], year[starts]


def _priced_by_date(group: Sequence[Lives], prices: Prices, rules: RuleSet) -> LivesLedger:
    one = group[0]
    entry = _entry(one, prices)
    years = int(periods(one.model.conventions.horizon, one.model.conventions.cycles_per_year)[-1]) + 1
    lines = layout(one.model).lines
    total = np.zeros((1, len(one.model.strategies), len(lines), years, 1))
    for date in np.unique(entry):
        people = np.flatnonzero(entry == date)
        part = [_some(lives, people) for lives in group]
        compilation = compiled_lives(part[0], prices)
        segment, dates, year = segments(rules, date.astype(dt.date), one.model)
        tensors = replace(compilation.tensors, period=segment)
        quantities = replay(tensors, _by_strategy(part))
        for k, start in enumerate(dates):
            money = flows_in(one.model, compilation, quantities, prices, rules, k, start)
            total[:, :, :, year[k], 0] += money.amount[:, :, :, 0, 0] * len(people)
    env = _environment(one.model, prices, prices.values)
    return LivesLedger(one.model, one.people(), Flows(lines, total, None), env)


def flows_in(
    model: Model, compilation: Compiled, quantities: Quantities, prices: Prices, rules: RuleSet, k: int, start: dt.date
) -> Flows:
    """Undiscounted flows of segment k, which begins on `start`, under the rules in force then."""
    part = replace(quantities, time=quantities.time[..., k : k + 1, :1], events=quantities.events[..., k : k + 1, :1])
    where = compilation.layout
    if k:  # what is paid at the start belongs to the first segment
        where = replace(where, lines=tuple(line for line in where.lines if line.per != "start"))
    env = _environment(model, prices, rules.values(start, prices.values))
    money = flows(model, where, env, part)
    if not k:
        return money
    amount = np.zeros((*money.amount.shape[:2], len(compilation.layout.lines), *money.amount.shape[3:]))
    amount[:, :, [i for i, line in enumerate(compilation.layout.lines) if line.per != "start"]] = money.amount
    return Flows(compilation.layout.lines, amount, None)


def with_attributes(lives: Lives, prices: Prices) -> Lives:
    """The same lives with every attribute known: those that were not are drawn, or follow from those that are."""
    keys = np.array([prices.key], np.uint64)
    env = _environment(lives.model, prices, prices.values)
    people = population(lives.model, env, prices.seed, keys, 0, lives.people(), lives.attributes)
    return replace(lives, attributes={name: values[0] for name, values in people.items()})


def _some(lives: Lives, people: np.ndarray) -> Lives:
    """The lives of some people, by number."""
    if len(people) == lives.people():
        return lives
    first, rows = lives.stays.first, lives.stays.rows
    length = np.diff(first)[people]
    starts = np.r_[0, np.cumsum(length)].astype(np.int64)
    at = np.repeat(first[people] - starts[:-1], length) + np.arange(starts[-1])
    attributes = {name: values[people] for name, values in lives.attributes.items()}
    entry = None if lives.entry is None else lives.entry[people]
    stays = Stays(starts, np.ascontiguousarray(rows[at]))
    return replace(lives, stays=stays, entry=entry, attributes=attributes)


def _by_strategy(group: Sequence[Lives]) -> list[Stays]:
    """Stays for each strategy: of people who were under one only, the same life stands under all, and one is read."""
    one = group[0]
    if len(group) == 1:
        return [one.stays] * len(one.model.strategies)
    stays = {lives.strategy: lives.stays for lives in group}
    return [stays[name] for name in one.model.strategy_names]


def _environment(model: Model, prices: Prices, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return parameter_environment(model, values, prices.study.tables, 1)
