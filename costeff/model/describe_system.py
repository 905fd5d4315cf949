"""Arrivals and places of a system, as lines of a description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from costeff.model.describe_words import Words
from costeff.model.formulas.expression import Expression
from costeff.model.system import Arrivals, ByStrategy, Places, System


def system_lines(system: System, say: Words) -> Iterator[tuple[str, int]]:
    """Lines with their depth: who comes, then the places in the order in which people pass them."""
    yield from ((line, 0) for line in _arrivals(system.arrivals, say))
    for one in system.places:
        yield say("places_of", name=one.name, number=_number(one, say)), 0
        yield from ((line, 1) for line in _stays(one, say))


def _arrivals(come: Arrivals, say: Words) -> Iterator[str]:
    yield say("arrivals_come", per_day=come.per_day.text, outside=come.outside)
    for weights in (come.weekdays, come.months):
        if weights:
            yield say("arrivals_weights", weights=_listed(weights))
    yield say("arrivals_priority", states=", ".join(come.priority)) if come.priority else say("arrivals_first_come")
    if come.room is not None:
        yield say("arrivals_room", number=by_strategy(come.room))
    if come.patience is not None:
        yield say("arrivals_patience", days=come.patience.text)
    if come.returns is not None:
        back = come.returns
        yield say("arrivals_return", share=back.share.text, days=back.after.text, visits=back.visits)
    yield say("arrivals_warm_up", days=come.warm_up)
    yield say(f"arrivals_per_{come.unit}")


def _number(one: Places, say: Words) -> str:
    return say("places_unlimited") if one.number is None else by_strategy(one.number)


def _stays(one: Places, say: Words) -> Iterator[str]:
    for change in one.changes:
        who = ", ".join(change.strategies)
        yield say("places_change", date=change.date, number=change.number.text) + (f" ({who})" if who else "")
    if one.stay is not None:
        yield say("places_stay", days=by_strategy(one.stay))
    if one.until is not None:
        yield say("places_until", days=one.until.text)
    if one.delay is not None:
        yield say("places_delay", days=by_strategy(one.delay), state=one.states[1])


def by_strategy(formulas: ByStrategy) -> str:
    """The one formula, or each strategy with its own.

    >>> by_strategy({"": Expression("stay")}), by_strategy({"a": Expression(1), "b": Expression(2)})
    ('stay', 'a: 1, b: 2')
    """
    return formulas[""].text if "" in formulas else ", ".join(f"{name}: {e.text}" for name, e in formulas.items())


def _listed(weights: Mapping[str, Expression]) -> str:
    return ", ".join(f"{name} {formula.text}" for name, formula in weights.items())
