"""Faults of value of information and global sensitivity: errors, few events, discrete inputs, bounds, ties.

Anchors: sums over the beta-binomial distribution, normal problems with a closed form, distances between distributions
counted by hand.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from fault import fault
from scipy.stats import betabinom

from costeff import Evaluation
from costeff.errors import CosteffError
from costeff.sensitivity.global_ import gsa
from costeff.voi.evsi import evsi
from costeff.voi.trial_design import Endpoint, TrialDesign

SHRINKING = ("gaussian", "moment_matching", "importance_sampling")


def net_benefit(value: np.ndarray, **parameters: np.ndarray) -> Evaluation:
    """Two strategies whose incremental net benefit at a willingness to pay of 0 is `value`."""
    nothing = np.zeros(len(value))
    return Evaluation(
        "m",
        "qaly",
        ("usual", "new"),
        "usual",
        np.column_stack([nothing, -value]),
        np.zeros((len(value), 2)),
        parameters=parameters,
    )


@pytest.mark.parametrize(
    "method",
    [
        pytest.param(
            method,
            marks=fault(
                "Monte Carlo error of EVSI",
                f"contrast of 20 participants, 1,000 draws, {method}",
                "reported error over the spread of 60 runs between 0.85 and 1.25",
            ),
        )
        for method in SHRINKING
    ],
)
def test_the_error_counts_how_far_the_mean_moves(method: str) -> None:
    gained = Endpoint("gain", {"usual": 0.0, "new": "gain"}, sd=6.0, contrast=True)
    study = TrialDesign((gained,), {"usual": 1, "new": 1})
    values, errors = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        gain = rng.normal(0.3, 1, 1000)
        found = evsi(
            net_benefit(gain - rng.normal(0, 0.5, 1000), gain=gain), study, 0, participants=20, method=method, seed=seed
        )
        values.append(float(found["evsi"][0, 0]))
        errors.append(float(found["evsi_mcse"][0, 0]))
    ratio = math.sqrt(np.mean(np.square(errors))) / np.std(values, ddof=1)
    assert 0.85 < ratio < 1.25, f"reported error over spread: {ratio:.2f}"


def of_share(a: float, b: float, gain: float, cost: float) -> tuple[Evaluation, TrialDesign]:
    share = np.random.default_rng(11).beta(a, b, 8000)
    return net_benefit(gain * share - cost, share=share), TrialDesign(
        (Endpoint("event", {"new": "share"}),), {"new": 1}
    )


def by_beta_binomial(a: float, b: float, gain: float, cost: float, n: int) -> float:
    seen = np.arange(n + 1)
    after = np.maximum(gain * (a + seen) / (a + b + n) - cost, 0)
    return float(betabinom.pmf(seen, n, a, b) @ after) - max(gain * a / (a + b) - cost, 0.0)


@pytest.mark.parametrize("method", ["regression", *SHRINKING])
@pytest.mark.parametrize(
    ("prior", "n"),
    [
        pytest.param(
            prior,
            n,
            marks=fault(
                "EVSI of few events", f"share Beta{prior[:2]}, {n} participants", "the sum over the beta-binomial law"
            ),
        )
        for prior in ((1, 99, 1e5, 600), (2, 38, 20_000, 700), (1, 60, 30_000, 550))
        for n in (10, 40)
    ],
)
def test_counts_are_counts(prior: tuple[float, ...], n: int, method: str) -> None:
    """Within 2 errors of these draws, and one unit of money where the error is 0."""
    one, study = of_share(*prior)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = evsi(one, study, 0, participants=n, method=method)
    value, error = float(found["evsi"][0, 0]), float(found["evsi_mcse"][0, 0])
    assert value == pytest.approx(by_beta_binomial(*prior, n), abs=2 * error + 1)


@fault("a message that names the wrong value", "a share from -0.1 to 0.9", "value: -0.1")
def test_a_share_outside_its_range_is_named_by_its_wrong_end() -> None:
    wrong = np.linspace(-0.1, 0.9, 200)
    study = TrialDesign((Endpoint("event", {"new": "share"}),), {"new": 1})
    with pytest.raises(CosteffError, match=r"value: -0\.1"):
        evsi(net_benefit(wrong, share=wrong), study, 0, participants=20)


def distances(one: Evaluation, name: str) -> dict[str, float]:
    table = gsa(one, "pawn", result="incremental_nmb", wtp=0, names=name).table
    return dict(table.set_index("factor").loc[name])


@fault("discrete inputs in PAWN", "levels 0, 1, 2 of 85, 10 and 5 % that move the result", "distances 0.147 and 0.947")
def test_each_level_is_compared_with_all() -> None:
    rng = np.random.default_rng(5)
    level = rng.choice(3, 4000, p=[0.85, 0.10, 0.05])
    found = distances(net_benefit(1000 * level + rng.normal(0, 200, 4000), level=level), "level")
    assert found["highest"] == pytest.approx(0.947, abs=0.002)
    assert found["lowest"] == pytest.approx(0.147, abs=0.002)


@fault(
    "discrete inputs in PAWN", "a rare yes (3 %) that moves the result by 1000", "found: distance 0.97, above chance"
)
def test_a_rare_switch_is_found() -> None:
    rng = np.random.default_rng(6)
    rare = (rng.random(4000) < 0.03).astype(float)
    found = distances(net_benefit(1000 * rare + rng.normal(0, 100, 4000), rare=rare), "rare")
    assert found["highest"] == pytest.approx(1 - rare.mean(), abs=0.002)
    assert found["above_floor"]


@fault("discrete inputs in PAWN", "a parameter that is the same in all draws", "it is named, without a number for it")
def test_a_constant_is_named() -> None:
    x = np.random.default_rng(7).normal(size=500)
    told = gsa(
        net_benefit(x, x=x, same=np.full(500, 2.0)),
        "pawn",
        result="incremental_nmb",
        wtp=0,
        names={"x": "x", "same": "same"},
    )
    assert not told.table.isna().any(axis=None)
    assert any("same" in note for note in told.notes), told.notes


@fault("EVPPI above EVPI of the same draws", "300 draws of 1000 sin(2 x) - 200, without noise", "said, with the bound")
def test_a_part_worth_more_than_the_whole_is_told() -> None:
    silent = []
    for seed in range(12):
        x = np.random.default_rng(seed).normal(size=300)
        one = net_benefit(1000 * np.sin(2 * x) - 200, x=x)
        part, whole = one.evppi("x", 0), float(one.evpi(0)["evpi"][0])
        if float(part["evppi"][0, 0]) > whole * (1 + 1e-9) and not (
            "above_bound" in part and part["above_bound"].item()
        ):
            silent.append(float(part["evppi"][0, 0]) / whole)
    assert silent == []


@fault(
    "a constant parameter changes EVPPI", "x, and x with a parameter that is the same in all draws", "the same value"
)
def test_a_constant_is_worth_nothing_and_changes_nothing() -> None:
    x = np.random.default_rng(1).normal(size=300)
    one = net_benefit(1000 * np.sin(2 * x) - 200, x=x, same=np.full(300, 5.0))
    alone, both = (float(one.evppi(names, 0)["evppi"][0, 0]) for names in ("x", ["x", "same"]))
    assert both == alone


@fault("optimism at ties", "EVPI of three strategies that tie in the mean", "how much too low it is on average")
def test_what_a_tie_takes_off_is_told() -> None:
    net = np.random.default_rng(3).normal(0, 1, (400, 3))
    net -= net.mean(axis=0)
    one = Evaluation("m", "qaly", ("a", "b", "c"), "a", -net, np.zeros((400, 3)))
    told = one.evpi(0)
    assert "optimism" in told, f"nothing is said of it: {sorted(map(str, told.data_vars))}"
    assert float(told["optimism"][0]) == pytest.approx(0.846 / 20, rel=0.1)  # the largest of three normals
