"""Anchored in `invest` of the same file: the app's numbers are its numbers to the last digit, however they came."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import pytest
from app_example import CASE, WITH_EFFECT, open_case, settled
from random_cases import differences, put, random_cases

from costeff.app.results.desk import CaseDesk, State
from costeff.numerics.allocator import zeros_by_page


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> CaseDesk:
    one = open_case(tmp_path_factory.mktemp("cases"))
    settled(one)
    return one


def same_as_the_command_line(state: State) -> None:
    assert state.is_current
    assert differences(state) == []


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


def test_other_numbers_of_citizens_are_laid_out_at_once(desk: CaseDesk) -> None:
    for path, scalar in ((("inflow", 2026), "80"), (("uptake",), "0.7"), (("programme", "variable"), "9000")):
        state = put(desk, path, scalar)
        assert (state.is_current, state.runs) == (True, False), path
    same_as_the_command_line(state)


def test_another_queue_is_laid_out_at_once_while_nobody_waits_longer_than_before(tmp_path: Path) -> None:
    queue = "capacity: {consultants: 1, caseload: 8, course: 13, patience: 0, leaves: end_of_sickness_benefit}\n"
    costs = "per_consultant: 600000\n  variable: 0\n  replaces: {casework: 0.25}"
    one = open_case(tmp_path, CASE.replace("variable: 12000  # kr.", costs) + queue)
    settled(one)
    for path, scalar in ((("capacity", "consultants"), "1.25"), (("inflow", 2026), "50"), (("out_migration",), "0.1")):
        state = put(one, path, scalar)
        assert state.is_current, path
    same_as_the_command_line(state)
    state = put(one, ("capacity", "patience"), "26")  # some begin later than anybody did
    assert (state.is_current, state.runs) == (False, False)
    one.start()
    same_as_the_command_line(settled(one))


def test_lives_wait_for_a_simulation_and_the_old_result_says_so(desk: CaseDesk) -> None:
    state = put(desk, ("rules", "regime"), "new")
    assert state.latest is not None
    assert (state.is_current, state.runs) == (False, False)
    desk.start()
    same_as_the_command_line(settled(desk))
    state = put(desk, ("rules", "regime"), "old")  # which has been simulated before
    assert (state.is_current, state.runs) == (True, False)


def test_a_first_look_has_fewer_draws_than_the_result_before(tmp_path: Path) -> None:
    """Lines that read nothing uncertain cost the same in both, but for another number of draws."""
    one = open_case(tmp_path, CASE.replace("draws: 8", "draws: 80"))
    settled(one)
    assert not put(one, ("fidelity",), "0.9").is_current
    one.start()
    state = settled(one)
    assert state.problem is None
    same_as_the_command_line(state)


def test_a_belief_has_its_three_columns(tmp_path: Path) -> None:
    one = open_case(tmp_path, WITH_EFFECT)
    settled(one)
    state = put(one, ("programme", "variable"), "15000")
    same_as_the_command_line(state)
    assert state.latest is not None
    assert state.latest.content.belief is not None


def test_a_mistake_in_the_file_is_said_and_the_old_result_stays(desk: CaseDesk) -> None:
    state = put(desk, ("years",), "99")
    assert state.problem is not None
    assert (state.is_current, state.latest is not None) == (False, True)
    assert put(desk, ("years",), "2").is_current


def test_a_simulation_can_be_cancelled(tmp_path: Path) -> None:
    one = open_case(tmp_path, CASE.replace("draws: 8", "draws: 1000"))
    state = one.state()
    assert state.job is not None
    one.cancel()
    state.job.wait()
    state = one.state()
    assert (state.is_current, state.runs, state.problem) == (False, False, None)


def test_the_result_before_is_let_go_and_kept_lives_are_the_cases_own(tmp_path: Path) -> None:
    one = open_case(tmp_path, f"{CASE}fidelity: 0.9\n")
    first = settled(one).latest
    assert first is not None
    result = weakref.ref(first.result)
    del first
    state = put(one, ("programme", "variable"), "15000")
    gc.collect()
    assert state.before is not None
    assert result() is None
    (lives,) = one.results._lives
    kept = {key[1:] for batch in lives._batches for key in batch.done}
    assert {strength for delay, strength in kept if delay >= 0} == {0.9}


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory is resident")
def test_rows_of_nobody_take_no_memory() -> None:
    """Of 400 rows of 64 pages every tenth is written: a tenth of the pages is resident, and not all."""

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1])

    before, rows = resident(), zeros_by_page((400, 64, 512))
    rows[::10] = 1.0
    assert 40 * 64 <= resident() - before < 80 * 64
    assert rows.sum() == 40 * 64 * 512


def test_random_cases_have_the_numbers_of_the_command_line(tmp_path: Path) -> None:
    """Few here; `python tests/app/random_cases.py --log` does fifty and writes `random_cases.md`."""
    rows = random_cases(tmp_path, 3, seed=4)
    assert [row["equal"] for row in rows] == [True] * 3
