"""Anchored in lifelines' answers (tests/oracles/lifelines.py, versions in the file), hand tables and identities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff.errors import ResultError
from costeff.trial.end_points import EventTimes
from costeff.trial.incidence import incidence, pseudo_values, restricted_mean

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "data/lifelines.json").read_text("utf-8"))
PEOPLE = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=40)


@pytest.mark.parametrize("name", ORACLE["sets"])
def test_lifelines_agrees_to_six_digits(name: str) -> None:
    own = ORACLE["sets"][name]
    curve = incidence(np.array(own["time"]), np.array(own["cause"]))
    for event, shares in own["incidence"].items():
        assert [curve.at(t, int(event)) for t in ORACLE["until"]] == pytest.approx(shares, rel=1e-6, abs=1e-12)
    one = incidence(np.array(own["time"]), (np.array(own["cause"]) > 0).astype(int))
    free = [1 - one.at(t) for t in ORACLE["until"]]
    assert free == pytest.approx(own["free"], rel=1e-6)
    means = [restricted_mean(curve, t) for t in ORACLE["until"]]
    assert means == pytest.approx(own["restricted_mean"], rel=1e-6)


def test_the_oracle_says_its_versions_and_is_not_trivial() -> None:
    assert ORACLE["versions"]["lifelines"] == "0.30.3"
    assert 0.2 < ORACLE["sets"]["competing"]["incidence"]["1"][1] < 0.9


@given(PEOPLE)
def test_shares_sum_to_one(people: list[tuple[int, int]]) -> None:
    time, cause = np.array(people).T
    curve = incidence(time, cause)
    assert np.allclose(curve.share.sum(axis=1) + curve.free, 1, atol=1e-12)
    assert np.all(np.diff(curve.share, axis=0) >= -1e-15)
    spent = sum(restricted_mean(curve, 15, c + 1) for c in range(curve.share.shape[1]))
    assert spent + restricted_mean(curve, 15) == pytest.approx(15)


@given(PEOPLE)
def test_pseudo_values_by_definition(people: list[tuple[int, int]]) -> None:
    """Worked out person by person, without counting who is alike."""
    time, cause = np.array(people).T
    if len(time) < 2:
        return
    own = pseudo_values(EventTimes(time, cause), 10)
    size, whole = len(time), incidence(time, cause).at(10)
    for i in range(size):
        rest = np.arange(size) != i
        expected = size * whole - (size - 1) * incidence(time[rest], cause[rest]).at(10)
        assert own[i] == pytest.approx(expected, abs=1e-9)


def test_without_censoring_pseudo_values_are_what_happened() -> None:
    time, cause = np.array([3, 5, 8, 12, 12]), np.array([1, 2, 1, 1, 3])
    assert pseudo_values(EventTimes(time, cause), 10) == pytest.approx([1, 0, 1, 0, 0])
    spent = pseudo_values(EventTimes(time, cause), 10, mean=True)
    assert spent == pytest.approx([7, 0, 2, 0, 0])


def test_no_people_are_refused() -> None:
    with pytest.raises(ResultError, match="times that give no curve"):
        incidence(np.array([]), np.array([]))
