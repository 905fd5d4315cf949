"""Anchored in geometric sums: one state left at a constant probability, counted and discounted by every convention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costeff import Result, load
from costeff.errors import CosteffError
from costeff.model import check_model, describe, read_model

TEXT = """\
model: geometric
title: Geometric
parameters: ./parameters.yaml
conventions:
  cycle: year
  cycles_per_year: 1
  horizon: 10 years
  within_cycle: none
  discounting: annual
  discount_rate_cost: rate_cost
  discount_rate_effect: 0
  currency: DKK
  price_year: 2024
states:
  ill: {}
  dead: {alive: false}
population:
  start_state: {categories: {ill: 1}}
start: start_state
transitions:
  - {from: ill, to: dead, probability: p, name: die}
strategies:
  usual_care: {}
  programme: {}
strategy_effects:
  - {strategy: programme, legs: [die], ratio: 0.5, scale: probability}
bands:
  years: {clock: time_in_state, edges: [1, 3]}
parties:
  region: {}
  resources: {outside: true}
flows:
  - {item: care, from: region, to: resources, states: [ill], amount: 1000000, real: care}
  - {item: dying, from: region, to: resources, per: event, transitions: [die], amount: 1, real: dying,
     only_in: [deaths]}
perspectives:
  region: {parties: [region]}
  deaths: {parties: [region], items: [dying]}
effects:
  qaly:
    {unit: QALY, better: more, terms: [{states: [ill], amount: 0.5}, {events: [die], amount: -0.25}]}
  by_year: {unit: years, better: more, terms: [{states: [ill], band: years, amount: t + 1}]}
  first_five: {unit: years, better: more, within: 5, terms: [{states: [ill], amount: 1}]}
"""
FIGURES = """\
title: Figures
parameters:
  p: {value: 0.2, unit: probability, kind: assumption}
  rate_cost: {value: 0.04, unit: rate per year, kind: assumption}
