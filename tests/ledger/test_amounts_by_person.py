"""Anchored in loops by hand and in identities with `==`: amounts of 10,000 people across three 1 Mays, random amounts
between random parties, and what is refused by name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import E, label, model, start_in
from test_amounts import MODELS, told

from costeff.compile.environment import parameter_environment, population
from costeff.engine.events.microsim import BLOCK
from costeff.errors import CosteffError, EngineError, ModelError
from costeff.ledger import cost, flows, parties_net
from costeff.ledger.flows import Flows
from costeff.model import (
    Attribute,
    Deadline,
    Flow,
    Model,
    Party,
    Perspective,
    pricing_names,
    read_model,
    simulation_names,
)
from costeff.simulation.simulate import simulate

PARTIES = ("a_payer", "another", "citizen")
BASES = {2023: 118620.0, 2024: 124028.0, 2025: 130160.0, 2026: 136000.0}
DATED = {"base": tuple((dt.date(year, 5, 1), f"base_{year}") for year in BASES)}


def people_model(*amounts: str, horizon: int = 156, per: str = "cycle", dated: bool = True) -> Model:
    """Everybody stays where they are, and is paid `amounts` there, of a wage of their own."""
    plain = model(
        deadlines=(Deadline("end", "a", "b", "time_in_state", E(10_000)),),
        attributes=(
            Attribute("wage", value=E("floor(exp(9.2 + 0.4 * z))"), unit="DKK per week"),
            Attribute("children", categories={"none": E(0.4), "some": E("rest")}),
            start_in("a"),
        ),
        horizon=horizon,
    )
    week = replace(plain.conventions, cycle="week", cycles_per_year=52, entry_date="2023-11-06")
    lines = tuple(
        Flow(f"item_{i}", PARTIES[i % 2], "citizen", label("x"), per, {"a" if per == "cycle" else "": E(text)})
        for i, text in enumerate(amounts)
    )
    return replace(
        plain,
        conventions=week,
        parties=tuple(Party(name, label(name)) for name in PARTIES),
        flows=lines,
        perspectives=(Perspective("all", label("all"), PARTIES),),
        dated=DATED if dated else {},
    )


def priced(chosen: Model, individuals: int, draws: dict[str, np.ndarray], engine: str = "microsim") -> Flows:
    run = simulate(chosen, draws, {}, individuals=individuals, seed=7, engine=engine)
    size = len(next(iter(draws.values())))
    return flows(chosen, run.layout, parameter_environment(chosen, draws, {}, size), run.quantities)


def test_ten_thousand_people_across_three_first_mays() -> None:
    """E[min(wage, 6 base amounts)], year by year, against a loop over people and weeks."""
    people, chosen = 10_000, people_model("min(wage, 6 * base / cycles_per_year)")
    draws = {f"base_{year}": np.array([value]) for year, value in BASES.items()}
    found = priced(chosen, people, draws).amount[0, 0, 0, :, 0]
    env = parameter_environment(chosen, draws, {}, 1)
    wages = population(chosen, env, 7, np.zeros(1, np.uint64), 0, people)["wage"][0].tolist()
    first_may = [round((12 * (year - 2023) + 5 - 11 + (1 - 6) * 12 / 365.25) * 52 / 12) for year in (2024, 2025, 2026)]
    assert first_may == [25, 77, 129], "weeks from 6 November 2023 to each 1 May"
    total = [0.0, 0.0, 0.0]
    for week in range(156):
        base = BASES[2023 + sum(week >= start for start in first_may)]
        limit = 6 * base / 52
        total[week // 52] += sum(wage if wage < limit else limit for wage in wages)
    assert sum(wage > 6 * 130160 / 52 for wage in wages) > 500, "some earn more than the limit"
    assert found == pytest.approx([x / people for x in total], rel=1e-9)
    assert people > BLOCK, "more than one unit of work"


def test_a_model_of_days_counts_days() -> None:
    chosen = people_model("base", horizon=365)
    days = replace(chosen.conventions, cycle="day", cycles_per_year=365, entry_date="2024-01-01")
    draws = {f"base_{year}": np.array([value]) for year, value in BASES.items()}
    found = priced(replace(chosen, conventions=days), 10, draws).amount[0, 0, 0, :, 0]
    assert found.tolist() == [121 * BASES[2023] + (365 - 121) * BASES[2024]], "1 May is day 121 of a leap year, from 0"


AMOUNT = st.sampled_from(
    (
        "min(wage, 6 * base / 52)",
        "max(0.66 * min(wage, 6 * base / 52), 2 * base / 52) + where(children == some, x, 0)",
        "wage * (1 + 0.1 * x) ** year",
        "where(wage > 12000, wage - 12000, 0)",
        "x * base",
        "where(year < 1, 1 / 3, wage / 7)",
        "x",
        "1e7 / 3",
    )
)


@settings(max_examples=12)
@given(st.lists(AMOUNT, min_size=2, max_size=6), st.sampled_from(["cycle", "start"]), st.floats(0, 3), st.data())
def test_what_one_pays_another_receives(amounts: list[str], per: str, x: float, data: st.DataObject) -> None:
    """Random amounts between random parties: with `==`, in every year, layer and half."""
    chosen = people_model(*amounts, horizon=104, per=per)
    pairs = [data.draw(st.permutations(PARTIES))[:2] for _ in amounts]
    moved = [replace(f, payer=a, recipient=b) for f, (a, b) in zip(chosen.flows, pairs, strict=True)]
    back = Flow("back", moved[0].recipient, moved[0].payer, label("back"), per, of=moved[0].item)
    read = {name: np.array([x, x + 1]) for name in ("x",)} | {
        f"base_{year}": np.array([value, value * 1.1]) for year, value in BASES.items()
    }
    chosen = replace(chosen, flows=(*moved, back))
    priced_flows = priced(chosen, 41, read)
    for layer in range(priced_flows.amount.shape[-1]):
        net = parties_net(chosen, priced_flows, layer)
        assert np.array_equal(sum(net.values()), np.zeros_like(net["citizen"]))
        some = Perspective("some", label("some"), PARTIES[:2])
        assert np.array_equal(cost(some, priced_flows, {}, layer), net[PARTIES[0]] + net[PARTIES[1]])
        halves = parties_net(chosen, priced_flows, layer, half=True)
        assert np.array_equal(sum(halves.values()), np.zeros_like(halves["citizen"]))
    assert np.array_equal(priced_flows.amount[:, :, 0], priced_flows.amount[:, :, -1]), "all of it comes back"


REFUSED = {
    "a hazard by date": ("hazard: h_back", 'hazard: "h_back * where(base_amount > 1, 1, 2)"', "reads 'base_amount'"),
    "a definition by date in a share": ("share: 0.1}", "share: index}", "'index' is a definition that changes"),
    "a year in a hazard": ("hazard: h_relapse", "hazard: h_relapse * year", "reads 'year', which has no value there"),
    "a value by date in a deadline": ("at: 20", "at: base_amount", "reads 'base_amount', which has no value there"),
    "no date of entry": (", entry_date: 2024-01-01", "", "`entry_date` is missing"),
    "entry before the rules": ("entry_date: 2024-01-01", "entry_date: 2022-01-01", "has no value on the date of entry"),
    "a half cycle": ("cycle: week,", "cycle: week, within_cycle: half_cycle,", "changes with date or year under"),
    "a weight beside it": ("amount: weeks_paid}", "amount: weeks_paid * index}", "a weight beside an amount"),
    "t beside a person": ("amount: 1 + t / 2080", "amount: age + t", "a weight beside an amount"),
    "bands at the start": ("share: 0.5}", "share: {band: ages, values: [1, 1]}}", "bands on the start"),
    "an attribute in a share": ("share: 0.1}", "share: wage}", "reads 'wage', which has no value there"),
    "a negative amount": (
        "amount: wage * index}\n  - {item: refund",
        "amount: (age - 1000) * wage}\n  - {item: refund",
        "",
    ),
}


@pytest.mark.parametrize(("old", "new", "piece"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tmp_path: Path, old: str, new: str, piece: str) -> None:
    if piece:
        with pytest.raises(CosteffError) as caught:
            told(tmp_path, (old, new))
        assert piece in str(caught.value)
        return
    chosen, evidence = told(tmp_path, (old, new))
    with pytest.raises(ModelError, match=r"negative for an individual, and weighs flow 'wages'"):
        simulate(chosen, evidence.columns(2, 1), {}, individuals=10, seed=1)


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("cycle: week", "cycle: week", "events are told apart by bands of clock 'time_in_state'"),
        ("stay: {clock: time_in_state,", "stay: {clock: worked,", "events are told apart by bands of clock 'worked'"),
        (
            'wage: {value: "where(wage_group == low, 4000',
            'wage: {value: "where(u < 0.1, 4000',
            "'wage' differs between individuals of a group",
        ),
    ],
)
def test_what_the_cohort_cannot_hold_it_refuses(tmp_path: Path, old: str, new: str, piece: str) -> None:
    chosen, evidence = told(tmp_path, (old, new))
    with pytest.raises(EngineError, match=piece):
        simulate(chosen, evidence.columns(2, 1), {}, individuals=1, seed=1, engine="cohort")


def test_what_is_counted_needs_a_simulation() -> None:
    chosen = read_model(MODELS / "amounts.yaml")
    needs = {"base_amount_20230501", "base_amount_20240501", "base_amount_20250501", "growth", "child_supplement"}
    assert needs <= simulation_names(chosen)
    assert pricing_names(chosen) == {"price"}


def test_a_name_of_the_rules_that_nothing_reads_is_left_out(tmp_path: Path) -> None:
    chosen, evidence = told(tmp_path)
    assert set(chosen.dated) == {"base_amount"}
    assert not [name for name in evidence.parameters if name.startswith("unread")]


def test_two_strategies_pay_the_same_people(tmp_path: Path) -> None:
    """Strategies that differ in nothing pay the same to the last bit, and draws do not depend on their batch."""
    chosen, evidence = told(tmp_path)
    draws = evidence.columns(12, 3)
    one = simulate(chosen, draws, {}, individuals=30, seed=1).quantities
    other = simulate(chosen, draws, {}, individuals=30, seed=1, batch=5, threads=1).quantities
    assert np.array_equal(one.events, other.events)
    assert np.array_equal(one.time, other.time)
    assert np.array_equal(one.events[:, 0], one.events[:, 1])
