"""Values that are hardly meant, a programme paid twice, and staff that nobody pays: refused, unless they are meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

import costeff
from costeff.cli import main
from costeff.errors import CosteffError

SCENARIO = """
scenario: tried
model: {model}
set: {{{name}: {value}}}
run: {{draws: 2, individuals: 2, seed: 1}}
"""
SLIP = "a value that is hardly meant"


def case(given: str, match: str, model: str, name: str, value: str) -> object:
    marks = fault(kind=SLIP, given=given, right=f"refused: {match}")
    return pytest.param(model, name, value, match, id=given, marks=marks)


REFUSED = [
    case("a discount rate of 3.5", "3.5 % is 0.035", "tki2_reduced", "discount_rate", "3.5"),
    case("a discount rate of 0.25", "25 % a year is hardly meant", "sick_sicker", "discount_rate", "0.25"),
    case("a ratio of 20 for 20 %", "20 % more is 1.2", "tki2_reduced", "hr_work", "20"),
    case("a ratio of 0.05 for 5 %", "5 % more is 1.05", "tki2_reduced", "hr_work", "0.05"),
    case("a hazard of 3 a week", "3 per week is hardly meant", "tki2_reduced", "h_sick_employer_work", "3"),
]


def tried(folder: Path, model: str, name: str, value: str) -> Path:
    path = folder / "tried.yaml"
    path.write_text(SCENARIO.format(model=model, name=name, value=value), encoding="utf-8")
    return path


@pytest.mark.parametrize(("model", "name", "value", "match"), REFUSED)
def test_refused_under_set(model: str, name: str, value: str, match: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match=f"(?s){match}") as caught:
        costeff.load(tried(tmp_path, model, name, value))
    assert "tried.yaml, line" in str(caught.value)
    assert "`meant: true`" in str(caught.value)


@pytest.mark.parametrize(("model", "name", "value", "match"), [p.values for p in REFUSED])
def test_accepted_when_it_is_meant(model: str, name: str, value: str, match: str, tmp_path: Path) -> None:
    study = costeff.load(tried(tmp_path, model, name, f"{{value: {value}, meant: true}}"))
    assert study.evidence.base()[name] == float(value), match


CASE = """
case: tried
scenario: tki2
first_year: 2026
years: 3
price_year: 2026
inflow: {2026: 100, later: 0}
run: {draws: 1, individuals: 2, seed: 1}
"""
PROGRAMME = "programme: {departments: {mso: 0.5, msb: rest}%s}\n"
STAFF = "capacity: {consultants: {2026: %s, later: 0}, caseload: 25, course: 26, leaves: end_of_sickness_benefit%s}\n"
WHOLE = ", per_consultant: 650000"


def slip(given: str, match: str, text: str, kind: str = SLIP) -> object:
    return pytest.param(text, match, id=given, marks=fault(kind=kind, given=given, right=f"refused: {match}"))


TWICE, UNPAID = "a programme paid twice", "staff that nobody pays"
CASES = [
    slip("fidelity 2", "fidelity above 1", PROGRAMME % "" + "fidelity: 2\n"),
    slip("fidelity 1.5 in one year", "fidelity above 1", PROGRAMME % "" + "fidelity: {2026: 1, later: 1.5}\n"),
    slip("set relative_fidelity 2", "fidelity above 1", PROGRAMME % "" + "set: {relative_fidelity: 2}\n"),
    slip("set hr_self_support 20", "20 % more is 1.2", PROGRAMME % "" + "set: {hr_self_support: 20}\n"),
    slip("turnover 15", "0.15 for 15 %", PROGRAMME % "" + STAFF % (1, ", turnover: 15, vacancy: 2")),
    slip(
        "per_consultant beside the model's own cost",
        "paid twice.*`variable: 0`",
        PROGRAMME % WHOLE + STAFF % (1, ""),
        TWICE,
    ),
    slip("fixed beside the model's own cost", "paid twice", PROGRAMME % ", fixed: 400000", TWICE),
    slip(
        "four consultants on the model's own cost",
        "does not pay its consultants.*per_consultant",
        PROGRAMME % "" + STAFF % (4, ""),
        UNPAID,
    ),
    slip(
        "ten consultants on a small variable cost",
        "does not pay its consultants",
        PROGRAMME % ", variable: 900" + STAFF % (10, ""),
        UNPAID,
    ),
    slip(
        "a cost per citizen in kroner per week",
        "is DKK per week",
        PROGRAMME % ", variable: sickness_benefit_max",
        "a cost of another unit",
    ),
    slip(
        "a share of the departments in kroner",
        "DKK",
        "programme: {departments: {mso: programme_cost, msb: rest}}\n",
        "a cost of another unit",
    ),
]


def invested(folder: Path, text: str) -> str:
    """What `costeff invest` says about a case, on one line."""
    path = folder / "case.yaml"
    path.write_text(CASE + text, encoding="utf-8")
    result = CliRunner().invoke(main, ["invest", str(path)])
    return f"exit {result.exit_code}: " + " ".join(result.output.split())


@pytest.mark.parametrize(("text", "match"), CASES)
def test_a_case_is_refused(text: str, match: str, tmp_path: Path) -> None:
    said = invested(tmp_path, text)
    assert said.startswith("exit 2: ")
    assert re.search(match, said)
    assert "Way out: " in said
