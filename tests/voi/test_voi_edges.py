"""Anchors: what is refused says value, rule and way out; laws of counts at their limits; people counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Evaluation
from costeff.bundled import data_dir
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.evsi import enbs, evsi
from costeff.voi.evsi_counts import Counted
from costeff.voi.figures.voi import evppi_bars
from costeff.voi.regression.regression import Regression
from costeff.voi.text import voi
from costeff.voi.trial_cells import chances_of_counts
from costeff.voi.trial_design import Endpoint, TrialDesign
from costeff.voi.trial_file import read_trial
from costeff.voi.trial_of_result import check_place, fitted
from costeff.voi.trial_value import trial_value

TABLE = Path(__file__).parents[1] / "data" / "economics" / "sick_sicker_psa.csv"
TRIAL = read_trial(data_dir("designs") / "tki2_trial.yaml")


def of_benefit(net: np.ndarray, gain: np.ndarray | float = 0.0, **parameters: np.ndarray) -> Evaluation:
    """The new strategy has this net benefit at a willingness to pay of 0, and this gain."""
    nothing = np.zeros(len(net))
    effect = np.column_stack([nothing, nothing + gain])
    cost = np.column_stack([nothing, -net])
    return Evaluation("m", "q", ("usual", "new"), "usual", cost, effect, parameters=parameters)


SEEN = TrialDesign((Endpoint("x", {"new": "x"}, sd=1.0),), {"new": 1})


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--perspective", "municpal"], "did you mean 'municipal'"),
        (["--matrix", "stat"], "did you mean 'state'"),
        (["--decision-maker", "stat"], "did you mean 'state'"),
        (["--subgroups", "sex"], "take subgroups of diagnosis"),
        (["--wtp", "-1"], "not negative"),
        (["--effect", "qualy"], "did you mean 'qaly'"),
        (["--implementation", "uptak=1"], "uptake=0.1"),
        (["--trial-cost", "5", "1"], "name it: --trial tki2_trial"),
        (["--decides-for", "elsewhere"], "(value: elsewhere)"),
    ],
)
def test_mistakes_are_refused_before_a_run(words: list[str], what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costeff.simulation.simulate.simulate", lambda *_, **__: pytest.fail("it was run"))
    ran = CliRunner().invoke(main, ["voi", "tki2", "--wtp", "1", *words])
    assert ran.exit_code == 2, ran.output
    assert what in ran.output
    assert "Way out: " in ran.output


def test_people_of_the_command_take_the_place_of_the_designs() -> None:
    """50 a year for 4 years without discounting, and the first two come before the study's result: 100 are left."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    study = replace(TRIAL, allocation={"usual": 1.0, "new": 2.0}, learns=("x",), between={}, result_after=2)
    endpoint = replace(TRIAL.endpoints[0], name="x", effect="x", sd=1.0, contrast=False, rate=False)
    study = replace(study, endpoints=(endpoint,))
    people = {"population": 50.0, "horizon": 4, "discount_rate": 0.0}
    one = of_benefit(x, x=x)
    found = trial_value(None, study, one, [0.0], participants=[30], people=people, method="gaussian")
    assert found.evsi.attrs["decisions"] == 100
    flat = {"population": 70.0, "horizon": None, "discount_rate": None}
    found = trial_value(None, study, one, [0.0], participants=[30], people=flat, method="gaussian")
    assert found.evsi.attrs["decisions"] == 70
    assert repr(found) == "TrialValue of tki2_trial, decides for here, participants: 30"


def test_a_place_of_the_decision_must_be_known() -> None:
    with pytest.raises(ScenarioError) as told:
        check_place(TRIAL, "nowhere")
    assert "unknown place of the decision (value: nowhere)" in str(told.value)
    assert "Rule: one of here, elsewhere" in str(told.value)


@pytest.mark.parametrize("cost", [{"fixed_cost": -1.0}, {"cost_per_participant": float("nan")}])
def test_a_study_costs_a_number_from_0(cost: dict[str, float]) -> None:
    x = np.random.default_rng(1).normal(size=60)
    found = evsi(of_benefit(x, x=x), SEEN, 0, participants=10, method="gaussian", population=10)
    with pytest.raises(ScenarioError, match="the cost of a study is a number from 0"):
        enbs(found, **{"fixed_cost": 0.0, "cost_per_participant": 0.0} | cost)


