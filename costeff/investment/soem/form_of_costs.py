"""A calculation on SØM's principle: what an extra success costs and saves each public payer, year by year.

The reconstructed identity of Den Socialøkonomiske Investeringsmodel (its technical annexes were not readable, so this
is a compatible form, not a copy), with d the discount factor, N participants, j a payer and t a calendar year:

    net(j) = - sum_t d(t) cost(t, j) + N * difference in success * sum_k sum_t d(t) consequence(k, t) price(k, j, t)
    price(k, j, t) = price(k, j) * index(t) / index(price year)

+ is a gain for the payer. Not validated by the authority, as `soem_notice` of the catalogue of words says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from costeff.errors import Place, ScenarioError

PAYERS = {"municipality": "kommune", "region": "region", "state": "stat"}
"""The three payers of SØM and their Danish names; a case may name further ones."""


@dataclass(frozen=True)
class Cost:
    """What the programme costs a payer in one year, in kroner of that calculation's price level; per participant or in
    all."""

    item: str
    year: int
    payer: str
    amount: float
    per_participant: bool = False
    label: str = ""
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Consequence:
    """Units saved (or gained) in one year for each extra success: for example 20 fewer weeks on a benefit is 20."""

    item: str
    year: int
    amount: float
    unit: str = ""
    label: str = ""
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Price:
    """What one unit of a consequence is worth to a payer, in kroner of `price_year`; + is a gain."""

    item: str
    payer: str
    amount: float
    price_year: int
    label: str = ""
    source: str = ""
    place: Place | None = field(default=None, compare=False)


Part = Cost | Consequence | Price


@dataclass(frozen=True)
class SoemCase:
    """A checked calculation. `price_level` None: prices follow the index to each calendar year; a year: all prices are
    of that year, and so is the result.

    Raises ScenarioError, with the row a part was read from when it was read from a table.
    """

    title: str
    target_group: str
    participants: float
    success_difference: float
    start_year: int
    discount_rate: float
    costs: tuple[Cost, ...]
    consequences: tuple[Consequence, ...]
    prices: tuple[Price, ...]
    index: Mapping[int, float] = field(default_factory=dict)
    price_level: int | None = None
    more_payers: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where settings come from: by name, and `index YEAR`."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def payers(self) -> tuple[str, ...]:
        """The three of SØM, then those that the case adds."""
        return (*PAYERS, *self.more_payers)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Costs, consequences and prices."""
        return (*self.costs, *self.consequences, *self.prices)

    @property
    def years(self) -> tuple[int, ...]:
        """Every calendar year from the start to the last with a cost or consequence."""
        years = [*(x.year for x in self.costs), *(x.year for x in self.consequences)]
        last = max([self.start_year, *years])
        return tuple(range(self.start_year, last + 1))

    @property
    def items(self) -> tuple[str, ...]:
        """Cost items, then consequences, in order of appearance."""
        names = [*(x.item for x in self.costs), *(x.item for x in self.consequences)]
        return tuple(dict.fromkeys(names))

    def label(self, item: str) -> str:
        """The first label given to an item, else its name."""
        return next((x.label for x in self.parts if x.item == item and x.label), item)

    def price_factor(self, price_year: int, year: int) -> float:
        """index(year) / index(price year), where `year` is the price level if there is one."""
        to = year if self.price_level is None else self.price_level
        return 1.0 if to == price_year else self.index[to] / self.index[price_year]


