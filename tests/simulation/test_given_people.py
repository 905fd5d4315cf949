"""Anchored in an identity: people who are given as the model draws them live the lives that the model gives them."""

from __future__ import annotations

import numpy as np

from costeff import load
from costeff.simulation.given_people import drawn_people, simulate_people
from costeff.simulation.simulate import simulate

PEOPLE, SEED = 60, 3


def test_given_people_live_the_same_lives_in_any_row() -> None:
    study = load("tki2")
    base = study.evidence.base()
    people = drawn_people(study.model, base, study.tables, count=PEOPLE, seed=SEED)
    keys = np.zeros(1, np.uint64)
    one = {name: np.array([value]) for name, value in base.items()}
    usual = simulate(study.model, one, study.tables, individuals=PEOPLE, seed=SEED, keys=keys).quantities
    two = {name: np.array([value, value]) for name, value in base.items()}
    rows = {name: np.stack([values, values]) for name, values in people.items()}
    rows["age"] = np.stack([people["age"], people["age"] + 1])
    own = simulate_people(study.model, two, study.tables, rows, seed=SEED, keys=np.zeros(2, np.uint64)).quantities
    for name in ("time", "events", "passages"):
        assert np.array_equal(getattr(own, name)[0], getattr(usual, name)[0])
    assert not np.array_equal(own.time[1], usual.time[0])
