"""Anchors: several perspectives laid side by side by hand, dominance at every wtp, running means and errors."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from decision_example import normal, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.economics import (
    Evaluation,
    convergence,
    decision_matrix,
    dominating,
    mixed_strategy,
    mixture,
    risk_aversion,
    side_by_side,
    stratified,
    structural_average,
)
from costeff.errors import ResultError, ScenarioError
from costeff.study.printing import dominance_sentence

# -- several perspectives and effects ----


def test_decision_matrix_by_hand():
    """Municipality: B costs 1,000 and gives 0.01, so 100,000 is its price. State: B saves 500."""
    ours = normal()
    state = normal(cost=(0.0, -500.0), spread=(0.0, 0.0), perspective="state")
    found = decision_matrix([ours, state], [0, 50_000, 200_000])
    assert found["preferred"].values.tolist() == [["A", "A", "B"], ["B", "B", "B"]]
    net = 200_000 * 0.01 - ours.cost[:, 1]
    at = found.sel(perspective="municipal", wtp=200_000)
    assert float(at["lead"]) == pytest.approx(net.mean(), rel=1e-12)
    assert float(at["lead_mcse"]) == pytest.approx(net.std(ddof=1) / math.sqrt(4000), rel=1e-9)
    assert float(at["probability"]) == (net > 0).mean() == float(ours.ceaf(200_000)["probability"][0])
    np.testing.assert_allclose(found["lead"].sel(perspective="state"), [500, 1000, 2500])
    assert found["settled"].values.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_errors_of_replicates_are_those_of_their_means():
    """Draws in 8 separately randomised blocks: SD of the block means / sqrt(8), for every kind of error here."""
    plain, blocks = normal(draws=800), normal(draws=800, replicates=8)
    net = 1e5 * (blocks.effect[:, 1] - blocks.effect[:, 0]) - (blocks.cost[:, 1] - blocks.cost[:, 0])
    truth = net.reshape(8, 100).mean(axis=1).std(ddof=1) / math.sqrt(8)
    assert decision_matrix([blocks], 1e5)["lead_mcse"].item() == pytest.approx(truth)
    assert decision_matrix([plain], 1e5)["lead_mcse"].item() == pytest.approx(
        net.std(ddof=1) / math.sqrt(800)
    )
    certain = risk_aversion(blocks, 1e5, 0)["certainty_equivalent_mcse"].sel(strategy="B").item()
    average = structural_average({"x": (1.0, blocks)}, 1e5)["nmb_mcse"].sel(strategy="B").item()
    alone = stratified({"x": (1.0, blocks)}, 1e5)["nmb_mcse"].sel(strategy="B").item()
    assert certain == pytest.approx(truth)  # A is 0 in every draw
    assert average == pytest.approx(truth)
    assert alone == pytest.approx(truth)
    best = float(np.sign(net.mean()))  # the mix loses |net| of the half that has the wrong one
    mixed = mixed_strategy(blocks, 1e5, shares={"A": 0.5, "B": 0.5})
    assert (mixed["loss"].item(), mixed["loss_mcse"].item()) == pytest.approx(
        (best * net.mean() / 2, truth / 2)
    )
    assert mixture({"x": (1.0, blocks)}).replicates == blocks.replicates


def test_lead_is_over_the_second_best_and_ties_are_said():
    three = Evaluation("m", "qaly", ("A", "B", "C"), "A", [[0.0, 10.0, 30.0]] * 3, [[0.0, 1.0, 1.0]] * 3)
    found = decision_matrix([three], [10, 12])
    assert found["preferred"].values.tolist() == [["A", "B"]]
    assert found["lead"].values.tolist() == [[0.0, 2.0]]
    assert found["tied"].values.tolist() == [[1, 0]]
    assert found["settled"].values.tolist() == [[0, 1]]
    one = Evaluation("m", "qaly", ("A",), "A", [[1.0]], [[1.0]])
    assert math.isnan(decision_matrix([one], 5)["lead"].item())


def test_what_cannot_be_laid_side_by_side_is_refused():
    weeks = normal(effect_unit="weeks")
    refused(ResultError, "differ in effect_unit", lambda: decision_matrix({"a": normal(), "b": weeks}, 1))
    refused(ResultError, "same perspective", lambda: decision_matrix([normal(), normal()], 1))
    refused(ResultError, "no evaluation", lambda: decision_matrix([], 1))
    refused(ScenarioError, "willingness to pay is missing", lambda: decision_matrix([normal()]))
    other = normal(cost=(0.0, 1.0, 2.0), spread=(0, 0, 0), gain=(0, 0, 0))
    refused(ResultError, "differ in strategies", lambda: side_by_side({"a": normal(), "b": other}))


def test_side_by_side_holds_each_number_once():
    ours, state = normal(), normal(2, perspective="state")
    weeks = Evaluation("municipal", "weeks", ("A", "B"), "A", ours.cost, ours.effect * 5, effect_unit="weeks")
    table = side_by_side({"q": ours, "w": weeks, "s": state})
    keys = table[["perspective", "quantity", "strategy"]].apply(tuple, axis=1)
    assert len(set(keys)) == len(table) == 2 * (2 + 1 + 2)
    row = table[(table["name"] == "q") & (table["quantity"] == "cost") & (table["strategy"] == "B")].iloc[0]
    over = ours.cost[:, 1] - ours.cost[:, 0]
    assert row["increment"] == pytest.approx(over.mean())
    assert (row["lower"], row["upper"]) == pytest.approx(tuple(np.quantile(over, [0.025, 0.975])))
    assert table.loc[table["strategy"] == "A", "increment"].isna().all()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=6))
def test_a_dominating_strategy_is_best_at_every_wtp(points):
    """By definition in plain Python; and then it is the table's only reference, without any ICER."""
    cost, gain = zip(*points, strict=True)
    names = tuple("ABCDEF"[: len(points)])
    evaluation = Evaluation("m", "qaly", names, "A", [cost], [gain])
    found = [
        names[i]
        for i, p in enumerate(points)
        if len(points) > 1
        and all(p[0] <= q[0] and p[1] >= q[1] and p != q for j, q in enumerate(points) if j != i)
    ]
    assert dominating(evaluation) == (found[0] if found else None)
    if found:
        table = evaluation.icer_table()
        assert table["icer"].isna().all()
        assert table.loc[table["status"] == "reference", "strategy"].tolist() == found
        assert table.attrs["dominating"] == found[0]
        assert set(decision_matrix([evaluation], [0.5, 1, 1e6])["preferred"].values.ravel()) == set(found)


