"""Least squares for two groups: one equation, two seemingly unrelated ones, and net benefits; errors in closed form.

Sizes: N people, K columns of a design. A design's columns are 1, the group (1 in the programme's), covariates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import ResultError

GROUP = 1  # column of a design


@dataclass(frozen=True)
class Fit:
    """Coefficients (K,) and their covariance (K, K)."""

    coefficients: np.ndarray
    covariance: np.ndarray

    @property
    def difference(self) -> float:
        """The programme's group less the other, covariates held."""
        return float(self.coefficients[GROUP])

    @property
    def error(self) -> float:
        """Standard error of the difference."""
        return float(np.sqrt(max(self.covariance[GROUP, GROUP], 0.0)))


@dataclass(frozen=True)
class PairFit:
    """Two equations fitted together: differences in cost and effect with their covariance (2, 2)."""

    cost: float
    effect: float
    covariance: np.ndarray


def least_squares(design: np.ndarray, values: np.ndarray) -> Fit:
    """Ordinary least squares with errors that hold whatever the spread of each person (HC3).

    Raises ResultError for columns of which one follows from the others, or more columns than people.

    >>> design = np.array([[1, 0], [1, 0], [1, 1], [1, 1]], float)
    >>> fit = least_squares(design, np.array([1.0, 3.0, 4.0, 8.0]))
    >>> print(f"{fit.difference:.6f} {fit.error:.6f}")           # 6 less 2; each group: sum of (2 rest)^2 / 4
    4.000000 3.162278
    """
    check_design(design)
    inner = np.linalg.inv(design.T @ design)
    beta = inner @ design.T @ values
    leverage = np.einsum("ij,jk,ik->i", design, inner, design)
    weight = (values - design @ beta) / np.maximum(1 - leverage, 1e-9)
    scores = design * weight[:, None]
    return Fit(beta, inner @ (scores.T @ scores) @ inner)


def differences_together(design: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(differences (Q,), their covariance (Q, Q)) of several `values` (N, Q) on one design, as of `least_squares`.

    >>> design = np.array([[1, 0], [1, 0], [1, 1], [1, 1]], float)
    >>> both, covariance = differences_together(design, np.array([[1.0, 0], [3, 0], [4, 1], [8, 0]]))
    >>> both.round(6).tolist(), covariance.round(6).tolist()
    ([4.0, 0.5], [[10.0, -2.0], [-2.0, 0.5]])
    """
    check_design(design)
    inner = np.linalg.inv(design.T @ design)
    rest = values - design @ (inner @ design.T @ values)
    leverage = np.einsum("ij,jk,ik->i", design, inner, design)
    each = (design @ inner[GROUP])[:, None] * rest / np.maximum(1 - leverage, 1e-9)[:, None]
    return inner[GROUP] @ design.T @ values, each.T @ each


def seemingly_unrelated(
    cost_design: np.ndarray, cost: np.ndarray, effect_design: np.ndarray, effect: np.ndarray
) -> PairFit:
    """Two equations of the same people by feasible generalised least squares (Zellner), in one step from least squares.

    The residuals' covariance is divided by N. Raises ResultError as `least_squares`.

    Parameters
    ----------
    cost_design, effect_design
        (N, K) each; their columns may differ, as where only the effect is adjusted for its score at the start.
    cost, effect
        (N,) of the same people.
    """
    check_design(cost_design)
    check_design(effect_design)
    designs, values = (cost_design, effect_design), (cost, effect)
    rest = np.stack([y - x @ np.linalg.lstsq(x, y, rcond=None)[0] for x, y in zip(designs, values, strict=True)])
    between_equations = rest @ rest.T / len(cost)
    if np.linalg.matrix_rank(between_equations, hermitian=True) < 2:
        raise ResultError(
            "costs and effects that are not two quantities",
            rule="each differs between people, and neither follows from the other",
            way_out="leave the perspective, or the effect, out of the plan",
        )
    weight = np.linalg.inv(between_equations)
    normal = np.block([[weight[i, j] * designs[i].T @ designs[j] for j in (0, 1)] for i in (0, 1)])
    right = np.concatenate([sum(weight[i, j] * designs[i].T @ values[j] for j in (0, 1)) for i in (0, 1)])
    covariance = np.linalg.inv(normal)
    beta = covariance @ right
    own = [GROUP, cost_design.shape[1] + GROUP]
    return PairFit(float(beta[own[0]]), float(beta[own[1]]), covariance[np.ix_(own, own)])


def net_benefits(design: np.ndarray, cost: np.ndarray, effect: np.ndarray, wtp: Sequence[float]) -> list[Fit]:
    """Net-benefit regression: `wtp` times effect less cost on one design, at each willingness to pay."""
    return [least_squares(design, value * effect - cost) for value in wtp]


def check_design(design: np.ndarray) -> None:
    """Refuse a design in which the coefficients are not determined. Raises ResultError."""
    rank = np.linalg.matrix_rank(design) if len(design) else 0
    if len(design) <= design.shape[1] or rank < design.shape[1]:
        raise ResultError(
            "a regression whose coefficients are not determined",
            value=f"{len(design)} people, {design.shape[1]} columns, of which {rank} are independent",
            rule="more people than columns, and no column that follows from the others",
            way_out="leave a covariate out of the plan, or join its categories",
        )
