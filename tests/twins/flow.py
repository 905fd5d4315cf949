"""People in a line of stations, in plain Python: the slow twin of costeff.engine.flow.kernel.

No heap and no arrays: a list of what is to come, searched from end to end, and people as dictionaries. Imports nothing
from costeff.
"""

from __future__ import annotations

from typing import Any

INFINITY = float("inf")


def live(
    arrival: list[float],
    priority: list[float],
    stay: list[list[list[float]]],
    delay: list[list[list[float]]],
    patience: list[float],
    gap: list[list[float]],
    places: list[list[tuple[float, int]]],
    room: int | None,
    holds: bool,
    horizon: float,
) -> dict[str, Any]:
    """Everybody's first wait, and how many came, were turned away, gave up, left, wait and are on places at the end."""
    stations = len(places)
    agenda: list[tuple[float, int, str, Any]] = []  # (time, order, kind, whom)
    order = 0

    def plan(time: float, kind: str, whom: Any) -> None:
        nonlocal order
        order += 1
        agenda.append((time, order, kind, whom))

    for s, changes in enumerate(places):
        for time, number in changes:
            plan(time, "change", (s, number))
    people = [{"n": n, "visit": 0, "s": 0, "line": None, "joined": 0.0} for n in range(len(arrival))]
    for n, time in enumerate(arrival):
        plan(time, "arrive", people[n])
    open_places, taken, line = [0] * stations, [0] * stations, [[] for _ in range(stations)]  # type: ignore[var-annotated]
    waits: dict[int, float] = {}
    tally = {"came": 0, "turned_away": 0, "gave_up": 0, "left": 0}
    person_days = [[0.0, 0.0] for _ in range(stations)]
    now = 0.0
    while agenda:
        event = min(agenda)
        if event[0] >= horizon:
            break
        agenda.remove(event)
        time, _, kind, whom = event
        for s in range(stations):
            person_days[s][0] += (time - now) * len(line[s])
            person_days[s][1] += (time - now) * taken[s]
        now = time
        joins = None
        if kind == "change":
            open_places[whom[0]] = whom[1]
        elif kind == "arrive":
            joins = 0
        elif kind == "return":
            whom["visit"] += 1
            joins = 0
        elif kind == "give_up":
            person, ticket = whom
            if person["line"] == ticket and person in line[0]:
                line[0].remove(person)
                person["line"] = None
                tally["gave_up"] += 1
        elif kind == "end" and delay[whom["visit"]][whom["s"]][whom["n"]] > 0:
            plan(now + delay[whom["visit"]][whom["s"]][whom["n"]], "release", whom)
        elif whom["s"] + 1 < stations:
            if not holds:
                taken[whom["s"]] -= 1
            joins = whom["s"] + 1
        else:
            taken[whom["s"]] -= 1
            tally["left"] += 1
            after = gap[whom["visit"]][whom["n"]]
            if whom["visit"] + 1 < len(gap) and after < INFINITY:
                plan(now + after, "return", whom)
        if joins is not None:
            tally["came"] += joins == 0
            full = taken[0] >= open_places[0] or bool(line[0])
            if joins == 0 and room is not None and full and len(line[0]) >= room:
                tally["turned_away"] += 1
            else:
                order += 1
                whom.update(s=joins, line=order, joined=now)
                line[joins].append(whom)
                if joins == 0 and patience[whom["n"]] < INFINITY:
                    plan(now + patience[whom["n"]], "give_up", (whom, order))
        for s in reversed(range(stations)):
            while line[s] and taken[s] < open_places[s]:
                first = min(line[s], key=lambda one: (priority[one["n"]], one["line"]))
                line[s].remove(first)
                first["line"] = None
                taken[s] += 1
                if s > 0 and holds:
                    taken[s - 1] -= 1
                if s == 0 and first["visit"] == 0:
                    waits[first["n"]] = now - first["joined"]
                plan(now + stay[first["visit"]][s][first["n"]], "end", first)
    for s in range(stations):
        person_days[s][0] += (horizon - now) * len(line[s])
        person_days[s][1] += (horizon - now) * taken[s]
    return {**tally, "waits": waits, "waiting": [len(one) for one in line], "taken": taken, "person_days": person_days}
