"""Anchored in an act's amounts by hand, a budget by hand across a date, a queue's closed form, two held-out results.

Act 1737/2016: a finished-treated day costs 1,976 DKK to the region, and 1,976 (days 1 and 2) or 3,952 to the state.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import costeff as ce
from costeff import Result, Study
from costeff.bundled import data_dir
from costeff.engine.flow.analytic import waiting_line
from costeff.engine.flow.freed import freed_place_day
from costeff.errors import EvidenceError

MUNICIPALITY = ("authority", "places_unit", "training_unit")
# Nobody gets a place, leaves or dies: whoever waits under the weekly meeting waits to the horizon.
STANDSTILL = {"change_in_stay": 60, "p_dead_month": 0, "share_hospital": 1, "own_share": 0.045}


@cache
def haderslev(scenario: str = "haderslev") -> Study:
    return ce.load(scenario)


def result(changes: dict[str, Any], scenario: str = "haderslev", days: int | None = None) -> Result:
    """The base case of a scenario under other figures, over so many days."""
    study = haderslev(scenario)
    figures = {name: {"value": value, "meant": True} for name, value in changes.items()}
    model = study.model if days is None else study.model.with_horizon(days)
    return replace(study, evidence=study.evidence.override(figures), model=model).run(engine="cohort", progress=False)


def money(of: Result, strategy: str, *items: str) -> dict[tuple[str, str, str], float]:
    """(item, payer, recipient) to undiscounted money per citizen."""
    amounts: dict[tuple[str, str, str], float] = {}
    for at, line in enumerate(of.flows.lines):
        if line.item in items:
            value = float(of.flows.amount[0, of.strategies.index(strategy), at, :, 0].sum())
            key = line.item, line.payer, line.recipient
            amounts[key] = amounts.get(key, 0.0) + value
    return amounts


@pytest.mark.parametrize(
    ("days", "index", "to_region", "to_state"),
    [
        (2, 1, 3_952, 3_952),
        (3, 1, 5_928, 7_904),  # the third day: 1,976 and 3,952
        (7, 1, 13_832, 23_712),  # 7 x 1,976; 2 x 1,976 + 5 x 3,952
        (7, 1.25, 17_290, 29_640),
    ],
)
def test_a_finished_treated_week_has_three_receivers(days: int, index: float, to_region: int, to_state: int) -> None:
    week = result({**STANDSTILL, "payment_index_2026": index}, days=days)
    assert week.effects.value[0, 1, week.effects.names.index("finished_treated_days")] == pytest.approx(days)
    paid = money(week, "meetings", "finished_treated_region", "finished_treated_state", "finished_treated_returned")
    returned = {("finished_treated_returned", "state", "authority"): 0.045 * to_state}
    returned[("finished_treated_returned", "state", "other_municipalities")] = 0.955 * to_state
    expected = {
        ("finished_treated_region", "authority", "region"): to_region,
        ("finished_treated_state", "authority", "state"): to_state,
        **returned,
    }
    assert paid == pytest.approx(expected, abs=1e-4)
    # Over all parties it is a transfer: what one pays another has.
    net: dict[str, float] = {}
    for (_, payer, recipient), amount in paid.items():
        net[payer], net[recipient] = net.get(payer, 0.0) - amount, net.get(recipient, 0.0) + amount
    assert sum(net.values()) == pytest.approx(0, abs=1e-6)
    assert net["state"] == pytest.approx(0, abs=1e-4)


def test_the_payment_never_enters_society_and_the_hospital_day_does() -> None:
    none, double = (result({"payment_index_2026": index}) for index in (0, 2))
    for name in ("society", "public"):
        np.testing.assert_allclose(none.perspective(name).cost, double.perspective(name).cost, rtol=1e-9)
    assert (double.perspective("municipality").cost > none.perspective("municipality").cost + 1000).all()
    dearer = result({"payment_index_2026": 0, "hospital_day": 6000})
    used = result({}).effects
    days = used.value[0, :, used.names.index("finished_treated_days")]
    more = dearer.perspective("society").cost[0] - none.perspective("society").cost[0]
    np.testing.assert_allclose(more, 1000 * 0.8 * days, rtol=1e-6)


def test_required_figures_have_no_default() -> None:
    with pytest.raises(EvidenceError) as caught:
        ce.load(str(data_dir("models") / "haderslev.yaml"))
    message = str(caught.value)
    assert "payment_index_2026 (ratio), payment_index_2027 (ratio)" in message
    assert "haderslev.yaml, line" in message
    assert "set: {payment_index_2026: ..., payment_index_2027: ...}" in message
    # The way out works: with both given, and not with one.
    given = ce.load("haderslev").evidence.parameters
    assert not given["payment_index_2026"].required
    assert given["payment_index_2026"].replaces is not None


def test_waits_are_those_of_the_queue() -> None:
    """Shares who wait by Erlang's formula; days on a place are the stay where nobody waits long."""
    of = result({"p_dead_month": 0, "h_death_later": 0, "h_death_hospital": 0})
    line = waiting_line(0.88 * 36 / 24.5, [24.5, 24.0], 36)
    waiting = of.trace.sel(state=["hospital_waiting", "home_waiting"], cycle=0).sum("state").values
    np.testing.assert_allclose(waiting[:2], line.share_waiting, rtol=1e-9)
    names = of.effects.names
    value = dict(zip(of.strategies, of.effects.value[0, :, names.index("occupancy")], strict=True))
    assert value["usual_care"] == pytest.approx(0.88)
    assert value["meetings"] == pytest.approx(0.88 * 24 / 24.5)
    assert value["meetings_refilled"] == value["usual_care"]
    assert value["meetings_closing"] == pytest.approx(0.88 * 36 / 35 * 24 / 24.5)
    days = of.effects.value[0, :, names.index("place_days")]
    np.testing.assert_allclose(days[:2], [24.5, 24.0], rtol=1e-6)
    # The wait of those who wait, exponential, counted in days begun.
    mean = 24.5 / (36 - 0.88 * 36)
    begun = line.share_waiting[0] / (1 - np.exp(-1 / mean))
    assert of.effects.value[0, 0, names.index("waiting_days")] == pytest.approx(begun, rel=1e-9)


