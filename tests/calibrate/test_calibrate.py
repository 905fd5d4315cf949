"""Anchored in a three-state model of known truth: closed-form shares, and a posterior by importance weights (twin)."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from twins import importance

from costeff.calibrate import Calibration, CalibrationPlan, calibrate, calibrate_command, observe, read_plan
from costeff.calibrate.calibration import shipped_posterior
from costeff.calibrate.likelihood import error_covariance, natural, transformed
from costeff.calibrate.observe import Observed, populations
from costeff.errors import CosteffError, EvidenceError, ResultError, ScenarioError
from costeff.evidence import Evidence, read_evidence
from costeff.model import Model, parameter_file, read_model
from costeff.simulation.simulate import simulate

H_RETURN, H_RELAPSE, H_DEATH = 0.06, 0.012, 0.001  # the truth
PRIOR = {"h_return": (0.08, 0.025, 0.256), "h_relapse": (0.008, 0.002, 0.032)}  # median, 95 %

MODEL = """\
model: three
title: Three states
parameters: ./three_parameters.yaml
conventions: {cycle: week, cycles_per_year: 52, horizon: 2 years, within_cycle: none, discounting: whole_year,
              discount_rate_cost: 0, discount_rate_effect: 0, currency: DKK, price_year: 2024, beyond_table: constant}
states: {sick: {}, work: {}, dead: {alive: false}}
population:
  luck: {value: u, unit: number}
  start_state: {categories: {work: p_start_work, sick: rest}}
start: start_state
clocks: {long: {initial: 0, advances_in: [work]}}
transitions:
  - {from: sick, to: work, hazard: "constant(t, h_return)"}
  - {from: work, to: sick, hazard: "constant(t, h_relapse)"}
  - {from: [sick, work], to: dead, hazard: "constant(t, h_death)"}
strategies: {usual: {label: Usual}, other: {label: Other}}
passages: {back: {states: [work], stay: 4, label: Back}}
effects:
  weeks: {unit: weeks, better: more, terms: [{states: [work], weight: luck, amount: 1}], label: Weeks}
"""
LOGNORMAL = "centre: median, unit: hazard per week, distribution: lognormal"
PARAMETERS = f"""\
sources:
  s: {{title: Source, address: "https://example.org", seen: seed}}
parameters:
  h_return: {{value: 0.08, {LOGNORMAL}, interval: [0.025, 0.256], kind: assumption}}
  h_relapse: {{value: 0.008, {LOGNORMAL}, interval: [0.002, 0.032], kind: assumption}}
  h_death: {{value: {H_DEATH}, unit: hazard per week, kind: assumption}}
  p_start_work: {{value: 0, unit: probability, kind: assumption}}
