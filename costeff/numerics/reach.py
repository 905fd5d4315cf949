"""Share of people whom a programme reaches by year: a ramp towards a ceiling, and what lasts when its project ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def reach_by_year(
    ceiling: ArrayLike,
    time_constant: ArrayLike,
    years: int,
    *,
    ends: int | None = None,
    kept_share: ArrayLike = 1.0,
    loss: ArrayLike = np.inf,
    attrition_rate: ArrayLike = 0.0,
) -> Floats:
    """Mean share reached within each year since the start, (..., Y).

    At time t the ramp has reached ceiling (1 - exp(-t / time_constant)), times exp(-attrition_rate t) for staff who
    leave and are not replaced by trained ones. From `ends` on `kept_share` lasts; the rest goes at the rate `loss`.

    Parameters
    ----------
    ceiling : share in the end, 0 to 1, (...)
    time_constant : years until 63 % of the ceiling is reached; 0: all of it from the first day, (...)
    years : how many
    ends : whole years from the start to the end of the project's money; None: it does not end
    kept_share : share of what is reached that lasts after the end, (...)
    loss : yearly rate at which the rest goes; infinity: at once, (...)
    attrition_rate : yearly rate at which trained staff are lost, (...)

    Examples
    --------
    >>> reach_by_year(0.5, 0, 3).tolist(), reach_by_year(0.5, 0, 3, ends=2, kept_share=0).tolist()
    ([0.5, 0.5, 0.5], [0.5, 0.5, 0.0])
    >>> reach_by_year(1, 2, 3).round(4).tolist()     # 1 - 2 (exp(-y / 2) - exp(-(y + 1) / 2))
    [0.2131, 0.5227, 0.7105]
    """
    full, constant, lasting, rate, attrition = np.broadcast_arrays(
        *(np.asarray(one, float)[..., None] for one in (ceiling, time_constant, kept_share, loss, attrition_rate))
    )
    year = np.arange(years, dtype=float)
    after = year >= (years if ends is None else ends)
    with np.errstate(divide="ignore"):
        pace = np.where(constant > 0, 1 / constant, np.inf)
    end = 0.0 if ends is None else float(ends)
    project = _mean_exponential(attrition, year) - _mean_exponential(attrition + pace, year)
    at_once = np.isinf(rate)
    finite_rate = np.where(at_once, 0.0, rate)
    fading = _mean_exponential(attrition + finite_rate, year, finite_rate * end) - _mean_exponential(
        attrition + finite_rate + pace, year, finite_rate * end
    )
    after_end = lasting * project + (1 - lasting) * np.where(at_once, 0.0, fading)
    return np.asarray(full * np.where(after, after_end, project))


def _mean_exponential(rate: Floats, year: Floats, since: Floats | float = 0.0) -> Floats:
    """Mean of exp(since - rate t) over each year from `year` to a year later, at most 1; 0 at an infinite rate."""
    finite = np.where(np.isinf(rate), 1.0, rate)
    small = finite < 1e-9
    safe = np.where(small, 1.0, finite)
    begin = np.exp(np.minimum(since - finite * year, 0.0))
    return np.where(np.isinf(rate), 0.0, np.where(small, begin, begin * -np.expm1(-safe) / safe))
