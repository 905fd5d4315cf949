"""Anchors: products of rates in closed form, the same process as states in the cohort engine, lives compared person by
person, and stage times worked out again in plain Python."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import costeff as ce
from costeff.analysis.study import StudyData
from costeff.compile import compile_model
from costeff.compile.calendar import delayed
from costeff.compile.environment import parameter_environment, population
from costeff.engine.events.microsim import microsim
from costeff.errors import CosteffError
from costeff.model import StrategyEffect
from costeff.model.formulas.expression import Expression
from costeff.study.report.delivery import delivery

MODELS = Path(__file__).parents[1] / "data" / "models"
NEVER = 261  # after the horizon of 260 weeks
H = 0.02 + 0.0005
"""Hazard of leaving sickness absence per week: return and death."""
PEOPLE = 100_000
"""Individuals, in two draws that are the same."""
STAGES = ("first", "second", "third")


def study(name: str = "delivery", **changes: float) -> StudyData:
    loaded = ce.load(str(MODELS / f"{name}.yaml"))
    values = {key: {"value": value, "meant": True} for key, value in changes.items()}
    return replace(loaded, evidence=loaded.evidence.override(values))


def effects(chosen: StudyData, engine: str = "microsim", people: int = PEOPLE) -> dict[str, np.ndarray]:
    """Each effect by strategy, with the cost of the payer."""
    more = {} if engine == "cohort" else {"individuals": people // 2}
    result = chosen.psa(draws=2, seed=1, engine=engine, progress=False, **more)  # type: ignore[attr-defined]
    values = {name: result.effects.value[:, :, k].mean(axis=0) for k, name in enumerate(result.effects.names)}
    return {**values, "cost": result.perspective("payer", "weeks_work").cost.mean(axis=0)}


@cache
def histories(**changes: float) -> pd.DataFrame:
    return study(**changes).histories(individuals=4000, seed=3)  # type: ignore[attr-defined,no-any-return]


def lives(table: pd.DataFrame, strategy: str) -> pd.DataFrame:
    own = table[table["strategy"] == strategy].drop(columns="strategy").reset_index(drop=True)
    return own.astype({"to": object, "reason": object, "state": object})


@cache
def stage_times(**changes: float) -> dict[str, np.ndarray]:
    """Week in which each stage is due, (person,), as compiled; and the luck that it follows from."""
    chosen = study(**changes)
    draws = {name: np.array([parameter.value]) for name, parameter in chosen.evidence.parameters.items()}
    compiled = compile_model(chosen.model, draws, individuals=4000, seed=3, tables={})
    tables = compiled.tensors.tables if hasattr(compiled.tensors, "tables") else compiled.tensors
    row = int(tables.clock_recent[chosen.model.clock_names.index("delivery_programme")])
    return {name: np.asarray(tables.recent_until[row + k, 0]) for k, name in enumerate(STAGES)}


# -- shares that reach a stage ---------------------------------------------------------------------------------------


def test_a_delivery_begun_later_reaches_those_who_are_still_there() -> None:
    """13 weeks later: exp(-13 h) of the product of rates; nobody before, and no window is cut."""
    chosen = study(hr=2.0)
    moved = delayed(chosen.model, 13)
    assert (moved.windows, moved.delivery[0].begins) == ((), 13)
    assert moved.strategy_effects == chosen.model.strategy_effects
    found = effects(replace(chosen, model=moved))
    exact = math.exp(-13 * H) * 0.1 / (0.1 + H)
    error = math.sqrt(exact * (1 - exact) / PEOPLE)
    assert found["reached_first"][1] == pytest.approx(exact, abs=3 * error + H * H / 8 + 3 * math.exp(-H * 260))
    # Twice later is as late as both together; a delay of the whole horizon leaves usual care.
    assert delayed(moved, 7) == delayed(chosen.model, 20)
    never = effects(replace(chosen, model=delayed(chosen.model, 260)), people=4000)
    assert never["reached_first"][1] == 0
    assert never["weeks_work"][1] == never["weeks_work"][0]


def test_stages_are_counted_under_their_strategy_alone_and_nothing_else_changes() -> None:
    """The same lives with every cell counted under every strategy: equal where it is needed, 0 where it is not."""
    chosen = study()
    draws = {name: np.array([parameter.value]) for name, parameter in chosen.evidence.parameters.items()}
    tensors = compile_model(chosen.model, draws, individuals=2000, seed=3, tables={}).tensors
    needed = tensors.tables.tally_strategy
    every = replace(tensors, tables=tensors.tables._replace(tally_strategy=np.ones_like(needed)))
    here, there = microsim(tensors), microsim(every)
    of_cell = np.repeat(needed, np.diff(tensors.tables.tally_offset), axis=0).T.astype(bool)  # (strategy, cell)
    assert not of_cell[0].all()
    assert of_cell[1].all()
    for g, own in enumerate(of_cell):
        np.testing.assert_array_equal(here.time[:, g][:, :, own], there.time[:, g][:, :, own])
        assert not here.time[:, g][:, :, ~own].any()
    assert there.time[:, 0][:, :, ~of_cell[0]].any()
    np.testing.assert_array_equal(here.events, there.events)
    np.testing.assert_array_equal(here.trace, there.trace)


def test_the_report_says_what_each_person_reached_costs() -> None:
    """Undiscounted, the programme costs 1,000 a first and 5,000 a third meeting, over those who take each stage."""
    result = study(hr=1.5).psa(draws=6, individuals=500, seed=1, progress=False)  # type: ignore[attr-defined]
    table = delivery(result).set_index("stage")
    share = table["share"]
    assert list(share.index) == list(STAGES)
    spent = 1000 * share["first"] + 5000 * share["third"]
    cost = result.perspective("payer", "weeks_work").cost.mean(axis=0)
    for name in STAGES:
        assert table.loc[name, "programme"] == pytest.approx(spent / share[name], rel=1e-9)
        assert table.loc[name, "net_cost"] == pytest.approx((cost[1] - cost[0]) / share[name], rel=1e-9)
        assert table.loc[name, "programme_mcse"] > 0
    assert delivery(ce.load("sick_sicker").run(engine="cohort", progress=False)).empty
    nobody = study(l1=0.0).psa(draws=2, individuals=50, seed=1, progress=False)  # type: ignore[attr-defined]
    assert delivery(nobody)["programme"].isna().all()


def test_share_that_reaches_a_stage_is_the_product_of_rates() -> None:
    """l / (l + h), and with drop-out d and a chance p: p l / (l + d + h). Rounding to weeks adds less than h^2 / 8."""
    first = 0.1 / (0.1 + H)
    second = first * 0.05 / (0.05 + 0.01 + H)
    exact = {"first": first, "second": second, "third": second * 0.8 * 0.04 / (0.04 + H)}
    by_states = effects(study("delivery_as_states"), "cohort")
    found = effects(study())
    for name, share in exact.items():
        # 260 weeks are not for ever: who would take it later is missing, exp(-H * 260) at most.
        missing = 3 * math.exp(-H * 260)
        assert by_states[f"reached_{name}"][1] == pytest.approx(share, abs=missing)
        error = math.sqrt(share * (1 - share) / PEOPLE)
        assert found[f"reached_{name}"][1] == pytest.approx(share, abs=4 * error + missing + H**2 / 8)
        assert found[f"reached_{name}"][0] == by_states[f"reached_{name}"][0] == 0


def test_lives_and_costs_are_those_of_the_same_process_as_states() -> None:
    """Effects and drop-out at work: the cohort engine's exact weeks in work and cost lie within the luck of people."""
    by_states = effects(study("delivery_as_states", hr=2.5), "cohort")
    found = effects(study(hr=2.5))
    # Weeks in work of 260 have a standard deviation of at most 130, and cost follows them at 300 a week.
    for name, most in (("weeks_work", 130.0), ("cost", 300 * 130.0 + 6000)):
        assert found[name] == pytest.approx(by_states[name], abs=4 * most / math.sqrt(PEOPLE))
    assert found["weeks_work"][1] - found["weeks_work"][0] > 5


