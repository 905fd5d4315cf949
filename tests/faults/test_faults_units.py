"""Units against use: a number per year in a weekly model, money of another kind, a probability for a hazard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fault import fault

import costeff
from costeff.errors import CosteffError

MODEL = """
model: unit
title: Units
parameters: ./numbers.yaml
conventions: {{cycle: {cycle}, cycles_per_year: {per_year}, horizon: {horizon}, discount_rate_cost: rate,
              discount_rate_effect: rate, currency: {currency}, price_year: 2024}}
states: {{well: {{label: Well}}, ill: {{label: Ill}}, old: {{label: Old}}, dead: {{label: Dead, alive: false}}}}
population: {{start_state: {{categories: {{well: 1 - p_ill, ill: p_ill}}}}}}
start: start_state
clocks: {{age: {{initial: {age}}}}}
transitions:
  - {{from: well, to: ill, {onset}, leg: onset}}
  - {{from: ill, to: well, hazard: "{recovery}"}}
  - {{from: [well, ill, old], to: dead, hazard: 0.001, lifelong: death}}
deadlines:
  - {{from: [well, ill], to: old, clock: age, at: {pension}}}
strategies: {{usual: {{label: Usual}}, new: {{label: New}}}}
strategy_effects: [{{strategy: new, legs: [onset], ratio: {ratio}}}]
parties: {{payer: {{label: Payer}}, citizen: {{label: Citizen}}, resources: {{outside: true, label: Resources}}}}
flows:
  - {{item: benefit, from: payer, to: citizen, states: [ill], amount: "{benefit}", share: {share}}}
  - {{item: listing, from: payer, to: resources, per: event, transitions: [onset], amount: "{listing}", real: listing}}
  - {{item: start, from: payer, to: resources, per: start, amount: "{start}", strategies: [new], programme: true,
     real: start}}
perspectives: {{payer: {{label: Payer, parties: [payer]}}}}
effects:
  qaly:
    {{label: QALY, unit: QALY, better: more, discount: true{factor},
     terms: [{{states: [well, ill], amount: "{utility}"}},
     {{states: [old], amount: "{utility}"}}]}}
