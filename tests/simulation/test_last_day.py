"""Anchored in a calendar counted by hand: on which date the right to Norwegian sick pay ends, over several spells.

Employer days are left out: every sick day is one of sick pay. 248 days, five a week, within three years; a graded day
counts whole; 26 weeks fit in a row give a new right.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from costeff.model import read_model
from costeff.simulation.histories import simulate_histories

ENTRY = dt.date(2024, 1, 1)  # a Monday
RIGHT = 248

MODEL = """
model: last_day
parameters: ./none.yaml
conventions:
  cycle: day
  cycles_per_year: 365
  horizon: 3 years
  discount_rate_cost: 0
  discount_rate_effect: 0
  currency: NOK
  price_year: 2024
  entry_date: 2024-01-01
states: {sick_1: {}, work_1: {}, graded_2: {}, work_2: {}, sick_3: {}, aap: {}}
population: {health: {categories: {usual: 1}}, start_state: {categories: {sick_1: 1}}}
start: start_state
clocks:
  sick_pay:
    initial: 0
    advances_in: [sick_1, graded_2, sick_3]
    within: 1095
    weekdays: true
    reset: {after: 182, within: 182, counted_in: [work_1, work_2]}
deadlines:
  - {from: sick_1, to: work_1, clock: time_in_state, at: SICK_1}
  - {from: work_1, to: graded_2, clock: time_in_state, at: WORK_1}
  - {from: graded_2, to: work_2, clock: time_in_state, at: GRADED_2}
  - {from: work_2, to: sick_3, clock: time_in_state, at: WORK_2}
  - {name: last_day, from: [sick_1, graded_2, sick_3], to: aap, clock: sick_pay, at: 248}
strategies: {one: {}, other: {}}
"""


def end_of_right(tmp_path: Path, stays: tuple[int, int, int, int]) -> dt.date:
    """The first day on AAP."""
    text = MODEL
    for name, days in zip(("SICK_1", "WORK_1", "GRADED_2", "WORK_2"), stays, strict=True):
        text = text.replace(name, str(days))
    (tmp_path / "last_day.yaml").write_text(text)
    model = read_model(tmp_path / "last_day.yaml")
    lives = simulate_histories(model, {"unread": np.ones(1)}, {}, individuals=1, seed=1)
    first = lives[(lives["strategy"] == "one") & (lives["state"] == "aap")]["entry"].iloc[0]
    return ENTRY + dt.timedelta(days=int(first))


def by_hand(stays: tuple[int, int, int, int], kept: bool = True) -> dt.date:
    """Day by day: the day after the one on which the last of 248 working days is used; without the first two spells if
    the right was earned anew."""
    day, number, fit = ENTRY, 0, False
    for days in (*stays, 10_000):
        for _ in range(days):
            if not fit and day.weekday() < 5:
                number += 1
            day += dt.timedelta(days=1)
            if number == RIGHT:
                return day
        fit = not fit
        number = number if kept or days < 182 else 0
    raise AssertionError


def test_three_spells_in_three_years_one_of_them_graded(tmp_path: Path) -> None:
    """60 and 90 days, the second graded at 50 %, with 100 and 120 days of work between; then sick to the end."""
    stays = (60, 100, 90, 120)
    expected = by_hand(stays)
    # 44 and 65 working days are used; the third spell begins on Sunday 5 January 2025: 27 weeks and four days are left
    assert expected == dt.date(2025, 7, 18)
    assert end_of_right(tmp_path, stays) == expected


def test_one_spell_ends_after_a_year_less_its_weekends(tmp_path: Path) -> None:
    """248 working days from Monday 1 January 2024: 49 weeks and three days, so that Thursday 12 December is without."""
    assert end_of_right(tmp_path, (1000, 1, 1, 1)) == dt.date(2024, 12, 12)


@pytest.mark.parametrize(("fit", "kept"), [(181, True), (182, False), (200, False)])
def test_26_weeks_fit_give_a_new_right(tmp_path: Path, fit: int, kept: bool) -> None:
    stays = (200, fit, 10, 20)
    assert end_of_right(tmp_path, stays) == by_hand(stays, kept)
