"""Mean costs with people lost from sight, person by person in plain Python: Lin 1997, Bang and Tsiatis 2000."""

from __future__ import annotations

from collections.abc import Sequence


def lin(cost: Sequence[Sequence[float]], seen: Sequence[int], died: Sequence[bool], edges: Sequence[int]) -> float:
    """Each part: share alive at its beginning times the mean cost of those in sight then."""
    total = 0.0
    for j in range(len(edges) - 1):
        begin = edges[j]
        alive = 1.0
        for week in range(begin + 1):
            at_risk = sum(1 for s in seen if s >= week)
            deaths = sum(1 for s, d in zip(seen, died, strict=True) if d and s == week and s < edges[-1])
            alive *= 1 - deaths / at_risk
        own = [costs[j] for costs, s in zip(cost, seen, strict=True) if s > begin]
        total += alive * sum(own) / len(own)
    return total


def bang_tsiatis(
    cost: Sequence[Sequence[float]], seen: Sequence[int], died: Sequence[bool], edges: Sequence[int]
) -> float:
    """Each part: cost of those seen to its end, or to their death, over the chance to be still in sight then."""

    def chance(week: int) -> float:
        out = 1.0
        for earlier in range(week):
            lost = sum(1 for s, d in zip(seen, died, strict=True) if not d and s == earlier and s < edges[-1])
            at_risk = lost + sum(1 for s in seen if s > earlier)
            if at_risk:
                out *= 1 - lost / at_risk
        return out

    total = 0.0
    for j in range(len(edges) - 1):
        for costs, s, d in zip(cost, seen, died, strict=True):
            until = min(s, edges[j + 1]) if d and s < edges[-1] else edges[j + 1]
            if s >= until:
                total += costs[j] / chance(until)
    return total / len(seen)
