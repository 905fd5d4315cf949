"""Anchored in closed forms: a country that the test invents, of which no code knows, and Norway's printed factors."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest

import costeff
from costeff import catalogue, load
from costeff.compile.discount import discount_factors
from costeff.errors import EvidenceError, ModelError
from costeff.model import read_model
from costeff.model.country import read_country
from costeff.reporting.numbers import write_money
from costeff.reporting.workbook.content_of_result import book_perspective
from costeff.rules import load_rules

PACKAGE = Path(costeff.__file__).parent

COUNTRY = """
country: utopia
title: {en: Utopia, da: Utopien}
price_index: {file: prices.csv, index: all_prices}
conventions:
  currency: ISK
  discounting: annual
  discount_rate_cost: discount_rate
  discount_rate_effect: discount_rate
  discount_bands: [{after: 2, rate: discount_rate_2}]
sources: {law: {title: Law of Utopia, seen: seen}}
parameters:
  discount_rate: {value: 0.1, unit: rate per year, kind: published, source: law}
  discount_rate_2: {value: 0.05, unit: rate per year, kind: published, source: law}
  tax_financing_cost: {value: 0.25, unit: share, kind: published, source: law}
  unused: {value: 3, unit: number, kind: published, source: law}
"""
MODEL = """
model: island
country: ./utopia.yaml
parameters: ./island.yaml
conventions: {cycle: year, horizon: 4 years, price_year: 2024, entry_date: 2024-01-01}
states: {sick: {}, dead: {alive: false}}
population: {health: {categories: {usual: 1}}, start_state: {categories: {sick: 1}}}
start: start_state
transitions: [{from: sick, to: dead, hazard: 0}]
strategies: {care: {}, more: {}}
parties: {state: {}, citizen: {}, resources: {outside: true}}
flows:
  - {item: benefit, from: state, to: citizen, states: [sick], amount: benefit}
  - {item: tax, from: citizen, to: state, of: benefit, share: tax_share}
  - item: care
    from: state
    to: resources
    states: [sick]
    amount: 100
    real: care
    strategies: [more]
    programme: true
  - {item: time, from: citizen, to: resources, states: [sick], amount: 10, real: time}
perspectives:
  society: {parties: all}
  public: {parties: [state]}
  society_with_financing: {parties: all, tax_financing: {parties: [state], rate: tax_financing_cost}}
effects: {years: {unit: years, better: more, discount: true, terms: [{states: [sick], amount: 1}]}}
"""
PARAMETERS = """
parameters:
  benefit: {value: 1000, unit: ISK per year, price_year: 2020, kind: assumption}
  tax_share: {value: 0.3, unit: share, kind: assumption}
"""
RULES = """
rules: utopia
title: {en: Rules of Utopia, da: Utopiens regler}
known_to: 2025
held_to: {value: 2030, kind: assumption, note: flat}
blocks:
  - from: 2024-01-01
    set: {benefit: {value: 2000, unit: ISK per year, price_year: 2024, kind: published, source: law}}
  - from: 2025-05-01
    set: {benefit: {value: 3000, unit: ISK per year, price_year: 2024, kind: published, source: law}}