@dataclass(frozen=True)
class SoemResult:
    """Gains in kroner, + is a gain. `amount` (payers, years, items) is not discounted; `discount` is (years,)."""

    case: SoemCase
    payers: tuple[str, ...]
    years: tuple[int, ...]
    items: tuple[str, ...]
    amount: np.ndarray
    discount: np.ndarray

    def net(self, *payers: str, discounted: bool = True) -> float:
        """Net gain of some payers together, of all of them (the public net result) without a name."""
        rows = [self.payers.index(p) for p in payers or self.payers]
        weight = self.discount if discounted else np.ones_like(self.discount)
        return float((self.amount[rows].sum(axis=(0, 2)) * weight).sum())

    def gross(self, *payers: str, discounted: bool = True) -> float:
        """The consequences alone, without the programme's costs."""
        return self.net(*payers, discounted=discounted) + self.cost(*payers, discounted=discounted)

    def cost(self, *payers: str, discounted: bool = True) -> float:
        """What the programme costs some payers together."""
        rows = [self.payers.index(p) for p in payers or self.payers]
        own = [self.items.index(x) for x in dict.fromkeys(c.item for c in self.case.costs)]
        weight = self.discount if discounted else np.ones_like(self.discount)
        return float(-(self.amount[np.ix_(rows, range(len(self.years)), own)].sum(axis=(0, 2)) * weight).sum())

    @property
    def extra_successes(self) -> float:
        """Participants times the difference in success."""
        return self.case.participants * self.case.success_difference

    @property
    def cost_per_success(self) -> float:
        """Discounted cost of all payers for each extra success; nan when there is none."""
        return self.cost() / self.extra_successes if self.extra_successes else math.nan


def soem_result(case: SoemCase) -> SoemResult:
    """The identity at the top of this file, kept by payer, year and item.

    >>> case = SoemCase("t", "g", 100, 0.2, 2026, 0.0, (Cost("programme", 2026, "municipality", 6000, True),),
    ...                 (Consequence("weeks", 2026, 10),), (Price("weeks", "state", 5000, 2026),), price_level=2026)
    >>> result = soem_result(case)
    >>> result.net("municipality"), result.net("state"), result.net(), result.cost_per_success
    (-600000.0, 1000000.0, 400000.0, 30000.0)
    """
    payers, years, items = case.payers, case.years, case.items
    amount = np.zeros((len(payers), len(years), len(items)))
    for cost in case.costs:
        payment = cost.amount * (case.participants if cost.per_participant else 1.0)
        amount[payers.index(cost.payer), years.index(cost.year), items.index(cost.item)] -= payment
    extra = case.participants * case.success_difference
    for consequence in case.consequences:
        for price in case.prices:
            if price.item == consequence.item:
                worth = price.amount * case.price_factor(price.price_year, consequence.year)
                at = payers.index(price.payer), years.index(consequence.year), items.index(price.item)
                amount[at] += extra * consequence.amount * worth
    discount = (1 + case.discount_rate) ** -np.arange(len(years), dtype=float)
    return SoemResult(case, payers, years, items, amount, discount)


def _check(case: SoemCase) -> None:
    """Refuse the first thing wrong."""
    for problem in (_wrong_number(case), *_wrong_rows(case), *_repeated(case), *_unmatched(case), *_no_index(case)):
        if problem is not None:
            raise problem


def _wrong_number(case: SoemCase) -> ScenarioError | None:
    limits = (
        ("participants", case.participants, 0.0, math.inf, "at least 0"),
        ("success_difference", case.success_difference, -1.0, 1.0, "a difference between two shares, -1 to 1"),
        ("discount_rate", case.discount_rate, 0.0, 1.0, "a yearly rate such as 0.035"),
        ("start_year", case.start_year, 1900, 2200, "a calendar year"),
    )
    for name, value, low, high, rule in limits:
        if not (math.isfinite(value) and low <= value <= high):
            return ScenarioError(f"'{name}' is out of range", value=value, rule=rule, way_out="correct it")
    if not case.target_group.strip():
        return ScenarioError("no target group", rule="SØM's prices hold for a named target group", way_out="name it")
    return None