def test_what_is_printed_when_one_dominates():
    sure = normal(cost=(0.0, -1000.0), spread=(0.0, 10.0), gain=(0.0, 0.1))
    text = dominance_sentence(sure.icer_table())
    assert text.startswith("\nOn average B costs least and gives most: it dominates, no ICER is formed")
    assert "undo" not in text
    cost = [[0.0, -30.0], [0.0, 10.0]] * 2  # -10 on average, error 11.5
    unsure = Evaluation("m", "qaly", ("A", "B"), "A", cost, [[0.0, 1.0]] * 4)
    assert dominance_sentence(unsure.icer_table()).endswith(
        "could still undo this: run more draws or individuals."
    )
    assert dominance_sentence(normal().icer_table()) == ""


# -- risk aversion ----


def test_certainty_equivalent_of_a_normal_benefit():
    """Closed form: mean - r SD^2 / 2; indifference between a sure 0 and N(m, s^2) at r = 2 m / s^2."""
    draws = 200_000
    evaluation = normal(draws=draws, cost=(0.0, -1000.0), spread=(0.0, 2000.0), gain=(0.0, 0.0))
    limit = 2 * 1000 / 2000**2
    found = risk_aversion(evaluation, 0, [0, limit / 2, limit, 1.5 * limit]).isel(wtp=0)
    sure = found["certainty_equivalent"].sel(strategy="B")
    error = found["certainty_equivalent_mcse"].sel(strategy="B")
    truth = 1000 - found["aversion"] * 2000**2 / 2
    assert (abs(sure - truth) < 4 * error).all()
    assert found["preferred"].values.tolist()[::3] == ["B", "A"]
    np.testing.assert_allclose(found["risk_premium"].sel(strategy="B"), -evaluation.cost[:, 1].mean() - sure)
    assert found["certainty_equivalent"].sel(strategy="A").values.tolist() == [0.0] * 4


