"""Anchors: cases by hand and normal closed forms of decisions by subgroup and of structures that may be right."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from decision_example import normal, refused
from hypothesis import given, settings
from hypothesis import strategies as st

import costeff as ce
from costeff import Evaluation
from costeff.cea.figures.subgroups import subgroups as drawn
from costeff.cea.stratified import stratified, whole_population
from costeff.cea.structures import mixture, structural_average
from costeff.cea.text import by_subgroup, content_of_subgroups, printed_subgroups, subgroup_result
from costeff.errors import ResultError, ScenarioError
from costeff.labels import Label

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
        ResultError, "same draws", lambda: stratified({"x": (0.5, one), "y": (0.5, normal(2, parameters=("a",)))}, 1)
    )
    refused(ResultError, "same draws", lambda: stratified({"x": (0.5, normal()), "y": (0.5, normal(draws=10))}, 1))
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
    one, two = (normal(1, 300, parameters=("a", "b")), normal(2, 100, cost=(0.0, 5000.0), parameters=("b", "c")))
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
    # of 4 draws a replicate 3 and 1 are not 0.7 and 0.3
    few = normal(1, 32, parameters=("a", "b"), replicates=8)
    both = {"x": (0.7, few), "y": (0.3, replace(few, cost=few.cost * 2))}
    refused(ScenarioError, "too few draws to be shared by weight", lambda: mixture(both))


# -- as printed and drawn ----


def pair(cost, gain=0.01):
    """A costs and gives nothing; B costs `cost` by draw and gives `gain`."""
    return Evaluation(
        "municipal", "qaly", ("A", "B"), "A", [[0.0, c] for c in cost], [[0.0, gain]] * len(cost), currency="DKK"
    )


def test_subgroups_as_rows_text_and_figure_by_hand():
    """At 2,000 B is worth 20 - 10 = 10 to the young, who are a quarter, and 20 - 100 = -80 to the old: 2.5 for all.

    Its error is 0.25 x 0.76, so that the digits printed end before the point."""
    groups = {"young": (0.25, pair([8.0, 12.0] * 4)), "old": (0.75, pair([98.0, 102.0] * 4))}
    table = by_subgroup(groups, [0, 2000])
    rows = table[table["wtp"] == 2000].set_index("subgroup")
    assert rows["share"].tolist() == [0.25, 0.75]
    assert rows["incremental_nmb"].tolist() == pytest.approx([10, -80])
    assert rows["nmb_mcse"].tolist() == pytest.approx([math.sqrt(4 * 8 / 7 / 8)] * 2)
    assert rows[["lower", "upper"]].values.tolist() == [pytest.approx([8, 12]), pytest.approx([-82, -78])]
    value = stratified(groups, [0, 2000])
    text = printed_subgroups(table, value, "age")
    assert text.startswith(
        "Results by age: municipal, against A, DKK and QALY per individual of the subgroup\n\nAt 0 per"
    )
    part = text[text.index("At 2,000 per QALY") :]
    assert [line.split()[0::10] for line in part.splitlines()[2:4]] == [["young", "B"], ["old", "A"]]
    assert "Best for all: A. Deciding for each subgroup gains 2 (error 0) per individual" in part
    assert "perfect information is worth 0 to one decision for all and 0 to decisions by subgroup" in part
    content = content_of_subgroups(table, value, "age")
    assert [row["value"] for row in content["value"]] == pytest.approx([0, 2.5])
    assert [row["preferred"] for row in content["preferred"]] == ["A", "A", "B", "A"]
    figure = drawn(table, {"young": Label("Young", "Unge")}, "da", wtp=2000)
    assert list(figure.data[0].x) == pytest.approx([10, -80])
    assert [text.replace("\u00a0", " ") for text in figure.layout.yaxis.ticktext] == ["Unge<br>25 %", "old<br>75 %"]


def test_subgroups_of_one_draw_have_no_error_and_no_interval():
    groups = {"young": (0.5, pair([8.0])), "old": (0.5, pair([98.0]))}
    table = by_subgroup(groups, [2000])
    assert table[["lower", "upper", "nmb_mcse"]].isna().all(axis=None)
    last = printed_subgroups(table, stratified(groups, [2000]), "age").splitlines()[-1]
    assert "gains 6 per individual" in last


def test_a_gain_by_subgroup_that_luck_could_make_is_not_settled():
    """B is worth -1 on average to the old and 1 to the young, with an SD of 100: nothing is known of the gain."""
    groups = {"young": (0.5, pair([-81.0, 119.0] * 4)), "old": (0.5, pair([121.0, -79.0] * 4))}
    last = printed_subgroups(by_subgroup(groups, [2000]), stratified(groups, [2000]), "age").splitlines()[-1]
    assert "; not settled)" in last


def test_an_attribute_must_be_named():
    refused(ScenarioError, "no attribute is named", lambda: subgroup_result(None, "  ", None, None))


def test_the_whole_population_names_apart_what_only_one_group_has():
    """z is one for all, x and y are of one group each; the levels of x go along with its name."""
    z, x = np.arange(4.0), np.array([0.0, 1.0, 0.0, 1.0])
    young = replace(pair([1.0] * 4), parameters={"x": x, "z": z}, levels={"x": ("lo", "hi")})
    old = replace(pair([2.0] * 4), parameters={"z": z, "y": z})
    whole = whole_population({"young": (0.5, young), "old": (0.5, old)})
    assert list(whole.parameters) == ["x (young)", "z", "y (old)"]
    assert whole.levels == {"x (young)": ("lo", "hi")}
    assert whole.cost[:, 1].tolist() == [1.5] * 4
    apart = replace(old, parameters={"y": z})
    refused(ResultError, "same draws", lambda: whole_population({"young": (0.5, young), "old": (0.5, apart)}))


def test_structures_must_be_given():
    refused(ScenarioError, "no structures are given", lambda: structural_average({}, 0))
