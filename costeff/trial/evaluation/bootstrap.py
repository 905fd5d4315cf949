"""Resamples people within each group and fits the same equations to each sample, by sums of products alone.

Replicates are personal data: with a known seed their least squares give every person's cost back. So they stay in the
process, cannot be saved, and come from a secret seed unless the result is marked `inside only`.
Sizes: N people, B replicates, M columns (design, then outcomes).
"""

from __future__ import annotations

import numpy as np

from costeff.errors import ResultError

BLOCK = 1000


def resampled_products(
    table: np.ndarray, in_programme: np.ndarray, replicates: int, luck: np.random.Generator
) -> np.ndarray:
    """Sums of products (B, M, M) of the columns of `table` (N, M) in samples of each group's own size from that group.

    Raises ResultError for a group of fewer than two people.
    """
    groups = [np.flatnonzero(in_programme == value) for value in (0, 1)]
    if min(len(own) for own in groups) < 2:
        raise ResultError(
            "a group without people to resample",
            value=f"{len(groups[0])} and {len(groups[1])} people",
            rule="at least 2 in each group with everything observed",
            way_out="look for what is missing with `costeff trial check`",
        )
    size, columns = table.shape
    upper = np.triu_indices(columns)
    products = table[:, upper[0]] * table[:, upper[1]]
    out = np.empty((replicates, columns, columns))
    for first in range(0, replicates, BLOCK):
        count = min(BLOCK, replicates - first)
        rows_chosen = np.concatenate([own[luck.integers(0, len(own), (count, len(own)))] for own in groups], axis=1)
        address = rows_chosen + np.arange(count)[:, None] * size
        weight = np.bincount(address.ravel(), minlength=count * size).reshape(count, size)
        sums = weight.astype(float) @ products
        out[first : first + count, upper[0], upper[1]] = sums
        out[first : first + count, upper[1], upper[0]] = sums
    return out


def adjusted_pairs(
    products: np.ndarray, cost_columns: int, effect_columns: int, cost_place: int, effect_place: int, group: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Seemingly unrelated differences (cost, effect), (B,) each, where the effect's design begins with the cost's.

    With nested designs the two equations need no iteration: the smaller one is least squares, and the larger one is
    least squares of what its residuals do not share with those of the smaller.
    """
    own = slice(0, effect_columns)
    smaller = inverse(products[:, :cost_columns, :cost_columns])
    beta = np.einsum("bij,bj->bi", smaller, products[:, :cost_columns, cost_place])
    if cost_columns == effect_columns:
        gamma = np.einsum("bij,bj->bi", smaller, products[:, own, effect_place])
        return beta[:, group], gamma[:, group]
    larger = inverse(products[:, own, own])
    gamma = np.einsum("bij,bj->bi", larger, products[:, own, effect_place])
    to_rest = products[:, own, cost_place] - np.einsum("bij,bj->bi", products[:, own, :cost_columns], beta)
    own_variance = products[:, cost_place, cost_place] - (beta * products[:, :cost_columns, cost_place]).sum(axis=1)
    between = products[:, cost_place, effect_place] - (beta * products[:, :cost_columns, effect_place]).sum(axis=1)
    between = between - (gamma * to_rest).sum(axis=1)
    pull = np.divide(between, own_variance, out=np.zeros_like(between), where=own_variance > 0)
    return beta[:, group], (gamma - pull[:, None] * np.einsum("bij,bj->bi", larger, to_rest))[:, group]


def inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverses of symmetric matrices (B, K, K); where a rare category is in no sample, without its column."""
    scale = np.sqrt(np.maximum(np.einsum("bii->bi", matrices), 1e-300))
    correlations = matrices / (scale[:, :, None] * scale[:, None, :])
    inner = np.linalg.pinv(correlations, rcond=1e-10, hermitian=True)
    return np.asarray(inner / (scale[:, :, None] * scale[:, None, :]))
