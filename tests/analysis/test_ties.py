"""Anchors: Clark's law of two means; the spread over repeated runs where strategies are nearly equal in the mean.

Near a tie the strategy that is best without information differs between runs. Gaps are in standard errors of the
difference of means, as repeated runs have it, so that a tie is as near for Sobol draws as for independent ones.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from repeated import NEAR, RUNS
from scipy.special import ndtri
from scipy.stats import multivariate_normal, norm

from costeff import Evaluation
from costeff.analysis.ties import chances, covariance_of_means, mixed_error
from costeff.evidence.draw import replicated
from costeff.voi.evsi import METHODS, evsi
from costeff.voi.trial_design import Endpoint, TrialDesign

STUDY = TrialDesign((Endpoint("a", {"g": "a"}, sd=5.0), Endpoint("b", {"g": "b"}, sd=5.0)), {"g": 1})


def test_two_means_follow_the_normal_law() -> None:
    """Of 0.6 of the covariance: the difference 2 has variance 0.6 x (1 + 4 - 2 x 0.5); far apart is certain."""
    found = chances(np.array([3.0, 1.0]), np.array([[1.0, 0.5], [0.5, 4.0]]))
    first = norm.cdf(2 / math.sqrt(0.6 * 4))
    np.testing.assert_allclose(found, [first, 1 - first], rtol=1e-12)
    assert chances(np.array([3.0, 1.0]), np.eye(2) * 1e-4).tolist() == [1.0, 0.0]
    assert chances(np.array([1.0, 3.0]), np.full((2, 2), math.nan)).tolist() == [0.0, 1.0]  # one replicate


def test_three_means_follow_the_normal_law() -> None:
    """Against the cumulative distribution of two differences, and by symmetry."""
    mean = np.array([0.0, 0.5, -0.3])
    covariance = np.array([[0.0, 0, 0], [0, 1.0, 0.6], [0, 0.6, 2.0]])
    found = chances(mean, covariance)
    for s in range(3):
        others = [o for o in range(3) if o != s]
        turn = np.zeros((2, 3))
        turn[:, s], turn[[0, 1], others] = -1, 1
        law = multivariate_normal(turn @ mean, 0.6 * turn @ covariance @ turn.T)
        assert found[s] == pytest.approx(law.cdf([0.0, 0.0]), abs=0.01)
    np.testing.assert_allclose(chances(np.zeros(5), np.eye(5)), 0.2, atol=0.015)
    assert found.tolist() == chances(mean, covariance).tolist()


def test_draws_move_as_the_means_do() -> None:
    """Net benefits that lie as far off as the means: where all draws are equal, knowing changes no choice."""
    rng = np.random.default_rng(2)
    covariance = np.diag([0.0, 1.0, 2.0])
    same = np.tile([0.0, 0.4, 0.1], (7, 1))
    own = chances(same[0], covariance)
    np.testing.assert_allclose(chances(same[0], covariance, at=same), np.tile(own, (7, 1)), atol=0.03)
    wide = 1e3 * rng.standard_normal((50, 3))
    found = chances(same[0], covariance, at=wide)
    assert (found.argmax(axis=1) == wide.argmax(axis=1)).all()
    assert (found.max(axis=1) == 1).mean() > 0.9


def test_error_of_mixed_losses_is_that_of_their_mean() -> None:
    """From the errors of losses and of the differences of means, as from the draws themselves."""
    rng = np.random.default_rng(3)
    net = rng.normal(0, [1, 2, 3], (500, 3))
    lost = net.max(axis=1, keepdims=True) - net
    errors = np.sqrt(np.diag(covariance_of_means(lost)))
    covariance = covariance_of_means(net)
    own = np.diag(covariance)
    for chance in ([1, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]):
        direct = (lost @ chance).std(ddof=1) / math.sqrt(500)
        found = mixed_error(errors, own[:, None] + own - 2 * covariance, np.array(chance, float))
        assert found == pytest.approx(direct, rel=1e-9)


def test_identical_strategies_have_no_error() -> None:
    """They differ by exactly 0 in every run; a copy of a strategy changes no error of the others."""
    rng = np.random.default_rng(4)
    cost = rng.normal(0, 1e4, (300, 1)) * [1, 1]
    effect = rng.normal(0, 0.1, (300, 1)) * [1, 1]
    same = Evaluation("m", "q", ("u", "v"), "u", cost, effect, parameters={"x": cost[:, 0]})
    found, part = same.evpi([0, 3e4]), same.evppi("x", 3e4)
    assert [*found["evpi"].values, *found["evpi_mcse"].values] == [0.0] * 4
    assert [float(part[name][0, 0]) for name in ("evppi", "evppi_mcse")] == [0.0, 0.0]
    net = rng.normal(0, 1, (300, 2))
    two = Evaluation("m", "q", ("u", "v"), "u", net, np.zeros((300, 2)))
    three = Evaluation("m", "q", ("u", "v", "w"), "u", net[:, [0, 1, 1]], np.zeros((300, 3)))
    assert float(two.evpi(0)["evpi_mcse"][0]) == pytest.approx(float(three.evpi(0)["evpi_mcse"][0]), rel=1e-9)


@cache
def drawn(seed: int, way: str) -> tuple[np.ndarray, ...]:
    """Parameters, net benefits (draw, 3) of true mean 0 for the first two after u, and the luck of two halves."""
    uniform = replicated("abc", 256, seed, way, 1 if way == "random" else 16)
    a, b, c = (ndtri(uniform[name]) for name in "abc")
    net = np.column_stack([np.zeros(256), a + c + 0.4 * (a**2 - 1), 1.2 * b - 0.8 * c])
    luck = np.random.default_rng(seed + 10**6).normal(0, 0.5, (256, 2, 3))
    return a, b, net, luck


def near_tie(seed: int, way: str, strategies: int, *, halves: bool = False) -> Evaluation:
    """The first two strategies tie at wtp 0 and lie wtp apart elsewhere; the third ties or nearly ties."""
    a, b, net, luck = drawn(seed, way)
    if halves:
        half = (net[:, None] + luck)[:, :, :strategies]
        cost, halved = -half.mean(axis=1), {"cost_half": -half, "effect_half": ahead(half)}
    else:
        cost, halved = -net[:, :strategies], {}
    return Evaluation(
        "m",
        "q",
        ("u", "v", "w")[:strategies],
        "u",
        cost,
        ahead(cost),
        **halved,
        parameters={"a": a, "b": b},
        replicates=None if way == "random" else 16,
    )


def ahead(like: np.ndarray) -> np.ndarray:
    """1 of the effect for the second strategy in every draw, so that a gap is a willingness to pay."""
    return np.zeros_like(like) + (np.arange(like.shape[-1]) == 1)


@cache
def standard_error(way: str, halves: bool) -> float:
    """SD over runs of the mean difference between the first two strategies."""
    found = []
    for seed in range(RUNS):
        *_, net, luck = drawn(seed, way)
        whole = net + halves * luck.mean(axis=1)
        found.append((whole[:, 1] - whole[:, 0]).mean())
    return float(np.std(found, ddof=1))


def ratios(told: list[dict[str, tuple[float, float]]]) -> dict[str, float]:
    """By number: root of the mean square of the errors that runs report of (value, error), over the spread."""
    found = {}
    for name in told[0]:
        value, error = np.array([one[name] for one in told]).T
        found[name] = math.sqrt((error**2).mean()) / value.std(ddof=1)
    return found


@pytest.mark.repeated
@pytest.mark.parametrize("way", ["random", "latin_hypercube", "sobol"])
@pytest.mark.parametrize("strategies", [2, 3])
def test_perfect_information_near_a_tie(way: str, strategies: int) -> None:
    """EVPI without noise, and of two with the luck of individuals, raw and corrected."""
    told = []
    for seed in range(RUNS):
        plain = near_tie(seed, way, strategies).evpi([0, standard_error(way, False)])
        names = [(plain, "evpi")]
        if strategies == 2:
            noisy = near_tie(seed, way, strategies, halves=True).evpi([0, standard_error(way, True)])
            names += [(noisy, "evpi"), (noisy, "evpi_noise_corrected")]
        told.append(
            {
                f"{name} {i} at gap {gap}": (table[name].values[gap], table[f"{name}_mcse"].values[gap])
                for i, (table, name) in enumerate(names)
                for gap in (0, 1)
            }
        )
    assert {name: r for name, r in ratios(told).items() if not abs(r - 1) <= NEAR} == {}


@pytest.mark.repeated
@pytest.mark.parametrize(
    ("way", "gap", "strategies", "methods"),
    [
        ("random", 0.0, 2, METHODS),
        ("random", 1.0, 3, METHODS),
        ("sobol", 0.0, 3, ("regression", "gaussian", "moment_matching")),
        ("sobol", 1.0, 2, ("regression",)),
    ],
)
def test_information_by_regression_near_a_tie(way: str, gap: float, strategies: int, methods: tuple[str, ...]) -> None:
    """EVPPI and EVSI; with Sobol draws by the methods that docs/simulation_error.md names."""
    told = []
    wtp = gap * standard_error(way, False)
    for seed in range(RUNS):
        one = near_tie(seed, way, strategies)
        numbers = {}
        for method in methods:
            found = evsi(one, STUDY, wtp, participants=40, method=method, seed=seed)
            numbers[method] = found["evsi"].values[0, 0], found["evsi_mcse"].values[0, 0]
        # an endless study tells a and b
        numbers["evppi"] = found["evppi_limit"].values[0], found["evppi_limit_mcse"].values[0]
        told.append(numbers)
    part = one.evppi(["a", "b"], wtp)
    assert numbers["evppi"] == (part["evppi"].values[0, 0], part["evppi_mcse"].values[0, 0])
    assert {name: r for name, r in ratios(told).items() if not abs(r - 1) <= NEAR} == {}
