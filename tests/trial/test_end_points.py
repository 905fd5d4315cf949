"""Anchored in lives written out by hand, week by week, and in the model's own first passages."""

from __future__ import annotations

import numpy as np
import pytest

from costeff import load, read_model
from costeff.trial.end_points import event_times, relapses, weeks_in
from costeff.trial.lives import UNSEEN, lives_of_histories, weeks_of_lives
from costeff.trial.plan import read_plan
from costeff.trial.plan_parts import EndPoint

MODEL = read_model("tki2")
PLAN = read_plan("tki2_trial")
POINTS = {point.name: point for point in PLAN.end_points}
CODE = {
    letter: MODEL.state_names.index(name)
    for letter, name in (
        ("s", "sick_full"),
        ("w", "work"),
        ("u", "unemployed"),
        ("j", "job_clarification"),
        ("d", "dead"),
    )
} | {".": UNSEEN}


def weeks(*lives: str, length: int = 56) -> np.ndarray:
    """Lives as letters; the last is repeated to the end."""
    return np.array([[CODE[x] for x in life.ljust(length, life[-1])[:length]] for life in lives], np.int16)


@pytest.mark.parametrize(
    ("life", "time", "cause"),
    [
        ("sssw", 3, 1),  # dated at the first of four weeks
        ("sswwwssssw", 9, 1),  # three weeks are no return
        ("wwwws", 0, 1),
        ("s", 52, 0),
        ("ssj" + "w" * 10, 2, 4),  # a job clarification comes first; third of the competing states
        ("sssd", 3, 7),
        ("s" * 20 + ".", 17, 0),  # emigrated: a run of four could no longer be seen from week 17 on
        ("s" * 52 + "wwww", 52, 0),  # a return in week 52 is after the 52 weeks
        ("s" * 51 + "wwwww", 51, 1),
        ("sss" + "ww" + ".", 2, 0),
    ],
)
def test_return_to_work_by_hand(life: str, time: int, cause: int) -> None:
    times = event_times(weeks(life), POINTS["return_to_work"], MODEL)
    assert (times.time[0], times.cause[0]) == (time, cause)


def test_weeks_on_benefit_hold_relapse_too() -> None:
    life = "ssss" + "w" * 10 + "ss" + "w"
    assert weeks_in(weeks(life, "s" * 20 + "."), POINTS["weeks_sick"], MODEL)[0] == 6
    assert np.isnan(weeks_in(weeks("s" * 20 + "."), POINTS["weeks_sick"], MODEL)[0])
    again = relapses(weeks(life, "s", "ssw"), POINTS["relapse"], POINTS["return_to_work"], MODEL)
    assert again.time.tolist() == [10, 50]
    assert again.cause.tolist() == [1, 0]


def test_first_passages_of_the_model_are_the_same() -> None:
    """What the kernel calls a first passage is the first run of the weeks, where nothing competes."""
    study = load("tki2")
    people = 200
    result = study.run(individuals=people, seed=2, progress=False)
    lives = lives_of_histories(study.histories(individuals=people, seed=2), study.model, "tki2")
    passage = next(i for i, p in enumerate(study.model.passages) if p.name == "return_to_work")
    counts = result.simulated.quantities.passages[0, 1].sum(axis=0)[passage]
    point = EndPoint("x", "time_to", POINTS["return_to_work"].label, ("work",), weeks=4, within=257)
    times = event_times(weeks_of_lives(lives), point, study.model)
    assert np.array_equal(np.bincount(times.time[times.cause == 1], minlength=257), counts[:257])