def test_shares_of_a_freed_day_are_those_of_the_queue() -> None:
    of = result({"share_hospital": 0.7})
    shares = {
        name: of.effects.value[0, :, of.effects.names.index(f"freed_{name}")]
        for name in ("empty", "closed", "from_hospital", "from_home", "by_new")
    }
    np.testing.assert_allclose(sum(shares.values()), [0, 1, 1, 1, 0, 0], atol=1e-12)
    kept = freed_place_day(0.88 * 36 * 24 / 24.5, 36, 0.7)
    assert shares["from_hospital"][1] == pytest.approx(float(kept.from_hospital))
    assert shares["from_home"][1] == pytest.approx(float(kept.from_home))
    assert shares["empty"][1] == pytest.approx(float(kept.empty))
    # 0.65 place-days are freed a day, and one place is closed: all of them, and more.
    assert shares["closed"][2] == 1


def test_bounds_of_a_freed_day() -> None:
    """At low occupancy meetings gain no waiting; closing keeps the variable cost; refilling costs training."""
    low = result({"occupancy": 0.5, "readmission_ratio": 1, "home_care_ratio": 1})
    cost = dict(zip(low.strategies, low.perspective("places_unit").cost[0], strict=True))
    assert cost["meetings_closing"] - cost["meetings"] == pytest.approx(-1600 * 24.5 / 18, rel=1e-3)
    waiting = low.effects.value[0, :, low.effects.names.index("waiting_days")]
    assert waiting[:3].max() < 0.01
    training = dict(zip(low.strategies, low.perspective("training_unit").cost[0], strict=True))
    assert training["meetings_refilled"] - training["meetings"] == pytest.approx(15 * 900 * 0.5 / 24, rel=1e-6)


