"""Importance weights on draws that are there: their likelihood, how many they are worth, and rows chosen by them.

Sizes: D draws, K statistics.
"""

from __future__ import annotations

import numpy as np

PASSES = 2


def log_likelihood(data: np.ndarray, means: np.ndarray, covariances: np.ndarray, share: float = 0.0) -> np.ndarray:
    """Log likelihood (D,) of `data` (K,), up to a constant: normal about `means` (D, K).

    The covariance is that of the draws (D, K, K) averaged by their weight, found in two passes, and `share` more for
    the luck of the simulation. Without statistics it is exactly 0.

    >>> means = np.array([[0.0], [1.0], [2.0]])
    >>> (log_likelihood(np.array([1.0]), means, np.full((3, 1, 1), 0.5)).round(6) + 0.0).tolist()
    [-1.0, 0.0, -1.0]
    """
    size, number = means.shape
    logs = np.zeros(size)
    if number == 0:
        return logs
    for _ in range(PASSES):
        covariance = np.einsum("d,dij->ij", weights(logs), covariances) * (1 + share)
        factor = np.linalg.cholesky(covariance + np.diag(1e-9 * np.diag(covariance)))
        distance = np.linalg.solve(factor, (data - means).T)
        logs = -0.5 * (distance**2).sum(axis=0)
    return logs


def weights(logs: np.ndarray) -> np.ndarray:
    """Weights (D,) that sum to 1, from log likelihoods; equal ones are exactly equal."""
    own = np.exp(logs - logs.max())
    return np.asarray(own / own.sum())


def effective_draws(own: np.ndarray) -> float:
    """How many equally likely draws the weights (D,) are worth (Kish).

    >>> effective_draws(np.array([0.5, 0.5, 0.0, 0.0]))
    2.0
    """
    return float(1 / (own**2).sum())


def rows_by_weight(own: np.ndarray) -> np.ndarray:
    """Rows (D,) in order, each as often as its weight says, by systematic resampling at the middle of each step.

    Equal weights give every row once.

    >>> rows_by_weight(np.array([0.25, 0.25, 0.25, 0.25])).tolist(), rows_by_weight(np.array([0.1, 0.6, 0.3])).tolist()
    ([0, 1, 2, 3], [1, 1, 2])
    """
    size = len(own)
    edges = np.cumsum(own)
    return np.asarray(np.searchsorted(edges / edges[-1], (np.arange(size) + 0.5) / size))
