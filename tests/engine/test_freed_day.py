"""Anchored in identities: shares add up, pure values bound the mixture, a chain of refills adds up to the long run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff.engine.flow.analytic import waiting_line
from costeff.engine.flow.freed import freed_place_day, waits_saved
from costeff.errors import EngineError

SHARE = st.floats(0, 1)


@given(st.floats(0, 1.2), st.integers(1, 60), SHARE, SHARE, SHARE)
def test_shares_add_up_and_pure_values_are_bounds(
    occupancy: float, places: int, hospital: float, closed: float, refilled: float
) -> None:
    day = freed_place_day(occupancy * places, places, hospital, closed, refilled)
    total = day.empty + day.closed_place + day.from_hospital + day.from_home + day.new
    assert float(total) == pytest.approx(1, abs=1e-12)
    assert min(map(float, (day.empty, day.closed_place, day.from_hospital, day.from_home, day.new))) >= 0
    value = float(day.value(5928.0, 1600.0, 900.0))
    assert -900.0 - 1e-9 <= value <= 5928.0 + 1e-9
    if not closed and not refilled:
        assert value == pytest.approx(float(day.from_hospital) * 5928.0)


def test_pure_values() -> None:
    assert float(freed_place_day(0.0, 10, 1.0).empty) == 1
    assert float(freed_place_day(10.0, 10, 1.0).from_hospital) == 1
    assert float(freed_place_day(5.0, 10, 1.0, closed_share=1.0).value(1.0, 1600.0, 1.0)) == 1600
    assert float(freed_place_day(0.0, 10, 1.0, refilled_share=1.0).value(1.0, 1.0, 900.0)) == -900


def test_one_place_saves_a_chain_of_waits() -> None:
    """M/M/1: the wait is load L / (1 - load), so its slope in L is (2 load - load^2) / (1 - load)^2."""
    for load in (0.2, 0.5, 0.9):
        slope = (2 * load - load**2) / (1 - load) ** 2
        assert float(waits_saved(load, 1.0, 1 - 1e-6, 1)) == pytest.approx(slope, rel=1e-4)


@given(st.floats(0.3, 0.97), st.integers(1, 60), st.floats(0.01, 0.3))
def test_what_is_saved_is_the_difference_of_two_queues(occupancy: float, places: int, cut: float) -> None:
    arrivals = occupancy * places / 20.0
    saved = float(waits_saved(arrivals, 20.0, 20.0 * (1 - cut), places))
    lines = waiting_line(arrivals, [20.0, 20.0 * (1 - cut)], places)
    assert saved * 20.0 * cut == pytest.approx(float(lines.wait[0] - lines.wait[1]), rel=1e-9, abs=1e-12)
    assert saved >= 0


def test_without_a_long_run() -> None:
    assert np.isinf(waits_saved(1.0, 1.0, 0.9, 1))
    assert np.isnan(waits_saved(1.0, 1.2, 1.1, 1))
    with pytest.raises(EngineError, match=r"`closed_share` is no share.*(?s:.*)not a percentage"):
        freed_place_day(1.0, 2, 0.5, closed_share=70)
    with pytest.raises(EngineError, match="no such queue"):
        freed_place_day(1.0, 2.5, 0.5)
