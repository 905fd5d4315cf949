"""Reads from the sojourns of each individual what counts cannot hold: order, several events of one life, groups.

N individuals of one draw live R sojourns; S states; cycles are counted from 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.statistic import Between, Group, Statistic
from costeff.compile import Layout
from costeff.engine.events.histories import sojourns
from costeff.engine.events.plan import EventPlan
from costeff.engine.tensors import Tensors
from costeff.model import Model

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]
Truths = NDArray[np.bool_]
NEVER = 1 << 40
"""A cycle that no life reaches."""


@dataclass(frozen=True)
class Lives:
    """All sojourns of one draw: those of one individual together, in order."""

    person: Wholes  # (R,) the individual, 0 .. count - 1
    state: Wholes  # (R,) code
    entry: Wholes  # (R,) first cycle in the state
    exit: Wholes  # (R,) first cycle after it; of the last one past the horizon
    event: Wholes  # (R,) row of the event that ended it, as in `Layout.events`; -1 at the horizon
    count: int  # N
    horizon: int  # cycles


@dataclass(frozen=True)
class Reading:
    """What one statistic reads in each life: `value` (N,) - 0 or 1 for a share - and whether it is `counted` (N,)."""

    value: Floats
    counted: Truths

    def within(self, people: Truths) -> Reading:
        """The same, of some individuals only."""
        return Reading(self.value, self.counted & people)


def lives_of(tensors: Tensors, d: int, lists: EventPlan | None = None) -> Lives:
    """The sojourns of draw `d` of a model with one strategy; `lists` is the plan of `tensors`, if it has been made."""
    length, rows = sojourns(tensors, d, 0, tensors.individuals, lists=lists)
    state, entry, leave, event = np.ascontiguousarray(rows.T)
    person = np.repeat(np.arange(len(length)), length)
    return Lives(person, state, entry, leave, event, tensors.individuals, tensors.cycles)


def reading(statistic: Statistic, lives: Lives, model: Model, where: Layout) -> Reading:
    """What `statistic`, which is no contrast, reads in every life; `model` holds the passages that it names."""
    kind, at = statistic.type, np.full(lives.count, statistic.at)
    names, everyone = model.state_names, np.ones(lives.count, bool)
    inside = _mask(names, statistic.states)
    if kind == "event_count":
        return Reading(
            _event_counts(lives, where.event_rows(statistic.events), statistic.begin, statistic.at), everyone
        )
    if kind == "state_share":
        return _in_states(lives, inside, names, statistic.among, at, everyone)
    if kind == "status_among_left":
        have_left = _first_exit(lives, _mask(names, statistic.origins)) <= statistic.at
        return _in_states(lives, inside, names, statistic.among, at, have_left)
    if kind == "passage_after":
        first = _passage(lives, model, statistic.after)
        early = first < statistic.at
        then = _passage(lives, model, statistic.passage, np.where(early, first, NEVER))
        return Reading((early & (then - first < statistic.follow)).astype(float), early)
    passage = _passage(lives, model, statistic.passage)
    if kind == "state_share_after":
        early = passage < statistic.at
        then = np.where(early, passage + statistic.follow, NEVER)
        return _in_states(lives, inside, names, statistic.among, then, early)
    return _window(statistic, lives, model, passage)


def value_of(statistic: Statistic, read: Reading, groups: tuple[Truths, Truths] | None = None) -> float:
    """The statistic over individuals; half an individual (or event) is added so that none and all have a logit or log.

    A contrast has `groups`, (N,) each. NaN where nobody is counted, or too few for a variance.
    """
    if statistic.of is not None and groups is not None:
        first, second = (value_of(statistic.of, read.within(group)) for group in groups)
        if statistic.measure == "odds_ratio":
            first, second = first / (1 - first), second / (1 - second)
        return first / second
    values = read.value[read.counted]
    if len(values) < (2 if statistic.measure == "variance" else 1):
        return float("nan")
    if statistic.share:
        return float((values.sum() + 0.5) / (len(values) + 1))
    exact = values.var(ddof=1) if statistic.measure == "variance" else values.mean()
    return float(max(exact, 0.5 / len(values)))


def group_masks(between: Between, people: Mapping[str, Floats], model: Model) -> tuple[Truths, Truths]:
    """Who is in each of the two groups, (D, N); `people` maps attributes to (D, N), categories as codes."""
    values = np.asarray(people[between.attribute])
    attribute = next(a for a in model.attributes if a.name == between.attribute)
    categories = list(attribute.categories or ())

    def members(group: Group) -> Truths:
        if isinstance(group, str):
            return np.asarray(values == categories.index(group))
        return np.asarray((values >= group[0]) & (values < group[1]))

    return members(between.groups[0]), members(between.groups[1])


def _mask(names: Sequence[str], states: Sequence[str]) -> Truths:
    """(S,) which states are among `states`."""
    return np.array([name in states for name in names])


def _in_states(
    lives: Lives, inside: Truths, names: Sequence[str], among: Sequence[str], cycle: Wholes, people: Truths
) -> Reading:
    """Who is `inside` (S,) in a `cycle` of their own (N,), of those `people` (N,) who are in `among` then."""
    denominator = _mask(names, among or names)
    state = _states_at(lives, cycle)
    denominator_people = people & (state >= 0) & denominator[state]
    return Reading((denominator_people & inside[state]).astype(float), denominator_people)


def _states_at(lives: Lives, cycle: Wholes) -> Wholes:
    """Code of the state of each individual in a cycle of their own, (N,); -1 past the horizon."""
    own = cycle[lives.person]
    rows = (lives.entry <= own) & (own < lives.exit)
    state = np.full(lives.count, -1)
    state[lives.person[rows]] = lives.state[rows]
    return state


def _runs(lives: Lives, inside: Truths, begin: Wholes | None = None) -> tuple[Wholes, Wholes, Wholes]:
    """Unbroken spells in the states `inside` (S,), joined across sojourns: (person, first cycle, cycle after it).

    With `begin` (N,) lives are looked at from that cycle on. A sojourn of no length is no spell and breaks none.
    """
    start = lives.entry if begin is None else np.maximum(lives.entry, begin[lives.person])
    end = np.minimum(lives.exit, lives.horizon)
    rows = inside[lives.state] & (start < end)
    person, start, end = lives.person[rows], start[rows], end[rows]
    new = np.ones(len(person), bool)
    new[1:] = (person[1:] != person[:-1]) | (start[1:] != end[:-1])
    last = np.ones(len(person), bool)
    last[:-1] = new[1:]
    return person[new], start[new], end[last]


def _passage(lives: Lives, model: Model, name: str, begin: Wholes | None = None) -> Wholes:
    """Cycle in which the first passage of each individual began, from `begin` (N,) on; NEVER without one. (N,)"""
    passage = next(p for p in model.passages if p.name == name)
    person, start, end = _runs(lives, _mask(model.state_names, passage.states), begin)
    long = end - start >= passage.stay
    return _earliest(lives.count, person[long], start[long])


def _first_exit(lives: Lives, inside: Truths) -> Wholes:
    """Cycle in which each individual is out of the states `inside` (S,) for the first time after having been in."""
    person, _, end = _runs(lives, inside)
    return _earliest(lives.count, person, np.where(end < lives.horizon, end, NEVER))


def _earliest(count: int, person: Wholes, cycle: Wholes) -> Wholes:
    """The first `cycle` listed for each individual, NEVER for who has none; individuals are together, in order."""
    first = np.full(count, NEVER)
    first[person[::-1]] = cycle[::-1]
    return first


def _event_counts(lives: Lives, rows: Sequence[int], begin: int, end: int) -> Floats:
    """Events of these `rows` in cycles `begin` to `end` - 1, per individual (N,)."""
    cycle = np.maximum(lives.exit - 1, 0)
    of_interest = np.isin(lives.event, rows) & (cycle >= begin) & (cycle < end)
    return np.bincount(lives.person[of_interest], minlength=lives.count).astype(float)


def _window(statistic: Statistic, lives: Lives, model: Model, passage: Wholes) -> Reading:
    """Whose `passage` (N,) began in the window, of everyone or of those at risk and in `among` when it opens."""
    counted = np.ones(lives.count, bool)
    state = _states_at(lives, np.full(lives.count, statistic.begin))
    if statistic.at_risk:
        alive = np.array([s.alive for s in model.states])
        counted &= alive[state] & (passage >= statistic.begin)
    if statistic.among:
        counted &= _mask(model.state_names, statistic.among)[state]
    inside = (passage >= statistic.begin) & (passage < statistic.at)
    return Reading((counted & inside).astype(float), counted)
