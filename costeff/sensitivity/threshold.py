"""Where a result reaches a target as one parameter changes: a search on a grid, then Brent's root finding.

The finder knows a function of one number only. What the number stands for, and the error of the function, are the
business of those who ask.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import highest
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

Function = Callable[[float], float]
FALLS, RISES = "falls", "rises"


@dataclass(frozen=True)
class Root:
    """A value at which the result equals the target. `mcse`: its Monte Carlo error, in the parameter's unit.

    `direction` says whether the result falls or rises through the target as the parameter grows.
    """

    value: float
    mcse: float
    direction: str
    margin: float = math.nan
    """Half the width of its 95 % interval, by Student's law of the batches behind the error; NaN when not known."""
    settled: bool | None = None
    """Whether that interval lies inside the range searched, so that another run would find a root here too; None when
    nothing is known of the error."""


@dataclass(frozen=True)
class Switch:
    """A value at which another strategy becomes the best of all, as the parameter grows. `mcse`: as for a root."""

    value: float
    mcse: float
    before: str
    after: str
    margin: float = math.nan
    """As for a root."""
    settled: bool | None = None
    """As for a root."""


@dataclass(frozen=True, eq=False)
class Threshold:
    """The values between `low` and `high` at which a result reaches `target`, with the curve that was searched.

    `curve` has columns value, result, mcse, preferred (of all strategies); `attrs` what the result is (as those of a
    one-way table).
    """

    parameters: tuple[str, ...]
    unit: str
    low: float
    high: float
    target: float
    roots: tuple[Root, ...]
    curve: pd.DataFrame
    base_value: float
    base_result: float
    attrs: dict[str, object]
    share_below: tuple[float, ...] = ()
    """Probability, by the parameter's own distribution, that it lies below each root; empty when it has none."""
    interval: tuple[float, float] | None = None
    """The parameter's 95 % interval, when it has one."""
    switches: tuple[Switch, ...] = ()
    """Where another strategy becomes the best of all strategies, as the parameter grows."""

    def __repr__(self) -> str:
        names = ", ".join(self.parameters)
        places = ", ".join(f"{root.value:.6g} (error {root.mcse:.2g})" for root in self.roots) or "nowhere"
        return f"Threshold of {names} ({self.unit}): {places}, between {self.low:.6g} and {self.high:.6g}"

    @property
    def found(self) -> bool:
        """Whether the target is reached anywhere in the range."""
        return bool(self.roots)


def search(low: float, high: float, points: int) -> NDArray[np.float64]:
    """The grid that is searched first, (points,). Raises ScenarioError for a range or number that is no use."""
    if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
        raise ScenarioError(
            "the range searched is empty",
            value=f"{low:g} to {high:g}",
            rule="low < high, both finite",
            way_out="give low= and high= (on the command line --low and --high)",
        )
    if points < 2:
        raise ScenarioError("too few points to search", value=points, rule="at least 2")
    return np.linspace(low, high, points)


def roots(function: Function, values: Sequence[float], results: Sequence[float], *, tolerance: float) -> list[float]:
    """Where `function` crosses 0, given its `results` at rising `values`; each crossing to within `tolerance`.

    Between neighbouring values at most one crossing is found. A value where the result is exactly 0 is a root, and none
    is sought between it and its neighbours; where it is 0 at every value there is none, as nothing is told apart.
    Raises ResultError when a result is not finite.

    >>> roots(lambda x: x * x - 2, [-3.0, 0.0, 3.0], [7.0, -2.0, 7.0], tolerance=1e-12)
    [-1.414213562373..., 1.414213562373...]
    """
    from scipy.optimize import brentq

    if not np.isfinite(results).all():
        raise ResultError("a result is not finite", value=list(results))
    if not np.any(results):
        return []
    crossings: list[float] = []
    pairs = list(zip(values, results, strict=True))
    for i, (value, result) in enumerate(pairs):
        if result == 0:
            crossings.append(float(value))
        elif i + 1 < len(pairs) and result * pairs[i + 1][1] < 0:
            crossings.append(float(brentq(function, value, pairs[i + 1][0], xtol=tolerance)))
    return crossings


def switches(
    benefit: Callable[[float], NDArray[np.float64]],
    values: Sequence[float],
    benefits: NDArray[np.float64],
    *,
    tolerance: float = 1e-10,
) -> list[tuple[float, int, int]]:
    """Where another strategy has the highest of `benefit` (strategy,): value, the one before and the one after.

    `benefits` (value, strategy) are those at rising `values`; the first of a tie counts as the best. A strategy that is
    best only between two neighbouring values, which are both another's, is not seen.

    >>> def lines(x):
    ...     return np.array([0.0, x - 1, 2 * x - 4])
    >>> switches(lines, [0.0, 9.0], np.array([lines(0.0), lines(9.0)]))
    [(1.0, 0, 1), (3.0, 1, 2)]
    """
    from scipy.optimize import brentq

    best = _first_best(benefits)
    reach = tolerance * (values[-1] - values[0])

    def between(low: float, before: int, high: float, after: int) -> list[tuple[float, int, int]]:
        if before == after or high - low <= reach:
            return [] if before == after else [(high, before, after)]

        def lead(x: float) -> float:
            worth = benefit(x)
            return float(worth[after] - worth[before])

        if lead(low) * lead(high) >= 0:  # equal at an end, or a third one was the best at both
            return [(low if lead(low) == 0 else high, before, after)]
        at = float(brentq(lead, low, high, xtol=reach))
        third = int(_first_best(benefit(at)[None, :])[0])
        worth = benefit(at)
        if third in (before, after) or worth[third] - max(worth[before], worth[after]) <= 0:
            return [(at, before, after)]
        return between(low, before, at, third) + between(at, third, high, after)

    pairs = zip(values[:-1], best[:-1], values[1:], best[1:], strict=True)
    return [one for low, before, high, after in pairs for one in between(low, before, high, after)]


def _first_best(benefits: NDArray[np.float64]) -> list[int]:
    """The first of the highest in each row, but for rounding dust."""
    order = range(benefits.shape[-1])
    return [int(s) for s in highest(benefits, np.abs(benefits), order)]


def bounded(value: float, margin: float, low: float, high: float) -> bool | None:
    """Whether a value is settled: its interval lies inside the range searched; None where its margin is not known.

    >>> bounded(5.0, 2.0, 0.0, 9.0), bounded(8.0, 2.0, 0.0, 9.0), bounded(8.0, math.nan, 0.0, 9.0)
    (True, False, None)
    """
    return None if math.isnan(margin) else bool(low <= value - margin and value + margin <= high)


def root(function: Function, value: float, low: float, high: float, mcse: float) -> Root:
    """A root with its error: that of the function there divided by the slope between `low` and `high` about it."""
    slope = (function(high) - function(low)) / (high - low)
    error = mcse / abs(slope) if slope else math.nan
    return Root(value, error, RISES if slope > 0 else FALLS)
