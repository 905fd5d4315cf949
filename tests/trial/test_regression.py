"""Anchored in plain twins that import nothing of the library, whole covariance matrices, person by person; and in what
linearmodels 7.1 gives of the same people."""

from __future__ import annotations

import numpy as np
import pytest
from twins import trial_regression as twin

from costeff.errors import CosteffError, ResultError
from costeff.trial.evaluation.bootstrap import adjusted_pairs, resampled_products
from costeff.trial.evaluation.regression import least_squares, net_benefits, seemingly_unrelated

PEOPLE = 90


def data(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(design with group, two covariates and the score at the start; cost; effect) of correlated people."""
    luck = np.random.default_rng(seed)
    group = (np.arange(PEOPLE) % 3 > 0).astype(float)
    start, age, sick = luck.beta(5, 2, PEOPLE), luck.normal(45, 9, PEOPLE), luck.random(PEOPLE) < 0.4
    shared = luck.normal(0, 1, PEOPLE)
    cost = 120_000 - 9_000 * group + 700 * age + 30_000 * shared + luck.gamma(1, 20_000, PEOPLE)
    effect = 0.2 + 0.03 * group + 0.6 * start - 0.05 * shared + luck.normal(0, 0.05, PEOPLE)
    return np.column_stack([np.ones(PEOPLE), group, age, sick, start]), cost, effect


def test_seemingly_unrelated_is_the_twin() -> None:
    x, cost, effect = data()
    fit = seemingly_unrelated(x[:, :4], cost, x, effect)
    beta, covariance = twin.seemingly_unrelated(x[:, :4], cost, x, effect)
    assert (fit.cost, fit.effect) == pytest.approx((beta[1], beta[5]), rel=1e-9)
    assert fit.covariance == pytest.approx(covariance[np.ix_([1, 5], [1, 5])], rel=1e-7)
    alone = least_squares(x, effect)
    assert abs(fit.effect - alone.difference) > 1e-6  # the cost's residuals teach about the effect


def test_seemingly_unrelated_is_what_linearmodels_gives() -> None:
    """Frozen from `linearmodels.system.SUR(...).fit(method="gls", cov_type="unadjusted")`, version 7.1 (numpy 2.4.6),
    of `data()`. The library itself is not used: replicates need sums of products alone, ten thousand at once."""
    x, cost, effect = data()
    fit = seemingly_unrelated(x[:, :4], cost, x, effect)
    assert (fit.cost, fit.effect) == pytest.approx((-19142.103019936072, 0.06866400069428272), rel=1e-9)
    variances = [[68539639.78339565, -67.6431237721888], [-67.6431237721888, 0.000233291459540226]]
    assert fit.covariance == pytest.approx(np.array(variances), rel=1e-7)


def test_net_benefit_regression_is_the_twin() -> None:
    x, cost, effect = data(2)
    for wtp, fit in zip((0, 200_000, 1e6), net_benefits(x, cost, effect, (0, 200_000, 1e6)), strict=True):
        assert (fit.difference, fit.error) == pytest.approx(twin.net_benefit(x, cost, effect, wtp), rel=1e-9)


def test_without_covariates_the_difference_is_that_of_means() -> None:
    x, cost, _ = data()
    fit = least_squares(x[:, :2], cost)
    own, other = cost[x[:, 1] == 1], cost[x[:, 1] == 0]
    assert fit.difference == pytest.approx(own.mean() - other.mean())
    by_hand = sum(one.var() * len(one) / (len(one) - 1) ** 2 for one in (own, other))  # HC3 of two means
    assert fit.error == pytest.approx(by_hand**0.5)


@pytest.mark.parametrize("cost_columns", [4, 5])
def test_each_replicate_is_the_twin_on_the_people_it_drew(cost_columns: int) -> None:
    x, cost, effect = data(3)
    table = np.column_stack([x, cost, effect])
    products = resampled_products(table, x[:, 1], 40, np.random.default_rng(5))
    ours = adjusted_pairs(products, cost_columns, 5, 5, 6)
    luck = np.random.default_rng(5)
    groups = [np.flatnonzero(x[:, 1] == value) for value in (0, 1)]
    drawn = np.concatenate([own[luck.integers(0, len(own), (40, len(own)))] for own in groups], axis=1)
    for b in range(40):
        rows = drawn[b]
        assert (x[rows, 1] == 1).sum() == 60  # two thirds, as in the trial
        beta, _ = twin.seemingly_unrelated(x[rows, :cost_columns], cost[rows], x[rows], effect[rows])
        assert (ours[0][b], ours[1][b]) == pytest.approx((beta[1], beta[cost_columns + 1]), rel=1e-6)


def test_a_category_that_no_sample_holds_leaves_the_difference_determined() -> None:
    x, cost, effect = data(4)
    rare = np.column_stack([x, np.arange(PEOPLE) == 1])[:, [0, 1, 5, 2, 3, 4]]
    table = np.column_stack([rare, cost, effect])
    products = resampled_products(table, x[:, 1], 50, np.random.default_rng(1))
    without = products[:, 2, 2] == 0
    assert 5 < without.sum() < 45
    own = [0, 1, 3, 4, 5, 6, 7]
    ours = adjusted_pairs(products[without], 5, 6, 6, 7)
    theirs = adjusted_pairs(products[without][:, own][:, :, own], 4, 5, 5, 6)
    assert np.allclose(ours[0], theirs[0], rtol=1e-7)
    assert np.allclose(ours[1], theirs[1], rtol=1e-7)


def test_what_is_not_determined_is_refused() -> None:
    x, cost, _ = data()
    with pytest.raises(ResultError, match="not determined"):
        least_squares(np.column_stack([x, x[:, 2] * 2]), cost)
    with pytest.raises(CosteffError, match="without people to resample"):
        resampled_products(x, np.zeros(PEOPLE), 10, np.random.default_rng(1))
