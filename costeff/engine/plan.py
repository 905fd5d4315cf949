"""What a kernel looks up by state or by exit, made once from `Tables`: short lists in place of loops over everything.

A sojourn then touches only the clocks that are reset, the tallies that count and the exits that carry a lifelong
exponential in its own state. Everything here follows from `Tables` and changes no number.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from costeff.kernel_cache import kernel_part
from costeff.tensors import LOOK_BACK, ON_LEAVING, Tables

ROOM = 1.0 + 1e-9  # more than the rounding of a sum over windows


@kernel_part
def look(array, i):
    """array[i] for i known to be 0 or more: numba then leaves out its test for counting from the end."""
    return array[np.uint64(i)]


class Plan(NamedTuple):
    """Lists by state are pairs: the items of state s are item[first[s]] .. item[first[s + 1] - 1]."""

    exit_row: np.ndarray  # (J,) int64: place in `cumulative` of the exit's table at clock value 0, stratum 0
    exit_stride: np.ndarray  # (J,) int64: entries from one stratum to the next, 0 without strata
    exit_stratum: np.ndarray  # (J,) int32: row of `stratum`
    exit_moving: np.ndarray  # (J,) uint8: the exit's clock advances in the state it leaves
    exit_most: np.ndarray  # (D, G, J) float64: the largest ratio over windows, with room for rounding
    exit_rate: np.ndarray  # (D, G, J) float64: the largest hazard of any cycle times `exit_most`
    exit_order: np.ndarray  # (J,) int32: the exits of each state, the likeliest first
    blocks: np.ndarray  # (S,) int32: blocks of four random numbers that a sojourn in the state needs
    lifelong_first: np.ndarray  # (S+1,) int32
    lifelong_exit: np.ndarray  # exits with a lifelong exponential
    advance: np.ndarray  # (S * C,) int64: 1 where the clock advances
    reset_first: np.ndarray  # (S+1,) int32
    reset_clock: np.ndarray  # clocks set to 0 on leaving the state
    settled_first: np.ndarray  # (S+1,) int32
    settled_clock: np.ndarray  # look-back clocks that count the state
    look_back: np.ndarray  # every look-back clock
    counted_first: np.ndarray  # (S+1,) int32
    counted_tally: np.ndarray  # tallies that count the state
    counted_cell: np.ndarray  # int64: first cell of the state in that tally


def plan(tables: Tables) -> Plan:
    """The lists of `tables`."""
    exits = np.arange(len(tables.exit_target))
    states = len(tables.exit_first) - 1
    source = np.repeat(np.arange(states), np.diff(tables.exit_first))
    table = tables.exit_table
    stratum = tables.table_stratum[table]
    kind = tables.clock_kind[:, None]
    counted = (tables.tally_state != 0) & (tables.tally_from < 0)
    lifelong = np.zeros((len(exits), states), bool)
    lifelong[exits, source] = tables.exit_lifelong >= 0
    tally_first, tally = _by_state(counted)
    most = ROOM * tables.ratio_most[:, :, tables.exit_ratio]
    rate = most * _largest_hazard(tables)[:, None, table]
    order = np.lexsort((-rate.mean(axis=(0, 1)), source))
    drawn = tables.exit_lifelong < 0
    blocks = np.zeros(states, np.int32)
    np.maximum.at(blocks, source[drawn], tables.exit_slot[drawn] // 4 + 1)
    owner = np.repeat(np.arange(states), np.diff(tally_first))
    return Plan(
        exit_row=np.asarray(tables.table_offset[table] - tables.table_start[table], np.int64),
        exit_stride=np.where(stratum >= 0, tables.table_length[table].astype(np.int64) + 1, 0),
        exit_stratum=np.maximum(stratum, 0).astype(np.int32),
        exit_moving=np.ascontiguousarray(tables.clock_advances[tables.exit_clock, source]),
        exit_most=np.ascontiguousarray(most),
        exit_rate=np.ascontiguousarray(rate),
        exit_order=order.astype(np.int32),
        blocks=blocks,
        **_pair("lifelong_first", "lifelong_exit", lifelong),
        advance=tables.clock_advances.T.astype(np.int64).ravel(),
        **_pair("reset_first", "reset_clock", (kind == ON_LEAVING) & (tables.clock_mask != 0)),
        **_pair("settled_first", "settled_clock", (kind == LOOK_BACK) & (tables.clock_mask != 0)),
        look_back=np.flatnonzero(tables.clock_kind == LOOK_BACK).astype(np.int32),
        counted_first=tally_first,
        counted_tally=tally,
        counted_cell=tables.tally_offset[tally].astype(np.int64) + owner * tables.tally_cells[tally],
    )


def _pair(first: str, items: str, of: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip((first, items), _by_state(of), strict=True))


def _by_state(of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S+1,) and the items in order of state, from (items, S) bool."""
    first = np.concatenate([[0], np.cumsum(of.sum(axis=0))])
    return first.astype(np.int32), np.nonzero(of.T)[1].astype(np.int32)


def _largest_hazard(tables: Tables) -> np.ndarray:
    """(D, Q) the largest hazard in one cycle anywhere in table q."""
    most = np.zeros((len(tables.cumulative), len(tables.table_offset)))
    ends = np.append(tables.table_offset, tables.cumulative.shape[1])
    for q, (low, high) in enumerate(pairwise(ends)):
        part = tables.cumulative[:, low:high].reshape(len(most), -1, tables.table_length[q] + 1)
        most[:, q] = np.diff(part, axis=-1).max(axis=(1, 2), initial=0.0)
    return most
