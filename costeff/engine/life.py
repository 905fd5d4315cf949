"""The book-keeping of one life, shared by the event and the stepping kernel: clocks, tallies, passages.

A sojourn occupies whole cycles [start, end). All results are integers, so sums do not depend on order.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.plan import CROSS, CROSS_CELLS, CROSS_CLOCK, CROSS_LAST, CROSS_MOVING, CROSS_PLACE, look
from costeff.kernel_cache import kernel_part
from costeff.tensors import CLOCK_TIME_IN_STATE, LOOK_BACK


@kernel_part
def begin(tb, d, n, clock, head, tail, kept, bank, run, found, own, load, due, code):
    """Set all that a life carries along to individual n's values at the start."""
    for z in range(tb.stratum.shape[0]):
        code[z + 1] = tb.stratum[z, d, n]
    for v in range(due.shape[0]):
        due[v] = tb.deadline_at[v, d, n]
    load[0] = 1
    for a in range(tb.weight.shape[0]):
        load[a + 1] = tb.weight[a, d, n]
    own[0] = 1.0
    for f in range(tb.factor.shape[0]):
        own[f + 1] = tb.factor[f, d, n]
    first_state = tb.start_state[d, n]
    for c in range(clock.shape[0]):
        clock[c] = tb.clock_initial[c, d, n]
        head[c] = 0
        tail[c] = 0
        kept[c] = 0
        if tb.clock_kind[c] == LOOK_BACK and tb.clock_banked[c, d, n] > 0:
            end = -tb.clock_banked_until[c, d, n]
            bank[c, 0, 0] = end - tb.clock_banked[c, d, n]
            bank[c, 0, 1] = end
            if clock[c] != 0 or not tb.clock_advances[c, first_state]:
                tail[c] = 1
                kept[c] = tb.clock_banked[c, d, n]
    for p in range(run.shape[0]):
        run[p] = -1
        found[p] = -1


@kernel_part
def _settle(tb, c, start, end, clock, head, tail, kept, bank):
    """Bank a counted sojourn and reset the clock if enough was counted within the look-back.

    Within one counted sojourn the count never falls, so looking at its end is enough. `kept` is the time banked; of
    that, only the first sojourn can have begun before the look-back.
    """
    # A ring whose size is a power of two: a division would cost more than all the rest.
    mask = bank.shape[1] - 1
    bank[c, tail[c] & mask, 0] = start
    bank[c, tail[c] & mask, 1] = end
    tail[c] += 1
    kept[c] += end - start
    since = end - look(tb.clock_within, c)
    while bank[c, head[c] & mask, 1] <= since and head[c] < tail[c]:
        kept[c] -= bank[c, head[c] & mask, 1] - bank[c, head[c] & mask, 0]
        head[c] += 1
    if kept[c] >= look(tb.clock_after, c):
        counted = kept[c] - max(since - bank[c, head[c] & mask, 0], 0)
        if counted >= look(tb.clock_after, c):
            clock[c] = 0
            head[c] = tail[c]
            kept[c] = 0


@kernel_part
def move_clocks(tb, pl, s, target, start, end, clock, head, tail, kept, bank):
    """Carry all clocks through the sojourn [start, end) in s and into `target`."""
    clocks = clock.shape[0]
    for c in range(clocks):
        clock[c] += look(pl.advance, s * clocks + c) * (end - start)
    for x in range(look(pl.reset_first, s), look(pl.reset_first, s + 1)):
        clock[np.uint64(look(pl.reset_clock, x))] = 0
    if end > start:
        for x in range(look(pl.settled_first, s), look(pl.settled_first, s + 1)):
            _settle(tb, pl.settled_clock[x], start, end, clock, head, tail, kept, bank)
    for x in range(pl.look_back.shape[0]):
        # A placement from 0: only what is counted after it can reset the clock again.
        c = pl.look_back[x]
        if look(clock, c) == 0 and pl.advance[target * clocks + c] > pl.advance[s * clocks + c]:
            head[c] = tail[c]
            kept[c] = 0
    clock[CLOCK_TIME_IN_STATE] = 0


@kernel_part
def add_time(pl, s, start, end, clock, load, occupancy):
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
                value = look(clock, look(pl.cross, r + CROSS_CLOCK)) + moving * (at - start)
                e = look(pl.cross, r + CROSS_PLACE) + 2 * min(value, look(pl.cross, r + CROSS_LAST))
                cell = cell * look(pl.cross, r + CROSS_CELLS) + look(pl.interval, e)
                left = look(pl.interval, e + 1)
                if moving != 0:
                    until = min(until, at + left)
            place = look(pl.group_cell, x) + cell * members
            for k in range(members):
                w = look(load, look(pl.member_load, member + k))
                occupancy[np.uint64(at), np.uint64(place + k)] += w
                occupancy[np.uint64(until), np.uint64(place + k)] -= w
            at = until


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
