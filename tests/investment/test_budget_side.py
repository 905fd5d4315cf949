"""Anchored in sums: full-time persons are weeks of the effects over 52; a lowered budget stands beside its lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from costeff import CaseResult, invest
from costeff.errors import CosteffError
from costeff.investment.full_time import level_changes, time_in
from costeff.investment.invest import base_case
from costeff.investment.report.budget import (
    funding_sentences,
    grant_sentence,
    level_note,
    level_rows,
    lowered_sentences,
)
from costeff.investment.report.content_of_case import case_content, effect_rows
from costeff.investment.report.workbook import case_workbook_content
from costeff.messages import error_text

CASE = """
case: budget
scenario: own_programme
municipality: Nordkøb
about: {purpose: Flere i arbejde}
rules: {set: denmark_reform, regime: across}
first_year: 2027
years: 3
price_year: 2026
inflow: 60
last_inflow: 2027
programme:
  label: Rygindsats
  departments: {employment: {share: 1, label: Job}}
  variable: 12001
areas:
  service: {label: Service, frame: service, items: [programme_variable, casework, activation]}
  transfers: {label: Ydelser, frame: transfers, items: [sickness_benefit, sickness_benefit_refund]}
levels:
  sickness: {label: Sygedagpenge, states: [sick_full, sick_partial, sick_unemployed, sick_flex], now: 1241}
  flex: {label: Fleksjob, states: [flex_job]}
budget_changes:
  - {department: employment, area: transfers, since: 2028, amount: 9000001, by: Byrådet}
set: {municipal_tax: 0.256, hr_self_support: 1.3}
run: {draws: 6, individuals: 40, seed: 1}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    file = tmp_path_factory.mktemp("budget") / "case.yaml"
    file.write_text(CASE, encoding="utf-8")
    return invest(file, progress=False)


def test_full_time_persons_are_weeks_over_52(result: CaseResult) -> None:
    weeks = {row.label["en"]: row.mean for row in effect_rows(result)}
    persons = time_in(result, [["sick_full", "sick_partial", "sick_unemployed", "sick_flex"], ["work"]])
    assert persons.shape == (2, 3)
    assert 52 * persons.sum(axis=1) == pytest.approx(
        [weeks["Weeks on sickness benefit"], weeks["Weeks in work"]], rel=1e-9
    )


def test_all_states_together_change_nothing_but_by_death(result: CaseResult) -> None:
    model = result.with_prices().plan.model
    assert time_in(result, [model.state_names]).sum() == pytest.approx(0, abs=1e-9)


def test_a_change_stands_beside_the_present_level(result: CaseResult) -> None:
    sickness, flex = level_changes(result)
    assert sickness.share == pytest.approx(np.abs(sickness.change).max() / 1241)
    assert np.isnan(flex.share)
    content = case_content(result)
    rows = level_rows(content, "da")
    assert rows[0][-2] == "1.241"
    assert "Sygedagpenge" in level_note(content, "da").split("(")[-1]  # below 3 % of the level
    assert "Fleksjob" not in level_note(content, "da")


def test_a_lowered_budget_is_set_beside_what_the_case_expects_there(result: CaseResult) -> None:
    content = case_content(result)
    (row,) = content.budget.lowered_budgets
    mask = np.array([line.area == "transfers" for line in result.cash.lines])
    assert row.gain == pytest.approx(float(result.cash.net(("employment",), mask)[:, 1:].mean()))
    (text,) = lowered_sentences(content, "da")
    assert "ikke dækket" in text
    assert "Byrådet" in text


def test_both_columns_of_the_grant_are_one_public_sum(result: CaseResult) -> None:
    content = case_content(result)
    grant = content.budget.grant
    assert grant is not None
    assert grant.npv_alone == pytest.approx(content.by_name["municipal"].npv.mean)
    # the state takes a share of the benefits' net saving back, and nothing of the programme's cost
    assert grant.npv_together < grant.npv_alone
    assert {kind for _, _, kind in grant.coverage} == {"published", "assumption"}
    assert "kommuner" in grant_sentence(content, "da")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("states: [flex_job]", "states: [flexjob]", "unknown state"),
        ("states: [flex_job]", "states: [sick_full]", "counted twice"),
        ("area: transfers, since", "area: transfer, since", "unknown area"),
        ("since: 2028", "since: 2040", "outside the case"),
        ("amount: 9000001", "amount: -5", "not above 0"),
        ("department: employment, area", "department: school, area", "unknown department"),
    ],
)
def test_what_cannot_be_is_refused_in_two_languages(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(CASE.replace(old, new), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        invest(file, draws=2, individuals=2, progress=False)
    assert words in str(caught.value)
    assert error_text(caught.value, "da").split(":", 1)[1] != str(caught.value).split(":", 1)[1]


FUNDED = (
    CASE + "funding:\n  - {from: state, department: employment, by: Puljen, amounts: {2027: 400001, 2028: 100001}}\n"
)


def test_external_funding_is_paid_by_its_payer_until_it_ends(result: CaseResult, tmp_path: Path) -> None:
    """The same luck, so the difference is the funding itself: 400,001 and 100,001 from the state to the department."""
    file = tmp_path / "funded.yaml"
    file.write_text(FUNDED, encoding="utf-8")
    funded = invest(file, progress=False)
    given = np.array([400_001, 100_001, 0])
    assert funded.net(["employment"]) - result.net(["employment"]) == pytest.approx(np.tile(given, (6, 1)))
    assert funded.net(["state"]) - result.net(["state"]) == pytest.approx(np.tile(-given, (6, 1)))
    assert funded.without_effect().net(["state"]).sum() == pytest.approx(
        result.without_effect().net(["state"]).sum() - 6 * given.sum()
    )
    (row,) = case_content(funded).budget.funding
    assert (row.total, row.last, row.after) == (500_002, 2028, 0.0)  # nobody begins after 2027
    told = funding_sentences(case_content(funded), "da")
    ends = "til og med 2028; derefter koster indsatsen ikke Job noget."
    assert [text.replace("\u00a0", " ") for text in told] == [f"Puljen finansierer Job med 500.000 kr. i alt, {ends}"]
    content = case_workbook_content(base_case(file, 40))
    line = next(line for line in content.lines if line.item == "external_funding")
    assert line.amount[content.shown].tolist() == given.tolist()


def test_what_the_department_pays_after_the_funding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "funded.yaml"
    more = FUNDED.replace("last_inflow: 2027", "last_inflow: 2029").replace(", 2028: 100001}", "}")
    file.write_text(more, encoding="utf-8")
    (row,) = case_content(invest(file, draws=2, individuals=10, progress=False)).budget.funding
    assert (row.last, row.after) == (2027, pytest.approx(60 * 12_001))


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ("from: state", "from: employment", "no party that could give it"),
        ("from: state", "from: stat", "did you mean 'state'"),
        ("department: employment, by", "department: health, by", "unknown department"),
        ("2028: 100001}", "2031: 100001}", "outside the case"),
        ("2027: 400001", "2027: 0", "not above 0"),
    ],
)
def test_funding_that_cannot_be_is_refused(tmp_path: Path, wrong: str, right: str, words: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(FUNDED.replace(wrong, right), encoding="utf-8")
    with pytest.raises(CosteffError, match=words):
        invest(file, draws=2, individuals=10, progress=False)
