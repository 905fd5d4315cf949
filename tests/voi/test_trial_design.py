"""Anchors: the trial is 2:1 with 180; simulated effects are followed without the luck of individuals; bounds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Result, load
from costeff.bundled import available, data_dir
from costeff.cli import main
from costeff.errors import CosteffError, ScenarioError
from costeff.voi.practice import at_fidelity, read_practice
from costeff.voi.regression.regression import Regression
from costeff.voi.trial_file import read_trial
from costeff.voi.trial_of_result import sizes, trial_design
from costeff.voi.trial_value import trial_value

TRIAL = data_dir("designs") / "tki2_trial.yaml"


@pytest.fixture(scope="module")
def result() -> Result:
    return load("tki2").psa(draws=200, individuals=200, progress=False)


def test_the_trial_as_shipped() -> None:
    trial = read_trial("tki2_trial")
    assert available("designs") == (
        "connect_feasibility",
        "expert-at-work-trial",
        "followup-teams-cluster-trial",
        "tki2_trial",
    )
    assert trial.planned == 180
    assert trial.allocation == {"usual_care": 1.0, "tki2": 2.0}
    assert {endpoint.effect for endpoint in trial.endpoints} == {"returned_to_work", "weeks_sick_year_1", "qaly_year_1"}
    assert not [name for name in trial.learns if name.startswith("kept")]  # twelve months do not show waning
    assert trial.notes["cost"].startswith("assumption: ")
    assert trial.decided() == [0.0, 0.0] + [100.0] * 8
    assert set(trial.between.values()) == {0.72}  # tests/evidence/test_random_effects.py works it out
    tried = sizes(trial)
    assert tried[0] == 30
    assert tried[-1] == 1000
    assert 180 in tried


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("usual_care: 1,", "usual_care: 0,", "`usual_care` is out of range"),
        ("planned: 180", "planned: many", "not a whole number"),
        ("range: [30, 1000]", "range: [1000, 30]", "not a range of participants"),
        ("dropout: 0.2", "dropout: 1", "`dropout` is out of range"),
        ("sd: 0.16", "sd: wide", "`sd` is out of range"),
        ("effect: qaly_year_1", "effekt: qaly_year_1", "unknown key 'effekt'"),
        ('kind: assumption, note: "project', 'kind: guess, note: "project', "unknown `kind`"),
        ("decides_for: here", "decides_for: nowhere", "unknown `decides_for`"),
        ("hr_relapse: 0.72", "hr_relapse: 7.1", "`hr_relapse` is out of range"),
        ("utility_programme]", "utility_programme, ", "not valid YAML"),
        ("hr_relapse, hr_clarification", "hr_clarification", "does not learn about it"),
        ("result_after: 2", "result_after: 10", "after the last decision"),
        ("per_year: 100", "per_year: -1", "`per_year` is out of range"),
        ("model: tki2\n", "model: !!python/name:os.system tki2\n", "tag"),
    ],
)
def test_mistakes_have_a_place(tmp_path: Path, old: str, new: str, what: str) -> None:
    text = TRIAL.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        read_trial(file)
    assert what in str(told.value)
    assert f"{file}, line " in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("effect: qaly_year_1", "effect: qualy", "unknown effect"),
        ("tki2: 2}", "tki3: 2}", "unknown strategy"),
        ("utility_programme]", "utility_program]", "unknown parameter"),
    ],
)
def test_a_design_must_fit_the_model(tmp_path: Path, result: Result, old: str, new: str, what: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TRIAL.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=what):
        trial_design(result, read_trial(file))


def test_endpoints_follow_the_simulated_effects(result: Result) -> None:
    """Summaries are differences, whose mean is the simulated one and whose errors are those of 60 against 120."""
    trial = read_trial("tki2_trial")
    study = trial_design(result, trial)
    mean, spread = study.summaries(result.parameters, result.draws)
    for e, endpoint in enumerate(trial.endpoints):
        at = result.effects.names.index(endpoint.effect)
        simulated = result.effects.value[:, 1, at] - result.effects.value[:, 0, at]
        error = simulated.std() / np.sqrt(len(simulated))
        assert mean[:, e].mean() == pytest.approx(simulated.mean(), abs=error)
        assert mean[:, e].std() < simulated.std()
        assert np.corrcoef(mean[:, e], simulated)[0, 1] > 0.7
    quality = study.endpoints[2]
    assert (quality.sd, quality.dropout) == (0.16, 0.2)
    assert spread[0, 2, 2] / 180 == pytest.approx(0.16**2 / 0.8 * (1 / 60 + 1 / 120))
    back = result.effects.value[:, :, result.effects.names.index("returned_to_work")].mean(axis=0)
    by_hand = back[0] * (1 - back[0]) / 60 + back[1] * (1 - back[1]) / 120
    assert spread[:, 0, 0].mean() / 180 == pytest.approx(by_hand, rel=0.05)
    between = np.asarray(study.correlation)
    assert -1 < between[0, 1] < -0.2  # who returns is on sickness benefit for fewer weeks
    assert 5 < float(study.endpoints[1].sd) < 26  # type: ignore[arg-type]


def test_bounds_and_places(result: Result) -> None:
    """EVSI rises to its limit, which is at most the EVPPI of what is learnt; another place learns less."""
    trial, evaluation = read_trial("tki2_trial"), result.perspective("municipal")
    value = {
        place: trial_value(result, trial, evaluation, [0, 300_000], participants=[30, 180, 600], decides_for=place)
        for place in ("here", "elsewhere")
    }
    for study in value.values():
        rise = study.evsi["evsi"].values
        assert (np.diff(rise, axis=0) >= 0).all()
        assert (rise <= study.evsi["evppi_limit"].values * 1.001).all()
        slack = 2 * study.learns["evppi_mcse"][0]
        assert (study.evsi["evppi_limit"] <= study.learns["evppi"][0] + slack).all()
        assert (study.evsi["decisions"] if "decisions" in study.evsi else study.evsi.attrs["decisions"]) == (
            pytest.approx(100 * sum(1.035**-year for year in range(2, 10)))
        )
    here, elsewhere = (value[place].evsi["evppi_limit"].values for place in ("here", "elsewhere"))
    assert (elsewhere < 0.6 * here).all()
    net = value["here"].enbs["enbs"].sel(participants=180)
    by_hand = value["here"].evsi["population_evsi"].sel(participants=180) - 2_000_000 - 180 * 4_000
    np.testing.assert_allclose(net, by_hand)


def test_fidelity_reruns_the_same_draws(result: Result) -> None:
    """Nothing else changes: at fidelity 0 the ratios are 1, and the other parameters are those of the run."""
    study, size = at_fidelity(result.study, 0.0), {"individuals": 20, "seed": result.seed, "progress": False}
    none = study.psa(draws=int(result.draws), method=result.method, **size)
    assert (none.parameters["relative_fidelity"] == 0).all()
    np.testing.assert_array_equal(none.parameters["hr_relapse"], result.parameters["hr_relapse"])
    weeks = none.effects.names.index("weeks_sick")
    np.testing.assert_array_equal(none.effects.value[:, 0, weeks], none.effects.value[:, 1, weeks])
    with pytest.raises(ScenarioError, match="relative_fidelity"):
        at_fidelity(load("sick_sicker"), 0.5)


@pytest.mark.parametrize("text", ["uptake", "uptake=x", "share=0.1", "then=0.5", "mix=a", "mix=a:0.5+a:0.5", "mix=a:x"])
def test_implementation_options_are_read(text: str) -> None:
    with pytest.raises(CosteffError):
        read_practice(text)


def test_regression_of_one_response_alone() -> None:
    rng = np.random.default_rng(2)
    x, noise = rng.normal(size=(500, 1)), rng.normal(size=(500, 2))
    both = np.hstack([x, 0.1 * x]) + noise
    alone = Regression(x, both[:, [1]], np.zeros((500, 1))).fit(1.0)
    of_two = Regression(x, both, np.zeros((500, 2))).only(1).fit(1.0)
    assert alone is not None
    assert of_two is not None
    np.testing.assert_allclose(of_two.fitted, alone.fitted, rtol=1e-10)


def test_command(tmp_path: Path) -> None:
    file = tmp_path / "voi.json"
    size = ["--draws", "60", "--individuals", "40", "--quiet"]
    asked = [
        "--trial",
        "tki2_trial",
        "--n",
        "90",
        "--n",
        "180",
        "--trial-cost",
        "1000",
        "10",
        "--wtp",
        "300000",
        "--decision-maker",
        "municipal",
        "--decision-maker",
        "societal",
        "--implementation",
        "uptake=0.1,then=0.6,delay=2,fidelity=0.5,cost=500000",
    ]
    ran = CliRunner().invoke(
        main, ["voi", "tki2", *size, *asked, "--json", str(file), "--figures", str(tmp_path), "--language", "da"]
    )
    assert ran.exit_code == 0, ran.output
    assert "cost 1,000 + 10 per participant" in ran.output
    content = json.loads(file.read_text("utf-8"))
    rows = {row["participants"]: row for row in content["study"]["sizes"]}
    assert rows[180]["enbs"] == pytest.approx(rows[180]["population_evsi"] - 1000 - 1800)
    assert content["study"]["rests_on"]["cost"].startswith("assumption")
    assert content["study"]["conventions"]["decides_for"] == "here"
    table = {(row["information"], row["implementation"]): row for row in content["implementation"]["rows"]}
    assert len(table) == 6
    assert table["perfect", "perfect"]["value"] >= table["perfect", "current"]["value"] >= 0
    assert content["implementation"]["conventions"]["fidelity"] == 0.5
    for about in ("all parameters", "a study of 180 participants"):
        told = [row for row in content["decision_makers"] if row["information_is"] == about]
        gains = {(row["decides"], row["values"]): row["information"] for row in told}
        assert len(gains) == 4
        assert gains["municipal", "societal"] <= gains["societal", "societal"] * 1.001 + 1e-9
    names = {page.name for page in tmp_path.glob("*.html")}
    assert {
        "evsi_300000.html",
        "enbs_300000.html",
        "implementation_300000.html",
        "decision_makers_300000.html",
    } <= names


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--trial", "tki2_trial"], "unknown strategy"),
        (["--decision-maker", "state"], "needs a scenario"),
        (["--matrix", "all"], "needs a scenario"),
        (["--subgroups", "sex"], "needs a scenario"),
        (["--n", "10"], "no study"),
        (["--implementation", "uptake=0.1,fidelity=0.5"], "another fidelity"),
        (["--implementation", "uptake=2"], "out of range"),
        (["--implementation", "mix=nothing:1"], "unknown strategy"),
    ],
)
def test_what_a_table_cannot_give(options: list[str], what: str) -> None:
    table = Path(__file__).parents[1] / "data" / "economics" / "sick_sicker_psa.csv"
    ran = CliRunner().invoke(main, ["voi", str(table), "--wtp", "100000", *options])
    assert ran.exit_code == 2
    assert what in ran.output
