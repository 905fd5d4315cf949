"""Anchored in the bivariate normal distribution, its kernel density and regions in closed form; in SciPy's kernels."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from costeff import Evaluation
from costeff.cea.density import density, kernel_density
from costeff.cea.figures.plane import plane
from costeff.errors import ResultError, ScenarioError


def normal(draws: int, seed: int = 1) -> Evaluation:
    rng = np.random.default_rng(seed)
    effect, cost = rng.normal(0, 0.01, draws), rng.normal(0, 20_000.0, draws)
    zero = np.zeros(draws)
    both = [np.stack([zero, values, zero], axis=1) for values in (cost, effect)]
    return Evaluation("societal", "qaly", ("usual", "new", "twin"), "usual", both[0], both[1])


def test_density_and_regions_of_a_normal_distribution() -> None:
    """A kernel of bandwidth h makes the variance 1 + h^2: with p of the draws (1 - p)^(1 / (1 + h^2)) of the peak."""
    runs = [density(normal(5_000, seed)).sel(strategy="new") for seed in range(10)]
    wider = 1 + 5_000 ** (-1 / 3)  # Scott: h = n^(-1/6) in two dimensions
    peak = 1 / (2 * np.pi * wider * 0.01 * 20_000)
    middle = np.mean([float(one["density"].values[28:32, 28:32].max()) for one in runs])
    assert middle == pytest.approx(peak, rel=0.05)  # one run is known within 4 %
    limits = np.mean([one["limit"].values for one in runs], axis=0)
    np.testing.assert_allclose(limits, peak * np.array([0.5, 0.05]) ** (1 / wider), rtol=0.04)
    for one in runs[:2]:
        cell = float(np.diff(one["gain"])[0] * np.diff(one["cost"])[0])
        assert float(one["density"].sum()) * cell == pytest.approx(1, abs=0.01)
        dense = one["density"] >= one["limit"]
        np.testing.assert_allclose((one["density"] * dense).sum(("x", "y")) * cell, [0.5, 0.95], atol=0.03)


def test_a_twin_has_no_density_and_few_draws_are_refused() -> None:
    found = density(normal(100))
    assert np.isnan(found["density"].sel(strategy="twin")).all()
    assert np.isnan(found["limit"].sel(strategy="twin")).all()
    with pytest.raises(ResultError, match="too few draws"):
        density(normal(49))
    with pytest.raises(ScenarioError, match="between 0 and 1"):
        density(normal(50), (0.5, 1.0))


def test_the_plane_draws_a_line_around_each_region() -> None:
    one = normal(100)
    lines = [t for t in plane(one, {}, density=one.density()).data if t.type == "contour"]
    assert [t.contours.start for t in lines] == one.density()["limit"].sel(strategy="new").values[::-1].tolist()
    assert not [t for t in plane(one, {}).data if t.type == "contour"]


@pytest.mark.parametrize("draws", [50, 1_000, 40_000])
def test_kernels_are_those_of_scipy(draws: int) -> None:
    """Of few draws and more than are formed at a time; with long tails, and nearly on a line."""
    rng = np.random.default_rng(draws)
    cost = rng.standard_t(2, draws)
    for slope in (0.0, -3.0, 1e4):
        both = np.stack([cost, slope * cost + rng.normal(size=draws)])
        both /= both.std(axis=1)[:, None]
        at = np.hstack([both[:, :40], rng.uniform(-5, 5, (2, 41))])
        truth = gaussian_kde(both)(at)
        np.testing.assert_allclose(kernel_density(both, at), truth, rtol=1e-6, atol=1e-9 * truth.max())


def test_kernels_of_a_cloud_far_out_keep_their_sum() -> None:
    """Half of the draws a thousand deviations away: the density at each of two is that of two kernels of its own."""
    pair = np.array([[0.0, 0.0, 1e3, 1e3 + 1], [0.0, 1.0, 0.0, 0.0]])
    height = 1 / (4 * 2 * np.pi * np.sqrt(np.linalg.det(np.cov(pair))) * 4 ** (-1 / 3))
    made = kernel_density(pair, pair)
    assert (made < 4 * height).all()
    np.testing.assert_allclose(made, gaussian_kde(pair)(pair), rtol=1e-9)


def test_a_density_does_not_read_scipys_statistics() -> None:
    """Half a second of imports that no run needs for anything else."""
    code = (
        "import sys, numpy as np, costeff\n"
        "draws = np.random.default_rng(1).normal(size=(60, 2))\n"
        "costeff.Evaluation('payer', 'qaly', ('usual', 'new'), 'usual', draws, draws[::-1]).density()\n"
        "assert 'xarray' in sys.modules and 'scipy.stats' not in sys.modules"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
