"""Anchored in an identity: what groups that share out all citizens do and cost adds up to the whole case, line by line,
and in people counted one by one: a group's share is that of the attributes drawn for it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from costeff import invest
from costeff.compile.environment import parameter_environment, population
from costeff.errors import Place
from costeff.investment.by_group import CITIZEN, group_results
from costeff.investment.case import Case, TargetGroup
from costeff.investment.read import read_case
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.target_groups import group_cells, group_frame, income_cells
from costeff.investment.result import CaseResultData
from costeff.investment.target_groups import check_target_groups
from costeff.labels import same
from costeff.model.formulas.expression import Expression

CASE = """\
case: groups
scenario: own_programme
strategy: programme
rules: {set: denmark_reform, regime: across}
first_year: 2026
years: 2
price_year: 2026
inflow: {2026: 100, 2027: 60}
programme:
  departments: {employment: 1}
  per_consultant: 600000
  replaces: {casework: 0.25}
  variable: 5000
  fixed: 100000
  start_up: {2026: 200000}
capacity:
  {consultants: 1, caseload: 30, course: 26, patience: 26, leaves: end_of_sickness_benefit}
funding:
  - {from: state, department: employment, by: A pool, amounts: {2026: 300000}}
target_groups:
  from_work: {label: {en: From work, da: Fra arbejde}, who: origin == from_work}
  from_unemployment: {label: {en: From unemployment, da: Fra ledighed}, who: origin == from_unemployment}
  older: {label: {en: Over 50, da: Over 50}, who: (age > 50) * (origin == from_work)}
  everybody: {who: age > 0}
set: {p_heart: 0.25, p_other: 0.75}
run: {draws: 6, individuals: 60, seed: 3}
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    file = tmp_path_factory.mktemp("groups") / "groups.yaml"
    file.write_text(CASE, encoding="utf-8")
    return read_case(file)


@pytest.fixture(scope="module")
def result(case: Case) -> CaseResultData:
    return invest(case, progress=False)


def test_groups_change_nothing_of_the_whole(case: Case, result: CaseResultData) -> None:
    plain = invest(replace(case, target_groups=()), progress=False)
    assert np.array_equal(plain.cash.programme, result.cash.programme)
    assert np.array_equal(plain.cash.usual, result.cash.usual)


def test_what_groups_pay_and_do_adds_up_to_the_case(result: CaseResultData) -> None:
    whole, work, unemployed, *_ = group_results(result)
    for name in ("usual", "programme"):
        parts = getattr(work.cash, name) + getattr(unemployed.cash, name)
        assert np.allclose(parts, getattr(whole.cash, name), rtol=1e-9, atol=1e-3)
    assert np.allclose(work.citizens + unemployed.citizens, whole.citizens, rtol=1e-12)
    assert np.allclose(work.income() + unemployed.income(), whole.income(), rtol=1e-9, atol=1e-2)
    assert (work.cash.programme != whole.cash.programme).any()
    funding = [line.item == "external_funding" for line in whole.cash.lines]
    assert whole.cash.programme[..., funding].sum(axis=(1, 2)) == pytest.approx(np.full(6, 300_000.0))


def test_a_group_holds_the_people_whose_attributes_say_so(result: CaseResultData) -> None:
    """The first cohort's people, drawn again and counted: so many of a hundred are over 50 and from work."""
    assert result.priced is not None
    plan, older = result.priced.plan, group_results(result)[3]
    shares = np.zeros((plan.size, len(plan.cohorts)))
    env = parameter_environment(plan.model, plan.draws, plan.tables, plan.size)
    code = plan.model.categories["from_work"]
    for quarter, cohort in enumerate(plan.cohorts):
        people = population(
            plan.model, env, plan.design.seed, cohort.addresses(slice(0, plan.size)), 0, cohort.individuals
        )
        shares[:, quarter] = ((people["age"] > 50) & (people["origin"] == code)).mean(axis=1)
    takers = np.array(plan.case.takers)
    expected = (shares * takers).sum(axis=1)
    assert older.quantities.takers.sum(axis=1) == pytest.approx(expected)
    assert 0 < expected.mean() < takers.sum()


def test_a_group_of_everybody_is_the_case(result: CaseResultData) -> None:
    own = group_results(result)[4]
    assert np.allclose(own.cash.programme, result.cash.programme, rtol=1e-12, atol=1e-3)
    assert np.array_equal(own.citizens, group_results(result)[0].citizens)


def test_income_is_what_citizens_get_less_what_they_pay(result: CaseResultData) -> None:
    whole = group_results(result)[0]
    parts = sum(whole.income_from(name) for name in result.parties if name != CITIZEN)
    assert whole.income() == pytest.approx(parts)
    assert whole.income() == pytest.approx(result.net(CITIZEN).sum(axis=1))


def test_money_priced_again_reaches_the_groups(result: CaseResultData) -> None:
    dearer = result.reprice({"caseworker_year": 900_000.0})
    whole, work, unemployed, *_ = group_results(dearer)
    assert np.allclose(work.cash.programme + unemployed.cash.programme, whole.cash.programme, rtol=1e-9, atol=1e-3)
    assert whole.cash.net(("employment",)).sum() != group_results(result)[0].cash.net(("employment",)).sum()


def test_tables_tell_every_group_in_its_own_words(result: CaseResultData) -> None:
    content = case_content(result)
    heads, rows = group_cells(content, "da")
    assert [row[0] for row in rows] == ["Alle borgere", "Fra arbejde", "Fra ledighed", "Over 50", "everybody"]
    assert all(len(row) == len(heads) for row in rows)
    heads, rows = income_cells(content, "da")
    assert all(len(row) == len(heads) for row in rows)
    assert "Uger i arbejde" in heads
    frame = group_frame(content, "da")
    table = result.by_target_group()
    assert frame["npv"].tolist() == pytest.approx(table["npv"].tolist())
    assert frame["income_each"].tolist() == pytest.approx(table["income"].tolist())
    assert frame["npv"][1] + frame["npv"][2] == pytest.approx(frame["npv"][0], abs=1.0)


@pytest.mark.parametrize(
    ("who", "message"),
    [
        ("orign == from_work", "did you mean 'origin'"),
        ("utility > 0.5 + start_state", "reads what nobody has at the start"),
        ("p_heart > 0", "has everybody or nobody"),
        ("origin == heart", "is no condition on people"),
        ("(age > 50) * origin", "is no condition on people"),
        ("age", "is no condition on people"),
    ],
)
def test_a_group_that_cannot_be_told_is_refused(case: Case, result: CaseResultData, who: str, message: str) -> None:
    group = TargetGroup("wrong", same("wrong"), Expression(who, Place("wrong.yaml", 7)))
    assert result.priced is not None
    assert result.priced.study is not None
    problems = check_target_groups(
        replace(case, target_groups=(group,)), result.priced.study.model, result.priced.study.evidence
    )
    assert not list(check_target_groups(case, result.priced.study.model, result.priced.study.evidence))
    told = [str(problem) for problem in problems]
    assert re.search(message, told[0])
    assert "wrong.yaml, line 7" in told[0]
