"""What the cohort engine can hold: clocks that are certain, at most one that must be carried, no counts of events."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.engine.tensors import CLOCK_TIME_IN_STATE, PLAIN, Tables, Tensors
from costeff.errors import EngineError

MICROSIM = "use the microsimulation"


def check_cohort(tensors: Tensors, clocks: Sequence[str] | None = None, exits: Sequence[str] | None = None) -> None:
    """Refuse what the cohort engine cannot hold. `clocks` and `exits` name the rows of the tables in messages.

    Refused: clocks with resets, hazards on a clock that advances in some states only, and more than one such clock
    under bands and deadlines.
    """
    t = tensors.tables
    clock_name = [f"number {i}" for i in range(len(t.clock_kind))] if clocks is None else clocks
    exit_name = [f"number {i}" for i in range(len(t.exit_target))] if exits is None else exits
    band_clocks = _band_clocks(t) | {int(t.band_clock[b]) for b in t.event_tally_band}
    _check_counts(t, band_clocks, clock_name, exit_name)
    for c in sorted({*map(int, t.exit_clock), *map(int, t.deadline_clock), *band_clocks}):
        if t.clock_kind[c] != PLAIN:
            raise EngineError(
                f"the cohort engine cannot hold clock '{clock_name[c]}', which is reset",
                value=clock_name[c],
                rule="a clock of the cohort engine is never set back: it would need the history of each individual",
                way_out=f"{MICROSIM}, or count on a clock without `reset`",
            )
    for c in sorted({int(t.band_clock[b]) for b in t.event_tally_band}):
        if c == CLOCK_TIME_IN_STATE or not _is_certain(t, c):
            raise EngineError(
                f"events are told apart by bands of clock '{clock_name[c]}'",
                value=clock_name[c],
                rule="an event of the cohort engine is divided by clocks that are the same for everybody in a group",
                way_out=f"{MICROSIM}, or divide events by bands of `time` or of a clock that runs everywhere",
            )
    for j, c in enumerate(t.exit_clock):
        if not _is_certain(t, int(c)):
            raise EngineError(
                f"the hazard of '{exit_name[j]}' is read on clock '{clock_name[c]}', which runs in some states only",
                value=clock_name[c],
                rule="hazards of the cohort engine are on time_in_state, time, or a clock that runs everywhere",
                way_out=f"{MICROSIM}, or read the hazard on one of those clocks",
            )
    carried = carried_clocks(t)
    if len(carried) > 1:
        names = " and ".join(f"'{clock_name[c]}'" for c in carried)
        raise EngineError(
            f"bands and deadlines count on clocks {names}, which run in some states only",
            value=len(carried),
            rule="the cohort engine carries one such clock",
            way_out=f"{MICROSIM}, or keep one of them",
        )


def _check_counts(t: Tables, band_clocks: set[int], clock_name: Sequence[str], exit_name: Sequence[str]) -> None:
    """Refuse counters, clocks that count the last cycles only, and hazards multiplied on a second clock."""
    counters = {int(c) for c in t.count_clock}
    others = {int(t.second_clock[r]) for r in t.exit_second if r >= 0}
    for c in sorted({*map(int, t.exit_clock), *map(int, t.deadline_clock), *band_clocks, *others}):
        if c in counters:
            raise EngineError(
                f"the cohort engine cannot hold the counter '{clock_name[c]}'",
                value=clock_name[c],
                rule="what happened to each individual is not known of a group: a counter is no clock of a group",
                way_out=f"{MICROSIM}, or make a state for each number of events",
            )
        if t.clock_recent[c] >= 0:
            raise EngineError(
                f"the cohort engine cannot hold clock '{clock_name[c]}', which counts the last cycles only",
                value=clock_name[c],
                rule="which cycles lie within the look-back differs between the individuals of a group",
                way_out=f"{MICROSIM}, or count on a clock without `within`",
            )
    for j, r in enumerate(t.exit_second):
        if r >= 0:
            own, other = clock_name[int(t.exit_clock[j])], clock_name[int(t.second_clock[r])]
            raise EngineError(
                f"the hazard of '{exit_name[j]}' is read on '{own}' and multiplied on '{other}'",
                value=f"{own} and {other}",
                rule="the cohort engine reads a hazard on one clock, and changes it by time since the start besides",
                way_out=f"{MICROSIM}, or read hazard and ratio on one clock",
            )


def _is_certain(t: Tables, c: int) -> bool:
    """Whether a clock has the same value for everybody in a group (and for `time_in_state`, in a cell)."""
    row = t.clock_advances[c]
    return bool(row.all() or not row.any())


def _band_clocks(t: Tables) -> set[int]:
    return {int(t.band_clock[b]) for b in t.tally_band}


def carried_clocks(t: Tables) -> list[int]:
    """Clocks whose value must be carried in the vector: they run in some states and are counted on."""
    clocks = _band_clocks(t) | {int(c) for c in t.deadline_clock}
    return sorted(c for c in clocks if not _is_certain(t, c))
