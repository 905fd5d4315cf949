"""The book-keeping of one life, shared by the event and the stepping kernel: clocks, tallies, passages.

A sojourn occupies whole cycles [start, end). All results are integers, so sums do not depend on order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from costeff.engine.plan import CROSS, CROSS_CELLS, CROSS_CLOCK, CROSS_LAST, CROSS_MOVING, CROSS_PLACE, look
from costeff.kernel_cache import kernel_part
from costeff.tensors import CLOCK_TIME_IN_STATE, LOOK_BACK, Tables

KEPT = 4  # visits of a state whose random numbers stay for the next strategy; a power of two


class Life(NamedTuple):
    """What a life carries along: arrays that a thread uses again from life to life."""

    clock: np.ndarray  # (C,) int64: every clock's value
    head: np.ndarray  # (C,) int64: the first of a look-back clock's banked sojourns
    tail: np.ndarray  # (C,) int64: the place after the last
    kept: np.ndarray  # (C,) int64: their time
    bank: np.ndarray  # (C, ring, 2) int64: their start and end
    run: np.ndarray  # (P,) int64: since when the individual has been in the states of a passage, -1: is not
    found: np.ndarray  # (P,) int64: when it passed, -1: not yet
    visits: np.ndarray  # (S,) int64
    own: np.ndarray  # (F+1,) float64: multipliers; own[0] is 1
    load: np.ndarray  # (A+1,) int64: weights; load[0] is 1
    due: np.ndarray  # (V,) int64: values of the clocks at which deadlines fall
    code: np.ndarray  # (Z+1,) int64: strata; code[0] is 0
    luck: np.ndarray  # float64: lifelong exponentials, then lower bounds of those of sojourns
    uniform: np.ndarray  # (S * KEPT * room,) float64: the numbers that those are made of
    stamp: np.ndarray  # (S * KEPT,) int64: whose they are, and of which visit
    guide: np.ndarray  # (M,) int32: where in a hazard table to look for a value, see `make_guide`


def new_life(tables: Tables) -> Life:
    """Arrays of the sizes that `tables` need."""
    clocks, passages = len(tables.clock_kind), len(tables.passage_stay)
    states = len(tables.exit_first) - 1
    carried = int(tables.exit_lifelong.max(initial=-1)) + 1
    drawn = KEPT * states * 4 * (int(tables.exit_slot.max(initial=-1)) // 4 + 1)
    ring = 1 << (int(tables.clock_within.max()) + 1).bit_length()
    return Life(
        clock=np.zeros(clocks, np.int64),
        head=np.zeros(clocks, np.int64),
        tail=np.zeros(clocks, np.int64),
        kept=np.zeros(clocks, np.int64),
        bank=np.zeros((clocks, ring, 2), np.int64),
        run=np.zeros(passages, np.int64),
        found=np.zeros(passages, np.int64),
        visits=np.zeros(states, np.int64),
        own=np.zeros(len(tables.factor) + 1),
        load=np.zeros(len(tables.weight) + 1, np.int64),
        due=np.zeros(len(tables.deadline_at), np.int64),
        code=np.zeros(len(tables.stratum) + 1, np.int64),
        luck=np.zeros(carried + drawn),
        uniform=np.zeros(drawn),
        stamp=np.zeros(KEPT * states, np.int64),
        guide=np.zeros(tables.cumulative.shape[1], np.int32),
    )


@kernel_part
def begin(tb, d, n, life):
    """Set all that a life carries along to individual n's values at the start, but for its luck."""
    life.visits[:] = 0
    life.run[:] = -1
    life.found[:] = -1
    for z in range(tb.stratum.shape[0]):
        life.code[z + 1] = tb.stratum[z, d, n]
    for v in range(life.due.shape[0]):
        life.due[v] = tb.deadline_at[v, d, n]
    life.load[0] = 1
    for a in range(tb.weight.shape[0]):
        life.load[a + 1] = tb.weight[a, d, n]
    life.own[0] = 1.0
    for f in range(tb.factor.shape[0]):
        life.own[f + 1] = tb.factor[f, d, n]
    first_state = tb.start_state[d, n]
    for c in range(life.clock.shape[0]):
        life.clock[c] = tb.clock_initial[c, d, n]
        life.head[c] = 0
        life.tail[c] = 0
        life.kept[c] = 0
        if tb.clock_kind[c] == LOOK_BACK and tb.clock_banked[c, d, n] > 0:
            end = -tb.clock_banked_until[c, d, n]
            life.bank[c, 0, 0] = end - tb.clock_banked[c, d, n]
            life.bank[c, 0, 1] = end
            if life.clock[c] != 0 or not tb.clock_advances[c, first_state]:
                life.tail[c] = 1
                life.kept[c] = tb.clock_banked[c, d, n]