"""
FIELDS = {
    "cycle": "week",
    "per_year": "52",
    "horizon": "2 years",
    "currency": "DKK",
    "age": "floor(age * cycles_per_year)",
    "onset": "hazard: h",
    "recovery": "1 / spell",
    "pension": "floor(pension_age * cycles_per_year)",
    "ratio": "hr",
    "benefit": "benefit",
    "share": "share",
    "listing": "listing",
    "start": "programme",
    "utility": "utility",
    "factor": ", factor: 1 / cycles_per_year",
}
NUMBERS = {
    "rate": "{value: 0.03, unit: rate per year}",
    "h": "{value: 0.1, unit: hazard per week}",
    "p_ill": "{value: 0.5, unit: probability}",
    "age": "{value: 50, unit: years}",
    "spell": "{value: 20, unit: weeks}",
    "pension_age": "{value: 67, unit: years}",
    "hr": "{value: 0.8, unit: ratio}",
    "benefit": "{value: 4000, unit: DKK per week, price_year: 2024}",
    "share": "{value: 0.4, unit: share}",
    "listing": "{value: 900, unit: DKK per event, price_year: 2024}",
    "programme": "{value: 7000, unit: DKK per individual, price_year: 2024}",
    "utility": "{value: 0.7, unit: utility}",
}


def written(folder: Path, numbers: dict[str, str], **fields: str) -> Path:
    figures = {**NUMBERS, **numbers}
    lines = [f"  {name}: {text[:-1]}, kind: assumption}}" for name, text in figures.items()]
    (folder / "numbers.yaml").write_text("\n".join(["title: N", "parameters:", *lines, ""]), encoding="utf-8")
    file = folder / "unit.yaml"
    file.write_text(MODEL.format(**{**FIELDS, **fields}), encoding="utf-8")
    return file


def case(kind: str, given: str, match: str, numbers: dict[str, str] | None = None, **fields: str) -> object:
    marks = fault(kind=kind, given=given, right=f"refused: {match}")
    return pytest.param(numbers or {}, fields, match, id=given, marks=marks)


TIME, MONEY, SORT = ("time unit against the cycle", "money against its use", "hazard, probability, ratio or share")
PER_YEAR = {"h": "{value: 0.1, unit: hazard per year}"}
CHANCE = {"h": "{value: 0.1, unit: probability per year}"}
REFUSED = [
    case(TIME, "hazard per year used weekly", "is a rate, per year|is per year.*`h / cycles_per_year`", PER_YEAR),
    case(TIME, "rate per year used weekly", "`h / cycles_per_year`", {"h": "{value: 0.1, unit: rate per year}"}),
    case(TIME, "hazard per month used weekly", "`h .* 12 / 52`", {"h": "{value: 0.1, unit: hazard per month}"}),
    case(TIME, "hazard per day used weekly", "per day", {"h": "{value: 0.01, unit: hazard per day}"}),
    case(TIME, "hazard per year, halved, used weekly", "per year", PER_YEAR, onset="hazard: h * 0.5"),
    case(TIME, "hazard per year times cycles_per_year", "per year", PER_YEAR, onset="hazard: h * cycles_per_year"),
    case(TIME, "hazard per year times 52", "per year", PER_YEAR, onset="hazard: h * 52"),
    case(
        TIME,
        "hazard per year inside piecewise",
        "added",
        {"h2": "{value: 0.2, unit: hazard per year}"},
        onset='hazard: "piecewise(t, [13], [h, h2])"',
    ),
    case(TIME, "hazard per year inside constant", "per year", PER_YEAR, onset='hazard: "constant(t, h)"'),
    case(
        TIME,
        "hazards per week and per year added",
        "cannot be added",
        {"h2": "{value: 0.2, unit: hazard per year}"},
        onset="hazard: h + h2",
    ),
    case(
        TIME,
        "probability per year used monthly",
        r"rate_to_probability\(probability_to_rate\(h, cycles_per_year\)\)",
        {
            **CHANCE,
            "spell": "{value: 2, unit: months}",
            "benefit": "{value: 4000, unit: DKK per month, price_year: 2024}",
        },
        cycle="month",
        per_year="12",
        onset="probability: h",
        recovery="0 * spell",
        horizon="2 years",
    ),
    case(TIME, "a duration in years used weekly", "per year", {"spell": "{value: 0.4, unit: years}"}),
    case(
        TIME,
        "a Weibull scale in years on a weekly clock",
        "added",
        {"h": "{value: 3, unit: years}"},
        onset='hazard: "weibull(t, 1.2, h)"',
    ),
    case(TIME, "age in years on a clock of weeks", "is years.*cycles_per_year", age="floor(age)"),
    case(TIME, "pension age in years on a clock of weeks", "is years", pension="pension_age"),
    case(
        TIME,
        "money per year paid weekly",
        "is DKK per year.*benefit / cycles_per_year",
        {"benefit": "{value: 200000, unit: DKK per year, price_year: 2024}"},
    ),
    case(
        TIME,
        "money per month paid weekly",
        "is DKK per month",
        {"benefit": "{value: 18000, unit: DKK per month, price_year: 2024}"},
    ),
    case(
        TIME,
        "money per week paid yearly",
        "DKK per week",
        {"h": "{value: 0.1, unit: hazard per year}", "spell": "{value: 2, unit: years}"},
        cycle="year",
        per_year="1",
        factor="",
    ),
    case(TIME, "QALYs in weeks", "is weeks.*factor: 1 / cycles_per_year", factor=""),
    case(
        MONEY,
        "euro in a model of kroner",
        "EUR.*exchange rate",
        {"benefit": "{value: 600, unit: EUR per week, price_year: 2024}"},
    ),
    case(
        MONEY,
        "dollars per event in a model of kroner",
        "is USD",
        {"listing": "{value: 600, unit: USD per event, price_year: 2024}"},
    ),
    case(
        MONEY,
        "money per event paid each week",
        "is DKK",
        {"benefit": "{value: 600, unit: DKK per event, price_year: 2024}"},
    ),
    case(
        MONEY,
        "money per week paid per event",
        "is DKK per week",
        {"listing": "{value: 600, unit: DKK per week, price_year: 2024}"},
    ),
    case(
        MONEY,
        "money per year paid at the start",
        "is DKK per year",
        {"programme": "{value: 600, unit: DKK per year, price_year: 2024}"},
    ),
    case(MONEY, "a share paid as money", "plain number", {"benefit": "{value: 0.5, unit: share}"}),
    case(MONEY, "money as a utility", "DKK", {"utility": "{value: 0.7, unit: DKK, price_year: 2024}"}),
    case(MONEY, "money as a share", "DKK", {"share": "{value: 0.4, unit: DKK, price_year: 2024}"}),
    case(
        MONEY,
        "kroner and euro added",
        "cannot be added",
        {"more": "{value: 9, unit: EUR per week, price_year: 2024}"},
        benefit="benefit + more",
    ),
    case(
        SORT,
        "a probability per week as a hazard",
        r"probability_to_rate\(h\)",
        {"h": "{value: 0.1, unit: probability per week}"},
    ),
    case(SORT, "a probability as a hazard", "probability_to_rate", {"h": "{value: 0.1, unit: probability}"}),
    case(SORT, "a hazard as a probability", r"rate_to_probability\(h\)", onset="probability: h", recovery="0 * spell"),
    case(SORT, "a utility as a hazard", "plain number", {"h": "{value: 0.1, unit: utility}"}),
    case(SORT, "a log ratio as a ratio", r"exp\(hr\)", {"hr": "{value: 0.2, unit: log ratio}"}),
    case(SORT, "weeks as a discount rate", "weeks", {"rate": "{value: 0.03, unit: weeks}"}),
    case(SORT, "a rate per week as a discount rate", "per week", {"rate": "{value: 0.03, unit: rate per week}"}),
    case(SORT, "a hazard as the chance of a category", "per week", {"p_ill": "{value: 0.5, unit: hazard per week}"}),
]


@pytest.mark.parametrize(("numbers", "fields", "match"), REFUSED)
def test_refused(numbers: dict[str, str], fields: dict[str, str], match: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError) as caught:
        costeff.load(written(tmp_path, numbers, **fields))
    message = str(caught.value)
    assert re.search(match, message, re.S)
    assert "Way out: " in message
    assert "unit.yaml, line" in message
    assert "numbers.yaml, line" in message


KNOWN = "a currency that is not known"


@pytest.mark.parametrize(
    "currency",
    [
        pytest.param(code, marks=fault(kind=KNOWN, given=f"a model in {code}", right="accepted"))
        for code in ("CAD", "ISK", "CHF", "PLN", "AUD")
    ],
)
def test_every_currency_is_known(currency: str, tmp_path: Path) -> None:
    money = {name: NUMBERS[name].replace("DKK", currency) for name in ("benefit", "listing", "programme")}
    study = costeff.load(written(tmp_path, money, currency=currency))
    assert study.model.conventions.currency == currency


CONVERTED = {
    "per year, by the name": ({"h": "{value: 0.1, unit: hazard per year}"}, {"onset": "hazard: h / cycles_per_year"}),
    "per year, by the number": ({"h": "{value: 0.1, unit: hazard per year}"}, {"onset": "hazard: h / 52"}),
    "per month": ({"h": "{value: 0.1, unit: hazard per month}"}, {"onset": "hazard: h * 12 / 52"}),
    "probability over a year": (CHANCE, {"onset": 'hazard: "probability_to_rate(h, cycles_per_year)"'}),
    "money per month": (
        {"benefit": "{value: 9000, unit: DKK per month, price_year: 2024}"},
        {"benefit": "benefit * 12 / 52"},
    ),
    "hours at a price": (
        {"benefit": "{value: 200, unit: DKK per hour, price_year: 2024}", "hours": "{value: 3, unit: hours per week}"},
        {"benefit": "benefit * hours"},
    ),
    "a course of weeks at the start": (
        {"programme": "{value: 200, unit: DKK per week, price_year: 2024}", "weeks": "{value: 3, unit: weeks}"},
        {"start": "programme * weeks"},
    ),
    "euro by hand": ({"benefit": "{value: 500, unit: EUR per week, price_year: 2024}"}, {"benefit": "benefit * 7.46"}),
    "QALYs by the number": ({}, {"factor": ", factor: 1 / 52"}),
    "an exponent": ({"h": "{value: -2, unit: number}"}, {"onset": 'hazard: "exp(h)"'}),
}


@pytest.mark.parametrize("given", CONVERTED)
def test_a_conversion_is_accepted(given: str, tmp_path: Path) -> None:
    numbers, fields = CONVERTED[given]
    assert costeff.load(written(tmp_path, numbers, **fields)).model.name == "unit"
