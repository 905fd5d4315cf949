"""Measures of a cash flow: net present value, payback, peak financing and their kin. Pure functions, a value per draw.

Sizes: D draws, Y calendar years. `parties` is a set of payers read as one; + is a gain for them. A year counts from
the start of the case: 1 is its first calendar year.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from costeff.errors import ResultError
from costeff.investment.cash import CashFlow
from costeff.labels import same

NEVER = np.inf  # not paid back within the horizon
NO_INVESTMENT = np.nan  # the parties pay nothing towards the programme, so nothing can be paid back
TOLERANCE = 1e-9  # a cumulated net this small against the money moved is rounding, not a loss


def programme_lines(cash: CashFlow) -> np.ndarray:
    """Which lines are the programme's own cost, (L,) bool."""
    return np.array([line.programme for line in cash.lines], bool)


def outlay(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """What the parties pay towards the programme, (D, Y) of money, less what they are paid for it. Undiscounted.

    >>> outlay(_example(), ["municipality"]).tolist()
    [[100.0, 0.0, 0.0]]
    """
    return np.asarray(np.maximum(-cash.net(parties, programme_lines(cash)), 0.0))


def invests(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """Whether the parties pay for the programme in any year, (D,) bool."""
    return np.asarray((outlay(cash, parties) > 0).any(axis=1))


def npv(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """Net present value, (D,) of money: the net gain of each year discounted to the case's first.

    >>> npv(_example(), ["municipality"]).tolist()
    [0.0]
    """
    return np.asarray(cash.net(parties) @ cash.discount)


def cumulative(cash: CashFlow, parties: Collection[str], discounted: bool = False) -> np.ndarray:
    """Net gain up to and including each year, (D, Y) of money.

    >>> cumulative(_example(), ["municipality"]).tolist()
    [[-100.0, 0.0, 50.0]]
    """
    net = cash.net(parties)
    return np.cumsum(net * cash.discount if discounted else net, axis=1)


def payback(cash: CashFlow, parties: Collection[str], discounted: bool = False) -> np.ndarray:
    """Years until paid back, (D,): the first year with cumulated net at or above 0 in it and in every later year.

    Infinity: never within the horizon, so read quantiles and never a mean. NaN: no investment, the parties pay nothing
    towards the programme.

    >>> payback(_example(), ["municipality"]).tolist(), payback(_example(), ["state"]).tolist()
    ([2.0], [nan])
    """
    years = first_lasting_year(cumulative(cash, parties, discounted))
    return np.where(invests(cash, parties), years, NO_INVESTMENT)


def first_lasting_year(path: np.ndarray) -> np.ndarray:
    """First year (1, 2, ...) from which `path` (D, Y) stays at or above 0, (D,); infinity when it ends below.

    >>> first_lasting_year(np.array([[-1.0, 1, -1, 2], [0, 1, 2, 3], [-1, 5, 6, -1]])).tolist()
    [4.0, 1.0, inf]
    """
    slack = TOLERANCE * np.abs(path).max(axis=1, keepdims=True)
    below = path < -slack
    last = path.shape[1] - np.argmax(below[:, ::-1], axis=1)  # the last year below 0, counted from 1
    years = np.where(below.any(axis=1), last + 1.0, 1.0)
    return np.where(years > path.shape[1], NEVER, years)


def break_even_probability(
    cash: CashFlow, parties: Collection[str], discounted: bool = False, noise: np.ndarray | None = None
) -> np.ndarray:
    """Share of draws that are paid back within 1, 2, ..., Y years, (Y,); NaN where there is no investment.

    Without `noise` it is the probability for the expected result. `noise` (D, Y) are yearly departures of one realised
    group of citizens from it (`realised_noise`); each is used with both signs.

    >>> break_even_probability(_example(), ["municipality"]).tolist()
    [0.0, 1.0, 1.0]
    """
    put_in = invests(cash, parties)
    if not put_in.any():
        return np.full(len(cash.years), NO_INVESTMENT)
    net = cash.net(parties)
    paths = [net] if noise is None else [net + noise, net - noise]
    factor = cash.discount if discounted else np.ones(len(cash.years))
    years = [first_lasting_year(np.cumsum(path * factor, axis=1))[put_in] for path in paths]
    within = np.arange(1, len(cash.years) + 1)
    return np.asarray(np.mean([(y[:, None] <= within).mean(axis=0) for y in years], axis=0))


def gain(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """Everything but the programme's own cost, (D, Y) of money, undiscounted."""
    return cash.net(parties, ~programme_lines(cash))


def programme_cost(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """Present value of what the parties pay for the programme, (D,) of money."""
    return np.asarray(-cash.net(parties, programme_lines(cash)) @ cash.discount)


def return_per_krone(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """Present value gained per krone of programme cost, (D,): 1 pays for itself; NaN where nothing is put in.

    >>> return_per_krone(_example(), ["municipality"]).tolist()
    [1.0]
    """
    cost = programme_cost(cash, parties)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(cost > 0, (gain(cash, parties) @ cash.discount) / cost, NO_INVESTMENT)


def expected_return_per_krone(cash: CashFlow, parties: Collection[str]) -> float:
    """Expected gain over expected programme cost (a ratio of means); NaN where nothing is put in."""
    cost = float(programme_cost(cash, parties).mean())
    expected_gain = float((gain(cash, parties) @ cash.discount).mean())
    return expected_gain / cost if cost > 0 else float("nan")


def financing_need(net: np.ndarray) -> np.ndarray:
    """Deepest point of the cumulated net, as a positive amount: (Y,) or (..., Y) to (...).

    >>> financing_need(np.array([-5.0, -2.0, 4.0, 9.0])).tolist()
    7.0
    """
    return np.asarray(np.maximum(-np.cumsum(net, axis=-1).min(axis=-1), 0.0))


def expected_financing(cash: CashFlow, parties: Collection[str]) -> tuple[float, int | None]:
    """What the expected budget profile needs at its lowest point, undiscounted, and the calendar year of it.

    The profile is the mean over draws of the cumulated net, so the need is at most the mean of `peak_financing`, which
    lets every draw have its lowest point in a year of its own. Need 0 and no year when the profile is never below 0.

    >>> expected_financing(_example(), ["municipality"])
    (100.0, 2026)
    """
    net = cash.net(parties).mean(axis=0)
    need = float(financing_need(net))
    return need, cash.years[int(np.argmin(np.cumsum(net)))] if need > 0 else None


def peak_financing(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """The deepest deficit of each draw: most laid out at the end of any year, (D,), undiscounted and at least 0.

    It says how large the risk is. What the expected budget needs is `expected_financing`, and not the mean of these.

    >>> peak_financing(_example(), ["municipality"]).tolist()
    [100.0]
    """
    return financing_need(cash.net(parties))


def permanent_change(cash: CashFlow, parties: Collection[str]) -> np.ndarray:
    """Net gain of the last year of the horizon, (D,): what a programme that goes on changes each year by then."""
    return np.asarray(cash.net(parties)[:, -1])


def largest_cost_factor(cash: CashFlow, parties: Collection[str]) -> float:
    """What the programme's cost can be multiplied by before the expected net present value falls to 0.

    0 when nothing is gained, so that no cost pays; NaN where nothing is put in.
    """
    ratio = expected_return_per_krone(cash, parties)
    return max(ratio, 0.0) if np.isfinite(ratio) else ratio


def half_spread(half: np.ndarray, people: int, citizens: float) -> np.ndarray:
    """Departures of `citizens` real citizens from their expectation, (D, Y), from the two halves of `people`.

    `half` (D, 2, Y) is the net gain of the case as either half has it. Each half is a mean over people/2 individuals,
    so that their difference has variance 4 s²/people per citizen squared; the realised total of n citizens has n s².
    """
    if citizens <= 0:
        raise ResultError(
            "no citizens are served", value=citizens, rule="a realised result is that of people who were served"
        )
    return np.asarray((half[:, 0] - half[:, 1]) * np.sqrt(people / (4.0 * citizens)))


def _example() -> CashFlow:
    """One draw: 100 put in in year 1, 100 and 50 gained in years 2 and 3, no discounting. For the doctests."""
    from costeff.investment.cash import CashLine

    lines = (
        CashLine("programme", "municipality", "resources", "service", same("Programme"), programme=True),
        CashLine("benefit", "municipality", "citizen", "transfers", same("Benefit")),
        CashLine("benefit", "state", "citizen", "transfers", same("Benefit")),
    )
    usual = np.array([[[0.0, 100, 100], [0, 100, 100], [0, 100, 100]]])
    programme = np.array([[[100.0, 100, 100], [0, 0, 0], [0, 50, 50]]])
    discount = np.array([1.0, 1.0, 0.0])
    return CashFlow((2026, 2027, 2028), lines, usual, programme, discount, 2026)