def test_expected_utility_is_bceas():
    """CEriskav: Ur = 1 / r * (1 - exp(-r * U)), its mean, and the strategy with the largest."""
    evaluation = normal(draws=50)
    found = risk_aversion(evaluation, [50_000, 150_000], [1e-4, 1e-3])
    for r in (1e-4, 1e-3):
        for k in (50_000, 150_000):
            for s, name in enumerate("AB"):
                values = [
                    (1 - math.exp(-r * (k * e - c))) / r
                    for c, e in zip(evaluation.cost[:, s], evaluation.effect[:, s], strict=True)
                ]
                told = found["expected_utility"].sel(aversion=r, wtp=k, strategy=name)
                assert float(told) == pytest.approx(sum(values) / 50, rel=1e-9)
            here = found.sel(aversion=r, wtp=k)
            assert str(here["preferred"].values) == "AB"[int(here["expected_utility"].values.argmax())]


def test_no_aversion_is_the_usual_analysis():
    evaluation = normal()
    found = risk_aversion(evaluation, [0, 1e5, 3e5], 0).isel(aversion=0)
    np.testing.assert_allclose(found["evpi"], evaluation.evpi([0, 1e5, 3e5])["evpi"], rtol=1e-9)
    assert found["preferred"].values.tolist() == evaluation.ceaf([0, 1e5, 3e5])["strategy"].values.tolist()
    assert (found["risk_premium"] == 0).all()
    small = risk_aversion(evaluation, 3e5, 1e-9)
    np.testing.assert_allclose(
        small["certainty_equivalent"][0], evaluation.nmb([3e5]).mean("draw").T, rtol=1e-5, atol=1e-3
    )


def test_price_of_information_leaves_one_as_well_off():
    """By definition: mean u(best of the draw - price) = best mean u, with the price found by bisection."""
    evaluation, r = normal(draws=500), 2e-3
    net = 1e5 * evaluation.gain - evaluation.cost
    now = max(np.mean(1 - np.exp(-r * net[:, s])) for s in (0, 1))
    low, high = 0.0, 1e4
    for _ in range(80):
        price = (low + high) / 2
        better = np.mean(1 - np.exp(-r * (net.max(axis=1) - price))) > now
        low, high = (price, high) if better else (low, price)
    assert risk_aversion(evaluation, 1e5, r)["evpi"].item() == pytest.approx(price, rel=1e-9)


def test_large_numbers_do_not_overflow_and_noise_is_not_risk():
    evaluation = normal(cost=(0.0, 1e7), spread=(0.0, 1e6), gain=(0.0, 0.0))
    found = risk_aversion(evaluation, 0, 1.0)
    assert np.isfinite(found["certainty_equivalent"]).all()
    assert found["expected_utility"].sel(strategy="B").item() == -math.inf
    rng = np.random.default_rng(3)
    true = rng.normal(0, 1000, 3000)
    halves = true[:, None] + rng.normal(0, 3000, (3000, 2))
    cost_half = np.stack([np.zeros((3000, 2)), halves], axis=2)
    noisy = Evaluation(
        "m",
        "qaly",
        ("A", "B"),
        "A",
        cost_half.mean(axis=1),
        np.zeros((3000, 2)),
        cost_half,
        np.zeros((3000, 2, 2)),
    )
    sure = risk_aversion(noisy, 0, 2e-4).sel(strategy="B")
    clean = sure["certainty_equivalent_noise_corrected"].item()
    assert clean == pytest.approx(
        -noisy.cost[:, 1].mean() - 2e-4 * 1000**2 / 2, abs=60
    )  # 3 errors of the variance
    assert sure["certainty_equivalent"].item() < clean - 300


@pytest.mark.parametrize("aversion", [None, -1, math.inf, [[1]]])
def test_aversion_is_checked(aversion):
    refused(ScenarioError, "aversion", lambda: risk_aversion(normal(), 1, aversion))


# -- mixed strategies ----


