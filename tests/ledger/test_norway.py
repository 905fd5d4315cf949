"""Anchored in sums by hand: what Norwegian households get under the dated rules, to the krone, and in identities.

Weeks are of 52 to a year: 1 May is week 17 of a year that begins on 1 January, 1 July is week 26.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from costeff import Result, load
from costeff.compile.environment import parameter_environment, population
from costeff.evidence import read_evidence
from costeff.ledger import Flows, cost, flows, parties_net
from costeff.model import Attribute, Deadline, Expression, Model, parameter_file, read_model
from costeff.model.country import with_country
from costeff.rules.dated import with_dated
from costeff.simulation.simulate import simulate

# As NAV's programs print them: G from 1 May of each year.
G = {2023: 118_620, 2024: 124_028, 2025: 130_160, 2026: 136_549}
CHILD_DAY = {2024: 36, 2025: 37, 2026: 38}


def household(start: str, stays: dict[str, int], wage: str, **categories: str) -> Model:
    """The shipped model with one kind of household that stays in each state for so many weeks, one after the other."""
    model = read_model("expert-at-work")

    def told(one: Attribute) -> Attribute:
        if one.name == "wage":
            return replace(one, value=Expression(wage))
        if one.name not in categories:
            return one
        chosen = {name: Expression(int(name == categories[one.name])) for name in one.categories or ()}
        return replace(one, categories=chosen)

    categories["start_state"] = start
    attributes = tuple(told(one) for one in model.attributes)
    if start not in model.attributes[-1].categories:
        last = replace(model.attributes[-1], categories={start: Expression(1)})
        attributes = (*attributes[:-1], last)
    states = [start, *stays]
    deadlines = tuple(
        Deadline(f"end of {a}", a, b, "time_in_state", Expression(weeks))
        for a, b, weeks in zip(states, list(stays), stays.values(), strict=False)
    )
    definitions = {k: v for k, v in model.definitions.items() if not k.startswith("ratio_")}
    return replace(
        model,
        attributes=attributes,
        definitions=definitions,
        transitions=(),
        deadlines=deadlines,
        strategy_effects=(),
        effects=(),
        passages=(),
    ).with_horizon(156)


def priced(model: Model, people: int = 1, **values: float) -> tuple[Flows, Mapping[str, Any]]:
    """The flows of one draw of a model, and the figures that they were priced at."""
    evidence = with_dated(model, with_country(read_evidence(parameter_file(model)), model))
    draws = {name: np.array([values.get(name, value)]) for name, value in evidence.base().items()}
    tables = dict(evidence.tables)
    run = simulate(model, draws, tables, individuals=people, seed=1)
    env = parameter_environment(model, draws, tables, 1)
    return flows(model, run.layout, env, run.quantities), env


def paid(model: Model, item: str, people: int = 1, **values: float) -> np.ndarray:
    """What an item came to in each year of the first strategy, undiscounted, in kroner of its own year; (3,)."""
    money, _ = priced(model, people, **values)
    lines = [i for i, line in enumerate(money.lines) if line.item == item]
    return np.asarray(sum(money.amount[0, 0, i, :, 0] for i in lines))


def by_weeks(*parts: tuple[int, float]) -> float:
    """The sum of (weeks, a year's amount)."""
    return sum(weeks * amount / 52 for weeks, amount in parts)


@pytest.mark.parametrize("wage", [500_000, 6 * 118_620, 900_000])  # below 6 G, at 6 G of 2023, above
@pytest.mark.parametrize(("family", "children"), [("no_children", 0), ("two_children", 2)])
def test_sick_pay_then_aap_then_disability_benefit(wage: int, family: str, children: int) -> None:
    """2024 on sick pay, 2025 on AAP, 2026 on disability benefit: across three 1 Mays and the reform of January 2026."""
    model = household("sick_full", {"aap": 52, "disability": 52}, str(wage), family=family, household="couple")
    sick = by_weeks((17, min(wage, 6 * G[2023])), (35, min(wage, 6 * G[2024])))
    assert paid(model, "sick_pay") == pytest.approx([sick, 0, 0], abs=0.5)
    child = children * CHILD_DAY[2025] * 260
    aap = [max(0.66 * min(wage, 6 * g), 2.041 * g) + child for g in (G[2024], G[2025])]
    assert paid(model, "aap", aap_hours=0.0) == pytest.approx([0, by_weeks((17, aap[0]), (35, aap[1])), 0], abs=0.5)
    benefit = [max(0.66 * min(max(wage, 3.5 * g), 6 * g), 2.329 * g) for g in (G[2025], G[2026])]
    full = by_weeks((17, benefit[0]), (35, benefit[1]))
    found = paid(model, "disability_benefit", disability_degree=1.0, disability_hours=0.0)
    assert found == pytest.approx([0, 0, full], abs=0.5)


def test_minimum_of_aap_rises_on_1_july_2024() -> None:
    """A wage of 200,000: 66 % of it is below the minimum of 2 G, which becomes 2.041 G in week 26."""
    model = household("aap", {}, "200000", family="one_child")
    year = by_weeks((17, 2 * G[2023]), (9, 2 * G[2024]), (26, 2.041 * G[2024])) + CHILD_DAY[2024] * 260
    assert paid(model, "aap", aap_hours=0.0)[0] == pytest.approx(year, abs=0.5)
    assert paid(model, "aap", aap_hours=0.25)[0] == pytest.approx(0.75 * year, abs=0.5)


def test_income_reform_of_disability_benefit() -> None:
    """A single person of 300,000 who earns a fifth of it: 60,000 is above 0.4 G in 2025 and below 1 G from 2026."""
    model = household("disability", {}, "300000", household="single")
    found = paid(model, "disability_benefit", disability_degree=1.0, disability_hours=0.2)
    parts = []
    for g in (G[2024], G[2025]):
        least = max(0.66 * min(max(300_000, 3.5 * g), 6 * g), 2.529 * g)
        parts.append(least - 0.66 * (60_000 - 0.4 * g))
    assert found[1] == pytest.approx(by_weeks((17, parts[0]), (35, parts[1])), abs=0.5)
    after = [max(0.66 * 3.5 * g, 2.529 * g) for g in (G[2025], G[2026])]
    assert found[2] == pytest.approx(by_weeks((17, after[0]), (35, after[1])), abs=0.5)


def test_graded_sick_pay_and_wage_above_the_ceiling() -> None:
    """A wage of 900,000, half sick: half of 6 G from the state, and half of the rest where the employer pays it."""
    model = household("sick_graded", {}, "900000", agreement="wage_above")
    half = by_weeks((17, 3 * G[2023]), (35, 3 * G[2024]))
    assert paid(model, "sick_pay", graded_degree=0.5)[0] == pytest.approx(half, abs=0.5)
    assert paid(model, "wage_above_ceiling", graded_degree=0.5)[0] == pytest.approx(450_000 - half, abs=0.5)
    assert paid(model, "wage", graded_degree=0.5)[0] == pytest.approx(450_000, abs=0.5)


def test_expected_sick_pay_of_ten_thousand_people() -> None:
    """E[min(wage, 6 G)] across three 1 Mays against a loop over people and weeks."""
    people = 10_000
    model = household("sick_full", {}, "wage_year * exp(wage_log_sd * z - wage_log_sd ** 2 / 2)")
    evidence = with_dated(model, with_country(read_evidence(parameter_file(model)), model))
    draws = {name: np.array([value]) for name, value in evidence.base().items()}
    env = parameter_environment(model, draws, dict(evidence.tables), 1)
    wages = population(model, env, 1, np.zeros(1, np.uint64), 0, people)["wage"][0].tolist()
    yearly = [0.0, 0.0, 0.0]
    for week in range(156):
        year = 2024 + week // 52
        six_g = 6 * G[year if week % 52 >= 17 else year - 1]
        yearly[week // 52] += sum(min(wage, six_g) for wage in wages) / 52 / people
    assert sum(wage > 6 * G[2024] for wage in wages) > 1000  # the ceiling binds for many
    assert paid(model, "sick_pay", people) == pytest.approx(yearly, abs=0.01)


# -- identities, on random households ----

STATES = ("sick_full", "sick_graded", "aap", "disability", "unemployed", "assistance", "work")
COURSES = st.permutations(STATES).flatmap(
    lambda order: st.tuples(
        st.just(order[0]),
        st.lists(st.integers(1, 80), min_size=1, max_size=3).map(
            lambda weeks: dict(zip(order[1:], weeks, strict=False))
        ),
    )
)
KINDS = st.fixed_dictionaries(
    {
        "family": st.sampled_from(["no_children", "one_child", "two_children"]),
        "household": st.sampled_from(["couple", "single"]),
        "agreement": st.sampled_from(["wage_above", "wage_to_ceiling"]),
        "zone": st.sampled_from(["zone_I", "zone_II", "zone_III", "zone_IVa"]),
    }
)
SHARES = st.fixed_dictionaries(
    {
        "graded_degree": st.floats(0.2, 1),
        "aap_hours": st.floats(0, 0.6),
        "disability_degree": st.floats(0.5, 1),
        "disability_hours": st.floats(0, 0.5),
        "tax_financing_cost": st.floats(0, 0.5),
    }
)
PUBLIC = ("nav", "state_health", "hospital_trust", "treasury", "municipality")


@given(course=COURSES, wage=st.integers(0, 2_000_000), kind=KINDS, shares=SHARES)
@example(("sick_full", {"aap": 52, "disability": 52}), 0, {"family": "two_children"}, {"tax_financing_cost": 0.2})
@settings(max_examples=8, deadline=None)
def test_the_ledger_of_any_household_adds_up(
    course: tuple[str, dict[str, int]], wage: int, kind: dict[str, str], shares: dict[str, float]
) -> None:
    """Whatever a household earns and wherever it is: each payment is somebody's receipt, to the last bit."""
    start, stays = course
    model = household(start, stays, str(wage), **kind)
    money, env = priced(model, **shares)
    assert money.amount.any()
    for layer in range(money.amount.shape[-1]):
        net = parties_net(model, money, layer)
        at = {p.name: cost(p, money, env, layer) for p in model.perspectives}
        assert np.array_equal(sum(net.values()), at["society"])
        assert np.array_equal(sum(net[name] for name in PUBLIC), at["public"])
        assert np.array_equal(at["society_with_financing"], at["society"] + shares["tax_financing_cost"] * at["public"])
        # What society pays in all is what leaves it: payments between its parties cancel.
        names = set(net)
        left = sum(
            money.amount[:, :, i, :, layer] * ((line.payer in names) * 1.0 - (line.recipient in names) * 1.0)
            for i, line in enumerate(money.lines)
        )
        np.testing.assert_allclose(left, at["society"], rtol=1e-12, atol=1e-6)
    benefits = [line.item in ("sick_pay", "aap", "disability_benefit") for line in money.lines]
    assert (money.amount[:, :, benefits] >= 0).all()


@cache
def result() -> Result:
    return load("expert-at-work").psa(12, 60, seed=3)


@pytest.mark.parametrize("layer", [0, 1])
def test_the_public_is_its_parties_and_society_everybody(layer: int) -> None:
    run = result()
    net = parties_net(run.model, run.flows, layer)
    at = {p.name: cost(p, run.flows, run.environment, layer) for p in run.model.perspectives}
    public = ("nav", "state_health", "hospital_trust", "treasury", "municipality")
    assert np.array_equal(sum(net[name] for name in public), at["public"])
    assert np.array_equal(sum(net.values()), at["society"])
    rate = run.environment["tax_financing_cost"].reshape(-1, 1, 1)
    assert np.ptp(rate) > 0.01
    assert np.array_equal(at["society_with_financing"], at["society"] + rate * at["public"])


def test_health_care_holds_no_money_of_benefits() -> None:
    """The extended health-care view: without NAV and production; its transfers cancel, so resources are left."""
    run = result()
    view = run.model.find("perspectives", "health_care")
    assert "nav" not in view.parties
    real = {f.item for f in run.model.flows if f.recipient == "resources" and f.payer in view.parties}
    assert set(view.items) >= real
    assert not set(view.items) & {"sick_pay", "aap", "disability_benefit", "production", "expert_counsellor"}
