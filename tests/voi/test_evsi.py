"""Anchors: the normal-linear problem, whose EVSI has a closed form; its limits; the ratio of 2:1 to 1:1."""

from __future__ import annotations

import math
import warnings
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repeated import NEAR, RUNS
from scipy.special import ndtri
from scipy.stats import qmc

from costeff import Evaluation
from costeff.errors import ResultError, ScenarioError
from costeff.evidence.draw import replicated
from costeff.voi.evsi import METHODS, enbs, evsi
from costeff.voi.trial_design import Endpoint, TrialDesign

TRIAL = TrialDesign((Endpoint("weeks", {"usual": 0.0, "new": "gain"}, sd=6.0, contrast=True),), {"usual": 1, "new": 1})


def loss(mean: float, sd: float) -> float:
    k = abs(mean) / sd
    return sd * (NormalDist().pdf(k) - k * (1 - NormalDist().cdf(k)))


@pytest.fixture(scope="module")
def linear() -> Evaluation:
    """Net benefit at wtp 1: gain - price; gain has mean 0.3 and SD 1, price SD 0.5, both normal."""
    z = ndtri(qmc.Sobol(2, seed=5).random(2**14))
    gain, price = 0.3 + z[:, 0], 0.5 * z[:, 1]
    zero = np.zeros(len(z))
    return Evaluation(
        "m",
        "weeks",
        ("usual", "new"),
        "usual",
        np.column_stack([zero, price]),
        np.column_stack([zero, gain]),
        parameters={"gain": gain, "price": price},
    )


@pytest.mark.parametrize("method", ["gaussian", "regression", "moment_matching", "importance_sampling"])
def test_normal_linear_problem(linear: Evaluation, method: str) -> None:
    """Preposterior SD is sqrt(v / (v + noise)): EVSI rises to the EVPPI of the gain, which is below EVPI."""
    sizes = np.array([10, 50, 180, 1000, 1e7])
    found = evsi(linear, TRIAL, 1, participants=sizes, method=method)
    true = [loss(0.3, math.sqrt(1 / (1 + 4 * 36 / n))) for n in sizes]
    tolerance = 3.5 * found["evsi_mcse"].values[:, 0].max() if method == "regression" else 1e-3
    np.testing.assert_allclose(found["evsi"][:, 0], true, atol=tolerance)
    value = found["evsi"].values[:, 0]
    assert (np.diff(value) > 0).all()
    limit, perfect = float(linear.evppi("gain", 1)["evppi"][0, 0]), float(linear.evpi(1)["evpi"][0])
    assert float(found["evppi_limit"][0]) == pytest.approx(limit, rel=1e-9)
    assert value[-1] == pytest.approx(limit, rel=1e-3)
    assert value[3] < limit < perfect


def test_two_to_one_costs_an_eighth_more_variance(linear: Evaluation) -> None:
    endpoint = Endpoint("weeks", {"usual": 0.0, "new": "gain"}, sd=6.0, contrast=True)
    spread = [
        TrialDesign((endpoint,), {"usual": 1, "new": part}).summaries(linear.parameters, linear.draws)[1][0, 0, 0]
        for part in (1, 2)
    ]
    assert spread[0] == pytest.approx(4 * 36)
    assert spread[1] / spread[0] == pytest.approx(1.125)


def test_dropout_correlation_and_shares() -> None:
    """Covariances of means by hand: half of 100 in each group, a quarter lost for the second endpoint."""
    parameters = {"p": np.array([0.2, 0.5]), "m": np.array([1.0, 2.0])}
    back = Endpoint("return_to_work", {"usual": 0.5, "new": "p"})
    weeks = Endpoint("weeks", {"new": lambda drawn: 2 * drawn["m"]}, sd=3.0, dropout=0.25)
    design = TrialDesign((back, weeks), {"usual": 1, "new": 1}, [[1, -0.5], [-0.5, 1]])
    mean, spread = design.summaries(parameters, 2)
    np.testing.assert_allclose(mean, [[0.5, 0.2, 2], [0.5, 0.5, 4]])
    np.testing.assert_allclose(
        spread[0] / 100, [[0.25 / 50, 0, 0], [0, 0.16 / 50, -0.5 * 0.4 * 3 / 50], [0, -0.5 * 0.4 * 3 / 50, 9 / 37.5]]
    )


