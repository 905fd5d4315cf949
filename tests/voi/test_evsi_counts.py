"""Anchors: sums over all possible results by hand, in one group and two, at 1:1 and 2:1, for shares and for rates."""

from __future__ import annotations

import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, nbinom, poisson

from costeff import Evaluation
from costeff.errors import ScenarioError
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.evsi import METHODS, evsi
from costeff.voi.trial_cells import Cells, chances_of_counts
from costeff.voi.trial_design import Endpoint, TrialDesign
from costeff.voi.trial_file import read_trial
from costeff.voi.trial_value import trial_value


def net_benefit(value: np.ndarray, **parameters: np.ndarray) -> Evaluation:
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


def value_of(one: Evaluation, study: TrialDesign, n: float, method: str) -> tuple[float, float]:
    found = evsi(one, study, 0, participants=n, method=method)
    return float(found["evsi"][0, 0]), float(found["evsi_mcse"][0, 0])


@pytest.mark.parametrize(("usual", "new"), [(15, 15), (10, 20)])
@pytest.mark.parametrize("method", ["regression", "gaussian"])
def test_two_groups_equal_the_sum_over_both_beta_binomials(usual: int, new: int, method: str) -> None:
    """NB = 1000 (p1 - p0) + 20: the posterior of each pair of counts is a pair of betas."""
    rng = np.random.default_rng(3)
    p0, p1 = rng.beta(2, 18, 6000), rng.beta(2, 20, 6000)
    study = TrialDesign((Endpoint("event", {"usual": "p0", "new": "p1"}),), {"usual": usual, "new": new})
    found, error = value_of(net_benefit(1000 * (p1 - p0) + 20, p0=p0, p1=p1), study, usual + new, method)
    k0, k1 = np.arange(usual + 1)[:, None], np.arange(new + 1)
    chance = betabinom.pmf(k0, usual, 2, 18) * betabinom.pmf(k1, new, 2, 20)
    after = np.maximum(1000 * ((2 + k1) / (22 + new) - (2 + k0) / (20 + usual)) + 20, 0)
    exact = float((chance * after).sum()) - max(1000 * (2 / 22 - 2 / 20) + 20, 0)
    assert abs(found - exact) < 2.5 * error
    assert error < 0.2 * exact


@pytest.mark.parametrize("parts", [(6, 6), (4, 8)])
def test_only_the_difference_of_two_shares_is_learnt_from(parts: tuple[int, int]) -> None:
    """All pairs of counts by hand, those of one difference together, on six points of the prior."""
    low, high = np.repeat([[0.1, 0.1, 0.1, 0.4, 0.4, 0.4], [0.1, 0.3, 0.6, 0.1, 0.3, 0.6]], 100, axis=1)
    net = 100 * (high - low) - 12
    event = Endpoint("event", {"usual": "low", "new": "high"}, contrast=True)
    study = TrialDesign((event,), {"usual": parts[0], "new": parts[1]})
    found, _ = value_of(net_benefit(net, low=low, high=high), study, sum(parts), "importance_sampling")
    by_result: dict[float, np.ndarray] = {}
    for k, m in product(range(parts[0] + 1), range(parts[1] + 1)):
        chance = binom.pmf(k, parts[0], low) * binom.pmf(m, parts[1], high)
        key = round(m / parts[1] - k / parts[0], 9)
        by_result[key] = by_result.get(key, 0) + np.array([chance.mean(), (chance * net).mean()])
    exact = sum(max(weighted, 0) for _, weighted in by_result.values()) - max(net.mean(), 0)
    assert found == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_a_rate_is_counted_by_poissons_law(method: str) -> None:
    """A gamma prior: the number of events is negative binomial, the posterior mean (a + events) / (b + people)."""
    rate = np.random.default_rng(5).gamma(2, 1 / 40, 6000)
    study = TrialDesign((Endpoint("falls", {"new": "rate"}, rate=True),), {"new": 1})
    found, error = value_of(net_benefit(10_000 * rate - 400, rate=rate), study, 30, method)
    events = np.arange(200)
    chance = nbinom.pmf(events, 2, 40 / 70)
    exact = float(chance @ np.maximum(10_000 * (2 + events) / 70 - 400, 0)) - 100
    assert abs(found - exact) < 2.5 * error + 0.5


