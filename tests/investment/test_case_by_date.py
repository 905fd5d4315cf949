"""Anchored in entrants laid by hand: a case gives each quarter's entrants the amounts of their own dates."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from costeff import invest
from costeff.errors import CosteffError

RULES = """\
rules: by_date
known_to: 2030
held_to: {value: 2040, kind: assumption}
blocks:
  - {from: 2025-05-01, set: {base: {value: 5200, unit: DKK per year, price_year: 2026, kind: assumption}}}
  - {from: 2026-05-01, set: {base: {value: 10400, unit: DKK per year, price_year: 2026, kind: assumption}}}
  - {from: 2027-05-01, set: {base: {value: 15600, unit: DKK per year, price_year: 2026, kind: assumption}}}
"""
PARAMETERS = """\
parameters:
  wage: {value: 220, unit: DKK per week, price_year: 2026, kind: assumption}
  rate: {value: 0.03, unit: share, kind: assumption}
  relative_fidelity: {value: 1, unit: number, kind: assumption}
  hr: {value: 1, unit: ratio, kind: assumption}
  hazard: {value: 0, unit: hazard per week, kind: assumption}
"""
MODEL = """\
model: by_date
parameters: ./parameters.yaml
rules: ./rules.yaml
conventions: {cycle: week, horizon: 3 years, discount_rate_cost: rate, discount_rate_effect: rate, currency: DKK,
              price_year: 2026, entry_date: 2026-01-01}
states: {sick: {}, work: {}}
population:
  own_wage: {value: wage * (0.5 + u), unit: DKK per week}
  begin: {categories: {sick: 1}}
start: begin
transitions: [{from: sick, to: work, hazard: hazard, name: back}]
strategies: {usual_care: {}, programme: {}}
strategy_effects: [{strategy: programme, legs: [back], ratio: hr ** relative_fidelity}]
parties: {nav: {}, citizen: {}, resources: {outside: true}}
flows:
  - {item: benefit, from: nav, to: citizen, states: [sick], amount: base / cycles_per_year}
  - {item: limited, from: nav, to: citizen, states: [sick], amount: "min(own_wage, base / cycles_per_year)"}
perspectives: {nav: {parties: [nav]}, citizen: {parties: [citizen]}}
effects:
  weeks_sick: {unit: weeks, better: fewer, terms: [{states: [sick], amount: 1}]}
"""
CASE = """\
case: by_date
title: {en: By date, da: Efter dato}
scenario: ./model.yaml
first_year: 2026
years: 3
price_year: 2026
inflow: {2026: 40, later: 0}
programme: {departments: {nav: rest}, fixed: 1000}
run: {draws: 2, individuals: 40, seed: 1}
"""
STEPS = ((dt.date(2027, 5, 1), 300.0), (dt.date(2026, 5, 1), 200.0), (dt.date(2025, 5, 1), 100.0))  # a week
ENTRY = [dt.date(2026, 2, 15), dt.date(2026, 5, 15), dt.date(2026, 8, 15), dt.date(2026, 11, 15)]


def written(folder: Path, case: str = CASE, model: str = MODEL) -> Path:
    for name, text in (
        ("rules", RULES),
        ("other", RULES),
        ("parameters", PARAMETERS),
        ("model", model),
        ("case", case),
    ):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "case.yaml"


def weekly(entry: dt.date, week: int) -> float:
    """The benefit of a week since entry: months and days to each 1 May, 52 weeks to 12 months."""
    for date, amount in STEPS:
        months = 12 * (date.year - entry.year) + date.month - entry.month + (date.day - entry.day) * 12 / 365.25
        if week >= round(months * 52 / 12):
            return amount
    raise ValueError(entry)


def test_each_quarter_meets_the_dates_as_they_lie_ahead_of_it(tmp_path: Path) -> None:
    """Ten citizens a quarter in 2026, all sick throughout; half of each quarter of theirs falls in the next."""
    result = invest(written(tmp_path), progress=False)
    cash = result.cash
    by_year = [0.0, 0.0, 0.0]
    for quarter, entry in enumerate(ENTRY):
        for since in range(12):
            amount = sum(weekly(entry, week) for week in range(13 * since, 13 * since + 13))
            for now in (quarter + since, quarter + since + 1):
                if now < 12:
                    by_year[now // 4] += 10 * amount / 2
    at = {line.item: i for i, line in enumerate(cash.lines)}
    for money in (cash.usual, cash.programme):
        assert money[0, :, at["benefit"]] == pytest.approx(by_year, rel=1e-9)
        assert money[1, :, at["benefit"]] == pytest.approx(by_year, rel=1e-9)
    limited = cash.usual[..., at["limited"]]
    assert (limited < cash.usual[..., at["benefit"]]).all(), "some wages lie below the benefit"
    assert (limited > 0).all()
    assert len(set(result.priced.plan.cohorts)) == 4, "a simulation for each quarter whose dates lie otherwise"


def test_quarters_that_see_the_same_share_a_simulation(tmp_path: Path) -> None:
    """Nothing changes after 1 May 2027: entrants of 2028 and later meet the same amounts."""
    case = CASE.replace("first_year: 2026", "first_year: 2028").replace("{2026: 40, later: 0}", "{2028: 40, later: 4}")
    result = invest(written(tmp_path, case), progress=False)
    assert len(set(result.priced.plan.cohorts)) == 1


REFUSED = {
    "other rules": (CASE + "rules: ./other.yaml\n", MODEL, "names other rules than its model"),
    "a date before the rules": (
        CASE.replace("first_year: 2026", "first_year: 2025").replace("2026: 40", "2025: 40"),
        MODEL,
        "holds nothing for 2025-02",
    ),
    "a start of one's own": (
        CASE,
        MODEL.replace(
            "perspectives:",
            "  - {item: gift, from: nav, to: citizen, per: start, weight: own_wage, amount: weeks_paid}\nperspectives:",
        ),
        "paid at the start by each person's own amount",
    ),
}


@pytest.mark.parametrize(("case", "model", "piece"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tmp_path: Path, case: str, model: str, piece: str) -> None:
    file = written(tmp_path, case, model)
    if "weeks_paid" in model:
        with (tmp_path / "parameters.yaml").open("a", encoding="utf-8") as parameters:
            parameters.write("  weeks_paid: {value: 2, unit: weeks, kind: assumption}\n")
    with pytest.raises(CosteffError, match=piece):
        invest(file, progress=False)


def test_another_amount_by_date_needs_a_simulation(tmp_path: Path) -> None:
    result = invest(written(tmp_path), progress=False)
    with pytest.raises(CosteffError, match="'base_20260501' is read by the simulation"):
        result.reprice({"base_20260501": 1.0})
