"""What becomes of a place-day that a shorter stay frees: nothing, a closed place, or somebody else on it.

When a stay ends, somebody waits with the chance that Erlang's second formula gives to those who come (in a queue of
exponential stays, who leaves sees behind them what who comes sees before them). A freed day is then taken at once by
the first in the line, and a wait is a day shorter; else the place stands empty until somebody comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.engine.flow.analytic import erlang_c, waiting_line
from costeff.errors import EngineError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FreedDay:
    """Shares of a freed place-day, which add up to 1; every field has the common shape of what was given.

    Parameters
    ----------
    empty : ndarray
        Nobody has it: worth 0.
    closed_place : ndarray
        The place is closed: worth its variable cost.
    from_hospital : ndarray
        A citizen who waits in hospital has it: worth a finished-treated day.
    from_home : ndarray
        A citizen who waits at home has it: their wait is a day shorter.
    new : ndarray
        A citizen has it who would have had no place: a new cost.
    """

    empty: Floats
    closed_place: Floats
    from_hospital: Floats
    from_home: Floats
    new: Floats

    def value(self, finished_treated_day: float, variable_cost: float, new_cost: float) -> Floats:
        """What a freed place-day is worth to whom the three amounts belong.

        Parameters
        ----------
        finished_treated_day : float
            What an avoided finished-treated day saves.
        variable_cost : float
            What a closed place saves a day.
        new_cost : float
            What a new citizen costs for a day on a place.

        Returns
        -------
        ndarray
            In the currency of the amounts; between the pure values, each of which stands where one share is 1.

        Examples
        --------
        >>> day = freed_place_day(0.9, 1, from_hospital=1.0)
        >>> round(float(day.value(5000.0, 1600.0, 600.0)), 6)
        4500.0
        """
        return self.from_hospital * finished_treated_day + self.closed_place * variable_cost - self.new * new_cost


def freed_place_day(
    load: ArrayLike,
    places: ArrayLike,
    from_hospital: ArrayLike,
    closed_share: ArrayLike = 0.0,
    refilled_share: ArrayLike = 0.0,
) -> FreedDay:
    """What becomes of a freed place-day at a given load.

    Parameters
    ----------
    load : array_like
        Arrivals times mean stay.
    places : array_like
        How many there are, a whole number.
    from_hospital : array_like
        Share of those who wait who do so in hospital.
    closed_share : array_like
        Share of freed days that are taken off by closing places.
    refilled_share : array_like
        Share of days that would be empty which are given to citizens who would have had no place.

    Returns
    -------
    FreedDay
        Shares that add up to 1.

    Raises
    ------
    EngineError
        For a share outside 0 to 1, or a load or places that cannot be.

    Examples
    --------
    One place taken nine days of ten: a freed day is taken at once with the chance 0.9. At 20 places and 74 %: 0.14.

    >>> day = freed_place_day([0.9, 14.784], [1, 20], from_hospital=0.7)
    >>> day.from_hospital.round(3).tolist(), day.empty.round(3).tolist()
    ([0.63, 0.101], [0.1, 0.856])
    """
    shares = {"from_hospital": from_hospital, "closed_share": closed_share, "refilled_share": refilled_share}
    for name, share in shares.items():
        wrong = ~((np.asarray(share, float) >= 0) & (np.asarray(share, float) <= 1))
        if wrong.any():
            raise EngineError(
                f"`{name}` is no share",
                value=f"{float(np.asarray(share, float)[wrong].flat[0]):g}",
                rule="a number from 0 to 1",
                way_out="give a share, not a percentage",
            )
    waited_for = erlang_c(load, places)
    if np.isnan(waited_for).any():
        raise EngineError(
            "no such queue",
            value=f"load {np.asarray(load).tolist()}, places {np.asarray(places).tolist()}",
            rule="a load of at least 0, and a whole number of places",
            way_out="correct what was given",
        )
    arrays = np.broadcast_arrays(waited_for, *(np.asarray(share, float) for share in shares.values()))
    waited_for, hospital, taken_off, given_away = (np.array(array) for array in arrays)
    open_share = 1 - taken_off
    return FreedDay(
        empty=open_share * (1 - waited_for) * (1 - given_away),
        closed_place=taken_off,
        from_hospital=open_share * waited_for * hospital,
        from_home=open_share * waited_for * (1 - hospital),
        new=open_share * (1 - waited_for) * given_away,
    )


def waits_saved(
    arrivals: ArrayLike, stay: ArrayLike, shorter_stay: ArrayLike, places: ArrayLike, spread: ArrayLike = 1.0
) -> Floats:
    """Days of waiting that each freed place-day saves in the long run, all rounds counted.

    Whoever gets a place earlier leaves it earlier, so one freed day shortens one wait after another until a place
    stands empty: near full occupancy it saves several days of waiting, and at three quarters next to none.

    Parameters
    ----------
    arrivals : array_like
        How many come a day.
    stay, shorter_stay : array_like
        Mean stays before and after, in days; they differ.
    places : array_like
        How many there are.
    spread : array_like
        Coefficient of variation of stays.

    Returns
    -------
    ndarray
        Infinite where the longer stay has no long run; nan where neither has one, or the stays are the same.

    Raises
    ------
    EngineError
        For a queue that cannot be.

    Examples
    --------
    20 places, 0.66 a day: from 28 to 26.6 days saves 6.72 days of waiting a citizen for 1.4 place-days.

    >>> float(waits_saved(0.66, 28.0, 26.6, 20).round(2)), float(waits_saved(0.66, 22.4, 21.28, 20).round(2))
    (4.8, 0.24)
    """
    before, after = (waiting_line(arrivals, days, places, spread).wait for days in (stay, shorter_stay))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((before - after) / (np.asarray(stay, float) - np.asarray(shorter_stay, float)))
