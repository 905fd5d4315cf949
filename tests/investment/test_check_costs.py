"""Anchored in sums by hand: whether the money that a case books pays its consultants, and when nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_read_case import GOOD, case_of

from costeff import invest, load
from costeff.errors import CosteffError
from costeff.investment.check_costs import _unpaid_staff, check_costs
from costeff.model.formulas.expression import Expression

STAFF = GOOD.replace("  per_consultant: consultant_year\n  variable: 0\n  replaces: {casework: 0.25}\n", "").replace(
    "parameters:\n  consultant_year: {value: 600000, unit: DKK per year, price_year: 2026, kind: assumption}\n", ""
)


def test_money_that_does_not_pay_the_consultants_is_told_to_the_krone(tmp_path: Path) -> None:
    """202 take the offer at the model's cost each; 1 + 3 x 40 consultants, of whom a twentieth is missing."""
    case = case_of(tmp_path, STAFF.replace("{2026: 1, later: 2}", "{2026: 1, later: 40}"))
    assert sum(case.takers) == pytest.approx(202)
    with pytest.raises(CosteffError) as told:
        invest(case, progress=False)
    message = str(told.value)
    money = load("tki2").evidence.at_prices(2026).base()["programme_cost"]
    assert f"{202 * money:,.0f} booked; 114.95 years of work at " in message
    assert "does not pay its consultants" in message
    assert "`meant: [staff]`" in message


MANY = STAFF.replace("{2026: 1, later: 2}", "{2026: 1, later: 40}")
UNKNOWN = "programme_cost / (dose - dose)"


@pytest.mark.parametrize("more", [f"variable: {UNKNOWN}", f"variable: 0\n  fixed: {UNKNOWN}"])
def test_a_cost_that_cannot_be_told_before_a_run_is_not_judged(tmp_path: Path, more: str) -> None:
    """It divides by 0 at the stated values, so nobody knows whether it pays 40 consultants."""
    study = load("tki2")
    judged = [
        [problem.what for problem in check_costs(case_of(tmp_path, text), study.model, study.evidence)]
        for text in (MANY, MANY.replace("  start_up", f"  {more}\n  start_up"))
    ]
    assert judged == [["the money booked for the programme does not pay its consultants"], []]


def test_only_what_a_model_pays_at_the_start_is_a_cost_per_citizen(tmp_path: Path) -> None:
    """Paid by cycle, or by an amount that divides by 0 here, the programme's cost is told by a simulation alone."""
    case, study = case_of(tmp_path, MANY), load("tki2")
    by_cycle, unknown = (
        tuple(replace(flow, **changes) if flow.programme else flow for flow in study.model.flows)
        for changes in (
            {"per": "cycle", "amounts": {"work": Expression("programme_cost")}},
            {"amounts": {"": Expression(UNKNOWN)}},
        )
    )
    assert len(list(check_costs(case, study.model, study.evidence))) == 1
    for flows in (by_cycle, unknown):
        assert list(check_costs(case, replace(study.model, flows=flows), study.evidence)) == []


def test_without_a_wage_per_year_nobody_says_what_consultants_cost(tmp_path: Path) -> None:
    case, study = case_of(tmp_path, MANY), load("tki2")
    assert [problem.what for problem in _unpaid_staff(case, study.model, study.evidence)] != []
    euro = replace(study.model, conventions=replace(study.model.conventions, currency="EUR"))
    assert list(_unpaid_staff(case, euro, study.evidence)) == []  # no parameter is in EUR per year
