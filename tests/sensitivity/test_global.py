"""Anchors: the Ishigami function's closed-form Sobol indices, linear models, and runs of a shipped model one by one."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from SALib.sample import sobol as salib_sobol

import costeff as ce
from costeff import Evaluation, Result
from costeff.errors import MissingExtraError, ResultError, ScenarioError
from costeff.evidence import factors, values_at
from costeff.sensitivity.global_ import GIVEN_DATA, explained, gsa
from costeff.sensitivity.sampling import DESIGNS, design, indices
from costeff.simulation.simulate import simulate

A, B = 7.0, 0.1
# Ishigami and Homma 1990: variances of the parts, and of the whole
V1, V2, V13 = (1 + B * math.pi**4 / 5) ** 2 / 2, A**2 / 8, B**2 * math.pi**8 * (1 / 18 - 1 / 50)
VARIANCE = V1 + V2 + V13
FIRST = np.array([V1, V2, 0.0]) / VARIANCE
TOTAL = np.array([V1 + V13, V2, V13]) / VARIANCE


def ishigami(u: np.ndarray) -> np.ndarray:
    x = math.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def by_factor(table, names):
    return table.set_index("factor").loc[list(names)]


def test_ishigami_sobol_indices():
    made = design("sobol", "abc", 4096, seed=3)
    found = by_factor(indices(made, ishigami(made.uniforms)), "abc")
    np.testing.assert_allclose(found["first"], FIRST, atol=0.01)
    np.testing.assert_allclose(found["total"], TOTAL, atol=0.01)
    assert (found["first_lower"] <= FIRST).all()
    assert (found["first_upper"] >= FIRST).all()
    assert (found["total_lower"] <= TOTAL).all()
    assert (found["total_upper"] >= TOTAL).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Sobol points vary less than the bootstrap thinks, so at least 95 % of 40 x 6 intervals, less 4 errors."""
    inside = []
    for seed in range(40):
        made = design("sobol", "abc", 256, seed=seed)
        found = by_factor(indices(made, ishigami(made.uniforms)), "abc")
        for name, truth in (("first", FIRST), ("total", TOTAL)):
            inside += list((found[f"{name}_lower"] <= truth) & (truth <= found[f"{name}_upper"]))
    assert np.mean(inside) > 0.95 - 4 * math.sqrt(0.95 * 0.05 / len(inside))


def test_design_is_laid_out_as_salibs():
    """A, then A with each factor's columns from B, then B: the same pattern of equal columns as SALib's sampler."""
    names, groups = list("abcd"), ["g", "g", "c", "d"]
    problem = {"num_vars": 4, "names": names, "groups": groups, "bounds": [[0, 1]] * 4}
    theirs = salib_sobol.sample(problem, 16, calc_second_order=False, seed=1).reshape(16, 5, 4)
    ours = design("sobol", {"g": "ab", "c": "c", "d": "d"}, 16).uniforms.reshape(16, 5, 4)
    for blocks in (theirs, ours):
        np.testing.assert_array_equal(blocks[:, 1, :2], blocks[:, 4, :2])
        np.testing.assert_array_equal(blocks[:, 1, 2:], blocks[:, 0, 2:])
        np.testing.assert_array_equal(blocks[:, 3, 3], blocks[:, 4, 3])
        np.testing.assert_array_equal(blocks[:, 3, :3], blocks[:, 0, :3])


