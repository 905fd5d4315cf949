"""Anchored in a three-state model of known truth: a posterior by importance weights (twin), and sums by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm
from test_calibrate import H_DEATH, H_RELAPSE, H_RETURN, MODEL, PARAMETERS, PRIOR
from twins import importance

from costeff.calibrate import CalibrationPlan, Target, calibrate, calibrate_command, check
from costeff.calibrate.effects import Effect
from costeff.calibrate.hierarchy import POINTS, Problem, Solution, held_out, learned_sds, set_up, solve, weighted_sds
from costeff.calibrate.hierarchy_tables import spread_ratio
from costeff.calibrate.likelihood import error_covariance, transformed
from costeff.calibrate.linear import left_out
from costeff.calibrate.ranks import SCALES, Ranks, holm, ranks, smooth_p
from costeff.calibrate.scores import (
    by_source,
    constant_width_table,
    family_average,
    holdout_table,
    left_out_table,
    less_noise,
    shipped_table,
    summary,
    width_table,
)
from costeff.calibrate.setting import Run
from costeff.calibrate.statistic import Statistic
from costeff.evidence import Evidence, read_evidence
from costeff.model import Expression, Model, parameter_file, read_model
from costeff.simulation.workplace import workplace

SD = 0.25
FIGURES = {"one": (1.3, (10, 26)), "two": (0.9, (10, 26)), "three": (0.75, (18,)), "four": (1.05, (14,))}
"""Source: the ratio of its return hazard to the truth, and the weeks of its figures."""


def share(h_return: float, weeks: int) -> float:
    return importance.shares(h_return, H_RELAPSE, H_DEATH, importance.SICK, weeks)[importance.WORK]


def targets_of(use: dict[str, str] | None = None) -> tuple[Target, ...]:
    """Shares in work of each source, as its own hazard gives them."""
    rows = []
    for source, (ratio, weeks) in FIGURES.items():
        for week in weeks:
            p = share(H_RETURN * ratio, week)
            statistic = Statistic("state_share", week, ("work",))
            rows.append(
                Target(
                    name=f"{source}_{week}",
                    title="T",
                    use=(use or {}).get(source, "calibrate"),
                    statistic=statistic,
                    value=p,
                    interval=(p - 0.03, p + 0.03),
                    changes={"p_start_work": 0},
                    n=900,
                    source=source,
                    family="return",
                )
            )
    return tuple(rows)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Evidence]:
    path = tmp_path_factory.mktemp("hierarchy")
    (path / "three.yaml").write_text(MODEL, encoding="utf-8")
    (path / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    model = read_model(path / "three.yaml")
    return model, read_evidence(parameter_file(model))


def plan_of(effects: tuple[Effect, ...], use: dict[str, str] | None = None) -> CalibrationPlan:
    line = next(line for line in PARAMETERS.splitlines() if line.startswith("  h_return"))
    assert "0.08" in line
    prior = {"value": 0.08, "centre": "median", "unit": "hazard per week", "distribution": "lognormal",
             "interval": [0.025, 0.256], "kind": "assumption"}  # fmt: skip
    return CalibrationPlan(targets_of(use), {"h_return": prior}, 0.05, effects=effects, model="three")


FIXED = Effect("between", "source", ("h_return",), SD, population=0.25)
UNKNOWN = replace(FIXED, spread="half_normal")


@pytest.fixture(scope="module")
def solved(three: tuple[Model, Evidence]) -> tuple[Problem, Solution]:
    problem = set_up(*three, plan_of((FIXED,), {"four": "holdout"}))
    return problem, solve(problem, Run(problem.prior, 800, 1, 1, False), 1000)


@cache
def exact() -> list[tuple[float, float]]:
    """log h_return and the effects of three sources: mean and SD by importance weights."""
    targets = [t for t in targets_of() if t.source != "four"]
    variance = np.diag(error_covariance(targets, 0.05))
    published = [float(transformed(t, t.value)) for t in targets]
    place = {"one": 1, "two": 2, "three": 3}

    def log_likelihood(point: list[float]) -> float:
        total = 0.0
        for target, y, v in zip(targets, published, variance, strict=True):
            p = share(math.exp(point[0] + point[place[target.source]]), target.statistic.at)
            total -= (math.log(p / (1 - p)) - y) ** 2 / (2 * v)
        return total

    median, low, high = PRIOR["h_return"]
    prior = [(math.log(median), math.log(high / low) / (2 * 1.959964)), *[(0.0, SD)] * 3]
    return importance.posterior(prior, log_likelihood, 12_000, seed=2)


def test_posterior_of_parameter_and_effects(solved: tuple[Problem, Solution]) -> None:
    solution = solved[1]
    found = [np.log(solution.values["h_return"]), *(solution.values[f"between @ {s}"] for s in ("one", "two", "three"))]
    for values, (mean, sd) in zip(found, exact(), strict=True):
        # The twin's effective sample is a few hundred points: its mean has an error of 0.06 SD, its SD one of 4 %.
        assert values.mean() == pytest.approx(mean, abs=0.3 * sd)
        assert values.std() == pytest.approx(sd, rel=0.2)


def test_without_the_effects_the_figures_contradict_each_other(three: tuple[Model, Evidence]) -> None:
    """The same figures as if of one population: a narrow posterior that misses some of them."""
    problem = set_up(*three, plan_of((), {"four": "holdout"}))
    alone = solve(problem, Run(problem.prior, 800, 1, 1, False), 300)
    assert np.log(alone.values["h_return"]).std() < 0.5 * exact()[0][1]


def test_linear_model_near_the_posterior_is_that_of_the_closed_form(solved: tuple[Problem, Solution]) -> None:
    """Slopes of the regression against derivatives of the closed form, at the posterior's middle."""
    problem, solution = solved
    middle = float(np.log(solution.values["h_return"]).mean())
    sd = math.log(0.256 / 0.025) / (2 * 1.959964)
    places = {name: i for i, name in enumerate(problem.state.addresses)}
    for k, target in enumerate(problem.fitted):
        centre = middle + float(solution.values[f"between @ {target.source}"].mean())
        low, high = (share(math.exp(centre + step), target.statistic.at) for step in (-0.05, 0.05))
        slope = (math.log(high / (1 - high)) - math.log(low / (1 - low))) / 0.1
        row = solution.linear.slopes[k]
        assert row[places[f"between @ {target.source}"]] == pytest.approx(slope, rel=0.2)
        assert row[places["h_return"]] == pytest.approx(slope * sd, rel=0.2)
        others = [v for name, v in zip(problem.state.addresses, row, strict=True) if "@" in name]
        assert np.count_nonzero(others) == 1  # a source's figures read no other source's effect


