"""The first waist: a compiled model for a batch of draws, as plain arrays of fixed type and order.

Everything an engine needs and nothing else: no names but as addresses of random numbers, no money, no files. The
constructor is the one check; engines trust it. Sizes: D draws, G strategies, N individuals (or groups), S states, J
exits, X deadlines, C clocks, W windows, L rows of ratios, F multipliers, K tallies, E event tallies, R rule periods, P
passages, T cycles, Z step functions, Y clocks that count the last cycles only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costeff.errors import EngineError

FIXED_POINT = 2.0**20  # weights are whole multiples of 2**-20, so that sums are exact in any order

PLAIN, ON_LEAVING, LOOK_BACK = 0, 1, 2  # how a clock is reset
CLOCK_TIME_IN_STATE, CLOCK_TIME = 0, 1  # the two built-in clocks


class Tables(NamedTuple):
    """Arrays handed to a kernel, in this order. Integers are int32 unless noted; times are in cycles."""

    draw_key: np.ndarray  # (D,) uint64: address of each draw's random numbers
    exit_first: np.ndarray  # (S+1,) exits of state s are exit_first[s] .. exit_first[s+1]-1, in declared order
    exit_target: np.ndarray  # (J,)
    exit_clock: np.ndarray  # (J,)
    exit_table: np.ndarray  # (J,) row group in the hazard tables
    exit_factor: np.ndarray  # (J,) row of `factor`, -1: none
    exit_ratio: np.ndarray  # (J,) row of `ratio`, 0: ones
    # (J,) uint64: hash of the name of the exponential that it draws; exits that exclude each other share one
    exit_name: np.ndarray
    exit_lifelong: np.ndarray  # (J,) row of the exponential carried through life, -1: none
    exit_second: np.ndarray  # (J,) step function of another clock that multiplies the hazard, -1: none
    lifelong_name: np.ndarray  # (rows,) uint64: hash of its name
    state_name: np.ndarray  # (S,) uint64: hash of the state's name
    table_offset: np.ndarray  # (Q,) int64: where table q begins in a row of `cumulative`
    table_start: np.ndarray  # (Q,) clock value of its first entry
    table_length: np.ndarray  # (Q,) cycles covered; it has one more entry than cycles
    table_stratum: np.ndarray  # (Q,) row of `stratum`, -1: none; strata follow each other
    stratum: np.ndarray  # (Z, D, N) codes
    cumulative: np.ndarray  # (D, M) float64: hazard summed from the table's start
    table_most: np.ndarray  # (D, Q) float64: the largest hazard of table q in one cycle
    ratio: np.ndarray  # (D, G, L, W) float64: strategy effects; row 0 is 1
    ratio_most: np.ndarray  # (D, G, L) float64: the largest ratio over windows, to rule exits out early
    window_edge: np.ndarray  # (W+1,): 0 .. T
    factor: np.ndarray  # (F, D, N) float64: individual multipliers
    second_clock: np.ndarray  # (Z,) the clock that each step function is read on
    second_offset: np.ndarray  # (Z,) int64: where step function r begins in `second_value`
    second_start: np.ndarray  # (Z,) clock value of its first entry; below it the first holds
    second_length: np.ndarray  # (Z,) its entries; past them the last holds
    second_value: np.ndarray  # (D, M) float64
    second_most: np.ndarray  # (D, Z) float64: the largest entry of step function r
    deadline_first: np.ndarray  # (S+1,)
    deadline_target: np.ndarray  # (X,)
    deadline_clock: np.ndarray  # (X,)
    deadline_row: np.ndarray  # (X,) row of `deadline_at`
    deadline_at: np.ndarray  # (V, D, N)
    clock_initial: np.ndarray  # (C, D, N)
    clock_advances: np.ndarray  # (C, S) uint8
    clock_kind: np.ndarray  # (C,) PLAIN, ON_LEAVING or LOOK_BACK
    clock_mask: np.ndarray  # (C, S) uint8: states whose leaving resets, or that count for the look-back
    clock_after: np.ndarray  # (C,)
    clock_within: np.ndarray  # (C,)
    clock_banked: np.ndarray  # (C, D, N)
    clock_banked_until: np.ndarray  # (C, D, N)
    clock_recent: np.ndarray  # (C,) row of `recent_..` of a clock that counts the last cycles only, -1: all count
    recent_within: np.ndarray  # (Y,) how many of the last cycles count; minus the number of stages of a clock of stages
    recent_weekday: np.ndarray  # (Y,) day of the week of cycle 0 (0: Monday) where weekdays alone count, -1: all days
    recent_until: np.ndarray  # (Y, D, N) cycles before the start at which those of the initial value had ended; of a
    # clock of stages the cycle of each stage, in so many rows from its own on
    count_first: np.ndarray  # (J+X+1,) counters of event e are count_clock[count_first[e]] .. [count_first[e+1]-1]
    count_clock: np.ndarray  # (..) clocks that count events: 1 more at each
    count_most: np.ndarray  # (C,) where a counter stays
    start_row: np.ndarray  # (G,) row of `start_state`
    start_state: np.ndarray  # (rows, D, N)
    band_clock: np.ndarray  # (B,)
    band_first: np.ndarray  # (B+1,) edges of band b
    band_edge: np.ndarray  # (E,)
    tally_first: np.ndarray  # (K+1,) bands crossed in tally k
    tally_band: np.ndarray  # (..)
    tally_weight: np.ndarray  # (K,) row of `weight`, -1: count individuals
    tally_offset: np.ndarray  # (K+1,) first cell of tally k
    tally_cells: np.ndarray  # (K,) cells per state
    tally_state: np.ndarray  # (K, S) uint8: states that are counted
    tally_strategy: np.ndarray  # (K, G) uint8: strategies under which it is counted
    tally_from: np.ndarray  # (K, S) finer tally that already holds this state's time, -1: count it here
    weight: np.ndarray  # (A, D, N) int64, in units of 1/FIXED_POINT
    tally_dated: np.ndarray  # (K,) uint8: 1 where each rule period has its own row of `weight`, from the first on
    rule_start: np.ndarray  # (R+1,) where each rule period begins, 0 .. T+2
    rule_at: np.ndarray  # (T+1,) the rule period that holds each point
    event_tally_event: np.ndarray  # (E, J+X) uint8: events that each event tally counts; none: the start
    event_tally_weight: np.ndarray  # (E,) row of `weight`, -1: count events
    event_tally_dated: np.ndarray  # (E,) uint8, as `tally_dated`
    event_tally_first: np.ndarray  # (E+1,) bands crossed in each
    event_tally_band: np.ndarray  # (..)
    event_tally_offset: np.ndarray  # (E+1,) its first cell
    passage_state: np.ndarray  # (P, S) uint8
    passage_stay: np.ndarray  # (P,)


@dataclass(frozen=True)
class Tensors:
    """A compiled model for a batch of draws. `split` individuals form the first half, the rest the second.

    `cycle_weight` (layers, T+1) says how much each point of time counts in each layer (within-cycle rule times discount
    factor; layer 0 is undiscounted), `event_weight` the same for events (discount factor only);
    `period` (T+1,) int32 names the period each point belongs to. `group_weight` (D, N) is given when the "individuals"
    are groups of a cohort; it sums to the same total in every draw.
    """

    tables: Tables
    cycle_weight: np.ndarray
    event_weight: np.ndarray
    period: np.ndarray
    seed: int
    split: int
    first_individual: int = 0
    group_weight: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in Tables._fields:
            _check_array(name, getattr(self.tables, name))
        t = self.tables
        if self.individuals < 1:
            raise EngineError(
                "no individuals to simulate",
                value=self.individuals,
                rule="at least one individual per draw",
                way_out="give individuals=1 or more",
            )
        if not 0 <= self.seed < 2**64:
            raise EngineError("seed out of range", value=self.seed, rule="an integer from 0 to 2**64 - 1")
        with np.errstate(over="ignore"):
            finite = np.isfinite(t.cumulative.sum())  # a sum needs no second array
        if not finite and not np.isfinite(t.cumulative).all():
            raise EngineError(
                "a cumulative hazard is not finite",
                rule="hazards are finite; certain exits are deadlines",
                way_out="declare the exit under `deadlines`, or lower the hazard",
            )
        if t.window_edge[0] != 0 or np.any(np.diff(t.window_edge) <= 0):
            raise EngineError("effect windows must increase from 0", value=t.window_edge.tolist())
        if self.cycle_weight.shape[1] != self.cycles + 1 or self.period.shape != (self.cycles + 1,):
            raise EngineError("cycle weights and periods must cover every point of time")

    @property
    def draws(self) -> int:
        return int(self.tables.cumulative.shape[0])

    @property
    def strategies(self) -> int:
        return int(self.tables.ratio.shape[1])

    @property
    def individuals(self) -> int:
        return int(self.tables.start_state.shape[2])

    @property
    def states(self) -> int:
        return int(self.tables.exit_first.shape[0] - 1)

    @property
    def cycles(self) -> int:
        return int(self.tables.window_edge[-1])

    @property
    def cells(self) -> int:
        return int(self.tables.tally_offset[-1])

    @property
    def events(self) -> int:
        """Exits, then deadlines: the rows of the event counts."""
        return int(self.tables.exit_target.shape[0] + self.tables.deadline_target.shape[0])

    @property
    def event_cells(self) -> int:
        """Cells of the event tallies: rows of `Quantities.events` behind those of events."""
        return int(self.tables.event_tally_offset[-1])

    @property
    def passages(self) -> int:
        return int(self.tables.passage_stay.shape[0])

    @property
    def periods(self) -> int:
        return int(self.period.max()) + 1

    @property
    def layers(self) -> int:
        return int(self.cycle_weight.shape[0])


_FLOATS = {
    "cumulative": 2,
    "table_most": 2,
    "ratio": 4,
    "ratio_most": 3,
    "factor": 3,
    "second_value": 2,
    "second_most": 2,
}
_LONGS = {"table_offset": 1, "weight": 3, "second_offset": 1}
_HASHES = {"draw_key": 1, "exit_name": 1, "lifelong_name": 1, "state_name": 1}
_BYTES = {"clock_advances": 2, "clock_mask": 2, "tally_state": 2, "tally_strategy": 2, "passage_state": 2} | {
    "tally_dated": 1,
    "event_tally_event": 2,
    "event_tally_dated": 1,
}
_WIDE = {
    "tally_from": 2,
    "stratum": 3,
    "deadline_at": 3,
    "clock_initial": 3,
    "clock_banked": 3,
    "clock_banked_until": 3,
    "recent_until": 3,
    "start_state": 3,
}


def array_type(name: str) -> tuple[np.dtype, int]:
    """Type and number of dimensions of a field of `Tables`."""
    if name in _FLOATS:
        return np.dtype(np.float64), _FLOATS[name]
    if name in _LONGS:
        return np.dtype(np.int64), _LONGS[name]
    if name in _BYTES:
        return np.dtype(np.uint8), _BYTES[name]
    if name in _HASHES:
        return np.dtype(np.uint64), _HASHES[name]
    return np.dtype(np.int32), _WIDE.get(name, 1)


def as_array(name: str, values: object) -> np.ndarray:
    """`values` in the type and memory order that the kernels are compiled for."""
    dtype, _ = array_type(name)
    return np.ascontiguousarray(values, dtype=dtype)


def _check_array(name: str, array: np.ndarray) -> None:
    dtype, ndim = array_type(name)
    if array.dtype != dtype or array.ndim != ndim or not array.flags.c_contiguous:
        raise EngineError(
            f"compiled array '{name}' has the wrong form",
            value=f"{array.dtype}, {array.ndim} dimensions",
            rule=f"{dtype}, {ndim} dimensions, C order: kernels are compiled once for it",
            way_out="build it with costeff.engine.tensors.as_array",
        )
