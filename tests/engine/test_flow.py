"""Anchored in a twin in plain Python, in closed forms of queues, and in identities: nobody is lost, Little's law.

Closed forms: Erlang B and C, M/M/c/K, Pollaczek and Khinchine (one place, any stays), Cobham (priorities, one place).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import flow as twin

from costeff.engine.flow import kernel
from costeff.engine.flow.analytic import erlang_b, limited_line, relaxation_time, waiting_line
from costeff.engine.flow.simulate import FlowResult, people_of, simulate_flow, warm_up
from costeff.engine.flow.stays import Stay, constant_stay, exponential_stay, gamma_stay, lognormal_stay, observed_stay
from costeff.engine.flow.system import FlowSystem, Station, daily_rates
from costeff.errors import EngineError

DAYS = st.floats(0.2, 6)


@st.composite
def systems(draw: st.DrawFn) -> FlowSystem:
    """Small systems with all that a system may have."""
    stations = [
        Station(
            f"station {s}",
            {0: draw(st.integers(0, 3)), draw(st.integers(1, 20)): draw(st.integers(0, 4))},
            draw(st.sampled_from([exponential_stay, constant_stay]))(draw(DAYS)),
            draw(st.none() | st.builds(exponential_stay, DAYS)),
        )
        for s in range(draw(st.integers(1, 3)))
    ]
    returning = draw(st.sampled_from([0.0, 0.4]))
    return FlowSystem(
        draw(st.floats(0.2, 2.0)),
        stations,
        holds=draw(st.booleans()),
        room=draw(st.none() | st.integers(0, 3)),
        patience=draw(st.none() | st.builds(exponential_stay, DAYS)),
        priorities=draw(st.sampled_from([(1.0,), (0.3, 0.7)])),
        returning=returning,
        gap=exponential_stay(2.0) if returning else None,
        visits=3 if returning else 1,
    )


@settings(max_examples=40)
@given(systems(), st.integers(0, 2**32))
def test_the_kernel_lives_as_the_twin(system: FlowSystem, seed: int) -> None:
    result = simulate_flow(system, 40.0, replications=1, seed=seed, warm_up_days=0.0)
    people = people_of(system, 40.0, 0, seed)
    arrays: list[Any] = [np.asarray(one).tolist() for one in people]
    places = [list(zip(*station.changes(), strict=True)) for station in system.stations]
    expected = twin.live(
        arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], arrays[5], places, system.room, system.holds, 40.0
    )
    assert result.totals[0, 0].tolist() == [expected[name] for name in ("came", "turned_away", "gave_up", "left")]
    assert result.totals[0, 1:, 0].tolist() == expected["waiting"]
    assert result.totals[0, 1:, 1].tolist() == expected["taken"]
    waits = {n: wait for n, wait in enumerate(result.waits[0].tolist()) if not np.isnan(wait)}
    assert waits == expected["waits"]
    np.testing.assert_allclose(result.days[0, 0, :, :2], expected["person_days"], atol=1e-9)


def close(result: FlowResult, name: str, truth: float, station: int = 0, errors: float = 4.0) -> None:
    mean, error = result.mean(name, station)
    assert abs(mean - truth) <= errors * error + 1e-12, f"{name}: {mean:.5g} ({error:.2g}) for {truth:.5g}"


@pytest.mark.parametrize(("places", "occupancy"), [(1, 0.5), (3, 0.9), (20, 0.3), (20, 0.832), (60, 0.95)])
def test_exponential_stays_are_erlangs(places: int, occupancy: float) -> None:
    """In stays of one day; the nightly grid is tests/flow_grid.py."""
    system = FlowSystem(occupancy * places, [Station("place", places, exponential_stay(1.0))])
    result = simulate_flow(system, 40_000 / (occupancy * places), replications=12, seed=5)
    line = waiting_line(occupancy * places, 1.0, places)
    for name in ("wait", "share_waiting", "waiting", "occupancy"):
        close(result, name, float(getattr(line, name)))


@pytest.mark.parametrize(("places", "room", "load"), [(1, 0, 0.9), (5, 0, 6.0), (5, 3, 6.0), (20, 10, 18.0)])
def test_limited_lines(places: int, room: int, load: float) -> None:
    system = FlowSystem(load, [Station("place", places, exponential_stay(1.0))], room=room)
    result = simulate_flow(system, 30_000 / load, replications=12, seed=6, warm_up_days=100.0)
    line = limited_line(load, 1.0, places, room)
    for name in ("turned_away", "waiting", "occupancy", "wait"):
        close(result, name, float(getattr(line, name)))
    if room == 0:
        # Erlang's first formula holds for stays of any distribution.
        alike = FlowSystem(load, [Station("place", places, constant_stay(1.0))], room=0)
        close(
            simulate_flow(alike, 20_000 / load, 12, 7, warm_up_days=100.0), "turned_away", float(erlang_b(load, places))
        )


@pytest.mark.parametrize("stay", [constant_stay(1.0), gamma_stay(1.0, 0.5), lognormal_stay(1.0, 1.5)])
def test_one_place_and_any_stays(stay: Stay) -> None:
    """Pollaczek and Khinchine: load (1 + spread^2) / 2 / (1 - load)."""
    result = simulate_flow(FlowSystem(0.7, [Station("place", 1, stay)]), 60_000.0, replications=12, seed=8)
    close(result, "wait", float(waiting_line(0.7, 1.0, 1, stay.spread).wait))


def test_priorities_of_one_place() -> None:
    """Cobham: the wait of class k is load / ((1 - load before k) (1 - load up to k)); exponential stays of a day."""
    load, shares = 0.8, (0.25, 0.75)
    system = FlowSystem(load, [Station("place", 1, exponential_stay(1.0))], priorities=shares)
    days, warm = 60_000.0, 3_000.0
    result = simulate_flow(system, days, replications=12, seed=9, warm_up_days=warm)
    means = [[], []]  # type: ignore[var-annotated]
    for replication, waits in enumerate(result.waits):
        people = people_of(system, days + warm, replication, 9)
        for urgency in (0, 1):
            counted = (people.priority == urgency) & (people.arrival > warm) & ~np.isnan(waits)
            means[urgency].append(waits[counted].mean())
    urgent, rest = load * shares[0], load
    for values, truth in zip(means, (load / (1 - urgent), load / ((1 - urgent) * (1 - rest))), strict=True):
        assert abs(np.mean(values) - truth) <= 4 * np.std(values, ddof=1) / np.sqrt(len(values))


def test_one_percent_of_bias_is_found_at_load_0_9() -> None:
    """With a planted stay 1 % too long the same check fails."""
    places, load = 10, 9.0
    line = waiting_line(load, 1.0, places)
    planted = FlowSystem(load, [Station("place", places, exponential_stay(1.01))])
    mean, error = simulate_flow(planted, 30_000.0, replications=16, seed=3).mean("occupancy")
    assert abs(mean - float(line.occupancy)) > 4.5 * error


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.floats(0.5, 3.0), st.integers(1, 6), DAYS)
def test_littles_law(seed: int, rate: float, places: int, mean: float) -> None:
    """Person-days in line are the waits of those who got a place, but for those across an edge: to 1e-9 none is."""
    system = FlowSystem(np.r_[np.full(30, rate), np.zeros(4000)], [Station("place", places, exponential_stay(mean))])
    result = simulate_flow(system, 4000.0, replications=2, seed=seed, warm_up_days=0.0)
    assert (result.totals[:, 1:, :2] == 0).all(), "all have gone"
    np.testing.assert_allclose(result.days[:, 0, 0, kernel.WAITING], result.days[:, 0, 0, kernel.WAIT], rtol=1e-9)
    stays = [people_of(system, 4000.0, r, seed).stay.sum() for r in range(2)]
    np.testing.assert_allclose(result.days[:, 0, 0, kernel.ON_PLACES], stays, rtol=1e-9)


def test_the_same_bits_for_any_number_of_threads_and_periods() -> None:
    system = FlowSystem(1.8, [Station("bed", 4, exponential_stay(1.0)), Station("place", 12, gamma_stay(5.0, 0.8))])
    one, four = (simulate_flow(system, 300.0, 6, seed=2, warm_up_days=50.0, threads=n) for n in (1, 4))
    np.testing.assert_array_equal(one.days, four.days)
    np.testing.assert_array_equal(one.counts, four.counts)
    parts = simulate_flow(system, 300.0, 6, seed=2, warm_up_days=50.0, periods=7)
    np.testing.assert_array_equal(parts.counts.sum(axis=1), one.counts[:, 0])
    np.testing.assert_allclose(parts.days.sum(axis=1), one.days[:, 0], rtol=1e-11)
    # More replications change none of those before.
    more = simulate_flow(system, 300.0, 8, seed=2, warm_up_days=50.0)
    np.testing.assert_array_equal(more.days[:6], one.days)


def test_the_same_people_come_whatever_places_there_are() -> None:
    few, many = (FlowSystem(1.0, [Station("place", n, exponential_stay(3.0))]) for n in (4, 9))
    for one, other in zip(people_of(few, 100.0, 2, 4), people_of(many, 100.0, 2, 4), strict=True):
        np.testing.assert_array_equal(one, other)
    longer = people_of(few, 160.0, 2, 4)
    count = len(people_of(few, 100.0, 2, 4).arrival)
    np.testing.assert_array_equal(longer.arrival[:count], people_of(few, 100.0, 2, 4).arrival)


def test_blocking_fills_the_beds_before() -> None:
    """Ten beds and one place: who is ready and has no place keeps the bed, so that hospital fills up."""
    stations = [Station("bed", 10, exponential_stay(2.0)), Station("place", 1, exponential_stay(1.0))]
    holding, free = (
        simulate_flow(FlowSystem(0.8, stations, holds=holds), 20_000.0, 8, seed=1, warm_up_days=500.0)
        for holds in (True, False)
    )
    close(free, "waiting", float(waiting_line(0.8, 1.0, 1).waiting), station=1)
    assert free.mean("blocked")[0] == 0
    # Who waits for the place lies in a blocked bed, to the hour.
    np.testing.assert_allclose(holding.days[:, 0, 0, kernel.BLOCKING], holding.days[:, 0, 1, kernel.WAITING], rtol=1e-9)
    assert holding.mean("wait")[0] > free.mean("wait")[0]


def test_arrivals_by_weekday_and_season() -> None:
    rates = daily_rates("2026-01-01", 364, 40.0, weekdays=(1, 1, 1, 1, 1, 0.25, 0.25), months=(2, *(1,) * 11))
    people = people_of(FlowSystem(rates, [Station("place", 1, constant_stay(1.0))]), 364.0, 0, 1)
    counts = np.bincount(people.arrival.astype(int), minlength=364)
    assert abs(counts.sum() - rates.sum()) < 4 * np.sqrt(rates.sum())
    weekend = rates == 10
    assert np.flatnonzero(weekend)[:3].tolist() == [31 + 0, 31 + 6, 31 + 7], "1 February 2026 is a Sunday"
    assert abs(counts[weekend].mean() - 10) < 4 * np.sqrt(10 / weekend.sum())
    assert abs(counts[:31].sum() - rates[:31].sum()) < 4 * np.sqrt(rates[:31].sum())


def test_stays() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    for stay in (exponential_stay(3.0), gamma_stay(3.0, 0.5), lognormal_stay(3.0, 0.7), observed_stay([1, 2, 6])):
        days = stay.quantile(u)
        assert days.mean() == pytest.approx(stay.mean, rel=2e-3)
        assert days.std() / days.mean() == pytest.approx(stay.spread, rel=1e-2)


def test_warm_up_and_what_is_refused() -> None:
    system = FlowSystem(0.81, [Station("place", 1, exponential_stay(1.0))])
    assert warm_up(system) == pytest.approx(600.0)
    assert float(relaxation_time(2.0, 1.0, 1)) == np.inf
    full = FlowSystem(1.2, [Station("place", 1, exponential_stay(1.0))])
    with pytest.raises(EngineError, match="more come than 'place' can serve"):
        simulate_flow(full, 10.0)
    assert simulate_flow(full, 10.0, 2, warm_up_days=0.0).counts.sum() > 0
    with pytest.raises(EngineError, match="arrivals end before"):
        simulate_flow(FlowSystem([1.0, 2.0], full.stations), 10.0, warm_up_days=0.0)
    for wrong in (
        {"priorities": (0.5, 0.6)},
        {"room": -1},
        {"returning": 0.5},
        {"returning": 0.5, "gap": constant_stay(1.0)},
        {"visits": 0},
        {"arrivals": -1.0},
        {"stations": []},
    ):
        with pytest.raises(EngineError):
            FlowSystem(**{"arrivals": 1.0, "stations": full.stations, **wrong})
    with pytest.raises(EngineError, match="no clear beginning"):
        FlowSystem(1.0, [Station("place", {1: 2}, constant_stay(1.0))])
    with pytest.raises(EngineError, match="no such number"):
        simulate_flow(system, 10.0, 2).mean("cost")
    with pytest.raises(EngineError, match="size cannot be"):
        simulate_flow(system, 0.0)