def test_ensemble_is_as_wide_as_the_linear_posterior(solved: tuple[Problem, Solution]) -> None:
    problem, solution = solved
    assert spread_ratio(problem, solution) == pytest.approx(1, abs=0.12)
    narrow = replace(solution, ensemble=solution.ensemble * 0.7)
    assert spread_ratio(problem, narrow) == pytest.approx(0.7 * spread_ratio(problem, solution))


def test_a_source_held_out_by_another_run_agrees_with_the_closed_form(
    three: tuple[Model, Evidence], solved: tuple[Problem, Solution]
) -> None:
    problem, solution = solved
    table = left_out_table(problem, solution).set_index("target")
    again = set_up(*three, held_out(problem.plan, ["two"]))
    rerun = solve(again, Run(again.prior, 800, 1, 1, False), 1000)
    rows = holdout_table(again, rerun).set_index("target")
    for name in ("two_10", "two_26"):
        assert transformed_share(table.loc[name, "predicted"]) == pytest.approx(
            transformed_share(rows.loc[name, "predicted"]), abs=0.12
        )
        width, other = (
            transformed_share(t.loc[name, "high"]) - transformed_share(t.loc[name, "low"]) for t in (table, rows)
        )
        assert width == pytest.approx(other, rel=0.2)


def transformed_share(p: float) -> float:
    return math.log(p / (1 - p))


def test_unknown_sd_is_learned(three: tuple[Model, Evidence]) -> None:
    """Sources that agree want a small SD, sources a factor apart a large one; the prior's middle lies between."""
    means = []
    for spread in (0.0, 4.0):
        plan = plan_of((UNKNOWN,))
        far = [replace(t, value=share(H_RETURN * FIGURES[t.source][0] ** spread, t.statistic.at)) for t in plan.targets]
        problem = set_up(
            *three, replace(plan, targets=tuple(replace(t, interval=(t.value - 0.01, t.value + 0.01)) for t in far))
        )
        run = Run(problem.prior, 400, 1, 1, False)
        solution = solve(problem, run, 200)
        nodes, weights = weighted_sds(problem, solution.linear, 1)
        means.append(float(weights @ nodes["between"]))
        members = learned_sds(problem, solution.linear, {"between": np.ones(500)}, 1)["between"]
        assert members.mean() == pytest.approx(means[-1], rel=0.1)  # taken as often as their weights say
    assert means[0] < SD * math.sqrt(2 / math.pi) < means[1]


