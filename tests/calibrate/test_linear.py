"""Anchored in the closed form of one effect between sources (tests/twins/hierarchical.py)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from twins import hierarchical

from costeff.calibrate.effects import Effect
from costeff.calibrate.hierarchy import new_population
from costeff.calibrate.linear import Linear, fit_linear, left_out, linear_posterior, log_evidence, normalised

Floats = NDArray[np.float64]
SLOPE, WITHIN, SCALE, BETWEEN = 0.8, 0.2, 0.5, 0.35
SOURCES = [[0.9, 1.1, 0.7], [-0.2], [0.4, 0.5], [1.5, 1.2]]
GROUPS = [np.array([0, 1, 2]), np.array([3]), np.array([4, 5]), np.array([6, 7])]
DATA = np.array([y for figures in SOURCES for y in figures])
ERROR = WITHIN**2 * np.eye(len(DATA))
CENTRES = np.zeros(5)


def exact() -> Linear:
    """The model itself: column 0 is mu, columns 1 to 4 are the effects."""
    slopes = np.zeros((len(DATA), 5))
    slopes[:, 0] = SLOPE
    for s, group in enumerate(GROUPS):
        slopes[group, 1 + s] = 1
    return Linear(np.zeros(len(DATA)), slopes, np.zeros(len(DATA)))


def variances(*sds: float) -> Floats:
    return np.array([[1.0, *[sd**2] * 4] for sd in sds])


def test_posterior_given_the_sd_between_sources() -> None:
    mean, covariance = linear_posterior(exact(), DATA, ERROR, CENTRES, variances(BETWEEN)[0])
    assert (mean[0], covariance[0, 0]) == pytest.approx(hierarchical.mean_given(SOURCES, SLOPE, BETWEEN, WITHIN))
    for s in range(4):
        twin = hierarchical.effect_given(SOURCES, SLOPE, BETWEEN, WITHIN, s)
        assert (mean[1 + s], covariance[1 + s, 1 + s]) == pytest.approx(twin)


def test_evidence_of_the_sd() -> None:
    sds = (0.05, 0.2, 0.5, 1.1)
    found = log_evidence(exact(), DATA, ERROR, CENTRES, variances(*sds))
    assert found == pytest.approx([hierarchical.log_evidence(SOURCES, SLOPE, sd, WITHIN) for sd in sds])


def test_posterior_of_the_sd_under_a_half_normal_prior() -> None:
    """Nodes drawn from the prior and weighted, against a grid."""
    nodes = np.abs(np.random.default_rng(1).standard_normal(4000)) * SCALE
    weights = normalised(log_evidence(exact(), DATA, ERROR, CENTRES, variances(*nodes)))
    pairs = hierarchical.grid(SOURCES, SLOPE, SCALE, WITHIN)
    mean = sum(x * weight for x, weight in pairs)
    sd = math.sqrt(sum((x - mean) ** 2 * weight for x, weight in pairs))
    assert weights @ nodes == pytest.approx(mean, abs=4 * sd / math.sqrt(1 / (weights @ weights)))
    assert math.sqrt(weights @ (nodes - weights @ nodes) ** 2) == pytest.approx(sd, rel=0.1)


def test_a_source_is_predicted_from_the_others() -> None:
    for s, mixture in enumerate(left_out(exact(), DATA, ERROR, CENTRES, variances(BETWEEN), GROUPS)):
        others = [figures for i, figures in enumerate(SOURCES) if i != s]
        mean, variance = hierarchical.mean_given(others, SLOPE, BETWEEN, WITHIN)
        assert mixture.mean == pytest.approx([SLOPE * mean] * len(SOURCES[s]))
        spread = math.sqrt(SLOPE**2 * variance + BETWEEN**2 + WITHIN**2)
        assert mixture.sd == pytest.approx([spread] * len(SOURCES[s]))
        whole = hierarchical.log_evidence([*others, SOURCES[s]], SLOPE, BETWEEN, WITHIN)
        rest = hierarchical.log_evidence(others, SLOPE, BETWEEN, WITHIN)
        assert mixture.log_density(DATA[GROUPS[s]]) == pytest.approx(whole - rest)


def test_interval_of_a_new_population() -> None:
    """Draws of the posterior, times a draw of the effect's part that is population, against the closed form."""
    posterior, covariance = linear_posterior(exact(), DATA, ERROR, CENTRES, variances(BETWEEN)[0])
    mu = np.random.default_rng(3).normal(posterior[0], math.sqrt(covariance[0, 0]), 40_000)
    effect = Effect("e", "source", ("h",), BETWEEN, population=0.25)
    logs = np.log(new_population((effect,), {"h": np.exp(SLOPE * mu)}, {}, 1)["h"])
    mean, variance = hierarchical.new_source(SOURCES, SLOPE, BETWEEN, WITHIN, 0.25)
    low, high = np.quantile(logs, [0.05, 0.95])
    sd = math.sqrt(variance)
    assert (low, high) == pytest.approx((mean - 1.6449 * sd, mean + 1.6449 * sd), abs=0.04 * sd)


def test_a_source_left_out_does_not_choose_its_own_sd() -> None:
    """Nodes are weighted by the evidence of the other sources alone."""
    sds = (0.1, 0.4, 0.9)
    for s, mixture in enumerate(left_out(exact(), DATA, ERROR, CENTRES, variances(*sds), GROUPS)):
        others = [figures for i, figures in enumerate(SOURCES) if i != s]
        logs = np.array([hierarchical.log_evidence(others, SLOPE, sd, WITHIN) for sd in sds])
        assert mixture.weights == pytest.approx(normalised(logs))


def test_regression_finds_the_slopes_and_what_is_not_linear() -> None:
    rng = np.random.default_rng(2)
    columns = rng.standard_normal((4000, 6))
    noise = np.array([0.04, 0.09])
    bend = 0.3 * (columns[:, 0] ** 2 - 1)  # variance 0.18
    values = np.column_stack([1 + columns @ [0.5, -0.4, 0, 0, 0, 0], columns @ [0, 0.7, 0, 0.2, 0, 0] + bend])
    values += rng.standard_normal((4000, 2)) * np.sqrt(noise)
    reads = np.ones((2, 6), bool)
    reads[1, 1] = False  # its slope on column 1 is not looked for, and ends up in what is not linear
    linear = fit_linear(columns, values, reads, noise)
    assert linear.intercept == pytest.approx([1, 0], abs=0.06)
    assert linear.slopes[0] == pytest.approx([0.5, -0.4, 0, 0, 0, 0], abs=0.02)
    assert linear.slopes[1, 1] == 0
    assert linear.slopes[1, 3] == pytest.approx(0.2, abs=0.06)
    assert linear.rest == pytest.approx([0, 0.49 + 0.18], abs=0.06)
    assert np.count_nonzero(linear.slopes[0]) <= 4  # of four columns of nothing, one in twenty passes
