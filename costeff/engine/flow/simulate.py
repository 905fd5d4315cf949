"""Simulates a flow: independent replications of the whole system, each person with luck of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from costeff.engine.flow import kernel
from costeff.engine.flow.analytic import relaxation_time
from costeff.engine.flow.system import FlowSystem
from costeff.errors import EngineError
from costeff.numerics.random import individual_uniforms

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
RELAXATIONS = 6
"""Relaxation times of warm-up: what is left of the empty beginning is then below 0.3 %."""


class People(NamedTuple):
    """Everything random about the people of one replication: N people, V visits, S stations, in days.

    arrival, priority, patience (N,), stay and delay (V, S, N), gap (V, N).
    """

    arrival: Floats
    priority: Floats
    stay: Floats
    delay: Floats
    patience: Floats
    gap: Floats


@dataclass(frozen=True)
class FlowResult:
    """What became of people, by replication: R replications, P periods, S stations.

    Parameters
    ----------
    stations : tuple of str
        Their names.
    edges : ndarray
        Of the periods that are counted, (P + 1,), in days from the start.
    counts : ndarray of int64
        (R, P, S, 6): joined the line, got a place, had waited for it, was turned away, gave up, left.
    days : ndarray
        (R, P, S, 6): person-days in line, on places, of those the blocked and the delayed; days of open places; waits
        of those who got a place.
    totals : ndarray of int64
        (R, S + 1, 4) since the start: arrivals, turned away, given up and left; then by station those in line and on
        places at the end.
    waits : tuple of ndarray
        By replication, each person's wait for the first station, in order of arrival; nan who has none yet.
    """

    stations: tuple[str, ...]
    edges: Floats
    counts: Integers
    days: Floats
    totals: Integers
    waits: tuple[Floats, ...]
    holds: bool

    def __post_init__(self) -> None:
        arrivals, turned_away, gave_up, exits = self.totals[:, 0].T
        present = self.totals[:, 1, 0] + self.totals[:, 1:, 1].sum(axis=1)
        if not self.holds:
            present = present + self.totals[:, 2:, 0].sum(axis=1)
        if not np.array_equal(arrivals, turned_away + gave_up + exits + present):
            raise EngineError("people were lost", rule="arrived = served and gone + given up + turned away + present")

    def per_replication(self, name: str, station: int = 0) -> Floats:
        """A number of the long run, by replication.

        Parameters
        ----------
        name : str
            "wait": mean days of those who get a place; "share_waiting": of those who are not turned away; "waiting": in
            line at a time; "occupancy": of open places; "blocked": share of taken places; "turned_away", "gave_up":
            shares of those who come.
        station : int
            Which, from 0.

        Returns
        -------
        ndarray
            (R,); nan where nobody came.

        Raises
        ------
        EngineError
            For an unknown name.
        """
        counts, days = self.counts.sum(axis=1)[:, station], self.days.sum(axis=1)[:, station]
        people = counts[:, kernel.JOINS] + counts[:, kernel.TURNED_AWAY]
        span = float(self.edges[-1] - self.edges[0])
        table = {
            "wait": (days[:, kernel.WAIT], counts[:, kernel.STARTS]),
            "share_waiting": (counts[:, kernel.STARTS_AFTER_WAIT], counts[:, kernel.STARTS]),
            "waiting": (days[:, kernel.WAITING], np.full(len(days), span)),
            "occupancy": (days[:, kernel.ON_PLACES], days[:, kernel.OPEN]),
            "blocked": (days[:, kernel.BLOCKING], days[:, kernel.ON_PLACES]),
            "turned_away": (counts[:, kernel.TURNED_AWAY], people),
            "gave_up": (counts[:, kernel.GAVE_UP], people),
        }
        if name not in table:
            raise EngineError("a flow has no such number", value=repr(name), rule=", ".join(table), way_out="name one")
        above, below = table[name]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(above / below, dtype=float)

    def mean(self, name: str, station: int = 0) -> tuple[float, float]:
        """Mean over replications, and its standard error.

        Parameters
        ----------
        name : str
            As in `per_replication`.
        station : int
            Which, from 0.

        Returns
        -------
        tuple of float
            Mean and standard error; the error is nan of one replication.
        """
        values = self.per_replication(name, station)
        error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
        return float(values.mean()), error


def people_of(system: FlowSystem, days: float, replication: int, seed: int) -> People:
    """Everything random about the people of one replication, who come within so many days.

    Each number has an address (seed, replication, person, name), so that the same person comes at the same time with
    the same stays whatever places there are, and one more day of arrivals changes nobody.
    """
    rates = np.atleast_1d(np.asarray(system.arrivals, float))
    whole = math.ceil(days)
    if len(rates) not in (1, whole) and len(rates) < whole:
        raise EngineError(
            "arrivals end before the simulation does",
            value=f"{len(rates)} days of {whole}",
            rule="one rate, or one for each day, warm-up included",
            way_out="give as many days",
        )
    by_day = np.full(whole, rates[0]) if len(rates) == 1 else rates[:whole]
    grid = np.minimum(np.arange(whole + 1.0), days)
    expected = np.concatenate([[0.0], np.cumsum(by_day * np.diff(grid))])
    most = math.ceil(expected[-1] + 9 * math.sqrt(expected[-1]) + 20)
    key = np.array([replication], np.uint64)

    def own(name: str, visit: int = 0) -> Floats:
        return np.asarray(individual_uniforms(seed, key, 0, most, f"flow {name} {visit}")[0], dtype=float)

    # Unit exponentials add up to the times of a Poisson process of rate 1; the expected count turns them into days.
    clock = np.cumsum(-np.log1p(-own("arrival")))
    many = int(np.searchsorted(clock, expected[-1]))
    rising = np.concatenate([[True], np.diff(expected) > 0])
    arrival = np.interp(clock[:many], expected[rising], grid[rising])
    shape = system.visits, len(system.stations), many
    stay, delay = np.zeros(shape), np.zeros(shape)
    for v in range(system.visits):
        for s, station in enumerate(system.stations):
            stay[v, s] = station.stay.quantile(own(f"stay {station.name}", v))[:many]
            if station.delay is not None:
                delay[v, s] = station.delay.quantile(own(f"delay {station.name}", v))[:many]
    gap = np.full((system.visits, many), np.inf)
    if system.gap is not None and system.returning > 0:
        for v in range(system.visits - 1):
            returns = own("returns", v)[:many] < system.returning
            gap[v, returns] = system.gap.quantile(own("gap", v))[:many][returns]
    patience = np.full(many, np.inf) if system.patience is None else system.patience.quantile(own("patience"))[:many]
    priority = np.zeros(many)
    if len(system.priorities) > 1:
        bounds = np.cumsum(np.asarray(system.priorities, float))[:-1]
        priority = np.searchsorted(bounds, own("priority")[:many], side="right").astype(float)
    return People(arrival, priority, stay, delay, patience, gap)


def warm_up(system: FlowSystem) -> float:
    """Days after which an empty beginning is forgotten: so many relaxation times of the slowest station.

    Raises
    ------
    EngineError
        Where more come than a station can serve, which has no long run.
    """
    rate, slowest = float(np.mean(np.asarray(system.arrivals, float))), 0.0
    for station in system.stations:
        fewest = min(station.changes()[1])
        days_held = station.stay.mean + (station.delay.mean if station.delay else 0.0)
        time = math.inf
        if rate > 0 and days_held > 0 and fewest > 0:
            time = float(relaxation_time(rate / max(1 - system.returning, 1e-9), days_held, fewest))
        if math.isinf(time):
            raise EngineError(
                f"more come than '{station.name}' can serve",
                value=f"{rate:g} a day, {days_held:g} days each, {fewest} places",
                rule="without a long run nothing says when the beginning is forgotten",
                way_out="state `warm_up` in days; with 0 the beginning counts",
            )
        slowest = max(slowest, time * max(1.0, (1 + station.stay.spread**2) / 2))
    return RELAXATIONS * slowest


def simulate_flow(
    system: FlowSystem,
    days: float,
    replications: int = 50,
    seed: int = 1,
    warm_up_days: float | None = None,
    periods: int = 1,
    threads: int = 1,
) -> FlowResult:
    """Simulate independent replications of a whole flow; the same bits for any number of threads.

    Parameters
    ----------
    system : FlowSystem
        Who comes, and what there is for them.
    days : float
        That are counted, after the warm-up.
    replications : int
        How many; errors come from their spread.
    seed : int
        Start of the random numbers.
    warm_up_days : float, optional
        Days before anything is counted. Default: six relaxation times; 0 counts the empty beginning.
    periods : int
        Equal parts of the counted days.
    threads : int
        How many work at the same time.

    Returns
    -------
    FlowResult
        With everybody accounted for.

    Raises
    ------
    EngineError
        For sizes that cannot be, or a flow without a long run where no warm-up is stated.

    Examples
    --------
    A place that is always free: nobody waits, and days on it are those of the stays.

    >>> from costeff.engine.flow.stays import constant_stay
    >>> from costeff.engine.flow.system import Station
    >>> result = simulate_flow(FlowSystem(0.5, [Station("place", 50, constant_stay(2.0))]), 1000.0, replications=4)
    >>> result.mean("wait"), result.stations
    ((0.0, 0.0), ('place',))
    """
    if not (days > 0 and math.isfinite(days) and replications >= 1 and periods >= 1 and threads >= 1):
        raise EngineError(
            "a simulation of this size cannot be",
            value=f"days {days}, replications {replications}, periods {periods}, threads {threads}",
            rule="days above 0, and at least one of each",
            way_out="correct what was given",
        )
    start = warm_up(system) if warm_up_days is None else float(warm_up_days)
    edges = start + days * np.arange(periods + 1) / periods

    def one(replication: int) -> tuple[Integers, Floats, Integers, Floats]:
        return _live(system, people_of(system, float(edges[-1]), replication, seed), edges)

    parts: Sequence[tuple[Integers, Floats, Integers, Floats]]
    if threads == 1:
        parts = [one(r) for r in range(replications)]
    else:
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(one, range(replications)))
    counts, person_days, totals, waits = zip(*parts, strict=True)
    names = tuple(station.name for station in system.stations)
    return FlowResult(names, edges, np.stack(counts), np.stack(person_days), np.stack(totals), waits, system.holds)


def _live(system: FlowSystem, people: People, edges: Floats) -> tuple[Integers, Floats, Integers, Floats]:
    """Counts, person-days, totals and first waits of one replication."""
    stations, many, periods = len(system.stations), len(people.arrival), len(edges) - 1
    changes = [station.changes() for station in system.stations]
    longest = max(len(days) for days, _ in changes)
    change_time = np.full((stations, longest), np.inf)
    change_places = np.zeros((stations, longest), np.int64)
    for s, (on_days, numbers) in enumerate(changes):
        change_time[s, : len(on_days)], change_places[s, : len(on_days)] = on_days, numbers
    events, line = many * (system.visits + 1) + 8, many * system.visits + 1
    counts = np.zeros((periods, stations, 6), np.int64)
    days = np.zeros((periods, stations, 6))
    totals = np.zeros((stations + 1, 4), np.int64)
    waits, leaves = np.full(many, np.nan), np.full(many, np.nan)
    kernel.live(
        *(people.arrival, people.priority, people.stay, people.delay, people.patience, people.gap),
        *(change_time, change_places, -1 if system.room is None else system.room, system.holds, edges),
        *(np.zeros(events), np.zeros(events, np.int64), np.zeros(events, np.int64)),
        *(np.zeros((stations, line)), np.zeros((stations, line), np.int64), np.zeros((stations, line), np.int64)),
        *(np.zeros(stations, np.int64), np.full(many, kernel.NOWHERE), np.zeros(many, np.int64)),
        *(np.zeros(many, np.int64), np.zeros(many), np.zeros(many), np.zeros(many, np.int64)),
        np.zeros((stations, 6), np.int64),
        *(counts, days, totals, waits, leaves, np.zeros((0, 0, 0, 5))),
    )
    return counts, days, totals, waits