@settings(deadline=None, max_examples=20)
@given(
    st.floats(0.3, 6),
    st.floats(1, 60),
    st.integers(1, 60),
    st.floats(0.2, 3),
    st.sampled_from(METHODS),
    st.integers(0, 1000),
)
def test_any_beta_prior(a: float, b: float, n: int, price: float, method: str, seed: int) -> None:
    """Within 4 errors of the beta-binomial sum, and a hundredth of the spread of the net benefit."""
    share = np.random.default_rng(seed).beta(a, b, 2000)
    cost = 1000 * price * a / (a + b)
    study = TrialDesign((Endpoint("event", {"new": "share"}),), {"new": 1})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="EVSI: a simulated study")
        found, error = value_of(net_benefit(1000 * share - cost, share=share), study, n, method)
    seen = np.arange(n + 1)
    after = np.maximum(1000 * (a + seen) / (a + b + n) - cost, 0)
    exact = float(betabinom.pmf(seen, n, a, b) @ after) - max(1000 * a / (a + b) - cost, 0)
    spread = 1000 * np.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
    assert abs(found - exact) < 4 * error + 0.01 * spread


def test_whole_people_take_part() -> None:
    """10 at 2:1 are 3 and 7; of 7, a fifth lost leaves 6 (5.6)."""
    p = np.full(3, 0.5)
    event = Endpoint("event", {"usual": "p", "new": "p"}, dropout=0.2)
    cells = TrialDesign((event,), {"usual": 1, "new": 2}).cells({"p": p}, 3)
    assert cells.people(10).tolist() == [2, 6]
    assert cells.people(90).tolist() == [24, 48]
    assert (
        sum(
            TrialDesign((Endpoint("e", {"a": "p", "b": "p", "c": "p"}),), {"a": 1, "b": 1, "c": 1})
            .cells({"p": p}, 3)
            .people(11)
        )
        == 11
    )


@pytest.mark.parametrize(("kind", "mean", "people"), [("share", 0.03, 40), ("rate", 0.7, 25), ("share", 1.0, 5)])
def test_chances_of_counts_are_those_of_the_law(kind: str, mean: float, people: int) -> None:
    counts, chance = chances_of_counts(kind, np.array([mean, mean / 2]), people)
    law = binom.pmf(counts, people, mean) if kind == "share" else poisson.pmf(counts, people * mean)
    np.testing.assert_allclose(chance[:, 0], law, atol=1e-9)
    np.testing.assert_allclose(chance.sum(axis=0), 1, rtol=1e-12)


def test_luck_of_the_same_person_is_correlated() -> None:
    """Two shares of the same 50 people with correlation 0.6: their counts have it too, within 0.03."""
    p = np.full(20_000, 0.3)
    two = (Endpoint("work", {"new": "p"}), Endpoint("well", {"new": "p"}))
    cells: Cells = TrialDesign(two, {"new": 1}, [[1, 0.6], [0.6, 1]]).cells({"p": p}, len(p))
    seen = cells.simulated(cells.luck(1), 50)
    assert np.corrcoef(seen.T)[0, 1] == pytest.approx(0.6, abs=0.03)
    np.testing.assert_allclose(seen.std(axis=0), np.sqrt(0.21 / 50), rtol=0.03)
    assert set(np.round(seen[:, 0] * 50, 9)) <= set(range(51))


def test_few_events_warn_where_counts_are_taken_as_normal() -> None:
    """Three groups are too many to list; regression needs no warning, and many events need none either."""
    rng = np.random.default_rng(7)
    p = {name: rng.beta(2, 60, 600) for name in "abc"}
    net = net_benefit(1000 * (p["a"] + p["b"] + p["c"]) - 90, **p)
    study = TrialDesign((Endpoint("event", {name: name for name in "abc"}),), dict.fromkeys("abc", 1))
    with pytest.warns(UserWarning, match=r"few events are expected .* 'event' in 'a'"):
        evsi(net, study, 0, participants=60, method="gaussian")
    evsi(net, study, 0, participants=60, method="regression")
    often = {name: values + 0.4 for name, values in p.items()}
    evsi(net_benefit(net.cost[:, 0] - net.cost[:, 1], **often), study, 0, participants=600, method="gaussian")


