"""Inputs of the kinds of issue 13 that its files do not hold: numbers, units, values, doubles and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fault import fault

import costeff
from costeff.errors import CosteffError

MODEL = """\
model: coaching
title: {en: Coaching on sickness benefit, da: Coaching på sygedagpenge}
parameters: ./coaching_parameters.yaml

conventions: {cycle: week, cycles_per_year: 52, horizon: 2 years, within_cycle: none, discounting: whole_year,
              discount_rate_cost: discount_rate, discount_rate_effect: discount_rate, currency: DKK, price_year: 2024}

states:
  sick: {label: {en: Sickness benefit, da: Sygedagpenge}}
  work: {label: {en: Work, da: Arbejde}}
  dead: {label: {en: Dead, da: Død}, alive: false}

population:
  start_state: {categories: {sick: 1}}
start: start_state

transitions:
  - {from: sick, to: work, hazard: h_return, leg: return}
  - {from: work, to: sick, hazard: h_relapse, leg: relapse}
  - {from: [sick, work], to: dead, hazard: h_death, lifelong: death}

strategies:
  usual_care: {label: {en: Usual care, da: Vanlig indsats}}
  coaching: {label: {en: Coaching, da: Coaching}}
strategy_effects:
  - {strategy: coaching, legs: [return], ratio: hr_coaching}

parties:
  municipality: {label: {en: Municipality, da: Kommune}}
  state: {label: {en: State, da: Staten}}
  citizen: {label: {en: Citizen, da: Borger}}
  resources: {outside: true}

flows:
  - {item: sickness_benefit, from: municipality, to: citizen, states: [sick], amount: benefit_week}
  - {item: refund, from: state, to: municipality, of: sickness_benefit, share: refund}
  - {item: coaching, from: municipality, to: resources, per: start, amount: coaching_cost, strategies: [coaching],
     programme: true, real: coaching}

perspectives:
  municipality: {parties: [municipality], label: {en: Municipality, da: Kommune}}
  society: {parties: all, label: {en: Society, da: Samfundet}}

passages:
  return_to_work: {states: [work], stay: 4, label: {en: Returned to work, da: Tilbage i arbejde}}

effects:
  qaly: {unit: QALY, better: more, discount: true, factor: 1 / cycles_per_year,
         terms: [{states: [sick], amount: utility_sick}, {states: [work], amount: utility_work}]}
  weeks_sick: {unit: weeks, better: fewer, terms: [{states: [sick], amount: 1}]}
  returned_to_work: {unit: share, better: more, passage: return_to_work, within: 52}
"""
PARAMETERS = """\
title: Numbers of the coaching example, all made up
parameters:
  discount_rate: {value: 0.035, unit: rate per year, kind: assumption}
  h_return: {value: 0.04, unit: hazard per week, distribution: gamma, interval: [0.03, 0.05], kind: assumption}
  h_relapse: {value: 0.01, unit: hazard per week, kind: assumption}
  h_death: {value: 0.0002, unit: hazard per week, kind: assumption}
  hr_coaching: {value: 1.2, centre: median, unit: ratio, distribution: lognormal, interval: [0.9, 1.6],
                kind: assumption, note: made up; write here why you believe it}
  benefit_week: {value: 4700, unit: DKK per week, price_year: 2024, kind: assumption}
  coaching_cost: {value: 8000, unit: DKK per individual, price_year: 2024, distribution: gamma,
                  interval: [6000, 10400], kind: assumption}
  refund: {value: 0.4, unit: share, kind: assumption}
  utility_sick: {value: 0.70, unit: utility, distribution: beta, interval: [0.60, 0.79], kind: assumption}
  utility_work: {value: 0.80, unit: utility, distribution: beta, interval: [0.70, 0.88], kind: assumption}
