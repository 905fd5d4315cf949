"""Anchored in scores simulated under no effect and in the roll-out worked out beside: what a report says of both."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from present_example import example_content

import costeff as ce
from costeff.errors import CosteffError
from costeff.labels import Label
from costeff.psfs.response import psfs_response, psfs_without_scores
from costeff.psfs.scores import Course, as_table, simulated_scores
from costeff.reporting.numbers import write_percent
from costeff.rollout.rollout import rollout
from costeff.study.report.content import Content
from costeff.study.report.report import report_html
from costeff.study.report.report_tables import cycles_in_words, time_to
from costeff.study.report.spread import psfs_of_result, psfs_section, rollout_of_result, rollout_section

WORST = Course(reliability=0.75, usual_change=1.0)
DENIED = {"en": "not credited", "da": "krediteres ikke", "nb": "krediteres ikke"}


@cache
def content() -> Content:
    return example_content()


def scores(effect: float, *, usual: bool) -> pd.DataFrame:
    """Activities named at their worst; the team adds so many points to what usual care does."""
    groups = [as_table(simulated_scores(150, seed=1, effect=effect, course=WORST), "team")]
    if usual:
        groups.append(as_table(simulated_scores(150, seed=1001, course=WORST), "usual_care"))
    return pd.concat(groups, ignore_index=True)


@pytest.mark.parametrize("language", DENIED)
@pytest.mark.parametrize("usual", [True, False], ids=["beside usual care", "alone"])
def test_a_report_credits_no_team_for_scores_under_no_effect(language: str, usual: bool) -> None:
    """Nearly half gain 1.3 points since the first conversation, and the report says that the team did none of it."""
    of = psfs_response(scores(0, usual=usual))
    section = psfs_section(replace(content(), psfs=of), language)
    assert section is not None
    assert DENIED[language] in section["verdict"]
    assert of.table.query("cut == 1.3 and since == 'first'")["team"].iloc[0] > 0.4
    for row in of.table.itertuples():
        assert write_percent(row.no_effect, language) in str(section["table"])  # printed whatever was seen


def test_a_report_credits_a_team_that_does_more_than_usual_care() -> None:
    section = psfs_section(replace(content(), psfs=psfs_response(scores(2.5, usual=True))), "en")
    assert section is not None
    assert "More improve with the team than in usual care" in section["verdict"]
    assert "not credited" not in section["verdict"]


@pytest.mark.parametrize("language", DENIED)
def test_without_scores_the_share_under_no_effect_stands_there(language: str) -> None:
    of = psfs_without_scores()
    section = psfs_section(replace(content(), psfs=of), language)
    assert section is not None
    assert DENIED[language] in section["verdict"]
    assert str(section["table"]).count("<tr>") == 7  # the headings, three cuts and two references
    assert write_percent(of.table["no_effect"].iloc[0], language) in str(section["table"])


def test_the_page_shows_caution_psfs_and_roll_out() -> None:
    result = ce.load("followup-teams-pilot").psa(8, seed=1, progress=False)
    of = rollout_of_result(result)
    assert of is not None
    np.testing.assert_array_equal(of.reach, rollout(result).reach)
    evaluations = {view.name: view for view in content().perspectives}
    own_views = [
        replace(next(iter(evaluations.values())), name=view.name, label=view.label)
        for view in result.model.perspectives
    ]
    whole = replace(content(), perspectives=own_views, rollout=of)
    section = rollout_section(whole, "nb")
    assert section is not None
    assert write_percent(of.reach[:, 5, 9].mean(), "nb") in str(section["reach"])
    assert "uansett tempo ikke" in str(section["money"])
    page = report_html(replace(content(), caution=Label("mind <this>", "pas på"), psfs=psfs_of_result(result)), "en")
    head, tail = page.split("<nav", 1)
    assert "mind &lt;this&gt;" in head
    assert '<section id="psfs"' in tail
    assert '<section id="rollout"' not in tail
    assert rollout_section(content(), "en") is None


def test_scores_are_read_from_beside_the_scenario(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text("scenario: ours\nmodel: followup-teams\npsfs: {scores: ours.csv}\n", encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        ce.load(str(file))
    assert "the file of PSFS scores is not there" in str(caught.value)
    assert "line 3" in str(caught.value)
    scores(0, usual=True).to_csv(tmp_path / "ours.csv", index=False)
    plan = ce.load(str(file)).scenario.psfs
    assert plan is not None
    assert plan.scores == tmp_path / "ours.csv"


def test_the_flagged_scenario_alone_reads_psfs_as_utility(tmp_path: Path) -> None:
    """By hand, without discounting: the gain in QALYs is years at home x slope x points, for the team alone."""
    flagged = ce.load("followup-teams-psfs")
    assert flagged.scenario.caution is not None
    assert "no mapping from PSFS to utility is published" in flagged.scenario.caution.en
    for name in ("followup-teams", "followup-teams-pilot", "followup-teams-optimistic", "followup-teams-harm"):
        other = ce.load(name)
        assert other.scenario.caution is None
        assert other.evidence.base()["psfs_slope"] == 0
    runs = []
    for points in (0, 2):
        file = tmp_path / f"points_{points}.yaml"
        figures = f"{{psfs_slope: 0.015, psfs_gain: {points}, discount_rate: 0}}"
        file.write_text(
            f"scenario: p{points}\nmodel: followup-teams\nset: {figures}\noptions: {{engine: cohort}}\n",
            encoding="utf-8",
        )
        runs.append(ce.load(str(file)).run(progress=False).effects)
    none, some = runs
    gain = (some.value - none.value)[0, :, none.names.index("qaly")]
    days = none.value[0, -1, none.names.index("days_at_home")]
    assert gain[-1] == pytest.approx(0.015 * 2 * days / 364, rel=1e-9)
    assert gain[:-1].tolist() == [0] * 4


def test_times_to_events_are_headed_by_the_event() -> None:
    one = replace(content(), passage_labels={"admitted": Label("Admitted", "Indlagt")}, cycles_per_year=364)
    assert time_to(one, "en") == "Time to: Admitted"
    assert time_to(content(), "da") == "Tid til hændelser"
    assert [cycles_in_words(n, one, "en") for n in (1, 399)] == ["1 day", "399 days"]
    assert cycles_in_words(4, replace(one, cycles_per_year=52), "nb") == "4 uker"