def test_seeds_count_and_zero_is_one():
    one, again, other = (design("sobol", "ab", 16, seed=s).uniforms for s in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    made = design("sobol", "abc", 64, seed=0)
    y = ishigami(made.uniforms)
    np.testing.assert_array_equal(indices(made, y)["first_lower"], indices(made, y)["first_lower"])
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002  the global one is left alone


def test_a_group_is_one_factor_with_the_share_of_its_members():
    """y = a + 2 b + 3 c uniform, a and b together: 5 / 14 and 9 / 14, first = total."""
    made = design("sobol", {"ab": "ab", "c": "c"}, 2048)
    found = by_factor(indices(made, made.uniforms @ [1.0, 2.0, 3.0]), ["ab", "c"])
    np.testing.assert_allclose(found["first"], [5 / 14, 9 / 14], atol=0.005)
    np.testing.assert_allclose(found["total"], [5 / 14, 9 / 14], atol=0.005)


def test_products_across_halves_take_individual_noise_away():
    """Noise as large as the signal: raw totals carry it for every factor, corrected ones are those of the signal."""
    made = design("sobol", "abc", 4096)
    signal = ishigami(made.uniforms)
    noise = np.random.default_rng(2).normal(0, math.sqrt(2 * VARIANCE), (len(signal), 2))
    halves = signal[:, None] + noise
    table = indices(made, halves.mean(axis=1), halves)
    found = by_factor(table, "abc")
    np.testing.assert_allclose(found["first_corrected"], FIRST, atol=0.08)
    np.testing.assert_allclose(found["total_corrected"], TOTAL, atol=0.08)
    np.testing.assert_allclose(found["total"], (TOTAL + 1) / 2, atol=0.05)
    assert table.attrs["noise_share"] == pytest.approx(0.5, abs=0.02)


def test_morris_of_a_linear_model_is_exact():
    """Effect = slope x range of the quantiles (0.95); a pair that moves either way gives mean |2 +- 3|."""
    made = design("morris", {"a": "a", "b": "b", "cd": "cd"}, 400, seed=5)
    found = by_factor(indices(made, made.uniforms @ [1.0, -4.0, 2.0, 3.0]), ["a", "b", "cd"])
    np.testing.assert_allclose(found["mu_star"].iloc[:2], [0.95, 3.80], rtol=1e-9)
    np.testing.assert_allclose(found["mu"].iloc[:2], [0.95, -3.80], rtol=1e-9)
    np.testing.assert_allclose(found["sigma"].iloc[:2], 0, atol=1e-9)
    assert found["mu_star"].iloc[2] == pytest.approx(0.95 * (5 + 1) / 2, rel=0.15)
    assert found[["mu", "sigma"]].iloc[2].isna().all()


def test_morris_picks_random_rows_where_there_is_no_order():
    """The mean distance between two of 1,000 shuffled numbers in 0-1 is 1/3, and a move is 2/3 of the range."""
    made = design("morris", ["x", "row"], 2000, unordered_columns=["row"])
    shuffled = np.random.default_rng(1).permutation(1000) / 1000
    found = by_factor(indices(made, shuffled[(made.uniforms[:, 1] * 1000).astype(int)]), ["x", "row"])
    assert found.loc["x", "mu_star"] == 0
    assert found.loc["row", "mu_star"] == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize(
    ("call", "error", "what"),
    [
        (lambda: design("sobol", "ab", 100), ScenarioError, "power of 2"),
        (lambda: design("morris", "ab", 2), ScenarioError, "at least 4"),
        (lambda: design("efast", "ab", 16), ScenarioError, "unknown design"),
        (lambda: design("sobol", [], 16), ScenarioError, "needs factors"),
        (lambda: indices(design("sobol", "ab", 16), np.zeros(5)), ResultError, "do not fit"),
        (lambda: indices(design("sobol", "ab", 16), np.ones(64)), ResultError, "does not vary"),
        (lambda: indices(design("sobol", "ab", 16), np.full(64, np.nan)), ResultError, "not finite"),
        (lambda: gsa(linear(), "sobol", result="cost"), ScenarioError, "runs of its own"),
        (lambda: gsa(linear(), result="icer"), ScenarioError, "unknown result"),
        (lambda: gsa(linear(), result="incremental_nmb"), ScenarioError, "willingness to pay is missing"),
        (lambda: gsa(linear(), result="incremental_cost", strategy="old"), ScenarioError, "unknown strategy"),
        (lambda: gsa(linear(), "pawn", result="incremental_cost", names=["a", "b"]), ScenarioError, "one parameter"),
        (lambda: gsa(linear(50), result="incremental_cost"), ResultError, "too few draws"),
        (lambda: gsa(linear(), result="cost", strategy="old"), ResultError, "does not vary"),
    ],
)
def test_refusals(call, error, what):
    with pytest.raises(error) as caught:
        call()
    assert what in str(caught.value)


def linear(draws=2000, noise=0.0, **options):
    """cost = a + 2 b + 3 c (uniform) for the new strategy, 0 for the old; halves differ by noise of their own."""
    rng = np.random.default_rng(1)
    x = rng.random((draws, 4))
    cost = np.column_stack([np.zeros(draws), x @ [1.0, -2.0, 3.0, 0.0]])
    halves = cost[:, None] + np.array([0, 1.0]) * rng.normal(0, noise, (draws, 2, 1))
    kept = {"cost_half": halves, "effect_half": np.zeros((draws, 2, 2))} if noise else {}
    drawn = dict(zip("abcd", x.T, strict=True))
    return Evaluation(
        "municipal",
        "qaly",
        ("old", "new"),
        "old",
        halves.mean(axis=1),
        np.zeros((draws, 2)),
        **kept,
        parameters=drawn,
        **options,
    )


def test_regression_on_a_linear_model():
    told = gsa(linear(), "regression", result="incremental_cost")
    found = by_factor(told.table, "abcd")
    np.testing.assert_allclose(found["first"], np.array([1, 4, 9, 0]) / 14, atol=0.04)
    assert (np.sign(found["rank_correlation"])[:3] == [1, -1, 1]).all()
    assert (np.abs(found["first"] - np.array([1, 4, 9, 0]) / 14) < 4 * found["first_mcse"] + 0.002).all()
    together = gsa(linear(), result="incremental_cost", names={"b and c": ["b", "c"]}).table
    assert together["first"][0] == pytest.approx(13 / 14, abs=0.02)
    assert "2,000 evaluations" in told.head()
    assert "Correlated" in told._repr_html_()


def test_regression_says_what_could_be_explained_without_noise():
    """Signal variance 14 / 12; half noise variance 2 x that gives noise of the same variance in the mean."""
    told = gsa(linear(noise=math.sqrt(2 * 14 / 12)), "regression", result="incremental_cost")
    found = by_factor(told.table, "abcd")
    assert told.noise_share == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(found["first"], np.array([1, 4, 9, 0]) / 28, atol=0.05)
    np.testing.assert_allclose(found["explainable"], np.array([1, 4, 9, 0]) / 14, atol=0.08)


def test_error_of_an_explained_share():
    """The spread of 400 repeated runs is the error that they report, within 15 %."""
    rng = np.random.default_rng(7)
    pairs = []
    for _ in range(400):
        x = rng.normal(size=(300, 1))
        pairs.append(explained(x, x[:, 0] + rng.normal(size=300)))
    first, error = np.array(pairs).T
    assert first.mean() == pytest.approx(0.5, abs=0.01)
    assert error.mean() == pytest.approx(first.std(), rel=0.15)


def test_pawn_ranks_and_knows_its_floor():
    """y = c alone: in its s-th tenth the largest distance is max(s, 9 - s) / 10; nothing else is above the floor."""
    evaluation = linear()
    only = Evaluation(
        "municipal",
        "qaly",
        ("old", "new"),
        "old",
        np.column_stack([np.zeros(2000), evaluation.parameters["c"]]),
        np.zeros((2000, 2)),
        parameters=evaluation.parameters,
    )
    told = gsa(only, "pawn", result="incremental_cost")
    assert told.table["factor"][0] == "c"
    assert told.table["median"][0] == pytest.approx(np.median([max(s, 9 - s) / 10 for s in range(10)]), abs=0.02)
    assert told.table["above_floor"].tolist() == [True, False, False, False]
    assert list(gsa(evaluation, "pawn", result="incremental_cost").table["factor"][:2]) == ["c", "b"]


def test_without_salib_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(MissingExtraError, match="SALib") as caught:
        indices(design("sobol", "ab", 16), np.arange(64.0))
    assert "pip install SALib" in str(caught.value)
    assert {*DESIGNS, *GIVEN_DATA} == {"sobol", "morris", "pawn", "regression"}


SMALL = {"individuals": 40, "progress": False}


def test_study_runs_are_the_models_own_runs():
    """A Morris point of TKI2 is the result of `simulate` at those parameters; prices cost no simulation."""
    study = ce.load("tki2")
    told = study.gsa("morris", perspective="municipal", size=4, seed=2, **SMALL)
    assert told.attrs["result"] == "incremental_cost"
    used = factors(study.evidence)
    assert told.attrs["points"] == 4 * (len(used) + 1)
    assert told.attrs["simulations"] < told.attrs["points"]
    kinds = {(f.kind, f.name) for f in used.values()}
    assert {("rows", "posterior"), ("group", "diagnosis_mix")} <= kinds
    assert ("correlated", "hr_self_support + hr_unemployed_well") in kinds
    assert 0 < told.noise_share < 1
    assert any("posterior (71 parameters)" in note for note in told.notes)
    row = told.table.set_index("factor").loc["posterior"]
    assert math.isnan(row["mu"])
    assert row["mu_star"] > 0
    # three points, run one by one
    columns = dict(zip(told.design.columns, told.design.uniforms.T, strict=True))
    missing = {a: np.full(told.design.points, 0.5) for f in factors(study.evidence).values() for a in f.addresses}
    drawn = values_at(study.evidence, missing | columns, told.design.points)
    for k in (0, 100, 200):
        alone = simulate(
            study.model, {name: column[[k]] for name, column in drawn.items()}, study.tables, individuals=40, seed=2
        )
        cost = Result(study, {name: column[[k]] for name, column in drawn.items()}, alone, 40, 2, "morris")
        told_cost = cost.perspective("municipal").cost[0]
        assert told.value[k] == told_cost[1] - told_cost[0]


def test_progress_is_shown_when_asked_for(capsys):
    study = ce.load("sick_sicker")
    asked = {"perspective": "health_care", "strategy": "B", "size": 16}
    study.gsa("sobol", **asked, progress=True)
    assert "sensitivity" in capsys.readouterr().err
    found = study.gsa("sobol", **asked, progress=False)
    assert "sensitivity" not in capsys.readouterr().err
    assert "No individual noise: the cohort engine gives expectations." in found.notes


def test_threads_and_batches_change_nothing(monkeypatch):
    study = ce.load("sick_sicker")
    asked = {"perspective": study.model.perspectives[0].name, "strategy": "B", "size": 16, "progress": False}
    one = study.gsa("sobol", **asked, threads=1)
    monkeypatch.setattr("costeff.sensitivity.global_search._BATCH", 40)
    two = study.gsa("sobol", **asked, threads=2)
    assert one.table.equals(two.table)
    assert math.isnan(one.noise_share)
    assert one.attrs["result"] == "incremental_nmb"


def test_sobol_of_a_study_is_that_of_its_psa():
    """First-order indices by design and by regression on a PSA agree for the largest parameters of Sick-Sicker."""
    study = ce.load("sick_sicker")
    asked = {"perspective": study.model.perspectives[0].name, "strategy": "B", "result": "incremental_cost"}
    by_design = study.gsa("sobol", **asked, size=512, progress=False).table.set_index("factor")
    by_regression = study.gsa("regression", **asked, size=2000, progress=False).table.set_index("factor")
    for name in by_design.index[:3]:
        width = by_design.loc[name, "first_upper"] - by_design.loc[name, "first_lower"]
        assert abs(by_design.loc[name, "first"] - by_regression.loc[name, "first"]) < width


def test_too_few_draws_are_refused_before_the_run(monkeypatch):
    def run(*_, **__):
        raise AssertionError("the run was started")

    monkeypatch.setattr("costeff.simulation.simulate.simulate", run)
    study = ce.load("tki2")
    for method in GIVEN_DATA:
        with pytest.raises(ResultError, match="too few draws"):
            study.gsa(method, size=99, **SMALL)
        with pytest.raises(ScenarioError, match="unknown strategy"):
            study.gsa(method, size=200, strategy="none", **SMALL)
    with pytest.raises(AssertionError, match="started"):
        study.gsa("regression", size=100, **SMALL)
