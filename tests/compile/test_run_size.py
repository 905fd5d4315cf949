"""The size of a run, estimated before it starts: its arrays to the byte, its limits from the machine or the user."""

from __future__ import annotations

import pytest

from costeff import load
from costeff.compile.run_size import (
    BASE,
    BATCHES,
    MEMORY,
    MOST_PERSON_CYCLES,
    WORK,
    check_run_size,
    memory_free,
    run_size,
)
from costeff.errors import EngineError
from costeff.model.sizes import MOST_DRAWS, MOST_INDIVIDUALS


@pytest.mark.parametrize(
    ("name", "engine"), [("tki2", "microsim"), ("sick_sicker", "microsim"), ("sick_sicker", "cohort")]
)
def test_the_estimate_holds_the_arrays_of_the_result(name: str, engine: str) -> None:
    """Results and flows are most of it, and it is not twice what they take; peaks of processes were within 1.4."""
    study, draws = load(name), 40
    result = study.psa(draws=draws, individuals=10, engine=engine, threads=1, progress=False)
    q, flows = result.simulated.quantities, result.flows
    arrays = [
        q.time,
        q.events,
        flows.amount,
        *([q.passages] if engine == "microsim" else []),
        *([flows.half] if flows.half is not None else []),
    ]
    taken = sum(array.nbytes for array in arrays) / draws
    estimated = [run_size(study.model, n, 10, engine=engine).memory for n in (1000, 2000)]
    each = (estimated[1] - estimated[0]) / 1000
    assert taken <= each <= 1.5 * taken
    assert estimated[0] > BASE + BATCHES


def test_no_more_draws_or_individuals_than_can_be_counted() -> None:
    model = load("sick_sicker").model
    for draws, people, what in (
        (MOST_DRAWS + 1, 1, "draws"),
        (1, MOST_INDIVIDUALS + 1, "individuals"),
        (10**400, 1, "draws"),
    ):
        with pytest.raises(EngineError, match=f"too many {what}"):
            run_size(model, draws, people)


def test_a_run_beyond_the_limits_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    size = run_size(load("sick_sicker").model, 1000, 1000)
    check_run_size(size)
    monkeypatch.setenv(MEMORY, "0.5")
    with pytest.raises(EngineError, match=r"1,000 draws x 4 strategies x 1,000 individuals x 75 cycles: about 0\.6 GB"):
        check_run_size(size)
    monkeypatch.setenv(MEMORY, "0.6")
    check_run_size(size)
    monkeypatch.setenv(WORK, "1e6")
    with pytest.raises(EngineError, match="3e\\+08 person-cycles"):
        check_run_size(size)
    monkeypatch.setenv(WORK, "many")
    with pytest.raises(EngineError, match=f"{WORK} is not a number above 0"):
        check_run_size(size)


def test_work_beyond_a_day_is_refused_unless_it_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    size = run_size(load("sick_sicker").model, 1000, 10**9)
    assert size.person_cycles == 1000 * 4 * 10**9 * 75 > MOST_PERSON_CYCLES
    with pytest.raises(EngineError, match="this run would not end"):
        check_run_size(size)
    monkeypatch.setenv(WORK, "1e15")
    check_run_size(size)
    assert run_size(load("sick_sicker").model, 1000, 10**9, engine="cohort").individuals == 1


def test_the_machine_says_what_is_free() -> None:
    free = memory_free()
    assert free is None or free > 10**6