def test_a_table_without_uncertain_parameters_has_no_partial_information() -> None:
    x = np.random.default_rng(1).normal(size=60)
    with pytest.raises(ScenarioError, match="no parameter varies") as told:
        voi(of_benefit(x, y=np.ones(60)), [0.0])
    assert "--parameters TABLE" in str(told.value)


def test_where_nothing_varies_a_study_is_worth_nothing() -> None:
    """At 2 per unit the gain, x / 2, makes up for the cost, x, in every draw: no study can change a choice."""
    x = np.random.default_rng(1).normal(size=400)
    one = of_benefit(-x, x / 2, x=x)
    found = evsi(one, SEEN, [0.0, 2.0], participants=[50], method="gaussian")
    assert found["evsi"].values[0, 0] > 0.1
    assert found["evsi"].values[0, 1] == 0
    each = {"m": of_benefit(np.full(400, 3.0), x=x)}
    for question in ({"names": ["x"]}, {"study": (SEEN, 50)}):
        told = by_decision_maker(each, 0, **question)
        assert told["information"].values.tolist() == [[0.0]]


def test_an_effect_that_nothing_moves_is_its_mean() -> None:
    """A response of 4 in every draw: no fit, and 4 is what is expected with any parameters."""
    x = np.random.default_rng(1).normal(size=(80, 1))
    flat = np.full((80, 1), 4.0)
    at = fitted(Regression(x, flat, np.zeros_like(flat)), 0, ["x"])
    assert at({"x": np.array([0.0, 9.0])}).tolist() == [4, 4]


def test_counts_that_are_too_many_are_not_listed() -> None:
    """Two million people of 100 draws, or two groups of 3,000: their counts are taken as normal, and so warned of."""
    share = np.linspace(0.01, 0.99, 100)
    assert chances_of_counts("share", share, 2_000_000) is None
    x = np.random.default_rng(1).uniform(0.1, 0.9, 400)
    groups = TrialDesign((Endpoint("event", {"usual": "x", "new": "x"}),), {"usual": 1, "new": 1})
    fit = Regression(x[:, None], x[:, None], np.zeros((400, 1))).fit(1.0)
    assert fit is not None
    counts = Counted(groups.cells({"x": x}, 400))
    covariance = fit.covariance(None)
    assert counts.of(fit, 20, covariance) is not None
    assert counts.of(fit, 6_000, covariance) is None  # 3,001 x 3,001 pairs
    assert counts.of(fit, 2_000_000, covariance) is None  # of one group already


def test_few_events_of_a_rate() -> None:
    """0.01 to 0.03 falls a person: of 100 people 3 at most, so few that the normal law is wrong; of 10,000 not."""
    rate = np.linspace(0.01, 0.03, 50)
    cells = TrialDesign((Endpoint("falls", {"new": "r"}, rate=True),), {"new": 1}).cells({"r": rate}, 50)
    assert cells.few_events(100) == ["'falls' in 'new'"]
    assert cells.few_events(10_000) == []


@pytest.mark.parametrize(("language", "said"), [("en", "A pale bar with stripes"), ("da", "En lys, stribet bjælke")])
def test_a_bar_of_a_poor_regression_is_striped_and_explained(language: str, said: str) -> None:
    x = np.random.default_rng(1).normal(size=(2, 300))
    table = of_benefit(x.sum(axis=0), x=x[0], y=x[1]).evppi(None, [0.0])
    table["adequate"][:] = True
    assert said not in evppi_bars(table, {}, language, wtp=0).layout.meta["caption"]
    table["adequate"][:] = [[False], [True]]
    figure = evppi_bars(table, {}, language, wtp=0)
    assert said in figure.layout.meta["caption"]
    stripes = dict(zip(figure.data[0].y, figure.data[0].marker.pattern.shape, strict=True))
    assert stripes == {"x": "/", "y": ""}
