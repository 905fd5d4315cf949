"""Statistics of weeks in states, as the register shows them: the same of a trial's people and of simulated ones.

In each period: the share of weeks spent in each state that is shown, and moves a week between two such states. Weeks at
risk and moves are all that the hazards of a period can be learnt from where only states and weeks are seen.
Sizes: N people, T weeks, S states, K statistics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.trial.lives import UNSEEN

PERIODS = (13, 26, 52)
"""Where periods end, in weeks since inclusion: effects have a window at 26, hazards change most before 13."""
FEWEST_MOVES = 5.0
"""Moves of a kind, or people in a state, that are expected in a group: fewer are too few for a normal likelihood."""
SHARE, MOVE = "share", "move"


@dataclass(frozen=True)
class Statistic:
    """One of them: `share` of the weeks from `begin` to `end` in `state`, or a `move` a week from `state` to `to`."""

    kind: str
    begin: int
    end: int
    state: int
    to: int = -1


@dataclass(frozen=True, eq=False)
class Counts:
    """Of each person what statistics are made of: `top` (N, K) weeks or moves, `weeks` (N, K) seen in the period."""

    top: np.ndarray
    weeks: np.ndarray

    def some(self, people: np.ndarray) -> Counts:
        """Those of some people, by number or mask."""
        return Counts(self.top[people], self.weeks[people])

    def values(self) -> np.ndarray:
        """The statistics (K,) of all of them together: a ratio of sums, so that who is lost early counts less."""
        weeks = self.weeks.sum(axis=0)
        return np.asarray(np.divide(self.top.sum(axis=0), weeks, out=np.zeros(len(weeks)), where=weeks > 0))

    def influences(self) -> np.ndarray:
        """What each person adds to each statistic less what the person would add on average, (N, K), times N."""
        mean_weeks = self.weeks.mean(axis=0)
        rest = self.top - self.values() * self.weeks
        return np.asarray(np.divide(rest, mean_weeks, out=np.zeros(rest.shape), where=mean_weeks > 0))


def periods(informative_weeks: int) -> tuple[tuple[int, int], ...]:
    """(first week, week after the last) of each period within so many weeks; none without a week.

    >>> periods(52), periods(20), periods(0)
    (((0, 13), (13, 26), (26, 52)), ((0, 13), (13, 20)), ())
    """
    if informative_weeks == 0:
        return ()
    ends = [*(end for end in PERIODS if end < informative_weeks), informative_weeks]
    return tuple(zip([0, *ends[:-1]], ends, strict=True))


def every_statistic(weeks: np.ndarray, informative_weeks: int) -> tuple[Statistic, ...]:
    """All statistics that any of these weeks (N, T) could give: states and moves that occur among them."""
    out: list[Statistic] = []
    for begin, end in periods(informative_weeks):
        own = weeks[:, begin : end + 1]
        states = np.unique(own[own != UNSEEN])
        out += [Statistic(SHARE, begin, end, int(state)) for state in states]
        before, after = own[:, :-1], own[:, 1:]
        has_moved = (before != after) & (before != UNSEEN) & (after != UNSEEN)
        pairs = np.unique(np.stack([before[has_moved], after[has_moved]], axis=1), axis=0)
        out += [Statistic(MOVE, begin, end, int(source), int(target)) for source, target in pairs]
    return tuple(out)


def counts(weeks: np.ndarray, statistics: tuple[Statistic, ...]) -> Counts:
    """What these `statistics` are made of, for each person of `weeks` (N, T).

    >>> life = np.array([[0, 0, 1, 1], [0, 1, 1, UNSEEN]])
    >>> both = counts(life, (Statistic("share", 0, 3, 1), Statistic("move", 0, 3, 0, 1)))
    >>> both.top.tolist(), both.weeks.tolist()
    ([[1.0, 1.0], [2.0, 1.0]], [[3.0, 3.0], [3.0, 3.0]])
    """
    top = np.empty((len(weeks), len(statistics)))
    at_risk = np.empty_like(top)
    in_sight = weeks != UNSEEN
    for k, one in enumerate(statistics):
        own = slice(one.begin, one.end)
        at_risk[:, k] = in_sight[:, own].sum(axis=1)
        inside = weeks[:, own] == one.state
        if one.kind == SHARE:
            top[:, k] = inside.sum(axis=1)
        else:
            after = weeks[:, one.begin + 1 : one.end + 1] == one.to
            top[:, k] = (inside[:, : after.shape[1]] & after).sum(axis=1)
    return Counts(top, at_risk)


def informative(own: Counts, statistics: tuple[Statistic, ...], people: int) -> np.ndarray:
    """Which statistics (K,) a group of so many `people` can be expected to tell about, from simulated counts.

    A move that is expected often enough, a state in which enough people are expected. The commonest state of each
    period is left out, because shares sum to 1.
    """
    means = own.top.mean(axis=0)
    out = np.zeros(len(statistics), bool)
    commonest: dict[int, int] = {}
    for k, one in enumerate(statistics):
        if one.kind == MOVE:
            out[k] = means[k] * people >= FEWEST_MOVES
        else:
            people_there = float((own.top[:, k] > 0).mean()) * people
            out[k] = people_there >= FEWEST_MOVES
            if one.begin not in commonest or means[k] > means[commonest[one.begin]]:
                commonest[one.begin] = k
    out[list(commonest.values())] = False
    return out
