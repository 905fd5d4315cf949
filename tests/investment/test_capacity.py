"""Anchored in closed forms of fluid queues, conservation of citizens, and a plain-Python twin that keeps one list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.investment.capacity import queue, unlimited
from costeff.investment.timing import overlap, summed


def still_there(share_left: float, quarters: int, longest: int, draws: int = 1) -> np.ndarray:
    """Each quarter the same share of those who wait gets well."""
    return np.broadcast_to((1 - share_left) ** np.arange(longest + 2.0), (draws, quarters, longest + 2))


def test_enough_places_means_no_waiting() -> None:
    takers = np.full((1, 12), 10.0)
    q = queue(takers, still_there(0.2, 12, 4), np.full(12, 20.0), course=2)
    assert np.array_equal(q.begun_in, takers)
    assert not q.waiting.any()
    assert not q.left.any()
    assert np.array_equal(q.assigned[:, :, 0], unlimited(takers).assigned[:, :, 0])


def test_overload_without_recovery_grows_by_the_excess() -> None:
    """10 come, 6 places turn over each quarter: the queue grows by 4 until patience ends it."""
    q = queue(np.full((1, 8), 10.0), still_there(0.0, 8, 8), np.full(8, 6.0), course=1)
    assert q.begun_in[0].tolist() == [6.0] * 8
    assert q.waiting[0].tolist() == [4.0 * n for n in range(1, 9)]
    # First come, first served: the four left over fill four of the next six places.
    assert q.begun[0, 0, :4].tolist() == pytest.approx([6, 4, 0, 0])
    assert q.begun[0, 1, :4].tolist() == pytest.approx([2, 6, 2, 0])


def test_steady_queue_with_recovery() -> None:
    """A share r leaves each quarter: queue L solves L = (L + n - c)(1 - r), so L = (n - c)(1 - r) / r."""
    n, c, r = 10.0, 6.0, 0.5
    q = queue(np.full((1, 60), n), still_there(r, 60, 40), np.full(60, c), course=1)
    length = (n - c) * (1 - r) / r
    assert q.waiting[0, -1] == pytest.approx(length, rel=1e-9)
    assert q.left[0, -1] == pytest.approx(n - c, rel=1e-9)
    assert q.begun_in[0, -1] == c


def test_nobody_beyond_the_places_in_long_courses() -> None:
    q = queue(np.full((1, 20), 10.0), still_there(0.1, 20, 4), np.full(20, 12.0), course=3)
    begun = q.begun_in[0]
    inside = [begun[max(0, now - 2) : now + 1].sum() for now in range(20)]
    assert max(inside) == pytest.approx(12.0)
    assert begun.sum() < 200


rates = st.lists(st.floats(0, 50), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(rates, st.floats(0, 0.9), st.floats(0, 60), st.integers(1, 4), st.integers(0, 5))
def test_citizens_are_conserved(coming: list[float], leaving: float, places: float, course: int, longest: int) -> None:
    """Come = begun + left + waiting in every quarter; nobody beyond the places; assigned at least begun."""
    takers = np.array([coming])
    q = queue(takers, still_there(leaving, len(coming), longest), np.full(len(coming), places), course)
    ahead = np.cumsum(takers - q.begun_in - q.left, axis=1)
    assert ahead == pytest.approx(q.waiting, rel=1e-9, abs=1e-7)
    begun = q.begun_in[0]
    for now in range(len(coming)):
        assert begun[max(0, now - course + 1) : now + 1].sum() <= places + 1e-7
    assert (q.assigned >= q.begun - 1e-9).all()
    assert (q.assigned.sum(axis=2) <= takers + 1e-7).all()


@settings(deadline=None, max_examples=30)
@given(rates, st.floats(0, 0.9), st.integers(0, 60), st.integers(1, 3), st.integers(0, 4))
def test_queue_against_a_plain_twin(
    coming: list[float], leaving: float, places: int, course: int, longest: int
) -> None:
    takers = np.array([coming])
    q = queue(takers, still_there(leaving, len(coming), longest), np.full(len(coming), float(places)), course)
    begun, waiting = twin(coming, leaving, places, course, longest)
    assert q.begun_in[0] == pytest.approx(begun, rel=1e-9, abs=1e-7)
    assert q.waiting[0] == pytest.approx(waiting, rel=1e-9, abs=1e-7)


def twin(
    coming: list[float], leaving: float, places: int, course: int, longest: int
) -> tuple[list[float], list[float]]:
    """The same queue as a list of heaps of citizens, the oldest first. Knows nothing of costeff."""
    line: list[tuple[int, float]] = []  # (quarters waited, citizens still there)
    inside: list[float] = []
    begun, waiting = [], []
    for new in coming:
        line.append((0, new))
        free = max(places - sum(inside[-(course - 1) :] if course > 1 else []), 0.0)
        started, kept = 0.0, []
        for waited, people in line:
            served = min(people, free)
            free -= served
            started += served
            if waited < longest:
                kept.append((waited + 1, (people - served) * (1 - leaving)))
        line = kept
        inside.append(started)
        begun.append(started)
        waiting.append(sum(people for _, people in line))
    return begun, waiting


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=16))
def test_time_is_laid_over_the_calendar_without_loss(coming: list[float]) -> None:
    """Each entrant's quarter k lies wholly in the calendar, but for what falls past its end."""
    entrants, quarters = np.array([coming]), len(coming)
    laid = overlap(entrants, np.arange(quarters), quarters)[0][..., 0]
    for lag in range(quarters):
        inside = sum(coming[: quarters - lag]) - coming[quarters - lag - 1] / 2
        assert laid[lag].sum() == pytest.approx(inside, rel=1e-12, abs=1e-9)
    year = np.arange(quarters) // 4
    by_year = overlap(entrants, year, int(year[-1]) + 1)[0][..., 0]
    assert by_year.sum(axis=1) == pytest.approx(laid.sum(axis=1), rel=1e-12, abs=1e-9)
    assert summed(entrants, year, int(year[-1]) + 1).sum() == pytest.approx(sum(coming), rel=1e-12, abs=1e-9)
