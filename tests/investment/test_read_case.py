"""Anchored in files that are wrong in one known way: each is refused with its line, value, rule and way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from costeff import invest
from costeff.bundled import available, data_dir
from costeff.errors import CosteffError, ScenarioError
from costeff.investment.case import Case
from costeff.investment.read import is_case, read_case, with_capacity
from costeff.model import read_scenario

GOOD = """\
case: mine
title: {en: Mine, da: Min}
scenario: tki2
rules: denmark
first_year: 2026
years: 4
price_year: 2026
inflow: {2026: 40, 2027: 60, later: 80}
ramp_up: [0.5, 0.75]
uptake: 0.8
fidelity: {2026: 0.5, later: 1}
programme:
  departments: {mso: programme_share_mso, msb: rest}
  per_consultant: consultant_year
  variable: 0
  replaces: {casework: 0.25}
  start_up: {2026: 250000}
capacity:
  consultants: {2026: 1, later: 2}
  caseload: 25
  course: 26
  patience: 26
  leaves: end_of_sickness_benefit
  turnover: 0.2
  vacancy: 13
areas:
  service: {label: {en: Service, da: Service}, items: [casework, programme_consultants, programme_start_up]}
  transfers: {label: {en: Transfers, da: Overførsler}, items: [sickness_benefit, sickness_benefit_refund]}
equalisation: 0.7
out_migration: 0.02
set: {relative_uptake: 1}
parameters:
  consultant_year: {value: 600000, unit: DKK per year, price_year: 2026, kind: assumption}
