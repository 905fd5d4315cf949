"""Anchored in closed-form moments and distribution functions, in published identities for PERT, and in plain twins.

The twins draw with Python's `random` module or integrate a density by hand, and share no code with the library.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from costeff.errors import EvidenceError
from costeff.evidence import (
    Beta,
    Dirichlet,
    Distribution,
    Empirical,
    EmpiricalRows,
    Fixed,
    Gamma,
    LogitNormal,
    Lognormal,
    MultivariateNormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)

U = (np.arange(200_000) + 0.5) / 200_000
ALL = [
    Beta(2.0, 5.0),
    Beta(30.0, 70.0),
    Gamma(4.0, 0.002),
    Gamma(0.7, 3.0),
    Lognormal(0.2, 0.4),
    Normal(-3.0, 2.0),
    Uniform(-1.0, 4.0),
    Triangular(1.0, 2.0, 6.0),
    Triangular(0.0, 0.0, 1.0),
    Triangular(0.0, 1.0, 1.0),
    Pert(1.0, 2.0, 6.0),
    LogitNormal(-1.0, 0.8),
]
SKEWED = {"beta": Beta, "gamma": Gamma, "lognormal": Lognormal}


def width(distribution: Distribution) -> float:
    low, high = distribution.interval()
    return high - low


@pytest.mark.parametrize("d", ALL, ids=repr)
def test_moments_are_those_of_the_inverse(d: Distribution) -> None:
    """The mean and sd formulas against the mean and sd of 200,000 equally spaced quantiles."""
    x = d.ppf(U)
    assert d.mean == pytest.approx(x.mean(), rel=2e-4, abs=2e-4 * d.sd)
    assert d.sd == pytest.approx(x.std(), rel=2e-3)
    assert d.median == pytest.approx(np.median(x), rel=1e-4)
    assert (np.diff(x) >= 0).all()
    assert d.support[0] <= x[0]
    assert x[-1] <= d.support[1]
    assert d.interval() == pytest.approx((np.quantile(x, 0.025), np.quantile(x, 0.975)), rel=1e-3, abs=1e-4)
    assert d.interval(0.5)[0] > d.interval(0.95)[0]


def test_closed_form_moments() -> None:
    assert Beta(2, 6).mean == 0.25
    assert Beta(2, 6).sd == pytest.approx(math.sqrt(12 / (64 * 9)))
    assert (Gamma(9, 3).mean, Gamma(9, 3).sd) == (3.0, 1.0)
    assert Lognormal(0.0, 0.5).mean == math.exp(0.125)
    assert Lognormal(0.0, 0.5).sd == pytest.approx(math.exp(0.125) * math.sqrt(math.exp(0.25) - 1))
    assert Uniform(0, 6).sd == pytest.approx(math.sqrt(3))
    assert Triangular(0, 3, 6).sd == pytest.approx(6 / (2 * math.sqrt(6)))
    assert Fixed(3.5).ppf([0.1, 0.9]).tolist() == [3.5, 3.5]


@pytest.mark.parametrize("family", [Beta, Gamma, Lognormal, Normal, Uniform, Triangular, Pert])
@pytest.mark.parametrize("centre", ["mean", "median"])
def test_from_standard_error_keeps_centre_and_sd(family: type[Distribution], centre: str) -> None:
    d = family.from_se(0.3, 0.05, centre)
    assert d.centre(centre) == pytest.approx(0.3, rel=1e-9)
    assert d.sd == pytest.approx(0.05, rel=1e-9)
    assert centre in d.rule
    assert "standard error" in d.rule


@pytest.mark.parametrize("family", SKEWED.values(), ids=SKEWED)
@given(value=st.floats(0.05, 0.9), below=st.floats(0.05, 0.9), above=st.floats(0.05, 0.9))
def test_interval_rule_keeps_the_mean_and_the_width(
    family: type[Distribution], value: float, below: float, above: float
) -> None:
    low, high = value * (1 - below), value + (1 - value) * above
    assume(high - low < 1.2 * min(value, 1 - value))  # far wider ones may have no solution, tested below
    d = family.from_interval(value, low, high)
    assert d.mean == pytest.approx(value, rel=1e-9)
    assert width(d) == pytest.approx(high - low, rel=1e-9)
    assert f"{low:g}" in d.rule


@pytest.mark.parametrize("family", [Beta, Gamma])
def test_interval_rule_can_keep_the_median(family: type[Distribution]) -> None:
    d = family.from_interval(0.3, 0.2, 0.45, "median")
    assert d.median == pytest.approx(0.3, rel=1e-9)
    assert width(d) == pytest.approx(0.25, rel=1e-9)


@given(st.floats(0.2, 5.0), st.floats(0.05, 0.9))
def test_lognormal_median_rule_is_the_published_one(median: float, sdlog: float) -> None:
    low, high = median * math.exp(-1.959963984540054 * sdlog), median * math.exp(1.959963984540054 * sdlog)
    d = Lognormal.from_interval(median, low, high, "median")
    assert d.meanlog == pytest.approx(math.log(median))
    assert d.sdlog == pytest.approx(sdlog)
    assert d.interval() == pytest.approx((low, high))


@pytest.mark.parametrize("d", ALL[:7], ids=repr)
def test_interval_rule_finds_the_distribution_again(d: Distribution) -> None:
    again = type(d).from_interval(d.mean, *d.interval())
    assert again.shape() == pytest.approx(d.shape(), rel=1e-6)


@pytest.mark.parametrize("family", [Triangular, Pert])
@given(place=st.floats(0.4, 0.6), low=st.floats(-5, 5), length=st.floats(0.5, 9))
def test_bounded_families_keep_centre_and_both_limits(
    family: type[Distribution], place: float, low: float, length: float
) -> None:
    value = low + place * length
    for centre in ("mean", "median"):
        d = family.from_interval(value, low, low + length, centre)
        assert d.centre(centre) == pytest.approx(value, rel=1e-8, abs=1e-8)
        assert d.interval() == pytest.approx((low, low + length), rel=1e-8, abs=1e-7)
        assert d.miss < 1e-7


def test_normal_and_uniform_rules() -> None:
    assert Normal.from_interval(2.0, 1.0, 3.0).sd == pytest.approx(2 / 3.919928, rel=1e-6)
    assert Uniform.from_interval(2.0, 1.05, 2.95).support == pytest.approx((1.0, 3.0))
    assert Normal.from_interval(2.09, 1.0, 3.0).mean == 2.09
    for family in (Normal, Uniform):
        with pytest.raises(EvidenceError, match="lopsided interval") as caught:
            family.from_interval(2.11, 1.0, 3.0)
        assert "5 %" in str(caught.value)
        assert "skewed" in str(caught.value)


def test_pert_against_a_plain_twin() -> None:
    """The density integrated by hand on a grid: mean, variance and the median's probability."""
    low, mode, high = 2.0, 3.0, 9.0
    a, b = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    n = 20_000
    total = first = second = below = 0.0
    median = Pert(low, mode, high).median
    for i in range(n):
        x = low + (high - low) * (i + 0.5) / n
        density = (x - low) ** (a - 1) * (high - x) ** (b - 1)
        total += density
        first += density * x
        second += density * x * x
        below += density * (x < median)
    mean = first / total
    d = Pert(low, mode, high)
    assert d.mean == pytest.approx(mean, rel=1e-7) == (low + 4 * mode + high) / 6
    assert d.sd == pytest.approx(math.sqrt(second / total - mean**2), rel=1e-6)
    assert below / total == pytest.approx(0.5, abs=1e-4)