def test_methods_agree_with_several_endpoints() -> None:
    """A curved net benefit and four summaries: both methods within 10 %, and a second endpoint adds value."""
    rng = np.random.default_rng(6)
    base, effect, weeks = rng.beta(20, 20, 8000), rng.normal(0.3, 0.3, 8000), rng.normal(4, 2, 8000)
    new = 1 / (1 + np.exp(-effect) * (1 - base) / base)
    net = 30 * (new - base) + 0.4 * (weeks - 4) - 1.5
    zero = np.zeros(8000)
    one = Evaluation(
        "m",
        "q",
        ("usual", "new"),
        "usual",
        np.column_stack([zero, -net]),
        np.zeros((8000, 2)),
        parameters={"base": base, "new": new, "weeks": weeks},
    )
    first = Endpoint("return_to_work", {"usual": "base", "new": "new"})
    second = Endpoint("weeks", {"usual": 0.0, "new": "weeks"}, sd=10.0, dropout=0.2, contrast=True)
    groups = {"usual": 1, "new": 2}
    both = TrialDesign((first, second), groups)
    sizes = [90, 180, 720]
    methods = ("regression", "gaussian", "moment_matching", "importance_sampling")
    value = {m: evsi(one, both, 0, participants=sizes, method=m) for m in methods}
    for method in methods[1:]:
        np.testing.assert_allclose(value[method]["evsi"], value["regression"]["evsi"], rtol=0.1)
    for method in methods[2:]:
        np.testing.assert_allclose(value[method]["evsi"], value["gaussian"]["evsi"], rtol=0.03)
        assert (np.diff(value[method]["effective_draws"][:, 0]) < 0).all()
    alone = evsi(one, TrialDesign((first,), groups), 0, participants=sizes, method="gaussian")
    assert (alone["evsi"] < value["gaussian"]["evsi"]).all()
    assert (value["gaussian"]["evsi"] < value["gaussian"]["evppi_limit"]).all()


def test_posterior_of_a_share_equals_the_beta_posterior() -> None:
    """A share with a beta prior, 60 seen: the exact preposterior means of 61 possible data sets; net is p - 0.4."""
    from scipy.stats import betabinom

    p = beta_draws(6, 6, 2**13)
    zero = np.zeros(len(p))
    one = Evaluation(
        "m",
        "q",
        ("usual", "new"),
        "usual",
        np.column_stack([zero, 0.4 - p]),
        np.zeros((len(p), 2)),
        parameters={"p": p},
    )
    study = TrialDesign((Endpoint("back", {"new": "p"}),), {"new": 1})
    seen = np.arange(61)
    exact = betabinom.pmf(seen, 60, 6, 6) @ np.maximum((6 + seen) / 72 - 0.4, 0) - 0.1
    for method in ("moment_matching", "importance_sampling", "regression"):
        found = evsi(one, study, 0, participants=60, method=method)
        assert float(found["evsi"][0, 0]) == pytest.approx(exact, rel=0.05), method


def beta_draws(a: float, b: float, count: int) -> np.ndarray:
    from scipy.stats import beta

    return np.asarray(beta.ppf(qmc.Sobol(1, seed=8).random(count)[:, 0], a, b))


def three_strategies(seed: int, way: str, draws: int = 256, blocks: int = 16) -> Evaluation:
    """Net benefits 0, a + c + wtp and a / 2 - b + 0.2, independent normals; Sobol draws in replicates."""
    uniform = replicated("abc", draws, seed, way, 1 if way == "random" else blocks)
    a, b, c = (ndtri(uniform[name]) for name in "abc")
    net = np.column_stack([np.zeros(draws), a + c, 0.2 + 0.5 * a - b])
    return Evaluation(
        "m",
        "q",
        ("u", "v", "w"),
        "u",
        -net,
        np.tile([0.0, 1.0, 0.0], (draws, 1)),
        parameters={"a": a, "b": b},
        replicates=None if way == "random" else blocks,
    )


@pytest.mark.repeated
@pytest.mark.parametrize(("way", "wtp"), [("random", [0.6]), ("sobol", [0.6, 0.3])])
def test_the_error_of_each_method_is_the_spread_of_repeated_runs(way: str, wtp: list[float]) -> None:
    """Runs of 256 draws, all four methods, which agree within 2 %; one problem is near a tie."""
    study = TrialDesign((Endpoint("a", {"g": "a"}, sd=5.0), Endpoint("b", {"g": "b"}, sd=5.0)), {"g": 1})
    runs: dict[str, list[list[np.ndarray]]] = {method: [] for method in METHODS}
    for seed in range(RUNS):
        one = three_strategies(seed, way)
        for method, kept in runs.items():
            found = evsi(one, study, wtp, participants=40, method=method, seed=seed)
            kept.append([found[name].values[0] for name in ("evsi", "evsi_mcse")])
    ratios, means = {}, []
    for method, kept in runs.items():
        value, error = np.moveaxis(np.array(kept), 1, 0)
        ratios[method] = np.sqrt((error**2).mean(axis=0)) / value.std(axis=0, ddof=1)
        means.append(value.mean(axis=0))
    assert {method: r for method, r in ratios.items() if not (abs(r - 1) <= NEAR).all()} == {}
    np.testing.assert_allclose(means, np.broadcast_to(means[1], np.shape(means)), rtol=0.02)


