"""Anchored in the plain-Python twin, in days counted by hand and in a birth process: counters and look-backs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from random_histories import histories
from random_models import E, banded_flow, conventions, model, parties, start_in, states
from test_engine_twin import assert_same, compiled

from costeff.compile import compile_model
from costeff.compile.groups import compile_groups
from costeff.compile.layout import layout
from costeff.engine.events.histories import sojourns
from costeff.engine.events.microsim import microsim
from costeff.errors import EngineError
from costeff.model import Band, Clock, Deadline, LookBack, Model, OnLeaving, Transition

SCALE = {"scale": np.array([0.5, 2.0])}


@settings(max_examples=40, deadline=None)
@given(histories())
def test_random_lives_with_counters_and_look_backs_are_the_twins(chosen: Model) -> None:
    assert_same(compiled(chosen, 9, 3, draws=SCALE))


# -- the right to 248 sick-pay days in the last three years, by hand -------------------------------------------------

BEGIN = dt.date(2024, 1, 1)  # a Monday
THREE_YEARS = 1095


def day(text: str) -> int:
    """The cycle that is this date."""
    return (dt.date.fromisoformat(text) - BEGIN).days


def right(*stays: tuple[str, str], initial: str = "0", until: str = "0", **clock: object) -> Model:
    """Stays in states of their own, each (kind, date on which it ends); then sick until the last sick-pay day.

    Kinds: employer (pays, 16 calendar days), sick, graded (at 50 %: each day counts as a whole day), work.
    """
    names = [f"{kind}_{i}" for i, (kind, _) in enumerate(stays)] + ["sick"]
    paid = tuple(name for name in names if name.startswith(("sick", "graded")))
    fit = tuple(name for name in names if name.startswith("work")) or (names[-1],)
    ends = [Deadline(f"end_{i}", names[i], names[i + 1], "time", E(day(end))) for i, (_, end) in enumerate(stays)]
    fields = {"within": THREE_YEARS, "weekdays": True, "reset": LookBack(182, 182, fit)} | clock
    by_days = replace(conventions(1400), cycle="day", cycles_per_year=365, entry_date=BEGIN.isoformat())
    return model(
        conventions=by_days,
        states=states(*names, "assessment"),
        attributes=(start_in(names[0]),),
        clocks=(Clock("sick_pay", E(initial), paid, initial_until=E(until), **fields),),  # type: ignore[arg-type]
        deadlines=(*ends, Deadline("last_day", "sick", "assessment", "sick_pay", E(248))),
    )


def last_day(chosen: Model) -> str:
    """The last day with sick pay; the twin must live the same life."""
    tensors = compile_model(chosen, {}, {}, individuals=1, seed=1).tensors
    answers = assert_same(tensors)
    _, rows = sojourns(tensors, 0, 0, 1)
    (end,) = (int(end) for state, _, end, _ in rows if chosen.state_names[state] == "sick")
    assert answers[0].histories[0][0][-1][0] == chosen.state_names.index("assessment")
    return (BEGIN + dt.timedelta(days=end - 1)).isoformat()


THREE_SPELLS = (
    ("employer", "2024-01-17"),  # 1 to 16 January: the employer's 16 calendar days
    ("sick", "2024-04-01"),  # 17 January to 31 March: 11 + 21 + 21 = 53 days from Monday to Friday
    ("work", "2024-09-02"),  # 154 days: less than 26 weeks, so the days go on counting
    ("employer", "2024-09-18"),
    ("graded", "2025-01-01"),  # graded at 50 %, 18 September to 31 December: 9 + 23 + 21 + 22 = 75 whole days
    ("work", "2025-06-02"),  # 152 days
    ("employer", "2025-06-18"),
)


def test_three_spells_one_graded_reach_the_last_day_on_the_right_date() -> None:
    """53 + 75 = 128 are used; 120 are left from Wednesday 18 June 2025.

    9 in June, 23 in July, 21 in August, 22 in September, 23 in October and 20 in November are 118, so that the last is
    the second working day of December: Tuesday 2 December 2025.
    """
    assert last_day(right(*THREE_SPELLS)) == "2025-12-02"


def test_twenty_six_weeks_fully_fit_give_a_new_right() -> None:
    """Fit from 1 January to 1 July 2025 (182 days; 181 are not enough): 248 new days from Friday 18 July 2025.

    10 in July, then 21, 22, 23, 20 and 23 to the end of the year are 119; 22, 20, 22, 22 and 21 from January to May
    2026 make 226; 22 more: Tuesday 30 June 2026 is the 22nd working day of June.
    """
    spells = (*THREE_SPELLS[:5], ("work", "2025-07-02"), ("employer", "2025-07-18"))
    assert last_day(right(*spells)) == "2026-06-30"
    one_day_less = (*THREE_SPELLS[:5], ("work", "2025-07-01"), ("employer", "2025-07-17"))
    assert last_day(right(*one_day_less)) == "2025-12-31"  # 120 of the 248 are left: 11 + 21 + 22 + 23 + 20 + 23


def test_days_older_than_three_years_no_longer_count() -> None:
    """100 days used until the start of 2024 are gone three years later; those until 2021 never counted.

    They were the 140 calendar days to 31 December 2023, so that 100 of them are from Monday to Friday. Sick from Monday
    1 January 2024: with them 148 are left (the 148th is Wednesday 24 July 2024), without 248 (Wednesday 11 December).
    """
    assert last_day(right(initial="140")) == "2024-07-24"
    assert last_day(right(initial="140", until="1095")) == "2024-12-11"
    assert last_day(right(initial="140", until="1094")) == "2024-12-11"  # the one day inside is gone tomorrow
    # Sick from 12 October 2026: the 56 that are left of the 100 leave the look-back one by one while new ones are used.
    late = right(("work", "2026-10-12"), initial="140", reset=None)
    assert last_day(late) == "2027-09-22"


def test_calendar_days_and_resets_on_leaving() -> None:
    """Without `weekdays` each day counts: the 248th of a stay from 1 January 2024 is 4 September 2024."""
    assert last_day(right(weekdays=False)) == "2024-09-04"
    left = right(("sick", "2024-03-01"), ("work", "2024-03-02"), weekdays=False, reset=OnLeaving(("work_1",)))
    assert last_day(left) == "2024-11-04"  # from 2 March 2024


# -- counters in hazards, bands and deadlines ------------------------------------------------------------------------


def relapses(ratio: float = 0.6, **fields: object) -> Model:
    """Out of work again and again: each earlier time multiplies the hazard; back in work after one cycle."""
    return model(
        Transition("relapse", "a", "b", hazard=E(0.3), ratio_clock="number", ratio_on=E(f"{ratio} ** min(t, 3)")),
        deadlines=(Deadline("back", "b", "a", "time_in_state", E(1)),),
        clocks=(Clock("number", E(0), counts=("relapse",)), Clock("visits", E(1), counts=("a",))),
        bands=(Band("by_number", "number", (1, 2, 3)), Band("by_visit", "visits", (2, 3, 4))),
        parties=parties(),
        flows=(
            banded_flow("by_number", ("a", "b"), ("by_number",), 4, None),
            banded_flow("by_visit", ("a",), ("by_visit",), 4, None),
        ),
        horizon=24,
        **fields,
    )


def expected_time(ratio: float, horizon: int) -> np.ndarray:
    """(state, relapses) cycles expected by carrying chances forward, in plain Python."""
    now = {(0, 0): 1.0}
    time = np.zeros((2, 4))
    for _ in range(horizon):
        after: dict[tuple[int, int], float] = {}
        for (state, number), chance in now.items():
            time[state, min(number, 3)] += chance
            leave = 1 - exp(-0.3 * ratio ** min(number, 3)) if state == 0 else 1.0
            to = (1, number + 1) if state == 0 else (0, number)
            after[to] = after.get(to, 0.0) + chance * leave
            after[state, number] = after.get((state, number), 0.0) + chance * (1 - leave)
        now = after
    return time


def test_the_number_of_relapses_changes_the_hazard_of_the_next() -> None:
    """Time by number of relapses, within four standard errors of the expectation."""
    chosen, many = relapses(), 40_000
    where = layout(chosen)
    found = microsim(compile_model(chosen, {}, {}, individuals=many, seed=3).tensors).time[0, 0].sum(axis=(0, 2))[:, 0]
    tally = where.tally(None, ("by_number",))
    mine = np.stack([found[where.cells(tally, state)] for state in ("a", "b")]) / many
    # The last point of time is no cycle lived: a stay counts at points 0 to 23 of 24.
    expected = expected_time(0.6, 24)
    assert np.abs(mine - expected).max() < 4 * 12 / np.sqrt(
        many
    )  # no cell's time has a larger SD than half the horizon
    assert np.abs(mine - expected_time(1.0, 24)).max() > 0.5, "without the ratio it would be quite another model"
    visits = found[where.cells(where.tally(None, ("by_visit",)), "a")] / many
    np.testing.assert_allclose(visits, mine[0], atol=1e-12)  # the n-th visit to work follows relapse n - 1


def test_a_deadline_on_a_counter_comes_with_the_event() -> None:
    """The third relapse leads on at once: nobody has a fourth, and the first state is left for good."""
    out = Deadline("for_good", "b", "c", "number", E(3))
    chosen = relapses(1.0)
    chosen = replace(
        chosen, states=states("a", "b", "c"), deadlines=(out, *chosen.deadlines), conventions=chosen.conventions
    )
    tensors = compile_model(chosen, {}, {}, individuals=500, seed=2).tensors
    assert_same(compile_model(chosen, {}, {}, individuals=20, seed=2).tensors)
    events = microsim(tensors).events[0, 0].sum(axis=(0, 2))[:, 0]
    assert events[0] <= 3 * 500
    assert 0 < events[1] < 500, "some reach the third within 24 cycles"
    lengths, rows = sojourns(tensors, 0, 0, 500)
    third = [(start, end) for state, start, end, event in rows if event == 1]
    assert all(start == end for start, end in third), "the third time out of work is a stay of no length"
    assert len(lengths) == 500


# -- the cohort engine refuses by name --------------------------------------------------------------------------------


def test_the_cohort_engine_refuses_what_needs_a_history() -> None:
    with pytest.raises(EngineError, match=r"counter 'number'.*"):
        compile_groups(relapses(), {}, {})
    with pytest.raises(EngineError, match="clock 'sick_pay', which counts the last cycles only"):
        compile_groups(right(weekdays=False, reset=None), {}, {})
    second = model(
        Transition("out", "a", "b", hazard=E("0.1 + t / 9"), ratio_clock="age", ratio_on=E("1 + t / 10")), horizon=5
    )
    with pytest.raises(EngineError, match="'out' is read on 'time_in_state' and multiplied on 'age'"):
        compile_groups(second, {}, {})
    assert_same(compile_model(second, {}, {}, individuals=30, seed=1).tensors)
