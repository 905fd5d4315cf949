"""Several cases side by side: which is best for whom, how surely, and which to choose together under a budget limit.

Every function takes cash flows that share their luck: the same draws in the same order (common random numbers), one
price level and one first year. Doing nothing is always among the choices and is worth 0 to everyone.

The budget limit. Two limits are offered, both on the expected undiscounted cash flow of the parties who decide.
`financing` (the default): the cumulated net of the chosen cases together may in no year fall below minus the limit.
That is what a treasurer must find before the money comes back, and it is linear in the choice, since the years are
looked at together and not case by case: the peaks of two cases need not fall in the same year, so adding up their own
peaks would ask for too much. `outlay`: the cases' own cost in their first calendar year, before any gain, may not
exceed the limit; that is the rule of a pool that is handed out year by year.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.errors import ResultError
from costeff.investment.cash import CashFlow
from costeff.investment.measures import financing_need

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "nothing"
"""The choice of no case at all."""
LIMITS = ("financing", "outlay")
_EXACT = 1e-9


def shared_draws(cases: Mapping[str, CashFlow]) -> int:
    """The number of draws that all cases share; ResultError when they cannot be compared."""
    if not cases:
        raise ResultError("no case to compare", rule="one case or more")
    if NOTHING in cases:
        raise ResultError("a case may not have this name", value=NOTHING, rule="it stands for no case at all")
    for what, values in (
        ("number of draws", {cash.draws for cash in cases.values()}),
        ("price year", {cash.price_year for cash in cases.values()}),
        ("first year", {cash.years[0] for cash in cases.values()}),
        ("number of designs of the draws", {cash.replicates or 1 for cash in cases.values()}),
    ):
        if len(values) > 1:
            text = ", ".join(str(value) for value in sorted(values))
            raise ResultError(
                f"the cases do not have the same {what}",
                value=text,
                rule="cases are compared with the same draws, at one price level, discounted to one year",
                way_out=f"run them with the same {what}",
            )
    return next(iter(cases.values())).draws


def present_values(cases: Mapping[str, CashFlow], parties: Collection[str]) -> np.ndarray:
    """Discounted net gain of `parties` by draw and case, (D, cases); + is a gain.

    >>> import numpy as np
    >>> from costeff.investment.cash import CashLine
    >>> from costeff.labels import same
    >>> line = CashLine("benefit", "town", "citizen", "transfers", same("Benefit"))
    >>> usual, lower = np.full((2, 1, 1), 100.0), np.array([[[90.0]], [[60.0]]])
    >>> cash = CashFlow((2026,), (line,), usual, lower, np.ones(1), 2026)
    >>> present_values({"a": cash}, ["town"]).tolist()
    [[10.0], [40.0]]
    """
    shared_draws(cases)
    return np.stack([cash.net(parties) @ cash.discount for cash in cases.values()], axis=1)


def probability_best(cases: Mapping[str, CashFlow], parties: Collection[str]) -> dict[str, float]:
    """Share of draws in which each case has the highest present value for `parties`, doing nothing included.

    Cases that are equally good in a draw share it.
    """
    gain = np.column_stack([np.zeros(shared_draws(cases)), present_values(cases, parties)])
    best = gain == gain.max(axis=1, keepdims=True)
    share = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return dict(zip([NOTHING, *cases], (float(p) for p in share), strict=True))


def ranking(cases: Mapping[str, CashFlow], parties: Collection[str], coverage: float = 0.8) -> pd.DataFrame:
    """Cases and doing nothing, best first by expected present value for `parties`.

    Columns: case, mean, mcse, lo, hi (discounted; limits hold `coverage` of the draws), gains (probability that it
    is better than nothing), best (probability that it is the best of all), rank (expected place, 1 is best; equals
    share), ahead and ahead_mcse (expected lead over the next in the list and its error, from the same draws; NaN for
    the last).
    """
    import pandas as pd

    names = [NOTHING, *cases]
    gain = np.column_stack([np.zeros(shared_draws(cases)), present_values(cases, parties)])
    best = probability_best(cases, parties)
    place = _places(gain)
    order = sorted(range(len(names)), key=lambda i: -gain[:, i].mean())
    replicates = next(iter(cases.values())).replicates
    rows = []
    for at, i in enumerate(order):
        lo, hi = interval(gain[:, i], coverage)
        lead = gain[:, i] - gain[:, order[at + 1]] if at + 1 < len(order) else None
        rows.append(
            {
                "case": names[i],
                "mean": float(gain[:, i].mean()),
                "mcse": float(monte_carlo_error(gain[:, i], replicates)),
                "lo": float(lo),
                "hi": float(hi),
                "gains": float((gain[:, i] > 0).mean()),
                "best": best[names[i]],
                "rank": float(place[:, i].mean()),
                "ahead": np.nan if lead is None else float(lead.mean()),
                "ahead_mcse": np.nan if lead is None else float(monte_carlo_error(lead, replicates)),
            }
        )
    return pd.DataFrame(rows)


def _places(gain: np.ndarray) -> np.ndarray:
    """Place of each column within its row, 1 for the highest; equal values get the mean of their places."""
    above = (gain[:, None, :] > gain[:, :, None]).sum(axis=2)
    equal = (gain[:, None, :] == gain[:, :, None]).sum(axis=2)
    return np.asarray(above + (equal + 1) / 2)


@dataclass(frozen=True)
class Portfolio:
    """The cases chosen together under a limit, in the order given; money for the parties who decide."""

    limit: float
    cases: tuple[str, ...]
    mean: float  # expected present value
    lo: float  # limits that hold 80 % of the draws
    hi: float
    gains: float  # probability that the portfolio gains
    financing: float  # largest need of finance of the expected cash flow, undiscounted
    deficit: float  # what the deepest deficit exceeds in one draw of ten, undiscounted; NaN with one draw
    outlay: float  # cost of the cases themselves in the first year, undiscounted


def first_outlay(cash: CashFlow, parties: Collection[str]) -> float:
    """What `parties` pay for the case itself in its first calendar year, expected, as a positive amount."""
    own = np.array([line.programme for line in cash.lines])
    return float(-cash.net(parties, own)[:, 0].mean())


def best_portfolio(
    cases: Mapping[str, CashFlow],
    parties: Collection[str],
    limit: float,
    *,
    limit_on: str = "financing",
    value_to: Collection[str] | None = None,
    apart: Sequence[Collection[str]] = (),
) -> Portfolio:
    """The cases that together have the highest expected present value within a budget limit.

    `parties` decide and hold the budget; `value_to` (default: the same) are those whose gain counts. `limit` is
    on `limit_on` (see the top of this file); infinity is no limit. `apart` names cases of which
    at most one may be chosen (the same citizens at two scales). Cases are otherwise taken to be independent: their cash
    flows add up. A case is chosen whole or not at all. Solved as an integer programme by HiGHS.

    Raises ResultError for an unknown limit or name, a negative limit, and when the solver does not finish.
    """
    names = list(cases)
    shared_draws(cases)
    _check_portfolio(names, limit, limit_on, apart)
    gain = present_values(cases, value_to if value_to is not None else parties)
    rows, bounds = _limits(cases, parties, limit, limit_on)
    choice = _solved(gain.mean(axis=0), rows, bounds, [[name in group for name in names] for group in apart])
    total = gain[:, choice].sum(axis=1)
    lo, hi = interval(total, 0.8)
    years = _years(cases)
    net = sum(
        (_spread(cases[n].net(parties), cases[n], years) for n in _of(names, choice)),
        np.zeros((shared_draws(cases), len(years))),
    )
    return Portfolio(
        limit=float(limit),
        cases=_of(names, choice),
        mean=float(total.mean()),
        lo=float(lo),
        hi=float(hi),
        gains=float((total > 0).mean()),
        financing=float(financing_need(net.mean(axis=0))),
        deficit=float(interval(financing_need(net), 0.8)[1]),
        outlay=sum(first_outlay(cases[n], parties) for n in _of(names, choice)),
    )


def efficient_portfolios(
    cases: Mapping[str, CashFlow], parties: Collection[str], limits: Sequence[float], **more: object
) -> list[Portfolio]:
    """`best_portfolio` under each limit, from the tightest, without those that choose the same cases again."""
    portfolios: list[Portfolio] = []
    for limit in sorted(limits):
        portfolio = best_portfolio(cases, parties, limit, **more)  # type: ignore[arg-type]
        if not portfolios or portfolio.cases != portfolios[-1].cases:
            portfolios.append(portfolio)
    return portfolios


def _of(names: Sequence[str], choice: np.ndarray) -> tuple[str, ...]:
    return tuple(name for name, pick in zip(names, choice, strict=True) if pick)


def _check_portfolio(names: Sequence[str], limit: float, limit_on: str, apart: Sequence[Collection[str]]) -> None:
    if limit_on not in LIMITS:
        raise ResultError("unknown kind of limit", value=limit_on, rule=f"one of {', '.join(LIMITS)}")
    if not limit >= 0:
        raise ResultError("the budget limit is negative", value=limit, rule="an amount of 0 or more")
    for name in (name for group in apart for name in group):
        if name not in names:
            raise ResultError("unknown case", value=name, rule=f"cases: {', '.join(names)}")


def _years(cases: Mapping[str, CashFlow]) -> list[int]:
    return sorted({year for cash in cases.values() for year in cash.years})


def _spread(values: np.ndarray, cash: CashFlow, years: Sequence[int]) -> np.ndarray:
    """A case's yearly values (..., Y) on all years; nothing moves outside its own."""
    out = np.zeros((*values.shape[:-1], len(years)))
    out[..., [years.index(year) for year in cash.years]] = values
    return out


