"""Anchored in `invest` of the same file: the app's numbers are its numbers to the last digit, however they came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_example import CASE, open_case

from costeff.app.files.edit import KeyPath, with_value
from costeff.app.files.versions import Change
from costeff.app.results.desk import CaseDesk, State
from costeff.investment.invest import invest


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> CaseDesk:
    one = open_case(tmp_path_factory.mktemp("cases"))
    settled(one)
    return one


def settled(one: CaseDesk) -> State:
    """The state when nothing runs any more."""
    state = one.state()
    if state.job is not None:
        state.job.wait()
    return one.state()


def put(one: CaseDesk, path: KeyPath, scalar: str) -> State:
    key = ".".join(map(str, path))
    one.file.save(lambda text: with_value(text, path, scalar), one.file.read()[1].number, Change(key, "", scalar, "t"))
    return one.state()


def same_as_the_command_line(state: State) -> None:
    assert state.shown is not None
    assert state.is_current
    result: Any = state.shown.result
    other = invest(state.shown.case.file, progress=False)
    assert np.array_equal(result.cash.usual, other.cash.usual)
    assert np.array_equal(result.cash.programme, other.cash.programme)
    assert np.array_equal(result.npv("public"), other.npv("public"))
    assert np.array_equal(result.without_effect().programme, other.without_effect().programme)


def test_prices_are_priced_at_once_as_the_command_line_does(desk: CaseDesk) -> None:
    for path, scalar in (
        (("programme", "variable"), "15000"),
        (("set", "municipal_tax"), "0.27"),
        (("programme", "fixed"), "100000"),
        (("out_migration",), "0.05"),
        (("view",), "all_municipalities"),
        (("set", "casework_overhead"), "1.5"),
    ):
        state = put(desk, path, scalar)
        assert state.is_current, path
    same_as_the_command_line(state)


def test_lives_wait_for_a_simulation_and_the_old_result_says_so(desk: CaseDesk) -> None:
    state = put(desk, ("inflow", 2026), "80")
    assert state.shown is not None
    assert (state.is_current, state.runs) == (False, False)
    desk.start()
    same_as_the_command_line(settled(desk))
    state = put(desk, ("inflow", 2026), "60")  # which has been simulated before
    assert (state.is_current, state.runs) == (True, False)


def test_a_belief_has_its_three_columns(tmp_path: Path) -> None:
    effect = (
        "effect: {measure: share, weeks: 26, today: 0.55, programme: 0.6, programme_low: 0.55, programme_high: 0.65}"
    )
    one = open_case(tmp_path, f"{CASE}{effect}\n")
    same_as_the_command_line(settled(one))
    state = put(one, ("programme", "variable"), "15000")
    same_as_the_command_line(state)
    assert state.shown is not None
    assert state.shown.content.belief is not None


def test_a_mistake_in_the_file_is_said_and_the_old_result_stays(desk: CaseDesk) -> None:
    state = put(desk, ("years",), "99")
    assert state.problem is not None
    assert (state.is_current, state.shown is not None) == (False, True)
    assert put(desk, ("years",), "2").is_current


def test_a_simulation_can_be_cancelled(tmp_path: Path) -> None:
    one = open_case(tmp_path, CASE.replace("draws: 8", "draws: 1000"))
    state = one.state()
    assert state.job is not None
    one.cancel()
    state.job.wait()
    state = one.state()
    assert (state.is_current, state.runs, state.problem) == (False, False, None)