def test_mixed_strategy_is_bceas_mixedan():
    """OL.star = max over strategies of U less the shares' U, draw by draw; evi.star its mean; in plain loops."""
    evaluation = normal(
        draws=40, cost=(0.0, 100.0, 300.0), spread=(50.0, 80.0, 200.0), gain=(0.0, 0.001, 0.004)
    )
    shares = {"A": 0.5, "B": 0.3, "C": 0.2}
    found = mixed_strategy(evaluation, [50_000, 100_000], shares=shares)
    for w, k in enumerate((50_000, 100_000)):
        lost, best = [], []
        for c, e in zip(evaluation.cost, evaluation.effect, strict=True):
            u = [k * e[s] - c[s] for s in range(3)]
            lost.append(max(u) - sum(q * x for q, x in zip(shares.values(), u, strict=True)))
            best.append(u)
        assert found["expected_loss"][w] == pytest.approx(sum(lost) / 40)
        means = np.mean(best, axis=0)
        assert found["loss"][w] == pytest.approx(means.max() - means @ list(shares.values()))
        np.testing.assert_allclose(found["expected_loss"][w], found["loss"][w] + found["evpi"][w])
        np.testing.assert_allclose(found["evpi"][w], evaluation.evpi(k)["evpi"][0])


def test_all_on_the_best_loses_nothing_and_shares_are_checked():
    evaluation = normal()
    assert mixed_strategy(evaluation, 5e5, shares={"B": 1})["loss"].item() == 0.0
    assert mixed_strategy(evaluation, 5e5, shares={"B": 1})["preferred"].item() == "B"
    refused(ScenarioError, "unknown strategy", lambda: mixed_strategy(evaluation, 1, shares={"X": 1}))
    refused(ScenarioError, "whole", lambda: mixed_strategy(evaluation, 1, shares={"A": 0.5, "B": 0.4}))
    refused(ScenarioError, "whole", lambda: mixed_strategy(evaluation, 1, shares={"A": 1.5, "B": -0.5}))


# -- subgroups ----


def test_value_of_deciding_by_subgroup_by_hand():
    """Net benefit of B: +400 in 30 %, -100 in 70 %: for all 50, by subgroup 120, so 70."""
    groups = {
        "ill": (0.3, normal(cost=(0.0, -400.0), spread=(0, 0), gain=(0, 0))),
        "well": (0.7, normal(cost=(0.0, 100.0), spread=(0, 0), gain=(0, 0))),
    }
    found = stratified(groups, 0).isel(wtp=0)
    assert found["preferred"].values.tolist() == ["B", "A"]
    assert str(found["preferred_for_all"].values) == "B"
    assert float(found["value"]) == pytest.approx(70)
    assert float(found["evpi_stratified"]) == float(found["evpi_for_all"]) == 0


