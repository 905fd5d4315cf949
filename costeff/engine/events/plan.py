"""What a kernel looks up by state or by exit, made once from `Tables`: short lists in place of loops over everything.

A sojourn then touches only the clocks that are reset, the tallies that count and the exits that carry a lifelong
exponential in its own state. Everything here follows from `Tables` and changes no number.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from costeff.engine.tensors import FIXED_POINT, LOOK_BACK, ON_LEAVING, Tables
from costeff.numerics.kernel_cache import kernel_part

# A record of `exit`: its number, its row of `factor`, its lifelong exponential or its place among those of the sojourn,
# the place of its table's first entry in `cumulative` and its number in `row_first` (of stratum 0), the clock value of
# that entry, the cycles that the table covers, its row of `stratum`, its clock, its row of `ratio`, whether the clock
# advances in the state, and the step function on another clock. Rows are -1 for none.
EXIT = 13
NUMBER, FACTOR, LIFELONG_LUCK, SLOT, FIRST, ROW, START, LENGTH, STRATUM, CLOCK, RATIO, MOVING, SECOND = range(EXIT)
# A record of `deadline`: its clock, its row of `deadline_at`, and whether the clock advances in the state.
DEADLINE = 3
# A record of `cross`: where the band's values begin in `interval`, its clock, how many intervals, whether the clock
# advances in the state, and the value from which nothing changes any more.
CROSS = 5
CROSS_PLACE, CROSS_CLOCK, CROSS_CELLS, CROSS_MOVING, CROSS_LAST = range(CROSS)
# A record of `gain`: the cell of an event tally, what it counts (as `member_load`), whether each rule period has its
# own row of `weight`, and the place of its bands in `cross_first`, behind those of groups.
GAIN = 4
GAIN_CELL, GAIN_LOAD, GAIN_DATED, GAIN_CROSS = range(GAIN)
NEVER = 1 << 40  # cycles
ROOM = 1.0 + 1e-9  # more than the rounding of a sum over windows


@kernel_part
def look(array, i):
    """array[i] for i known to be 0 or more: numba then leaves out its test for counting from the end."""
    return array[np.uint64(i)]


class EventPlan(NamedTuple):
    """Lists by state are pairs: the items of state s are item[first[s]] .. item[first[s + 1] - 1]."""

    exit: np.ndarray  # int64, records of EXIT: the exits of each state, the likeliest first
    exit_at: np.ndarray  # (J,) int64: the record of exit j
    exit_most: np.ndarray  # (D, G, 2 J) float64, pairs by record: the largest hazard of any cycle times the largest
    # ratio of any window, and that ratio; both with room for rounding
    slot_first: np.ndarray  # (S+1,) int32
    slot_name: np.ndarray  # uint64: the names of the exponentials that a sojourn in the state needs
    row_first: np.ndarray  # int64: where each hazard table of each stratum begins in `cumulative`
    row_length: np.ndarray  # int64: the cycles it covers
    target: np.ndarray  # (J + X,) int64: the state that an event leads to
    deadline: np.ndarray  # int64, records of DEADLINE
    window_at: np.ndarray  # (T+1,) int32: the effect window that holds a cycle
    lifelong_first: np.ndarray  # (S+1,) int32
    lifelong_exit: np.ndarray  # records of exits with a lifelong exponential
    advance: np.ndarray  # (S * C,) int64: 1 where the clock advances
    always: np.ndarray  # (C,) int64: 1 for a clock that advances in every state, kept as its distance to time
    moved_first: np.ndarray  # (S+1,) int32
    moved: np.ndarray  # other clocks that advance in the state
    reset_first: np.ndarray  # (S+1,) int32
    reset_clock: np.ndarray  # clocks set to 0 on leaving the state
    settled_first: np.ndarray  # (S+1,) int32
    settled: np.ndarray  # look-back clocks that count the state, by their place in `look_back`
    look_back: np.ndarray  # every look-back clock
    group_first: np.ndarray  # (S+1,) int32
    dated_first: np.ndarray  # (S,) int32: of those of state s the first whose weights change with the rule period
    group_cell: np.ndarray  # int64: first counter of the group
    member_first: np.ndarray  # (groups+1,) int32
    member_load: np.ndarray  # int32: what a member counts: 0 individuals, a + 1 weight a
    cross_first: np.ndarray  # (groups+1,) int32
    cross: np.ndarray  # int64, records of CROSS: the bands that a group crosses
    interval: np.ndarray  # int64, pairs by value of a band's clock: (interval, cycles until the next begins)
    interval_fall: np.ndarray  # int64, by value: how far it may fall within its interval
    group_strategy: np.ndarray  # (groups * G,) int32: 1 where the group is counted under the strategy
    group_recent: np.ndarray  # (groups,) int32: 1 where a band is on a clock that counts the last cycles only
    second_rise: np.ndarray  # (D, M) int64: how far the clock may rise from an entry of `second_value` to another value
    second_fall: np.ndarray  # (D, M) int64: how far it may fall and the value is the same
    unit: np.ndarray  # (counters,) float64: what 1 in a counter stands for
    cell_first: np.ndarray  # (cells+1,) int64
    cell_from: np.ndarray  # int64: the counters that add up to a cell
    gain_first: np.ndarray  # (J + X + 1,) int32, all 0 without event tallies
    gain: np.ndarray  # int64, records of GAIN by event: the event tallies that it adds to
    gain_unit: np.ndarray  # (cells of event tallies,) float64: what 1 in each stands for


def plan(tables: Tables) -> EventPlan:
    """The lists of `tables`."""
    exits = np.arange(len(tables.exit_target))
    states = len(tables.exit_first) - 1
    source = np.repeat(np.arange(states), np.diff(tables.exit_first))
    table = tables.exit_table
    kind = tables.clock_kind[:, None]
    rows = [(first, step - 1) for low, high, step in _tables(tables) for first in range(low, high, step)]
    record = np.zeros((len(exits), EXIT), np.int64)
    record[:, NUMBER] = exits
    record[:, FACTOR] = tables.exit_factor
    record[:, LIFELONG_LUCK] = tables.exit_lifelong
    slot, slot_first, slot_name = _slots(tables)
    record[:, SLOT] = slot
    record[:, FIRST] = tables.table_offset[table]
    record[:, ROW] = np.searchsorted(np.array([first for first, _ in rows]), record[:, FIRST])
    record[:, START] = tables.table_start[table]
    record[:, CLOCK] = tables.exit_clock
    record[:, RATIO] = tables.exit_ratio
    record[:, MOVING] = tables.clock_advances[tables.exit_clock, source]
    record[:, LENGTH] = tables.table_length[table]
    record[:, STRATUM] = tables.table_stratum[table]
    record[:, SECOND] = tables.exit_second
    most = ROOM * tables.ratio_most[:, :, tables.exit_ratio]
    has_second = tables.exit_second >= 0
    most[:, :, has_second] *= ROOM * tables.second_most[:, None, tables.exit_second[has_second]]
    rate = most * tables.table_most[:, None, table]
    order = np.lexsort((-rate.mean(axis=(0, 1)), source))
    lifelong = np.zeros((len(exits), states), bool)
    lifelong[exits, source[order]] = tables.exit_lifelong[order] >= 0
    always = np.asarray(tables.clock_advances.all(axis=1), np.int64)
    return EventPlan(
        exit=record[order].ravel(),
        exit_at=np.argsort(order),
        exit_most=np.stack([rate, most], axis=-1)[:, :, order].reshape(*rate.shape[:2], -1),
        slot_first=slot_first,
        slot_name=slot_name,
        row_first=np.array([first for first, _ in rows], np.int64),
        row_length=np.array([length for _, length in rows], np.int64),
        target=np.concatenate([tables.exit_target, tables.deadline_target]).astype(np.int64),
        deadline=_deadlines(tables),
        window_at=_windows(tables),
        **_pair("lifelong_first", "lifelong_exit", lifelong),
        advance=tables.clock_advances.T.astype(np.int64).ravel(),
        always=always,
        **_pair("moved_first", "moved", (tables.clock_advances != 0) & (always == 0)[:, None]),
        **_pair("reset_first", "reset_clock", (kind == ON_LEAVING) & (tables.clock_mask != 0)),
        **_pair("settled_first", "settled", tables.clock_mask[tables.clock_kind == LOOK_BACK] != 0),
        look_back=np.flatnonzero(tables.clock_kind == LOOK_BACK).astype(np.int32),
        **_second_clocks(tables),
        **_counters(tables),
    )


def _slots(tables: Tables) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(which exponential of its state each exit draws, -1 for a lifelong exit; `slot_first`; `slot_name`)."""
    slot = np.full(len(tables.exit_target), -1)
    names: list[int] = []
    counts = []
    for low, high in pairwise(tables.exit_first.tolist()):
        own = [j for j in range(low, high) if tables.exit_lifelong[j] < 0]
        here = list(dict.fromkeys(tables.exit_name[own].tolist()))
        slot[own] = [here.index(name) for name in tables.exit_name[own].tolist()]
        names += here
        counts.append(len(here))
    return slot, _firsts(counts, np.int32), np.array(names, np.uint64)


