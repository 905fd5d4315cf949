"""Weekly chain in plain Python with ratios that change by week: the twin of delayed and reformed models.

Imports nothing from costeff. Hazards are constant within a week; competing exits share the chance of leaving.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp


def occupancy(
    hazards: Mapping[tuple[str, str], float], ratio: Callable[[tuple[str, str], int], float], start: str, weeks: int
) -> list[dict[str, float]]:
    """Chance of each state at weeks 0 .. `weeks` - 1; `ratio(exit, week)` multiplies that exit's hazard."""
    states = {name for pair in hazards for name in pair} | {start}
    here = {name: 1.0 if name == start else 0.0 for name in states}
    out = []
    for week in range(weeks):
        out.append(dict(here))
        following = dict.fromkeys(states, 0.0)
        for state, chance in here.items():
            own = {to: h * ratio((at, to), week) for (at, to), h in hazards.items() if at == state}
            total = sum(own.values())
            following[state] += chance * exp(-total)
            for to, h in own.items():
                if total > 0:
                    following[to] += chance * (1 - exp(-total)) * h / total
        here = following
    return out


def ratio_by_week(
    windows: list[int], ratios: list[float], delay: int, reforms: list[tuple[int, float]], week: int
) -> float:
    """The ratio of one exit: its effect `delay` weeks later, times every reform in force."""
    own = 1.0
    if week >= delay:
        own = ratios[sum(week - delay >= edge for edge in windows)]
    for begins, times in reforms:
        if week >= begins:
            own *= times
    return own
