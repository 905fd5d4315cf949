"""Anchored in closed forms: without covariates the difference is that of means; and in a twin by Newton's steps."""

from __future__ import annotations

import numpy as np
import pytest
from trial_cost_coverage import costs, covered, truths
from twins import trial_regression as twin

from costeff.trial.evaluation.cost_models import cost_model


def people(seed: int, share_free: float, size: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """(design with group and a covariate, cost): gamma costs that both raise, and a share without."""
    luck = np.random.default_rng(seed)
    group, age = (np.arange(size) % 3 > 0).astype(float), luck.standard_normal(size)
    cost = luck.gamma(0.7, np.exp(10 - 0.2 * group + 0.3 * age) / 0.7)
    cost[luck.random(size) < share_free / (1 + np.exp(age))] = 0.0
    return np.column_stack([np.ones(size), group, age]), cost


@pytest.mark.parametrize("share_free", [0.0, 0.6])
def test_without_covariates_the_difference_is_that_of_means(share_free: float) -> None:
    design, cost = people(1, share_free)
    fit = cost_model(design[:, :2], cost)
    assert fit is not None
    assert fit.has_two_parts == (share_free > 0)
    groups = [cost[design[:, 1] == g] for g in (0, 1)]
    assert fit.difference == pytest.approx(groups[1].mean() - groups[0].mean(), rel=1e-6)
    assert fit.error**2 == pytest.approx(sum(one.var() / len(one) for one in groups), rel=1e-5)


@pytest.mark.parametrize("share_free", [0.0, 0.6])
def test_with_a_covariate_it_is_the_twin(share_free: float) -> None:
    design, cost = people(2, share_free)
    fit = cost_model(design, cost)
    assert fit is not None
    assert fit.difference == pytest.approx(twin.two_part_difference(design, cost), rel=1e-6)


def test_a_ratio_of_costs_is_found_again() -> None:
    """Costs of 0.8 times the other group's: the mean of 80 trials is within three of its errors."""
    truth, fits = [], []
    for seed in range(80):
        design, cost = people(seed, 0.0)
        fit = cost_model(design, cost)
        assert fit is not None
        fits.append((fit.difference, fit.error))
        truth.append(float(np.exp(10 + 0.3 * design[:, 2]).mean() * (np.exp(-0.2) - 1)))
    difference, error = np.array(fits).T
    apart = difference - truth
    assert abs(apart.mean()) < 3 * apart.std(ddof=1) / 80**0.5
    assert error.mean() == pytest.approx(apart.std(ddof=1), rel=4 / (2 * 80) ** 0.5)


def test_costs_that_no_gamma_fits_are_left_out() -> None:
    design, cost = people(3, 0.0)
    assert cost_model(design, cost - cost.mean()) is None
    cost[:3] = 0.0
    assert cost_model(design, cost) is None


def test_intervals_of_heavy_tailed_costs_cover_their_mean() -> None:
    """`tests/trial_cost_coverage.py` in small: differences in 90 to 97 %, give or take three errors of 150 trials."""
    shares = covered(150, 300)[:, 2:].mean(axis=0)
    error = 3 * (0.95 * 0.05 / 150) ** 0.5
    assert np.all(shares > 0.9 - error)
    assert np.all(shares <= min(0.97 + error, 1.0))
    sizes = [costs(np.random.default_rng(seed)) for seed in range(300)]
    means = np.array([[cost[group == g].mean() for g in (0, 1)] for group, cost in sizes])
    assert np.all(np.abs(means.mean(axis=0) - truths()) < 3 * means.std(axis=0, ddof=1) / 300**0.5)
