"""Anchored in hand-counted weeks: the look-back rule of the refund ladder (52 weeks of self-support within 156)."""

from __future__ import annotations

import numpy as np
import pytest
from random_models import E, banded_flow, model, parties, start_in, states
from twins.microsim import Twin

from costeff.compile import compile_model
from costeff.compile.layout import layout
from costeff.engine.events.microsim import microsim
from costeff.errors import ModelError
from costeff.model import Band, Clock, Deadline, LookBack, Model

AFTER, WITHIN = 52, 156
VISITS = ("a", "b", "c", "d", "e", "f", "g")


def path(*stays: tuple[str, int], initial: int = 0, banked: tuple[int, int] = (0, 0)) -> Model:
    """Stays of given weeks on the ladder ("on") or in self-support ("off"), one state each; then a last stay on it.

    The clock is read from the bands of the last state: one week wide up to 12.
    """
    names = VISITS[: len(stays) + 1]
    on = (*(n for n, (kind, _) in zip(names, stays, strict=False) if kind == "on"), names[-1])
    off = tuple(n for n in names if n not in on)
    reset = LookBack(AFTER, WITHIN, off or (names[0],), E(banked[0]), E(banked[1]))
    ends = [
        Deadline(f"end_{n}", n, names[i + 1], "time_in_state", E(weeks))
        for i, (n, (_, weeks)) in enumerate(zip(names, stays, strict=False))
    ]
    return model(
        horizon=sum(weeks for _, weeks in stays) + 1,
        states=states(*names),
        attributes=(start_in(names[0]),),
        clocks=(Clock("ladder", E(initial), advances_in=on, reset=reset),),
        deadlines=tuple(ends),
        bands=(Band("weeks", "ladder", tuple(range(1, 13))),),
        parties=parties(),
        flows=(banded_flow("benefit", names, ("weeks",), 13, None),),
    )


def clock_at_end(chosen: Model) -> int:
    """Value of the ladder (12: 12 or more) in the first week of the last state; the twin must say the same."""
    tensors = compile_model(chosen, {}, {}, individuals=1, seed=1).tensors
    where = layout(chosen)
    cells = where.cells(where.tally(None, ("weeks",)), chosen.state_names[-2])
    (last,) = Twin(tensors.tables._asdict(), 1).simulate(1)
    occupied = np.array(last.occupancy)[0, 0, cells, tensors.cycles - 1]
    time = microsim(tensors).time[0, 0, 0, cells].sum(axis=1)[:, 0]
    assert time.sum() == 1
    assert np.array_equal(time, occupied)
    return int(np.argmax(time))


@pytest.mark.parametrize(
    ("stays", "weeks"),
    [
        ([("on", 10), ("off", 52)], 0),  # 52 weeks of self-support: back to week 1
        ([("on", 10), ("off", 51)], 10),  # 51 are not enough
        ([("on", 10), ("off", 200)], 0),  # more than the look-back holds
        ([("on", 2), ("off", 30), ("on", 5), ("off", 22)], 0),  # 30 + 22 within 57 weeks
        ([("on", 2), ("off", 30), ("on", 5), ("off", 21)], 7),  # 30 + 21
        ([("on", 2), ("off", 30), ("on", 9), ("off", 1), ("on", 1), ("off", 21)], 0),  # three parts
        ([("on", 1), ("off", 30), ("on", 104), ("off", 22)], 0),  # 30 + 104 + 22 = 156: all of it counts
        ([("on", 1), ("off", 30), ("on", 105), ("off", 22)], 12),  # the first week has left the look-back
        ([("on", 1), ("off", 30), ("on", 105), ("off", 23)], 12),  # 28 + 23 once two weeks have left
        ([("off", 30), ("on", 5), ("off", 22)], 5),  # weeks before the latest placement do not count
        ([("off", 30), ("on", 5), ("off", 51)], 5),
        ([("off", 30), ("on", 5), ("off", 52)], 0),
        ([("on", 3), ("off", 52), ("on", 4), ("off", 51)], 4),  # a reset spends the weeks that caused it
        ([("on", 3), ("off", 52), ("on", 4), ("off", 52)], 0),
        ([("on", 3), ("off", 90), ("on", 4), ("off", 14)], 4),  # the 38 weeks past 52 are spent too
    ],
)
def test_look_back_by_hand(stays: list[tuple[str, int]], weeks: int) -> None:
    assert clock_at_end(path(*stays)) == weeks


@pytest.mark.parametrize(
    ("banked", "initial", "stays", "weeks"),
    [
        ((51, 0), 7, [("off", 1)], 0),  # one week more completes what was earned before the start
        ((50, 0), 7, [("off", 1)], 7),
        ((51, 8), 7, [("on", 2), ("off", 1)], 0),  # earned from week -59 to -8
        ((51, 104), 7, [("off", 1)], 0),  # weeks -155 to -105, and week 0: 156 in all
        ((51, 0), 0, [("on", 2), ("off", 1)], 2),  # placed from 0 at the start: what came before is spent
        ((51, 0), 0, [("on", 2), ("off", 51)], 2),
    ],
)
def test_weeks_banked_before_the_start(
    banked: tuple[int, int], initial: int, stays: list[tuple[str, int]], weeks: int
) -> None:
    assert clock_at_end(path(*stays, initial=initial, banked=banked)) == weeks


def test_banked_weeks_leave_the_look_back_one_by_one() -> None:
    """51 weeks that ended `gap` weeks before the start, and 1 after it: the oldest is `gap + 52` weeks back."""
    found = [clock_at_end(path(("off", 1), initial=7, banked=(51, gap))) for gap in (103, 104, 105, 120)]
    assert found == [0, 0, 7, 7]


def test_a_full_bank_is_refused() -> None:
    with pytest.raises(ModelError, match="out of range") as caught:
        clock_at_end(path(("off", 1), initial=7, banked=(52, 0)))
    assert "51" in str(caught.value)
