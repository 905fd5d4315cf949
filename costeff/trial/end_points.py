"""PersonValues as the field defines them, from the state of each week: first runs, weeks in states, relapse.

A time is the number of whole weeks before the event, so an event in the week of inclusion has time 0.
Sizes: N people, T weeks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from costeff.model.model import Model
from costeff.trial.lives import UNSEEN
from costeff.trial.persons import PersonRows
from costeff.trial.plan_parts import EndPoint

EVENT = 1  # 0 is none; causes from 2 on are the competing states, in the end point's order


@dataclass(frozen=True, eq=False, repr=False)
class EventTimes(PersonRows):
    """`time` (N,) weeks until `cause` (N,): 0 for none, EVENT, or 2 + the place of a competing state in `competing`."""

    time: np.ndarray
    cause: np.ndarray
    competing: tuple[str, ...] = ()

    def people(self) -> int:
        """How many people there are."""
        return len(self.time)

    def some(self, people: np.ndarray) -> EventTimes:
        """Those of some people, by number or mask."""
        return EventTimes(self.time[people], self.cause[people], self.competing)


def first_runs(inside: np.ndarray, stay: int) -> np.ndarray:
    """First week (N,) of the first run of `stay` weeks in which `inside` (N, T) holds; -1 without one.

    >>> inside = np.array([[0, 1, 0, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1]], bool)
    >>> first_runs(inside, 2).tolist()
    [3, 0, -1]
    """
    people, weeks = inside.shape
    if weeks < stay:
        return np.full(people, -1)
    whole = inside[:, : weeks - stay + 1].copy()
    for k in range(1, stay):
        whole &= inside[:, k : weeks - stay + 1 + k]
    return np.where(whole.any(axis=1), whole.argmax(axis=1), -1)


def event_times(weeks: np.ndarray, end_point: EndPoint, model: Model) -> EventTimes:
    """Time to an end point of kind `time_to`, from `weeks` (N, T) of states.

    A run that has begun counts when all its weeks are seen; so a person in sight for w weeks is followed for
    w - `weeks` + 1, and never longer than `within`. The first week in a competing state ends the wait.

    >>> from costeff import read_model
    >>> from costeff.trial.plan import read_plan
    >>> model, point = read_model("tki2"), read_plan("tki2_trial").end_points[0]
    >>> sick, work = model.state_names.index("sick_full"), model.state_names.index("work")
    >>> times = event_times(np.array([[sick] * 3 + [work] * 53, [sick] * 56]), point, model)
    >>> times.time.tolist(), times.cause.tolist()
    ([3, 52], [1, 0])
    """
    stay = end_point.weeks
    event = first_runs(_inside(weeks, end_point.states, model), stay)
    weeks_known = np.maximum(np.minimum((weeks != UNSEEN).sum(axis=1) - stay + 1, end_point.within), 0)
    time, cause = weeks_known.copy(), np.zeros(len(weeks), np.int64)
    for number, state in enumerate(end_point.competing):
        at = first_runs(_inside(weeks, (state,), model), 1)
        earlier = (at >= 0) & (at < time)
        time[earlier], cause[earlier] = at[earlier], 2 + number
    first = (event >= 0) & (event < weeks_known) & (event <= time)
    time[first], cause[first] = event[first], EVENT
    return EventTimes(time, cause, end_point.competing)


def weeks_in(weeks: np.ndarray, end_point: EndPoint, model: Model) -> np.ndarray:
    """Weeks (N,) in the states of the end point, of the first `within`; missing for a person not in sight so long.

    The dead and the retired are in sight, and in another state.
    """
    own = weeks[:, : end_point.within]
    count = _inside(own, end_point.states, model).sum(axis=1).astype(float)
    short = (weeks != UNSEEN).sum(axis=1) < end_point.within
    return np.where(short, np.nan, count)


def relapses(weeks: np.ndarray, end_point: EndPoint, after: EndPoint, model: Model) -> EventTimes:
    """Time from the end point `after` to the first week in the states of `end_point`, of people who had `after`.

    Dead and retired are competing where `after` names them.
    """
    start = event_times(weeks, after, model)
    rows = np.flatnonzero(start.cause == EVENT)
    inside = _inside(weeks[rows], end_point.states, model)
    at = np.arange(weeks.shape[1])
    inside &= at >= start.time[rows][:, None]
    first = first_runs(inside, 1)
    weeks_known = np.minimum((weeks[rows] != UNSEEN).sum(axis=1), end_point.within)
    time, cause = weeks_known - start.time[rows], np.zeros(len(rows), np.int64)
    competing = tuple(state for state in after.competing if state in ("dead", "retired"))
    for number, state in enumerate(competing):
        exit_week = first_runs(_inside(weeks[rows], (state,), model), 1)
        earlier = (exit_week >= 0) & (exit_week - start.time[rows] < time)
        time[earlier], cause[earlier] = (exit_week - start.time[rows])[earlier], 2 + number
    in_sight = (first >= 0) & (first < weeks_known) & (first - start.time[rows] <= time)
    time[in_sight], cause[in_sight] = (first - start.time[rows])[in_sight], EVENT
    return EventTimes(np.maximum(time, 0), cause, competing)


def _inside(weeks: np.ndarray, states: Collection[str], model: Model) -> np.ndarray:
    codes = [model.state_names.index(name) for name in states]
    member = np.zeros(len(model.state_names) + 1, bool)
    member[codes] = True
    return np.asarray(member[weeks])  # UNSEEN, -1, is the last
