"""Queues that theory knows: Erlang's two formulas, a waiting line with a limit, and the spread of stays.

People come at random (Poisson) at a rate, stay on one of a number of places, and wait or are turned away when all are
taken. `load` is the rate times the mean stay: how many places they would take if there were enough. All answers are of
the long run. Everything broadcasts; no kernel is needed.

Sources: Erlang (1917); Kendall (1953) for M/M/c/K; Pollaczek (1930) for one place; Allen (1990), Cunneen, for several.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.errors import EngineError

Floats = NDArray[np.float64]
MOST_PLACES = 100_000


def erlang_b(load: ArrayLike, places: ArrayLike) -> Floats:
    """Share of people who find all places taken and go elsewhere (Erlang's first formula, B).

    Exact for stays of any distribution. B_0 = 1, B_k = load B_(k-1) / (k + load B_(k-1)).

    Parameters
    ----------
    load : array_like
        Rate of arrival times mean stay, at least 0; nan where it is not.
    places : array_like
        How many, whole and at least 0, at most 100,000; nan where they are not.

    Returns
    -------
    ndarray
        Shares, in the common shape.

    Examples
    --------
    One place, load 1: half are turned away. Two places, load 1: (1/2) / (1 + 1 + 1/2).

    >>> erlang_b(1.0, [0, 1, 2]).tolist()
    [1.0, 0.5, 0.2]
    """
    load, places = np.broadcast_arrays(np.asarray(load, float), np.asarray(places, float))
    valid = (load >= 0) & (places >= 0) & (places == np.floor(places)) & (places <= MOST_PLACES) & np.isfinite(load)
    blocked_share = np.where(valid, 1.0, np.nan)
    for k in range(1, int(np.max(places, where=valid, initial=0.0)) + 1):
        product = load * blocked_share
        blocked_share = np.where(valid & (k <= places), product / (k + product), blocked_share)
    return np.asarray(blocked_share)


def erlang_c(load: ArrayLike, places: ArrayLike) -> Floats:
    """Share of people who have to wait when nobody goes elsewhere (Erlang's second formula, C).

    Exact for exponential stays. 1 where the load is not below the places: there everybody waits in the long run.

    Parameters
    ----------
    load : array_like
        Rate of arrival times mean stay, at least 0; nan where it is not.
    places : array_like
        How many, whole and at least 0, at most 100,000; nan where they are not.

    Returns
    -------
    ndarray
        Shares, in the common shape.

    Examples
    --------
    One place: the share that waits is the share of time in which it is taken. 20 places, 0.66 people a day for 28 days:

    >>> float(erlang_c(0.8, 1)), round(float(erlang_c(0.66 * 28, 20)), 3), float(erlang_c(20, 20))
    (0.8, 0.644, 1.0)
    """
    blocked_share = erlang_b(load, places)
    load, places = np.broadcast_arrays(np.asarray(load, float), np.asarray(places, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        occupancy = load / places
        share = blocked_share / (1 - occupancy * (1 - blocked_share))
    return np.where(np.isnan(blocked_share), np.nan, np.where(load < places, share, 1.0))


@dataclass(frozen=True)
class WaitingLine:
    """A queue in the long run; every field has the common shape of what was given.

    `wait` and `waiting` are infinite where `overload`: a mean over such draws is infinite too, never a number that
    leaves them out without a word. `mean` says the share beside the mean of the others.

    Parameters
    ----------
    occupancy : ndarray
        Share of the places taken; at most 1.
    share_waiting : ndarray
        Share of those who come who wait at all.
    wait : ndarray
        Mean wait of all who come and are not turned away, in the unit of the stay.
    waiting : ndarray
        How many wait at a time.
    turned_away : ndarray
        Share of those who come who find the line full.
    overload : ndarray of bool
        Whether load is not below places and the line has no limit.
    exact : ndarray of bool
        Whether the numbers are exact; where not, the wait is corrected for the spread of stays by Allen and Cunneen.
    """

    occupancy: Floats
    share_waiting: Floats
    wait: Floats
    waiting: Floats
    turned_away: Floats
    overload: NDArray[np.bool_]
    exact: NDArray[np.bool_]

    @property
    def share_overloaded(self) -> float:
        """Share of the draws without a long run: more people come than the places can serve."""
        return float(np.mean(self.overload))

    def mean(self, field: str) -> tuple[float, float]:
        """Mean of a field over the draws that have a long run, and the share of draws that have none.

        Parameters
        ----------
        field : str
            Name of a field, such as "wait".

        Returns
        -------
        tuple of float
            Mean (nan where no draw has a long run), and the share left out of it.

        Raises
        ------
        EngineError
            For a name that is no field of numbers.

        Examples
        --------
        Two draws of one place: loads 0.5 (mean wait one stay) and 1.2.

        >>> line = waiting_line([0.5, 1.2], 1.0, 1)
        >>> line.mean("wait"), line.wait.tolist()
        ((1.0, 0.5), [1.0, inf])
        """
        names = ("occupancy", "share_waiting", "wait", "waiting", "turned_away")
        if field not in names:
            raise EngineError(
                "a waiting line has no such number",
                value=repr(field),
                rule=", ".join(names),
                way_out="name one of them",
            )
        stable = ~self.overload
        return (float(np.mean(getattr(self, field)[stable])) if stable.any() else np.nan), self.share_overloaded


def _check(arrivals: Floats, stay: Floats, places: Floats, spread: Floats) -> None:
    def refuse(what: str, wrong: NDArray[np.bool_], values: Floats, rule: str) -> None:
        if wrong.any():
            value = float(np.broadcast_to(values, wrong.shape)[wrong][0])
            raise EngineError(what, value=f"{value:g}", rule=rule, way_out="correct what was given")

    refuse("people do not come at this rate", ~(arrivals > 0) | np.isinf(arrivals), arrivals, "a finite rate above 0")
    refuse("nobody stays so long", ~(stay > 0) | np.isinf(stay), stay, "a finite mean stay above 0")
    whole = (places >= 1) & (places == np.floor(places)) & (places <= MOST_PLACES)
    refuse("so many places cannot be", ~whole, places, f"a whole number from 1 to {MOST_PLACES}")
    refuse("stays do not spread so", ~(spread >= 0) | np.isinf(spread), spread, "a coefficient of variation from 0")


def waiting_line(arrivals: ArrayLike, stay: ArrayLike, places: ArrayLike, spread: ArrayLike = 1.0) -> WaitingLine:
    """A queue in which everybody waits for a place, first come first served, without a limit (M/G/c).

    Exact for exponential stays (`spread` 1) and for one place (Pollaczek and Khinchine). Otherwise the mean wait of
    exponential stays is multiplied by (1 + spread^2) / 2, as Allen and Cunneen proposed: it is close near full
    occupancy. The share that waits is that of exponential stays.

    Parameters
    ----------
    arrivals : array_like
        How many come per unit of time, on average.
    stay : array_like
        Mean stay, in that unit of time.
    places : array_like
        How many there are.
    spread : array_like
        Coefficient of variation of stays: standard deviation over mean. 1: exponential; 0: all alike.

    Returns
    -------
    WaitingLine
        Infinite waits where the load is not below the places.

    Raises
    ------
    EngineError
        For a rate, a stay, places or a spread that cannot be.

    Examples
    --------
    20 places, 0.66 people a day for 28 days each: 64 % wait, 11.9 days on average over all, and 7.8 wait at a time.

    >>> line = waiting_line(0.66, 28.0, 20)
    >>> round(float(line.share_waiting), 3), round(float(line.wait), 3), round(float(line.waiting), 3)
    (0.644, 11.864, 7.83)

    One place with stays of exactly one day waits half as long as with exponential ones, which is exact:

    >>> line = waiting_line(0.5, 1.0, 1, spread=[1.0, 0.0])
    >>> line.wait.tolist(), line.exact.tolist()
    ([1.0, 0.5], [True, True])
    """
    numbers = (np.asarray(x, float) for x in (arrivals, stay, places, spread))
    arrivals, stay, places, spread = (np.array(x) for x in np.broadcast_arrays(*numbers))
    _check(arrivals, stay, places, spread)
    load = arrivals * stay
    overload = load >= places
    share = erlang_c(load, places)
    with np.errstate(divide="ignore"):
        wait = np.where(overload, np.inf, share * stay / np.abs(places - load) * (1 + spread**2) / 2)
    return WaitingLine(
        occupancy=np.minimum(load / places, 1.0),
        share_waiting=share,
        wait=wait,
        waiting=arrivals * wait,
        turned_away=np.zeros(load.shape),
        overload=overload,
        exact=(spread == 1) | (places == 1),
    )


def limited_line(arrivals: ArrayLike, stay: ArrayLike, places: ArrayLike, room: ArrayLike) -> WaitingLine:
    """A queue in which at most `room` people wait, and who comes then goes elsewhere (M/M/c/K, K = places + room).

    Exact for exponential stays; with `room` 0 it is Erlang's first formula. It has a long run under every load.

    Parameters
    ----------
    arrivals : array_like
        How many come per unit of time, on average.
    stay : array_like
        Mean stay, in that unit of time; exponential.
    places : array_like
        How many there are.
    room : array_like
        How many can wait, whole and at least 0.

    Returns
    -------
    WaitingLine
        `share_waiting` is of those who come, `wait` of those who are not turned away.

    Raises
    ------
    EngineError
        For a rate, a stay, places or a room that cannot be.

    Examples
    --------
    One place, one may wait, load 1: 0, 1 and 2 people are there a third of the time each. A third is turned away, a
    third waits one stay, so the mean wait of the two thirds who stay is half a stay.

    >>> line = limited_line(1.0, 1.0, 1, 1)
    >>> [round(float(x), 6) for x in (line.turned_away, line.share_waiting, line.wait, line.occupancy)]
    [0.333333, 0.333333, 0.5, 0.666667]
    """
    numbers = (np.asarray(x, float) for x in (arrivals, stay, places, room))
    arrivals, stay, places, room = (np.array(x) for x in np.broadcast_arrays(*numbers))
    _check(arrivals, stay, places, np.ones(room.shape))
    wrong = ~((room >= 0) & (room == np.floor(room)) & (room <= MOST_PLACES))
    if wrong.any():
        raise EngineError(
            "so many cannot wait",
            value=f"{float(room[wrong][0]):g}",
            rule=f"a whole number from 0 to {MOST_PLACES}",
            way_out="without a limit, ask `waiting_line`",
        )
    load = arrivals * stay
    # A line that takes one person more has the chances of the shorter one, and the new state's beside them.
    turned_away = erlang_b(load, places)
    full, waiting = turned_away, np.zeros(load.shape)
    for k in range(1, int(room.max(initial=0.0)) + 1):
        share = load / places * turned_away
        share = share / (1 + share)
        longer = k <= room
        full = np.where(longer, full * (1 - share) + share, full)
        waiting = np.where(longer, waiting * (1 - share) + k * share, waiting)
        turned_away = np.where(longer, share, turned_away)
    served_rate = arrivals * (1 - turned_away)
    return WaitingLine(
        occupancy=served_rate * stay / places,
        share_waiting=np.maximum(full - turned_away, 0.0),
        wait=waiting / served_rate,
        waiting=waiting,
        turned_away=turned_away,
        overload=np.zeros(load.shape, dtype=bool),
        exact=np.ones(load.shape, dtype=bool),
    )


def relaxation_time(arrivals: ArrayLike, stay: ArrayLike, places: ArrayLike) -> Floats:
    """How long a queue of exponential stays takes to forget how it began: 1 / (sqrt(places / stay) - sqrt(arrivals))^2.

    What is left of the beginning falls by e in this time, at least in the end (Morse, 1955, for one place; an upper
    bound for several).

    Parameters
    ----------
    arrivals : array_like
        How many come per unit of time, on average.
    stay : array_like
        Mean stay, in that unit of time.
    places : array_like
        How many there are.

    Returns
    -------
    ndarray
        In the unit of the stay; infinite where there is no long run.

    Raises
    ------
    EngineError
        For a rate, a stay or places that cannot be.

    Examples
    --------
    One place, a quarter of the time taken: 1 / (1 - 1/2)^2 stays. Near full occupancy it is long.

    >>> relaxation_time([0.25, 0.81], 1.0, 1).round(6).tolist()
    [4.0, 100.0]
    """
    numbers = (np.asarray(x, float) for x in (arrivals, stay, places))
    arrivals, stay, places = (np.array(x) for x in np.broadcast_arrays(*numbers))
    _check(arrivals, stay, places, np.ones(places.shape))
    with np.errstate(divide="ignore"):
        time = 1 / (np.sqrt(places / stay) - np.sqrt(arrivals)) ** 2
    return np.where(arrivals * stay < places, np.maximum(time, stay), np.inf)