def test_stage_times_are_those_of_plain_python() -> None:
    """From the luck of each person, by hand: waits add up, a stage not taken ends the rest, fractions round by luck."""
    chosen = study()
    draws = {name: np.array([parameter.value]) for name, parameter in chosen.evidence.parameters.items()}
    env = parameter_environment(chosen.model, draws, {}, 1)
    people = population(chosen.model, env, 3, np.arange(1, dtype=np.uint64), 0, 4000)
    due = stage_times()
    rate, lost, chance = {"first": 0.1, "second": 0.05, "third": 0.04}, {"second": 0.01}, {"third": 0.8}
    for person in range(4000):
        wait, goes_on = float(people["delivery_round"][0, person]), True
        for name in STAGES:
            leaves = rate[name] + lost.get(name, 0.0)
            goes_on = goes_on and people[f"take_{name}"][0, person] < chance.get(name, 1.0) * rate[name] / leaves
            wait += float(people[f"wait_{name}"][0, person]) / leaves
            assert due[name][person] == (min(math.floor(wait), NEVER) if goes_on else NEVER)


# -- what a dose does, and when --------------------------------------------------------------------------------------


def test_a_programme_without_effect_leaves_every_life_as_it_is() -> None:
    table = histories()
    pd.testing.assert_frame_equal(lives(table, "usual_care"), lives(table, "programme"))
    other = histories(hr=1.5)
    assert not lives(other, "usual_care").equals(lives(other, "programme"))
    pd.testing.assert_frame_equal(lives(table, "usual_care"), lives(other, "usual_care"))


def first_exit(table: pd.DataFrame, strategy: str) -> np.ndarray:
    """Week in which each person's first absence ends, (person,)."""
    return lives(table, strategy).groupby("individual")["exit"].first().to_numpy()