def test_dirichlet_against_a_plain_twin() -> None:
    """Gamma variates of Python's random module, normalised; and the closed moments."""
    counts = (3.0, 5.0, 12.0)
    total = sum(counts)
    group = Dirichlet(("x", "y", "z"), counts, name="g")
    rng = np.random.default_rng(5)
    ours = group.draw(rng.random((40_000, 3)))
    twin = random.Random(7)
    rows = [[twin.gammavariate(c, 1.0) for c in counts] for _ in range(40_000)]
    theirs = [[value / sum(row) for value in row] for row in rows]
    assert np.allclose(sum(ours.values()), 1.0, atol=1e-12)
    for i, name in enumerate(group.parameters):
        mean, sd = counts[i] / total, math.sqrt(counts[i] * (total - counts[i]) / (total**2 * (total + 1)))
        assert ours[name].mean() == pytest.approx(mean, abs=5 * sd / 200)
        assert statistics.fmean(row[i] for row in theirs) == pytest.approx(ours[name].mean(), abs=7 * sd / 200)
        assert ours[name].std() == pytest.approx(sd, rel=0.02)
        assert statistics.pstdev(row[i] for row in theirs) == pytest.approx(ours[name].std(), rel=0.03)
        assert group.marginal(name).mean == pytest.approx(mean)
        assert group.marginal(name).sd == pytest.approx(sd)
    covariance = -counts[0] * counts[1] / (total**2 * (total + 1))
    assert np.cov(ours["x"], ours["y"])[0, 1] == pytest.approx(covariance, rel=0.05)


