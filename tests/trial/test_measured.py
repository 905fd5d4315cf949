"""Anchored in a registered month of an invented consultant worked out by hand, and in the beta's moments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Rehearsed

from costeff import load
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.trial.measured import hidden_doses, measured_figures
from costeff.trial.plan_parts import Registration
from costeff.trial.process import wilson
from costeff.trial.programme_cost import ProgrammeCost, programme_cost, read_time
from costeff.trial.quality import Refusals
from costeff.trial.results import TrialResults

PRICES = Registration(300, 1.5, {"meeting": "citizen", "visit": "citizen", "training": "shared"}, {"room": 2000}, 150)
MONTH = """date;consultant;person;kind;minutes
2024-03-04;Ann;P1;meeting;90
2024-03-05;Ann;P1;visit;150
2024-03-11;Ann;P2;meeting;60
2024-03-12;Ann;;training;300
2024-03-20;Bo;U1;meeting;120
"""


def test_a_registered_month_by_hand(tmp_path: Path) -> None:
    """450 kr. an hour: 5 hours for two citizens, 5 of training, 140 of 150 paid hours unused, 2,000 kr. of room."""
    (tmp_path / "time.csv").write_text(MONTH, "utf-8")
    groups = {"P1": "tki2", "P2": "tki2", "U1": "usual_care"}
    time = read_time(tmp_path, PRICES, groups, "tki2", Refusals("time.csv"))
    cost = programme_cost(time["tki2"], PRICES, 2)
    assert cost.variable == {"meeting": 2.5 * 450, "visit": 2.5 * 450}
    assert cost.fixed == {"training": 5 * 450, "unused_capacity": 140 * 450, "room": 2000}
    assert cost.total == 150 * 450 + 2000
    between = ((4 * 450 - 1125) ** 2 + (450 - 1125) ** 2) / 1 / 2
    assert cost.error == pytest.approx((between + ((5 + 140) * 450 + 2000) ** 2 / 2**2 / 2) ** 0.5)
    usual = programme_cost(time["usual_care"], PRICES, 2, whole_pay=False)
    assert (usual.variable["meeting"], usual.fixed) == (2 * 450, {"training": 0})


def test_cost_and_dose_become_parameters(rehearsed: Rehearsed) -> None:
    results = TrialResults(
        (),
        (),
        {},
        {},
        {},
        {"usual_care": ProgrammeCost({"m": 1000.0}, {}, 10, 30.0), "tki2": ProgrammeCost({"m": 9000.0}, {}, 10, 40.0)},
        doses={"tki2": {"relative_fidelity": wilson(54, 60)}},
    )
    own = measured_figures(results, rehearsed.plan, rehearsed.study.evidence)
    assert (own["programme_cost"]["value"], own["programme_cost"]["se"]) == (800, 50)
    assert own["relative_fidelity"]["shape"] == {"alpha": 54.5, "beta": 6.5}
    assert own["relative_fidelity"]["value"] == pytest.approx(54.5 / 61)
    few = replace(results, doses={"tki2": {"relative_fidelity": wilson(57, 60)}})
    assert list(measured_figures(few, rehearsed.plan, rehearsed.study.evidence)) == ["programme_cost"]
    assert hidden_doses(few, rehearsed.plan) == ["relative_fidelity"]
    with pytest.raises(ScenarioError, match="nothing was measured"):
        measured_figures(replace(results, doses={}, registrations={}), rehearsed.plan, rehearsed.study.evidence)


def test_the_scenario_that_is_written_loads_and_says_where_it_is_from(rehearsed: Rehearsed, tmp_path: Path) -> None:
    file = tmp_path / "measured.yaml"
    words = ["trial", "describe", "tki2_trial", str(rehearsed.folder), "--seed", "4", "--parameters", str(file)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    study = load(file)
    cost, dose = (study.evidence.parameters[name] for name in ("programme_cost", "relative_fidelity"))
    assert (cost.kind, dose.kind) == ("derived", "derived")
    assert rehearsed.plan.hash in study.evidence.sources[cost.source[0]].title
    assert 0 < dose.value < 1
    assert dose.spread.family == "beta"
    assert study.scenario.run == rehearsed.study.scenario.run
    assert "S0000" not in file.read_text("utf-8")
