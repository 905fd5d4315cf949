"""Missing scores of a questionnaire, imputed by group from the register's weeks, and pooled by Rubin's rules.

Scores are missing at random given what is used here: other scores, weeks of the register, covariates. If they are lost
for what they would have been, every result is biased, and nothing here can show it.
Sizes: N people, T planned measurements, A columns that are observed of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.errors import ScenarioError
from costeff.trial.instruments import DAYS_PER_YEAR

IMPUTATIONS = 30
CYCLES = 10
TINY, SMALLEST_PART = 1e-300, 1e-10
"""Of a column that is 0 throughout, and of a direction in which the scaled columns do not differ."""


@dataclass(frozen=True)
class Pooled:
    """Estimates (K,), their covariance (K, K) within and between imputations, and degrees of freedom (K,)."""

    estimate: np.ndarray
    covariance: np.ndarray
    freedom: np.ndarray


def imputed(
    scores: np.ndarray,
    auxiliary: np.ndarray,
    in_programme: np.ndarray,
    luck: np.random.Generator,
    *,
    by_reference: bool = False,
) -> np.ndarray:
    """Scores (T, N) with every missing one drawn from its regression on the rest, in the person's own group.

    `by_reference`: in the programme's group from the regression of the other one (jump to reference).

    Chained equations: each measurement in turn, ten times round (once where one alone has gaps), with coefficients and
    residual spread drawn from their posterior each time. Raises ScenarioError where a group has too few observed scores
    to do it.
    """
    out = scores.copy()
    missing = np.isnan(scores)
    for group in (0, 1):
        own = in_programme == group
        donors = in_programme == 0 if by_reference else own
        columns = 1 + auxiliary.shape[1] + len(scores) - 1
        for t in range(len(scores)):
            have = donors & ~missing[t]
            if missing[t, own].any() and have.sum() < columns + 3:
                raise ScenarioError(
                    "too few answers to impute the others from",
                    value=f"measurement {t + 1} of {len(scores)}",
                    rule=f"at least {columns + 3} people of each group who answered, for {columns} columns",
                    way_out="use fewer covariates, or run with --complete-cases, which leaves the plan and says so",
                )
            out[t, own & missing[t]] = scores[t, have].mean() if have.any() else np.nan
        turns = np.flatnonzero((missing & own).any(axis=1)).tolist()
        for _ in range(CYCLES if len(turns) > 1 else 1):
            for t in turns:
                rest = np.delete(out, t, axis=0).T
                design = np.column_stack([np.ones(len(own)), auxiliary, rest])
                out[t, own & missing[t]] = _drawn(design, scores[t], donors & ~missing[t], own & missing[t], luck)
    return out


def _drawn(
    design: np.ndarray, score: np.ndarray, have: np.ndarray, want: np.ndarray, luck: np.random.Generator
) -> np.ndarray:
    x, y = design[have], score[have]
    scale = np.sqrt(np.maximum((x**2).sum(axis=0), TINY))
    # One decomposition gives the rank, the coefficients and the root of their covariance.
    values, vectors = np.linalg.eigh((x.T @ x) / (scale[:, None] * scale))
    is_told = values > SMALLEST_PART * values[-1]
    root = vectors[:, is_told] / (scale[:, None] * np.sqrt(values[is_told]))
    beta = root @ (root.T @ (x.T @ y))
    rest = y - x @ beta
    freedom = max(len(y) - int(is_told.sum()), 1)
    spread = np.sqrt(rest @ rest / luck.chisquare(freedom))
    beta = beta + spread * (root @ luck.standard_normal(root.shape[1]))
    return np.asarray(design[want] @ beta + spread * luck.standard_normal(int(want.sum())))


def areas(scores: np.ndarray, weeks: tuple[float, ...], until: float) -> np.ndarray:
    """Quality-adjusted life years (N,) until week `until`, of scores (T, N) at planned weeks; lines between them.

    >>> print(areas(np.array([[0.4], [0.8]]), (0.0, 52.0), 52.0).round(4))               # 0.6 for 364 of 365.25 days
    [0.5979]
    """
    edges = np.unique(np.r_[0.0, [w for w in weeks if 0 < w < until], until])
    height = np.stack([np.interp(edges, weeks, column) for column in scores.T], axis=1)
    return np.asarray((((height[1:] + height[:-1]) / 2) * np.diff(edges)[:, None]).sum(axis=0) * 7 / DAYS_PER_YEAR)


def pooled(estimates: np.ndarray, covariances: np.ndarray) -> Pooled:
    """Rubin's rules: estimates (M, K) and covariances (M, K, K) of M imputed data sets.

    >>> one = pooled(np.array([[1.0], [3.0]]), np.array([[[1.0]], [[1.0]]]))
    >>> one.estimate.tolist(), one.covariance.tolist()                          # within 1, between 2: 1 + 1.5 * 2
    ([2.0], [[4.0]])
    """
    count = len(estimates)
    within = covariances.mean(axis=0)
    between = np.atleast_2d(np.cov(estimates, rowvar=False))
    extra = (1 + 1 / count) * between
    spread = np.diag(extra)
    ratio = np.divide(np.diag(within), spread, out=np.full(len(spread), np.inf), where=spread > 0)
    return Pooled(estimates.mean(axis=0), within + extra, (count - 1) * (1 + ratio) ** 2)
