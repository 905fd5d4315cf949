"""Anchors: the four-way table in closed form for a normal net benefit; annuities by hand; one party's loss by hand;
a maximum over strategies and kinds of delivery in plain Python."""

from __future__ import annotations

import math
import random
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import qmc

from costeff import Evaluation
from costeff.errors import ResultError, ScenarioError
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.implementation import implementation
from costeff.voi.trial_design import Endpoint, TrialDesign

PAIR = ("usual", "new")


def loss(mean: float, sd: float) -> float:
    k = abs(mean) / sd
    return sd * (NormalDist().pdf(k) - k * (1 - NormalDist().cdf(k)))


def analysis(net: np.ndarray, **more: object) -> Evaluation:
    """Net benefit of the new strategy at any wtp."""
    cost = np.column_stack([np.zeros(len(net)), -net])
    return Evaluation("m", "q", PAIR, "usual", cost, np.zeros_like(cost), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def normal() -> Evaluation:
    return analysis(2 + 3 * ndtri(qmc.Sobol(1, seed=4).random(2**14)[:, 0]))


def test_four_way_table_of_a_normal_net_benefit(normal: Evaluation) -> None:
    """B - A is the value of perfect implementation, D - B the EVPI, D - A the value of perfection."""
    found = implementation(normal, 0, uptake=0.25, uptake_then=0.75).isel(wtp=0)
    perfect = 2 + loss(2, 3)
    expected = [[0.5, 1.5, 2.0], [0.25 * perfect, 0.75 * perfect, perfect]]
    np.testing.assert_allclose(found["value"], expected, rtol=2e-3)
    assert float(found["of_implementation"][0, 2]) == pytest.approx(1.5, rel=1e-3)
    assert float(found["of_information"][1, 2]) == pytest.approx(float(normal.evpi(0)["evpi"][0]), rel=1e-9)
    assert float(found["of_both"][1, 2]) == pytest.approx(perfect - 0.5, rel=2e-3)
    np.testing.assert_allclose(
        found["of_both"], found["of_implementation"] + found["of_information"].sel(implementation="current")
    )


def test_poor_delivery_can_make_the_strategy_not_worth_having(normal: Evaluation) -> None:
    """At the fidelity of today the effect is 5 lower: uptake is worth nothing until that is mended."""
    net = -normal.cost[:, 1]
    found = implementation(
        normal, 0, uptake=0.5, uptake_then=0.5, delivered=analysis(net - 5), delivered_then=analysis(net - 1)
    ).isel(wtp=0)
    np.testing.assert_allclose(found["value"][0], [0, 0.5 * 1, 2], atol=3e-3)
    np.testing.assert_allclose(
        found["value"][1], [0.5 * loss(-3, 3), 0.5 * (1 + loss(1, 3)), 2 + loss(2, 3)], rtol=3e-3
    )
    assert (found["value"].diff("information") >= 0).all()


def test_a_delay_and_the_cost_of_the_programme(normal: Evaluation) -> None:
    """100 people a year for 4 years at 10 %; the programme works from year 2 and costs 50."""
    found = implementation(
        normal, 0, uptake=0, uptake_then=1, delay=2, cost=50, population=100, horizon=4, discount_rate=0.1
    ).isel(wtp=0)
    after = 100 * (1.1**-2 + 1.1**-3)
    mean = -float(normal.cost[:, 1].mean())
    assert float(found["population_of_implementation"][0, 1]) == pytest.approx(mean * after, rel=1e-9)
    assert float(found["population_specific_net"][0]) == pytest.approx(mean * after - 50, rel=1e-9)
    assert found.attrs["delay"] == 2


def test_individual_noise_is_removed() -> None:
    """With perfect information and implementation the gain is the noise-corrected EVPI: 417 of the raw 943."""
    z = ndtri(qmc.Sobol(3, seed=1).random(2**13))
    half = 5_000 + 5_000 * z[:, :1] + 150_000 / math.sqrt(500) * z[:, 1:]
    cost_half = np.stack([np.zeros_like(half), -half], axis=-1)
    two = Evaluation(
        "m", "q", PAIR, "usual", cost_half.mean(axis=1), np.zeros((len(z), 2)), cost_half, np.zeros_like(cost_half)
    )
    found = implementation(two, 0, uptake=1)
    assert float(found["of_information"][1, 2, 0]) == pytest.approx(loss(5_000, 5_000), rel=0.03)
    several = by_decision_maker({"a": two, "b": two}, 0)
    np.testing.assert_allclose(several["information"], loss(5_000, 5_000), rtol=0.03)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=8), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e3))
