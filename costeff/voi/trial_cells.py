"""What a study sees in each endpoint and group: a mean, or a count whose law is binomial or Poisson."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.numerics.count_quantiles import binomial_quantile, poisson_quantile

Floats = NDArray[np.float64]

NORMAL, SHARE, RATE = "normal", "share", "rate"
"""Means of many, taken as normal; numbers of people with an event, of those seen; numbers of events of those seen."""
FEWEST_EVENTS = 5.0
"""Expected events, and expected people without one, below which a count is far from normal."""
_OFTEN = 0.05
"""Share of the draws in which so few events are expected from which on they count as likely."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Every endpoint in every group that measures it, in one order, for each draw.

    A summary is a cell's mean, or the difference of two cells; `turn` (summary, cell) makes them.
    """

    mean: Floats
    """(draw, cell): what a participant's value is on average."""
    sd: Floats
    """(draw, cell): the spread between participants."""
    shape: Floats
    """(cell, cell): covariance of the cells' means for one participant in all and sd 1; 1 / n of it for n."""
    turn: Floats
    kinds: tuple[str, ...]
    """(cell,): NORMAL, SHARE or RATE."""
    names: tuple[str, ...]
    """(cell,): the endpoint and its group, for messages."""
    groups: tuple[int, ...]
    """(cell,): which group, in the order of the allocation."""
    parts: tuple[float, ...]
    """(group,): share of all participants."""
    observed: tuple[float, ...]
    """(cell,): share of a group's participants whose value is known in the end."""

    def summaries(self) -> tuple[Floats, Floats]:
        """Expected summaries (draw, k) and their covariance for one participant in all, (draw, k, k)."""
        spread = self.shape * self.sd[:, :, None] * self.sd[:, None, :]
        return self.mean @ self.turn.T, self.turn @ spread @ self.turn.T

    def people(self, participants: float) -> NDArray[np.int64]:
        """Whole participants seen in each cell, (cell,); of a group's share the largest remainders are rounded up."""
        whole = round(participants)
        exact = np.array(self.parts) * whole
        count = np.floor(exact + 1e-9).astype(np.int64)
        order = np.argsort(count - exact, kind="stable")
        count[order[: whole - int(count.sum())]] += 1
        return np.array([round(count[g] * s) for g, s in zip(self.groups, self.observed, strict=True)], np.int64)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """(cell,): where what is seen is a count."""
        return np.array([kind != NORMAL for kind in self.kinds])

    def luck(self, seed: int) -> Floats:
        """Standard normal luck of the study of each draw, correlated between cells as its means are: (draw, cell)."""
        scale = np.sqrt(np.diag(self.shape))
        size, axes = np.linalg.eigh(self.shape / np.outer(scale, scale))
        normals = np.random.default_rng(seed).normal(size=self.mean.shape)
        return np.asarray(normals @ (axes * np.sqrt(np.maximum(size, 0.0))).T)

    def simulated(self, luck: Floats, participants: float) -> Floats:
        """Summaries of one study of each draw, (draw, k): counts are whole, from the quantiles of their own law.

        A summary of a group in which nobody is seen is 0 in every draw, and tells nothing.
        """
        from scipy.special import ndtr

        people = self.people(participants)
        sample_means = self.mean + self.sd * np.sqrt(np.diag(self.shape) / participants) * luck
        nobody = self.counted & (people == 0)
        for c in np.flatnonzero(self.counted & ~nobody):
            level, mean, n = ndtr(luck[:, c]), self.mean[:, c], int(people[c])
            share = self.kinds[c] == SHARE
            count = binomial_quantile(level, n, mean) if share else poisson_quantile(level, n * mean)
            sample_means[:, c] = count / n
        summaries = sample_means @ self.turn.T
        summaries[:, (self.turn[:, nobody] != 0).any(axis=1)] = 0.0
        return np.asarray(summaries)

    def few_events(self, participants: float) -> list[str]:
        """Cells in which a study would likely count so few that the normal law is wrong, by name."""
        people = self.people(participants)
        cell_names = []
        for c in np.flatnonzero(self.counted):
            events = people[c] * self.mean[:, c]
            if self.kinds[c] == SHARE:
                events = np.minimum(events, people[c] - events)
            unsure = np.ptp(self.mean[:, c]) > 0
            if unsure and (events < FEWEST_EVENTS).mean() > _OFTEN:
                cell_names.append(self.names[c])
        return cell_names


def log_factorials(most: int) -> Floats:
    """ln k! for k from 0 to `most`."""
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(most + 1) + 1.0))


def chances_of_counts(kind: str, mean: Floats, people: int) -> tuple[NDArray[np.int64], Floats] | None:
    """The counts that are possible in any draw, (count,), and their chances in each: (count, draw), columns sum to 1.

    `mean` (draw,) the share or the rate, `people` seen. None where so many are possible that they are not listed.
    """
    from scipy.special import xlog1py, xlogy
    from scipy.stats import binom, poisson

    low, high = float(mean.min()), float(mean.max())
    if people == 0:
        return np.zeros(1, np.int64), np.ones((1, len(mean)))
    if kind == SHARE:
        first, last = binom.ppf(_RARE, people, low), binom.isf(_RARE, people, high)
    else:
        first, last = poisson.ppf(_RARE, people * low), poisson.isf(_RARE, people * high)
    first, last = max(int(first), 0), int(last)
    if (last - first + 1) * len(mean) > _MOST_CHANCES:
        return None
    counts = np.arange(first, last + 1)
    number = counts[:, None].astype(np.float64)
    if kind == SHARE:
        ways = log_factorials(people)
        log = (ways[people] - ways[counts] - ways[people - counts])[:, None]
        log = log + xlogy(number, mean) + xlog1py(people - number, -mean)
    else:
        log = xlogy(number, people * mean) - people * mean - log_factorials(last)[counts][:, None]
    chance = np.exp(log)
    return counts, np.asarray(chance / chance.sum(axis=0))


_RARE = 1e-11
"""Chance of the counts that are left out on each side, in the draw where they are likeliest."""
_MOST_CHANCES = 2 * 10**7
"""Chances of one cell, counts x draws, that are held."""


def means_apart(cells: Cells) -> bool:
    """Whether no two cells' means are correlated given the parameters."""
    away = cells.shape - np.diag(np.diag(cells.shape))
    return not away.any() or math.isclose(float(np.abs(away).max()), 0.0, abs_tol=1e-15)
