"""The model as a linear one: targets regressed on scores and log ratios, and what then follows in closed form.

P columns of scores and log ratios, K targets, J members, N nodes of the unknown SDs. With a linear model, normal scores
and normal errors, the published figures are jointly normal: their evidence, the prediction of one source from all
others and the posterior of the scores follow without another simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
LEAST_T = 2.0
"""Slopes below this many standard errors are taken to be none: a hundred columns of noise would add up."""


@dataclass(frozen=True)
class Linear:
    """y = intercept + slopes x: `intercept` (K,), `slopes` (K, P), on the likelihood's scale.

    `rest` (K,) is the variance of what is not linear, simulation noise taken out.
    """

    intercept: Floats
    slopes: Floats
    rest: Floats

    def covariance(self, variances: Floats) -> Floats:
        """Covariance (K, K) of the predictions when the columns have these `variances` (P,)."""
        return np.asarray((self.slopes * variances) @ self.slopes.T)

    def mean(self, centres: Floats) -> Floats:
        """Mean predictions (K,) when the columns have these means (P,)."""
        return np.asarray(self.intercept + self.slopes @ centres)


@dataclass(frozen=True)
class Mixture:
    """Predictions of m targets, normal given the SDs: `means` (N, m), `covariances` (N, m, m), `weights` (N,)."""

    weights: Floats
    means: Floats
    covariances: Floats

    @property
    def mean(self) -> Floats:
        """Mean of each target, (m,)."""
        return np.asarray(self.weights @ self.means)

    @property
    def sd(self) -> Floats:
        """Standard deviation of each target, (m,)."""
        inside = np.einsum("n,nii->i", self.weights, self.covariances)
        between = self.weights @ (self.means - self.mean) ** 2
        return np.asarray(np.sqrt(inside + between))

    def log_density(self, data: Floats) -> float:
        """Log density at `data` (m,), all targets together."""
        logs = [normal_log_density(data - m, c) for m, c in zip(self.means, self.covariances, strict=True)]
        return float(log_sum(np.log(self.weights) + np.array(logs)))


def fit_linear(columns: Floats, values: Floats, reads: Truths, noise: Floats) -> Linear:
    """Least squares of each of `values` (J, K) on those of `columns` (J, P) that it `reads` (K, P); `noise` (K,) is the
    variance of the simulation noise in the values.

    Slopes below `LEAST_T` standard errors are dropped, and the rest is fitted again.
    """
    size = values.shape[1]
    intercept, slopes, rest = np.empty(size), np.zeros((size, columns.shape[1])), np.empty(size)
    for k in range(size):
        chosen_columns = np.flatnonzero(reads[k])
        for last in (False, True):
            design = np.column_stack([np.ones(len(columns)), columns[:, chosen_columns]])
            coefficients, *_ = np.linalg.lstsq(design, values[:, k], rcond=None)
            residual = values[:, k] - design @ coefficients
            variance = float(residual @ residual) / max(len(columns) - design.shape[1], 1)
            if not last:
                errors = np.sqrt(variance * np.diag(np.linalg.pinv(design.T @ design)))
                chosen_columns = chosen_columns[np.abs(coefficients[1:]) >= LEAST_T * errors[1:]]
        intercept[k], slopes[k, chosen_columns], rest[k] = (
            coefficients[0],
            coefficients[1:],
            max(variance - noise[k], 0.0),
        )
    return Linear(intercept, slopes, rest)


def log_evidence(linear: Linear, data: Floats, error: Floats, centres: Floats, variances: Floats) -> Floats:
    """Log evidence (N,) of `data` (K,) with `error` (K, K) for each row of `variances` (N, P)."""
    distance, whole = data - linear.mean(centres), error + np.diag(linear.rest)
    return np.array([normal_log_density(distance, linear.covariance(row) + whole) for row in variances])


def left_out(
    linear: Linear, data: Floats, error: Floats, centres: Floats, variances: Floats, groups: Sequence[NDArray[np.intp]]
) -> list[Mixture]:
    """The targets of each of `groups` predicted from all others, their own error included.

    Each row of `variances` (N, P) is a node of the unknown SDs, equally likely a priori; its weight is the evidence of
    the data that are not left out.
    """
    distance, whole = data - linear.mean(centres), error + np.diag(linear.rest)
    evidence = log_evidence(linear, data, error, centres, variances)
    parts: list[list[tuple[float, Floats, Floats]]] = [[] for _ in groups]
    for row in variances:
        inverse = np.linalg.inv(linear.covariance(row) + whole)
        for group, own in zip(groups, parts, strict=True):
            covariance = np.linalg.inv(inverse[np.ix_(group, group)])
            miss = covariance @ (inverse[group] @ distance)
            own.append((normal_log_density(miss, covariance), miss, covariance))
    mixtures = []
    for group, own in zip(groups, parts, strict=True):
        densities, misses, covariances = map(np.array, zip(*own, strict=True))
        mixtures.append(Mixture(normalised(evidence - densities), data[group] - misses, covariances))
    return mixtures


def linear_posterior(
    linear: Linear, data: Floats, error: Floats, centres: Floats, variances: Floats
) -> tuple[Floats, Floats]:
    """Mean (P,) and covariance (P, P) of the columns given `data` (K,), for one row of `variances` (P,)."""
    cross = variances[:, None] * linear.slopes.T
    whole = linear.covariance(variances) + error + np.diag(linear.rest)
    gain = np.linalg.solve(whole, cross.T).T
    return centres + gain @ (data - linear.mean(centres)), np.diag(variances) - gain @ cross.T


def normal_log_density(distance: Floats, covariance: Floats) -> float:
    """Log density of a normal vector at this `distance` (m,) from its mean."""
    factor = np.linalg.cholesky(covariance)
    standard = np.linalg.solve(factor, distance)
    return float(-standard @ standard / 2 - np.log(np.diag(factor)).sum() - len(distance) * np.log(2 * np.pi) / 2)


def log_sum(logs: Floats) -> float:
    """Log of the sum of exponentials."""
    top = logs.max()
    return float(top + np.log(np.exp(logs - top).sum()))


def normalised(logs: Floats) -> Floats:
    """Weights that sum to 1, from their logs up to a constant."""
    return np.asarray(np.exp(logs - log_sum(logs)))
