"""A rule set: parameters, hazards of legs and closed states that change on calendar dates, with their sources.

A block says what changes on its date; everything else stays as the blocks before it left it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from costeff.errors import Place, ScenarioError
from costeff.evidence import Evidence
from costeff.evidence.parameter import Parameter
from costeff.evidence.prices import PriceIndex
from costeff.evidence.source import Source
from costeff.labels import Label
from costeff.model.dates import cycles_between
from costeff.old_names import by_old_name
from costeff.problems import raise_all


@dataclass(frozen=True)
class RulePeriod:
    """What holds from `start`: parameters set, ratios on the hazards of legs, and states closed to entrants."""

    start: dt.date
    set: Mapping[str, Parameter] = field(default_factory=dict)
    legs: Mapping[str, Parameter] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True)
class Reform:
    """A change of how people move, at `cycle` cycles since entry: the arguments of `compile.calendar.reformed`."""

    cycle: int
    legs: Mapping[str, str | float]
    closed: Mapping[str, str]


@dataclass(frozen=True)
class Benefit:
    """A benefit's ledger items, how it is funded, and the share of a municipal saving that the state takes back."""

    name: str
    label: Label
    items: tuple[str, ...]
    funding: str
    covered: Parameter
    place: Place | None = None


@dataclass(frozen=True)
class RuleSet:
    """Rules by calendar date. Make it with `load_rules`.

    `yearly` names amounts that are fixed anew each year: up to `known_to` each year has its own, from then to `held_to`
    the last one is held at the analysis price level. `as_on`: the rules of that date hold throughout, and only the
    yearly amounts follow the calendar.
    """

    name: str
    title: Label
    blocks: tuple[RulePeriod, ...]
    known_to: int
    held_to: int
    yearly: tuple[str, ...] = ()
    discount: tuple[tuple[float, float], ...] = ()  # (after so many years, yearly rate), chained
    benefits: Mapping[str, Benefit] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    price_index: PriceIndex | None = None
    price_year: int = 0
    as_on: dt.date | None = None
    file: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    def on(self, date: dt.date) -> RulePeriod:
        """Everything in force on `date`: parameters set by then, legs and states changed by then.

        Raises ScenarioError for a date before the first block, after `held_to`, or of a year that lacks a yearly
        amount, all problems together.
        """
        raise_all(self._problems(date), "scenario")
        return self._in_force[self._regime(date)]

    def dates(self, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
        """Dates after `first`, up to and with `last`, on which something changes."""
        starts = [b.start for b in self.blocks if b.start > first and b.start <= last]
        if self.as_on is not None:
            own = {b.start for b in self.blocks if set(b.set) & set(self.yearly)}
            starts = [s for s in starts if s in own]
        return tuple(starts)

    def check(self, first: dt.date, last: dt.date) -> None:
        """Refuse the span unless every year of it can be priced; all problems together."""
        dates = [first, *(dt.date(year, 12, 31) for year in range(first.year, last.year)), last]
        problems = {str(p): p for date in dates for p in self._problems(date)}
        raise_all(list(problems.values()), "scenario")

    def values(
        self,
        date: dt.date,
        draws: Mapping[str, np.ndarray],
        seed: int | None = None,
        method: str = "random",
        replicates: int = 1,
    ) -> dict[str, np.ndarray]:
        """Parameters on `date`, each (D,): `draws` with those in force in their place, at the analysis price level.

        Uncertain ones are drawn as by `Evidence.draw`, so that one parameter has the same luck in every block; `seed`
        None gives stated values.

        >>> import costeff, datetime
        >>> from costeff.rules import load_rules
        >>> rules = load_rules("denmark", costeff.load("tki2").model)
        >>> found = rules.values(datetime.date(2026, 3, 1), {"sickness_benefit_max": np.ones(1)})
        >>> found["sickness_benefit_max"].round().tolist(), rules.price_year     # 5,085 a week in 2026
        ([4697.0], 2024)
        """
        size = len(next(iter(draws.values()))) if draws else 1
        self.on(date)
        evidence = self._moved[self._regime(date)]
        return {**draws, **_drawn(evidence, size, seed, method, replicates)}

    def reforms(self, entry: dt.date, cycles_per_year: int = 52) -> tuple[Reform, ...]:
        """Changes of how people move, for an individual who enters on `entry`, in order; apply one upon the other.

        A ratio that is not certain is given by name; `reform_draws` holds its numbers.
        """
        changes = []
        for block in self.blocks:
            if not (block.legs or block.closed) or (self.as_on and block.start > self.as_on):
                continue
            cycle = 0 if self.as_on else max(cycles_between(entry, block.start, cycles_per_year), 0)
            legs = {leg: float(p.value) if p.fixed else self._ratio_name(leg, block) for leg, p in block.legs.items()}
            changes.append(Reform(cycle, legs, dict(block.closed)))
        return tuple(changes)

    def reform_draws(
        self, size: int, seed: int | None = None, method: str = "random", replicates: int = 1
    ) -> dict[str, np.ndarray]:
        """Ratios that are not certain, by the names that `reforms` gives them, each (D,), drawn as in `values`."""
        ratios = [
            replace(p, name=self._ratio_name(leg, block))
            for block in self.blocks
            for leg, p in block.legs.items()
            if not p.fixed
        ]
        return _drawn(Evidence(ratios, sources=dict(self.sources)), size, seed, method, replicates)

    def coverage(
        self, size: int, seed: int | None = None, method: str = "random", replicates: int = 1
    ) -> dict[str, np.ndarray]:
        """Share of a municipal saving on each benefit that the state takes back, each (D,); see `benefits`."""
        parameters = [b.covered for b in self.benefits.values()]
        draws = _drawn(Evidence(parameters, sources=dict(self.sources)), size, seed, method, replicates)
        return {name: draws[b.covered.name] for name, b in self.benefits.items()}

    def parameters(self) -> tuple[tuple[dt.date, Parameter], ...]:
        """Every figure of the rule set with its date: parameters, ratios on legs, and coverage of benefits (first)."""
        start = self.blocks[0].start
        shares = [(start, b.covered) for b in self.benefits.values()]
        return (*shares, *((b.start, p) for b in self.blocks for p in (*b.set.values(), *b.legs.values())))

    # -- inside ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _ratio_name(leg: str, block: RulePeriod) -> str:
        plain = "".join(c if c.isalnum() else "_" for c in leg)
        return f"ratio_{plain}_{block.start:%Y%m%d}"

    def _regime(self, date: dt.date) -> int:
        """Number of the last block that has begun."""
        return sum(b.start <= date for b in self.blocks) - 1

    @cached_property
    def _in_force(self) -> tuple[RulePeriod, ...]:
        """What holds from each block on."""
        out = []
        for last in self.blocks:
            values: dict[str, Parameter] = {}
            legs: dict[str, Parameter] = {}
            closures: dict[str, str] = {}
            for block in self.blocks:
                lasting = block.start <= (self.as_on or last.start)
                is_due = block.start <= last.start
                values |= {
                    name: parameter
                    for name, parameter in block.set.items()
                    if (is_due if name in self.yearly else lasting)
                }
                if lasting:
                    legs |= block.legs
                    closures |= block.closed
            out.append(RulePeriod(last.start, values, legs, closures, last.place))
        return tuple(out)

    @cached_property
    def _moved(self) -> tuple[Evidence, ...]:
        """The parameters in force from each block on, at the analysis price level."""
        return tuple(
            Evidence(dict(b.set), sources=dict(self.sources), price_index=self.price_index).at_prices(self.price_year)
            for b in self._in_force
        )

    def _problems(self, date: dt.date) -> list[ScenarioError]:
        first = self.blocks[0]
        if date < first.start or date.year > self.held_to:
            early = date < first.start
            return [
                ScenarioError(
                    f"rule set '{self.name}' holds nothing for {date}",
                    where=first.place if early else self.places.get("held_to", first.place),
                    value=date.isoformat(),
                    rule=f"it runs from {first.start} to the end of {self.held_to}",
                    way_out="add a block with an earlier `from`" if early else "raise `held_to`, and say why",
                )
            ]
        if date.year > self.known_to:
            return []
        own = [b for b in self.blocks if b.start.year == date.year and b.start <= date]
        return [
            ScenarioError(
                f"rule set '{self.name}' has no '{name}' for {date.year}",
                where=own[0].place if own else self.places.get("blocks", first.place),
                value=date.isoformat(),
                rule=f"amounts under `yearly` are stated for each year up to {self.known_to}",
                way_out=f"set {name} in a block from: {date.year}-01-01, or lower `known_to`",
            )
            for name in self.yearly
            if not any(name in b.set for b in own)
        ]


def _drawn(evidence: Evidence, size: int, seed: int | None, method: str, replicates: int) -> dict[str, np.ndarray]:
    if not evidence.parameters:
        return {}
    if seed is None:
        return {name: np.full(size, value) for name, value in evidence.base().items()}
    return evidence.columns(size, seed, method, replicates)


def __getattr__(name: str) -> Any:
    return by_old_name(__name__, name)
