"""Municipal share of a benefit by week, in plain Python: the twin of the ladder clock. Imports nothing from costeff.

Written from the law: a person's weeks on any ladder benefit add up; they begin again once 52 whole weeks of
self-support lie within the last 156, counting only weeks after the latest placement on the ladder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence


def municipal_shares(
    weeks: Sequence[str],
    on_ladder: Collection[str],
    self_support: Collection[str],
    earlier: int = 0,
    banked: int = 0,
    banked_until: int = 0,
    limits: Sequence[int] = (4, 26, 52),
    state_shares: Sequence[float] = (0.8, 0.4, 0.3, 0.2),
    after: int = 52,
    within: int = 156,
) -> list[float]:
    """Share that the municipality pays in each of `weeks` (names of states); 0 off the ladder.

    `earlier` ladder weeks and `banked` self-support weeks lie before the first week; the latter ended `banked_until`
    weeks before it. With none of either the person is placed on the ladder in the first week that is on it.
    """
    supported = set(range(-banked_until - banked, -banked_until))  # calendar weeks, the first of `weeks` being 0
    used = earlier
    out = []
    for now, state in enumerate(weeks):
        if state in on_ladder:
            step = sum(used >= limit for limit in limits)
            out.append(1 - state_shares[step])
            if used == 0:
                supported = set()  # placed: what was earned before does not count for the next reset
            used += 1
        else:
            out.append(0.0)
            if state in self_support:
                supported.add(now)
        if sum(week > now - within for week in supported) >= after:
            used, supported = 0, set()
    return out