"""
STAY = 0.8 ** np.arange(11)  # in the state at 0 .. 10 years


def study_of(folder: Path, changes: Mapping[str, str], options: str = "") -> Path:
    text = TEXT
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "parameters.yaml").write_text(FIGURES, encoding="utf-8")
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    scenario = folder / "scenario.yaml"
    asked = f"options: {{engine: cohort{options}}}"
    scenario.write_text(f"scenario: s\ntitle: S\nmodel: ./model.yaml\n{asked}\n", encoding="utf-8")
    return scenario


def result(folder: Path, changes: Mapping[str, str] | None = None, options: str = "") -> Result:
    return load(study_of(folder, changes or {}, options)).run()


def care(found: Result) -> float:
    # In millions: each flow is rounded to 2**-24 of a krone.
    return float(found.perspective("region").cost[0, 0]) / 1_000_000


@pytest.mark.parametrize(
    ("rule", "weights"),
    [
        ("none", [1] * 10 + [0]),
        ("none_end", [0] + [1] * 10),
        ("half_cycle", [0.5] + [1] * 9 + [0.5]),
        ("both_ends", [1] * 11),
        ("simpson", np.array([1, 4, 2, 4, 2, 4, 2, 4, 2, 4, 1]) / 3),
        ("darth", np.array([1, 2, 4, 2, 4, 2, 4, 2, 4, 2, 1]) / 3),
    ],
)
def test_within_cycle(rule: str, weights: list[float], tmp_path: Path) -> None:
    """As an option of a scenario, so that one model serves every convention."""
    found = result(tmp_path, options=f", within_cycle: {rule}")
    assert care(found) == pytest.approx(np.array(weights) @ (STAY * 1.04 ** -np.arange(11.0)), rel=1e-9)
    assert found.summary()["conventions"]["within_cycle"] == rule


@pytest.mark.parametrize(("rule", "at"), [("annual", 0.0), ("mid_cycle", 0.5), ("whole_year", 0.0)])
def test_discounting(rule: str, at: float, tmp_path: Path) -> None:
    found = result(tmp_path, options=f", discounting: {rule}")
    assert care(found) == pytest.approx((STAY[:10] * 1.04 ** -(np.arange(10) + at)).sum(), rel=1e-9)


def test_nominal_steps(tmp_path: Path) -> None:
    months = {
        "cycle: year": "cycle: month",
        "cycles_per_year: 1": "cycles_per_year: 12",
        "within: 5": "within: 60",
        "{unit: years, better: more,": "{unit: years, better: more, factor: 1 / cycles_per_year,",
        "{unit: QALY, better: more,": "{unit: QALY, better: more, factor: 1 / cycles_per_year,",
    }
    found = result(tmp_path, months, ", discounting: nominal")
    k = np.arange(120)
    assert care(found) == pytest.approx((0.8**k * (1 + 0.04 / 12) ** -k).sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("at", "factor"), [("start", 1.0), ("middle", 1.04**-0.5), ("end", 1 / 1.04), ("end_weighted", 1 / 1.04)]
)
def test_events(at: str, factor: float, tmp_path: Path) -> None:
    found = result(tmp_path, options=f", events_at: {at}, within_cycle: half_cycle")
    deaths = 0.2 * STAY[:10] * 1.04 ** -np.arange(10.0)
    if at == "end_weighted":
        deaths[-1] /= 2
    assert found.perspective("deaths").cost[0, 0] == pytest.approx(factor * deaths.sum(), rel=1e-6)


def test_rates_by_bands_differ_for_cost_and_effect(tmp_path: Path) -> None:
    """Chained; `rate` stands for both, and a formula may name parameters."""
    bands = "  discount_bands: [{after: 3, cost: rate_cost / 2, effect: 0.01}, {after: 6, rate: 0}]\n  currency"
    changes = {"  currency": bands, "{unit: QALY, better: more,": "{unit: QALY, better: more, discount: true,"}
    found = result(tmp_path, changes)
    years = np.arange(10.0)
    cost = 1.04 ** -np.minimum(years, 3) * 1.02 ** -np.clip(years - 3, 0, 3)
    assert care(found) == pytest.approx(STAY[:10] @ cost, rel=1e-9)
    effect = 1.01 ** -np.clip(years - 3, 0, 3)
    expected = 0.5 * (STAY[:10] @ effect) - 0.25 * 0.2 * (STAY[:10] @ effect)
    assert found.effects.value[0, 0, 0] == pytest.approx(expected, rel=1e-12)
    assert "after 3 years: costs at rate_cost / 2, effects at 0.01" in describe(found.model)
    assert "after 6 years" in found.summary()["conventions"]["discount_bands"]


def test_terms_by_event_and_by_band(tmp_path: Path) -> None:
    """Half the probability under the programme; the amount of a band reads its first cycle."""
    found = result(tmp_path)
    for g, p in enumerate((0.2, 0.1)):
        stay = (1 - p) ** np.arange(10)
        qaly, by_year, five = found.effects.value[0, g]
        assert qaly == pytest.approx(0.5 * stay.sum() - 0.25 * p * stay.sum(), rel=1e-12)
        first_of_band = np.array([0, 1, 1, *[3] * 7])
        assert by_year == pytest.approx(stay @ (first_of_band + 1.0), rel=1e-12)
        assert five == pytest.approx(stay[:5].sum(), rel=1e-12)


def test_years_counted_at_their_ends(tmp_path: Path) -> None:
    """The state at the end of year 5 belongs to year 5."""
    found = result(tmp_path, options=", within_cycle: none_end")
    assert found.effects.value[0, 0, 2] == pytest.approx(STAY[1:6].sum(), rel=1e-12)


def test_the_microsimulation_counts_the_same_terms(tmp_path: Path) -> None:
    exact = result(tmp_path)
    drawn = load(study_of(tmp_path, {})).run(individuals=50_000, seed=5, engine="microsim")
    assert drawn.effects.value[0] == pytest.approx(exact.effects.value[0], rel=0.03)


BAD = {
    "bands that fall": (
        "  currency",
        "  discount_bands: [{after: 5, rate: 0}, {after: 5, rate: 0}]\n  currency",
        "`discount_bands` do not increase",
    ),
    "a rate beside cost": (
        "  currency",
        "  discount_bands: [{after: 5, rate: 0, cost: 0}]\n  currency",
        "`cost` beside `rate`",
    ),
    "a negative later rate": (
        "  currency",
        "  discount_bands: [{after: 5, rate: -0.1}]\n  currency",
        "discount rate after 5 years is out of range",
    ),
    "an unknown key of a band": (
        "  currency",
        "  discount_bands: [{after: 5, rates: 0}]\n  currency",
        "did you mean 'rate'?",
    ),
    "mid-cycle with events at the end": (
        "discounting: annual",
        "discounting: mid_cycle\n  events_at: end",
        "`events_at` beside `mid_cycle`",
    ),
    "an unknown place of events": (
        "discounting: annual",
        "discounting: annual\n  events_at: finish",
        "unknown `events_at`",
    ),
    "a term of both": (
        "{events: [die], amount: -0.25}",
        "{events: [die], states: [ill], amount: 1}",
        "both or neither",
    ),
    "a term of an unknown event": ("{events: [die],", "{events: [dye],", "did you mean 'die'?"),
    "an unknown band": ("band: years, amount", "band: year, amount", "did you mean 'years'?"),
    "t without a band": ("band: years, amount: t + 1", "amount: t + 1", "reads 't', which has no value there"),
}


@pytest.mark.parametrize(("old", "new", "piece"), BAD.values(), ids=BAD.keys())
def test_refused(old: str, new: str, piece: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError) as caught:
        load(study_of(tmp_path, {old: new}))
    assert piece in str(caught.value)
    assert "Way out: " in str(caught.value)
    assert "model.yaml, line" in str(caught.value)


def test_options_are_checked(tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match="unknown `within_cycle`"):
        load(study_of(tmp_path, {}, ", within_cycle: trapezoid"))
    model = read_model(study_of(tmp_path, {}).parent / "model.yaml")
    with pytest.raises(CosteffError, match="unknown `within_cycle`"):
        check_model(replace(model, conventions=replace(model.conventions, within_cycle="trapezoid")))
