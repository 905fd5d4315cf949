"""What a study of n participants would leave of the uncertainty: three ways to the distribution of posterior means.

Each takes the regression of net benefit on the expected summaries (what an endless study would show) and returns,
by draw, an expected net benefit after a study of n participants:

* gaussian (Jalal and Alarid-Escudero 2018): the expected summaries are shrunk as normal ones would be;
* moment matching (Heath, Manolopoulou and Baio 2018): the fitted net benefits are shrunk, so that their variance is
  the prior one less the mean posterior one, which a few simulated studies show;
* importance sampling (Menzies 2016): a simulated study weights the prior draws by their likelihood, and the weighted
  mean of the fitted net benefits is the posterior mean itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.noise import shrinkage
from costeff.voi.regression.fit import Fit

Floats = NDArray[np.float64]

MATCHED_STUDIES = 64
"""Simulated studies whose posterior variance moment matching averages; Heath and others found 30-50 enough."""
WEIGHTED_STUDIES = 2000
"""Simulated studies, at most, whose posterior mean importance sampling averages."""
FEWEST_EFFECTIVE = 20
"""Effective draws behind a posterior below which importance weights are called too uneven."""
_BLOCK = 2**22
"""Weights held at a time."""
GROUPS = 8
"""Groups of simulated studies left out in turn for the error of moment matching."""


@dataclass(frozen=True)
class Posterior:
    """Expected net benefits after a study: `fitted` (draw, strategy - 1), and how well they are known."""

    fitted: Floats
    direct: Floats | None = None
    """Posterior means of the simulated studies themselves, (study, strategy - 1); None where `fitted` are meant."""
    chance: Floats | None = None
    """Chance of each study of `direct`, (study,); None where they are simulated, and equally likely."""
    followed: Floats | None = None
    """(draw, strategy - 1): how often studies of each draw lead to each choice, less the chance of it without a study;
    where this is known, it says how each draw moves the value."""
    variants: tuple[Floats, ...] = ()
    """`fitted` with some simulated studies left out, whose spread is part of the error."""
    columns: Floats | None = None
    """The basis where `fitted` are the fit's values at other points: (draw, p)."""
    effective: float = math.nan
    """Draws that carry a posterior, on average: 1 / sum of squared weights."""


def gaussian(fit: Fit, expected: Floats, luck: Floats) -> Posterior:
    """Shrink the expected summaries (draw, k) by their mean sampling covariance `luck` (k, k)."""
    deviations = expected - expected.mean(axis=0)
    prior = deviations.T @ deviations / (len(expected) - 1)
    remainder = prior - prior @ np.linalg.pinv(prior + luck, hermitian=True) @ prior  # uncertain after the study
    matrix, _ = shrinkage(prior, remainder)
    after = expected.mean(axis=0) + deviations @ matrix.T
    return Posterior(_balanced(fit.at(after), fit.mean), columns=fit.smoother.at(after))


def _balanced(fitted: Floats, mean: Floats) -> Floats:
    """On average a study leaves the mean where it is."""
    return np.asarray(fitted - fitted.mean(axis=0) + mean)


