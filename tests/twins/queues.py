"""Queues in plain Python, from the chances of their states one by one: the slow twin of costeff.engine.flow.analytic.

Nothing here knows Erlang's recursion: the chances of 0, 1, 2, ... people are balanced state by state, in fractions
where exactness is wanted. Imports nothing from costeff.
"""

from __future__ import annotations

from fractions import Fraction


def chances(load: Fraction, places: int, most: int) -> list[Fraction]:
    """The chance of each number of people, 0 to `most`, when more are turned away."""
    weights = [Fraction(1)]
    for number in range(1, most + 1):
        weights.append(weights[-1] * load / min(number, places))
    total = sum(weights)
    return [weight / total for weight in weights]


def limited(load: Fraction, places: int, room: int) -> dict[str, Fraction]:
    """What becomes of those who come, with a mean stay of 1: shares of all, mean wait of those who are let in."""
    chance = chances(load, places, places + room)
    turned_away = chance[-1]
    waiting = sum(((number - places) * p for number, p in enumerate(chance) if number > places), Fraction(0))
    taken = sum((min(number, places) * p for number, p in enumerate(chance)), Fraction(0))
    return {
        "turned_away": turned_away,
        "share_waiting": sum(chance[places:-1], Fraction(0)) if room else Fraction(0),
        "waiting": waiting,
        "wait": waiting / (load * (1 - turned_away)),
        "occupancy": taken / places,
    }


def unlimited(load: float, places: int, longest: int = 20_000) -> dict[str, float]:
    """The same without a limit, cut after `longest` people, where nothing is left of the chances."""
    weight, weights = 1.0, [1.0]
    for number in range(1, longest):
        weight *= load / min(number, places)
        weights.append(weight)
    total = sum(weights)
    waiting = sum((number - places) * w for number, w in enumerate(weights) if number > places) / total
    return {"share_waiting": sum(weights[places:]) / total, "waiting": waiting, "wait": waiting / load}