"""
PRICES = "index,year,value,source,kind,note\nall_prices,2020,50,law,published,x\nall_prices,2024,100,law,published,x\n"


@pytest.fixture
def island(tmp_path: Path) -> Path:
    for name, text in (
        ("utopia.yaml", COUNTRY),
        ("island_model.yaml", MODEL),
        ("island.yaml", PARAMETERS),
        ("rules.yaml", RULES.replace("blocks:", "sources: {law: {title: Law of Utopia, seen: seen}}\nblocks:")),
        ("prices.csv", PRICES),
    ):
        (tmp_path / name).write_text(text)
    (tmp_path / "study.yaml").write_text("scenario: island\nmodel: ./island_model.yaml\n")
    return tmp_path


# -- a third country is YAML and words ----


def test_conventions_prices_and_discounting_come_from_the_country(island: Path) -> None:
    """A benefit of 1,000 at prices of 2020 is 2,000 in 2024; 10 % for two years, then 5 %, chained."""
    study = load(island / "study.yaml")
    assert study.model.conventions.currency == "ISK"
    result = study.psa(2, individuals=2, seed=1)
    factors = np.array([1, 1 / 1.1, 1 / 1.21, 1 / (1.21 * 1.05)])
    state = result.perspective("public").cost
    assert state[0] == pytest.approx(2000 * 0.7 * factors.sum() + np.array([0, 100 * factors.sum()]), abs=1e-6)
    assert "unused" not in study.evidence.parameters
    assert study.evidence.parameters["tax_financing_cost"].source == ("law",)


def test_tax_financing_is_its_share_of_the_public_total(island: Path) -> None:
    """The only item that depends on transfers: 0.25 of what the state pays net, to the last bit, in each draw."""
    result = load(island / "study.yaml").psa(3, individuals=2, seed=1)
    views = {name: result.perspective(name).cost for name in ("society", "public", "society_with_financing")}
    assert np.array_equal(views["society_with_financing"], views["society"] + 0.25 * views["public"])
    halves = {name: result.perspective(name).cost_half for name in views}
    assert np.array_equal(halves["society_with_financing"], halves["society"] + 0.25 * halves["public"])
    without = (island / "island.yaml").read_text().replace("value: 0.3", "value: 0.6")
    (island / "island.yaml").write_text(without)
    taxed = load(island / "study.yaml").psa(3, individuals=2, seed=1)
    assert np.array_equal(taxed.perspective("society").cost, views["society"])  # a transfer cancels ...
    assert (taxed.perspective("society_with_financing").cost < views["society_with_financing"]).all()  # ... but here


def test_rules_of_the_country_by_date(island: Path) -> None:
    study = load(island / "study.yaml")
    rules = load_rules(island / "rules.yaml", study.model, study.evidence)
    draws = {"benefit": np.ones(1)}
    paid = [rules.values(date, draws)["benefit"][0] for date in (dt.date(2025, 4, 30), dt.date(2025, 5, 1))]
    assert paid == [2000.0, 3000.0]


def test_words_of_the_country(island: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its language is one more file of words: here English with other marks of numbers."""
    words = {**catalogue.words_of("en"), "mark_group": "'", "mark_decimal": "."}
    lines = (f"{key!r}: '{text.replace(chr(39), 2 * chr(39))}'" for key, text in words.items())
    (island / "words").mkdir()
    (island / "words" / "ut.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv(catalogue.VARIABLE, str(island / "words"))
    assert "ut" in catalogue.languages()
    assert write_money(12345, "ut", currency="ISK").replace("\u00a0", " ") == "12'345 ISK"


def test_no_code_knows_the_country() -> None:
    """Neither the invented one nor Norway: names, currency and authority stand in YAML only."""
    named = re.compile(r"(?i)\b(utopia|norway|norwegian|norge|norsk|nok|nav)\b")
    doctest = re.compile(r"\s*(>>>|\.\.\.|@click|COUNTRY is|Examples: costeff|costeff severity)")
    lines = [
        f"{path.relative_to(PACKAGE)}, line {number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if named.search(line.replace("callback-nav", "").replace("html.Nav", ""))  # words of HTML
        and not doctest.match(line)
        and "_UNIT = " not in line
    ]
    assert lines == []


# -- shipped countries ----


def test_norwegian_discount_factors() -> None:
    """Chained: 4 % in years 0-39, 3 % in 40-74, 2 % from 75; the printed vector of the evidence."""
    country = read_country("norway")
    base = country.evidence.base()
    later = [(band["after"], base[band["rate"]]) for band in country.conventions["discount_bands"]]
    rule = country.conventions["discounting"]
    factors = discount_factors(rule, base[country.conventions["discount_rate_cost"]], 101, 1, later)
    assert factors[[1, 10, 40, 75, 100]].round(6).tolist() == [0.961538, 0.675564, 0.208289, 0.074022, 0.045119]


def test_financing_by_taxes_costs_nothing_in_denmark() -> None:
    assert read_country("denmark").evidence.base()["tax_financing_cost"] == 0
    assert read_country("norway").evidence.base()["tax_financing_cost"] == 0.2


# -- what is refused ----


def test_a_model_may_say_otherwise(island: Path) -> None:
    own = (
        (island / "island_model.yaml")
        .read_text()
        .replace("price_year: 2024,", "price_year: 2024, currency: ISK, discount_bands: [{after: 3, rate: 0.01}],")
    )
    (island / "island_model.yaml").write_text(own)
    assert [band.after for band in read_model(island / "island_model.yaml").conventions.discount_bands] == [3]


@pytest.mark.parametrize(
    ("file", "old", "new", "match"),
    [
        ("utopia.yaml", "discounting: annual", "horizon: 3 years", "unknown key 'horizon'"),
        (
            "utopia.yaml",
            "kind: published, source: law}\n  discount_rate_2",
            "kind: published}\n  discount_rate_2",
            "source",
        ),
        (
            "island_model.yaml",
            "country: ./utopia.yaml",
            "country: atlantis",
            "no shipped file of this name among the count",
        ),
        ("island_model.yaml", "parties: [state], rate", "parties: [king], rate", "king"),
        ("island_model.yaml", "rate: tax_financing_cost", "rate: 1.5", "rate of tax financing"),
        ("island.yaml", "parameters:", "sources: {law: {title: Another, seen: seen}}\nparameters:", "another title"),
    ],
)
def test_what_is_refused(island: Path, file: str, old: str, new: str, match: str) -> None:
    text = (island / file).read_text()
    assert old in text
    (island / file).write_text(text.replace(old, new))
    with pytest.raises((EvidenceError, ModelError, costeff.errors.ScenarioError), match=match):
        load(island / "study.yaml")


def test_a_rule_of_severity_that_is_out_of_order(tmp_path: Path) -> None:
    base = "country: a\nparameters: {v: {value: 1, unit: EUR per QALY, price_year: 2024, kind: assumption}}\n"
    (tmp_path / "t.csv").write_text("age,value\n0,0.5\n1,1\n")
    base += "tables: {t: {file: t.csv, unit: probability per year, kind: assumption}}\n"
    wrong = "severity: {life_table: t, norm: %s, value_of_qaly: v, kind: assumption, classes: [%s]}\n"
    for norm, classes, match in (
        ("t", "{least: 1, weight: 1}", "out of order"),
        ("t", "{least: 0, weight: 2}, {least: 4, weight: 1}", "out of order"),
        ("u", "{least: 0, weight: 1}", "unknown `norm`"),
    ):
        (tmp_path / "a.yaml").write_text(base + wrong % (norm, classes))
        with pytest.raises(EvidenceError, match=match):
            read_country(tmp_path / "a.yaml")


def test_the_workbook_weighs_each_flow_as_the_perspective_does(island: Path) -> None:
    """Signs in the workbook plus 0.25 of the public's: the base case comes out as the perspective's total."""
    result = load(island / "study.yaml").run(individuals=2, seed=1)
    view = book_perspective(result, result.model.find("perspectives", "society_with_financing"))
    weights = np.array([view.weight(i) for i in range(len(view.signs))])
    total = np.tensordot(weights, result.flows.amount[0, :, :, :, result.simulated.layer_cost].sum(axis=-1).T, axes=1)
    assert total == pytest.approx(result.perspective("society_with_financing").cost[0], rel=1e-12)
    assert str(view.rate.text if view.rate else "") == "tax_financing_cost"