class Likelihood:
    """Normal likelihood of simulated summaries under every prior draw.

    `expected` (draw, k), `spread` (draw, k, k) the covariance for one participant; `luck` (study, k) standard
    normal, `at` (study,) the draws whose studies are simulated.
    """

    def __init__(self, expected: Floats, spread: Floats, at: NDArray[np.intp], luck: Floats) -> None:
        centre = expected.mean(axis=0)
        size, axes = np.linalg.eigh(spread.mean(axis=0))
        directions = size > 1e-12 * max(size[-1], 1e-300)
        white = axes[:, directions] / np.sqrt(size[directions])  # sampling noise has unit covariance on average
        self.mean = (expected - centre) @ white
        own = np.einsum("ki,dkl,lj->dij", white, spread, white) + 1e-9 * np.eye(int(directions.sum()))
        value, turn = np.linalg.eigh(own)
        self.precise = np.einsum("dij,dj,dkj->dik", turn, 1 / value, turn)
        self.constant = -0.5 * np.log(value).sum(axis=1)
        root = np.einsum("dij,dj,dkj->dik", turn[at], np.sqrt(value[at]), turn[at])
        self.noise = np.einsum("dij,dj->di", root, luck[:, : self.mean.shape[1]])
        self.at = at

    def weights(self, n: float) -> Iterator[tuple[slice, Floats]]:
        """Weights of the prior draws for simulated studies of n participants: blocks (study, draw), rows sum to 1."""
        draws, width = self.mean.shape
        precision_mean = np.einsum("dij,dj->di", self.precise, self.mean)
        own = self.constant - 0.5 * n * (precision_mean * self.mean).sum(axis=1)
        features = np.hstack([self.precise.reshape(draws, -1) * (-0.5 * n), precision_mean * n, own[:, None]])
        rows = max(1, _BLOCK // draws)
        for start in range(0, len(self.at), rows):
            block = slice(start, start + rows)
            x = self.mean[self.at[block]] + self.noise[block] / math.sqrt(n)
            squares = (x[:, :, None] * x[:, None, :]).reshape(len(x), width**2)
            weight = np.hstack([squares, x, np.ones((len(x), 1))]) @ features.T
            weight -= weight.max(axis=1, keepdims=True)
            np.exp(weight, out=weight)
            weight /= weight.sum(axis=1, keepdims=True)
            yield block, weight


def spaced(fit: Fit, most: int) -> NDArray[np.intp]:
    """At most `most` draws at equal steps of the quantiles of what the study is about.

    All, and each equally often, when they are few; also then in the order of quantiles, since luck that is even in the
    order of the draws would go along with draws that are even too, as Sobol's are.
    """
    draws = len(fit.fitted)
    count = most if draws > most else most // draws * draws
    deviations = fit.fitted - fit.fitted.mean(axis=0)
    first = np.linalg.eigh(deviations.T @ deviations)[1][:, -1]
    order = np.argsort(deviations @ first, kind="stable")
    return np.asarray(order[((np.arange(count) + 0.5) * draws / count).astype(int)])


def normal_luck(count: int, width: int, seed: int) -> Floats:
    """Standard normal numbers (count, width) that fill the space evenly."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    power = max(1, math.ceil(math.log2(count)))
    points = qmc.Sobol(width, rng=np.random.default_rng(seed)).random_base2(power)[:count]
    return np.asarray(ndtri(np.clip(points, 1e-12, 1 - 1e-12)))


def importance_sampling(fit: Fit, likelihood: Likelihood, n: float, covariance: Floats) -> Posterior:
    """Posterior means of simulated studies, and how often studies of each draw lead to each choice.

    A weight is a study's likelihood under a draw over its mean likelihood, so that the weights of one draw tell how
    often each study would come of it. `covariance` of the mean net benefits, by which a choice near a tie is shared.
    """
    draws, width = fit.fitted.shape
    posterior = np.empty((len(likelihood.at), width))
    effective = np.empty(len(likelihood.at))
    choice_changes, often = np.zeros((draws, width)), np.zeros(draws)
    for block, weight in likelihood.weights(n):
        posterior[block] = weight @ fit.fitted
        effective[block] = 1 / np.einsum("qd,qd->q", weight, weight)
        choice_changes += weight.T @ fit.change(posterior[block], covariance)
        often += weight.sum(axis=0)
    draws_reached = often > 0
    choice_changes[draws_reached] /= often[draws_reached, None]
    choice_changes[~draws_reached] = fit.change(
        fit.fitted[~draws_reached], covariance
    )  # so far out that no simulated study is near
    return Posterior(
        fit.fitted, _balanced(posterior, fit.mean), followed=choice_changes, effective=float(effective.mean())
    )


def moment_matching(fit: Fit, likelihood: Likelihood, n: float) -> Posterior:
    """Fitted net benefits with the variance that their posterior means would have."""
    count, width = len(likelihood.at), fit.fitted.shape[1]
    remainders, effective = np.empty((count, width, width)), np.empty(count)
    deviations = fit.fitted - fit.fitted.mean(axis=0)
    products = (deviations[:, :, None] * deviations[:, None, :]).reshape(len(deviations), -1)
    for block, weight in likelihood.weights(n):
        mean = weight @ deviations
        remainders[block] = (weight @ products).reshape(-1, width, width) - mean[:, :, None] * mean[:, None, :]
        effective[block] = 1 / np.einsum("qd,qd->q", weight, weight)
    prior = deviations.T @ deviations / len(deviations)

    def matched(studies: NDArray[np.bool_]) -> Floats:
        matrix, _ = shrinkage(prior, remainders[studies].mean(axis=0))
        return np.asarray(fit.mean + deviations @ matrix.T)

    group = np.arange(count) * GROUPS // count
    return Posterior(
        matched(np.ones(count, bool)),
        variants=tuple(matched(group != g) for g in range(GROUPS)),
        effective=float(effective.mean()),
    )