# -- scores ----


def test_summary_and_rows(solved: tuple[Problem, Solution]) -> None:
    table = left_out_table(*solved)
    assert list(table["target"]) == [t.name for t in solved[0].fitted]
    wide = (table["high"].map(transformed_share) - table["low"].map(transformed_share)) / (2 * 1.644854)
    np.testing.assert_allclose(wide, table["sd"], rtol=1e-6)
    found = summary(table)
    assert found["rms_z"] == pytest.approx(math.sqrt((table["z"] ** 2).mean()))
    assert found["figures"] == 5
    problem, solution = solved
    groups = list(by_source(problem.fitted).values())
    nodes, _ = weighted_sds(problem, solution.linear, 1)
    variances = problem.variances(nodes, POINTS)
    mixtures = left_out(solution.linear, problem.data, problem.error, problem.centres, variances, groups)
    total = sum(m.log_density(problem.data[g]) for m, g in zip(mixtures, groups, strict=True))
    assert found["log_density"] == pytest.approx(total)


def test_a_new_source_is_wider_than_its_own_error(solved: tuple[Problem, Solution]) -> None:
    problem, solution = solved
    widths = width_table(problem, solution, left_out_table(problem, solution))
    assert list(widths["family"]) == ["return"]
    slopes = solution.linear.slopes
    alone = [math.sqrt((slopes[k, 2:] ** 2).sum() * SD**2 + problem.error[k, k]) for k in range(len(problem.fitted))]
    assert widths["alone"][0] == pytest.approx(2 * 1.644854 * np.mean(alone), rel=1e-6)
    assert widths["ratio"][0] > 1


def test_constant_width_rival_errs_alike_everywhere(solved: tuple[Problem, Solution]) -> None:
    """Its predictive variance of one figure: parameters, 0.3 squared, 0.2 squared and sampling, by the formula."""
    problem, solution = solved
    table = constant_width_table(problem, solution, False)
    linear, error = solution.linear, error_covariance(problem.fitted, 0.2)
    g = linear.slopes[:, :2]  # of the return and, not calibrated, of the relapse
    source = [t.source for t in problem.fitted]
    same = np.array([[a == b for b in source] for a in source])
    whole = g @ g.T + 0.09 * same + error + np.diag(linear.rest)
    rest = [k for k, s in enumerate(source) if s != "three"]
    k = source.index("three")
    inverse = np.linalg.inv(whole[np.ix_(rest, rest)])
    variance = whole[k, k] - whole[k, rest] @ inverse @ whole[rest, k]
    assert table["sd"][k] == pytest.approx(math.sqrt(variance))
    assert summary(table)["log_density"] < summary(left_out_table(problem, solution))["log_density"] + 5


def test_holdout_is_predicted_with_a_new_effect(solved: tuple[Problem, Solution]) -> None:
    row = holdout_table(*solved).iloc[0]
    assert (row["source"], row["inside"]) == ("four", True)
    mean, sd = exact()[0]
    low, high = (share(math.exp(mean + z * math.hypot(sd, SD)), 14) for z in (-1.644854, 1.644854))
    assert row["low"] < low + 0.01  # the figure's own error comes on top
    assert row["high"] > high - 0.01
    assert row["high"] - row["low"] < 1.25 * (high - low)
    centre, spread = family_average(solved[0].fitted, solved[0].plan.targets[-1])
    values = [transformed_share(t.value) for t in solved[0].fitted]
    assert (centre, spread) == pytest.approx((np.mean(values), np.std(values, ddof=1)))
    own = transformed_share(solved[0].plan.targets[-1].value)
    assert row["average"] == pytest.approx(norm.logpdf(own, centre, spread))
    number = replace(solved[0].fitted[0], statistic=Statistic("median_weeks", 26, ("sick",)))
    assert all(map(math.isnan, family_average(solved[0].fitted, number)))  # no number of weeks was fitted