def test_subgroups_with_normal_benefits():
    """B's net benefit N(m, s^2) in one half, N(-m, s^2) in the other, the same draw: closed forms of both EVPI."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=200_000)
    zero = np.zeros((len(z), 2))
    m, s = 300.0, 500.0

    def part(mean):
        return Evaluation(
            "m", "qaly", ("A", "B"), "A", np.column_stack([0 * z, -(mean + s * z)]), zero, parameters={"z": z}
        )

    found = stratified({"up": (0.5, part(m)), "down": (0.5, part(-m))}, 0).isel(wtp=0)
    standard = NormalDist()
    loss = s * standard.pdf(m / s) - m * standard.cdf(-m / s)  # unit normal loss, the same in both halves
    assert float(found["value"]) == pytest.approx(m / 2, abs=4 * float(found["value_mcse"]) + 1)
    assert float(found["evpi_stratified"]) == pytest.approx(loss, rel=0.02)
    assert float(found["evpi_for_all"]) == pytest.approx(s * standard.pdf(0), rel=0.02)


def test_shares_may_differ_by_draw():
    share = np.array([0.2, 0.6])
    one = Evaluation("m", "qaly", ("A", "B"), "A", [[0.0, -10.0], [0.0, -30.0]], [[0.0, 0.0]] * 2)
    two = Evaluation("m", "qaly", ("A", "B"), "A", [[0.0, 5.0], [0.0, 5.0]], [[0.0, 0.0]] * 2)
    found = stratified({"x": (share, one), "y": (1 - share, two)}, 0).isel(wtp=0)
    assert float(found["value"]) == pytest.approx((0.8 * 5 + 0.4 * 5) / 2)
    assert found["share"].values.tolist() == pytest.approx([0.4, 0.6])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_deciding_by_subgroup_never_costs(seed):
    rng = np.random.default_rng(seed)
    groups = {}
    for name, share in zip("xyz", rng.dirichlet([1, 1, 1]), strict=True):
        cost, effect = rng.integers(-3, 4, (2, 4, 3)).astype(float)
        groups[name] = (share, Evaluation("m", "qaly", ("A", "B", "C"), "B", cost, effect))
    found = stratified(groups, [0, 1, 5])
    assert (found["value"] >= 0).all()
    assert (found["evpi_stratified"] >= -1e-12).all()
    # perfect information and subgroups together are worth at least either alone
    assert (found["value"] + found["evpi_stratified"] >= found["evpi_for_all"] - 1e-12).all()
    same = (found["preferred"] == found["preferred"].isel(subgroup=0)).all("subgroup")
    assert (abs(found["value"].where(same, 0)) < 1e-12).all()


def test_subgroups_are_checked():
    one = normal(parameters=("a",))
    refused(
        ResultError,
        "same draws",
        lambda: stratified({"x": (0.5, one), "y": (0.5, normal(2, parameters=("a",)))}, 1),
    )
    refused(
        ResultError, "same draws", lambda: stratified({"x": (0.5, normal()), "y": (0.5, normal(draws=10))}, 1)
    )
    refused(ScenarioError, "whole", lambda: stratified({"x": (0.5, one), "y": (0.4, one)}, 1))
    refused(ScenarioError, "not a number", lambda: stratified({"x": (np.ones(3), one)}, 1))
    refused(ScenarioError, "no subgroups", lambda: stratified({}, 1))


def test_subgroups_of_a_study():
    """Everyone in one category: the shares are the model's, and their weighted cost is that of the whole run."""
    study = ce.load("tki2")
    asked = {"draws": 20, "individuals": 200, "progress": False}
    groups = study.subgroups("diagnosis", "municipal", **asked)
    assert list(groups) == ["heart", "cancer", "other"]
    whole = study.psa(**asked).perspective("municipal")
    share = np.column_stack([share for share, _ in groups.values()])
    np.testing.assert_allclose(share, np.column_stack([whole.parameters[f"p_{name}"] for name in groups]))
    mixed = sum(s[:, None] * one.cost for s, one in groups.values())
    gap = mixed - whole.cost
    assert (abs(gap.mean(axis=0)) < 4 * gap.std(axis=0, ddof=1) / math.sqrt(20)).all()
    assert stratified(groups, 3e5)["value"].item() >= 0
    refused(ScenarioError, "depend on another attribute", lambda: study.subgroups("sex", **asked))
    refused(ScenarioError, "categories of an attribute", lambda: study.subgroups("age", **asked))


# -- structures ----


def test_structures_by_hand():
    """Two structures, B's net benefit 300 and -100, weights 0.4 and 0.6: 60 in all; knowing which is right adds 60."""
    kinds = {
        "lasting": (0.4, normal(cost=(0.0, -300.0), spread=(0, 0), gain=(0, 0))),
        "waning": (0.6, normal(cost=(0.0, 100.0), spread=(0, 0), gain=(0, 0))),
    }
    found = structural_average(kinds, 0).isel(wtp=0)
    assert found["nmb"].values.tolist() == pytest.approx([0, 60])
    assert found["probability"].values.tolist() == pytest.approx([0.6, 0.4])
    assert found["preferred_by_structure"].values.tolist() == ["B", "A"]
    assert found["loss"].values.tolist() == pytest.approx([0, 60])
    assert float(found["evpi_structure"]) == pytest.approx(60)
    assert float(found["evpi"]) == pytest.approx(60)
    assert (float(found["lower"][1]), float(found["upper"][1])) == pytest.approx((-100, 300))
    assert found.attrs["weights"] == "lasting 0.4, waning 0.6"


def test_one_structure_is_the_plain_analysis():
    evaluation = normal()
    found = structural_average({"only": (1.0, evaluation)}, [5e4, 1.5e5])
    np.testing.assert_allclose(found["evpi"], evaluation.evpi([5e4, 1.5e5])["evpi"], rtol=1e-9)
    np.testing.assert_allclose(found["evpi_mcse"], evaluation.evpi([5e4, 1.5e5])["evpi_mcse"], rtol=1e-6)
    np.testing.assert_allclose(found["probability"], evaluation.ceac([5e4, 1.5e5])["probability"], rtol=1e-12)
    assert (found["evpi_structure"] == 0).all()


