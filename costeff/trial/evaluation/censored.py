"""Mean costs of a group of whom some are lost from sight: Lin's estimator, and Bang and Tsiatis's.

Both take it that who is lost is lost for no reason that costs depend on. Lin, Feuer, Etzioni and Wax 1997 weigh the
mean cost of each part of the follow-up, of those in sight at its beginning, by the share who are alive then. Bang and
Tsiatis 2000 count in each part whoever is in sight to its end, weighed by how likely it was to be still in sight.
Sizes: N people, J parts, B replicates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.errors import ResultError
from costeff.trial.persons import PersonRows

REPLICATES = 1000


@dataclass(frozen=True, eq=False, repr=False)
class FollowedCosts(PersonRows):
    """`cost` (N, J) of each part as far as it was seen; `seen` (N,) whole weeks in sight and alive; `has_died` (N,).

    `edges` (J + 1,) are the weeks at which parts begin, and the end. Whoever has not died and was seen for fewer weeks
    than the last edge was lost.
    """

    cost: np.ndarray
    seen: np.ndarray
    has_died: np.ndarray
    edges: np.ndarray

    def people(self) -> int:
        """How many people there are."""
        return len(self.seen)


@dataclass(frozen=True)
class CensoredMean:
    """A mean cost by both estimators, with standard errors of resampled people."""

    lin: float
    lin_error: float
    weighted: float
    weighted_error: float


def censored_mean(own: FollowedCosts, luck: np.random.Generator, replicates: int = REPLICATES) -> CensoredMean:
    """Both estimators of one group's mean cost. Raises ResultError where nobody is in sight to the end of a part.

    >>> edges = np.array([0, 26, 52])
    >>> cost = np.array([[10.0, 20], [30, 40], [50, 0]])                     # the third was lost after half a year
    >>> own = FollowedCosts(cost, np.array([52, 52, 26]), np.zeros(3, bool), edges)
    >>> one = censored_mean(own, np.random.default_rng(1), replicates=50)
    >>> one.lin, one.weighted                                               # 30, the mean of all, and 30, of two
    (60.0, 60.0)
    """
    count = own.people()
    lin, by_weights = _means(np.ones((1, count)), own)
    if not (np.isfinite(lin[0]) and np.isfinite(by_weights[0])):
        raise ResultError(
            "a part of the follow-up of which nobody was seen",
            rule="in each part somebody is in sight to its end",
            way_out="shorten the plan's follow-up",
        )
    weights = luck.multinomial(count, np.full(count, 1 / count), replicates).astype(float)
    errors = [float(np.nanstd(values, ddof=1)) for values in _means(weights, own)]
    return CensoredMean(float(lin[0]), errors[0], float(by_weights[0]), errors[1])


def _means(weights: np.ndarray, own: FollowedCosts) -> tuple[np.ndarray, np.ndarray]:
    """Both means (B,) of people who count `weights` (B, N) times."""
    edges, end = own.edges, int(own.edges[-1])
    weeks_in_sight = np.minimum(own.seen, end)
    has_died = own.has_died & (weeks_in_sight < end)
    alive, in_sight = (
        _still(weights, weeks_in_sight, has_died, end),
        _still(weights, weeks_in_sight, ~has_died & (weeks_in_sight < end), end, has_died),
    )
    lin, by_weights = np.zeros(len(weights)), np.zeros(len(weights))
    with np.errstate(invalid="ignore", divide="ignore"):
        for j in range(len(edges) - 1):
            begin, until = int(edges[j]), int(edges[j + 1])
            begins = (weeks_in_sight > begin).astype(float)
            lin += alive[:, begin] * (weights @ (begins * own.cost[:, j])) / (weights @ begins)
            whole = np.where(has_died, np.minimum(weeks_in_sight, until), until)
            counts = (weeks_in_sight >= whole) & ((weeks_in_sight > begin) | has_died)
            shares = in_sight[:, whole]
            by_weights += (weights * counts * own.cost[:, j] / shares).sum(axis=1) / weights.sum(axis=1)
    return lin, by_weights


def _still(
    weights: np.ndarray, weeks_in_sight: np.ndarray, ends: np.ndarray, last: int, goes_first: np.ndarray | None = None
) -> np.ndarray:
    """Kaplan-Meier shares (B, last + 1) to whom it has not happened before each week; `ends` (N,) are those it did.

    Of deaths the share at a week is of those who are alive in it, so a death after whole weeks counts in it; of losses
    it is of those in sight to its beginning. Those in `goes_first` who end in the same week were not at risk.
    """
    out = np.ones((len(weights), last + 1))
    for week in range(last):
        at_risk = weeks_in_sight >= week
        if goes_first is not None:
            at_risk &= ~(goes_first & (weeks_in_sight == week))
        risk = weights @ at_risk
        share = 1 - np.divide(
            weights @ (ends & (weeks_in_sight == week)), risk, out=np.zeros(len(risk)), where=risk > 0
        )
        if goes_first is None:
            out[:, week] = (out[:, week - 1] if week else 1.0) * share
        else:
            out[:, week + 1] = out[:, week] * share
    if goes_first is None:
        out[:, last] = out[:, last - 1]
    return out