"""
SHARES = {  # name: (start, week)
    "work_20": (importance.SICK, 20),
    "work_26_from_work": (importance.WORK, 26),
}


def truth(name: str) -> float:
    start, week = SHARES[name]
    return importance.shares(H_RETURN, H_RELAPSE, H_DEATH, start, week)[importance.WORK]


def targets_text() -> str:
    priors = "\n".join(line for line in PARAMETERS.splitlines() if line.startswith(("  h_return", "  h_relapse")))
    median = importance.median(importance.weeks_in_sick(H_RETURN, H_RELAPSE, H_DEATH, 26))
    head = f'model: three\nsources:\n  s: {{title: S, address: "https://example.org"}}\npriors:\n{priors}\n'
    head += "discrepancy: {value: 0.05, note: assumed}\ntargets:\n"
    for name, (start, week) in SHARES.items():
        p = truth(name)
        head += (
            f"  - {{name: {name}, title: T, use: calibrate, n: 400, source: s, value: {p}, "
            f"interval: [{p - 0.05}, {p + 0.05}], set: {{p_start_work: {start}}}, "
            f"statistic: {{type: state_share, states: [work], at: {week}}}}}\n"
        )
    return head + (
        f"  - {{name: weeks_26, title: T, use: holdout, source: s, value: {median}, "
        f"interval: [{median - 1.5}, {median + 1.5}], set: {{p_start_work: 0}}, "
        f"statistic: {{type: median_weeks, states: [sick], within: 26}}}}\n"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("three")
    (path / "three.yaml").write_text(MODEL, encoding="utf-8")
    (path / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    (path / "three_parameters_targets.yaml").write_text(targets_text(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def three(folder: Path) -> tuple[Model, Evidence, CalibrationPlan]:
    model = read_model(folder / "three.yaml")
    return model, read_evidence(parameter_file(model)), read_plan(folder / "three_parameters_targets.yaml")


@pytest.fixture(scope="module")
def found(three: tuple[Model, Evidence, CalibrationPlan]) -> Calibration:
    return calibrate(*three, seed=1, draws=2000, individuals=1000)


# -- reading statistics ----


def observed(three: tuple[Model, Evidence, CalibrationPlan], individuals: int = 20_000, threads: int = 2) -> Observed:
    """Two draws: the truth, and a slower return."""
    model, _, plan = three
    draws = {"h_return": np.array([H_RETURN, 0.03]), "h_relapse": np.full(2, H_RELAPSE), "h_death": np.full(2, H_DEATH)}
    keys = np.array([4, 9], np.uint64)
    return observe.observe(
        populations(model, plan.targets), draws, {}, individuals=individuals, seed=2, keys=keys, threads=threads
    )


def test_shares_in_closed_form(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    values = observed(three).values
    for k, (start, week) in enumerate(SHARES.values()):
        for d, h_return in enumerate((H_RETURN, 0.03)):
            p = importance.shares(h_return, H_RELAPSE, H_DEATH, start, week)[importance.WORK]
            share = natural(three[2].targets[k], values[d, k])
            assert share == pytest.approx(p, abs=4.5 * math.sqrt(p * (1 - p) / 20_000))


def test_median_in_closed_form(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    values = observed(three).values
    for d, h_return in enumerate((H_RETURN, 0.03)):
        chances = importance.weeks_in_sick(h_return, H_RELAPSE, H_DEATH, 26)
        exact = importance.median(chances)
        density = chances[round(exact)]  # SE of a median: 1 / (2 density sqrt(n))
        assert math.exp(values[d, 2]) == pytest.approx(exact, abs=4.5 / (2 * density * math.sqrt(20_000)))


def test_passage_share_in_closed_form(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    """Without relapse, back for four weeks means: left sick for work before week 10 and lived four weeks there."""
    model, _, plan = three
    target = replace(
        plan.targets[0], statistic=replace(plan.targets[0].statistic, type="passage_share", at=10, passage="back")
    )
    draws = {"h_return": np.array([0.05]), "h_relapse": np.array([0.0]), "h_death": np.array([0.01])}
    out = observe.observe(
        populations(model, [target]), draws, {}, individuals=40_000, seed=1, keys=np.zeros(1, np.uint64)
    )
    stay = math.exp(-0.06)
    into_work = (1 - stay) * 0.05 / 0.06
    # In work from cycle k + 1, k = 0..8, and alive in it for four cycles (the fourth may end in death).
    exact = sum(stay**k * into_work for k in range(9)) * math.exp(-0.03)
    assert natural(target, out.values[0, 0]) == pytest.approx(exact, abs=4.5 * math.sqrt(0.25 / 40_000))


def test_among_takes_the_dead_out(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, _, plan = three
    one = plan.targets[0]
    target = replace(one, statistic=replace(one.statistic, among=("sick", "work")))
    draws = {"h_return": np.array([H_RETURN]), "h_relapse": np.array([H_RELAPSE]), "h_death": np.array([0.03])}
    out = observe.observe(
        populations(model, [target]), draws, {}, individuals=20_000, seed=1, keys=np.zeros(1, np.uint64)
    )
    sick, work, _ = importance.shares(H_RETURN, H_RELAPSE, 0.03, importance.SICK, 20)
    assert natural(target, out.values[0, 0]) == pytest.approx(work / (sick + work), abs=4.5 * 0.5 / math.sqrt(10_000))


def test_start_places_everyone(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    """`start: work` and a probability of 1 to start in work give the same lives."""
    model, _, plan = three
    by_parameter = plan.targets[1]
    by_state = replace(by_parameter, name="same", start="work", changes={})
    draws = {"h_return": np.array([H_RETURN]), "h_relapse": np.array([0.05]), "h_death": np.array([H_DEATH])}
    out = observe.observe(
        populations(model, [by_parameter, by_state]), draws, {}, individuals=1000, seed=1, keys=np.zeros(1, np.uint64)
    )
    assert out.values[0, 0] == out.values[0, 1]
    sick_too = replace(by_state, name="sick", start="sick")
    other = observe.observe(
        populations(model, [sick_too]), draws, {}, individuals=1000, seed=1, keys=np.zeros(1, np.uint64)
    )
    assert other.values[0, 0] != out.values[0, 0]


def test_noise_from_halves(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    """300 draws of the same parameters: their variance is the noise that the halves tell, and the binomial one."""
    model, _, plan = three
    draws = {
        name: np.full(300, value)
        for name, value in (("h_return", H_RETURN), ("h_relapse", H_RELAPSE), ("h_death", H_DEATH))
    }
    keys = np.arange(300, dtype=np.uint64)
    out = observe.observe(populations(model, plan.targets), draws, {}, individuals=500, seed=1, keys=keys)
    told, seen = np.diag(out.noise), out.values.var(axis=0, ddof=1)
    np.testing.assert_allclose(told, seen, rtol=0.35)  # each has a relative SE of sqrt(2 / 300) = 8 %
    p = truth("work_20")
    assert told[0] == pytest.approx(1 / (500 * p * (1 - p)), rel=0.35)


def test_threads_and_batches_change_nothing(
    three: tuple[Model, Evidence, CalibrationPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = observed(three, individuals=50, threads=1)
    monkeypatch.setattr(observe, "BATCH", 50)
    two = observed(three, individuals=50, threads=2)
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.halves, two.halves)


def test_lives_are_those_of_the_whole_model() -> None:
    """TKI2 cut down for its targets against the trace of the whole model: the same people, to the last one."""
    model = read_model("tki2")
    evidence = read_evidence(parameter_file(model)).at_prices(2024)
    targets = [
        t
        for t in read_plan(parameter_file(model).with_name("tki2_targets.yaml")).targets
        if t.statistic.type == "state_share" and t.statistic.at <= 104 and not t.start
    ]
    base = {name: np.array([value]) for name, value in evidence.base().items()}
    keys = np.zeros(1, np.uint64)
    small = observe.observe(populations(model, targets), base, evidence.tables, individuals=300, seed=8, keys=keys)
    states = list(model.state_names)
    for k, target in enumerate(targets):
        changed = base | {name: np.array([value]) for name, value in target.changes.items()}
        whole = simulate(model, changed, evidence.tables, individuals=300, seed=8, keys=keys)
        cycle = whole.quantities.trace[0, :, target.statistic.at]
        count = sum(cycle[states.index(s)] for s in target.statistic.states)
        everyone = sum(cycle[states.index(s)] for s in target.statistic.among or states)
        assert natural(target, small.values[0, k]) == pytest.approx((count + 0.5) / (everyone + 1), rel=1e-12)


# -- calibrating ----


def exact_posterior(plan: CalibrationPlan) -> list[tuple[float, float]]:
    fitted = plan.used("calibrate")
    variance = np.diag(error_covariance(fitted, plan.discrepancy))
    published = [float(transformed(t, t.value)) for t in fitted]

    def log_likelihood(point: list[float]) -> float:
        hazards = (math.exp(point[0]), math.exp(point[1]))
        total = 0.0
        for (start, week), y, v in zip(SHARES.values(), published, variance, strict=True):
            p = importance.shares(*hazards, H_DEATH, start, week)[importance.WORK]
            total -= (math.log(p / (1 - p)) - y) ** 2 / (2 * v)
        return total

    prior = [(math.log(m), math.log(high / low) / (2 * 1.959964)) for m, low, high in PRIOR.values()]
    return importance.posterior(prior, log_likelihood, 6000, seed=1)


def test_posterior_of_known_truth(three: tuple[Model, Evidence, CalibrationPlan], found: Calibration) -> None:
    exact = dict(zip(PRIOR, exact_posterior(three[2]), strict=True))
    real = {"h_return": H_RETURN, "h_relapse": H_RELAPSE}
    for name, (mean, sd) in exact.items():
        logs = np.log(found.posterior[name])
        # Twin and ensemble have Monte Carlo errors of about 4 % and 2 % of an SD; the rest is what ES-MDA linearises.
        assert logs.mean() == pytest.approx(mean, abs=0.25 * sd), name
        assert logs.std() == pytest.approx(sd, rel=0.15), name
        low, high = found.posterior[name].quantile([0.025, 0.975])
        assert low < real[name] < high


def test_held_out_median_is_predicted(found: Calibration) -> None:
    row = found.fit.set_index("target").loc["weeks_26"]
    assert row["use"] == "holdout"
    assert row["inside"]
    assert row["model_low"] < row["published"] < row["model_high"]
    assert row["model_high"] - row["model_low"] < 0.5 * (row["prior_high"] - row["prior_low"])


def test_contraction_is_that_of_the_logs(found: Calibration) -> None:
    table = found.contraction.set_index("parameter")
    for name, (_, low, high) in PRIOR.items():
        prior_sd = math.log(high / low) / (2 * 1.959964)
        expected = 1 - np.log(found.posterior[name]).std() / prior_sd
        assert table.loc[name, "contraction"] == pytest.approx(expected, abs=0.005)
    assert table["identified"].all()


def test_a_parameter_that_no_target_reads_is_not_identified(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, evidence, plan = three
    only = replace(plan, targets=(plan.targets[0],))
    table = calibrate(model, evidence, only, draws=1000, individuals=500).contraction.set_index("parameter")
    assert table.loc["h_return", "contraction"] > 0.5
    assert not table.loc["h_relapse", "identified"]


def test_same_seed_same_posterior_any_threads(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    made = [
        calibrate(*three, seed=seed, draws=60, individuals=600, threads=threads).posterior
        for seed, threads in ((5, 1), (5, 2), (6, 2))
    ]
    pd.testing.assert_frame_equal(made[0], made[1])
    assert not made[0].equals(made[2])


def test_report_is_narrow_and_names_failures(
    three: tuple[Model, Evidence, CalibrationPlan], found: Calibration
) -> None:
    assert max(map(len, str(found).splitlines())) <= 110
    assert "Held out, OUT: |z| above 1.96 (0 of 1): none" in str(found)
    model, evidence, plan = three
    wrong = replace(plan.targets[2], value=2.0, interval=(1.9, 2.1))
    plan = replace(plan, targets=(*plan.targets[:2], wrong))
    assert "Held out, OUT: |z| above 1.96 (1 of 1): weeks_26" in str(calibrate(model, evidence, plan, draws=100))


# -- files and the command ----


def test_written_posterior_is_read_back(folder: Path, found: Calibration, tmp_path: Path) -> None:
    names = found.write(tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(names)
    assert not list(tmp_path.glob(".costeff-*"))
    made = (tmp_path / "out" / "parameters.txt").read_text(encoding="utf-8")
    head, group = made.removeprefix("parameters:\n").split("\n\n")
    kept = [line for line in PARAMETERS.splitlines() if not line.startswith(("  h_return", "  h_relapse"))]
    text = "\n".join([*kept, head, group])
    for name in ("three.yaml", "three_parameters_targets.yaml"):
        (tmp_path / name).write_text((folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "three_parameters.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "three_posterior.csv").write_bytes((tmp_path / "out" / "three_posterior.csv").read_bytes())
    evidence = read_evidence(tmp_path / "three_parameters.yaml")
    assert evidence.parameters["h_return"].kind == "calibrated"
    assert evidence.parameters["h_return"].spread.median == pytest.approx(found.posterior["h_return"].median())
    again = calibrate_command(tmp_path / "three.yaml", check=True, draws=200, individuals=500)
    assert again.checked_only
    pd.testing.assert_frame_equal(again.posterior, found.posterior, rtol=1e-5)
    assert again.fit["inside"].all()
    one, two = (c.fit.set_index("target")["model"] for c in (found, again))
    np.testing.assert_allclose(one, two, rtol=0.05)
    # Calibrating again starts from the priors in the targets file, not from the posterior.
    repeated = calibrate_command(tmp_path / "three.yaml", draws=2000, individuals=1000)
    pd.testing.assert_frame_equal(repeated.posterior, found.posterior)


def test_whole_or_not_at_all(found: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(ResultError, match="could not be written"):
        found.write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_out_is_a_file(found: Calibration, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match="the output folder is a file"):
        found.write(tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_check_without_posterior(folder: Path) -> None:
    with pytest.raises(EvidenceError, match="not drawn from a posterior"):
        calibrate_command(folder / "three.yaml", check=True)


def test_a_scenario_is_not_calibrated() -> None:
    with pytest.raises(ScenarioError, match="costeff calibrate tki2"):
        calibrate_command("heart")


def test_a_model_without_targets() -> None:
    with pytest.raises(ScenarioError, match="no targets"):
        calibrate_command("tki2_reduced")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("states: [work]", "states: [wrok]", "unknown state 'wrok'"),
        ("p_start_work: 1", "p_start_wrok: 1", "p_start_work"),
        ("p_start_work: 1}", "p_start_work: 1}, start: dead", "unknown living state 'dead'"),
        ("p_start_work: 1}", "p_start_work: 1}, start: work", "does not read"),
        ("p_start_work: 1", "p_start_work: 1.5", "outside its unit"),
        ("interval: [0.025, 0.256]", "interval: [0.256, 0.025]", "h_return"),
        ("  h_return:", "  h_retrun:", "h_return"),
    ],
)
def test_targets_that_do_not_fit(
    three: tuple[Model, Evidence, CalibrationPlan], tmp_path: Path, old: str, new: str, what: str
) -> None:
    text = targets_text()
    assert old in text
    path = tmp_path / "three_targets.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CosteffError, match=what) as caught:
        calibrate(three[0], three[1], read_plan(path), draws=20, individuals=10)
    assert "three_targets.yaml, line" in str(caught.value)


# -- what is shipped ----


def test_shipped_posterior_meets_its_targets() -> None:
    again = calibrate_command("tki2", check=True, draws=100, individuals=400)
    fitted = again.fit[again.fit["use"] == "calibrate"].set_index("target")["z"].abs()
    assert (fitted**2).mean() ** 0.5 < 1
    assert list(fitted[fitted > 2.4].index) == ["disc_surgery_short_sick_52", "disc_surgery_no_short_104"]  # the page
    assert (again.fit["use"] == "holdout").sum() == 15
    assert len(again.posterior) == 1000
    assert "Effects of sources, eras, countries and conditions are drawn from their priors" in str(again)


def test_docs_show_the_shipped_posterior() -> None:
    """The page's medians are those of the draws, but for the draw of a new population, which spreads around them."""
    file = parameter_file(read_model("tki2"))
    evidence, plan = read_evidence(file), read_plan(file.with_name("tki2_targets.yaml"))
    posterior = shipped_posterior(evidence, plan)
    page = (file.parents[1] / "docs" / "calibration_tki2.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^(hr?_\w+|p_\w+) .*\) +(\S+) \([^)]*\) +-?\d\.\d\d$", page, re.M))
    assert set(rows) <= set(posterior)
    assert len(rows) == 55
    for name, median in rows.items():
        assert np.median(posterior[name]) == pytest.approx(float(median), rel=0.1), name
    assert "55 of 71 parameters" in page
