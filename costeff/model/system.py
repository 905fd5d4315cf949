"""A system that people come to and leave: who comes, and the places that they wait for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from costeff.errors import Place
from costeff.model.elements import Transition
from costeff.model.formulas.expression import Expression

SYSTEM = "system"
"""What a state counts that stands for the system itself."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
UNITS = ("system_year", "arrival")
PEOPLE_A_SYSTEM = 100
"""Individuals of a run that stand for one system: 200 in each draw are two whole systems, one in each half."""
ZERO = Expression(0)
ByStrategy = Mapping[str, Expression]
"""A formula for each strategy, or one under '' for all."""


@dataclass(frozen=True)
class Returns:
    """Whoever leaves comes back with probability `share` after so many days, `visits` times in all at most."""

    share: Expression
    after: Expression
    visits: int


@dataclass(frozen=True)
class Arrivals:
    """People who come at random, `per_day` on a day of weight 1, and wait in the state in which they start.

    `outside` is the state of those who have not come or have left; `priority` lists states of start, the most urgent
    first; `warm_up` is how many days before the start the system opens empty, under the comparator. `unit` is that of
    the results.
    """

    per_day: Expression
    outside: str
    warm_up: int
    unit: str = UNITS[0]
    weekdays: Mapping[str, Expression] | None = None
    months: Mapping[str, Expression] | None = None
    priority: tuple[str, ...] = ()
    room: ByStrategy | None = None
    patience: Expression | None = None
    returns: Returns | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Change:
    """Another number of places from a date on, under some strategies (none named: all)."""

    date: str
    number: Expression
    strategies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """Places of one kind, called as the state of those who are on them.

    `number` None is as many as are needed. People need a place for `stay` days, or `until` so many days since they
    came; a discharge may be delayed by `delay` days more, in `delay_state`; who waits for the next place keeps
    this one, in `blocking_state`.
    """

    name: str
    number: ByStrategy | None
    stay: ByStrategy | None
    until: Expression | None = None
    changes: tuple[Change, ...] = ()
    delay: ByStrategy | None = None
    delay_state: str = ""
    blocking_state: str = ""
    place: Place | None = None

    @property
    def states(self) -> tuple[str, str, str]:
        """Of who needs the place, who is delayed, and who blocks it."""
        after = self.delay_state or self.name
        return self.name, after, self.blocking_state or after


@dataclass(frozen=True)
class System:
    """Arrivals and places; people pass the places in their order."""

    arrivals: Arrivals
    places: tuple[Places, ...]

    def formulas(self) -> Iterator[tuple[Expression, str, str]]:
        """Every formula, what it is, and its kind: "rate", "weight", "number", "days", "share".

        `days` may read attributes of people, and `u` and `z`, numbers of their own.
        """
        come = self.arrivals
        yield come.per_day, "`per_day` of the arrivals", "rate"
        for weights in (come.weekdays, come.months):
            for name, formula in (weights or {}).items():
                yield formula, f"the weight of {name}", "weight"
        for formula in _unlike(come.room):
            yield formula, "`room` of the arrivals", "number"
        if come.patience is not None:
            yield come.patience, "`patience` of the arrivals", "days"
        if come.returns is not None:
            yield come.returns.share, "the share who return", "share"
            yield come.returns.after, "how long people are away before they return", "days"
        for one in self.places:
            for formula in _unlike(one.number):
                yield formula, f"the number of '{one.name}'", "number"
            for change in one.changes:
                yield change.number, f"the number of '{one.name}' from {change.date}", "number"
            for formula in _unlike(one.stay):
                yield formula, f"the stay on '{one.name}'", "days"
            for formula in _unlike(one.delay):
                yield formula, f"the delay after '{one.name}'", "days"
            if one.until is not None:
                yield one.until, f"`until` of '{one.name}'", "days"

    def of_strategies(self, names: Mapping[str, str]) -> System:
        """The system under some of the strategies alone, each called as `names` says."""

        def own(formulas: ByStrategy | None) -> ByStrategy | None:
            if formulas is None or "" in formulas:
                return formulas
            return {names[old]: formula for old, formula in formulas.items() if old in names}

        def renamed(change: Change) -> Change:
            return replace(change, strategies=tuple(names[old] for old in change.strategies if old in names))

        places = tuple(
            replace(
                one,
                number=own(one.number),
                stay=own(one.stay),
                delay=own(one.delay),
                changes=tuple(renamed(x) for x in one.changes if not x.strategies or set(names) & set(x.strategies)),
            )
            for one in self.places
        )
        return System(replace(self.arrivals, room=own(self.arrivals.room)), places)

    def moves(self, waiting: tuple[str, ...]) -> tuple[Transition, ...]:
        """The moves that people make, as transitions without a hazard: events and arrows have their names.

        `waiting` are the states in which people wait for the first place.
        """
        come, first = self.arrivals, self.places[0].name
        legs = [("arrived", come.outside, w) for w in waiting]
        if come.returns is not None:
            legs += [("returned", come.outside, w) for w in waiting]
        legs += [("placed", w, first) for w in waiting]
        legs += [("turned_away", w, come.outside) for w in waiting if come.room is not None]
        legs += [("gave_up", w, come.outside) for w in waiting if come.patience is not None]
        for one, following in zip(self.places, (*self.places[1:], None), strict=True):
            states = tuple(dict.fromkeys(one.states))
            legs += [(f"{b}_begins", a, b) for a, b in itertools.pairwise(states)]
            legs.append((f"{one.name}_left", states[-1], come.outside if following is None else following.name))
        names = [leg for leg, _, _ in legs]
        transitions = []
        for leg, source, target in legs:
            own = target if source == come.outside else source
            name = leg if names.count(leg) == 1 else f"{leg} [{own}]"
            transitions.append(Transition(name, source, target, hazard=ZERO, leg=leg, place=come.place))
        return tuple(transitions)


def _unlike(formulas: ByStrategy | None) -> tuple[Expression, ...]:
    """Each formula once."""
    return tuple(dict.fromkeys((formulas or {}).values()))


def systems_of(individuals: int) -> int:
    """How many whole systems a run of so many individuals lives in each draw, two at least.

    >>> systems_of(200), systems_of(2000), systems_of(1)
    (2, 20, 2)
    """
    return max(2, individuals // PEOPLE_A_SYSTEM)
