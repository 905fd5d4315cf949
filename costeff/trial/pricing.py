"""Lives that were lived, priced by the model's own ledger: the same flows, bands, ladder, rules by date, perspectives.

Amounts are kroner of all people together: sums of rounded cells are then exact, and identities between perspectives
hold with `==`. Sizes: N people, G strategies, L lines, Y years since the first week, K layers of discounting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from costeff.analysis.study import StudyData
from costeff.compile.compiler import Compiled, assemble, compile_arrays
from costeff.compile.environment import parameter_environment, population
from costeff.compile.layout import layout
from costeff.engine.events.replay import STATE, Stays, replay, replay_each
from costeff.engine.tensors import as_array
from costeff.errors import ScenarioError
from costeff.ledger import Effects, Flows, cost, effects, flows
from costeff.ledger.perspectives import parties_net
from costeff.model.elements import Perspective
from costeff.model.model import Model
from costeff.trial.lives import Lives
from costeff.trial.persons import PersonRows


@dataclass(frozen=True)
class Prices:
    """How lives are priced: the study's parameters (name to (1,)), and the luck of attributes.

    What is not known of a person is drawn as the model draws it, from `seed` and `key`: with the seed of a run, the
    people are those of the run.
    """

    study: StudyData[Any]
    values: Mapping[str, np.ndarray]
    seed: int = 1
    key: int = 0


def base_prices(study: StudyData[Any], seed: int | None = None) -> Prices:
    """Every parameter at its stated value."""
    values = {name: np.array([value]) for name, value in study.evidence.base().items()}
    return Prices(study, values, study.seed if seed is None else seed)


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
    """Price lives of one strategy, or of the same people under each strategy of the model, at one set of prices.

    `costeff.trial.pricing_by_date` prices by rules with dates. Raises ScenarioError for a model whose own amounts
    change with the date, and people who enter on other dates than its own.
    """
    group = [lives] if isinstance(lives, Lives) else list(lives)
    one = group[0]
    check_dates(one)
    compilation = compiled_lives(group, prices)
    quantities = replay(compilation.tensors, stays_by_strategy(group))
    env = environment(one.model, prices, prices.values)
    money = flows(one.model, compilation.layout, env, quantities)
    results = effects(one.model, compilation.layout, env, quantities, compilation.layer_effect)
    total = replace(money, amount=money.amount * one.people(), half=None)
    return LivesLedger(one.model, one.people(), total, env, results, compilation.layer_cost)


def priced_each(
    lives: Lives, prices: Prices, perspectives: Sequence[str], without: Sequence[str] = (), chunk: int = 256
) -> PersonCosts:
    """Discounted cost of each person by perspective, `without` some items, and effects: each person's own ledger.

    Their sums are the ledger's but for the rounding of each person's cells.
    """
    costs, results = parts_each(lives, prices, perspectives, without, chunk=chunk)
    names = [one.name for one in lives.model.effects]
    by_name = {name: results[:, i] for i, name in enumerate(names)}
    return PersonCosts({name: values.sum(axis=1) for name, values in costs.items()}, by_name)


def parts_each(
    lives: Lives,
    prices: Prices,
    perspectives: Sequence[str],
    without: Sequence[str] = (),
    parts: np.ndarray | None = None,
    chunk: int = 256,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Discounted cost of each person by perspective and year, (N, Y), and effects (N, E).

    `parts` (T+1,) stand in the place of years; effects are counted by year, and left at 0 then.
    """
    check_dates(lives)
    model, strategy = lives.model, lives.model.strategy_names.index(lives.strategy)
    views = narrow_views(model, perspectives, without)
    compilation = compiled_lives([lives], prices)
    env = environment(model, prices, prices.values)
    period = compilation.tensors.period if parts is None else parts.astype(np.int32)
    tensors = replace(compilation.tensors, period=period)
    costs = {name: np.zeros((lives.people(), int(period.max()) + 1)) for name in perspectives}
    results = np.zeros((lives.people(), len(model.effects)))
    for low in range(0, lives.people(), chunk):
        high = min(low + chunk, lives.people())
        periods_of = np.broadcast_to(period, (high - low, model.conventions.horizon + 1))
        quantities = replay_each(tensors, lives.stays, strategy, low, high, periods_of)
        money = flows(model, compilation.layout, env, quantities)
        for name, view in views.items():
            costs[name][low:high] = cost(view, money, env, compilation.layer_cost)[:, strategy]
        if parts is None:
            own = effects(model, compilation.layout, env, quantities, compilation.layer_effect)
            results[low:high] = own.value[:, strategy]
    return costs, results


def narrow_views(model: Model, perspectives: Sequence[str], without: Sequence[str]) -> dict[str, Perspective]:
    """The perspectives by name, each without some items."""
    views = {name: model.find("perspectives", name) for name in perspectives}
    return {name: replace(view, exclude_items=(*view.exclude_items, *without)) for name, view in views.items()}


def check_dates(lives: Lives) -> None:
    """Refuse people who enter at other times than the date from which a model counts its own dated amounts."""
    entry = lives.model.conventions.entry_date
    if not lives.model.dated or lives.entry is None:
        return
    own = np.datetime64(str(entry)) if entry else np.datetime64("NaT")
    if np.any(lives.entry != own):
        raise ScenarioError(
            "the model's amounts change with the date, and people enter on other dates than its own",
            value=str(lives.entry[lives.entry != own][0]),
            rule=f"model '{lives.model.name}' counts dates from {entry}",
            way_out="price those who enter on one date with a scenario of that `entry_date`",
        )


def compiled_lives(group: Sequence[Lives], prices: Prices) -> Compiled:
    """The tensors of people whose lives are known under one strategy, or each: attributes, clocks, weights."""
    lives = group[0]
    model, count = lives.model, lives.people()
    keys = np.array([prices.key], np.uint64)
    env = environment(model, prices, prices.values)
    attributes = population(model, env, prices.seed, keys, 0, count, lives.attributes)
    where = layout(model)
    arrays = compile_arrays(model, env, attributes, (1, count), where, keys)
    starts = [stays.rows[stays.first[:-1], STATE] for stays in stays_by_strategy(group)]
    arrays = arrays._replace(
        start_row=as_array("start_row", range(len(starts))),
        start_state=as_array("start_state", np.stack(starts)[:, None]),
    )
    half = (count + 1) // 2
    return assemble(model, env, arrays, where, seed=prices.seed, split=half)


def with_attributes(lives: Lives, prices: Prices) -> Lives:
    """The same lives with every attribute known: those that were not are drawn, or follow from those that are."""
    keys = np.array([prices.key], np.uint64)
    env = environment(lives.model, prices, prices.values)
    people = population(lives.model, env, prices.seed, keys, 0, lives.people(), lives.attributes)
    return replace(lives, attributes={name: values[0] for name, values in people.items()})


def some_lives(lives: Lives, people: np.ndarray) -> Lives:
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


def stays_by_strategy(group: Sequence[Lives]) -> list[Stays]:
    """Stays for each strategy: of people who were under one only, the same life stands under all, and one is read."""
    one = group[0]
    if len(group) == 1:
        return [one.stays] * len(one.model.strategies)
    stays = {lives.strategy: lives.stays for lives in group}
    return [stays[name] for name in one.model.strategy_names]


def environment(model: Model, prices: Prices, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Values that formulas may name, of one draw."""
    return parameter_environment(model, values, prices.study.tables, 1)
