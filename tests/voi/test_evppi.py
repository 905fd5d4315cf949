"""Anchors: the unit normal loss, 1/pi for a product of normals, nested loops, repeated runs, EVPI as the limit."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc

from costeff import Evaluation, read_psa
from costeff.errors import ResultError, ScenarioError

DATA = Path(__file__).parents[1] / "data" / "economics"


def analysis(net: np.ndarray, **parameters: np.ndarray) -> Evaluation:
    """Strategies whose net benefits at wtp 0 are 0 and the columns of `net`."""
    net = net.reshape(len(net), -1)
    cost = np.column_stack([np.zeros(len(net)), -net])
    names = tuple("ABCD"[: cost.shape[1]])
    return Evaluation("m", "q", names, "A", cost, np.zeros_like(cost), parameters=parameters)


def loss(mean: float, sd: float) -> float:
    """E max(0, X) - max(0, mean) of a normal X."""
    k = abs(mean) / sd
    return sd * (NormalDist().pdf(k) - k * (1 - NormalDist().cdf(k)))


def test_linear_normal_problem_to_three_digits() -> None:
    z = ndtri(qmc.Sobol(4, seed=2).random(2**14))
    found = analysis(0.5 + z[:, 0] + 2 * z[:, 1] + 0.5 * z[:, 2], a=z[:, 0], b=z[:, 1], c=z[:, 2], d=z[:, 3]).evppi(
        {"a": "a", "b": "b", "ab": ["a", "b"], "abc": ["a", "b", "c"], "all": list("abcd"), "d": "d"}, 0
    )
    true = [loss(0.5, math.sqrt(v)) for v in (1, 4, 5, 5.25, 5.25)]
    np.testing.assert_allclose(found["evppi"].values[:5, 0], true, atol=2e-3)
    assert float(found["evppi"].sel(group="d", wtp=0)) < 1e-3
    assert found["adequate"].values.all()


def test_product_of_two_normals_is_seen_by_default() -> None:
    """NB = x y: neither alone tells anything, both together 1 / pi."""
    x, y = np.random.default_rng(1).normal(size=(2, 10_000))
    both = float(analysis(x * y, x=x, y=y).evppi(["x", "y"], 0)["evppi"][0, 0])
    exact = np.maximum(x * y, 0).mean() - max(0.0, (x * y).mean())
    assert both == pytest.approx(exact, rel=0.02)
    z = ndtri(qmc.Sobol(2, seed=3).random(8192))
    found = analysis(z[:, 0] * z[:, 1], x=z[:, 0], y=z[:, 1]).evppi({"xy": ["x", "y"], "x": "x", "y": "y"}, 0)
    assert found["evppi"].values[0, 0] == pytest.approx(1 / math.pi, rel=0.02)
    assert (found["evppi"].values[1:, 0] < 0.01).all()


def test_agrees_with_nested_monte_carlo() -> None:
    """Three strategies, a curved response: an outer loop over the parameter, an inner one over the rest."""
    rng = np.random.default_rng(4)

    def net(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        return np.stack([np.exp(0.6 * a) * (1 + 0.5 * b) - 1.1, 0.5 * a**2 - 0.4 + b * c + 0.3 * c], axis=-1)

    outer = rng.normal(size=(4000, 1))
    inner = net(outer, *rng.normal(size=(2, 4000, 400))).mean(axis=1)
    best = np.maximum(inner.max(axis=1), 0)
    at = inner.mean(axis=0).argmax()
    nested = best - (inner[:, at] if inner.mean(axis=0)[at] > 0 else 0)
    a, b, c = rng.normal(size=(3, 10_000))
    found = analysis(net(a, b, c), a=a, b=b, c=c).evppi("a", 0)
    error = math.hypot(nested.std() / math.sqrt(4000), float(found["evppi_mcse"][0, 0]))
    assert abs(float(found["evppi"][0, 0]) - nested.mean()) < 3.5 * error
    assert error < 0.05 * nested.mean()


def test_errors_are_the_spread_of_repeated_runs_and_correction_lowers_bias() -> None:
    rng = np.random.default_rng(5)
    runs = []
    for _ in range(400):
        z = rng.normal(size=(3, 400))
        runs.append(analysis(0.5 + z[0] + 0.5 * z[1] + 2 * z[2], a=z[0]).evppi("a", 0))
    names = ("evppi", "evppi_mcse")
    value, error = (np.array([float(run[name][0, 0]) for run in runs]) for name in names)
    assert math.sqrt((error**2).mean()) == pytest.approx(value.std(ddof=1), rel=0.1)
    assert value.mean() == pytest.approx(loss(0.5, 1), abs=3 * value.std() / 20)
    nothing = []
    for _ in range(100):
        x, y = rng.normal(size=(2, 400))
        found = analysis(x * y, x=x, y=y).evppi("x", 0)  # the truth is 0, and the noise differs between draws
        nothing.append([float(found["evppi"][0, 0]), float(found["evppi_raw"][0, 0])])
    corrected, uncorrected = np.mean(nothing, axis=0)
    assert corrected < 0.35 * uncorrected


def test_strategies_that_the_group_does_not_touch_hide_nothing() -> None:
    """One mean follows c, two do not: normal theory, not 0, as when the noise of the two was shared with the one."""
    for seed in range(6):
        a, b, c, d, e = ndtri(qmc.Sobol(5, seed=seed).random(2**12)).T
        one, two = np.exp(0.6 * a) * (1 + 0.5 * b) - 1.1, 0.5 * a**2 - 0.3 + b * c + 0.3 * c + 0.3 * d
        net = np.column_stack([one, two, 0.2 * d + 0.5 * e * a])
        found = float(analysis(net, c=c).evppi("c", 0)["evppi"][0, 0])
        assert found == pytest.approx(loss(0.2 - (math.exp(0.18) - 1.1), 0.3), rel=0.12)


def test_all_parameters_together_are_worth_perfect_information() -> None:
    """Net benefit is a function of its 16 parameters: EVPPI of all is EVPI; each alone is worth no more."""
    evaluation = read_psa(DATA / "sick_sicker_psa.csv")
    for wtp in (80_000, 120_000):
        perfect = float(evaluation.evpi(wtp)["evpi"][0])
        all_of_them = evaluation.evppi(list(evaluation.parameters), wtp)
        assert float(all_of_them["evppi"][0, 0]) == pytest.approx(perfect, rel=0.01)
        alone = evaluation.evppi(None, wtp)
        assert alone.sizes == {"group": 16, "wtp": 1}
        assert (alone["evppi"] <= perfect).all()
        assert (alone["evppi"] >= 0).all()


def test_individual_noise_is_removed_by_regression() -> None:
    """EVPPI of all parameters is the noise-corrected EVPI of a two-level analysis: 417, not 943."""
    z = ndtri(qmc.Sobol(3, seed=6).random(2**14))
    half = 5_000 + 5_000 * z[:, :1] + 150_000 / math.sqrt(500) * z[:, 1:]
    cost_half = np.stack([np.zeros_like(half), -half], axis=-1)
    two = Evaluation(
        "m",
        "q",
        ("A", "B"),
        "A",
        cost_half.mean(axis=1),
        np.zeros((len(z), 2)),
        cost_half,
        np.zeros_like(cost_half),
        parameters={"a": z[:, 0]},
    )
    value = float(two.evppi("a", 0)["evppi"][0, 0])
    assert value == pytest.approx(loss(5_000, 5_000), rel=0.03)
    assert value == pytest.approx(float(two.evpi(0)["evpi_noise_corrected"][0]), rel=0.03)


def test_a_poor_fit_warns() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=5_000)
    with pytest.warns(UserWarning, match="misses structure"):
        found = analysis(np.sin(60 * x) + 0.5 * rng.normal(size=5_000), x=x).evppi("x", 0)
    assert found["adequate"].values.tolist() == [[0]]
    assert float(found["missed"][0, 0]) > 0.5


def test_values_of_one_constant_and_many_draws() -> None:
    rng = np.random.default_rng(9)
    coin = rng.integers(0, 2, 4000).astype(float)
    net = np.where(coin > 0, 1.0, -1.0) + rng.normal(size=4000)
    two = analysis(net, coin=coin, still=np.full(4000, 3.0), other=rng.normal(size=4000))
    found = two.evppi({"coin": "coin", "still": "still", "both": ["coin", "still"], "four": ["coin", "other"]}, 0)
    share = coin.mean()
    value = found["evppi"].values[:, 0]
    assert value[0] == pytest.approx(min(share, 1 - share), abs=0.05)
    assert value[1] == 0
    np.testing.assert_allclose(value[2:], value[0], atol=0.02)


def test_wtp_population_and_scale() -> None:
    """Curves over wtp are those of single values; scaling money scales the value; people multiply it."""
    rng = np.random.default_rng(10)
    a, b = rng.normal(size=(2, 3000))
    effect = np.column_stack([np.zeros(3000), 0.1 + 0.1 * a])
    cost = np.column_stack([np.zeros(3000), 1000 + 300 * b])
    one = Evaluation("m", "q", ("A", "B"), "A", cost, effect, parameters={"a": a, "b": b})
    wtp = [0, 5_000, 20_000]
    curve = one.evppi("a", wtp, population=10, horizon=2, discount_rate=0)
    singly = [float(one.evppi("a", w)["evppi"][0, 0]) for w in wtp]
    np.testing.assert_allclose(curve["evppi"][0], singly, rtol=1e-12)
    np.testing.assert_allclose(curve["population_evppi"], 20 * curve["evppi"])
    assert "population_degrees" not in curve
    dear = Evaluation("m", "q", ("A", "B"), "A", 100 * cost, effect, parameters={"a": a, "b": b})
    np.testing.assert_allclose(dear.evppi("a", 5e5)["evppi"], 100 * curve["evppi"][:, [1]], rtol=1e-6)


def test_twenty_parameters_that_enter_linearly_equal_plain_least_squares() -> None:
    """NB is a sum of 20 standard normals; for each alone a line by least squares gives its value in these draws."""
    rng = np.random.default_rng(11)
    values = rng.normal(size=(20, 10_000))
    nb = values.sum(axis=0)
    found = analysis(nb, **{f"p{i}": row for i, row in enumerate(values)}).evppi(None, 0)["evppi"].values[:, 0]
    plain = []
    for row in values:
        slope = float(np.cov(row, nb)[0, 1] / np.var(row, ddof=1))
        fitted = nb.mean() + slope * (row - row.mean())
        plain.append(np.maximum(fitted, 0).mean() - max(0.0, nb.mean()))
    np.testing.assert_allclose(found, plain, atol=0.02)
    assert found.mean() == pytest.approx(np.mean(plain), rel=0.01)


def test_refusals() -> None:
    rng = np.random.default_rng(12)
    one = analysis(rng.normal(size=100), x=rng.normal(size=100))
    for names in ("y", ["x", "x"], [], {"group": ["x", "z"]}):
        with pytest.raises(ResultError):
            one.evppi(names, 0)
    with pytest.raises(ResultError, match="need labels"):
        one.evppi([["x"]], 0)  # type: ignore[list-item]
    with pytest.raises(ScenarioError):
        one.evppi("x")
    with pytest.raises(ResultError, match="no parameters"):
        analysis(rng.normal(size=100)).evppi("x", 0)
    with pytest.raises(ResultError, match="too few draws"):
        analysis(rng.normal(size=20), x=rng.normal(size=20)).evppi("x", 0)