"""
SCENARIO = "scenario: mine\ntitle: Mine\nmodel: ./coaching.yaml\n"

BENEFIT = "value: 4700, unit: DKK per week"
REFUND = "value: 0.4, unit: share"
HAZARD = "hazard: h_return"
AMOUNT = "amount: benefit_week"
WORK = "{states: [work], amount: utility_work}"
REFUNDS = "  - {item: refund, from: state"


def folder_with(folder: Path, model: str = MODEL, parameters: str = PARAMETERS, **more: str) -> Path:
    files = {"coaching.yaml": model, "coaching_parameters.yaml": parameters}
    for name, text in {**files, **{f"{key}.yaml": text for key, text in more.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "coaching.yaml"


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def cases(kind: str, *rows: tuple[Any, ...]) -> list[Any]:
    """Rows of (given, old, new, message) as parameters of a test with their mark."""
    return [
        pytest.param(old, new, message, marks=fault(kind, given, f"refused: {message}"), id=given)
        for given, old, new, message in rows
    ]


def refusal_of(path: Path) -> str:
    """The whole message with which a model is refused."""
    with pytest.raises(CosteffError) as caught:
        costeff.load(path)
    return str(caught.value)


NUMBERS = "A number that is none, and its way out"
IN_PARAMETERS = cases(
    NUMBERS,
    ("`40 %` for a share", REFUND, "value: 40 %, unit: share", "write 0.4 for 40 %"),
    ("`1%` for a share", REFUND, "value: 1%, unit: share", "write 0.01 for 1%"),
    ("`3,5 %` inside { }", REFUND, "value: 3,5 %, unit: share", "write 0.035 for 3,5 %"),
    ("`½` for a share", REFUND, "value: ½, unit: share", "write 0.5"),
    ("`1/8` for a share", REFUND, "value: 1/8, unit: share", "write 0.125"),
    ("`12 kr.` a week", BENEFIT, "value: 12 kr., unit: DKK per week", "write 12, without its unit"),
    ("`4700,-` a week", BENEFIT, "value: 4700,-, unit: DKK per week", "write 4700, without its unit"),
    ("`4.700,-` a week", BENEFIT, "value: 4.700,-, unit: DKK per week", "write 4.7 or 4700"),
    ("`4'700` a week", BENEFIT, "value: 4'700, unit: DKK per week", "write 4700"),
    ("`012` kroner", BENEFIT, "value: 012, unit: DKK per week", "begins with a zero"),
    ("price year `2.024`", "price_year: 2024, kind", "price_year: 2.024, kind", "write 2024"),
    ("price year `2024.0`", "price_year: 2024, kind", "price_year: 2024.0, kind", "write 2024"),
    ("`sd:` for a standard error", "interval: [0.9, 1.6]", "sd: 0.2", "did you mean 'se'"),
    ("`ci:` for an interval", "interval: [0.9, 1.6]", "ci: [0.9, 1.6]", "did you mean 'interval'"),
    (
        "interval `[0,9]` of a ratio",
        "interval: [0.9, 1.6]",
        "interval: [0,9]",
        "0,9 is one number with a decimal comma",
    ),
    ("interval in percent", "interval: [0.9, 1.6]", "interval: [90 %, 160 %]", "write 0.9 for 90 %"),
)


IN_PARAMETERS += cases(
    "A unit by another name",
    *(
        (f"`{unit}`", "unit: DKK per week", f"unit: {unit}", message)
        for unit, message in (
            ("kr per week", "did you mean 'DKK per week'"),
            ("kr. pr. uge", "did you mean 'DKK per week'"),
            ("TDKK per week", "multiply the value by 1000 and write 'DKK per week'"),
            ("1000 DKK per week", "multiply the value by 1000 and write 'DKK per week'"),
            ("mio. kr. per week", "multiply the value by 1000000 and write 'DKK per week'"),
            ("øre per week", "divide the value by 100 and write 'DKK per week'"),
            ("DKK per 4 weeks", "divide the value by 4 and write 'DKK per week'"),
            ("DKK per uge", "did you mean 'DKK per week'"),
            ("€ per week", "did you mean 'EUR per week'"),
        )
    ),
)


@pytest.mark.parametrize(("old", "new", "message"), IN_PARAMETERS)
def test_numbers_of_parameters(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = folder_with(tmp_path, parameters=changed(PARAMETERS, (old, new)))
    found = refusal_of(path)
    assert message in found
    assert "coaching_parameters.yaml, line " in found


IN_MODEL = cases(
    NUMBERS,
    ("horizon `2,5 years` inside { }", "horizon: 2 years", "horizon: 2,5 years", "write 2.5 years"),
    ("`within: 1 year`", "within: 52}", "within: 1 year}", "write how many cycles that is"),
    ("`wage * 1,5` inside { }", AMOUNT, "amount: benefit_week * 1,5", "write benefit_week * 1.5"),
    ("`x * 50%` in a formula", AMOUNT, "amount: benefit_week * 50%", "no percent sign: write 0.5 for 50%"),
    ("`x * ½` in a formula", AMOUNT, "amount: benefit_week * ½", "write 0.5"),
    ("`x × 2` in a formula", AMOUNT, "amount: benefit_week × 2", "write * for ×"),
    ("`x * 1_000` in a formula", AMOUNT, "amount: benefit_week * 1_000", "write 1000"),
    ("`x + 0x10` in a formula", AMOUNT, "amount: benefit_week + 0x10", "write 16"),
    ("discount rate `'0,035'`", "cost: discount_rate,", "cost: '0,035',", "write 0.035"),
    ("currency `kr.`", "currency: DKK", "currency: kr.", "did you mean 'DKK'"),
    ("chances that add to 1.0000001", "{sick: 1}", "{sick: 0.9999999, work: 0.0000002}", "1.0000001"),
)
UNITS = "A number that converts what needs no conversion"
VALUES = "A value that is hardly meant"
TWICE = "Lines written twice under another name"
MISSING = "What is missing or points the wrong way"
BANDS = "bands: {b: {clock: time, edges: [53]}}\n\nparties:"
IN_MODEL += cases(
    UNITS,
    ("hazard per week / 52", HAZARD, "hazard: h_return / 52", "a number that converts"),
    ("hazard per week * 52", HAZARD, "hazard: h_return * 52", "a number that converts"),
    ("hazard per week * 7", HAZARD, "hazard: h_return * 7", "a number that converts"),
    ("DKK per week / 52", AMOUNT, "amount: benefit_week / 52", "a number that converts"),
    ("DKK per week * 37", AMOUNT, "amount: benefit_week * 37", "a number that converts"),
    ("discount rate / 52", "cost: discount_rate,", "cost: discount_rate / 52,", "a number that converts"),
    ("QALYs in days", "factor: 1 / cycles_per_year", "factor: 1 / cycles_per_year * 365", "a number that converts"),
    ("QALYs in months", "factor: 1 / cycles_per_year", "factor: 12 / cycles_per_year", "a number that converts"),
    ("weeks * 7, called weeks", "{unit: weeks,", "{unit: weeks, factor: 7,", "a number that converts"),
    ("years in Danish without a factor", "{unit: weeks,", "{unit: leveår,", "counted in years"),
)
IN_MODEL += cases(
    VALUES,
    ("share of a flow 40", "share: refund", "share: refund * 100", "a share of flow 'refund' is above 1"),
    ("share of a flow 1.4", "share: refund", "share: 1 + refund", "a share of flow 'refund' is above 1"),
    (
        "two refunds of 40 and 70 %",
        REFUNDS,
        "  - {item: second, from: state, to: municipality, of: sickness_benefit, share: 0.7}\n" + REFUNDS,
        "gets back more of 'sickness_benefit' than it pays",
    ),
    (
        "ratio of 24 by a formula",
        "ratio: hr_coaching",
        "ratio: hr_coaching * 20",
        "a ratio of strategy 'coaching' is hardly",
    ),
    (
        "hazard of 5 a week by a formula",
        "hazard: h_relapse",
        "hazard: h_relapse * 500",
        "the hazard of 'work -> sick' is hardly",
    ),
    ("utility of 80", "amount: utility_work", "amount: utility_work * 100", "a year in 'work' is worth 80 QALY"),
    ("utility of 1.5 by a sum", "amount: utility_work", "amount: utility_work + utility_sick", "is worth 1.5 QALY"),
    ("utility of -8", "amount: utility_work", "amount: utility_work * -10", "is worth -8 QALY"),
    (
        "factor of a perspective 128",
        "society: {parties: all,",
        "society: {parties: all, factor: 128,",
        "the factor of perspective",
    ),
)
IN_MODEL += cases(
    TWICE,
    (
        "a flow copied and renamed",
        REFUNDS,
        "  - {item: benefits, from: municipality, to: citizen, states: [sick], amount: benefit_week}\n" + REFUNDS,
        "is flow 'sickness_benefit' under another name",
    ),
    (
        "a programme's cost copied and renamed",
        "\nperspectives:",
        "  - {item: second, from: municipality, to: resources, per: start, amount: coaching_cost,\n"
        "     strategies: [coaching], programme: true, real: second}\n\nperspectives:",
        "is flow 'coaching' under another name",
    ),
    (
        "an exit copied and named",
        "  - {from: work, to: sick",
        "  - {from: sick, to: work, hazard: h_return, leg: return, name: again}\n  - {from: work, to: sick",
        "two exits that are the same but for their names",
    ),
    (
        "two deadlines on one clock",
        "\nstrategies:",
        "\ndeadlines:\n  - {from: sick, to: work, clock: time_in_state, at: 52}\n"
        "  - {from: sick, to: work, clock: time_in_state, at: 26}\n\nstrategies:",
        "by a second deadline on 'time_in_state'",
    ),
)
IN_MODEL += cases(
    MISSING,
    ("fewer QALYs better", "unit: QALY, better: more", "unit: QALY, better: fewer", "calls fewer QALYs better"),
    (
        "a discount rate of effects that discounts nothing",
        "better: more, discount: true",
        "better: more",
        "is not discounted",
    ),
    (
        "a perspective that never pays",
        "  society:",
        "  regional: {parties: [region], label: Region}\n  society:",
        "has no flow",
    ),
)


@pytest.mark.parametrize(("old", "new", "message"), IN_MODEL)
def test_models(old: str, new: str, message: str, tmp_path: Path) -> None:
    model = changed(MODEL, (old, new))
    if "[region]" in new:
        model = changed(model, ("  resources: {outside", "  region: {label: Region}\n  resources: {outside"))
    found = refusal_of(folder_with(tmp_path, model))
    assert message in found
    assert "coaching.yaml, line " in found


@fault(VALUES, "shares of 80 and 40 by band", "refused: above 1")
def test_shares_by_band(tmp_path: Path) -> None:
    model = changed(
        MODEL,
        ("parties:", BANDS),
        ("amount: benefit_week}", "amount: benefit_week, share: {band: b, values: [80, 40]}}"),
    )
    assert "a share of flow 'sickness_benefit' is above 1" in refusal_of(folder_with(tmp_path, model))


@fault(UNITS, "a value of a QALY as the cost of a programme", "refused")
def test_value_of_a_qaly(tmp_path: Path) -> None:
    parameters = changed(PARAMETERS, ("unit: DKK per individual", "unit: DKK per QALY"))
    assert "reads a value of a QALY" in refusal_of(folder_with(tmp_path, parameters=parameters))


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(
            "age,value\n40,150\n50,320\n", marks=fault(VALUES, "deaths per 1,000 in a table of rates", "refused")
        ),
        pytest.param(
            "age;value\n40;1.000\n50;99,5\n", marks=fault(VALUES, "rates of 1,000 a year in a table", "refused")
        ),
    ],
)
def test_rates_of_a_table(table: str, tmp_path: Path) -> None:
    model = changed(
        MODEL, ("hazard: h_death", 'hazard: "lookup(life, 47 + t / cycles_per_year, value) / cycles_per_year"')
    )
    tables = "tables:\n  life: {file: life.csv, unit: rate per year, kind: assumption}\n"
    parameters = (
        changed(PARAMETERS, ("  h_death: {value: 0.0002, unit: hazard per week, kind: assumption}\n", "")) + tables
    )
    path = folder_with(tmp_path, model, parameters)
    (tmp_path / "life.csv").write_text(table)
    assert "per year is hardly meant as a hazard" in refusal_of(path)
    path = folder_with(tmp_path, model, parameters.replace("per year, kind", "per year, meant: true, kind"))
    assert costeff.load(path).model.name == "coaching"


MEANT = [
    ("share: refund", "share: 3 * refund", ("unit: share, kind", "unit: share, meant: true, kind")),
    ("amount: utility_work", "amount: 2 * utility_work", ("[0.70, 0.88], kind", "[0.70, 0.88], meant: true, kind")),
    ("ratio: hr_coaching", "ratio: 20 * hr_coaching", ("[0.9, 1.6],", "[0.9, 1.6], meant: true,")),
]


@pytest.mark.parametrize(("old", "new", "key"), MEANT)
@fault(VALUES, "a value with `meant: true`", "read")
def test_what_is_meant_is_read(old: str, new: str, key: tuple[str, str], tmp_path: Path) -> None:
    path = folder_with(tmp_path, changed(MODEL, (old, new)), changed(PARAMETERS, key))
    assert costeff.load(path).model.name == "coaching"


RIGHT = [
    (HAZARD, "hazard: h_year / 52", "h_year: {value: 2, unit: hazard per year, kind: assumption}"),
    (HAZARD, "hazard: h_month * 12 / 52", "h_month: {value: 0.2, unit: hazard per month, kind: assumption}"),
    (HAZARD, "hazard: h_return * factor", "factor: {value: 7, unit: number, kind: assumption}"),
    (HAZARD, "hazard: h_return * 2", ""),
    (AMOUNT, "amount: hour * 37", "hour: {value: 100, unit: DKK per hour, price_year: 2024, kind: assumption}"),
    (
        AMOUNT,
        "amount: a_year / 12 * 12 / 52",
        "a_year: {value: 9, unit: DKK per year, price_year: 2024, kind: assumption}",
    ),
    (AMOUNT, "amount: month / (52 / 12)", "month: {value: 9, unit: DKK per month, price_year: 2024, kind: assumption}"),
]


@pytest.mark.parametrize(("old", "new", "parameter"), RIGHT)
@fault(UNITS, "a conversion that is right", "read")
def test_right_conversions_are_read(old: str, new: str, parameter: str, tmp_path: Path) -> None:
    parameters = changed(PARAMETERS, ("  refund:", f"  {parameter}\n  refund:")) if parameter else PARAMETERS
    model = changed(MODEL, (old, new))
    for name in ("h_return", "benefit_week"):
        if name not in model:  # every parameter is read
            parameters = "".join(line for line in parameters.splitlines(True) if f"  {name}:" not in line)
    assert costeff.load(folder_with(tmp_path, model, parameters)).model.name == "coaching"


ASKED = "What is asked in a scenario"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param(asked, message, marks=fault(ASKED, f"`{asked}`", f"refused when it is read: {message}"), id=asked)
        for asked, message in (
            ("set: {refund: 50 %}", "write 0.5 for 50 %"),
            ("set: {refund: ½}", "write 0.5"),
            ("set: {benefit_week: 4700 kr.}", "write 4700, without its unit"),
            ("run: {draws: 1000000000000}", "`draws` is too large"),
            ("run: {individuals: 10000000000000000}", "`individuals` is too large"),
            ("options: {engine: markov}", "unknown `engine`"),
            ("options: {horizon: 0,5 years}", "write 0.5 years"),
            ("wtp: {effect: qaly, range: [0, 500000], at: 900000}", "lies outside its range"),
        )
    ],
)
def test_scenarios(asked: str, message: str, tmp_path: Path) -> None:
    folder_with(tmp_path, mine=f"{SCENARIO}{asked}\n")
    found = refusal_of(tmp_path / "mine.yaml")
    assert message in found
    assert "mine.yaml, line 4" in found


@fault(
    "Two readings of one number", "`4.700` DKK in a parameter file that declares nothing", "read as 4.7, with a warning"
)
def test_a_default_that_tells_warns(tmp_path: Path) -> None:
    path = folder_with(tmp_path, parameters=changed(PARAMETERS, (BENEFIT, "value: 4.700, unit: DKK per week")))
    with pytest.warns(UserWarning, match=r"4\.700 can be read as 4\.7 \(English\) or as 4700 \(Danish\)"):
        assert costeff.load(path).evidence.base()["benefit_week"] == 4.7
    declared = "numbers: en\n" + path.with_name("coaching_parameters.yaml").read_text(encoding="utf-8")
    path.with_name("coaching_parameters.yaml").write_text(declared, encoding="utf-8")
    assert costeff.load(path).evidence.base()["benefit_week"] == 4.7


UNSEEN = "A sheet that is read otherwise than seen"


def workbook_of(folder: Path, change: Any) -> Path:
    """A SØM table in a workbook, changed by `change` (sheet)."""
    import csv

    import openpyxl

    source = Path(costeff.__file__).parents[1] / "scenarios" / "soem" / "tki2012.csv"
    book = openpyxl.Workbook()
    sheet = book.active
    with source.open(encoding="utf-8", newline="") as opened:
        for row in csv.reader(opened):
            sheet.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in row])
    change(sheet)
    book.save(folder / "table.xlsx")
    return folder / "table.xlsx"


def hide_a_row(sheet: Any) -> None:
    sheet.row_dimensions[sheet.max_row].hidden = True


def hide_a_column(sheet: Any) -> None:
    sheet.column_dimensions["C"].hidden = True


def write_a_formula(sheet: Any) -> None:
    sheet.cell(sheet.max_row, 1).value = "=1000*1.5"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(change, message, marks=fault(UNSEEN, given, "refused"), id=given)
        for change, given, message in (
            (hide_a_row, "a hidden row", "is hidden and holds something"),
            (hide_a_column, "a hidden column", "is hidden and holds something"),
            (write_a_formula, "a formula that nothing worked out", "has no value"),
        )
    ],
)
def test_cells_that_nobody_sees(change: Any, message: str, tmp_path: Path) -> None:
    from costeff.investment.soem.read import read_soem

    with pytest.raises(CosteffError, match=message):
        read_soem(workbook_of(tmp_path, change))
    assert read_soem(workbook_of(tmp_path, lambda sheet: None)).costs


@fault(VALUES, "a weight that is below 0 for some people", "refused, with the individual")
def test_negative_weights(tmp_path: Path) -> None:
    model = changed(
        MODEL,
        ("population:\n", 'population:\n  wage: {value: "1 + z"}\n'),
        ("states: [sick], amount: benefit_week", "states: [sick], weight: wage, amount: benefit_week"),
    )
    study = costeff.load(folder_with(tmp_path, model))
    with pytest.raises(CosteffError, match="'wage' is negative for an individual, and weighs flow 'sickness_benefit'"):
        study.run(individuals=50, seed=1)
