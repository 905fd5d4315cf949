"""Anchored in identities: lives of the engine, written and read back, cost what the run that lived them says, to the
last bit, across a change of rules too; and in one life priced by hand."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import replace
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from costeff import load
from costeff.api import Study
from costeff.compile import compile_model
from costeff.compile.calendar import reformed
from costeff.engine.events.microsim import microsim
from costeff.errors import CosteffError, EngineError, ResultError, ScenarioError
from costeff.ledger import cost
from costeff.rules import load_rules
from costeff.simulation.histories import simulate_histories
from costeff.trial.lives import UNSEEN, Lives, lives_of_histories, lives_of_weeks, weeks_of_lives
from costeff.trial.pricing import base_prices, priced, priced_each, some_lives, with_attributes
from costeff.trial.pricing_by_date import flows_in, priced_by_date, priced_each_by_date, segments

PEOPLE = 400


@cache
def study() -> Study:
    return load("tki2")


@cache
def histories() -> pd.DataFrame:
    return study().histories(individuals=PEOPLE, seed=3)


def lives() -> list[Lives]:
    return [lives_of_histories(histories(), study().model, name) for name in study().model.strategy_names]


def test_lives_of_a_run_cost_what_the_run_says() -> None:
    result = study().run(individuals=PEOPLE, seed=3, progress=False)
    ledger = priced(lives(), base_prices(study(), seed=3))
    assert np.array_equal(ledger.flows.amount, result.flows.amount * PEOPLE)
    assert ledger.effects is not None
    assert np.array_equal(ledger.effects.value, result.effects.value)
    for name in ("municipal", "societal", "public", "msb", "mso"):
        whole = cost(study().model.find("perspectives", name), result.flows, result.environment, ledger.layer_cost)[0]
        assert np.array_equal(ledger.cost(name, ledger.layer_cost), whole * PEOPLE)


def test_a_csv_of_lives_is_read_back() -> None:
    file = StringIO()
    histories().to_csv(file, index=False)
    file.seek(0)
    again = lives_of_histories(pd.read_csv(file), study().model, "tki2")
    assert np.array_equal(again.stays.rows, lives()[1].stays.rows)


def test_perspectives_add_up_with_equality() -> None:
    ledger = priced(lives(), base_prices(study(), seed=3))
    parts = ("municipal_with_tax", "other_municipalities")
    rest = ledger.parties()["region"] + ledger.parties()["state"]
    assert np.array_equal(sum(ledger.cost(name) for name in parts) + rest, ledger.cost("public"))


def test_weeks_cost_the_same_but_for_what_pairs_of_states_cannot_tell() -> None:
    """A week's code says who went where, not by which of two exits: the loss of a vacancy is not seen."""
    whole = priced(lives(), base_prices(study(), seed=3))
    for g, one in enumerate(lives()):
        by_week = lives_of_weeks(weeks_of_lives(one), study().model, one.strategy)
        assert by_week.ambiguous == ("sick_full -> unemployed",)
        ledger = priced(by_week, base_prices(study(), seed=3))
        moved = np.flatnonzero(np.any(ledger.flows.amount[0, g] != whole.flows.amount[0, g], axis=(1, 2)))
        assert {ledger.flows.lines[i].item for i in moved} == {"production_vacancy_loss"}
        assert np.all(ledger.flows.amount[0, g, moved] == 0)


def test_costs_of_each_person_sum_to_the_ledger() -> None:
    one = lives()[1]
    prices = base_prices(study(), seed=3)
    ledger, each = priced(lives(), prices), priced_each(one, prices, ["municipal", "societal"])
    for name in ("municipal", "societal"):
        assert each.cost[name].sum() == pytest.approx(ledger.cost(name, ledger.layer_cost)[1].sum(), rel=1e-9)
    assert ledger.effects is not None
    for i, name in enumerate(ledger.effects.names):
        assert each.effect[name].mean() == pytest.approx(ledger.effects.value[0, 1, i], rel=1e-9)


def test_lives_across_a_change_of_rules_cost_what_the_engine_counts() -> None:
    """The engine lives the reform and counts by segment; its own flows, priced by the rules of each, are the truth."""
    entry = np.full(PEOPLE, np.datetime64("2026-01-05"))
    rules = load_rules("denmark_reform", study().model)
    prices = base_prices(study(), seed=5)
    model = study().model
    for reform in rules.reforms(dt.date(2026, 1, 5)):
        legs = {leg: ratio for leg, ratio in reform.legs.items() if not isinstance(ratio, str)}
        model = reformed(model, legs, reform.cycle, reform.closed)
    when = segments(rules, entry, model)
    assert {str(date) for date in when.start} >= {"2026-01-05", "2026-02-01", "2026-07-01", "2027-01-01"}
    compilation = compile_model(model, prices.values, study().tables, individuals=PEOPLE, seed=5)
    room = replace(compilation.tensors, period=np.minimum(np.arange(261), when.number - 1).astype(np.int32))
    by_segment = replace(room, period=when.of_entry[entry[0]])
    assert by_segment.period.max() == when.number - 1
    quantities = microsim(by_segment)
    table = simulate_histories(model, prices.values, study().tables, individuals=PEOPLE, seed=5)
    read = [replace(lives_of_histories(table, model, name), entry=entry) for name in model.strategy_names]
    ledger = priced_by_date(read, prices, rules)
    whole = np.zeros(ledger.flows.amount.shape[:3])
    for k in range(when.number):
        amount = flows_in(model, compilation, quantities, prices, rules, when, k).amount[..., 0, 0]
        starts = [line.per == "start" for line in compilation.layout.lines]
        whole += np.where(starts, amount * PEOPLE * (k == 0), amount * PEOPLE)
    assert np.array_equal(ledger.flows.amount[..., 0].sum(axis=-1), whole)
    one_rule = priced([replace(one, entry=None) for one in read], base_prices(study(), seed=5))
    assert not np.array_equal(one_rule.flows.amount[..., 0].sum(axis=-1), whole)


