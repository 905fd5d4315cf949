"""Anchors: a difference of two strategies on the same draws, by hand; what a scenario cannot say is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import costeff as ce
from costeff import Evaluation
from costeff.errors import ScenarioError
from costeff.model import read_scenario
from costeff.study.report.practice import practice
from costeff.voi.practice import practice_value, read_practice

STRATEGIES = ("SoC", "A", "B", "AB")
SCENARIO = """\
scenario: today
model: sick_sicker
wtp: {effect: qaly, range: [0, 200000], at: 100000}
practice:
  mix: {SoC: 0.75, AB: 0.25}
  delivered: {AB: A}
"""


def written(folder: Path, text: str = SCENARIO) -> Path:
    path = folder / "today.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_delivering_as_planned_is_the_difference_of_two_strategies() -> None:
    """A fifth get `plan` as `now` is: 0.2 of the mean difference; perfect implementation is at least 0."""
    rng = np.random.default_rng(4)
    three = Evaluation(
        "m", "q", ("usual", "now", "plan"), "usual", rng.normal(10, 3, (40, 3)), rng.normal(1, 1, (40, 3))
    )
    asked = read_practice("mix=usual:0.8+plan:0.2,delivered=plan:now")
    table = practice_value(three, [0.0, 30.0], asked, lambda _: three, {})
    net = 30 * three.effect - three.cost
    assert float(table["as_planned"].sel(wtp=30)) == pytest.approx(0.2 * (net[:, 2] - net[:, 1]).mean(), rel=1e-12)
    perfect = table["of_implementation"].sel(information="current", implementation="perfect", wtp=30)
    in_use = 0.8 * net[:, 0].mean() + 0.2 * net[:, 1].mean()
    assert float(perfect) == pytest.approx(net.mean(axis=0).max() - in_use, rel=1e-12)
    assert float(perfect) >= 0
    with pytest.raises(ScenarioError, match="no such strategy"):
        practice_value(three, [0.0], read_practice("mix=usual:1,delivered=plan:then"), lambda _: three, {})


def test_the_report_holds_what_the_scenario_says_of_today(tmp_path: Path) -> None:
    study = ce.load(str(written(tmp_path)))
    result = study.psa(draws=20, seed=1, engine="cohort", progress=False)
    table = practice(result)
    evaluation = result.perspective(study.model.perspectives[0].name)
    assert evaluation.strategies == STRATEGIES
    net = (100_000 * evaluation.gain - evaluation.cost).mean(axis=0)
    assert table["wtp"].tolist() == [100_000]
    assert table["as_planned"][0] == pytest.approx(0.25 * (net[3] - net[1]), rel=1e-9)
    assert table["perfect"][0] == pytest.approx(net.max() - 0.75 * net[0] - 0.25 * net[1], rel=1e-9)
    assert table["preferred"][0] == STRATEGIES[int(net.argmax())]
    text = SCENARIO.replace("practice:", "options: {horizon: 5 years}\npractice:").replace(", at: 100000", "")
    assert len(practice(ce.load(str(written(tmp_path, text))).psa(draws=8, engine="cohort", progress=False))) == 3
    assert practice(ce.load("sick_sicker").psa(draws=8, engine="cohort", progress=False)).empty


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("AB: 0.25", "AB: 0.35", "is no mix"),
        ("AB: 0.25", "AB: a quarter", "is no mix"),
        ("{AB: A}", "{AB: C}", "unknown strategy"),
        ("  mix:", "  mixed:", "unknown key 'mixed'"),
    ],
)
def test_a_practice_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says) as caught:
        ce.load(str(written(tmp_path, SCENARIO.replace(old, new))))
    assert "today.yaml, line" in str(caught.value)


def test_the_shipped_scenario_says_who_gets_what_today() -> None:
    today = read_scenario("connect").practice
    assert today is not None
    assert (today.mix, today.delivered) == ({"usual_care": 0.8, "as_planned": 0.2}, {"as_planned": "as_delivered"})
    assert today.note is not None
    assert "no figure was seen" in today.note["en"]
