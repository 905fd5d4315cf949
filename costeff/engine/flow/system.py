"""What a flow is made of: how people come, the stations they pass, and who gives up, is turned away or returns."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.engine.flow.stays import Stay
from costeff.errors import EngineError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Station:
    """Places of one kind.

    Parameters
    ----------
    name : str
        The address of its people's luck, the same under every strategy.
    places : int or mapping
        How many; or by day from the start, the first at 0. Who is on a place that closes stays until they leave.
    stay : Stay
        How long people need it.
    delay : Stay, optional
        How long they hold it after that, before they are discharged.
    """

    name: str
    places: int | Mapping[float, int]
    stay: Stay
    delay: Stay | None = None

    def changes(self) -> tuple[list[float], list[int]]:
        """Days on which the number of places changes, the first 0, and the numbers.

        Raises
        ------
        EngineError
            For days out of order, or numbers that are not whole.

        Examples
        --------
        >>> from costeff.engine.flow.stays import constant_stay
        >>> Station("place", {0: 20, 365: 18}, constant_stay(1.0)).changes()
        ([0.0, 365.0], [20, 18])
        """
        by_day = dict(self.places) if isinstance(self.places, Mapping) else {0: self.places}
        days, numbers = [float(day) for day in by_day], list(by_day.values())
        if not days or days[0] != 0 or any(b <= a for a, b in itertools.pairwise(days)):
            raise EngineError(
                f"places of '{self.name}' have no clear beginning",
                value=str(days),
                rule="days from the start, in order, the first 0",
                way_out="write {0: ..., 365: ...}",
            )
        if any(isinstance(n, bool) or int(n) != n or n < 0 for n in numbers):
            raise EngineError(
                f"places of '{self.name}' are no whole numbers",
                value=str(numbers),
                rule="whole numbers of at least 0",
                way_out="round them as the municipality would",
            )
        return days, [int(n) for n in numbers]


@dataclass(frozen=True)
class FlowSystem:
    """A line of stations that people pass one after the other.

    Parameters
    ----------
    arrivals : float or array_like
        How many come a day, on average: one number, or one for each day. They come at random (Poisson).
    stations : sequence of Station
        In order. Where all places of the next one are taken, people wait: first by priority, then as they came.
    holds : bool
        Whether who waits for the next station keeps the place before it, and so blocks it.
    room : int, optional
        How many may wait for the first station; who comes then goes elsewhere. Without it nobody is turned away.
    patience : Stay, optional
        How long people wait for the first station before they give up.
    priorities : sequence of float
        Shares of people by priority, the most urgent first; they add up to 1.
    returning : float
        Share who come back after they have left.
    gap : Stay, optional
        How long they are away before that.
    visits : int
        How many times a person may come at most.

    Examples
    --------
    >>> from costeff.engine.flow.stays import exponential_stay
    >>> FlowSystem(0.66, [Station("place", 20, exponential_stay(28.0))]).visits
    1
    """

    arrivals: ArrayLike
    stations: Sequence[Station]
    holds: bool = True
    room: int | None = None
    patience: Stay | None = None
    priorities: Sequence[float] = (1.0,)
    returning: float = 0.0
    gap: Stay | None = None
    visits: int = 1

    def __post_init__(self) -> None:
        rates = np.atleast_1d(np.asarray(self.arrivals, float))
        problems = [
            ("people do not come so", not np.isfinite(rates).all() or (rates < 0).any(), "rates of at least 0"),
            ("a flow has no station", not self.stations, "one station or more"),
            ("two stations share a name", len({s.name for s in self.stations}) < len(self.stations), "names differ"),
            ("so many cannot wait", self.room is not None and self.room < 0, "a room of at least 0"),
            (
                "shares of priorities do not add up to 1",
                abs(sum(self.priorities) - 1) > 1e-9 or min(self.priorities, default=-1) < 0,
                "shares of at least 0 that add up to 1",
            ),
            ("the share who return is no share", not 0 <= self.returning <= 1, "a number from 0 to 1"),
            ("people who return have no gap", self.returning > 0 and self.gap is None, "`gap`: how long they are away"),
            ("nobody may come so often", self.visits < 1, "one visit or more"),
            ("people return and may come once", self.returning > 0 and self.visits < 2, "two `visits` or more"),
        ]
        for what, wrong, rule in problems:
            if wrong:
                raise EngineError(what, value=str(self)[:200], rule=rule, way_out="correct what was given")
        for station in self.stations:
            station.changes()


def daily_rates(
    first_day: str | np.datetime64,
    days: int,
    per_day: float,
    weekdays: Sequence[float] = (1.0,) * 7,
    months: Sequence[float] = (1.0,) * 12,
) -> Floats:
    """How many come on each day, by weekday and season.

    Parameters
    ----------
    first_day : str or datetime64
        The first, such as "2026-01-01".
    days : int
        How many.
    per_day : float
        How many come on a day of weight 1.
    weekdays : sequence of float
        Weights of Monday to Sunday.
    months : sequence of float
        Weights of January to December.

    Returns
    -------
    ndarray
        Rates (days,).

    Examples
    --------
    >>> daily_rates("2026-01-02", 3, 2.0, weekdays=(1, 1, 1, 1, 1, 0.5, 0.5)).tolist()
    [2.0, 1.0, 1.0]
    """
    dates = np.datetime64(str(first_day), "D") + np.arange(days)
    weekday = (dates.astype(np.int64) + 3) % 7  # day 0 of numpy's calendar is a Thursday
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    weights = np.asarray(weekdays, float)[weekday] * np.asarray(months, float)[month]
    return np.asarray(per_day * weights, dtype=float)
