"""Anchored in a published table of one queue (20 places, 0.66 a day), closed forms, and a twin that balances states.

The table stands in the evidence on temporary places: stays of 28, 26.6, 25.2 and 22.4 days.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import queues

from costeff.engine.flow.analytic import erlang_b, erlang_c, limited_line, waiting_line
from costeff.errors import EngineError


def test_the_table_of_the_evidence() -> None:
    line = waiting_line(0.66, [28.0, 26.6, 25.2, 22.4], 20)
    assert line.occupancy.round(3).tolist() == [0.924, 0.878, 0.832, 0.739]
    assert line.share_waiting.round(3).tolist() == [0.644, 0.472, 0.333, 0.144]
    assert line.wait.round(3).tolist() == [11.864, 5.142, 2.495, 0.617]
    assert line.waiting.round(3).tolist() == [7.830, 3.394, 1.647, 0.407]
    assert line.exact.all()
    assert line.share_overloaded == 0


@given(st.integers(1, 30), st.integers(0, 20), st.integers(1, 400))
def test_a_limited_line_is_the_twins(places: int, room: int, tenths: int) -> None:
    load = Fraction(tenths, 10)
    line = limited_line(float(load), 1.0, places, room)
    for name, value in queues.limited(load, places, room).items():
        assert float(getattr(line, name)) == pytest.approx(float(value), rel=1e-11, abs=1e-13), name
    if room == 0:
        assert float(line.turned_away) == float(erlang_b(float(load), places))


@pytest.mark.parametrize(("load", "places"), [(0.3, 1), (0.95, 1), (5.0, 6), (58.0, 60), (0.01, 3)])
def test_a_line_without_a_limit_is_the_twins(load: float, places: int) -> None:
    line, twin = waiting_line(load, 1.0, places), queues.unlimited(load, places)
    for name, value in twin.items():
        assert float(getattr(line, name)) == pytest.approx(value, rel=1e-9), name


def test_closed_forms() -> None:
    """M/M/1: load / (1 - load) stays; M/M/2: load^2 / (4 - load^2) stays; B of many places and huge loads."""
    load = np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(waiting_line(load, 1, 1).wait, load / (1 - load), rtol=1e-12)
    np.testing.assert_allclose(waiting_line(2 * load, 1, 2).wait, load**2 / (1 - load**2), rtol=1e-12)
    assert float(erlang_b(1e9, 10)) == pytest.approx(1 - 10 / 1e9, rel=1e-12)
    assert float(erlang_b(0, 3)) == 0
    # Pollaczek and Khinchine for one place and stays of spread 2: load (1 + 4) / 2 / (1 - load).
    np.testing.assert_allclose(waiting_line(load, 1, 1, 2.0).wait, 2.5 * load / (1 - load), rtol=1e-12)


@given(st.floats(0.05, 0.98), st.integers(1, 60), st.floats(0.1, 40), st.floats(0, 3))
def test_littles_law_and_order(occupancy: float, places: int, stay: float, spread: float) -> None:
    line = waiting_line(occupancy * places / stay, stay, places, spread)
    assert float(line.waiting) == pytest.approx(occupancy * places / stay * float(line.wait), rel=1e-12)
    assert float(line.occupancy) == pytest.approx(occupancy, rel=1e-12)
    assert float(erlang_b(occupancy * places, places)) <= float(line.share_waiting) <= 1
    # A limit that nobody reaches changes nothing, and a limit never lengthens the wait.
    if spread == 1:
        assert float(limited_line(occupancy * places / stay, stay, places, 5).wait) <= float(line.wait)


def test_overload_is_counted_and_never_averaged_in_silence() -> None:
    line = waiting_line([0.5, 0.9, 1.0, 1.4], 1.0, 1)
    assert line.overload.tolist() == [False, False, True, True]
    assert np.isinf(np.mean(line.wait))
    assert line.share_waiting.round(12).tolist() == [0.5, 0.9, 1.0, 1.0]
    mean, left_out = line.mean("wait")
    assert (round(mean, 9), left_out) == (5.0, 0.5)
    assert np.isnan(waiting_line(2.0, 1.0, 1).mean("wait")[0])
    with pytest.raises(EngineError, match="no such number"):
        line.mean("exact")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 1.0, 1), "do not come at this rate"),
        ((1.0, -1.0, 1), "nobody stays so long"),
        ((1.0, 1.0, 1.5), "so many places cannot be"),
        ((1.0, 1.0, [2, 0]), "so many places cannot be"),
        ((1.0, 1.0, 2, -0.1), "stays do not spread so"),
        ((np.nan, 1.0, 2), "do not come at this rate"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[float, ...], message: str) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        waiting_line(*arguments)
    assert "Way out" in str(caught.value)


def test_a_room_that_cannot_be_and_shares_outside_their_domain() -> None:
    with pytest.raises(EngineError, match="so many cannot wait"):
        limited_line(1.0, 1.0, 1, [0, 2.5])
    assert np.isnan(erlang_b([-1.0, 1.0, 1.0, np.nan], [1, 1.5, -1, 1])).all()
    assert np.isnan(erlang_c([-1.0, 1.0], [1, 1.5])).all()
