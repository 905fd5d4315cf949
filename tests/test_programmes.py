"""Anchored in the pages of the programmes: each aim names an output of its model, and numbers are those of a run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import costeff as ce
from costeff.model import Model, read_model
from costeff.sensitivity.variance_by_kind import variance_by_kind
from costeff.voi.clusters import power_of
from costeff.voi.trial_file import read_trial

PAGE = Path(__file__).parent.parent / "docs" / "programmes.md"
TEAMS = PAGE.parent / "followup_teams.md"
ROW = re.compile(r"^\| `([\w-]+)` \| (\".*?) \| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", re.M)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


@cache
def model(name: str) -> Model:
    return read_model(name)


def test_all_programmes_have_aims() -> None:
    programmes = {"tki2", "connect", "haderslev", "expert-at-work", "followup-teams", "followup-teams-young"}
    assert {row[0] for row in ROWS} == programmes
    assert len(ROWS) >= 24


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[2]}" for row in ROWS])
def test_each_aim_names_an_output_of_its_model(row: tuple[str, ...]) -> None:
    name, aim, output, number, _, first = row
    of = model(name)
    assert output in {one.name for one in (*of.effects, *of.perspectives)}
    assert '"' in aim
    assert number.strip()
    assert first.strip()


def numbers_in(text: str) -> list[float]:
    """The amounts of a cell of the page, in order."""
    return [float(one.replace(",", "")) for one in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)]


@pytest.mark.parametrize(
    "name", ["followup-teams-young", pytest.param("followup-teams", marks=pytest.mark.nightly)]
)  # 1,000 draws of 728 days take ten seconds
def test_numbers_of_the_follow_up_teams_are_those_of_a_run(name: str) -> None:
    result = ce.load(name).psa(1000, seed=1, progress=False)
    team = list(result.strategies).index("team")
    own_rows = [row for row in ROWS if row[0] == name]
    assert own_rows
    for _, _, output, number, assumed, _ in own_rows:
        if output in result.effects.names:
            values = result.effects.value[:, :, result.effects.names.index(output)]
        else:
            values = result.perspective(output).cost
        gain = values[:, team] - values[:, 0]
        told = numbers_in(number)[:1] + numbers_in(number.partition("(")[2])
        # As the page rounds: to three digits, two where there are fewer.
        places = 2 if output == "admissions" else 1 if output == "goals" else -2
        assert told == pytest.approx([round(x, places) for x in (gain.mean(), *np.quantile(gain, [0.025, 0.975]))])
        assert numbers_in(assumed) == [round(100 * variance_by_kind(result, gain)["assumption"])]


def test_the_thresholds_of_the_page_are_where_the_sign_turns(tmp_path: Path) -> None:
    """A point of a hundred to either side of the printed ratio the team pays for itself, and does not."""
    text = TEAMS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w ,']+) \| (?:when admissions are at most )?(\d+) %.* \| ([\d.]+) \|$", text, re.M)
    views = {
        "hospital trust": "hospital_trust",
        "public sector": "public",
        "health and care, with families' time": "health_care",
        "municipality": "municipality",
    }
    ratios = {views[name]: int(percent) / 100 for name, percent, _ in rows if name in views}
    assert set(ratios) == set(views.values())
    file = tmp_path / "ratio.yaml"
    for view, ratio in ratios.items():
        gains = []
        for at in (ratio - 0.01, ratio + 0.01):
            figures = f"set: {{admission_ratio: {at:.2f}}}"
            text = f"scenario: ratio\nmodel: followup-teams\n{figures}\noptions: {{engine: cohort}}\n"
            file.write_text(text, encoding="utf-8")
            of = ce.load(str(file)).run(progress=False).perspective(view, "qaly")
            benefit = 385_000 * of.effect - of.cost
            gains.append(float(benefit[0, -1] - benefit[0, 0]))
        assert gains[0] > 0 > gains[1], (view, ratio, gains)


def test_the_power_of_the_page_is_that_of_the_shipped_design() -> None:
    text = TEAMS.read_text(encoding="utf-8")
    design = read_trial("followup-teams-cluster-trial")
    clusters, sd = design.clusters, design.endpoints[0].sd
    assert clusters is not None
    assert sd is not None
    correlations = clusters.correlations()

    def chance(number: int, correlation: object = correlations) -> float:
        more = [sd**2, sd**2]
        return float(np.mean(power_of(number, number * 100, correlation, more, [0.5, 0.5], -0.085)))  # type: ignore[arg-type]

    low, high = (100 * chance(6, x) for x in clusters.icc.interval())
    said = re.search(r"admissions a year\) is (\d+) % \((\d+) to\s(\d+)\), and 80 % would take (\d+)", text)
    assert said is not None
    assert [int(x) for x in said.groups()[:3]] == [round(100 * chance(6)), round(high), round(low)]
    wanted = int(said[4])
    assert chance(wanted - 6) < 0.8 <= chance(wanted)
    count = re.search(r"600 elders in six municipalities count as (\d+) \((\d+) to (\d+)\)", text)
    assert count is not None
    known = [correlations, *reversed(clusters.icc.interval())]
    middle, few, many = (float(np.mean(clusters.counts_as(600, x))) for x in known)
    assert [int(x) for x in count.groups()] == [round(middle, -2), round(few, -1), round(many, -1)]
