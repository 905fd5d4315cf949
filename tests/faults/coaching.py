"""A small model of a user's own, for tests: coaching on sickness benefit, which costs less and gives more."""

from __future__ import annotations

from pathlib import Path

PARAMETERS = """discount_rate: {value: 0.035, unit: rate per year, kind: assumption}
h_return: {value: 0.04, unit: hazard per week, distribution: gamma, interval: [0.03, 0.05], kind: assumption}
h_death: {value: 0.0002, unit: hazard per week, kind: assumption}
hr_coaching: {value: 1.4, unit: ratio, distribution: lognormal, interval: [1.2, 1.6], kind: assumption}
benefit_week: {value: 4500, unit: DKK per week, price_year: 2024, kind: assumption}
coaching_cost: {value: 800, unit: DKK per individual, price_year: 2024, distribution: gamma, interval: [600, 1040],
                kind: assumption}
utility_sick: {value: 0.70, unit: utility, kind: assumption}
utility_work: {value: 0.80, unit: utility, kind: assumption}
"""
MODEL = """model: coaching
title: {en: Coaching, da: Coaching}
parameters: ./numbers.yaml
conventions: {cycle: week, cycles_per_year: 52, horizon: 1 year, within_cycle: none, discounting: whole_year,
              discount_rate_cost: discount_rate, discount_rate_effect: discount_rate, currency: DKK, price_year: 2024}
states:
  sick: {label: {en: Sick, da: Syg}}
  work: {label: {en: Work, da: Arbejde}}
  dead: {label: {en: Dead, da: Død}, alive: false}
population:
  start_state: {categories: {sick: 1}}
start: start_state
transitions:
  - {from: sick, to: work, hazard: h_return, leg: return}
  - {from: [sick, work], to: dead, hazard: h_death, lifelong: death}
strategies:
  usual_care: {label: {en: Usual care, da: Vanlig indsats}}
  coaching: {label: {en: Coaching, da: Coaching}}
strategy_effects:
  - {strategy: coaching, legs: [return], ratio: hr_coaching}
parties:
  municipality: {label: {en: Municipality, da: Kommune}}
  citizen: {label: {en: Citizen, da: Borger}}
  resources: {outside: true}
flows:
  - {item: benefit, from: municipality, to: citizen, states: [sick], amount: benefit_week}
  - {item: coaching, from: municipality, to: resources, per: start, amount: coaching_cost, strategies: [coaching],
     programme: true, real: coaching}
perspectives:
  municipality: {parties: [municipality], label: {en: Municipality, da: Kommune}}
effects:
  qaly: {unit: QALY, better: more, discount: true, factor: 1 / cycles_per_year,
         terms: [{states: [sick], amount: utility_sick}, {states: [work], amount: utility_work}]}
"""


def own(folder: Path, model: str = MODEL, parameters: str = PARAMETERS) -> str:
    """A model of a user's own, whose second strategy costs less and gives more; its path."""
    (folder / "numbers.yaml").write_text(f"parameters:\n{indented(parameters)}", encoding="utf-8")
    (folder / "coaching.yaml").write_text(model, encoding="utf-8")
    return str(folder / "coaching.yaml")


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
