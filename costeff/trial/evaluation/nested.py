"""Errors of a partially nested design: citizens of the programme share consultants, those of usual care share nobody.

How alike the citizens of one consultant are (the intraclass correlation) widens the error of the programme's mean, and
much more that of a prediction for another consultant. With ten consultants or more it is estimated; with fewer the
trial cannot tell, and the plan's declared prior stands for it. Sizes: N people, K consultants.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

FEWEST_CLUSTERS = 10
DRAWS = 4001


@dataclass(frozen=True)
class NestedError:
    """Standard errors of a difference: as if nobody shared a consultant, with these consultants, for another one.

    `correlation` is the mean of what stands for the intraclass correlation; `is_estimated` says whether the trial told.
    """

    alone: float
    nested: float
    another: float
    correlation: float
    consultants: int
    is_estimated: bool


def nested_error(
    error: float, residuals: np.ndarray, consultant: np.ndarray, prior_scale: float, fewest: int = FEWEST_CLUSTERS
) -> NestedError:
    """Widen the `error` of an adjusted difference by what consultants share.

    Parameters
    ----------
    error
        Standard error of the difference with independent people.
    residuals
        (N,) of the programme's citizens, covariates taken out.
    consultant
        (N,) whose citizen each is.
    prior_scale
        Scale of the half-normal prior of the intraclass correlation, used below `fewest` consultants.
    fewest
        Consultants from which on the correlation is estimated.

    Examples
    --------
    >>> residuals = np.repeat([1.0, -1.0], 50)
    >>> one = nested_error(0.1, residuals, np.repeat(["a", "b"], 50), 0.0)
    >>> one.nested == one.alone == one.another, one.consultants
    (True, 2)
    """
    names, which = np.unique(consultant, return_inverse=True)
    sizes = np.bincount(which).astype(float)
    correlation, spread = expected_correlation(residuals, which, prior_scale, fewest), float(residuals.var())
    shared = correlation * spread
    extra = shared * ((sizes**2).sum() / sizes.sum() ** 2 - 1 / sizes.sum())
    return NestedError(
        error,
        sqrt(error**2 + max(float(extra), 0.0)),
        sqrt(error**2 + max(float(extra), 0.0) + shared),
        correlation,
        len(names),
        len(names) >= fewest,
    )


def expected_correlation(
    values: np.ndarray, which: np.ndarray, prior_scale: float, fewest: int = FEWEST_CLUSTERS
) -> float:
    """The intraclass correlation of `values` (N,) in clusters `which` (N,): estimated, or the mean of its prior.

    >>> print(round(expected_correlation(np.zeros(4), np.array([0, 0, 1, 1]), 0.05), 4))     # 0.05 sqrt(2 / pi)
    0.0399
    """
    if len(np.unique(which)) >= fewest:
        return intraclass(values, which)
    # Midpoints of a half-normal, so that no luck is in it; a correlation is below 1.
    from scipy.special import ndtri

    share = (np.arange(DRAWS) + 0.5) / DRAWS
    return float(np.minimum(prior_scale * ndtri((1 + share) / 2), 1.0).mean())


def intraclass(values: np.ndarray, which: np.ndarray) -> float:
    """The intraclass correlation by analysis of variance, not below 0: `which` (N,) numbers the clusters.

    >>> intraclass(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))
    1.0
    """
    sizes = np.bincount(which).astype(float)
    clusters, people = len(sizes), len(values)
    means = np.bincount(which, weights=values) / sizes
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (clusters - 1)
    within = float(((values - means[which]) ** 2).sum()) / max(people - clusters, 1)
    usual_size = (people - (sizes**2).sum() / people) / (clusters - 1)
    whole = between + (usual_size - 1) * within
    return max(float((between - within) / whole), 0.0) if whole > 0 else 0.0
