"""The microsimulation week by week in plain Python: the slow twin of costeff.engine. Imports nothing from costeff.

It reads the compiled tables (a mapping of arrays, named as in costeff.engine.tensors.Tables) and follows "What the
cycle means" of docs/model_language.md. Each life is lived one cycle after another; a look-back keeps the list of weeks
that counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twins.philox import exit_word, exponential, philox

SOJOURN, LIFELONG = 1 << 60, 2 << 60
ON_LEAVING, LOOK_BACK = 1, 2


@dataclass
class Person:
    """One individual under one strategy: where, since when, clocks, weeks counted, random numbers, passages."""

    state: int
    clocks: list[int]
    counted: list[list[int]]
    days: list[list[int]]
    life: list[float]
    visits: list[int]
    runs: list[int | None]
    passed: list[int | None]
    since: int = 0
    numbers: list[float] | None = None
    used: list[float] | None = None


@dataclass
class Answer:
    """Integers to compare: `occupancy[g][half][cell][t]`, `events[..][event][t]`, `passages[..][p][t]`; histories
    [d][n][g] as lists of (state, start, end, event), the last with end T + 1 and event -1."""

    occupancy: list[Any]
    events: list[Any]
    passages: list[Any]
    histories: list[Any]


class Twin:
    """The tables of one model; `tables` maps names to arrays or nested lists."""

    def __init__(self, tables: Mapping[str, Any], seed: int, first: int = 0) -> None:
        self.t = {name: getattr(a, "tolist", lambda a=a: a)() for name, a in tables.items()}
        self.seed, self.first = seed, first
        self.cycles = self.t["window_edge"][-1]
        self.states = len(self.t["exit_first"]) - 1
        self.exits = len(self.t["exit_target"])

    def simulate(self, split: int) -> list[Answer]:
        """One answer per draw; individuals below `split` are the first half."""
        strategies = len(self.t["ratio"][0])
        people = len(self.t["start_state"][0][0])
        answers = []
        for d in range(len(self.t["draw_key"])):

            def empty(rows: int, points: int) -> list[Any]:
                return [[[[0] * points for _ in range(rows)] for _ in range(2)] for _ in range(strategies)]

            answer = Answer(
                empty(self.t["tally_offset"][-1], self.cycles + 1),
                empty(self.exits + len(self.t["deadline_target"]), self.cycles + 1),
                empty(len(self.t["passage_stay"]), self.cycles + 2),
                [],
            )
            for n in range(people):
                half = 0 if self.first + n < split else 1
                answer.histories.append([self.life(d, g, n, half, answer) for g in range(strategies)])
            answers.append(answer)
        return answers

    def life(self, d: int, g: int, n: int, half: int, answer: Answer) -> list[tuple[int, int, int, int]]:
        person = self.newborn(d, g, n)
        history: list[tuple[int, int, int, int]] = []
        events = answer.events[g][half]

        def leave(now: int, event: int) -> None:
            events[event][max(now - 1, 0)] += 1
            history.append((person.state, person.since, now, event))
            self.move(person, now, event)

        for now in range(self.cycles + 1):
            while (event := self.deadline(person, d, n, now)) is not None:
                leave(now, event)
            self.count(person, d, n, now, answer.occupancy[g][half])
            if now == self.cycles:
                break
            self.run_passages(person, now)
            event = self.exit(person, d, g, n, now)
            self.advance(person, now)
            if event is not None:
                leave(now + 1, event)
        history.append((person.state, person.since, self.cycles + 1, -1))
        for p, passed in enumerate(person.passed):
            answer.passages[g][half][p][self.cycles + 1 if passed is None else passed] += 1
        return history

    def newborn(self, d: int, g: int, n: int) -> Person:
        t = self.t
        clocks = range(len(t["clock_kind"]))
        state = t["start_state"][t["start_row"][g]][d][n]
        person = Person(
            state=state,
            clocks=[t["clock_initial"][c][d][n] for c in clocks],
            counted=[[] for _ in clocks],
            days=[self.used_before(c, d, n) for c in clocks],
            life=[],
            visits=[0] * self.states,
            runs=[None] * len(t["passage_stay"]),
            passed=[None] * len(t["passage_stay"]),
        )
        for name in t["lifelong_name"]:
            counter = (t["draw_key"][d], self.first + n, LIFELONG, name)
            person.life.append(exponential(philox((self.seed, 0), counter)[0]))
        for c in clocks:
            if t["clock_kind"][c] == LOOK_BACK:
                end = -t["clock_banked_until"][c][d][n]
                person.counted[c] = list(range(end - t["clock_banked"][c][d][n], end))
                self.placement(person, c, state)
        return person

    # -- certain exits ------------------------------------------------------------------------------------------

    def deadline(self, person: Person, d: int, n: int, now: int) -> int | None:
        t = self.t
        for x in range(t["deadline_first"][person.state], t["deadline_first"][person.state + 1]):
            if self.value(person, t["deadline_clock"][x], now) >= t["deadline_at"][t["deadline_row"][x]][d][n]:
                return self.exits + x
        return None

    # -- chance -------------------------------------------------------------------------------------------------

    def exit(self, person: Person, d: int, g: int, n: int, now: int) -> int | None:
        """The exit that happens in the cycle from `now`, if any: lifelong ones first, then by fraction of the cycle."""
        t, s = self.t, person.state
        mine = range(t["exit_first"][s], t["exit_first"][s + 1])
        if person.numbers is None:
            person.numbers = [self.number(d, n, s, person.visits[s], t["exit_name"][j]) for j in mine]
            person.used = [0.0] * len(mine)
        assert person.used is not None
        happened = []
        for i, j in enumerate(mine):
            hazard = self.hazard(person, d, g, n, j, now)
            slot = t["exit_lifelong"][j]
            if slot >= 0:
                if hazard > 0 and person.life[slot] <= hazard:
                    happened.append((0, person.life[slot] / hazard, i, j))
                person.life[slot] -= hazard
            else:
                left = person.numbers[i] - person.used[i]
                person.used[i] += hazard
                if hazard > 0 and left <= hazard:
                    happened.append((1, left / hazard, i, j))
        return min(happened)[3] if happened else None

    def number(self, d: int, n: int, state: int, visit: int, name: int) -> float:
        counter = (self.t["draw_key"][d], self.first + n, SOJOURN | visit, self.t["state_name"][state])
        return exponential(exit_word(philox((self.seed, 0), counter), name))

    def hazard(self, person: Person, d: int, g: int, n: int, j: int, now: int) -> float:
        t = self.t
        table, factor = t["exit_table"][j], t["exit_factor"][j]
        at = t["table_offset"][table] + person.clocks[t["exit_clock"][j]] - t["table_start"][table]
        if t["table_stratum"][table] >= 0:
            at += t["stratum"][t["table_stratum"][table]][d][n] * (t["table_length"][table] + 1)
        window = sum(now >= edge for edge in t["window_edge"][1:])
        multiplier = 1.0 if factor < 0 else t["factor"][factor][d][n]
        ratio = t["ratio"][d][g][t["exit_ratio"][j]][window]
        if (step := t["exit_second"][j]) >= 0:
            place = self.value(person, t["second_clock"][step], now) - t["second_start"][step]
            place = min(max(place, 0), t["second_length"][step] - 1)
            ratio *= t["second_value"][d][t["second_offset"][step] + place]
        return float(multiplier * ratio * (t["cumulative"][d][at + 1] - t["cumulative"][d][at]))

    # -- clocks -------------------------------------------------------------------------------------------------

    def used_before(self, c: int, d: int, n: int) -> list[int]:
        """The cycles before the start in which a clock that counts the last cycles had run."""
        row = self.t["clock_recent"][c]
        if row >= 0 and self.t["recent_within"][row] < 0:  # a clock of stages: when each of them comes
            return [self.t["recent_until"][row + k][d][n] for k in range(-self.t["recent_within"][row])]
        end = 0 if row < 0 else -self.t["recent_until"][row][d][n]
        return list(range(end - self.t["clock_initial"][c][d][n], end))

    def value(self, person: Person, c: int, now: int) -> int:
        """What clock c shows: its count, or how many of the days used since it was set back lie in the look-back."""
        row = self.t["clock_recent"][c]
        if row < 0:
            return person.clocks[c]
        if self.t["recent_within"][row] < 0:
            return 0 if person.clocks[c] else sum(time <= now for time in person.days[c])
        monday = self.t["recent_weekday"][row]
        days = [day for day in person.days[c] if day >= now - self.t["recent_within"][row]]
        return sum(monday < 0 or (day + monday) % 7 < 5 for day in days)

    def advance(self, person: Person, now: int) -> None:
        """The cycle from `now` has been lived in the person's state."""
        for c in range(len(person.clocks)):
            if self.t["clock_advances"][c][person.state]:
                person.clocks[c] += 1
                person.days[c].append(now)
            if self.t["clock_kind"][c] == LOOK_BACK and self.t["clock_mask"][c][person.state]:
                person.counted[c].append(now)

    def move(self, person: Person, now: int, event: int) -> None:
        t, old, lived = self.t, person.state, now > person.since
        new = t["exit_target"][event] if event < self.exits else t["deadline_target"][event - self.exits]
        for c, kind in enumerate(t["clock_kind"]):
            marked = t["clock_mask"][c][old]
            if kind == ON_LEAVING and marked:
                person.clocks[c] = 0
                person.days[c] = []
            if kind == LOOK_BACK:
                recent = [week for week in person.counted[c] if week >= now - t["clock_within"][c]]
                if marked and lived and len(recent) >= t["clock_after"][c]:
                    person.clocks[c] = 0
                    person.counted[c], person.days[c] = [], []
                if not t["clock_advances"][c][old]:
                    self.placement(person, c, new)
        person.clocks[0] = 0
        for c in t["count_clock"][t["count_first"][event] : t["count_first"][event + 1]]:
            person.clocks[c] = min(person.clocks[c] + 1, t["count_most"][c])
        person.visits[old] += 1
        person.state, person.since, person.numbers = new, now, None

    def placement(self, person: Person, c: int, new: int) -> None:
        """A placement from 0: weeks before it do not count towards the next reset."""
        if person.clocks[c] == 0 and self.t["clock_advances"][c][new]:
            person.counted[c] = []

    # -- counting -----------------------------------------------------------------------------------------------

    def count(self, person: Person, d: int, n: int, now: int, occupancy: list[list[int]]) -> None:
        t = self.t
        for k, row in enumerate(t["tally_weight"]):
            if not t["tally_state"][k][person.state]:
                continue
            cell = 0
            for b in t["tally_band"][t["tally_first"][k] : t["tally_first"][k + 1]]:
                edges = t["band_edge"][t["band_first"][b] : t["band_first"][b + 1]]
                cell = cell * (len(edges) + 1) + sum(self.value(person, t["band_clock"][b], now) >= e for e in edges)
            weight = 1 if row < 0 else t["weight"][row][d][n]
            occupancy[t["tally_offset"][k] + person.state * t["tally_cells"][k] + cell][now] += weight

    def run_passages(self, person: Person, now: int) -> None:
        for p, stay in enumerate(self.t["passage_stay"]):
            start = person.runs[p]
            if not self.t["passage_state"][p][person.state]:
                person.runs[p] = None
                continue
            start = person.runs[p] = now if start is None else start
            if person.passed[p] is None and now + 1 - start >= stay:
                person.passed[p] = start