def test_bounds_of_the_table(net: list[float], low: float, high: float, people: float) -> None:
    """More uptake and more information are never worth less, whatever the draws."""
    now, then = sorted((low, high))
    found = implementation(analysis(np.array(net)), 0, uptake=now, uptake_then=then, population=people)
    value = found["value"].values[..., 0]
    assert (np.diff(value, axis=1) >= -1e-9).all()
    assert (np.diff(value, axis=0) >= -1e-9).all()
    np.testing.assert_allclose(found["population_value"], people * found["value"])


def made_up(draw: random.Random, draws: int, strategies: int) -> tuple[list[list[int]], list[list[int]]]:
    """Costs and effects in whole numbers, so that plain sums are exact; usual care first."""
    rows = range(draws)
    centre = [0] + [draw.randint(-40, 40) for _ in range(strategies - 1)]
    cost = [[100] + [100 + draw.randint(-50, 50) - centre[s] for s in range(1, strategies)] for _ in rows]
    effect = [[10] + [10 + draw.randint(-3, 3) for _ in range(1, strategies)] for _ in rows]
    return cost, effect


def test_value_of_perfect_implementation_is_a_plain_maximum_and_never_below_zero() -> None:
    """200 random mixes, some where many get the worst, with a delivery today that is better or worse than planned."""
    draw = random.Random(19)
    kinds, signs = set(), set()
    for case in range(200):
        draws, strategies, wtp = 8, draw.randint(2, 5), draw.randint(0, 20)
        names = tuple("abcde"[:strategies])
        planned, today = (made_up(draw, draws, strategies) for _ in range(2))
        today = planned if case % 4 == 0 else today
        parts = [draw.choice([0, 1, 2, 5]) for _ in names]
        parts[draw.randrange(strategies)] += 1
        share = [part / sum(parts) for part in parts]
        one, other = (Evaluation("m", "q", names, "a", *each) for each in (planned, today))
        # A delivery equal to the planned one is not given at all.
        more = {} if case % 4 == 0 else {"delivered": other}
        found = implementation(one, wtp, mix=dict(zip(names, share, strict=True)), **more).isel(wtp=0)  # type: ignore[arg-type]

        means = {
            kind: [sum(wtp * e[s] - c[s] for c, e in zip(*each, strict=True)) / draws for s in range(strategies)]
            for kind, each in (("planned", planned), ("today", today))
        }
        best = max(max(values) for values in means.values())
        mixed = sum(weight * value for weight, value in zip(share, means["today"], strict=True))
        value = float(found["of_implementation"].sel(information="current", implementation="perfect"))
        assert value == pytest.approx(best - mixed, abs=1e-9)
        assert value >= -1e-9
        assert float(found["of_implementation"].sel(information="perfect", implementation="perfect")) >= value - 1e-9
        chosen = means[str(found["preferred_delivery"].values)][names.index(str(found["preferred"].values))]
        assert chosen == best
        stops = str(found["preferred"].values) == "a" and share[0] < 1
        assert (str(found["gain_from"].values) == "stopping") == stops
        kinds.add(str(found["gain_from"].values))
        as_planned = sum(w * (p - t) for w, p, t in zip(share, means["planned"], means["today"], strict=True))
        assert float(found["as_planned"]) == pytest.approx(as_planned, abs=1e-9)
        signs.add(np.sign(round(as_planned, 6)))
    assert kinds >= {"stopping", "implementing"}
    assert signs == {-1, 0, 1}