def test_a_group_in_which_nobody_takes_part_tells_nothing() -> None:
    p = np.random.default_rng(8).beta(2, 3, 500)
    study = TrialDesign((Endpoint("event", {"usual": 0.4, "new": "p"}, contrast=True),), {"usual": 99, "new": 1})
    one = net_benefit(p - 0.4, p=p)
    for method in METHODS:
        assert value_of(one, study, 3, method)[0] == pytest.approx(0, abs=1e-9)


def test_refusals() -> None:
    rate = np.linspace(-0.2, 3, 100)
    for study in (
        TrialDesign((Endpoint("falls", {"new": "rate"}, rate=True),), {"new": 1}),
        TrialDesign((Endpoint("falls", {"new": "rate"}),), {"new": 1}),
    ):
        with pytest.raises(ScenarioError, match=r"rate below 0|share outside 0-1"):
            evsi(net_benefit(rate, rate=rate), study, 0, participants=10)
    with pytest.raises(ScenarioError, match="a rate with an sd"):
        TrialDesign((Endpoint("falls", {"new": "rate"}, sd=1.0, rate=True),), {"new": 1})


def test_what_each_decision_maker_learns_is_counted_too() -> None:
    """Ten participants can change nothing (the sum over the beta-binomial is 0), whoever decides; 200 can."""
    share = np.random.default_rng(11).beta(1, 99, 4000)
    one = net_benefit(1e5 * share - 600, share=share)
    study = TrialDesign((Endpoint("event", {"new": "share"}),), {"new": 1})
    few, many = (by_decision_maker({"payer": one}, 0, study=(study, n)) for n in (10, 200))
    assert float(few["information"].squeeze()) == pytest.approx(0, abs=1)
    error = float(many["information_mcse"].squeeze())
    assert float(many["information"].squeeze()) == pytest.approx(88.3, abs=3 * error)


RATE = """trial: falls
title: {en: Falls, da: Fald}
model: elsewhere
allocation: {old: 1, new: 1}
participants: {planned: 60, range: [20, 200], kind: assumption, note: "x"}
endpoints:
  falls: {effect: falls, rate: true, contrast: falseSD, note: "x"}
learns: [falls]
cost: {fixed: 10, per_participant: 1, kind: assumption, note: "x"}
people: {per_year: 100, years: 2, discount_rate: 0.0, kind: assumption, note: "x"}
"""


def test_a_declared_rate_is_counted(tmp_path: Path) -> None:
    """Both groups count the same rate, so that 60 people's events are one Poisson number: negative binomial."""
    rate = np.random.default_rng(5).gamma(2, 1 / 40, 3000)
    nothing = np.zeros(3000)
    one = Evaluation(
        "payer",
        "qaly",
        ("old", "new"),
        "old",
        np.column_stack([nothing, 400 - 10_000 * rate]),
        np.zeros((3000, 2)),
        parameters={"falls": rate},
    )
    (tmp_path / "falls.yaml").write_text(RATE.replace("SD", ""), encoding="utf-8")
    found = trial_value(None, read_trial(tmp_path / "falls.yaml"), one, [0.0], participants=[60])
    events = np.arange(400)
    chance = nbinom.pmf(events, 2, 40 / 100)
    exact = float(chance @ np.maximum(10_000 * (2 + events) / 100 - 400, 0)) - 100
    value, error = (found.evsi[name].item() for name in ("evsi", "evsi_mcse"))
    assert abs(value - exact) < 2.5 * error
    assert found.evsi["summed"].item() == 1
    (tmp_path / "falls.yaml").write_text(RATE.replace("SD", ", sd: 2.0"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="a rate with an sd"):
        read_trial(tmp_path / "falls.yaml")