def test_another_place_learns_only_what_is_common(linear: Evaluation) -> None:
    """Half of the variance lies between places: a study there moves the mean here half as far, at any size."""
    from dataclasses import replace

    sizes = np.array([180, 1e7])
    for between in (0.0, 0.5, 1.0):
        elsewhere = replace(TRIAL, between={"gain": between})
        found = evsi(linear, elsewhere, 1, participants=sizes, method="gaussian")
        carried = [(1 - between) * math.sqrt(1 / (1 + 4 * 36 / n)) for n in sizes]
        true = [loss(0.3, sd) if sd > 0 else 0.0 for sd in carried]
        np.testing.assert_allclose(found["evsi"][:, 0], true, atol=0.012)
    own = replace(TRIAL, between={"gain": 0.5, "price": 0.5}).at_its_place(linear.parameters)
    np.testing.assert_allclose(
        np.quantile(own["gain"], [0.1, 0.5, 0.9]), np.quantile(linear.parameters["gain"], [0.1, 0.5, 0.9]), atol=0.05
    )
    assert np.corrcoef(own["gain"], linear.parameters["gain"])[0, 1] == pytest.approx(0.5, abs=0.03)
    with pytest.raises(ScenarioError, match="between places"):
        replace(TRIAL, between={"gain": 1.5})


@settings(deadline=None, max_examples=15)
@given(
    st.floats(0.5, 20),
    st.floats(0.2, 5),
    st.floats(0, 0.9),
    st.floats(0, 1),
    st.sampled_from(["gaussian", "moment_matching", "importance_sampling"]),
)
def test_bounds_of_any_study(sd: float, part: float, dropout: float, between: float, method: str) -> None:
    """More participants teach more and never more than an endless study; nothing lost teaches more than something."""
    rng = np.random.default_rng(1)
    gain, zero = rng.normal(0.2, 1, 300), np.zeros(300)
    one = Evaluation(
        "m",
        "q",
        ("usual", "new"),
        "usual",
        np.column_stack([zero, zero + 0.1]),
        np.column_stack([zero, gain]),
        parameters={"gain": gain},
    )

    def value(lost: float) -> tuple[np.ndarray, float]:
        endpoint = Endpoint("gain", {"usual": 0.0, "new": "gain"}, sd=sd, dropout=lost, contrast=True)
        design = TrialDesign((endpoint,), {"usual": 1, "new": part}, between={"gain": between})
        found = evsi(one, design, 1, participants=[20, 80, 320], method=method)
        return found["evsi"].values[:, 0], float(found["evppi_limit"][0])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        some, limit = value(dropout)
        all_, _ = value(0.0)
    slack = 0.02 if method == "importance_sampling" else 1e-3  # 300 draws, weighted
    assert (np.diff(some) >= -slack).all()
    assert (some <= limit + slack).all()
    assert (some <= all_ + slack).all()


def test_too_few_effective_draws_warn(linear: Evaluation) -> None:
    few = Evaluation(
        "m",
        "weeks",
        ("usual", "new"),
        "usual",
        linear.cost[:60],
        linear.effect[:60],
        parameters={"gain": linear.parameters["gain"][:60]},
    )
    with pytest.warns(UserWarning, match="effective draws"):
        evsi(few, TRIAL, 1, participants=1e6, method="importance_sampling")


def test_enbs(linear: Evaluation) -> None:
    sizes = [20, 60, 180, 540]
    found = evsi(linear, TRIAL, [0, 1], participants=sizes, method="gaussian", population=1000)
    net = enbs(found, fixed_cost=10, cost_per_participant=0.2)
    by_hand = 1000 * found["evsi"].values - 10 - 0.2 * np.array(sizes)[:, None]
    np.testing.assert_allclose(net["enbs"], by_hand)
    best = by_hand[:, 1].argmax()
    assert 0 < best < 3
    assert net["best_participants"].values.tolist() == [0, sizes[best]]  # at wtp 0 the study is worth nothing
    with pytest.raises(ResultError, match="population"):
        enbs(evsi(linear, TRIAL, 1, participants=10, method="gaussian"), fixed_cost=0, cost_per_participant=0)


def test_refusals(linear: Evaluation) -> None:
    end = TRIAL.endpoints
    for wrong in (
        {"endpoints": (), "allocation": {"usual": 1}},
        {"endpoints": end, "allocation": {"usual": 1}},
        {"endpoints": end, "allocation": {"usual": 1, "new": 0}},
        {"endpoints": end, "allocation": TRIAL.allocation, "correlation": [[2]]},
        {"endpoints": (Endpoint("x", {"usual": 1.0}, dropout=1),), "allocation": {"usual": 1}},
        {"endpoints": (Endpoint("x", {"usual": 1.0}, contrast=True),), "allocation": {"usual": 1}},
    ):
        with pytest.raises(ScenarioError):
            TrialDesign(**wrong)
    for more in ({"participants": 0}, {"participants": []}, {"participants": 9, "method": "x"}):
        with pytest.raises(ScenarioError):
            evsi(linear, TRIAL, 1, **more)
    unknown = TrialDesign((Endpoint("x", {"usual": "y"}, sd=1.0),), {"usual": 1})
    with pytest.raises(ResultError, match="unknown parameter"):
        evsi(linear, unknown, 1, participants=9)
    share = TrialDesign((Endpoint("x", {"usual": "gain"}),), {"usual": 1})
    with pytest.raises(ScenarioError, match="outside 0-1"):
        evsi(linear, share, 1, participants=9)
