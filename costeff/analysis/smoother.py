"""Ensemble smoother with multiple data assimilation (ES-MDA): prior ensemble in, posterior ensemble out.

Source: Emerick and Reynolds (2013), Ensemble smoother with multiple data assimilation, Computers &
Geosciences 55:3-15. Each of A updates uses the data with error covariance A R, so that together they use it
once. For a linear model with normal prior and error the posterior is exact as the ensemble grows; for others
it is an approximation that the tests measure.

Chance correlations between scores and predictions narrow an ensemble that has few members for its number of figures.
How much is seen on scores that nothing depends on, whose spread should stay: all deviations are multiplied by what
those lost (adaptive inflation, as in Evensen 2009, Data Assimilation: The Ensemble Kalman Filter, 2nd edition).

The predictions of a microsimulation carry simulation noise of covariance S. It is part of the perturbation
that the method adds anyway: A R - S is added instead of A R, so noise neither widens nor moves the posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.errors import EngineError
from costeff.evidence.draw import generator

Floats = NDArray[np.float64]
ASSIMILATIONS = 4
WITNESSES = 200
"""Scores that nothing depends on, by which narrowing by chance is seen."""
LEAST_ADDITION = 0.05
"""Least share of an update's error that is added to noisy predictions, however large their noise."""


@dataclass(frozen=True)
class Predicted:
    """Predictions (J, K) of an ensemble on the scale of the likelihood, and the covariance (K, K) of their noise."""

    values: Floats
    noise: Floats


def posterior_ensemble(
    prior: Floats,
    predict: Callable[[Floats, int], Predicted],
    data: Floats,
    covariance: Floats,
    *,
    names: Sequence[str],
    seed: int,
    assimilations: int = ASSIMILATIONS,
    noise_may_be_large: bool = False,
    inflate: bool = False,
) -> Floats:
    """Move the ensemble `prior` (J, P) towards `data` (K,), whose errors have `covariance` (K, K).

    `predict(ensemble, update)` runs the model. `names` (K,) address the perturbations, so the same seed gives
    the same posterior. Where noise is larger than the error of one update it is refused, or, with
    `noise_may_be_large`, it stands for that error: the update learns less there than the figure would allow. With
    `inflate`, what chance correlations take from the spread is given back after each update.
    Raises EngineError for an ensemble that is too small, or noise larger than the error it may stand in for.
    """
    members, size = prior.shape[0], len(data)
    if members < 2 * (size + 1):
        raise EngineError(
            "too few draws for the number of targets",
            value=members,
            rule=f"at least {2 * (size + 1)} for {size} targets",
            way_out="ask for more draws",
        )
    ensemble = np.array(prior, dtype=float)
    for update in range(assimilations):
        prediction = predict(ensemble, update)
        error = assimilations * covariance
        addition = error - prediction.noise
        if noise_may_be_large:
            addition = _at_least(addition, error)
        perturbations = _perturbations(addition, members, names, seed, update)
        y = prediction.values
        deviations = y - y.mean(axis=0)
        scale = members - 1
        between = (ensemble - ensemble.mean(axis=0)).T @ deviations / scale
        # `y` already holds the noise, so the covariance of y plus what was added is C_gg + A R.
        total = deviations.T @ deviations / scale + addition
        gain = np.linalg.solve(total, between.T).T
        moves = data + perturbations - y
        ensemble = ensemble + moves @ gain.T
        if inflate:
            centre = ensemble.mean(axis=0)
            ensemble = centre + (ensemble - centre) / _left_by_chance(deviations, total, moves, seed, update)
    return ensemble


def _left_by_chance(deviations: Floats, total: Floats, moves: Floats, seed: int, update: int) -> float:
    """The share of their SD that scores which nothing depends on keep in an update.

    `deviations` (J, K) of the predictions and their `total` covariance (K, K) make the gain; `moves` (J, K) is what it
    multiplies.
    """
    members = len(deviations)
    witnesses = generator(seed, f"calibrate:{update}: witnesses").standard_normal((members, WITNESSES))
    witnesses -= witnesses.mean(axis=0)
    gain = np.linalg.solve(total, deviations.T @ witnesses / (members - 1))
    return float(np.sqrt((witnesses + moves @ gain).var(axis=0).mean() / witnesses.var(axis=0).mean()))


def _at_least(addition: Floats, error: Floats) -> Floats:
    """`addition` (K, K) with no direction below `LEAST_ADDITION` of the `error` (K, K) in it."""
    factor = np.linalg.cholesky(error)
    inverse = np.linalg.inv(factor)
    values, vectors = np.linalg.eigh(inverse @ addition @ inverse.T)
    if values.min() >= LEAST_ADDITION:
        return addition
    root = factor @ vectors * np.sqrt(np.maximum(values, LEAST_ADDITION))
    return np.asarray(root @ root.T)


def _perturbations(covariance: Floats, members: int, names: Sequence[str], seed: int, update: int) -> Floats:
    """Normal numbers (J, K) with this covariance and a mean of exactly 0."""
    least = float(np.linalg.eigvalsh(covariance).min())
    if least <= 0:
        raise EngineError(
            "simulation noise is larger than the error of the targets",
            value=f"smallest eigenvalue {least:.3g}",
            rule="noise stays below the error that one update may add",
            way_out="ask for more individuals",
        )
    columns = [generator(seed, f"calibrate:{update}:{name}").standard_normal(members) for name in names]
    normal = np.column_stack(columns)
    return np.asarray((normal - normal.mean(axis=0)) @ np.linalg.cholesky(covariance).T)