@kernel_part
def _settle(tb, c, start, end, life):
    """Bank a counted sojourn and reset the clock if enough was counted within the look-back.

    Within one counted sojourn the count never falls, so looking at its end is enough. Of the time kept, only the
    first sojourn's can have begun before the look-back.
    """
    head, tail, kept, bank = life.head, life.tail, life.kept, life.bank
    # A ring whose size is a power of two: a division would cost more than all the rest.
    mask = bank.shape[1] - 1
    bank[c, tail[c] & mask, 0] = start
    bank[c, tail[c] & mask, 1] = end
    tail[c] += 1
    kept[c] += end - start
    since = end - look(tb.clock_within, c)
    while head[c] < tail[c] and bank[c, head[c] & mask, 1] <= since:
        kept[c] -= bank[c, head[c] & mask, 1] - bank[c, head[c] & mask, 0]
        head[c] += 1
    after = look(tb.clock_after, c)
    if kept[c] >= after and kept[c] - max(since - bank[c, head[c] & mask, 0], 0) >= after:
        life.clock[c] = 0
        head[c] = tail[c]
        kept[c] = 0


@kernel_part
def move_clocks(tb, pl, s, target, start, end, life):
    """Carry all clocks through the sojourn [start, end) in s and into `target`."""
    clock = life.clock
    clocks = clock.shape[0]
    for c in range(clocks):
        clock[c] += look(pl.advance, s * clocks + c) * (end - start)
    for x in range(look(pl.reset_first, s), look(pl.reset_first, s + 1)):
        clock[np.uint64(look(pl.reset_clock, x))] = 0
    if end > start:
        for x in range(look(pl.settled_first, s), look(pl.settled_first, s + 1)):
            _settle(tb, pl.settled_clock[x], start, end, life)
    for x in range(pl.look_back.shape[0]):
        # A placement from 0: only what is counted after it can reset the clock again.
        c = pl.look_back[x]
        if look(clock, c) == 0 and pl.advance[target * clocks + c] > pl.advance[s * clocks + c]:
            life.head[c] = life.tail[c]
            life.kept[c] = 0
    clock[CLOCK_TIME_IN_STATE] = 0


@kernel_part
def add_time(pl, s, start, end, life, occupancy):
    """Add the sojourn to every counter of its state as +1 on entry and -1 on exit of each cell of bands.

    Counters with the same bands share one walk through the bands and lie side by side.
    """
    for x in range(look(pl.group_first, s), look(pl.group_first, s + 1)):
        member = look(pl.member_first, x)
        members = look(pl.member_first, x + 1) - member
        at = start
        while at < end:
            cell = 0
            until = end
            for y in range(look(pl.cross_first, x), look(pl.cross_first, x + 1)):
                r = CROSS * y
                moving = look(pl.cross, r + CROSS_MOVING)
                value = look(life.clock, look(pl.cross, r + CROSS_CLOCK)) + moving * (at - start)
                e = look(pl.cross, r + CROSS_PLACE) + 2 * min(value, look(pl.cross, r + CROSS_LAST))
                cell = cell * look(pl.cross, r + CROSS_CELLS) + look(pl.interval, e)
                left = look(pl.interval, e + 1)
                if moving != 0:
                    until = min(until, at + left)
            place = look(pl.group_cell, x) + cell * members
            for k in range(members):
                w = look(life.load, look(pl.member_load, member + k))
                occupancy[np.uint64(at), np.uint64(place + k)] += w
                occupancy[np.uint64(until), np.uint64(place + k)] -= w
            at = until


@kernel_part
def pass_through(tb, s, start, end, horizon, life):
    """Follow first passages through the sojourn: a run of `stay` cycles in the passage's states, joined across them."""
    run, found = life.run, life.found
    for p in range(run.shape[0]):
        if found[p] >= 0:
            continue
        if tb.passage_state[p, s] != 0:
            if run[p] < 0:
                run[p] = start
            # The cycle at the horizon is a point, not a cycle lived through.
            if min(end, horizon) - run[p] >= tb.passage_stay[p]:
                found[p] = run[p]
        else:
            run[p] = -1