def test_gain_from_delivering_as_planned_is_the_difference_to_the_last_digit() -> None:
    """Everybody gets the new strategy: mean over common draws, worked out in whole numbers."""
    draw = random.Random(3)
    planned, today = (made_up(draw, 16, 2) for _ in range(2))
    one, other = (Evaluation("m", "q", PAIR, "usual", *each) for each in (planned, today))
    found = implementation(one, 7, mix={"new": 1}, delivered=other)
    total = sum(
        7 * (a[1] - b[1]) - (c[1] - d[1]) for c, a, d, b in zip(planned[0], planned[1], today[0], today[1], strict=True)
    )
    assert float(found["as_planned"][0]) == total / 16
    assert float(found["as_planned"][0]) != 0


def test_a_mix_loses_what_mixed_strategies_say() -> None:
    """One noun, one place: the same loss as `mixed_strategy`; a share that follows the information leaves the rest."""
    rng = np.random.default_rng(5)
    three = Evaluation("m", "q", ("x", "y", "z"), "x", rng.normal(10, 3, (50, 3)), rng.normal(1, 0.5, (50, 3)))
    shares = {"x": 0.5, "y": 0.3, "z": 0.2}
    found = implementation(three, [0, 20], mix=shares)
    loss_of_mix = three.mixed_strategy([0, 20], shares=shares)
    perfect = found["of_implementation"].sel(implementation="perfect")
    np.testing.assert_allclose(perfect.sel(information="current"), loss_of_mix["loss"], rtol=1e-12)
    np.testing.assert_allclose(
        found["of_both"].sel(information="perfect", implementation="perfect"), loss_of_mix["expected_loss"], rtol=1e-12
    )
    np.testing.assert_array_equal(found["preferred"], loss_of_mix["preferred"])
    # Nobody follows what is learnt, so learning is worth nothing to today's mix.
    assert (found["of_information"].sel(implementation="current") == 0).all()
    half = implementation(three, 20, mix=shares, uptake=0.5).isel(wtp=0)
    whole = found.sel(wtp=20)
    current = {"information": "current", "implementation": "perfect"}
    assert float(half["of_implementation"].sel(current)) == pytest.approx(
        0.5 * float(whole["of_implementation"].sel(current))
    )
    alone = implementation(three, 20, mix={"x": 1}).isel(wtp=0)
    assert alone["value"].sel(implementation="current").values.tolist() == [0.0, 0.0]


def test_the_figure_says_what_perfect_implementation_stops() -> None:
    from costeff.voi.figures.implementation import implementation as drawn

    two = analysis(np.array([-3.0, -1.0, -2.0]))
    found = implementation(two, 0, mix={"usual": 0.5, "new": 0.5})
    texts = {language: drawn(found, language, wtp=0.0).layout.meta["caption"] for language in ("en", "da")}
    assert "the gain from stopping" in texts["en"]
    assert "gevinsten ved at stoppe" in texts["da"]


def test_implementation_refusals(normal: Evaluation) -> None:
    few = analysis(np.array([1.0, 2.0]))
    for wrong in (
        {},
        {"uptake": 1.1},
        {"mix": {"usual": 0.5}},
        {"mix": {"other": 1}},
        {"mix": {"usual": 1}, "otherwise": "usual"},
        {"uptake": 0.1, "uptake_then": -1},
        {"uptake": 0.1, "cost": -1},
        {"uptake": 0.1, "delay": 1},
        {"uptake": 0.1, "delay": 0.5, "population": 1, "horizon": 2, "discount_rate": 0},
        {"uptake": 0.1, "delay": 3, "population": 1, "horizon": 2, "discount_rate": 0},
    ):
        with pytest.raises(ScenarioError):
            implementation(normal, 0, **wrong)  # type: ignore[arg-type]
    for other in ({"otherwise": "none"}, {"delivered": few}, {"delivered_then": few}):
        with pytest.raises(ResultError):
            implementation(normal, 0, uptake=0.1, **other)  # type: ignore[arg-type]


def test_good_news_for_one_is_bad_news_for_another() -> None:
    """The state's gain is minus the town's: informing the town gains it what the state loses, draw by draw."""
    net = ndtri(qmc.Sobol(1, seed=2).random(2**12)[:, 0]) - 0.5
    found = by_decision_maker({"town": analysis(net), "state": analysis(-net)}, 0, population=10)
    assert found["chosen"].values.tolist() == ["usual", "new"]
    town, state = found["information"].sel(decides="town").values
    assert town == pytest.approx(loss(-0.5, 1), rel=5e-3)
    assert state == pytest.approx(-town, rel=1e-12)
    np.testing.assert_allclose(found["left"], [[0, 0.5], [0.5, 0]], rtol=1e-3)
    np.testing.assert_allclose(found["population_left"], 10 * found["left"])