def test_dirichlet_with_tiny_counts_still_sums_to_one() -> None:
    columns = Dirichlet(("x", "y"), (1e-4, 2e-4), name="g").draw(np.random.default_rng(1).random((5000, 2)))
    x = columns["x"]
    assert np.isfinite(x).all()
    assert np.allclose(x + columns["y"], 1.0)
    assert x.mean() == pytest.approx(1 / 3, abs=0.035)  # nearly a yes or no, probability 1/3: five standard errors


@pytest.mark.parametrize("scale", ["identity", "log", "logit"])
def test_multivariate_normal_on_each_scale(scale: str) -> None:
    mean, covariance = (0.3, -0.2), ((0.04, 0.03), (0.03, 0.09))
    group = MultivariateNormal(("x", "y"), mean, covariance, scale, name="g")
    columns = group.draw(np.random.default_rng(3).random((100_000, 2)))
    inverses: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "identity": lambda v: v,
        "log": lambda v: np.log(v),
        "logit": lambda v: np.log(v / (1 - v)),
    }
    back = inverses[scale]
    z = np.array([back(columns["x"]), back(columns["y"])])
    assert z.mean(axis=1) == pytest.approx(mean, abs=0.005)
    assert np.cov(z) == pytest.approx(np.array(covariance), rel=0.02)
    for name in ("x", "y"):
        marginal = group.marginal(name)
        assert columns[name].mean() == pytest.approx(marginal.mean, rel=0.01, abs=0.005)
        assert columns[name].std() == pytest.approx(marginal.sd, rel=0.02)


def test_logit_normal_mean_against_quantiles() -> None:
    for mu, sigma in ((-3.0, 2.0), (0.0, 1.0), (1.0, 0.1)):
        assert LogitNormal(mu, sigma).mean == pytest.approx(LogitNormal(mu, sigma).ppf(U).mean(), rel=1e-4)
    assert LogitNormal(0.0, 1.7).mean == pytest.approx(0.5, abs=1e-14)


def test_empirical_rows_are_drawn_together() -> None:
    rows = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    columns = EmpiricalRows(("x", "y"), rows, name="g").draw(np.random.default_rng(0).random((3000, 1)))
    assert (columns["y"] == 10 * columns["x"]).all()
    counts = np.bincount(columns["x"].astype(int))[1:]
    assert (abs(counts - 1000) < 5 * math.sqrt(3000 * 2 / 9)).all()
    single = Empirical(np.array([3.0, 1.0, 2.0]))
    assert (single.mean, single.median, single.support) == (2.0, 2.0, (1.0, 3.0))
    assert single.ppf([0.1, 0.5, 0.99]).tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("d", [d for d in ALL if d.family not in ("beta", "logit normal")], ids=repr)
@given(factor=st.floats(0.1, 10))
def test_scaling_scales_the_draws(d: Distribution, factor: float) -> None:
    u = np.array([0.05, 0.5, 0.9])
    assert d.scaled(factor).ppf(u) == pytest.approx(d.ppf(u) * factor, rel=1e-12, abs=1e-12)
    assert d.scaled(factor).rule == d.rule


def test_a_beta_is_not_money() -> None:
    with pytest.raises(EvidenceError, match="cannot be moved to another price year"):
        Beta(2, 3).scaled(1.1)