def _deadlines(tables: Tables) -> np.ndarray:
    owner = np.repeat(np.arange(len(tables.deadline_first) - 1), np.diff(tables.deadline_first))
    clock = tables.deadline_clock
    return np.stack([clock, tables.deadline_row, tables.clock_advances[clock, owner]], axis=1).astype(np.int64).ravel()


def _windows(tables: Tables) -> np.ndarray:
    edges = tables.window_edge
    at = np.searchsorted(edges, np.arange(edges[-1] + 1), side="right") - 1
    return np.minimum(at, len(edges) - 2).astype(np.int32)


def _pair(first: str, items: str, of: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip((first, items), _by_state(of), strict=True))


def _by_state(of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S+1,) and the items in order of state, from (items, S) bool."""
    first = np.concatenate([[0], np.cumsum(of.sum(axis=0))])
    return first.astype(np.int32), np.nonzero(of.T)[1].astype(np.int32)


def _tables(tables: Tables) -> list[tuple[int, int, int]]:
    """(place, end, entries for each stratum) of every table in `cumulative`."""
    ends = np.append(tables.table_offset, tables.cumulative.shape[1]).tolist()
    return [(low, high, int(tables.table_length[q]) + 1) for q, (low, high) in enumerate(pairwise(ends))]


def _counters(tables: Tables) -> dict[str, np.ndarray]:
    """Counters by state: tallies that cross the same bands form a group, in which each cell's counters lie together.

    Cells that a finer tally holds have no counter of their own; `cell_from` adds them up.
    """
    interval, interval_fall, band_place = _intervals(tables)
    cell_counters: dict[int, list[int]] = {}
    lists: dict[str, list[int]] = {
        name: []
        for name in (
            "group_cell",
            "member_load",
            "cross",
            "groups",
            "plain",
            "members",
            "crosses",
            "recent",
            "strategies",
        )
    }
    unit: list[float] = []
    count = 0
    states = tables.tally_state.shape[1]
    for s in range(states):
        groups: dict[tuple[int, tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for k in np.flatnonzero((tables.tally_state[:, s] != 0) & (tables.tally_from[:, s] < 0)).tolist():
            bands = tables.tally_band[tables.tally_first[k] : tables.tally_first[k + 1]]
            strategies = tuple(tables.tally_strategy[k].tolist())
            groups.setdefault((int(tables.tally_dated[k]), tuple(bands.tolist()), strategies), []).append(k)
        plain_groups = [key for key in groups if not key[0]]
        for key in (*plain_groups, *(key for key in groups if key[0])):
            bands_crossed, members = key[1], groups[key]
            lists["group_cell"].append(count)
            lists["strategies"] += key[2]
            lists["member_load"] += [int(tables.tally_weight[k]) + 1 for k in members]
            lists["cross"] += _crosses(tables, bands_crossed, s, band_place)
            cells = int(tables.tally_cells[members[0]])
            for m, k in enumerate(members):
                first = int(tables.tally_offset[k]) + s * cells
                cell_counters |= {first + cell: [count + cell * len(members) + m] for cell in range(cells)}
            count += cells * len(members)
            unit += [1.0 if tables.tally_weight[k] < 0 else 1 / FIXED_POINT for k in members] * cells
            lists["members"].append(len(members))
            lists["crosses"].append(len(bands_crossed))
            lists["recent"].append(int((tables.clock_recent[tables.band_clock[list(bands_crossed)]] >= 0).any()))
        lists["groups"].append(len(groups))
        lists["plain"].append(len(plain_groups))
    gains = _gains(tables, lists, band_place)
    for k, s in np.argwhere(tables.tally_from >= 0).tolist():
        finer = tables.tally_from[k, s]
        first = tables.tally_offset[finer] + s * tables.tally_cells[finer]
        own = int(tables.tally_offset[k] + s)
        cell_counters[own] = [
            x for cell in range(first, first + tables.tally_cells[finer]) for x in cell_counters[cell]
        ]
    cells_of = [cell_counters.get(cell, []) for cell in range(int(tables.tally_offset[-1]))]
    group_first = _firsts(lists["groups"], np.int32)
    return {
        **gains,
        "group_first": group_first,
        "dated_first": group_first[:-1] + np.array(lists["plain"], np.int32),
        "group_cell": np.array(lists["group_cell"], np.int64),
        "member_first": _firsts(lists["members"], np.int32),
        "member_load": np.array(lists["member_load"], np.int32),
        "cross_first": _firsts(lists["crosses"], np.int32),
        "cross": np.array(lists["cross"], np.int64),
        "interval": interval,
        "interval_fall": interval_fall,
        "group_strategy": np.array(lists["strategies"], np.int32),
        "group_recent": np.array(lists["recent"], np.int32),
        "unit": np.array(unit, np.float64),
        "cell_first": _firsts([len(own) for own in cells_of], np.int64),
        "cell_from": np.array([x for own in cells_of for x in own], np.int64),
    }


def _crosses(tables: Tables, bands_crossed: Iterable[int], s: int, band_place: list[tuple[int, int]]) -> list[int]:
    """Records of `cross` for bands that are crossed in state s."""
    records: list[int] = []
    for b in bands_crossed:
        edges = int(tables.band_first[b + 1] - tables.band_first[b])
        moving = int(tables.clock_advances[tables.band_clock[b], s])
        place, last = band_place[b]
        records += [place, int(tables.band_clock[b]), edges + 1, moving, last]
    return records


def _gains(tables: Tables, lists: dict[str, list[int]], band_place: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    """What each event adds to event tallies; its bands are put behind those of groups."""
    states = np.arange(tables.tally_state.shape[1])
    source = [np.repeat(states, np.diff(first)).tolist() for first in (tables.exit_first, tables.deadline_first)]
    records: list[int] = []
    counts = []
    for event, s in enumerate([*source[0], *source[1]]):
        own = np.flatnonzero(tables.event_tally_event[:, event]).tolist()
        counts.append(len(own))
        for e in own:
            bands = tables.event_tally_band[tables.event_tally_first[e] : tables.event_tally_first[e + 1]].tolist()
            load, dated = int(tables.event_tally_weight[e]) + 1, int(tables.event_tally_dated[e])
            records += [int(tables.event_tally_offset[e]), load, dated, len(lists["crosses"])]
            lists["cross"] += _crosses(tables, bands, s, band_place)
            lists["crosses"].append(len(bands))
    unit = np.where(tables.event_tally_weight < 0, 1.0, 1 / FIXED_POINT)
    return {
        "gain_first": _firsts(counts, np.int32),
        "gain": np.array(records, np.int64),
        "gain_unit": np.repeat(unit, np.diff(tables.event_tally_offset)),
    }


def _firsts(counts: list[int], dtype: type) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(dtype)


def _intervals(tables: Tables) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """`interval`, `interval_fall`, and each band's (place of its clock's value 0, last value that needs an entry)."""
    pairs: list[np.ndarray] = []
    falls: list[np.ndarray] = []
    places = []
    count = 0
    for b, c in enumerate(tables.band_clock):
        edges = tables.band_edge[tables.band_first[b] : tables.band_first[b + 1]]
        initial = tables.clock_initial[c]
        # No clock comes further than its initial value and the horizon; none goes back below 0 or that value.
        low = min(0, int(initial.min()))
        last = max(low, min(int(edges[-1]), max(0, int(initial.max())) + int(tables.window_edge[-1]) + 1))
        value = np.arange(low, last + 1)
        at = np.searchsorted(edges, value, side="right")
        cycles_left = np.append(edges.astype(np.int64), NEVER)[at] - value
        pairs.append(np.stack([at, cycles_left], axis=1).ravel())
        falls.append(value - np.append(-NEVER, edges.astype(np.int64))[at])
        places.append((2 * (count - low), last))
        count += len(value)
    fall = np.concatenate([*falls, np.zeros(0)]).astype(np.int64)
    return np.concatenate([*pairs, np.zeros(0)]).astype(np.int64), fall, places


def _second_clocks(tables: Tables) -> dict[str, np.ndarray]:
    """How far the clock may rise or fall from each entry of `second_value`, by draw.

    So where a stay is cut does not depend on the batch.
    """
    rise, fall = (np.full(tables.second_value.shape, NEVER) for _ in range(2))
    for first, length in zip(tables.second_offset.tolist(), tables.second_length.tolist(), strict=True):
        own = slice(first, first + length)
        is_change = np.diff(tables.second_value[:, own], axis=1) != 0
        place = np.arange(length)
        later = np.full((len(is_change), length), NEVER)
        later[:, :-1] = np.where(is_change, place[1:], NEVER)
        rise[:, own] = np.minimum.accumulate(later[:, ::-1], axis=1)[:, ::-1] - place
        earlier = np.full(later.shape, -NEVER)
        earlier[:, 1:] = np.where(is_change, place[1:], -NEVER)
        fall[:, own] = place - np.maximum.accumulate(earlier, axis=1)
    return {"second_rise": rise, "second_fall": fall}