def test_some_parameters_by_decision_maker() -> None:
    """On the diagonal it is each one's EVPPI; three strategies, each party with a willingness to pay of its own."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 4000))
    zero = np.zeros(4000)
    effect = np.column_stack([zero, 0.2 + a, 0.1 - a])
    cost = {"town": np.column_stack([zero, 10 * b, 5 * b]), "all": np.column_stack([zero, 30 * a, 20 + 10 * a])}
    each = {
        name: Evaluation(name, "q", ("x", "y", "z"), "x", own, effect, parameters={"a": a, "b": b})
        for name, own in cost.items()
    }
    found = by_decision_maker(each, {"town": 20, "all": 100}, ["a"])
    for name, wtp in (("town", 20), ("all", 100)):
        own = each[name].evppi("a", wtp)
        value = float(found["information"].sel(decides=name, values=name))
        assert value == pytest.approx(float(own["evppi"][0, 0]), rel=0.02)
        assert (found["information"].sel(values=name) <= value * 1.001).all()
    assert found.attrs["about"] == "a"


def test_a_study_by_decision_maker() -> None:
    """On the diagonal it is the EVSI by shrinking the summaries; n without end gives the EVPPI."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 3000))
    design = TrialDesign((Endpoint("a", {"g": "a"}, sd=4.0),), {"g": 1})
    each = {name: analysis(0.2 + scale * a + b, parameters={"a": a}) for name, scale in (("x", 1), ("y", 1))}
    found = by_decision_maker(each, 0, study=(design, 40))
    own = float(each["x"].evsi(design, 0, participants=40, method="gaussian")["evsi"][0, 0])
    np.testing.assert_allclose(found["information"], own, rtol=1e-6)
    assert found.attrs["about"] == "a study of 40 participants"
    endless = by_decision_maker(each, 0, study=(design, 1e9))["information"]
    np.testing.assert_allclose(endless, by_decision_maker(each, 0, ["a"])["information"], rtol=0.01)
    with pytest.raises(ScenarioError, match="two kinds"):
        by_decision_maker(each, 0, ["a"], study=(design, 40))
    with pytest.raises(ScenarioError, match="positive"):
        by_decision_maker(each, 0, study=(design, 0))


def test_errors_by_decision_maker_are_the_spread_of_repeated_runs() -> None:
    """60 runs of 200 draws, perfect and partial information, own and another's decision: within a third.

    Means lie 4 standard errors from a tie: nearer, what one gets from another's choice jumps.
    """
    rng = np.random.default_rng(6)
    runs: dict[str, list[np.ndarray]] = {"all": [], "some": []}
    for _ in range(60):
        a, b = rng.normal(size=(2, 200))
        each = {"x": analysis(0.4 + a + b, parameters={"a": a}), "y": analysis(0.5 * a - 0.3 + b)}
        for kind, kept in runs.items():
            found = by_decision_maker(each, 0, None if kind == "all" else ["a"])
            kept.append(np.stack([found["information"][0], found["information_mcse"][0]]))
    for kept in runs.values():
        value, error = np.moveaxis(np.array(kept), 1, 0)
        np.testing.assert_allclose(np.sqrt((error**2).mean(axis=0)), value.std(axis=0, ddof=1), rtol=0.33)


def test_decision_maker_refusals(normal: Evaluation) -> None:
    with pytest.raises(ResultError, match="not of the same"):
        by_decision_maker({"a": normal, "b": analysis(np.array([1.0, 2.0]))}, 0)
    with pytest.raises(ResultError, match="no decision makers"):
        by_decision_maker({}, 0)
    with pytest.raises(ScenarioError, match="missing"):
        by_decision_maker({"a": normal}, {"b": 1})
    with pytest.raises(ResultError, match="one draw"):
        by_decision_maker({"a": analysis(np.array([1.0]))}, 0)