def _wrong_rows(case: SoemCase) -> Iterator[ScenarioError]:
    for name in case.more_payers:
        if name in (*PAYERS, *PAYERS.values()) or name != name.strip() or not name:
            yield ScenarioError(
                "a further payer has the name of one of the three, or none",
                value=name or "''",
                rule=f"not {', '.join((*PAYERS, *PAYERS.values()))}",
                way_out="choose another name",
            )
    for part in case.parts:
        if part.item != part.item.strip() or not part.item:
            yield ScenarioError(
                "an item's name is empty or has spaces around it",
                where=part.place,
                value=repr(part.item),
                rule="a name",
                way_out="correct the name",
            )
        if not math.isfinite(part.amount):
            yield ScenarioError(
                f"the amount of '{part.item}' is not a finite number",
                where=part.place,
                value=part.amount,
                rule="kroner or units",
                way_out="write a number",
            )
        if isinstance(part, Cost | Price) and part.payer not in case.payers:
            yield ScenarioError(
                f"unknown payer of '{part.item}'",
                where=part.place,
                value=part.payer,
                rule=f"payers: {', '.join(case.payers)}",
                way_out="correct the name, or declare the payer",
            )
        if isinstance(part, Cost | Consequence) and not case.start_year <= part.year < case.start_year + 100:
            yield ScenarioError(
                f"'{part.item}' lies outside the calculation",
                where=part.place,
                value=part.year,
                rule=f"calendar years from the first one, {case.start_year}",
                way_out="correct the year or the start year",
            )


def _repeated(case: SoemCase) -> Iterator[ScenarioError]:
    groups: tuple[Sequence[tuple[object, Part]], ...] = (
        [((x.item, x.year, x.payer, x.per_participant), x) for x in case.costs],
        [((x.item, x.year), x) for x in case.consequences],
        [((x.item, x.payer), x) for x in case.prices],
    )
    for group in groups:
        earlier_keys: set[object] = set()
        for key, part in group:
            if key in earlier_keys:
                yield ScenarioError(
                    f"'{part.item}' is given twice for the same year or payer",
                    where=part.place,
                    value=part.amount,
                    rule="one row each",
                    way_out="add the two, or give one another name",
                )
            earlier_keys.add(key)


def _unmatched(case: SoemCase) -> Iterator[ScenarioError]:
    consequences = {x.item for x in case.consequences}
    prices = {x.item for x in case.prices}
    for consequence in case.consequences:
        if consequence.item not in prices:
            yield ScenarioError(
                f"consequence '{consequence.item}' has no price",
                where=consequence.place,
                rule="every consequence has a price for at least one payer",
                way_out="add a row with its price",
            )
    for price in case.prices:
        if price.item not in consequences:
            yield ScenarioError(
                f"price of '{price.item}', which is no consequence",
                where=price.place,
                value=price.amount,
                rule=f"consequences: {', '.join(sorted(consequences)) or 'none'}",
                way_out="correct the name",
            )
    for cost in case.costs:
        if cost.item in consequences:
            yield ScenarioError(
                f"'{cost.item}' is both a cost and a consequence",
                where=cost.place,
                rule="an item is one or the other",
                way_out="give the cost another name",
            )


def _no_index(case: SoemCase) -> Iterator[ScenarioError]:
    for year, value in case.index.items():
        if not (math.isfinite(value) and value > 0):
            yield ScenarioError(f"the price index of {year} is not positive", value=value, rule="a number above 0")
    years: dict[str, list[int]] = {x.item: [] for x in case.consequences}
    for consequence in case.consequences:
        years[consequence.item].append(consequence.year)
    for price in case.prices:
        to = set(years.get(price.item, ())) if case.price_level is None else {case.price_level}
        index_years = {price.price_year, *to} if to - {price.price_year} else set()
        missing = sorted(index_years - set(case.index))
        if missing:
            yield ScenarioError(
                f"no price index for {missing[0]}, which the price of '{price.item}' needs",
                where=price.place,
                value=price.price_year,
                rule="a price is moved by index(year) / index(price year)",
                way_out=f"add a row with the index of {missing[0]}, or set the price level to {price.price_year}",
            )
