"""The cohort model in plain Python: probabilities by (state, cycles in it, every clock, every run of a passage).

The slow twin of costeff.engine.cohort.cohort: nothing is merged, capped or left out. It reads the compiled tables (a
mapping of arrays, named as in costeff.engine.tensors.Tables). Imports nothing from costeff.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASSED = -1
FIXED_POINT = 2.0**20


@dataclass(frozen=True)
class Place:
    """Where probability lies: `clocks` as in the tables (time in state, time, declared ones), `runs` by passage."""

    state: int
    clocks: tuple[int, ...]
    runs: tuple[int, ...]


@dataclass
class Answer:
    """`occupancy[cell][t]`, `events[event][t]`, `passages[p][t]` (the last: never) as nested lists."""

    occupancy: list[list[float]]
    events: list[list[float]]
    passages: list[list[float]]
    here: dict[Place, float] = field(default_factory=dict)


class Twin:
    """Tables of a model without resets."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.t = {name: getattr(a, "tolist", lambda a=a: a)() for name, a in tables.items()}
        self.cycles = self.t["window_edge"][-1]
        self.exits = len(self.t["exit_target"])

    def expect(self, d: int, g: int, weights: list[float]) -> Answer:
        """Expected counts of draw d and strategy g over all groups."""

        def zeros(rows: int, points: int) -> list[list[float]]:
            return [[0.0] * points for _ in range(rows)]

        answer = Answer(
            zeros(self.t["tally_offset"][-1], self.cycles + 1),
            zeros(self.exits + len(self.t["deadline_target"]), self.cycles + 1),
            zeros(len(self.t["passage_stay"]), self.cycles + 2),
        )
        for n, weight in enumerate(weights):
            self.group(d, g, n, weight, answer)
        return answer

    def group(self, d: int, g: int, n: int, weight: float, answer: Answer) -> None:
        clocks = tuple(row[d][n] for row in self.t["clock_initial"])
        start = Place(self.t["start_state"][self.t["start_row"][g]][d][n], clocks, (0,) * len(self.t["passage_stay"]))
        here = {start: weight}
        for now in range(self.cycles + 1):
            here = self.fall_due(d, n, now, here, answer)
            for place, p in here.items():
                self.count(d, n, now, place, p, answer)
            if now < self.cycles:
                here = self.chance(d, g, n, now, self.run_on(now, here, answer), answer)
        for place, p in here.items():
            for i, run in enumerate(place.runs):
                if run != PASSED:
                    answer.passages[i][self.cycles + 1] += p

    def fall_due(self, d: int, n: int, now: int, here: dict[Place, float], answer: Answer) -> dict[Place, float]:
        """Deadlines one after the other, place by place, until each place may stay."""
        settled: dict[Place, float] = defaultdict(float)
        ahead = list(here.items())
        while ahead:
            place, p = ahead.pop()
            event = self.deadline(d, n, place)
            if event is None:
                settled[place] += p
            else:
                answer.events[self.exits + event][max(now - 1, 0)] += p
                ahead.append((self.entered(place, self.t["deadline_target"][event]), p))
        return settled

    def deadline(self, d: int, n: int, place: Place) -> int | None:
        t = self.t
        for x in range(t["deadline_first"][place.state], t["deadline_first"][place.state + 1]):
            if place.clocks[t["deadline_clock"][x]] >= t["deadline_at"][t["deadline_row"][x]][d][n]:
                return x
        return None

    @staticmethod
    def entered(place: Place, state: int) -> Place:
        return Place(state, (0, *place.clocks[1:]), place.runs)

    def run_on(self, now: int, here: dict[Place, float], answer: Answer) -> dict[Place, float]:
        """The cycle from `now` counts for every passage whose states hold the place."""
        after: dict[Place, float] = defaultdict(float)
        for place, p in here.items():
            runs = []
            for i, run in enumerate(place.runs):
                longer = run + 1 if self.t["passage_state"][i][place.state] else 0
                if run != PASSED and longer == self.t["passage_stay"][i]:
                    answer.passages[i][now - longer + 1] += p
                    longer = PASSED
                runs.append(PASSED if run == PASSED else longer)
            after[Place(place.state, place.clocks, tuple(runs))] += p
        return after

    def chance(self, d: int, g: int, n: int, now: int, here: dict[Place, float], answer: Answer) -> dict[Place, float]:
        t = self.t
        after: dict[Place, float] = defaultdict(float)
        for place, p in here.items():
            s = place.state
            mine = range(t["exit_first"][s], t["exit_first"][s + 1])
            hazard = {j: self.hazard(d, g, n, now, place, j) for j in mine}
            life = {j: h for j, h in hazard.items() if t["exit_lifelong"][j] >= 0}
            other = {j: h for j, h in hazard.items() if j not in life}
            older = tuple(c + a[s] for c, a in zip(place.clocks, t["clock_advances"], strict=True))
            moved = Place(s, older, place.runs)
            survive = math.exp(-sum(life.values()))
            for rivals, chance in ((life, 1.0), (other, survive)):
                total = sum(rivals.values())
                for j, h in rivals.items():
                    if h > 0:
                        q = p * chance * (1 - math.exp(-total)) * h / total
                        answer.events[j][now] += q
                        after[self.entered(moved, t["exit_target"][j])] += q
            after[moved] += p * survive * math.exp(-sum(other.values()))
        return after

    def hazard(self, d: int, g: int, n: int, now: int, place: Place, j: int) -> float:
        t = self.t
        table, factor = t["exit_table"][j], t["exit_factor"][j]
        at = t["table_offset"][table] + place.clocks[t["exit_clock"][j]] - t["table_start"][table]
        if t["table_stratum"][table] >= 0:
            at += t["stratum"][t["table_stratum"][table]][d][n] * (t["table_length"][table] + 1)
        window = sum(now >= edge for edge in t["window_edge"][1:])
        multiplier = 1.0 if factor < 0 else t["factor"][factor][d][n]
        ratio = t["ratio"][d][g][t["exit_ratio"][j]][window]
        return float(multiplier * ratio * (t["cumulative"][d][at + 1] - t["cumulative"][d][at]))

    def count(self, d: int, n: int, now: int, place: Place, p: float, answer: Answer) -> None:
        t = self.t
        for k, row in enumerate(t["tally_weight"]):
            if not t["tally_state"][k][place.state]:
                continue
            cell = 0
            for b in t["tally_band"][t["tally_first"][k] : t["tally_first"][k + 1]]:
                edges = t["band_edge"][t["band_first"][b] : t["band_first"][b + 1]]
                cell = cell * (len(edges) + 1) + sum(place.clocks[t["band_clock"][b]] >= e for e in edges)
            weight = 1.0 if row < 0 else t["weight"][row][d][n] / FIXED_POINT
            answer.occupancy[t["tally_offset"][k] + place.state * t["tally_cells"][k] + cell][now] += p * weight
