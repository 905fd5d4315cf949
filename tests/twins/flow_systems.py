"""One kind of places with a line before it, in plain Python: the slow twin of costeff.engine.flow.systems.

People wait by priority, have a place, and are then somewhere until a day after they came. Time in states is found by
cutting each stay at every edge. Imports nothing from costeff.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict

Stays = list[tuple[int, str, float, float, str]]
"""Of each stay: person, state, when it began, when it ended (infinite), and what ended it ('' nothing yet)."""


def live(
    arrival: list[float],
    waits_in: list[str],
    urgency: dict[str, int],
    stay: list[float],
    until: float,
    places: list[tuple[float, int]],
    horizon: float,
) -> Stays:
    """Everybody's stays in the states waits_in, "place" and "later"."""
    happens: list[tuple[float, int, str, int]] = [(day, 0, "number", number) for day, number in places]
    happens += [(time, 2, "comes", n) for n, time in enumerate(arrival)]
    heapq.heapify(happens)
    line: list[tuple[int, int]] = []
    number, taken, stays, placed = 0, 0, [], {}
    while happens and happens[0][0] < horizon:
        now, _, what, n = heapq.heappop(happens)
        if what == "number":
            number = n
        elif what == "comes":
            heapq.heappush(line, (urgency[waits_in[n]], n))
        elif what == "leaves":
            taken -= 1
            stays.append((n, "place", placed[n], now, "left"))
            end = max(now, arrival[n] + until)
            stays.append((n, "later", now, end if end < horizon else float("inf"), "gone" if end < horizon else ""))
        while line and taken < number:
            _, first = heapq.heappop(line)
            taken += 1
            placed[first] = now
            stays.append((first, waits_in[first], arrival[first], now, "placed"))
            heapq.heappush(happens, (now + stay[first], 1, "leaves", first))
    at_place = set(placed) - {n for n, state, *_ in stays if state == "place"}
    stays += [(n, "place", placed[n], float("inf"), "") for n in at_place]
    return stays + [(n, waits_in[n], arrival[n], float("inf"), "") for _, n in line]


def time_in_states(stays: Stays, edges: list[float], step: float) -> dict[tuple[str, int, int], float]:
    """Days by state, period, and before or after `step` days in the state."""
    days: dict[tuple[str, int, int], float] = defaultdict(float)
    for _, state, begin, end, _ in stays:
        for p, (a, b) in enumerate(itertools.pairwise(edges)):
            days[state, p, 0] += max(0.0, min(end, b, begin + step) - max(begin, a))
            days[state, p, 1] += max(0.0, min(end, b) - max(begin + step, a))
    return days


def present(stays: Stays, day: float) -> dict[str, int]:
    """How many are in each state at a point of time."""
    people: dict[str, int] = defaultdict(int)
    for _, state, begin, end, _ in stays:
        people[state] += begin <= day < end
    return people
