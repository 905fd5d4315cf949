"""Anchored in the rules that the draft of blind priors names: their arithmetic is done again here."""

from __future__ import annotations

import math

import pytest

from costeff.bundled import data_dir
from costeff.calibrate import read_plan
from costeff.evidence import read_evidence

FOLDER = data_dir("parameters")
PRIORS = read_evidence(FOLDER / "tki2_blind_priors.yaml").parameters
WIDTH = (13, 13, 13, 52)
SPELLS = {"August 2012": (13942, 9626, 7516, 8324), "July 2011": (14320, 9756, 7360, 8653)}
"""Spells on sickness benefit by weeks elapsed, whole country: 14-26, 27-39, 40-52 weeks, and a second year."""


def interval(name: str) -> tuple[float, float]:
    declared = PRIORS[name].spread.declared
    assert declared is not None
    return declared


def test_all_are_calibrated_and_drawn_from_the_posterior() -> None:
    shipped = read_evidence(FOLDER / "tki2.yaml").parameters
    assert list(PRIORS) == list(read_plan(FOLDER / "tki2_targets.yaml").priors)[: len(PRIORS)]
    assert all((shipped[n].unit, shipped[n].kind) == (PRIORS[n].unit, "calibrated") for n in PRIORS)


@pytest.mark.parametrize("name", PRIORS)
def test_wide_around_a_median_and_explained(name: str) -> None:
    prior = PRIORS[name]
    low, high = interval(name)
    assert math.sqrt(low * high) == pytest.approx(prior.value, rel=0.002)
    assert high / prior.value >= (3 if name.startswith("h_") else 1.3) * 0.998
    assert (prior.kind, prior.centre) == ("assumption", "median")
    assert prior.note


@pytest.mark.parametrize("month", SPELLS)
def test_weeks_27_to_52_follow_the_stock(month: str) -> None:
    """Half of what ends there ends in work: 0.02 a week, from how the stock thins out, of the two tables."""
    weekly = [count / width for count, width in zip(SPELLS[month], WIDTH, strict=True)]
    assert math.log(weekly[1] / weekly[2]) / 13 == pytest.approx(0.02, abs=0.003)
    assert math.log(weekly[0] / weekly[1]) / 13 == pytest.approx(0.029, abs=0.001)
    assert PRIORS["h_sick_full_work_3"].value == pytest.approx(0.02 / 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("h_sick_employer_work", -math.log(1 - 0.40) / (30 / 7)),
        ("h_sick_full_work_1", 0.75 * 0.04),
        ("h_sick_full_work_2", 0.75 * 0.035),
        ("h_sick_full_job_clarification_1", math.log(2) / 5),
        ("h_sick_partial_sick_full", 0.056 / 3),
        ("h_job_clarification_work_1", math.log(4) / 104 / 4),
        ("h_resource_course_work", math.log(4) / 156 / 3),
        ("h_work_sick_1", -math.log(1 - 0.091) / 130 / 0.43 * 7.5),
        ("h_work_sick_3", -math.log(1 - 0.091) / 130 / 0.43 * 2),
        ("h_work_unemployed_2", -math.log(1 - 0.026) / 52),
    ],
)
def test_rules(name: str, value: float) -> None:
    assert PRIORS[name].value == pytest.approx(value, rel=0.08)


def test_no_direction_is_assumed_between_diagnoses_and_sexes() -> None:
    alike = [
        name for name in PRIORS if name.startswith("hr_") and name not in ("hr_return_job_lost", "hr_pension_age10")
    ]
    assert {PRIORS[name].value for name in alike} == {1}
    assert len(alike) == 9
