"""Anchored in printed power of the t test, in simulated trials of clusters, and in limits: correlation 0 and 1.

Cohen 1988, table 2.3.5: 64 in each group see half a standard deviation at a two-sided 5 % with 80 %, 17 a whole one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind

import costeff as ce
from costeff import Result
from costeff.bundled import data_dir
from costeff.errors import CosteffError
from costeff.evidence import Parameter
from costeff.voi.clusters import Clusters, clusters_wanted, power, power_of
from costeff.voi.trial_file import Trial, read_trial
from costeff.voi.trial_of_result import trial_design
from costeff.voi.trial_value import printed_study, study_content, trial_value

DESIGN = "followup-teams-cluster-trial"


@cache
def result() -> Result:
    return ce.load("followup-teams").psa(64, seed=1, progress=False)


def with_correlation(value: float | None) -> Trial:
    """The shipped design with a certain correlation between people of a municipality; None: without clusters."""
    design = read_trial(DESIGN)
    assert design.clusters is not None
    if value is None:
        return replace(design, clusters=None)
    return replace(design, clusters=replace(design.clusters, icc=Parameter("icc", value, "share", kind="assumption")))


def value(design: Trial, participants: list[int]) -> list[float]:
    """EVSI for the hospital trust at each number of participants."""
    evaluation = result().perspective("hospital_trust", "qaly")
    study = trial_value(result(), design, evaluation, [385_000], participants=participants, method="gaussian")
    return [float(one) for one in study.evsi["evsi"].values[:, 0]]


@pytest.mark.parametrize(("groups", "difference", "printed"), [(128, 0.5, 0.80), (34, 1.0, 0.81), (200, 0.2, 0.29)])
def test_clusters_of_likes_are_single_people_of_a_printed_table(groups: int, difference: float, printed: float) -> None:
    for size in (1, 10):
        chance = power_of(groups, groups * size, 1.0, [1, 1], [0.5, 0.5], difference)
        assert float(chance) == pytest.approx(printed, abs=0.01)


def test_power_is_how_often_simulated_trials_find_it() -> None:
    """4,000 trials of eight clusters of 20 people, correlation 0.1, half a standard deviation: error 0.8 %."""
    rng = np.random.default_rng(5)
    means = rng.normal(size=(4000, 2, 4)) * np.sqrt(0.1) + rng.normal(size=(4000, 2, 4, 20)).mean(axis=3) * np.sqrt(0.9)
    means[:, 1] += 0.5
    seen = (ttest_ind(means[:, 0], means[:, 1], axis=1).pvalue < 0.05).mean()
    chance = float(power_of(8, 160, 0.1, [1, 1], [0.5, 0.5], 0.5))
    assert chance == pytest.approx(seen, abs=4 * np.sqrt(chance * (1 - chance) / 4000))


def test_no_correlation_is_a_trial_of_people_and_a_whole_one_of_clusters() -> None:
    plain = value(with_correlation(None), [6, 600])
    assert value(with_correlation(0.0), [600]) == pytest.approx(plain[1:])
    assert value(with_correlation(1.0), [600]) == pytest.approx(plain[:1])
    some = value(with_correlation(0.015), [600])
    assert plain[0] < some[0] < plain[1]


def test_the_value_is_the_mean_over_what_the_correlation_may_be() -> None:
    design = read_trial(DESIGN)
    assert design.clusters is not None
    correlations = design.clusters.correlations()
    assert correlations.mean() == pytest.approx(0.015, rel=0.1)
    each = [value(with_correlation(float(one)), [600])[0] for one in correlations]
    assert value(design, [600])[0] == pytest.approx(np.mean(each))


def test_more_clusters_see_it_where_more_people_do_not() -> None:
    design = read_trial(DESIGN)
    assert design.clusters is not None
    cells = trial_design(result(), design).cells(result().perspective(None).parameters, 64)
    six = [power(design.clusters, cells, (0, 1), people, -0.085)[0] for people in (600, 60_000)]
    assert max(six) < 0.2  # six municipalities never see a tenth fewer admissions
    wanted = clusters_wanted(design.clusters, cells, (0, 1), 600, -0.085)
    assert wanted is not None
    enough = [
        power(replace(design.clusters, number=number), cells, (0, 1), number * 100, -0.085)[0]
        for number in (wanted - 6, wanted)
    ]
    assert enough[0] < 0.8 <= enough[1]


def test_the_command_says_what_six_municipalities_can_see() -> None:
    evaluation = result().perspective("health_care", "qaly")
    study = trial_value(result(), read_trial(DESIGN), evaluation, [385_000], participants=[600], method="gaussian")
    said = printed_study(study)
    assert "In 6 clusters, of which 0.015 of the variance lies between them" in said
    assert "Power to see -0.085 in 'admissions'" in said
    content = study_content(study)["clusters"]
    assert content["number"] == 6
    assert content["detects"][0]["lowest"] <= content["detects"][0]["power"] <= content["detects"][0]["highest"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("number: 6", "number: 5", "the clusters cannot be split between the groups"),
        ("detects: {admissions: -0.085}", "detects: {falls: -1}", "'falls' is no endpoint"),
        ("value: 0.015,", "value: 1.5,", "the value is outside its unit"),
        ("number: 6", "count: 6", "unknown key 'count'"),
    ],
)
def test_clusters_that_cannot_be_read_are_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (data_dir("designs") / f"{DESIGN}.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "ours.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        read_trial(file)
    assert told in str(caught.value)
    assert "ours.yaml" in str(caught.value)


def test_counts_as_never_more_than_there_are() -> None:
    one = Clusters(6, Parameter("icc", 0.05, "share", kind="assumption"))
    assert float(one.counts_as(4, 0.05)) == 4  # fewer people than clusters: nobody has a neighbour
