"""Differences within the plan's subgroups, each with the test of whether they differ: one regression with interactions.

Subgroups were not what the trial was sized for: a difference within one says nothing, one between them little.
Sizes: N people, S categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.labels import Label, same
from costeff.trial.evaluation.regression import least_squares


@dataclass(frozen=True)
class SubgroupRow:
    """One category: the difference, its standard error. No counts: with others they would tell who did not answer."""

    category: int
    difference: float
    error: float


@dataclass(frozen=True)
class Subgroups:
    """An attribute's categories that have enough people, and p of the test that all their differences are one.

    `label` is what the scenario calls the attribute.
    """

    attribute: str
    what: str
    rows: tuple[SubgroupRow, ...]
    p: float
    label: Label


def subgroups(
    attribute: str,
    what: str,
    codes: np.ndarray,
    in_programme: np.ndarray,
    values: np.ndarray,
    fewest: int,
    label: Label | None = None,
) -> Subgroups | None:
    """Differences of `values` (N,) by category of `codes` (N,), errors as of `least_squares`; None of fewer than two.

    Categories of fewer than `fewest` people in a group are left out, with their people.

    >>> group = np.tile([0.0, 1.0], 40)
    >>> codes = np.repeat([0, 1], 40)
    >>> luck = np.random.default_rng(2).normal(size=80)
    >>> result = subgroups("sex", "cost", codes, group, group * (1 + 9 * codes) + luck, 5)
    >>> [round(row.difference) for row in result.rows], result.p < 0.001
    ([1, 10], True)
    """
    from scipy.stats import chi2

    observed = ~np.isnan(values)
    categories = [
        int(code)
        for code in np.unique(codes[observed])
        if min(int((observed & (codes == code) & (in_programme == g)).sum()) for g in (0, 1)) >= fewest
    ]
    if len(categories) < 2:
        return None
    own = observed & np.isin(codes, categories)
    inside = (codes[own][:, None] == np.array(categories)).astype(float)
    group = in_programme[own]
    fit = least_squares(np.column_stack([inside, inside * group[:, None]]), values[own])
    at = np.arange(len(categories), 2 * len(categories))
    differences, covariance = fit.coefficients[at], fit.covariance[np.ix_(at, at)]
    contrast = np.eye(len(categories))[1:] - np.eye(len(categories))[:1]
    apart = contrast @ differences
    statistic = float(apart @ np.linalg.solve(contrast @ covariance @ contrast.T, apart))
    rows = tuple(
        SubgroupRow(code, float(differences[i]), float(covariance[i, i] ** 0.5)) for i, code in enumerate(categories)
    )
    p = float(chi2.sf(statistic, len(categories) - 1))
    return Subgroups(attribute, what, rows, p, label or same(attribute))
