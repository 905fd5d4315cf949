"""The likelihood: targets on the scale on which their error is near normal, with standard deviations and covariance.

Shares are compared on the logit scale; medians of weeks, numbers of events and ratios on the log scale. A share of
`n` people has the binomial variance 1 / (n p (1 - p)) there (delta method); other targets take the width of their
95 % interval. Shares of the same people in the same cycle that exclude each other are multinomial: covariance
-1 / (n (1 - p) (1 - q)). The model's discrepancy adds its own variance, independent between targets, so that a
register of 200,000 people does not outweigh everything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.calibrate.target import Target
from costeff.evidence.distributions.distribution import Z975

__all__ = [
    "Z975",
    "error_covariance",
    "exclude_each_other",
    "natural",
    "sampling_covariance",
    "sampling_sd",
    "transformed",
]

Floats = NDArray[np.float64]


def transformed(target: Target, value: ArrayLike) -> Floats:
    """A value of the target on the scale of the likelihood: logit of a share, log of any other number."""
    x = np.asarray(value, dtype=float)
    return np.asarray(np.log(x / (1 - x)) if target.statistic.share else np.log(x))


def natural(target: Target, value: ArrayLike) -> Floats:
    """The inverse of `transformed`."""
    x = np.asarray(value, dtype=float)
    return np.asarray(1 / (1 + np.exp(-x)) if target.statistic.share else np.exp(x))


def sampling_sd(target: Target) -> float:
    """Standard deviation of the published figure on the transformed scale.

    >>> from costeff.calibrate.statistic import Statistic
    >>> half = Target("t", "T", "calibrate", Statistic("state_share", 52, ("work",)), 0.5, (0.4, 0.6), n=100)
    >>> sampling_sd(half)
    0.2

    """
    if target.statistic.share and target.n is not None:
        return float(1 / np.sqrt(target.n * target.value * (1 - target.value)))
    low, high = transformed(target, target.interval)
    return float((high - low) / (2 * Z975))


def sampling_covariance(targets: Sequence[Target]) -> Floats:
    """Covariance (K, K) of the published figures on the transformed scale."""
    covariance = np.diag([sampling_sd(t) ** 2 for t in targets])
    for i, one in enumerate(targets):
        for j, other in enumerate(targets[:i]):
            if one.n is not None and exclude_each_other(one, other):
                covariance[i, j] = covariance[j, i] = -1 / (one.n * (1 - one.value) * (1 - other.value))
    return np.asarray(covariance)


def exclude_each_other(one: Target, other: Target) -> bool:
    """Whether two targets are shares of the same people, in the same cycle, in states of which a person has one."""
    a, b = one.statistic, other.statistic
    return (
        a.type == b.type in ("state_share", "state_share_after")
        and (a.passage, a.follow) == (b.passage, b.follow)
        and (one.source, one.n, one.start) == (other.source, other.n, other.start)
        and dict(one.changes) == dict(other.changes)
        and (a.at, set(a.among)) == (b.at, set(b.among))
        and not set(a.states) & set(b.states)
    )


def error_covariance(targets: Sequence[Target], discrepancy: float) -> Floats:
    """Sampling covariance plus the variance of the model's discrepancy, (K, K)."""
    return np.asarray(sampling_covariance(targets) + discrepancy**2 * np.eye(len(targets)))
