"""Costs by a generalised linear model: gamma with a log link, and where some cost nothing, two parts.

Costs are skewed, and some people have none. The difference is what everybody's mean cost would be in the programme's
group less what it would be in the other, covariates as they are. Sizes: N people, K columns of a design.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from costeff.trial.evaluation.regression import GROUP, check_design

FEWEST_WITHOUT = 10  # people of a group with no cost, from which on a part of their own can tell about them


@dataclass(frozen=True)
class CostModelFit:
    """A difference in mean cost with its standard error; `has_two_parts` where having a cost at all is a part."""

    difference: float
    error: float
    has_two_parts: bool


def can_fit() -> bool:
    """Whether statsmodels, of the extra `trial`, is installed."""
    return find_spec("statsmodels") is not None


def cost_model(design: np.ndarray, cost: np.ndarray) -> CostModelFit | None:
    """Fit `cost` (N,) on `design` (N, K), whose second column is the group, with errors that hold whatever the spread.

    None where a gamma model does not fit: costs below 0, or too few people of a group without a cost, or with one.

    >>> design = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = cost_model(design, np.array([1.0, 2.0, 3.0, 4.0, 8.0, 9.0]))
    >>> print(f"{fit.difference:.4f} {fit.error**2:.4f}")     # without covariates: 7 less 2; 14 / 3 / 3 and 2 / 3 / 3
    5.0000 1.7778
    """
    check_design(design)
    group, is_free = design[:, GROUP], cost == 0
    if cost.min() < 0:
        return None
    scale = float(cost.mean()) or 1.0
    if not is_free.any():
        beta, covariance = _fit(design, cost / scale, "gamma")
        means, slopes = _means(design, beta)
        gradient = _apart(means[:, :, None] * slopes)
        return CostModelFit(_apart(means) * scale, _error(gradient, covariance) * scale, False)
    counts = [int((mask & (group == g)).sum()) for g in (0, 1) for mask in (is_free, ~is_free)]
    if min(counts) < FEWEST_WITHOUT:
        return None
    beta, covariance = _fit(design[~is_free], cost[~is_free] / scale, "gamma")
    has_any, its_covariance = _fit(design, (~is_free).astype(float), "binomial")
    means, slopes = _means(design, beta)
    odds, _ = _means(design, has_any)
    share = odds / (1 + odds)
    error = np.hypot(
        _error(_apart((share * means)[:, :, None] * slopes), covariance),
        _error(_apart((means * share * (1 - share))[:, :, None] * slopes), its_covariance),
    )
    return CostModelFit(_apart(share * means) * scale, float(error) * scale, True)


def _fit(design: np.ndarray, values: np.ndarray, family: str) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (K,) and their sandwich covariance (K, K)."""
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    own: Any = families.Gamma(families.links.Log()) if family == "gamma" else families.Binomial()
    fit = GLM(values, design, family=own).fit(cov_type="HC0")
    return np.asarray(fit.params), np.asarray(fit.cov_params())


def _means(design: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """exp of the linear predictor of everybody in each group, (2, N), and the columns it is of, (2, N, K)."""
    both = np.stack([design, design])
    both[:, :, GROUP] = np.array([0.0, 1.0])[:, None]
    return np.exp(both @ beta), both


def _apart(values: np.ndarray) -> Any:
    """Mean over people of the programme's values less the other's, of (2, N, ...)."""
    return values[1].mean(axis=0) - values[0].mean(axis=0)


def _error(gradient: np.ndarray, covariance: np.ndarray) -> float:
    return float(np.sqrt(gradient @ covariance @ gradient))
