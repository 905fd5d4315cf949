"""Lives priced by rules with dates: each week under the rules in force on its Monday; nothing is discounted.

Time is counted in segments: a rule period within a year since entry. People with one date of entry have the same
segments. Sizes: N people, K segments, G strategies, L lines, Y years since the first week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from costeff.compile.compiler import Compiled
from costeff.compile.discount import periods
from costeff.compile.layout import Layout, layout, measure
from costeff.engine.events.replay import Span, replay, replay_each
from costeff.engine.quantities import Quantities
from costeff.errors import ScenarioError
from costeff.ledger import Flows, cost, flows
from costeff.model.model import Model
from costeff.rules import RuleSet
from costeff.trial.lives import Lives
from costeff.trial.pricing import (
    LivesLedger,
    PersonCosts,
    Prices,
    check_dates,
    compiled_lives,
    environment,
    narrow_views,
    some_lives,
    stays_by_strategy,
)


@dataclass(frozen=True)
class Segments:
    """Which segment each point of time of a date of entry is in: `of_entry` (date to (T+1,) int32).

    `start` (K,) is the first date of each segment's rule period, `year` (K,) its year since entry.
    """

    of_entry: dict[np.datetime64, np.ndarray]
    start: tuple[dt.date, ...]
    year: tuple[int, ...]

    @property
    def number(self) -> int:
        """How many segments there are."""
        return len(self.year)


def segments(rules: RuleSet, entry: np.ndarray, model: Model, parts: np.ndarray | None = None) -> Segments:
    """The segments of people who enter on dates (N,), all Mondays; `parts` (T+1,) stand in the place of years.

    Raises ScenarioError for dates without rules.
    """
    horizon, per_year = model.conventions.horizon, model.conventions.cycles_per_year
    year = (periods(horizon, per_year) if parts is None else parts).astype(np.int32)
    years = int(year.max()) + 1
    dates = np.unique(entry)
    first, last = dates[0].astype(dt.date), dates[-1].astype(dt.date) + dt.timedelta(weeks=horizon - 1)
    rules.check(first, last)
    begins = np.array([first, *rules.dates(first, last)], "datetime64[D]")
    of_entry = {}
    for date in dates:
        mondays = date + 7 * np.minimum(np.arange(horizon + 1), horizon - 1)
        rule = np.searchsorted(begins, mondays, side="right") - 1
        of_entry[date] = (rule * years + year).astype(np.int32)
    pairs = [(begin.astype(dt.date), y) for begin in begins for y in range(years)]
    return Segments(of_entry, tuple(begin for begin, _ in pairs), tuple(y for _, y in pairs))


def priced_by_date(lives: Lives | Sequence[Lives], prices: Prices, rules: RuleSet) -> LivesLedger:
    """Price lives of one strategy, or of the same people under each strategy, by the rules of each date.

    Raises ScenarioError for lives without dates of entry, outside the dates of the rule set, or with attributes left
    to luck where people enter on different dates.
    """
    group = [lives] if isinstance(lives, Lives) else list(lives)
    order = np.argsort(_entry(group[0]), kind="stable")
    group = [some_lives(one, order) for one in group]
    one, entry = group[0], _entry(group[0])
    model, when = one.model, segments(rules, entry, one.model)
    compilation = _compiled(group, prices, when)
    edges = np.flatnonzero(np.r_[True, entry[1:] != entry[:-1], True])
    spans: list[Span] = [(int(low), int(high), when.of_entry[entry[low]]) for low, high in pairwise(edges)]
    quantities = replay(compilation.tensors, stays_by_strategy(group), spans)
    starters = np.zeros(when.number)
    for low, high, segment in spans:
        starters[segment[0]] += high - low
    lines = layout(model).lines
    total = np.zeros((1, len(model.strategies), len(lines), max(when.year) + 1, 1))
    for k in range(when.number):
        money = flows_in(model, compilation, quantities, prices, rules, when, k)
        people = np.where(_same_for_all(model, compilation.layout), starters[k], one.people())
        total[:, :, :, when.year[k], 0] += money.amount[:, :, :, 0, 0] * people
    return LivesLedger(model, one.people(), Flows(lines, total, None), environment(model, prices, prices.values))


def priced_each_by_date(
    lives: Lives, prices: Prices, rules: RuleSet, perspectives: Sequence[str], without: Sequence[str] = ()
) -> PersonCosts:
    """Cost of each person by perspective, `without` some items, by the rules of each date; no effects."""
    by_year = parts_by_date(lives, prices, rules, perspectives, without)
    return PersonCosts({name: values.sum(axis=1) for name, values in by_year.items()}, {})


def parts_by_date(
    lives: Lives,
    prices: Prices,
    rules: RuleSet,
    perspectives: Sequence[str],
    without: Sequence[str] = (),
    parts: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Cost of each person by perspective and year, or part of the time, (N, Y); `parts` (T+1,) numbers each week's."""
    model, strategy = lives.model, lives.model.strategy_names.index(lives.strategy)
    entry, views = _entry(lives), narrow_views(lives.model, perspectives, without)
    when = segments(rules, entry, model, parts)
    compilation, env = _compiled([lives], prices, when), environment(model, prices, prices.values)
    costs = {name: np.zeros((lives.people(), max(when.year) + 1)) for name in perspectives}
    chunk, at_start = 256, _same_for_all(model, compilation.layout)
    for low in range(0, lives.people(), chunk):
        high = min(low + chunk, lives.people())
        own = np.stack([when.of_entry[date] for date in entry[low:high]])
        quantities = replay_each(compilation.tensors, lives.stays, strategy, low, high, own)
        for k in range(when.number):
            money = flows_in(model, compilation, quantities, prices, rules, when, k)
            later = np.flatnonzero(own[:, 0] != k)
            money.amount[np.ix_(later, np.arange(len(model.strategies)), np.flatnonzero(at_start))] = 0.0
            for name, view in views.items():
                costs[name][low:high, when.year[k]] += cost(view, money, env, 0)[:, strategy].sum(axis=-1)
    return costs