def test_no_effect_changes_nobodys_days() -> None:
    none = result({}, "haderslev_no_effect")
    for name in ("days_at_home", "waiting_days", "place_days", "admissions", "qaly"):
        value = none.effects.value[0, :, none.effects.names.index(name)]
        np.testing.assert_allclose(value[[1, 3, 5]], value[0], rtol=1e-12)
    home = [result({}, f"haderslev_{name}").effects.value[0, 1, 0] for name in ("harm", "no_effect", "optimistic")]
    assert home == sorted(home)


def test_the_budget_of_2026_to_2028_across_the_switch(tmp_path: Path) -> None:
    """472 citizens a year; 36 places at 88 % and 24.5 days: 27.8409 place-days stand ready for each of them.

    A place costs 900 + 1,600 = 2,500 DKK a day: 69,602.27 a citizen, 32,852,272.73 a year. From 2027 the region pays
    70 % of it, and the municipality hands on the grant: 70 % of (69,602.27 - 160 x 24.5) = 45,977.59 a citizen. So the
    level falls by nothing but its own payment: 70 % of 472 x 160 x 24.5 = 1,295,168 a year, which had been income.
    """
    file = data_dir("scenarios") / "haderslev-investment.yaml"
    figures = "{start_up_in_model: 0, due_when_regional: 1, occupancy: 0.88, places: 36, stay: 24.5, place_fixed: 900, "
    figures += "place_variable: 1600, own_payment: 160, share_regional: 0.7}"
    text = file.read_text(encoding="utf-8").split("\nset:\n")
    case = tmp_path / "case.yaml"
    case.write_text(f"{text[0]}\nset: {figures}\n\nbasis:{text[1].split('basis:', 1)[1]}", encoding="utf-8")
    cash = ce.invest(str(case), draws=1, individuals=4, progress=False).cash
    amounts = {
        (line.item, line.payer, line.recipient): cash.usual[0, :, at].tolist() for at, line in enumerate(cash.lines)
    }
    ready = 472 * 2500 * 36 / (0.88 * 36 / 24.5)
    assert ready == pytest.approx(32_852_272.73, abs=0.01)
    places = sum(np.array(amounts[(item, "places_unit", "resources")]) for item in ("place_fixed", "place_variable"))
    assert places == pytest.approx([ready, 0.3 * ready, 0.3 * ready], abs=0.5)
    region = sum(np.array(amounts[(item, "region", "resources")]) for item in ("place_fixed", "place_variable"))
    assert region == pytest.approx([0, 0.7 * ready, 0.7 * ready], abs=0.5)
    grant = 0.7 * (ready - 472 * 160 * 24.5)
    assert grant == pytest.approx(21_701_422.91, abs=0.01)
    assert amounts[("task_grant", "authority", "state")] == pytest.approx([0, grant, grant], abs=0.5)
    assert amounts[("task_grant", "state", "region")] == pytest.approx([0, grant, grant], abs=0.5)
    # The level of the municipal budget, with the own payment that was budgeted: unchanged to the krone.
    before = ready - 472 * 160 * 24.5
    after = 0.3 * (ready - 472 * 160 * 24.5) + grant
    assert after == pytest.approx(before, abs=0.5)
    np.testing.assert_allclose(cash.usual[0], cash.usual[0].round(6))


def predicted(of: Result, events: str) -> np.ndarray:
    """Share of planned leaves with an event within 30 days, by draw, under usual care."""
    usual = dict(zip(of.effects.names, of.effects.value[:, 0].T, strict=True))
    return np.asarray(usual[events] / usual["stays_ended"])


def test_held_out_stays() -> None:
    """11,284 Danish stays 2016-23: 26.1 % in hospital and 7.6 % dead without admission within 30 days.

    Nothing was fitted to them: the risks are those of care-home residents in Southern Jutland, after another event.
    """
    of = haderslev().psa(96, seed=3, progress=False)
    admitted, dead = predicted(of, "admitted_month"), predicted(of, "dead_month")
    for share, published in ((admitted, 0.261), (dead, 0.076)):
        low, high = np.percentile(share, [2.5, 97.5])
        assert low < published < high
        assert high - low < 0.4, "a prediction that excludes nothing would not be one"