def test_parameters_as_shipped_are_scored_where_there_are_any(
    three: tuple[Model, Evidence], solved: tuple[Problem, Solution], tmp_path: Path
) -> None:
    """A shipped posterior that is the truth: figures of sources that differ lie far out when none is allowed to."""
    rows = "\n".join(["h_return", *[f"{H_RETURN * (1 + 0.01 * i)}" for i in (-1, 0, 1)] * 20])
    (tmp_path / "p.csv").write_text(rows + "\n", encoding="utf-8")
    lines = [line for line in PARAMETERS.splitlines() if not line.startswith("  h_return")]
    lines.append("  h_return: {value: 0.06, centre: median, unit: hazard per week, kind: assumption}")
    lines += ["groups:", "  posterior: {distribution: empirical, file: p.csv, parameters: [h_return]}", ""]
    (tmp_path / "p.yaml").write_text("\n".join(lines), encoding="utf-8")
    evidence = read_evidence(tmp_path / "p.yaml")
    found = calibrate(three[0], evidence, plan_of((FIXED,)), seed=1, draws=100, individuals=800, threads=1).hierarchy
    assert found is not None
    scores = found.scores.set_index("model")
    shipped = scores.loc["rival: parameters as shipped, discrepancy 0.1, no effects"]
    assert shipped["rms_z"] > 1.3 * scores.loc["this calibration", "rms_z"]
    assert shipped["log_density"] < scores.loc["this calibration", "log_density"]
    checked = check(three[0], evidence, plan_of((FIXED,)), draws=100, individuals=400, threads=1).fit.set_index(
        "target"
    )
    alone = check(three[0], evidence, plan_of(()), draws=100, individuals=400, threads=1).fit.set_index("target")
    assert abs(checked.loc["one_10", "z"]) < abs(alone.loc["one_10", "z"]) / 1.5  # a source of its own may differ
    problem = solved[0]
    values = np.tile(problem.data, (50, 1)) + np.random.default_rng(1).normal(0, 1e-3, (50, len(problem.data)))
    table = shipped_table(problem, values, np.zeros((len(problem.data),) * 2), 0.1)
    assert table["sd"].to_numpy() == pytest.approx(np.sqrt(np.diag(error_covariance(problem.fitted, 0.1))), rel=1e-3)


def test_noise_is_taken_out_but_not_all() -> None:
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(less_noise(covariance, np.diag([0.5, 0.2])), [[1.5, 0.5], [0.5, 0.8]])
    assert less_noise(covariance, np.diag([5.0, 0.2]))[0, 0] == pytest.approx(0.02)


# -- the whole calibration ----


def test_posterior_file_is_that_of_a_new_population(
    three: tuple[Model, Evidence], solved: tuple[Problem, Solution]
) -> None:
    found = calibrate(*three, plan_of((FIXED,), {"four": "holdout"}), seed=1, draws=1000, individuals=800, threads=1)
    ratio = np.log(found.posterior["h_return"]) - np.log(solved[1].values["h_return"])
    assert ratio.std() == pytest.approx(0.5 * SD, rel=0.1)
    assert found.hierarchy is not None
    text = str(found)
    assert "Distinct start populations: 4, 3 of the targets calibrated to" in text
    assert max(map(len, text.splitlines())) <= 110
    assert max(map(len, found.hierarchy.left_out_lines())) <= 110
    assert set(found.hierarchy.frames()) == {"source_sds", "effects", "left_out", "widths", "scores", "holdouts"}


def test_of_a_register_it_is_its_own(three: tuple[Model, Evidence]) -> None:
    """Where an authority's own figures are among the targets, its own effect acts on its posterior, and no draw."""
    plan = plan_of((FIXED,))
    own = replace(plan.targets[2], name="own", source="register")
    plan = replace(plan, targets=(*plan.targets, own), sources={"register": None})  # type: ignore[dict-item]
    problem = set_up(*three, plan)
    solution = solve(problem, Run(problem.prior, 400, 1, 1, False), 100)
    found = calibrate(*three, plan, seed=1, draws=100, individuals=400, threads=1).posterior["h_return"]
    np.testing.assert_allclose(
        found, solution.values["h_return"] * np.exp(solution.values["between @ register"]), rtol=1e-12
    )


def test_stopped_and_resumed(three: tuple[Model, Evidence], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"seed": 1, "draws": 60, "individuals": 100, "threads": 1}
    plan = plan_of((FIXED,))
    with workplace(tmp_path):
        whole = calibrate(*three, plan, **settings)
    populations_each_time = {len(set_up(*three, plan).everything), len(set_up(*three, plan).groups)}
    assert len(list(tmp_path.glob("*.npz"))) == 5 * populations_each_time.pop()  # prior, three updates, posterior
    assert whole.posterior.equals(calibrate(*three, plan, **settings).posterior)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("costeff.calibrate.observe._observed", fail)
    with workplace(tmp_path):
        again = calibrate(*three, plan, **settings)
    assert again.posterior.equals(whole.posterior)
    with workplace(tmp_path), pytest.raises(AssertionError, match="simulated again"):
        calibrate(*three, plan, **(settings | {"seed": 2}))


