"""The book-keeping of one life, shared by the event and the stepping kernel: clocks, tallies, passages.

A sojourn occupies whole cycles [start, end). All results are integers, so sums do not depend on order.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.plan import look
from costeff.kernel_cache import kernel_part
from costeff.tensors import CLOCK_TIME_IN_STATE, LOOK_BACK


@kernel_part
def begin(tb, d, n, clock, head, tail, bank, run, found, own):
    """Set every clock, bank, passage and multiplier of individual n to its value at the start."""
    own[0] = 1.0
    for f in range(tb.factor.shape[0]):
        own[f + 1] = tb.factor[f, d, n]
    first_state = tb.start_state[d, n]
    for c in range(clock.shape[0]):
        clock[c] = tb.clock_initial[c, d, n]
        head[c] = 0
        tail[c] = 0
        if tb.clock_kind[c] == LOOK_BACK and tb.clock_banked[c, d, n] > 0:
            end = -tb.clock_banked_until[c, d, n]
            bank[c, 0, 0] = end - tb.clock_banked[c, d, n]
            bank[c, 0, 1] = end
            tail[c] = 1
            if clock[c] == 0 and tb.clock_advances[c, first_state]:
                tail[c] = 0
    for p in range(run.shape[0]):
        run[p] = -1
        found[p] = -1


@kernel_part
def _settle(tb, c, start, end, clock, head, tail, bank):
    """Bank a counted sojourn and reset the clock if enough was counted within the look-back.

    Within one counted sojourn the count never falls, so looking at its end is enough.
    """
    mask = (
        bank.shape[1] - 1
    )  # a ring whose size is a power of two: a division would cost more than all the rest
    bank[c, tail[c] & mask, 0] = start
    bank[c, tail[c] & mask, 1] = end
    tail[c] += 1
    since = end - tb.clock_within[c]
    while head[c] < tail[c] and bank[c, head[c] & mask, 1] <= since:
        head[c] += 1
    counted = 0
    for i in range(head[c], tail[c]):
        counted += bank[c, i & mask, 1] - max(bank[c, i & mask, 0], since)
    if counted >= tb.clock_after[c]:
        clock[c] = 0
        head[c] = tail[c]


@kernel_part
def move_clocks(tb, pl, s, target, start, end, clock, head, tail, bank):
    """Carry all clocks through the sojourn [start, end) in s and into `target`."""
    clocks = clock.shape[0]
    for c in range(clocks):
        clock[c] += look(pl.advance, s * clocks + c) * (end - start)
    for x in range(look(pl.reset_first, s), look(pl.reset_first, s + 1)):
        clock[np.uint64(look(pl.reset_clock, x))] = 0
    if end > start:
        for x in range(look(pl.settled_first, s), look(pl.settled_first, s + 1)):
            _settle(tb, pl.settled_clock[x], start, end, clock, head, tail, bank)
    for x in range(pl.look_back.shape[0]):
        # A placement from 0: only what is counted after it can reset the clock again.
        c = pl.look_back[x]
        if look(clock, c) == 0 and pl.advance[target * clocks + c] > pl.advance[s * clocks + c]:
            head[c] = tail[c]
    clock[CLOCK_TIME_IN_STATE] = 0


@kernel_part
def add_time(tb, pl, d, n, s, start, end, clock, occupancy):
    """Add the sojourn to every tally as +1 on entry and -1 on exit of each (state, bands) cell."""
    clocks = clock.shape[0]
    for x in range(look(pl.counted_first, s), look(pl.counted_first, s + 1)):
        k = look(pl.counted_tally, x)
        row = look(tb.tally_weight, k)
        w = np.int64(1) if row < 0 else tb.weight[row, d, n]
        at = start
        while at < end:
            cell = 0
            until = end
            for i in range(look(tb.tally_first, k), look(tb.tally_first, k + 1)):
                b = look(tb.tally_band, i)
                c = look(tb.band_clock, b)
                moving = look(pl.advance, s * clocks + c)
                value = look(clock, c) + moving * (at - start)
                first = look(tb.band_first, b)
                last = look(tb.band_first, b + 1)
                e = first
                while e < last and value >= look(tb.band_edge, e):
                    e += 1
                cell = cell * (last - first + 1) + e - first
                if moving and e < last:
                    until = min(until, at + look(tb.band_edge, e) - value)
            place = look(pl.counted_cell, x) + cell
            occupancy[np.uint64(at), np.uint64(place)] += w
            occupancy[np.uint64(until), np.uint64(place)] -= w
            at = until


@kernel_part
def fill_coarse(tb, occupancy):
    """Set the cells that were not counted because a finer tally holds them: sums over its bands."""
    for t in range(occupancy.shape[0]):
        for k in range(tb.tally_from.shape[0]):
            for s in range(tb.tally_from.shape[1]):
                finer = tb.tally_from[k, s]
                if finer >= 0:
                    first = tb.tally_offset[finer] + s * tb.tally_cells[finer]
                    total = np.int64(0)
                    for cell in range(first, first + tb.tally_cells[finer]):
                        total += occupancy[t, cell]
                    occupancy[t, tb.tally_offset[k] + s] = total


@kernel_part
def pass_through(tb, s, start, end, horizon, run, found):
    """Follow first passages through the sojourn: a run of `stay` cycles in the passage's states, joined across them."""
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
