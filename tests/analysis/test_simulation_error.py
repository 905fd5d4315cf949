"""Anchor: the spread of every reported number over hundreds of repeated runs, against the error that each run reports.

Four parameters, three strategies, costs and effects that are not linear in them. tests/repeated.py says how many runs
(hundreds), and how near errors must be.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from repeated import NEAR, RUNS
from scipy.special import ndtri

from costeff import Evaluation
from costeff.analysis.intervals import monte_carlo_error
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.icer import UNTOLD, icer_interval
from costeff.cea.mixed import mixed_strategy
from costeff.cea.risk_aversion import risk_aversion
from costeff.cea.stratified import stratified
from costeff.cea.structures import mixture, structural_average
from costeff.errors import ResultError
from costeff.evidence.draw import METHODS, replicated
from costeff.precision.convergence import convergence
from costeff.sensitivity.conditional_means import Conditional
from costeff.sensitivity.global_ import gsa
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.implementation import implementation
from costeff.voi.trial_design import Endpoint, TrialDesign

WTP = 60_000.0
NAMES = ("usual", "new", "other")


@cache
def run(seed: int, method: str, draws: int = 256, replicates: int = 16) -> Evaluation:
    """One run; Latin hypercube and Sobol draws in replicates."""
    blocks = None if method == "random" else replicates
    uniform = replicated(("a", "b", "c", "d"), draws, seed, method, blocks or 1)
    a, b, c, d = (ndtri(uniform[name]) for name in "abcd")
    nothing = np.zeros(draws)
    cost = np.column_stack([nothing, 6_000 + 1_500 * a + 800 * b**2, 12_000 * np.exp(0.2 * c)])
    effect = np.column_stack([nothing, 0.1 + 0.05 * d, 0.22 + 0.06 * c + 0.05 * a * d])
    drawn = {"a": a, "b": b, "c": c, "d": d}
    return Evaluation("m", "q", NAMES, "usual", cost, effect, parameters=drawn, replicates=blocks)


def reported(found: Evaluation) -> dict[str, tuple[float, float]]:
    """(value, error) of every number that a run reports."""
    told: dict[str, tuple[float, float]] = {}
    table = found.icer_table().set_index("strategy")
    nets = found.incremental_nmb(WTP).values
    for name in ("new", "other"):
        for kind in ("cost", "effect"):
            told[f"{kind} {name}"] = table.loc[name, kind], table.loc[name, f"{kind}_mcse"]
        net = nets[:, NAMES.index(name) - 1]
        told[f"incremental nmb {name}"] = net.mean(), float(monte_carlo_error(net, found.replicates))
    for kind in ("cost", "effect"):  # against `new`, the one before on the frontier
        name = f"incremental_{kind}"
        told[name] = table.loc["new", name], table.loc["new", f"{name}_mcse"]
    probability, loss = found.ceac(WTP), found.expected_loss(WTP)
    for curves, key in ((probability, "probability"), (loss, "expected_loss")):
        values, errors = curves[key].values[0], curves[f"{key}_mcse"].values[0]
        told |= {f"{key} {name}": (values[s], errors[s]) for s, name in enumerate(NAMES)}
    evpi, front = found.evpi(WTP), found.ceaf(WTP)
    told["evpi"] = float(evpi["evpi"][0]), float(evpi["evpi_mcse"][0])
    told["ceaf"] = float(front["probability"][0]), float(front["probability_mcse"][0])
    return told


@cache
def spreads(method: str) -> dict[str, tuple[float, float]]:
    """By number: its spread over the runs, and the root of the mean square of the errors that they report."""
    runs = [reported(run(seed, method)) for seed in range(RUNS)]
    found = {}
    for name in runs[0]:
        values, errors = np.array([one[name] for one in runs]).T
        found[name] = float(values.std(ddof=1)), math.sqrt(float((errors**2).mean()))
    return found


@pytest.mark.repeated
@pytest.mark.parametrize("method", METHODS)
def test_every_error_is_the_spread_of_repeated_runs(method: str) -> None:
    """For each number and each way of drawing."""
    found = spreads(method)
    assert len(found) >= 16
    wrong = {name: pair for name, pair in found.items() if not abs(pair[1] / pair[0] - 1) <= NEAR}
    assert wrong == {}


def ratio(runs: list[list[tuple[float, float]]]) -> np.ndarray:
    """By number: the root of the mean square of the errors that runs report of (value, error), over the spread."""
    values, errors = np.moveaxis(np.array(runs), -1, 0)
    return np.asarray(np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0, ddof=1))


@pytest.mark.repeated
@pytest.mark.filterwarnings("ignore:EVPPI of")  # whether a fit is called adequate is tested elsewhere
@pytest.mark.parametrize(
    ("method", "groups", "draws", "replicates"),
    [
        ("random", ["c", "a, d", "a, b, c, d"], 256, 16),
        ("latin_hypercube", ["c", "a, d", "a, b, c, d"], 256, 16),
        ("sobol", ["c", "a, d", "a, b, c, d"], 256, 16),
        ("sobol", ["c"], 2048, 8),
    ],
)
def test_the_error_of_evppi_is_the_spread_of_repeated_runs(
    method: str, groups: list[str], draws: int, replicates: int
) -> None:
    """One parameter, a pair with an interaction, and all four (by the kernel)."""
    asked = {group: group.split(", ") for group in groups}
    runs = []
    for seed in range(RUNS):
        # the larger runs are not asked for again
        drawn = run(seed, method) if draws == 256 else run.__wrapped__(seed, method, draws, replicates)
        found = drawn.evppi(asked, WTP)
        runs.append(list(zip(found["evppi"].values[:, 0], found["evppi_mcse"].values[:, 0], strict=True)))
    np.testing.assert_allclose(ratio(runs), 1.0, atol=NEAR)


@pytest.mark.repeated
@pytest.mark.parametrize("method", METHODS)
def test_other_errors_of_regressions_are_the_spread_of_repeated_runs(method: str) -> None:
    """Variance explained, a mean given a parameter, a mixture of two structures.

    In a few runs luck relates two parameters; the mean then keeps what the other does, with an error many times larger.
    Those, at most 1 in 100, are held to four of their own errors: luck that relates two has moved the mean too.
    """
    runs, related = [], []
    for seed in range(RUNS):
        one = run(seed, method)
        explains = gsa(one, strategy="other", wtp=WTP, names="c").table.set_index("factor")
        means = Conditional(one, WTP, "other").given(["d"])
        given = means(np.array([[1.0]]))
        half = {"as it is": (0.5, one), "dearer": (0.5, replace(one, cost=one.cost * 1.1))}
        net = mixture(half, draws=256).incremental_nmb(WTP).values[:, 1]
        mixed = float(net.mean()), float(monte_carlo_error(net, one.replicates))
        runs.append([tuple(explains.loc["c", ["first", "first_mcse"]]), (given.result[0], given.mcse[0]), mixed])
        related.append(bool(means.partners))
    explained, conditional, mixtures = np.moveaxis(np.array(runs), 1, 0)[:, :, None, :]
    np.testing.assert_allclose([ratio(explained), ratio(mixtures)], 1.0, atol=NEAR)
    led = np.array(related)
    assert led.mean() <= 0.01
    np.testing.assert_allclose(ratio(conditional[~led]), 1.0, atol=NEAR)
    away = np.abs(conditional[led, 0, 0] - conditional[~led, 0, 0].mean())
    assert (away < 4 * conditional[led, 0, 1]).all()


@pytest.mark.repeated
def test_designs_vary_less_than_independent_draws() -> None:
    """Otherwise the test above would show nothing: an error by SD / sqrt(draws) would be many times too large."""
    plain = spreads("random")
    for method in ("latin_hypercube", "sobol"):
        for name in ("cost new", "effect new", "incremental nmb new"):
            assert spreads(method)[name][0] < 0.4 * plain[name][0]
            assert spreads(method)[name][1] < 0.4 * plain[name][1]


def test_replicates_must_fit_and_one_tells_nothing() -> None:
    with pytest.raises(ResultError, match="equal replicates"):
        Evaluation("m", "q", ("a", "b"), "a", np.zeros((5, 2)), np.zeros((5, 2)), replicates=2)
    one = run(1, "sobol", draws=64, replicates=1)
    assert one.conventions()["replicates"] == 1
    for value, error in reported(one).values():
        assert math.isfinite(value)
        assert math.isnan(error)
    for kind in ("monte_carlo", "parameter"):  # without an error nobody knows whether there is a ratio
        assert set(icer_interval(one, kind=kind)["status"]) == {UNTOLD}


@pytest.mark.filterwarnings("ignore:EVPPI of")
def test_one_design_tells_no_error_anywhere() -> None:
    """Every `_mcse` of every function that reports one is absent for a single design, and there for eight."""
    weeks = Endpoint("weeks", {"usual": 0.0, "new": "c"}, sd=6.0, contrast=True)
    design = TrialDesign((weeks,), {"usual": 1, "new": 1})
    for replicates, there in ((1, False), (8, True)):
        one = run(1, "sobol", draws=64, replicates=replicates)
        both = {"m": one, "n": one}
        tables = {
            "evppi": one.evppi("c", WTP),
            "evsi": one.evsi(design, WTP, participants=100),
            "decision matrix": decision_matrix(both, WTP),
            "mixed strategy": mixed_strategy(one, WTP, shares={"usual": 0.5, "new": 0.5}),
            "risk aversion": risk_aversion(one, WTP, [0.0, 1e-5]),
            "stratified": stratified({"m": (0.5, one), "n": (0.5, one)}, WTP),
            "structures": structural_average({"m": (0.5, one), "n": (0.5, one)}, WTP),
            "implementation": implementation(one, WTP, uptake=0.5),
            "decision makers": by_decision_maker(both, WTP, ["c"]),
        }
        for name, table in tables.items():
            errors = [str(v) for v in table.data_vars if str(v).endswith("_mcse")]
            assert errors, name
            for error in errors:
                assert bool(np.isfinite(table[error]).all()) == there, (name, error)
    with pytest.raises(ResultError, match="one replicate cannot converge"):
        convergence(run(1, "sobol", draws=64, replicates=1), WTP)
    blocks = run(1, "sobol", draws=64, replicates=8)
    path = convergence(blocks, WTP)
    assert path["draws"].values.tolist() == [16, 24, 32, 40, 48, 56, 64]
    net = blocks.incremental_nmb(WTP).sel(strategy="new").values
    last = path.sel(strategy="new").isel(draws=-1)
    assert float(last["mean"]) == pytest.approx(net.mean(), rel=1e-9)
    assert float(last["mcse"]) == pytest.approx(float(monte_carlo_error(net, 8)), rel=1e-9)
