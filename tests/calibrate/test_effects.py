"""Anchored in arithmetic: a ratio of 1.5 on a hazard is the simulation of 1.5 times that hazard, to the last bit."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_calibrate import MODEL, PARAMETERS, targets_text

from costeff.calibrate import CalibrationPlan, read_plan
from costeff.calibrate.effects import Effect, Level, all_levels, effect_problems, levels_of, multiplied
from costeff.calibrate.hierarchy import new_population, set_up
from costeff.calibrate.observe import _fill, observe, populations
from costeff.calibrate.state import State, prior_sds
from costeff.errors import CosteffError, EngineError, ModelError
from costeff.evidence import Evidence, read_evidence
from costeff.model import Model, parameter_file, read_model

EFFECTS = """\
effects:
  by_source: {by: source, sd: 0.3, spread: half_normal, population: 0.25, parameters: [h_return], note: why}
  by_era:
    by: era
    reference: new
    countries: [here]
    parameters: [h_relapse, h_return]
    levels: {old: {value: 1.5, interval: [0.75, 3]}}
"""


def with_effects(effects: str = EFFECTS) -> str:
    """The three-state targets: two of an old era (one abroad), one of a new one."""
    text = targets_text().replace("targets:\n", f"{effects}targets:\n", 1)
    for country in ("here", "abroad"):
        text = text.replace("title: T, use: calibrate", f"era: old, country: {country}, title: U, use: calibrate", 1)
    return text.replace("title: T, use: holdout", "era: new, country: here, title: U, use: holdout", 1)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Evidence, CalibrationPlan]:
    path = tmp_path_factory.mktemp("effects")
    (path / "three.yaml").write_text(MODEL, encoding="utf-8")
    (path / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    (path / "three_parameters_targets.yaml").write_text(with_effects(), encoding="utf-8")
    model = read_model(path / "three.yaml")
    return model, read_evidence(parameter_file(model)), read_plan(path / "three_parameters_targets.yaml")


def test_read(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    source, era = three[2].effects
    assert (source.by, source.sd, source.unknown_sd, source.population) == ("source", 0.3, True, 0.25)
    assert (source.parameters, source.note) == (("h_return",), "why")
    assert era.levels["old"] == pytest.approx((1.5, math.log(4) / (2 * 1.959964)))
    assert not era.unknown_sd


def test_levels_of_targets(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    """Every target has its source's; only the old one here has the era's, which does not act abroad."""
    plan = three[2]
    found = [[level.name for level in levels_of(plan.effects, target)] for target in plan.targets]
    assert found == [["by_source @ s", "by_era @ old"], ["by_source @ s"], ["by_source @ s"]]
    assert [level.centre for level in all_levels(plan.effects, plan.targets)] == pytest.approx([0, math.log(1.5)])


def test_a_condition_is_a_level_of_those_who_state_it(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    effect = Effect("by_condition", "condition", ("h_return",), 0.3)
    stroke, mixed = replace(three[2].targets[0], condition="stroke"), three[2].targets[1]
    assert levels_of([effect], stroke) == (Level("by_condition", "stroke", 0.0, 0.3),)
    assert levels_of([effect], mixed) == ()


def test_ratio_multiplies_what_it_names() -> None:
    effect, other = Effect("e", "source", ("a", "b"), 0.2), Effect("f", "era", ("b",), 0.2)
    levels = (Level("e", "x", 0, 0.2), Level("f", "y", 0, 0.2))
    draws = {"e @ x": np.log([2.0, 3.0]), "f @ y": np.log([5.0, 7.0])}
    values = np.ones(2)
    assert multiplied("a", values, (effect, other), levels, draws) == pytest.approx([2, 3])
    assert multiplied("b", values, (effect, other), levels, draws) == pytest.approx([10, 21])
    assert multiplied("c", values, (effect, other), levels, draws) is values


def test_simulation_is_that_of_the_multiplied_hazard(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, _, plan = three
    base = {"h_return": np.array([0.06]), "h_relapse": np.array([0.012]), "h_death": np.array([0.001])}
    settings = {"individuals": 400, "seed": 3, "keys": np.zeros(1, np.uint64)}
    ratios = {"by_source @ s": np.log([1.25]), "by_era @ old": np.log([1.5])}
    one = observe(populations(model, plan.targets[:1], plan.effects), base | ratios, {}, **settings)
    h_return = base["h_return"] * np.exp(ratios["by_source @ s"] + ratios["by_era @ old"])
    faster = base | {"h_return": h_return, "h_relapse": base["h_relapse"] * np.exp(ratios["by_era @ old"])}
    two = observe(populations(model, plan.targets[:1]), faster, {}, **settings)
    np.testing.assert_array_equal(one.values, two.values)
    assert not np.array_equal(one.values, observe(populations(model, plan.targets[:1]), base, {}, **settings).values)


def test_same_people_and_levels_are_simulated_once(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, _, plan = three
    old = plan.targets[0]
    later = replace(old, name="later", statistic=replace(old.statistic, at=30))
    new = replace(old, name="new", era="new")
    starts = populations(model, [old, later, new], plan.effects)
    assert [[t.name for t in start.targets] for start in starts] == [[old.name, "later"], ["new"]]
    assert len(populations(model, [old, later, new])) == 1


def test_what_is_set_is_not_multiplied(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, _, plan = three
    target = replace(plan.targets[0], changes={"h_return": 0.2, "p_start_work": 0})
    (start,) = populations(model, [target], plan.effects)
    draws = {"h_relapse": np.array([0.01]), "h_death": np.array([0.0])}
    draws |= {"by_source @ s": np.log([2.0]), "by_era @ old": np.log([3.0])}
    env = start.environment(draws, slice(0, 1))
    assert (env["h_return"][0], env["h_relapse"][0]) == pytest.approx((0.2, 0.03))


def test_state_draws_levels_around_their_centres(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    problem = set_up(*three)
    sds = prior_sds(problem.plan.effects, 4000, 1)
    assert sds["by_source"].mean() == pytest.approx(0.3 * math.sqrt(2 / math.pi), rel=0.01)  # half-normal
    assert (sds["by_source"] ** 2).mean() == pytest.approx(0.09, rel=0.02)
    scores = problem.state.scores(4000, 1)
    values = problem.state.values(scores, sds)
    era = values["by_era @ old"]
    assert (era.mean(), era.std()) == pytest.approx((math.log(1.5), math.log(4) / 3.919928), rel=0.01)
    source = values["by_source @ s"]
    np.testing.assert_allclose(source / sds["by_source"], scores[:, -2 if "era" in problem.state.addresses[-1] else -1])


def test_those_that_stand_together_have_one_score(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, evidence, plan = three
    tied = replace(plan, together=(("h_return", "h_relapse"),))
    problem = set_up(model, evidence, tied)
    assert problem.state.names == ("h_return",)
    values = problem.state.values(np.array([[1.0, 0.0, 0.0]]), prior_sds(plan.effects, 1, 1))
    logs = {
        name: math.log(high / low) / 3.919928
        for name, low, high in (("h_return", 0.025, 0.256), ("h_relapse", 0.002, 0.032))
    }
    assert values["h_return"][0] == pytest.approx(0.08 * math.exp(logs["h_return"]), rel=1e-3)
    assert values["h_relapse"][0] == pytest.approx(0.008 * math.exp(logs["h_relapse"]), rel=1e-3)
    assert problem.reads[:, 0].all()
    assert isinstance(problem.state, State)


def test_a_new_population_draws_its_part_of_the_variance() -> None:
    effects = (Effect("e", "source", ("a",), 0.4, population=0.25), Effect("f", "source", ("b",), 0.4))
    values = {"a": np.ones(20_000), "b": np.ones(20_000)}
    found = new_population(effects, values, {}, 1)
    logs = np.log(found["a"])
    assert logs.std() == pytest.approx(0.2, rel=0.03)  # half of 0.4; SE of an SD: 0.5 %
    assert abs(logs.mean()) < 0.006
    assert found["b"] is values["b"]
    per_member = {"e": np.where(np.arange(20_000) < 10_000, 0.1, 0.8)}
    logs = np.log(new_population(effects, values, per_member, 1)["a"])
    assert (logs[:10_000].std(), logs[10_000:].std()) == pytest.approx((0.05, 0.4), rel=0.05)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("sd: 0.3, ", "", "no spread"),
        ("population: 0.25", "population: 1.25", "outside 0-1"),
        ("spread: half_normal", "spread: wide", "unknown `spread`"),
        ("by: era", "by: month", "unknown `by`"),
        ("by: era", "by: era\n    spread: half_normal", "`spread` of an effect by era"),
        ("reference: new", "reference: old", "the reference has a ratio"),
        ("interval: [0.75, 3]", "interval: [1.75, 3]", "does not hold the value"),
    ],
)
def test_refused_when_read(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in EFFECTS
    path = tmp_path / "t.yaml"
    path.write_text(with_effects(EFFECTS.replace(old, new, 1)), encoding="utf-8")
    with pytest.raises(ModelError, match=what) as caught:
        read_plan(path)
    assert "t.yaml, line" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("parameters: [h_return]", "parameters: [h_retrun]", "h_retrun"),
        ("{old: {", "{odl: {", "no target has"),
        ("{old: {", "{odl: {", "target 'work_20': effect 'by_era' has no ratio for this era"),
        ("countries: [here]", "countries: [hree]", "names a country that no target has"),
    ],
)
def test_refused_when_they_do_not_fit(
    three: tuple[Model, Evidence, CalibrationPlan], tmp_path: Path, old: str, new: str, what: str
) -> None:
    assert old in EFFECTS
    path = tmp_path / "t.yaml"
    path.write_text(with_effects(EFFECTS.replace(old, new, 1)), encoding="utf-8")
    with pytest.raises(CosteffError, match=what) as caught:
        set_up(three[0], three[1], read_plan(path))
    assert "t.yaml, line" in str(caught.value)
    assert list(effect_problems(three[2].effects, three[2].targets, ("h_return", "h_relapse"))) == []


def test_nothing_to_calibrate_to_is_refused(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    held = replace(three[2], targets=tuple(replace(target, use="holdout") for target in three[2].targets))
    with pytest.raises(CosteffError, match="no figure is calibrated to"):
        set_up(three[0], three[1], held)


# -- priors of another file, and those that stand together ----


def test_priors_of_a_parameter_file(tmp_path: Path) -> None:
    text = with_effects()
    start, end = text.index("priors:"), text.index("discrepancy:")
    (tmp_path / "p.yaml").write_text(PARAMETERS, encoding="utf-8")
    path = tmp_path / "t.yaml"
    path.write_text(f"{text[:start]}priors: p.yaml\n{text[end:]}", encoding="utf-8")
    plan = read_plan(path)
    assert list(plan.priors) == ["h_return", "h_relapse", "h_death", "p_start_work"]
    assert plan.priors_file == str(tmp_path / "p.yaml")
    path.write_text(f"{text[:start]}priors: q.yaml\n{text[end:]}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"no such file q\.yaml"):
        read_plan(path)


def test_priors_of_two_parameter_files(tmp_path: Path) -> None:
    text = with_effects()
    start, end = text.index("priors:"), text.index("discrepancy:")
    (tmp_path / "p.yaml").write_text(PARAMETERS, encoding="utf-8")
    prior = "{value: 2, unit: ratio, distribution: lognormal, interval: [1, 4], kind: assumption, centre: median}"
    (tmp_path / "q.yaml").write_text(f"parameters:\n  hr_late: {prior}\n", encoding="utf-8")
    path = tmp_path / "t.yaml"
    path.write_text(f"{text[:start]}priors: [p.yaml, q.yaml]\n{text[end:]}", encoding="utf-8")
    plan = read_plan(path)
    assert list(plan.priors) == ["h_return", "h_relapse", "h_death", "p_start_work", "hr_late"]
    assert plan.priors["hr_late"]["value"] == 2
    assert plan.priors_file == str(tmp_path / "p.yaml")
    (tmp_path / "q.yaml").write_text(f"parameters:\n  h_relapse: {prior}\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"'h_relapse' has two priors, the second in q\.yaml"):
        read_plan(path)


@pytest.mark.parametrize(
    ("together", "what"),
    [
        ("[h_return, h_relapse]", "not a list of lists"),
        ("[[h_return, h_retrun]]", "'h_retrun' has no prior"),
        ("[[h_return, h_relapse], [h_return, h_relapse]]", "'h_return' stands twice"),
    ],
)
def test_together_refused(tmp_path: Path, together: str, what: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(with_effects(f"together: {together}\n"), encoding="utf-8")
    with pytest.raises(ModelError, match=what):
        read_plan(path)


def test_few_draws_without_a_denominator_take_the_mean_of_the_others(
    three: tuple[Model, Evidence, CalibrationPlan], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="costeff")
    target = three[2].targets[0]
    values, halves = np.arange(100.0), np.column_stack([np.arange(100.0), np.arange(100.0) + 1])
    values[3], halves[7, 1] = np.nan, np.nan
    whole = np.delete(np.arange(100.0), [3, 7]).mean()
    _fill(values, halves, target, 500)
    assert values[[3, 7]].tolist() == pytest.approx([whole, whole])
    assert halves[[3, 7]].ravel().tolist() == pytest.approx([whole, whole + 1] * 2)
    assert values[4] == 4
    assert f"'{target.name}': 2 of 100 draws have nobody" in caplog.text
    values[:3] = np.nan
    with pytest.raises(EngineError, match="holds nobody"):
        _fill(values, halves, target, 500)