def test_different_dates_of_entry_are_priced_by_their_own_rules() -> None:
    rules = load_rules("denmark", study().model)
    prices = base_prices(study(), seed=3)
    few = 60
    whole = some_lives(with_attributes(lives()[1], prices), np.arange(few))
    dates = np.array(["2024-01-01", "2025-03-03"], "datetime64[D]")[np.arange(few) % 2]
    dated = replace(whole, entry=dates)
    both = priced_by_date(dated, prices, rules)
    weeks = weeks_of_lives(whole)
    alone = 0.0
    for date in np.unique(dates):
        own = dates == date
        attributes = {name: values[own] for name, values in whole.attributes.items()}
        part = lives_of_weeks(weeks[own], study().model, "tki2", dates[own], **attributes)
        alone += priced_by_date(part, prices, rules).cost("msb")[1]
    rounding = 2.0**-25 * few * len(both.flows.lines) * 2 * segments(rules, dates, dated.model).number
    assert both.cost("msb")[1] == pytest.approx(alone, rel=0, abs=rounding)
    assert rounding < 1  # kroner, of 60 people in five years
    each = priced_each_by_date(dated, prices, rules, ["msb", "mso"])
    for name in ("msb", "mso"):
        assert each.cost[name].sum() == pytest.approx(both.cost(name)[1].sum(), rel=1e-9)
    with pytest.raises(ScenarioError, match="different dates of entry"):
        priced_by_date(replace(lives()[1], entry=dates), prices, rules)
    with pytest.raises(ScenarioError, match="lives without dates"):
        priced_by_date(whole, prices, rules)


def test_one_life_by_hand() -> None:
    """Three weeks of sickness benefit from unemployment, then work: ladder week 4 is reached with one week before."""
    base = study().evidence.base()
    names = study().model.state_names
    weeks = np.array([[names.index("sick_unemployed")] * 4 + [names.index("work")] * 2], np.int16)
    known = {"spell_weeks": np.array([1.0]), "earlier_weeks": np.array([0.0]), "banked_weeks": np.array([0.0])}
    ledger = priced(lives_of_weeks(weeks, study().model, "usual_care", **known), base_prices(study()))
    items = {item: amount[0] for (item, _, _), amount in ledger.items().items()}
    week = base["sickness_benefit_max"] * base["sickness_benefit_level"]
    assert items["sickness_benefit_unemployed"] == pytest.approx(4 * week, abs=1e-6)
    refund = week * (3 * base["state_share_1"] + 1 * base["state_share_2"])
    assert items["sickness_benefit_refund"] == pytest.approx(refund, abs=1e-6)
    assert items["casework"] > 0
    assert items["programme_mso"] == 0


def test_people_lost_from_sight_are_priced_until_then() -> None:
    weeks = weeks_of_lives(lives()[0])[:, :60]
    cut = weeks.copy()
    cut[:, 30:] = UNSEEN
    prices = base_prices(study(), seed=3)
    short = priced(lives_of_weeks(cut, study().model, "usual_care"), prices).cost("msb")
    same = priced(lives_of_weeks(weeks[:, :30], study().model, "usual_care"), prices).cost("msb")
    assert np.array_equal(short.sum(axis=1)[:1], same.sum(axis=1)[:1])


def test_a_move_that_the_model_does_not_have_is_priced_by_weeks() -> None:
    names = study().model.state_names
    order = ["resource_course", "sick_full", "resource_course"]
    weeks = np.array([[names.index(name) for name in order]], np.int16)
    read = lives_of_weeks(weeks, study().model, "usual_care")
    assert {t.name for t in read.model.transitions} - {t.name for t in study().model.transitions} == {
        "observed resource_course -> sick_full"
    }
    items = {item: amount[0] for (item, _, _), amount in priced(read, base_prices(study())).items().items()}
    assert items["resource_course_benefit"] > items["resource_course_benefit_refund"] > 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"state": "abroad"}, "a state that the model does not have"),
        ({"reason": "left"}, "a move that the model does not have"),
        ({"exit": 999}, "histories of another horizon"),
    ],
)
def test_histories_of_another_model_are_refused(change: dict[str, object], complaint: str) -> None:
    table = histories().astype({"state": object, "reason": object})
    row = len(table) - 1 if "exit" in change else 0
    for name, value in change.items():
        table.loc[table.index[row], name] = value
    with pytest.raises(ResultError, match=complaint):
        lives_of_histories(table, study().model, str(table["strategy"].iloc[row]))


def test_a_gap_in_a_life_is_refused() -> None:
    with pytest.raises(ResultError, match="weeks have a gap"):
        lives_of_weeks(np.array([[0, UNSEEN, 0]], np.int16), study().model, "tki2")
    with pytest.raises(EngineError, match="do not follow each other"):
        replace(lives()[0].stays, rows=np.ascontiguousarray(lives()[0].stays.rows[::-1]))


def test_rows_of_persons_are_not_saved() -> None:
    for rows in (lives()[0], priced_each(lives()[0], base_prices(study()), ["municipal"])):
        assert repr(rows) == f"{type(rows).__name__} of {PEOPLE} people"
        with pytest.raises(CosteffError, match="rows of persons cannot be saved"):
            pickle.dumps(rows)
