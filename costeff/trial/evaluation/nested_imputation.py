"""Replicates of a trial with missing scores: in each resampled trial they are imputed once, and the fit is made.

Resampling carries the uncertainty of the imputation's coefficients, so in each trial missing scores are drawn from
least squares as they are (Brand and others 2019: single imputation nested in the bootstrap). Replicates are personal
data, as those of `bootstrap`. Sizes: N people, T measurements, B replicates, K columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from costeff.trial.evaluation.bootstrap import adjusted_pairs
from costeff.trial.instruments import DAYS_PER_YEAR

BLOCK = 100
ROUNDS = 5


def resampled(in_programme: np.ndarray, count: int, luck: np.random.Generator) -> np.ndarray:
    """Rows (B, N) of each group's own size from that group, the groups one after the other."""
    groups = [np.flatnonzero(in_programme == value) for value in (0, 1)]
    return np.concatenate([own[luck.integers(0, len(own), (count, len(own)))] for own in groups], axis=1)


def imputed_once(
    scores: np.ndarray, auxiliary: np.ndarray, in_programme: np.ndarray, luck: np.random.Generator
) -> np.ndarray:
    """Scores (B, T, N) with each missing one drawn from its regression on the rest, in its own trial and group.

    `scores` (B, T, N) and `auxiliary` (B, N, A) are of resampled people; `in_programme` (N,) is that of every trial.
    """
    out = scores.copy()
    for group in (0, 1):
        own = np.flatnonzero(in_programme == group)
        part, predictors = out[:, :, own], auxiliary[:, own]
        missing = np.isnan(part)
        means = np.nanmean(np.where(missing.all(axis=2, keepdims=True), 0.0, part), axis=2, keepdims=True)
        part = np.where(missing, means, part)
        turns = np.flatnonzero(missing.any(axis=(0, 2))).tolist()
        rounds = ROUNDS if len(turns) > 1 else 1
        for t in turns * rounds:
            rest = np.delete(part, t, axis=1).transpose(0, 2, 1)
            design = np.concatenate([np.ones((*predictors.shape[:2], 1)), predictors, rest], axis=2)
            imputations = _drawn(design, part[:, t], missing[:, t], luck)
            part[:, t] = np.where(missing[:, t], imputations, part[:, t])
        out[:, :, own] = part
    return out


def _drawn(design: np.ndarray, score: np.ndarray, missing: np.ndarray, luck: np.random.Generator) -> np.ndarray:
    """A draw (B, N) of everybody's score from least squares of those who answered."""
    own = design * ~missing[:, :, None]
    inner = own.transpose(0, 2, 1) @ own
    scale = np.sqrt(np.maximum(np.einsum("bii->bi", inner), 1e-300))
    # A category that no sample of those who answered holds gets no slope: a ridge of a billionth.
    relative = inner / (scale[:, :, None] * scale[:, None, :]) + 1e-9 * np.eye(inner.shape[1])
    right = np.einsum("bnk,bn->bk", own, score) / scale
    beta = np.linalg.solve(relative, right[:, :, None])[:, :, 0] / scale
    fitted = np.einsum("bnk,bk->bn", design, beta)
    rest = np.where(missing, 0.0, score - fitted)
    freedom = np.maximum((~missing).sum(axis=1) - design.shape[2], 1)
    spread = np.sqrt((rest**2).sum(axis=1) / freedom)
    return np.asarray(fitted + spread[:, None] * luck.standard_normal(score.shape))


def areas_of_each(scores: np.ndarray, weeks: Sequence[float], until: float) -> np.ndarray:
    """Quality-adjusted life years (B, N) until week `until`, of scores (B, T, N) at planned weeks; lines between.

    >>> areas_of_each(np.array([[[0.4], [0.8]]]), (0.0, 52.0), 52.0).round(4).tolist()
    [[0.5979]]
    """
    edges = np.unique(np.r_[0.0, [w for w in weeks if 0 < w < until], until])
    at = np.array([np.interp(edges, weeks, row) for row in np.eye(len(weeks))])  # (T, edges): height is a mix of scores
    lengths = np.diff(edges)
    share = np.zeros(len(edges))
    share[:-1] += lengths / 2
    share[1:] += lengths / 2
    return np.asarray(np.einsum("btn,t->bn", scores, at @ share) * 7 / DAYS_PER_YEAR)


def nested_replicates(
    scores: np.ndarray,
    value: np.ndarray,
    auxiliary: np.ndarray,
    smaller: np.ndarray,
    costs: np.ndarray,
    weeks: Sequence[float],
    until: float,
    replicates: int,
    luck: np.random.Generator,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(differences in cost (B, V) of V perspectives, in effect (B, V)) of blocks of resampled trials.

    Parameters
    ----------
    scores, value
        (T, N) and (N,): scores at planned weeks, and years of life where they are observed.
    auxiliary
        (N, A), observed of everybody.
    smaller
        (N, K): the design of costs, of which the second column is the group; effects have the first score too.
    costs
        (N, V).
    """
    group = smaller[:, 1]
    scale, spread = np.where(costs.std(axis=0) > 0, costs.std(axis=0), 1.0), float(np.nanstd(value)) or 1.0
    columns = smaller.shape[1] + 1
    for first in range(0, replicates, BLOCK):
        rows = resampled(group, min(BLOCK, replicates - first), luck)
        full = imputed_once(scores[:, rows].transpose(1, 0, 2), auxiliary[rows], group[rows[0]], luck)
        years = np.where(np.isnan(value[rows]), areas_of_each(full, weeks, until), value[rows])
        table = np.concatenate(
            [smaller[rows], full[:, 0, :, None], costs[rows] / scale, years[:, :, None] / spread], axis=2
        )
        products = table.transpose(0, 2, 1) @ table
        last = table.shape[2] - 1
        pairs = [adjusted_pairs(products, columns - 1, columns, columns + i, last) for i in range(costs.shape[1])]
        yield np.stack([p[0] for p in pairs], axis=1) * scale, np.stack([p[1] for p in pairs], axis=1) * spread