def flows_in(
    model: Model, compilation: Compiled, quantities: Quantities, prices: Prices, rules: RuleSet, when: Segments, k: int
) -> Flows:
    """Undiscounted flows of segment k under its rules; what everybody pays at the start is there at its price.

    How many start in the segment is for the caller to say, but where the amount differs between people.
    """
    part = replace(quantities, time=quantities.time[..., k : k + 1, :1], events=quantities.events[..., k : k + 1, :1])
    env = environment(model, prices, rules.values(when.start[k], prices.values))
    return flows(model, compilation.layout, env, part)


def _same_for_all(model: Model, where: Layout) -> np.ndarray:
    """(L,) lines that pay everybody the same at the start, so that starts are not counted by person."""
    return np.array(
        [
            line.per == "start"
            and where.event_tally(measure(model, line, line.amounts[""]), line.bands, line.transitions) is None
            for line in where.lines
        ]
    )


def _compiled(group: Sequence[Lives], prices: Prices, when: Segments) -> Compiled:
    """The lives compiled with room for every segment."""
    compilation = compiled_lives(group, prices)
    points = group[0].model.conventions.horizon + 1
    room = np.minimum(np.arange(points), when.number - 1).astype(np.int32)
    return replace(compilation, tensors=replace(compilation.tensors, period=room))


def _entry(lives: Lives) -> np.ndarray:
    """The dates of entry, which rules by date need; and nobody's attributes may be left to luck."""
    if lives.entry is None:
        raise ScenarioError(
            "lives without dates cannot be priced by rules with dates",
            rule="the rules of a week are those in force on its Monday",
            way_out="give each person's first Monday, or leave the rules out",
        )
    if lives.model.dated:
        check_dates(lives)
    missing = [a.name for a in lives.model.attributes if a.name not in lives.attributes]
    if missing and len(np.unique(lives.entry)) > 1:
        raise ScenarioError(
            "attributes of people with different dates of entry are not known",
            value=", ".join(missing[:5]),
            rule="what is drawn for a person must not depend on who enters on the same day",
            way_out="give them with `with_attributes`",
        )
    return lives.entry