def test_errors_of_structures_with_other_draws_and_with_the_same():
    """Independent structures: variances add. The same draws: the error of the weighted difference."""
    one, two = normal(1, parameters=("a", "b")), normal(2, parameters=("a", "b"))
    apart = structural_average({"x": (0.5, one), "y": (0.5, two)}, 0)["nmb_mcse"].values[0, 1]
    parts = [e.cost[:, 1].std(ddof=1) / math.sqrt(4000) / 2 for e in (one, two)]
    assert apart == pytest.approx(math.hypot(*parts))
    shared = structural_average({"x": (0.5, one), "y": (0.5, one)}, 0)["nmb_mcse"].values[0, 1]
    assert shared == pytest.approx(2 * parts[0])


def test_mixture_holds_draws_in_proportion():
    one, two = (
        normal(1, 300, parameters=("a", "b")),
        normal(2, 100, cost=(0.0, 5000.0), parameters=("b", "c")),
    )
    made = mixture({"x": (0.7, one), "y": (0.3, two)})
    assert made.draws == 333
    assert made.attrs["structures"] == "x 233, y 100"
    np.testing.assert_array_equal(made.cost, np.concatenate([one.cost[:233], two.cost]))
    assert list(made.parameters) == ["b"]
    assert mixture({"x": (0.5, one), "y": (0.5, two)}, 9).attrs["structures"] == "x 5, y 4"
    refused(ScenarioError, "too few draws", lambda: mixture({"x": (0.5, one), "y": (0.5, two)}, 300))
    refused(ScenarioError, "whole", lambda: mixture({"x": (0.5, one), "y": (0.6, two)}))
    average = structural_average({"x": (0.7, one), "y": (0.3, two)}, 0)
    assert made.nmb(0).mean("draw").values[1] == pytest.approx(average["nmb"].values[0, 1], abs=80)


def test_a_mixture_keeps_replicates_and_counts_a_shared_draw_once():
    one = normal(1, 320, parameters=("a", "b"), replicates=8)
    dear = replace(one, cost=one.cost * 2)
    made = mixture({"x": (0.75, one), "y": (0.25, dear)}, 320)
    assert (made.replicates, made.attrs["structures"]) == (8, "x 240, y 80")
    for block in range(8):  # replicate k of the mixture is made of replicate k of each
        rows = np.s_[40 * block : 40 * block + 30], np.s_[40 * block : 40 * block + 10]
        held = np.concatenate([one.cost[rows[0]], dear.cost[rows[1]]])
        np.testing.assert_array_equal(made.cost[40 * block : 40 * block + 40], held)
    plain = replace(one, replicates=None)
    shared = mixture({"x": (0.75, plain), "y": (0.25, replace(dear, replicates=None))})
    np.testing.assert_array_equal(shared.parameters["a"], one.parameters["a"])
    np.testing.assert_array_equal(shared.cost, np.concatenate([one.cost[:240], dear.cost[240:]]))
    refused(ResultError, "different replicates", lambda: mixture({"x": (0.5, one), "y": (0.5, plain)}))
    refused(ScenarioError, "equal replicates", lambda: mixture({"x": (0.5, one), "y": (0.5, dear)}, 321))


# -- convergence ----


def test_running_mean_and_error():
    evaluation = normal(draws=1000)
    found = convergence(evaluation, 1e5)
    over = 1e5 * (evaluation.effect[:, 1] - evaluation.effect[:, 0]) - (
        evaluation.cost[:, 1] - evaluation.cost[:, 0]
    )
    for n in (2, 100, 1000):
        here = found.sel(draws=found["draws"].values[np.searchsorted(found["draws"].values, n)], strategy="B")
        first = over[: int(here["draws"])]
        assert float(here["mean"]) == pytest.approx(first.mean())
        assert float(here["mcse"]) == pytest.approx(first.std(ddof=1) / math.sqrt(len(first)))
    assert found.attrs["wtp"] == 1e5
    assert convergence(evaluation, result="incremental_effect").attrs["unit"] == "QALY"
    refused(ScenarioError, "unknown result", lambda: convergence(evaluation, result="icer"))
    refused(ScenarioError, "one willingness", lambda: convergence(evaluation, [1, 2]))
    refused(ResultError, "one draw", lambda: convergence(normal(draws=1), 1))