def test_a_changed_formula_reads_nothing_old(three: tuple[Model, Evidence], tmp_path: Path) -> None:
    """Two models that are written alike in short but for one hazard: the second calibration is as if it were alone."""
    model, evidence = three
    settings = {"seed": 1, "draws": 40, "individuals": 60, "threads": 1}
    plan = plan_of((FIXED,))
    first = model.transitions[0]
    assert first.hazard is not None
    changed = replace(first, hazard=Expression(f"2 * ({first.hazard.text})"))
    other = replace(model, transitions=(changed, *model.transitions[1:]))
    assert repr(other) == repr(model)
    alone = calibrate(other, evidence, plan, **settings).posterior
    with workplace(tmp_path):
        before = calibrate(model, evidence, plan, **settings).posterior
        after = calibrate(other, evidence, plan, **settings).posterior
    assert after.equals(alone)
    assert not after.equals(before)


def test_without_effects_nothing_has_changed(tmp_path: Path) -> None:
    """Frozen from the version before effects: the same draws, the same posterior."""
    from test_calibrate import targets_text

    for name, text in (
        ("three", MODEL),
        ("three_parameters", PARAMETERS),
        ("three_parameters_targets", targets_text()),
    ):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    found = calibrate_command(tmp_path / "three.yaml", seed=1, draws=200, individuals=500, threads=1)
    assert found.hierarchy is None
    assert found.posterior.mean().tolist() == pytest.approx([0.060849352, 0.01218000295], rel=1e-7)


# -- ranks ----


def test_ranks_of_a_right_posterior_are_uniform_and_of_a_wrong_one_not() -> None:
    """A normal truth and posteriors of the right SD, of 0.7 and of 1.5 times it."""
    rng = np.random.default_rng(4)
    z = rng.standard_normal((200, 6))
    found = Ranks(tuple("abcdef"), np.array([norm.cdf(z / scale) for scale in SCALES]))
    least, coverage = found.verdict()
    assert least > 0.01
    assert coverage == pytest.approx(0.9, abs=0.03)
    assert all(found.verdict(i)[0] < 0.01 for i in (1, 2))
    assert "SDs times 0.7" in "\n".join(found.lines())


def test_smooth_test_has_its_size() -> None:
    rng = np.random.default_rng(5)
    p = np.array([smooth_p(rng.random(200)) for _ in range(2000)])
    for level in (0.05, 0.5):
        assert (p < level).mean() == pytest.approx(level, abs=4 * math.sqrt(level * (1 - level) / 2000))


def test_holm_against_its_definition() -> None:
    p = np.array([0.001, 0.2, 0.02, 0.9, 0.02])
    order = sorted(range(5), key=lambda i: p[i])
    largest = 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, p[i] * (5 - rank)))
        assert holm(p)[i] == pytest.approx(largest)


def test_ranks_of_a_small_problem(three: tuple[Model, Evidence], tmp_path: Path) -> None:
    """Twelve truths: the machinery, not the verdict; the same seed gives the same ranks for any threads."""
    plan = plan_of((UNKNOWN,))
    settings = {"truths": 12, "draws": 40, "individuals": 60, "seed": 3}
    with workplace(tmp_path):
        found = ranks(*three, plan, threads=1, **settings)
        fewer = ranks(*three, plan, threads=2, **(settings | {"truths": 5}))
    np.testing.assert_array_equal(fewer.shares, found.shares[:, :5])
    assert len(list(tmp_path.iterdir())) == 12  # the five were read
    other = replace(plan, discrepancy=2 * plan.discrepancy)
    with workplace(tmp_path):
        ranks(*three, other, threads=1, **(settings | {"truths": 1}))
    assert len(list(tmp_path.iterdir())) == 13  # those of another problem are not
    assert found.names == ("h_return", *(f"between @ {s}" for s in FIGURES), "sd of between")
    assert found.shares.shape == (3, 12, 6)
    assert ((found.shares >= 0) & (found.shares <= 1)).all()
    same = ranks(*three, plan, threads=2, **settings)
    np.testing.assert_array_equal(found.shares, same.shares)
    below, wide = (np.abs(found.shares[i] - 0.5).mean() for i in (1, 2))
    assert wide < np.abs(found.shares[0] - 0.5).mean() < below
