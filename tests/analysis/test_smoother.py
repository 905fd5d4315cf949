"""Anchored in the closed form of the linear-Gaussian posterior (normal prior, linear model, normal error)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from costeff.analysis.smoother import Predicted, posterior_ensemble
from costeff.errors import EngineError

Floats = NDArray[np.float64]
MEMBERS = 20_000
DESIGN = np.array([[1.0, 0.5, 0.0, 0.0], [0.0, 1.0, -0.7, 0.0], [0.3, 0.0, 0.4, 0.0]])
DATA = np.array([1.2, -0.4, 0.5])
ERROR = np.array([[0.20, 0.05, 0.00], [0.05, 0.15, -0.03], [0.00, -0.03, 0.30]])
NAMES = ("a", "b", "c")


def closed_form(design: Floats, data: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the posterior under a standard normal prior."""
    covariance = np.linalg.inv(np.eye(design.shape[1]) + design.T @ np.linalg.inv(error) @ design)
    return covariance @ design.T @ np.linalg.inv(error) @ data, covariance


def ensemble(noise: Floats | None = None, seed: int = 3, members: int = MEMBERS, assimilations: int = 4) -> Floats:
    rng = np.random.default_rng(11)
    prior = rng.standard_normal((members, DESIGN.shape[1]))
    covariance = np.zeros((3, 3)) if noise is None else noise

    def predict(points: Floats, update: int) -> Predicted:
        values = points @ DESIGN.T
        if noise is not None:
            values = values + rng.multivariate_normal(np.zeros(3), noise, members)
        return Predicted(values, covariance)

    return posterior_ensemble(prior, predict, DATA, ERROR, names=NAMES, seed=seed, assimilations=assimilations)


def assert_posterior(found: Floats) -> None:
    mean, covariance = closed_form(DESIGN, DATA, ERROR)
    # Monte Carlo: SE of a mean sd / sqrt(20,000) = 0.007; of a variance sqrt(2 / 20,000) = 1 %. Five of each.
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.035)
    np.testing.assert_allclose(np.cov(found.T), covariance, atol=0.05)


@pytest.mark.parametrize("assimilations", [1, 4])
def test_the_conjugate_posterior_is_met(assimilations: int) -> None:
    assert_posterior(ensemble(assimilations=assimilations))


def test_an_unseen_parameter_keeps_its_prior() -> None:
    found = ensemble()[:, 3]  # no prediction reads it
    assert abs(found.mean()) < 0.035
    assert found.std() == pytest.approx(1, abs=0.03)


def test_simulation_noise_neither_moves_nor_widens() -> None:
    """Noise as large as the error itself: counted twice, it would widen the posterior visibly."""
    assert_posterior(ensemble(noise=np.diag([0.20, 0.15, 0.30])))


def test_unreported_noise_is_seen() -> None:
    """The check above can fail: the same noise, called 0, gives too wide a posterior."""
    rng = np.random.default_rng(5)
    prior = rng.standard_normal((MEMBERS, 4))

    def predict(points: Floats, update: int) -> Predicted:
        noise = rng.multivariate_normal(np.zeros(3), np.diag([0.6, 0.5, 0.9]), MEMBERS)
        return Predicted(points @ DESIGN.T + noise, np.zeros((3, 3)))

    found = posterior_ensemble(prior, predict, DATA, ERROR, names=NAMES, seed=3)
    with pytest.raises(AssertionError):
        assert_posterior(found)


def test_same_seed_same_posterior() -> None:
    one, same, other = (ensemble(seed=seed, members=100) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


@settings(max_examples=20)
@given(st.lists(st.floats(-1.5, 1.5), min_size=2, max_size=2), st.floats(0.05, 2.0), st.floats(-2.0, 2.0))
def test_one_target_any_slope(slope: list[float], error: float, value: float) -> None:
    design, data, covariance = np.array([slope]), np.array([value]), np.array([[error]])
    prior = np.random.default_rng(7).standard_normal((4000, 2))
    found = posterior_ensemble(
        prior,
        lambda points, _: Predicted(points @ design.T, np.zeros((1, 1))),
        data,
        covariance,
        names=("only",),
        seed=1,
    )
    mean, spread = closed_form(design, data, covariance)
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.15)
    np.testing.assert_allclose(np.cov(found.T), spread, atol=0.15)


def test_too_few_draws() -> None:
    with pytest.raises(EngineError, match="too few draws"):
        ensemble(members=7)


def test_too_much_noise() -> None:
    with pytest.raises(EngineError, match="more individuals"):
        ensemble(noise=np.diag([1.0, 1.0, 1.0]), members=100)


def many_figures(members: int, inflate: bool, seed: int = 3) -> tuple[Floats, Floats]:
    """SDs of 30 scores after 40 figures, and those of the closed form, averaged over eight ensembles."""
    rng = np.random.default_rng(21)
    design = rng.standard_normal((40, 30)) * (rng.random((40, 30)) < 0.1)
    data, error = rng.standard_normal(40), 0.5 * np.eye(40)
    _, covariance = closed_form(design, data, error)
    found = []
    for i in range(8):
        prior = np.random.default_rng(100 + i).standard_normal((members, 30))
        names = tuple(f"t{k}" for k in range(40))
        ensemble = posterior_ensemble(
            prior,
            lambda points, _: Predicted(points @ design.T, np.zeros((40, 40))),
            data,
            error,
            names=names,
            seed=seed + i,
            inflate=inflate,
        )
        found.append(ensemble.var(axis=0, ddof=1))
    return np.sqrt(np.mean(found, axis=0)), np.sqrt(np.diag(covariance))


def test_few_members_are_narrowed_by_chance_and_inflation_gives_it_back() -> None:
    """100 members for 40 figures: a tenth too narrow; with inflation right, whether figures inform a score or not."""
    (plain, exact), (inflated, _) = many_figures(100, False), many_figures(100, True)
    assert (plain / exact).mean() < 0.92
    assert (inflated / exact).mean() == pytest.approx(1, abs=0.04)
    informed = exact < np.median(exact)
    for part in (informed, ~informed):
        assert (inflated / exact)[part].mean() == pytest.approx(1, abs=0.07)


def test_inflation_does_next_to_nothing_with_many_members() -> None:
    (plain, exact), (inflated, _) = many_figures(3000, False), many_figures(3000, True)
    np.testing.assert_allclose(inflated / exact, 1, atol=0.05)
    np.testing.assert_allclose(inflated, plain, rtol=0.03)
