"""Anchored in a small case: its amounts are said as its reader understood them, in the format its file declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from costeff import invest
from costeff.investment.read import read_case
from costeff.investment.report.amounts import TypedAmount, amounts_as_read
from costeff.investment.report.content_of_case import case_content
from costeff.reporting.unit_names import amount_unit

CASE = """\
case: mine
numbers: {form}
title: Mine
scenario: tki2
first_year: 2026
years: 3
inflow: {{2026: {thousand}, 2027: 60, later: 0}}
ramp_up: [{half}]
programme:
  departments: {{mso: {part}, msb: rest}}
  variable: {cost}
  fixed: 100000
  start_up: {{2026: own_start}}
capacity: {{consultants: {{2026: 2, later: 1}}, caseload: 25, course: 26, leaves: end_of_sickness_benefit}}
parameters:
  own_start: {{value: {cost}, unit: DKK, price_year: 2026, kind: assumption}}
set: {{municipal_tax: {part}}}
run: {{draws: 2, individuals: 4, seed: 1}}
"""
WRITTEN = {
    "en": {"thousand": "1000", "half": "0.5", "part": "0.25", "cost": "12000"},
    "da": {"thousand": "1.000", "half": '"0,5"', "part": '"0,25"', "cost": "12.000"},
}


def case_file(folder: Path, form: str) -> Path:
    path = folder / f"{form}.yaml"
    path.write_text(CASE.format(form=form, **WRITTEN[form]), encoding="utf-8")
    return path


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    english, danish = (read_case(case_file(tmp_path, form)) for form in ("en", "da"))
    for name in ("inflow", "planned", "set"):
        assert getattr(english, name) == getattr(danish, name)
    assert english.capacity.consultants == danish.capacity.consultants
    assert english.programme.variable.text == danish.programme.variable.text
    assert danish.set == {"municipal_tax": 0.25}
    assert danish.inflow[:5] == (125, 250, 250, 250, 15)


def test_amounts_are_shown_before_the_ramp_up(tmp_path: Path) -> None:
    content = case_content(invest(case_file(tmp_path, "da"), progress=False))
    told = [text.replace("\u00a0", " ") for text in amounts_as_read(content.typed, "DKK", "en")]
    assert told[:5] == [
        "1,000 citizens offered the programme in 2026, 60 in 2027, 0 in 2028",
        "12,000 DKK per citizen",
        "100,000 DKK a year whatever the number",
        "2 consultants in 2026, 1 in 2027–2028",
        "25 citizens at a time per consultant",
    ]
    assert "own start: 12,000 DKK" in told
    danish = [text.replace("\u00a0", " ") for text in amounts_as_read(content.typed, "DKK", "da")]
    assert danish[1] == "12.000 kr. pr. borger"


@pytest.mark.parametrize(
    ("unit", "danish"),
    [("DKK per week (may be negative)", "kr. pr. uge"), ("weeks", "uger"), ("NOK per year", "NOK pr. år")],
)
def test_units(unit: str, danish: str) -> None:
    assert amount_unit(unit, "da") == danish
    assert amount_unit(unit, "en") == unit.removesuffix(" (may be negative)")


def test_one_value_for_all_years_has_no_years() -> None:
    assert amounts_as_read([TypedAmount("caseload", (25.0,))], "DKK") == ["25 citizens at a time per consultant"]