run: {draws: 4, individuals: 10, seed: 1}
"""


def case_of(folder: Path, text: str) -> Case:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return read_case(path)


def test_a_good_case(tmp_path: Path) -> None:
    case = case_of(tmp_path, GOOD)
    assert case.calendar == (2026, 2027, 2028, 2029)
    assert case.inflow[:5] == (5.0, 7.5, 10.0, 10.0, 15.0)
    assert case.inflow[8:] == (20.0,) * 8
    assert case.takers[0] == 4.0
    assert case.fidelity == (0.5, 1.0, 1.0, 1.0)
    assert (case.rules, case.regime) == ("denmark", "across")
    assert case.capacity is not None
    assert case.capacity.consultants == (1.0, 2.0, 2.0, 2.0)
    assert (case.capacity.course, case.capacity.patience) == (2, 2)
    assert case.capacity.places(1) == pytest.approx(2 * 25 * (1 - 0.2 * 13 / 52))
    assert is_case(tmp_path / "mine.yaml")
    assert not is_case("tki2")


def line_of(text: str, start: str) -> int:
    return next(i for i, row in enumerate(text.splitlines(), 1) if row.strip().startswith(start))


WRONG = [
    ("inflow: {2026: 40,", "inflow: {2026: -40,", "inflow", "`inflow` in 2026 is not a number of citizens", "-40"),
    ("{2026: 40, 2027: 60, later: 80}", "{2027: 40, 2026: 60, later: 80}", "inflow", "out of order", "2027, 2026"),
    ("{2026: 40, 2027: 60, later: 80}", "{2026: 40, 2028: 60, later: 80}", "inflow", "no figure for 2027", None),
    ("{2026: 40, 2027: 60, later: 80}", "{2026: 40, 2027: 60}", "inflow", "no figure for 2028", None),
    ("{2026: 40, 2027: 60, later: 80}", "{2026: 40, later: 60, 2027: 80}", "inflow", "out of order", None),
    ("{2026: 40, 2027: 60, later: 80}", "{2025: 40, later: 80}", "inflow", "outside the horizon", "2025"),
    ("{2026: 40, 2027: 60, later: 80}", "0", "inflow", "nobody comes", "0"),
    ("{2026: 40, 2027: 60, later: 80}", "{2026: [1, 2, 3], later: 80}", "inflow", "not a number of citizens", None),
    ("uptake: 0.8", "uptake: 80", "uptake", "a share from 0 to 1", "80"),
    ("ramp_up: [0.5, 0.75]", "ramp_up: [0.5, 1.5]", "ramp_up", "not a list of shares", None),
    ("{mso: programme_share_mso, msb: rest}", "{mso: 0.5, msb: 0.4}", "departments", "do not add up to 1", None),
    ("{mso: programme_share_mso, msb: rest}", "{mso: rest, msb: rest}", "departments", "take the rest", None),
    ("{2026: 250000}", "{2036: 250000}", "start_up", "outside the horizon", "2036"),
    ("caseload: 25", "caseload: 0", "caseload", "`caseload` is 0", "0"),
    ("course: 26", "course: 20", "course", "whole quarters", "20"),
    ("turnover: 0.2", "turnover: 20", "turnover", "not a share", "20"),
    ("items: [sickness_benefit, sick", "items: [casework, sick", "transfers", "booked twice", None),
    ("case: mine", "case: mine\ninflo: 3", "inflo", "unknown key 'inflo'", "3"),
    ("years: 4", "years: 400", "years", "too large", "400"),
    ("kind: assumption}", "kind: published}", "consultant_year", "no source", None),
    ("equalisation: 0.7", "basis: {uptake: {kind: published}}", "basis", "no source", None),
    ("equalisation: 0.7", "basis: {uptaek: {kind: assumption}}", "basis", "unknown figure", "uptaek"),
    ("rules: denmark", "rules: {set: denmark, regime: later}", "rules", "unknown `regime`", "later"),
    ("out_migration: 0.02", "out_migration: 2", "out_migration", "`out_migration` is not a share", "2"),
    ("out_migration: 0.02", "out_migration: 1", "out_migration", "all citizens move away each year", "1"),
    ("variable: 0", "variable: -5", "variable", "`variable` is negative", "-5"),
    ("case: mine", "case: mine\nmeant: [sttaff]", "meant", "`meant` names 'sttaff'", None),
    ("{relative_uptake: 1}", "{relative_uptake: high}", "set", "'relative_uptake' is not set to a number", "high"),
    ("vacancy: 13", "vacancy: 60", "vacancy", "`vacancy` is longer than a year", "60"),
    (
        "turnover: 0.2\n  vacancy: 13",
        "turnover: 2\n  vacancy: 40\nmeant: [turnover]",
        "turnover",
        "posts are vacant for more than the year",
        "2",
    ),
    (
        "{mso: programme_share_mso, msb: rest}",
        "{mso: -0.5, msb: 1.5}",
        "departments",
        "share of 'mso' is negative",
        None,
    ),
    ("{mso: programme_share_mso, msb: rest}", "{mso: 40, msb: 60}", "departments", "do not add up to 1", None),
    (
        "equalisation: 0.7",
        "labels: {consultant_yaer: {en: A year, da: Et år}}",
        "labels",
        "label of 'consultant_yaer', which is no parameter of the case",
        None,
    ),
]


@pytest.mark.parametrize(("good", "bad", "where", "what", "value"), WRONG, ids=lambda v: str(v)[:24])
def test_wrong_files_are_refused(tmp_path: Path, good: str, bad: str, where: str, what: str, value: str | None) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    with pytest.raises(CosteffError) as caught:
        case_of(tmp_path, text)
    _complete(str(caught.value), tmp_path, line_of(text, where), what, value)


WRONG_FOR_THE_MODEL = [
    ("msb: rest}", "mbs: rest}", "departments", "unknown department", "mbs", "did you mean 'mso'"),
    ("items: [casework,", "items: [casewrok,", "service", "unknown item", "casewrok", "did you mean 'casework'"),
    ("leaves: end_of_sickness_benefit", "leaves: well", "capacity", "not a first passage", "well", "name the passage"),
    (
        "per_consultant: consultant_year",
        "per_consultant: consultant_yaer",
        "per_consultant",
        "unknown name",
        None,
        "did you mean 'consultant_year'",
    ),
    (
        "equalisation: 0.7",
        "view: all_municipalities\ncoverage: {sickness_benfit: 1}",
        "coverage",
        "unknown benefit",
        "sickness_benfit",
        "did you mean",
    ),
    ("equalisation: 0.7", "coverage: {sickness_benefit: 1}", "coverage", "is not read", "marginal", "remove it"),
    (
        "equalisation: 0.7",
        "basis: {uptake: {kind: published, source: nobody}}",
        "basis",
        "unknown source",
        "nobody",
        "add it under",
    ),
    ("set: {relative_uptake: 1}", "set: {relative_uptaek: 1}", "set", "unknown parameter", None, "relative_uptake"),
    (
        "consultant_year: {value: 600000",
        "unread: {value: 1, unit: number, kind: assumption}\n  consultant_year: {value: 600000",
        "unread",
        "nothing reads",
        "unread",
        "remove it",
    ),
    ("uptake: 0.8", "uptake: 0", "uptake", "nobody takes the offer", "uptake 0", "correct `uptake` or `inflow`"),
    (
        "consultants: {2026: 1, later: 2}",
        "consultants: 0",
        "capacity",
        "nobody begins the programme: it has no places while citizens wait",
        "consultants 0",
        "write consultants in the years with inflow",
    ),
    (
        "{mso: programme_share_mso,",
        "{mso: {share: programme_share_mso, label: Staten},",
        "programme",
        "department 'mso' is called as 'state' is",
        "Staten",
        "choose another `label`",
    ),
    (
        "consultant_year: {value: 600000",
        "wage_month: {value: 1, unit: DKK, price_year: 2026, kind: assumption}\n  consultant_year: {value: 600000",
        "wage_month",
        "a parameter of the model stands under `parameters`",
        "wage_month",
        "put it under `set`",
    ),
    ("later: 80}", "later: 90000000}", "inflow", "`inflow` is beyond all sense", "9e+07 in 2028", "correct the figure"),
    (
        "caseload: 25",
        "caseload: 9000000",
        "capacity",
        "`capacity` is beyond all sense",
        "1.8e+07",
        "correct the figures",
    ),
    (
        "{2026: 250000}",
        "{2026: 2500000000000}",
        "start_up",
        "`start_up.2026` is beyond all sense",
        "2.5e+12",
        "correct the amount",
    ),
    (
        "rules: denmark",
        "view: all_municipalities",
        "view",
        "the all-municipalities view needs rules",
        "all_municipalities",
        "name `rules: denmark` in the case, or write `view: marginal`",
    ),
    (
        "  variable: 0\n",
        "",
        "programme",
        "the programme is paid twice: `per_consultant` stands beside the model's own cost per citizen",
        "per_consultant; the model's programme_mso, programme_msb",
        "write `variable: 0`",
    ),
    (
        "fidelity: {2026: 0.5, later: 1}",
        "fidelity: {2026: 0.5, later: 1.5}",
        "fidelity",
        "a fidelity above 1",
        "1.5",
        "`meant: [fidelity]`",
    ),
    (
        GOOD[GOOD.index("capacity:") : GOOD.index("areas:")],
        "",
        "programme",
        "no consultants to pay",
        "per_consultant",
        "add `capacity`",
    ),
]


@pytest.mark.parametrize(
    ("good", "bad", "where", "what", "value", "way_out"), WRONG_FOR_THE_MODEL, ids=lambda v: str(v)[:24]
)
def test_what_the_model_does_not_know_is_refused(
    tmp_path: Path, good: str, bad: str, where: str, what: str, value: str | None, way_out: str
) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    with pytest.raises(CosteffError) as caught:
        invest(case_of(tmp_path, text), progress=False)
    message = str(caught.value)
    _complete(message, tmp_path, line_of(text, where), what, value)
    assert way_out in message


def _complete(message: str, folder: Path, line: int, what: str, value: str | None) -> None:
    assert what in message
    assert f"{folder / 'mine.yaml'}, line {line}:" in message, message
    assert "Rule: " in message
    assert "Way out: " in message
    if value is not None:
        assert f"(value: {value}" in message


def test_a_model_of_three_strategies_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("scenario: tki2", "scenario: sick_sicker").replace("set: {relative_uptake: 1}\n", "")
    text = text.replace("price_year: 2026\ninflow", "price_year: 2020\ninflow").replace("rules: denmark\n", "")
    with pytest.raises(CosteffError) as caught:
        invest(case_of(tmp_path, text), progress=False)
    _complete(str(caught.value), tmp_path, 3, "the model has another number of strategies", "SoC, A, B, AB")


def test_a_case_is_no_scenario() -> None:
    assert "tki2-aarhus-investment" in available("cases")
    assert "tki2-aarhus-investment" not in available("scenarios")
    assert "tki2" in available("scenarios")
    with pytest.raises(ScenarioError, match="costeff invest"):
        read_scenario(data_dir("cases") / "tki2-aarhus-investment.yaml")


def test_all_mistakes_come_in_one_message(tmp_path: Path) -> None:
    text = (
        GOOD.replace("uptake: 0.8", "uptake: 8").replace("caseload: 25", "caseload: -1").replace("2026: 40", "2026: -4")
    )
    with pytest.raises(CosteffError, match="3 problems"):
        case_of(tmp_path, text)


def test_years_without_rates_are_refused_before_anything_runs(tmp_path: Path) -> None:
    text = GOOD.replace("2026: ", "2021: ").replace("2027", "2022").replace("first_year: 2026", "first_year: 2021")
    with pytest.raises(CosteffError) as caught:
        invest(case_of(tmp_path, text), progress=False)
    assert "holds nothing for 2021" in str(caught.value)
    assert "Way out: " in str(caught.value)


def test_shares_in_per_cent_are_told_how_to_be_written(tmp_path: Path) -> None:
    text = GOOD.replace("{mso: programme_share_mso, msb: rest}", "{mso: 40, msb: 60}")
    with pytest.raises(CosteffError, match=r"Way out: write 0\.4 for 40 %"):
        case_of(tmp_path, text)


def test_a_department_may_have_a_name_of_its_own(tmp_path: Path) -> None:
    """And only one department pays where the other's share is not told: the rest of nothing is all of it."""
    both = "{mso: {share: 0.25, label: {en: Health, da: Sundhed}}, msb: rest}"
    programme = case_of(tmp_path, GOOD.replace("{mso: programme_share_mso, msb: rest}", both)).programme
    assert {name: float(share.evaluate({})) for name, share in programme.shares.items()} == {"mso": 0.25, "msb": 0.75}
    assert {name: (label.en, label.da) for name, label in programme.labels.items()} == {"mso": ("Health", "Sundhed")}
    alone = GOOD.replace("{mso: programme_share_mso, msb: rest}", "{mso: {share: rest}}")
    programme = case_of(tmp_path, alone).programme
    assert float(programme.shares["mso"].evaluate({})) == 1
    assert programme.labels == {}


def test_a_run_may_leave_the_seed_out(tmp_path: Path) -> None:
    assert case_of(tmp_path, GOOD).run == {"draws": 4, "individuals": 10, "seed": 1}
    assert case_of(tmp_path, GOOD.replace(", seed: 1}", "}")).run == {"draws": 4, "individuals": 10}


def test_a_case_without_capacity_has_none_to_change(tmp_path: Path) -> None:
    text = GOOD.replace(GOOD[GOOD.index("capacity:") : GOOD.index("areas:")], "")
    with pytest.raises(ScenarioError) as told:
        with_capacity(case_of(tmp_path, text), 3)
    assert str(told.value).startswith(f"{tmp_path / 'mine.yaml'}, line 1: the case has no capacity to change")
    assert "Way out: add `capacity` to the case" in str(told.value)
