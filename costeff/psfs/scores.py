"""Scores of the Patient-Specific Functional Scale (PSFS), simulated as they arise: a person names what is worst.

An activity has a level that lasts and a part of the day. Who names the worst of the day names many that will be better
at the next conversation, whatever is done: the mean of those named rises by chance, with a team and without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costeff.errors import ResultError
from costeff.evidence.draw import generator

Floats = NDArray[np.float64]
LOWEST, HIGHEST = 0.0, 10.0
GROUPS = ("usual_care", "team")


@dataclass(frozen=True)
class Course:
    """How scores arise and move without a programme.

    Attributes
    ----------
    reliability : share of the variance of an activity's score that lasts from day to day (an intraclass correlation)
    activities : activities that a person could name
    named_activities : of these the worst of the day, at most five, are named and followed
    mean : mean level of all activities, 0 to 10
    spread : standard deviation of an activity's score, in points
    usual_change : what usual care itself adds from the first conversation to the last, in points
    """

    reliability: float = 0.85
    activities: int = 8
    named_activities: int = 4
    mean: float = 4.5
    spread: float = 2.2
    usual_change: float = 0.8


def simulated_scores(
    people: int, seed: int, *, conversations: int = 3, effect: float = 0.0, course: Course | None = None
) -> Floats:
    """Mean score of the activities named, (people, conversations).

    `effect` points are added by the last conversation, evenly over the conversations, as usual care's own change is.

    Examples
    --------
    >>> still = Course(reliability=1, usual_change=0)
    >>> scores = simulated_scores(50, seed=1, course=still)
    >>> bool((scores == scores[:, :1]).all())     # nothing changes where every day is like the other
    True
    """
    at = course or Course()
    if not conversations >= 2 or not 1 <= at.named_activities <= min(at.activities, 5):
        raise ResultError(
            "these conversations cannot be simulated",
            value=(conversations, at.named_activities, at.activities),
            rule="two conversations or more; one to five activities named, of as many or more",
            way_out="for example 3 conversations, and 4 of 8 activities",
        )
    rng = generator(seed, "psfs")
    level = at.mean + at.spread * np.sqrt(at.reliability) * rng.standard_normal((people, at.activities))
    day = rng.standard_normal((conversations, people, at.activities)) * at.spread * np.sqrt(1 - at.reliability)
    first = np.clip(level + day[0], LOWEST, HIGHEST)
    worst = np.argsort(first, axis=1, kind="stable")[:, : at.named_activities]
    means = []
    for k in range(conversations):
        change = (at.usual_change + effect) * k / (conversations - 1)
        score = np.clip(level + day[k] + change, LOWEST, HIGHEST)
        means.append(np.take_along_axis(score, worst, axis=1).mean(axis=1))
    return np.stack(means, axis=1)


def as_table(scores: Floats, group: str) -> pd.DataFrame:
    """One row per person and conversation: `person`, `group`, `conversation` (1, 2, ...), `score`."""
    people, conversations = scores.shape
    person = np.repeat([f"{group}-{i + 1}" for i in range(people)], conversations)
    order = np.tile(np.arange(1, conversations + 1), people)
    return pd.DataFrame({"person": person, "group": group, "conversation": order, "score": scores.ravel()})
