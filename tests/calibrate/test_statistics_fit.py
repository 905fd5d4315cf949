"""Anchored in closed forms of the three-state model of test_calibrate.py: expected events, and a known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_calibrate import H_DEATH, H_RELAPSE, H_RETURN, MODEL, PARAMETERS
from twins import importance

from costeff.calibrate import CalibrationPlan, calibrate, observe, read_plan
from costeff.calibrate.fits import with_passages
from costeff.calibrate.likelihood import natural
from costeff.calibrate.observe import populations
from costeff.evidence import Evidence, read_evidence
from costeff.model import Model, parameter_file, read_model

WEEKS = 52


def events(h_relapse: float = H_RELAPSE) -> float:
    """Expected relapses in the first 52 weeks of individuals who all start in work."""
    relapse = importance.week(H_RETURN, h_relapse, H_DEATH)[importance.WORK][importance.SICK]
    in_work = (
        importance.shares(H_RETURN, h_relapse, H_DEATH, importance.WORK, k)[importance.WORK] for k in range(WEEKS)
    )
    return relapse * sum(in_work)


def detached(h_relapse: float = H_RELAPSE) -> float:
    """Share of those in work who are sick for the first time in weeks 0 to 25 of it."""
    stay, relapse = (importance.week(H_RETURN, h_relapse, H_DEATH)[importance.WORK][s] for s in (1, 0))
    return relapse * sum(stay**k for k in range(25))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Evidence, CalibrationPlan]:
    path = tmp_path_factory.mktemp("three")
    priors = "\n".join(line for line in PARAMETERS.splitlines() if line.startswith(("  h_return", "  h_relapse")))
    mean, share = events(), detached()
    targets = f"""\
model: three
sources:
  s: {{title: S, address: "https://example.org"}}
priors:
{priors}
discrepancy: {{value: 0.05, note: assumed}}
passages:
  sick_again: {{states: [sick]}}
  at_work: {{states: [work]}}
targets:
  - {{name: relapses, title: T, use: calibrate, source: s, value: {mean}, interval: [{0.8 * mean}, {1.25 * mean}],
     set: {{p_start_work: 1}}, statistic: {{type: event_count, events: work -> sick, to: {WEEKS}, measure: mean}}}}
  - {{name: detached, title: T, use: holdout, n: 400, source: s, set: {{p_start_work: 1}},
     value: {share}, interval: [{share - 0.05}, {share + 0.05}],
     statistic: {{type: passage_after, after: at_work, within: 1, passage: sick_again, follow: 26}}}}
"""
    (path / "three.yaml").write_text(MODEL, encoding="utf-8")
    (path / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    (path / "three_parameters_targets.yaml").write_text(targets, encoding="utf-8")
    model = read_model(path / "three.yaml")
    return model, read_evidence(parameter_file(model)), read_plan(path / "three_parameters_targets.yaml")


def test_events_and_first_events_in_closed_form(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    model, _, plan = three
    hazards = (H_RELAPSE, 0.05)
    draws = {"h_return": np.full(2, H_RETURN), "h_relapse": np.array(hazards), "h_death": np.full(2, H_DEATH)}
    groups, people = populations(with_passages(model, plan), plan.targets), 20_000
    out = observe.observe(groups, draws, {}, individuals=people, seed=2, keys=np.array([4, 9], np.uint64))
    for d, hazard in enumerate(hazards):
        mean, share = (float(natural(t, out.values[d, k])) for k, t in enumerate(plan.targets))
        # A count of recurrent events varies less than 1.5 times as much as a Poisson count of its mean.
        assert mean == pytest.approx(events(hazard), abs=4.5 * math.sqrt(1.5 * events(hazard) / people))
        assert share == pytest.approx(detached(hazard), abs=4.5 * 0.5 / math.sqrt(people))


def test_a_truth_is_met_again(three: tuple[Model, Evidence, CalibrationPlan]) -> None:
    """Relapses alone narrow their hazard round the truth, and the first event, which was held out, is predicted."""
    result = calibrate(*three, seed=1, draws=1000, individuals=1000)
    table = result.contraction.set_index("parameter")
    assert table.loc["h_relapse", "contraction"] > 0.5
    low, high = result.posterior["h_relapse"].quantile([0.025, 0.975])
    assert low < H_RELAPSE < high
    row = result.fit.set_index("target").loc["detached"]
    assert row["model_low"] < row["published"] < row["model_high"]
    assert row["model_high"] - row["model_low"] < 0.5 * (row["prior_high"] - row["prior_low"])
