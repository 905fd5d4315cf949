"""What the audit found wrong in TKI2's logic against the law, each rule alone: all other ways out of a state closed."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pytest
from fault import fault

import costeff
from costeff.compile.calendar import reformed
from costeff.rules import load_rules
from costeff.simulation.simulate import simulate

WEEKS = 520
OTHER = {"p_heart": 0.0, "p_cancer": 0.0, "p_other": 1.0}  # nobody's illness is life-threatening
YOUNG = {"age_mean": 35.0, "age_sd": 1.0}  # nobody retires
NEW_FROM_WORK = {
    "p_from_unemployment": 0.0,
    "p_start_partial": 0.0,
    "spell_min": 1.0,
    "spell_max": 1.0,
    "spell_mean": 1.0,
}


@cache
def study():
    return costeff.load("tki2")


def lives(start: str = "", reform: str = "", closed: bool = True, **values: float) -> dict[str, np.ndarray]:
    """Share of people in each state by week under usual care, all starting in `start`; hazards are 0 unless named."""
    model = study().model.with_horizon(WEEKS)
    for step in load_rules(reform, model, study().evidence).reforms(dt.date(2028, 1, 1)) if reform else ():
        model = reformed(
            model, {leg: r for leg, r in step.legs.items() if isinstance(r, float)}, step.cycle, step.closed
        )
    if start:
        model = starting(model, start)
    base = study().evidence.base()
    still = {name: 0.0 for name in base if closed and name.startswith("h_")} | {"hr_death_other": 0.0}
    changes = base | still | OTHER | YOUNG | NEW_FROM_WORK | values
    draws = {name: np.array([value]) for name, value in changes.items()}
    done = simulate(model, draws, study().tables, individuals=300, seed=3, threads=1)
    names = model.state_names
    return {name: done.quantities.trace[0, i] / done.quantities.trace[0, :, 0].sum() for i, name in enumerate(names)}


def starting(model, state: str):
    """The model in which everybody begins in `state`."""
    from dataclasses import replace

    from costeff.model import Expression

    attributes = tuple(
        replace(a, categories={state: Expression(1)}) if a.name == model.start else a for a in model.attributes
    )
    return replace(model, attributes=attributes)


@fault("an exit that the law knows is missing", "sick from unemployment, straight into a job", "a way of its own")
def test_the_sick_from_unemployment_reach_work_and_can_be_helped():
    quick = lives("sick_unemployed", p_from_unemployment=1.0, h_sick_unemployed_work=0.05)
    assert quick["work"][52] == pytest.approx(1 - np.exp(-0.05 * 52), abs=0.1)
    assert quick["unemployed"].max() == 0
    model = study().model
    exit_ = next(t for t in model.transitions if t.source == "sick_unemployed" and t.target == "work")
    effect = next(e for e in model.strategy_effects if "full_to_work" in e.legs)
    assert exit_.leg in effect.legs, "hr_self_support acts on it"


@fault("one way for all", "two years of job clarification", "a further course or a resource course")
@pytest.mark.parametrize("further", [0.0, 0.4, 1.0])
def test_after_two_years_of_job_clarification(further):
    found = lives("job_clarification", p_further_course=further)
    assert found["job_clarification"][103] == 1
    assert found["job_clarification"][105] == pytest.approx(further, abs=0.08)
    assert found["resource_course"][105] == pytest.approx(1 - further, abs=0.08)


@fault("one way for all", "three years of resource course", "pension, flex job or social assistance by shares")
def test_after_three_years_of_resource_course():
    found = lives("resource_course", p_course_pension=0.5, p_course_flex=0.2, p_course_assistance=0.3)
    assert found["resource_course"][155] == 1
    assert found["resource_course"][157] == 0
    for state, share in (("disability_pension", 0.5), ("flex_job", 0.2), ("social_assistance", 0.3)):
        assert found[state][157] == pytest.approx(share, abs=0.08), state


@fault("no limit where the law has one", "sickness benefit under extension rules 2 and 3", "69 and 134 weeks more")
@pytest.mark.parametrize(("rule", "last"), [("p_extension_69", 91), ("p_extension_134", 156)])
def test_deadlines_of_extension_rules(rule, last):
    shares = dict.fromkeys(("p_extension_69", "p_extension_134", "p_extension_open"), 0.0) | {rule: 1.0}
    found = lives("sick_full", **shares)
    assert found["sick_full"][last - 2] == 1  # one week of benefit at the start
    assert found["sick_full"][last] == 0
    assert found["job_clarification"][last] == 1


def test_no_limit_for_the_life_threatened_or_until_decided():
    rules = {"p_extension_69": 1.0, "p_extension_134": 0.0, "p_extension_open": 0.0}
    threatened = {"p_other": 0.0, "p_cancer": 1.0, "p_life_threatening_cancer": 1.0, "hr_death_cancer": 0.0}
    assert lives("sick_full", **rules, **threatened)["sick_full"][WEEKS] == 1
    open_ = {"p_extension_69": 0.0, "p_extension_134": 0.0, "p_extension_open": 1.0}
    assert lives("sick_full", **open_)["sick_full"][WEEKS] == 1


@fault(
    "a sick flex-job worker is a sick employee", "an absence from a flex job", "ends in the flex job or in a pension"
)
def test_absence_from_a_flex_job_is_a_state_of_its_own():
    found = lives("flex_job", h_flex_job_sick_full=0.5, h_sick_flex_flex_job=0.1)
    assert found["sick_flex"].max() > 0.5
    assert found["sick_full"].max() == 0
    assert (found["sick_flex"] + found["flex_job"]).min() == 1
    after = lives("sick_flex", h_sick_full_disability_pension=1.0)
    assert after["disability_pension"][20] == 0  # not before 22 weeks of benefit
    assert after["disability_pension"][40] > 0.9


@fault("self-employed are employees", "a new absence of the self-employed", "benefit after two weeks, not four")
@pytest.mark.parametrize(("share", "weeks"), [(0.0, 4), (1.0, 2)])
def test_the_self_employed_wait_two_weeks(share, weeks):
    found = lives("sick_employer", p_self_employed=share)
    assert found["sick_employer"][weeks - 1] == 1
    assert found["sick_full"][weeks + 1] == 1


@fault("an invented time limit", "sickness benefit at the reduced rate from 2027", "goes on")
def test_nobody_is_sent_away_from_the_reduced_rate():
    found = lives("job_clarification", reform="denmark_new", p_further_course=0.0)
    assert found["job_clarification"][WEEKS] == 1
    assert found["social_assistance"].max() == 0


@fault("the pension age of 2024 for all", "those who are 67 from 2030 on", "68")
def test_pension_age_from_2030():
    exact = {"age_sd": 1e-9}
    early = lives("work", age_mean=62.0, **exact)  # 67 in 2029
    late = lives("work", age_mean=60.5, **exact)  # 67 in 2030
    assert early["retired"][5 * 52 - 1] == 0
    assert early["retired"][5 * 52 + 1] == 1
    assert late["retired"][7 * 52 + 20] == 0  # 67.9
    assert late["retired"][8 * 52] == 1  # 68.5
