"""The extended Sick-Sicker microsimulation as an exact chain over (state, years sick), in plain Python.

It imports nothing from costeff. Everyone's expected cost and quality-adjusted life years over 31 points of time.
"""

from __future__ import annotations

import math

P_HD, P_HS1, P_S1H, P_S1S2 = 0.005, 0.15, 0.5, 0.105
RATE = {"S1": 3 * -math.log(1 - P_HD), "S2": 10 * -math.log(1 - P_HD)}
COST = {"H": 2000.0, "S1": 4000.0, "S2": 15000.0, "D": 0.0}
UTILITY = {"H": 1.0, "S1": 0.75, "S2": 0.5, "D": 0.0}
CYCLES = 30

Chain = dict[tuple[str, int], float]


def after(chain: Chain) -> Chain:
    """One cycle on. The number is the years sick as mortality counts them: 1 in the first."""
    out: Chain = {}

    def add(state: str, years: int, p: float) -> None:
        out[state, years] = out.get((state, years), 0.0) + p

    for (state, years), p in chain.items():
        if state == "D":
            add("D", 0, p)
        elif state == "H":
            add("S1", 1, p * P_HS1)
            add("D", 0, p * P_HD)
            add("H", 0, p * (1 - P_HS1 - P_HD))
        else:
            dies = 1 - math.exp(-RATE[state] * (1 + 0.2 * years))
            recovers, worsens = (P_S1H, P_S1S2) if state == "S1" else (0.0, 0.0)
            add("D", 0, p * dies)
            add("H", 0, p * recovers)
            add("S2", years + 1, p * worsens)
            add(state, years + 1, p * (1 - dies - recovers - worsens))
    return out


def chains() -> list[Chain]:
    """The chain at points 0 .. 30."""
    found: list[Chain] = [{("H", 0): 1.0}]
    for _ in range(CYCLES):
        found.append(after(found[-1]))
    return found


def share(chain: Chain, state: str) -> float:
    return math.fsum(p for (s, _), p in chain.items() if s == state)


def totals(treated: bool, weights: list[float], misaligned: bool = False) -> tuple[float, float]:
    """Expected (cost, QALYs) at 3 %, with `weights` of the 31 points; the individual gain has mean 1.

    `misaligned`: treated people in S1 get the utility of other people's years sick, those of everybody alike, as the
    published vectorised program does.
    """
    found = chains()
    cost = qaly = 0.0
    for t, chain in enumerate(found):
        worth = weights[t] * 1.03**-t
        # Utility falls from the second year sick on: it is read before the count of years moves.
        everyone = math.fsum(p * max(years - 1, 0) for (_, years), p in chain.items())
        if misaligned and t > 0:
            everyone = math.fsum(p * years for (_, years), p in found[t - 1].items())
        for (state, years), p in chain.items():
            sick = state in ("S1", "S2")
            utility = UTILITY[state]
            if treated and state == "S1":
                utility = 0.95 - 0.03 * (everyone if misaligned else years - 1)
            cost += worth * p * (COST[state] + (12000.0 if treated and sick else 0.0))
            qaly += worth * p * utility
    return cost, qaly