def _limits(
    cases: Mapping[str, CashFlow], parties: Collection[str], limit: float, limit_on: str
) -> tuple[np.ndarray, np.ndarray]:
    """Rows (R, cases) and bounds (R,) such that rows @ choice <= bounds says that the limit is kept."""
    if np.isinf(limit):
        return np.empty((0, len(cases))), np.empty(0)
    if limit_on == "outlay":
        rows = np.array([[first_outlay(cash, parties) for cash in cases.values()]])
    else:
        years = _years(cases)
        net = [_spread(cash.net(parties).mean(axis=0), cash, years) for cash in cases.values()]
        rows = -np.cumsum(np.array(net), axis=1).T
    return rows, np.full(len(rows), float(limit))


def _solved(value: np.ndarray, rows: np.ndarray, bounds: np.ndarray, apart: list[list[bool]]) -> np.ndarray:
    """The choice (cases,) of bool with the highest value under the limits; amounts scaled for the solver."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    scale = max(float(np.abs(value).max(initial=0.0)), float(np.abs(rows).max(initial=0.0)), 1.0)
    limits = [LinearConstraint(rows / scale, ub=bounds / scale + _EXACT)] if len(rows) else []
    limits += [LinearConstraint(np.array(apart, dtype=float), ub=1.0)] if apart else []
    whole = np.ones(len(value), dtype=np.int64)
    gap: Any = {"mip_rel_gap": 0.0}
    solution = milp(-value / scale, integrality=whole, bounds=Bounds(0, 1), constraints=limits or None, options=gap)
    if solution.x is None:
        raise ResultError("no best portfolio was found", value=solution.message, rule="HiGHS finishes")
    return np.asarray(solution.x > 0.5)