@pytest.mark.parametrize(
    ("make", "pieces"),
    [
        (lambda: Beta(0, 1), ["shape is not above 0"]),
        (lambda: Gamma(1, -1), ["shape is not above 0", "-1"]),
        (lambda: Normal(0, 0), ["sd is not above 0"]),
        (lambda: Lognormal(math.nan, 1), ["meanlog is not finite"]),
        (lambda: Uniform(2, 1), ["limits do not rise", "[2, 1]"]),
        (lambda: Pert(1, 0, 2), ["limits do not rise"]),
        (lambda: Fixed(math.inf), ["not finite"]),
        (lambda: Beta.from_se(0.5, 0.6), ["standard error too large", "0.5"]),
        (lambda: Beta.from_se(0.5, 0.0), ["standard error is not above 0"]),
        (lambda: Beta.from_interval(0.5, 0.4, 1.2), ["leaves the support", "0 to 1"]),
        (lambda: Gamma.from_interval(5, 6, 8), ["outside its own interval", "low < value < high"]),
        (lambda: Gamma.from_interval(5, 8, 2), ["rising"]),
        (lambda: Gamma.from_interval(1, 0.0, 50), ["cannot be reached", "the most"]),
        (lambda: Lognormal.from_interval(1, 0.0, 50), ["cannot be reached"]),
        (lambda: Lognormal.from_interval(1, 0.0, 2, "median"), ["lower limit is 0"]),
        (lambda: Triangular.from_interval(1, 0.9, 2), ["too near one end", "0.333"]),
        (lambda: Gamma.from_shape(alpha=1), ["wrong shape parameters", "alpha, beta"]),
        (lambda: Dirichlet(("x", "y"), (1,), name="g"), ["counts and parameters differ"]),
        (lambda: Dirichlet(("x", "y"), (1, 0), name="g"), ["count is not above 0"]),
        (lambda: MultivariateNormal(("x",), (0,), ((1,),), "cube", name="g"), ["unknown scale", "logit"]),
        (lambda: MultivariateNormal(("x", "y"), (0, 0), ((1, 2), (2, 1)), name="g"), ["positive definite"]),
        (lambda: MultivariateNormal(("x", "y"), (0, 0), ((1, 0.2), (0.1, 1)), name="g"), ["not symmetric"]),
        (lambda: MultivariateNormal(("x", "y"), (0,), ((1, 0), (0, 1)), name="g"), ["wrong shape"]),
        (lambda: EmpiricalRows(("x", "y"), [[1.0]], name="g"), ["rows do not fit"]),
        (lambda: EmpiricalRows(("x", "x"), [[1.0, 1.0]], name="g"), ["different names"]),
    ],
)
def test_wrong_distributions_are_refused_by_name(make: object, pieces: list[str]) -> None:
    with pytest.raises(EvidenceError) as caught:
        make()  # type: ignore[operator]
    message = str(caught.value)
    for piece in pieces:
        assert piece in message
    assert "Rule:" in message
    assert "Way out:" in message


def test_gamma_shapes_may_name_a_rate_or_a_scale() -> None:
    assert (
        Gamma.from_shape(alpha=4, beta=2) == Gamma.from_shape(alpha=4, rate=2) == Gamma.from_shape(alpha=4, scale=0.5)
    )


def test_a_printed_covariance_may_be_singular_or_a_little_askew() -> None:
    """A correlation of 1, and halves that differ by the rounding of print: drawn as they stand."""
    u = np.random.default_rng(1).uniform(size=(20_000, 2))
    same = MultivariateNormal(("x", "y"), (1, 2), ((1, 2), (2, 4)), name="g").draw(u)
    np.testing.assert_allclose(2 * (same["x"] - 1), same["y"] - 2, atol=1e-7)
    assert same["y"].std() == pytest.approx(2, rel=0.02)
    askew = MultivariateNormal(("x", "y"), (0, 0), ((1, 0.3), (0.3000001, 1)), name="g").draw(u)
    assert np.corrcoef(askew["x"], askew["y"])[0, 1] == pytest.approx(0.3, abs=0.02)
    for matrix in (((1, 0.3), (0.30001, 1)), ((1, 1.00001), (1.00001, 1)), ((0, 0), (0, 1))):
        with pytest.raises(EvidenceError, match=r"not symmetric|not positive definite"):
            MultivariateNormal(("x", "y"), (0, 0), matrix, name="g")
