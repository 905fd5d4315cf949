"""Cubic basis splines. scipy.interpolate, which has them too, takes 0.17 s to import."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_DEGREE = 3


def cubic_basis(points: Floats, knots: Floats) -> Floats:
    """Values of the basis functions on `knots` at `points`, (points, functions), by de Boor's recursion.

    Points lie between the first and the last knot, where the functions of each point sum to 1; ValueError for others.

    >>> cubic_basis(np.array([0.0, 0.5, 1.0]), np.array([0.0] * 4 + [1.0] * 4)).tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.125, 0.375, 0.375, 0.125], [0.0, 0.0, 0.0, 1.0]]
    """
    if len(points) and (points.min() < knots[0] or points.max() > knots[-1]):
        raise ValueError(f"points from {points.min()} to {points.max()} beyond knots from {knots[0]} to {knots[-1]}")
    functions = len(knots) - _DEGREE - 1
    place = np.clip(np.searchsorted(knots, points, side="right") - 1, _DEGREE, functions - 1)  # the knot at its left
    near = np.zeros((len(points), _DEGREE + 1))  # of the functions that are not 0 there
    near[:, 0] = 1.0
    for degree in range(1, _DEGREE + 1):
        lower = near[:, :degree].copy()
        near[:, : degree + 1] = 0.0
        for i in range(1, degree + 1):
            above, below = knots[place + i], knots[place + i - degree]
            gap = np.where(above > below, above - below, np.inf)  # equal knots have no function between them
            part = lower[:, i - 1] / gap
            near[:, i - 1] += part * (above - points)
            near[:, i] = part * (points - below)
    basis = np.zeros((len(points), functions))
    basis[np.arange(len(points))[:, None], place[:, None] - _DEGREE + np.arange(_DEGREE + 1)] = near
    return basis
