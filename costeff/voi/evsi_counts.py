"""A study that counts events in one or two groups: all its possible results are summed over, each by its chance.

For one share with a beta prior this is the sum over the beta-binomial distribution, for any other prior the same with
the draws in place of the prior. Nothing is taken as normal, so that the sum is right however few events are expected.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from costeff.voi.evsi_methods import Posterior
from costeff.voi.regression.fit import Fit
from costeff.voi.trial_cells import Cells, chances_of_counts, means_apart

Floats = NDArray[np.float64]

_MOST_CELLS = 2
_MOST_WORK = 10**9
"""Pairs of counts x draws above which results are not listed: about a second. Events are many by then."""


class Counted:
    """Whether, and how, all results of a study are listed: see `of`."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.possible = bool(cells.counted.all() and len(cells.kinds) <= _MOST_CELLS and means_apart(cells))

    def of(self, fit: Fit, participants: float, covariance: Floats) -> Posterior | None:
        """What each possible result leaves; None where a study's results are not counts, or too many to list.

        `covariance` of the mean net benefits, by which a choice near a tie is shared.
        """
        if not self.possible:
            return None
        people = self.cells.people(participants)
        cell_counts = [
            chances_of_counts(kind, self.cells.mean[:, c], int(people[c])) for c, kind in enumerate(self.cells.kinds)
        ]
        one, *rest = cell_counts
        other = rest[0] if rest else (np.zeros(1, np.int64), np.ones((1, len(self.cells.mean))))
        if one is None or other is None:
            return None
        (first, left_chances), (second, right) = one, other
        if len(left_chances) * len(right) * left_chances.shape[1] > _MOST_WORK:
            return None
        result = self._results(first, second, people)
        return _listed(fit, left_chances, right, result, covariance)

    def _results(
        self, first: NDArray[np.int64], second: NDArray[np.int64], people: NDArray[np.int64]
    ) -> NDArray[np.intp]:
        """Which results are told apart, (first, second): each pair, or each difference of shares for a contrast."""
        if len(self.cells.turn) == len(self.cells.kinds):
            return np.arange(len(first) * len(second)).reshape(len(first), len(second))
        if people.min() == 0:  # nobody in one group: the difference tells nothing
            return np.zeros((len(first), len(second)), np.intp)
        difference = second[None, :] * people[0] - first[:, None] * people[1]
        return np.asarray(np.unique(difference, return_inverse=True)[1].reshape(difference.shape))


def _listed(fit: Fit, left_chances: Floats, right: Floats, result: NDArray[np.intp], covariance: Floats) -> Posterior:
    """Posterior means over listed results from the chances of counts by draw, (count, draw) of each cell."""
    draws, width = fit.fitted.shape
    last = int(result.max()) + 1

    def gathered(weight: Floats | None) -> Floats:
        """Sum over the draws of each result's chance, times a weight of each draw."""
        pairs = (left_chances if weight is None else left_chances * weight) @ right.T
        return np.asarray(np.bincount(result.ravel(), weights=pairs.ravel(), minlength=last) / draws)

    chance = gathered(None)
    there = chance > 0
    posterior = np.zeros((last, width))
    for s in range(width):
        posterior[there, s] = (gathered(fit.fitted[:, s]) / np.where(there, chance, 1.0))[there]
    posterior += fit.mean - fit.fitted.mean(axis=0)
    change = fit.change(posterior, covariance)
    choice_changes = np.empty((draws, width))
    for s in range(width):
        choice_changes[:, s] = np.einsum("ki,ki->i", left_chances, change[result, s] @ right)
    return Posterior(
        fit.mean + (fit.fitted - fit.fitted.mean(axis=0)),
        posterior,
        chance=chance,
        followed=choice_changes,
        effective=_effective(left_chances, right, result, chance, draws),
    )


def _effective(left_chances: Floats, right: Floats, result: NDArray[np.intp], chance: Floats, draws: int) -> float:
    """Draws behind a posterior, on average over results by their chance; pairs of one result count separately."""
    square = (left_chances**2) @ (right**2).T
    weight = left_chances @ right.T
    support = weight > 0
    return float((weight[support] ** 3 / square[support]).sum() / draws)
