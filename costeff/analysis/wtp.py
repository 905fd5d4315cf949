"""Willingness to pay: read and check it in one place. There is no default value anywhere in costeff.

A Danish analysis has no official threshold, so a number chosen by the library would be a decision
taken in silence; whoever asks for a decision says what a unit of effect is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.apart import check_wtp
from costeff.errors import ScenarioError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData


def read_wtp(
    wtp: ArrayLike | None, *evaluations: EvaluationData, positive: bool = False
) -> tuple[NDArray[np.float64], bool]:
    """Return the values of `wtp` as (wtp,) and whether a single number was given.

    `wtp` is in currency per unit of effect gained. `positive` refuses 0 (net health benefit divides by it).
    Raises ScenarioError when it is missing, empty, not a number, negative or infinite, and above 0 when one of
    `evaluations`, of which it is asked, holds no effects (see costeff.analysis.apart).

    >>> read_wtp(250_000)
    (array([250000.]), True)
    >>> read_wtp([0, 1e5])[1]
    False
    """
    if wtp is None:
        raise ScenarioError(
            "willingness to pay is missing",
            rule="costeff has no default willingness to pay",
            way_out="give wtp= in currency per unit of effect, a number or range(0, 500_001, 10_000)",
        )
    try:
        values = np.asarray(wtp, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ScenarioError("willingness to pay is not a number", value=wtp, way_out="give numbers") from error
    if values.ndim > 1 or values.size == 0:
        raise ScenarioError("willingness to pay must be one number or a row of numbers", value=f"shape {values.shape}")
    range_mask = np.isfinite(values) & ((values > 0) if positive else (values >= 0))
    if not range_mask.all():
        raise ScenarioError(
            "willingness to pay is out of range",
            value=np.atleast_1d(values)[~np.atleast_1d(range_mask)][0],
            rule="it is finite and " + ("above 0" if positive else "not negative"),
            way_out="an effect of which less is better has effect_sign=-1, not a negative willingness to pay",
        )
    for evaluation in evaluations:
        check_wtp(evaluation, np.atleast_1d(values).tolist())
    return np.atleast_1d(values), values.ndim == 0


CURVE_POINTS = 101
"""Values along which a curve is drawn when only single ones were asked for."""
MOST_SINGLE = 6
"""So many values or fewer are single ones, for tables; more are the points of a curve."""


@dataclass(frozen=True)
class WtpCurve:
    """What was asked of willingness to pay: the values of a table, those along which curves run, and the one marked."""

    values: NDArray[np.float64]
    """Shown in tables: each that was asked for, or five of the points of a curve."""
    curve: NDArray[np.float64]
    """(point,): rising; fewer than two when there is nothing to draw."""
    at: float | None
    """Marked in figures: the first single value."""


def wtp_curve(wtp: ArrayLike) -> WtpCurve:
    """Values for tables and for curves from what a user asks for.

    At most MOST_SINGLE values are single ones: curves run from 0 to twice the largest, and the first is marked. More
    values are the points of the curves, of which tables show five. Raises ScenarioError as `read_wtp` does.

    >>> asked = wtp_curve([20_000, 30_000])
    >>> asked.values.tolist(), asked.curve[[0, -1]].tolist(), asked.at
    ([20000.0, 30000.0], [0.0, 60000.0], 20000.0)
    >>> wtp_curve(range(0, 101, 10)).values.tolist()
    [0.0, 20.0, 50.0, 80.0, 100.0]
    """
    values = read_wtp(wtp)[0]
    distinct = np.unique(values)
    if len(distinct) > MOST_SINGLE:
        positions = np.linspace(0, len(distinct) - 1, 5).round().astype(int)
        return WtpCurve(distinct[positions], distinct, None)
    points = np.linspace(0.0, 2 * distinct[-1], CURVE_POINTS)
    return WtpCurve(distinct, np.unique(np.concatenate([points, distinct])), float(values[0]))
