"""The posterior of one parameter by itself: exact whatever its prior, and in closed form where that is conjugate.

For a parameter that the trial measures directly, such as what the programme costs, no simulation is needed. Each draw
keeps its place: the share of the prior below it becomes the share of the posterior below it.
Sizes: D draws, Q points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from costeff.evidence.distributions.distribution import Distribution

POINTS, ROUNDS = 4001, 6
WIDEST, NEGLIGIBLE = 7.5, 1e-15


def exact_posterior(
    prior: Distribution, draws: np.ndarray, log_likelihood: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Draws (D,) of the prior moved to the posterior, by quadrature over the prior's normal scores.

    Without information they are the same to the last digit.

    Parameters
    ----------
    prior
        The parameter's distribution.
    draws
        Of the prior, in the parameter's unit.
    log_likelihood
        Of values (Q,), up to a constant.

    Examples
    --------
    >>> from costeff.evidence import Normal
    >>> from scipy.special import ndtri
    >>> shares = np.array([0.025, 0.5, 0.975])
    >>> moved = exact_posterior(Normal(0, 1), ndtri(shares), lambda x: -0.5 * (2 - x) ** 2)
    >>> moved.round(3).tolist(), (1 + ndtri(shares) * 0.5**0.5).round(3).tolist()
    ([-0.386, 1.0, 2.386], [-0.386, 1.0, 2.386])
    """
    from scipy.special import ndtr, ndtri

    low, high = -WIDEST, WIDEST
    score = np.linspace(low, high, POINTS)
    prior_score = np.interp(draws, prior.ppf(ndtr(score)), score)
    for _ in range(ROUNDS):
        score = np.linspace(low, high, POINTS)
        values = np.asarray(prior.ppf(ndtr(score)))
        likelihood = log_likelihood(values)
        if np.ptp(likelihood) == 0:
            return draws
        logs = likelihood - score**2 / 2
        density = np.exp(logs - logs.max())
        inside = np.flatnonzero(density > NEGLIGIBLE)
        low, high = float(score[max(inside[0] - 1, 0)]), float(score[min(inside[-1] + 1, POINTS - 1)])
    below = np.r_[0.0, np.cumsum((density[1:] + density[:-1]) / 2)]
    share = np.clip(below / below[-1], NEGLIGIBLE, 1 - NEGLIGIBLE)
    return np.asarray(np.interp(prior_score, ndtri(share), values))


def normal_log_likelihood(estimate: float, error: float) -> Callable[[np.ndarray], np.ndarray]:
    """Of a mean that was measured with a standard error."""
    return lambda x: -0.5 * ((estimate - x) / error) ** 2


def binomial_log_likelihood(count: int, people: int) -> Callable[[np.ndarray], np.ndarray]:
    """Of a share that `count` of so many people showed."""

    def of(x: np.ndarray) -> np.ndarray:
        p = np.clip(x, 1e-300, 1 - 1e-16)
        return np.asarray(count * np.log(p) + (people - count) * np.log1p(-p))

    return of
