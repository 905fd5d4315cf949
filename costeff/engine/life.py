"""The book-keeping of one life, shared by the event and the stepping kernel: clocks, tallies, passages.

A sojourn occupies whole cycles [start, end). All results are integers, so sums do not depend on order.
"""

from __future__ import annotations

import numpy as np

from costeff.kernel_cache import kernel_part
from costeff.tensors import CLOCK_TIME_IN_STATE, LOOK_BACK, ON_LEAVING


@kernel_part
def begin(tb, d, n, clock, head, tail, bank, run, found):
    """Set every clock, bank and passage of individual n to its value at the start."""
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
    size = bank.shape[1]
    bank[c, tail[c] % size, 0] = start
    bank[c, tail[c] % size, 1] = end
    tail[c] += 1
    since = end - tb.clock_within[c]
    while head[c] < tail[c] and bank[c, head[c] % size, 1] <= since:
        head[c] += 1
    counted = 0
    for i in range(head[c], tail[c]):
        counted += bank[c, i % size, 1] - max(bank[c, i % size, 0], since)
    if counted >= tb.clock_after[c]:
        clock[c] = 0
        head[c] = tail[c]


@kernel_part
def move_clocks(tb, s, target, start, end, clock, head, tail, bank):
    """Carry all clocks through the sojourn [start, end) in s and into `target`."""
    for c in range(clock.shape[0]):
        if tb.clock_advances[c, s]:
            clock[c] += end - start
        if tb.clock_kind[c] == ON_LEAVING:
            if tb.clock_mask[c, s]:
                clock[c] = 0
        elif tb.clock_kind[c] == LOOK_BACK:
            if tb.clock_mask[c, s] and end > start:
                _settle(tb, c, start, end, clock, head, tail, bank)
            # A placement from 0: only what is counted after it can reset the clock again.
            if clock[c] == 0 and tb.clock_advances[c, target] and not tb.clock_advances[c, s]:
                head[c] = tail[c]
    clock[CLOCK_TIME_IN_STATE] = 0


@kernel_part
def add_time(tb, d, n, s, start, end, clock, occupancy):
    """Add the sojourn to every tally as +1 on entry and -1 on exit of each (state, bands) cell."""
    for k in range(tb.tally_weight.shape[0]):
        if not tb.tally_state[k, s] or tb.tally_from[k, s] >= 0:
            continue
        row = tb.tally_weight[k]
        w = np.int64(1) if row < 0 else tb.weight[row, d, n]
        at = start
        while at < end:
            cell = 0
            until = end
            for i in range(tb.tally_first[k], tb.tally_first[k + 1]):
                b = tb.tally_band[i]
                c = tb.band_clock[b]
                moving = tb.clock_advances[c, s]
                value = clock[c] + (at - start if moving else 0)
                first = tb.band_first[b]
                last = tb.band_first[b + 1]
                e = first
                while e < last and value >= tb.band_edge[e]:
                    e += 1
                cell = cell * (last - first + 1) + e - first
                if moving and e < last:
                    until = min(until, at + tb.band_edge[e] - value)
            place = tb.tally_offset[k] + s * tb.tally_cells[k] + cell
            occupancy[place, at] += w
            occupancy[place, until] -= w
            at = until


@kernel_part
def fill_coarse(tb, occupancy):
    """Set the cells that were not counted because a finer tally holds them: sums over its bands."""
    for k in range(tb.tally_from.shape[0]):
        for s in range(tb.tally_from.shape[1]):
            finer = tb.tally_from[k, s]
            if finer >= 0:
                place = tb.tally_offset[k] + s
                first = tb.tally_offset[finer] + s * tb.tally_cells[finer]
                for t in range(occupancy.shape[1]):
                    total = np.int64(0)
                    for cell in range(first, first + tb.tally_cells[finer]):
                        total += occupancy[cell, t]
                    occupancy[place, t] = total


@kernel_part
def pass_through(tb, s, start, end, horizon, run, found):
    """Follow first passages through the sojourn: a run of `stay` cycles in the passage's states, joined across them."""
    for p in range(run.shape[0]):
        if found[p] >= 0:
            continue
        if tb.passage_state[p, s]:
            if run[p] < 0:
                run[p] = start
            # The cycle at the horizon is a point, not a cycle lived through.
            if min(end, horizon) - run[p] >= tb.passage_stay[p]:
                found[p] = run[p]
        else:
            run[p] = -1