def test_comparing_people_by_the_dose_they_reached_shows_immortal_time() -> None:
    """No effect at all. Who reached the third stage was sick for long: a naive comparison calls it harm. One that
    begins at the stage, with those still sick and without it, shows none."""
    ends, due = first_exit(histories(), "programme"), stage_times()["third"]
    took = due < ends
    naive = ends[took].mean() - ends[~took].mean()
    spread = math.hypot(ends[took].std() / math.sqrt(took.sum()), ends[~took].std() / math.sqrt((~took).sum()))
    assert naive > 10 * spread
    events = {True: 0, False: 0}
    weeks = {True: 0, False: 0}
    for person_due, end in zip(due.tolist(), ends.tolist(), strict=True):
        before, after = min(person_due, end), max(end - person_due, 0)
        weeks[False] += before
        weeks[True] += after
        events[person_due < end] += end < 260
    rates = {taken: events[taken] / weeks[taken] for taken in (True, False)}
    error = math.hypot(*(math.sqrt(events[taken]) / weeks[taken] for taken in (True, False)))
    assert rates[True] == pytest.approx(rates[False], abs=4 * error)
    # The same comparison sees an effect where there is one: hazards 2.5 times as large from the stage on.
    with_effect = first_exit(histories(hr=2.5), "programme")
    after = np.maximum(with_effect - due, 0)
    rate = ((due < with_effect) & (with_effect < 260)).sum() / after.sum()
    assert rate == pytest.approx(1 - math.exp(-0.02 * 2.5 - 0.0005), rel=0.1)


def test_effect_begins_with_the_stage_and_never_before() -> None:
    """Until a person's first stage is due, the life under a strong effect is the one without."""
    usual, changed, due = first_exit(histories(), "usual_care"), first_exit(histories(hr=8), "programme"), stage_times()
    before = changed <= due["first"]
    assert before.any()
    np.testing.assert_array_equal(usual[before], changed[before])
    np.testing.assert_array_equal(usual[usual <= due["first"]], changed[usual <= due["first"]])
    assert (changed <= usual).all()


def test_all_stages_at_once_are_the_plain_effect_and_no_stage_is_usual_care() -> None:
    # Stages belong to the first absence, an effect from the start to all; so here nobody has a second one.
    plain = replace(study(hr=1.7, h_relapse=0.0), model=_plain(study().model))
    at_once = study(hr=1.7, h_relapse=0.0, l1=1e9, l2=1e9, l3=1e9, d2=0.0, p3=1.0)
    one, other = (chosen.histories(individuals=3000, seed=5) for chosen in (plain, at_once))  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(lives(one, "programme"), lives(other, "programme"))
    # Nobody takes the third stage, which alone has an effect of its own here; those before cost what they cost.
    none = effects(study(hr=1.0, p3=0.0), people=20_000)
    assert none["weeks_work"][0] == none["weeks_work"][1]
    assert none["reached_third"][1] == 0
    assert none["cost"][1] - none["cost"][0] == pytest.approx(1000 * none["reached_first"][1], rel=1e-9)


def _plain(model: ce.Model) -> ce.Model:
    """The model with the effect on hazards from the start; its stages are counted and change nothing."""
    effect = StrategyEffect("programme", ("return_to_work",), (Expression("hr"),))
    return replace(model, strategy_effects=(effect,))


@pytest.mark.parametrize("engine", ["stepping", "weekly"])
def test_other_engines_reach_the_same_stages(engine: str) -> None:
    """Stepping to the last digit, the weekly one within its luck."""
    one, other = effects(study(hr=1.7), people=4000), effects(study(hr=1.7), engine, people=4000)
    for name in one:
        if engine == "stepping":
            np.testing.assert_array_equal(one[name], other[name])
        elif name.startswith("reached"):
            assert one[name] == pytest.approx(other[name], abs=5 * 0.5 / math.sqrt(4000))


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("rate: l1", "rate: l1, delay: 2", "has both"),
        ("in: [sick]", "in: [sickness]", "sickness"),
        ("legs: [return_to_work]", "legs: [return]", "return"),
        ("  programme:\n    in", "  program:\n    in", "program"),
        ("{rate: l1, dose: 0.25,", "{rate: l1,", "dose"),
        ("categories: {sick: 1}", "categories: {sick: 0.5, work: rest}", "does not begin in"),
        ("payer: cost_first", "payers: cost_first", "payers"),
        ("payer: cost_first", "payer: cost_first + care_week", "one unit"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (MODELS / "delivery.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "delivery.yaml").write_text(text.replace(old, new), "utf-8")
    shutil.copy(MODELS / "delivery_parameters.yaml", tmp_path)
    with pytest.raises(CosteffError, match=says):
        ce.load(str(tmp_path / "delivery.yaml")).psa(draws=2, individuals=10, progress=False)


def test_a_cohort_refuses_stages_by_name() -> None:
    with pytest.raises(CosteffError, match=r"delivery_round.*differs between individuals"):
        effects(study(), "cohort")
